//! The spool: batches on disk until the API has them.
//!
//! ```text
//! spool_dir/
//!   01762493516000-3f2a9c1e5b7d8e90-00000001-12-9a8b7c6d5e4f3a2b.json    a batch: the body of a request
//!   3f2a9c1e5b7d8e90.lock                                               locked by the process that owns it
//!   set-aside/                                                          files that could not be read
//! ```
//!
//! A batch file holds what the API is sent, a JSON array of traces, so a person can read it, and resend it with
//! `curl --data-binary @FILE` and the API key. Its name tells when it was made (milliseconds since 1970), by which owner,
//! the how-manieth it was of that owner, how many traces it holds, and a hash of the inference result id.
//!
//! Each process that uses the directory is an *owner* with a lock file, which the system unlocks when the process ends in
//! whatever way. Files of an owner that is gone are taken over by the next process that starts. A file gets its final
//! name when all of it is on disk, so a file with a final name is whole.

mod name;
mod owner;

use std::collections::{HashMap, HashSet};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use self::name::Name;
use self::owner::Owner;
use crate::config::SpoolSettings;
use crate::decode::{self, DecodeError};
use crate::encode::{self, Shape};
use crate::record::Batch;

const SET_ASIDE: &str = "set-aside";
const UNFINISHED: &str = "tmp";

/// An open spool directory. All calls do I/O and may take as long as the disk does.
#[derive(Debug)]
pub(super) struct Spool {
    settings: SpoolSettings,
    own: Owner,
    last_number: u64,
    /// Owners that are gone, whose files are ours now, with how many there are.
    adopted: HashMap<u64, (Owner, usize)>,
    own_files: usize,
    bytes: u64,
}

/// A batch on disk that this process may send and remove.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    name: Name,
    bytes: u64,
}

/// What was found in the directory.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// Batches of owners that are gone, the oldest first.
    pub(super) entries: Vec<Entry>,
    /// How many files have nothing to do with the spool; they stay where they are.
    pub(super) strangers: usize,
}

/// Why a batch was not written.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error("the spool is full: `spool_max_bytes` is reached")]
    Full,
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Why a batch could not be read back.
#[derive(Debug, thiserror::Error)]
pub(super) enum LoadError {
    /// It may be readable later.
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("somebody removed it")]
    Gone,
    #[error(transparent)]
    Damaged(#[from] DecodeError),
    #[error("it does not hold the {0} traces that its name tells of")]
    Count(usize),
}

impl Entry {
    pub(super) fn traces(&self) -> usize {
        self.name.traces
    }

    pub(super) fn lane(&self) -> u64 {
        self.name.lane
    }

    /// Clocks are set back now and then: what comes from the future is new.
    pub(super) fn age(&self, now: SystemTime) -> Duration {
        now.duration_since(self.name.made()).unwrap_or_default()
    }
}

impl Spool {
    /// Opens the directory, makes it if need be, and takes over the files of owners that are gone.
    /// An id must never have been used before.
    pub(super) fn open(
        settings: SpoolSettings,
        ids: impl FnMut() -> u64,
        now: SystemTime,
    ) -> io::Result<(Self, Found)> {
        create_dir(&settings.dir)?;
        let own = new_owner(&settings.dir, ids)?;
        let mut spool =
            Self { settings, own, last_number: 0, adopted: HashMap::new(), own_files: 0, bytes: 0 };
        spool.adopt()?;
        let found = spool.take_stock()?;
        spool.retire_idle();
        spool.clean_set_aside(now);
        Ok((spool, found))
    }

    /// Writes a batch. It is safe against a crash of the process now, and of the machine after [`sync`](Self::sync).
    pub(super) fn store(&mut self, batch: &Batch, lane: u64, now: SystemTime) -> Result<Entry, StoreError> {
        let body = encode::body(batch, Shape::Array);
        let bytes = u64::try_from(body.len()).unwrap_or(u64::MAX);
        if self.bytes.saturating_add(bytes) > self.settings.max_bytes {
            return Err(StoreError::Full);
        }
        self.last_number += 1;
        let name = Name::new(now, self.own.id(), self.last_number, batch.len(), lane);
        self.write(&name, &body)?;
        self.bytes += bytes;
        self.own_files += 1;
        Ok(Entry { name, bytes })
    }

    fn write(&self, name: &Name, body: &[u8]) -> io::Result<()> {
        let path = self.path(name);
        let unfinished = path.with_extension(UNFINISHED);
        let written = write_synced(&unfinished, body).and_then(|()| fs::rename(&unfinished, &path));
        if written.is_err() {
            let _ = fs::remove_file(&unfinished);
        }
        written
    }

    /// Makes the names of files written before as safe as their contents.
    pub(super) fn sync(&self) -> io::Result<()> {
        sync_dir(&self.settings.dir)
    }

