//! Unmodified AWS clients: boto3 and the AWS CLI drive the endpoint from `wire_support/clients.py`.

mod wire_support;

use sim::world::elasticache::{Group, Profile, Serverless};
use sim::world::{Fault, Operation};
use std::process::Output;
use tokio::process::Command;
use wire_support::{Bench, python_with_clients};

#[tokio::test(flavor = "multi_thread")]
async fn boto3_and_the_aws_cli_work_unmodified() {
    let (Some(python), Some(bench)) = (python_with_clients(), Bench::new()) else {
        return;
    };
    let engine = bench.engine().await;
    let world = engine.world();
    world
        .edit(|world, now| {
            world.put_group(Group::disabled(
                "orders",
                &["eu-west-1a", "eu-west-1b"],
                Profile::default(),
            ));
            world.put_group(Group::enabled("sessions", 3, &["eu-west-1a"], Profile::default()));
            world.put_serverless(Serverless::new("catalog", now));
        })
        .unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/wire_support/clients.py");
    let run = Command::new(python).arg(script).arg(engine.endpoint()).output();
    let Output {
        status,
        stdout,
        stderr,
    } = run.await.unwrap();
    let told = format!(
        "{}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    );
    assert!(status.success(), "{told}");
    let messages = engine.messages().unwrap();
    assert_eq!(messages[0].body_for("email"), "text with <&> and ü");
}

/// Uploads twice: the first answer is lost, and the second attempt finds what the first one wrote.
const LOST_ANSWER: &str = r#"
import sys
import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

s3 = boto3.client(
    "s3", endpoint_url=sys.argv[1], region_name="eu-west-1", aws_access_key_id="test",
    aws_secret_access_key="test", config=Config(retries={"max_attempts": 0}),
)
put = {"Bucket": "sthree-snapkeep", "Key": "once", "Body": b"x", "IfNoneMatch": "*"}
try:
    s3.put_object(**put)
    raise SystemExit("the answer came")
except ConnectionClosedError:
    pass
try:
    s3.put_object(**put)
    raise SystemExit("the effect is missing")
except ClientError as error:
    assert error.response["Error"]["Code"] == "PreconditionFailed", error
"#;

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_s3_that_is_lost_drops_the_connection() {
    let (Some(python), Some(bench)) = (python_with_clients(), Bench::new()) else {
        return;
    };
    let engine = bench.engine().await;
    let world = engine.world();
    world
        .edit(|world, _| world.arm(Operation::PutObject, Fault::LostAnswer, 1))
        .unwrap();
    let run = Command::new(python)
        .args(["-c", LOST_ANSWER, engine.endpoint()])
        .output();
    let Output { status, stderr, .. } = run.await.unwrap();
    assert!(status.success(), "{}", String::from_utf8_lossy(&stderr));
}
