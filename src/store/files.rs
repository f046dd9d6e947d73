//! Whether the files of SQLite are still those that were opened.
//!
//! A file that is deleted, moved or replaced under a running server takes everything that is written afterwards with
//! it, and so does the log beside it: SQLite goes on with what it has open and does not notice. Here only names are
//! looked at. The files are never opened: closing one would drop the locks that SQLite holds on it (POSIX).

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// What SQLite and this server put beside the file.
const BESIDE: [&str; 3] = ["-wal", "-shm", ".lock"];

/// The files of an open store, each as it was when it was opened.
pub(super) struct Files(Vec<(PathBuf, Identity)>);

/// Which file this is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Files {
    /// Takes note of the files of a store on which SQLite has read.
    pub fn of(path: &Path) -> std::io::Result<Files> {
        let beside = BESIDE.iter().map(|suffix| {
            let mut name = path.as_os_str().to_owned();
            name.push(suffix);
            PathBuf::from(name)
        });
        let identified = std::iter::once(path.to_owned()).chain(beside).map(|path| {
            let metadata = fs::metadata(&path)?;
            Ok((path, Identity { device: metadata.dev(), inode: metadata.ino() }))
        });
        Ok(Files(identified.collect::<Result<_, std::io::Error>>()?))
    }

    /// Refuses to go on with files that have lost their names. Costs a few microseconds.
    pub fn check(&self) -> Result<(), Error> {
        match self.0.iter().find_map(|(path, identity)| what_happened(path, *identity)) {
            None => Ok(()),
            Some(what) => Err(Error::StoreReplaced(what.into())),
        }
    }
}

fn what_happened(path: &Path, opened: Identity) -> Option<String> {
    let path_shown = path.display();
    match fs::metadata(path) {
        Err(error) => Some(format!("{path_shown} is gone: {error}")),
        Ok(now) if (Identity { device: now.dev(), inode: now.ino() }) != opened => {
            Some(format!("{path_shown} is another file now"))
        }
        // By its other name another program would open it with a log of its own.
        Ok(now) if now.nlink() != 1 => Some(format!("{path_shown} has a second name (a hard link)")),
        Ok(_) => None,
    }
}
