//! The list of guards, `tests/sim/mutants.md`, and how one is taken out of a text.

use std::path::Path;

/// The list as it is in the repository.
pub(crate) const LIST: &str = include_str!("../../../mutants.md");

/// The variable that names the guard which is out.
pub(crate) const SWITCH: &str = "SNAPKEEP_MUTANT";

/// One guard that can be taken out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mutant {
    /// What the guard is called.
    pub(crate) name: String,
    /// What it is for.
    pub(crate) why: String,
    /// Parts that a cell's row, column and scene all have: where its killers are looked for first.
    pub(crate) cells: Vec<String>,
    /// The places at which it is taken out; several where one guard stands behind another.
    pub(crate) edits: Vec<Edit>,
}

/// One place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Edit {
    /// The file, from the repository's top level.
    pub(crate) file: String,
    before: String,
    guard: String,
    after: String,
    put: String,
}

impl Mutant {
    /// Whether it is about the state machine, which is data and so no code that can look at a variable.
    pub(crate) fn is_of_the_definition(&self) -> bool {
        self.edits.iter().any(Edit::is_of_the_definition)
    }
}

impl Edit {
    fn is_of_the_definition(&self) -> bool {
        Path::new(&self.file)
            .extension()
            .is_some_and(|extension| extension == "json")
    }

    /// The text without the guard; in Rust, without it where the variable says so.
    pub(crate) fn apply(&self, text: &str, mutant: &str) -> Result<String, String> {
        let Self {
            file,
            before,
            guard,
            after,
            put,
        } = self;
        let find = format!("{before}{guard}{after}");
        let count = text.matches(&find).count();
        if count != 1 {
            return Err(format!(
                "`{mutant}`: `{find}` is {count} times in `{file}` instead of once; say in tests/sim/mutants.md \
                 what the guard looks like now"
            ));
        }
        let without = if self.is_of_the_definition() {
            put.clone()
        } else {
            let is_out = format!("std::env::var_os(\"{SWITCH}\").is_some_and(|out| out == \"{mutant}\")");
            format!("(if {is_out} {{ {put} }} else {{ {guard} }})")
        };
        Ok(text.replacen(&find, &format!("{before}{without}{after}"), 1))
    }
}

/// Reads the list; an error names the line.
pub(crate) fn read(text: &str) -> Result<Vec<Mutant>, String> {
    let mut mutants: Vec<Mutant> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let at = |what: &str| format!("mutants.md, line {number}: {what}");
        if let Some(name) = line.strip_prefix("## ") {
            if mutants.iter().any(|mutant| mutant.name == name) {
                return Err(at("the guard is there twice"));
            }
            mutants.push(Mutant {
                name: name.to_owned(),
                why: String::new(),
                cells: Vec::new(),
                edits: Vec::new(),
            });
        } else if let Some(mutant) = mutants.last_mut() {
            take(mutant, line).map_err(|what| at(&what))?;
        }
    }
    let is_whole = |mutant: &Mutant| !mutant.why.is_empty() && !mutant.edits.is_empty();
    match mutants.iter().find(|mutant| !is_whole(mutant)) {
        Some(mutant) => Err(format!("mutants.md: `{}` lacks a field", mutant.name)),
        None => Ok(mutants),
    }
}

fn take(mutant: &mut Mutant, line: &str) -> Result<(), String> {
    let code = |text: &str| text.trim_matches('`').to_owned();
    let fields = line
        .trim_start()
        .strip_prefix("- ")
        .and_then(|rest| rest.split_once(": "));
    match fields {
        None if line.trim().is_empty() => {}
        Some(("why", why)) => why.clone_into(&mut mutant.why),
        Some(("cells", cells)) => mutant.cells = cells.split(" + ").map(code).collect(),
        Some(("file", file)) => mutant.edits.push(Edit {
            file: code(file),
            before: String::new(),
            guard: String::new(),
            after: String::new(),
            put: String::new(),
        }),
        Some(("guard", guard)) => {
            let edit = mutant.edits.last_mut().ok_or("a guard before its file")?;
            let guard = code(guard).replace('⏎', "\n");
            let parts = guard.split_once('«').and_then(|(before, rest)| {
                let (guard, after) = rest.split_once('»')?;
                Some((before.to_owned(), guard.to_owned(), after.to_owned()))
            });
            (edit.before, edit.guard, edit.after) = parts.ok_or("what goes stands between « and »")?;
        }
        Some(("instead", put)) => {
            let edit = mutant.edits.last_mut().ok_or("an `instead` before its file")?;
            edit.put = code(put);
        }
        _ => return Err(format!("`{line}` is no field")),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn every_guard_stands_where_the_list_says() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        let mutants = read(LIST).unwrap();
        assert!(mutants.len() >= 25, "{} guards", mutants.len());
        for mutant in &mutants {
            let mut definition = None;
            for edit in &mutant.edits {
                let read = || std::fs::read_to_string(root.join(&edit.file)).unwrap();
                let text = texts.entry(edit.file.clone()).or_insert_with(read);
                // Those of the definition are alone in it; those of code are all in it, each behind its switch.
                if edit.is_of_the_definition() {
                    let before = definition.get_or_insert_with(|| text.clone()).clone();
                    definition = Some(edit.apply(&before, &mutant.name).unwrap());
                } else {
                    *text = edit.apply(text, &mutant.name).unwrap();
                }
            }
        }
    }

    #[test]
    fn what_is_not_there_once_is_refused() {
        let list =
            "## g\n- why: w\n- cells: `a` + `b`\n- file: `f.rs`\n- guard: `if «x» {`\n- instead: `true`\n";
        let mutant = read(list).unwrap().remove(0);
        assert_eq!(mutant.cells, ["a", "b"]);
        let apply = |text: &str| mutant.edits[0].apply(text, "g");
        assert!(apply("if x {}").unwrap().contains("{ true } else { x }) {}"));
        for (text, why) in [
            ("if y {}", "it is gone"),
            ("if x {} if x {}", "it is there twice"),
        ] {
            assert!(apply(text).unwrap_err().contains("instead of once"), "{why}");
        }
    }
}
