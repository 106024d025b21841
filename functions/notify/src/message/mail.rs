//! Mail: plain text of 76 columns, which every client shows as it is.

use super::Message;
use textwrap::{Options, WordSplitter};

/// Columns of a line. Commands and links are longer: broken, they could neither be pasted nor clicked.
const WIDTH: usize = 76;
/// Columns of a fact's name.
const NAME_WIDTH: usize = 18;

pub(super) fn render(message: &Message) -> String {
    let mut lines = wrapped(&message.headline, "", "");
    if !message.notes.is_empty() {
        lines.push(String::new());
    }
    for note in &message.notes {
        lines.extend(wrapped(note, "- ", "  "));
    }
    if !message.steps.is_empty() {
        lines.extend(heading("What to do"));
    }
    for (number, step) in (1..).zip(&message.steps) {
        if number > 1 {
            lines.push(String::new());
        }
        lines.extend(wrapped(&step.text, &format!("{number}. "), "   "));
        if let Some(command) = &step.command {
            lines.extend([String::new(), format!("   {command}")]);
        }
    }
    lines.extend(heading("The run"));
    for (name, value) in &message.facts {
        lines.extend(wrapped(
            value,
            &format!("{name:<NAME_WIDTH$}"),
            &" ".repeat(NAME_WIDTH),
        ));
    }
    if let Some(console) = &message.console {
        lines.extend([String::new(), console.clone()]);
    }
    lines.extend([String::new(), format!("snapkeep, {}", message.sender)]);
    let mut mail = lines.join("\n");
    mail.push('\n');
    mail
}

fn heading(title: &str) -> [String; 4] {
    [
        String::new(),
        title.to_owned(),
        "-".repeat(title.len()),
        String::new(),
    ]
}

/// Breaks between words only: an ARN or a key stays whole, however long.
fn wrapped(text: &str, first: &str, rest: &str) -> Vec<String> {
    let options = Options::new(WIDTH)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_splitter(WordSplitter::NoHyphenation);
    let lines = textwrap::wrap(text, options);
    lines.iter().map(|line| line.trim_end().to_owned()).collect()
}
