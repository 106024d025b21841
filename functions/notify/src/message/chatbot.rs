//! Chat: the custom notification of AWS Chatbot, now Amazon Q Developer in chat applications.
//!
//! The document (administrator guide, *Custom notifications*) goes out as the `default` form of the publish,
//! which is what a subscription over HTTPS reads \[U\]; `PublishParams::default` is the one place of that.

use super::{Kind, Message, Step};
use crate::text;
use serde_json::{Value, json};

/// Longest title in characters \[U\].
const TITLE_MAX: usize = 250;
/// Longest description in characters \[U\]: 8,000 are said to be allowed, and Slack folds what is far shorter.
const DESCRIPTION_MAX: usize = 7900;
/// Longest next step in characters \[U\].
const STEP_MAX: usize = 350;

pub(super) fn render(message: &Message) -> String {
    let (kind, about) = (message.kind, harmless(&message.about));
    let title = format!("{} {} {about}", sign(kind), kind.word());
    let steps: Vec<String> = message.steps.iter().map(next_step).collect();
    json!({
        "version": "1.0",
        "source": "custom",
        "content": {
            "textType": "client-markdown",
            "title": text::clip(&title, TITLE_MAX),
            "description": description(message),
            "nextSteps": steps,
            "keywords": ["snapkeep", event_type(kind)],
        },
        "metadata": {
            "threadId": message.thread,
            "summary": message.subject(),
            "eventType": event_type(kind),
            "relatedResources": [message.execution_arn],
            "additionalContext": context(message),
        },
    })
    .to_string()
}

const fn sign(kind: Kind) -> &'static str {
    match kind {
        Kind::Failed | Kind::TimedOut | Kind::Aborted => ":rotating_light:",
        Kind::Warning => ":warning:",
        Kind::Recovered | Kind::Ok => ":white_check_mark:",
    }
}

const fn event_type(kind: Kind) -> &'static str {
    match kind {
        Kind::Failed => "failed",
        Kind::TimedOut => "timed-out",
        Kind::Aborted => "aborted",
        Kind::Warning => "warning",
        Kind::Recovered => "recovered",
        Kind::Ok => "ok",
    }
}

fn description(message: &Message) -> String {
    let mut lines = vec![format!("*{}*", harmless(&message.headline))];
    lines.extend(message.notes.iter().map(|note| format!("• {}", harmless(note))));
    for (name, value) in &message.facts {
        lines.push(format!("*{name}:* {}", harmless(value)));
    }
    let console = message.console.iter();
    lines.extend(console.map(|link| format!("<{link}|Open the run in the console>")));
    // A command that would be cut is left to the mail: half a command is worse than none.
    for command in message.steps.iter().filter_map(|step| step.command.as_ref()) {
        let block = format!("```{command}```");
        let length: usize = lines.iter().map(|line| line.chars().count() + 1).sum();
        if length + block.chars().count() <= DESCRIPTION_MAX {
            lines.push(block);
        }
    }
    text::clip(&lines.join("\n"), DESCRIPTION_MAX)
}

fn next_step(step: &Step) -> String {
    text::clip(&harmless(&step.text), STEP_MAX)
}

/// What filters and custom actions may want; the description has the rest.
fn context(message: &Message) -> Value {
    let wanted = |name: &&'static str| ["Cache", "Plan", "State", "Error"].contains(name);
    let facts = message.facts.iter().filter(|(name, _)| wanted(name));
    let pairs = facts.map(|(name, value)| ((*name).to_owned(), Value::String(harmless(value))));
    pairs.collect()
}

/// Foreign text that chat platforms cannot read as a link, a mention or a format of its own: `<!channel>` in a
/// cause must wake nobody.
fn harmless(text: &str) -> String {
    let is_open = text.matches('`').count() % 2 == 1;
    let swap = |c: char| match c {
        '<' => '‹',
        '>' => '›',
        '*' => '∗',
        '~' => '∼',
        '@' => '＠',
        // One left open, for instance where a cause was cut, would swallow what follows.
        '`' if is_open => '\'',
        other => other,
    };
    text.chars().map(swap).collect()
}
