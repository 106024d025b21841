//! The table is well-formed, whatever is added to it.

use super::*;

fn deepest(ops: &[Op]) -> usize {
    let inner = ops.iter().map(|op| match op {
        Op::Each(_, body) => deepest(body),
        Op::Pick(choice) => choice
            .cases
            .iter()
            .map(|(_, body)| deepest(body))
            .max()
            .unwrap_or(0),
        _ => 0,
    });
    1 + inner.max().unwrap_or(0)
}

fn check_no_body_is_empty(name: &str, ops: &[Op]) {
    assert!(
        !ops.is_empty(),
        "{name}: an empty body would make a count spin in place"
    );
    for op in ops {
        match op {
            Op::Each(_, body) => check_no_body_is_empty(name, body),
            Op::Pick(choice) => choice
                .cases
                .iter()
                .for_each(|(_, body)| check_no_body_is_empty(name, body)),
            Op::Text(_) | Op::Number(_) | Op::Raw(_) | Op::Score => {}
        }
    }
}

#[test]
fn every_layout_takes_bytes_and_nests_at_most_four_deep() {
    for magic in [Magic::Redis, Magic::Valkey] {
        for layout in (0..EOF).filter_map(|byte| find(magic, byte).ok()) {
            check_no_body_is_empty(layout.name, layout.ops);
            assert!(deepest(layout.ops) <= 4, "{}", layout.name);
            assert_eq!(
                layout.kind.is_some(),
                matches!(layout.ops[0], Op::Text(Role::Key)),
                "{}",
                layout.name
            );
        }
    }
}

#[test]
fn what_is_known_depends_on_the_magic() {
    let known = |magic| {
        (0..=254)
            .filter(|&byte| find(magic, byte).is_ok())
            .collect::<Vec<u8>>()
    };
    let common = || (0..=5).chain([7]).chain(9..=21);
    let opcodes = || [244, 245].into_iter().chain(247..=254);
    assert_eq!(
        known(Magic::Redis),
        common().chain(22..=25).chain(opcodes()).collect::<Vec<_>>()
    );
    assert_eq!(
        known(Magic::Valkey),
        common().chain([22, 243]).chain(opcodes()).collect::<Vec<_>>()
    );
}

#[test]
fn the_number_22_has_two_meanings() {
    assert_eq!(
        find(Magic::Redis, 22).unwrap().name,
        "hash-hashtable-md-pre-release"
    );
    assert_eq!(find(Magic::Valkey, 22).unwrap().name, "hash-volatile-items");
}
