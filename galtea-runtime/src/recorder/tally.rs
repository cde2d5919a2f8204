//! Who takes what a scope has recorded: each trace to exactly one taker, and the last to end leaves nothing behind.
//!
//! `scripts/loom` runs the tests of this file, which go through every order in which threads can meet here.

use std::mem;
use std::sync::PoisonError;

#[cfg(not(all(test, galtea_loom)))]
use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

#[cfg(all(test, galtea_loom))]
use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicU64, Ordering},
};

/// Where the traces that have ended lie until they are taken.
pub(super) trait Hold: Default {
    /// Takes over all that another one holds.
    fn absorb(&mut self, other: Self);
}

/// Counts what is open in one scope and holds what has ended.
///
/// What happens on the scope's own thread, or task, need not meet other threads before the scope ends: it is gathered in a
/// [`Stage`], without locks or atomic operations, and handed over with [`Tally::end_scope`].
///
/// What comes back from a method as `Some` is the caller's to send, and may be empty. `None`: something is open.
pub(super) struct Tally<S> {
    /// How many traces have begun. Together with `State::ended` it tells how many are open, at no cost of its own.
    begun: AtomicU64,
    /// Tasks and threads that carry the context and may still begin traces.
    carriers: AtomicU64,
    state: Mutex<State<S>>,
}

/// What a scope gathers by itself while it runs.
#[derive(Debug, Default)]
pub(crate) struct Stage<S> {
    pub(crate) store: S,
    /// Traces that may end elsewhere have begun here, and have ended here.
    pub(crate) begun: u64,
    pub(crate) ended: u64,
    pub(super) sequence: u64,
}

/// How far a scope has come.
#[cfg(feature = "testing")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Standing {
    pub(crate) scope_ended: bool,
    /// Tasks and threads that have the context.
    pub(crate) carriers: u64,
    /// Traces that have begun and not ended.
    pub(crate) open: u64,
    /// Traces that have ended, whether they were taken or not.
    pub(crate) ended: u64,
}

#[derive(Default)]
struct State<S> {
    store: S,
    ended: u64,
    scope_ended: bool,
}

impl<S: Hold> Tally<S> {
    pub(super) fn new() -> Self {
        Self { begun: AtomicU64::new(0), carriers: AtomicU64::new(0), state: Mutex::new(State::default()) }
    }

    /// Begins a trace, which must end in [`Tally::end`]. The first is number 1.
    pub(super) fn begin(&self) -> u64 {
        self.begun.fetch_add(1, Ordering::AcqRel) + 1
    }

    /// Ends a trace: `keep` puts it into the store.
    pub(super) fn end(&self, keep: impl FnOnce(&mut S)) -> Option<S> {
        let mut state = self.state();
        keep(&mut state.store);
        state.ended += 1;
        self.take_when_done(state)
    }

    /// The scope has ended: what it recorded may go as soon as nothing is open.
    pub(super) fn end_scope(&self, gathered: Stage<S>) -> Option<S> {
        let Stage { store, begun, ended, .. } = gathered;
        let mut state = self.state();
        state.store.absorb(store);
        self.begun.fetch_add(begun, Ordering::AcqRel);
        state.ended += ended;
        state.scope_ended = true;
        self.take_when_done(state)
    }

    /// A task or thread took the context along.
    pub(super) fn add_carrier(&self) {
        self.carriers.fetch_add(1, Ordering::AcqRel);
    }

    /// It is gone.
    pub(super) fn remove_carrier(&self) -> Option<S> {
        self.carriers.fetch_sub(1, Ordering::AcqRel);
        self.take_when_done(self.state())
    }

    /// Takes what `sort` takes out of the store, while other traces may be open. `sort` runs without the lock, for which a
    /// traced call may wait; so only one thread may call this.
    pub(super) fn take(&self, sort: impl FnOnce(&mut S) -> S) -> S {
        let mut store = mem::take(&mut self.state().store);
        let mut gone = sort(&mut store);
        let mut state = self.state();
        store.absorb(mem::take(&mut state.store));
        if self.nothing_open(&state) {
            // Whoever ended the last trace has sent what was there then; nobody comes for the rest.
            gone.absorb(store);
        } else {
            state.store = store;
        }
        gone
    }

    /// Whether the scope has ended and all that was open in it.
    pub(super) fn is_done(&self) -> bool {
        self.nothing_open(&self.state())
    }

    #[cfg(feature = "testing")]
    pub(super) fn standing(&self) -> Standing {
        let state = self.state();
        let carriers = self.carriers.load(Ordering::Acquire);
        // What began on the stage is counted when the scope ends, and may have ended elsewhere before.
        let open = self.begun.load(Ordering::Acquire).saturating_sub(state.ended);
        Standing { scope_ended: state.scope_ended, carriers, open, ended: state.ended }
    }

    fn take_when_done(&self, mut state: MutexGuard<'_, State<S>>) -> Option<S> {
        self.nothing_open(&state).then(|| mem::take(&mut state.store))
    }

    /// The carriers are asked first: a trace that one of them began was begun before it was gone.
    fn nothing_open(&self, state: &State<S>) -> bool {
        state.scope_ended
            && self.carriers.load(Ordering::Acquire) == 0
            && self.begun.load(Ordering::Acquire) == state.ended
    }

    /// No user code runs while the lock is held, so a poisoned one holds whole data.
    fn state(&self) -> MutexGuard<'_, State<S>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(all(test, galtea_loom))]
mod tests;
