//! Zipmaps: count, then fields and values by turns, each after its length (values also after a count of unused
//! bytes), `0xff`.

/// A zipmap in the making.
#[derive(Clone, Default)]
pub(crate) struct Zipmap {
    pairs: Vec<u8>,
    found: u8,
    count: Option<u8>,
    end: Option<Vec<u8>>,
}

impl Zipmap {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn pair(self, field: &str, value: &str) -> Self {
        self.pair_with_unused(field, value, 0)
    }

    /// A pair whose value has bytes behind it that nobody uses, as an overwritten value leaves them.
    pub(crate) fn pair_with_unused(self, field: &str, value: &str, unused: u8) -> Self {
        let content = [value.as_bytes(), &vec![0; unused.into()]].concat();
        self.parts(&[
            &length(field),
            field.as_bytes(),
            &length(value),
            &[unused],
            &content,
        ])
    }

    /// A pair as these bytes say it, lengths included.
    pub(crate) fn parts(mut self, parts: &[&[u8]]) -> Self {
        self.pairs.extend(parts.concat());
        self.found += 1;
        self
    }

    /// Another count than that of the pairs; 254 and 255 say that nobody counted.
    pub(crate) fn count(self, count: u8) -> Self {
        Self {
            count: Some(count),
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
        let end = self.end.as_deref().unwrap_or(&[0xff]);
        [&[self.count.unwrap_or(self.found)], &self.pairs[..], end].concat()
    }
}

fn length(text: &str) -> Vec<u8> {
    match u8::try_from(text.len()) {
        Ok(short @ ..254) => vec![short],
        _ => [&[254], &(text.len() as u32).to_le_bytes()[..]].concat(),
    }
}
