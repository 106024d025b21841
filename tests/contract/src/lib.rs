//! What several files must agree on, read for the tests that hold them together.

pub mod repository;
pub mod rust;

use serde_json::Value;
use std::path::{Path, PathBuf};

/// The repository's top level.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .nth(2)
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// A text file below the top level.
///
/// # Errors
///
/// Where it cannot be read, with its path.
pub fn text(path: &str) -> Result<String, String> {
    std::fs::read_to_string(root().join(path)).map_err(|error| format!("`{path}`: {error}"))
}

/// A state machine file as JSON.
pub fn definition(path: &str) -> Result<Value, String> {
    serde_json::from_str(&text(path)?).map_err(|error| format!("`{path}`: {error}"))
}

/// One state with its path, such as `VerifyObjects/VerifyObject`.
pub struct State<'d> {
    /// Its name and those of the Maps around it.
    pub path: String,
    /// Its fields.
    pub fields: &'d Value,
}

impl State<'_> {
    /// The part of the path after the last slash.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// Whether its `Type` is this.
    pub fn is(&self, kind: &str) -> bool {
        self.fields["Type"] == kind
    }
}

/// Every state of a definition, those inside Maps included.
pub fn states(definition: &Value) -> Vec<State<'_>> {
    let mut found = Vec::new();
    collect(definition, "", &mut found);
    found
}

fn collect<'d>(scope: &'d Value, prefix: &str, found: &mut Vec<State<'d>>) {
    for (name, fields) in scope["States"].as_object().into_iter().flatten() {
        let path = format!("{prefix}{name}");
        collect(&fields["ItemProcessor"], &format!("{path}/"), found);
        found.push(State { path, fields });
    }
}
