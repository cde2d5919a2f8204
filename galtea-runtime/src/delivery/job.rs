//! One request's worth of traces on its way.

use std::sync::Arc;

use tokio::time::Instant;

use super::account::Held;
use super::budget::Charge;
use super::schedule::{BACKGROUND, Scheduled};
use super::spool::Entry;
use crate::record::Batch;

#[derive(Debug)]
pub(super) struct Job {
    /// `None` while it is in the spool only.
    pub(super) loaded: Option<Loaded>,
    /// Its place in the spool, when it has one.
    pub(super) entry: Option<Entry>,
    pub(super) traces: usize,
    pub(super) lane: u64,
    pub(super) ticket: u64,
    pub(super) tries: u32,
    pub(super) first_try: Option<Instant>,
    /// Whether the server may have it already: an earlier try ended without a clear answer.
    pub(super) is_repeat: bool,
    /// Whether an earlier process left it in the spool.
    pub(super) is_found: bool,
}

#[derive(Debug)]
pub(super) struct Loaded {
    pub(super) batch: Batch,
    /// What was read back from the spool has none: there are never more of these than tries at once.
    pub(super) charge: Option<Arc<Charge>>,
}

impl Job {
    pub(super) fn new(loaded: Loaded, lane: u64, ticket: u64) -> Self {
        Self {
            traces: loaded.batch.len(),
            loaded: Some(loaded),
            entry: None,
            lane,
            ticket,
            tries: 0,
            first_try: None,
            is_repeat: false,
            is_found: false,
        }
    }

    /// Nobody knows how far the earlier process came with it.
    pub(super) fn found(entry: Entry) -> Self {
        Self {
            loaded: None,
            traces: entry.traces(),
            lane: entry.lane(),
            ticket: BACKGROUND,
            entry: Some(entry),
            tries: 0,
            first_try: None,
            is_repeat: true,
            is_found: true,
        }
    }

    pub(super) fn held(&self) -> Held {
        if self.entry.is_some() { Held::Spooled } else { Held::Pending }
    }

    pub(super) fn inference_result_id(&self) -> &str {
        self.loaded.as_ref().map_or("", |loaded| loaded.batch.inference_result_id())
    }
}

impl Scheduled for Job {
    fn lane(&self) -> u64 {
        self.lane
    }

    fn ticket(&self) -> u64 {
        self.ticket
    }

    fn set_ticket(&mut self, ticket: u64) {
        self.ticket = ticket;
    }

    fn is_safe(&self) -> bool {
        self.entry.is_some()
    }
}

/// FNV-1a: batches of one inference result are in one lane. That two results may share one does no harm.
pub(super) fn lane_of(inference_result_id: &str) -> u64 {
    inference_result_id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
