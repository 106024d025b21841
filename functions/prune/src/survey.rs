//! What there is: read completely before anything is decided.

use crate::Ports;
use crate::sweep::{self, Orphan};
use backup_core::catalogue::{self, Listing};
use backup_core::manifest::Manifest;
use backup_core::names::{ObjectKey, TAG_PIN};
use backup_core::retention::{self, Backup, Plan, Rules, Standing};
use backup_core::{Error, ErrorName, Instant, Run, names};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// Everything that lies under one cache's folder, sorted by whose it is.
pub(crate) struct Survey {
    /// All folders.
    pub(crate) listing: Listing,
    /// The manifests of this owner and cache.
    pub(crate) ours: BTreeMap<Instant, Manifest>,
    /// All other manifests in the same folder: other plans', other deployments', copies.
    pub(crate) others: Vec<Manifest>,
    /// Leftovers of this owner's runs, oldest first.
    pub(crate) orphans: Vec<Orphan>,
    /// Old folders without a manifest that nothing shows to be this owner's.
    pub(crate) unowned: usize,
    /// The suspicious ones that nobody accepted.
    suspicious: BTreeSet<Instant>,
}

impl Survey {
    /// Reads the listing, every manifest, and what may be swept.
    pub(crate) async fn take<P: Ports>(ports: &P, run: &Run, now: Timestamp) -> Result<Self, Error> {
        let listing = catalogue::list(ports, &run.cache).await?;
        let own = listing
            .0
            .get(&run.instant)
            .and_then(|folder| folder.manifest_key.as_ref());
        if own.is_none() {
            return Err(refused(&format!(
                "the listing of `{}` lacks this run's own manifest, so it is not to be trusted",
                names::cache_prefix(&run.cache)
            )));
        }
        let manifests = catalogue::read_each(ports, &listing).await.map_err(untrusted)?;
        let (ours, others): (Vec<_>, Vec<_>) = manifests
            .into_iter()
            .partition(|(instant, manifest)| manifest.is_of(&run.owner, &run.cache, *instant));
        let ours: BTreeMap<_, _> = ours.into_iter().collect();
        if !ours.contains_key(&run.instant) {
            let (key, owner) = (run.manifest_key(), &run.owner);
            return Err(refused(&format!(
                "manifest `{key}` is not that of a backup of owner `{owner}`"
            )));
        }
        let mut suspicious = BTreeSet::new();
        for (instant, manifest) in &ours {
            let key = names::manifest_key(&run.cache, *instant);
            if catalogue::is_suspicious(ports, &key, manifest).await? {
                suspicious.insert(*instant);
            }
        }
        let (orphans, unowned) = sweep::find(ports, run, &listing, now).await?;
        Ok(Self {
            listing,
            ours,
            others: others.into_iter().map(|(_, manifest)| manifest).collect(),
            orphans,
            unowned,
            suspicious,
        })
    }

    /// Decides over the backups. Only those that the rules would delete are asked for a pin: a pin keeps its own
    /// backup and changes nothing for the others.
    pub(crate) async fn plan<P: Ports>(
        &self,
        ports: &P,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<Plan, Error> {
        let mut backups: Vec<Backup> = self
            .ours
            .iter()
            .map(|(instant, m)| self.backup(*instant, m))
            .collect();
        let unpinned = retention::plan(rules, &backups, now);
        for decision in &unpinned.delete {
            let Some(manifest) = self.ours.get(&decision.instant) else {
                continue;
            };
            let key = names::manifest_key(&manifest.cache_ref(), decision.instant);
            let pinned = catalogue::is_tagged(ports, &key, TAG_PIN).await?;
            let same = backups
                .iter_mut()
                .filter(|backup| backup.instant == decision.instant);
            same.for_each(|backup| backup.pinned = pinned);
        }
        Ok(retention::plan(rules, &backups, now))
    }

    fn backup(&self, instant: Instant, manifest: &Manifest) -> Backup {
        Backup {
            instant,
            create_time: manifest.snapshot.create_time,
            standing: if self.suspicious.contains(&instant) {
                Standing::Suspicious
            } else {
                Standing::Unsuspicious
            },
            pinned: false,
        }
    }

    /// The manifests of this owner that stay and are not suspicious.
    pub(crate) fn sound(&self, plan: &Plan) -> crate::snapshots::Known {
        let stays = plan
            .keep
            .iter()
            .filter(|kept| !self.suspicious.contains(&kept.instant));
        let sound = stays
            .filter_map(|kept| Some((kept.instant, self.ours.get(&kept.instant)?.snapshot.name.clone())));
        crate::snapshots::Known {
            sound: sound.collect(),
            others: self
                .others
                .iter()
                .map(|manifest| manifest.snapshot.name.clone())
                .collect(),
            nodes: self
                .ours
                .values()
                .filter_map(|manifest| manifest.snapshot.source_node.clone())
                .collect(),
        }
    }

    /// Every object that a backup which stays refers to, whoever owns it. Two plans that export the same
    /// automatic snapshot of a serverless cache share its objects.
    pub(crate) fn still_needed(&self, plan: &Plan) -> BTreeSet<ObjectKey> {
        let stays = plan.keep.iter().filter_map(|kept| self.ours.get(&kept.instant));
        let objects = stays.chain(&self.others).flat_map(|manifest| &manifest.objects);
        objects
            .flat_map(|object| [object.key.clone(), object.verdict_key.clone()])
            .collect()
    }
}

/// A manifest that cannot be understood refuses the whole prune; a call that failed keeps its name, for it may
/// pass.
fn untrusted(error: Error) -> Error {
    match error.source {
        Some(_) => error,
        None => refused(&error.message),
    }
}

fn refused(why: &str) -> Error {
    Error::new(
        ErrorName::PruneRefused,
        format!("{why}; nothing was deleted; mend it, then re-drive the run"),
    )
}
