//! What every walker of a blob promises, as checks that the tests of all four share.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::blob::entry::{Entry, Sink, WHOLE};
use crate::blob::{intset::Intset, listpack::Listpack, ziplist::Ziplist, zipmap::Zipmap};
use crate::broken::Flaw;

/// The four walkers by their common form.
pub(crate) trait Walker: Clone + std::fmt::Debug + PartialEq + Serialize + DeserializeOwned {
    fn begin(size: u64) -> Self;
    fn step(&mut self, bytes: &[u8], sink: &mut Seen) -> Result<usize, Flaw>;
    fn over(&self) -> bool;
    fn plausible(&self) -> bool;
}

macro_rules! walker {
    ($($name:ty),*) => {$(
        impl Walker for $name {
            fn begin(size: u64) -> Self {
                Self::new(size)
            }
            fn step(&mut self, bytes: &[u8], sink: &mut Seen) -> Result<usize, Flaw> {
                self.walk(bytes, sink)
            }
            fn over(&self) -> bool {
                self.is_over()
            }
            fn plausible(&self) -> bool {
                self.is_plausible()
            }
        }
    )*};
}
walker!(Intset, Listpack, Ziplist, Zipmap);

/// An entry that outlives the blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kept {
    Integer(i64),
    Text(Vec<u8>),
    Long(u64),
}

impl Kept {
    pub(crate) fn text(bytes: impl AsRef<[u8]>) -> Self {
        Self::Text(bytes.as_ref().to_vec())
    }

    /// The entry as it may come after a cut: a long text by its length.
    fn shortened(self) -> Self {
        match self {
            Self::Text(bytes) if bytes.len() > WHOLE => Self::Long(bytes.len() as u64),
            other => other,
        }
    }
}

/// A sink that keeps everything, and refuses the entry with the number `refused`.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    entries: Vec<Kept>,
    refused: Option<usize>,
}

impl Seen {
    pub(crate) fn entries(&self) -> &[Kept] {
        &self.entries
    }
}

impl Sink for Seen {
    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Flaw> {
        if self.refused == Some(self.entries.len()) {
            return Err(Flaw::corrupt("refused by the sink"));
        }
        self.entries.push(match entry {
            Entry::Integer(value) => Kept::Integer(value),
            Entry::Text(bytes) => Kept::Text(bytes.to_vec()),
            Entry::Long(length) => Kept::Long(length),
        });
        Ok(())
    }
}

/// What a walk came to: the entries before its end, and the flaw if that was the end.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) entries: Vec<Kept>,
    pub(crate) flaw: Option<String>,
}

/// Walks `blob` in one call.
pub(crate) fn whole<W: Walker>(blob: &[u8]) -> Outcome {
    walked::<W>(blob, &[], None)
}

/// From this many cuts on the state stays where it is: a walk in single bytes is to be quick.
const MANY: usize = 10;

/// Walks `blob` cut at `cuts`, with the state taken through JSON after each piece.
fn walked<W: Walker>(blob: &[u8], cuts: &[usize], refused: Option<usize>) -> Outcome {
    let mut walker = W::begin(blob.len() as u64);
    let mut seen = Seen {
        refused,
        ..Seen::default()
    };
    let mut taken = 0;
    let ends = cuts.iter().map(|&cut| cut.min(blob.len())).chain([blob.len()]);
    let flaw = ends
        .map(|end| {
            taken += walker.step(&blob[taken..end.max(taken)], &mut seen)?;
            assert!(end <= taken + WHOLE + 15, "left `{}` bytes lying", end - taken);
            if cuts.len() < MANY {
                walker = through_json(&walker);
            }
            Ok(())
        })
        .find_map(Result::err);
    assert_eq!(
        flaw.is_none(),
        walker.over(),
        "neither over nor refused: {walker:?}"
    );
    assert!(!walker.over() || taken == blob.len());
    Outcome {
        entries: seen.entries,
        flaw: flaw.map(|flaw: Flaw| format!("{flaw:?}")),
    }
}

/// The state after a journey through a reader that keeps numbers as doubles.
fn through_json<W: Walker>(walker: &W) -> W {
    assert!(walker.plausible(), "{walker:?}");
    let mut json = serde_json::to_value(walker).unwrap();
    each_number(&mut json, &mut |number| {
        let exact = number.as_u64().unwrap();
        assert!(exact < 1 << 53, "{walker:?}");
    });
    let back = serde_json::from_value(json).unwrap();
    assert_eq!(*walker, back);
    back
}

