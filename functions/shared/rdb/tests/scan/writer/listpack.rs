//! Listpacks: 4-byte total, 2-byte count, entries each followed by its own length backwards, `0xff`.

use super::integer;

/// A listpack in the making; each call appends one entry or sets one part of the frame.
#[derive(Clone, Default)]
pub(crate) struct Listpack {
    entries: Vec<u8>,
    found: u32,
    count: Option<u16>,
    total: Option<u32>,
    tail: Option<Vec<u8>>,
}

impl Listpack {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Entries as an engine stores these texts: integers as such.
    pub(crate) fn of(texts: &[&str]) -> Self {
        texts
            .iter()
            .fold(Self::new(), |listpack, text| listpack.item(text))
    }

    /// One entry as an engine stores this text.
    pub(crate) fn item(self, text: &str) -> Self {
        match integer(text.as_bytes()) {
            Some(number) => self.int(number),
            None => self.text(text),
        }
    }

    /// A text in the shortest of the three forms that texts have.
    pub(crate) fn text(self, text: impl AsRef<[u8]>) -> Self {
        let text = text.as_ref();
        let head = match text.len() {
            len @ ..64 => vec![0x80 | low(len, 0)],
            len @ ..4096 => vec![0xe0 | low(len, 8), low(len, 0)],
            len => [&[0xf0], &low32(len)[..]].concat(),
        };
        self.entry(&[&head, text].concat())
    }

    /// An integer in the shortest of its forms.
    pub(crate) fn int(self, number: i64) -> Self {
        let bytes = number.to_le_bytes();
        match number {
            0..=127 => self.entry(&bytes[..1]),
            -4096..=4095 => self.entry(&[0xc0 | (bytes[1] & 0x1f), bytes[0]]),
            -0x8000..=0x7fff => self.int_as(0xf1, number),
            -0x80_0000..=0x7f_ffff => self.int_as(0xf2, number),
            -0x8000_0000..=0x7fff_ffff => self.int_as(0xf3, number),
            _ => self.int_as(0xf4, number),
        }
    }

    /// An integer in the form that this byte names: `0xf1` to `0xf4` for 2, 3, 4 and 8 bytes.
    pub(crate) fn int_as(self, form: u8, number: i64) -> Self {
        let width = [2, 3, 4, 8][usize::from(form - 0xf1)];
        self.entry(&[&[form], &number.to_le_bytes()[..width]].concat())
    }

    /// An entry of these bytes, form and content, with its right length behind it.
    pub(crate) fn entry(self, bytes: &[u8]) -> Self {
        self.entry_with(bytes, &backwards(bytes.len()))
    }

    /// An entry with any bytes for the length behind it.
    pub(crate) fn entry_with(mut self, bytes: &[u8], behind: &[u8]) -> Self {
        self.entries.extend_from_slice(bytes);
        self.entries.extend_from_slice(behind);
        self.found += 1;
        self
    }

    /// The entries of another listpack behind those so far.
    pub(crate) fn append(mut self, more: &Self) -> Self {
        self.entries.extend_from_slice(&more.entries);
        self.found += more.found;
        self
    }

    /// Another count than that of the entries; 65535 says that nobody counted.
    pub(crate) fn count(self, count: u16) -> Self {
        Self {
            count: Some(count),
            ..self
        }
    }

    /// Another total than that of the bytes.
    pub(crate) fn total(self, total: u32) -> Self {
        Self {
            total: Some(total),
            ..self
        }
    }

    /// Other bytes than `0xff` at the end.
    pub(crate) fn tail(self, bytes: &[u8]) -> Self {
        Self {
            tail: Some(bytes.to_vec()),
            ..self
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        // The greatest count says that nobody counted.
        let counted = u16::try_from(self.found).unwrap_or(u16::MAX);
        let tail = self.tail.as_deref().unwrap_or(&[0xff]);
        let total = low32(6 + self.entries.len() + tail.len());
        let total = self.total.map_or(total, u32::to_le_bytes);
        let count = self.count.unwrap_or(counted).to_le_bytes();
        [&total[..], &count, &self.entries, tail].concat()
    }
}

/// The length behind an entry: seven bits a byte, the highest first, all but the first marked.
fn backwards(len: usize) -> Vec<u8> {
    let bits = match len {
        0..=127 => 1,
        128..=16_383 => 2,
        16_384..=2_097_151 => 3,
        _ => 4,
    };
    let byte = |group: usize| (len >> (7 * group)) as u8 & 0x7f;
    (0..bits)
        .rev()
        .map(|group| byte(group) | if group + 1 == bits { 0 } else { 0x80 })
        .collect()
}

fn low(len: usize, shift: usize) -> u8 {
    (len >> shift) as u8
}

fn low32(len: usize) -> [u8; 4] {
    (len as u32).to_le_bytes()
}
