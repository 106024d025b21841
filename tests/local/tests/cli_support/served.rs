//! A process of `serve` that AWS clients are pointed at.

use super::Cli;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};

/// What a client needs besides the endpoint.
pub(crate) const VARIABLES: [(&str, &str); 4] = [
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_DEFAULT_REGION", "eu-west-1"),
    ("AWS_PAGER", ""),
];

/// A process of `serve`; it is ended by a signal, as a person ends it.
pub(crate) struct Served {
    child: Child,
    /// What `AWS_ENDPOINT_URL` has to be.
    pub(crate) endpoint: String,
    /// What it said when it was up.
    pub(crate) invitation: Vec<String>,
    aws: PathBuf,
}

impl Served {
    /// Starts it and waits until it is up.
    pub(crate) fn start(cli: &Cli, aws: PathBuf) -> Self {
        let mut child = cli
            .command(&["serve", "--port", "0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut invitation = Vec::new();
        for line in lines {
            invitation.push(line.unwrap());
            if invitation.last().unwrap().contains("Ctrl-C") {
                break;
            }
        }
        let url = invitation
            .iter()
            .find_map(|line| line.split_once("AWS_ENDPOINT_URL="));
        let endpoint = url.unwrap_or_else(|| panic!("{invitation:?}")).1.to_owned();
        Self {
            child,
            endpoint,
            invitation,
            aws,
        }
    }

    /// Runs a line that begins with `aws` in a shell, as a person would.
    pub(crate) fn paste(&self, line: &str) -> String {
        let command = line.replacen("aws ", &format!("{} ", self.aws.display()), 1);
        let output = Command::new("sh")
            .args(["-c", &command])
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .envs(VARIABLES)
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{line}: {text}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        text
    }

    /// Asks until the answer has this in it.
    pub(crate) fn wait_for(&self, line: &str, part: &str) {
        let mut answer = String::new();
        for _ in 0..120 {
            answer = self.paste(line);
            if answer.contains(part) {
                return;
            }
        }
        panic!("{line}: {answer}");
    }

    /// Ends it as a person does.
    pub(crate) fn end(mut self) -> ExitStatus {
        self.signal();
        self.child.wait().unwrap()
    }

    fn signal(&self) {
        Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
    }
}

impl Drop for Served {
    /// A test that fails leaves no process behind.
    fn drop(&mut self) {
        if self.child.try_wait().unwrap().is_none() {
            self.signal();
            self.child.wait().unwrap();
        }
    }
}
