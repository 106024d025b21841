//! `notify`: tells people how a run ended, in one publish that mail and chat can both read.
//!
//! A success is told in line by the state `NotifySuccess`. A failure is told from outside, by the EventBridge
//! rule on the execution's status, because a time-out or an abort runs no further state. Its event lacks the
//! execution's input under a customer managed key, so the execution itself is asked for it.
//!
//! Delivery is at least once everywhere. A failure leaves a marker after it was told, so that a second
//! delivery of the same event stays silent; a second mail comes only if the function died in between. A
//! success leaves none: a retried `NotifySuccess` may tell twice, which is better than not at all.

pub mod advice;
mod alert;
mod asked;
mod backups;
mod described;
pub mod event;
pub mod links;
pub mod marker;
pub mod message;
pub mod success;
mod text;

pub use event::StatusEvent;
pub use success::SuccessInput;

use backup_core::Error;
use backup_core::ports::{
    DescribeExecution, ListObjects, ObjectTags, Publish, ReadHistory, ReadObject, WriteObject,
};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

/// Everything `notify` asks of AWS.
pub trait Ports:
    Publish + ReadHistory + DescribeExecution + ListObjects + ReadObject + WriteObject + ObjectTags
{
}

impl<P> Ports for P where
    P: Publish + ReadHistory + DescribeExecution + ListObjects + ReadObject + WriteObject + ObjectTags
{
}

/// What the environment tells; the topic is bound in the adapter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// The deployment's name, first half of every owner.
    pub deployment: String,
    /// The backup bucket, for commands in messages.
    pub bucket: String,
    /// The function's Region, such as `eu-west-1`.
    pub region: String,
}

/// One of the two things that call this function, told apart by `detail-type`.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// From the state `NotifySuccess`.
    Success(Box<SuccessInput>),
    /// From EventBridge.
    Event(Box<StatusEvent>),
}

impl<'de> Deserialize<'de> for Input {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let read = if value.get("detail-type").is_some() {
            StatusEvent::read(&value).map(|event| Self::Event(Box::new(event)))
        } else {
            backup_core::input::read(value).map(|success| Self::Success(Box::new(success)))
        };
        read.map_err(|error| de::Error::custom(error.message))
    }
}

/// What was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Output {
    /// Whether a message went out.
    pub published: bool,
    /// Why none did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The subject of the one that did.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Whether the marker of a told failure was written; `false` means that a second delivery tells it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marked: Option<bool>,
}

impl Output {
    fn silent(reason: impl Into<String>) -> Self {
        Self {
            published: false,
            reason: Some(reason.into()),
            subject: None,
            marked: None,
        }
    }

    fn told(subject: String, marked: Option<bool>) -> Self {
        Self {
            published: true,
            reason: None,
            subject: Some(subject),
            marked,
        }
    }
}

/// Tells how a run ended, or says why nothing was to be told.
pub async fn handle<P: Ports>(ports: &P, settings: &Settings, input: Input) -> Result<Output, Error> {
    match input {
        Input::Success(input) => success::tell(ports, settings, *input).await,
        Input::Event(event) => alert::tell(ports, settings, *event).await,
    }
}
