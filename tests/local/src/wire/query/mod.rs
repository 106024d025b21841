//! The Query protocol: an HTML form in, XML out. `ElastiCache` and SNS speak it.

mod elasticache;
mod form;
mod sns;
mod xml;

pub(crate) use form::Form;

use crate::home::SharedWorld;
use crate::wire::loopback::{Answer, NoAnswer, answer};
use crate::wire::{request_id, with_request_id};
use hyper::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use sim::world::{AwsError, CallError, World};

const XML: &str = "text/xml";

/// Runs an action and gives its result's members; `None` for an action that is not modelled.
type Act = fn(&mut World, &str, &Form, Timestamp) -> Option<Result<Value, CallError>>;

/// A service that speaks the protocol.
pub(crate) struct Dialect {
    /// Namespace of its answers.
    namespace: &'static str,
    /// The only API version.
    version: &'static str,
    /// Runs an action.
    call: Act,
}

/// `ElastiCache`, API version 2015-02-02.
pub(crate) const ELASTICACHE: Dialect = Dialect {
    namespace: "http://elasticache.amazonaws.com/doc/2015-02-02/",
    version: "2015-02-02",
    call: elasticache::call,
};

/// SNS, API version 2010-03-31.
pub(crate) const SNS: Dialect = Dialect {
    namespace: "http://sns.amazonaws.com/doc/2010-03-31/",
    version: "2010-03-31",
    call: sns::call,
};

impl Dialect {
    /// Answers a request given by its query string and its body.
    pub(crate) fn respond(&self, world: &SharedWorld, query: &str, body: &[u8]) -> Result<Answer, NoAnswer> {
        let form = Form::parse(&[query.as_bytes(), body]);
        let action = form.text("Action").unwrap_or_default().to_owned();
        match self.run(world, &action, &form) {
            Ok(result) => Ok(self.success(&action, &result)),
            Err(CallError::Aws(error)) => Ok(self.failure(&error)),
            Err(CallError::NoAnswer) => Err(NoAnswer),
        }
    }

    fn run(&self, world: &SharedWorld, action: &str, form: &Form) -> Result<Value, CallError> {
        if action.is_empty() {
            return Err(AwsError::bad_request("MissingAction", "The request has no `Action`").into());
        }
        let version = form.text("Version").unwrap_or_default();
        let called = if version == self.version {
            world
                .call(|world, now| (self.call)(world, action, form, now))
                .map_err(|error| AwsError::new(500, "InternalFailure", error.with_reason()))?
        } else {
            None
        };
        called.unwrap_or_else(|| {
            let text = format!("Could not find operation {action} for version {version}");
            Err(AwsError::bad_request("InvalidAction", text).into())
        })
    }

    fn success(&self, action: &str, result: &Value) -> Answer {
        let id = request_id();
        let body = xml::success(self.namespace, action, result, &id);
        with_request_id(answer(StatusCode::OK, XML, body), &id)
    }

    /// An error as the protocol answers it.
    pub(crate) fn failure(&self, error: &AwsError) -> Answer {
        let id = request_id();
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        with_request_id(answer(status, XML, xml::failure(self.namespace, error, &id)), &id)
    }
}
