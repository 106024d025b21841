//! A JSON object read field by field; what nobody asked for is an error.

use serde_json::{Map, Value};

use super::error::DefinitionError;

pub(super) struct Fields {
    pub(super) path: String,
    fields: Map<String, Value>,
}

impl Fields {
    pub(super) fn of(value: Value, path: &str) -> Result<Self, DefinitionError> {
        match value {
            Value::Object(fields) => Ok(Self {
                path: path.to_owned(),
                fields,
            }),
            other => Err(wrong(path, &other, "an object")),
        }
    }

    pub(super) fn at(&self, field: &str) -> String {
        format!("{}/{field}", self.path)
    }

    pub(super) fn take(&mut self, field: &str) -> Option<Value> {
        self.fields.remove(field)
    }

    pub(super) fn need(&mut self, field: &str) -> Result<Value, DefinitionError> {
        self.take(field).ok_or_else(|| DefinitionError::Missing {
            path: self.path.clone(),
            field: field.to_owned(),
        })
    }

    pub(super) fn text(&mut self, field: &str) -> Result<Option<String>, DefinitionError> {
        match self.take(field) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(other) => Err(wrong(&self.at(field), &other, "a string")),
        }
    }

    pub(super) fn need_text(&mut self, field: &str) -> Result<String, DefinitionError> {
        self.text(field)?.ok_or_else(|| DefinitionError::Missing {
            path: self.path.clone(),
            field: field.to_owned(),
        })
    }

    /// A whole number of at least `minimum`, within AWS's 99,999,999.
    pub(super) fn whole(&mut self, field: &str, minimum: u32) -> Result<Option<u32>, DefinitionError> {
        let Some(value) = self.take(field) else {
            return Ok(None);
        };
        value
            .as_u64()
            .and_then(|number| u32::try_from(number).ok())
            .filter(|number| (minimum..=99_999_999).contains(number))
            .map(Some)
            .ok_or_else(|| {
                let expected = if minimum == 0 {
                    "a whole number of at least 0"
                } else {
                    "a whole number of at least 1"
                };
                wrong(&self.at(field), &value, expected)
            })
    }

    pub(super) fn object(&mut self, field: &str) -> Result<Map<String, Value>, DefinitionError> {
        match self.need(field)? {
            Value::Object(object) => Ok(object),
            other => Err(wrong(&self.at(field), &other, "an object")),
        }
    }

    /// The elements of an array field with their places, none where the field is absent.
    pub(super) fn list(&mut self, field: &str) -> Result<Vec<(String, Value)>, DefinitionError> {
        let place = self.at(field);
        match self.take(field) {
            None => Ok(Vec::new()),
            Some(Value::Array(items)) if !items.is_empty() => Ok(items
                .into_iter()
                .enumerate()
                .map(|(i, item)| (format!("{place}[{i}]"), item))
                .collect()),
            Some(other) => Err(wrong(&place, &other, "an array with at least one element")),
        }
    }

    /// Refuses the first field that was not taken.
    pub(super) fn finish(self) -> Result<(), DefinitionError> {
        match self.fields.into_iter().next() {
            None => Ok(()),
            Some((field, _)) => Err(DefinitionError::UnknownField {
                path: self.path,
                field,
            }),
        }
    }
}

pub(super) fn wrong(path: &str, found: &Value, expected: &'static str) -> DefinitionError {
    DefinitionError::Value {
        path: path.to_owned(),
        found: found.to_string(),
        expected,
    }
}
