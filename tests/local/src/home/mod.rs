//! The state folder: everything that survives a restart, in files that a person can read.
//!
//! ```text
//! <home>/
//!   snapkeep-local.json   says whose folder this is, and how far its clock came
//!   lock                  held while a process uses the folder
//!   world.json            caches, snapshots, jobs, objects' metadata, topics
//!   buckets/<bucket>/…    the objects' current versions as plain files
//!   executions/<name>.json
//!   messages/<nnnn>.txt   what subscribers were mailed; beside it .json with every protocol
//!   logs/<function>.log
//!   calls.jsonl           what each function asked of AWS: action, resources and conditions, as IAM sees it
//! ```
//!
//! Files are written beside their place and renamed, so that a killed process leaves none half-written.

mod files;
mod messages;
mod shared_world;

pub use shared_world::SharedWorld;

use crate::home::files::{read_json, write_atomically, write_json};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sim::asl::Execution;
use sim::world::sns::StoredMessage;
use sim::world::{FolderBlobs, World};
use std::error::Error as _;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// The version of the layout; a folder of another one is refused.
const FORMAT: u32 = 1;

const MARK: &str = "snapkeep-local.json";

/// Why the folder cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HomeError {
    /// Another process uses it.
    #[error("`{0}` is in use by another process; stop that one or name another folder")]
    InUse(PathBuf),
    /// It holds somebody else's files.
    #[error("`{0}` holds other files; name an empty folder or one made by this tool")]
    NotOurs(PathBuf),
    /// It was made by a version with another layout.
    #[error("`{path}` has layout {found}, this version uses {FORMAT}; name another folder")]
    Format {
        /// The folder.
        path: PathBuf,
        /// The layout it has.
        found: u32,
    },
    /// A file cannot be read or written.
    #[error("`{path}` cannot be {verb}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// `read`, `written` or `made`.
        verb: &'static str,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// A file is damaged.
    #[error("`{path}` is not what this tool wrote; restore it or name another folder")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: serde_json::Error,
    },
}

impl HomeError {
    /// The text with its source's, for where only text can go.
    pub fn with_reason(&self) -> String {
        self.source()
            .map_or_else(|| self.to_string(), |source| format!("{self}: {source}"))
    }
}

/// What the mark says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Mark {
    format: u32,
    /// How far the folder's virtual time came.
    clock: Option<Timestamp>,
}

/// An open state folder. It is locked until this is dropped.
#[derive(Debug)]
pub struct Home {
    root: PathBuf,
    /// Its lock goes with the handle.
    _lock: File,
    clock: Option<Timestamp>,
}

