use proptest::prelude::*;

use super::*;
use format::{decode, encode, pointer};

mod format;

/// A stream of `packed` with the number of `plain` bytes that it is announced to stand for.
#[derive(Debug, Clone)]
struct Stream {
    packed: Vec<u8>,
    plain: u64,
}

/// How a stream is walked: pieces of these sizes in turn, and so much room for each.
#[derive(Debug, Clone)]
struct Cuts {
    pieces: Vec<usize>,
    room: usize,
}

impl Cuts {
    fn every(size: usize) -> Self {
        Self {
            pieces: vec![size],
            room: usize::MAX,
        }
    }
}

impl Stream {
    fn new(packed: &[u8], plain: u64) -> Self {
        Self {
            packed: packed.to_vec(),
            plain,
        }
    }

    /// Presents the stream in pieces; what is not taken is presented again with the next piece behind it. Between two
    /// pieces the state goes through JSON, as it does in a cursor.
    fn walk(
        &self,
        cuts: &Cuts,
        mut step: impl FnMut(&mut Lzf, &[u8]) -> Result<usize, Flaw>,
    ) -> Result<(), String> {
        let mut lzf = Lzf::new(self.packed.len() as u64, self.plain);
        let (mut from, mut to) = (0, 0);
        let mut sizes = cuts.pieces.iter().cycle();
        loop {
            let taken = step(&mut lzf, &self.packed[from..to]).map_err(|flaw| format!("{flaw:?}"))?;
            assert!(taken <= to - from, "took `{taken}` of `{}`", to - from);
            from += taken;
            assert!(lzf.is_plausible(), "{lzf:?}");
            lzf = serde_json::from_str(&serde_json::to_string(&lzf).unwrap()).unwrap();
            if lzf.is_over() {
                assert_eq!(from, self.packed.len());
                return Ok(());
            }
            // A piece may be all taken because the output is full, or because it is used up.
            if taken == 0 || from == to {
                assert!(
                    from < self.packed.len() || taken > 0,
                    "neither over nor refused: {lzf:?}"
                );
                to = to.saturating_add(*sizes.next().unwrap()).min(self.packed.len());
            }
        }
    }

    fn check(&self, cuts: &Cuts) -> Result<(), String> {
        self.walk(cuts, Lzf::check)
    }

    fn decode(&self, cuts: &Cuts) -> Result<Vec<u8>, String> {
        let mut all = Vec::new();
        let mut out = b"of another string".to_vec();
        let mut own = 0;
        self.walk(cuts, |lzf, bytes| {
            if own > 2 * WINDOW {
                out.drain(..out.len() - WINDOW);
                own = WINDOW;
            }
            let before = out.len();
            let taken = lzf.decode(bytes, &mut out, cuts.room);
            let more = &out[before..];
            assert!(
                more.len() <= cuts.room.saturating_add(MATCH),
                "`{}` bytes",
                more.len()
            );
            own += more.len();
            all.extend_from_slice(more);
            taken
        })?;
        Ok(all)
    }

    fn model(&self) -> Option<Vec<u8>> {
        decode(&self.packed).filter(|out| out.len() as u64 == self.plain)
    }
}

/// Both ways through `packed`, whole and a byte at a time, must give `plain`.
fn check_plain(packed: &[u8], plain: &[u8], reason: &str) {
    let stream = Stream::new(packed, plain.len() as u64);
    for cuts in [usize::MAX, 1, 2, 3].map(Cuts::every) {
        assert_eq!(stream.check(&cuts), Ok(()), "{reason}");
        assert_eq!(stream.decode(&cuts).as_deref(), Ok(plain), "{reason}");
    }
    assert_eq!(stream.model().as_deref(), Some(plain), "{reason}");
}

/// Both ways through `packed`, whole and a byte at a time, must refuse it with a text that holds `part`.
fn check_refused(packed: &[u8], plain: u64, part: &str, reason: &str) {
    let stream = Stream::new(packed, plain);
    for cuts in [usize::MAX, 1, 2, 3].map(Cuts::every) {
        let flaw = stream.check(&cuts).unwrap_err();
        assert!(flaw.contains(part), "{reason}: {flaw}");
        assert_eq!(stream.decode(&cuts).unwrap_err(), flaw, "{reason}");
    }
    assert_eq!(stream.model(), None, "{reason}");
}

#[test]
fn runs_and_matches_are_decoded() {
    let run: Vec<u8> = (0..32).collect();
    check_plain(b"\x00a", b"a", "the shortest run");
    check_plain(&[&[31], run.as_slice()].concat(), &run, "the longest run");
    check_plain(b"\x00a\x00b", b"ab", "a run behind a run");
    check_plain(b"\x02abc\x20\x02", b"abcabc", "the shortest match");
    check_plain(
        b"\x02abc\xc0\x02",
        b"abcabcabcab",
        "the longest match of two bytes",
    );
    check_plain(
        b"\x02abc\xe0\x00\x02",
        b"abcabcabcabc",
        "a length of its own that adds 0",
    );
    check_plain(b"\x00a\xe0\xff\x00", &[b'a'; 265], "the longest match");
    check_plain(b"\x01ab\x20\x00", b"abbbb", "a match of one byte repeats it");
    check_plain(b"\x02abc\x20\x01", b"abcbcb", "a match that overlaps itself");
    check_plain(b"\x00a\x20\x00\x00b", b"aaaab", "a run behind a match");
    // `easily_compressible_string_key.rdb` of HDT3213/rdb.
    check_plain(
        b"\x01aa\xe0\xbb\x00\x01aa",
        &[b'a'; 200],
        "a string of a real file",
    );
}

