//! Streams: nodes and their entries, length, groups and what they have pending.

use super::{Case, check, right, wrong};
use crate::writer::{Group, Listpack, Node, Stream, id};

/// A change to a stream that is right as it comes.
type Change = fn(&mut Stream);

fn changed(version: u8, change: Change) -> Stream {
    let mut stream = Stream::sample(version);
    change(&mut stream);
    stream
}

fn bad(change: Change, part: &'static str, why: &'static str) -> Case {
    let stream = changed(3, change);
    wrong(stream.rdb_type(), stream.write(), part, why)
}

fn good(version: u8, change: Change, why: &'static str) -> Case {
    let stream = changed(version, change);
    right(stream.rdb_type(), stream.write(), why)
}

/// A stream of one node, whose length is the node's own count of live entries.
fn of_node(node: &Node) -> Stream {
    Stream {
        nodes: vec![(id(5, 0), node.bytes())],
        length: u64::try_from(node.live).unwrap_or_default(),
        ..Stream::empty(1)
    }
}

fn bad_node(node: &Node, why: &'static str) -> Case {
    wrong(15, of_node(node).write(), "stream", why)
}

fn master_entries() -> Vec<Case> {
    let sample = Node::sample;
    let with = |change: fn(&mut Node)| {
        let mut node = sample();
        change(&mut node);
        node
    };
    let raw = |listpack: Listpack, why| {
        let nodes = vec![(id(5, 0), listpack.bytes())];
        let stream = Stream {
            nodes,
            ..Stream::empty(1)
        };
        wrong(15, stream.write(), "", why)
    };
    vec![
        bad_node(&with(|node| node.live = 3), "more live entries than there are"),
        bad_node(&with(|node| node.live = 1), "fewer live entries than there are"),
        bad_node(&with(|node| node.live = -1), "a negative number of live entries"),
        bad_node(
            &with(|node| node.deleted = 2),
            "more deleted entries than there are",
        ),
        bad_node(
            &with(|node| node.deleted = 0),
            "fewer deleted entries than there are",
        ),
        bad_node(
            &with(|node| (node.live, node.deleted) = (3, 0)),
            "a deleted entry that is counted as live",
        ),
        bad_node(
            &with(|node| node.field_count = Some(1)),
            "fewer fields than names",
        ),
        bad_node(&with(|node| node.field_count = Some(3)), "more fields than names"),
        bad_node(
            &with(|node| node.field_count = Some(-1)),
            "a negative number of fields",
        ),
        bad_node(
            &with(|node| node.field_count = Some(i64::MAX)),
            "fields beyond all bounds",
        ),
        bad_node(
            &with(|node| node.master_end = 1),
            "another end of the master entry",
        ),
        raw(Listpack::new(), "a node without entries"),
        raw(
            Listpack::of(&["0", "0", "1", "f"]),
            "a master entry without its end",
        ),
        raw(
            Listpack::of(&["zero", "0", "1", "f", "0"]),
            "a count that is a text",
        ),
    ]
}

fn entries() -> Vec<Case> {
    let node = || Node::new(&["f", "g"]).same(&["v", "w"]);
    vec![
        bad_node(
            &node().entry(4, Some(1), &["f", "v"], 6),
            "a flag that does not exist",
        )
        .ours_alone(),
        bad_node(&node().entry(-1, None, &["v", "w"], 5), "all flags").ours_alone(),
        bad_node(&node().entry(2, None, &["v"], 4), "a value too few"),
        bad_node(&node().entry(2, None, &["v", "w", "x"], 6), "a value too many"),
        bad_node(&node().entry(0, Some(1), &["f"], 5), "a field without a value"),
        bad_node(
            &node().entry(0, Some(-1), &["f", "v"], 6),
            "a negative number of fields",
        ),
        bad_node(
            &node().entry(0, Some(1 << 40), &["f", "v"], 6),
            "fields beyond the node's end",
        ),
        bad_node(
            &node().entry(2, None, &["v", "w"], 4),
            "too small a count of pieces",
        ),
        bad_node(
            &node().entry(0, Some(1), &["f", "v"], 7),
            "too great a count of pieces",
        ),
        bad_node(&node().and(|listpack| listpack.int(2)), "an entry that is cut"),
        bad_node(
            &node().and(|listpack| listpack.int(2).int(0).item("one")),
            "an id that is a text",
        ),
        right(
            15,
            of_node(&node().other(&["f", "v", "f", "w"])).write(),
            "a field twice, which a stream may hold",
        ),
        right(
            15,
            of_node(&node().entry(0, Some(0), &[], 4)).write(),
            "an entry without fields",
        ),
        right(
            15,
            of_node(&Node::new(&["f"]).gone(&["v"]).gone(&["v"])).write(),
            "a node whose entries are all deleted",
        ),
        right(
            15,
            of_node(&Node::new(&["f"]).entry(1, Some(1), &["g", "v"], 6).same(&["v"])).write(),
            "a deleted entry with fields of its own",
        ),
    ]
}

