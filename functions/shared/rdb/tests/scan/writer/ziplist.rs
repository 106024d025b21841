//! Ziplists: 4-byte total, 4-byte offset of the last entry, 2-byte count, entries that each begin with the length of
//! the one before, `0xff`.

use super::integer;

/// Bytes before the first entry.
const HEADER: usize = 10;

/// A ziplist in the making; each call appends one entry or sets one part of the frame.
#[derive(Clone, Default)]
pub(crate) struct Ziplist {
    entries: Vec<u8>,
    /// Where the last entry begins among the entries.
    last: usize,
    /// Its length.
    before: usize,
    found: u32,
    count: Option<u16>,
    total: Option<u32>,
    tail_at: Option<u32>,
    end: Option<Vec<u8>>,
}

impl Ziplist {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Entries as an engine stores these texts: integers as such.
    pub(crate) fn of(texts: &[&str]) -> Self {
        texts
            .iter()
            .fold(Self::new(), |ziplist, text| match integer(text.as_bytes()) {
                Some(number) => ziplist.int(number),
                None => ziplist.text(text),
            })
    }

    /// A text in the shortest of the three forms that texts have.
    pub(crate) fn text(self, text: impl AsRef<[u8]>) -> Self {
        let text = text.as_ref();
        let [a, b, c, d] = (text.len() as u32).to_be_bytes();
        let head = match text.len() {
            0..64 => vec![d],
            64..16_384 => vec![0x40 | c, d],
            _ => vec![0x80, a, b, c, d],
        };
        self.entry(&[&head, text].concat())
    }

    /// An integer in the shortest of its forms.
    pub(crate) fn int(self, number: i64) -> Self {
        let form = match number {
            0..=12 => return self.entry(&[0xf1 + number.to_le_bytes()[0]]),
            _ if i8::try_from(number).is_ok() => 0xfe,
            _ if i16::try_from(number).is_ok() => 0xc0,
            -0x80_0000..=0x7f_ffff => 0xf0,
            _ if i32::try_from(number).is_ok() => 0xd0,
            _ => 0xe0,
        };
        self.int_as(form, number)
    }

    /// An integer in the form that this byte names.
    pub(crate) fn int_as(self, form: u8, number: i64) -> Self {
        let width = match form {
            0xfe => 1,
            0xc0 => 2,
            0xf0 => 3,
            0xd0 => 4,
            _ => 8,
        };
        self.entry(&[&[form], &number.to_le_bytes()[..width]].concat())
    }

    /// An entry of these bytes, form and content, with the right length before it.
    pub(crate) fn entry(self, bytes: &[u8]) -> Self {
        let before = match u8::try_from(self.before) {
            Ok(short @ ..254) => vec![short],
            _ => [&[254], &(self.before as u32).to_le_bytes()[..]].concat(),
        };
        self.entry_after(&before, bytes)
    }

    /// An entry with any bytes for the length of the one before.
    pub(crate) fn entry_after(mut self, before: &[u8], bytes: &[u8]) -> Self {
        self.last = self.entries.len();
        self.before = before.len() + bytes.len();
        self.entries.extend_from_slice(before);
        self.entries.extend_from_slice(bytes);
        self.found += 1;
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

    /// Another offset than that of the last entry.
    pub(crate) fn tail_at(self, offset: u32) -> Self {
        Self {
            tail_at: Some(offset),
            ..self
        }
    }

    /// Other bytes than `0xff` at the end.
    pub(crate) fn end(self, bytes: &[u8]) -> Self {
        Self {
            end: Some(bytes.to_vec()),
            ..self
        }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        // The greatest count says that nobody counted.
        let counted = u16::try_from(self.found).unwrap_or(u16::MAX);
        let end = self.end.as_deref().unwrap_or(&[0xff]);
        let total = (HEADER + self.entries.len() + end.len()) as u32;
        let total = self.total.unwrap_or(total).to_le_bytes();
        let tail = self.tail_at.unwrap_or((HEADER + self.last) as u32).to_le_bytes();
        let count = self.count.unwrap_or(counted).to_le_bytes();
        [&total[..], &tail, &count, &self.entries, end].concat()
    }
}
