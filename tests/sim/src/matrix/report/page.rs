//! The report as one page.

use super::grid::Group;
use super::legend::{self, AMISS, Entry};
use super::markup::{breakable, escape};
use super::totals::{self, count};
use super::{Played, Report, data};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The page.
pub(super) fn html(report: &Report) -> String {
    let anchors = Anchors::of(report);
    let title = escape(&report.title);
    let parts = [
        heading(report),
        amiss(report, &anchors),
        legend_of(report),
        matrix(report, &anchors),
        system(report, &anchors),
        invariants(report),
    ]
    .concat();
    let style = style();
    let json = data::json(report);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<style>\n{style}</style>\n</head>\n<body>\n\
         <main>\n{parts}</main>\n{PANEL}\
         <script type=\"application/json\" id=\"data\">{json}</script>\n<script>\n{SCRIPT}</script>\n</body>\n</html>\n"
    )
}

/// Where a run is shown; the script fills it.
const PANEL: &str = "<section id=\"panel\" aria-labelledby=\"panel-name\" tabindex=\"-1\" hidden>\n\
    <header><h2 id=\"panel-name\"></h2><div class=\"buttons\">\
    <button type=\"button\" id=\"previous\" aria-label=\"Previous cell\">←</button>\
    <button type=\"button\" id=\"next\" aria-label=\"Next cell\">→</button>\
    <button type=\"button\" id=\"close\" aria-label=\"Close\">✕</button></div></header>\n\
    <div id=\"panel-body\"></div>\n</section>\n";

fn style() -> String {
    let mut style = format!(
        ":root{{{}}}\n@media(prefers-color-scheme:dark){{:root{{{}}}}}\n",
        legend::properties(false),
        legend::properties(true)
    );
    for Entry { name, .. } in &legend::ENTRIES {
        let _ = writeln!(
            style,
            ".{name}{{background:var(--{name});color:var(--{name}-ink)}}"
        );
    }
    style + STYLE
}

/// The anchor of each cell, by row and column.
struct Anchors<'r>(BTreeMap<(&'r str, &'r str), String>);

impl<'r> Anchors<'r> {
    fn of(report: &'r Report) -> Self {
        let names = report
            .cells()
            .map(|cell| (cell.row.as_str(), cell.column.as_str()));
        Self(names.zip(data::anchors(report)).collect())
    }

    /// The cell's letter as a link to its runs.
    fn link(&self, cell: &Played) -> String {
        let letter = cell.letter();
        let entry = legend::of(letter);
        let href = self.href(cell);
        let told = if letter == AMISS {
            format!("{}: not as required, must end {}", cell.name(), cell.required)
        } else {
            format!("{}: {}", cell.name(), cell.required)
        };
        let (class, told) = (entry.name, escape(&told));
        format!("<a class=\"e {class}\" href=\"#{href}\" aria-label=\"{told}\">{letter}</a>")
    }

    fn href(&self, cell: &Played) -> String {
        let anchor = self.0.get(&(cell.row.as_str(), cell.column.as_str()));
        escape(anchor.map_or("", String::as_str))
    }
}

fn heading(report: &Report) -> String {
    let totals = report.totals();
    let class = if report.is_as_required() { "well" } else { "wrong" };
    let verdict = report.verdict();
    let mut facts = vec![
        (count(totals.cells as u64), "cells possible".to_owned()),
        (count(totals.run as u64), "run".to_owned()),
        (count(totals.as_required as u64), "as required".to_owned()),
        (count(totals.runs as u64), "runs".to_owned()),
        (
            count(totals.checks as u64),
            format!("checks: every run against {} invariants", report.invariants.len()),
        ),
        (totals::time(report.seconds), "to run it all".to_owned()),
    ];
    if let Some(seconds) = report.virtual_seconds {
        facts.push((totals::time(seconds), "passed in the simulation".to_owned()));
    }
    let facts = facts.iter().map(|(value, name)| {
        let (value, name) = (escape(value), escape(name));
        format!("<li><b>{value}</b> {name}</li>\n")
    });
    let facts = facts.collect::<Vec<_>>().concat();
    let seeds = report.seeds.as_ref().map_or_else(String::new, |seeds| {
        let class = if seeds.failed.is_empty() {
            ""
        } else {
            " class=\"bad\""
        };
        format!("<p{class}>Seeds: {}</p>\n", escape(&seeds.told()))
    });
    let (title, version) = (escape(&report.title), escape(&report.version));
    format!(
        "<h1>{title} <small>{version}</small> <span class=\"verdict {class}\">{verdict}</span></h1>\n\
         <ul class=\"facts\">\n{facts}</ul>\n{seeds}"
    )
}

