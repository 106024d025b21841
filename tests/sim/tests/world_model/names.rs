//! Naming rules, as cases and as a property.

use proptest::prelude::*;
use sim::world::elasticache::names::{SNAPSHOT_NAME_MAX, stored_name};

fn stored(name: &str) -> Option<String> {
    stored_name("SnapshotName", name, SNAPSHOT_NAME_MAX).ok()
}

#[test]
fn names_begin_with_a_letter_and_are_stored_in_lower_case() {
    let longest = "a".repeat(40);
    let cases = [
        ("orders-1", Some("orders-1"), "the plain case"),
        ("Orders", Some("orders"), "stored in lower case"),
        ("a", Some("a"), "one character is enough"),
        (&longest, Some(longest.as_str()), "40 characters fit"),
        (&"a".repeat(41), None, "41 do not"),
        ("", None, "empty"),
        ("1orders", None, "begins with a digit"),
        ("-orders", None, "begins with a hyphen"),
        ("orders-", None, "ends with a hyphen"),
        ("or--ders", None, "two hyphens in a row"),
        ("or.ders", None, "only the service writes dots"),
        ("or/ders", None, "slashes are for export targets"),
        ("or_ders", None, "underscore"),
        ("ördérs", None, "letters of other alphabets"),
    ];
    for (name, expected, reason) in cases {
        assert_eq!(stored(name).as_deref(), expected, "{reason}");
    }
}

proptest! {
    /// What the rule accepts is accepted again unchanged, and its case does not matter.
    #[test]
    fn accepted_names_are_stable(name in "[A-Za-z0-9.-]{0,44}") {
        if let Some(name) = stored(&name) {
            prop_assert_eq!(stored(&name), Some(name.clone()));
            prop_assert_eq!(stored(&name.to_ascii_uppercase()), Some(name));
        }
    }

    /// Names built by the rule are accepted, and any one forbidden change is not.
    #[test]
    fn the_rule_is_the_grammar(parts in prop::collection::vec("[a-z0-9]{1,8}", 1..4), at in 0_usize..30) {
        let name = format!("a{}", parts.join("-"));
        prop_assert_eq!(stored(&name), Some(name.clone()));
        let cut = at.min(name.len());
        prop_assert_eq!(stored(&format!("{}_{}", &name[..cut], &name[cut..])), None);
        prop_assert_eq!(stored(&format!("{name}-")), None);
        prop_assert_eq!(stored(&format!("0{name}")), None);
    }
}
