//! Streams that record: one operation from the first poll to the end, or to the drop.
//!
//! ```text
//! fn       prepare_stream ── make_stream ──────────── trace_stream        the trace begins at the stream's first poll
//! async    begin ─────────── trace_stream_future ──── trace_stream        … at the first poll of the future
//!                                       └─ Err ────── failed              the error is that of the call
//! ```

use std::fmt::Debug;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use futures_core::Stream;
use futures_core::stream::FusedStream;
use pin_project_lite::pin_project;
use serde::Serialize;
use serde_json::Value;

use crate::call::OpenCall;
use crate::capture::{CapturePolicy, ItemsText, ObjectWriter};
use crate::carry::Carrier;
use crate::context;
use crate::future::Prepared;
use crate::panics::{self, message};
use crate::trace::{Cut, OpenTrace, Outcome, Returned};

/// How many items a stream gave that were no errors.
const ITEMS: &str = "galtea.stream.items";
/// How many were errors; absent: none.
const ERRORS: &str = "galtea.stream.errors";
/// Milliseconds from the beginning of the trace to the first and to the last item, errors included.
const FIRST_ITEM: &str = "galtea.stream.first_item_ms";
const LAST_ITEM: &str = "galtea.stream.last_item_ms";

/// What a stream has given so far.
pub struct Items {
    policy: Arc<CapturePolicy>,
    text: ItemsText,
    values: u64,
    errors: u64,
    /// The first error.
    fault: Option<String>,
    /// Nanoseconds from the beginning of the trace to the first and the last item.
    seen: Option<(u64, u64)>,
}

impl Items {
    fn new(policy: Arc<CapturePolicy>) -> Self {
        Self { policy, text: ItemsText::default(), values: 0, errors: 0, fault: None, seen: None }
    }

    /// An item by its `Serialize`.
    pub fn serialize<T: ?Sized + Serialize>(&mut self, item: &T) {
        self.values += 1;
        self.text.serialize(&self.policy, item);
    }

    /// An item by its `Debug`.
    pub fn debug<T: ?Sized + Debug>(&mut self, item: &T) {
        self.values += 1;
        self.text.debug(&self.policy, item);
    }

    /// An item of which only the name of its type is known.
    pub fn text(&mut self, item: &str) {
        self.values += 1;
        self.text.text(&self.policy, item);
    }

    /// An item that is only counted.
    pub fn skip(&mut self) {
        self.values += 1;
    }

