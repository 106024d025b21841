use super::*;
use crate::manifest::tests::sample;
use crate::ports::CallError;
use crate::run::Tag;
use crate::{CacheId, CacheKind, ErrorName};
use bytes::Bytes;
use futures_executor::block_on;

const FOLDER: &str = "backups/cache-cluster/ledger";

/// A bucket whose objects never change.
#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, String>,
    tags: Vec<Tag>,
    /// What every call fails with.
    fails: Option<CallErrorKind>,
}

impl Bucket {
    /// A bucket with a manifest at each instant, each naming the instant of its folder.
    fn of(instants: &[&str]) -> Self {
        let manifest = |instant: &&str| (manifest_key(instant), sample(instant).to_string());
        Self {
            objects: instants.iter().map(manifest).collect(),
            ..Self::default()
        }
    }

    fn call(&self, operation: &'static str) -> Result<(), CallError> {
        self.fails.map_or(Ok(()), |kind| {
            Err(CallError {
                operation,
                code: "Odd".into(),
                message: "as asked".into(),
                kind,
            })
        })
    }

    fn listing(&self) -> Result<Listing, Error> {
        block_on(list(self, &ledger()))
    }
}

impl ListObjects for Bucket {
    async fn list_objects(&self, prefix: &str) -> Result<Vec<ListedObject>, CallError> {
        self.call("ListObjectsV2")?;
        let keys = self.objects.keys().filter(|key| key.starts_with(prefix));
        Ok(keys.map(listed).collect())
    }
}

impl ReadObject for Bucket {
    async fn read_object(&self, key: &ObjectKey) -> Result<Option<Bytes>, CallError> {
        self.call("GetObject")?;
        Ok(self.objects.get(key.as_str()).map(|body| body.clone().into()))
    }
}

impl ObjectTags for Bucket {
    async fn object_tags(&self, _: &ObjectKey) -> Result<Vec<Tag>, CallError> {
        self.call("GetObjectTagging")?;
        Ok(self.tags.clone())
    }
}

fn ledger() -> CacheRef {
    CacheRef {
        kind: CacheKind::CacheCluster,
        id: CacheId::parse("ledger").unwrap(),
    }
}

fn listed(key: impl AsRef<str>) -> ListedObject {
    ListedObject {
        key: ObjectKey::new(key.as_ref()),
        size: 1,
        etag: "\"e\"".into(),
        last_modified: jiff::Timestamp::UNIX_EPOCH,
    }
}

fn manifest_key(instant: &str) -> String {
    format!("{FOLDER}/{instant}/manifest.json")
}

#[test]
fn only_our_grammar_counts() {
    let night = format!("{FOLDER}/20261120t0304z");
    let in_night = [
        format!("{night}/alert-0.json"),
        format!("{night}/alert-12.json"),
        format!("{night}/alert-.json"),
        format!("{night}/alert-x.json"),
        format!("{night}/ledger-0001.rdb"),
        format!("{night}/manifest.json"),
        format!("{night}/verdicts/ledger-0001.rdb.json"),
    ];
    let deeper = [format!("{FOLDER}/20261121t0304z/old/manifest.json")];
    let nowhere = [
        format!("{FOLDER}/notes/manifest.json"),
        format!("{FOLDER}/manifest.json"),
        format!("{FOLDER}/20261120t0304z"),
        format!("{FOLDER}/20261320t0304z/manifest.json"),
        "backups/cache-cluster/ledger-2/20261122t0304z/manifest.json".to_owned(),
        "backups/serverless-cache/ledger/20261122t0304z/manifest.json".to_owned(),
    ];
    let all = in_night.iter().chain(&deeper).chain(&nowhere);
    let Listing(folders) = Listing::of(&ledger(), all.map(listed));
    let folders: Vec<_> = folders.into_values().collect();
    let [found, other] = &folders[..] else {
        panic!("two folders, not {folders:?}")
    };
    let keys = |objects: &[ListedObject]| -> Vec<String> {
        objects.iter().map(|object| object.key.to_string()).collect()
    };
    assert_eq!(keys(&found.objects), in_night);
    assert_eq!(found.manifest_key.as_ref().unwrap().as_str(), in_night[5]);
    let alerts = in_night[..2].iter().map(ObjectKey::new);
    assert_eq!(
        found.alerts,
        alerts.collect::<Vec<_>>(),
        "only those with a count"
    );
    assert_eq!(
        (keys(&other.objects).as_slice(), &other.manifest_key),
        (&deeper[..], &None)
    );
}

