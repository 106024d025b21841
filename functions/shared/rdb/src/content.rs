//! What is done with the bytes of a string: passed, unpacked, compared, or judged as a collection.

use serde::{Deserialize, Serialize};

use crate::blob::{Blob, BlobWalk, Found, twice};
use crate::broken::Flaw;
use crate::field::Role;
use crate::hex::Wide;
use crate::lzf::{Lzf, WINDOW};
use crate::members::{Added, BYTES};
use crate::token::Text;
use crate::walker::Walker;

/// Plain bytes of a large packed blob that are unpacked at a time.
const ROOM: usize = 64 * 1024;

/// What is being done with a string whose payload lies in several pieces.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// The state is small: another process can go on amid the string.
    Carried(Carried),
    /// A note of the writer is collected.
    Note {
        left: u64,
    },
    /// An entry goes behind those that it is compared with.
    Member {
        left: u64,
    },
    PackedMember(Lzf),
    /// All bytes are gathered, because what judges them takes them as one slice.
    Whole {
        left: u64,
    },
    PackedWhole(Lzf),
    /// A large blob is unpacked and judged bit by bit.
    PackedBlob(Lzf, BlobWalk),
}

/// The part of [`Content`] that a cursor can carry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Carried {
    /// Nothing looks at the bytes.
    Passed { left: Wide },
    /// The stream's instructions are followed, its plain bytes are not needed.
    Packed(Lzf),
    /// A large blob is judged bit by bit.
    Blob { left: Wide, walk: BlobWalk },
}

/// What the bytes of a string are needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Need {
    Nothing,
    Note,
    Member,
    Whole,
    Blob(Blob),
}

impl Carried {
    /// Whether this state, which comes from a cursor, can stand at a string of that role.
    pub(crate) fn is_plausible(&self, role: Role) -> bool {
        match (self, role) {
            (Self::Passed { left }, _) => left.0 > 0,
            (Self::Packed(lzf), _) => lzf.is_plausible() && !lzf.is_over(),
            (Self::Blob { left, walk }, Role::Blob(blob)) => left.0 > 0 && walk.is_plausible(blob),
            (Self::Blob { .. }, _) => false,
        }
    }
}

impl Walker {
    /// Takes the header of a string, and its payload where that is whole in `rest` and not a large blob's.
    pub(crate) fn text(&mut self, role: Role, text: Text, used: usize, rest: &[u8]) -> Result<usize, Flaw> {
        role.check(text)?;
        let stored = text.stored();
        self.must_fit(used as u64, stored, "a string")?;
        self.keep_mark_within(stored.saturating_add(used as u64));
        let need = self.need(role, text);
        self.prepare(role, need, text);
        let whole = usize::try_from(stored)
            .ok()
            .and_then(|stored| rest.get(used..used.checked_add(stored)?));
        match whole {
            Some(payload) if !matches!(need, Need::Blob(_)) => {
                self.at_hand(role, need, text, payload)?;
                self.text_done(role, self.walked + (used + payload.len()) as u64);
                Ok(used + payload.len())
            }
            _ => {
                self.text_at = self.walked;
                self.content = Some(begin(need, text));
                Ok(used)
            }
        }
    }

    fn need(&mut self, role: Role, text: Text) -> Need {
        let small = text.plain().is_none_or(|plain| plain <= BYTES as u64);
        match role {
            Role::Key if self.options.names && small => Need::Whole,
            Role::AuxName | Role::AuxValue => Need::Note,
            Role::Member | Role::GroupName | Role::ConsumerName if self.is_compared(text) => Need::Member,
            Role::FunctionLibrary | Role::StreamNodeId | Role::Blob(_) if small => Need::Whole,
            Role::Blob(blob) => Need::Blob(blob),
            _ => Need::Nothing,
        }
    }

