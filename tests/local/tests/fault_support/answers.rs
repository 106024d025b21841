//! Answers that are not what the service meant to say: from a load balancer, cut on their way, or of an unknown kind.

use super::calls::{
    ALERT, COPY, CREATE, CREATE_SERVERLESS, Call, DELETE_SNAPSHOT, EXPORT_SERVERLESS, HISTORY, LIST,
    MANIFEST, MARKER, PRUNE_LIST, READ, READ_MIDDLE, REGION, STATUS, TELL, VERDICT,
};
use super::{Cell, End};
use local::wire::{Damage, Disturbance, Foreign, Instead};
use sim::world::AwsError;

const UNEXPECTED: End = End::Fails("Backup.Unexpected");

/// A read and a mutation of `ElastiCache`; list, get and put of S3; a publish.
const CALLS: [Call; 6] = [STATUS, COPY, LIST, READ, VERDICT, TELL];

/// A load balancer's page.
fn page(status: u16, title: &str) -> Instead {
    Instead::Foreign(Foreign {
        status,
        content_type: "text/html",
        body: format!("<html>\r\n<body><center><h1>{status} {title}</h1></center></body>\r\n</html>\r\n"),
    })
}

fn foreign(status: u16, content_type: &'static str, body: &str) -> Instead {
    Instead::Foreign(Foreign {
        status,
        content_type,
        body: body.to_owned(),
    })
}

fn error(status: u16, code: &str, message: &str) -> Instead {
    Instead::Error(AwsError::new(status, code, message))
}

/// What comes in place of the answer, before any effect; every one of the calls must end so.
fn before() -> Vec<(&'static str, Instead, End, &'static str)> {
    const PASSES: &str = "a status of 5xx passes";
    let json = r#"{"message":"Service Unavailable"}"#;
    vec![
        ("502 with a page", page(502, "Bad Gateway"), End::Recovers, PASSES),
        (
            "503 with a page",
            page(503, "Service Temporarily Unavailable"),
            End::Recovers,
            PASSES,
        ),
        (
            "504 with a page",
            page(504, "Gateway Time-out"),
            End::Recovers,
            PASSES,
        ),
        ("500 without a body", foreign(500, "", ""), End::Recovers, PASSES),
        (
            "503 with JSON",
            foreign(503, "application/json", json),
            End::Recovers,
            PASSES,
        ),
        (
            "429 with a page",
            page(429, "Too Many Requests"),
            End::Recovers,
            "throttling passes",
        ),
        (
            "503 SlowDown",
            error(503, "SlowDown", "Please reduce your request rate."),
            End::Recovers,
            "throttling passes",
        ),
        (
            "400 with an unknown code",
            error(400, "TeapotShort", "short and stout"),
            UNEXPECTED,
            "nobody knows whether it passes, so a person looks",
        ),
    ]
}

/// Redirects, which no service but S3 means by anything.
fn redirects() -> Vec<Cell> {
    let permanent = || {
        error(
            301,
            "PermanentRedirect",
            "The bucket must be addressed elsewhere.",
        )
    };
    let s3 = [LIST, READ, VERDICT].map(|call| {
        let end = End::Fails("Backup.BucketWrongRegion");
        let why = "S3 redirects to the bucket's Region, and no attempt of this run goes there";
        Cell::new(
            call,
            "301 PermanentRedirect",
            Disturbance::Before(permanent()),
            end,
            why,
        )
    });
    let others = [STATUS, COPY, TELL].map(|call| {
        let moved = Disturbance::Before(page(301, "Moved Permanently"));
        Cell::new(
            call,
            "301 with a page",
            moved,
            UNEXPECTED,
            "a proxy in between, which a person mends",
        )
    });
    s3.into_iter().chain(others).collect()
}

/// A lost answer of a call that took effect.
const LOST: &str = "the effect took place, and is found";

/// Calls that changed something, answered by somebody else.
fn after() -> Vec<Cell> {
    let lost = |call, told| {
        let bad = Disturbance::After(page(502, "Bad Gateway"));
        Cell::new(
            call,
            "502 with a page, after the effect",
            bad,
            End::Recovers,
            LOST,
        )
        .told(told)
    };
    vec![
        lost(CREATE, 1),
        lost(CREATE_SERVERLESS, 1),
        lost(COPY, 1),
        lost(EXPORT_SERVERLESS, 1),
        lost(MANIFEST, 1),
        lost(DELETE_SNAPSHOT, 1),
        // SNS has no token for a publish either: the SDK repeats it.
        lost(TELL, 2),
    ]
}

