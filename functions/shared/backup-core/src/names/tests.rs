use super::*;
use proptest::prelude::*;

fn id(text: &str) -> CacheId {
    CacheId::parse(text).unwrap()
}

fn cache(kind: CacheKind, text: &str) -> CacheRef {
    CacheRef { kind, id: id(text) }
}

fn instant() -> Instant {
    Instant::parse("20261120t0304z").unwrap()
}

#[test]
fn snapshot_names_stand_as_the_design_spells_them() {
    let long = "a-very-long-cache-name-of-40-characters-";
    let cases = [
        ("orders", "orders-202611200304", "fits"),
        (
            "abcdefghijklmnopqrstuvwxyz1",
            "abcdefghijklmnopqrstuvwxyz1-202611200304",
            "27 is the longest that fits",
        ),
        (
            "abcdefghijklmnopqrstuvwxyz12",
            "abcdefghijklmnopqr-3b538c0c-202611200304",
            "28 is cut, with a hash",
        ),
        (
            &long[..39],
            "a-very-long-cache-d9b15c6a-202611200304",
            "no double hyphen where the cut falls on one",
        ),
    ];
    for (given, want, why) in cases {
        assert_eq!(
            SnapshotName::for_run(&id(given), instant()).as_str(),
            want,
            "{why}"
        );
    }
}

#[test]
fn foreign_names_are_not_ours() {
    let name = |text: &str| SnapshotName::from_service(text).instant_for(&id("prod"));
    assert_eq!(name("prod-202611200304"), Some(instant()));
    assert_eq!(
        name("Prod-202611200304"),
        Some(instant()),
        "ElastiCache stores lower case"
    );
    for (text, why) in [
        ("prod-2-202611200304", "a sibling's"),
        ("prod-20261120030", "eleven digits"),
        ("prod-202613200304", "month 13"),
        ("automatic.prod-2026-11-20-03-04", "ElastiCache's own"),
        ("prod", "by hand"),
        ("202611200304", "no id"),
    ] {
        assert_eq!(name(text), None, "{why}");
    }
    assert!(SnapshotName::from_service("automatic.prod-001-2026-11-20-03-04").is_automatic());
}

#[test]
fn keys_stand_as_the_design_spells_them() {
    let orders = cache(CacheKind::ReplicationGroup, "orders");
    let base = "backups/replication-group/orders/20261120t0304z";
    assert_eq!(export_target(&orders, instant(), 0), format!("{base}/orders"));
    assert_eq!(export_target(&orders, instant(), 2), format!("{base}/r2/orders"));
    assert_eq!(
        manifest_key(&orders, instant()).as_str(),
        format!("{base}/manifest.json")
    );
    assert_eq!(
        alert_key(&orders, instant(), 1).as_str(),
        format!("{base}/alert-1.json")
    );
    assert_eq!(
        watch_key(&Owner::new("main", "nightly").unwrap(), &orders).as_str(),
        "watch/main/nightly/replication-group/orders.json"
    );
    let shard = ObjectKey::new(format!("{base}/orders-0001.rdb"));
    assert_eq!(
        verdict_key(&orders, instant(), 0, &shard).as_str(),
        format!("{base}/verdicts/orders-0001.rdb.json")
    );
    assert_eq!(
        verdict_key(&orders, instant(), 2, &shard).as_str(),
        format!("{base}/verdicts/r2/orders-0001.rdb.json"),
        "a renewed export has verdicts of its own"
    );
}

#[test]
fn only_shards_of_this_export_are_its_objects() {
    let node = ExportGrammar::node_based("b/orders");
    let serverless = ExportGrammar::serverless(&SnapshotName::from_service("cat-202611200304"));
    let cases: &[(&ExportGrammar, &str, Option<&str>, &str)] = &[
        (
            &node,
            "b/orders-0001.rdb",
            Some("0001"),
            "the only shard of cluster mode disabled",
        ),
        (
            &node,
            "b/orders-7.rdb",
            Some("7"),
            "node group ids may have one digit",
        ),
        (
            &node,
            "b/orders-00001.rdb",
            None,
            "five digits are no node group id",
        ),
        (&node, "b/orders-2-0001.rdb", None, "a sibling's"),
        (&node, "b/orders-0001.rdb.tmp", None, "not a finished object"),
        (&node, "b/orders-.rdb", None, "no shard"),
        (
            &serverless,
            "cat-202611200304/cat-202611200304-0001.rdb",
            Some("0001"),
            "as observed",
        ),
        (
            &serverless,
            "cat-202611200304-0002.rdb",
            Some("0002"),
            "the node-based form",
        ),
        (&serverless, "cat-202611200304/other-0001.rdb", None, "not ours"),
    ];
    for (grammar, key, want, why) in cases {
        assert_eq!(grammar.shard(key), *want, "{why}");
    }
}

