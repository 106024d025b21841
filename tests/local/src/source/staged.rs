//! Files of a person's own, kept in the state folder as the sources of their caches.
//!
//! ```text
//! <home>/sources/<content id>.rdb      for example sources/orders/0001.rdb
//! ```
//!
//! A content id names a shard's data in the fake world. The world forgets its sources when its process ends, so whoever
//! opens a folder attaches these again, and a run can be taken up where it stopped.

use sim::world::FileContent;
use sim::world::content::Contents;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Where a content's file lies.
pub fn path_of(home: &Path, content: &str) -> PathBuf {
    home.join("sources").join(format!("{content}.rdb"))
}

/// Copies a file to its place, whole or not at all.
pub fn put(home: &Path, content: &str, file: &Path) -> io::Result<()> {
    let place = path_of(home, content);
    let folder = place.parent().unwrap_or(home);
    fs::create_dir_all(folder)?;
    let beside = tempfile::NamedTempFile::new_in(folder)?;
    fs::copy(file, beside.path())?;
    beside.persist(place).map_err(|error| error.error)?;
    Ok(())
}

/// Attaches every file that is there; gives their content ids, sorted.
pub fn attach_all(home: &Path, contents: &mut Contents) -> io::Result<Vec<String>> {
    let mut attached = Vec::new();
    for cache in entries(&home.join("sources"))? {
        for file in entries(&cache)? {
            let ids = (cache.file_name(), file.file_stem());
            let (Some(cache), Some(shard)) = ids else { continue };
            if file.extension().is_some_and(|extension| extension == "rdb") {
                let content = format!("{}/{}", cache.to_string_lossy(), shard.to_string_lossy());
                contents.attach(&content, Arc::new(FileContent(file.clone())));
                attached.push(content);
            }
        }
    }
    attached.sort();
    Ok(attached)
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match fs::read_dir(folder) {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_attached_again() {
        let home = tempfile::tempdir().unwrap();
        let mut contents = Contents::default();
        assert!(
            attach_all(home.path(), &mut contents).unwrap().is_empty(),
            "a new folder"
        );
        let file = home.path().join("mine.rdb");
        fs::write(&file, "REDIS0011").unwrap();
        for content in ["b/0002", "b/0001", "a/0001"] {
            put(home.path(), content, &file).unwrap();
        }
        fs::write(home.path().join("sources/note.txt"), "not ours").unwrap();
        fs::write(home.path().join("sources/b/note.txt"), "not ours").unwrap();
        assert_eq!(
            attach_all(home.path(), &mut contents).unwrap(),
            ["a/0001", "b/0001", "b/0002"]
        );
        assert_eq!(fs::read(path_of(home.path(), "b/0002")).unwrap(), b"REDIS0011");
        assert_eq!(
            fs::read_dir(home.path().join("sources/b")).unwrap().count(),
            3,
            "nothing half-written"
        );
        let missing = put(home.path(), "a/0002", &home.path().join("none.rdb"));
        assert!(missing.is_err() && !path_of(home.path(), "a/0002").exists());
    }
}