fn frames() -> Vec<Case> {
    vec![
        bad(
            |stream| stream.length = 3,
            "length",
            "a length above the live entries",
        ),
        bad(
            |stream| stream.length = 1,
            "length",
            "a length below the live entries",
        ),
        bad(|stream| stream.length = 0, "length", "no length"),
        bad(|stream| stream.nodes.clear(), "", "a length without nodes"),
        bad(
            |stream| {
                let again = stream.nodes.clone();
                stream.nodes.extend(again);
                stream.length = 4;
            },
            "",
            "a node's id twice",
        ),
        good(1, |_| (), "version 1"),
        good(2, |_| (), "version 2"),
        good(3, |_| (), "version 3"),
        good(
            3,
            |stream| {
                stream
                    .nodes
                    .push((id(6, 0), Node::new(&["f"]).same(&["v"]).bytes()));
                stream.length = 3;
                stream.last = [6, 0];
            },
            "two nodes",
        ),
        good(
            3,
            |stream| {
                stream.groups[0].pending.push(id(1, 1));
                stream.groups[0].consumers[2].pending.push(id(1, 1));
            },
            "pending what was deleted since",
        ),
    ]
}

fn groups() -> Vec<Case> {
    vec![
        bad(
            |stream| stream.groups[1].name = "group",
            "duplicate",
            "a group twice",
        ),
        bad(
            |stream| stream.groups[0].consumers[1].name = "alice",
            "duplicate",
            "a consumer twice",
        ),
        bad(
            |stream| {
                let group = &mut stream.groups[0];
                group.pending[1] = group.pending[0];
                group.consumers[0].pending[0] = group.pending[0];
            },
            "duplicate",
            "an id twice in a group",
        ),
        bad(
            |stream| stream.groups[0].consumers[0].pending[0] = id(5, 9),
            "pending",
            "an id that its group does not have",
        ),
        bad(
            |stream| {
                let first = stream.groups[0].pending[0];
                stream.groups[0].consumers[0].pending[0] = first;
            },
            "",
            "an id that two consumers claim, and another that none does",
        ),
        bad(
            |stream| {
                let second = stream.groups[0].pending[1];
                stream.groups[0].consumers[0].pending.push(second);
            },
            "",
            "an id that one consumer claims twice",
        ),
        bad(
            |stream| stream.groups[0].consumers[1].pending.clear(),
            "belong to no consumer",
            "an id that no consumer claims",
        ),
        bad(
            |stream| stream.groups[0].consumers.clear(),
            "belong to no consumer",
            "no consumers",
        ),
        bad(
            |stream| stream.groups[0].pending.clear(),
            "pending",
            "consumers alone have ids",
        ),
        bad(
            |stream| stream.groups[1].pending[0] = id(7, 7),
            "pending",
            "the second group's id, after a first that is right",
        ),
    ]
}

fn right_groups() -> Vec<Case> {
    vec![
        good(3, |stream| stream.groups[1].name = "Group", "names have a case"),
        good(3, |stream| stream.groups[0].name = "", "a group without a name"),
        good(
            3,
            |stream| stream.groups = (["a", "b", "c"]).map(Group::sample).to_vec(),
            "groups with consumers of the same names",
        ),
        good(
            3,
            |stream| stream.groups[0].pending.reverse(),
            "pending ids in another order than their consumers'",
        ),
    ]
}

pub(super) fn cases() -> Vec<Case> {
    [master_entries(), entries(), frames(), groups(), right_groups()]
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn master_entries_hold() {
    check(&master_entries());
}

#[test]
fn entries_hold() {
    check(&entries());
}

#[test]
fn frames_hold() {
    check(&frames());
}

#[test]
fn groups_hold() {
    check(&groups());
    check(&right_groups());
}
