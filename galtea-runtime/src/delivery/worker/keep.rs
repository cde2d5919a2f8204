//! The spool as the worker uses it: when it cannot be used, delivery goes on without it, and says so.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use crate::config::SpoolSettings;
use crate::delivery::account::Account;
use crate::delivery::events;
use crate::delivery::spool::{Entry, Found, LoadError, Spool};
use crate::record::Batch;

/// How often a directory that could not be opened is tried again.
const OPEN_EVERY: Duration = Duration::from_secs(30);

pub(super) struct Keep {
    settings: Option<SpoolSettings>,
    account: Arc<Account>,
    spool: Option<Spool>,
    open_at: Instant,
    random: fastrand::Rng,
    /// What went wrong last, so that the same is told once.
    trouble: Option<String>,
}

impl Keep {
    pub(super) fn new(settings: Option<SpoolSettings>, account: Arc<Account>, seed: u64) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Self { settings, account, spool: None, open_at: Instant::now(), random, trouble: None }
    }

    /// Whether there is a directory that could not be opened, and it is time to try again.
    pub(super) fn may_open(&self) -> bool {
        self.spool.is_none() && self.settings.is_some() && self.open_at <= Instant::now()
    }

    /// Opens the spool, and returns what earlier processes left in it.
    pub(super) fn open(&mut self) -> Vec<Entry> {
        let Some(settings) = self.settings.clone() else { return Vec::new() };
        self.open_at = Instant::now() + OPEN_EVERY;
        match Spool::open(settings, || self.random.u64(..), SystemTime::now()) {
            Ok((spool, Found { entries, strangers })) => {
                self.spool = Some(spool);
                self.account.set_aside(strangers);
                events::found(entries.len(), strangers);
                entries
            }
            Err(error) => {
                self.tell(error.to_string());
                Vec::new()
            }
        }
    }

    pub(super) fn store(&mut self, batch: &Batch, lane: u64) -> Option<Entry> {
        match self.spool.as_mut()?.store(batch, lane, SystemTime::now()) {
            Ok(entry) => {
                self.is_well();
                Some(entry)
            }
            Err(error) => {
                self.tell(error.to_string());
                None
            }
        }
    }

    pub(super) fn sync(&mut self) {
        if let Some(Err(error)) = self.spool.as_ref().map(Spool::sync) {
            self.tell(error.to_string());
        }
    }

    pub(super) fn load(&self, entry: Option<&Entry>) -> Result<Batch, LoadError> {
        match (&self.spool, entry) {
            (Some(spool), Some(entry)) => spool.load(entry),
            _ => Err(LoadError::Gone),
        }
    }

    pub(super) fn max_age(&self) -> Duration {
        self.settings.as_ref().map_or(Duration::MAX, |settings| settings.max_age)
    }

    /// A file that cannot be removed is sent again by the next process, under the same ids.
    pub(super) fn remove(&mut self, entry: &Entry) {
        if let Some(Err(error)) = self.spool.as_mut().map(|spool| spool.remove(entry)) {
            self.tell(error.to_string());
        }
    }

    /// A file that somebody removed is only forgotten.
    pub(super) fn set_aside(&mut self, entry: &Entry, error: &LoadError) {
        if matches!(error, LoadError::Gone) {
            return self.remove(entry);
        }
        self.account.set_aside(1);
        if let Some(Err(error)) = self.spool.as_mut().map(|spool| spool.set_aside(entry)) {
            self.tell(error.to_string());
        }
    }

    /// Lets go of the locks, so that the next process finds what is left.
    pub(super) fn close(&mut self) {
        if let Some(spool) = self.spool.take() {
            spool.close();
        }
    }

    fn is_well(&mut self) {
        if self.trouble.take().is_some() {
            self.account.spool_trouble(None);
        }
    }

    fn tell(&mut self, trouble: String) {
        if self.trouble.as_ref() != Some(&trouble) {
            events::spool_trouble(&trouble);
            self.account.spool_trouble(Some(trouble.clone()));
            self.trouble = Some(trouble);
        }
    }
}
