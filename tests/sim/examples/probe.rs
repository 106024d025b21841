use sim::matrix::*;
use std::collections::BTreeMap;
fn main() {
    let t = std::time::Instant::now();
    let prepared: Vec<_> = SCENES.iter().map(|s| s.prepare()).collect();
    println!("prepared {:?}", t.elapsed());
    let mut rows: BTreeMap<Call, Vec<(usize, u32)>> = BTreeMap::new();
    for (i, p) in prepared.iter().enumerate() {
        for (call, n) in discover(p) {
            rows.entry(call).or_default().push((i, n));
        }
    }
    println!("discovered {:?}", t.elapsed());
    for (call, at) in &rows {
        println!("{call}: {at:?}");
    }
    let mut n = 0;
    let mut table: BTreeMap<(Call, Fault), BTreeMap<String, Vec<String>>> = BTreeMap::new();
    for (call, at) in &rows {
        for fault in Fault::ALL {
            if !fault.can_strike(call) {
                continue;
            }
            for (i, count) in at {
                let mut skips = vec![0];
                if *count > 1 {
                    skips.push(count - 1);
                }
                if prepared[*i].scene.name == "renewed" && call.place != "notify" {
                    skips.remove(0);
                }
                for skip in skips {
                    let cell = Cell {
                        call: call.clone(),
                        fault,
                        scene: prepared[*i].scene.name,
                        skip,
                    };
                    let out = cell.run(&prepared[*i]);
                    n += 1;
                    let mut key = out.end.to_string();
                    if !out.findings.is_empty() {
                        key += &format!(
                            " !! {:?}",
                            out.findings
                                .iter()
                                .map(|f| format!("{}: {}", f.rule, f.text))
                                .collect::<Vec<_>>()
                        );
                    }
                    table
                        .entry((call.clone(), fault))
                        .or_default()
                        .entry(key)
                        .or_default()
                        .push(format!("{}#{skip}", prepared[*i].scene.name));
                }
            }
        }
    }
    for ((call, fault), ends) in &table {
        println!("{call} × {}: {ends:?}", fault.heading());
    }
    println!("{n} runs {:?}", t.elapsed());
}
