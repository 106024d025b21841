//! Builds the manifest from what the states carried, and refuses what is not complete.

use crate::{Input, engine};
use backup_core::manifest::{
    FORMAT_VERSION, Manifest, ManifestCache, ManifestObject, ManifestRun, ManifestSnapshot,
    RestoreRequirements, ShardVerdict, Suspicion, Timings,
};
use backup_core::names::{self, ExportGrammar};
use backup_core::{Error, ErrorName};
use std::collections::BTreeMap;

/// The writer, as it stands in every manifest.
const TOOL_VERSION: &str = concat!("snapkeep ", env!("CARGO_PKG_VERSION"));

/// The objects of the backup, sorted by shard: one verdict for each node group of the snapshot, or, for a
/// serverless cache, whose shards nobody tells, from 0001 on without a gap.
pub(crate) fn objects(input: &Input) -> Result<Vec<ManifestObject>, Error> {
    check_names(input)?;
    let verdicts = by_number(input)?;
    let expected = expected(input, verdicts.len())?;
    if let Some((missing, _)) = expected
        .iter()
        .find(|(number, _)| !verdicts.contains_key(*number))
    {
        return Err(refused(format!(
            "`objects` has no verdict of shard `{missing:04}`, allowed is one for each of the {} shards",
            expected.len()
        )));
    }
    if let Some((number, _)) = verdicts
        .iter()
        .find(|(number, _)| !expected.contains_key(*number))
    {
        return Err(refused(format!(
            "`objects` has a verdict of shard `{number:04}`, which snapshot `{}` does not have",
            input.snapshot.name
        )));
    }
    let object = |(number, verdict): (u16, &ShardVerdict)| {
        let key = names::shard_key(&input.exported.stem, &verdict.shard);
        ManifestObject {
            verdict_key: names::verdict_key(&input.run.cache, input.run.instant, input.export.renewal, &key),
            slots: expected.get(&number).cloned().flatten(),
            key,
            verdict: verdict.clone(),
        }
    };
    Ok(verdicts.into_iter().map(object).collect())
}

/// The snapshot must be the run's, and the objects must lie where an export of it writes.
fn check_names(input: &Input) -> Result<(), Error> {
    let (run, snapshot) = (&input.run, &input.snapshot);
    run.check_snapshot(&snapshot.name)?;
    let grammar = ExportGrammar::of(&run.cache, &snapshot.name, &input.export.target);
    let stem = &input.exported.stem;
    if !grammar.prefixes().contains(stem) {
        let allowed = format!("one of `{}`", grammar.prefixes().join("`, `"));
        return Err(Error::invalid_input("exported.stem", stem, &allowed));
    }
    Ok(())
}

/// The verdicts by the number of their shard: a key may spell `0001` what a describe call spells `1`.
fn by_number(input: &Input) -> Result<BTreeMap<u16, &ShardVerdict>, Error> {
    let mut verdicts = BTreeMap::new();
    for (at, verdict) in input.objects.iter().enumerate() {
        let number = number(&format!("objects[{at}].shard"), &verdict.shard)?;
        if verdict.size == 0 {
            let field = format!("objects[{at}].size");
            return Err(Error::invalid_input(&field, 0, "at least 1 byte"));
        }
        if verdicts.insert(number, verdict).is_some() {
            return Err(refused(format!(
                "`objects` has two verdicts of shard `{number:04}`, allowed is one"
            )));
        }
    }
    Ok(verdicts)
}

/// The shards that there must be, with their slots where the source had them.
fn expected(input: &Input, verdicts: usize) -> Result<BTreeMap<u16, Option<String>>, Error> {
    let groups = &input.snapshot.node_groups;
    if groups.is_empty() {
        if input.run.cache.kind != backup_core::CacheKind::ServerlessCache {
            return Err(refused(
                "`snapshot.nodeGroups` is empty, allowed is one entry for each shard".to_owned(),
            ));
        }
        let last = u16::try_from(verdicts.max(1)).unwrap_or(u16::MAX);
        return Ok((1..=last).map(|number| (number, None)).collect());
    }
    let slots = |(at, group): (usize, &backup_core::snapshot::NodeGroup)| {
        let number = number(&format!("snapshot.nodeGroups[{at}].id"), &group.id)?;
        Ok((number, group.slots.clone()))
    };
    groups.iter().enumerate().map(slots).collect()
}

fn number(field: &str, shard: &str) -> Result<u16, Error> {
    names::shard_number(shard).ok_or_else(|| Error::invalid_input(field, shard, "1 to 4 digits"))
}

fn refused(message: String) -> Error {
    Error::new(ErrorName::InvalidInput, message)
}

/// The manifest of a complete backup.
pub(crate) fn manifest(
    input: Input,
    objects: Vec<ManifestObject>,
    suspicion: Option<Suspicion>,
) -> Result<Manifest, Error> {
    let restore = restore(&objects, input.snapshot.engine.as_deref())?;
    let (run, snapshot) = (input.run, input.snapshot);
    Ok(Manifest {
        format_version: FORMAT_VERSION,
        tool_version: TOOL_VERSION.to_owned(),
        owner: run.owner,
        cache: ManifestCache {
            kind: run.cache.kind,
            id: run.cache.id,
            engine: snapshot.engine,
            engine_version: snapshot.engine_version,
            node_type: snapshot.node_type,
            parameter_group: snapshot.parameter_group,
            cluster_mode: snapshot.cluster_mode,
            node_groups: snapshot.node_groups,
            tags: snapshot.tags,
        },
        run: ManifestRun {
            execution_arn: run.execution_arn,
            redrive_count: input.redrive_count,
            instant: run.instant,
            source: run.source,
            timings: Timings {
                started_at: run.started_at,
                snapshot_requested_at: input.requested.requested_at,
                snapshot_ready_at: snapshot.ready_at,
                export_requested_at: input.export.requested_at,
                export_ready_at: input.exported.ready_at,
                recorded_at: input.now,
            },
        },
        snapshot: ManifestSnapshot {
            name: snapshot.name,
            arn: snapshot.arn,
            create_time: snapshot.create_time,
            source_node: input.requested.source_node.or(snapshot.source_node),
            source_role: input.requested.source_role,
        },
        objects,
        restore,
        suspicion,
    })
}

/// The newest RDB version among the shards decides the engine, the largest shard the memory.
fn restore(objects: &[ManifestObject], source: Option<&str>) -> Result<RestoreRequirements, Error> {
    let verdicts = || objects.iter().map(|object| &object.verdict);
    let version = verdicts().map(|verdict| verdict.rdb_version).max().unwrap_or(0);
    let minimum_engine = engine::minimum_engine(version, source).ok_or_else(|| {
        Error::new(
            ErrorName::Unexpected,
            format!(
                "RDB version `{version}` is of no engine known here; update snapkeep, then re-drive the run"
            ),
        )
    })?;
    Ok(RestoreRequirements {
        minimum_engine: minimum_engine.to_owned(),
        minimum_node_memory_bytes: verdicts().map(|verdict| verdict.size).max().unwrap_or(0),
    })
}