#[test]
fn manifests_are_read_oldest_first_with_their_folders() {
    // More than are read at a time, so that order does not come from there.
    let nights: Vec<String> = (1..=20).map(|day| format!("202611{day:02}t0304z")).collect();
    let nights: Vec<&str> = nights.iter().map(String::as_str).collect();
    let bucket = Bucket::of(&nights);
    let listing = bucket.listing().unwrap();
    let each = block_on(read_each(&bucket, &listing)).unwrap();
    let folders = each.iter().map(|(instant, _)| instant.to_string());
    assert_eq!(folders.collect::<Vec<_>>(), nights);
    assert!(
        each.iter()
            .all(|(folder, manifest)| *folder == manifest.instant())
    );
    let all = block_on(read_all(&bucket, &listing)).unwrap();
    assert_eq!(
        all,
        each.into_iter().map(|(_, manifest)| manifest).collect::<Vec<_>>()
    );
}

#[test]
fn a_folder_tells_its_instant_whatever_the_manifest_says() {
    let mut bucket = Bucket::of(&["20261120t0304z"]);
    let copied = bucket.objects[&manifest_key("20261120t0304z")].clone();
    bucket.objects = BTreeMap::from([(manifest_key("20261121t0304z"), copied)]);
    let each = block_on(read_each(&bucket, &bucket.listing().unwrap())).unwrap();
    let (folder, manifest) = &each[0];
    assert_eq!(folder.to_string(), "20261121t0304z");
    assert_eq!(manifest.instant().to_string(), "20261120t0304z");
}

#[test]
fn what_is_gone_is_absent_and_what_is_broken_is_not() {
    let mut bucket = Bucket::of(&["20261119t0304z", "20261120t0304z", "20261121t0304z"]);
    let listing = bucket.listing().unwrap();
    bucket.objects.remove(&manifest_key("20261120t0304z"));
    let left = block_on(read_all(&bucket, &listing)).unwrap();
    assert_eq!(left.len(), 2, "deleted between listing and reading");
    bucket.objects.insert(manifest_key("20261120t0304z"), "{".into());
    let error = block_on(read_all(&bucket, &listing)).unwrap_err();
    assert_eq!(error.name, ErrorName::Unexpected);
    let key = manifest_key("20261120t0304z");
    assert!(
        error
            .message
            .starts_with(&format!("manifest `{key}` is not JSON")),
        "{error}"
    );
}

#[test]
fn nothing_listed_is_nothing_read() {
    let bucket = Bucket::default();
    let listing = bucket.listing().unwrap();
    assert_eq!(listing, Listing::default());
    assert_eq!(block_on(read_all(&bucket, &listing)), Ok(Vec::new()));
}

#[test]
fn a_call_that_fails_is_never_taken_for_absence() {
    let mut bucket = Bucket::of(&["20261120t0304z"]);
    let listing = bucket.listing().unwrap();
    let key = ObjectKey::new(manifest_key("20261120t0304z"));
    for (kind, name) in [
        (CallErrorKind::Throttled, ErrorName::Throttled),
        (CallErrorKind::AccessDenied, ErrorName::AccessDenied),
        (CallErrorKind::ServiceUnavailable, ErrorName::ServiceUnavailable),
        (CallErrorKind::BucketNotFound, ErrorName::BucketNotFound),
    ] {
        bucket.fails = Some(kind);
        let failed = [
            bucket.listing().unwrap_err(),
            block_on(read_manifest(&bucket, &key)).unwrap_err(),
            block_on(read_each(&bucket, &listing)).unwrap_err(),
            block_on(is_tagged(&bucket, &key, names::TAG_PIN)).unwrap_err(),
        ];
        for error in failed {
            assert_eq!(error.name, name);
            assert_eq!(
                error.source.map(|call| call.kind),
                Some(kind),
                "the call stays the source"
            );
        }
    }
}

