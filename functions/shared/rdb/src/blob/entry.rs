//! What the walkers of blobs hand out, and to whom.

use crate::broken::Flaw;

/// Texts of up to this many bytes are always handed out whole, however the blob was cut into pieces.
pub(crate) const WHOLE: usize = 256;

/// One entry of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Entry<'a> {
    /// An entry stored as an integer.
    Integer(i64),
    /// An entry stored as bytes, whole.
    Text(&'a [u8]),
    /// An entry of this many bytes, more than [`WHOLE`], which was cut between two pieces.
    Long(u64),
}

/// Takes the entries of one blob, in order, and judges what they mean.
pub(crate) trait Sink {
    /// Takes the next entry.
    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Flaw>;
}

/// Goes through a blob stage by stage until one takes nothing of what is left; gives how many bytes were taken.
#[inline]
pub(crate) fn in_stages(
    bytes: &[u8],
    mut stage: impl FnMut(&[u8]) -> Result<usize, Flaw>,
) -> Result<usize, Flaw> {
    let mut taken = 0;
    loop {
        match stage(&bytes[taken..])? {
            0 => return Ok(taken),
            used => taken += used,
        }
    }
}
