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
    pub fn from_env() -> Result<Self, BuildError> {
        Self::builder().build()
    }

    /// A client with settings of your own.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// A client that records and sends nothing.
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
    pub fn inference_result(&self, id: impl Into<String>) -> InferenceResult {
        InferenceResult::new(self, id.into())
    }

    /// Whether the client records and sends nothing.
    pub fn is_disabled(&self) -> bool {
        self.inner.disabled
    }

    /// Sends all that has been recorded, and waits until every trace has ended one way or the other, for
    /// `flush_timeout` at most.
    ///
    /// Works in any runtime, and in none. The report tells of all since the last report.
    pub async fn flush(&self) -> FlushReport {
        self.inner.delivery.flush(self.inner.flush_timeout).await
    }

    /// As [`flush`](Self::flush), and blocks the current thread, for `timeout` at most.
    ///
    /// May be called anywhere, on the thread of an asynchronous runtime too, which it then holds up.
    pub fn flush_blocking(&self, timeout: Duration) -> FlushReport {
        self.inner.delivery.flush_blocking(timeout)
    }

    /// Sends all that has been recorded, waits as [`flush`](Self::flush) does, and ends delivery.
    ///
    /// Where the time does not suffice, traces are dropped, and counted as such, unless there is a spool that keeps them.
    /// What is recorded afterwards, with any clone of the client, is dropped and counted; calling this again does no
    /// harm.
    pub async fn shutdown(&self) -> FlushReport {
        self.inner.delivery.stop(self.inner.flush_timeout).await
    }

    /// Where all traces of this client's life are at this moment.
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
