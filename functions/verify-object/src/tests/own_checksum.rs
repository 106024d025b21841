//! The checksum that S3 keeps of the object.

use super::fake::{Fake, file};
use super::*;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use serde_json::json;

fn stored(algorithm: &str, of: &str, value: String) -> StoredChecksum {
    StoredChecksum {
        algorithm: algorithm.into(),
        of: of.into(),
        value,
    }
}

/// What S3 keeps of `bytes` by itself.
pub(super) fn crc64(bytes: &[u8]) -> StoredChecksum {
    let crc = crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes);
    stored("CRC64NVME", "FULL_OBJECT", STANDARD.encode(crc.to_be_bytes()))
}

fn crc32(algorithm: CrcAlgorithm, bytes: &[u8]) -> String {
    let crc = crc_fast::checksum(algorithm, bytes);
    STANDARD.encode(&crc.to_be_bytes()[4..])
}

#[test]
fn every_checksum_of_the_whole_object_is_compared_in_one_call_and_in_many() {
    let bytes = file(300);
    let sha256 = STANDARD.encode(Sha256::digest(&bytes));
    let iso = crc32(CrcAlgorithm::Crc32IsoHdlc, &bytes);
    let iscsi = crc32(CrcAlgorithm::Crc32Iscsi, &bytes);
    for (kept, compared) in [
        (crc64(&bytes), true),
        (stored("CRC32", "FULL_OBJECT", iso), true),
        (stored("CRC32C", "FULL_OBJECT", iscsi), true),
        (stored("SHA256", "FULL_OBJECT", sha256), true),
        (stored("SHA1", "FULL_OBJECT", "AAAA".into()), false),
        (stored("CRC32", "COMPOSITE", "AAAA-2".into()), false),
    ] {
        for left in [Duration::from_mins(15), Duration::ZERO] {
            let mut fake = Fake::new(bytes.clone());
            fake.stored = Some(kept.clone());
            fake.left.set(left);
            let mut cursor = None;
            while let Output::Unfinished { cursor: next, .. } = fake.run(cursor.as_ref(), small(512)).unwrap()
            {
                cursor = Some(*next);
            }
            let want = json!({
                "algorithm": kept.algorithm, "type": kept.of, "value": kept.value, "compared": compared,
            });
            assert_eq!(fake.written.borrow()[0].1["checksum"], want);
            assert_eq!(fake.heads.get(), 1, "one more call an object");
            assert_eq!(fake.order.borrow()[0], "head", "known before the first byte");
        }
    }
}

#[test]
fn without_one_the_verdict_says_nothing_of_it() {
    let fake = Fake::new(file(3));
    fake.run(None, Settings::default()).unwrap();
    assert_eq!(fake.written.borrow()[0].1.get("checksum"), None);
}

#[test]
fn an_object_that_is_not_what_was_uploaded_is_corrupt_though_its_structure_is_sound() {
    let mut bytes = file(300);
    let kept = crc64(&bytes);
    // The last byte of the last value: any is as sound as another.
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    for left in [Duration::from_mins(15), Duration::ZERO] {
        let mut fake = Fake::new(bytes.clone());
        fake.stored = Some(kept.clone());
        fake.left.set(left);
        let mut cursor = None;
        let error = loop {
            match fake.run(cursor.as_ref(), small(512)) {
                Ok(Output::Unfinished { cursor: next, .. }) => cursor = Some(*next),
                Ok(Output::Finished { .. }) => panic!("the checksum does not fit"),
                Err(error) => break error,
            }
        };
        assert_eq!(error.name, ErrorName::Corrupt);
        let found = crc64(&bytes).value;
        for part in [
            "orders-0001.rdb",
            "CRC64NVME",
            &kept.value,
            &found,
            "start a new run",
        ] {
            assert!(error.message.contains(part), "{part}: {error}");
        }
        assert!(fake.written.borrow().is_empty(), "no verdict");
    }
}

#[test]
fn a_broken_structure_is_told_before_the_checksum_because_it_says_where() {
    let mut bytes = file(30);
    let kept = crc64(&bytes);
    bytes[11] = 0xff;
    let mut fake = Fake::new(bytes);
    fake.stored = Some(kept);
    let error = fake.run(None, Settings::default()).unwrap_err();
    assert_eq!(error.name, ErrorName::Corrupt);
    assert!(
        error.message.contains("byte") && !error.message.contains("CRC64NVME"),
        "{error}"
    );
}

#[test]
fn a_checksum_that_cannot_be_asked_for_ends_the_call_by_name() {
    for (code, status, want, why) in [
        (
            "HTTP 412",
            412,
            ErrorName::ObjectChanged,
            "written again: a head request has no body to say more",
        ),
        ("HTTP 404", 404, ErrorName::ObjectChanged, "deleted"),
        (
            "HTTP 503",
            503,
            ErrorName::ServiceUnavailable,
            "a moment's failure",
        ),
        ("HTTP 403", 403, ErrorName::AccessDenied, "a policy"),
    ] {
        let mut fake = Fake::new(file(3));
        fake.head_fails = Some((code, status));
        let error = fake.run(None, Settings::default()).unwrap_err();
        assert_eq!(error.name, want, "{why}");
        assert_eq!(fake.reads.get(), 0, "{why}: nothing is read");
    }
}
