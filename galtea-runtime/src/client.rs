//! The client that programs hold.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::capture::CapturePolicy;
use crate::config::{Builder, Settings, Target};
use crate::delivery::{Delivery, FlushReport, Stats};
use crate::error::BuildError;
use crate::export::{ConsoleExporter, Exporter};
use crate::missed;
use crate::scope::InferenceResult;

/// A client of Galtea: what traces are recorded with, and what brings them to the API.
///
/// Clones are cheap and share everything. Dropping the last one sends what is left, for `drop_timeout` at most; to
/// learn what became of the traces, call [`shutdown`](Self::shutdown) or [`flush`](Self::flush) instead. A client in a
/// `static` is never dropped: shut it down before `main` returns.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{Galtea, trace_scope};
///
/// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?; // or `Galtea::from_env()?`
/// let answer = galtea
///     .inference_result("ir_1")
///     .scope(trace_scope!("answer", type = "AGENT", async { "You are on the pro plan." }))
///     .await;
/// println!("{answer}");
/// let stats = galtea.shutdown().await.into_result()?;
/// assert_eq!(stats.to_string(), "1 of 1 traces delivered");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Galtea {
    inner: Arc<Inner>,
}

struct Inner {
    delivery: Arc<Delivery>,
    capture: Arc<CapturePolicy>,
    flush_timeout: Duration,
    drop_timeout: Duration,
    disabled: bool,
    /// Calls outside a scope are a mistake only where there is a client that records.
    _counted: Option<missed::Counted>,
}

