//! What is known of the record that is being walked.

use serde::{Deserialize, Serialize};

use crate::blob::{Blob, Found};
use crate::broken::Flaw;
use crate::field::{Count, Role};
use crate::hex::{Bytes, Wide};
use crate::layout::Layout;
use crate::tally::{AUX_NAMES, AUX_VALUE, Tally};
use crate::token::Text;
use crate::verdict::Kind;

/// Types of the lists whose nodes may be empty, though not all of them.
const QUICKLIST: u8 = 14;
const QUICKLIST_2: u8 = 18;

/// Most characters of a key's name that are told.
const NAME: usize = 64;

/// The same in bytes, with the ellipsis of a name that was cut.
pub(crate) const NAME_TOLD: usize = NAME + '…'.len_utf8();

/// What a record is known to be while it is walked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Record {
    /// Whether the expiry read before a key has passed.
    pub(crate) expired: Option<bool>,
    /// Whether an idle time or access frequency was read before a key.
    pub(crate) access: bool,
    /// Offset of the value's first byte.
    pub(crate) value_at: u64,
    /// Sort of value and RDB type, from the type byte on.
    key: Option<(Kind, u8)>,
    /// Keys that the writer announces, until it announces their expiries too.
    pub(crate) hint_keys: Wide,
    /// Elements of the list, or live entries of the stream, in the nodes so far.
    pub(crate) entries: Wide,
    /// The id under which the stream's last node is filed.
    node: Option<Bytes>,
    /// Number of the stream's group, from 1 on.
    group: Wide,
    /// Pending entries of all the stream's groups.
    pub(crate) pending: Wide,
    /// Entries in the group's pending list that no consumer has claimed so far.
    pub(crate) unclaimed: Wide,
    /// The least expiry among a Redis hash's fields, in ms.
    pub(crate) least_expiry: Wide,
    /// Whether the entries of the value are too many to be compared.
    pub(crate) given_up: bool,
    /// The key's name as it may be told, if it may.
    pub(crate) name: Option<String>,
    /// Index in [`AUX_NAMES`] of the note that is being read.
    aux: Option<u8>,
    /// The note's name or value as far as it is kept; none when it is not kept.
    collected: Option<Bytes>,
}

impl Record {
    /// Takes a record's first byte. What is read before a key belongs to that key only, and comes once.
    pub(crate) fn begin(&mut self, byte: u8, layout: &Layout) -> Result<(), Flaw> {
        if let Some(kind) = layout.kind {
            self.key = Some((kind, byte));
            return Ok(());
        }
        let (again, what) = match byte {
            252 | 253 => (self.expired.is_some(), "a second expiry for one key"),
            248 | 249 => (self.access, "a second access time for one key"),
            _ => return self.must_not_wait_for_a_key(layout.name),
        };
        if again {
            Err(Flaw::corrupt(format!("found {what}")))
        } else {
            Ok(())
        }
    }

    /// Takes a key of that type whose value begins at offset `at`.
    pub(crate) fn begin_value(&mut self, kind: Kind, rdb_type: u8, at: u64) {
        self.key = Some((kind, rdb_type));
        self.value_at = at;
    }

    /// Refuses anything but a key after an expiry or access time.
    pub(crate) fn must_not_wait_for_a_key(&self, found: &str) -> Result<(), Flaw> {
        if self.expired.is_some() || self.access {
            return Err(Flaw::corrupt(format!(
                "expected a key after its expiry or access time, found {found}"
            )));
        }
        Ok(())
    }

    /// The key that is being walked; none in an opcode's record.
    pub(crate) fn key_in_hand(&self) -> Option<(Kind, u8)> {
        self.key
    }

    /// Judges a count before its elements are walked.
    pub(crate) fn count(&mut self, count: Count, value: u64) -> Result<(), Flaw> {
        match count {
            Count::Elements if value == 0 => {
                return Err(Flaw::corrupt("an empty collection, which no engine stores"));
            }
            Count::Elements => self.entries = Wide(0),
            Count::StreamNodes => {
                self.entries = Wide(0);
                self.node = None;
            }
            Count::Groups => {
                self.group = Wide(0);
                self.pending = Wide(0);
            }
            Count::Pending => {
                self.unclaimed = Wide(value);
                self.pending = Wide(self.pending.0.saturating_add(value));
            }
            Count::ConsumerPending => {
                let Some(left) = self.unclaimed.0.checked_sub(value) else {
                    return Err(Flaw::corrupt(
                        "the consumers of a group have more pending entries than the group",
                    ));
                };
                self.unclaimed = Wide(left);
            }
            Count::Consumers | Count::SlotRanges => {}
        }
        Ok(())
    }

