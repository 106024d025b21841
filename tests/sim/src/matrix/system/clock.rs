//! Clocks that disagree, and times at which calendars turn.

use super::SystemCell;
use super::look::{Ended, ONE_NIGHT, SERVERLESS, Stand, TWO_NIGHTS, call, cell, instant, nights_before};
use crate::asl::Status;
use crate::matrix::{Act, Plan};
use crate::ports::{Effect, Strike};
use crate::stage::Interference;
use crate::world::AwsError;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

const GROUP: &str = "clock";

/// How far the state machine's clock is off: at each call, and at every other one.
#[derive(Clone, Copy)]
struct Skew {
    name: &'static str,
    stand: &'static Stand,
    minutes: i64,
    alternates: bool,
}

const SKEWS: [Skew; 6] = [
    skew("five minutes ahead", &TWO_NIGHTS, 5, false),
    skew("five minutes behind", &TWO_NIGHTS, -5, false),
    skew("five minutes off, either way by turns", &TWO_NIGHTS, 5, true),
    skew("five minutes ahead, serverless", &SERVERLESS, 5, false),
    skew("five minutes behind, serverless", &SERVERLESS, -5, false),
    skew(
        "five minutes off, either way by turns, serverless",
        &SERVERLESS,
        5,
        true,
    ),
];

const fn skew(name: &'static str, stand: &'static Stand, minutes: i64, alternates: bool) -> Skew {
    Skew {
        name,
        stand,
        minutes,
        alternates,
    }
}

/// A run due at a time at which a calendar turns.
const DATES: [(&str, &str); 5] = [
    ("midnight", "2026-03-05T23:58:00Z"),
    ("the year's last minute", "2026-12-31T23:59:00Z"),
    ("the year's first minute", "2027-01-01T00:00:00Z"),
    ("leap day", "2028-02-29T02:00:00Z"),
    ("the leap day's last minute", "2028-02-29T23:59:00Z"),
];

/// All cells of the group.
pub(super) fn cells() -> Vec<SystemCell> {
    let skews = SKEWS
        .iter()
        .map(|skew| cell(GROUP, skew.name, skew.stand, move |act| skewed(act, *skew)));
    let dates = DATES
        .iter()
        .map(|(name, at)| cell(GROUP, *name, &TWO_NIGHTS, move |act| dated(act, at)));
    let ahead = [
        ("prune a day ahead", 40),
        ("prune a day ahead, newest suspicious", 3),
    ];
    let ahead = ahead
        .into_iter()
        .map(|(name, keys)| cell(GROUP, name, &TWO_NIGHTS, move |act| a_day_ahead(act, keys)));
    let rest = [
        cell(
            GROUP,
            "prune a day ahead, leftovers of a failed night",
            &TWO_NIGHTS,
            leftovers,
        ),
        cell(GROUP, "summer time begins", &ONE_NIGHT, |act| {
            calendar(act, &SPRING)
        }),
        cell(GROUP, "summer time ends", &ONE_NIGHT, |act| {
            calendar(act, &AUTUMN)
        }),
        cell(
            GROUP,
            "signatures refused for the time they bear",
            &TWO_NIGHTS,
            refused,
        ),
        cell(GROUP, "all objects of one second", &TWO_NIGHTS, one_second),
        cell(GROUP, "scheduled a month ago", &TWO_NIGHTS, long_ago),
        cell(GROUP, "scheduled two days ahead", &TWO_NIGHTS, too_early),
    ];
    skews.chain(dates).chain(ahead).chain(rest).collect()
}

/// The payload with its `now` moved.
fn moved(payload: &Value, by: SignedDuration) -> Interference {
    let mut payload = payload.clone();
    let now: Option<Timestamp> = payload["now"].as_str().and_then(|now| now.parse().ok());
    if let Some(now) = now {
        payload["now"] = json!((now + by).to_string());
    }
    Interference::With(payload)
}

async fn skewed(act: Act, skew: Skew) -> Ended {
    let (mut by, alternates) = (SignedDuration::from_mins(skew.minutes), skew.alternates);
    act.stage.functions.meddle(move |call| {
        if alternates {
            by = -by;
        }
        moved(&call.payload, by)
    });
    let ended = act.night(act.input()).await;
    act.unmeddled();
    act.must_have(&[0, 1]);
    ended
}

/// A sandbox whose clock is off signs with a time that AWS takes for past or future; the next one's is right.
async fn refused(act: Act) -> Ended {
    let query = "Signature expired: 20260304T014000Z is now earlier than 20260304T014500Z (20260304T020000Z - 15 min.)";
    let s3 = "The difference between the request time and the current time is too large.";
    for (place, operation, code, text) in [
        ("CreateSnapshot", "CreateSnapshot", "SignatureDoesNotMatch", query),
        ("CopyToS3", "CopySnapshot", "SignatureDoesNotMatch", query),
        ("VerifyObject", "GetObject", "RequestTimeTooSkewed", s3),
        ("RecordBackup", "PutObject", "RequestTimeTooSkewed", s3),
    ] {
        let refusal = Strike::Answer(AwsError::new(403, code, text), Effect::None);
        act.strike(call(place, operation), 0, "", Plan::Times(refusal, 2));
    }
    let ended = act.night(act.input()).await;
    let struck = act.disturber.struck();
    act.must(struck == 8, "each refuses twice", format!("{struck} refusals"));
    act.must_have(&[0, 1]);
    ended
}

/// Tonight holds so many keys, and prune believes it is tomorrow.
async fn a_day_ahead(act: Act, keys: u16) -> Ended {
    act.hold(keys);
    prune_a_day_ahead(&act);
    let ended = act.night(act.input()).await;
    act.unmeddled();
    act.must_have(if keys < 20 { &[0, 1, 2] } else { &[0, 1] });
    ended
}

