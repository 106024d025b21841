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

    /// What was read of an input: cache, whether it is legal, owner, instant; `-` for what is unknown.
    fn read(input: &Value) -> String {
        let asked = Asked::read(Some(input), "2026-11-20T03:04:59Z".parse().ok(), "prod");
        let word = |part: Option<String>| part.unwrap_or("-".to_owned());
        let legal = if asked.cache.is_some() { "legal" } else { "odd" };
        let (owner, instant) = (asked.owner.map(String::from), asked.instant.map(String::from));
        format!(
            "{} {legal} {} {}",
            word(asked.cache_text),
            word(owner),
            word(instant)
        )
    }

    #[test]
    fn one_bad_field_hides_no_other() {
        let orders = json!({"kind": "replication-group", "id": "Orders"});
        let group = "replication-group/orders legal";
        let more = json!({"kind": "replication-group", "id": "orders", "extra": 1});
        let nightly = json!({"cache": orders, "plan": "nightly", "scheduledTime": "2026-11-20T03:00:00Z"});
        let start = "prod/on-demand 20261120t0304z";
        let cases = [
            (
                json!({"cache": orders}),
                format!("{group} {start}"),
                "only the cache",
            ),
            (
                nightly,
                format!("{group} prod/nightly 20261120t0300z"),
                "all there",
            ),
            (
                json!({"cache": orders, "scheduledTime": null}),
                format!("{group} {start}"),
                "null is as absent",
            ),
            (
                json!({"cache": orders, "scheduledTime": "x"}),
                format!("{group} prod/on-demand -"),
                "no guess",
            ),
            (
                json!({"cache": orders, "plan": 7}),
                format!("{group} - 20261120t0304z"),
                "mistyped plan",
            ),
            (
                json!({"cache": orders, "plan": "a/b"}),
                format!("{group} - 20261120t0304z"),
                "no legal plan",
            ),
            (
                json!({"cache": more, "retention": "x"}),
                format!("{group} {start}"),
                "odd things beside",
            ),
            (
                json!({"cache": {"kind": "cluster", "id": "a"}}),
                format!("cluster/a odd {start}"),
                "no such kind",
            ),
            (
                json!({"cache": {"id": 7}}),
                format!("?/? odd {start}"),
                "nothing legal in it",
            ),
            (
                json!({"cache": "orders\u{1b}"}),
                format!("orders odd {start}"),
                "a word, with an escape",
            ),
            (json!({"cache": 5}), format!("- odd {start}"), "nothing to show"),
            (json!([1]), "- odd - -".to_owned(), "no object at all"),
        ];
        for (input, want, why) in cases {
            assert_eq!(read(&input), want, "{why}");
        }
    }

    #[test]
    fn an_event_without_input_asks_for_nothing() {
        assert_eq!(Asked::read(None, None, "prod"), Asked::default());
    }
}
