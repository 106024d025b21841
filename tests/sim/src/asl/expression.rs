//! JSONata expressions and JSON templates that hold them, parsed once and evaluated often.

use jsonata_core::ast::AstNode;
use serde_json::{Map, Value};

use super::dialect::{self, References};
use super::error::DefinitionError;

/// One `{% … %}` expression: its source for messages, its syntax tree, and the names it needs.
#[derive(Clone, Debug)]
pub(super) struct Expression {
    pub(super) source: String,
    pub(super) ast: AstNode,
    pub(super) references: References,
}

impl Expression {
    /// Parses the text between `{%` and `%}`; `path` says where it stands.
    pub(super) fn parse(source: &str, path: &str) -> Result<Self, DefinitionError> {
        let refuse = |problem: String| DefinitionError::Expression {
            path: path.to_owned(),
            source_text: source.to_owned(),
            problem,
        };
        let ast = jsonata_core::parser::parse(source).map_err(|error| refuse(error.to_string()))?;
        let references = dialect::check(&ast).map_err(refuse)?;
        Ok(Self {
            source: source.to_owned(),
            ast,
            references,
        })
    }
}

/// A JSON value in which strings of the form `{% … %}` are expressions, at any depth.
#[derive(Clone, Debug)]
pub(super) enum Template {
    /// No expression inside.
    Literal(Value),
    Expression(Box<Expression>),
    Object(Vec<(String, Template)>),
    Array(Vec<Template>),
}

impl Template {
    pub(super) fn parse(value: Value, path: &str) -> Result<Self, DefinitionError> {
        let template = match value {
            Value::String(text) => return Self::parse_text(text, path),
            Value::Array(items) => {
                let items = items.into_iter().enumerate();
                Self::Array(
                    items
                        .map(|(i, item)| Self::parse(item, &format!("{path}[{i}]")))
                        .collect::<Result<_, _>>()?,
                )
            }
            Value::Object(fields) => Self::Object(
                fields
                    .into_iter()
                    .map(|(key, value)| Self::parse_field(key, value, path))
                    .collect::<Result<_, _>>()?,
            ),
            other => Self::Literal(other),
        };
        Ok(template.folded())
    }

    /// The names that all expressions inside need.
    pub(super) fn references(&self) -> References {
        let mut all = References::default();
        self.visit(&mut |expression| all.merge(expression.references.clone()));
        all
    }

    /// Calls `visit` for every expression inside.
    pub(super) fn visit(&self, visit: &mut impl FnMut(&Expression)) {
        match self {
            Self::Literal(_) => {}
            Self::Expression(expression) => visit(expression),
            Self::Object(fields) => fields.iter().for_each(|(_, value)| value.visit(visit)),
            Self::Array(items) => items.iter().for_each(|item| item.visit(visit)),
        }
    }

    fn parse_text(text: String, path: &str) -> Result<Self, DefinitionError> {
        match text.strip_prefix("{%").and_then(|rest| rest.strip_suffix("%}")) {
            Some(source) => Ok(Self::Expression(Box::new(Expression::parse(
                source.trim(),
                path,
            )?))),
            // AWS would take it as a literal, which nobody means.
            None if text.contains("{%") || text.contains("%}") => Err(DefinitionError::Expression {
                path: path.to_owned(),
                source_text: text,
                problem: "an expression fills its whole string: `{% … %}` without anything around it"
                    .to_owned(),
            }),
            None => Ok(Self::Literal(Value::String(text))),
        }
    }

    fn parse_field(key: String, value: Value, path: &str) -> Result<(String, Self), DefinitionError> {
        if key.ends_with(".$") {
            return Err(DefinitionError::UnknownField {
                path: path.to_owned(),
                field: key,
            });
        }
        let value = Self::parse(value, &format!("{path}/{key}"))?;
        Ok((key, value))
    }

    /// A container without expressions becomes one literal, so that it is cloned and not rebuilt.
    fn folded(self) -> Self {
        match self {
            Self::Object(fields) if fields.iter().all(|(_, value)| matches!(value, Self::Literal(_))) => {
                Self::Literal(Value::Object(
                    fields
                        .into_iter()
                        .map(|(key, value)| (key, value.literal()))
                        .collect::<Map<_, _>>(),
                ))
            }
            Self::Array(items) if items.iter().all(|item| matches!(item, Self::Literal(_))) => {
                Self::Literal(items.into_iter().map(Self::literal).collect())
            }
            other => other,
        }
    }

    fn literal(self) -> Value {
        match self {
            Self::Literal(value) => value,
            _ => Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn expressions_are_found_at_any_depth() {
        let template = Template::parse(json!({"a": [1, {"b": "{% $x %}"}], "c": "plain"}), "Output").unwrap();
        assert_eq!(
            template.references().assigned_elsewhere().collect::<Vec<_>>(),
            ["x"]
        );
    }

    #[test]
    fn what_holds_no_expression_is_one_literal() {
        let template = Template::parse(json!({"a": [1, {"b": null}]}), "Output").unwrap();
        assert!(matches!(template, Template::Literal(_)));
    }

    #[test]
    fn the_place_of_a_bad_expression_is_named() {
        for (value, place) in [
            (json!({"a": {"b": "{% 1 + %}"}}), "Arguments/a/b"),
            (json!({"a": [0, "{% $$ %}"]}), "Arguments/a[1]"),
            (json!({"a": "x {% 1 %}"}), "Arguments/a"),
        ] {
            let error = Template::parse(value, "Arguments").unwrap_err().to_string();
            assert!(error.contains(&format!("`{place}`")), "{error}");
        }
    }

    #[test]
    fn a_jsonpath_key_is_refused() {
        let error = Template::parse(json!({"id.$": "$.id"}), "Arguments").unwrap_err();
        assert_eq!(
            error.to_string(),
            "field `id.$` at `Arguments` is not modelled; remove it or teach the interpreter"
        );
    }
}
