//! Files that the caches hold.

use crc_fast::CrcAlgorithm;

/// A sound RDB file of so many string keys, without a CRC.
pub fn sound_rdb(keys: u16) -> Vec<u8> {
    let mut bytes = b"REDIS0011\xfe\x00".to_vec();
    for key in 0..keys {
        bytes.extend_from_slice(&[0, 2]);
        bytes.extend_from_slice(&key.to_be_bytes());
        bytes.extend_from_slice(b"\x05value");
    }
    bytes.push(0xff);
    bytes.extend_from_slice(&[0; 8]);
    bytes
}

/// The same file with its CRC, as servers write it unless told otherwise.
pub fn sealed_rdb(keys: u16) -> Vec<u8> {
    let mut bytes = sound_rdb(keys);
    bytes.truncate(bytes.len() - 8);
    let crc = crc_fast::checksum(CrcAlgorithm::Crc64Redis, &bytes);
    bytes.extend_from_slice(&crc.to_le_bytes());
    bytes
}
