//! Traced calls that run while no inference result is in scope: counted, and each place told once.
//!
//! Nearly always that is a mistake, such as a bare `tokio::spawn`, but only in a program that records at all. So nothing
//! happens until there is a client; and then no call writes to memory that another thread writes to.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::context::{self, Mode};
use crate::site::Site;

/// Clients in this process that are not disabled.
static CLIENTS: AtomicUsize = AtomicUsize::new(0);
/// What threads that are gone had counted.
static GONE: AtomicU64 = AtomicU64::new(0);
static COUNTERS: Mutex<Vec<Arc<Counter>>> = Mutex::new(Vec::new());

/// A thread's own count: only that thread writes it. Alone in its lines of the cache.
#[derive(Default)]
#[repr(align(128))]
struct Counter(AtomicU64);

/// Counts a client while it lives.
#[derive(Debug)]
pub(crate) struct Counted(());

impl Counted {
    pub(crate) fn new() -> Self {
        CLIENTS.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        CLIENTS.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A traced call outside a scope. Without a client this is one look at memory that hardly ever changes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "this is all that a call outside a scope costs")]
pub(crate) fn note(site: &'static Site) {
    if CLIENTS.load(Ordering::Relaxed) > 0 {
        count(site);
    }
}

#[inline(never)]
fn count(site: &'static Site) {
    if context::mode() != Mode::Outside {
        return;
    }
    let _ = MINE.try_with(Mine::count);
    if !is_told(site) {
        tell(site);
    }
}

thread_local! {
    static MINE: Mine = const { Mine { counter: OnceLock::new(), telling: Cell::new(false) } };
}

struct Mine {
    counter: OnceLock<Arc<Counter>>,
    /// A subscriber may call traced functions itself.
    telling: Cell<bool>,
}

impl Mine {
    fn count(&self) {
        let Counter(calls) = &**self.counter.get_or_init(register);
        calls.store(calls.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

impl Drop for Mine {
    fn drop(&mut self) {
        let Some(mine) = self.counter.get() else { return };
        let mut counters = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
        counters.retain(|counter| !Arc::ptr_eq(counter, mine));
        GONE.fetch_add(mine.0.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

fn register() -> Arc<Counter> {
    let counter = Arc::new(Counter::default());
    COUNTERS.lock().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&counter));
    counter
}

/// How many calls this process has missed.
pub(crate) fn calls() -> u64 {
    // The lock keeps a thread that ends from being counted twice, or not at all.
    let counters = COUNTERS.lock().unwrap_or_else(PoisonError::into_inner);
    let living: u64 = counters.iter().map(|counter| counter.0.load(Ordering::Relaxed)).sum();
    GONE.load(Ordering::Relaxed) + living
}

/// How many calls the process had missed when this was made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Baseline(u64);

impl Default for Baseline {
    fn default() -> Self {
        Self(calls())
    }
}

impl Baseline {
    /// Calls since then.
    pub(crate) fn since(self) -> u64 {
        calls().saturating_sub(self.0)
    }
}

/// Places that were told, by their address. Further ones are only counted.
static TOLD: [AtomicUsize; PLACES] = [const { AtomicUsize::new(0) }; PLACES];
const PLACES: usize = 512;
/// So many slots are looked at for a place.
const PROBES: usize = 8;

fn address(site: &'static Site) -> usize {
    std::ptr::from_ref(site).addr()
}

fn slots(address: usize) -> impl Iterator<Item = &'static AtomicUsize> {
    let first = (address >> 4).wrapping_mul(0x9E37_79B9) >> 7;
    (0..PROBES).map(move |step| &TOLD[(first + step) % PLACES])
}

fn is_told(site: &'static Site) -> bool {
    let address = address(site);
    for slot in slots(address) {
        match slot.load(Ordering::Relaxed) {
            0 => return false,
            known if known == address => return true,
            _ => {}
        }
    }
    true
}

#[cold]
fn tell(site: &'static Site) {
    if !claim(address(site)) || MINE.try_with(|mine| mine.telling.replace(true)).unwrap_or(true) {
        return;
    }
    tracing::warn!(
        name: "galtea.outside_scope",
        target: "galtea",
        function = site.name,
        place = %site.place,
        "`{}` at {} ran outside the scope of any inference result and is not recorded; in a task or thread of its own, \
         start it with `galtea::spawn` or hand the context on with `.in_current_trace()`",
        site.name,
        site.place,
    );
    let _ = MINE.try_with(|mine| mine.telling.set(false));
}

/// Whether this is the first to tell of the place.
fn claim(address: usize) -> bool {
    for slot in slots(address) {
        match slot.compare_exchange(0, address, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return true,
            Err(known) if known == address => return false,
            Err(_) => {}
        }
    }
    false
}
