use super::{Played, PlayedRun, Report, Seeds, data, markup, totals};
use expect_test::{expect, expect_file};

fn run(name: &str, end: &str) -> PlayedRun {
    PlayedRun {
        name: name.to_owned(),
        end: end.to_owned(),
        timeline: vec![
            "  0:00:01  create-snapshot#1(CreateSnapshot): CreateSnapshot `orders-1`: 500 InternalFailure"
                .to_owned(),
            "  0:00:03  create-snapshot#2(CreateSnapshot): snapshot `orders-1` appeared, creating".to_owned(),
        ],
        ..PlayedRun::default()
    }
}

fn cell(row: &str, column: &str, required: &str, runs: Vec<PlayedRun>) -> Played {
    Played {
        row: row.to_owned(),
        column: column.to_owned(),
        required: required.to_owned(),
        why: String::new(),
        runs,
    }
}

/// Rows out of order, a run with an end of its own, one cell per way of being amiss.
fn calls() -> Vec<Played> {
    let found = PlayedRun {
        recovered: "re-drive".to_owned(),
        findings: vec![
            (
                "I4".to_owned(),
                "two exports of `orders-1` under <backups/orders> & \"another\"".to_owned(),
            ),
            (
                "liveness".to_owned(),
                "after [\"re-drive\"] it ends with Some(\"Backup.ExportFailed\")".to_owned(),
            ),
        ],
        ..run("group", "A")
    };
    let alike = PlayedRun {
        name: "sharded, call 2".to_owned(),
        ..found.clone()
    };
    let special = PlayedRun {
        required: Some("R".to_owned()),
        ..run("automatic", "R")
    };
    vec![
        cell("watch: ListObjectsV2", "throttle 1", "R", vec![run("group", "R")]),
        cell(
            "CopyToS3: CopySnapshot",
            "throttle N",
            "F Throttled",
            vec![run("group", "F Throttled")],
        ),
        cell(
            "CopyToS3: CopySnapshot",
            "lost after",
            "A",
            vec![found, alike, special.clone()],
        ),
        cell(
            "CreateSnapshot: CreateSnapshot",
            "throttle 1",
            "R",
            vec![run("group", "R")],
        ),
        cell(
            "CreateSnapshot: CreateSnapshot",
            "lost after",
            "A",
            vec![run("group", "A"), special],
        ),
        cell(
            "CreateSnapshot: DescribeReplicationGroups",
            "throttle 1",
            "R",
            vec![run("group", "W")],
        ),
        cell(
            "CreateSnapshot: DescribeReplicationGroups",
            "time-out",
            "R",
            vec![],
        ),
    ]
}

/// A small report.
fn small() -> Report {
    Report {
        title: "Fault matrix".to_owned(),
        calls: calls(),
        system: vec![
            cell("re-drive", "after 3 days", "R", vec![run("orders", "R")]),
            cell(
                "re-drive",
                "snapshot gone",
                "F SnapshotVanished",
                vec![run("orders", "F SnapshotVanished")],
            ),
            cell(
                "duplicate start",
                "same millisecond",
                "N",
                vec![run("orders", "N")],
            ),
        ],
        columns: [
            "throttle 1",
            "throttle N",
            "lost after",
            "crash before",
            "time-out",
        ]
        .map(str::to_owned)
        .to_vec(),
        invariants: vec![("I1".to_owned(), "a verified backup is there".to_owned()); 13],
        seeds: Some(Seeds {
            first: 1,
            count: 200,
            failed: vec!["17: I3".to_owned()],
        }),
        seconds: 61.26,
        virtual_seconds: Some(9_211.0 * 3600.0),
        version: "0.1.0".to_owned(),
    }
}

/// The same with nothing amiss.
fn well() -> Report {
    let mut report = small();
    report.calls.retain(Played::is_as_required);
    report.seeds = None;
    report
}

#[test]
fn a_terminal_shows_the_matrix_what_is_amiss_and_the_totals() {
    expect_file!["golden/amiss.txt"].assert_eq(&small().text(Some(100), false));
}

#[test]
fn a_terminal_shows_little_where_all_is_well() {
    expect_file!["golden/well.txt"].assert_eq(&well().text(None, false));
}

#[test]
fn lines_keep_within_the_width_that_is_given() {
    for width in [80, 100, 140] {
        let text = small().text(Some(width), false);
        let longest = text.lines().map(|line| line.chars().count()).max();
        assert!(longest <= Some(width), "{width}: {longest:?}\n{text}");
    }
}

#[test]
fn colours_change_no_letter() {
    let coloured = small().text(None, true);
    assert!(coloured.contains("\x1b[32mR\x1b[0m"));
    let plain = coloured
        .split('\x1b')
        .enumerate()
        .map(|(index, part)| match part.split_once('m') {
            Some((_, text)) if index > 0 => text,
            _ => part,
        });
    // Spaces before the end of a style are no more at the end of a line.
    let plain = plain.collect::<String>();
    let plain: Vec<&str> = plain.lines().map(str::trim_end).collect();
    let expected = small().text(None, false);
    assert_eq!(plain, expected.lines().collect::<Vec<_>>());
}

