//! Paths as they were typed become the inputs to verify, in order.

use crate::name::printable;
use crate::problem::Problem;
use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};

/// Something to verify.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Input {
    /// A file, or something that opens like one.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

impl Input {
    /// The path by which it is reported, printable; `-` is standard input, as it was typed.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::File(path) => printable(path.as_os_str()),
            Self::Stdin => "-".to_owned(),
        }
    }
}

/// An input, or why there is none in its place, with the name to report it by.
pub(crate) type Named = (String, Result<Input, Problem>);

/// The inputs that `paths` stand for: a folder for all files below it that end in `.rdb`, sorted by path; `-` for
/// standard input. What cannot be had stands in its place, so that the others are verified all the same.
pub(crate) fn expand(paths: &[PathBuf]) -> Vec<Named> {
    let mut found: Vec<Named> = Vec::new();
    let mut input_taken = false;
    for path in paths {
        if path.as_os_str() == "-" {
            let input = Input::Stdin;
            let twice = std::mem::replace(&mut input_taken, true);
            found.push((
                input.name(),
                if twice {
                    Err(Problem::InputTwice)
                } else {
                    Ok(input)
                },
            ));
        } else if path.is_dir() {
            found.extend(folder(path));
        } else {
            found.push(file(path.clone()));
        }
    }
    found
}

fn file(path: PathBuf) -> Named {
    let input = Input::File(path);
    (input.name(), Ok(input))
}

/// All files below a folder that end in `.rdb`, and the folders below it that cannot be listed.
fn folder(top: &Path) -> Vec<Named> {
    let mut found: Vec<(PathBuf, Option<io::Error>)> = Vec::new();
    let mut open = vec![top.to_owned()];
    while let Some(path) = open.pop() {
        match list(&path) {
            Ok((folders, files)) => {
                open.extend(folders);
                found.extend(files.into_iter().map(|file| (file, None)));
            }
            Err(error) => found.push((path, Some(error))),
        }
    }
    if found.is_empty() {
        let path = printable(top.as_os_str());
        return vec![(path.clone(), Err(Problem::NoFiles { path }))];
    }
    found.sort_by(|(a, _), (b, _)| a.cmp(b));
    let named = |(path, error): (PathBuf, Option<io::Error>)| match error {
        None => file(path),
        Some(source) => {
            let path = printable(path.as_os_str());
            (path.clone(), Err(Problem::List { path, source }))
        }
    };
    found.into_iter().map(named).collect()
}

/// The folders in a folder, and its files that end in `.rdb`.
fn list(folder: &Path) -> io::Result<(Vec<PathBuf>, Vec<PathBuf>)> {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        } else if is_dump(&entry) {
            files.push(entry.path());
        }
    }
    Ok((folders, files))
}

/// Whether an entry is a file that ends in `.rdb`. Links to files count, also broken ones, which opening will tell of;
/// links to folders do not, because they may lead round in circles; pipes do not, because they may never end.
fn is_dump(entry: &DirEntry) -> bool {
    let path = entry.path();
    path.extension().is_some_and(|extension| extension == "rdb")
        && fs::metadata(&path).map_or(true, |meaning| meaning.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    /// A folder with these files in it, each empty.
    fn folder_with(files: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for file in files {
            let path = folder.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        folder
    }

    /// The names of what `paths` below `top` stand for; `!` before what cannot be had.
    fn names(top: &Path, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths
            .iter()
            .map(|path| if *path == "-" { path.into() } else { top.join(path) })
            .collect();
        let name = |(name, input): Named| {
            let mark = if input.is_ok() { "" } else { "! " };
            let name = name.replace(&format!("{}/", top.display()), "");
            format!("{mark}{name}")
        };
        expand(&paths).into_iter().map(name).collect()
    }

    #[test]
    fn a_folder_stands_for_its_dumps_sorted() {
        let folder = folder_with(&[
            "d/b.rdb",
            "d/a/z.rdb",
            "d/a.rdb",
            "d/note.txt",
            "d/rdb",
            "d/x.rdb.gz",
        ]);
        assert_eq!(names(folder.path(), &["d"]), ["d/a/z.rdb", "d/a.rdb", "d/b.rdb"]);
    }

    #[test]
    fn the_order_is_that_of_the_arguments() {
        let folder = folder_with(&["d/b.rdb", "d/a.rdb", "c.bin"]);
        assert_eq!(
            names(folder.path(), &["c.bin", "-", "d", "gone.rdb", "-"]),
            ["c.bin", "-", "d/a.rdb", "d/b.rdb", "gone.rdb", "! -"],
            "what is gone is told of when it is opened"
        );
    }

    #[test]
    fn a_folder_without_dumps_is_no_success() {
        let folder = folder_with(&["d/note.txt"]);
        fs::create_dir(folder.path().join("e.rdb")).unwrap();
        assert_eq!(names(folder.path(), &["d", "e.rdb"]), ["! d", "! e.rdb"]);
    }

    #[test]
    fn links_to_files_are_followed_and_links_to_folders_are_not() {
        let folder = folder_with(&["d/a.rdb", "elsewhere/b.rdb"]);
        let link = |to: &str, name: &str| symlink(folder.path().join(to), folder.path().join(name)).unwrap();
        link("elsewhere/b.rdb", "d/file.rdb");
        link("gone", "d/broken.rdb");
        link("d", "d/circle.rdb");
        assert_eq!(
            names(folder.path(), &["d"]),
            ["d/a.rdb", "d/broken.rdb", "d/file.rdb"]
        );
    }
}
