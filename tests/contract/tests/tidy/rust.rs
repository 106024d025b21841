//! Rules for Rust files.

use contract::rust::Source;

/// Name, rule, a file that breaks it, and what the rule then says.
type Row = (
    &'static str,
    fn(&Source) -> Vec<String>,
    &'static str,
    &'static str,
);

pub(crate) const RULES: [Row; 8] = [
    (
        "a file fits in a head",
        size,
        "fn a() {}\n__400_LINES__",
        "401 lines, at most 400",
    ),
    (
        "a function fits on a screen",
        function_size,
        "proptest! { fn a() {\n__400_LINES__\n} }",
        "line 1: `a` has 402 lines, at most 70",
    ),
    (
        "a file says what it is",
        introduction,
        "use std::fmt;\n",
        "does not begin with `//!`",
    ),
    (
        "nothing is left to do",
        unfinished,
        "fn a() {\n    unimplemented!()\n}\n",
        "line 2: `unimplemented!`",
    ),
    (
        "no test is passed over",
        ignored,
        "#[test]\n#[ignore = \"slow\"]\nfn a() {}\n",
        "line 2: `ignore`",
    ),
    (
        "a suppressed lint has a reason",
        reasons,
        "#![cfg_attr(test, allow(dead_code))]\n",
        "line 1: no `reason = `",
    ),
    (
        "an error goes on in another's sentence",
        errors,
        "#[error(\"`{0}` is odd.\")]\nstruct E;\n",
        "line 1: ends with a full stop",
    ),
    (
        "sections are modules",
        banners,
        "// ---- helpers\n",
        "line 1: a banner",
    ),
];

const FILE_LINES: usize = 400;
const FUNCTION_LINES: usize = 70;

fn size(file: &Source) -> Vec<String> {
    let lines = file.text.lines().count();
    if lines > FILE_LINES {
        vec![format!("{lines} lines, at most {FILE_LINES}")]
    } else {
        Vec::new()
    }
}

fn function_size(file: &Source) -> Vec<String> {
    let long = file
        .functions()
        .into_iter()
        .filter(|function| function.lines > FUNCTION_LINES);
    long.map(|f| {
        format!(
            "line {}: `{}` has {} lines, at most {FUNCTION_LINES}",
            f.line, f.name, f.lines
        )
    })
    .collect()
}

/// Modules of tests are introduced by what they test.
fn introduction(file: &Source) -> Vec<String> {
    let of_tests = file.path.ends_with("/tests.rs") || file.path.contains("/tests/");
    let introduced = file.text.starts_with("//! ") || (of_tests && file.path.contains("/src/"));
    if introduced {
        Vec::new()
    } else {
        vec!["does not begin with `//!`".to_owned()]
    }
}

fn unfinished(file: &Source) -> Vec<String> {
    let calls = file
        .macros()
        .into_iter()
        .filter(|(name, _)| ["todo", "unimplemented", "dbg"].contains(&name.as_str()));
    calls
        .map(|(name, line)| format!("line {line}: `{name}!`"))
        .collect()
}

fn ignored(file: &Source) -> Vec<String> {
    let ignored = file
        .attributes()
        .into_iter()
        .filter(|attribute| attribute.text.starts_with("ignore"));
    ignored
        .map(|attribute| format!("line {}: `ignore`", attribute.line))
        .collect()
}

fn reasons(file: &Source) -> Vec<String> {
    let suppresses = |text: &str| {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        ["allow", "expect", "cfg_attr"].contains(&words[0])
            && words.iter().any(|w| ["allow", "expect"].contains(w))
    };
    let bare = file
        .attributes()
        .into_iter()
        .filter(|a| suppresses(&a.text) && !a.text.contains("reason = "));
    bare.map(|attribute| format!("line {}: no `reason = `", attribute.line))
        .collect()
}

/// Texts of `thiserror` variants, which callers put after a colon or before more words.
fn errors(file: &Source) -> Vec<String> {
    let attributes = file.attributes().into_iter();
    let texts = attributes.filter_map(|attribute| {
        let text = attribute
            .text
            .strip_prefix("error")?
            .trim_start()
            .strip_prefix('(')?
            .trim_start();
        let end = text.strip_prefix('"')?.find('"').unwrap_or(0);
        Some((attribute.line, text[1..=end].to_owned()))
    });
    let stops = texts.filter(|(_, text)| text.ends_with('.'));
    stops
        .map(|(line, _)| format!("line {line}: ends with a full stop"))
        .collect()
}

fn banners(file: &Source) -> Vec<String> {
    let rules = ["// --", "// ==", "// **", "// ##", "////"];
    let lines = (1..).zip(file.text.lines());
    let banners = lines.filter(|(_, line)| rules.iter().any(|rule| line.trim_start().starts_with(rule)));
    banners
        .map(|(line, _)| format!("line {line}: a banner"))
        .collect()
}

#[test]
fn every_rule_sees_what_breaks_it() {
    for (name, rule, text, says) in RULES {
        let text = text
            .replace("__400_LINES__", &"let a = 1;\n".repeat(400))
            .replace("\n\n}", "\n}");
        let source = Source::parse("functions/prune/src/a.rs", text).unwrap();
        assert_eq!(rule(&source), [says], "{name}");
    }
}

#[test]
fn what_is_right_is_let_through() {
    let text = "//! A module.\n#![allow(dead_code, reason = \"why\")]\n/// Tells to `todo!()`.\n#[error(\"`{0}` is odd\")]\nstruct E;\n";
    let source = Source::parse("functions/prune/src/a.rs", text.to_owned()).unwrap();
    for (name, rule, ..) in RULES {
        assert_eq!(rule(&source), Vec::<String>::new(), "{name}");
    }
    let tests = Source::parse("functions/prune/src/tests.rs", "use super::*;\n".to_owned()).unwrap();
    assert_eq!(introduction(&tests), Vec::<String>::new());
}
