//! The format once more, simply: what the quick loops are compared with.

use super::{MATCH, RUN, WINDOW};

/// What a stream stands for, a byte at a time; none if it is no stream.
pub(super) fn decode(packed: &[u8]) -> Option<Vec<u8>> {
    let mut out: Vec<u8> = Vec::new();
    let mut bytes = packed.iter().copied();
    while let Some(first) = bytes.next() {
        if first < 32 {
            for _ in 0..=first {
                out.push(bytes.next()?);
            }
            continue;
        }
        let more = if first >= 224 { bytes.next()? } else { 0 };
        let low = bytes.next()?;
        let back = usize::from(first % 32) * 256 + usize::from(low) + 1;
        for _ in 0..usize::from(first / 32) + usize::from(more) + 2 {
            out.push(*out.get(out.len().checked_sub(back)?)?);
        }
    }
    Some(out)
}

/// Packs greedily.
pub(super) fn encode(plain: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut places = std::collections::HashMap::new();
    let (mut at, mut literals) = (0, 0);
    let run = |packed: &mut Vec<u8>, bytes: &[u8]| {
        for run in bytes.chunks(RUN) {
            packed.push(u8::try_from(run.len() - 1).unwrap());
            packed.extend(run);
        }
    };
    while at + 3 <= plain.len() {
        let place = places.insert(&plain[at..at + 3], at);
        let Some(place) = place.filter(|place| at - place <= WINDOW) else {
            at += 1;
            continue;
        };
        run(&mut packed, &plain[literals..at]);
        let same = plain[place..].iter().zip(&plain[at..]);
        let length = same.take(MATCH).take_while(|(a, b)| a == b).count();
        packed.extend(pointer(length, at - place));
        at += length;
        literals = at;
    }
    run(&mut packed, &plain[literals..]);
    packed
}

/// The instruction for a match.
pub(super) fn pointer(length: usize, back: usize) -> Vec<u8> {
    let [.., high, low] = (back - 1).to_be_bytes();
    match u8::try_from(length - 2).unwrap_or(u8::MAX) {
        length @ ..7 => vec![length << 5 | high, low],
        _ => vec![7 << 5 | high, u8::try_from(length - 9).unwrap(), low],
    }
}
