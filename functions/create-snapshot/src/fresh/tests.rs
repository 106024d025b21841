use crate::world::{GROUP, NAME, NOW, OnCreate, World, snapshot};
use backup_core::CallErrorKind as Kind;
use backup_core::ErrorName;
use backup_core::ports::SnapshotSource;
use backup_core::snapshot::{Snapshot, SnapshotStatus};
use std::cell::{Cell, RefCell};

fn with(snapshot: Snapshot) -> World {
    World {
        snapshots: RefCell::new(vec![snapshot]),
        ..World::default()
    }
}

#[test]
fn a_snapshot_is_made_of_the_replica_with_our_tags_and_the_caches() {
    let world = World::default();
    world.run(GROUP).unwrap();
    let created = world.created.borrow();
    assert_eq!(created[0].name.as_str(), NAME);
    assert_eq!(
        created[0].source,
        SnapshotSource::CacheCluster("orders-002".into())
    );
    let tags: Vec<_> = created[0]
        .tags
        .iter()
        .map(|tag| (tag.key.as_str(), tag.value.as_str()))
        .collect();
    let want = [
        ("snapkeep:run", "replication-group/orders/20261120t0304z"),
        ("snapkeep:owner", "main/on-demand"),
        ("snapkeep:cache", "replication-group/orders"),
        ("team", "shop"),
    ];
    assert_eq!(tags, want);
    assert_eq!(
        world.calls(),
        [
            "GetObject",
            "GetBucketLocation",
            "DescribeSnapshot",
            "DescribeCache",
            "CreateSnapshot"
        ],
        "the name is looked up before anything is made"
    );
}

#[test]
fn unreadable_cache_tags_never_fail_a_backup() {
    for kind in [
        Kind::AccessDenied,
        Kind::InvalidCacheState,
        Kind::ServiceUnavailable,
        Kind::Throttled,
    ] {
        let world = World {
            cache_tags: Err(kind),
            ..World::default()
        };
        world.run(GROUP).unwrap();
        assert_eq!(world.created.borrow()[0].tags.len(), 3, "{kind:?}");
    }
    let world = World::with_cache(|cache| cache.arn = None);
    world.run(GROUP).unwrap();
    assert_eq!(world.created.borrow()[0].tags.len(), 3, "no ARN to read them by");
}

#[test]
fn what_bears_our_name_and_is_of_this_cache_is_adopted_whatever_its_status() {
    let statuses = [
        "creating",
        "available",
        "exporting",
        "failed",
        "deleting",
        "a status of tomorrow",
    ];
    for status in statuses {
        let mut world = with(Snapshot {
            status: SnapshotStatus::parse(status),
            ..snapshot(NAME)
        });
        world.cache = None;
        let output = world.run(GROUP).unwrap();
        assert_eq!(
            output["status"], "adopted",
            "{status}, even with the cache deleted since"
        );
        assert_eq!(output["snapshot"]["sourceNode"], "orders-002");
        assert!(
            output["snapshot"].get("sourceRole").is_none(),
            "roles may have changed since"
        );
        assert!(world.created.borrow().is_empty(), "{status}");
    }
}

#[test]
fn an_adopted_snapshot_is_waited_for_from_where_it_began() {
    let cases = [
        (None, NOW, "being created: no create time yet"),
        (Some("2026-11-20T03:04:10Z"), "2026-11-20T03:04:10Z", "complete"),
        (Some("2026-11-20T03:09:00Z"), NOW, "a clock ahead of ours"),
    ];
    for (create_time, want, why) in cases {
        let world = with(Snapshot {
            create_time: create_time.map(|time| time.parse().unwrap()),
            ..snapshot(NAME)
        });
        assert_eq!(
            world.run(GROUP).unwrap()["snapshot"]["requestedAt"],
            want,
            "{why}"
        );
    }
}

