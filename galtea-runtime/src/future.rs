//! Futures that record, and futures that carry a context.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};
use std::thread;

use pin_project_lite::pin_project;

use crate::context::{self, Current, Mode};
use crate::missed;
use crate::panics::{self, message};
use crate::recorder::Recorder;
use crate::site::Site;
use crate::trace::{Early, Given, OpenTrace, Outcome, Returned, WriteObject};

/// What is done with the value that a future ends with.
pub trait Record<T: ?Sized> {
    fn record(self, value: &T, returned: &mut Returned<'_>);
}

/// The usual way: a function, which takes nothing along. Its type speaks of the future alone, so that `Traced` lives as long
/// as the future does, whatever the value's type.
pub struct Plain<F: Future>(pub(crate) fn(&F::Output, &mut Returned<'_>));

impl<F: Future> Record<F::Output> for Plain<F> {
    fn record(self, value: &F::Output, returned: &mut Returned<'_>) {
        (self.0)(value, returned);
    }
}

/// A closure, which may hold what the user's `output = …` speaks of.
pub struct With<O>(pub(crate) O);

impl<T, O: FnOnce(&T, &mut Returned<'_>)> Record<T> for With<O> {
    fn record(self, value: &T, returned: &mut Returned<'_>) {
        (self.0)(value, returned);
    }
}

pin_project! {
    /// A future that is one operation, from its first poll to its end.
    pub struct Traced<F, O> {
        #[pin]
        future: Option<F>,
        output: Option<O>,
        call: Option<AsyncCall>,
    }

    impl<F, O> PinnedDrop for Traced<F, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(call) = this.call.as_mut() else { return };
            // What the future's own drop calls is still part of the operation.
            call.cancel(&mut || this.future.set(None));
        }
    }
}

/// A traced call between two polls.
pub(crate) struct AsyncCall {
    pub(crate) trace: OpenTrace,
    /// Out of the thread between two polls.
    current: Current,
}

impl AsyncCall {
    pub(crate) fn new(trace: OpenTrace) -> Self {
        let current = trace.as_current();
        Self { trace, current }
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

    /// The operation's future goes before its end; `release` drops it.
    fn cancel(&mut self, release: &mut dyn FnMut()) {
        let dropped = self.run_dyn(release);
        self.end(Outcome::Cancelled);
        if let Err(payload) = dropped {
            resume_unwind(payload);
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

impl<F, O> Traced<F, O> {
    pub(crate) fn new(trace: Option<OpenTrace>, future: F, output: O) -> Self {
        Self { future: Some(future), output: Some(output), call: trace.map(AsyncCall::new) }
    }

    fn begin(self: Pin<&mut Self>, trace: Option<OpenTrace>) {
        *self.project().call = trace.map(AsyncCall::new);
    }
}

impl<F, O> Future for Traced<F, O>
where
    F: Future,
    O: Record<F::Output>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(mut future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let Some(call) = this.call.as_mut() else { return future.poll(cx) };
        let mut polled = Poll::Pending;
        let caught = call.run_dyn(&mut || polled = future.as_mut().poll(cx));
        if let Err(payload) = caught {
            call.end(Outcome::Panicked(Some(message(&*payload))));
            *this.call = None;
            resume_unwind(payload);
        }
        let Poll::Ready(value) = polled else {
            call.settle();
            return Poll::Pending;
        };
        let mut output = this.output.take();
        call.end(Outcome::Returned(&mut |returned| {
            if let Some(output) = output.take() {
                output.record(&value, returned);
            }
        }));
        *this.call = None;
        Poll::Ready(value)
    }
}

/// What is known of a traced future before its first poll.
pub struct Prepared {
    site: &'static Site,
    early: Early,
}

impl Prepared {
    /// Without an inference result in scope nothing is captured; the future may still be polled in one.
    pub(crate) fn capture(site: &'static Site, given: Given<'_>, metadata: WriteObject<'_>) -> Self {
        if !context::is_active() {
            return Self { site, early: Early::default() };
        }
        let held = context::hold();
        let early = held.active.as_ref().map(|active| {
            let mut early = Early::capture(active.recorder.policy(), given, metadata);
            early.shrink();
            early
        });
        Self { site, early: early.unwrap_or_default() }
    }

    /// See [`Call::named`](crate::private::Call::named).
    #[must_use]
    pub fn named(mut self, name: &mut dyn FnMut() -> String) -> Self {
        if context::is_active() {
            self.early.rename(name);
        }
        self
    }

    pub(crate) fn begin(self) -> Option<OpenTrace> {
        let mode = context::mode();
        if mode != Mode::Active {
            missed::note(self.site, mode);
            return None;
        }
        OpenTrace::begin_prepared(self.site, self.early)
    }

    /// Begins where the operation was made, not where this line runs.
    pub(crate) fn begin_in(self, recorder: Arc<Recorder>, parent: u128) -> OpenTrace {
        OpenTrace::open(recorder, parent, self.site, self.early)
    }
}

pin_project! {
    /// A future that was made by a function that is no `async fn`: one operation from its first poll on.
    #[must_use = "nothing in it runs until it is awaited: write `.await` behind it"]
    pub struct TracedLater<F, O> {
        #[pin]
        traced: Traced<F, O>,
        prepared: Option<Prepared>,
    }
}

impl<F, O> TracedLater<F, O> {
    pub(crate) fn new(prepared: Prepared, future: F, output: O) -> Self {
        Self { traced: Traced::new(None, future, output), prepared: Some(prepared) }
    }
}

impl<F, O> Future for TracedLater<F, O>
where
    F: Future,
    O: Record<F::Output>,
{
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        if let Some(prepared) = this.prepared.take() {
            this.traced.as_mut().begin(prepared.begin());
        }
        this.traced.poll(cx)
    }
}
