//! Intsets: width of a member, count, members in ascending order, all little-endian.

/// An intset in the making.
#[derive(Clone)]
pub(crate) struct Intset {
    width: u32,
    count: u32,
    members: Vec<u8>,
}

impl Intset {
    /// Members of 2, 4 or 8 bytes, in the order given.
    pub(crate) fn of(width: u8, members: &[i64]) -> Self {
        Self {
            width: width.into(),
            count: members.len() as u32,
            members: members
                .iter()
                .flat_map(|member| member.to_le_bytes()[..width.into()].to_vec())
                .collect(),
        }
    }

    /// Another width than that of the members.
    pub(crate) fn width(self, width: u32) -> Self {
        Self { width, ..self }
    }

    /// Another count than that of the members.
    pub(crate) fn count(self, count: u32) -> Self {
        Self { count, ..self }
    }

    /// Bytes behind the last member.
    pub(crate) fn and(mut self, bytes: &[u8]) -> Self {
        self.members.extend_from_slice(bytes);
        self
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        [
            &self.width.to_le_bytes()[..],
            &self.count.to_le_bytes(),
            &self.members,
        ]
        .concat()
    }
}
