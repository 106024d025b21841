use super::*;
use std::net::TcpListener;
use std::thread;

const QUICK: Limits = Limits {
    connect: Duration::from_secs(1),
    silence: Duration::from_millis(300),
    bytes: 1 << 20,
};
const MARK_TEXT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A server that sends `answers`, one after each command that it gets, and hangs up.
fn server(answers: Vec<Vec<u8>>) -> Address {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::loopback(listener.local_addr().unwrap().port());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for answer in answers {
            let mut command = [0; 512];
            let _ = stream.read(&mut command).unwrap();
            for piece in answer.chunks(7) {
                stream.write_all(piece).unwrap();
            }
        }
    });
    address
}

/// What comes of a server that takes both `REPLCONF`s and answers `SYNC` like this.
fn copied(answer: impl Into<Vec<u8>>) -> Result<Vec<u8>, String> {
    let address = server(vec![b"+OK\r\n".to_vec(), b"+OK\r\n".to_vec(), answer.into()]);
    let mut out = Vec::new();
    match copy_rdb(&address, None, QUICK, &mut out) {
        Ok(bytes) => {
            assert_eq!(bytes, out.len() as u64);
            Ok(out)
        }
        Err(error) => Err(crate::source::one_line(&error)),
    }
}

fn check(answer: &str, expected: Result<&str, &str>, why: &str) {
    match (copied(answer), expected) {
        (Ok(seen), Ok(expected)) => assert_eq!(String::from_utf8_lossy(&seen), expected, "{why}"),
        (Err(seen), Err(part)) => assert!(seen.contains(part), "{why}: {seen}"),
        (seen, _) => panic!("{why}: {seen:?}"),
    }
}

#[test]
fn both_forms_are_read_to_their_end_and_no_further() {
    check("$5\r\nREDIS", Ok("REDIS"), "a length");
    check(
        "\n\n\n$5\r\nREDIS",
        Ok("REDIS"),
        "newlines keep the connection alive",
    );
    check(
        "$5\r\nREDIS*1\r\n$4\r\nPING\r\n",
        Ok("REDIS"),
        "the stream of commands follows",
    );
    check("$0\r\n", Ok(""), "nothing at all");
    check(
        &format!("$EOF:{MARK_TEXT}\r\nREDIS{MARK_TEXT}"),
        Ok("REDIS"),
        "a mark",
    );
    check(
        &format!("\n$EOF:{MARK_TEXT}\r\n{MARK_TEXT}"),
        Ok(""),
        "a mark at once",
    );
    let half = &MARK_TEXT[..20];
    check(
        &format!("$EOF:{MARK_TEXT}\r\n{half}{MARK_TEXT}"),
        Ok(half),
        "half a mark is data",
    );
}

#[test]
fn what_is_no_whole_file_is_refused_in_one_line() {
    check(
        "-ERR unknown command 'SYNC'\r\n",
        Err("refuses `SYNC`: -ERR unknown command"),
        "a managed service",
    );
    check(
        "-NOPERM no permission\r\n",
        Err("refuses `SYNC`: -NOPERM"),
        "rights",
    );
    check("$5\r\nRED", Err("broke off after 3 bytes"), "cut");
    check(
        &format!("$EOF:{MARK_TEXT}\r\nREDIS{}", &MARK_TEXT[..39]),
        Err("broke off after 44 bytes"),
        "cut mark",
    );
    check(
        "$EOF:short\r\n",
        Err("answers `$EOF:short`"),
        "a mark of another length",
    );
    check("$-1\r\n", Err("answers `$-1`"), "no length");
    check(
        "HTTP/1.1 400 Bad Request\r\n",
        Err("no replication protocol"),
        "another protocol",
    );
    check(
        &"x".repeat(2000),
        Err("no replication protocol"),
        "a line without an end",
    );
    check(
        "$1048577\r\n",
        Err("more than the allowed 1048576 bytes"),
        "too long by its own word",
    );
    check("", Err("broke off after 0 bytes"), "it hangs up");
}

#[test]
fn a_file_without_a_length_is_cut_at_the_limit() {
    let mut answer = format!("$EOF:{MARK_TEXT}\r\n").into_bytes();
    answer.resize(usize::try_from(QUICK.bytes).unwrap() + 4096, b'x');
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::loopback(listener.local_addr().unwrap().port());
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for answer in [b"+OK\r\n".as_slice(), b"+OK\r\n", &answer] {
            let mut command = [0; 512];
            let _ = stream.read(&mut command).unwrap();
            // The reader hangs up before it has taken everything.
            let _ = stream.write_all(answer);
        }
    });
    let refused = copy_rdb(&address, None, QUICK, &mut io::sink()).unwrap_err();
    assert!(matches!(refused, SourceError::TooLarge { .. }), "{refused}");
}

#[test]
fn a_silent_server_is_given_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::loopback(listener.local_addr().unwrap().port());
    let refused = copy_rdb(&address, None, QUICK, &mut io::sink()).unwrap_err();
    assert!(
        matches!(refused, SourceError::BrokenOff { bytes: 0, .. }),
        "{refused}"
    );
}

#[test]
fn a_refused_connection_names_the_address() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = Address::loopback(listener.local_addr().unwrap().port());
    drop(listener);
    let refused = copy_rdb(&address, None, QUICK, &mut io::sink()).unwrap_err();
    let line = crate::source::one_line(&refused);
    assert!(
        line.starts_with(&format!("no connection to `{address}`: ")),
        "{line}"
    );
}

#[test]
fn user_and_password_are_sent_first() {
    let listening = server(vec![b"-WRONGPASS invalid username-password pair\r\n".to_vec()]);
    let address = Address::parse(&format!("redis://me:secret@127.0.0.1:{}", listening.port())).unwrap();
    let refused = copy_rdb(&address, None, QUICK, &mut io::sink()).unwrap_err();
    assert!(matches!(refused, SourceError::Authentication { .. }), "{refused}");
    let asked = server(vec![b"-NOAUTH Authentication required.\r\n".to_vec()]);
    let refused = copy_rdb(&asked, None, QUICK, &mut io::sink()).unwrap_err();
    assert!(
        matches!(refused, SourceError::Authentication { .. }),
        "no password where one is needed: {refused}"
    );
}
