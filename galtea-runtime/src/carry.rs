//! Taking the context across tasks and threads.

use std::fmt;
use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use futures_core::Stream;
use futures_sink::Sink;
use pin_project_lite::pin_project;
use tokio::task::JoinHandle;

use crate::context::{self, Context, Current, Mode};
use crate::handle::current_shared;
use crate::panics;
use crate::recorder::Recorder;

/// The inference result and the trace that are current somewhere, to be made current somewhere else.
///
/// Cheap to clone. Taken outside a scope it is empty, and what runs in it is not recorded.
///
/// ```
/// # let galtea = galtea_runtime::Galtea::disabled();
/// use galtea_runtime::TraceContext;
///
/// galtea.inference_result("ir_1").sync_scope(|| {
///     let context = TraceContext::current();
///     std::thread::scope(|threads| {
///         threads.spawn(|| context.sync_scope(|| { /* traced calls in here find their parent */ }));
///     });
/// });
/// ```
#[derive(Clone, Default)]
pub struct TraceContext {
    recorder: Option<Arc<Recorder>>,
    trace: Current,
    /// Nothing is recorded here, on purpose.
    off: bool,
}

impl TraceContext {
    /// The context of this line.
    pub fn current() -> Self {
        if !context::is_active() {
            return Self { off: context::mode() == Mode::Off, ..Self::default() };
        }
        let shared = current_shared();
        let current = context::current();
        current.map_or_else(Self::default, |(recorder, id)| Self {
            recorder: Some(recorder),
            trace: Current { id, shared },
            off: false,
        })
    }

    /// Whether traced calls in this context are recorded.
    pub fn is_recording(&self) -> bool {
        self.recorder.is_some()
    }

    /// Makes this context current while `future` (or a stream or sink) is polled.
    pub fn scope<T>(&self, future: T) -> InTrace<T> {
        InTrace { inner: Some(future), carrier: Carrier::new(self) }
    }

    /// Makes this context current while `run` runs.
    ///
    /// # Panics
    ///
    /// Only where `run` does.
    pub fn sync_scope<R>(&self, run: impl FnOnce() -> R) -> R {
        Carrier::new(self).run(run)
    }

    /// Makes this context current while the closure runs, wherever that is: on a new thread, in a pool such as rayon's.
    ///
    /// From now until then the inference result knows that there is more to come.
    pub fn wrap<F, R>(&self, run: F) -> impl FnOnce() -> R + use<F, R>
    where
        F: FnOnce() -> R,
    {
        let mut carrier = Carrier::new(self);
        move || carrier.run(run)
    }
}

impl fmt::Debug for TraceContext {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TraceContext").field("recorder", &self.recorder).finish_non_exhaustive()
    }
}

/// A context in other hands. While there are some, the inference result waits for what they may bring.
pub(crate) struct Carrier {
    context: Context,
    counted: Option<Arc<Recorder>>,
}

impl Carrier {
    fn new(context: &TraceContext) -> Self {
        let recorder = context.recorder.clone();
        if let Some(recorder) = &recorder {
            recorder.add_carrier();
        }
        Self {
            context: Context::carried(recorder.clone(), context.trace.clone(), context.off),
            counted: recorder,
        }
    }

    /// Takes along where this line belongs, for one trace that begins elsewhere. `None`: nothing is recorded here.
    pub(crate) fn here() -> Option<Self> {
        if !context::is_active() {
            return None;
        }
        let (recorder, parent) = context::current()?;
        Some(Self::new(&TraceContext { recorder: Some(recorder), trace: Current::of(parent), off: false }))
    }

    /// The inference result, and the trace that is to be the parent.
    pub(crate) fn origin(&self) -> Option<(Arc<Recorder>, u128)> {
        let active = self.context.active.as_ref()?;
        Some((Arc::clone(&active.recorder), active.trace.id))
    }

    /// Runs something in the context. A panic goes on.
    fn run<R>(&mut self, run: impl FnOnce() -> R) -> R {
        let entered = self.context.enter();
        let result = panics::watch(run);
        drop(entered);
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }

    fn put_down(&mut self) {
        if let Some(recorder) = self.counted.take() {
            recorder.remove_carrier();
        }
    }
}

