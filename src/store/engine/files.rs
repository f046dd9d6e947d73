//! Whether SQLite's files are still the ones that were opened.
//!
//! If a file is deleted, moved or replaced under a running server, everything written afterwards is lost with it, and
//! so is the log beside it: SQLite keeps using what it has open and does not notice. Only names are checked here. The
//! files are never opened: closing one would drop the locks that SQLite holds on it (POSIX). A file overwritten in
//! place keeps its name and inode, and cannot be told apart from what SQLite writes.

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Trouble};

/// The log and its index, which SQLite puts beside the file.
const LOG: [&str; 2] = ["-wal", "-shm"];

/// The files of an open store, each as it was when opened.
pub(crate) struct Files {
    /// While this process holds it, no other server can serve the file.
    lock: Named,
    file: Named,
    /// The name it was opened by, which may be a link.
    link: Named,
    log: Vec<Named>,
    /// The length of the log when it was last checked, in bytes.
    log_bytes: AtomicU64,
}

/// A name, and the file it refers to.
struct Named {
    path: PathBuf,
    identity: Identity,
}

/// Which file this is, under whatever name.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: u64,
    inode: u64,
}

impl Files {
    /// Notes the identity of a file before SQLite opens it, and of its lock. The lock is identified by the open
    /// handle, because its name may refer to another server's lock by now.
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

    /// Notes the identity of the log, once SQLite has opened it.
    pub fn with_log(mut self) -> io::Result<Files> {
        let log = LOG
            .iter()
            .map(|suffix| Named::at(beside(&self.file.path, suffix)));
        self.log = log.collect::<Result<_, _>>()?;
        Ok(self)
    }

    /// Fails if a file no longer has its name. Costs a few microseconds.
    pub fn check(&self) -> Result<(), Error> {
        self.all().try_for_each(Named::check)
    }

    /// Looks at the log, and says whether it is shorter than at the last look.
    pub fn look_at_log(&self) -> bool {
        let now = self
            .log
            .first()
            .and_then(|log| fs::metadata(&log.path).ok())
            .map_or(0, |metadata| metadata.len());
        now < self.log_bytes.swap(now, Ordering::Relaxed)
    }

    /// Returns the length of the log at the last look, in bytes.
    pub fn log_bytes(&self) -> u64 {
        self.log_bytes.load(Ordering::Relaxed)
    }

    /// Returns the process, other than this one, that reads the store, as far as the system tells: whoever holds one of
    /// SQLite's locks for that on the index of the log (bytes 123 to 127, <https://sqlite.org/walformat.html#locks>).
    pub fn reader_of_log(&self) -> Option<u32> {
        let index = self.log.last()?.identity;
        let locks = fs::read_to_string("/proc/locks").ok()?;
        let mut holders = locks
            .lines()
            .filter_map(|line| reader_by(line, index.inode));
        holders.find(|holder| ![0, std::process::id()].contains(holder))
    }

    /// Says whether SQLite may close the file: closing checkpoints the log into it and deletes the log by name.
    /// Without the lock, the log of that name may belong to another server, and what that server acknowledged would
    /// be lost.
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
            // Through its other name another program would open it with a different log.
            Ok(now) if now.nlink() != 1 => {
                replaced("has a second name (a hard link): remove that name, then start again")
            }
            Ok(_) => Ok(()),
        }
    }
}

/// Returns the path of a file with a suffix added to its name.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

/// Returns who holds a lock for reading, from a line such as `1: POSIX ADVISORY READ 3434 fd:00:1234 123 123`.
fn reader_by(line: &str, inode: u64) -> Option<u32> {
    let fields: Vec<&str> = line.split_whitespace().collect();
    let [_, "POSIX", _, _, holder, file, first, last] = fields[..] else {
        return None;
    };
    let is_of_index = file.rsplit(':').next()?.parse() == Ok(inode);
    let is_for_reading =
        first.parse::<u64>().ok()? <= 127 && last.parse().unwrap_or(u64::MAX) >= 123;
    (is_of_index && is_for_reading).then(|| holder.parse().ok())?
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
