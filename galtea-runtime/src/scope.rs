//! The scope of an inference result.

use std::future::Future;
use std::panic::resume_unwind;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as TaskContext, Poll};

use pin_project_lite::pin_project;

use crate::client::Galtea;
use crate::context::{Active, Context, Current, Entered};
use crate::panics;
use crate::recorder::{Recorder, Stage};

/// An inference result, ready to have its scope opened: what [`Galtea::inference_result`] gives.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{Galtea, trace_scope};
///
/// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
/// let turn = galtea.inference_result("ir_1");
/// let answer = turn.scope(trace_scope!("answer", type = "AGENT", async { "yes" })).await;
/// assert_eq!((answer, galtea.shutdown().await.into_result()?.delivered), ("yes", 1));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is recorded until code runs in it: write `.scope(future).await` or `.sync_scope(|| …)`"]
pub struct InferenceResult {
    /// `None`: nothing is to be recorded.
    recorder: Option<Recorder>,
}

impl InferenceResult {
    pub(crate) fn new(galtea: &Galtea, id: String) -> Self {
        if galtea.is_disabled() {
            return Self { recorder: None };
        }
        if id.is_empty() {
            galtea.delivery().nameless_scope();
            return Self { recorder: None };
        }
        let (delivery, policy) = (Arc::clone(galtea.delivery()), Arc::clone(galtea.capture()));
        Self { recorder: Some(Recorder::new(id.into(), delivery, policy)) }
    }

    /// One whose traces do not go where a client would send them.
    #[cfg(feature = "testing")]
    pub(crate) fn recorded_by(recorder: Recorder) -> Self {
        Self { recorder: Some(recorder) }
    }

    /// Makes this inference result current while `future` is polled.
    ///
    /// When the future completes or is dropped the scope ends, and what was recorded in it is sent. Traced calls that are
    /// still running in spawned tasks are waited for, up to the client's `linger`.
    ///
    /// A scope inside another one stands for itself: its traces have no parent in the outer one.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
    /// let agent = trace_scope!("answer", type = "AGENT", async {
    ///     tokio::time::sleep(Duration::from_secs(3600)).await;
    /// });
    /// // A time limit goes around or inside; the traces of what was cut off are sent too.
    /// let limited = tokio::time::timeout(Duration::from_millis(5), galtea.inference_result("ir_1").scope(agent)).await;
    /// assert!(limited.is_err());
    /// galtea.shutdown().await.into_result()?;
    /// assert_eq!(memory.batches()[0].iter().next().and_then(|trace| trace.error().map(str::to_owned)).as_deref(),
    ///     Some("cancelled before completion"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn scope<F: Future>(self, future: F) -> Scope<F> {
        Scope { future: Some(future), open: self.open() }
    }

    /// Makes this inference result current while `run` runs. Needs no async runtime.
    ///
    /// # Panics
    ///
    /// Only where `run` does; what was recorded until then is sent all the same.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| {
    ///     let pages = trace_scope!("search", type = "RETRIEVER", { ["plans", "prices"] });
    ///     trace_scope!("answer", type = "GENERATION", { format!("I have read {} pages.", pages.len()) })
    /// });
    /// let stats = galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// assert_eq!(stats.delivered, 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn sync_scope<R>(self, run: impl FnOnce() -> R) -> R {
        let mut open = self.open();
        let entered = open.enter();
        let result = panics::watch(run);
        drop(entered);
        result.unwrap_or_else(|payload| resume_unwind(payload))
    }

    pub(crate) fn open(self) -> OpenScope {
        OpenScope::new(self.recorder)
    }
}

/// A scope that has not ended yet. Dropping it ends it.
pub(crate) struct OpenScope {
    context: Context,
}

impl OpenScope {
    /// Makes the inference result current on this thread until the guard goes.
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        self.context.enter()
    }

    fn new(recorder: Option<Recorder>) -> Self {
        let off = recorder.is_none();
        let active = recorder.map(|recorder| {
            let stage = Some(Stage::default());
            Box::new(Active::new(Arc::new(recorder), Current::default(), stage))
        });
        Self { context: Context { active, off } }
    }
}

impl Drop for OpenScope {
    fn drop(&mut self) {
        if let Some(active) = self.context.active.take() {
            let Active { recorder, stage, .. } = *active;
            recorder.end_scope(stage.unwrap_or_default());
        }
    }
}

pin_project! {
    /// A future in the scope of an inference result: what [`InferenceResult::scope`] gives.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
    /// let answer = trace_scope!("answer", type = "AGENT", async { "yes" });
    /// let scope = galtea.inference_result("ir_1").scope(answer); // nothing has run yet
    /// assert_eq!(tokio::spawn(scope).await?, "yes");
    /// assert_eq!(galtea.shutdown().await.into_result()?.delivered, 1);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use = "nothing runs, and nothing is recorded, until it is awaited: write `.scope(future).await`"]
    pub struct Scope<F> {
        #[pin]
        future: Option<F>,
        open: OpenScope,
    }

    impl<F> PinnedDrop for Scope<F> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            let entered = this.open.enter();
            let dropped = panics::watch(|| this.future.set(None));
            drop(entered);
            if let Err(payload) = dropped {
                resume_unwind(payload);
            }
        }
    }
}

impl<F: Future> Future for Scope<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<F::Output> {
        let mut this = self.project();
        let Some(future) = this.future.as_mut().as_pin_mut() else { return Poll::Pending };
        let entered = this.open.enter();
        let polled = panics::watch(|| future.poll(cx));
        let is_ready = matches!(polled, Ok(Poll::Ready(_)));
        if is_ready {
            // Whatever the future still holds ends inside the scope.
            this.future.set(None);
        }
        drop(entered);
        if is_ready {
            drop(std::mem::replace(this.open, OpenScope::new(None)));
        }
        polled.unwrap_or_else(|payload| resume_unwind(payload))
    }
}

impl<F> std::fmt::Debug for Scope<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scope").finish_non_exhaustive()
    }
}
