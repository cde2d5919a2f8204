//! What one inference result has recorded so far, and when that becomes a batch.

mod tally;

use std::collections::HashSet;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

#[cfg(feature = "testing")]
pub(crate) use self::tally::Standing;
use self::tally::{Hold, Tally};

/// What a scope has recorded by itself, without meeting other threads.
pub(crate) type Stage = tally::Stage<Store>;
use crate::capture::CapturePolicy;
use crate::clock::Anchor;
use crate::delivery::{Delivery, Unfinished};
use crate::record::{Batch, Record, Store};

/// An id is 64 bits of nanoseconds since the Unix epoch, a bit that tells traces of the scope itself from those of its
/// tasks and threads, 23 bits that count each of the two, and 40 random bits of the recorder: ordered by time, and made
/// without a draw of randomness for each trace.
const SEQUENCE_BITS: u32 = 24;
const RANDOM_BITS: u32 = 40;
const ELSEWHERE: u64 = 1 << (SEQUENCE_BITS - 1);

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
    tally: Tally<Store>,
    /// Traces that went out while others were open: a child that ends later need not wait for these. Only the delivery
    /// thread asks for it.
    sent_early: Mutex<HashSet<u128>>,
}

impl Hold for Store {
    fn absorb(&mut self, other: Self) {
        Self::absorb(self, other);
    }
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

/// The number of one more trace that begins in the scope itself.
#[inline]
fn next(stage: &mut Stage) -> u64 {
    stage.sequence += 1;
    stage.sequence & (ELSEWHERE - 1)
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
        Self::with(id, delivery, policy, Anchor::now(), fastrand::u64(..))
    }

    /// `random`: what tells the ids of this recorder from those of others.
    pub(crate) fn with(
        id: Arc<str>,
        delivery: Arc<Delivery>,
        policy: Arc<CapturePolicy>,
        clock: Anchor,
        random: u64,
    ) -> Self {
        Self {
            inference_result_id: id,
            delivery,
            policy,
            clock,
            random: random >> (64 - RANDOM_BITS),
            tally: Tally::new(),
            sent_early: Mutex::default(),
        }
    }

    #[cfg(feature = "tower")]
    pub(crate) fn inference_result_id(&self) -> &str {
        &self.inference_result_id
    }

    pub(crate) fn policy(&self) -> &Arc<CapturePolicy> {
        &self.policy
    }

    /// Begins a trace that may end anywhere. It must end in [`Recorder::keep`].
    pub(crate) fn open(&self, stage: Option<&mut Stage>, parent: u128) -> Opened {
        match stage {
            Some(stage) => {
                stage.begun += 1;
                self.identify(next(stage), parent)
            }
            None => self.identify(self.tally.begin() | ELSEWHERE, parent),
        }
    }

    /// Begins a trace that ends before its scope can.
    #[inline]
    pub(crate) fn open_staged(&self, stage: &mut Stage, parent: u128) -> Opened {
        self.identify(next(stage), parent)
    }

    /// A trace never begins before its parent, whatever the clocks of two processors have to say: parents stand first.
    #[inline]
    fn identify(&self, sequence: u64, parent: u128) -> Opened {
        let mut start = self.clock.unix_nanos();
        let rest = (sequence & (2 * ELSEWHERE - 1)) << RANDOM_BITS | self.random;
        let id = |start: u64| u128::from(start) << 64 | u128::from(rest);
        if id(start) <= parent {
            start = u64::try_from(parent >> 64).unwrap_or_default() + 1;
        }
        Opened { id: id(start), start }
    }

    /// Nanoseconds since a trace began.
    #[inline]
    pub(crate) fn nanos_since(&self, start: u64) -> u64 {
        self.clock.unix_nanos().saturating_sub(start)
    }

    /// Ends a trace whose texts stand side by side, the first `early` bytes of them early ones.
    pub(crate) fn keep(&self, stage: Option<&mut Stage>, record: Record, text: &str, early: usize) {
        match stage {
            Some(stage) => {
                stage.store.push_text(record, text, early);
                stage.ended += 1;
            }
            None => self.submit(self.tally.end(|store| store.push_text(record, text, early))),
        }
    }

    /// The scope has ended: what it recorded may go as soon as nothing is open.
    pub(crate) fn end_scope(self: &Arc<Self>, mut stage: Stage) {
        // Those that could not outlive the scope were not counted one by one.
        let ended = stage.store.len() as u64;
        stage.begun += ended - stage.ended;
        stage.ended = ended;
        match self.tally.end_scope(stage) {
            None => self.delivery.linger(Arc::clone(self) as Arc<dyn Unfinished>),
            done => self.submit(done),
        }
    }

    /// A task or thread took the context along.
    pub(crate) fn add_carrier(&self) {
        self.tally.add_carrier();
    }

    /// It is gone.
    pub(crate) fn remove_carrier(&self) {
        self.submit(self.tally.remove_carrier());
    }

    /// What has begun and what has ended so far.
    #[cfg(feature = "testing")]
    pub(crate) fn standing(&self) -> Standing {
        self.tally.standing()
    }

    fn submit(&self, store: Option<Store>) {
        if let Some(batch) = store.and_then(|store| self.batch(store)) {
            self.delivery.submit(batch);
        }
    }

    /// `None`: nothing was recorded.
    fn batch(&self, store: Store) -> Option<Batch> {
        (!store.is_empty()).then(|| Batch::new(Arc::clone(&self.inference_result_id), store))
    }
}

impl Unfinished for Recorder {
    /// Only the delivery thread calls this.
    fn take(&self, all: bool) -> Option<Batch> {
        let mut sent_early = self.sent_early.lock().unwrap_or_else(PoisonError::into_inner);
        let gone = self.tally.take(|store| {
            if all || sent_early.len() >= SENT_EARLY_LIMIT {
                std::mem::take(store)
            } else {
                take_ready(store, &mut sent_early)
            }
        });
        self.batch(gone)
    }

    fn is_done(&self) -> bool {
        self.tally.is_done()
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("inference_result_id", &self.inference_result_id)
            .finish_non_exhaustive()
    }
}
