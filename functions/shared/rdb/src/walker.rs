//! Walks one layout, one token at a time.
//!
//! [`Walker::walk`] takes what it can of a piece and stops at the first token that is not all there. String payloads
//! are no tokens: they are passed by moving on. [`Walker::take`] is the one place through which they go, with their
//! [`Role`] at hand, so a walker for the content of blobs plugs in there.

use crate::broken::{Broken, Flaw, KeyAt};
use crate::field::{Count, Role};
use crate::layout::{self, Choice, EOF, HEADER, Layout, Op, TRAILER};
use crate::meaning::Record;
use crate::scanner::Options;
use crate::tally::{Done, Tally};
use crate::token;
use crate::verdict::Magic;

use serde::{Deserialize, Serialize};

/// The first RDB version with a CRC behind the end.
const FIRST_WITH_TRAILER: u16 = 5;

/// Which record the walk is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Place {
    Header,
    /// Where a record's first byte is due.
    Between,
    /// In the record that this byte began.
    In(u8),
    Trailer,
    /// After the last byte that belongs to the file.
    End,
}

/// What the header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Head {
    pub(crate) magic: Magic,
    pub(crate) version: u16,
}

/// How far the walk is through one body.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Frame {
    pub(crate) ops: &'static [Op],
    /// Index of the step that is due.
    pub(crate) step: usize,
    /// Rounds that are left, this one included.
    pub(crate) rounds: u64,
    /// The tag that chose this body; 0 where no tag did.
    pub(crate) case: u8,
}

/// The position in a file and what was learned on the way there.
#[derive(Debug, Clone)]
pub(crate) struct Walker {
    pub(crate) options: Options,
    pub(crate) head: Option<Head>,
    pub(crate) place: Place,
    /// From the record's layout inwards; empty between records.
    pub(crate) frames: Vec<Frame>,
    /// Payload bytes that are left of the string that is due.
    pub(crate) payload: Option<u64>,
    /// Bytes of the file that are walked.
    pub(crate) walked: u64,
    /// Offset behind the EOF opcode: what the CRC covers.
    pub(crate) body_end: Option<u64>,
    /// The CRC that the trailer holds.
    pub(crate) trailer: Option<u64>,
    pub(crate) record: Record,
    pub(crate) tally: Tally,
}

impl Walker {
    pub(crate) fn new(options: Options) -> Self {
        Self {
            options,
            head: None,
            place: Place::Header,
            frames: vec![Frame::new(HEADER.ops, 1, 0)],
            payload: None,
            walked: 0,
            body_end: None,
            trailer: None,
            record: Record::default(),
            tally: Tally::default(),
        }
    }

    /// Walks on until `piece` is used up, a token is cut, or the file is over; gives the bytes taken.
    pub(crate) fn walk(&mut self, piece: &[u8]) -> Result<usize, Broken> {
        let mut taken = 0;
        while let Some(used) = self.step(&piece[taken..]).map_err(|flaw| self.broken(flaw))? {
            taken += used;
            self.walked += used as u64;
        }
        Ok(taken)
    }

    /// Takes one step: `None` when it needs more bytes than `rest`, else the bytes it took.
    pub(crate) fn step(&mut self, rest: &[u8]) -> Result<Option<usize>, Flaw> {
        if let Some(left) = self.payload {
            return Ok(self.pass(left, rest));
        }
        let Some(frame) = self.frames.last() else {
            return self.begin(rest);
        };
        let ops = frame.ops;
        match ops.get(frame.step) {
            Some(op) => self.run(op, rest),
            None => self.end_round().map(|()| Some(0)),
        }
    }

    fn run(&mut self, op: &'static Op, rest: &[u8]) -> Result<Option<usize>, Flaw> {
        let used = match op {
            Op::Text(role) => return self.text(*role, rest),
            Op::Number(number) => match token::number(rest, number.name())? {
                None => return Ok(None),
                Some((value, used)) => self.number(*number, value).map(|()| used)?,
            },
            Op::Raw(raw) => match rest.get(..raw.width()) {
                None => return Ok(None),
                Some(bytes) => self.raw(*raw, bytes).map(|()| bytes.len())?,
            },
            Op::Score => match token::score(rest)? {
                None => return Ok(None),
                Some(((), used)) => used,
            },
            Op::Each(count, body) => return self.each(*count, body, rest),
            Op::Pick(choice) => return self.pick(choice, rest),
        };
        self.advance();
        Ok(Some(used))
    }

    /// Reads the first byte of a record.
    fn begin(&mut self, rest: &[u8]) -> Result<Option<usize>, Flaw> {
        let (Place::Between, Some(&byte), Some(head)) = (self.place, rest.first(), self.head) else {
            return Ok(None);
        };
        if byte == EOF {
            self.record.must_not_wait_for_a_key("the end of the file")?;
            self.body_end = Some(self.walked + 1);
            self.place = Place::End;
            if head.version >= FIRST_WITH_TRAILER {
                self.enter(Place::Trailer, &TRAILER);
            }
        } else {
            let layout = layout::find(head.magic, byte)?;
            self.record.begin(byte, layout)?;
            self.enter(Place::In(byte), layout);
        }
        Ok(Some(1))
    }

    fn enter(&mut self, place: Place, layout: &'static Layout) {
        self.place = place;
        self.frames.push(Frame::new(layout.ops, 1, 0));
    }

    fn text(&mut self, role: Role, rest: &[u8]) -> Result<Option<usize>, Flaw> {
        let Some((text, used)) = token::text(rest)? else {
            return Ok(None);
        };
        role.check(text)?;
        let stored = text.stored();
        self.must_fit(used as u64, stored, "a string")?;
        if role.is_note() {
            self.record.note_begins(role, text);
        }
        // The common string is whole in this piece: its header and payload are one step.
        Ok(Some(used + self.take(role, stored, used, &rest[used..])))
    }