    /// Gets ready what takes the bytes.
    fn prepare(&mut self, role: Role, need: Need, text: Text) {
        if role == Role::GroupName {
            self.record.group_begins();
        }
        match (need, role) {
            (Need::Note, _) => self.record.note_begins(role, text),
            (Need::Member, Role::GroupName) => self.members.open().push(b'g'),
            (Need::Member, Role::ConsumerName) => {
                let prefix = self.record.group_prefix(b'c');
                self.members.open().extend_from_slice(&prefix);
            }
            (Need::Whole | Need::Blob(_), _) => {
                self.gathered.clear();
                self.judged = 0;
            }
            _ => {}
        }
    }

    /// Does at once what is needed of a payload that is all there.
    fn at_hand(&mut self, role: Role, need: Need, text: Text, payload: &[u8]) -> Result<(), Flaw> {
        match (need, text) {
            (Need::Nothing | Need::Blob(_), Text::Raw(_) | Text::Integer(_)) => Ok(()),
            (Need::Nothing | Need::Note | Need::Blob(_), Text::Lzf { packed, plain }) => {
                Lzf::new(packed, plain).check(payload).map(drop)
            }
            (Need::Note, _) => {
                self.record.collect(payload);
                Ok(())
            }
            (Need::Member, Text::Raw(_)) => {
                self.members.open().extend_from_slice(payload);
                self.member_done()
            }
            (Need::Member, Text::Integer(value)) => {
                if role == Role::Member {
                    let added = self.members.add_integer(i64::from(value));
                    return self.added(added);
                }
                self.members
                    .open()
                    .extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
                self.member_done()
            }
            (Need::Member, Text::Lzf { packed, plain }) => {
                Lzf::new(packed, plain).decode(payload, self.members.open(), usize::MAX)?;
                self.member_done()
            }
            (Need::Whole, Text::Raw(_)) => self.whole_done(role, payload),
            (Need::Whole, Text::Integer(value)) => {
                self.whole_done(role, itoa::Buffer::new().format(value).as_bytes())
            }
            (Need::Whole, Text::Lzf { packed, plain }) => {
                let mut gathered = std::mem::take(&mut self.gathered);
                let done = Lzf::new(packed, plain)
                    .decode(payload, &mut gathered, usize::MAX)
                    .and_then(|_| self.whole_done(role, &gathered));
                self.gathered = gathered;
                done
            }
        }
    }

    /// Goes on in the payload of a string that began in an earlier piece.
    pub(crate) fn go_on(
        &mut self,
        role: Role,
        mut content: Content,
        rest: &[u8],
    ) -> Result<Option<usize>, Flaw> {
        let (taken, over) = match &mut content {
            Content::Carried(Carried::Passed { left }) => take(&mut left.0, rest, |_| ()),
            Content::Note { left } => take(left, rest, |bytes| self.record.collect(bytes)),
            Content::Member { left } => take(left, rest, |bytes| {
                self.members.open().extend_from_slice(bytes);
            }),
            Content::Whole { left } => take(left, rest, |bytes| self.gathered.extend_from_slice(bytes)),
            Content::Carried(Carried::Packed(lzf)) => (lzf.check(rest)?, lzf.is_over()),
            Content::PackedMember(lzf) => (lzf.decode(rest, self.members.open(), usize::MAX)?, lzf.is_over()),
            Content::PackedWhole(lzf) => (lzf.decode(rest, &mut self.gathered, usize::MAX)?, lzf.is_over()),
            Content::Carried(Carried::Blob { left, walk }) => go_on_in_blob(role, left, walk, rest)?,
            Content::PackedBlob(lzf, walk) => self.go_on_in_packed_blob(role, lzf, walk, rest)?,
        };
        if !over {
            self.content = Some(content);
            return Ok((taken > 0).then_some(taken));
        }
        match content {
            Content::Member { .. } | Content::PackedMember(_) => self.member_done()?,
            Content::Whole { .. } | Content::PackedWhole(_) => {
                let gathered = std::mem::take(&mut self.gathered);
                let done = self.whole_done(role, &gathered);
                self.gathered = gathered;
                done?;
            }
            Content::Carried(Carried::Blob { walk, .. }) | Content::PackedBlob(_, walk) => {
                if let Role::Blob(blob) = role {
                    self.record.found(blob, walk.finish(blob)?);
                }
            }
            Content::Carried(_) | Content::Note { .. } => {}
        }
        self.text_done(role, self.walked + taken as u64);
        Ok(Some(taken))
    }

