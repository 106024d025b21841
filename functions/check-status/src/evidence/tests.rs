use super::*;
use crate::world::{group, object};
use proptest::prelude::*;

/// Judges objects given as `shard` or `shard:size`: the shards found, or those missing, or the error.
fn check(expected: Expected<'_>, found: &str) -> String {
    let found = found.split_whitespace().map(|text| match text.split_once(':') {
        Some((shard, size)) => object("s-", shard, size.parse().unwrap()),
        None => object("s-", text, 7),
    });
    match judge(expected, found.collect()) {
        Ok(Evidence::Complete { stem, objects }) => {
            assert_eq!(stem, "s-");
            let shards: Vec<_> = objects.iter().map(|object| object.shard.as_str()).collect();
            format!("all: {}", shards.join(" "))
        }
        Ok(Evidence::Lacking { missing, found }) => format!("{found}, missing: {}", missing.join(" ")),
        Err(error) => {
            assert_eq!(error.name, ErrorName::Unexpected);
            error.message
        }
    }
}

#[test]
fn one_object_that_is_not_empty_for_every_node_group() {
    let cases: &[(&str, &str, &str, &str)] = &[
        ("0001", "0001", "all: 0001", "one shard"),
        ("0002 0001", "0002 0001", "all: 0001 0002", "sorted by shard"),
        ("1 0003", "0001 3", "all: 0001 3", "by number, spelled as found"),
        (
            "0001 0003",
            "0001 0003",
            "all: 0001 0003",
            "ids with a gap after resharding",
        ),
        ("0001", "", "0, missing: 0001", "nothing"),
        ("0001 0002", "0002", "1, missing: 0001", "one of two"),
        (
            "0001 0002",
            "0001:0 0002",
            "1, missing: 0001",
            "an empty object is none",
        ),
        (
            "0001",
            "0001 0002:0",
            "all: 0001",
            "an empty one too many is none either",
        ),
        ("0001", "0001 0002", "`s-0002.rdb`", "a shard too many"),
        (
            "0001 0003",
            "0001 0002",
            "`s-0002.rdb`",
            "numbered by a counter after all",
        ),
        ("0001", "0001 1", "same shard", "one shard twice"),
    ];
    for (groups, found, want, why) in cases {
        let groups: Vec<_> = groups.split(' ').map(group).collect();
        let told = check(Expected::NodeGroups(&groups), found);
        assert!(told.contains(want), "{why}: {told}");
    }
}

#[test]
fn a_serverless_export_counts_from_one_without_a_gap() {
    let cases: &[(&str, &str, &str)] = &[
        ("0001", "all: 0001", "as observed"),
        ("0002 0001", "all: 0001 0002", "several"),
        ("", "0, missing: 0001", "nothing"),
        ("0001:0", "0, missing: 0001", "only an empty one"),
        ("0003", "1, missing: 0001 0002", "a gap before"),
        ("0001 0002:0 0003", "2, missing: 0002", "a gap between"),
        ("0000 0001", "`s-0000.rdb`", "counted from nought"),
    ];
    for (found, want, why) in cases {
        let told = check(Expected::FromOneOn, found);
        assert!(told.contains(want), "{why}: {told}");
    }
}

#[test]
fn objects_of_one_export_lie_under_one_prefix() {
    let found = vec![object("s-", "0001", 1), object("s/s-", "0002", 1)];
    assert_eq!(
        judge(Expected::FromOneOn, found).unwrap_err().name,
        ErrorName::Unexpected
    );
    let empty = vec![object("s-", "0001", 1), object("s/s-", "0002", 0)];
    assert!(matches!(
        judge(Expected::FromOneOn, empty),
        Ok(Evidence::Complete { .. })
    ));
}

#[test]
fn texts_name_a_few_shards_only() {
    let shards = |n: usize| (1..=n).map(|n| n.to_string()).collect::<Vec<_>>();
    assert_eq!(some_of(&shards(2)), "`1`, `2`");
    assert!(some_of(&shards(10)).ends_with("`8` and 2 more"));
}

proptest! {
    #[test]
    fn complete_if_and_only_if_every_shard_is_whole_whatever_the_order(
        sizes in prop::collection::btree_map(1_u16..600, 0_u64..3, 1..12),
        turn in 0_usize..12,
    ) {
        let groups: Vec<_> = sizes.keys().map(|n| group(&n.to_string())).collect();
        let mut found: Vec<_> = sizes.iter().map(|(n, size)| object("s-", &format!("{n:04}"), *size)).collect();
        let judged = judge(Expected::NodeGroups(&groups), found.clone()).unwrap();
        let empty = sizes.values().filter(|size| **size == 0).count();
        match &judged {
            Evidence::Complete { objects, .. } => prop_assert_eq!((empty, objects.len()), (0, sizes.len())),
            Evidence::Lacking { missing, found } => {
                prop_assert!(empty > 0);
                prop_assert_eq!((missing.len(), *found), (empty, sizes.len() - empty));
            }
        }
        found.rotate_left(turn % sizes.len());
        prop_assert_eq!(judge(Expected::NodeGroups(&groups), found).unwrap(), judged);
    }
}
