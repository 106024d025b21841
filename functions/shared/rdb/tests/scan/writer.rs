//! Writes RDB files by hand, well-formed and not; for tests only.
//!
//! [`Writer`] writes the frame, one token or record per call. What stands inside a value has a builder of its own:
//! each is well-formed as it comes, and has a method or field for every one thing that can be broken.

mod intset;
mod listpack;
mod lzf;
mod module;
mod stream;
mod ziplist;
mod zipmap;

pub(crate) use intset::Intset;
pub(crate) use listpack::Listpack;
pub(crate) use lzf::{Packed, pack};
pub(crate) use module::{Tag, module_id};
pub(crate) use stream::{Consumer, Group, Node, Stream, id};
pub(crate) use ziplist::Ziplist;
pub(crate) use zipmap::Zipmap;

/// A file in the making; each call appends one token or record.
#[derive(Clone)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    trailer: bool,
}

/// How a string is stored.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    Plain,
    Packed,
}

impl Writer {
    pub(crate) fn redis(version: u16) -> Self {
        Self {
            bytes: format!("REDIS{version:04}").into_bytes(),
            trailer: version >= 5,
        }
    }

    pub(crate) fn valkey() -> Self {
        Self {
            bytes: b"VALKEY080".to_vec(),
            trailer: true,
        }
    }

    /// No header: for a part of a file.
    pub(crate) fn part() -> Self {
        Self {
            bytes: Vec::new(),
            trailer: false,
        }
    }

    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// A length in its shortest form.
    pub(crate) fn len(self, length: u64) -> Self {
        let bytes = length.to_be_bytes();
        match length {
            0..=63 => self.raw(&bytes[7..]),
            64..=16_383 => self.raw(&[0x40 | bytes[6], bytes[7]]),
            16_384..=0xffff_ffff => self.raw(&[0x80]).raw(&bytes[4..]),
            _ => self.raw(&[0x81]).raw(&bytes),
        }
    }

    pub(crate) fn lens(self, lengths: &[u64]) -> Self {
        lengths.iter().fold(self, |writer, &length| writer.len(length))
    }

    pub(crate) fn text(self, bytes: impl AsRef<[u8]>) -> Self {
        self.len(bytes.as_ref().len() as u64).raw(bytes.as_ref())
    }

    pub(crate) fn texts(self, texts: &[&str]) -> Self {
        texts.iter().fold(self, Self::text)
    }

    /// An LZF string as it is given: its two lengths need not be those of the stream.
    pub(crate) fn lzf(self, packed: &[u8], plain: usize) -> Self {
        self.raw(&[0xc3])
            .lens(&[packed.len() as u64, plain as u64])
            .raw(packed)
    }

    /// The same string as [`Writer::text`] writes, compressed.
    pub(crate) fn packed(self, bytes: impl AsRef<[u8]>) -> Self {
        self.lzf(&pack(bytes.as_ref()), bytes.as_ref().len())
    }

    pub(crate) fn in_form(self, form: Form, bytes: &[u8]) -> Self {
        match form {
            Form::Plain => self.text(bytes),
            Form::Packed => self.packed(bytes),
        }
    }

    pub(crate) fn aux(self, name: &str, value: &str) -> Self {
        self.raw(&[250]).text(name).text(value)
    }

    pub(crate) fn select(self, database: u64) -> Self {
        self.raw(&[254]).len(database)
    }

    /// Type byte and name of a key; its value is up to the caller.
    pub(crate) fn key(self, rdb_type: u8, name: &str) -> Self {
        self.raw(&[rdb_type]).text(name)
    }

    /// A whole string key.
    pub(crate) fn string(self, name: &str, value: &str) -> Self {
        self.key(0, name).text(value)
    }

    pub(crate) fn expiry_ms(self, at: i64) -> Self {
        self.raw(&[252]).raw(&at.to_le_bytes())
    }

    pub(crate) fn cut(self) -> Vec<u8> {
        self.bytes
    }

    /// End mark and, from version 5 on, a right CRC.
    pub(crate) fn end(self) -> Vec<u8> {
        let trailer = self.trailer;
        let bytes = self.raw(&[255]).cut();
        if trailer { with_crc(bytes) } else { bytes }
    }

    /// End mark and the trailer of a writer that has checksums switched off.
    pub(crate) fn end_without_crc(self) -> Vec<u8> {
        self.raw(&[255]).raw(&[0; 8]).cut()
    }
}

/// The integer that an engine would store in place of this text: one whose digits are the text.
fn integer(text: &[u8]) -> Option<i64> {
    let number: i64 = std::str::from_utf8(text).ok()?.parse().ok()?;
    (number.to_string().as_bytes() == text).then_some(number)
}

fn with_crc(mut body: Vec<u8>) -> Vec<u8> {
    let crc = crc64(&body);
    body.extend_from_slice(&crc.to_le_bytes());
    body
}

/// A file with its last eight bytes replaced by the CRC of those before.
pub(crate) fn with_crc_renewed(file: &[u8]) -> Vec<u8> {
    with_crc(file[..file.len() - 8].to_vec())
}

/// CRC-64/REDIS bit by bit, so that the scanner's own CRC library is checked against something else.
fn crc64(bytes: &[u8]) -> u64 {
    let polynomial = 0xad93_d235_94c9_35a9_u64.reverse_bits();
    bytes.iter().fold(0, |crc, &byte| {
        (0..8).fold(crc ^ u64::from(byte), |crc, _| {
            (crc >> 1) ^ if crc & 1 == 1 { polynomial } else { 0 }
        })
    })
}

#[test]
fn the_crc_has_the_published_check_value() {
    assert_eq!(crc64(b"123456789"), 0xe9c6_d914_c4b8_d9ca);
}
