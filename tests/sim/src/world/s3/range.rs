//! The `Range` header of `GetObject`.

/// Which bytes of an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first offset to the last, both included; the last may lie past the end.
    Between(u64, u64),
    /// From an offset to the end.
    From(u64),
    /// The last so many bytes.
    Last(u64),
}

impl ByteRange {
    /// Reads a `Range` header with one range, such as `bytes=0-99`, `bytes=100-`, `bytes=-9`.
    pub fn parse(header: &str) -> Option<Self> {
        let (first, last) = header.strip_prefix("bytes=")?.split_once('-')?;
        match (first, last) {
            ("", last) => last.parse().ok().map(Self::Last),
            (first, "") => first.parse().ok().map(Self::From),
            (first, last) => Some(Self::Between(first.parse().ok()?, last.parse().ok()?)),
        }
    }

    /// Offset and length within an object of this size, or `None` where nothing of it lies inside.
    pub(crate) fn within(self, size: u64) -> Option<(u64, u64)> {
        let (first, end) = match self {
            Self::Between(first, last) if first <= last => (first, last.saturating_add(1).min(size)),
            Self::Between(..) => return None,
            Self::From(first) => (first, size),
            Self::Last(length) => (size.saturating_sub(length), size),
        };
        (first < end).then(|| (first, end - first))
    }
}
