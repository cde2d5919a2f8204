//! Lock files: which process may touch which batches.

use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use fs4::{FileExt, TryLockError};

/// A held lock file. The system lets go of the lock when the process ends, however it ends.
#[derive(Debug)]
pub(super) struct Owner {
    id: u64,
    path: PathBuf,
    /// Holds the lock for as long as it is open.
    _file: File,
}

impl Owner {
    /// A new owner; `None` when somebody else took the lock file for one that is gone, before it was locked.
    pub(super) fn create(dir: &Path, id: u64) -> io::Result<Option<Self>> {
        let path = path(dir, id);
        let file = OpenOptions::new().write(true).create_new(true).open(&path)?;
        Self::lock(id, path, file)
    }

    /// Takes the place of an owner that is gone; `None` when it is alive, or somebody else was faster.
    pub(super) fn adopt(dir: &Path, id: u64) -> io::Result<Option<Self>> {
        let path = path(dir, id);
        let file = OpenOptions::new().write(true).create(true).truncate(false).open(&path)?;
        Self::lock(id, path, file)
    }

    fn lock(id: u64, path: PathBuf, file: File) -> io::Result<Option<Self>> {
        match FileExt::try_lock(&file) {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(error)) => return Err(error),
        }
        // The file may have been retired between the opening and the locking: then the lock is on a file that has no
        // name any more, and guards nothing.
        let is_named = is_locked(&path);
        Ok(is_named.then_some(Self { id, path, _file: file }))
    }

    pub(super) fn id(&self) -> u64 {
        self.id
    }

    /// Removes the lock file, while it is still locked.
    pub(super) fn retire(self) {
        let _ = fs::remove_file(&self.path);
    }

    pub(super) fn parse(file: &OsStr) -> Option<u64> {
        let digits = file.to_str()?.strip_suffix(".lock").filter(|digits| digits.len() == 16)?;
        u64::from_str_radix(digits, 16).ok()
    }
}

fn is_locked(path: &Path) -> bool {
    let Ok(file) = OpenOptions::new().write(true).open(path) else { return false };
    matches!(FileExt::try_lock(&file), Err(TryLockError::WouldBlock))
}

fn path(dir: &Path, id: u64) -> PathBuf {
    dir.join(format!("{id:016x}.lock"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_that_lives_is_not_adopted_and_one_that_is_gone_is_adopted_once() {
        let dir = tempfile::tempdir().unwrap();
        let owner = Owner::create(dir.path(), 7).unwrap().unwrap();
        assert!(Owner::adopt(dir.path(), 7).unwrap().is_none());
        drop(owner);
        let adopted = Owner::adopt(dir.path(), 7).unwrap().unwrap();
        assert!(Owner::adopt(dir.path(), 7).unwrap().is_none());
        adopted.retire();
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn of_many_who_adopt_at_once_exactly_one_succeeds() {
        let dir = tempfile::tempdir().unwrap();
        for id in 0..20 {
            let start = std::sync::Barrier::new(4);
            let adopted = std::thread::scope(|scope| {
                let adopt = || {
                    start.wait();
                    Owner::adopt(dir.path(), id).unwrap()
                };
                let adopters: Vec<_> = (0..4).map(|_| scope.spawn(adopt)).collect();
                adopters.into_iter().filter_map(|adopter| adopter.join().unwrap()).collect::<Vec<_>>()
            });
            assert_eq!(adopted.len(), 1);
        }
    }

    #[test]
    fn an_owner_without_a_lock_file_can_be_adopted() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Owner::adopt(dir.path(), 9).unwrap().map(|owner| owner.id()), Some(9));
    }
}