#[test]
fn the_farthest_match_is_a_window_back() {
    let plain: Vec<u8> = (0..WINDOW).map(|at| at.to_le_bytes()[at % 2]).collect();
    let mut packed: Vec<u8> = plain.chunks(RUN).flat_map(|run| [&[31], run].concat()).collect();
    packed.extend([0x3f, 0xff]);
    check_plain(&packed, &[&plain, &plain[..3]].concat(), "all of the window");
    packed.splice(..33, *b"\x1e0123456789012345678901234567890");
    let plain = (WINDOW + 2) as u64;
    check_refused(&packed, plain, "`8192` bytes back where only `8191`", "one more");
}

#[test]
fn streams_that_are_wrong_are_refused() {
    check_refused(b"\x20\x00", 3, "only `0` were decoded", "a match at the start");
    check_refused(
        b"\x00a\x20\x01",
        4,
        "`2` bytes back where only `1`",
        "a match before it",
    );
    check_refused(b"\x00a\x3f\xff", 4, "`8192` bytes back", "the farthest match");
    check_refused(b"\x00a\x00b", 1, "for `1` bytes where `0`", "a run too many");
    check_refused(b"\x02abc", 2, "for `3` bytes where `2`", "a run too long");
    check_refused(b"\x00a\x20\x00", 3, "for `3` bytes where `2`", "a match too long");
    check_refused(
        b"\x00a\xe0\xff\x00",
        264,
        "for `264` bytes where `263`",
        "and a long one",
    );
    check_refused(
        b"\x00a",
        2,
        "after `1` plain bytes, announced were `2`",
        "ends in a run",
    );
    check_refused(b"\x00a\x20\x00", 5, "after `4` plain bytes", "ends in a match");
    check_refused(b"\x02ab", 3, "of `4` bytes where `3`", "a run that is cut");
    check_refused(b"\x02", 3, "of `4` bytes where `1`", "a run of nothing");
    check_refused(b"\x00a\x20", 4, "of `2` bytes where `1`", "a match that is cut");
    check_refused(
        b"\x00a\xe0\x00",
        10,
        "of `3` bytes where `2`",
        "a long match that is cut",
    );
    check_refused(b"\x00a\x00", 2, "where `1` are left, at byte `2`", "tells where");
}

#[test]
fn what_is_no_stream_is_refused_at_once() {
    assert!(Lzf::new(0, 0).is_over());
    assert!(Lzf::new(0, 1).check(b"").is_err());
    assert!(Lzf::new(0, 1).decode(b"", &mut Vec::new(), 1).is_err());
}

#[test]
fn bytes_behind_the_stream_are_not_taken() {
    let mut lzf = Lzf::new(2, 1);
    assert_eq!(lzf.check(b"\x00ab").unwrap(), 2);
    assert!(lzf.is_over());
    assert_eq!(lzf.check(b"\x00").unwrap(), 0);
    assert_eq!(lzf.decode(b"\x00", &mut Vec::new(), 9).unwrap(), 0);
}

#[test]
fn an_output_without_the_window_is_refused() {
    let mut lzf = Lzf::new(5, 4);
    assert_eq!(lzf.check(b"\x00a").unwrap(), 2);
    let flaw = lzf.decode(b"\x20\x00", &mut Vec::new(), 9).unwrap_err();
    assert!(format!("{flaw:?}").contains("only `0` were decoded"), "{flaw:?}");
}

/// Whether a state of these numbers (stream, taken, plain, made, literals) can be gone on with.
fn check_plausible(numbers: [u64; 4], literals: usize, expected: bool, reason: &str) {
    assert_eq!(state(numbers, literals).is_plausible(), expected, "{reason}");
}

fn state(numbers: [u64; 4], literals: usize) -> Lzf {
    let [packed, taken, plain, made] = numbers.map(Wide);
    Lzf {
        packed,
        taken,
        plain,
        made,
        literals,
    }
}

#[test]
fn states_from_outside_are_judged() {
    check_plausible([9, 0, 20, 0], 0, true, "the start");
    check_plausible([9, 9, 20, 20], 0, true, "the end");
    check_plausible([u64::MAX, 0, u64::MAX, 0], 32, true, "the largest");
    check_plausible([9, 10, 20, 0], 0, false, "more taken than there is");
    check_plausible([9, 0, 20, 21], 0, false, "more made than announced");
    check_plausible([9, 8, 20, 0], 2, false, "a run beyond the stream");
    check_plausible([9, 0, 20, 19], 2, false, "a run beyond the plain bytes");
    check_plausible([99, 0, 99, 0], 33, false, "a run that is too long");
    check_plausible([9, 9, 20, 19], 0, false, "an end that was refused");
}

