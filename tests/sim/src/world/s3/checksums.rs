//! The checksum that S3 keeps with an object: the one its writer sent along, or the one that S3 adds.

use crate::world::error::AwsError;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::Md5;
use serde::{Deserialize, Serialize};
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// An algorithm of `x-amz-checksum-…`. S3 has more by now; a request that names another one is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChecksumAlgorithm {
    /// What S3 adds where a writer sends none (user guide, *Checking object integrity*).
    Crc64Nvme,
    /// What most SDKs send by default.
    Crc32,
    /// Castagnoli's.
    Crc32c,
    /// SHA-1.
    Sha1,
    /// SHA-256.
    Sha256,
}

/// What a checksum is of: `x-amz-checksum-type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChecksumType {
    /// `FULL_OBJECT`: the bytes from first to last.
    FullObject,
    /// `COMPOSITE`: the checksums of the parts of a multipart upload.
    Composite,
}

/// One checksum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checksum {
    /// Its algorithm.
    pub algorithm: ChecksumAlgorithm,
    /// What it is of.
    pub of: ChecksumType,
    /// Base64, as S3's headers have it; of a composite one followed by `-<parts>`.
    pub value: String,
}

impl ChecksumAlgorithm {
    /// All that are modelled.
    pub const ALL: [Self; 5] = [
        Self::Crc64Nvme,
        Self::Crc32,
        Self::Crc32c,
        Self::Sha1,
        Self::Sha256,
    ];

    /// The name in `x-amz-sdk-checksum-algorithm`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "CRC64NVME",
            Self::Crc32 => "CRC32",
            Self::Crc32c => "CRC32C",
            Self::Sha1 => "SHA1",
            Self::Sha256 => "SHA256",
        }
    }

    /// The header of its value.
    pub fn header(self) -> &'static str {
        match self {
            Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
            Self::Crc32 => "x-amz-checksum-crc32",
            Self::Crc32c => "x-amz-checksum-crc32c",
            Self::Sha1 => "x-amz-checksum-sha1",
            Self::Sha256 => "x-amz-checksum-sha256",
        }
    }

    fn digest(self, bytes: &[u8]) -> Vec<u8> {
        let crc = |algorithm| crc_fast::checksum(algorithm, bytes).to_be_bytes();
        match self {
            Self::Crc64Nvme => crc(CrcAlgorithm::Crc64Nvme).to_vec(),
            Self::Crc32 => crc(CrcAlgorithm::Crc32IsoHdlc)[4..].to_vec(),
            Self::Crc32c => crc(CrcAlgorithm::Crc32Iscsi)[4..].to_vec(),
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
        }
    }
}

impl ChecksumType {
    /// As the header has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::FullObject => "FULL_OBJECT",
            Self::Composite => "COMPOSITE",
        }
    }
}

impl Checksum {
    /// That of the whole of these bytes.
    pub fn of_whole(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Self {
        Self {
            algorithm,
            of: ChecksumType::FullObject,
            value: STANDARD.encode(algorithm.digest(bytes)),
        }
    }

    /// That of an upload of these bytes as the only part.
    pub fn of_one_part(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Self {
        let parts = algorithm.digest(&algorithm.digest(bytes));
        Self {
            algorithm,
            of: ChecksumType::Composite,
            value: format!("{}-1", STANDARD.encode(parts)),
        }
    }
}

/// The checksum to keep with `bytes`: what was sent, if it is right, else the one that S3 adds.
pub(crate) fn kept(sent: &[(ChecksumAlgorithm, String)], bytes: &[u8]) -> Result<Checksum, AwsError> {
    let (algorithm, given) = match sent {
        [] => return Ok(Checksum::of_whole(ChecksumAlgorithm::Crc64Nvme, bytes)),
        [(algorithm, given)] => (*algorithm, given),
        _ => {
            let text = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
            return Err(AwsError::bad_request("InvalidRequest", text));
        }
    };
    let actual = Checksum::of_whole(algorithm, bytes);
    if *given == actual.value {
        return Ok(actual);
    }
    let name = algorithm.name();
    let text = format!("The {name} you specified did not match the calculated checksum.");
    Err(AwsError::bad_request("BadDigest", text))
}

/// The entity tag of a single-part object without customer keys: its MD5 in hex, in quotes.
pub(crate) fn e_tag(bytes: &[u8]) -> String {
    format!("\"{}\"", base16ct::lower::encode_string(&Md5::digest(bytes)))
}
