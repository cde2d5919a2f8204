//! Where batches go.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use crate::record::Batch;

mod console;

pub use console::{ConsoleExporter, ConsoleStyle};

/// What [`Exporter::export`] returns.
pub type ExportFuture<'a> = Pin<Box<dyn Future<Output = Result<Exported, ExportError>> + Send + 'a>>;

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
pub trait Exporter: Send + Sync + 'static {
    /// Makes one try to deliver `batch`.
    ///
    /// # Errors
    ///
    /// What became of the batch when it was not taken; see [`ExportError`].
    fn export<'a>(&'a self, batch: &'a Batch) -> ExportFuture<'a>;
}

/// The batch was taken. Traces of it may still have been refused.
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
    pub fn except(refused: Vec<Refused>) -> Self {
        Self { refused }
    }
}

/// One trace that was refused while others of its batch were taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// The trace's position in the batch, from 0.
    pub index: usize,
    /// Why, in the words of whoever refused it.
    pub reason: String,
}

/// The batch was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ExportError {
    /// It may work later. The client tries again, no sooner than `after`.
    Retry {
        /// What went wrong.
        reason: String,
        /// How long to wait at least; `None` leaves it to the client's backoff.
        after: Option<Duration>,
    },
    /// The request was too large: the client sends the traces in smaller batches.
    TooLarge {
        /// What went wrong.
        reason: String,
    },
    /// It will never be taken as it is.
    Refused {
        /// What went wrong.
        reason: String,
    },
}

impl fmt::Display for ExportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Retry { reason, .. } | Self::TooLarge { reason } | Self::Refused { reason } => {
                f.write_str(reason)
            }
        }
    }
}

impl std::error::Error for ExportError {}
