//! What requests have in common: members, execution ARNs, pages.

use crate::engine::{Executions, StatesError};
use serde_json::Value;

/// A text member that must be there.
pub(crate) fn member<'a>(request: &'a Value, name: &str) -> Result<&'a str, StatesError> {
    request[name]
        .as_str()
        .ok_or_else(|| StatesError::Validation(format!("`{name}` must be given as a string")))
}

/// The name in the request's execution ARN.
pub(crate) fn name_in<'a>(executions: &Executions, request: &'a Value) -> Result<&'a str, StatesError> {
    let arn = member(request, "executionArn")?;
    if !arn.starts_with("arn:") || arn.split(':').count() != 8 {
        return Err(StatesError::InvalidArn(arn.to_owned()));
    }
    let of_machine = executions
        .state_machine_arn()
        .replacen(":stateMachine:", ":execution:", 1);
    let name = arn
        .strip_prefix(&of_machine)
        .and_then(|rest| rest.strip_prefix(':'));
    name.ok_or_else(|| StatesError::ExecutionDoesNotExist(arn.to_owned()))
}

/// Which part of a list is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Page {
    start: usize,
    size: usize,
}

impl Page {
    /// Reads `maxResults` (1 to 1000, or 0 for the default) and `nextToken`.
    pub(crate) fn of(request: &Value, default: usize) -> Result<Self, StatesError> {
        let size = match &request["maxResults"] {
            Value::Null => default,
            given => match given.as_u64().and_then(|size| usize::try_from(size).ok()) {
                Some(0) => default,
                Some(size @ 1..=1000) => size,
                _ => {
                    return Err(StatesError::Validation(format!(
                        "`maxResults` is {given}; it must be 0 to 1000"
                    )));
                }
            },
        };
        let start = match request["nextToken"].as_str() {
            None => 0,
            Some(token) => read_token(token).ok_or_else(|| StatesError::InvalidToken(token.to_owned()))?,
        };
        Ok(Self { start, size })
    }

    /// The page, and the token of the next one if there is more.
    pub(crate) fn cut<'a, T>(&self, all: &'a [T]) -> (&'a [T], Option<String>) {
        let rest = all.get(self.start..).unwrap_or_default();
        let page = rest.get(..self.size).unwrap_or(rest);
        let end = self.start + page.len();
        (page, (end < all.len()).then(|| format!("from-{end}")))
    }
}

fn read_token(token: &str) -> Option<usize> {
    token.strip_prefix("from-")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(request: &Value, expected: &[u32], token: Option<&str>, why: &str) {
        let page = Page::of(request, 3).unwrap();
        let all = [1, 2, 3, 4, 5];
        let (cut, next) = page.cut(&all);
        assert_eq!((cut, next.as_deref()), (expected, token), "{why}");
    }

    #[test]
    fn pages_follow_one_another() {
        check(&json!({}), &[1, 2, 3], Some("from-3"), "the default size");
        check(
            &json!({"maxResults": 0}),
            &[1, 2, 3],
            Some("from-3"),
            "0 means the default",
        );
        check(&json!({"nextToken": "from-3"}), &[4, 5], None, "the rest");
        check(&json!({"maxResults": 5}), &[1, 2, 3, 4, 5], None, "exactly all");
        check(&json!({"nextToken": "from-9"}), &[], None, "a list that shrank");
        assert!(
            Page::of(&json!({"maxResults": 1001}), 3).is_err(),
            "more than a page can have"
        );
        assert!(
            Page::of(&json!({"nextToken": "x"}), 3).is_err(),
            "not one of our tokens"
        );
    }
}