    fn go_on_in_packed_blob(
        &mut self,
        role: Role,
        lzf: &mut Lzf,
        walk: &mut BlobWalk,
        rest: &[u8],
    ) -> Result<(usize, bool), Flaw> {
        let Role::Blob(blob) = role else {
            return Ok((0, true));
        };
        let plain = &mut self.gathered;
        let taken = lzf.decode(rest, plain, ROOM);
        // What was unpacked before a flaw of the stream is judged first, as it would be had it come in a piece of its own.
        self.judged += walk.walk(blob, &plain[self.judged..])?;
        let taken = taken?;
        if plain.len() > 2 * ROOM {
            let done = self.judged.min(plain.len() - WINDOW);
            plain.drain(..done);
            self.judged -= done;
        }
        Ok((taken, lzf.is_over()))
    }

    fn member_done(&mut self) -> Result<(), Flaw> {
        let added = self.members.close();
        self.added(added)
    }

    fn added(&mut self, added: Added) -> Result<(), Flaw> {
        match added {
            Added::New => Ok(()),
            Added::Twice => Err(twice()),
            Added::Full => {
                self.give_up_comparing();
                Ok(())
            }
        }
    }

    fn whole_done(&mut self, role: Role, bytes: &[u8]) -> Result<(), Flaw> {
        match role {
            Role::Blob(blob) => {
                let found: Found = blob.judge(bytes, &mut self.members)?;
                self.record.found(blob, found);
                Ok(())
            }
            Role::StreamNodeId => self.record.node_id(bytes),
            Role::FunctionLibrary if !bytes.starts_with(b"#!") => Err(Flaw::corrupt(
                "expected `#!` and an engine's name at the start of a function library",
            )),
            Role::Key => {
                self.record.name_key(bytes);
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn go_on_in_blob(
    role: Role,
    left: &mut Wide,
    walk: &mut BlobWalk,
    rest: &[u8],
) -> Result<(usize, bool), Flaw> {
    let Role::Blob(blob) = role else {
        return Ok((0, true));
    };
    let there = usize::try_from(left.0).map_or(rest.len(), |left| left.min(rest.len()));
    let taken = walk.walk(blob, &rest[..there])?;
    left.0 -= taken as u64;
    Ok((taken, left.0 == 0))
}

/// Takes what is there of the bytes that are left; tells how many, and whether these were all.
fn take(left: &mut u64, rest: &[u8], with: impl FnOnce(&[u8])) -> (usize, bool) {
    let taken = usize::try_from(*left).map_or(rest.len(), |left| left.min(rest.len()));
    with(&rest[..taken]);
    *left -= taken as u64;
    (taken, *left == 0)
}

fn begin(need: Need, text: Text) -> Content {
    let left = text.stored();
    match (need, text) {
        (Need::Nothing | Need::Note, Text::Lzf { packed, plain }) => {
            Content::Carried(Carried::Packed(Lzf::new(packed, plain)))
        }
        (Need::Member, Text::Lzf { packed, plain }) => Content::PackedMember(Lzf::new(packed, plain)),
        (Need::Whole, Text::Lzf { packed, plain }) => Content::PackedWhole(Lzf::new(packed, plain)),
        (Need::Blob(blob), Text::Lzf { packed, plain }) => {
            Content::PackedBlob(Lzf::new(packed, plain), BlobWalk::new(blob, plain))
        }
        (Need::Nothing, _) => Content::Carried(Carried::Passed { left: Wide(left) }),
        (Need::Note, _) => Content::Note { left },
        (Need::Member, _) => Content::Member { left },
        (Need::Whole, _) => Content::Whole { left },
        (Need::Blob(blob), _) => Content::Carried(Carried::Blob {
            left: Wide(left),
            walk: BlobWalk::new(blob, left),
        }),
    }
}
