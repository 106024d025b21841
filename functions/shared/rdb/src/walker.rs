//! Walks one layout, one token at a time.
//!
//! [`Walker::walk`] takes what it can of a piece and stops at the first token that is not all there. String payloads
//! are no tokens: what is done with their bytes is in `content`.

use crate::broken::{Broken, Flaw, KeyAt};
use crate::compare::Mark;
use crate::content::Content;
use crate::field::{Count, Role};
use crate::layout::{self, Choice, EOF, HEADER, Layout, Op, TRAILER};
use crate::members::Members;
use crate::record::Record;
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
    /// What is being done with the string that is due, if its payload is in several pieces.
    pub(crate) content: Option<Content>,
    /// Offset of the header of that string.
    pub(crate) text_at: u64,
    /// Bytes that are judged as one slice, or the plain end of what is unpacked.
    pub(crate) gathered: Vec<u8>,
    /// How many of `gathered` were judged.
    pub(crate) judged: usize,
    /// What the entries of the value in hand are compared with.
    pub(crate) members: Members,
    /// Whether entries are being compared, since `mark`.
    pub(crate) marked: bool,
    pub(crate) mark: Mark,
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
            content: None,
            text_at: 0,
            gathered: Vec::new(),
            judged: 0,
            members: Members::default(),
            marked: false,
            mark: Mark::default(),
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
        loop {
            taken += self.quick(&piece[taken..]);
            // What is wrong inside a string is told at the string, wherever its bytes were cut.
            let at = self.content.as_ref().map_or(self.walked, |_| self.text_at);
            match self
                .step(&piece[taken..])
                .map_err(|flaw| self.broken_at(at, flaw))?
            {
                None => return Ok(taken),
                Some(used) => {
                    taken += used;
                    self.walked += used as u64;
                }
            }
        }
    }

    /// Takes one step: `None` when it needs more bytes than `rest`, else the bytes it took.
    pub(crate) fn step(&mut self, rest: &[u8]) -> Result<Option<usize>, Flaw> {
        if self.content.is_some() {
            return match (self.role(), self.content.take_if(|_| !rest.is_empty())) {
                (Some(role), Some(content)) => self.go_on(role, content, rest),
                _ => Ok(None),
            };
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
            Op::Text(role) => {
                return match token::text(rest)? {
                    None => Ok(None),
                    Some((text, used)) => self.text(*role, text, used, rest).map(Some),
                };
            }
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

    /// What the string is for that is due; none elsewhere.
    pub(crate) fn role(&self) -> Option<Role> {
        let frame = self.frames.last()?;
        match frame.ops.get(frame.step)? {
            Op::Text(role) => Some(*role),
            _ => None,
        }
    }

    /// Closes a string whose last byte lies before offset `end`.
    pub(crate) fn text_done(&mut self, role: Role, end: u64) {
        match role {
            Role::Key => self.record.value_at = end,
            Role::AuxName => self.record.aux_name_done(),
            Role::AuxValue => self.record.aux_value_done(&mut self.tally),
            Role::FunctionLibrary => self.tally.functions += 1,
            Role::PlainNode => self.record.node_done(),
            Role::Free
            | Role::Member
            | Role::StreamNodeId
            | Role::GroupName
            | Role::ConsumerName
            | Role::Blob(_) => {}
        }
        self.advance();
    }

    fn each(&mut self, count: Count, body: &'static [Op], rest: &[u8]) -> Result<Option<usize>, Flaw> {
        let Some((rounds, used)) = token::number(rest, count.name())? else {
            return Ok(None);
        };
        self.record.count(count, rounds)?;
        self.must_fit(used as u64, rounds, count.name())?;
        self.begin_comparing(count, rounds, body);
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
            self.marked = false;
            self.tally.key_done(Done {
                kind,
                rdb_type,
                bytes: self.walked - self.record.value_at,
                expired: self.record.expired,
                largest: self.options.largest,
                given_up: self.record.given_up,
                name: self.record.name.as_deref(),
            });
            self.record.key_done();
        }
    }

    /// Refuses a count or a length that reaches beyond the end of a file whose size is known.
    pub(crate) fn must_fit(&self, used: u64, more: u64, what: &str) -> Result<(), Flaw> {
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
        self.broken_at(self.walked, flaw)
    }

    fn broken_at(&self, offset: u64, flaw: Flaw) -> Broken {
        let key = matches!(self.place, Place::In(_)) && self.record.key_in_hand().is_some();
        let key = key.then(|| KeyAt {
            number: self.tally.keys + 1,
            database: self.tally.database(),
            name: self.record.name.clone(),
        });
        flaw.at(offset, key, self.tally.keys)
    }

    /// The offset from which another walker can go on, given what a cursor carries; it never decreases.
    pub(crate) fn safe_at(&self) -> u64 {
        match &self.content {
            _ if self.marked => self.mark.at,
            None | Some(Content::Carried(_)) => self.walked,
            Some(_) => self.text_at,
        }
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