    /// Goes on in the payload of a string that began in an earlier piece.
    fn pass(&mut self, left: u64, rest: &[u8]) -> Option<usize> {
        let role = self.role().filter(|_| !rest.is_empty())?;
        Some(self.take(role, left, 0, rest))
    }

    /// Takes payload bytes that begin `before` bytes after where the walk stands: as many of `left` as there are.
    fn take(&mut self, role: Role, left: u64, before: usize, payload: &[u8]) -> usize {
        let taken = usize::try_from(left).map_or(payload.len(), |left| left.min(payload.len()));
        if role.is_note() {
            self.record.collect(&payload[..taken]);
        }
        self.payload = left.checked_sub(taken as u64).filter(|&left| left > 0);
        if self.payload.is_none() {
            self.text_done(role, self.walked + (before + taken) as u64);
        }
        taken
    }

    /// What the string is for that is due; none elsewhere.
    fn role(&self) -> Option<Role> {
        let frame = self.frames.last()?;
        match frame.ops.get(frame.step)? {
            Op::Text(role) => Some(*role),
            _ => None,
        }
    }

    /// Closes a string whose last byte lies before offset `end`.
    fn text_done(&mut self, role: Role, end: u64) {
        match role {
            Role::Key => self.record.value_at = end,
            Role::AuxName => self.record.aux_name_done(),
            Role::AuxValue => self.record.aux_value_done(&mut self.tally),
            Role::FunctionLibrary => self.tally.functions += 1,
            Role::Free | Role::StreamNodeId | Role::Blob(_) => {}
        }
        self.advance();
    }

    fn each(&mut self, count: Count, body: &'static [Op], rest: &[u8]) -> Result<Option<usize>, Flaw> {
        let Some((rounds, used)) = token::number(rest, count.name())? else {
            return Ok(None);
        };
        self.record.count(count, rounds)?;
        self.must_fit(used as u64, rounds, count.name())?;
        if rounds == 0 {
            self.record.counted(count)?;
            self.advance();
        } else {
            self.frames.push(Frame::new(body, rounds, 0));
        }
        Ok(Some(used))
    }

    fn pick(&mut self, choice: &'static Choice, rest: &[u8]) -> Result<Option<usize>, Flaw> {
        let Some((tag, used)) = token::number(rest, choice.what)? else {
            return Ok(None);
        };
        if tag == 0 && choice.until_zero {
            self.advance();
            return Ok(Some(used));
        }
        match choice.cases.iter().find(|(case, _)| u64::from(*case) == tag) {
            Some(&(case, body)) => self.frames.push(Frame::new(body, 1, case)),
            None => {
                return Err(Flaw::corrupt(format!(
                    "found `{tag}` as {}, which does not exist",
                    choice.what
                )));
            }
        }
        Ok(Some(used))
    }

    fn advance(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.step += 1;
        }
    }

    /// Goes on behind the last step of a body: the next round, or the step after it in the outer body.
    fn end_round(&mut self) -> Result<(), Flaw> {
        if let Some(frame) = self.frames.last_mut() {
            frame.step = 0;
            frame.rounds = frame.rounds.saturating_sub(1);
            if frame.rounds > 0 {
                return Ok(());
            }
        }
        self.frames.pop();
        let Some(outer) = self.frames.last() else {
            self.record_done();
            return Ok(());
        };
        match outer.ops.get(outer.step) {
            Some(Op::Pick(choice)) if choice.until_zero => return Ok(()),
            Some(Op::Each(count, _)) => self.record.counted(*count)?,
            _ => {}
        }
        self.advance();
        Ok(())
    }

    fn record_done(&mut self) {
        self.place = match self.place {
            Place::Trailer | Place::End => Place::End,
            Place::Header | Place::Between | Place::In(_) => Place::Between,
        };
        if let Some((kind, rdb_type)) = self.record.key_in_hand() {
            let bytes = self.walked - self.record.value_at;
            let largest = self.options.largest;
            self.tally.key_done(Done {
                kind,
                rdb_type,
                bytes,
                expired: self.record.expired,
                largest,
            });
            self.record.key_done();
        }
    }

    /// Refuses a count or a length that reaches beyond the end of a file whose size is known.
    fn must_fit(&self, used: u64, more: u64, what: &str) -> Result<(), Flaw> {
        let Some(size) = self.options.size else {
            return Ok(());
        };
        let left = size.saturating_sub(self.walked + used);
        if more > left {
            let meaning =
                format!("expected at least `{more}` more bytes for {what}, `{left}` are left of the file");
            return Err(Flaw::truncated(meaning));
        }
        Ok(())
    }

    /// Puts a flaw into its place: the token that is due.
    pub(crate) fn broken(&self, flaw: Flaw) -> Broken {
        let key = matches!(self.place, Place::In(_)) && self.record.key_in_hand().is_some();
        let key = key.then(|| KeyAt {
            number: self.tally.keys + 1,
            database: self.tally.database(),
            name: None,
        });
        flaw.at(self.walked, key, self.tally.keys)
    }

    /// What the walk is in the middle of, for a person.
    pub(crate) fn whereabouts(&self) -> &'static str {
        match self.place {
            Place::Header => "header",
            Place::Between | Place::End => "record",
            Place::Trailer => "trailer",
            Place::In(byte) => self
                .head
                .and_then(|head| layout::find(head.magic, byte).ok())
                .map_or("record", |layout| layout.name),
        }
    }
}

impl Frame {
    pub(crate) fn new(ops: &'static [Op], rounds: u64, case: u8) -> Self {
        Self {
            ops,
            step: 0,
            rounds,
            case,
        }
    }
}
