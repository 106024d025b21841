//! Requests of the Query protocol: flat `name=value` pairs whose names spell a tree.
//!
//! `Tags.Tag.1.Key=a` is a list `Tags` of structures. The element between the list and its number is free: models,
//! documentation and clients spell it differently.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use sim::world::AwsError;
use std::collections::BTreeMap;

/// Members of the requests that are numbers; every other leaf is text.
const NUMBERS: &[&str] = &["MaxRecords", "MaxResults", "Duration"];

/// Members that are booleans.
const BOOLEANS: &[&str] = &[
    "ShowNodeGroupConfig",
    "ShowCacheNodeInfo",
    "ShowCacheClustersNotInReplicationGroups",
];

/// Members that are lists: an empty one is sent as an empty value.
const LISTS: &[&str] = &["Tags"];

/// Names that belong to the protocol, not to the operation.
const PROTOCOL: &[&str] = &["Action", "Version"];

/// A request's parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Form(BTreeMap<String, Node>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Leaf(String),
    Branch(BTreeMap<String, Node>),
}

impl Form {
    /// Reads several pieces (a query string, a body) as one form; a later value of a name replaces an earlier one.
    pub(crate) fn parse(pieces: &[&[u8]]) -> Self {
        let mut root = BTreeMap::new();
        for (name, value) in pieces.iter().flat_map(|piece| form_urlencoded::parse(piece)) {
            insert(&mut root, &name, value.into_owned());
        }
        root.retain(|name, _| !name.starts_with("X-Amz-"));
        Self(root)
    }

    /// A parameter at the top.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Node::Leaf(text)) => Some(text),
            _ => None,
        }
    }

    /// A parameter that must be there.
    pub(crate) fn required(&self, name: &str) -> Result<&str, AwsError> {
        self.text(name)
            .filter(|text| !text.is_empty())
            .ok_or_else(|| missing(name))
    }

    /// The request as the operation's structure; a member that is not modelled is refused by name.
    pub(crate) fn read<T: DeserializeOwned>(&self, required: &[&str]) -> Result<T, AwsError> {
        if let Some(name) = required.iter().find(|name| !self.0.contains_key(**name)) {
            return Err(missing(name));
        }
        let members = self
            .0
            .iter()
            .filter(|(name, _)| !PROTOCOL.contains(&name.as_str()));
        let members = members.map(|(name, node)| Ok((name.clone(), value(name, node)?)));
        let members: Map<String, Value> = members.collect::<Result<_, AwsError>>()?;
        serde_json::from_value(Value::Object(members))
            .map_err(|error| AwsError::invalid_value(format!("The request is not modelled: {error}")))
    }
}

fn missing(name: &str) -> AwsError {
    AwsError::bad_request(
        "MissingParameter",
        format!("The request must contain the parameter {name}"),
    )
}

fn insert(branch: &mut BTreeMap<String, Node>, name: &str, text: String) {
    match name.split_once('.') {
        None => {
            branch.insert(name.to_owned(), Node::Leaf(text));
        }
        Some((first, rest)) => {
            let node = branch
                .entry(first.to_owned())
                .or_insert_with(|| Node::Branch(BTreeMap::new()));
            if let Node::Leaf(_) = node {
                *node = Node::Branch(BTreeMap::new());
            }
            if let Node::Branch(inner) = node {
                insert(inner, rest, text);
            }
        }
    }
}

fn value(name: &str, node: &Node) -> Result<Value, AwsError> {
    let branch = match node {
        Node::Leaf(text) => return leaf(name, text),
        Node::Branch(branch) => branch,
    };
    if let Some(items) = numbered(branch).or_else(|| numbered(only_branch(branch)?)) {
        return items.into_iter().map(|item| value(name, item)).collect();
    }
    let members = branch
        .iter()
        .map(|(name, node)| Ok((name.clone(), value(name, node)?)));
    members
        .collect::<Result<Map<_, _>, AwsError>>()
        .map(Value::Object)
}

