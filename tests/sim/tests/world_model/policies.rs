//! Which bucket policies let the export service in.

use crate::support::{BUCKET, at, code, export_to, of_node, with_snapshot, world_with};
use sim::world::Config;
use sim::world::elasticache::{Assumptions, SourceKeys};
use sim::world::s3::policy::Policy;

const SERVICE: &str = "eu-west-1.elasticache-snapshot.amazonaws.com";

/// One statement for the vault, with the given principal, actions, resources and further members.
fn statement(effect: &str, principal: &str, action: &str, resource: &str, more: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":{principal},"Action":{action},"Resource":{resource}{more}}}"#
    )
}

fn policy(statements: &[String]) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{}]}}"#,
        statements.join(",")
    )
}

fn exported(json: &str) -> String {
    let mut world = with_snapshot();
    world.bucket_mut(BUCKET).unwrap().policy = Some(Policy::parse(json).unwrap());
    code(&world.copy_snapshot(&export_to("bk", "backups/x"), at(200))).to_owned()
}

const BOTH: &str = r#"["arn:aws:s3:::snapkeep-vault","arn:aws:s3:::snapkeep-vault/*"]"#;
const ALL: &str = r#""s3:*""#;

#[test]
fn statements_are_read_as_iam_reads_them() {
    let service = format!(r#"{{"Service":"{SERVICE}"}}"#);
    let allow = |action: &str, resource: &str| statement("Allow", &service, action, resource, "");
    let minimal = r#"["s3:PutObject","s3:GetObject","s3:ListBucket","s3:GetBucketAcl","s3:ListMultipartUploadParts","s3:ListBucketMultipartUploads"]"#;
    let no_acl = minimal.replace(r#""s3:GetBucketAcl","#, "");
    let generic = r#"{"Service":"elasticache.amazonaws.com"}"#;
    let elsewhere = r#"{"Service":"us-east-1.elasticache-snapshot.amazonaws.com"}"#;
    let prefixed = r#"["arn:aws:s3:::snapkeep-vault","arn:aws:s3:::snapkeep-vault/backups/*"]"#;
    let other_prefix = r#"["arn:aws:s3:::snapkeep-vault","arn:aws:s3:::snapkeep-vault/other/*"]"#;
    let insecure = r#","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#;
    let not_vpc = r#","Condition":{"StringNotEquals":{"aws:SourceVpce":"vpce-1"}}"#;
    let account = r#","Condition":{"StringEquals":{"aws:SourceAccount":"000000000000"}}"#;
    let refused = "InvalidParameterValue";
    let cases: Vec<(&str, Vec<String>, &str)> = vec![
        ("the recommended list", vec![allow(minimal, BOTH)], "ok"),
        ("everything", vec![allow(ALL, BOTH)], "ok"),
        (
            "actions without regard to case",
            vec![allow(r#""S3:*""#, BOTH)],
            "ok",
        ),
        ("without the bucket's ACL", vec![allow(&no_acl, BOTH)], refused),
        (
            "objects only",
            vec![allow(ALL, r#""arn:aws:s3:::snapkeep-vault/*""#)],
            refused,
        ),
        ("the prefix that is used", vec![allow(ALL, prefixed)], "ok"),
        ("another prefix", vec![allow(ALL, other_prefix)], refused),
        (
            "the generic principal alone",
            vec![statement("Allow", generic, ALL, BOTH, "")],
            refused,
        ),
        (
            "another Region's principal",
            vec![statement("Allow", elsewhere, ALL, BOTH, "")],
            refused,
        ),
        ("anyone", vec![statement("Allow", r#""*""#, ALL, BOTH, "")], "ok"),
        (
            "a deny without TLS does not concern it",
            vec![allow(ALL, BOTH), statement("Deny", r#""*""#, ALL, BOTH, insecure)],
            "ok",
        ),
        (
            "a deny outside a VPC endpoint hits it",
            vec![
                allow(ALL, BOTH),
                statement("Deny", r#"{"AWS":"*"}"#, ALL, BOTH, not_vpc),
            ],
            refused,
        ),
        (
            "a condition that is not sent",
            vec![statement("Allow", &service, ALL, BOTH, account)],
            refused,
        ),
    ];
    for (reason, statements, expected) in cases {
        assert_eq!(exported(&policy(&statements)), expected, "{reason}");
    }
}

#[test]
fn source_conditions_hold_if_the_service_sends_them() {
    let conditions = [
        (r#"{"StringEquals":{"aws:SourceAccount":"000000000000"}}"#, "ok"),
        (
            r#"{"StringEquals":{"aws:SourceAccount":"111111111111"}}"#,
            "InvalidParameterValue",
        ),
        (
            r#"{"ArnLike":{"AWS:SourceArn":"arn:aws:elasticache:*:000000000000:snapshot:b?"}}"#,
            "ok",
        ),
    ];
    for (condition, expected) in conditions {
        let assumptions = Assumptions {
            source_keys: SourceKeys::Sent,
            ..Assumptions::default()
        };
        let mut world = world_with(Config {
            assumptions,
            ..Config::default()
        });
        world
            .create_snapshot(&of_node("bk", "orders-003"), at(0))
            .unwrap();
        let principal = format!(r#"{{"Service":["{SERVICE}"]}}"#);
        let more = format!(r#","Condition":{condition}"#);
        let json = policy(&[statement("Allow", &principal, ALL, BOTH, &more)]);
        world.bucket_mut(BUCKET).unwrap().policy = Some(Policy::parse(&json).unwrap());
        assert_eq!(
            code(&world.copy_snapshot(&export_to("bk", "x"), at(180))),
            expected,
            "{condition}"
        );
    }
}

#[test]
fn what_is_not_modelled_is_refused_when_it_is_put() {
    let cases = [
        statement("Allow", r#""*""#, ALL, BOTH, r#","NotAction":"s3:*""#),
        statement(
            "Allow",
            r#""*""#,
            ALL,
            BOTH,
            r#","Condition":{"IpAddress":{"aws:SourceIp":"10.0.0.0/8"}}"#,
        ),
        statement("Maybe", r#""*""#, ALL, BOTH, ""),
    ];
    for statement in cases {
        assert_eq!(
            Policy::parse(&policy(&[statement])).unwrap_err().code,
            "MalformedPolicy"
        );
    }
}
