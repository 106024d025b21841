//! What a failed execution was asked to do, as far as its input can be read.

use crate::text;
use backup_core::input::ON_DEMAND_PLAN;
use backup_core::{CacheRef, Instant, Owner};
use jiff::Timestamp;
use serde_json::{Value, json};

/// The parts of an execution's input that an alert needs, each read by itself: one bad field hides no other.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Asked {
    /// The cache, where kind and id are legal.
    pub(crate) cache: Option<CacheRef>,
    /// The cache in words, also where it is not legal; `None` where the input names none.
    pub(crate) cache_text: Option<String>,
    /// The plan in words.
    pub(crate) plan: Option<String>,
    /// The owner, where the plan's name is legal.
    pub(crate) owner: Option<Owner>,
    /// The run's instant, where it can be told.
    pub(crate) instant: Option<Instant>,
}

impl Asked {
    pub(crate) fn read(input: Option<&Value>, started_at: Option<Timestamp>, deployment: &str) -> Self {
        let Some(Value::Object(fields)) = input else {
            return Self::default();
        };
        let present = |field: &str| fields.get(field).filter(|value| !value.is_null());
        let cache = present("cache");
        let plan = match present("plan") {
            None => Some(ON_DEMAND_PLAN.to_owned()),
            Some(value) => value.as_str().map(text::name),
        };
        let scheduled = match present("scheduledTime") {
            None => started_at,
            Some(value) => value.as_str().and_then(|text| text.parse().ok()),
        };
        Self {
            cache: cache.and_then(legal_cache),
            cache_text: cache.and_then(cache_text),
            owner: plan.as_deref().and_then(|plan| Owner::new(deployment, plan).ok()),
            plan,
            instant: scheduled.and_then(Instant::of),
        }
    }
}

/// Kind and id alone: a field beside them is no reason not to know the cache.
fn legal_cache(cache: &Value) -> Option<CacheRef> {
    serde_json::from_value(json!({"kind": cache.get("kind")?, "id": cache.get("id")?})).ok()
}

fn cache_text(cache: &Value) -> Option<String> {
    if let Some(cache) = legal_cache(cache) {
        return Some(cache.to_string());
    }
    let word = |field: &str| cache.get(field).and_then(Value::as_str).unwrap_or("?");
    match cache {
        Value::Object(_) => Some(text::name(&format!("{}/{}", word("kind"), word("id")))),
        Value::String(cache) => Some(text::name(cache)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(input: &Value) -> Asked {
        let started = "2026-11-20T03:04:59Z".parse().ok();
        Asked::read(Some(input), started, "prod")
    }

    #[test]
    fn one_bad_field_hides_no_other() {
        let orders = json!({"kind": "replication-group", "id": "Orders"});
        let cases = [
            (
                json!({"cache": orders}),
                Some("replication-group/orders"),
                true,
                Some("prod/on-demand"),
                Some("20261120t0304z"),
                "only the cache",
            ),
            (
                json!({"cache": orders, "plan": "nightly", "scheduledTime": "2026-11-20T03:00:00Z"}),
                Some("replication-group/orders"),
                true,
                Some("prod/nightly"),
                Some("20261120t0300z"),
                "all there",
            ),
            (
                json!({"cache": orders, "scheduledTime": null}),
                Some("replication-group/orders"),
                true,
                Some("prod/on-demand"),
                Some("20261120t0304z"),
                "null is as absent",
            ),
            (
                json!({"cache": orders, "scheduledTime": "tonight"}),
                Some("replication-group/orders"),
                true,
                Some("prod/on-demand"),
                None,
                "no instant to guess",
            ),
            (
                json!({"cache": orders, "plan": 7}),
                Some("replication-group/orders"),
                true,
                None,
                Some("20261120t0304z"),
                "a plan of the wrong type",
            ),
            (
                json!({"cache": {"kind": "replication-group", "id": "orders", "extra": 1}, "retention": "x"}),
                Some("replication-group/orders"),
                true,
                Some("prod/on-demand"),
                Some("20261120t0304z"),
                "unknown and mistyped beside",
            ),
            (
                json!({"cache": {"kind": "cluster", "id": "orders"}}),
                Some("cluster/orders"),
                false,
                Some("prod/on-demand"),
                Some("20261120t0304z"),
                "a kind that is none",
            ),
            (
                json!({"cache": "orders\u{1b}[31m"}),
                Some("orders [31m"),
                false,
                Some("prod/on-demand"),
                Some("20261120t0304z"),
                "a word, with an escape",
            ),
            (
                json!({"cache": 5}),
                None,
                false,
                Some("prod/on-demand"),
                Some("20261120t0304z"),
                "nothing to show",
            ),
            (json!([1]), None, false, None, None, "no object at all"),
        ];
        for (input, cache, legal, owner, instant, why) in cases {
            let asked = read(&input);
            assert_eq!(asked.cache_text.as_deref(), cache, "{why}");
            assert_eq!(asked.cache.is_some(), legal, "{why}");
            assert_eq!(asked.owner.map(String::from).as_deref(), owner, "{why}");
            assert_eq!(asked.instant.map(String::from).as_deref(), instant, "{why}");
        }
    }

    #[test]
    fn an_event_without_input_asks_for_nothing() {
        assert_eq!(Asked::read(None, None, "prod"), Asked::default());
    }
}
