//! Credentials that have expired, as after an environment was frozen for long.

use super::calls::{ALERT, COPY, CREATE, Call, HISTORY, LIST, MANIFEST, MARKER, READ, STATUS, TELL};
use super::{Cell, End};
use local::wire::{Disturbance, Instead};
use sim::world::AwsError;

/// One call of each service, a read and a mutation of the two that have both.
const CALLS: &[Call] = &[STATUS, CREATE, COPY, LIST, READ, MANIFEST, TELL];

/// What the services say to a signature that does not fit: they show the request as they would have signed it, and in it
/// the session token of whoever called (aws/aws-sdk-js#2372 has such an answer whole, aws/aws-sdk-ruby#335 one of SNS).
const CANONICAL: &str = "The request signature we calculated does not match the signature you provided. Check your AWS \
                         Secret Access Key and signing method. Consult the service documentation for details.\n\nThe \
                         Canonical String for this request should have been\n'POST\n/\n\nhost:127.0.0.1\n\
                         x-amz-date:20250301T030000Z\nx-amz-security-token:function/create-snapshot/0123456789abcdef\n\n\
                         host;x-amz-date;x-amz-security-token\n9f86d081'";

/// All of them.
pub(crate) fn cells() -> Vec<Cell> {
    let replaced = CALLS.iter().map(|call| {
        Cell::new(
            *call,
            "expired credentials, the environment is replaced",
            Disturbance::Expired { replaced: true },
            End::Recovers,
            "the next attempt has fresh credentials",
        )
    });
    let kept = [CREATE, LIST, MANIFEST].map(|call| {
        Cell::new(
            call,
            "expired credentials, the process lives on",
            Disturbance::Expired { replaced: false },
            End::Fails("Backup.ServiceUnavailable"),
            "credentials are read once a process, so each of its attempts fails until it is replaced",
        )
    });
    let signature = AwsError::new(403, "SignatureDoesNotMatch", CANONICAL);
    let mismatch = Cell::new(
        CREATE,
        "a signature that does not match",
        Disturbance::Before(Instead::Error(signature)),
        End::Fails("Backup.AccessDenied"),
        "no attempt of this run signs better",
    );
    let telling = [
        (ALERT, "EventBridge has it called again"),
        (
            MARKER,
            "it was told, and a marker that is not written is a warning",
        ),
        (HISTORY, "the message says less, and is told"),
    ];
    let telling = telling.map(|(call, why)| {
        let expired = Disturbance::Expired { replaced: true };
        let end = End::Fails("Backup.BucketNotGranted");
        Cell::new(
            call,
            "expired credentials, the environment is replaced",
            expired,
            end,
            why,
        )
    });
    replaced.chain(kept).chain([mismatch]).chain(telling).collect()
}