#[test]
fn a_tag_counts_with_whatever_value() {
    let key = ObjectKey::new(manifest_key("20261120t0304z"));
    let check = |tags: &[(&str, &str)], want: bool, why: &str| {
        let tags = tags.iter().map(|(key, value)| Tag::new(*key, *value)).collect();
        let bucket = Bucket {
            tags,
            ..Bucket::default()
        };
        assert_eq!(
            block_on(is_tagged(&bucket, &key, names::TAG_PIN)),
            Ok(want),
            "{why}"
        );
    };
    check(&[], false, "no tags");
    check(&[("snapkeep:pin", "")], true, "an empty value");
    check(
        &[("team", "blue"), ("snapkeep:pin", "false")],
        true,
        "even this one",
    );
    check(&[("snapkeep:accept", "yes")], false, "another tag of ours");
    check(&[("Snapkeep:Pin", "yes")], false, "tag keys have a case");
    check(&[("team", "snapkeep:pin")], false, "a value is no key");
    let gone = Bucket {
        fails: Some(CallErrorKind::NotFound),
        ..Bucket::default()
    };
    assert_eq!(
        block_on(is_tagged(&gone, &key, names::TAG_PIN)),
        Ok(false),
        "gone by now"
    );
}

fn good(bucket: &Bucket) -> Result<Option<String>, Error> {
    let owner = Owner::new("main", "nightly")?;
    let manifest = block_on(last_good(bucket, &ledger(), &owner))?;
    Ok(manifest.map(|manifest| manifest.instant().to_string()))
}

#[test]
fn the_last_good_backup_is_the_newest_that_counts() {
    let (old, new) = ("20261119t0304z", "20261120t0304z");
    let suspicion = serde_json::json!({"reasons": ["it holds no keys"], "comparedWith": null});
    let cases: [(&str, serde_json::Value, &[Tag], &str, &str); 6] = [
        ("/owner", "main/nightly".into(), &[], new, "ours"),
        ("/owner", "main/weekly".into(), &[], old, "another plan's"),
        ("/owner", "test/nightly".into(), &[], old, "another deployment's"),
        ("/run/instant", old.into(), &[], old, "a copy from another night"),
        ("/suspicion", suspicion.clone(), &[], old, "suspicious"),
        (
            "/suspicion",
            suspicion,
            &[Tag::new(names::TAG_ACCEPT, "jo")],
            new,
            "accepted",
        ),
    ];
    for (path, value, tags, want, why) in cases {
        let mut bucket = Bucket::of(&[old, new]);
        let mut manifest = sample(new);
        // What the sample lacks is made.
        manifest["suspicion"] = serde_json::Value::Null;
        *manifest.pointer_mut(path).unwrap() = value;
        bucket.objects.insert(manifest_key(new), manifest.to_string());
        bucket.tags = tags.to_vec();
        assert_eq!(good(&bucket), Ok(Some(want.to_owned())), "{why}");
    }
    assert_eq!(good(&Bucket::default()), Ok(None));
}

#[test]
fn what_is_broken_matters_only_on_the_way_to_the_last_good_one() {
    let nights = ["20261119t0304z", "20261120t0304z"];
    let broken = |instant: &str| {
        let mut bucket = Bucket::of(&nights);
        bucket.objects.insert(manifest_key(instant), "{".into());
        good(&bucket)
    };
    assert_eq!(broken(nights[0]), Ok(Some(nights[1].to_owned())), "an old one");
    assert_eq!(
        broken(nights[1]).unwrap_err().name,
        ErrorName::Unexpected,
        "the newest may have been the last good one"
    );
}

#[test]
fn what_is_broken_and_names_another_owner_is_passed_over() {
    use serde_json::json;
    let (old, new) = ("20261119t0304z", "20261120t0304z");
    let night = Ok(Some(old.to_owned()));
    for (body, want, why) in [
        (
            json!({"formatVersion": 1, "owner": "main/weekly"}),
            night.clone(),
            "another plan's, cut",
        ),
        (
            json!({"formatVersion": 2, "owner": "test/nightly"}),
            night,
            "another deployment's, of a newer format",
        ),
        (
            json!({"formatVersion": 1, "owner": "main/nightly"}),
            Err(ErrorName::Unexpected),
            "ours",
        ),
        (
            json!({"formatVersion": 1, "owner": ["main/weekly"]}),
            Err(ErrorName::Unexpected),
            "no string",
        ),
        (
            json!({"formatVersion": 1}),
            Err(ErrorName::Unexpected),
            "nobody's",
        ),
        (json!("main/weekly"), Err(ErrorName::Unexpected), "no object"),
    ] {
        let mut bucket = Bucket::of(&[old, new]);
        bucket.objects.insert(manifest_key(new), body.to_string());
        assert_eq!(good(&bucket).map_err(|error| error.name), want, "{why}");
    }
}