/// Text as it is stored: words that come again, runs of one byte, noise.
fn plain() -> impl Strategy<Value = Vec<u8>> {
    let part = prop_oneof![
        4 => prop::sample::select(vec!["session:", "\"name\":", "the ", "a", "0000", "example"])
            .prop_map(|word| word.as_bytes().to_vec()),
        1 => (any::<u8>(), 1..400_usize).prop_map(|(byte, times)| vec![byte; times]),
        1 => prop::collection::vec(any::<u8>(), 1..80),
    ];
    prop::collection::vec(part, 1..200).prop_map(|parts| parts.concat())
}

/// Instructions of any kind, right and wrong: what a packer would never write.
fn instructions() -> impl Strategy<Value = Vec<u8>> {
    let one = prop_oneof![
        prop::collection::vec(any::<u8>(), 1..=RUN)
            .prop_map(|run| { [&[u8::try_from(run.len() - 1).unwrap()], run.as_slice()].concat() }),
        (3..=MATCH, 1..40_usize).prop_map(|(length, back)| pointer(length, back)),
        (3..=MATCH, 1..=WINDOW).prop_map(|(length, back)| pointer(length, back)),
        prop::collection::vec(any::<u8>(), 1..3),
    ];
    prop::collection::vec(one, 1..60).prop_map(|parts| parts.concat())
}

fn cuts() -> impl Strategy<Value = Cuts> {
    let pieces = prop_oneof![
        prop::collection::vec(1..5_usize, 1..4),
        prop::collection::vec(1..300_usize, 1..9),
        Just(vec![usize::MAX]),
    ];
    let room = prop_oneof![1..10_usize, 1..20_000_usize, Just(usize::MAX)];
    (pieces, room).prop_map(|(pieces, room)| Cuts { pieces, room })
}

/// Both ways give what the model gives, and the same refusal, however the stream is cut.
fn agrees(stream: &Stream, cuts: &Cuts) -> Result<(), TestCaseError> {
    let whole = stream.decode(&Cuts::every(usize::MAX));
    prop_assert_eq!(whole.clone().ok(), stream.model());
    prop_assert_eq!(&stream.decode(cuts), &whole);
    let checked = whole.map(|_| ());
    prop_assert_eq!(stream.check(&Cuts::every(usize::MAX)), checked.clone());
    prop_assert_eq!(stream.check(cuts), checked);
    Ok(())
}

proptest! {
    #[test]
    fn what_was_packed_is_decoded(plain in plain(), cuts in cuts()) {
        let stream = Stream::new(&encode(&plain), plain.len() as u64);
        prop_assert_eq!(stream.decode(&cuts), Ok(plain));
        agrees(&stream, &cuts)?;
    }

    #[test]
    fn damaged_streams_are_judged_alike(
        plain in plain(),
        at in any::<prop::sample::Index>(),
        bit in 0..8_u32,
        cuts in cuts(),
    ) {
        let mut packed = encode(&plain);
        let at = at.index(packed.len());
        packed[at] ^= 1 << bit;
        agrees(&Stream::new(&packed, plain.len() as u64), &cuts)?;
    }

    #[test]
    fn cut_streams_are_refused(plain in plain(), at in any::<prop::sample::Index>(), cuts in cuts()) {
        let packed = encode(&plain);
        let stream = Stream::new(&packed[..at.index(packed.len())], plain.len() as u64);
        prop_assert!(stream.check(&cuts).is_err());
        agrees(&stream, &cuts)?;
    }

    #[test]
    fn streams_for_more_than_announced_are_refused(
        plain in plain(),
        announced in any::<prop::sample::Index>(),
        cuts in cuts(),
    ) {
        let stream = Stream::new(&encode(&plain), announced.index(plain.len()) as u64);
        prop_assert!(stream.check(&cuts).is_err());
        agrees(&stream, &cuts)?;
    }

    #[test]
    fn any_bytes_are_judged_alike(packed in instructions(), other in 0..9000_u64, cuts in cuts()) {
        // Mostly the right number of plain bytes, for else nearly all would end in one refusal.
        let plain = decode(&packed).map_or(other, |plain| plain.len() as u64);
        agrees(&Stream::new(&packed, plain), &cuts)?;
        agrees(&Stream::new(&packed, other), &cuts)?;
    }

    #[test]
    fn no_plausible_state_panics(
        numbers in any::<[u64; 4]>(),
        literals in 0..40_usize,
        bytes in prop::collection::vec(any::<u8>(), 0..200),
        before in 0..100_usize,
    ) {
        let lzf = state(numbers, literals);
        if lzf.is_plausible() {
            let mut out = vec![0; before];
            // What they say does not matter.
            let _ = lzf.clone().check(&bytes);
            let _ = lzf.clone().decode(&bytes, &mut out, usize::MAX);
            prop_assert!(out.len() >= before);
        }
    }
}
