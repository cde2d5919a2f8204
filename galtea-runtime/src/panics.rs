//! Panics on their way through the layers of this crate.
//!
//! A block's guard sees that it is left by a panic, but not by which. So its trace waits in the thread, ended but for its
//! message, until the panic comes to a layer that catches it: a traced call, stream or scope around the block.
//!
//! ```text
//! watch(|| {                          remembers how many wait
//!     trace_scope!("a", { panic!() })    park: one more waits
//! })                                  settle: those beyond get the message; none, if the program caught the panic itself
//! ```
//!
//! The drop of an async function that is cancelled is no such layer, but that of a scope is.
//!
//! Two panics within one layer, the first of which the program itself catches with nothing traced in between, cannot be
//! told apart: a block that the first one left gets the message of the second.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use crate::context::Current;
use crate::trace::{OpenTrace, Outcome};

/// The text of a panic, as the panic's own report has it.
pub(crate) fn message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&'static str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "(a value that is no text)"
    }
}

thread_local! {
    /// How many wait, for a look that costs next to nothing.
    static WAITING: Cell<usize> = const { Cell::new(0) };
    static PARKED: RefCell<Vec<Parked>> = const { RefCell::new(Vec::new()) };
}

/// More than these at once are recorded without a message.
const PARKED_LIMIT: usize = 64;

/// A trace that a panic has ended, without the panic's message.
pub(crate) struct Parked {
    pub(crate) trace: OpenTrace,
    pub(crate) current: Current,
    /// Nanoseconds that the operation took.
    pub(crate) duration: u64,
}

impl Parked {
    fn end(mut self, message: Option<&str>) {
        self.tell(message);
    }

    fn tell(&mut self, message: Option<&str>) {
        self.trace.end_after(self.duration, &self.current, Outcome::Panicked(message));
    }
}

/// Where the thread ends before a layer of ours has seen the panic.
impl Drop for Parked {
    fn drop(&mut self) {
        self.tell(None);
    }
}

/// Runs what may panic, and gives the message to the traces that it leaves.
#[inline]
pub(crate) fn watch<R>(run: impl FnOnce() -> R) -> thread::Result<R> {
    let before = waiting();
    let result = catch_unwind(AssertUnwindSafe(run));
    if waiting() > before {
        settle(before, result.as_ref().err().map(|payload| message(&**payload)));
    }
    result
}

/// [`watch`] for what each traced function has of its own: compiled once here, and not anew for each of them.
pub(crate) fn watch_dyn(run: &mut dyn FnMut()) -> thread::Result<()> {
    watch(run)
}

/// Keeps a trace until the message of the panic is known. With too many of them, or on a thread that is about to end, it
/// ends without.
pub(crate) fn park(parked: Parked) {
    if waiting() >= PARKED_LIMIT {
        return parked.end(None);
    }
    let mut parked = Some(parked);
    let _ = PARKED.try_with(|all| {
        if let (Ok(mut all), Some(parked)) = (all.try_borrow_mut(), parked.take()) {
            all.push(parked);
            count(all.len());
        }
    });
    if let Some(parked) = parked {
        parked.end(None);
    }
}

/// Something new begins on this thread. With no panic under way, the program itself has caught those that left the blocks
/// which still wait.
#[inline]
pub(crate) fn nothing_waits_across_a_beginning() {
    if waiting() > 0 && !thread::panicking() {
        settle(0, None);
    }
}

#[inline]
fn waiting() -> usize {
    WAITING.try_with(Cell::get).unwrap_or(0)
}

fn count(waiting: usize) {
    let _ = WAITING.try_with(|cell| cell.set(waiting));
}

#[cold]
fn settle(before: usize, message: Option<&str>) {
    let settled = PARKED.try_with(|all| {
        let mut all = all.try_borrow_mut().ok()?;
        let from = before.min(all.len());
        Some(all.split_off(from))
    });
    count(before);
    if let Ok(Some(settled)) = settled {
        for parked in settled {
            parked.end(message);
        }
    }
}
