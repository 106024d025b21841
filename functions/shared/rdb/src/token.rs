//! The smallest things in a file: lengths, string headers and scores.
//!
//! Each reader takes what is left of a piece and gives the token with the number of bytes it takes, or `None` when the
//! token goes on in the next piece. A token that is refused is refused whatever follows, so the answer never depends
//! on how the file was cut.

use crate::blob::entry::WHOLE;
use crate::broken::Flaw;

/// No token is longer: an ASCII score is one byte of length and up to 252 of text, an entry of a blob that is not
/// passed by has up to 256 bytes of text and a few of lengths.
pub(crate) const LONGEST: usize = WHOLE + 32;

/// The length byte of an ASCII score that is not a number, plus and minus infinity (rdb.c, `rdbLoadDoubleValue`).
const SCORE_NAN: u8 = 253;
const SCORE_INFINITE: u8 = 254;

/// LZF spends at least three bytes on 264 (the longest match), so no stream grows by more than this factor.
const LZF_GROWTH: u64 = 88;

/// A token and how many bytes it takes; `None` when more bytes are needed.
pub(crate) type Token<T> = Result<Option<(T, usize)>, Flaw>;

/// What the first two bits of a length say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Length {
    /// A number.
    Plain(u64),
    /// The low six bits of an encoded string's first byte.
    Encoded(u8),
}

/// The header of a string; what is stored behind it is streamed past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Text {
    /// This many bytes as they are.
    Raw(u64),
    /// An integer; its bytes belong to the header.
    Integer(i32),
    /// An LZF stream of `packed` bytes that stands for `plain` bytes.
    Lzf { packed: u64, plain: u64 },
}

impl Text {
    /// Number of payload bytes that follow the header.
    pub(crate) fn stored(self) -> u64 {
        match self {
            Self::Raw(length) => length,
            Self::Integer(_) => 0,
            Self::Lzf { packed, .. } => packed,
        }
    }

    /// Number of bytes the string has once it is decoded; none for an integer, whose digits nobody counts here.
    pub(crate) fn plain(self) -> Option<u64> {
        match self {
            Self::Raw(length) => Some(length),
            Self::Integer(_) => None,
            Self::Lzf { plain, .. } => Some(plain),
        }
    }
}

/// Reads a length of any form.
#[inline]
pub(crate) fn length(bytes: &[u8]) -> Token<Length> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    let low = first & 0x3f;
    Ok(match first >> 6 {
        0 => Some((Length::Plain(u64::from(low)), 1)),
        1 => bytes
            .get(1)
            .map(|&second| (Length::Plain(u64::from(low) << 8 | u64::from(second)), 2)),
        2 => match first {
            0x80 => fixed(&bytes[1..]).map(|raw| (Length::Plain(u64::from(u32::from_be_bytes(raw))), 5)),
            0x81 => fixed(&bytes[1..]).map(|raw| (Length::Plain(u64::from_be_bytes(raw)), 9)),
            _ => {
                return Err(Flaw::corrupt(format!(
                    "found the length byte `{first:#04x}`, which no length begins with"
                )));
            }
        },
        _ => Some((Length::Encoded(low), 1)),
    })
}

/// Reads a length that must be a number; `what` names it for the refusal.
#[inline]
pub(crate) fn number(bytes: &[u8], what: &str) -> Token<u64> {
    match length(bytes)? {
        None => Ok(None),
        Some((Length::Plain(value), used)) => Ok(Some((value, used))),
        Some((Length::Encoded(code), _)) => {
            let byte = 0xc0 | code;
            Err(Flaw::corrupt(format!(
                "expected {what}, found the start of an encoded string `{byte:#04x}`"
            )))
        }
    }
}

/// Reads the header of a string.
#[inline]
pub(crate) fn text(bytes: &[u8]) -> Token<Text> {
    let Some((length, used)) = length(bytes)? else {
        return Ok(None);
    };
    let rest = &bytes[used..];
    Ok(match length {
        Length::Plain(length) => Some((Text::Raw(length), used)),
        Length::Encoded(0) => {
            fixed(rest).map(|raw| (Text::Integer(i32::from(i8::from_le_bytes(raw))), used + 1))
        }
        Length::Encoded(1) => {
            fixed(rest).map(|raw| (Text::Integer(i32::from(i16::from_le_bytes(raw))), used + 2))
        }
        Length::Encoded(2) => fixed(rest).map(|raw| (Text::Integer(i32::from_le_bytes(raw)), used + 4)),
        Length::Encoded(3) => lzf(rest)?.map(|(text, more)| (text, used + more)),
        Length::Encoded(code) => {
            return Err(Flaw::corrupt(format!(
                "found the string encoding `{code}`, of which there are only 0 to 3"
            )));
        }
    })
}

fn lzf(bytes: &[u8]) -> Token<Text> {
    let Some((packed, first)) = number(bytes, "the compressed length of an LZF string")? else {
        return Ok(None);
    };
    let Some((plain, second)) = number(&bytes[first..], "the plain length of an LZF string")? else {
        return Ok(None);
    };
    if packed == 0 || plain == 0 || plain > packed.saturating_mul(LZF_GROWTH) {
        return Err(Flaw::corrupt(format!(
            "an LZF stream of `{packed}` bytes cannot stand for `{plain}` bytes"
        )));
    }
    Ok(Some((Text::Lzf { packed, plain }, first + second)))
}