fn leaf(name: &str, text: &str) -> Result<Value, AwsError> {
    let invalid = |what: &str| AwsError::invalid_value(format!("{name} must be {what}, not `{text}`"));
    if LISTS.contains(&name) && text.is_empty() {
        return Ok(Value::Array(Vec::new()));
    }
    if NUMBERS.contains(&name) {
        return text
            .parse::<u32>()
            .map(Value::from)
            .map_err(|_| invalid("a number"));
    }
    if BOOLEANS.contains(&name) {
        return text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| invalid("true or false"));
    }
    Ok(Value::from(text))
}

/// The items of a list in the order of their numbers, if this is one.
fn numbered(branch: &BTreeMap<String, Node>) -> Option<Vec<&Node>> {
    let items: Option<BTreeMap<u32, &Node>> = branch
        .iter()
        .map(|(number, node)| Some((number.parse().ok()?, node)))
        .collect();
    items.map(|items| items.into_values().collect())
}

fn only_branch(branch: &BTreeMap<String, Node>) -> Option<&BTreeMap<String, Node>> {
    let mut nodes = branch.values();
    match (nodes.next(), nodes.next()) {
        (Some(Node::Branch(inner)), None) => Some(inner),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use sim::world::elasticache::shapes::{CreateSnapshotRequest, DescribeSnapshotsRequest};

    fn check(form: &str, expected: &Value, why: &str) {
        let parsed = Form::parse(&[form.as_bytes()]).read::<Value>(&[]);
        assert_eq!(parsed.unwrap(), *expected, "{why}");
    }

    #[test]
    fn names_spell_a_tree() {
        check(
            "Action=X&Version=1&A=b",
            &json!({"A": "b"}),
            "the protocol's own names are left out",
        );
        check(
            "A=b+c%2Fd",
            &json!({"A": "b c/d"}),
            "values are encoded as in HTML forms",
        );
        check("A=", &json!({"A": ""}), "empty values are allowed");
        check(
            "Tags=",
            &json!({"Tags": []}),
            "an empty list as botocore sends it",
        );
        let tags = json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}]});
        for element in ["Tag", "member", "Anything"] {
            let form = format!(
                "Tags.{element}.1.Key=a&Tags.{element}.1.Value=1&Tags.{element}.2.Key=b&Tags.{element}.2.Value="
            );
            check(&form, &tags, element);
        }
        check(
            "Tags.1.Key=a",
            &json!({"Tags": [{"Key": "a"}]}),
            "a flattened list",
        );
        let many = (1..=11)
            .map(|i| format!("L.member.{i}={i}"))
            .collect::<Vec<_>>()
            .join("&");
        let last = Form::parse(&[many.as_bytes()]).read::<Value>(&[]).unwrap()["L"][10].clone();
        assert_eq!(last, json!("11"), "numbers are ordered as numbers");
        check(
            "MaxRecords=20&ShowNodeGroupConfig=true",
            &json!({"MaxRecords": 20, "ShowNodeGroupConfig": true}),
            "",
        );
        check(
            "X-Amz-Date=1&A=b",
            &json!({"A": "b"}),
            "a presigned query's own names are left out",
        );
    }

    fn refuse(form: &str, code: &str, part: &str) {
        let error = Form::parse(&[form.as_bytes()])
            .read::<CreateSnapshotRequest>(&["SnapshotName"])
            .unwrap_err();
        assert_eq!(error.code, code);
        assert!(error.message.contains(part), "{error}");
    }

    #[test]
    fn what_is_not_modelled_is_refused_by_name() {
        refuse("CacheClusterId=a", "MissingParameter", "SnapshotName");
        refuse("SnapshotName=a&Colour=red", "InvalidParameterValue", "`Colour`");
        refuse(
            "SnapshotName=a&MaxRecords=many",
            "InvalidParameterValue",
            "MaxRecords must be a number",
        );
        let show = Form::parse(&[b"ShowNodeGroupConfig=1"])
            .read::<DescribeSnapshotsRequest>(&[])
            .unwrap_err();
        assert!(show.message.contains("true or false"), "{show}");
    }
}
