//! Values of modules: a number that names the module, then tagged values until tag 0.

use super::Writer;

/// One tagged value.
pub(crate) enum Tag {
    Signed(i64),
    Unsigned(u64),
    Float(f32),
    Double(f64),
    Text(&'static str),
}

/// The letters of modules' names, each worth six bits.
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The id of a type: nine letters and ten bits of version.
pub(crate) fn module_id(name: &str, version: u64) -> u64 {
    let letter = |byte| {
        LETTERS
            .iter()
            .position(|&letter| letter == byte)
            .unwrap_or_default() as u64
    };
    name.bytes().fold(0, |id, byte| id << 6 | letter(byte)) << 10 | version
}

impl Writer {
    /// Tagged values and the 0 that ends them.
    pub(crate) fn tags(self, tags: &[Tag]) -> Self {
        tags.iter()
            .fold(self, |writer, tag| match *tag {
                Tag::Signed(value) => writer.len(1).len(value.cast_unsigned()),
                Tag::Unsigned(value) => writer.lens(&[2, value]),
                Tag::Float(value) => writer.len(3).raw(&value.to_le_bytes()),
                Tag::Double(value) => writer.len(4).raw(&value.to_le_bytes()),
                Tag::Text(value) => writer.len(5).text(value),
            })
            .len(0)
    }
}
