//! Where batches go.

mod console;
#[cfg(feature = "http")]
pub(crate) mod http;
mod memory;

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "testing")]
pub(crate) use self::console::walk;
pub use self::console::{ConsoleExporter, ConsoleStyle};
pub use self::memory::MemoryExporter;
pub use crate::record::{Batch, Trace};

/// What [`Exporter::export`] returns.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::{Batch, ExportError, ExportFuture, Exported};
///
/// // The body of an `Exporter`, apart.
/// fn append<'a>(path: &'a std::path::Path, batch: &'a Batch) -> ExportFuture<'a> {
///     Box::pin(async move {
///         let lines: String = batch.iter().map(|trace| format!("{} {}\n", trace.trace_type(), trace.name())).collect();
///         tokio::fs::write(path, lines).await.map_err(|error| ExportError::retry(error.to_string()))?;
///         Ok(Exported::all())
///     })
/// }
/// # Ok(())
/// # }
/// ```
pub type ExportFuture<'a> = Pin<Box<dyn Future<Output = Result<Exported, ExportError>> + Send + 'a>>;

#[diagnostic::on_unimplemented(
    message = "`{Self}` is no exporter: it does not implement `galtea::export::Exporter`",
    label = "this cannot take batches",
    note = "give a `galtea::export::MemoryExporter` or `ConsoleExporter`, or write `impl Exporter for {Self}` with `fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {{ Box::pin(async move {{ … }}) }}`"
)]
/// Takes batches to where they are kept. The default exporter speaks HTTP to the Galtea API.
///
/// The contract:
///
/// * `export` is called on the delivery thread of the client, inside its own current-thread tokio runtime. It must not
///   block that thread: while it does, nothing is sent.
/// * It may be called for several batches at once, never twice at once for the same batch.
/// * It makes one try. The client retries what [`ExportError`] says may be retried, and splits what is too large.
/// * The client drops the future when `request_timeout` has passed, and counts that as a try that failed.
/// * After shutdown it is not called any more.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::mpsc::Sender;
/// use galtea::export::{Batch, ExportError, ExportFuture, Exported, Exporter};
/// use galtea::{Galtea, trace_scope};
///
/// /// Tells another part of the program what has happened.
/// struct Names(Sender<String>);
///
/// impl Exporter for Names {
///     fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
///         let names: Vec<_> = batch.iter().map(|trace| trace.name()).collect();
///         let sent = self.0.send(format!("{}: {}", batch.inference_result_id(), names.join(", ")));
///         Box::pin(async move { sent.map(|()| Exported::all()).map_err(|_| ExportError::refused("nobody listens")) })
///     }
/// }
///
/// let (sender, receiver) = std::sync::mpsc::channel();
/// let galtea = Galtea::builder().exporter(Names(sender)).build()?;
/// galtea.inference_result("ir_1").sync_scope(|| {
///     trace_scope!("answer", type = "AGENT", { trace_scope!("search", type = "RETRIEVER", { "plans" }) })
/// });
/// assert_eq!(receiver.recv()?, "ir_1: answer, search");
/// # Ok(())
/// # }
/// ```
pub trait Exporter: Send + Sync + 'static {
    /// Makes one try to deliver `batch`.
    ///
    /// # Errors
    ///
    /// What became of the batch when it was not taken; see [`ExportError`].
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a>;
}

/// For whoever wants to keep hold of it.
impl<E: Exporter + ?Sized> Exporter for Arc<E> {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        (**self).export(batch)
    }
}

/// For whoever chooses one while the program runs.
impl<E: Exporter + ?Sized> Exporter for Box<E> {
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a> {
        (**self).export(batch)
    }
}

/// The batch was taken. Traces of it may still have been refused.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use galtea::export::{Exported, Refused};
///
/// let second = Refused { index: 1, reason: "`name` must not be empty".into() };
/// assert_eq!(Exported::except(vec![second.clone()]).refused, [second]);
/// assert_eq!(Exported::except(Vec::new()), Exported::all());
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Exported {
    /// The traces that were refused; all others were taken.
    pub refused: Vec<Refused>,
}

impl Exported {
    /// All traces of the batch were taken.
    pub fn all() -> Self {
        Self::default()
    }

    /// All traces were taken but these.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::export::{Exported, Refused};
    ///
    /// // What a server has said of a batch: the positions that it did not like.
    /// let answer = [(0, "`name` must not be empty"), (3, "`id` is taken")];
    /// let refused = answer.map(|(index, reason)| Refused { index, reason: reason.into() });
    /// assert_eq!(Exported::except(refused.into()).refused.len(), 2);
    /// # }
    /// ```
    pub fn except(refused: Vec<Refused>) -> Self {
        Self { refused }
    }
}

