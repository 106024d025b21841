//! `kill -9` exactly at a call, before or after its effect.

use super::calls::{
    ALERT, COPY, CREATE, CREATE_SERVERLESS, Call, DELETE_MANIFEST, DELETE_SHARD, DELETE_SNAPSHOT,
    EXPORT_SERVERLESS, FIND_CACHE, FIND_SNAPSHOT, LIST, MANIFEST, MARKER, PRUNE_LIST, PRUNE_READ,
    READ_MIDDLE, STATUS, TELL, VERDICT,
};
use super::{Cell, End};
use local::wire::{Disturbance, Instead};

const GRANT: End = End::Fails("Backup.BucketNotGranted");

/// Every call that changes something, with what must come of a crash before it and after it, and why.
const MUTATIONS: &[(Call, End, usize, usize, &str)] = &[
    (
        CREATE,
        End::Recovers,
        1,
        1,
        "the name is looked up before it is asked for again",
    ),
    (CREATE_SERVERLESS, End::Recovers, 1, 1, "as for a node's snapshot"),
    (
        COPY,
        End::Recovers,
        1,
        1,
        "an export that runs is seen by its objects or the snapshot's status",
    ),
    (EXPORT_SERVERLESS, End::Recovers, 1, 1, "as for a node's export"),
    (
        VERDICT,
        End::Recovers,
        1,
        1,
        "a verdict is written again with the same content",
    ),
    (
        MANIFEST,
        End::Recovers,
        1,
        1,
        "a manifest that is there is compared, not replaced",
    ),
    (
        DELETE_MANIFEST,
        End::Recovers,
        1,
        1,
        "the backup is out of the catalogue or still in it",
    ),
    (
        DELETE_SHARD,
        End::Recovers,
        1,
        1,
        "what lost its manifest to this run is deleted by the next attempt",
    ),
    (
        DELETE_SNAPSHOT,
        End::Recovers,
        1,
        1,
        "deleting twice is deleting once",
    ),
    (
        TELL,
        End::Recovers,
        1,
        2,
        "nobody knows that it was told, so it is told again",
    ),
    (ALERT, GRANT, 1, 2, "no marker yet, so it is told again"),
    (
        MARKER,
        GRANT,
        2,
        1,
        "told and not marked is told again, told and marked is not",
    ),
];

/// Reads, of which only the moment before matters: their answers are lost with the process.
const READS: &[(Call, &str)] = &[
    (FIND_CACHE, "nothing has happened yet"),
    (FIND_SNAPSHOT, "nothing has happened yet"),
    (STATUS, "judging starts nothing"),
    (LIST, "judging starts nothing"),
    (
        READ_MIDDLE,
        "the object is read again from the execution's cursor",
    ),
    (PRUNE_LIST, "the plan is made again"),
    (PRUNE_READ, "the plan is made again"),
];

/// More crashes than the state machine has attempts for.
const FOR_GOOD: &[(Call, &str)] = &[
    (FIND_SNAPSHOT, "before anything is made"),
    (COPY, "the snapshot stays for the re-drive"),
    (READ_MIDDLE, "the export stays for the re-drive"),
    (MANIFEST, "the verdicts stay for the re-drive"),
    (DELETE_SNAPSHOT, "the backup is recorded already"),
];

/// All crashes.
pub(crate) fn cells() -> Vec<Cell> {
    let before = || Disturbance::Before(Instead::Kill);
    let mutations = MUTATIONS
        .iter()
        .flat_map(|(call, end, told_before, told_after, why)| {
            let after = Disturbance::After(Instead::Kill);
            [
                Cell::new(*call, "kill -9 before", before(), *end, why).told(*told_before),
                Cell::new(*call, "kill -9 after", after, *end, why).told(*told_after),
            ]
        });
    let reads = READS
        .iter()
        .map(|(call, why)| Cell::new(*call, "kill -9 before", before(), End::Recovers, why));
    let for_good = FOR_GOOD.iter().map(|(call, why)| {
        let end = End::Fails("Runtime.ExitError");
        Cell::new(*call, "kill -9 before", before(), end, why).always()
    });
    mutations.chain(reads).chain(for_good).collect()
}
