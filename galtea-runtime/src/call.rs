//! A traced call between its beginning and its end.
//!
//! ```text
//! sync    run_body              the trace is current while the body runs
//! async   poll, poll, …         the context is the call's while the future is polled
//!         enter … leave         and while it is dropped before it has completed
//! ```

use std::mem::{self, ManuallyDrop};
use std::panic::resume_unwind;
use std::thread;

use crate::context::{self, Before, Current};
use crate::panics::{self, message};
use crate::trace::{LocalTrace, OpenTrace, Outcome, Returned, made_name};

/// A traced call that has begun on this thread and ends on it, or nothing where nothing is recorded.
pub struct Call(Option<LocalTrace>);

/// A traced call that goes on from poll to poll, or nothing where nothing is recorded.
///
/// Its drop is written by hand, so that for a call that is not recorded a check is all there is of it.
pub struct FutureCall(ManuallyDrop<Option<OpenCall>>);

/// What of a function's body is the same for all functions.
pub(crate) trait Body {
    /// Runs the body. Called once.
    fn run(&mut self);
}

/// Takes the output or the error of an operation.
pub trait Receive {
    /// `write` runs where something is recorded.
    fn receive(&mut self, write: &mut dyn FnMut(&mut Returned<'_>));
}

impl Receive for Returned<'_> {
    fn receive(&mut self, write: &mut dyn FnMut(&mut Returned<'_>)) {
        write(self);
    }
}

/// The end of the call.
impl Receive for Call {
    #[inline]
    fn receive(&mut self, write: &mut dyn FnMut(&mut Returned<'_>)) {
        if self.0.is_some() {
            self.end(write);
        }
    }
}

/// The end of the call.
impl Receive for FutureCall {
    #[inline]
    fn receive(&mut self, write: &mut dyn FnMut(&mut Returned<'_>)) {
        if let Some(open) = self.open() {
            open.end(Outcome::Returned(write));
        }
    }
}

impl Call {
    #[inline]
    pub(crate) fn new(trace: Option<LocalTrace>) -> Self {
        Self(trace)
    }

    #[inline]
    pub(crate) fn is_recorded(&self) -> bool {
        self.0.is_some()
    }

    pub(crate) fn into_trace(self) -> Option<LocalTrace> {
        self.0
    }

    /// Runs the body of a sync function. A panic is recorded and goes on.
    pub(crate) fn run_body(&mut self, body: &mut dyn Body) {
        if let Err(payload) = panics::watch_dyn(&mut || body.run()) {
            if let Some(trace) = self.0.take() {
                trace.end(Outcome::Panicked(Some(message(&*payload))));
            }
            resume_unwind(payload)
        }
    }

    #[inline(never)]
    fn end(&mut self, write: &mut dyn FnMut(&mut Returned<'_>)) {
        if let Some(trace) = self.0.take() {
            trace.end_returned(write);
        }
    }

    /// Gives the trace a name that only the running program knows. Outside a scope the name is not made.
    #[must_use]
    pub fn named(mut self, name: impl FnOnce() -> String) -> Self {
        if let Some(trace) = &mut self.0 {
            trace.rename(made_name(name).as_deref());
        }
        self
    }
}

impl FutureCall {
    /// No constant: the compiler would copy it whole.
    #[inline]
    pub(crate) fn none() -> Self {
        Self(ManuallyDrop::new(None))
    }

    pub(crate) fn new(trace: Option<OpenTrace>) -> Self {
        Self(ManuallyDrop::new(trace.map(OpenCall::new)))
    }

    #[inline]
    pub(crate) fn open(&mut self) -> Option<&mut OpenCall> {
        self.0.as_mut()
    }

    pub(crate) fn into_open(mut self) -> Option<OpenCall> {
        self.0.take()
    }
}

/// Comes after the drop of the future, which [`OpenCall::enter_to_drop`] was called before.
impl Drop for FutureCall {
    #[inline]
    fn drop(&mut self) {
        if self.0.is_some() {
            close(&mut self.0);
        }
    }
}

#[inline(never)]
fn close(call: &mut Option<OpenCall>) {
    if let Some(open) = call {
        open.leave();
    }
    *call = None;
}

/// See [`FutureCall`].
pub(crate) struct OpenCall {
    pub(crate) trace: OpenTrace,
    /// Out of the thread between two polls.
    current: Current,
    phase: Phase,
}

enum Phase {
    Running,
    /// The future has completed or panicked.
    Over,
    /// The future is being dropped in the call's context; this is where the thread was before.
    Dropping(Before),
}

impl OpenCall {
    pub(crate) fn new(trace: OpenTrace) -> Self {
        let current = trace.as_current();
        Self { trace, current, phase: Phase::Running }
    }

    /// Runs one poll, or a drop, as a part of the operation.
    pub(crate) fn run<R>(&mut self, run: impl FnOnce() -> R) -> thread::Result<R> {
        let entered = context::enter_trace(self.trace.recorder(), &mut self.current);
        let result = panics::watch(run);
        drop(entered);
        result
    }

    /// As [`run`](Self::run), compiled once for all futures.
    fn run_dyn(&mut self, run: &mut dyn FnMut()) -> thread::Result<()> {
        let entered = context::enter_trace(self.trace.recorder(), &mut self.current);
        let result = panics::watch_dyn(run);
        drop(entered);
        result
    }

    /// One poll of the operation's future; `poll` says whether the future has completed.
    pub(crate) fn poll(&mut self, poll: &mut dyn FnMut() -> bool) {
        let mut is_ready = false;
        if let Err(payload) = self.run_dyn(&mut || is_ready = poll()) {
            self.phase = Phase::Over;
            self.end(Outcome::Panicked(Some(message(&*payload))));
            resume_unwind(payload);
        }
        if is_ready {
            self.phase = Phase::Over;
        } else {
            self.settle();
        }
    }

    /// The operation's future is dropped, by `release`. When it has not completed, that is the end of the operation.
    pub(crate) fn cancel(&mut self, release: &mut dyn FnMut()) {
        if !matches!(self.phase, Phase::Running) {
            return;
        }
        let dropped = self.run_dyn(release);
        self.end(Outcome::Cancelled);
        if let Err(payload) = dropped {
            resume_unwind(payload);
        }
    }

    /// The operation's future is dropped next. When it has not completed, what its drop calls is still part of the
    /// operation.
    pub(crate) fn enter_to_drop(&mut self) {
        if matches!(self.phase, Phase::Running) {
            self.phase = Phase::Dropping(context::swap_in(self.trace.recorder(), &mut self.current));
        }
    }

    #[inline]
    fn leave(&mut self) {
        if matches!(self.phase, Phase::Dropping(_))
            && let Phase::Dropping(before) = mem::replace(&mut self.phase, Phase::Over)
        {
            context::swap_out(&mut self.current, before);
            self.end(Outcome::Cancelled);
        }
    }

    /// The operation waits, perhaps for long. One that is ready at once has no need for a buffer of its own.
    pub(crate) fn settle(&mut self) {
        self.trace.shrink();
    }

    pub(crate) fn end(&mut self, outcome: Outcome<'_>) {
        self.trace.end(&self.current, outcome);
    }
}
