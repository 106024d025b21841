//! Outcomes for programs: one object per line. Names and the words of `status` are stable; new ones may be added.

use crate::outcome::{Found, Outcome, Status};
use rdb::{Broken, Verdict};
use serde::Serialize;

#[derive(Debug, Serialize)]
struct Line<'a> {
    path: &'a str,
    status: Status,
    /// Bytes that were read: all of a sound file, those up to the buffer with the flaw of a broken one.
    bytes: u64,
    /// Wall time.
    seconds: f64,
    /// Where the status is `sound`.
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'a Verdict>,
    /// Where the status is `corrupt`, `truncated`, `unsupported` or `not-judgeable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    broken: Option<&'a Broken>,
    /// Where the status is `unreadable`.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// One outcome, with its line break.
pub(crate) fn line(outcome: &Outcome) -> String {
    let (verdict, broken, error) = match &outcome.found {
        Found::Sound(verdict) => (Some(&**verdict), None, None),
        Found::Broken(broken) => (None, Some(broken), None),
        Found::Unreadable(problem) => (None, None, Some(problem.line())),
    };
    let line = Line {
        path: &outcome.path,
        status: outcome.status(),
        bytes: outcome.read,
        seconds: (outcome.took.as_secs_f64() * 1e6).round() / 1e6,
        verdict,
        broken,
        error,
    };
    // Nothing in it can fail to be written: its keys are texts, its numbers finite.
    serde_json::to_string(&line).map_or_else(|error| error.to_string(), |line| line + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::problem::Problem;
    use crate::report::samples;
    use expect_test::expect;
    use std::time::Duration;

    fn keys(line: &str) -> Vec<String> {
        let value: serde_json::Value = serde_json::from_str(line).unwrap();
        let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
        // Builds of the whole workspace keep the order of the text.
        keys.sort();
        keys
    }

    #[test]
    fn what_a_line_holds_depends_on_the_status() {
        let sound = line(&samples::sound());
        assert_eq!(keys(&sound), ["bytes", "path", "seconds", "status", "verdict"]);
        assert!(sound.ends_with("}\n") && sound.lines().count() == 1);
        expect![[r#"
            {"path":"cut.rdb","status":"truncated","bytes":343,"seconds":0.001234,"broken":{"kind":"truncated","offset":343,"meaning":"the file ends within a `score`","key":{"number":3,"database":0},"soundKeys":2}}
        "#]]
        .assert_eq(&line(&samples::truncated()));
        let gone = Outcome::unreadable("a\\n".into(), Problem::NoFiles { path: "a\\n".into() });
        expect![[r#"
            {"path":"a\\n","status":"unreadable","bytes":0,"seconds":0.0,"error":"the folder `a\\n` holds no file that ends in `.rdb`; name files of other names one by one"}
        "#]]
        .assert_eq(&line(&gone));
    }

    #[test]
    fn a_verdict_comes_back_as_it_went() {
        let outcome = samples::sound();
        let Found::Sound(verdict) = &outcome.found else {
            panic!("{outcome:?}")
        };
        let value: serde_json::Value = serde_json::from_str(&line(&outcome)).unwrap();
        let read: Verdict = serde_json::from_value(value["verdict"].clone()).unwrap();
        assert_eq!(&read, &**verdict);
    }

    #[test]
    fn seconds_have_microseconds() {
        let outcome = Outcome {
            took: Duration::from_nanos(1_500_000_499),
            ..samples::truncated()
        };
        assert!(line(&outcome).contains("\"seconds\":1.5,"));
    }
}
