//! The object's own checksum: which are compared, and with what.
//!
//! S3 took it of the bytes that were uploaded. Where it is over the whole object, what was read must have the same: it
//! covers also a file whose writer left the RDB checksum out.

use crate::digest::Sums;
use backup_core::names::ObjectKey;
use backup_core::ports::StoredChecksum;
use backup_core::{Error, ErrorName};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;

/// The CRC to compute for a comparison with `stored`.
pub(crate) fn crc(stored: &StoredChecksum) -> Option<CrcAlgorithm> {
    match stored.algorithm.as_str() {
        _ if stored.of != StoredChecksum::FULL_OBJECT => None,
        "CRC64NVME" => Some(CrcAlgorithm::Crc64Nvme),
        "CRC32" => Some(CrcAlgorithm::Crc32IsoHdlc),
        "CRC32C" => Some(CrcAlgorithm::Crc32Iscsi),
        _ => None,
    }
}

/// Compares what S3 keeps with what was read; gives whether the two can be compared at all.
///
/// They cannot where the checksum is made of those of parts whose bounds nobody tells, and where it is a hash that is
/// not computed: SHA-1, and what S3 learned after it.
pub(crate) fn compare(key: &ObjectKey, stored: &StoredChecksum, sums: &Sums) -> Result<bool, Error> {
    let Some(found) = computed(stored, sums) else {
        return Ok(false);
    };
    if found == stored.value {
        return Ok(true);
    }
    let StoredChecksum { algorithm, value, .. } = stored;
    let message = format!(
        "`{key}` is corrupt: all of it was read and has the {algorithm} `{found}`, S3 keeps `{value}`; what was read \
         is not what was uploaded, so keep the object as evidence and start a new run"
    );
    Err(Error::new(ErrorName::Corrupt, message))
}

/// The checksum of what was read, spelled as S3 does.
fn computed(stored: &StoredChecksum, sums: &Sums) -> Option<String> {
    if stored.of != StoredChecksum::FULL_OBJECT {
        return None;
    }
    match (stored.algorithm.as_str(), sums.crc) {
        ("SHA256", _) => Some(STANDARD.encode(sums.sha256)),
        ("CRC64NVME", Some(crc)) => Some(STANDARD.encode(crc.to_be_bytes())),
        // The 32-bit CRCs are the low half.
        ("CRC32" | "CRC32C", Some(crc)) => Some(STANDARD.encode(&crc.to_be_bytes()[4..])),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::digest::Digests;

    /// Compares `hello` with what S3 is said to keep.
    fn check(algorithm: &str, of: &str, value: &str) -> Result<bool, Error> {
        let stored = StoredChecksum {
            algorithm: algorithm.into(),
            of: of.into(),
            value: value.into(),
        };
        let mut digests = Digests::new(Some(&stored));
        digests.update(0, b"hello");
        compare(&ObjectKey::new("a/b-0001.rdb"), &stored, &digests.finish())
    }

    const SHA256: &str = "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=";

    #[test]
    fn what_is_compared_and_what_cannot_be() {
        let cases = [
            ("CRC64NVME", "FULL_OBJECT", "M3eFcAZSQlc=", true, "S3's default"),
            ("CRC32", "FULL_OBJECT", "NhCmhg==", true, "most SDKs' default"),
            ("CRC32C", "FULL_OBJECT", "mnG7TA==", true, "the third CRC"),
            ("SHA256", "FULL_OBJECT", SHA256, true, "computed anyway"),
            (
                "SHA1",
                "FULL_OBJECT",
                "qvTGHdzF6KLavt4PO0gs2a6pQ00=",
                false,
                "not computed",
            ),
            ("SHA256", "COMPOSITE", "AAAA-2", false, "of the parts' hashes"),
            ("CRC32", "COMPOSITE", "AAAA-2", false, "of the parts' CRCs"),
            ("XXHASH3", "FULL_OBJECT", "AAAA", false, "newer than this program"),
        ];
        for (algorithm, of, value, want, why) in cases {
            assert_eq!(check(algorithm, of, value).unwrap(), want, "{algorithm}: {why}");
        }
    }

    #[test]
    fn a_difference_names_both_values_and_what_to_do() {
        for (algorithm, found) in [
            ("CRC64NVME", "M3eFcAZSQlc="),
            ("CRC32", "NhCmhg=="),
            ("CRC32C", "mnG7TA=="),
            ("SHA256", SHA256),
        ] {
            let error = check(algorithm, "FULL_OBJECT", "AAAAAAAAAAA=").unwrap_err();
            assert_eq!(error.name, ErrorName::Corrupt);
            for part in [
                "`a/b-0001.rdb`",
                algorithm,
                found,
                "`AAAAAAAAAAA=`",
                "start a new run",
            ] {
                assert!(error.message.contains(part), "{part}: {error}");
            }
        }
    }
}
