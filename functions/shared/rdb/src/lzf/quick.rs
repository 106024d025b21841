//! The quick ways through an LZF stream, which stop before anything that is cut or wrong.

use super::{CHUNK, Instruction, LONG_MATCH, Lzf, MATCH, RUN, repeat};

impl Lzf {
    /// Walks past the instructions that are whole and right; gives how many bytes they take.
    pub(super) fn check_quickly(&mut self, bytes: &[u8]) -> usize {
        if self.literals > 0 {
            return 0;
        }
        let Some((whole, made)) = follow(bytes, self.made.0) else {
            return 0;
        };
        if made > self.plain.0 {
            return 0;
        }
        self.taken.0 += whole as u64;
        self.made.0 = made;
        whole
    }

    /// Decodes the instructions that are whole and right until `out` is `full`; gives how many bytes they take.
    pub(super) fn decode_quickly(&mut self, bytes: &[u8], out: &mut Vec<u8>, full: usize) -> usize {
        if self.literals > 0 {
            return 0;
        }
        let begin = out.len();
        let left = usize::try_from(self.plain.0 - self.made.0).unwrap_or(usize::MAX);
        let known = usize::try_from(self.made.0).unwrap_or(usize::MAX).min(begin);
        let mut stretch = Stretch {
            at: 0,
            len: begin,
            floor: begin - known,
            end: begin.saturating_add(left),
        };
        let full = full.min(stretch.end);
        while stretch.len < full {
            let until = full.min(stretch.len + CHUNK);
            // Room for the last match, and for what is written behind it.
            out.resize(until + MATCH + RUN, 0);
            stretch.decode(bytes, out, until);
            if stretch.len < until {
                break;
            }
        }
        out.truncate(stretch.len);
        self.taken.0 += stretch.at as u64;
        self.made.0 += (stretch.len - begin) as u64;
        stretch.at
    }
}

/// Where decoding is in a piece and in the output.
struct Stretch {
    /// Bytes of the piece that are decoded.
    at: usize,
    /// Bytes of the output that are written.
    len: usize,
    /// Where in the output a match may begin.
    floor: usize,
    /// Where in the output the announced plain bytes end.
    end: usize,
}

impl Stretch {
    /// Decodes up to `until`, or stops earlier before an instruction that is cut or wrong.
    fn decode(&mut self, bytes: &[u8], out: &mut [u8], until: usize) {
        let Self {
            mut at,
            mut len,
            floor,
            end,
        } = *self;
        while len < until {
            let rest = &bytes[at..];
            let Some(&first) = rest.first() else {
                break;
            };
            let run = usize::from(first) + 1;
            if run <= RUN {
                let Some(plain) = rest.get(1..=run).filter(|_| run <= end - len) else {
                    break;
                };
                // A copy of a known size is no call; what is too much is written over.
                match rest[1..].first_chunk::<RUN>() {
                    Some(plain) => out[len..len + RUN].copy_from_slice(plain),
                    None => out[len..len + run].copy_from_slice(plain),
                }
                (at, len) = (at + 1 + run, len + run);
                continue;
            }
            let Some(&head) = rest.first_chunk() else {
                break;
            };
            let next = Instruction::read(head);
            if next.length > end - len || next.distance > len - floor {
                break;
            }
            let plain = out[len - next.distance..].first_chunk::<RUN>();
            match plain.filter(|_| next.length <= next.distance.min(RUN)) {
                Some(&plain) => out[len..len + RUN].copy_from_slice(&plain),
                None => repeat(out, len, next),
            }
            at += if first < LONG_MATCH { 2 } else { 3 };
            len += next.length;
        }
        (self.at, self.len) = (at, len);
    }
}

/// Follows instructions after which `made` plain bytes are there; gives how many bytes those that are whole take, and
/// how many plain bytes there are then. None where a match begins too far back.
fn follow(bytes: &[u8], mut made: u64) -> Option<(usize, u64)> {
    let mut rest = bytes;
    // Two at a time out of one word: to load the first byte of the next takes longer than all that is done with it.
    while let Some(&word) = rest.first_chunk() {
        let word = u64::from_le_bytes(word);
        let first = Head::of(word, made)?;
        let (mut size, mut length) = (first.size, first.length);
        if !first.is_run {
            let second = Head::of(word >> (8 * first.size), made + length)?;
            size += second.size;
            length += second.length;
        }
        let Some(behind) = rest.get(size..) else {
            break;
        };
        (rest, made) = (behind, made + length);
    }
    while let [first, behind @ ..] = rest {
        let mut word = [0; 8];
        word[0] = *first;
        for (byte, &there) in word[1..].iter_mut().zip(behind) {
            *byte = there;
        }
        let head = Head::of(u64::from_le_bytes(word), made);
        let Some(behind) = head.as_ref().and_then(|head| rest.get(head.size..)) else {
            break;
        };
        (rest, made) = (behind, made + head?.length);
    }
    Some((bytes.len() - rest.len(), made))
}

/// What the first bytes of an instruction say.
struct Head {
    is_run: bool,
    /// Bytes of the instruction, a run's literals among them.
    size: usize,
    /// Plain bytes that it makes.
    length: u64,
}

impl Head {
    /// Reads it from the lowest bytes of a word, at a place with `made` plain bytes before it. Without branches but for
    /// the one between runs and matches: which of the two forms a match has is not foretold.
    #[expect(clippy::inline_always, reason = "what it gives goes through memory otherwise")]
    #[inline(always)]
    fn of(word: u64, made: u64) -> Option<Self> {
        let [first, second, ..] = word.to_le_bytes();
        if usize::from(first) < RUN {
            return Some(Self {
                is_run: true,
                size: usize::from(first) + 2,
                length: u64::from(first) + 1,
            });
        }
        let long = u64::from(first >= LONG_MATCH);
        let more = u64::from(second) & long.wrapping_neg();
        let low = word >> (8 + 8 * long) & 0xff;
        let size = if first >= LONG_MATCH { 3 } else { 2 };
        let distance = u64::from(first & 0x1f) << 8 | low;
        (distance < made).then_some(Self {
            is_run: false,
            size,
            length: u64::from(first >> 5) + 2 + more,
        })
    }
}
