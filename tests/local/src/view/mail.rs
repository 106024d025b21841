//! A message as a mail program shows it.

use std::fmt::Write as _;

/// Who SNS says it is.
pub const FROM: &str = "AWS Notifications <no-reply@sns.amazonaws.com>";

/// Headers and body behind a bar. Lines are not broken: the body comes broken for mail, and commands stay whole.
pub fn text(subject: &str, body: &str) -> String {
    let mut text = format!("│ From:    {FROM}\n│ Subject: {subject}\n│\n");
    for line in body.trim_end().lines() {
        let _ = writeln!(text, "{}", format!("│ {line}").trim_end());
    }
    text
}