/// Reads the ASCII score of type 3; gives only its size, for no score is kept.
pub(crate) fn score(bytes: &[u8]) -> Token<()> {
    let Some(&first) = bytes.first() else {
        return Ok(None);
    };
    if first == SCORE_NAN {
        return Err(Flaw::corrupt("a sorted set's score is not a number"));
    }
    if first >= SCORE_INFINITE {
        return Ok(Some(((), 1)));
    }
    let used = 1 + usize::from(first);
    let Some(digits) = bytes.get(1..used) else {
        return Ok(None);
    };
    check_score(digits).map(|()| Some(((), used)))
}

/// Refuses a score in decimal text that is no number.
pub(crate) fn check_score(text: &[u8]) -> Result<(), Flaw> {
    // The common scores need no parser: digits with a sign or a point.
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let mut parts = unsigned.split(|&byte| byte == b'.');
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    let first_is_right = parts.next().is_some_and(|part| !part.is_empty() && digits(part));
    if first_is_right && parts.next().is_none_or(digits) && parts.next().is_none() {
        return Ok(());
    }
    let score = std::str::from_utf8(text)
        .ok()
        .and_then(|text| text.parse::<f64>().ok());
    match score {
        Some(score) if score.is_nan() => Err(Flaw::corrupt("a sorted set's score is not a number")),
        Some(_) => Ok(()),
        None => Err(Flaw::corrupt("expected a sorted set's score in decimal digits")),
    }
}

/// The first `N` bytes, if they are all there.
pub(crate) fn fixed<const N: usize>(bytes: &[u8]) -> Option<[u8; N]> {
    bytes.first_chunk().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check_length(bytes: &[u8], expected: Option<(Length, usize)>) {
        assert_eq!(length(bytes).unwrap(), expected, "{bytes:02x?}");
        for cut in 0..expected.map_or(0, |(_, used)| used) {
            assert_eq!(length(&bytes[..cut]).unwrap(), None, "{bytes:02x?} cut to {cut}");
        }
    }

    #[test]
    fn lengths_have_four_forms() {
        check_length(&[0x3f], Some((Length::Plain(63), 1)));
        check_length(&[0x7f, 0xff], Some((Length::Plain(16_383), 2)));
        check_length(&[0x80, 0, 0, 1, 2], Some((Length::Plain(258), 5)));
        check_length(&[0x81, 0, 0, 0, 1, 0, 0, 0, 0], Some((Length::Plain(1 << 32), 9)));
        check_length(&[0xc3], Some((Length::Encoded(3), 1)));
        for first in 0x82..=0xbf {
            assert!(length(&[first]).is_err(), "{first:#04x}");
        }
    }

    fn check_text(bytes: &[u8], expected: Text) {
        assert_eq!(
            text(bytes).unwrap(),
            Some((expected, bytes.len())),
            "{bytes:02x?}"
        );
        for cut in 0..bytes.len() {
            assert_eq!(text(&bytes[..cut]).unwrap(), None, "{bytes:02x?} cut to {cut}");
        }
    }

    #[test]
    fn string_headers_carry_integers_and_both_lzf_lengths() {
        check_text(&[0x05], Text::Raw(5));
        check_text(&[0xc0, 0xff], Text::Integer(-1));
        check_text(&[0xc1, 0x00, 0x80], Text::Integer(-32_768));
        check_text(&[0xc2, 0xff, 0xff, 0xff, 0x7f], Text::Integer(i32::MAX));
        check_text(
            &[0xc3, 0x04, 0x41, 0x00],
            Text::Lzf {
                packed: 4,
                plain: 256,
            },
        );
    }

    fn check_refused<T: std::fmt::Debug>(token: Token<T>, part: &str) {
        let flaw = token.unwrap_err();
        assert!(format!("{flaw:?}").contains(part), "{flaw:?}");
    }

    #[test]
    fn impossible_string_headers_are_refused() {
        check_refused(text(&[0xc4]), "string encoding `4`");
        check_refused(text(&[0xff]), "string encoding `63`");
        check_refused(text(&[0xc3, 0x00, 0x01]), "cannot stand for");
        check_refused(text(&[0xc3, 0x01, 0x00]), "cannot stand for `0`");
        check_refused(text(&[0xc3, 0x01, 0x40, 89]), "cannot stand for `89`");
        check_refused(text(&[0xc3, 0xc0]), "compressed length");
        check_refused(number(&[0xc0, 0x01], "a count"), "expected a count");
    }

    #[test]
    fn ascii_scores_are_numbers() {
        for (bytes, good) in [
            (b"\x013".as_slice(), true),
            (b"\x163.1400000000000001e+10", true),
            (b"\xfe", true),
            (b"\xff", true),
            (b"\xfd", false),
            (b"\x00", false),
            (b"\x03nan", false),
            (b"\x031x2", false),
        ] {
            assert_eq!(
                score(bytes).is_ok_and(|token| token == Some(((), bytes.len()))),
                good,
                "{bytes:02x?}"
            );
        }
        assert_eq!(score(b"\x021").unwrap(), None);
    }
}