fn amiss(report: &Report, anchors: &Anchors<'_>) -> String {
    let cells: Vec<&Played> = report.cells().filter(|cell| cell.letter() == AMISS).collect();
    if cells.is_empty() {
        return String::new();
    }
    let mut html = format!(
        "<section class=\"failures\" aria-label=\"Not as required\">\n<h2>Not as required: {}</h2>\n<ul>\n",
        totals::of(cells.len(), "cell", "cells")
    );
    for cell in cells {
        let (href, name) = (anchors.href(cell), escape(&cell.name()));
        let required = escape(&cell.required);
        let _ = write!(html, "<li><a href=\"#{href}\">{name}</a> must end {required}<ul>");
        for (names, run) in cell.alike() {
            let (names, ended) = (escape(&names.join("; ")), escape(&cell.ended(run)));
            let _ = write!(html, "<li>{names}: {ended}");
            for (rule, text) in &run.findings {
                let _ = write!(
                    html,
                    "<p class=\"bad\"><b>{}</b> {}</p>",
                    escape(rule),
                    escape(text)
                );
            }
            html += "</li>";
        }
        html += "</ul></li>\n";
    }
    html + "</ul>\n</section>\n"
}

fn legend_of(report: &Report) -> String {
    let mut html = "<section class=\"legend\" aria-label=\"Ends; each shows its cells alone\">\n".to_owned();
    for (entry, number) in report.counts() {
        let Entry {
            letter,
            name,
            meaning,
            ..
        } = entry;
        let number = count(number as u64);
        let _ = writeln!(
            html,
            "<button type=\"button\" aria-pressed=\"false\" data-end=\"{name}\"><span class=\"e {name}\">{letter}</span>\
             <span><b>{name}</b> <i>{number}</i><br><small>{meaning}</small></span></button>"
        );
    }
    html + "</section>\n<noscript><p>The timelines behind the cells need a script, which is in this page.</p></noscript>\n"
}

fn matrix(report: &Report, anchors: &Anchors<'_>) -> String {
    let columns = report.all_columns();
    let grid = report.grid();
    if grid.is_empty() {
        return String::new();
    }
    let mut html = "<p class=\"hint\">Each cell opens its runs; arrow keys go from cell to cell.</p>\n\
        <div class=\"matrix\" tabindex=\"0\" role=\"region\" aria-label=\"Calls and faults\">\n<table>\n\
        <thead><tr><th scope=\"col\">call</th>"
        .to_owned();
    for column in &columns {
        let _ = write!(html, "<th scope=\"col\"><span>{}</span></th>", escape(column));
    }
    html += "</tr></thead>\n";
    for group in &grid {
        body(&mut html, group, columns.len(), anchors);
    }
    html + "</table>\n</div>\n"
}

fn body(html: &mut String, group: &Group<'_>, columns: usize, anchors: &Anchors<'_>) {
    let _ = writeln!(
        html,
        "<tbody><tr class=\"place\"><th scope=\"rowgroup\">{}</th><td colspan=\"{columns}\"></td></tr>",
        breakable(group.place)
    );
    for row in &group.rows {
        let _ = write!(
            html,
            "<tr><th scope=\"row\" title=\"{}\">{}</th>",
            escape(row.name),
            breakable(row.operation)
        );
        for cell in &row.cells {
            let link = cell.map_or_else(String::new, |cell| anchors.link(cell));
            let _ = write!(html, "<td>{link}</td>");
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n");
}

fn system(report: &Report, anchors: &Anchors<'_>) -> String {
    let groups = report.groups();
    if groups.is_empty() {
        return String::new();
    }
    let mut html = "<h2>The system’s own mishaps</h2>\n".to_owned();
    for (name, cells) in groups {
        let _ = write!(
            html,
            "<section class=\"group\"><h3>{} <small>{}</small></h3>\n<ul>\n",
            escape(name),
            cells.len()
        );
        for cell in cells {
            let (link, name) = (anchors.link(cell), escape(&cell.column));
            let _ = writeln!(html, "<li>{link} <span>{name}</span></li>");
        }
        html += "</ul></section>\n";
    }
    html
}

fn invariants(report: &Report) -> String {
    if report.invariants.is_empty() {
        return String::new();
    }
    let rules = report.invariants.iter().map(|(name, text)| {
        let (name, text) = (escape(name), escape(text));
        format!("<dt>{name}</dt><dd>{text}</dd>\n")
    });
    format!(
        "<h2>What every run is held against</h2>\n<dl>\n{}</dl>\n",
        rules.collect::<String>()
    )
}
