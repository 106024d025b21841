//! What holds for any rules and any history.

use super::*;
use crate::Retention;
use proptest::prelude::*;
use std::collections::BTreeSet;

/// Seconds in the history: six years, so that every period repeats.
const SPAN: i64 = 6 * 365 * 86_400;
/// 2024-01-01T00:00:00Z, a leap year.
const START: i64 = 1_704_067_200;

fn history() -> impl Strategy<Value = Vec<Backup>> {
    let one = (0..SPAN / 60, any::<bool>(), 0..5_u8, 0..8_u8);
    // Most histories are dense at the end, as real ones are.
    let one = one.prop_map(|(minute, recent, standing, pinned)| {
        let minute = if recent { SPAN / 60 - minute / 60 } else { minute };
        let create_time = Timestamp::from_second(START + minute * 60).unwrap();
        Backup {
            instant: Instant::of(create_time).unwrap(),
            create_time,
            standing: if standing == 0 {
                Standing::Suspicious
            } else {
                Standing::Unsuspicious
            },
            pinned: pinned == 0,
        }
    });
    prop::collection::vec(one, 0..60).prop_map(|mut all| {
        let mut seen = BTreeSet::new();
        all.retain(|backup| seen.insert(backup.instant));
        all
    })
}

fn retention() -> impl Strategy<Value = Retention> {
    let zone = prop::sample::select(vec![
        "UTC",
        "Europe/Berlin",
        "Australia/Lord_Howe",
        "America/St_Johns",
    ]);
    let within = prop::option::of(prop::sample::select(vec!["2h", "7d", "1m", "1y5m7d2h", "9999y"]));
    let counts = prop::array::uniform6(prop_oneof![Just(0_u32), 1..6_u32, Just(1000)]);
    (counts, within, 1..5_u32, zone).prop_map(
        |([last, hourly, daily, weekly, monthly, yearly], within, minimum, zone)| Retention {
            keep_last: if within.is_none() { last.max(1) } else { last },
            keep_hourly: hourly,
            keep_daily: daily,
            keep_weekly: weekly,
            keep_monthly: monthly,
            keep_yearly: yearly,
            keep_within: within.map(Into::into),
            minimum,
            time_zone: zone.to_owned(),
            ..Retention::default()
        },
    )
}

/// A time after the history, or within it.
fn now() -> impl Strategy<Value = Timestamp> {
    (0..SPAN * 2).prop_map(|s| Timestamp::from_second(START + s).unwrap())
}

fn kept(rules: &Retention, backups: &[Backup], now: Timestamp) -> BTreeSet<Instant> {
    let plan = plan(&rules.rules().unwrap(), backups, now);
    plan.keep.iter().map(|decision| decision.instant).collect()
}

fn counted(backups: &[Backup]) -> Vec<&Backup> {
    let mut counted: Vec<_> = backups
        .iter()
        .filter(|b| b.standing == Standing::Unsuspicious)
        .collect();
    counted.sort_by_key(|b| std::cmp::Reverse(b.create_time));
    counted
}

