//! Seasons as a picture: calls per second over the first night, and what a cache costs by the number of caches.

use super::price::{bill, real};
use super::season::Season;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 240.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 50.0;
/// Seconds of the night that are shown: what comes later is done by hand.
const SHOWN: i64 = 3_600;
/// Seconds of one bar.
const BAR: i64 = 4;

/// An SVG of both plots; equal seasons give equal bytes.
pub fn picture(seasons: &[Season]) -> String {
    let mut svg = String::new();
    let _ = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 980 680\" font-family=\"sans-serif\" font-size=\"12\">"
    );
    let _ = writeln!(svg, "<rect width=\"980\" height=\"680\" fill=\"#fff\"/>");
    if let Some(largest) = seasons.iter().max_by_key(|season| season.setup.caches) {
        night(&mut svg, largest);
    }
    costs(&mut svg, seasons);
    svg.push_str("</svg>\n");
    svg
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, words: &str) {
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\">{words}</text>"
    );
}

fn line(svg: &mut String, (x1, y1): (f64, f64), (x2, y2): (f64, f64), colour: &str) {
    let _ = writeln!(
        svg,
        "<line x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\" stroke=\"{colour}\"/>"
    );
}

fn frame(svg: &mut String, top: f64, title: &str) {
    text(svg, LEFT, top - 20.0, "start", title);
    line(svg, (LEFT, top), (LEFT, top + HEIGHT), "#444");
    line(svg, (LEFT, top + HEIGHT), (LEFT + WIDTH, top + HEIGHT), "#444");
}

#[expect(clippy::cast_precision_loss, reason = "seconds of an hour")]
fn night(svg: &mut String, season: &Season) {
    let mut bars: BTreeMap<i64, u32> = BTreeMap::new();
    for (second, calls) in &season.meter.first_night {
        if (0..SHOWN).contains(second) {
            let most = bars.entry(second / BAR).or_default();
            *most = (*most).max(*calls);
        }
    }
    let most = f64::from(bars.values().copied().max().unwrap_or(1).max(1));
    let title = format!(
        "ElastiCache calls a second, first night of {} caches: at most {most}",
        season.setup.caches
    );
    frame(svg, TOP, &title);
    let (bottom, count) = (TOP + HEIGHT, SHOWN / BAR);
    for (bar, calls) in bars {
        let x = LEFT + bar as f64 / count as f64 * WIDTH;
        let height = f64::from(calls) / most * HEIGHT;
        line(svg, (x, bottom), (x, bottom - height), "#2563a8");
    }
    for minute in (0..=60).step_by(10) {
        let x = LEFT + f64::from(minute) / 60.0 * WIDTH;
        text(svg, x, bottom + 16.0, "middle", &format!("{minute} min"));
    }
    text(svg, LEFT - 6.0, TOP + 4.0, "end", &format!("{most}"));
}

fn costs(svg: &mut String, seasons: &[Season]) {
    let top = TOP + HEIGHT + 90.0;
    frame(
        svg,
        top,
        "Dollars of a cache and month by the number of caches: all (blue), what runs do (green)",
    );
    let points: Vec<(u32, f64, f64)> = seasons
        .iter()
        .map(|season| {
            let bill = bill(season);
            (season.setup.caches, bill.cache, bill.work)
        })
        .collect();
    let most = points.iter().map(|(_, cache, _)| *cache).fold(1.0, f64::max) * 1.2;
    let place = |index: usize| LEFT + (real(index as u64) + 0.5) / real(points.len() as u64) * WIDTH;
    let height = |dollars: f64| top + HEIGHT - dollars / most * HEIGHT;
    for (index, (caches, cache, work)) in points.iter().enumerate() {
        let x = place(index);
        text(svg, x, top + HEIGHT + 16.0, "middle", &format!("{caches} caches"));
        for (dollars, colour) in [(*cache, "#2563a8"), (*work, "#2f855a")] {
            let y = height(dollars);
            let _ = writeln!(
                svg,
                "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{colour}\"/>"
            );
            text(svg, x + 8.0, y - 8.0, "start", &format!("${dollars:.3}"));
        }
        if let Some((_, next_cache, next_work)) = points.get(index + 1) {
            let to = place(index + 1);
            line(svg, (x, height(*cache)), (to, height(*next_cache)), "#2563a8");
            line(svg, (x, height(*work)), (to, height(*next_work)), "#2f855a");
        }
    }
}
