//! The state of a scan between two pieces, small enough to travel in a message.

use serde::{Deserialize, Serialize};

use crate::broken::Broken;
use crate::content::{Carried, Content};
use crate::field::Role;
use crate::hex::Wide;
use crate::layout::{self, HEADER, Op, TRAILER};
use crate::record::Record;
use crate::scanner::{Options, Scanner};
use crate::tally::{LARGEST, Tally};
use crate::walker::{Frame, Head, Place, Walker};

/// Version of the cursor's own format; grows whenever a cursor of before could be misread.
pub const CURSOR_VERSION: u32 = 2;

/// The complete state of a [`Scanner`] after exactly [`Cursor::offset`] bytes, where its state was small: at a record,
/// or inside a value that is not compared or unpacked as a whole.
///
/// As JSON it stays under 16 KiB whatever the file holds. Numbers that may exceed 2^53 are written in hex, so the JSON
/// may pass through readers that keep numbers as doubles (JSONata). It holds no byte of a value, and no key's name
/// unless [`Options::with_names`] asks for names, which add up to 5 KiB.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Cursor {
    version: u32,
    offset: u64,
    options: Options,
    head: Option<Head>,
    place: Place,
    steps: Vec<Step>,
    content: Option<Carried>,
    /// Where the string of `content` begins.
    text_at: u64,
    crc: Wide,
    body_end: Option<u64>,
    trailer: Option<Wide>,
    record: Record,
    tally: Tally,
    broken: Option<Broken>,
}

/// A [`Frame`] without its layout, which follows from the place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Step {
    at: u8,
    rounds: Wide,
    case: u8,
}

/// Why a scan cannot go on from a cursor.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CursorError {
    /// Another version of this crate wrote it.
    #[error(
        "cursor has version `{found}`, this scanner reads `{CURSOR_VERSION}`: scan the object from its start"
    )]
    Version {
        /// The version that the cursor names.
        found: u32,
    },
    /// No scan can have left this state: it was cut or changed on its way.
    #[error("cursor at offset `{offset}` contradicts itself in its {part}: scan the object from its start")]
    Inconsistent {
        /// The offset that the cursor names.
        offset: u64,
        /// Which part does not fit the others.
        part: &'static str,
    },
}

impl Default for Cursor {
    /// What a missing field is read as; its version is one that no scanner reads.
    fn default() -> Self {
        Self {
            version: 0,
            ..Scanner::new(Options::new(0)).cursor()
        }
    }
}

impl Cursor {
    /// How many bytes of the file went into this state: where to go on reading.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    pub(crate) fn of(scanner: &Scanner) -> Self {
        // After a refusal nothing goes on, so only the refusal is kept.
        let fresh = scanner
            .broken
            .as_ref()
            .map(|_| Scanner::new(scanner.walker.options));
        let Scanner { walker, safe_crc, .. } = fresh.as_ref().unwrap_or(scanner);
        let (frames, record) = if walker.marked {
            (&walker.mark.frames, &walker.mark.record)
        } else {
            (&walker.frames, &walker.record)
        };
        let content = match &walker.content {
            Some(Content::Carried(carried)) if !walker.marked => Some(carried.clone()),
            _ => None,
        };
        let mut record = record.clone();
        record.forget_note();
        Self {
            version: CURSOR_VERSION,
            offset: scanner.cursor_offset(),
            options: walker.options,
            head: walker.head,
            place: walker.place,
            steps: frames.iter().map(Step::of).collect(),
            text_at: content.as_ref().map_or(0, |_| walker.text_at),
            content,
            crc: Wide(*safe_crc),
            body_end: walker.body_end,
            trailer: walker.trailer.map(Wide),
            record,
            tally: walker.tally.clone(),
            broken: scanner.broken.clone(),
        }
    }

    /// Rebuilds the scanner, trusting nothing that can be checked against something else.
    pub(crate) fn into_scanner(self) -> Result<Scanner, CursorError> {
        if self.version != CURSOR_VERSION {
            return Err(CursorError::Version { found: self.version });
        }
        if self.broken.is_some() {
            return Ok(Scanner::at(
                Walker::new(self.options),
                self.offset,
                0,
                self.broken,
            ));
        }
        let offset = self.offset;
        let inconsistent = |part| CursorError::Inconsistent { offset, part };
        if i64::try_from(offset).is_err() {
            return Err(inconsistent("offset"));
        }
        let frames = self.frames().ok_or(inconsistent("position"))?;
        let walker = Walker {
            head: self.head,
            place: self.place,
            frames,
            content: self.content.map(Content::Carried),
            text_at: self.text_at,
            walked: offset,
            body_end: self.body_end,
            trailer: self.trailer.map(|wide| wide.0),
            record: self.record,
            tally: self.tally,
            ..Walker::new(self.options)
        };
        match implausible(&walker) {
            Some(part) => Err(inconsistent(part)),
            None => Ok(Scanner::at(walker, offset, self.crc.0, None)),
        }
    }

    /// Finds the layouts again by walking the path that the steps describe.
    fn frames(&self) -> Option<Vec<Frame>> {
        let mut ops = match self.place {
            Place::Header => HEADER.ops,
            Place::Trailer => TRAILER.ops,
            Place::In(byte) => layout::find(self.head?.magic, byte).ok()?.ops,
            Place::Between | Place::End => return self.steps.is_empty().then(Vec::new),
        };
        let mut frames: Vec<Frame> = Vec::new();
        for step in &self.steps {
            if let Some(outer) = frames.last() {
                ops = body(outer.ops.get(outer.step)?, step.case)?;
            }
            let frame = Frame {
                step: usize::from(step.at),
                ..Frame::new(ops, step.rounds.0, step.case)
            };
            let repeats = matches!(
                frames.last().map(|outer| &outer.ops[outer.step]),
                Some(Op::Each(..))
            );
            if frame.step >= ops.len() || step.rounds.0 == 0 || (step.rounds.0 > 1 && !repeats) {
                return None;
            }
            frames.push(frame);
        }
        (!frames.is_empty()).then_some(frames)
    }
}

