//! SNS: topics that keep what was published, with `Publish`'s rules for subjects and message structures.

use crate::world::error::{AwsError, CallError};
use crate::world::operation::Operation;
use crate::world::{Call, World};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Longest message in bytes, attributes included.
const MESSAGE_MAX: usize = 262_144;
/// Subjects have fewer characters than this.
const SUBJECT_LIMIT: usize = 100;

/// `Publish`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default, deny_unknown_fields)]
pub struct PublishRequest {
    /// The topic.
    pub topic_arn: String,
    /// Subject line of mails.
    pub subject: Option<String>,
    /// The text, or with a structure an object of texts by protocol.
    pub message: String,
    /// Only `json`.
    pub message_structure: Option<String>,
}

/// A message that a topic accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// `MessageId`.
    pub message_id: String,
    /// When it was published.
    pub at: Timestamp,
    /// Subject line of mails.
    pub subject: Option<String>,
    /// The text of each protocol; `default` stands for all others.
    pub bodies: BTreeMap<String, String>,
}

impl StoredMessage {
    /// What a subscriber of the protocol receives, for example `email` or `https`.
    pub fn body_for(&self, protocol: &str) -> &str {
        self.bodies
            .get(protocol)
            .or_else(|| self.bodies.get("default"))
            .map_or("", String::as_str)
    }
}

/// All topics: messages by ARN, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sns {
    topics: BTreeMap<String, Vec<StoredMessage>>,
}

impl Sns {
    /// Every topic's ARN with what it accepted, oldest first.
    pub(crate) fn topics(&self) -> impl Iterator<Item = (&String, &Vec<StoredMessage>)> {
        self.topics.iter()
    }
}

impl World {
    /// Puts a topic into the world and gives its ARN; one of that name stays.
    pub fn put_topic(&mut self, name: &str) -> String {
        let arn = self.arn("sns", name);
        self.sns.topics.entry(arn.clone()).or_default();
        arn
    }

    /// What a topic accepted, oldest first; nothing for an unknown topic.
    pub fn messages(&self, topic_arn: &str) -> &[StoredMessage] {
        self.sns.topics.get(topic_arn).map_or(&[], Vec::as_slice)
    }

    /// `ListTopics`: all ARNs on one page.
    pub fn list_topics(&mut self, now: Timestamp) -> Result<Vec<String>, CallError> {
        let call = Call {
            operation: Operation::ListTopics,
            argument: "",
            now,
        };
        self.call(&call, |world| Ok(world.sns.topics.keys().cloned().collect()))
    }

    /// `Publish`: gives the message id.
    pub fn publish(&mut self, request: &PublishRequest, now: Timestamp) -> Result<String, CallError> {
        let call = Call {
            operation: Operation::Publish,
            argument: &request.topic_arn,
            now,
        };
        self.call(&call, |world| {
            if !world.sns.topics.contains_key(&request.topic_arn) {
                return Err(AwsError::not_found("NotFound", "Topic does not exist"));
            }
            request.subject.as_deref().map_or(Ok(()), check_subject)?;
            let bodies = bodies(request)?;
            let message_id = world.ids.uuid();
            let message = StoredMessage {
                message_id: message_id.clone(),
                at: now,
                subject: request.subject.clone(),
                bodies,
            };
            world
                .sns
                .topics
                .entry(request.topic_arn.clone())
                .or_default()
                .push(message);
            Ok(message_id)
        })
    }
}

fn invalid(text: &str) -> AwsError {
    AwsError::bad_request("InvalidParameter", format!("Invalid parameter: {text}"))
}

/// ASCII that begins with a letter, number or punctuation mark, without line breaks or control characters, under 100
/// characters (`API_Publish`).
fn check_subject(subject: &str) -> Result<(), AwsError> {
    let begins = subject.starts_with(|c: char| c.is_ascii_graphic());
    let plain = subject.chars().all(|c| c == ' ' || c.is_ascii_graphic());
    if begins && plain && subject.len() < SUBJECT_LIMIT {
        Ok(())
    } else {
        Err(invalid("Subject"))
    }
}

fn bodies(request: &PublishRequest) -> Result<BTreeMap<String, String>, AwsError> {
    if request.message.is_empty() {
        return Err(invalid("Empty message"));
    }
    if request.message.len() > MESSAGE_MAX {
        return Err(invalid("Message too long"));
    }
    match request.message_structure.as_deref() {
        None => Ok(BTreeMap::from([("default".to_owned(), request.message.clone())])),
        Some("json") => {
            let bodies: BTreeMap<String, serde_json::Value> = serde_json::from_str(&request.message)
                .map_err(|_| invalid("Message Structure - JSON message body failed to parse"))?;
            let texts = bodies.into_iter().filter_map(|(protocol, body)| match body {
                serde_json::Value::String(text) => Some((protocol, text)),
                _ => None, // SNS ignores what is no text.
            });
            let texts: BTreeMap<String, String> = texts.collect();
            if texts.contains_key("default") {
                Ok(texts)
            } else {
                Err(invalid(
                    "Message Structure - No default entry in JSON message body",
                ))
            }
        }
        Some(_) => Err(invalid("MessageStructure")),
    }
}