impl Home {
    /// Opens a folder, or makes it.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, HomeError> {
        let root = root.into();
        make_folder(&root)?;
        let root = fs::canonicalize(&root).map_err(failed(&root, "read"))?;
        let mark: Option<Mark> = read_json(&root.join(MARK))?;
        match &mark {
            None if !is_empty(&root)? => return Err(HomeError::NotOurs(root)),
            Some(mark) if mark.format != FORMAT => {
                return Err(HomeError::Format {
                    path: root,
                    found: mark.format,
                });
            }
            _ => {}
        }
        let lock = lock(&root)?;
        let home = Self {
            root,
            _lock: lock,
            clock: mark.and_then(|mark| mark.clock),
        };
        for folder in [
            home.buckets(),
            home.executions_folder(),
            home.messages_folder(),
            home.logs(),
        ] {
            make_folder(&folder)?;
        }
        if home.clock.is_none() {
            home.write_mark(None)?;
        }
        Ok(home)
    }

    /// The folder, as an absolute path.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where the buckets' objects lie.
    pub fn buckets(&self) -> PathBuf {
        self.root.join("buckets")
    }

    /// Where the functions' logs lie.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// Where the functions' calls of AWS are noted, one line each.
    pub fn calls(&self) -> PathBuf {
        self.root.join("calls.jsonl")
    }

    /// Where messages lie.
    pub fn messages_folder(&self) -> PathBuf {
        self.root.join("messages")
    }

    fn executions_folder(&self) -> PathBuf {
        self.root.join("executions")
    }

    /// How far virtual time had come when the folder was last written.
    pub fn clock(&self) -> Option<Timestamp> {
        self.clock
    }

    /// Where a person finds an object's current version.
    pub fn object_path(&self, bucket: &str, key: &str) -> PathBuf {
        FolderBlobs::new(self.buckets()).path_of(bucket, key)
    }

    /// Where the bytes of objects are kept.
    pub fn blobs(&self) -> Arc<FolderBlobs> {
        Arc::new(FolderBlobs::new(self.buckets()))
    }

    /// The world as it was saved; none in a new folder.
    pub fn load_world(&self) -> Result<Option<World>, HomeError> {
        let path = self.root.join("world.json");
        let Some(text) = files::read(&path)? else {
            return Ok(None);
        };
        World::load(&text, self.blobs())
            .map(Some)
            .map_err(|source| HomeError::Damaged { path, source })
    }

    /// Saves the world, and how far the clock came.
    pub fn save_world(&self, world: &World, now: Timestamp) -> Result<(), HomeError> {
        let path = self.root.join("world.json");
        let text = world.save().map_err(|source| HomeError::Damaged {
            path: path.clone(),
            source,
        })?;
        write_atomically(&path, text.as_bytes())?;
        self.write_mark(Some(now))
    }

    /// All executions, as they were last saved, oldest first.
    pub fn load_executions(&self) -> Result<Vec<Execution>, HomeError> {
        let folder = self.executions_folder();
        let mut executions = Vec::new();
        for entry in fs::read_dir(&folder).map_err(failed(&folder, "read"))? {
            let path = entry.map_err(failed(&folder, "read"))?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                executions.extend(read_json::<Execution>(&path)?);
            }
        }
        executions.sort_by(|a, b| (a.start_date, &a.name).cmp(&(b.start_date, &b.name)));
        Ok(executions)
    }

    /// Saves an execution under its name, which Step Functions keeps free of slashes.
    pub fn save_execution(&self, execution: &Execution) -> Result<(), HomeError> {
        write_json(
            &self.executions_folder().join(format!("{}.json", execution.name)),
            execution,
        )
    }

    /// Writes those messages that are not there yet; `messages` are all of them, oldest first.
    pub fn save_messages(&self, messages: &[StoredMessage]) -> Result<(), HomeError> {
        messages::save(&self.messages_folder(), messages)
    }

    /// Notes how far virtual time came, so that it never goes back.
    pub fn save_clock(&self, now: Timestamp) -> Result<(), HomeError> {
        self.write_mark(Some(now))
    }

    fn write_mark(&self, clock: Option<Timestamp>) -> Result<(), HomeError> {
        write_json(
            &self.root.join(MARK),
            &Mark {
                format: FORMAT,
                clock,
            },
        )
    }
}

fn failed(path: &Path, verb: &'static str) -> impl FnOnce(io::Error) -> HomeError {
    let path = path.to_owned();
    move |source| HomeError::File { path, verb, source }
}

fn make_folder(path: &Path) -> Result<(), HomeError> {
    fs::create_dir_all(path).map_err(failed(path, "made"))
}

fn is_empty(folder: &Path) -> Result<bool, HomeError> {
    let mut entries = fs::read_dir(folder).map_err(failed(folder, "read"))?;
    Ok(entries.next().is_none())
}

/// How often a lock is asked for, and how long between: a child of this process holds all its files from its fork to its
/// exec, also a lock that was given back meanwhile.
const ATTEMPTS: (u8, Duration) = (50, Duration::from_millis(20));

/// The system frees the lock with the process, however that ends.
fn lock(root: &Path) -> Result<File, HomeError> {
    let path = root.join("lock");
    let file = File::create(&path).map_err(failed(&path, "made"))?;
    let (attempts, between) = ATTEMPTS;
    for _ in 0..attempts {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => std::thread::sleep(between),
            Err(TryLockError::Error(source)) => {
                return Err(HomeError::File {
                    path,
                    verb: "locked",
                    source,
                });
            }
        }
    }
    Err(HomeError::InUse(root.to_owned()))
}

#[cfg(test)]
mod tests;
