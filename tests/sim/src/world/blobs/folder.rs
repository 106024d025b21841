//! Blobs in a folder that a person can open.
//!
//! The bytes are under `<root>/.blobs/`, one immutable file per blob. The current version of each object also stands
//! at `<root>/<bucket>/<key>`, as a hard link to its blob: a view that costs no space and that nothing reads back.

use super::{Blob, BlobId, BlobStore};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Blobs in a folder.
#[derive(Debug, Clone)]
pub struct FolderBlobs {
    root: PathBuf,
}

#[derive(Debug)]
struct FileBlob {
    file: File,
    size: u64,
}

impl Blob for FileBlob {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.file.read_exact_at(&mut bytes, offset)?;
        Ok(bytes)
    }
}

impl FolderBlobs {
    /// Uses the folder, which is made at the first write.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// Where a person finds the current version of an object.
    pub fn path_of(&self, bucket: &str, key: &str) -> PathBuf {
        let mut path = self.root.join(bucket);
        path.extend(key.split('/').map(path_segment));
        path
    }

    fn blob_path(&self, id: &BlobId) -> PathBuf {
        self.root.join(".blobs").join(id.as_str())
    }

    /// Removes a view and the folders that it leaves empty.
    fn hide(&self, bucket: &str, view: &Path) -> io::Result<()> {
        match fs::remove_file(view) {
            Ok(()) => {}
            Err(error) if cannot_be_a_view(&error) || error.kind() == io::ErrorKind::NotFound => {
                return Ok(());
            }
            Err(error) => return Err(error),
        }
        let bucket_folder = self.root.join(bucket);
        let parents = view
            .ancestors()
            .skip(1)
            .take_while(|folder| *folder != bucket_folder);
        for folder in parents {
            if fs::remove_dir(folder).is_err() {
                break; // The folder still holds other objects.
            }
        }
        Ok(())
    }
}

/// Writes beside the target and renames, so that a crash leaves no half file under the target's name.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let staged = path.with_extension("partial");
    let mut file = File::create(&staged)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&staged, path)
}

fn make_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), fs::create_dir_all)
}

/// Segments that a file system reads in its own way are percent-encoded, and with them `%` itself.
fn path_segment(segment: &str) -> String {
    match segment {
        "" => "%".to_owned(),
        "." => "%2E".to_owned(),
        ".." => "%2E%2E".to_owned(),
        other => other.replace('%', "%25").replace('\0', "%00"),
    }
}

/// Keys may do what paths cannot (`a` beside `a/b`, long segments): such an object is stored without a view.
fn cannot_be_a_view(error: &io::Error) -> bool {
    use io::ErrorKind::{AlreadyExists, DirectoryNotEmpty, InvalidFilename, IsADirectory, NotADirectory};
    matches!(
        error.kind(),
        AlreadyExists | DirectoryNotEmpty | InvalidFilename | IsADirectory | NotADirectory
    )
}

impl BlobStore for FolderBlobs {
    fn put(&self, id: &BlobId, bytes: &[u8]) -> io::Result<()> {
        let path = self.blob_path(id);
        make_parent(&path)?;
        write_whole(&path, bytes)
    }

    fn open(&self, id: &BlobId) -> io::Result<Arc<dyn Blob>> {
        let file = File::open(self.blob_path(id))?;
        let size = file.metadata()?.len();
        Ok(Arc::new(FileBlob { file, size }))
    }

    fn delete(&self, id: &BlobId) -> io::Result<()> {
        match fs::remove_file(self.blob_path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn show(&self, bucket: &str, key: &str, current: Option<&BlobId>) -> io::Result<()> {
        let view = self.path_of(bucket, key);
        let Some(id) = current else {
            return self.hide(bucket, &view);
        };
        let staged = self.root.join(".blobs").join("view.partial");
        match fs::remove_file(&staged) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let linked = make_parent(&view)
            .and_then(|()| fs::hard_link(self.blob_path(id), &staged))
            .and_then(|()| fs::rename(&staged, &view));
        match linked {
            Err(error) if !cannot_be_a_view(&error) => Err(error),
            _ => Ok(()),
        }
    }
}
