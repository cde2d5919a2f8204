//! What one inference result has recorded so far, and when that becomes a batch.

use std::collections::HashSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::capture::CapturePolicy;
use crate::clock::Anchor;
use crate::delivery::{Delivery, Unfinished};
use crate::record::{Batch, Record, Store};

/// An id is 48 bits of milliseconds, 24 bits of sequence and 56 random bits of the recorder: ordered by time and then by
/// start, without a draw of randomness for each trace.
const SEQUENCE_BITS: u32 = 24;
const RANDOM_BITS: u32 = 56;

/// Collects the finished traces of one inference result.
///
/// A trace is open from [`Recorder::open`] until [`Recorder::push`]. The batch goes out when the scope has ended and
/// nothing is open, from whichever thread brings that about; [`Unfinished`] covers what takes too long.
pub(crate) struct Recorder {
    inference_result_id: Arc<str>,
    delivery: Arc<Delivery>,
    policy: Arc<CapturePolicy>,
    clock: Anchor,
    random: u64,
    /// How many traces have begun. Together with `State::ended` it tells how many are open, at no cost of its own.
    begun: AtomicU64,
    /// Tasks and threads that carry the context and may still open traces.
    carriers: AtomicU64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    store: Store,
    ended: u64,
    scope_ended: bool,
    /// Traces that went out while others were open: a child that ends later need not wait for these.
    sent_early: HashSet<u128>,
}

/// So many ids of early senders are remembered. Past that, children no longer wait for their parents.
const SENT_EARLY_LIMIT: usize = 65_536;

/// Takes out the traces whose parents have ended, so that these go before them or with them.
fn take_ready(store: &mut Store, sent_early: &mut HashSet<u128>) -> Store {
    let mut ready = HashSet::new();
    for (id, parent) in store.family() {
        if parent == 0 || ready.contains(&parent) || sent_early.contains(&parent) {
            ready.insert(id);
        }
    }
    let taken = store.extract(|id| ready.contains(&id));
    sent_early.extend(ready);
    taken
}

/// What a trace gets when it begins.
#[derive(Clone, Copy)]
pub(crate) struct Opened {
    pub(crate) id: u128,
    /// Nanoseconds since the Unix epoch.
    pub(crate) start: u64,
}

impl Recorder {
    pub(crate) fn new(id: Arc<str>, delivery: Arc<Delivery>, policy: Arc<CapturePolicy>) -> Self {
        Self {
            inference_result_id: id,
            delivery,
            policy,
            clock: Anchor::now(),
            random: fastrand::u64(..) >> (64 - RANDOM_BITS),
            begun: AtomicU64::new(0),
            carriers: AtomicU64::new(0),
            state: Mutex::default(),
        }
    }

    #[cfg(feature = "tower")]
    pub(crate) fn inference_result_id(&self) -> &str {
        &self.inference_result_id
    }

    pub(crate) fn policy(&self) -> &Arc<CapturePolicy> {
        &self.policy
    }

    /// Begins a trace, which must end in [`Recorder::push`].
    pub(crate) fn open(&self) -> Opened {
        let sequence = self.begun.fetch_add(1, Ordering::AcqRel) + 1;
        let start = self.clock.unix_nanos();
        let sequence = sequence & ((1 << SEQUENCE_BITS) - 1);
        let id = (u128::from(start / 1_000_000) << (SEQUENCE_BITS + RANDOM_BITS))
            | (u128::from(sequence) << RANDOM_BITS)
            | u128::from(self.random);
        Opened { id, start }
    }

    /// Nanoseconds since a trace began.
    pub(crate) fn nanos_since(&self, start: u64) -> u64 {
        self.clock.unix_nanos().saturating_sub(start)
    }

    /// Ends a trace.
    pub(crate) fn push(&self, record: Record, text: &str) {
        let mut state = self.state();
        state.store.push(record, text);
        state.ended += 1;
        self.send_when_done(state);
    }

    /// The scope has ended: what it recorded may go as soon as nothing is open.
    pub(crate) fn end_scope(self: &Arc<Self>) {
        let mut state = self.state();
        state.scope_ended = true;
        if !self.send_when_done(state) {
            self.delivery.linger(Arc::clone(self) as Arc<dyn Unfinished>);
        }
    }

    /// A task or thread took the context along.
    pub(crate) fn add_carrier(&self) {
        self.carriers.fetch_add(1, Ordering::AcqRel);
    }

    /// It is gone.
    pub(crate) fn remove_carrier(&self) {
        self.carriers.fetch_sub(1, Ordering::AcqRel);
        let state = self.state();
        self.send_when_done(state);
    }

    /// Whether nothing is left to wait for. What is recorded goes out then.
    fn send_when_done(&self, mut state: MutexGuard<'_, State>) -> bool {
        if !self.nothing_open(&state) {
            return false;
        }
        let store = std::mem::take(&mut state.store);
        drop(state);
        if !store.is_empty() {
            self.delivery.submit(self.batch(store));
        }
        true
    }

    fn nothing_open(&self, state: &State) -> bool {
        state.scope_ended
            && self.carriers.load(Ordering::Acquire) == 0
            && self.begun.load(Ordering::Acquire) == state.ended
    }

    fn batch(&self, store: Store) -> Batch {
        Batch::new(Arc::clone(&self.inference_result_id), store)
    }

    /// No user code runs while the lock is held, so a poisoned one holds whole data.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Unfinished for Recorder {
    /// Only the delivery thread calls this. It sorts out what can go without the lock, for which a traced call may wait.
    fn take(&self, all: bool) -> Option<Batch> {
        let (mut store, mut sent_early) = {
            let mut state = self.state();
            (std::mem::take(&mut state.store), std::mem::take(&mut state.sent_early))
        };
        let mut gone = if all || sent_early.len() >= SENT_EARLY_LIMIT {
            std::mem::take(&mut store)
        } else {
            take_ready(&mut store, &mut sent_early)
        };
        let mut state = self.state();
        state.sent_early = sent_early;
        store.absorb(&std::mem::take(&mut state.store));
        if self.nothing_open(&state) {
            // Whoever ended the last trace has sent what was there then; nobody comes for the rest.
            gone.absorb(&store);
        } else {
            state.store = store;
        }
        drop(state);
        (!gone.is_empty()).then(|| self.batch(gone))
    }

    fn is_done(&self) -> bool {
        self.nothing_open(&self.state())
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("inference_result_id", &self.inference_result_id)
            .finish_non_exhaustive()
    }
}