/// The body that a step went into from `op`.
fn body(op: &'static Op, case: u8) -> Option<&'static [Op]> {
    match op {
        Op::Each(_, body) => (case == 0).then_some(*body),
        Op::Pick(choice) => choice
            .cases
            .iter()
            .find(|(tag, _)| *tag == case)
            .map(|(_, body)| *body),
        Op::Text(_) | Op::Number(_) | Op::Raw(_) | Op::Score => None,
    }
}

/// Names the first part of a state that contradicts the others.
fn implausible(walker: &Walker) -> Option<&'static str> {
    let in_key = match (walker.place, walker.head) {
        (Place::In(byte), Some(head)) => layout::find(head.magic, byte)
            .ok()
            .and_then(|layout| layout.kind)
            .map(|k| (k, byte)),
        _ => None,
    };
    let behind_body = matches!(walker.place, Place::Trailer | Place::End);
    let end = walker.body_end.filter(|&end| end <= walker.walked);
    [
        (walker.head.is_some() == (walker.place == Place::Header), "header"),
        (walker.head.is_some_and(|head| !head.is_read()), "header"),
        (!content_is_plausible(walker), "string position"),
        (
            behind_body != end.is_some() || walker.body_end.is_some() != behind_body,
            "end of body",
        ),
        (walker.trailer.is_some() && walker.place != Place::End, "trailer"),
        (
            walker.record.key_in_hand() != in_key || !walker.record.is_plausible(walker.walked),
            "record",
        ),
        (walker.text_at > walker.walked, "string position"),
        (walker.options.largest > LARGEST, "options"),
        (!walker.tally.is_plausible(walker.walked), "counters"),
    ]
    .into_iter()
    .find_map(|(wrong, part)| wrong.then_some(part))
}

/// Whether what goes on in a string can go on in the string that is due. What is gathered whole or compared is never
/// carried, so a blob that is passed by would escape its judge.
fn content_is_plausible(walker: &Walker) -> bool {
    match (&walker.content, walker.role()) {
        (None, _) => true,
        (Some(Content::Carried(carried)), Some(role)) => {
            let judged = matches!(role, Role::Blob(_) | Role::StreamNodeId);
            carried.is_plausible(role) && judged == matches!(carried, Carried::Blob { .. })
        }
        _ => false,
    }
}

impl Step {
    fn of(frame: &Frame) -> Self {
        // No layout has more than a dozen steps.
        Self {
            at: u8::try_from(frame.step).unwrap_or(u8::MAX),
            rounds: Wide(frame.rounds),
            case: frame.case,
        }
    }
}
