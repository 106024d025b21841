use super::*;
use proptest::prelude::*;

#[test]
fn foreign_text_becomes_one_clean_line() {
    for (text, want, why) in [
        ("a\r\n\tb  c ", "a b c", "breaks and runs of spaces"),
        (
            "\u{1b}[31mred\u{7}",
            "[31mred",
            "escapes lose their control character",
        ),
        ("abc\u{202e}fed", "abc fed", "text that reads backwards"),
        ("a\u{200b}b\u{feff}", "a b", "what is not seen"),
        ("Größe", "Größe", "letters stay"),
        ("", "", "empty"),
    ] {
        assert_eq!(one_line(text), want, "{why}");
    }
}

#[test]
fn a_lambda_failure_says_its_message() {
    for (cause, want, why) in [
        (
            r#"{"errorType":"Backup.Corrupt","errorMessage":"at byte 7"}"#,
            (Some("Backup.Corrupt"), "at byte 7"),
            "ours",
        ),
        (
            r#"{"errorMessage":"out of memory","trace":[]}"#,
            (None, "out of memory"),
            "no type",
        ),
        (
            r#"{"errorType":"X","errorMessage":""}"#,
            (Some("X"), r#"{"errorType":"X","errorMessage":""}"#),
            "an empty message says less than the whole",
        ),
        (
            r#"{"errorType":"Backup.Cor"#,
            (None, r#"{"errorType":"Backup.Cor"#),
            "cut by Step Functions",
        ),
        ("plain words", (None, "plain words"), "no JSON"),
        (r#""a string""#, (None, r#""a string""#), "JSON, but no object"),
    ] {
        let (error, message) = lambda_cause(cause);
        assert_eq!((error.as_deref(), message.as_str()), want, "{why}");
    }
}

#[test]
fn times_sizes_and_counts() {
    let seconds = SignedDuration::from_secs;
    for (duration, want) in [
        (59, "0 min"),
        (-90, "0 min"),
        (12 * 60, "12 min"),
        (5 * 3600 + 720, "5 h 12 min"),
        (86_400, "1 day 0 h"),
        (3 * 86_400 + 7200, "3 days 2 h"),
    ] {
        assert_eq!(span(seconds(duration)), want);
    }
    for (number, want) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(count(number), want);
    }
    for (number, want) in [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (999_999, "999.9 kB"),
        (1_000_000, "1.0 MB"),
        (5_368_709_120, "5.3 GB"),
        (u64::MAX, "18446.7 PB"),
    ] {
        assert_eq!(bytes(number), want);
    }
    assert_eq!(plural(1, "shard"), "1 shard");
    assert_eq!(plural(1200, "key"), "1,200 keys");
    assert_eq!(
        time("2026-11-20T03:04:59Z".parse().unwrap()),
        "2026-11-20 03:04 UTC"
    );
}

#[test]
fn clipping_says_how_much_is_gone() {
    assert_eq!(clip("short", 40), "short");
    assert_eq!(clip(&"x".repeat(50), 45), "xxxxx ... (45 cut)");
}

proptest! {
    #[test]
    fn a_subject_is_one_short_ascii_line(text in any::<String>()) {
        let subject = subject(&text);
        prop_assert!(subject.len() < 100);
        prop_assert!(subject.bytes().all(|b| (b' '..=b'~').contains(&b)));
    }

    #[test]
    fn clipping_keeps_its_bound(text in "\\PC{0,300}", max in 40_usize..200) {
        let clipped = clip(&text, max);
        prop_assert!(clipped.chars().count() <= max);
        prop_assert!(text.chars().count() > max || clipped == text);
    }

    #[test]
    fn a_cause_is_cut(cause in "\\PC{0,5000}") {
        let (_, text) = lambda_cause(&cause);
        prop_assert!(text.chars().count() <= CAUSE_MAX);
    }
}
