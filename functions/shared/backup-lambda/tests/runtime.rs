//! A whole process against a Lambda Runtime API: this test program starts itself again as the function.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a panic is how a test fails")]

mod specification;

use backup_core::{Error, ErrorName};
use specification::{breaches, document};
use std::collections::VecDeque;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};

/// Set in the process that plays the function.
const CHILD: &str = "BACKUP_LAMBDA_TEST_CHILD";

#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    /// What to do: `echo`, `remaining` or `fail`.
    act: Act,
}

#[derive(Debug, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
enum Act {
    Echo,
    Remaining,
    Fail,
}

/// No test by itself: the function, when [`CHILD`] is set.
#[test]
fn function() {
    if std::env::var_os(CHILD).is_none() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let wire = |env: &backup_lambda::Env| env.required("GREETING");
    let handle =
        async |greeting: &String, input: Input, invocation: backup_lambda::Invocation| match input.act {
            Act::Echo => Ok(greeting.clone()),
            Act::Remaining => Ok(format!("{}", invocation.remaining().as_secs())),
            Act::Fail => Err(Error::new(ErrorName::CacheBusy, "the cache is busy")),
        };
    runtime.block_on(backup_lambda::run(wire, handle)).unwrap();
}

/// One answer of the function: the end of the path that it was posted to, and the body.
type Posted = (String, String);

/// What came of a few events: an answer to each, and what the process logged.
struct Served {
    answers: Vec<Posted>,
    log: String,
}

/// Starts the function with `variables`, hands it `events`, and takes its answers.
fn serve_all(variables: &[(&str, &str)], events: &[&str]) -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let api = format!("http://{}/some/prefix", listener.local_addr().unwrap());
    let mut child = start(&api, variables);
    let mut waiting: VecDeque<&str> = events.iter().copied().collect();
    let mut answers = Vec::new();
    while answers.len() < events.len() {
        let (stream, _) = listener.accept().unwrap();
        serve(stream, &mut waiting, &mut answers, events.len());
    }
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let log = String::from_utf8(output.stdout).unwrap();
    Served { answers, log }
}

fn start(api: &str, variables: &[(&str, &str)]) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["function", "--exact", "--nocapture"])
        .env_clear()
        .envs([
            (CHILD, "1"),
            ("AWS_LAMBDA_RUNTIME_API", api),
            ("AWS_LAMBDA_FUNCTION_NAME", "f"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
        ])
        .envs(variables.iter().copied())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Serves one kept-alive connection of the runtime until it closes or all answers are in.
fn serve(stream: TcpStream, waiting: &mut VecDeque<&str>, answers: &mut Vec<Posted>, wanted: usize) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut writer = stream;
    while answers.len() < wanted {
        let Some((path, body)) = request(&mut reader) else {
            return;
        };
        let path = path
            .strip_prefix("/some/prefix/2018-06-01/runtime/invocation/")
            .unwrap();
        let answer = if path == "next" {
            let event = waiting.pop_front().unwrap();
            // In the year 2100, so that the time left can only be large.
            let headers = "Lambda-Runtime-Aws-Request-Id: r\r\nLambda-Runtime-Deadline-Ms: 4102444800000";
            format!(
                "HTTP/1.1 200 OK\r\n{headers}\r\nContent-Length: {}\r\n\r\n{event}",
                event.len()
            )
        } else {
            answers.push((path.strip_prefix("r/").unwrap().to_owned(), body));
            "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n".to_owned()
        };
        writer.write_all(answer.as_bytes()).unwrap();
    }
}

/// Path and body of the next request, or `None` at the end of the connection.
fn request(reader: &mut BufReader<TcpStream>) -> Option<Posted> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let path = line.split(' ').nth(1)?.to_owned();
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).ok()?;
        if header.trim().is_empty() {
            break;
        }
        if let Some((name, value)) = header.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((path, String::from_utf8(body).ok()?))
}

fn error(name: &str, message: &str) -> Posted {
    let body = serde_json::json!({"errorType": name, "errorMessage": message}).to_string();
    ("error".to_owned(), body)
}

/// Bodies compare as JSON, whatever the order of their fields.
fn same(got: &Posted, want: &Posted) {
    let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!((&got.0, json(&got.1)), (&want.0, json(&want.1)));
}

