//! What each state does in a calm night.

use crate::story::{BUCKET, Story};
use jiff::SignedDuration;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sim::trace::{By, Ending, MessageView, SnapshotView, VersionView, What};
use std::collections::BTreeMap;
use std::sync::Arc;

impl Story {
    /// The run's snapshot, as it should be.
    pub(crate) fn view(&self) -> SnapshotView {
        let kind = self.input["cache"]["kind"].as_str().unwrap();
        let (id, owner) = (
            self.id(),
            format!("main/{}", self.input["plan"].as_str().unwrap()),
        );
        let instant = self.due().strftime("%Y%m%dt%H%Mz").to_string();
        let tags = [
            ("snapkeep:owner", owner),
            ("snapkeep:cache", format!("{kind}/{id}")),
            ("snapkeep:run", format!("{kind}/{id}/{instant}")),
        ];
        SnapshotView {
            name: format!("{id}-{}", self.due().strftime("%Y%m%d%H%M")),
            serverless: false,
            birth: 1,
            status: "creating".to_owned(),
            automatic: false,
            sources: vec![format!("{id}-002")],
            tags: tags
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
            shards: self.shards.clone(),
        }
    }

    pub(crate) fn make(&mut self, view: SnapshotView) {
        let by = self.invoke(
            "create-snapshot",
            Some("CreateSnapshot"),
            json!({"input": self.input}),
        );
        self.called(&by, "CreateSnapshot", &view.name, "ok");
        self.tell(&by, What::SnapshotAppeared(view.clone()));
        self.returned(&by, json!({"status": "pending"}));
        self.pass(SignedDuration::from_mins(3));
        self.settled(view, "available");
    }

    /// AWS brings a snapshot into a status.
    pub(crate) fn settled(&mut self, view: SnapshotView, status: &str) {
        let status = status.to_owned();
        self.tell(
            &By::Service,
            What::SnapshotChanged(SnapshotView { status, ..view }),
        );
    }

    pub(crate) fn export(&mut self, view: &SnapshotView) {
        let by = self.invoke("copy-to-s3", Some("CopyToS3"), json!({"renewal": self.renewal}));
        self.called(&by, "CopySnapshot", &view.name, "ok");
        let status = "exporting".to_owned();
        self.tell(
            &by,
            What::SnapshotChanged(SnapshotView {
                status,
                ..view.clone()
            }),
        );
        self.returned(&by, json!({}));
        self.pass(SignedDuration::from_mins(2));
        self.settled(view.clone(), "available");
        for (shard, bytes) in self.shards.clone() {
            self.written(&shard, bytes);
        }
    }

    /// AWS writes one shard.
    pub(crate) fn written(&mut self, shard: &str, bytes: Arc<[u8]>) {
        let renewed = if self.renewal > 0 {
            format!("r{}/", self.renewal)
        } else {
            String::new()
        };
        let key = format!("{}{renewed}{}-{shard}.rdb", self.folder(), self.id());
        let version = self.put(&By::Service, &key, Some(&bytes));
        self.objects.push((key, version, bytes, shard.to_owned()));
    }

    /// A version appears, or a delete marker.
    pub(crate) fn put(&mut self, by: &By, key: &str, bytes: Option<&[u8]>) -> String {
        let version_id = format!("version-{}", self.number());
        let view = VersionView {
            bucket: BUCKET.to_owned(),
            key: key.to_owned(),
            version_id: version_id.clone(),
            e_tag: "\"etag\"".to_owned(),
            tags: BTreeMap::new(),
            last_modified: self.now,
            bytes: bytes.map(Arc::from),
        };
        self.views.insert(key.to_owned(), view.clone());
        self.tell(by, What::VersionAppeared(view));
        version_id
    }

    /// The newest version of a key.
    pub(crate) fn newest(&self, key: &str) -> VersionView {
        self.views[key].clone()
    }

    /// An object is tagged.
    pub(crate) fn tag(&mut self, by: &By, key: &str, tag: &str) {
        let mut view = self.newest(key);
        view.tags.insert(tag.to_owned(), "jo".to_owned());
        self.tell(by, What::VersionChanged(view));
    }

    pub(crate) fn put_json(&mut self, by: &By, key: &str, json: &Value) -> String {
        self.put(by, key, Some(json.to_string().as_bytes()))
    }

    /// Reads every byte of every object and leaves a verdict.
    pub(crate) fn verify(&mut self) {
        for (key, version, bytes, _) in self.objects.clone() {
            let by = self.invoke("verify-object", Some("VerifyObject"), json!({}));
            let length = bytes.len() as u64;
            self.read(&by, &key, &version, 0..length / 2);
            self.read(&by, &key, &version, length / 2..length);
            let (verdict, sound) = (self.verdict(&key), json!({"sound": true}));
            self.put_json(&by, &verdict, &sound);
            self.returned(&by, json!({"done": true}));
        }
    }

    pub(crate) fn verdict(&self, key: &str) -> String {
        let (folder, name) = (self.folder(), key.rsplit('/').next().unwrap());
        format!("{folder}verdicts/{name}.json")
    }

    pub(crate) fn read(&mut self, by: &By, key: &str, version: &str, bytes: std::ops::Range<u64>) {
        let (key, version) = (key.to_owned(), Some(version.to_owned()));
        let (start, length) = (bytes.start, bytes.end - bytes.start);
        self.tell(
            by,
            What::Read {
                key,
                version,
                start,
                length,
            },
        );
    }

