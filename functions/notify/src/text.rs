//! Small words: what people read of times, sizes and foreign text.

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

/// Longest subject in characters; SNS wants fewer than 100 (API reference: `Publish`).
pub(crate) const SUBJECT_MAX: usize = 99;
/// Longest cause in characters; the rest is one click away in the console.
pub(crate) const CAUSE_MAX: usize = 1200;
/// Longest foreign name or sentence in characters: a state, an error name, a warning.
pub(crate) const NAME_MAX: usize = 300;

/// Room for ` ... (1,234,567 cut)`.
const CLIP_NOTE_MAX: usize = 40;

/// Foreign text as one clean line: control characters, line breaks and the invisible marks that turn or hide
/// text become single spaces.
pub(crate) fn one_line(text: &str) -> String {
    let visible = text.chars().map(|c| if is_unseen(c) { ' ' } else { c });
    let words: String = visible.collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// At most `max` characters (40 or more): the text, or its beginning and how much was left out.
pub(crate) fn clip(text: &str, max: usize) -> String {
    let total = text.chars().count();
    if total <= max {
        return text.to_owned();
    }
    let kept = max.saturating_sub(CLIP_NOTE_MAX);
    let head: String = text.chars().take(kept).collect();
    format!("{} ... ({} cut)", head.trim_end(), count((total - kept) as u64))
}

/// A foreign name: one line, bounded.
pub(crate) fn name(text: &str) -> String {
    clip(&one_line(text), NAME_MAX)
}

/// A subject as SNS takes it: printable ASCII, one line, fewer than 100 characters.
pub(crate) fn subject(text: &str) -> String {
    let ascii: String = one_line(text)
        .chars()
        .map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '?' })
        .collect();
    if ascii.len() <= SUBJECT_MAX {
        return ascii;
    }
    format!("{}...", ascii[..SUBJECT_MAX - 3].trim_end())
}

/// What a Lambda failure says: `errorType` and `errorMessage` of its JSON, or the cause as it stands.
pub(crate) fn lambda_cause(cause: &str) -> (Option<String>, String) {
    let document: Option<Value> = serde_json::from_str(cause).ok();
    let field = |key: &str| {
        let text = document.as_ref()?.get(key)?.as_str()?;
        (!text.is_empty()).then(|| text.to_owned())
    };
    let message = field("errorMessage").unwrap_or_else(|| cause.to_owned());
    (field("errorType"), clip(&one_line(&message), CAUSE_MAX))
}

/// `2026-11-20 03:04 UTC`.
pub(crate) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// `2 days 3 h`, `5 h 12 min`, `12 min`: the two largest units; a clock that runs behind counts as zero.
pub(crate) fn span(duration: SignedDuration) -> String {
    let minutes = u64::try_from(duration.as_secs() / 60).unwrap_or(0);
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes} min"),
        (0, _) => format!("{hours} h {minutes} min"),
        _ => format!("{} {hours} h", plural(days, "day")),
    }
}

/// `1 shard`, `3 shards`.
pub(crate) fn plural(number: u64, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {thing}{ending}", count(number))
}

/// `12,345`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `512 bytes`, `1.2 GB`: powers of ten, cut to one digit.
pub(crate) fn bytes(number: u64) -> String {
    let units = ["kB", "MB", "GB", "TB", "PB"];
    if number < 1000 {
        return plural(number, "byte");
    }
    // Tenths of the unit, in whole numbers: no rounding can read `1000.0 kB`.
    let mut tenths = number / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < units.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, units[unit])
}

#[cfg(test)]
mod tests;
