//! Names of files as they may be printed.

use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt as _;

/// A name without anything that a terminal would obey: control and formatting characters are escaped as Rust does
/// (`\n`, `\u{1b}`), bytes that are no UTF-8 as `\xNN`, and the backslash as `\\`, so that no two names look alike.
pub(crate) fn printable(name: &OsStr) -> String {
    let mut text = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        // Quotes need no escape here, so they stay out of what is escaped.
        for part in chunk.valid().split_inclusive(['\'', '"']) {
            let quote = part.ends_with(['\'', '"']);
            let plain = &part[..part.len() - usize::from(quote)];
            text.extend(plain.escape_debug());
            text.push_str(&part[plain.len()..]);
        }
        for byte in chunk.invalid() {
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_printed() {
        let cases: [(&[u8], &str, &str); 8] = [
            (b"dumps/a b.rdb", "dumps/a b.rdb", "most names stay as they are"),
            (
                "größe-日本.rdb".as_bytes(),
                "größe-日本.rdb",
                "letters of any script",
            ),
            (
                "e\u{301}.rdb".as_bytes(),
                "e\u{301}.rdb",
                "letters in two parts, as macOS writes them",
            ),
            (b"it's \"x\"", "it's \"x\"", "quotes do no harm"),
            (
                b"\x1b[2Ja\nb\r",
                "\\u{1b}[2Ja\\nb\\r",
                "clears the screen, forges a line",
            ),
            (
                "a\u{202e}bdr".as_bytes(),
                "a\\u{202e}bdr",
                "turns the direction of text",
            ),
            (b"a\xff\xfe", "a\\xff\\xfe", "no UTF-8"),
            (br"a\n", r"a\\n", "not to be taken for a line break"),
        ];
        for (name, expected, why) in cases {
            assert_eq!(printable(OsStr::from_bytes(name)), expected, "{why}");
        }
    }
}
