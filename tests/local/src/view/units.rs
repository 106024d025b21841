//! Numbers as people read them.

use jiff::{SignedDuration, Timestamp};

/// `12,345`.
pub fn count(number: u64) -> String {
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

/// `512 B`, `3.0 MB`: powers of ten, cut to one digit.
pub fn bytes(number: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1000 {
        return format!("{number} B");
    }
    // Tenths of the unit, cut, as in the messages that `notify` sends; the largest unit takes what is left.
    let mut tenths = number / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// `1 s`, `3 min 20 s`, `2 h 5 min`; below ten seconds with tenths.
pub fn span(duration: SignedDuration) -> String {
    let duration = duration.max(SignedDuration::ZERO);
    let (hours, minutes, seconds) = (
        duration.as_hours(),
        duration.as_mins() % 60,
        duration.as_secs() % 60,
    );
    match (hours, duration.as_mins()) {
        (0, 0) if seconds < 10 => format!("{seconds}.{} s", duration.subsec_millis() / 100),
        (0, 0) => format!("{seconds} s"),
        (0, _) => format!("{minutes} min {seconds} s"),
        _ => format!("{hours} h {minutes} min"),
    }
}

/// `2026-11-20 03:00`, in UTC.
pub fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// `03:00:17`, in UTC.
pub fn second(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

/// Bytes per millisecond as `212 MB/s` or `60 kB/s`; nothing where no time passed.
pub fn speed(bytes: u64, millis: u64) -> Option<String> {
    // Bytes per millisecond are thousands of bytes per second.
    let kilobytes = bytes.checked_div(millis)?;
    Some(match kilobytes {
        0..1000 => format!("{kilobytes} kB/s"),
        1000..10_000 => format!("{}.{} MB/s", kilobytes / 1000, kilobytes % 1000 / 100),
        _ => format!("{} MB/s", count(kilobytes / 1000)),
    })
}

/// `1 key`, `2 keys`.
pub fn plural(number: u64, thing: &str) -> String {
    let s = if number == 1 { "" } else { "s" };
    format!("{} {thing}{s}", count(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_for_people() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(count(number), text);
        }
        let cases = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (999_999, "999.9 kB"),
            (3_000_000, "3.0 MB"),
            (5_300_000_000, "5.3 GB"),
            (u64::MAX, "18446.7 PB"),
        ];
        for (number, text) in cases {
            assert_eq!(bytes(number), text);
        }
    }

    #[test]
    fn spans_have_two_units_at_most() {
        let cases = [
            (0, "0.0 s"),
            (1250, "1.2 s"),
            (12_900, "12 s"),
            (200_000, "3 min 20 s"),
            (7_500_000, "2 h 5 min"),
        ];
        for (millis, text) in cases {
            assert_eq!(span(SignedDuration::from_millis(millis)), text);
        }
        assert_eq!(
            span(SignedDuration::from_secs(-5)),
            "0.0 s",
            "a clock that was set back"
        );
    }

    #[test]
    fn speed_is_in_megabytes_per_second() {
        assert_eq!(speed(3_000_000, 10).as_deref(), Some("300 MB/s"));
        assert_eq!(speed(3_000_000, 2000).as_deref(), Some("1.5 MB/s"));
        assert_eq!(speed(600, 10).as_deref(), Some("60 kB/s"));
        assert_eq!(speed(3_000_000, 0), None);
    }
}