impl Drop for Carrier {
    fn drop(&mut self) {
        self.put_down();
    }
}

/// Futures, streams and sinks that take the current trace along: what is traced in them becomes its child.
pub trait InCurrentTrace: Sized {
    /// Makes the context of this line current whenever `self` is polled, in whatever task or thread.
    ///
    /// ```
    /// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    /// # runtime.block_on(async {
    /// use galtea_runtime::InCurrentTrace;
    ///
    /// let mut tasks = tokio::task::JoinSet::new();
    /// tasks.spawn(async { 1 + 1 }.in_current_trace());
    /// assert_eq!(tasks.join_next().await.unwrap().unwrap(), 2);
    /// # });
    /// ```
    fn in_current_trace(self) -> InTrace<Self> {
        TraceContext::current().scope(self)
    }
}

impl<T> InCurrentTrace for T {}

/// As `tokio::spawn`, with the current trace as the parent of what is traced in the task.
///
/// # Panics
///
/// When called outside a tokio runtime, as `tokio::spawn` does.
#[track_caller]
pub fn spawn<F>(future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send + 'static> + Send + 'static,
{
    tokio::spawn(future.in_current_trace())
}

/// As `tokio::task::spawn_blocking`, with the current trace as the parent of what is traced in the closure.
///
/// # Panics
///
/// When called outside a tokio runtime, as `tokio::task::spawn_blocking` does.
#[track_caller]
pub fn spawn_blocking<R: Send + 'static>(run: impl FnOnce() -> R + Send + 'static) -> JoinHandle<R> {
    tokio::task::spawn_blocking(TraceContext::current().wrap(run))
}

pin_project! {
    /// A future, stream or sink with a trace context: what [`InCurrentTrace::in_current_trace`] gives.
    #[must_use = "futures, streams and sinks do nothing unless they are polled"]
    pub struct InTrace<T> {
        #[pin]
        inner: Option<T>,
        carrier: Carrier,
    }

    impl<T> PinnedDrop for InTrace<T> {
        fn drop(this: Pin<&mut Self>) {
            this.end();
        }
    }
}

impl<T> InTrace<T> {
    /// What is inside ends inside the context.
    fn end(self: Pin<&mut Self>) {
        let mut this = self.project();
        let entered = this.carrier.context.enter();
        this.inner.set(None);
        drop(entered);
        this.carrier.put_down();
    }

    fn poll_inner<R>(self: Pin<&mut Self>, poll: impl FnOnce(Pin<&mut T>) -> Poll<R>) -> Poll<R> {
        let this = self.project();
        let Some(inner) = this.inner.as_pin_mut() else { return Poll::Pending };
        this.carrier.run(|| poll(inner))
    }
}

impl<F: Future> Future for InTrace<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let polled = self.as_mut().poll_inner(|future| future.poll(cx));
        if polled.is_ready() {
            self.end();
        }
        polled
    }
}

impl<S: Stream> Stream for InTrace<S> {
    type Item = S::Item;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Option<S::Item>> {
        if self.inner.is_none() {
            return Poll::Ready(None);
        }
        let polled = self.as_mut().poll_inner(|stream| stream.poll_next(cx));
        if matches!(polled, Poll::Ready(None)) {
            self.end();
        }
        polled
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner.as_ref().map_or((0, Some(0)), Stream::size_hint)
    }
}

impl<Item, S: Sink<Item>> Sink<Item> for InTrace<S> {
    type Error = S::Error;

    fn poll_ready(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.poll_inner(|sink| sink.poll_ready(cx))
    }

    fn start_send(self: Pin<&mut Self>, item: Item) -> Result<(), S::Error> {
        match self.poll_inner(|sink| Poll::Ready(sink.start_send(item))) {
            Poll::Ready(result) => result,
            Poll::Pending => Ok(()),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.poll_inner(|sink| sink.poll_flush(cx))
    }

    fn poll_close(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<Result<(), S::Error>> {
        self.poll_inner(|sink| sink.poll_close(cx))
    }
}

impl<T> fmt::Debug for InTrace<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InTrace").finish_non_exhaustive()
    }
}
