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

    /// A statement about each of several things; it fails by those for which it does not hold.
    pub fn each<T: PartialEq + std::fmt::Debug>(
        statement: impl Into<String>,
        found: impl IntoIterator<Item = (String, T)>,
        expected: &T,
    ) -> Self {
        let found: Vec<(String, T)> = found.into_iter().collect();
        let wrong = found.iter().filter(|(_, found)| found != expected);
        let wrong: Vec<String> = wrong
            .map(|(name, found)| format!("{name} has {found:?}"))
            .collect();
        let failure = match (found.is_empty(), wrong.is_empty()) {
            (true, _) => Some("there is nothing of the kind".to_owned()),
            (false, true) => None,
            (false, false) => Some(format!("expected {expected:?}, but {}", wrong.join(", "))),
        };
        Self {
            statement: statement.into(),
            failure,
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