#[test]
fn failures_leave_by_name_and_the_process_goes_on() {
    let events = [
        r#"{"act":"fail"}"#,
        r#"{"act":"dance"}"#,
        r#"{"act":"echo","more":1}"#,
        r#"{"act":"echo"}"#,
    ];
    let served = serve_all(&[("GREETING", "hello")], &events);
    same(
        &served.answers[0],
        &error("Backup.CacheBusy", "the cache is busy"),
    );
    let allowed = "`act` is not valid: unknown variant `dance`, expected one of `echo`, `remaining`, `fail`";
    same(&served.answers[1], &error("Backup.InvalidInput", allowed));
    assert!(
        served.answers[2].1.contains("Backup.InvalidInput") && served.answers[2].1.contains("more"),
        "{}",
        served.answers[2].1
    );
    same(
        &served.answers[3],
        &("response".to_owned(), r#""hello""#.to_owned()),
    );
}

#[test]
fn a_failure_is_one_json_line_and_events_are_never_logged() {
    let variables = [("GREETING", "hush-hush"), ("AWS_LAMBDA_LOG_LEVEL", "TRACE")];
    let served = serve_all(&variables, &[r#"{"act":"fail"}"#, r#"{"act":"echo"}"#]);
    let lines = served.log.lines().filter(|line| line.starts_with('{'));
    let lines: Vec<serde_json::Value> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let [line] = &lines[..] else {
        panic!("one line: {}", served.log);
    };
    assert_eq!(line["level"], "ERROR");
    assert_eq!(line["error_name"], "Backup.CacheBusy");
    assert_eq!(line["message"], "the cache is busy");
    assert_eq!(line["span"]["requestId"], "r");
    assert!(
        !served.log.contains("hush-hush") && !served.log.contains("\"act\""),
        "{}",
        served.log
    );
}

#[test]
fn every_failure_is_counted_where_the_deployment_is_named() {
    let events = [r#"{"act":"fail"}"#, r#"{"act":"dance"}"#, r#"{"act":"echo"}"#];
    let (greeting, deployment) = (("GREETING", "hello"), ("SNAPKEEP_DEPLOYMENT", "main"));
    let (busy, invalid, unexpected) = ("Backup.CacheBusy", "Backup.InvalidInput", "Backup.Unexpected");
    for (variables, want, why) in [
        (
            vec![greeting, deployment],
            vec![busy, invalid],
            "what fails and what cannot be read",
        ),
        (vec![deployment], vec![unexpected; 3], "cannot start"),
        (vec![greeting], vec![], "no deployment is named"),
        (
            vec![greeting, ("SNAPKEEP_DEPLOYMENT", "")],
            vec![],
            "an empty name is none",
        ),
    ] {
        let served = serve_all(&variables, &events);
        let lines: Vec<&str> = served
            .log
            .lines()
            .filter(|line| document(line).is_some())
            .collect();
        let of_line = |line: &&str| {
            assert_eq!(breaches(line), Vec::<String>::new());
            let document = document(line).unwrap();
            assert_eq!(
                (&document["Deployment"], &document["Failures"]),
                (&"main".into(), &1.0.into())
            );
            document["ErrorName"].as_str().unwrap().to_owned()
        };
        assert_eq!(lines.iter().map(of_line).collect::<Vec<_>>(), want, "{why}");
    }
}

#[test]
fn the_deadline_is_lambdas() {
    let served = serve_all(&[("GREETING", "hello")], &[r#"{"act":"remaining"}"#]);
    let seconds: u64 = served.answers[0].1.trim_matches('"').parse().unwrap();
    assert!(seconds > 1_000_000_000, "until the year 2100: {seconds}");
}

#[test]
fn a_missing_variable_fails_every_event_by_name() {
    let served = serve_all(&[], &[r#"{"act":"echo"}"#, r#"{"act":"echo"}"#]);
    for answer in &served.answers {
        assert_eq!(answer.0, "error");
        assert!(
            answer.1.contains("Backup.Unexpected") && answer.1.contains("`GREETING`"),
            "{}",
            answer.1
        );
    }
}
