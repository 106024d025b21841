//! Unmodified AWS clients: boto3 and the AWS CLI drive the endpoint from `wire_support/clients.py`.

mod wire_support;

use sim::world::elasticache::{Group, Profile, Serverless};
use std::path::PathBuf;
use std::process::Output;
use tokio::process::Command;
use wire_support::{Bench, python};

/// A Python with both clients, or nothing, with the reason printed.
async fn python_with_clients() -> Option<PathBuf> {
    let python = python()?;
    let found = Command::new(&python)
        .args(["-c", "import boto3, awscli"])
        .output()
        .await
        .unwrap();
    if found.status.success() {
        return Some(python);
    }
    println!(
        "skipped: `{}` has no boto3 and awscli; `make test` installs them",
        python.display()
    );
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn boto3_and_the_aws_cli_work_unmodified() {
    let (Some(python), Some(bench)) = (python_with_clients().await, Bench::new()) else {
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
