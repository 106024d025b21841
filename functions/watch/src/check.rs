//! The input, checked as a whole before anything is asked.

use crate::{Input, Settings};
use backup_core::input::check_word;
use backup_core::{CacheRef, Error, Owner};
use jiff::Timestamp;
use std::collections::BTreeSet;

/// One cache to look at.
pub(crate) struct Target {
    pub(crate) cache: CacheRef,
    pub(crate) owner: Owner,
    /// Seconds; at least 1.
    pub(crate) max_age: u32,
    pub(crate) paused: bool,
    pub(crate) now: Timestamp,
}

/// The targets in the order of the input; an error names the field.
pub(crate) fn targets(settings: &Settings, input: Input) -> Result<Vec<Target>, Error> {
    let mut known = BTreeSet::new();
    let mut targets = Vec::with_capacity(input.watched.len());
    for (place, watched) in input.watched.into_iter().enumerate() {
        let at = format!("watched[{place}]");
        check_word(&format!("{at}.plan"), &watched.plan)?;
        if watched.max_age_seconds == 0 {
            return Err(Error::invalid_input(
                &format!("{at}.maxAgeSeconds"),
                0,
                "1 or more",
            ));
        }
        let owner = Owner::new(&settings.deployment, &watched.plan)?;
        if !known.insert((watched.cache.clone(), owner.clone())) {
            let value = format!("{} of plan {}", watched.cache, watched.plan);
            return Err(Error::invalid_input(&at, value, "each cache of a plan once"));
        }
        targets.push(Target {
            cache: watched.cache,
            owner,
            max_age: watched.max_age_seconds,
            paused: watched.paused,
            now: input.now,
        });
    }
    Ok(targets)
}
