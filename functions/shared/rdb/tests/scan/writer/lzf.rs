//! LZF streams: literals as they are, and references to what came before.

/// Longest run of literals, longest reference, and how far back one may reach.
const LITERALS: usize = 32;
const LONGEST: usize = 264;
const FARTHEST: usize = 8192;

/// A stream in the making, instruction by instruction; nothing is checked.
#[derive(Clone, Default)]
pub(crate) struct Packed(Vec<u8>);

impl Packed {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Literals, in runs of up to 32.
    pub(crate) fn literals(mut self, bytes: &[u8]) -> Self {
        for run in bytes.chunks(LITERALS) {
            self.0.push((run.len() - 1) as u8);
            self.0.extend_from_slice(run);
        }
        self
    }

    /// `len` (3 to 264) bytes that stand `distance` (1 to 8,192) bytes before the end of the output.
    pub(crate) fn back(mut self, distance: usize, len: usize) -> Self {
        let (distance, len) = (distance - 1, len - 2);
        let high = (distance >> 8) as u8;
        if len < 7 {
            self.0.push(((len as u8) << 5) | high);
        } else {
            self.0.extend([0xe0 | high, (len - 7) as u8]);
        }
        self.0.push(distance as u8);
        self
    }

    /// Bytes as they are, for instructions that are cut.
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn bytes(self) -> Vec<u8> {
        self.0
    }
}

/// Compresses greedily: at each place the longest reference to one of the last few places that begin alike.
pub(crate) fn pack(plain: &[u8]) -> Vec<u8> {
    let mut seen: std::collections::HashMap<[u8; 3], usize> = std::collections::HashMap::new();
    let mut packed = Packed::new();
    let (mut at, mut literals) = (0, 0);
    while let Some(&start) = plain[at..].first_chunk::<3>() {
        let before = seen.insert(start, at).filter(|&from| at - from <= FARTHEST);
        let Some(from) = before else {
            at += 1;
            continue;
        };
        let alike = |i: &usize| plain.get(at + i) == plain.get(from + i) && at + i < plain.len();
        let len = (0..LONGEST).take_while(alike).count();
        packed = packed.literals(&plain[literals..at]).back(at - from, len);
        at += len;
        literals = at;
    }
    packed.literals(&plain[literals..]).bytes()
}

/// Decodes one byte at a time, so that the scanner's decoder is checked against something else.
fn unpack(mut packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    while let [control, rest @ ..] = packed {
        let control = usize::from(*control);
        if control < LITERALS {
            let (run, rest) = rest.split_at(control + 1);
            plain.extend_from_slice(run);
            packed = rest;
            continue;
        }
        let (len, rest) = match control >> 5 {
            7 => (9 + usize::from(rest[0]), &rest[1..]),
            len => (2 + len, rest),
        };
        let from = plain.len() - 1 - ((control & 31) << 8 | usize::from(rest[0]));
        (from..from + len).for_each(|at| plain.push(plain[at]));
        packed = &rest[1..];
    }
    plain
}

#[test]
fn what_is_packed_unpacks_to_the_same() {
    let far = (0..9000_u32)
        .flat_map(|i| (i * i).to_be_bytes())
        .collect::<Vec<u8>>();
    for plain in [
        b"a".as_slice(),
        b"abcabcabcabc",
        &[0; 1000],
        &far,
        &far.repeat(2)[..40_000],
    ] {
        assert_eq!(unpack(&pack(plain)), plain);
    }
    assert!(pack(&[0; 1000]).len() < 20);
}