proptest! {
    #[test]
    fn each_backup_is_decided_once_with_a_reason(rules in retention(), backups in history(), now in now()) {
        let plan = plan(&rules.rules().unwrap(), &backups, now);
        let decided: Vec<_> = plan.keep.iter().chain(&plan.delete).collect();
        prop_assert!(decided.iter().all(|d| !d.reasons.is_empty()));
        let instants: BTreeSet<_> = decided.iter().map(|d| d.instant).collect();
        prop_assert_eq!((decided.len(), instants), (backups.len(), backups.iter().map(|b| b.instant).collect()));
    }

    #[test]
    fn the_newest_sound_ones_stay(rules in retention(), backups in history(), now in now()) {
        let kept = kept(&rules, &backups, now);
        let floor = usize::try_from(rules.minimum).unwrap();
        for backup in counted(&backups).iter().take(floor) {
            prop_assert!(kept.contains(&backup.instant), "{}", backup.instant);
        }
        let sound = counted(&backups).iter().filter(|b| kept.contains(&b.instant)).count();
        prop_assert!(sound >= floor.min(counted(&backups).len()));
    }

    #[test]
    fn pinned_ones_stay(rules in retention(), backups in history(), now in now()) {
        let kept = kept(&rules, &backups, now);
        prop_assert!(backups.iter().all(|b| !b.pinned || kept.contains(&b.instant)));
    }

    #[test]
    fn a_pin_changes_no_other_decision(rules in retention(), backups in history(), now in now(), at in any::<prop::sample::Index>()) {
        prop_assume!(!backups.is_empty());
        let mut pinned = backups.clone();
        let at = at.index(backups.len());
        pinned[at].pinned = true;
        let mut want = kept(&rules, &backups, now);
        want.insert(backups[at].instant);
        prop_assert_eq!(kept(&rules, &pinned, now), want);
    }

    #[test]
    fn a_plan_on_what_is_left_deletes_nothing(rules in retention(), backups in history(), now in now()) {
        let stays = kept(&rules, &backups, now);
        let left: Vec<_> = backups.into_iter().filter(|b| stays.contains(&b.instant)).collect();
        prop_assert_eq!(kept(&rules, &left, now), stays);
    }

    #[test]
    fn the_order_of_the_input_is_irrelevant(rules in retention(), (backups, shuffled) in history().prop_flat_map(|b| (Just(b.clone()), Just(b).prop_shuffle())), now in now()) {
        let rules = rules.rules().unwrap();
        prop_assert_eq!(plan(&rules, &backups, now), plan(&rules, &shuffled, now));
    }

    #[test]
    fn what_goes_now_goes_later(rules in retention(), backups in history(), now in now(), later in 0..SPAN) {
        let later = kept(&rules, &backups, now + SignedDuration::from_secs(later));
        prop_assert!(later.is_subset(&kept(&rules, &backups, now)));
    }

    #[test]
    fn time_alone_takes_no_sound_backup(rules in retention(), backups in history(), now in now(), later in 0..SPAN) {
        let sound = |now| -> BTreeSet<_> {
            let kept = kept(&rules, &backups, now);
            counted(&backups).into_iter().map(|b| b.instant).filter(|i| kept.contains(i)).collect()
        };
        prop_assert_eq!(sound(now), sound(now + SignedDuration::from_secs(later)));
    }

    #[test]
    fn a_suspicious_night_changes_no_other_decision(rules in retention(), backups in history(), now in now(), at in any::<prop::sample::Index>()) {
        prop_assume!(!backups.is_empty());
        let mut without = backups.clone();
        let mut night = without.remove(at.index(backups.len()));
        night.standing = Standing::Suspicious;
        let instant = night.instant;
        let with: Vec<_> = without.iter().cloned().chain([night]).collect();
        let mut kept_with = kept(&rules, &with, now);
        kept_with.remove(&instant);
        prop_assert_eq!(kept_with, kept(&rules, &without, now));
    }

    #[test]
    fn another_rule_never_deletes_more(rules in retention(), more in retention(), backups in history(), now in now()) {
        let union = Retention {
            keep_last: rules.keep_last.max(more.keep_last),
            keep_hourly: rules.keep_hourly.max(more.keep_hourly),
            keep_daily: rules.keep_daily.max(more.keep_daily),
            keep_weekly: rules.keep_weekly.max(more.keep_weekly),
            keep_monthly: rules.keep_monthly.max(more.keep_monthly),
            keep_yearly: rules.keep_yearly.max(more.keep_yearly),
            keep_within: rules.keep_within.clone().or(more.keep_within),
            minimum: rules.minimum.max(more.minimum),
            ..rules.clone()
        };
        prop_assert!(kept(&rules, &backups, now).is_subset(&kept(&union, &backups, now)));
    }
}
