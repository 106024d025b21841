//! The environment variables of a function.

use backup_core::{Error, ErrorName};

/// Reads variables; one that is empty counts as one that is not set.
#[derive(Debug)]
pub struct Env {
    read: fn(&str) -> Option<String>,
}

impl Env {
    /// The process's own.
    pub(crate) fn of_process() -> Self {
        Self::from_fn(|name| std::env::var(name).ok())
    }

    /// Any other source, for tests.
    pub fn from_fn(read: fn(&str) -> Option<String>) -> Self {
        Self { read }
    }

    /// A variable that the function cannot do without.
    pub fn required(&self, name: &str) -> Result<String, Error> {
        self.optional(name).ok_or_else(|| {
            let message = format!(
                "environment variable `{name}` is not set; set it in the function's configuration, then call it again"
            );
            Error::new(ErrorName::Unexpected, message)
        })
    }

    /// A variable that has a default.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.read)(name).filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_is_not_set() {
        let env = Env::from_fn(|name| match name {
            "SET" => Some("value".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        });
        assert_eq!(env.required("SET").unwrap(), "value");
        for missing in ["EMPTY", "UNSET"] {
            assert_eq!(env.optional(missing), None);
            let error = env.required(missing).unwrap_err();
            assert!(error.message.contains(&format!("`{missing}`")), "{error}");
            assert_eq!(error.name, ErrorName::Unexpected);
        }
    }
}