#[test]
fn the_page_is_whole_and_everything_in_it_is_escaped() {
    let html = small().html();
    for (part, why) in [
        (
            "2 cells not as required, 1 cell not run, 1 seed not as required",
            "what is wrong is told first",
        ),
        ("<html lang=\"en\">", "the language is named"),
        ("<th scope=\"rowgroup\">", "rows have headings"),
        (
            "href=\"#copytos3-copysnapshot-lost-after\"",
            "cells are links by name",
        ),
        (
            "\"copytos3-copysnapshot-lost-after\":[\"CopyToS3: CopySnapshot × lost after\",\"!\",\"A\"",
            "and their runs are there",
        ),
        (
            "under &lt;backups/orders&gt; &amp; &quot;another&quot;",
            "findings are text",
        ),
        ("under \\u003cbackups/orders>", "in the data too"),
    ] {
        assert!(html.contains(part), "{why}: {part}");
    }
    assert!(!html.contains("<backups"));
    assert!(well().html().contains("verdict well\">all as required"));
    let scripts = html.matches("</script>").count();
    assert_eq!(scripts, 2, "the data and the script end once each");
    for elsewhere in ["http://", "https://", "src=", "@import", "url("] {
        assert!(!html.contains(elsewhere), "{elsewhere}: it needs nothing else");
    }
}

#[test]
fn a_page_of_many_long_timelines_stays_small() {
    const LINES: usize = 40;
    let timeline = |cell: usize, run: usize| {
        let line = |number: usize| {
            let (seconds, fill) = (number * 37 + run, "a".repeat(120));
            let time = format!("0:{:02}:{:02}", seconds / 60, seconds % 60);
            format!("{time:>9}  prune#{number}(Prune): DeleteObject `backups/{cell}/{number}/{fill}`: ok")
        };
        (0..LINES).map(line).collect()
    };
    let played = |index: usize| {
        let runs = (0..7).map(|number| PlayedRun {
            timeline: timeline(index, number),
            ..run("group", "R")
        });
        let column = format!("fault {}", index % 20);
        cell(
            &format!("Prune: Call{}", index / 20),
            &column,
            "R",
            runs.collect(),
        )
    };
    let report = Report {
        calls: (0..60).map(played).collect(),
        ..Report::default()
    };
    let lines = report.calls.len() * 7 * LINES;
    // 3,000 runs of so many lines are to stay below 6 MB, though written out each line has 170 bytes.
    let bytes = report.html().len();
    assert!(bytes < 50 * lines, "{bytes} bytes for {lines} lines");
}

#[test]
fn the_picture_has_every_cell_and_no_time() {
    let report = small();
    expect_file!["golden/small.svg"].assert_eq(&report.svg());
    let later = Report {
        seconds: 99.0,
        virtual_seconds: None,
        ..report.clone()
    };
    assert_eq!(later.svg(), report.svg(), "it changes only where a cell does");
}

#[test]
fn the_picture_of_a_full_matrix_can_be_committed() {
    let place = |index: usize| {
        (
            format!("Prune: Call{}", index / 20),
            format!("fault {}", index % 20),
        )
    };
    let calls = (0..900).map(|index| {
        let (row, column) = place(index);
        let end = ["R", "A", "F Throttled", "W"][index % 4];
        cell(&row, &column, end, vec![run("group", end)])
    });
    let system = (0..131).map(|index| {
        let group = format!("group {}", index / 10);
        cell(&group, &format!("cell {index}"), "N", vec![run("orders", "N")])
    });
    let report = Report {
        calls: calls.collect(),
        system: system.collect(),
        ..Report::default()
    };
    let bytes = report.svg().len();
    assert!(bytes < 60_000, "{bytes} bytes");
}

#[test]
fn anchors_are_names_and_differ() {
    let twice = vec![cell("a: B", "c d", "R", vec![]), cell("a: B", "c-d", "R", vec![])];
    let report = Report {
        calls: twice,
        ..Report::default()
    };
    expect![[r#"["a-b-c-d", "a-b-c-d-2"]"#]].assert_eq(&format!("{:?}", data::anchors(&report)));
}

#[test]
fn counts_and_times_are_written_for_people() {
    for (number, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(totals::count(number), text);
    }
    for (seconds, text) in [
        (0.04, "0.0 s"),
        (61.26, "61.3 s"),
        (119.9, "2 min 0 s"),
        (7_300.0, "2 h 1 min"),
        (36e6, "10,000 h"),
    ] {
        assert_eq!(totals::time(seconds), text);
    }
}

#[test]
fn names_break_between_their_words() {
    assert_eq!(markup::breakable("ListObjectsV2<"), "List<wbr>Objects<wbr>V2&lt;");
    assert_eq!(markup::escape("a\u{1}'"), "a\u{fffd}&#39;");
}