    pub(super) fn load(&self, entry: &Entry) -> Result<Batch, LoadError> {
        let file = File::open(self.path(&entry.name)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => LoadError::Gone,
            _ => LoadError::Io(error),
        })?;
        let mut json = Vec::new();
        // A file that has grown is not the one that was written, and may be of any size.
        file.take(entry.bytes.saturating_add(1)).read_to_end(&mut json)?;
        let batch = decode::batch(&json)?;
        if batch.len() == entry.traces() { Ok(batch) } else { Err(LoadError::Count(entry.traces())) }
    }

    /// The batch is delivered, or given up.
    pub(super) fn remove(&mut self, entry: &Entry) -> io::Result<()> {
        let removed = match fs::remove_file(self.path(&entry.name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
        self.bytes = self.bytes.saturating_sub(entry.bytes);
        self.forget(entry);
        removed
    }

    /// Moves a file that cannot be read out of the way. It still counts against `max_bytes`.
    pub(super) fn set_aside(&mut self, entry: &Entry) -> io::Result<()> {
        let dir = self.settings.dir.join(SET_ASIDE);
        let moved = create_dir(&dir)
            .and_then(|()| fs::rename(self.path(&entry.name), dir.join(entry.name.to_string())));
        self.forget(entry);
        moved
    }

    /// Gives up the lock files that guard nothing any more. The others stay, unlocked, for the next start.
    pub(super) fn close(mut self) {
        self.retire_idle();
        if self.own_files == 0 {
            self.own.retire();
        }
    }

    fn forget(&mut self, entry: &Entry) {
        if entry.name.owner == self.own.id() {
            self.own_files = self.own_files.saturating_sub(1);
        } else if let Some((_, files)) = self.adopted.get_mut(&entry.name.owner) {
            *files = files.saturating_sub(1);
            self.retire_idle();
        }
    }

    fn retire_idle(&mut self) {
        for (_, (owner, _)) in self.adopted.extract_if(|_, (_, files)| *files == 0) {
            owner.retire();
        }
    }

    /// Locks every owner that nobody holds. What they own is read afterwards, when it cannot change any more.
    fn adopt(&mut self) -> io::Result<()> {
        let mut owners = HashSet::new();
        for file in fs::read_dir(&self.settings.dir)? {
            let file = file?.file_name();
            owners.extend(Name::parse(&file).map(|name| name.owner));
            owners.extend(Owner::parse(&file));
        }
        owners.remove(&self.own.id());
        for id in owners {
            if let Some(owner) = Owner::adopt(&self.settings.dir, id)? {
                self.adopted.insert(id, (owner, 0));
            }
        }
        Ok(())
    }

    fn take_stock(&mut self) -> io::Result<Found> {
        let mut found = Found::default();
        for file in fs::read_dir(&self.settings.dir)? {
            let file = file?;
            let name = file.file_name();
            if let Some(name) = Name::parse(&name) {
                self.take(Entry { name, bytes: file.metadata().map_or(0, |data| data.len()) }, &mut found);
            } else if let Some(name) = Name::parse_unfinished(&name) {
                self.sweep(name.owner, &file.path());
            } else if Owner::parse(&name).is_none() && file.file_type().is_ok_and(|kind| kind.is_file()) {
                found.strangers += 1;
            }
        }
        found.entries.sort_unstable_by_key(|entry| entry.name);
        Ok(found)
    }

    fn take(&mut self, entry: Entry, found: &mut Found) {
        self.bytes = self.bytes.saturating_add(entry.bytes);
        if let Some((_, files)) = self.adopted.get_mut(&entry.name.owner) {
            *files += 1;
            found.entries.push(entry);
        }
    }

    /// What an owner that is gone had not finished writing was never handed to anybody.
    fn sweep(&self, owner: u64, path: &Path) {
        if self.adopted.contains_key(&owner) {
            let _ = fs::remove_file(path);
        }
    }

    /// Files that were set aside stay for as long as a batch may stay.
    fn clean_set_aside(&mut self, now: SystemTime) {
        let Ok(files) = fs::read_dir(self.settings.dir.join(SET_ASIDE)) else { return };
        for file in files.flatten() {
            let Ok(data) = file.metadata() else { continue };
            let age = data.modified().ok().and_then(|made| now.duration_since(made).ok()).unwrap_or_default();
            if age > self.settings.max_age && fs::remove_file(file.path()).is_ok() {
                continue;
            }
            self.bytes = self.bytes.saturating_add(data.len());
        }
    }

    fn path(&self, name: &Name) -> PathBuf {
        self.settings.dir.join(name.to_string())
    }
}

/// Somebody who starts at the same moment may take a lock file for one of an owner that is gone, but not again and again.
fn new_owner(dir: &Path, mut ids: impl FnMut() -> u64) -> io::Result<Owner> {
    const TRIES: usize = 8;
    for _ in 0..TRIES {
        if let Some(owner) = Owner::create(dir, ids())? {
            return Ok(owner);
        }
    }
    Err(io::Error::other("the spool directory could not be locked"))
}

/// Readable by the owner only: traces hold what users said.
fn write_synced(path: &Path, body: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(body)?;
    file.sync_all()
}

fn create_dir(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

#[cfg(unix)]
fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a directory cannot be opened, and a rename is as safe as it gets.
#[cfg(not(unix))]
fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