    /// An item that is an error. The first one is that of the trace.
    pub fn error(&mut self, write: &mut dyn FnMut(&mut Returned<'_>)) {
        self.errors += 1;
        if self.fault.is_none() {
            self.fault = Returned::error_text(&self.policy, write);
        }
    }

    /// Runs the user's code, which is not recorded itself and costs no more than the item when it panics.
    fn take(&mut self, nanos: u64, record: impl FnOnce(&mut Self)) {
        let first = self.seen.map_or(nanos, |(first, _)| first);
        self.seen = Some((first, nanos));
        let _muted = context::mute();
        let _ = catch_unwind(AssertUnwindSafe(|| record(self)));
    }

    fn describe(&self, object: &mut ObjectWriter<'_>) {
        object.serialize(ITEMS, &self.values);
        if self.errors > 0 {
            object.serialize(ERRORS, &self.errors);
        }
        if let Some((first, last)) = self.seen {
            object.serialize(FIRST_ITEM, &millis(first));
            object.serialize(LAST_ITEM, &millis(last));
        }
    }

    fn write(self, output: impl StreamOutput, returned: &mut Returned<'_>) {
        output.write(self.text, &self.policy, returned);
        if let Some(fault) = self.fault {
            returned.error(|out, _| out.push_str(&fault));
        }
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a duration of more than a hundred days may lose a nanosecond"
)]
fn millis(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}

/// What is recorded of each item.
pub trait RecordItem<T: ?Sized> {
    fn record(&mut self, item: &T, items: &mut Items);
}

/// The usual way; see [`Plain`](crate::future::Plain).
pub struct Each<S: Stream>(pub(crate) fn(&S::Item, &mut Items));

impl<S: Stream> RecordItem<S::Item> for Each<S> {
    fn record(&mut self, item: &S::Item, items: &mut Items) {
        (self.0)(item, items);
    }
}

/// A closure, which may hold what the user's `error = …` speaks of.
pub struct EachWith<E>(pub(crate) E);

impl<T, E: FnMut(&T, &mut Items)> RecordItem<T> for EachWith<E> {
    fn record(&mut self, item: &T, items: &mut Items) {
        (self.0)(item, items);
    }
}

/// What is recorded of all items together.
pub trait StreamOutput {
    /// Writes the output, or nothing.
    fn write(self, items: ItemsText, policy: &CapturePolicy, returned: &mut Returned<'_>);
}

/// The items themselves.
pub struct AllItems;

impl StreamOutput for AllItems {
    fn write(self, items: ItemsText, policy: &CapturePolicy, returned: &mut Returned<'_>) {
        if let Some(items) = items.finish_masked(policy) {
            returned.output(|out, _| out.push_str(&items));
        }
    }
}

/// Nothing.
pub struct NoItems;

impl StreamOutput for NoItems {
    fn write(self, _: ItemsText, _: &CapturePolicy, _: &mut Returned<'_>) {}
}

/// What the user's `output = …` makes of them.
pub struct MappedItems<O>(pub O);

impl<O: FnOnce(&[Value], &mut Returned<'_>)> StreamOutput for MappedItems<O> {
    fn write(self, items: ItemsText, policy: &CapturePolicy, returned: &mut Returned<'_>) {
        let object = items.finish(policy).and_then(|text| serde_json::from_str::<Value>(&text).ok());
        let items = object.as_ref().and_then(|object| object.get("value")).and_then(Value::as_array);
        (self.0)(items.map_or(&[], Vec::as_slice), returned);
    }
}

/// A traced call whose operation is a stream that is yet to come.
pub struct StreamCall(Phase);

enum Phase {
    /// Nothing is recorded, or not any more.
    Idle,
    /// Made, and not polled yet.
    Waiting(Waiting),
    Running(Box<Running>),
}

struct Waiting {
    prepared: Prepared,
    /// Where the stream was made. `None`: outside a scope, so that the place of the first poll counts.
    carrier: Option<Carrier>,
}

impl Waiting {
    fn begin(self) -> Option<OpenTrace> {
        match self.carrier.as_ref().and_then(Carrier::origin) {
            Some((recorder, parent)) => Some(self.prepared.begin_in(recorder, parent)),
            None => self.prepared.begin(),
        }
    }
}

struct Running {
    call: OpenCall,
    items: Items,
}

impl Running {
    fn new(mut call: OpenCall) -> Self {
        call.settle();
        let items = Items::new(Arc::clone(call.trace.recorder().policy()));
        Self { call, items }
    }

    fn take(&mut self, record: impl FnOnce(&mut Items)) {
        self.items.take(self.call.trace.nanos(), record);
    }

    /// `cut`: the stream did not come to its end.
    fn end(self, output: Option<impl StreamOutput>, cut: Option<Cut<'_>>) {
        let Self { mut call, items } = self;
        call.trace.note(|object| items.describe(object));
        let mut rest = output.map(|output| (items, output));
        let mut write = |returned: &mut Returned<'_>| {
            if let Some((items, output)) = rest.take() {
                items.write(output, returned);
            }
        };
        call.end(match cut {
            None => Outcome::Returned(&mut write),
            Some(cut) => Outcome::Partial(&mut write, cut),
        });
    }
}

impl StreamCall {
    pub(crate) fn prepared(prepared: Prepared) -> Self {
        Self(Phase::Waiting(Waiting { prepared, carrier: Carrier::here() }))
    }

    fn running(call: Option<OpenCall>) -> Self {
        Self(call.map_or(Phase::Idle, |call| Phase::Running(Box::new(Running::new(call)))))
    }

    fn begin(&mut self) {
        if !matches!(self.0, Phase::Waiting(_)) {
            return;
        }
        if let Phase::Waiting(waiting) = std::mem::replace(&mut self.0, Phase::Idle) {
            let trace = waiting.begin().map(|mut trace| {
                // It may wait for long.
                trace.shrink();
                trace
            });
            *self = Self::running(trace.map(OpenCall::new));
        }
    }

    /// Ends the call with no stream having come of it.
    pub(crate) fn end_without_stream(mut self, outcome: Outcome<'_>) {
        self.begin();
        if let Phase::Running(running) = &mut self.0 {
            running.call.end(outcome);
        }
    }

