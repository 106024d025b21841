//! The independent side: moto in a Python process, which asks us for every answer of a function.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde::Deserialize;
use serde_json::{Value, json};
use sim::asl::Execution;

use crate::ours::ROLE;
use crate::script::Answer;
use crate::trace::{Trace, line, plain};

/// A Python process that runs one execution after the other.
pub(crate) struct Peer {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

/// An execution to run again.
pub(crate) struct Request<'r> {
    /// Our run, which says all that the other one has to be told.
    execution: &'r Execution,
    /// What it did: its delays are what jitter draws on the other side.
    ours: &'r Trace,
    /// What is wrong in moto and is put right for this run, by name in `peer/repairs.py`.
    repairs: &'r [&'r str],
}

impl<'r> Request<'r> {
    pub(crate) fn of(execution: &'r Execution, ours: &'r Trace, repairs: &'r [&'r str]) -> Self {
        Self {
            execution,
            ours,
            repairs,
        }
    }

    fn to_wire(&self) -> Value {
        let execution = self.execution;
        json!({"run": {
            "name": execution.name,
            "stateMachineArn": execution.state_machine_arn,
            "executionArn": execution.execution_arn,
            "roleArn": ROLE,
            "definition": execution.definition,
            "input": execution.input,
            "startTime": execution.start_date.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "delays": self.ours.delays(),
            "repairs": self.repairs,
        }})
    }
}

/// A call of a function.
#[derive(Debug, Deserialize)]
pub(crate) struct Call {
    pub(crate) function: String,
    pub(crate) payload: Value,
    /// The Task that calls.
    pub(crate) state: String,
    /// Milliseconds since the execution began.
    pub(crate) at: u64,
}

/// What the other side did, and each draw of jitter: the delay and what it may be at most, in milliseconds.
pub(crate) struct Ran {
    pub(crate) trace: Trace,
    pub(crate) jitter: Vec<(u64, u64)>,
}

impl Peer {
    /// Starts the process, or gives nothing, with the reason printed, where Python or moto are missing.
    pub(crate) fn start() -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/peer");
        let mut child = Command::new(python()?)
            .args(["-B", "peer.py"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        Some(Self {
            child,
            input,
            output: BufReader::new(output),
        })
    }

    /// Runs an execution whose functions are `answer`.
    pub(crate) fn run(&mut self, request: &Request<'_>, mut answer: impl FnMut(Call) -> Answer) -> Ran {
        self.say(&request.to_wire());
        let name = &request.execution.name;
        loop {
            let mut heard = self.hear(name);
            if let Some(call) = heard.get_mut("invoke").map(Value::take) {
                let answer = answer(serde_json::from_value(call).unwrap());
                self.say(&answer.to_wire());
            } else {
                assert!(heard["ended"]["refused"].is_null(), "{name}: moto says {heard}");
                return ran(&heard["ended"]);
            }
        }
    }

    fn say(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
        self.input.flush().unwrap();
    }

    fn hear(&mut self, name: &str) -> Value {
        let mut text = String::new();
        self.output.read_line(&mut text).unwrap();
        serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{name}: moto ended early, {error}: {text}"))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It waits for its next line, and nobody is there to be told of a failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ran(ended: &Value) -> Ran {
    let mut trace = Trace::default();
    let mut jitter = Vec::new();
    for event in ended["events"].as_array().unwrap() {
        let strand = event["strand"].as_str().unwrap();
        if let (Some(delay), Some(most)) = (event["delay"].as_u64(), event["jitter"].as_u64()) {
            jitter.push((delay, most));
        }
        if let Some(line) = line(event, event["at"].as_u64().unwrap()) {
            trace.push(strand, line);
        }
    }
    let status = match ended["status"].as_str().unwrap() {
        "ProgramEnded" => "SUCCEEDED",
        "ProgramError" => "FAILED",
        "ProgramTimedOut" => "TIMED_OUT",
        other => panic!("moto ended as `{other}`"),
    };
    trace.end = plain(json!({
        "status": status, "at": ended["at"], "output": ended["output"], "error": ended["error"],
    }));
    Ran { trace, jitter }
}

/// The Python that the set-up installs, else the one on PATH, if it has what the peer needs.
fn python() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let candidates = [root.join("target/venv/bin/python"), PathBuf::from("python3")];
    let has_moto = |python: &PathBuf| {
        Command::new(python)
            .args(["-c", "import moto, jsonata, antlr4"])
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    };
    let found = candidates.into_iter().find(has_moto);
    assert!(
        found.is_some() || std::env::var_os("SNAPKEEP_REQUIRE_TOOLS").is_none(),
        "no Python has moto and jsonata-python; run `make setup-test` first"
    );
    if found.is_none() {
        println!("skipped: no Python has moto and jsonata-python; `make setup-test` installs them");
    }
    found
}
