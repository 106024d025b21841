use crate::world::OnCreate::{LoseTheAnswer, Refuse};
use crate::world::{GROUP, NAME, NOW, World, snapshot};
use backup_core::CallErrorKind as Kind;
use backup_core::ports::SnapshotSource;
use backup_core::snapshot::{Snapshot, SnapshotStatus};

/// Refusals that a lost answer may be behind.
const HIDING: [Kind; 4] = [
    Kind::SnapshotAlreadyExists,
    Kind::InvalidCacheState,
    Kind::InvalidSnapshotState,
    Kind::SnapshotQuotaExceeded,
];

#[test]
fn a_snapshot_is_made_of_the_replica_with_our_tags_and_the_caches() {
    let world = World::default();
    world.run(GROUP).unwrap();
    let created = &world.created.borrow()[0];
    assert_eq!(created.name.as_str(), NAME);
    let replica = SnapshotSource::CacheCluster("orders-002".into());
    assert_eq!(created.source, replica);
    let tags = created.tags.iter();
    let tags: Vec<_> = tags.map(|tag| format!("{}={}", tag.key, tag.value)).collect();
    let want = [
        "snapkeep:run=replication-group/orders/20261120t0304z",
        "snapkeep:owner=main/on-demand",
        "snapkeep:cache=replication-group/orders",
        "team=shop",
    ];
    assert_eq!(tags, want);
    let calls = ["DescribeSnapshot", "DescribeCache", "CreateSnapshot"];
    assert_eq!(world.calls.borrow()[2..], calls, "the name is looked up first");
}

#[test]
fn unreadable_cache_tags_never_fail_a_backup() {
    for kind in [Kind::AccessDenied, Kind::InvalidCacheState, Kind::Throttled] {
        let world = World {
            cache_tags: Err(kind),
            ..World::default()
        };
        assert_eq!(world.told(GROUP).0, "created", "{kind:?}");
        assert_eq!(world.created.borrow()[0].tags.len(), 3, "{kind:?}");
    }
    let world = World::with_cache(|cache| cache.arn = None);
    assert_eq!(world.told(GROUP).0, "created", "no ARN to read them by");
}

#[test]
fn what_bears_our_name_and_is_of_this_cache_is_adopted_whatever_its_status() {
    for status in ["creating", "available", "exporting", "failed", "deleting", "new"] {
        let mut world = World::with_snapshots(vec![Snapshot {
            status: SnapshotStatus::parse(status),
            ..snapshot(NAME)
        }]);
        world.cache = None;
        let output = world.run(GROUP).unwrap();
        assert_eq!(output["status"], "adopted", "{status}, the cache deleted since");
        let requested = output["snapshot"].as_object().unwrap();
        assert_eq!(requested["sourceNode"], "orders-002");
        assert!(!requested.contains_key("sourceRole"), "roles may have changed");
    }
}

#[test]
fn an_adopted_snapshot_is_waited_for_from_where_it_began() {
    let done = "2026-11-20T03:04:10Z";
    let cases = [
        (None, NOW, "being created: no create time yet"),
        (Some(done), done, "complete"),
        (Some("2026-11-20T03:09:00Z"), NOW, "a clock ahead of ours"),
    ];
    for (create_time, want, why) in cases {
        let world = World::with_snapshots(vec![Snapshot {
            create_time: create_time.map(|time| time.parse().unwrap()),
            ..snapshot(NAME)
        }]);
        let output = world.run(GROUP).unwrap();
        assert_eq!(output["snapshot"]["requestedAt"], want, "{why}");
    }
}

#[test]
fn a_foreign_snapshot_of_our_name_is_never_touched() {
    let cases = [
        (None, Some("shop-001"), "`shop-001`", "another group's node"),
        (None, Some("orders"), "`orders`", "a stand-alone node"),
        (Some("orders-2"), None, "`orders-2`", "a sibling"),
        (None, None, "`an unknown source`", "an odd answer"),
    ];
    for (group, node, part, why) in cases {
        for looks_too_early in [0, 1] {
            let world = World::with_snapshots(vec![Snapshot {
                replication_group_id: group.map(Into::into),
                cache_cluster_id: node.map(Into::into),
                ..snapshot(NAME)
            }]);
            let world = world.answering(Refuse(Kind::SnapshotAlreadyExists));
            world.hidden.set(looks_too_early);
            let (name, message) = world.told(GROUP);
            assert_eq!(name, "SnapshotForeign", "{why}");
            assert!(message.contains(part) && message.contains(NAME), "{message}");
        }
    }
}

#[test]
fn a_lost_answer_is_adopted_under_every_refusal_it_shows_as() {
    for kind in HIDING {
        let world = World::default().answering(LoseTheAnswer(kind));
        let output = world.run(GROUP).unwrap();
        assert_eq!(output["status"], "adopted", "{kind:?}");
        assert_eq!(output["snapshot"]["requestedAt"], NOW, "{kind:?}");
        assert_eq!(world.created.borrow().len(), 1, "{kind:?}");
    }
    let unanswered = World::default().answering(LoseTheAnswer(Kind::ServiceUnavailable));
    assert_eq!(unanswered.told(GROUP).0, "ServiceUnavailable");
    assert_eq!(unanswered.told(GROUP).0, "adopted", "the retry looks first");
    assert_eq!(unanswered.created.borrow().len(), 1);
}

#[test]
fn a_name_that_is_taken_but_not_shown_is_waited_for() {
    let world = World::with_snapshots(vec![snapshot(NAME)]);
    let world = world.answering(Refuse(Kind::SnapshotAlreadyExists));
    world.hidden.set(3);
    assert_eq!(world.told(GROUP).0, "SnapshotBusy", "two looks, both too early");
    assert_eq!(world.told(GROUP).0, "adopted", "the fourth look sees it");
}

#[test]
fn refusals_without_a_snapshot_keep_their_names() {
    let (node, own) = ("cache-cluster", "CreateSnapshot answered");
    let cases = [
        (GROUP, Kind::InvalidCacheState, "CacheBusy", "`orders-002` is not"),
        (GROUP, Kind::InvalidSnapshotState, "SnapshotBusy", own),
        (
            GROUP,
            Kind::SnapshotQuotaExceeded,
            "SnapshotQuotaExceeded",
            "24 hours old",
        ),
        (GROUP, Kind::CacheNotFound, "CacheBusy", "chooses another"),
        (node, Kind::CacheNotFound, "CacheNotFound", own),
        (GROUP, Kind::NotSupported, "Unsupported", "take the cache out"),
        (GROUP, Kind::AccessDenied, "AccessDenied", own),
        (GROUP, Kind::Throttled, "Throttled", own),
        (GROUP, Kind::CredentialsExpired, "ServiceUnavailable", own),
        (GROUP, Kind::Unexpected, "Unexpected", own),
    ];
    for (of, kind, name, part) in cases {
        let error = World::default().answering(Refuse(kind)).run(of).unwrap_err();
        assert_eq!(format!("{:?}", error.name), name, "{of}, {kind:?}");
        assert!(error.message.contains(part), "{kind:?}: {}", error.message);
        assert_eq!(error.source.unwrap().kind, kind, "AWS's own words stay");
    }
}
