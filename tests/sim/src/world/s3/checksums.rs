//! The checksums that a writer may send along and a reader may ask for.

use crate::world::error::AwsError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Checksums in base64, as S3's headers have them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksums {
    /// `x-amz-checksum-sha256`.
    pub sha256: Option<String>,
    /// `x-amz-checksum-crc64nvme`.
    pub crc64nvme: Option<String>,
}

impl Checksums {
    /// Refuses bytes that are not those the sender meant.
    pub(crate) fn check(&self, bytes: &[u8]) -> Result<(), AwsError> {
        let crc = crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes);
        check_one(
            "sha256",
            self.sha256.as_deref(),
            &STANDARD.encode(Sha256::digest(bytes)),
        )?;
        check_one(
            "crc64nvme",
            self.crc64nvme.as_deref(),
            &STANDARD.encode(crc.to_be_bytes()),
        )
    }
}

fn check_one(name: &str, given: Option<&str>, actual: &str) -> Result<(), AwsError> {
    if given.is_none_or(|given| given == actual) {
        return Ok(());
    }
    let text = format!("The {name} you specified did not match the calculated checksum.");
    Err(AwsError::bad_request("BadDigest", text))
}

/// The entity tag of a single-part object without customer keys: its MD5 in hex, in quotes.
pub(crate) fn e_tag(bytes: &[u8]) -> String {
    format!("\"{}\"", base16ct::lower::encode_string(&Md5::digest(bytes)))
}
