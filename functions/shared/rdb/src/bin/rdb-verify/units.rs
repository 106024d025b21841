//! Numbers as people read them.

use jiff::Timestamp;
use std::time::Duration;

/// `12,345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 key`, `2 keys`, `3 libraries`.
pub(crate) fn plural(number: u64, thing: &str) -> String {
    let things = match thing.strip_suffix('y') {
        Some(stem) if !stem.ends_with('e') => format!("{stem}ies"),
        _ => format!("{thing}s"),
    };
    format!("{} {}", count(number), if number == 1 { thing } else { &things })
}

/// `512 B`, `3.0 MB`: powers of ten, cut to one digit.
pub(crate) fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1000 {
        return format!("{number} B");
    }
    let mut tenths = number / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", count(tenths / 10), tenths % 10, UNITS[unit])
}

/// How much `part` is of `whole`, in thousandths, cut.
pub(crate) fn per_mille(part: u64, whole: u64) -> u64 {
    let thousandths = u128::from(part) * 1000 / u128::from(whole.max(1));
    u64::try_from(thousandths).unwrap_or(u64::MAX)
}

/// `83.7%`; `< 0.1%` for what is little but something.
pub(crate) fn share(part: u64, whole: u64) -> String {
    match per_mille(part, whole) {
        0 if part > 0 => "< 0.1%".to_owned(),
        tenths => format!("{}.{}%", tenths / 10, tenths % 10),
    }
}

/// `0.4 s (1,530 MB/s)`; nothing for a time in which the system's own work is most of it.
pub(crate) fn speed(bytes: u64, took: Duration) -> Option<String> {
    let millis = u64::try_from(took.as_millis())
        .ok()
        .filter(|&millis| millis > 0)?;
    let tenths = millis / 100;
    let megabytes = count(bytes / 1000 / millis);
    (bytes >= 8_000_000).then(|| format!("{}.{} s ({megabytes} MB/s)", count(tenths / 10), tenths % 10))
}

/// `2026-11-20 03:00:17 UTC`.
pub(crate) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_commas_and_plurals() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        assert_eq!(plural(1, "key"), "1 key");
        assert_eq!(plural(0, "key"), "0 keys");
        assert_eq!(plural(1, "library"), "1 library");
        assert_eq!(plural(2000, "library"), "2,000 libraries");
    }

    #[test]
    fn bytes_have_one_digit_behind_the_point() {
        for (number, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_999, "999.9 kB"),
            (5_300_000_000, "5.3 GB"),
            (u64::MAX, "18,446.7 PB"),
        ] {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn a_share_is_never_rounded_up_nor_away() {
        for (part, whole, text) in [
            (0, 0, "0.0%"),
            (0, 7, "0.0%"),
            (1, 1_000_000, "< 0.1%"),
            (999_999, 1_000_000, "99.9%"),
            (7, 7, "100.0%"),
            (u64::MAX, u64::MAX, "100.0%"),
        ] {
            assert_eq!(share(part, whole), text);
        }
    }

    #[test]
    fn only_long_reads_have_a_speed() {
        let speed = |bytes, millis| speed(bytes, Duration::from_millis(millis));
        assert_eq!(speed(612_000_000, 400).as_deref(), Some("0.4 s (1,530 MB/s)"));
        assert_eq!(speed(1000, 400), None, "a small file");
        assert_eq!(speed(612_000_000, 0), None, "a clock that stood still");
    }

    #[test]
    fn instants_are_in_utc() {
        let at = "2026-11-20T04:00:17+01:00".parse().unwrap();
        assert_eq!(instant(at), "2026-11-20 03:00:17 UTC");
    }
}
