//! Which operation asks for which action on which resources: `ElastiCache`, SNS and Step Functions.
//!
//! From the Service Authorization Reference (*Actions, resources, and condition keys for Amazon ElastiCache*, *… SNS*,
//! *… AWS Step Functions*); what it lists as dependent actions is derived from the request, because the service asks for
//! them with the caller's rights without a request of its own:
//!
//! | request | derived | source |
//! |---|---|---|
//! | a creation with tags | `AddTagsToResource` on what is created | *Dependent actions* of `CreateSnapshot`, `CreateServerlessCacheSnapshot` |
//! | an export to a bucket | `s3:ListAllMyBuckets`, `GetBucketLocation`, `ListBucket`, `PutObject`, `GetObject`, `DeleteObject` | `ElastiCache` user guide, *Exporting a backup*: the caller's own policy |
//!
//! A describe call without the name of what it describes is authorized against all of them: `snapshot:*`.

use crate::wire::query::Form;
use crate::wire::rights::{Asked, Condition, Context};
use serde_json::Value;
use sim::world::Tags;

/// Where the requests arrive: what ARNs begin with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The Region.
    pub(crate) region: String,
    /// The account.
    pub(crate) account: String,
}

impl Place {
    /// Names are stored in lower case, and policies compare letter by letter.
    fn elasticache(&self, kind: &str, name: &str) -> String {
        let Self { region, account } = self;
        let name = name.to_ascii_lowercase();
        format!("arn:aws:elasticache:{region}:{account}:{kind}:{name}")
    }
}

/// What an operation of `ElastiCache` acts on.
#[derive(Debug, Clone, Copy)]
enum Resource {
    /// Of this type, named by this parameter; every one of the type where it is absent.
    Named(&'static str, &'static str),
    /// Of this type, named by this parameter; none where it is absent.
    Given(&'static str, &'static str),
    /// The ARN in this parameter.
    Arn(&'static str),
    /// The action knows no resources.
    Any,
}

/// What is special about an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Read,
    /// May set tags on the first of its resources.
    Create,
    /// Can be allowed by the tags of its resource.
    Delete,
    /// May write to a bucket.
    Export,
}

use Kind::{Create, Delete, Export, Read};
use Resource::{Any, Arn, Given, Named};

/// Operation, kind, resources. The action has the operation's name.
const ELASTICACHE: &[(&str, Kind, &[Resource])] = &[
    (
        "DescribeReplicationGroups",
        Read,
        &[Named("replicationgroup", "ReplicationGroupId")],
    ),
    (
        "DescribeCacheClusters",
        Read,
        &[Named("cluster", "CacheClusterId")],
    ),
    (
        "DescribeServerlessCaches",
        Read,
        &[Named("serverlesscache", "ServerlessCacheName")],
    ),
    ("DescribeSnapshots", Read, &[Named("snapshot", "SnapshotName")]),
    (
        "DescribeServerlessCacheSnapshots",
        Read,
        &[Named("serverlesscachesnapshot", "ServerlessCacheSnapshotName")],
    ),
    ("DescribeEvents", Read, &[Any]),
    ("ListTagsForResource", Read, &[Arn("ResourceName")]),
    (
        "CreateSnapshot",
        Create,
        &[
            Named("snapshot", "SnapshotName"),
            Given("cluster", "CacheClusterId"),
            Given("replicationgroup", "ReplicationGroupId"),
        ],
    ),
    (
        "CreateServerlessCacheSnapshot",
        Create,
        &[
            Named("serverlesscachesnapshot", "ServerlessCacheSnapshotName"),
            Named("serverlesscache", "ServerlessCacheName"),
        ],
    ),
    (
        "CopySnapshot",
        Export,
        &[
            Named("snapshot", "SourceSnapshotName"),
            Named("snapshot", "TargetSnapshotName"),
        ],
    ),
    (
        "ExportServerlessCacheSnapshot",
        Export,
        &[Named("serverlesscachesnapshot", "ServerlessCacheSnapshotName")],
    ),
    ("DeleteSnapshot", Delete, &[Named("snapshot", "SnapshotName")]),
    (
        "DeleteServerlessCacheSnapshot",
        Delete,
        &[Named("serverlesscachesnapshot", "ServerlessCacheSnapshotName")],
    ),
];

