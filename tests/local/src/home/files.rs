//! Reading and writing single files.

use crate::home::{HomeError, failed};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The text of a file, or nothing where there is none.
pub(crate) fn read(path: &Path) -> Result<Option<String>, HomeError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(failed(path, "read")(error)),
    }
}

/// The value in a JSON file, or nothing where there is none.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, HomeError> {
    let Some(text) = read(path)? else { return Ok(None) };
    serde_json::from_str(&text)
        .map(Some)
        .map_err(|source| HomeError::Damaged {
            path: path.to_owned(),
            source,
        })
}

/// Writes a value as JSON.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), HomeError> {
    let text = serde_json::to_vec(value).map_err(|source| HomeError::Damaged {
        path: path.to_owned(),
        source,
    })?;
    write_atomically(path, &text)
}

/// Writes beside the place and renames. It is safe against a killed process; against a power cut it need not be.
pub(crate) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), HomeError> {
    let staged = staged(path);
    fs::write(&staged, bytes)
        .and_then(|()| fs::rename(&staged, path))
        .map_err(failed(path, "written"))
}

fn staged(path: &Path) -> PathBuf {
    let mut name = path.file_name().map_or_else(OsString::new, OsString::from);
    name.push(".partial");
    path.with_file_name(name)
}
