use super::*;
use serde_json::json;
use sim::asl::StartExecution;
use sim::world::s3::{PutObjectRequest, Versioning};

const NOW: Timestamp = Timestamp::constant(1_772_330_400, 0);

fn folder() -> tempfile::TempDir {
    tempfile::tempdir().unwrap()
}

fn execution(name: &str) -> Execution {
    let start = StartExecution {
        state_machine_arn: "arn:aws:states:eu-west-1:000000000000:stateMachine:backup".to_owned(),
        role_arn: None,
        name: name.to_owned(),
        input: json!({"n": 1}),
        definition: json!({
            "QueryLanguage": "JSONata", "StartAt": "End", "States": {"End": {"Type": "Succeed"}}
        })
        .to_string(),
        seed: 1,
    };
    Execution::start(start, NOW).unwrap()
}

#[test]
fn a_second_process_is_kept_out_until_the_first_ends() {
    let folder = folder();
    let first = Home::open(folder.path()).unwrap();
    let refused = Home::open(folder.path()).unwrap_err();
    assert!(matches!(refused, HomeError::InUse(_)), "{refused}");
    drop(first);
    Home::open(folder.path()).unwrap();
}

#[test]
fn a_folder_of_somebody_else_is_refused_and_left_as_it_was() {
    let folder = folder();
    fs::write(folder.path().join("thesis.txt"), "years of work").unwrap();
    let refused = Home::open(folder.path()).unwrap_err();
    assert!(refused.to_string().contains("holds other files"), "{refused}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing was added"
    );
}

#[test]
fn another_layout_and_a_damaged_file_are_named() {
    let folder = folder();
    fs::write(folder.path().join(MARK), r#"{"format": 9, "clock": null}"#).unwrap();
    let refused = Home::open(folder.path()).unwrap_err();
    assert!(refused.to_string().contains("layout 9"), "{refused}");
    fs::write(folder.path().join(MARK), "{").unwrap();
    let refused = Home::open(folder.path()).unwrap_err();
    assert!(matches!(refused, HomeError::Damaged { .. }), "{refused}");
}

#[test]
fn a_world_with_its_objects_and_clock_survives() {
    let folder = folder();
    {
        let home = Home::open(folder.path()).unwrap();
        assert!(home.load_world().unwrap().is_none(), "new");
        let mut world = World::with_blobs(sim::world::Config::default(), 1, home.blobs());
        world.put_bucket("vault-local", Versioning::Enabled).unwrap();
        let put = PutObjectRequest {
            bucket: "vault-local".to_owned(),
            key: "a/b.txt".to_owned(),
            body: b"bytes".to_vec(),
            ..PutObjectRequest::default()
        };
        world.put_object(&put, NOW).unwrap();
        home.save_world(&world, NOW).unwrap();
    }
    let home = Home::open(folder.path()).unwrap();
    assert_eq!(home.clock(), Some(NOW));
    let mut world = home.load_world().unwrap().unwrap();
    assert_eq!(world.list_buckets(NOW).unwrap(), ["vault-local"]);
    assert_eq!(
        fs::read(home.object_path("vault-local", "a/b.txt")).unwrap(),
        b"bytes"
    );
}

#[test]
fn executions_come_back_in_the_order_of_their_starts() {
    let folder = folder();
    let home = Home::open(folder.path()).unwrap();
    for name in ["b", "a"] {
        home.save_execution(&execution(name)).unwrap();
    }
    let loaded = home.load_executions().unwrap();
    assert_eq!(loaded, [execution("a"), execution("b")]);
}

#[test]
fn messages_are_written_once_and_as_mail() {
    let folder = folder();
    let home = Home::open(folder.path()).unwrap();
    let message = StoredMessage {
        message_id: "m".to_owned(),
        at: NOW,
        subject: Some("Backup failed".to_owned()),
        bodies: [("default", "{}"), ("email", "the text\n")]
            .map(|(k, v)| (k.to_owned(), v.to_owned()))
            .into(),
    };
    home.save_messages(std::slice::from_ref(&message)).unwrap();
    home.save_messages(&[message.clone(), message]).unwrap();
    let mail = fs::read_to_string(home.messages_folder().join("0001.txt")).unwrap();
    assert_eq!(
        mail,
        "Date: 2026-03-01T02:00:00Z\nSubject: Backup failed\n\nthe text\n"
    );
    assert_eq!(
        fs::read_dir(home.messages_folder()).unwrap().count(),
        4,
        "two messages, two files each"
    );
}
