//! Futures that record.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use pin_project_lite::pin_project;

use crate::call::{FutureCall, OpenCall};
use crate::context::{self, Mode};
use crate::missed;
use crate::recorder::Recorder;
use crate::site::Site;
use crate::trace::{Early, Given, OpenTrace, Outcome, Returned, WriteObject, made_name};

/// What is done with the value that a future ends with.
pub trait Record<T: ?Sized> {
    fn record(self, value: &T, returned: &mut Returned<'_>);
}

/// The usual way: a function, which takes nothing along. Its type speaks of the future alone, so that `TracedLater` lives as
/// long as the future does, whatever the value's type.
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
    /// The body of an async function as the operation that [`FutureCall`] records.
    ///
    /// Each function has a body of another type, so what is compiled for each of them is kept small: as a
    /// `Traced<'_, dyn Future>` they all are the same. The order of the fields is the order in which they are dropped.
    #[allow(missing_docs, reason = "a field cannot have one in this macro")]
    pub struct Traced<'c, F: ?Sized> {
        pub operation: Operation<'c>,
        #[pin]
        pub body: F,
    }
}

/// Part of a [`Traced`]. Dropped before the body, and the call behind it is dropped after the body.
pub struct Operation<'c>(pub &'c mut FutureCall);

impl Drop for Operation<'_> {
    #[inline]
    fn drop(&mut self) {
        if let Some(call) = self.0.open() {
            call.enter_to_drop();
        }
    }
}

impl<F: Future> Future for Traced<'_, F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        poll_traced(self, cx)
    }
}

#[inline]
fn poll_traced<R>(
    traced: Pin<&mut Traced<'_, dyn Future<Output = R> + '_>>,
    cx: &mut TaskContext<'_>,
) -> Poll<R> {
    let this = traced.project();
    let mut body = this.body;
    let Some(call) = this.operation.0.open() else { return body.poll(cx) };
    let mut polled = Poll::Pending;
    call.poll(&mut || {
        polled = body.as_mut().poll(cx);
        polled.is_ready()
    });
    polled
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
    pub fn named(mut self, name: impl FnOnce() -> String) -> Self {
        if context::is_active() {
            self.early.rename(made_name(name).as_deref());
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
        future: Option<F>,
        output: Option<O>,
        prepared: Option<Prepared>,
        call: Option<OpenCall>,
    }

    impl<F, O> PinnedDrop for TracedLater<F, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(call) = this.call {
                // What the future's own drop calls is still part of the operation.
                call.cancel(&mut || this.future.set(None));
            }
        }
    }
}

impl<F, O> TracedLater<F, O> {
    pub(crate) fn new(prepared: Prepared, future: F, output: O) -> Self {
        Self { future: Some(future), output: Some(output), prepared: Some(prepared), call: None }
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
        let Some(mut future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        if let Some(prepared) = this.prepared.take() {
            *this.call = prepared.begin().map(OpenCall::new);
        }
        let Some(call) = this.call.as_mut() else { return future.poll(cx) };
        let mut polled = Poll::Pending;
        call.poll(&mut || {
            polled = future.as_mut().poll(cx);
            polled.is_ready()
        });
        let Poll::Ready(value) = polled else { return Poll::Pending };
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
