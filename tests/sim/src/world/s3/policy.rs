//! Bucket policies, as far as the export's service principal is judged by them.
//!
//! Evaluated: `Effect`, `Principal`, `Action`, `Resource`, and `Condition` with the operators below. A policy with
//! anything else is refused when it is put, so that a test cannot pass by a statement that nobody read.

use crate::world::Tags;
use crate::world::error::AwsError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A bucket policy document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct Policy {
    version: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    statement: Vec<Statement>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    effect: Effect,
    principal: Principal,
    action: OneOrMany,
    resource: OneOrMany,
    #[serde(default)]
    condition: BTreeMap<Operator, BTreeMap<String, OneOrMany>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum Principal {
    Anyone(String),
    /// By kind: `Service`, `AWS`, ….
    Named(BTreeMap<String, OneOrMany>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

/// The condition operators that are modelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Operator {
    Bool,
    StringEquals,
    StringLike,
    StringNotEquals,
    ArnEquals,
    ArnLike,
}

/// One question to a policy: may this service do something to this resource?
pub(crate) struct Request<'a> {
    /// The service principal.
    pub(crate) service: &'a str,
    /// ARN of the bucket or object.
    pub(crate) resource: &'a str,
    /// The condition keys that are sent along.
    pub(crate) context: &'a Tags,
}

/// The words for those actions that the policy does not allow; an absent policy allows none.
pub(crate) fn missing_actions(
    policy: Option<&Policy>,
    actions: &[(&str, &'static str)],
    request: &Request<'_>,
) -> Vec<&'static str> {
    let allowed = |action: &str| policy.is_some_and(|policy| policy.allows(action, request));
    actions
        .iter()
        .filter(|(action, _)| !allowed(action))
        .map(|(_, word)| *word)
        .collect()
}

impl Policy {
    /// Reads a policy document; what is not modelled is `MalformedPolicy`.
    pub fn parse(json: &str) -> Result<Self, AwsError> {
        serde_json::from_str(json)
            .map_err(|error| AwsError::bad_request("MalformedPolicy", error.to_string()))
    }

    /// The policy that the developer guide recommends for exports to this bucket from this Region.
    pub(crate) fn recommended(bucket: &str, region: &str) -> Self {
        let texts = |all: &[&str]| OneOrMany::Many(all.iter().map(|text| (*text).to_owned()).collect());
        let service = OneOrMany::One(format!("{region}.elasticache-snapshot.amazonaws.com"));
        Self {
            version: "2012-10-17".to_owned(),
            id: None,
            statement: vec![Statement {
                sid: Some("ElastiCacheSnapshotExport".to_owned()),
                effect: Effect::Allow,
                principal: Principal::Named(BTreeMap::from([("Service".to_owned(), service)])),
                action: texts(&[
                    "s3:PutObject",
                    "s3:GetObject",
                    "s3:ListBucket",
                    "s3:GetBucketAcl",
                    "s3:ListMultipartUploadParts",
                    "s3:ListBucketMultipartUploads",
                ]),
                resource: texts(&[
                    &format!("arn:aws:s3:::{bucket}"),
                    &format!("arn:aws:s3:::{bucket}/*"),
                ]),
                condition: BTreeMap::new(),
            }],
        }
    }

    /// An explicit deny wins over any allow.
    fn allows(&self, action: &str, request: &Request<'_>) -> bool {
        let matching = || {
            self.statement
                .iter()
                .filter(|statement| statement.applies(action, request))
        };
        matching().any(|statement| statement.effect == Effect::Allow)
            && !matching().any(|statement| statement.effect == Effect::Deny)
    }
}

impl Statement {
    fn applies(&self, action: &str, request: &Request<'_>) -> bool {
        let action_matches =
            |pattern: &str| matches(&pattern.to_ascii_lowercase(), &action.to_ascii_lowercase());
        self.principal.includes(request.service)
            && self.action.any(action_matches)
            && self.resource.any(|pattern| matches(pattern, request.resource))
            && self.condition.iter().all(|(operator, keys)| {
                keys.iter()
                    .all(|(key, values)| operator.holds(context_value(request.context, key), values))
            })
    }
}

/// Condition keys are compared without regard to case.
fn context_value<'a>(context: &'a Tags, key: &str) -> Option<&'a str> {
    context
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value.as_str())
}

impl Principal {
    fn includes(&self, service: &str) -> bool {
        match self {
            Self::Anyone(text) => text == "*",
            Self::Named(kinds) => kinds.iter().any(|(kind, names)| match kind.as_str() {
                "Service" => names.any(|name| name == service),
                "AWS" => names.any(|name| name == "*"),
                _ => false,
            }),
        }
    }
}

impl OneOrMany {
    fn any(&self, test: impl Fn(&str) -> bool) -> bool {
        match self {
            Self::One(value) => test(value),
            Self::Many(values) => values.iter().any(|value| test(value)),
        }
    }
}

impl Operator {
    /// A key that was not sent satisfies only the negated operator.
    fn holds(self, actual: Option<&str>, values: &OneOrMany) -> bool {
        let Some(actual) = actual else {
            return self == Self::StringNotEquals;
        };
        match self {
            Self::Bool => values.any(|value| value.eq_ignore_ascii_case(actual)),
            Self::StringEquals => values.any(|value| value == actual),
            Self::StringNotEquals => !values.any(|value| value == actual),
            Self::StringLike | Self::ArnEquals | Self::ArnLike => values.any(|value| matches(value, actual)),
        }
    }
}

/// Matches `*` (any run of characters) and `?` (any one).
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == b'?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((star_p, star_t)) = star else {
                    return false;
                };
                star = Some((star_p, star_t + 1));
                (p, t) = (star_p + 1, star_t + 1);
            }
        }
    }
    pattern[p..].iter().all(|c| *c == b'*')
}
