//! One look at one cache: its marker, its newest good backup, and what follows from them.

use crate::age::Age;
use crate::check::Target;
use crate::marker::{self, Marker};
use crate::{Found, Ports, State};
use backup_core::metrics::{Metric, Metrics};
use backup_core::{Error, ObjectKey, catalogue, names};
use jiff::Timestamp;

/// What was seen.
pub(crate) struct Seen {
    marker: Marker,
    /// The newest good backup: where its manifest lies, and when its data were taken.
    backup: Option<(ObjectKey, Timestamp)>,
}

/// Looks. Of a paused cache only the marker is looked at, so that nothing in its catalogue can fail it.
pub(crate) async fn at<P: Ports>(ports: &P, target: &Target) -> Result<Seen, Error> {
    let marker = marker::keep(ports, target).await?;
    if target.paused {
        return Ok(Seen { marker, backup: None });
    }
    let manifest = catalogue::last_good(ports, &target.cache, &target.owner).await?;
    let backup = manifest.map(|manifest| {
        let key = names::manifest_key(&target.cache, manifest.instant());
        (key, manifest.snapshot.create_time)
    });
    Ok(Seen { marker, backup })
}

impl Seen {
    fn create_time(&self) -> Option<Timestamp> {
        self.backup.as_ref().map(|(_, at)| *at)
    }

    fn age(&self, target: &Target) -> Age {
        Age::of(&self.marker, self.create_time(), target.now)
    }

    /// The ratio, and the backup's own age where there is one: after a pause the two differ, because the ratio counts
    /// from the pause's end.
    pub(crate) fn metrics(&self, target: &Target) -> Metrics {
        let metrics = Metrics::of_cache(target.now, &target.owner, &target.cache)
            .with(Metric::BackupAgeRatio, self.age(target).ratio(target.max_age));
        match self.create_time() {
            Some(at) => metrics.with_count(Metric::BackupAge, Age::since(at, target.now).seconds()),
            None => metrics,
        }
    }

    pub(crate) fn found(&self, target: &Target) -> Found {
        let age = self.age(target);
        let state = match (target.paused, &self.backup) {
            (true, _) => State::Paused,
            _ if age.seconds() > u64::from(target.max_age) => State::Overdue,
            (false, None) => State::Waiting,
            (false, Some(_)) => State::Fresh,
        };
        Found {
            cache: target.cache.clone(),
            plan: target.owner.plan().to_owned(),
            manifest_key: self.backup.as_ref().map(|(key, _)| key.clone()),
            age_seconds: age.seconds(),
            ratio: age.ratio(target.max_age),
            state,
        }
    }
}