/// What a request to `ElastiCache` asks for; `tags_of` gives the tags of the resource of that ARN, as they are before
/// the request is carried out.
pub(crate) fn asked_of_elasticache(
    place: &Place,
    form: &Form,
    tags_of: impl Fn(&str) -> Tags,
) -> Result<Vec<Asked>, String> {
    let operation = form.text("Action").unwrap_or_default();
    let Some((_, kind, resources)) = ELASTICACHE.iter().find(|(name, ..)| *name == operation) else {
        return Err(format!("calls `{operation}` of ElastiCache"));
    };
    let resources: Vec<String> = resources
        .iter()
        .filter_map(|resource| arn(place, form, *resource))
        .collect();
    let mut asked = Asked::new(format!("elasticache:{operation}"), resources);
    let mut derived = Vec::new();
    match kind {
        Read => {}
        Create => {
            let tags = request_tags(form)?;
            asked.context = tag_context(&tags);
            if !tags.is_empty() {
                let created = asked.resources.iter().take(1).cloned().collect();
                derived.push(Asked {
                    context: asked.context.clone(),
                    ..Asked::new("elasticache:AddTagsToResource", created)
                });
            }
        }
        Delete => {
            let tags = asked.resources.iter().flat_map(|arn| tags_of(arn));
            let key = |(key, value)| (format!("aws:ResourceTag/{key}"), Condition::One(value));
            asked.context = tags.map(key).collect();
        }
        Export => derived = export(form)?,
    }
    derived.insert(0, asked);
    Ok(derived)
}

fn arn(place: &Place, form: &Form, resource: Resource) -> Option<String> {
    match resource {
        Named(kind, parameter) => Some(place.elasticache(kind, form.text(parameter).unwrap_or("*"))),
        Given(kind, parameter) => Some(place.elasticache(kind, form.text(parameter)?)),
        Arn(parameter) => Some(form.text(parameter).unwrap_or("*").to_owned()),
        Any => Some("*".to_owned()),
    }
}

fn request_tags(form: &Form) -> Result<Tags, String> {
    let members: Value = form
        .read(&[])
        .map_err(|error| format!("sends tags that cannot be read: {error}"))?;
    let text = |tag: &Value, member: &str| tag[member].as_str().unwrap_or_default().to_owned();
    let tags = members["Tags"].as_array().into_iter().flatten();
    Ok(tags.map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect())
}

fn tag_context(tags: &Tags) -> Context {
    let mut context: Context = tags
        .iter()
        .map(|(key, value)| (format!("aws:RequestTag/{key}"), Condition::One(value.clone())))
        .collect();
    if !tags.is_empty() {
        let keys = tags.keys().cloned().collect();
        context.insert("aws:TagKeys".to_owned(), Condition::Many(keys));
    }
    context
}

/// The service looks whether the caller could write there; under which keys it tries is not documented \[U\], so they
/// stand as all that begin like the export's own.
fn export(form: &Form) -> Result<Vec<Asked>, String> {
    let bucket = form.text("TargetBucket").or(form.text("S3BucketName"));
    let stem = form
        .text("TargetSnapshotName")
        .or(form.text("ServerlessCacheSnapshotName"));
    let (Some(bucket), Some(stem)) = (bucket, stem) else {
        return Err("copies a snapshot inside ElastiCache".to_owned());
    };
    let all = || vec!["*".to_owned()];
    let bucket_arn = || vec![format!("arn:aws:s3:::{bucket}")];
    let objects = || vec![format!("arn:aws:s3:::{bucket}/{stem}*")];
    Ok(vec![
        Asked::new("s3:ListAllMyBuckets", all()),
        Asked::new("s3:GetBucketLocation", bucket_arn()),
        Asked::new("s3:ListBucket", bucket_arn()),
        Asked::new("s3:PutObject", objects()),
        Asked::new("s3:GetObject", objects()),
        Asked::new("s3:DeleteObject", objects()),
    ])
}

/// What a request to SNS asks for.
pub(crate) fn asked_of_sns(form: &Form) -> Result<Vec<Asked>, String> {
    match (form.text("Action"), form.text("TopicArn")) {
        (Some("Publish"), Some(topic)) => Ok(vec![Asked::new("sns:Publish", vec![topic.to_owned()])]),
        (action, _) => Err(format!("calls `{}` of SNS", action.unwrap_or_default())),
    }
}

/// What a request to Step Functions asks for, by its `X-Amz-Target` and its body.
pub(crate) fn asked_of_states(target: &str, body: &[u8]) -> Result<Vec<Asked>, String> {
    let operation = target.rsplit('.').next().unwrap_or_default();
    let member = match operation {
        "DescribeExecution" | "GetExecutionHistory" => "executionArn",
        "ListExecutions" => "stateMachineArn",
        _ => return Err(format!("calls `{operation}` of Step Functions")),
    };
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let arn = request[member].as_str().unwrap_or("*").to_owned();
    Ok(vec![Asked::new(format!("states:{operation}"), vec![arn])])
}

#[cfg(test)]
mod tests;
