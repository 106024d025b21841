//! Where a value's entries are compared: since which offset, and until when.

use crate::field::{Count, Role};
use crate::layout::Op;
use crate::members::{BYTES, ENTRIES};
use crate::record::Record;
use crate::token::Text;
use crate::walker::{Frame, Walker};

/// Where to go back to when a comparison is interrupted.
#[derive(Debug, Clone, Default)]
pub(crate) struct Mark {
    pub(crate) at: u64,
    pub(crate) frames: Vec<Frame>,
    pub(crate) record: Record,
}

impl Walker {
    /// Begins to compare the entries of a collection, or the names and ids of a stream's groups, and remembers where:
    /// a cursor leads back there, for what was compared so far is too much for it.
    pub(crate) fn begin_comparing(&mut self, count: Count, rounds: u64, body: &[Op]) {
        let compared = match count {
            Count::Elements => body.iter().any(|op| matches!(op, Op::Text(Role::Member))),
            Count::Groups => rounds > 0,
            _ => false,
        };
        if count == Count::Pending && self.marked && self.record.pending.0 > ENTRIES {
            self.give_up_comparing();
        } else if compared && rounds > ENTRIES {
            self.record.given_up = true;
        } else if compared {
            // A group and a consumer have a name besides what is pending.
            let room = if count == Count::Groups {
                2 * ENTRIES
            } else {
                ENTRIES
            };
            self.members.clear(room);
            self.marked = true;
            self.mark.at = self.walked;
            self.mark.frames.clone_from(&self.frames);
            self.mark.record.clone_from(&self.record);
        }
    }

    /// Stops comparing entries of a value that is more than that.
    pub(crate) fn give_up_comparing(&mut self) {
        self.marked = false;
        self.record.given_up = true;
    }

    /// Stops comparing where the value would reach beyond its bound with `more` bytes.
    #[inline]
    pub(crate) fn keep_mark_within(&mut self, more: u64) {
        if self.marked && self.walked.saturating_add(more) - self.mark.at > BYTES as u64 {
            self.give_up_comparing();
        }
    }

    /// Whether the text is compared with others of its value; stops that where it is too large.
    pub(crate) fn is_compared(&mut self, text: Text) -> bool {
        /// What stands in front of a consumer's name, or the digits of a name that is an integer.
        const SHORT: u64 = 20;
        let size = text.plain().unwrap_or(0).saturating_add(SHORT);
        if self.marked && !self.members.has_room(size) {
            self.give_up_comparing();
        }
        self.marked
    }
}