/// Answers that end before they are whole, in a way that HTTP sees. A put answers without a body to miss anything from.
fn cut() -> Vec<Cell> {
    const AGAIN: &str = "the piece is read again";
    let cut = |(call, damage, told, why)| {
        let what = match damage {
            Damage::CutChunks => "the connection ends amid chunks",
            _ => "less comes than is announced",
        };
        Cell::new(call, what, Disturbance::Damaged(damage), End::Recovers, why).told(told)
    };
    [
        (STATUS, Damage::CutChunks, 1, "the SDK asks again"),
        (STATUS, Damage::CutShort, 1, "the SDK asks again"),
        (CREATE, Damage::CutChunks, 1, LOST),
        (CREATE, Damage::CutShort, 1, LOST),
        (COPY, Damage::CutChunks, 1, LOST),
        (COPY, Damage::CutShort, 1, LOST),
        (LIST, Damage::CutChunks, 1, "the SDK asks again"),
        (LIST, Damage::CutShort, 1, "the SDK asks again"),
        (READ, Damage::CutChunks, 1, AGAIN),
        (READ_MIDDLE, Damage::CutShort, 1, AGAIN),
        (TELL, Damage::CutChunks, 2, "nobody knows that it was told"),
        (TELL, Damage::CutShort, 2, "nobody knows that it was told"),
    ]
    .map(cut)
    .to_vec()
}

/// Answers with 200 that lack their second half, and nothing of HTTP shows it.
fn halved() -> Vec<Cell> {
    const HALF: Disturbance = Disturbance::Damaged(Damage::Truncated);
    let xml = |call, end, why| Cell::new(call, "half the XML, with 200", HALF, end, why);
    let unavailable = End::Fails("Backup.ServiceUnavailable");
    vec![
        xml(STATUS, End::Recovers, "what is not known yet is asked again"),
        xml(
            CREATE,
            End::Recovers,
            "200 is a success, whatever the answer lacks",
        ),
        xml(COPY, End::Recovers, "200 is a success, whatever the answer lacks"),
        xml(TELL, End::Recovers, "200 is a success, whatever the answer lacks"),
        xml(
            LIST,
            unavailable,
            "a list that lacks what it announces is no proof that an object is missing",
        )
        .always(),
        xml(
            PRUNE_LIST,
            End::Recovers,
            "a list that lacks what it announces is read again",
        ),
        Cell::new(
            READ,
            "half the range, as if that were all",
            HALF,
            UNEXPECTED,
            "S3 does not do that, so nothing it says of the object can be trusted",
        ),
    ]
}

/// What meets `notify` while it tells a failure must not keep it from telling, nor change what it tells.
fn while_telling() -> Vec<Cell> {
    let end = End::Fails("Backup.BucketNotGranted");
    let odd = || Disturbance::Before(error(400, "TeapotShort", "short and stout"));
    let cell = |call, what, disturbance, why| Cell::new(call, what, disturbance, end, why);
    let bad = || Disturbance::Before(page(502, "Bad Gateway"));
    vec![
        cell(
            ALERT,
            "502 with a page",
            bad(),
            "EventBridge has it called again, or the SDK asks again",
        ),
        cell(
            ALERT,
            "400 with an unknown code",
            odd(),
            "EventBridge has it called again",
        ),
        cell(MARKER, "502 with a page", bad(), "the SDK asks again"),
        cell(HISTORY, "502 with a page", bad(), "the SDK asks again"),
        cell(
            HISTORY,
            "400 with an unknown code",
            odd(),
            "what the history would add is left out",
        )
        .always(),
    ]
}

/// Where the bucket is, asked before anything is made.
fn region() -> Vec<Cell> {
    let bad = Disturbance::Before(page(502, "Bad Gateway"));
    let odd = Disturbance::Before(error(400, "TeapotShort", "short and stout"));
    vec![
        Cell::new(
            REGION,
            "502 with a page",
            bad,
            End::Recovers,
            "the SDK asks again",
        ),
        Cell::new(
            REGION,
            "400 with an unknown code",
            odd,
            UNEXPECTED,
            "a person looks",
        ),
    ]
}

/// All answers.
pub(crate) fn cells() -> Vec<Cell> {
    let before = before().into_iter().flat_map(|(what, instead, end, why)| {
        CALLS.map(|call| Cell::new(call, what, Disturbance::Before(instead.clone()), end, why))
    });
    before
        .chain(redirects())
        .chain(after())
        .chain(cut())
        .chain(halved())
        .chain(while_telling())
        .chain(region())
        .collect()
}
