//! The error names: a contract between the functions, the state machine and the people who read alerts.
//!
//! A name is raised as Lambda `errorType`, matched by `ErrorEquals` in the state machine, explained by
//! `notify` and listed in `statemachine/README.md`. Renaming one silently turns its retriers off, so a
//! contract test holds the four places together.

use serde::{Deserialize, Serialize};

/// How the state machine treats an error name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Class {
    /// Passes by itself within seconds: a few quick attempts.
    Transient,
    /// The account calls too often: full jitter, capped delay, about 20 minutes in all.
    Throttled,
    /// The cache or snapshot is in use: minutes apart, for hours.
    Busy,
    /// No attempt of the same run can change it: the state fails at once.
    Permanent,
}

/// What a person does first about a run that ended with an error name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mend {
    /// Nothing but time: re-drive once the cause has passed.
    Wait,
    /// Remove the cause, then re-drive the same run.
    Redrive,
    /// This run is lost; start a new one.
    NewRun,
}

macro_rules! error_names {
    ($($(#[doc = $doc:literal])+ $name:ident: $class:ident, $mend:ident;)+) => {
        /// Every name a function can fail with, each spelled `Backup.<Name>` on the wire.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(into = "String", try_from = "String")]
        pub enum ErrorName { $($(#[doc = $doc])+ $name,)+ }

        impl ErrorName {
            /// All names, in the order of the table in `statemachine/README.md`.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The stable string: Lambda `errorType`, ASL `ErrorEquals`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => concat!("Backup.", stringify!($name)),)+ }
            }

            /// How the state machine treats it.
            pub const fn class(self) -> Class {
                match self { $(Self::$name => Class::$class,)+ }
            }

            /// What mends a run that ended with it.
            pub const fn mend(self) -> Mend {
                match self { $(Self::$name => Mend::$mend,)+ }
            }
        }
    };
}

error_names! {
    /// AWS or the network failed for a moment, or credentials expired in the middle of a call.
    ServiceUnavailable: Transient, Wait;
    /// AWS answered that the account calls too often.
    Throttled: Throttled, Wait;
    /// The cache is snapshotting, modifying or being created.
    CacheBusy: Busy, Wait;
    /// The snapshot is copying, exporting or restoring.
    SnapshotBusy: Busy, Wait;
    /// The input is malformed or contradicts itself; the text names the field.
    InvalidInput: Permanent, NewRun;
    /// The function's role, or a policy on the other side, does not allow a call.
    AccessDenied: Permanent, Redrive;
    /// There is no cache of this kind and id.
    CacheNotFound: Permanent, NewRun;
    /// The cache is being deleted or was never created, and will not become available.
    CacheUnavailable: Permanent, NewRun;
    /// ElastiCache cannot export this cache or snapshot.
    Unsupported: Permanent, NewRun;
    /// The day's manual snapshots of this node or cache are used up.
    SnapshotQuotaExceeded: Permanent, Wait;
    /// ElastiCache could not make the snapshot.
    SnapshotFailed: Permanent, NewRun;
    /// The snapshot was there and is gone.
    SnapshotVanished: Permanent, NewRun;
    /// A snapshot of our name exists that this run did not make; it is never touched.
    SnapshotForeign: Permanent, NewRun;
    /// No automatic snapshot is young enough.
    NoRecentAutomaticSnapshot: Permanent, NewRun;
    /// The bucket's policy does not let ElastiCache write.
    BucketNotGranted: Permanent, Redrive;
    /// The bucket is in another Region than the cache.
    BucketWrongRegion: Permanent, NewRun;
    /// The bucket does not exist.
    BucketNotFound: Permanent, Redrive;
    /// The bucket belongs to another account.
    BucketNotOwned: Permanent, NewRun;
    /// ElastiCache could not check that the caller may use the bucket.
    BucketNotValidated: Permanent, Redrive;
    /// The export ended and wrote nothing.
    ExportFailed: Permanent, Redrive;
    /// The export ended and wrote only some of the shards.
    ExportIncomplete: Permanent, Redrive;
    /// An exported object is not a sound RDB file, or not what was uploaded.
    Corrupt: Permanent, NewRun;
    /// An exported object has a version or a value that this version of snapkeep cannot judge.
    NotVerifiable: Permanent, NewRun;
    /// An exported object is not the one that was found when the export ended.
    ObjectChanged: Permanent, NewRun;
    /// Another backup is recorded at this cache and instant.
    ManifestConflict: Permanent, NewRun;
    /// The run's time budget is used up.
    DeadlineExceeded: Permanent, Redrive;
    /// Pruning would break a rule that protects backups; nothing was deleted.
    PruneRefused: Permanent, Redrive;
    /// AWS answered with something this version does not know; the text carries it.
    Unexpected: Permanent, Redrive;
}

impl ErrorName {
    /// The name behind its stable string, if it is one of ours.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|name| name.as_str() == text)
    }
}

impl From<ErrorName> for String {
    fn from(name: ErrorName) -> Self {
        name.as_str().to_owned()
    }
}

impl TryFrom<String> for ErrorName {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no error name of this version"))
    }
}

impl std::fmt::Display for ErrorName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A function's failure: the name that machines match and the text that people read.
///
/// The text says what failed, with which value, and what to do next; lower case, no full stop.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What the state machine matches.
    pub name: ErrorName,
    /// What a person reads.
    pub message: String,
    /// The AWS call behind it, where there was one.
    #[source]
    pub source: Option<crate::ports::CallError>,
}

impl Error {
    /// An error of our own judgement, without an AWS call behind it.
    pub fn new(name: ErrorName, message: impl Into<String>) -> Self {
        Self {
            name,
            message: message.into(),
            source: None,
        }
    }

    /// A failed call that the function judged better than its kind alone tells; the call stays the source.
    pub fn of_call(name: ErrorName, message: impl Into<String>, call: crate::ports::CallError) -> Self {
        Self {
            name,
            message: message.into(),
            source: Some(call),
        }
    }

    /// The text for people: the message, then AWS's own words where the message does not hold them already.
    pub fn text(&self) -> String {
        let source = self.source.as_ref().map(ToString::to_string);
        match source.filter(|source| !self.message.contains(source)) {
            None => self.message.clone(),
            Some(source) => format!("{} ({source})", self.message),
        }
    }

    /// Bad input: `field` as a path such as `retention.keepLast`, the value as given, what is allowed.
    pub fn invalid_input(field: &str, value: impl std::fmt::Display, allowed: &str) -> Self {
        Self::new(
            ErrorName::InvalidInput,
            format!("`{field}` is `{value}`, allowed is {allowed}"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_reads_back_and_fits_aws() {
        for name in ErrorName::ALL {
            assert_eq!(ErrorName::parse(name.as_str()), Some(*name));
            assert_eq!(serde_json::to_value(name).unwrap(), name.as_str());
            // Step Functions keeps 256 characters of an error name.
            assert!(name.as_str().len() <= 256 && name.as_str().starts_with("Backup."));
        }
        assert_eq!(ErrorName::parse("Backup.Nope"), None);
        assert_eq!(
            ErrorName::parse("Throttled"),
            None,
            "the prefix is part of the name"
        );
    }

    #[test]
    fn an_unknown_name_is_refused_with_its_spelling() {
        for text in ["\"Backup.Nope\"", "\"corrupt\"", "\"\""] {
            let error = serde_json::from_str::<ErrorName>(text).unwrap_err().to_string();
            let want = format!("`{}` is no error name of this version", text.trim_matches('"'));
            assert_eq!(error, want);
        }
    }

    #[test]
    fn every_class_but_permanent_passes_by_itself() {
        for name in ErrorName::ALL {
            if name.class() != Class::Permanent {
                assert_eq!(
                    name.mend(),
                    Mend::Wait,
                    "{name}: a retried error is mended by time"
                );
            }
        }
        let waiting = ErrorName::ALL.iter().filter(|name| name.mend() == Mend::Wait);
        let permanent: Vec<_> = waiting.filter(|name| name.class() == Class::Permanent).collect();
        // The day's snapshots come back at midnight, later than any retry may wait.
        assert_eq!(permanent, [&ErrorName::SnapshotQuotaExceeded]);
    }

    #[test]
    fn a_judged_call_stays_the_source_and_out_of_the_message() {
        use std::error::Error as _;
        let call = crate::ports::CallError::judge("CopySnapshot", "Odd", "what now", Some(400));
        let judged = Error::of_call(ErrorName::BucketNotGranted, "no grant; add it", call.clone());
        assert_eq!(
            judged.to_string(),
            "no grant; add it",
            "reporters add the sources themselves"
        );
        assert_eq!(judged.source().unwrap().to_string(), call.to_string());
        assert_eq!(
            judged.name,
            ErrorName::BucketNotGranted,
            "the judgement goes before the kind"
        );
        let quoted = Error::of_call(ErrorName::Unexpected, format!("export: {call}"), call);
        assert_eq!(
            quoted.text(),
            quoted.message,
            "what is quoted already is not said twice"
        );
        assert!(Error::new(ErrorName::Corrupt, "broken").source().is_none());
    }

    #[test]
    fn what_ends_a_run_is_never_mended_by_redrive() {
        use ErrorName::{Corrupt, ObjectChanged, SnapshotFailed, SnapshotVanished};
        for name in [SnapshotFailed, SnapshotVanished, Corrupt, ObjectChanged] {
            assert_eq!(
                (name.class(), name.mend()),
                (Class::Permanent, Mend::NewRun),
                "{name}"
            );
        }
    }

    #[test]
    fn the_text_has_the_services_own_words_once() {
        let call = || crate::ports::CallError::judge("CopySnapshot", "Odd", "what now", Some(400));
        let own = "CopySnapshot answered `Odd`: what now";
        assert_eq!(Error::from(call()).text(), own);
        let judged = Error::of_call(ErrorName::Unexpected, "no export; look", call());
        assert_eq!(judged.text(), format!("no export; look ({own})"));
        assert_eq!(Error::new(ErrorName::Corrupt, "broken").text(), "broken");
    }

    #[test]
    fn bad_input_names_field_value_and_what_is_allowed() {
        let error = Error::invalid_input("retention.minimum", 0, "1 to 1000");
        assert_eq!(error.name, ErrorName::InvalidInput);
        assert_eq!(
            error.to_string(),
            "`retention.minimum` is `0`, allowed is 1 to 1000"
        );
    }
}
