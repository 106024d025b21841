//! Plays cells of the system by a part of their group or name, and prints how each ended: for whoever writes one.
#![allow(clippy::print_stdout, reason = "it is what a person asked to see")]

use sim::matrix::system_cells;

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    for cell in system_cells() {
        let name = format!("{}: {}", cell.group, cell.name);
        if !name.contains(&wanted) {
            continue;
        }
        let outcome = (cell.play)();
        println!("{name}: {} then {:?}", outcome.end, outcome.recovered);
        for finding in &outcome.findings {
            println!("  !! {}: {}", finding.rule, finding.text);
        }
        if std::env::args().nth(2).is_some() {
            outcome.timeline.iter().for_each(|line| println!("  {line}"));
        }
    }
}