impl Galtea {
    /// A client with all settings from the environment; `GALTEA_API_KEY` must be set, unless `GALTEA_DISABLED` is.
    ///
    /// # Errors
    ///
    /// When there is no API key, a variable has a value that cannot work, or the delivery thread cannot be started.
    ///
    /// ```no_run
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), galtea::BuildError> {
    /// let galtea = galtea::Galtea::from_env()?; // needs GALTEA_API_KEY, and says so
    /// println!("{galtea:?}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn from_env() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// A client with settings of your own.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), galtea::BuildError> {
    /// use std::time::Duration;
    ///
    /// // What is not set here comes from the environment, GALTEA_API_KEY too.
    /// let galtea = galtea::Galtea::builder()
    ///     .retry_for(Duration::from_secs(60))
    ///     .environment(|name| (name == "GALTEA_API_KEY").then(|| "gsk_0123456789".to_owned()))
    ///     .build()?;
    /// assert!(!galtea.is_disabled());
    /// # Ok(())
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A client that records and sends nothing.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::{Galtea, trace_scope};
    ///
    /// // An account is optional in this program.
    /// let unset = Galtea::builder().environment(|_| None).build();
    /// let galtea = unset.unwrap_or_else(|_| Galtea::disabled());
    /// assert_eq!(galtea.inference_result("ir_1").sync_scope(|| trace_scope!("sum", { 1 + 1 })), 2);
    /// # }
    /// ```
    pub fn disabled() -> Self {
        Self {
            inner: Arc::new(Inner {
                delivery: Arc::new(Delivery::disabled()),
                capture: Arc::new(CapturePolicy::default()),
                flush_timeout: Duration::ZERO,
                drop_timeout: Duration::ZERO,
                disabled: true,
                _counted: None,
            }),
        }
    }

    /// A client that needs no account: it draws every inference result as a tree on standard error.
    ///
    /// `GALTEA_DISABLED` and `GALTEA_CAPTURE_LIMIT` apply. Where even this client cannot be built, because no thread can
    /// be started or a variable holds nonsense, it is a disabled one, and a `tracing` event says why.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let galtea = Galtea::local();
    /// galtea.inference_result("ir_1").sync_scope(|| {
    ///     trace_scope!("answer", type = "AGENT", {
    ///         trace_scope!("search", type = "RETRIEVER", { ["plans"] });
    ///     });
    /// });
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// // On standard error:
    /// //
    /// // ir_1 · 2 traces                                                          4.02 µs
    /// // AGENT       answer            ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━  4.02 µs
    /// // RETRIEVER   └ search               ━━━╸                                   311 ns
    /// # Ok(())
    /// # }
    /// ```
    pub fn local() -> Self {
        // Nothing is sent, so nothing is too large for a request, and a tree stays whole.
        let whole = Self::builder().max_batch_traces(usize::MAX).max_batch_bytes(usize::MAX);
        let built = whole.exporter(ConsoleExporter::stderr()).build();
        built.unwrap_or_else(|error| {
            tracing::error!(name: "galtea.local_unavailable", target: "galtea", %error, "the client of `Galtea::local()` could not be built, and no traces will be shown");
            Self::disabled()
        })
    }

    pub(crate) fn new(settings: Settings) -> Result<Self, BuildError> {
        let (flush_timeout, drop_timeout) = (settings.delivery.flush_timeout, settings.delivery.drop_timeout);
        let exporter = exporter(settings.target)?;
        Ok(Self {
            inner: Arc::new(Inner {
                delivery: Arc::new(Delivery::start(settings.delivery, exporter)?),
                capture: Arc::new(settings.capture.policy()),
                flush_timeout,
                drop_timeout,
                disabled: false,
                _counted: Some(missed::Counted::new()),
            }),
        })
    }

    /// The inference result with this id, which the platform has made: one turn of the agent.
    ///
    /// What is traced in its scope, [`scope`](InferenceResult::scope) or [`sync_scope`](InferenceResult::sync_scope), is
    /// sent as one batch when the scope ends. With an empty id nothing is recorded; that is counted
    /// ([`Stats`](crate::Stats)) and told with a `tracing` event.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
    /// for turn in ["ir_1", "ir_2"] {
    ///     galtea.inference_result(turn).sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// }
    /// galtea.inference_result("").sync_scope(|| trace_scope!("answer", type = "AGENT", { "no id, no trace" }));
    /// let stats = galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// assert_eq!((stats.delivered, stats.nameless_scopes), (2, 1));
    /// assert_eq!(memory.batches().len(), 2);
    /// # Ok(())
    /// # }
    /// ```
    pub fn inference_result(&self, id: impl Into<String>) -> InferenceResult {
        InferenceResult::new(self, id.into())
    }

    /// Whether the client records and sends nothing.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::Galtea;
    ///
    /// let galtea = Galtea::builder().environment(|_| None).build().unwrap_or_else(|_| Galtea::disabled());
    /// if galtea.is_disabled() {
    ///     println!("nothing is recorded: set GALTEA_API_KEY");
    /// }
    /// # }
    /// ```
    pub fn is_disabled(&self) -> bool {
        self.inner.disabled
    }

    /// Sends all that has been recorded, and waits until every trace has ended one way or the other, for
    /// `flush_timeout` at most.
    ///
    /// Works in any runtime, and in none. The report tells of all since the last report.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// let report = galtea.flush().await; // at the end of a request in a serverless function, say
    /// assert_eq!(report.to_string(), "1 of 1 traces delivered");
    /// # Ok(())
    /// # }
    /// ```
    pub async fn flush(&self) -> FlushReport {
        self.inner.delivery.flush(self.inner.flush_timeout).await
    }

    /// As [`flush`](Self::flush), and blocks the current thread, for `timeout` at most.
    ///
    /// May be called anywhere, on the thread of an asynchronous runtime too, which it then holds up.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// let report = galtea.flush_blocking(std::time::Duration::from_secs(5));
    /// assert_eq!(report.to_string(), "1 of 1 traces delivered");
    /// # Ok(())
    /// # }
    /// ```
    pub fn flush_blocking(&self, timeout: Duration) -> FlushReport {
        self.inner.delivery.flush_blocking(timeout)
    }

    /// Sends all that has been recorded, waits as [`flush`](Self::flush) does, and ends delivery.
    ///
    /// Where the time does not suffice, traces are dropped, and counted as such, unless there is a spool that keeps them.
    /// What is recorded afterwards, with any clone of the client, is dropped and counted; calling this again does no
    /// harm.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// let report = galtea.shutdown().await;
    /// if let Err(error) = report.into_result() {
    ///     eprintln!("{error}");
    /// }
    ///
    /// galtea.inference_result("ir_2").sync_scope(|| trace_scope!("answer", type = "AGENT", { "too late" }));
    /// assert!(galtea.stats().to_string().ends_with("1 dropped: they ended after the client was shut down)"));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn shutdown(&self) -> FlushReport {
        self.inner.delivery.stop(self.inner.flush_timeout).await
    }

    /// Where all traces of this client's life are at this moment.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// let stats = galtea.stats(); // for a metric of the program's
    /// assert_eq!((stats.delivered, stats.dropped + stats.refused), (1, 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn stats(&self) -> Stats {
        self.inner.delivery.stats()
    }

    /// For recorders. What may outlive the client, such as a trace in a task that nobody waits for, holds this and no
    /// clone of the client, for it is the last clone that flushes.
    pub(crate) fn delivery(&self) -> &Arc<Delivery> {
        &self.inner.delivery
    }

    pub(crate) fn capture(&self) -> &Arc<CapturePolicy> {
        &self.inner.capture
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if !self.delivery.is_closed() {
            let _ = self.delivery.stop_blocking(self.drop_timeout);
        }
    }
}

impl fmt::Debug for Galtea {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Galtea")
            .field("disabled", &self.inner.disabled)
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}

#[cfg(feature = "http")]
fn exporter(target: Target) -> Result<Arc<dyn Exporter>, BuildError> {
    match target {
        Target::Api(api) => Ok(Arc::new(crate::export::http::HttpExporter::new(&api)?)),
        Target::Exporter(exporter) => Ok(exporter),
    }
}

#[cfg(not(feature = "http"))]
fn exporter(target: Target) -> Result<Arc<dyn Exporter>, BuildError> {
    match target {
        Target::Api(_) => Err(BuildError::NoExporter),
        Target::Exporter(exporter) => Ok(exporter),
    }
}
