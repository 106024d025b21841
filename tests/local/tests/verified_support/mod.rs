//! Judging a server's file every way, and comparing the verdict with what the server says.

use local::source::{Engine, Inventory, Package, Program, Server};
use rdb::{Broken, Kind, Magic, Options, Scanner, Verdict};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;
use tempfile::TempDir;

/// In the year 2096: after every expiry that was let pass, before all others.
const NOW: i64 = 4_000_000_000_000;
/// How often a scan of a file is taken up by another scanner.
const HOPS: usize = 48;

/// A package's server, or nothing, with the reason printed; `make test` has all that this machine can have.
pub(crate) fn packaged(package: Package) -> Option<Program> {
    let environment = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/venv");
    let found = Program::packaged(&environment, package);
    if found.is_none() {
        if let Some(reason) = package.unavailable(&environment) {
            println!("skipped: {reason}");
            return None;
        }
        let name = package.name();
        let required = std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_some();
        assert!(!required, "`{name}` is missing: run `make setup-test` first");
        println!("skipped: no `{name}` in target/venv; `make setup-test` installs it");
    }
    found
}

/// Lets every key of a database pass its expiry, without the server noticing; gives how many.
pub(crate) fn past(server: &Server, database: u32) -> u64 {
    let mut connection = server.connect().unwrap();
    let mut ask = |words: &str| -> redis::Value {
        let mut words = words.split(' ');
        let mut command = redis::cmd(words.next().unwrap());
        command.arg(words.collect::<Vec<_>>());
        server.ask(&mut connection, &command).unwrap()
    };
    ask("DEBUG SET-ACTIVE-EXPIRE 0");
    ask(&format!("SELECT {database}"));
    let redis::Value::Int(keys) = ask("DBSIZE") else {
        panic!("DBSIZE gives a number");
    };
    let script = "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('PEXPIRE', key, 300) end";
    let expire = redis::cmd("EVAL").arg(script).arg(0).to_owned();
    server.ask::<()>(&mut connection, &expire).unwrap();
    sleep(Duration::from_millis(400));
    u64::try_from(keys).unwrap()
}

/// The verdict on a file in one piece.
pub(crate) fn whole(bytes: &[u8]) -> Result<Verdict, Broken> {
    let mut scanner = Scanner::new(Options::new(NOW).with_size(bytes.len() as u64));
    scanner.feed(bytes)?;
    scanner.finish()
}

/// The one verdict on a file that must be sound, in one piece, in random pieces and through cursors.
pub(crate) fn verdict(bytes: &[u8], seed: u64, why: &str) -> Verdict {
    let verdict = whole(bytes).unwrap_or_else(|broken| panic!("{why}: {broken:?}"));
    let mut rng = fastrand::Rng::with_seed(seed);
    assert_eq!(
        verdict,
        in_pieces(bytes, &mut rng),
        "{why}: in pieces, seed {seed}"
    );
    assert_eq!(
        verdict,
        through_cursors(bytes, &mut rng),
        "{why}: through cursors, seed {seed}"
    );
    verdict
}

fn in_pieces(bytes: &[u8], rng: &mut fastrand::Rng) -> Verdict {
    let mut scanner = Scanner::new(Options::new(NOW).with_size(bytes.len() as u64));
    let mut rest = bytes;
    while !rest.is_empty() {
        // As many pieces of a few bytes as of a mebibyte.
        let most = 1 << rng.u32(1..21);
        let length = rng.usize(1..=most);
        let (piece, behind) = rest.split_at(length.min(rest.len()));
        scanner.feed(piece).unwrap();
        rest = behind;
    }
    scanner.finish().unwrap()
}

/// Another scanner goes on at each of some random places, from a cursor that went through JSON. It may begin before the
/// place, at the start of a value.
fn through_cursors(bytes: &[u8], rng: &mut fastrand::Rng) -> Verdict {
    let mut places: Vec<usize> = (0..HOPS).map(|_| rng.usize(..=bytes.len())).collect();
    places.sort_unstable();
    let mut scanner = Scanner::new(Options::new(NOW).with_size(bytes.len() as u64));
    let mut at = 0;
    for place in places {
        scanner.feed(&bytes[at..place]).unwrap();
        let offset = scanner.cursor_offset();
        let json = serde_json::to_string(&scanner.cursor()).unwrap();
        assert!(json.len() < 16 * 1024, "{} bytes at {place}", json.len());
        let cursor: rdb::Cursor = serde_json::from_str(&json).unwrap();
        assert_eq!(cursor.offset(), offset, "the cursor is where it was said to be");
        at = usize::try_from(offset).unwrap();
        assert!(at <= place, "{at} is not before {place}");
        scanner = Scanner::resume(cursor).unwrap();
    }
    scanner.feed(&bytes[at..]).unwrap();
    scanner.finish().unwrap()
}

