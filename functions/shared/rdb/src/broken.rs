//! Why a file is not accepted.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The first thing in a file that cannot be accepted; everything before it is well-formed.
///
/// The text never holds a key's name or any byte of a value, only numbers and names of the format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Broken {
    /// What sort of refusal this is.
    pub kind: BrokenKind,
    /// Offset in bytes, from the start of the file, of the token that is refused; for
    /// [`BrokenKind::Truncated`] where the file ends or would have to go on.
    pub offset: u64,
    /// What was found there and what was expected.
    pub meaning: String,
    /// The key whose record holds `offset`; none where the flaw lies between keys.
    pub key: Option<KeyAt>,
    /// Number of keys walked to their end before the flaw.
    pub sound_keys: u64,
}

/// What sort of refusal a [`Broken`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BrokenKind {
    /// The bytes contradict the format, or the CRC contradicts the bytes.
    Corrupt,
    /// A version, opcode or type that this scanner does not know: a newer or foreign writer, or corruption.
    Unsupported,
    /// A value that nobody can skip without the code that wrote it (modules of RDB 8 release candidates).
    NotJudgeable,
    /// The file ends before its structure does.
    Truncated,
}

/// A key by its place in the file, and by its name only where [`crate::Options::with_names`] asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAt {
    /// 1 for the first key record of the file.
    pub number: u64,
    /// Number of the database it is in.
    pub database: u32,
    /// The key's name, if asked for: see [`crate::Large::name`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl fmt::Display for BrokenKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Corrupt => "corrupt",
            Self::Unsupported => "unsupported",
            Self::NotJudgeable => "not judgeable",
            Self::Truncated => "truncated",
        })
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte `{}`", self.kind, self.offset)?;
        if let Some(key) = &self.key {
            write!(f, ", in key `{}` of database `{}`", key.number, key.database)?;
            if let Some(name) = &key.name {
                write!(f, " named `{name}`")?;
            }
        }
        write!(
            f,
            ": {}; keys sound before it: `{}`",
            self.meaning, self.sound_keys
        )
    }
}

impl std::error::Error for Broken {}

/// A refusal before it is known where it is: the scanner adds offset and key. It is one pointer wide, because every
/// step of the walk returns room for it.
#[derive(Debug)]
pub(crate) struct Flaw(Box<(BrokenKind, String)>);

impl Flaw {
    pub(crate) fn corrupt(meaning: impl Into<String>) -> Self {
        Self::new(BrokenKind::Corrupt, meaning.into())
    }

    pub(crate) fn unsupported(meaning: impl Into<String>) -> Self {
        Self::new(BrokenKind::Unsupported, meaning.into())
    }

    pub(crate) fn not_judgeable(meaning: impl Into<String>) -> Self {
        Self::new(BrokenKind::NotJudgeable, meaning.into())
    }

    pub(crate) fn truncated(meaning: impl Into<String>) -> Self {
        Self::new(BrokenKind::Truncated, meaning.into())
    }

    #[cold]
    fn new(kind: BrokenKind, meaning: String) -> Self {
        Self(Box::new((kind, meaning)))
    }

    /// Puts the flaw into its place.
    pub(crate) fn at(self, offset: u64, key: Option<KeyAt>, sound_keys: u64) -> Broken {
        let (kind, meaning) = *self.0;
        Broken {
            kind,
            offset,
            meaning,
            key,
            sound_keys,
        }
    }
}