#[test]
fn shards_are_compared_by_number() {
    assert_eq!(shard_number("0001"), shard_number("1"));
    for (text, why) in [
        ("", "empty"),
        ("00001", "five digits"),
        ("+1", "a sign"),
        ("1a", "a letter"),
    ] {
        assert_eq!(shard_number(text), None, "{why}");
    }
}

#[test]
fn every_kind_has_its_export_grammar() {
    let snapshot = SnapshotName::from_service("cat-202611200304");
    for (kind, want) in [
        (CacheKind::ReplicationGroup, ExportGrammar::node_based("b/cat")),
        (CacheKind::CacheCluster, ExportGrammar::node_based("b/cat")),
        (CacheKind::ServerlessCache, ExportGrammar::serverless(&snapshot)),
    ] {
        assert_eq!(
            ExportGrammar::of(&cache(kind, "cat"), &snapshot, "b/cat"),
            want,
            "{kind}"
        );
    }
}

#[test]
fn an_object_is_named_by_what_follows_the_last_slash() {
    for (key, want) in [
        ("b/r1/a-0001.rdb", "a-0001.rdb"),
        ("a.rdb", "a.rdb"),
        ("b/", ""),
        ("", ""),
    ] {
        assert_eq!(ObjectKey::new(key).file_name(), want, "`{key}`");
    }
}

proptest! {
    #[test]
    fn every_shard_of_an_export_is_found_and_nobody_elses(
        kind in prop::sample::select(CacheKind::ALL.to_vec()),
        text in "[a-z]([a-z0-9]|-[a-z0-9]){0,12}",
        renewal in 0_u32..12,
        number in 0_u16..=9999,
    ) {
        let cache = cache(kind, &text);
        let sibling = self::cache(kind, &format!("{text}-2"));
        let grammar = |cache: &CacheRef, renewal| {
            let snapshot = SnapshotName::for_run(&cache.id, instant());
            ExportGrammar::of(cache, &snapshot, &export_target(cache, instant(), renewal))
        };
        let ours = grammar(&cache, renewal);
        for stem in ours.prefixes() {
            let key = shard_key(stem, &format!("{number:04}"));
            let shard = ours.shard(key.as_str());
            prop_assert_eq!(shard.and_then(shard_number), Some(number));
            prop_assert_eq!(grammar(&sibling, renewal).shard(key.as_str()), None, "a sibling's {}", &key);
            if kind != CacheKind::ServerlessCache {
                prop_assert!(key.as_str().starts_with(&run_prefix(&cache, instant())));
                prop_assert_eq!(grammar(&cache, renewal + 1).shard(key.as_str()), None, "another export's");
            }
        }
    }

    #[test]
    fn every_key_of_a_run_lies_below_its_folder_once(
        a in 0_u32..99, b in 0_u32..99, shard in "[0-9]{1,4}",
    ) {
        let cache = cache(CacheKind::ReplicationGroup, "orders");
        let object = shard_key("x/orders-", &shard);
        let keys = [
            manifest_key(&cache, instant()),
            alert_key(&cache, instant(), a),
            verdict_key(&cache, instant(), b, &object),
            verdict_key(&cache, instant(), b + 1, &object),
        ];
        for (at, key) in keys.iter().enumerate() {
            prop_assert!(key.as_str().starts_with(&run_prefix(&cache, instant())), "{}", key);
            prop_assert!(!keys[..at].contains(key), "{} twice", key);
        }
    }

    #[test]
    fn every_legal_id_gives_a_legal_snapshot_name_that_reads_back(
        text in "[a-z]([a-z0-9]|-[a-z0-9]){0,24}[a-z0-9]{0,1}",
        second in 946_684_800_i64..253_402_207_200,
    ) {
        let (cache, at) = (id(&text), Instant::of(jiff::Timestamp::from_second(second).unwrap()).unwrap());
        let name = SnapshotName::for_run(&cache, at);
        prop_assert!(name.as_str().len() <= SNAPSHOT_NAME_MAX);
        prop_assert!(CacheId::parse(name.as_str()).is_ok(), "snapshot names follow the rules of cache ids");
        prop_assert_eq!(name.instant_for(&cache), Some(at));
        if text.len() <= 27 {
            prop_assert_eq!(name.parse(), Some((text.as_str(), at)));
        }
    }

    #[test]
    fn cut_names_of_two_caches_differ(a in "[a-z][a-z0-9]{27,39}", b in "[a-z][a-z0-9]{27,39}") {
        prop_assume!(a != b);
        let of = |text: &str| SnapshotName::for_run(&id(text), instant());
        prop_assert_ne!(of(&a), of(&b));
    }
}
