//! Traced calls that run while no inference result is in scope: counted, and each place told once.
//!
//! Nearly always that is a mistake, such as a bare `tokio::spawn`, but only in a program that records at all. So nothing
//! happens until there is a client; and then no call writes to memory that another thread writes to.

use std::cell::Cell;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::context::Mode;
use crate::site::Site;

/// Clients in this process that are not disabled.
static CLIENTS: AtomicUsize = AtomicUsize::new(0);
/// One for each thread that has missed a call. There are no more than threads at one time: a new one takes over that of a
/// thread that is gone.
static COUNTERS: Mutex<Counters> = Mutex::new(Counters { all: Vec::new(), free: Vec::new() });

struct Counters {
    all: Vec<&'static Counter>,
    free: Vec<&'static Counter>,
}

fn counters() -> MutexGuard<'static, Counters> {
    COUNTERS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A thread's own count: only that thread writes it. Alone in its lines of the cache.
#[derive(Default)]
#[repr(align(128))]
struct Counter(AtomicU64);

impl Counter {
    #[inline]
    fn add_one(&self) {
        self.0.store(self.0.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }
}

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

/// A traced call that is not recorded. Without a client this is one look at memory that hardly ever changes.
#[inline(always)]
#[expect(clippy::inline_always, reason = "this is all that a call outside a scope costs")]
pub(crate) fn note(site: &'static Site, mode: Mode) {
    if CLIENTS.load(Ordering::Relaxed) > 0 {
        count(site, mode);
    }
}

thread_local! {
    /// The thread's count, and the address of the place that it told of, or found told, last.
    static MINE: Cell<Option<(&'static Counter, usize)>> = const { Cell::new(None) };
    static LEASE: Lease = const { Lease { counter: Cell::new(None), telling: Cell::new(false) } };
}

#[inline]
fn count(site: &'static Site, mode: Mode) {
    if mode != Mode::Outside {
        return;
    }
    match MINE.get() {
        Some((counter, last)) if last == address(site) => counter.add_one(),
        mine => count_with_care(site, mine.map(|(counter, _)| counter)),
    }
}

#[cold]
#[inline(never)]
fn count_with_care(site: &'static Site, counter: Option<&'static Counter>) {
    // A thread that is about to end counts no more.
    let Some(counter) = counter.or_else(|| LEASE.try_with(Lease::take).ok()) else { return };
    counter.add_one();
    MINE.set(Some((counter, address(site))));
    if !is_told(site) {
        tell(site);
    }
}

/// Gives the counter back when the thread ends.
struct Lease {
    counter: Cell<Option<&'static Counter>>,
    /// A subscriber may call traced functions itself.
    telling: Cell<bool>,
}

impl Lease {
    fn take(&self) -> &'static Counter {
        let mut counters = counters();
        let counter = counters.free.pop().unwrap_or_else(|| {
            let new: &'static Counter = Box::leak(Box::default());
            counters.all.push(new);
            new
        });
        self.counter.set(Some(counter));
        counter
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(counter) = self.counter.take() else { return };
        MINE.set(None);
        counters().free.push(counter);
    }
}

/// How many calls this process has missed.
pub(crate) fn calls() -> u64 {
    counters().all.iter().map(|counter| counter.0.load(Ordering::Relaxed)).sum()
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
    if !claim(address(site)) || LEASE.try_with(|lease| lease.telling.replace(true)).unwrap_or(true) {
        return;
    }
    tracing::warn!(
        name: "galtea.outside_scope",
        target: "galtea",
        function = site.name,
        place = %site.place,
        "`{}` at {} ran outside the scope of any inference result and is not recorded; call it in \
         `galtea.inference_result(id).scope(…)`, and from a task of its own, start that with `galtea::spawn` or \
         `.in_current_trace()`",
        site.name,
        site.place,
    );
    let _ = LEASE.try_with(|lease| lease.telling.set(false));
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
