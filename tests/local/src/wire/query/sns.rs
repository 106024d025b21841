//! SNS's actions.

use crate::wire::query::form::Form;
use jiff::Timestamp;
use serde_json::{Value, json};
use sim::world::{CallError, World};

/// Runs an action; `None` for one that is not modelled.
pub(crate) fn call(
    world: &mut World,
    action: &str,
    form: &Form,
    now: Timestamp,
) -> Option<Result<Value, CallError>> {
    match action {
        "Publish" => Some(publish(world, form, now)),
        "ListTopics" => Some(list_topics(world, now)),
        _ => None,
    }
}

fn publish(world: &mut World, form: &Form, now: Timestamp) -> Result<Value, CallError> {
    let message_id = world.publish(&form.read(&["TopicArn", "Message"])?, now)?;
    Ok(json!({ "MessageId": message_id }))
}

fn list_topics(world: &mut World, now: Timestamp) -> Result<Value, CallError> {
    let topics = world.list_topics(now)?;
    let topics: Vec<Value> = topics.iter().map(|arn| json!({ "TopicArn": arn })).collect();
    Ok(json!({ "Topics": topics }))
}
