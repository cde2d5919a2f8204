//! A traced call between its beginning and its end.
//!
//! ```text
//! sync    run_body              the trace is current while the body runs
//! async   poll, poll, …         the context is the call's while the future is polled
//!         enter … leave         and while it is dropped before it has completed
//! ```

use std::mem::ManuallyDrop;
use std::panic::resume_unwind;
use std::thread;

use crate::context::{self, Context, Mode};
use crate::panics::{self, message};
use crate::trace::{OpenTrace, Outcome, Returned};

/// A traced call that has begun, or nothing where nothing is recorded.
///
/// Its drop is written by hand, so that for a call that is not recorded a check is all there is of it.
pub struct Call(ManuallyDrop<Option<OpenCall>>);

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
        if let Some(open) = self.open() {
            open.end(Outcome::Returned(write));
        }
    }
}

impl Call {
    /// No constant: the compiler would copy it whole.
    #[inline]
    pub(crate) fn none() -> Self {
        Self(ManuallyDrop::new(None))
    }

    pub(crate) fn sync(trace: Option<OpenTrace>) -> Self {
        Self(ManuallyDrop::new(trace.map(|trace| OpenCall::with_context(trace, Context::default()))))
    }

    pub(crate) fn of_future(trace: Option<OpenTrace>) -> Self {
        Self(ManuallyDrop::new(trace.map(OpenCall::new)))
    }

    #[inline]
    pub(crate) fn open(&mut self) -> Option<&mut OpenCall> {
        self.0.as_mut()
    }

    pub(crate) fn into_trace(mut self) -> Option<OpenTrace> {
        self.0.take().map(|open| open.trace)
    }

    /// Gives the trace a name that only the running program knows. Outside a scope the name is not made.
    #[must_use]
    pub fn named(mut self, name: &mut dyn FnMut() -> String) -> Self {
        if let Some(open) = self.open() {
            open.trace.rename(name);
        }
        self
    }
}

/// Comes after the drop of the future, which [`OpenCall::enter_to_drop`] was called before.
impl Drop for Call {
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

/// See [`Call`].
pub(crate) struct OpenCall {
    pub(crate) trace: OpenTrace,
    context: Context,
    phase: Phase,
}

#[derive(Clone, Copy)]
enum Phase {
    Running,
    /// The future has completed or panicked.
    Over,
    /// The future is being dropped in the call's context; this is the thread's mode before.
    Dropping(Mode),
}

impl OpenCall {
    /// A call that goes on from poll to poll.
    pub(crate) fn new(trace: OpenTrace) -> Self {
        let context = Context::new(trace.recorder().clone(), trace.as_current());
        Self::with_context(trace, context)
    }

    fn with_context(trace: OpenTrace, context: Context) -> Self {
        Self { trace, context, phase: Phase::Running }
    }

    /// Runs the body of a sync function. A panic is recorded and goes on.
    pub(crate) fn run_body(&mut self, body: &mut dyn Body) {
        let outer = context::replace_trace(self.trace.as_current());
        let result = panics::watch_dyn(&mut || body.run());
        self.context.trace = context::replace_trace(outer);
        if let Err(payload) = result {
            self.end(Outcome::Panicked(Some(message(&*payload))));
            resume_unwind(payload)
        }
    }

    /// Runs one poll, or a drop, as a part of the operation.
    pub(crate) fn run<R>(&mut self, run: impl FnOnce() -> R) -> thread::Result<R> {
        let entered = self.context.enter();
        let result = panics::watch(run);
        drop(entered);
        result
    }

    /// As [`run`](Self::run), compiled once for all futures.
    fn run_dyn(&mut self, run: &mut dyn FnMut()) -> thread::Result<()> {
        let entered = self.context.enter();
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
            self.phase = Phase::Dropping(self.context.swap_in());
        }
    }

    #[inline]
    fn leave(&mut self) {
        if let Phase::Dropping(before) = self.phase {
            self.phase = Phase::Over;
            self.context.swap_out(before);
            self.end(Outcome::Cancelled);
        }
    }

    /// The operation waits, perhaps for long. One that is ready at once has no need for a buffer of its own.
    pub(crate) fn settle(&mut self) {
        self.trace.shrink();
    }

    pub(crate) fn end(&mut self, outcome: Outcome<'_>) {
        self.trace.end(&self.context.trace, outcome);
    }
}
