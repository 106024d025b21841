//! `keepWithin`: restic's duration of years, months, days and hours.

use crate::Error;
use jiff::{Span, Timestamp, tz::TimeZone};

/// A span such as `1y5m7d2h`: years, months (`m`, never minutes), days and hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeepWithin {
    years: u16,
    months: u16,
    days: u16,
    hours: u16,
}

/// What is allowed, for error texts.
const ALLOWED: &str =
    "years, months, days and hours such as `1y5m7d2h`, each at most once and at most 9999, not all 0";

impl KeepWithin {
    /// Reads restic's grammar (restic, `internal/data/duration.go`): number and unit, in any order. Where restic
    /// lets a later `7d` replace an earlier one, takes negative numbers and turns an empty text into no rule,
    /// each is refused here: it can only be a slip.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).ok_or_else(|| Error::invalid_input("retention.keepWithin", text, ALLOWED))
    }

    fn read(text: &str) -> Option<Self> {
        let (mut years, mut months, mut days, mut hours) = (None, None, None, None);
        let mut rest = text;
        while !rest.is_empty() {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            let number: u16 = rest[..digits].parse().ok().filter(|n| *n <= 9999)?;
            let slot = match rest.as_bytes().get(digits)? {
                b'y' => &mut years,
                b'm' => &mut months,
                b'd' => &mut days,
                b'h' => &mut hours,
                _ => return None,
            };
            if slot.replace(number).is_some() {
                return None;
            }
            rest = &rest[digits + 1..];
        }
        let or_zero = |n: Option<u16>| n.unwrap_or(0);
        let span = Self {
            years: or_zero(years),
            months: or_zero(months),
            days: or_zero(days),
            hours: or_zero(hours),
        };
        ([span.years, span.months, span.days, span.hours] != [0; 4]).then_some(span)
    }

    /// The instant this span before `newest`, by the calendar of `zone`: what is younger is within.
    ///
    /// A day that a month lacks becomes the month's last (29 February less a year is 28 February); restic runs
    /// over into the next month and keeps up to three days less.
    pub fn before(&self, newest: Timestamp, zone: &TimeZone) -> Timestamp {
        let span = Span::new()
            .years(self.years)
            .months(self.months)
            .days(self.days)
            .hours(self.hours);
        let since = newest.to_zoned(zone.clone()).checked_sub(span);
        // A span longer than the calendar holds everything.
        since.map_or(Timestamp::MIN, |since| since.timestamp())
    }
}

impl std::fmt::Display for KeepWithin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (n, unit) in [
            (self.years, 'y'),
            (self.months, 'm'),
            (self.days, 'd'),
            (self.hours, 'h'),
        ] {
            if n > 0 {
                write!(f, "{n}{unit}")?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn restics_grammar_without_its_slips() {
        for (text, want, why) in [
            ("1y5m7d2h", Some("1y5m7d2h"), "all four"),
            ("7d", Some("7d"), "one is enough"),
            ("2h1y", Some("1y2h"), "restic takes any order"),
            ("0y3d", Some("3d"), "a zero beside another"),
            ("9999y", Some("9999y"), "the upper bound"),
            ("10000d", None, "five digits"),
            ("", None, "empty keeps nothing"),
            ("0d", None, "zero keeps nothing"),
            ("7", None, "no unit"),
            ("d", None, "no number"),
            ("7w", None, "restic has no weeks"),
            ("7d7d", None, "twice"),
            ("-7d", None, "negative"),
            ("7 d", None, "a space"),
            ("7D", None, "upper case"),
            ("7d\u{661}h", None, "digits are ASCII"),
        ] {
            let read = KeepWithin::parse(text).ok().map(|span| span.to_string());
            assert_eq!(read.as_deref(), want, "{why}");
        }
    }

    #[test]
    fn the_calendar_counts() {
        for (span, newest, zone, want, why) in [
            (
                "1y",
                "2028-02-29T03:00:00Z",
                "UTC",
                "2027-02-28T03:00:00Z",
                "the leap day has no twin",
            ),
            (
                "1m",
                "2026-03-31T03:00:00Z",
                "UTC",
                "2026-02-28T03:00:00Z",
                "February is short",
            ),
            (
                "1d",
                "2026-03-29T10:00:00Z",
                "Europe/Berlin",
                "2026-03-28T11:00:00Z",
                "a day of 23 hours",
            ),
            (
                "24h",
                "2026-03-29T10:00:00Z",
                "Europe/Berlin",
                "2026-03-28T10:00:00Z",
                "hours are hours",
            ),
            (
                "1d",
                "2026-10-25T10:00:00Z",
                "Europe/Berlin",
                "2026-10-24T09:00:00Z",
                "a day of 25 hours",
            ),
        ] {
            let zone = TimeZone::get(zone).unwrap();
            let before = KeepWithin::parse(span)
                .unwrap()
                .before(newest.parse().unwrap(), &zone);
            assert_eq!(before.to_string(), want, "{why}");
        }
    }

    proptest! {
        #[test]
        fn what_is_printed_reads_back(years in 0_u16..9999, months in 0_u16..9999, days in 0_u16..9999, hours in 1_u16..9999) {
            let span = KeepWithin { years, months, days, hours };
            prop_assert_eq!(KeepWithin::parse(&span.to_string()), Ok(span));
            prop_assert!(span.before(Timestamp::UNIX_EPOCH, &TimeZone::UTC) < Timestamp::UNIX_EPOCH);
        }
    }
}