    /// The run's manifest, as it should be.
    pub(crate) fn manifest(&self) -> Value {
        let objects = self.objects.iter().map(|(key, version, bytes, shard)| {
            json!({
                "key": key,
                "verdictKey": self.verdict(key),
                "shard": shard,
                "size": bytes.len(),
                "etag": "\"etag\"",
                "versionId": version,
                "sha256": base16ct::lower::encode_string(&Sha256::digest(bytes)),
                "keys": 10,
            })
        });
        let objects: Vec<Value> = objects.collect();
        json!({
            "formatVersion": 1,
            "owner": self.view().tags["snapkeep:owner"],
            "cache": self.input["cache"],
            "run": {"instant": self.due().strftime("%Y%m%dt%H%Mz").to_string()},
            "snapshot": {"name": self.view().name},
            "objects": objects,
        })
    }

    pub(crate) fn record(&mut self, manifest: &Value) {
        let by = self.invoke("record-backup", Some("RecordBackup"), json!({}));
        let key = self.folder() + "manifest.json";
        self.put_json(&by, &key, manifest);
        self.returned(&by, json!({"recorded": true}));
    }

    /// Calls prune, which does what the story says and has no warning.
    pub(crate) fn prune(&mut self, act: impl FnOnce(&mut Self, &By)) {
        let by = self.invoke("prune", Some("Prune"), json!({}));
        act(self, &by);
        self.returned(&by, json!({"status": "done", "warnings": []}));
    }

    /// Deletes a snapshot as `DeleteSnapshot` does.
    pub(crate) fn delete_snapshot(&mut self, by: &By, view: &SnapshotView) {
        let status = "deleting".to_owned();
        let view = SnapshotView {
            status,
            ..view.clone()
        };
        self.tell(by, What::SnapshotChanged(view.clone()));
        self.tell(&By::Service, What::SnapshotGone(view));
    }

    pub(crate) fn end(&mut self, status: &str, error: Option<&str>, state: Option<&str>) {
        let ending = Ending {
            status: status.to_owned(),
            error: error.map(str::to_owned),
            cause: None,
            state: state.map(str::to_owned),
            events: 100,
            transitions: 30,
            redrive_count: 0,
        };
        let arn = self.arn();
        self.tell(&By::StateMachine, What::ExecutionEnded { arn, ending });
    }

    pub(crate) fn succeed(&mut self) {
        self.end("SUCCEEDED", None, None);
    }

    pub(crate) fn fail(&mut self, error: &str, state: &str) {
        self.end("FAILED", Some(error), Some(state));
    }

    pub(crate) fn redrive(&mut self) {
        let (arn, redrive_count) = (self.arn(), 1);
        self.tell(&By::StateMachine, What::ExecutionRedriven { arn, redrive_count });
    }

    /// `notify` hears of an attempt's end.
    pub(crate) fn event(&mut self, attempt: u32) -> By {
        let detail = json!({"executionArn": self.arn(), "redriveCount": attempt});
        self.invoke("notify", None, json!({"detail": detail}))
    }

    pub(crate) fn publish(&mut self, by: &By, subject: &str, email: &str) {
        let message = MessageView {
            topic_arn: "arn:aws:sns:eu-west-1:000000000000:alerts".to_owned(),
            subject: subject.to_owned(),
            email: email.to_owned(),
            default: String::new(),
        };
        self.tell(by, What::Published(message));
    }

    /// One alert, with its marker.
    pub(crate) fn alert(&mut self, attempt: u32, error: &str, state: &str) {
        let by = self.event(attempt);
        let (subject, email) = self.words(error, state);
        self.publish(&by, &subject, &email);
        let marker = format!("{}alert-{attempt}.json", self.folder());
        self.put(&by, &marker, Some(b"{}"));
        self.returned(&by, json!({}));
    }

    /// Subject and text of an alert, as they should be.
    pub(crate) fn words(&self, error: &str, state: &str) -> (String, String) {
        let cache = format!("{}/{}", self.input["cache"]["kind"].as_str().unwrap(), self.id());
        let after = ["Prune", "NotifySuccess"].contains(&state);
        let begin = if after {
            "The backup is recorded and safe. "
        } else {
            ""
        };
        let email = format!("{begin}The backup of {cache} failed in\n{state}: {error}");
        (format!("[snapkeep] FAILED {}: {error}", self.id()), email)
    }

    /// Up to the manifest, without a fault.
    pub(crate) fn backup(&mut self) {
        self.start();
        let view = self.view();
        self.make(view.clone());
        self.export(&view);
        self.verify();
        let manifest = self.manifest();
        self.record(&manifest);
    }

    /// A whole calm night, of which nothing is pruned.
    pub(crate) fn night(&mut self) {
        self.backup();
        self.prune(|_, _| {});
        self.succeed();
        self.next_night();
    }

    /// The same plan a day later.
    pub(crate) fn next_night(&mut self) {
        self.now = self.due() + SignedDuration::from_hours(24);
        self.input["scheduledTime"] = json!(self.now.to_string());
        self.name = format!("night-{}", self.now.as_second());
        self.renewal = 0;
    }
}
