//! Where a SQLite file is, who holds it, and whether it is ours: checked before anything in it is changed.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection as _};

use crate::store::engine::files::beside;
use crate::store::engine::open::OpenError;
use crate::store::engine::open_sqlite::cannot_open;

/// Returns where a file is, following links as SQLite does; fails if nothing may be created there.
pub(crate) fn place_of(path: &Path) -> Result<PathBuf, OpenError> {
    let shown = path.display();
    let cannot = |why: String| OpenError(format!("cannot open {shown}: {why}"));
    if path.as_os_str() == ":memory:" {
        return Err(cannot(
            "a store in memory would keep nothing; name a file".to_owned(),
        ));
    }
    if path.is_dir() {
        return Err(cannot("it is a folder; name a file in it".to_owned()));
    }
    if path.exists() {
        return path
            .canonicalize()
            .map_err(|error| cannot(error.to_string()));
    }
    if path.is_symlink() {
        return Err(cannot(
            "it is a link to a file that does not exist; name that file".to_owned(),
        ));
    }
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    if !folder.exists() {
        return Err(cannot(format!(
            "there is no folder {}; make it first",
            folder.display()
        )));
    }
    let folder = folder
        .canonicalize()
        .map_err(|error| cannot(error.to_string()))?;
    Ok(folder.join(path.file_name().unwrap_or_default()))
}

/// Refuses a file that holds another program's tables, before any of its settings is changed.
pub(crate) async fn check_owner(path: &Path) -> Result<(), OpenError> {
    if std::fs::metadata(path).map_or(true, |metadata| metadata.len() == 0) {
        return Ok(());
    }
    let cannot = |error| cannot_open(path, error);
    let options = SqliteConnectOptions::new()
        .filename(path)
        .disable_statement_logging();
    let mut conn = options.connect().await.map_err(cannot)?;
    let count =
        "select count(*), count(*) filter (where name = '_sqlx_migrations') from sqlite_schema";
    let (all, ours): (i64, i64) = sqlx::query_as(count)
        .fetch_one(&mut conn)
        .await
        .map_err(cannot)?;
    conn.close().await.map_err(cannot)?;
    if all > 0 && ours == 0 {
        let path = path.display();
        return Err(OpenError(format!(
            "cannot use {path}: it holds the tables of another program; name another file"
        )));
    }
    Ok(())
}

/// Shows that this process serves a file: the lock beside it and, where possible, on the file itself. Keep it until
/// SQLite has closed the file. This matters most for the handle of the file: closing it drops the locks that SQLite
/// holds (POSIX).
pub struct Held {
    pub(crate) beside: File,
    _file: File,
    /// Whether the file was created just now.
    pub is_new: bool,
}

/// Takes hold of a file, created if needed; the error says who has it, or what has to be fixed.
pub(crate) fn hold(path: &Path, place: &Path) -> Result<Held, OpenError> {
    check_log(path, place)?;
    let beside = lock_beside(path, place)?;
    let cannot = |error: std::io::Error| {
        OpenError(format!(
            "cannot open {} for writing: {error}",
            path.display()
        ))
    };
    let options = File::options().read(true).write(true).clone();
    // A new file is readable by its owner only, because it holds people's data; SQLite gives the files beside it the
    // same mode. An existing file keeps the mode its operator gave it.
    let (file, is_new) = match options.clone().create_new(true).mode(0o600).open(place) {
        Ok(file) => (file, true),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            (options.open(place).map_err(cannot)?, false)
        }
        Err(error) => return Err(cannot(error)),
    };
    // Through another mount a file has another path, with another lock beside it. On other systems this lock would
    // conflict with SQLite's own.
    if cfg!(target_os = "linux") && matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
        return Err(is_held(path, "another process"));
    }
    Ok(Held {
        beside,
        _file: file,
        is_new,
    })
}

/// Refuses to create a file beside a log that is not empty. SQLite would delete that log, which may hold writes
/// missing from a file that used to have this name.
fn check_log(path: &Path, place: &Path) -> Result<(), OpenError> {
    let is_empty =
        |path: &Path| std::fs::metadata(path).map_or(true, |metadata| metadata.len() == 0);
    let log = beside(place, "-wal");
    if !is_empty(place) || is_empty(&log) {
        return Ok(());
    }
    let (path, log) = (path.display(), log.display());
    Err(OpenError(format!(
        "cannot open {path}: it is missing or empty, and {log} holds writes that belong to it; put the file back, or, to \
         begin anew, move that log away"
    )))
}

/// Locks a file beside the store's real location.
pub(crate) fn lock_beside(path: &Path, place: &Path) -> Result<File, OpenError> {
    let lock_path = beside(place, ".lock");
    let cannot = |error| {
        let lock_path = lock_path.display();
        OpenError(format!(
            "cannot open {lock_path}: {error}; files beside the store have to be writable"
        ))
    };
    let options = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&lock_path);
    let mut lock = options.map_err(cannot)?;
    match lock.try_lock() {
        Ok(()) => {
            // Only people read this; on a full disk it is left out.
            let _ = lock
                .set_len(0)
                .and_then(|()| writeln!(lock, "process {}", std::process::id()));
            Ok(lock)
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            lock.read_to_string(&mut holder).map_err(cannot)?;
            Err(is_held(
                path,
                if holder.is_empty() {
                    "another process"
                } else {
                    holder.trim()
                },
            ))
        }
        Err(TryLockError::Error(error)) => Err(cannot(error)),
    }
}

fn is_held(path: &Path, holder: &str) -> OpenError {
    OpenError(format!(
        "{} is held by {holder}: stop it, or name another file",
        path.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_held_under_whatever_path() {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let path = folder.path().join("clientele.db");
        let held = hold(&path, &path).expect("nobody holds it");
        assert!(held.is_new);
        drop(held);
        // What another mount of the same file shows: the file, and no lock beside it.
        let other = File::open(&path).expect("it is there");
        other.try_lock().expect("nobody holds it");
        let refusal = hold(&path, &path).map(drop).expect_err("it is held");
        assert!(
            refusal.to_string().contains("is held by another process"),
            "{refusal}"
        );
    }
}