/// Whether a verdict says what the server says.
pub(crate) fn compare(program: &Program, server: &Inventory, verdict: &Verdict, why: &str) {
    let magic = match (program.engine, program.major()) {
        (Engine::Valkey, 9..) => (Magic::Valkey, 80),
        (Engine::Valkey, _) => (Magic::Redis, 11),
        (Engine::Redis, 7) if program.version.starts_with("7.0") => (Magic::Redis, 10),
        (Engine::Redis, 7) if program.version.starts_with("7.2") => (Magic::Redis, 11),
        (Engine::Redis, 7) => (Magic::Redis, 12),
        (Engine::Redis, _) => (Magic::Redis, 9),
    };
    assert_eq!((verdict.magic, verdict.version), magic, "{why}");
    let name = if magic.1 < 80 && !(program.engine == Engine::Valkey) {
        "redis-ver"
    } else {
        "valkey-ver"
    };
    assert_eq!(
        verdict.aux.get(name),
        Some(&program.version),
        "{why}: {:?}",
        verdict.aux
    );
    let found: BTreeMap<u32, (u64, u64)> = verdict
        .databases
        .iter()
        .map(|database| (database.number, (database.keys, database.expires)))
        .collect();
    let said: BTreeMap<u32, (u64, u64)> = server
        .keyspace
        .iter()
        .map(|(number, counts)| (*number, (counts.keys, counts.expires)))
        .collect();
    assert_eq!(found, said, "{why}: keys and expiries by database");
    assert_eq!(verdict.keys, server.keys(), "{why}");
    assert_eq!(verdict.functions, server.functions, "{why}: functions");
    for database in &verdict.databases {
        let found: BTreeMap<String, u64> = database
            .types
            .iter()
            .map(|(kind, count)| (word(*kind).to_owned(), *count))
            .collect();
        let number = database.number;
        assert_eq!(
            Some(&found),
            server.types.get(&number),
            "{why}: types in database {number}"
        );
        assert_eq!(database.announced, None, "{why}: RESIZEDB of database {number}");
    }
    assert_eq!(
        verdict.encodings,
        expected_encodings(server, verdict.version),
        "{why}: {:?}",
        server.encodings
    );
}

/// What `TYPE` says.
fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::String => "string",
        Kind::List => "list",
        Kind::Set => "set",
        Kind::Zset => "zset",
        Kind::Hash => "hash",
        Kind::Stream => "stream",
        Kind::Module => "module",
    }
}

/// The RDB types in which a server of this version stores the encodings that it tells of.
fn expected_encodings(server: &Inventory, version: u16) -> BTreeMap<String, u64> {
    let mut expected: BTreeMap<String, u64> = BTreeMap::new();
    for (encoding, count) in &server.encodings {
        let name = match (encoding.as_str(), version) {
            ("string int" | "string embstr" | "string raw", _) => "string",
            ("list quicklist", 9) => "quicklist",
            ("list quicklist" | "list listpack", _) => "quicklist-v2",
            ("stream stream", 9) => "stream",
            ("stream stream", 10) => "stream-v2",
            ("stream stream", _) => "stream-v3",
            ("zset skiplist", _) => "zset-v2",
            (small, _) => &small.replace(' ', "-"),
        };
        *expected.entry(name.to_owned()).or_default() += count;
    }
    if server.with_expiring_fields > 0 {
        // They have the encoding of any large hash.
        *expected.get_mut("hash-hashtable").unwrap() -= server.with_expiring_fields;
        expected.insert("hash-volatile-items".to_owned(), server.with_expiring_fields);
    }
    expected
}

/// A server's own checker: the server under another name.
pub(crate) struct Checker {
    program: PathBuf,
    _folder: TempDir,
}

impl Checker {
    pub(crate) fn of(program: &Program) -> Self {
        let name = match program.engine {
            Engine::Valkey => "valkey-check-rdb",
            Engine::Redis => "redis-check-rdb",
        };
        let folder = tempfile::tempdir().unwrap();
        let link = folder.path().join(name);
        std::os::unix::fs::symlink(&program.path, &link).unwrap();
        Self {
            program: link,
            _folder: folder,
        }
    }

    /// Whether it calls a file whole.
    pub(crate) fn finds_whole(&self, file: &Path) -> bool {
        self.run(file).0
    }

    /// Fails unless it calls a file whole.
    pub(crate) fn accepts(&self, file: &Path, why: &str) {
        let (whole, words) = self.run(file);
        assert!(whole, "{why}: {words}");
    }

    fn run(&self, file: &Path) -> (bool, String) {
        let output = Command::new(&self.program).arg(file).output().unwrap();
        let words = String::from_utf8_lossy(&output.stdout).into_owned();
        let says_so = words.contains("RDB looks OK");
        assert!(
            !output.status.success() || says_so,
            "it is a checker, not a server: {words}"
        );
        (output.status.success() && says_so, words)
    }
}
