//! Rules for every text file, whatever it is written in.
//!
//! What is looked for is spelled in two halves here, so that this file keeps the rules too.

/// Name, rule, the two halves of a text that breaks it, and what the rule then says.
type Row = (
    &'static str,
    fn(&str) -> Vec<String>,
    [&'static str; 2],
    &'static str,
);

pub(crate) const RULES: [Row; 5] = [
    (
        "nothing is left to do",
        unfinished,
        ["a\n# TO", "DO: more\n"],
        "line 2: work that is left",
    ),
    (
        "no path of one machine",
        machine_paths,
        ["see /ho", "me/jo/notes\n"],
        "line 1: a path of one machine",
    ),
    (
        "no mirror of a registry",
        registries,
        ["\"resolved\": \"ht", "tps://mirror.example/a.tgz\"\n"],
        "line 1: a registry's host",
    ),
    (
        "no credentials",
        credentials,
        ["key=AK", "IAIOSFODNN7EXAMPLE\n"],
        "line 1: an access key or a private key",
    ),
    (
        "no conflict is left",
        conflicts,
        ["<<<<", "<<< HEAD\n"],
        "line 1: a merge conflict",
    ),
];

/// The lines for which `wrong` is true.
fn lines(text: &str, wrong: impl Fn(&str) -> bool, what: &str) -> Vec<String> {
    let found = (1..).zip(text.lines()).filter(|(_, line)| wrong(line));
    found
        .map(|(number, _): (usize, _)| format!("line {number}: {what}"))
        .collect()
}

/// Whether a line has one of the texts that are given in halves.
fn has(line: &str, halves: &[[&str; 2]]) -> bool {
    halves.iter().any(|halves| line.contains(&halves.concat()))
}

fn unfinished(text: &str) -> Vec<String> {
    let marks = [["TO", "DO"], ["FIX", "ME"], ["XX", "X"]].map(|halves| halves.concat());
    let word = |c: char| !c.is_ascii_alphanumeric() && c != '_';
    lines(
        text,
        |line| line.split(word).any(|word| marks.iter().any(|mark| mark == word)),
        "work that is left",
    )
}

fn machine_paths(text: &str) -> Vec<String> {
    let paths = [
        ["/wo", "rk/"],
        ["/ro", "ot/"],
        ["/ho", "me/"],
        ["/Us", "ers/"],
        ["C:", "\\Users"],
    ];
    lines(text, |line| has(line, &paths), "a path of one machine")
}

/// Cargo's own name of its default registry stays: every lock file has it.
fn registries(text: &str) -> Vec<String> {
    let hosts = [
        ["\"reso", "lved\": \"http"],
        ["index.cra", "tes.io"],
        ["registry.np", "mjs.org"],
        ["files.python", "hosted.org"],
        ["pypi.", "org/simple"],
        ["replace", "-with ="],
    ];
    lines(text, |line| has(line, &hosts), "a registry's host")
}

fn credentials(text: &str) -> Vec<String> {
    let is_key = |line: &str| {
        let starts = [["AK", "IA"], ["AS", "IA"]].map(|halves| halves.concat());
        let long = |rest: &str| {
            rest.len() >= 16
                && rest
                    .bytes()
                    .take(16)
                    .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        starts
            .iter()
            .any(|start| line.split(start.as_str()).skip(1).any(long))
    };
    lines(
        text,
        |line| is_key(line) || has(line, &[["PRIVATE", " KEY-----"]]),
        "an access key or a private key",
    )
}

fn conflicts(text: &str) -> Vec<String> {
    let marks = [["<<<<", "<<< "], [">>>>", ">>> "]].map(|halves| halves.concat());
    lines(
        text,
        |line| marks.iter().any(|mark| line.starts_with(mark)),
        "a merge conflict",
    )
}

#[test]
fn every_rule_sees_what_breaks_it() {
    for (name, rule, halves, says) in RULES {
        assert_eq!(rule(&halves.concat()), [says], "{name}");
        assert_eq!(
            rule(halves[0]),
            Vec::<String>::new(),
            "{name}: half of it is nothing"
        );
    }
}
