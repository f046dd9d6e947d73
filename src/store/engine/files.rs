//! Whether the files of SQLite are still those that were opened.
//!
//! A file that is deleted, moved or replaced under a running server takes everything that is written afterwards with
//! it, and so does the log beside it: SQLite goes on with what it has open and does not notice. Here only names are
//! looked at. The files are never opened: closing one would drop the locks that SQLite holds on it (POSIX). What is
//! copied into a file in place keeps its name and number, and cannot be told from what SQLite writes.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Trouble};

/// The log and its index, which SQLite puts beside the file.
const LOG: [&str; 2] = ["-wal", "-shm"];

/// The files of an open store, each as it was when it was opened.
pub(crate) struct Files {
    /// By which no other server of this file can run as long as this one has it.
    lock: Named,
    file: Named,
    /// The name that it was opened by, which may be a link.
    link: Named,
    log: Vec<Named>,
    /// How long the log was when it was looked at last, in bytes.
    log_bytes: AtomicU64,
}

/// A name, and which file has it.
struct Named {
    path: PathBuf,
    identity: Identity,
}

/// Which file this is, whatever its name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Files {
    /// Takes note of a file before SQLite opens it, and of its lock. The lock is known by what is open, because its
    /// name may lead to another server's by now.
    pub fn of(link: &Path, path: &Path, lock: &File) -> io::Result<Files> {
        let lock = Named {
            path: beside(path, ".lock"),
            identity: identity(&lock.metadata()?),
        };
        let (link, file) = (Named::at(link.to_owned())?, Named::at(path.to_owned())?);
        Ok(Files {
            lock,
            file,
            link,
            log: Vec::new(),
            log_bytes: AtomicU64::new(0),
        })
    }

    /// Takes note of the log, once SQLite has opened it.
    pub fn with_log(mut self) -> io::Result<Files> {
        let log = LOG
            .iter()
            .map(|suffix| Named::at(beside(&self.file.path, suffix)));
        self.log = log.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Refuses to go on with files that have lost their names. Costs a few microseconds.
    pub fn check(&self) -> Result<(), Error> {
        self.all().try_for_each(Named::check)
    }

    /// Says whether the log is shorter than it was when this was asked last.
    pub fn log_has_shrunk(&self) -> bool {
        let now = self
            .log
            .first()
            .and_then(|log| fs::metadata(&log.path).ok())
            .map_or(0, |metadata| metadata.len());
        now < self.log_bytes.swap(now, Ordering::Relaxed)
    }

    /// Returns how long the log was when it was looked at last, in bytes.
    pub fn log_bytes(&self) -> i64 {
        i64::try_from(self.log_bytes.load(Ordering::Relaxed)).unwrap_or(i64::MAX)
    }

    /// Says whether SQLite may close the file: then it copies the log into it and deletes the log, by its name. Without
    /// the lock another server may have a log of that name, and what that one acknowledged would be gone.
    pub fn may_be_closed(&self) -> bool {
        let is_gone =
            |named: &Named| fs::metadata(&named.path).is_err_and(|error| means_gone(&error));
        self.lock.check().is_ok()
            && self
                .log
                .iter()
                .all(|named| named.check().is_ok() || is_gone(named))
    }

    fn all(&self) -> impl Iterator<Item = &Named> {
        [&self.file, &self.link, &self.lock]
            .into_iter()
            .chain(&self.log)
    }
}

impl Named {
    fn at(path: PathBuf) -> io::Result<Named> {
        let identity = identity(&fs::metadata(&path)?);
        Ok(Named { path, identity })
    }

    fn check(&self) -> Result<(), Error> {
        let path = self.path.display();
        let replaced = |what: &str| Err(Error::store(Trouble::Replaced, format!("{path} {what}")));
        match fs::metadata(&self.path) {
            Err(error) if means_gone(&error) => replaced(
                "is gone: if it was moved, move it back and restart; if it was deleted, this process still has it open: \
                 copy the files out of /proc/PID/fd before you stop it",
            ),
            Err(error) => Err(Error::store(
                Trouble::Unavailable,
                format!("{path} cannot be looked at: {error}"),
            )),
            Ok(now) if identity(&now) != self.identity => replaced(
                "is another file now: stop the server, and start it with a file and the -wal that belongs to it; a backup \
                 has none, so move an older -wal away",
            ),
            // By its other name another program would open it with a log of its own.
            Ok(now) if now.nlink() != 1 => {
                replaced("has a second name (a hard link): remove that name, then start again")
            }
            Ok(_) => Ok(()),
        }
    }
}

/// Returns the path of what stands beside a file.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn identity(metadata: &Metadata) -> Identity {
    Identity {
        device: metadata.dev(),
        inode: metadata.ino(),
    }
}

fn means_gone(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory)
}
