//! The instant of a run: the scheduled minute, UTC.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A minute in UTC, spelled `<yyyymmdd>t<hhmm>z` everywhere and `<yyyymmddhhmm>` inside snapshot names.
///
/// Years 2000 to 9999, so that every spelling has its fixed width and sorts as time does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Instant(Timestamp);

impl Instant {
    /// The minute that `at` lies in; `None` outside the years 2000 to 9999.
    pub fn of(at: Timestamp) -> Option<Self> {
        let minute = Timestamp::from_second(at.as_second().div_euclid(60) * 60).ok()?;
        let year = minute.to_zoned(jiff::tz::TimeZone::UTC).year();
        (2000..=9999).contains(&year).then_some(Self(minute))
    }

    /// The first second of the minute.
    pub fn timestamp(self) -> Timestamp {
        self.0
    }

    /// `202611200304`, the form inside snapshot names.
    pub fn compact(self) -> String {
        self.0.strftime("%Y%m%d%H%M").to_string()
    }

    /// Reads `20261120t0304z`.
    pub fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.strip_suffix('z')?.split_once('t')?;
        if date.len() != 8 || time.len() != 4 {
            return None;
        }
        Self::parse_compact(&format!("{date}{time}"))
    }

    /// Reads `202611200304`.
    pub fn parse_compact(text: &str) -> Option<Self> {
        if text.len() != 12 || !text.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let field = |from: usize, to: usize| text[from..to].parse::<i8>().ok();
        let year = text[..4].parse::<i16>().ok()?;
        let at = jiff::civil::DateTime::new(
            year,
            field(4, 6)?,
            field(6, 8)?,
            field(8, 10)?,
            field(10, 12)?,
            0,
            0,
        )
        .ok()?;
        Self::of(at.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    }
}

impl std::fmt::Display for Instant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.strftime("%Y%m%dt%H%Mz"))
    }
}

impl TryFrom<String> for Instant {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).ok_or_else(|| format!("`{text}` is no instant, allowed is `<yyyymmdd>t<hhmm>z`"))
    }
}

impl From<Instant> for String {
    fn from(instant: Instant) -> Self {
        instant.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spelled_and_read() {
        let at: Timestamp = "2026-11-20T03:04:59.9Z".parse().unwrap();
        let instant = Instant::of(at).unwrap();
        assert_eq!(instant.to_string(), "20261120t0304z");
        assert_eq!(instant.compact(), "202611200304");
        assert_eq!(
            instant.timestamp().to_string(),
            "2026-11-20T03:04:00Z",
            "cut to the minute"
        );
        for (text, why) in [
            ("20261120t0304", "no zone"),
            ("20261120T0304Z", "upper case is another key"),
            ("20261320t0304z", "month 13"),
            ("20260230t0304z", "no such day"),
            ("20261120t2460z", "minute 60"),
            ("2026112t00304z", "widths shifted"),
            ("2026+120t0304z", "a sign is no digit"),
            ("", "empty"),
        ] {
            assert_eq!(Instant::parse(text), None, "{why}");
        }
        assert_eq!(
            Instant::of("1999-12-31T23:59:59Z".parse().unwrap()),
            None,
            "before any ElastiCache"
        );
    }

    proptest! {
        #[test]
        fn reads_back_and_sorts_as_time(a in 946_684_800_i64..253_402_207_200, b in 946_684_800_i64..253_402_207_200) {
            let of = |s| Instant::of(Timestamp::from_second(s).unwrap()).unwrap();
            prop_assert_eq!(Instant::parse(&of(a).to_string()), Some(of(a)));
            prop_assert_eq!(Instant::parse_compact(&of(a).compact()), Some(of(a)));
            prop_assert_eq!(of(a).to_string().cmp(&of(b).to_string()), of(a).cmp(&of(b)));
        }
    }
}