    /// Runs what makes the stream.
    pub(crate) fn make<R>(self, body: impl FnOnce() -> R) -> (R, Self) {
        if matches!(self.0, Phase::Idle) {
            return (body(), self);
        }
        match panics::watch(body) {
            Ok(made) => (made, self),
            Err(payload) => {
                self.end_without_stream(Outcome::Panicked(Some(message(&*payload))));
                resume_unwind(payload)
            }
        }
    }

    fn end(&mut self, output: Option<impl StreamOutput>, cut: Option<Cut<'_>>) {
        if let Phase::Running(running) = std::mem::replace(&mut self.0, Phase::Idle) {
            running.end(output, cut);
        }
    }
}

pin_project! {
    /// A stream that is one operation.
    pub struct TracedStream<S, E, O: StreamOutput> {
        #[pin]
        stream: Option<S>,
        each: E,
        output: Option<O>,
        call: StreamCall,
    }

    impl<S, E, O: StreamOutput> PinnedDrop for TracedStream<S, E, O> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Phase::Running(running) = &mut this.call.0 else { return };
            let dropped = running.call.run(|| this.stream.set(None));
            this.call.end(this.output.take(), Some(Cut::Cancelled));
            if let Err(payload) = dropped {
                resume_unwind(payload);
            }
        }
    }
}

impl<S, E, O: StreamOutput> TracedStream<S, E, O> {
    pub(crate) fn new(call: StreamCall, stream: S, each: E, output: O) -> Self {
        Self { stream: Some(stream), each, output: Some(output), call }
    }
}

impl<S, E, O> Stream for TracedStream<S, E, O>
where
    S: Stream,
    E: RecordItem<S::Item>,
    O: StreamOutput,
{
    type Item = S::Item;

    fn poll_next(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<S::Item>> {
        let this = self.project();
        let Some(stream) = this.stream.as_pin_mut() else { return Poll::Ready(None) };
        this.call.begin();
        let Phase::Running(running) = &mut this.call.0 else { return stream.poll_next(cx) };
        match running.call.run(|| stream.poll_next(cx)) {
            Ok(Poll::Pending) => Poll::Pending,
            Ok(Poll::Ready(Some(item))) => {
                running.take(|items| this.each.record(&item, items));
                Poll::Ready(Some(item))
            }
            Ok(Poll::Ready(None)) => {
                this.call.end(this.output.take(), None);
                Poll::Ready(None)
            }
            Err(payload) => {
                this.call.end(this.output.take(), Some(Cut::Panicked(message(&*payload))));
                resume_unwind(payload)
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.stream.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<S, E, O> FusedStream for TracedStream<S, E, O>
where
    S: FusedStream,
    E: RecordItem<S::Item>,
    O: StreamOutput,
{
    fn is_terminated(&self) -> bool {
        self.stream.as_ref().is_none_or(FusedStream::is_terminated)
    }
}

pin_project! {
    /// A future that makes the stream, as the first part of the operation.
    pub struct MakesStream<F> {
        #[pin]
        future: Option<F>,
        prepared: Option<Prepared>,
        call: Option<OpenCall>,
    }

    impl<F> PinnedDrop for MakesStream<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let Some(call) = this.call.as_mut() else { return };
            let dropped = call.run(|| this.future.set(None));
            call.end(Outcome::Cancelled);
            if let Err(payload) = dropped {
                resume_unwind(payload);
            }
        }
    }
}

impl<F> MakesStream<F> {
    pub(crate) fn begun(call: Option<OpenCall>, future: F) -> Self {
        Self { future: Some(future), prepared: None, call }
    }

    pub(crate) fn prepared(prepared: Prepared, future: F) -> Self {
        Self { future: Some(future), prepared: Some(prepared), call: None }
    }
}

impl<F: Future> Future for MakesStream<F> {
    type Output = (F::Output, StreamCall);

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        if let Some(prepared) = this.prepared.take() {
            *this.call = prepared.begin().map(OpenCall::new);
        }
        let Some(call) = this.call.as_mut() else {
            return future.poll(cx).map(|made| (made, StreamCall::running(None)));
        };
        match call.run(|| future.poll(cx)) {
            Ok(Poll::Pending) => {
                call.settle();
                Poll::Pending
            }
            Ok(polled) => polled.map(|made| (made, StreamCall::running(this.call.take()))),
            Err(payload) => {
                call.end(Outcome::Panicked(Some(message(&*payload))));
                *this.call = None;
                resume_unwind(payload)
            }
        }
    }
}
