//! How a function's process is started: its minimal environment and its log.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use tokio::process::{Child, Command};

/// How much of a log's end is read for its last lines, in bytes.
const TAIL: u64 = 64 * 1024;

/// What a process is told about itself.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// The function's name.
    pub(crate) function: &'a str,
    /// `AWS_SESSION_TOKEN`, by which the endpoint knows who calls.
    pub(crate) token: &'a str,
    /// The folder with `bootstrap`.
    pub(crate) folder: &'a Path,
    /// `AWS_LAMBDA_FUNCTION_MEMORY_SIZE` in MB.
    pub(crate) memory_mb: u32,
    /// `AWS_LAMBDA_RUNTIME_API`.
    pub(crate) runtime_api: &'a str,
    /// The Region.
    pub(crate) region: &'a str,
    /// The function's configured variables.
    pub(crate) variables: &'a BTreeMap<String, String>,
    /// Where standard output and error go.
    pub(crate) log: &'a Path,
}

impl Start<'_> {
    /// Starts the process; it is killed when the handle is dropped.
    pub(crate) fn spawn(&self) -> io::Result<Child> {
        let log = File::options().create(true).append(true).open(self.log)?;
        Command::new(self.folder.join("bootstrap"))
            .current_dir(self.folder)
            .env_clear()
            .envs(self.environment())
            .envs(self.variables)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
    }

    /// What Lambda sets for every custom runtime, as far as anything here could read it.
    fn environment(&self) -> [(&'static str, String); 17] {
        let root = self.folder.display().to_string();
        [
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("TZ", ":UTC".to_owned()),
            ("_HANDLER", "bootstrap".to_owned()),
            ("LAMBDA_TASK_ROOT", root),
            ("AWS_LAMBDA_FUNCTION_NAME", self.function.to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", self.memory_mb.to_string()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            (
                "AWS_LAMBDA_LOG_GROUP_NAME",
                format!("/aws/lambda/{}", self.function),
            ),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "local".to_owned()),
            ("AWS_LAMBDA_RUNTIME_API", self.runtime_api.to_owned()),
            ("AWS_REGION", self.region.to_owned()),
            ("AWS_DEFAULT_REGION", self.region.to_owned()),
            ("AWS_ACCESS_KEY_ID", crate::wire::ACCESS_KEY.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", crate::wire::SECRET_KEY.to_owned()),
            ("AWS_SESSION_TOKEN", self.token.to_owned()),
        ]
    }
}

/// The file that a function's processes write to.
pub(crate) fn log_path(folder: &Path, function: &str) -> PathBuf {
    folder.join(format!("{function}.log"))
}

/// The last lines of a log, oldest first; none where the function never ran.
pub(crate) fn last_lines(path: &Path, count: usize) -> io::Result<Vec<String>> {
    let mut file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        opened => opened?,
    };
    let size = file.metadata()?.len();
    file.seek(SeekFrom::Start(size.saturating_sub(TAIL)))?;
    let mut tail = Vec::new();
    file.read_to_end(&mut tail)?;
    let text = String::from_utf8_lossy(&tail);
    let lines: Vec<&str> = text.lines().collect();
    Ok(lines[lines.len().saturating_sub(count)..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect())
}