/// One trace that was refused while others of its batch were taken.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use galtea::export::{Reason, Refused};
///
/// let refused = Refused { index: 0, reason: Reason::from("invalid").quoting("`name` must not be empty") };
/// assert_eq!(refused.reason.to_string(), "invalid: `name` must not be empty");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The trace's position in the batch, from 0.
    pub index: usize,
    /// Why.
    pub reason: Reason,
}

/// Why something was not taken: a text that may be logged, and the other side's own words, which may not.
///
/// What a server says about a request may quote it, and traces do not belong in logs. So the words are in reports only.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use galtea::export::Reason;
///
/// let reason = Reason::from("400 Bad Request").quoting("`name` must not be empty");
/// assert_eq!(reason.to_string(), "400 Bad Request: `name` must not be empty");
/// assert_eq!(reason.for_log(), "400 Bad Request");
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    text: Cow<'static, str>,
    words: Option<String>,
}

impl Reason {
    /// Adds what the other side said, in its own words.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::export::Reason;
    ///
    /// let reason = Reason::from("400 Bad Request").quoting("`question: Where is my order?` is too long");
    /// assert!(!reason.for_log().contains("order"), "what users have typed stays out of logs");
    /// # }
    /// ```
    #[must_use]
    pub fn quoting(self, words: impl Into<String>) -> Self {
        let words = words.into();
        Self { words: (!words.is_empty()).then_some(words), ..self }
    }

    /// The text without the other side's words.
    pub fn for_log(&self) -> &str {
        &self.text
    }
}

impl<T: Into<Cow<'static, str>>> From<T> for Reason {
    fn from(text: T) -> Self {
        Self { text: text.into(), words: None }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)?;
        match &self.words {
            Some(words) => write!(f, ": {words}"),
            None => Ok(()),
        }
    }
}

/// The batch was not taken.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use std::time::Duration;
/// use galtea::export::ExportError;
///
/// fn error_of(status: u16) -> Option<ExportError> {
///     match status {
///         200..300 => None,
///         401 => Some(ExportError::Setup { reason: "the key is not accepted".into() }),
///         409 => Some(ExportError::Conflict { reason: "they are there already".into() }),
///         413 => Some(ExportError::TooLarge { reason: "413 Payload Too Large".into() }),
///         429 => Some(ExportError::Retry { reason: "too many requests".into(), after: Some(Duration::from_secs(1)) }),
///         500.. => Some(ExportError::retry(status.to_string())),
///         _ => Some(ExportError::refused(status.to_string())),
///     }
/// }
/// assert_eq!(error_of(503), Some(ExportError::retry("503")));
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// It may work later. The client tries again.
    Retry {
        /// What went wrong.
        reason: Reason,
        /// How long whoever refused it asked to be left alone: the client sends nothing at all before then. `None`
        /// leaves the wait to the client's backoff, which is for this batch alone.
        after: Option<Duration>,
    },
    /// The request was too large: the client sends the traces in smaller batches.
    TooLarge {
        /// What went wrong.
        reason: Reason,
    },
    /// Traces with these ids are there already. When the batch was tried before, an earlier try got through and the
    /// client counts it as delivered; otherwise as refused.
    Conflict {
        /// What went wrong.
        reason: Reason,
    },
    /// No batch will be taken until the client is set up otherwise: a wrong key, a wrong address. The traces stay in the
    /// spool for the next start, where there is one; otherwise they count as refused.
    Setup {
        /// What is wrong.
        reason: Reason,
    },
    /// It will never be taken as it is.
    Refused {
        /// What went wrong.
        reason: Reason,
    },
}

impl ExportError {
    /// [`ExportError::Retry`], with the wait left to the client.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::export::ExportError;
    ///
    /// let busy = ExportError::retry("503 Service Unavailable");
    /// assert!(matches!(busy, ExportError::Retry { after: None, .. }));
    /// # }
    /// ```
    pub fn retry(reason: impl Into<Reason>) -> Self {
        Self::Retry { reason: reason.into(), after: None }
    }

    /// [`ExportError::Refused`].
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::export::ExportError;
    ///
    /// let refused = ExportError::refused("400 Bad Request");
    /// assert_eq!(refused.to_string(), "400 Bad Request");
    /// # }
    /// ```
    pub fn refused(reason: impl Into<Reason>) -> Self {
        Self::Refused { reason: reason.into() }
    }

    /// Why the batch was not taken.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::export::{ExportError, Reason};
    ///
    /// let error = ExportError::refused(Reason::from("400 Bad Request").quoting("what was sent"));
    /// assert_eq!(error.reason().for_log(), "400 Bad Request");
    /// # }
    /// ```
    pub fn reason(&self) -> &Reason {
        match self {
            Self::Retry { reason, .. }
            | Self::TooLarge { reason }
            | Self::Conflict { reason }
            | Self::Setup { reason }
            | Self::Refused { reason } => reason,
        }
    }
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self.reason(), f)
    }
}

impl std::error::Error for ExportError {}
