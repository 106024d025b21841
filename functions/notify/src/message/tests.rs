//! What a layout does to any message, whatever its words.

use super::*;
use proptest::prelude::*;
use serde_json::{Value, json};

/// The least that a message can be.
fn plain() -> Message {
    Message {
        kind: Kind::Failed,
        about: "orders".to_owned(),
        headline: "It failed.".to_owned(),
        notes: Vec::new(),
        steps: Vec::new(),
        facts: Vec::new(),
        console: None,
        sender: "deployment prod, eu-west-1".to_owned(),
        thread: "arn:t".to_owned(),
        execution_arn: "arn:e".to_owned(),
    }
}

fn mail(message: &Message) -> String {
    message.publish_params().email
}

fn chat(message: &Message) -> Value {
    serde_json::from_str(&message.publish_params().default).unwrap()
}

fn description(message: &Message) -> String {
    chat(message)["content"]["description"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn every_kind_has_its_word_its_sign_and_its_event_type() {
    for (kind, word, sign, event_type) in [
        (Kind::Failed, "FAILED", ":rotating_light:", "failed"),
        (Kind::TimedOut, "TIMED OUT", ":rotating_light:", "timed-out"),
        (Kind::Aborted, "ABORTED", ":rotating_light:", "aborted"),
        (Kind::Warning, "WARNING", ":warning:", "warning"),
        (Kind::Recovered, "RECOVERED", ":white_check_mark:", "recovered"),
        (Kind::Ok, "OK", ":white_check_mark:", "ok"),
    ] {
        let message = Message { kind, ..plain() };
        assert_eq!(message.subject(), format!("[snapkeep] {word} orders"));
        let chat = chat(&message);
        assert_eq!(chat["content"]["title"], format!("{sign} {word} orders"));
        assert_eq!(chat["metadata"]["eventType"], event_type);
        assert_eq!(chat["content"]["keywords"], json!(["snapkeep", event_type]));
        assert_eq!(
            chat["metadata"]["summary"],
            message.subject(),
            "one subject everywhere"
        );
    }
}

#[test]
fn a_message_without_more_has_no_empty_parts() {
    let want = "It failed.\n\nThe run\n-------\n\n\nsnapkeep, deployment prod, eu-west-1\n";
    assert_eq!(mail(&plain()), want);
    let chat = chat(&plain());
    assert_eq!(chat["content"]["description"], "*It failed.*");
    assert_eq!(chat["content"]["nextSteps"], json!([]));
    assert_eq!(chat["metadata"]["additionalContext"], json!({}));
}

#[test]
fn mail_numbers_the_steps_and_leaves_commands_whole() {
    let command = format!(
        "aws stepfunctions redrive-execution --execution-arn {}",
        "x".repeat(90)
    );
    let steps = vec![
        Step::with_command("Re-drive the run.", command.clone()),
        Step::new(format!("Then {}look.", "wait and ".repeat(12))),
    ];
    let mail = mail(&Message { steps, ..plain() });
    let lines: Vec<&str> = mail.lines().collect();
    let at = |line: &str| lines.iter().position(|found| *found == line);
    let first = at("1. Re-drive the run.").unwrap();
    assert_eq!(lines[first - 4..first], ["", "What to do", "----------", ""]);
    assert_eq!(lines[first + 2], format!("   {command}"), "to be pasted");
    let second = lines.iter().position(|line| line.starts_with("2. Then")).unwrap();
    assert!(
        lines[second + 1].starts_with("   ") && !lines[second + 1].starts_with("    "),
        "the text hangs below itself"
    );
}

#[test]
fn mail_lines_facts_up_and_keeps_long_names_whole() {
    let arn = format!("arn:aws:states:{}", "x".repeat(90));
    let facts = vec![
        ("Cache", "replication-group/orders".to_owned()),
        ("Execution", arn.clone()),
    ];
    let console = Some("https://example.test/".to_owned());
    let mail = mail(&Message {
        facts,
        console,
        ..plain()
    });
    assert!(
        mail.contains("\nCache             replication-group/orders\n"),
        "{mail}"
    );
    assert!(mail.contains(&arn), "{mail}");
    assert!(
        mail.ends_with("\n\nhttps://example.test/\n\nsnapkeep, deployment prod, eu-west-1\n"),
        "{mail}"
    );
}

#[test]
fn chat_reads_no_markup_in_foreign_words() {
    for (text, want, why) in [
        ("<!channel> look", "‹!channel› look", "wakes nobody"),
        ("<https://evil.test|bank>", "‹https://evil.test|bank›", "no link"),
        ("@here", "＠here", "no mention"),
        ("*bold* ~gone~", "∗bold∗ ∼gone∼", "no format of its own"),
        ("`a` is odd", "`a` is odd", "values stay in backticks"),
        ("`a` is `o", "'a' is 'o", "one left open would swallow the rest"),
        ("snake_case", "snake_case", "names stay as they are"),
    ] {
        let message = Message {
            about: text.to_owned(),
            headline: text.to_owned(),
            notes: vec![text.to_owned()],
            steps: vec![Step::new(text)],
            facts: vec![("Error", text.to_owned())],
            ..plain()
        };
        let chat = chat(&message);
        let lines = format!("*{want}*\n• {want}\n*Error:* {want}");
        assert_eq!(chat["content"]["description"], lines, "{why}");
        assert_eq!(chat["content"]["nextSteps"], json!([want]), "{why}");
        assert_eq!(
            chat["content"]["title"],
            format!(":rotating_light: FAILED {want}"),
            "{why}"
        );
        assert_eq!(
            chat["metadata"]["additionalContext"],
            json!({"Error": want}),
            "{why}"
        );
        assert!(mail(&message).contains(text), "{why}: mail needs no such care");
    }
}

#[test]
fn chat_leaves_out_a_command_that_would_be_cut_and_keeps_the_next() {
    let long = "l".repeat(7900);
    let commands = [long.clone(), "aws s3 ls".to_owned()];
    let steps = commands
        .map(|command| Step::with_command("Do it.", command))
        .to_vec();
    let message = Message { steps, ..plain() };
    let description = description(&message);
    assert_eq!(description, "*It failed.*\n```aws s3 ls```");
    assert!(mail(&message).contains(&long), "the mail has it");
}

#[test]
fn chat_links_the_run_and_threads_by_it() {
    let console = Some("https://example.test/a".to_owned());
    let facts = [
        ("Cache", "c"),
        ("Plan", "p"),
        ("State", "s"),
        ("Error", "e"),
        ("Run", "r"),
    ];
    let facts = facts.map(|(name, value)| (name, value.to_owned())).to_vec();
    let message = Message {
        facts,
        console,
        ..plain()
    };
    assert!(description(&message).ends_with("\n<https://example.test/a|Open the run in the console>"));
    let metadata = &chat(&message)["metadata"];
    assert_eq!(
        (&metadata["threadId"], &metadata["relatedResources"]),
        (&json!("arn:t"), &json!(["arn:e"]))
    );
    let context = json!({"Cache": "c", "Plan": "p", "State": "s", "Error": "e"});
    assert_eq!(metadata["additionalContext"], context, "what filters may want");
}

#[test]
fn words_for_the_sender_and_for_redrives() {
    assert_eq!(
        sender("prod", Some("123456789012"), "eu-west-1"),
        "deployment prod, account 123456789012, eu-west-1"
    );
    assert_eq!(sender("prod", None, "eu-west-1"), "deployment prod, eu-west-1");
    for (count, want) in [
        (0, "never re-driven"),
        (1, "re-driven once"),
        (1234, "re-driven 1,234 times"),
    ] {
        assert_eq!(redriven(count), want);
    }
}

proptest! {
    /// Whatever the commands, those that chat shows are whole, in order and within its bound.
    #[test]
    fn chat_shows_whole_commands_or_none(lengths in prop::collection::vec(1_usize..5000, 0..6)) {
        let commands: Vec<String> = lengths.iter().enumerate().map(|(at, n)| format!("{at}{}", "c".repeat(*n))).collect();
        let steps = commands.iter().map(|command| Step::with_command("Do it.", command.clone())).collect();
        let description = description(&Message { steps, ..plain() });
        prop_assert!(description.chars().count() <= 7900);
        let shown: Vec<&str> = description.split("```").skip(1).step_by(2).collect();
        prop_assert!(shown.iter().all(|shown| commands.iter().any(|command| command == shown)));
        prop_assert!(shown.is_sorted(), "in the order of the steps");
        let fits = commands.iter().filter(|command| command.len() < 1000).count();
        prop_assert!(shown.len() >= fits.min(1), "a short one is never left out for long ones before it");
    }
}
