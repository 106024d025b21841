//! Calls that are never answered, on connections that stay open: until the function's limit, or until the SDK's own.

use super::calls::{
    ALERT, COPY, CREATE, Call, DELETE_SHARD, FIND_SNAPSHOT, MANIFEST, MARKER, READ, STATUS, TELL, VERDICT,
};
use super::{Cell, End};
use local::wire::{Damage, Disturbance, Instead};
use std::time::Duration;

/// Below the time after which the SDK gives up on an answer, so that it is Lambda that ends the call; far above what any
/// other call takes, on a busy machine too.
const LIMIT: Duration = Duration::from_secs(6);

const BEFORE: Disturbance = Disturbance::Before(Instead::Silence);
const AFTER: Disturbance = Disturbance::After(Instead::Silence);
const STALLED: Disturbance = Disturbance::Damaged(Damage::Stalled);

/// Ended by Lambda, once.
const BY_LAMBDA: &[(Call, Disturbance, usize, &str)] = &[
    (FIND_SNAPSHOT, BEFORE, 1, "nothing has happened yet"),
    (CREATE, BEFORE, 1, "the name is looked up and not found"),
    (CREATE, AFTER, 1, "the name is looked up and found"),
    (COPY, BEFORE, 1, "no trace of an export, so it is started"),
    (COPY, AFTER, 1, "the export is seen"),
    (READ, BEFORE, 1, "the object is read again"),
    (VERDICT, AFTER, 1, "a verdict is written again"),
    (MANIFEST, BEFORE, 1, "the manifest is written"),
    (MANIFEST, AFTER, 1, "the manifest is compared"),
    (DELETE_SHARD, AFTER, 1, "deleting twice is deleting once"),
    (TELL, BEFORE, 1, "it was not told"),
    (TELL, AFTER, 2, "nobody knows that it was told"),
];

/// Ended by Lambda while a failure is told.
const WHILE_TELLING: &[(Call, Disturbance, usize, &str)] = &[
    (ALERT, BEFORE, 1, "it was not told"),
    (ALERT, AFTER, 2, "no marker yet, so it is told again"),
    (MARKER, AFTER, 1, "told and marked"),
];

/// Ended by Lambda at each attempt.
const BY_LAMBDA_FOR_GOOD: &[(Call, &str)] = &[
    (CREATE, "nothing was made"),
    (COPY, "the snapshot stays for the re-drive"),
    (READ, "the export stays for the re-drive"),
];

/// Ended by the SDK, well before the function's minute: after 20 s without an answer, after 5 s without a byte of a body.
const BY_SDK: &[(Call, Disturbance, &str)] = &[
    (
        CREATE,
        AFTER,
        "the SDK repeats no mutation, the state machine does, and the name is found",
    ),
    (
        COPY,
        AFTER,
        "the SDK repeats no mutation, the state machine does, and the export is seen",
    ),
    (STATUS, BEFORE, "the SDK repeats a read"),
    (READ, STALLED, "a body that stopped is a lost answer"),
];

fn word(disturbance: &Disturbance) -> &'static str {
    match disturbance {
        Disturbance::Before(_) => "silence before",
        Disturbance::After(_) => "silence after",
        _ => "silence amid the body",
    }
}

/// All silences.
pub(crate) fn cells() -> Vec<Cell> {
    let by_lambda = BY_LAMBDA.iter().map(|(call, disturbance, told, why)| {
        let what = format!("{}, until the function's limit", word(disturbance));
        let cell = Cell::new(*call, what, disturbance.clone(), End::Recovers, why);
        cell.told(*told).within(LIMIT)
    });
    let for_good = BY_LAMBDA_FOR_GOOD.iter().map(|(call, why)| {
        let what = format!("{}, until the function's limit", word(&BEFORE));
        let cell = Cell::new(*call, what, BEFORE, End::Fails("Sandbox.Timedout"), why);
        cell.always().within(LIMIT)
    });
    let by_sdk = BY_SDK.iter().map(|(call, disturbance, why)| {
        let what = format!("{}, until the SDK's limit", word(disturbance));
        Cell::new(*call, what, disturbance.clone(), End::Recovers, why)
    });
    let while_telling = WHILE_TELLING.iter().map(|(call, disturbance, told, why)| {
        let what = format!("{}, until the function's limit", word(disturbance));
        let end = End::Fails("Backup.BucketNotGranted");
        let cell = Cell::new(*call, what, disturbance.clone(), end, why);
        cell.told(*told).within(LIMIT)
    });
    by_sdk
        .chain(by_lambda)
        .chain(while_telling)
        .chain(for_good)
        .collect()
}
