//! Numbers and bytes as hex text, for JSON that may pass through readers which keep numbers as doubles.

use std::fmt::Write as _;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number that may exceed 2^53.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Wide(pub(crate) u64);

/// A few bytes of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Bytes(pub(crate) Vec<u8>);

impl Serialize for Wide {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:x}", self.0))
    }
}

impl<'de> Deserialize<'de> for Wide {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        u64::from_str_radix(&text, 16).map(Self).map_err(D::Error::custom)
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let text = self.0.iter().fold(String::new(), |mut text, byte| {
            // Writing to a string cannot fail.
            let _ = write!(text, "{byte:02x}");
            text
        });
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digit = |byte: u8| {
            char::from(byte)
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok())
        };
        let pairs = text.as_bytes().chunks(2).map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        });
        let bytes = pairs.collect::<Option<_>>().map(Self);
        bytes.ok_or_else(|| D::Error::custom("expected pairs of hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_wide(value: u64, json: &str) {
        assert_eq!(serde_json::to_string(&Wide(value)).unwrap(), json);
        assert_eq!(serde_json::from_str::<Wide>(json).unwrap(), Wide(value));
    }

    #[test]
    fn numbers_keep_every_bit() {
        check_wide(0, "\"0\"");
        check_wide((1 << 53) + 1, "\"20000000000001\"");
        check_wide(u64::MAX, "\"ffffffffffffffff\"");
        for wrong in ["\"\"", "\"g\"", "\"10000000000000000\"", "1", "null"] {
            assert!(serde_json::from_str::<Wide>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn bytes_come_in_pairs_of_digits() {
        let bytes = Bytes(vec![0x00, 0x9f, 0xff]);
        assert_eq!(serde_json::to_string(&bytes).unwrap(), "\"009fff\"");
        assert_eq!(serde_json::from_str::<Bytes>("\"009FfF\"").unwrap(), bytes);
        assert_eq!(serde_json::from_str::<Bytes>("\"\"").unwrap(), Bytes::default());
        for wrong in ["\"0\"", "\"0g\"", "\"é\"", "\"+1\"", "7"] {
            assert!(serde_json::from_str::<Bytes>(wrong).is_err(), "{wrong}");
        }
    }
}
