//! Text within HTML and SVG.

/// Text with everything escaped that means something in an element or in an attribute between double quotes. Characters
/// that no such document may have become a replacement character.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// A name in camel case, escaped, with a place to break before each word of it.
pub(super) fn breakable(name: &str) -> String {
    let mut parts = vec![String::new()];
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.push(c);
        }
        before = c;
    }
    let escaped: Vec<String> = parts.iter().map(|part| escape(part)).collect();
    escaped.join("<wbr>")
}
