//! Answers of the Query protocol: values with AWS's member names, written as XML.

use quick_xml::Writer;
use quick_xml::events::{BytesEnd, BytesStart, BytesText, Event};
use serde_json::Value;
use sim::world::AwsError;
use std::io;

/// What the items of a list are called; lists that are not here have `member`s.
const ITEMS: &[(&str, &str)] = &[
    ("CacheClusters", "CacheCluster"),
    ("CacheNodeIdsToReboot", "CacheNodeId"),
    ("CacheNodes", "CacheNode"),
    ("CacheSecurityGroups", "CacheSecurityGroup"),
    ("Events", "Event"),
    ("LogDeliveryConfigurations", "LogDeliveryConfiguration"),
    ("MemberClusters", "ClusterId"),
    ("NodeGroupMembers", "NodeGroupMember"),
    ("NodeGroups", "NodeGroup"),
    ("NodeSnapshots", "NodeSnapshot"),
    ("ReplicaAvailabilityZones", "AvailabilityZone"),
    ("ReplicationGroups", "ReplicationGroup"),
    ("ServerlessCacheSnapshots", "ServerlessCacheSnapshot"),
    ("Snapshots", "Snapshot"),
    ("TagList", "Tag"),
];

/// `<OpResponse><OpResult>…</OpResult><ResponseMetadata/></OpResponse>`.
pub(crate) fn success(namespace: &str, action: &str, result: &Value, request_id: &str) -> Vec<u8> {
    document(&format!("{action}Response"), namespace, |writer| {
        element(writer, &format!("{action}Result"), result)?;
        element(
            writer,
            "ResponseMetadata",
            &serde_json::json!({ "RequestId": request_id }),
        )
    })
}

/// `<ErrorResponse><Error>…</Error><RequestId/></ErrorResponse>`.
pub(crate) fn failure(namespace: &str, error: &AwsError, request_id: &str) -> Vec<u8> {
    let kind = if error.status < 500 { "Sender" } else { "Receiver" };
    document("ErrorResponse", namespace, |writer| {
        writer.write_event(Event::Start(BytesStart::new("Error")))?;
        for (name, text) in [("Type", kind), ("Code", &error.code), ("Message", &error.message)] {
            element(writer, name, &Value::from(text))?;
        }
        writer.write_event(Event::End(BytesEnd::new("Error")))?;
        element(writer, "RequestId", &Value::from(request_id))
    })
}

fn document(
    root: &str,
    namespace: &str,
    content: impl FnOnce(&mut Writer<Vec<u8>>) -> io::Result<()>,
) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new());
    let start = BytesStart::new(root).with_attributes([("xmlns", namespace)]);
    // Writing to memory does not fail.
    let _ = writer
        .write_event(Event::Start(start))
        .and_then(|()| content(&mut writer))
        .and_then(|()| writer.write_event(Event::End(BytesEnd::new(root))));
    writer.into_inner()
}

/// An absent member is left out, since an empty number would break clients; an empty text is an empty element.
fn element(writer: &mut Writer<Vec<u8>>, name: &str, value: &Value) -> io::Result<()> {
    let text = match value {
        Value::Null => return Ok(()),
        Value::Object(_) | Value::Array(_) => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
    };
    if text.as_deref() == Some("") {
        return writer.write_event(Event::Empty(BytesStart::new(name)));
    }
    writer.write_event(Event::Start(BytesStart::new(name)))?;
    match value {
        Value::Object(members) => {
            members
                .iter()
                .try_for_each(|(member, value)| element(writer, member, value))?;
        }
        Value::Array(items) => {
            let item_name = ITEMS
                .iter()
                .find(|(list, _)| *list == name)
                .map_or("member", |(_, item)| item);
            items
                .iter()
                .try_for_each(|item| element(writer, item_name, item))?;
        }
        _ => writer.write_event(Event::Text(BytesText::new(&text.unwrap_or_default())))?,
    }
    writer.write_event(Event::End(BytesEnd::new(name)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use expect_test::expect;
    use serde_json::json;

    fn text(bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn absent_members_are_left_out_and_empty_texts_are_empty_elements() {
        // In the order of the alphabet, because some builds of `serde_json` sort and some do not.
        let result = json!({
            "Snapshot": {
                "AutoMinorVersionUpgrade": true,
                "KmsKeyId": null,
                "NodeSnapshots": [{"CacheSize": "", "SnapshotCreateTime": null}],
                "NumCacheNodes": 1,
                "SnapshotName": "a<b>&\"c\"",
            }
        });
        expect![[r#"<CreateSnapshotResponse xmlns="urn:x"><CreateSnapshotResult><Snapshot><AutoMinorVersionUpgrade>true</AutoMinorVersionUpgrade><NodeSnapshots><NodeSnapshot><CacheSize/></NodeSnapshot></NodeSnapshots><NumCacheNodes>1</NumCacheNodes><SnapshotName>a&lt;b&gt;&amp;&quot;c&quot;</SnapshotName></Snapshot></CreateSnapshotResult><ResponseMetadata><RequestId>r-1</RequestId></ResponseMetadata></CreateSnapshotResponse>"#]]
            .assert_eq(&text(success("urn:x", "CreateSnapshot", &result, "r-1")));
    }

    #[test]
    fn errors_tell_whose_fault_it_is() {
        let gone = AwsError::not_found("SnapshotNotFoundFault", "no `x`");
        expect![[r#"<ErrorResponse xmlns="urn:x"><Error><Type>Sender</Type><Code>SnapshotNotFoundFault</Code><Message>no `x`</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"#]]
            .assert_eq(&text(failure("urn:x", &gone, "r-1")));
        let own = AwsError::new(503, "ServiceUnavailable", "later");
        assert!(text(failure("urn:x", &own, "r-1")).contains("<Type>Receiver</Type>"));
    }
}
