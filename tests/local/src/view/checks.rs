//! What was to be true, and whether it is.

use std::fmt::Write as _;

/// One statement and whether it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was to be true.
    pub statement: String,
    /// Why it is not; nothing where it is.
    pub failure: Option<String>,
}

impl Check {
    /// A statement that holds if both are equal.
    pub fn equal<T: PartialEq + std::fmt::Debug>(
        statement: impl Into<String>,
        found: &T,
        expected: &T,
    ) -> Self {
        let failure = (found != expected).then(|| format!("found {found:?}, expected {expected:?}"));
        Self {
            statement: statement.into(),
            failure,
        }
    }

    /// A statement that was judged elsewhere.
    pub fn judged(statement: impl Into<String>, result: Result<(), String>) -> Self {
        Self {
            statement: statement.into(),
            failure: result.err(),
        }
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.failure.is_none()
    }
}

/// One line a statement, broken where it is too long.
pub fn text(checks: &[Check], width: u16) -> String {
    let mut text = String::new();
    for Check { statement, failure } in checks {
        let line = failure.as_ref().map_or_else(
            || format!("✔ {statement}"),
            |failure| format!("✘ {statement}: {failure}"),
        );
        let options = textwrap::Options::new(usize::from(width))
            .subsequent_indent("  ")
            .break_words(false);
        let _ = writeln!(text, "{}", textwrap::fill(&line, options));
    }
    text
}
