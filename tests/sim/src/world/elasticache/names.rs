//! Naming rules (developer guide, `CreateSnapshot`; the same as of caches).

use crate::world::error::AwsError;

/// Longest manual snapshot name (developer guide; the server's own maximum is unconfirmed).
pub const SNAPSHOT_NAME_MAX: usize = 40;
/// Longest serverless snapshot name, in characters.
pub const SERVERLESS_NAME_MAX: usize = 255;
/// Longest `TargetSnapshotName` of an export, in characters.
pub const EXPORT_TARGET_MAX: usize = 1000;
/// What the names of the service's own snapshots begin with.
pub const AUTOMATIC_PREFIX: &str = "automatic.";

/// The name as stored, in lower case, if the rules allow it: 1 to `max` letters, digits and hyphens that begin with a
/// letter, with no hyphen at the end and no two in a row.
pub fn stored_name(parameter: &str, name: &str, max: usize) -> Result<String, AwsError> {
    let allowed = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic());
    if !allowed || !begins || name.len() > max || name.ends_with('-') || name.contains("--") {
        return Err(AwsError::invalid_value(format!(
            "The parameter {parameter} is not a valid identifier: `{name}`. Identifiers must begin with a letter; must \
             contain only ASCII letters, digits, and hyphens; must not end with a hyphen or contain two consecutive \
             hyphens; and have at most {max} characters."
        )));
    }
    Ok(name.to_ascii_lowercase())
}

/// The first part of an export's object names: 1 to 1000 printable characters, slashes included.
pub(crate) fn export_target(name: &str) -> Result<&str, AwsError> {
    let length = name.chars().count();
    if length == 0 || length > EXPORT_TARGET_MAX || name.chars().any(char::is_control) {
        return Err(AwsError::invalid_value(format!(
            "The parameter TargetSnapshotName must have 1 to {EXPORT_TARGET_MAX} printable characters, not `{name}`."
        )));
    }
    Ok(name)
}