    /// Judges what was counted once it is walked.
    pub(crate) fn counted(&self, count: Count) -> Result<(), Flaw> {
        if count == Count::Consumers && self.unclaimed.0 > 0 {
            let left = self.unclaimed.0;
            return Err(Flaw::corrupt(format!(
                "`{left}` pending entries of a group belong to no consumer"
            )));
        }
        let in_nodes = matches!(self.key, Some((Kind::List, QUICKLIST | QUICKLIST_2)));
        if count == Count::Elements && in_nodes && self.entries.0 == 0 {
            return Err(Flaw::corrupt("an empty list, all nodes of which are empty"));
        }
        Ok(())
    }

    /// Takes in what a blob held.
    pub(crate) fn found(&mut self, blob: Blob, found: Found) {
        self.given_up |= !found.compared;
        match (blob, found.stream) {
            (_, Some(counts)) => self.entries = Wide(self.entries.0.saturating_add(counts.live)),
            (Blob::NodeZiplist | Blob::NodeListpack, None) => {
                self.entries = Wide(self.entries.0.saturating_add(found.entries));
            }
            _ => {}
        }
    }

    /// Takes in a quicklist node that is one element.
    pub(crate) fn node_done(&mut self) {
        self.entries = Wide(self.entries.0.saturating_add(1));
    }

    /// Takes in the id under which a stream's node is filed. A radix tree gives its keys in order, each once.
    pub(crate) fn node_id(&mut self, id: &[u8]) -> Result<(), Flaw> {
        if self.node.as_ref().is_some_and(|before| before.0.as_slice() >= id) {
            return Err(Flaw::corrupt(
                "a stream's nodes are not in the order of their ids",
            ));
        }
        self.node = Some(Bytes(id.to_vec()));
        Ok(())
    }

    /// Begins the next group of a stream.
    pub(crate) fn group_begins(&mut self) {
        self.group = Wide(self.group.0.saturating_add(1));
    }

    /// What sets the entries of this group apart from those of others, and names from ids.
    pub(crate) fn group_prefix(&self, sort: u8) -> [u8; 9] {
        let mut prefix = [sort; 9];
        prefix[1..].copy_from_slice(&self.group.0.to_le_bytes());
        prefix
    }

    /// Keeps the name of the key as it may be told.
    pub(crate) fn name_key(&mut self, name: &[u8]) {
        let mut told = String::new();
        for byte in name {
            let shown = std::ascii::escape_default(*byte);
            if told.len() + shown.len() > NAME {
                told.push('…');
                break;
            }
            told.extend(shown.map(char::from));
        }
        self.name = Some(told);
    }

    /// Forgets what belonged to the key. The numbers of its value need no reset: each is read before it is asked for.
    #[inline]
    pub(crate) fn key_done(&mut self) {
        self.expired = None;
        self.access = false;
        self.key = None;
        self.given_up = false;
        self.name = None;
    }

    /// Forgets the part of a note that was collected: a cursor leads back to where the note begins.
    pub(crate) fn forget_note(&mut self) {
        self.collected = None;
    }

    /// Starts to collect a note; integers have no payload, so their digits are the note.
    pub(crate) fn note_begins(&mut self, role: Role, text: Text) {
        let wanted = role == Role::AuxName || (role == Role::AuxValue && self.aux.is_some());
        self.collected = match text {
            _ if !wanted => None,
            Text::Raw(_) => Some(Bytes::default()),
            Text::Integer(value) => Some(Bytes(value.to_string().into_bytes())),
            Text::Lzf { .. } => None,
        };
    }

    pub(crate) fn collect(&mut self, bytes: &[u8]) {
        if let Some(Bytes(collected)) = &mut self.collected {
            let room = AUX_VALUE - collected.len().min(AUX_VALUE);
            collected.extend(bytes.iter().take(room));
        }
    }

    pub(crate) fn aux_name_done(&mut self) {
        let name = self.collected.take();
        self.aux = (0..)
            .zip(AUX_NAMES)
            .find(|(_, known)| name.as_ref().is_some_and(|name| name.0 == known.as_bytes()))
            .map(|(i, _)| i);
    }

    pub(crate) fn aux_value_done(&mut self, tally: &mut Tally) {
        match (self.aux.take(), self.collected.take()) {
            (Some(name), Some(value)) => tally.note(name, &value.0),
            _ => tally.other_aux += 1,
        }
    }

    /// Whether this record can belong to a walk that is at offset `walked`.
    pub(crate) fn is_plausible(&self, walked: u64) -> bool {
        self.value_at <= walked
            && self.aux.is_none_or(|name| usize::from(name) < AUX_NAMES.len())
            && self
                .collected
                .as_ref()
                .is_none_or(|bytes| bytes.0.len() <= AUX_VALUE)
            && self.node.as_ref().is_none_or(|id| id.0.len() == 16)
            && self.name.as_ref().is_none_or(|name| name.len() <= NAME_TOLD)
    }
}
