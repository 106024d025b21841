//! Small seasons: promises hold, a cache costs the same however many there are, and a season repeats from its seed.
//! `make scale` plays the large ones.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

use sim::scale::{Season, Setup, bill, picture, play, table};

fn season(setup: &Setup) -> Season {
    let season = play(setup).unwrap();
    assert_eq!(season.breaches, [], "seed {}", season.setup.seed);
    season
}

/// Chance is left out: among so few runs one that fails would weigh more than two percent.
fn calm(caches: u32) -> Season {
    season(&Setup {
        nights: 1,
        caches,
        fault_rate: 0.0,
        spoilt_rate: 0.0,
        ..Setup::default()
    })
}

#[test]
fn a_cache_costs_the_same_among_ten_and_among_sixty() {
    let (few, many) = (bill(&calm(10)), bill(&calm(60)));
    for (what, few, many) in [
        ("what runs do", few.work, many.work),
        ("all of it", few.cache, many.cache),
    ] {
        assert!((many / few - 1.0).abs() < 0.02, "{what}: {few} and {many}");
    }
}

#[test]
fn a_season_with_faults_keeps_its_promises_and_repeats_from_its_seed() {
    let stormy = || {
        season(&Setup {
            nights: 1,
            caches: 20,
            fault_rate: 0.02,
            spoilt_rate: 0.2,
            limit: Some(20),
            seed: 3,
            ..Setup::default()
        })
    };
    let (first, again) = (stormy(), stormy());
    assert!(first.meter.struck > 0, "nothing went wrong, so nothing is shown");
    assert!(
        first.meter.throttled > 0,
        "20 caches at once ask for more than 20 calls a second"
    );
    assert_eq!(first, again);
    let (first, again) = ([first], [again]);
    assert_eq!(table(&first), table(&again));
    assert_eq!(picture(&first), picture(&again));
}
