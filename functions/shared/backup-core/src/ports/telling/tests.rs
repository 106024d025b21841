//! Histories as `GetExecutionHistory` gives them, written down oldest first.

use super::*;
use proptest::prelude::*;

fn entered(id: i64, previous: i64, state: &str) -> EndEvent {
    EndEvent {
        entered: Some(state.to_owned()),
        ..other(id, previous)
    }
}

fn failed(id: i64, previous: i64, error: &str) -> EndEvent {
    EndEvent {
        failure: Some((error.to_owned(), Some(format!("cause of {error}")))),
        ..other(id, previous)
    }
}

fn other(id: i64, previous: i64) -> EndEvent {
    EndEvent {
        id,
        previous,
        ..EndEvent::default()
    }
}

fn check<const N: usize>(oldest_first: [EndEvent; N], state: &str, error: &str, why: &str) {
    let newest_first: Vec<_> = oldest_first.into_iter().rev().collect();
    let found = FailedState::read(&newest_first);
    assert_eq!(found.state.as_deref().unwrap_or("none"), state, "{why}");
    assert_eq!(found.error.as_deref().unwrap_or("none"), error, "{why}");
    let cause = found.error.map(|error| format!("cause of {error}"));
    assert_eq!(found.cause, cause, "{why}: error and cause are of one event");
}

#[test]
fn one_strand_names_the_state_that_failed_and_its_newest_failure() {
    let fatal = [
        other(1, 0),
        entered(2, 1, "CopyToS3"),
        failed(3, 2, "Backup.BucketNotGranted"),
        failed(4, 3, "Backup.BucketNotGranted"),
    ];
    check(fatal, "CopyToS3", "Backup.BucketNotGranted", "one task fails");
    let retried = [
        entered(2, 1, "CheckExport"),
        failed(3, 2, "Backup.CacheBusy"),
        other(4, 3),
        failed(5, 4, "States.Timeout"),
    ];
    check(
        retried,
        "CheckExport",
        "States.Timeout",
        "the last attempt timed out",
    );
    let mended = [
        entered(2, 1, "CreateSnapshot"),
        failed(3, 2, "Backup.Throttled"),
        entered(4, 3, "WaitForExport"),
        other(5, 0),
    ];
    let why = "a time-out while waiting is not the fault of an attempt long mended";
    check(mended, "WaitForExport", "none", why);
    let evaluated = [
        entered(2, 1, "WaitForTurn"),
        failed(3, 2, "States.QueryEvaluationError"),
    ];
    check(
        evaluated,
        "WaitForTurn",
        "States.QueryEvaluationError",
        "a state that is no task",
    );
}

#[test]
fn of_parallel_strands_the_one_that_ended_the_execution_counts() {
    let later = [
        entered(2, 1, "VerifyObject"),
        entered(3, 1, "WaitForTurn"),
        failed(4, 2, "Backup.Corrupt"),
        entered(5, 3, "OtherState"),
        failed(6, 4, "Backup.Corrupt"),
    ];
    let why = "another iteration entered a state after the failing one did";
    check(later, "VerifyObject", "Backup.Corrupt", why);
    let both = [
        entered(2, 1, "VerifyObject"),
        entered(3, 1, "VerifyObject"),
        failed(4, 2, "Backup.Corrupt"),
        failed(5, 3, "Backup.Throttled"),
        failed(6, 4, "Backup.Corrupt"),
    ];
    let why = "another iteration's failed attempt is younger and did not end it";
    check(both, "VerifyObject", "Backup.Corrupt", why);
    let wide = [
        entered(2, 1, "VerifyObjects"),
        entered(3, 2, "VerifyObject"),
        entered(4, 2, "VerifyObject"),
        failed(5, 4, "Backup.ObjectChanged"),
        other(6, 3),
        other(7, 5),
    ];
    let why = "the end follows the failed attempt, with the Map's own events between";
    check(wide, "VerifyObject", "Backup.ObjectChanged", why);
}

#[test]
fn a_history_that_cannot_be_followed_tells_what_it_can() {
    check([], "none", "none", "no events at all");
    check(
        [failed(900, 899, "E")],
        "none",
        "E",
        "the state lies beyond the page",
    );
    check([other(7, 8), other(8, 7)], "none", "none", "a circle ends");
    check([other(3, 3)], "none", "none", "an event after itself");
    let aborted = [entered(2, 1, "WaitForSnapshot"), failed(3, 0, "Operator.Stopped")];
    check(
        aborted,
        "WaitForSnapshot",
        "Operator.Stopped",
        "an abort has no strand",
    );
}

#[test]
fn an_error_without_a_cause_stays_one() {
    let end = EndEvent {
        failure: Some(("States.Timeout".to_owned(), None)),
        ..other(3, 2)
    };
    let found = FailedState::read(&[end, entered(2, 1, "CheckExport")]);
    assert_eq!(
        (found.error.as_deref(), found.cause),
        (Some("States.Timeout"), None)
    );
}

proptest! {
    /// Whatever else goes on in other strands, what is told is the failing strand's.
    #[test]
    fn other_strands_never_change_what_is_told(noise in prop::collection::vec((0_u8..3, 0_usize..8), 0..40)) {
        let mut events = vec![entered(2, 1, "VerifyObject"), entered(3, 1, "Other")];
        let mut others = vec![3];
        let mut add = |events: &mut Vec<EndEvent>, (kind, after): (u8, usize)| {
            let (id, previous) = (i64::try_from(events.len()).unwrap() + 2, others[after % others.len()]);
            events.push(match kind {
                0 => entered(id, previous, "Other"),
                1 => failed(id, previous, "Other.Error"),
                _ => other(id, previous),
            });
            others.push(id);
        };
        let (before, between) = noise.split_at(noise.len() / 2);
        for event in before {
            add(&mut events, *event);
        }
        let attempt = i64::try_from(events.len()).unwrap() + 2;
        events.push(failed(attempt, 2, "Backup.Corrupt"));
        for event in between {
            add(&mut events, *event);
        }
        let end = i64::try_from(events.len()).unwrap() + 2;
        events.push(failed(end, attempt, "Backup.Corrupt"));
        events.reverse();
        let found = FailedState::read(&events);
        prop_assert_eq!(found.state.as_deref(), Some("VerifyObject"));
        prop_assert_eq!(found.error.as_deref(), Some("Backup.Corrupt"));
    }
}