#[test]
fn a_foreign_snapshot_of_our_name_is_never_touched() {
    let of = |group: Option<&str>, node: Option<&str>| Snapshot {
        replication_group_id: group.map(Into::into),
        cache_cluster_id: node.map(Into::into),
        ..snapshot(NAME)
    };
    let cases = [
        (of(None, Some("shop-001")), "`shop-001`", "another group's node"),
        (
            of(None, Some("orders")),
            "`orders`",
            "a stand-alone node of the group's name",
        ),
        (of(Some("orders-2"), None), "`orders-2`", "a sibling"),
        (of(None, None), "`an unknown source`", "an odd answer"),
    ];
    for (foreign, part, why) in cases {
        let world = with(foreign.clone());
        let error = world.run(GROUP).unwrap_err();
        assert_eq!(error.name, ErrorName::SnapshotForeign, "{why}");
        assert!(
            error.message.contains(part) && error.message.contains(NAME),
            "{}",
            error.message
        );
        // The name may be taken between the first look and the create call.
        let raced = with(foreign);
        raced.hidden.set(1);
        let raced = World {
            on_create: OnCreate::Refuse(Kind::SnapshotAlreadyExists),
            ..raced
        };
        assert_eq!(
            raced.run(GROUP).unwrap_err().name,
            ErrorName::SnapshotForeign,
            "{why}, raced"
        );
        assert!(raced.created.borrow().is_empty());
    }
}

#[test]
fn a_lost_answer_is_adopted_under_every_refusal_it_shows_as() {
    let refusals = [
        Kind::SnapshotAlreadyExists,
        Kind::InvalidCacheState,
        Kind::InvalidSnapshotState,
        Kind::SnapshotQuotaExceeded,
    ];
    for kind in refusals {
        let world = World {
            on_create: OnCreate::LoseTheAnswer(kind),
            ..World::default()
        };
        let output = world.run(GROUP).unwrap();
        assert_eq!(
            (&output["status"], &output["snapshot"]["requestedAt"]),
            (&"adopted".into(), &NOW.into())
        );
        assert_eq!(world.created.borrow().len(), 1, "{kind:?}");
    }
}

#[test]
fn a_lost_answer_that_shows_as_no_answer_is_found_by_the_next_attempt() {
    let world = World {
        on_create: OnCreate::LoseTheAnswer(Kind::ServiceUnavailable),
        ..World::default()
    };
    assert_eq!(world.run(GROUP).unwrap_err().name, ErrorName::ServiceUnavailable);
    assert_eq!(world.run(GROUP).unwrap()["status"], "adopted");
    assert_eq!(world.created.borrow().len(), 1, "one snapshot for two attempts");
}

#[test]
fn a_name_that_is_taken_but_not_shown_is_waited_for() {
    let world = World {
        on_create: OnCreate::Refuse(Kind::SnapshotAlreadyExists),
        hidden: Cell::new(3),
        ..with(snapshot(NAME))
    };
    let error = world.run(GROUP).unwrap_err();
    assert_eq!(error.name, ErrorName::SnapshotBusy, "two looks, both too early");
    assert!(error.source.is_some(), "AWS's own words stay the source");
    assert_eq!(
        world.run(GROUP).unwrap()["status"],
        "adopted",
        "the next attempt's second look sees it"
    );
}

#[test]
fn refusals_without_a_snapshot_keep_their_names() {
    let cases = [
        (
            Kind::InvalidCacheState,
            ErrorName::CacheBusy,
            "`orders-002` is not available",
        ),
        (
            Kind::InvalidSnapshotState,
            ErrorName::SnapshotBusy,
            "CreateSnapshot answered",
        ),
        (
            Kind::SnapshotQuotaExceeded,
            ErrorName::SnapshotQuotaExceeded,
            "24 hours old",
        ),
        (Kind::CacheNotFound, ErrorName::CacheBusy, "chooses another"),
        (Kind::NotSupported, ErrorName::Unsupported, "take the cache out"),
        (
            Kind::AccessDenied,
            ErrorName::AccessDenied,
            "the service's own text",
        ),
        (Kind::Throttled, ErrorName::Throttled, "the service's own text"),
        (
            Kind::CredentialsExpired,
            ErrorName::ServiceUnavailable,
            "the service's own text",
        ),
        (Kind::Unexpected, ErrorName::Unexpected, "the service's own text"),
    ];
    for (kind, name, part) in cases {
        let world = World {
            on_create: OnCreate::Refuse(kind),
            ..World::default()
        };
        let error = world.run(GROUP).unwrap_err();
        assert_eq!(error.name, name, "{kind:?}");
        assert!(error.message.contains(part), "{kind:?}: {}", error.message);
        assert_eq!(error.source.unwrap().kind, kind);
    }
}

#[test]
fn a_deleted_cache_is_not_taken_for_a_replaced_node() {
    let world = World {
        on_create: OnCreate::Refuse(Kind::CacheNotFound),
        ..World::default()
    };
    for kind in ["cache-cluster", "serverless-cache"] {
        assert_eq!(
            world.run(kind).unwrap_err().name,
            ErrorName::CacheNotFound,
            "{kind}"
        );
    }
}
