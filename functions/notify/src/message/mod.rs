//! Messages: facts in, text out, nothing else.
//!
//! [`failure()`] and [`success()`] turn facts into a [`Message`], which `mail` and `chatbot` lay out for their
//! readers: the same words in the same order, the most important first.

mod chatbot;
mod failure;
mod mail;
mod success;

pub use failure::{AFTER_RECORD, Failure, GoodBackup, LastGood, failure};
pub use success::{Good, success};

use crate::text;
use backup_core::ports::PublishParams;

/// What kind of message it is: its word in the subject, its sign and its event type in chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A run failed.
    Failed,
    /// A run outlived the state machine's limit.
    TimedOut,
    /// A run was stopped from outside.
    Aborted,
    /// A backup is recorded, but a person has to look.
    Warning,
    /// The first success after failures.
    Recovered,
    /// A success.
    Ok,
}

impl Kind {
    /// The first word of the subject.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED OUT",
            Self::Aborted => "ABORTED",
            Self::Warning => "WARNING",
            Self::Recovered => "RECOVERED",
            Self::Ok => "OK",
        }
    }
}

/// One thing to do, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What and why, in sentences.
    pub text: String,
    /// A line to paste into a shell.
    pub command: Option<String>,
}

impl Step {
    fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            command: None,
        }
    }

    fn with_command(text: impl Into<String>, command: String) -> Self {
        Self {
            text: text.into(),
            command: Some(command),
        }
    }
}

/// A message before it is laid out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// What kind it is.
    pub kind: Kind,
    /// What follows the kind in the subject.
    pub about: String,
    /// What happened, in one or two sentences.
    pub headline: String,
    /// What else a person must know at once.
    pub notes: Vec<String>,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// Names and values, the most important first.
    pub facts: Vec<(&'static str, String)>,
    /// The execution's page in the console.
    pub console: Option<String>,
    /// Who sent it: deployment, account, Region.
    pub sender: String,
    /// Messages of one run share it.
    pub thread: String,
    /// The execution.
    pub execution_arn: String,
}

impl Message {
    /// The subject as SNS takes it.
    pub fn subject(&self) -> String {
        text::subject(&format!("[snapkeep] {} {}", self.kind.word(), self.about))
    }

    /// The one publish.
    pub fn publish_params(&self) -> PublishParams {
        PublishParams {
            subject: self.subject(),
            email: mail::render(self),
            default: chatbot::render(self),
        }
    }
}

/// `deployment prod, account 123456789012, eu-west-1`.
fn sender(deployment: &str, account: Option<&str>, region: &str) -> String {
    let account = account.map_or(String::new(), |account| format!("account {account}, "));
    format!("deployment {deployment}, {account}{region}")
}

/// `never re-driven`, `re-driven once`, `re-driven 3 times`.
fn redriven(count: u32) -> String {
    match count {
        0 => "never re-driven".to_owned(),
        1 => "re-driven once".to_owned(),
        _ => format!("re-driven {} times", text::count(count.into())),
    }
}

#[cfg(test)]
mod tests;
