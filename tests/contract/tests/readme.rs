//! What the README shows is what is printed: blocks under a comment that names a golden file are that file.

use contract::text;

/// The file and the text of every block that is said to be golden.
fn golden_blocks(readme: &str) -> Vec<(String, String)> {
    let mut lines = readme.lines().peekable();
    let mut found = Vec::new();
    while let Some(line) = lines.next() {
        let named = line
            .strip_prefix("<!-- ")
            .and_then(|rest| rest.strip_suffix(" -->"));
        if let Some(path) = named
            && lines.next_if(|next| next.starts_with("```")).is_some()
        {
            let block: Vec<&str> = lines
                .by_ref()
                .take_while(|line| !line.starts_with("```"))
                .collect();
            found.push((path.to_owned(), block.join("\n")));
        }
    }
    found
}

/// The pages that show golden files, and which.
const PAGES: [(&str, &[&str]); 2] = [
    ("README.md", &["infra/config/minimal.yaml"]),
    (
        "functions/notify/README.md",
        &[
            "functions/notify/tests/golden/failure-redrive.txt",
            "tests/local/tests/golden/slack.txt",
            "tests/local/tests/golden/catalogue.txt",
        ],
    ),
];

#[test]
fn the_golden_blocks_are_the_golden_files() {
    for (page, files) in PAGES {
        let blocks = golden_blocks(&text(page).unwrap());
        let shown: Vec<&str> = blocks.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(shown, files, "{page}");
        for (path, block) in &blocks {
            assert_eq!(block.trim_end(), text(path).unwrap().trim_end(), "`{path}`");
        }
    }
}

#[test]
fn a_block_that_differs_is_found() {
    let readme = "<!-- a/b.txt -->\n```text\none\ntwo\n```\nand\n<!-- a note -->\nno block\n";
    assert_eq!(
        golden_blocks(readme),
        [("a/b.txt".to_owned(), "one\ntwo".to_owned())]
    );
}

#[test]
fn every_command_of_the_readme_exists() {
    let makefile = text("Makefile").unwrap();
    let readme = text("README.md").unwrap();
    let typed = readme.lines().filter_map(|line| line.strip_prefix("$ make "));
    let targets: Vec<&str> = typed
        .map(|rest| rest.split_whitespace().next().unwrap_or_default())
        .collect();
    assert_eq!(
        targets,
        [
            "demo",
            "synth",
            "deploy",
            "check",
            "test-alert",
            "backup",
            "faults",
            "test"
        ]
    );
    for target in targets {
        assert!(makefile.contains(&format!("\n{target}:")), "`make {target}`");
    }
}