fn each_number(json: &mut serde_json::Value, change: &mut impl FnMut(&mut serde_json::Value)) {
    match json {
        serde_json::Value::Number(_) => change(json),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| each_number(item, change)),
        serde_json::Value::Object(fields) => fields.values_mut().for_each(|field| each_number(field, change)),
        _ => {}
    }
}

/// Walks `blob` cut at `cuts` and in single bytes: both must come to what one call comes to.
pub(crate) fn check_cuts<W: Walker>(blob: &[u8], cuts: &[usize]) {
    let single: Vec<_> = (0..blob.len()).collect();
    for refused in [None, Some(1)] {
        let mut expected = walked::<W>(blob, &[], refused);
        expected.entries = expected.entries.into_iter().map(Kept::shortened).collect();
        for cuts in [cuts, &single] {
            let mut found = walked::<W>(blob, cuts, refused);
            found.entries = found.entries.into_iter().map(Kept::shortened).collect();
            assert_eq!(found, expected, "cut at {cuts:?}");
        }
    }
}

/// Walks `blob` cut once at every place.
pub(crate) fn check_every_cut<W: Walker>(blob: &[u8]) {
    for cut in 0..=blob.len() {
        check_cuts::<W>(blob, &[cut]);
    }
}

/// A well-formed blob gives `entries`, and the same however it is cut.
pub(crate) fn check_accepted<W: Walker>(blob: &[u8], entries: &[Kept], cuts: &[usize]) {
    let expected = Outcome {
        entries: entries.to_vec(),
        flaw: None,
    };
    assert_eq!(whole::<W>(blob), expected);
    check_cuts::<W>(blob, cuts);
}

/// A blob is refused with a text that holds `part`, however it is cut.
pub(crate) fn check_refused<W: Walker>(blob: &[u8], part: &str) {
    let flaw = whole::<W>(blob)
        .flaw
        .unwrap_or_else(|| panic!("accepted, not `{part}`: {blob:02x?}"));
    assert!(flaw.contains(part), "expected `{part}`, found {flaw}");
    check_cuts::<W>(blob, &[]);
}

/// Every flip of one bit comes to the same however the blob is cut.
pub(crate) fn check_flips<W: Walker>(blob: &[u8], cuts: &[usize]) {
    for bit in 0..blob.len() * 8 {
        let mut flipped = blob.to_vec();
        flipped[bit / 8] ^= 1 << (bit % 8);
        check_cuts::<W>(&flipped, cuts);
    }
}

/// A state with any numbers in it is either refused or gone on with, without a panic.
pub(crate) fn check_forged<W: Walker>(blob: &[u8], cut: usize, numbers: &[u64]) {
    let mut walker = W::begin(blob.len() as u64);
    let Ok(taken) = walker.step(&blob[..cut], &mut Seen::default()) else {
        return;
    };
    let mut json = serde_json::to_value(&walker).unwrap();
    let mut numbers = numbers.iter().cycle();
    each_number(&mut json, &mut |number| {
        // One in four is replaced, so that many a state keeps some sense.
        if let Some(&forged) = numbers.next().filter(|&forged| forged % 4 == 0) {
            *number = (forged / 4).into();
        }
    });
    if let Ok(mut forged) = serde_json::from_value::<W>(json)
        && forged.plausible()
    {
        let _ = forged.step(&blob[taken..], &mut Seen::default());
    }
}

/// Places to cut a blob of `size` bytes at, in order, from hundredths of its size.
pub(crate) fn cut_at(size: usize, shares: &[usize]) -> Vec<usize> {
    let mut cuts: Vec<_> = shares.iter().map(|share| size * share / 100).collect();
    cuts.sort_unstable();
    cuts
}

/// Some hundredths of a blob's size, for [`cut_at`].
pub(crate) fn shares() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0..=100_usize, 0..6)
}

/// Numbers of a forged state: small, about a blob's size, and huge.
pub(crate) fn forged_numbers() -> impl Strategy<Value = Vec<u64>> {
    prop::collection::vec(
        prop_oneof![
            0..64_u64,
            0..4096_u64,
            any::<u32>().prop_map(u64::from),
            any::<u64>()
        ],
        1..12,
    )
}
