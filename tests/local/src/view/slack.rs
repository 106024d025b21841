//! A message as Slack shows it: the custom notification of Amazon Q Developer in chat applications (formerly AWS
//! Chatbot), whose schema is in its administrator guide, *Custom notifications*.

use serde::Deserialize;
use std::fmt::Write as _;
use textwrap::{Options, WordSeparator, WordSplitter};

#[derive(Debug, Deserialize)]
struct Notification {
    content: Content,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Content {
    #[serde(default)]
    title: String,
    description: String,
    #[serde(default)]
    next_steps: Vec<String>,
    #[serde(default)]
    keywords: Vec<String>,
}

/// The card; an error if it is no custom notification, which Slack would not show at all.
pub fn text(json: &str, width: u16) -> Result<String, serde_json::Error> {
    let Content {
        title,
        description,
        next_steps,
        keywords,
    } = serde_json::from_str::<Notification>(json)?.content;
    let mut card = Card {
        text: String::new(),
        width: usize::from(width).max(24) - 2,
    };
    card.paragraph(&plain(&title), "", "");
    card.line("");
    for (index, part) in description.split("```").enumerate() {
        // Every second part stands between fences: a command, which is never broken.
        if index % 2 == 1 {
            part.trim()
                .lines()
                .for_each(|line| card.line(&format!("    {line}")));
        } else {
            part.trim()
                .lines()
                .for_each(|line| card.paragraph(&plain(line), "", "  "));
        }
    }
    if !next_steps.is_empty() {
        card.line("");
        card.line("Next steps");
    }
    for step in &next_steps {
        card.paragraph(&plain(step), "• ", "  ");
    }
    if !keywords.is_empty() {
        card.line("");
        let keywords: Vec<String> = keywords.iter().map(|keyword| format!("#{keyword}")).collect();
        card.paragraph(&keywords.join(" "), "", "");
    }
    Ok(card.text)
}

/// Lines behind a bar.
struct Card {
    text: String,
    width: usize,
}

impl Card {
    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{}", format!("┃ {line}").trim_end());
    }

    fn paragraph(&mut self, text: &str, first: &str, rest: &str) {
        // Addresses and names stay whole, so that they can be opened and pasted.
        let options = Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation);
        for line in textwrap::wrap(text, options) {
            self.line(&line);
        }
    }
}

/// Slack's markup as it reads once rendered: emphasis gone, links as text and address, the emoji we use.
fn plain(markup: &str) -> String {
    let emoji = [
        (":rotating_light:", "🚨"),
        (":white_check_mark:", "✅"),
        (":warning:", "⚠️"),
    ];
    let mut text = emoji
        .iter()
        .fold(markup.to_owned(), |text, (code, sign)| text.replace(code, sign));
    for code in ["*", "`"] {
        text = text.replace(code, "");
    }
    unlink(&text)
}

/// `<https://…|text>` becomes `text: https://…`.
fn unlink(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('<') {
        plain.push_str(before);
        let Some((url, label, after)) = link.split_once('>').and_then(|(link, after)| {
            let (url, label) = link.split_once('|')?;
            Some((url, label, after))
        }) else {
            plain.push('<');
            rest = link;
            continue;
        };
        let _ = write!(plain, "{label}: {url}");
        rest = after;
    }
    plain.push_str(rest);
    plain
}