fn prune_a_day_ahead(act: &Act) {
    act.stage.functions.meddle(|call| match call.state.as_str() {
        "Prune" => moved(&call.payload, SignedDuration::from_hours(24)),
        _ => Interference::Pass,
    });
}

/// A failed night's objects, which a re-drive may still want, stay.
async fn leftovers(act: Act) -> Ended {
    let failed = act.due - SignedDuration::from_hours(14 * 24);
    let folder = act.folder(failed);
    let shard = format!("{folder}orders-0001.rdb");
    let marker = format!("{folder}alert-0.json");
    act.put([shard.clone()], b"REDIS");
    act.put([marker.clone()], br#"{"owner":"main/nightly"}"#);
    prune_a_day_ahead(&act);
    let ended = act.night(act.input()).await;
    act.unmeddled();
    act.must_keep(&[shard, marker]);
    act.must_have(&[0, 1]);
    ended
}

async fn dated(act: Act, at: &str) -> Ended {
    let at: Timestamp = at.parse().unwrap_or(act.due);
    act.wait_until(at).await;
    let ended = act.night(act.scene.input(at)).await;
    let wanted = [instant(nights_before(act.due, 1)), instant(at)];
    let found = act.manifests();
    act.must(
        found == wanted,
        "the right backups stay",
        format!("{found:?}, not {wanted:?}"),
    );
    let name = act.scene.snapshot_name(at);
    let left = act.snapshots();
    act.must(
        left == [name.clone()],
        "one snapshot stays",
        format!("{left:?}, not {name}"),
    );
    ended
}

/// Runs around a change of the clocks, and those that the zone's own days or hours keep.
struct Calendar {
    retention: &'static str,
    runs: &'static [&'static str],
    stays: &'static [&'static str],
}

/// By the zone's clocks these are 23:30 on the 28th, 0:30 and, in summer time, 23:30 on the 29th, and 0:30 on the 30th.
const SPRING: Calendar = Calendar {
    retention: r#"{"keepDaily": 2, "timeZone": "Europe/Berlin"}"#,
    runs: &[
        "2026-03-28T22:30:00Z",
        "2026-03-28T23:30:00Z",
        "2026-03-29T21:30:00Z",
        "2026-03-29T22:30:00Z",
    ],
    stays: &["20260329t2130z", "20260329t2230z"],
};

/// By the zone's clocks these are 1:10, 2:10, 2:10 again and 3:10: the hour that comes twice is one to `keepHourly`.
const AUTUMN: Calendar = Calendar {
    retention: r#"{"keepHourly": 3, "timeZone": "Europe/Berlin"}"#,
    runs: &[
        "2026-10-24T23:10:00Z",
        "2026-10-25T00:10:00Z",
        "2026-10-25T01:10:00Z",
        "2026-10-25T02:10:00Z",
    ],
    stays: &["20261024t2310z", "20261025t0110z", "20261025t0210z"],
};

async fn calendar(act: Act, calendar: &Calendar) -> Ended {
    let retention: Value = serde_json::from_str(calendar.retention).unwrap_or_default();
    let mut last = None;
    for (place, at) in calendar.runs.iter().enumerate() {
        let at: Timestamp = at.parse().unwrap_or(act.due);
        act.wait_until(at).await;
        let mut input = act.scene.input(at);
        input["retention"] = retention.clone();
        if place + 1 < calendar.runs.len() {
            let run = act.quietly(&format!("run-{place}"), input).await;
            act.must(
                run.status() == Status::Succeeded,
                "every run succeeds",
                at.to_string(),
            );
        } else {
            last = Some(act.night(input).await);
        }
    }
    let found = act.manifests();
    act.must(
        found == calendar.stays,
        "the zone's own days and hours count",
        format!("{found:?}"),
    );
    let Some(last) = last else {
        return act.night(act.input()).await;
    };
    last
}

/// Somebody wrote every object anew, within one second, in an order of their own.
async fn one_second(act: Act) -> Ended {
    let mut keys = act.keys("backups/");
    keys.reverse();
    for key in keys {
        let body = act.read(&key);
        act.put([key], &body);
    }
    let ended = act.night(act.input()).await;
    act.must_have(&[0, 1]);
    ended
}

/// A run by hand with a scheduled time long past: its data are tonight's all the same, so they stay.
async fn long_ago(act: Act) -> Ended {
    let at = nights_before(act.due, 30);
    let (run, end) = act.night(act.scene.input(at)).await;
    let wanted = [instant(at), instant(nights_before(act.due, 1))];
    let found = act.manifests();
    act.must(
        found == wanted,
        "the newest data stay",
        format!("{found:?}, not {wanted:?}"),
    );
    // The night after is a night as any other.
    let next = nights_before(act.due, -1);
    act.wait_until(next).await;
    let next = act.quietly("next", act.scene.input(next)).await;
    let error = next.with(|e| e.error.clone());
    act.must(
        next.status() == Status::Succeeded,
        "the next night succeeds",
        format!("{error:?}"),
    );
    (run, end)
}

/// A scheduled time that lies ahead is a mistake, and a backup under it would be the newest for two days.
async fn too_early(act: Act) -> Ended {
    let ended = act.night(act.scene.input(nights_before(act.due, -2))).await;
    act.must_have(&[1, 2]);
    let made = act.snapshots().len();
    act.must(
        made == 1,
        "nothing is made",
        format!("{made} snapshots, not last night's alone"),
    );
    ended
}
