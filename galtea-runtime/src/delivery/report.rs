//! What a flush tells of the traces, in numbers and in plain words.

use std::fmt;

use super::account::{Told, Totals};
use crate::error::DeliveryError;
use crate::export::Reason;
use crate::record::{Trace, TraceId};

/// Why the client gave traces up. Each is counted apart; see [`Stats::losses`].
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{DropReason, Galtea, Loss, trace_scope};
///
/// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
/// galtea.shutdown().await.into_result()?;
/// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", type = "RETRIEVER", { "plans" }));
/// for loss in galtea.stats().losses {
///     if let Loss::Dropped { reason: DropReason::AfterShutDown, traces } = loss {
///         assert_eq!(traces, 1); // shut down later, or end the work before
///     }
/// }
/// assert_eq!(galtea.stats().dropped, 1);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DropReason {
    /// What waited to be sent had reached `max_queue_bytes`.
    QueueFull,
    /// The API did not take them within `retry_for`.
    RetriesExhausted,
    /// The client was shut down before the API had taken them.
    ShutDown,
    /// They ended after the client had been shut down.
    AfterShutDown,
    /// They had been in the spool for longer than `spool_max_age`.
    SpoolExpired,
    /// Their spool file could not be read back.
    SpoolDamaged,
}

impl DropReason {
    pub(crate) const ALL: [Self; 6] = [
        Self::QueueFull,
        Self::RetriesExhausted,
        Self::ShutDown,
        Self::AfterShutDown,
        Self::SpoolExpired,
        Self::SpoolDamaged,
    ];

    /// The reason in plain words.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::DropReason;
    ///
    /// assert_eq!(DropReason::QueueFull.as_str(), "the queue was full");
    /// assert_eq!(format!("traces were lost: {}", DropReason::QueueFull), "traces were lost: the queue was full");
    /// # }
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::QueueFull => "the queue was full",
            Self::RetriesExhausted => "the API did not take them in time",
            Self::ShutDown => "the client was shut down before they were sent",
            Self::AfterShutDown => "they ended after the client was shut down",
            Self::SpoolExpired => "they were too old to be sent from the spool",
            Self::SpoolDamaged => "their spool file could not be read back",
        }
    }

    /// What to do about it.
    pub(crate) const fn advice(self) -> &'static str {
        match self {
            Self::QueueFull => "raise `max_queue_bytes`, or give a `spool_dir`",
            Self::RetriesExhausted => "see that the API can be reached, or give a `spool_dir`",
            Self::ShutDown => "raise `flush_timeout`, or give a `spool_dir`",
            Self::AfterShutDown => "let the work end before the client is shut down",
            Self::SpoolExpired => "start a process with this `spool_dir` sooner, or raise `spool_max_age`",
            Self::SpoolDamaged => "look for the file in the directory `set-aside` of the spool",
        }
    }
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Traces that were lost for one reason.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{DropReason, Galtea, Loss, trace_scope};
///
/// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
/// galtea.shutdown().await.into_result()?;
/// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", type = "RETRIEVER", { "plans" }));
/// for loss in galtea.stats().losses {
///     match &loss {
///         Loss::Refused { traces, .. } => println!("metric refused={traces}"),
///         Loss::Dropped { traces, reason } => println!("metric dropped={traces} reason={reason:?}"),
///         _ => println!("{loss}"),
///     }
/// }
/// assert_eq!(galtea.stats().losses[0].to_string(), "1 dropped: they ended after the client was shut down");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Loss {
    /// The API, or the exporter, would not have them.
    Refused {
        /// How many.
        traces: u64,
        /// Why, in the words of whoever refused them.
        reason: String,
    },
    /// The client gave them up.
    Dropped {
        /// How many.
        traces: u64,
        /// Why.
        reason: DropReason,
    },
}

impl fmt::Display for Loss {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { traces, reason } => write!(f, "{traces} refused: {reason}"),
            Self::Dropped { traces, reason } => write!(f, "{traces} dropped: {reason}"),
        }
    }
}

/// One trace that was refused by itself, while others of its batch were taken.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use galtea::export::{Batch, ExportFuture, Exported, Exporter, Refused};
/// use galtea::{Galtea, trace_scope};
///
/// /// Stands for a server that takes all but the first trace of a batch.
/// struct Picky;
///
/// impl Exporter for Picky {
///     fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
///         let first = Refused { index: 0, reason: "`name` must not be empty".into() };
///         Box::pin(async { Ok(Exported::except(vec![first])) })
///     }
/// }
///
/// let galtea = Galtea::builder().exporter(Picky).build()?;
/// galtea.inference_result("ir_1").sync_scope(|| {
///     trace_scope!("answer", type = "AGENT", { trace_scope!("search", type = "RETRIEVER", { "plans" }) })
/// });
/// let report = galtea.flush_blocking(Duration::from_secs(5));
/// for refused in &report.refusals {
///     println!("{} “{}” of {}: {}", refused.id, refused.name, refused.inference_result_id, refused.reason);
/// }
/// assert_eq!(report.refusals[0].name, "answer");
/// assert_eq!((report.stats.delivered, report.stats.refused), (1, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefusedTrace {
    /// The trace's id.
    pub id: TraceId,
    /// The trace's name.
    pub name: String,
    /// The inference result that it belongs to.
    pub inference_result_id: String,
    /// Why, in the words of whoever refused it.
    pub reason: String,
}

impl RefusedTrace {
    pub(crate) fn new(trace: &Trace<'_>, reason: &Reason) -> Self {
        Self {
            id: trace.id(),
            name: trace.name().to_owned(),
            inference_result_id: trace.inference_result_id().to_owned(),
            reason: reason.to_string(),
        }
    }
}

/// What became of the traces: of all of them, or of those since the last report.
///
/// Each trace is in exactly one of `delivered`, `refused`, `dropped`, `spooled` and `pending`, and these add up to
/// `traces`, at any time.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{Galtea, Stats, trace_scope};
///
/// /// What a dashboard shows of the client.
/// fn in_flight(stats: &Stats) -> u64 {
///     stats.pending + stats.spooled
/// }
///
/// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
/// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("answer", type = "AGENT", { "yes" }));
/// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
///
/// let stats = galtea.stats();
/// assert_eq!(in_flight(&stats), 0);
/// assert_eq!(stats.traces, stats.delivered + stats.refused + stats.dropped + stats.spooled + stats.pending);
/// assert_eq!(stats.to_string(), "1 of 1 traces delivered");
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// All traces that this speaks of: recorded by this process, or found in the spool.
    pub traces: u64,
    /// Taken by the API.
    pub delivered: u64,
    /// Not taken by the API, and not to be sent again.
    pub refused: u64,
    /// Given up by the client.
    pub dropped: u64,
    /// On disk in the spool, to be sent in this run or a later one.
    pub spooled: u64,
    /// Only in memory, to be sent in this run.
    pub pending: u64,
    /// The refused and dropped ones, by reason.
    pub losses: Vec<Loss>,
    /// How many scopes were opened with an empty inference result id; nothing was recorded in them.
    pub nameless_scopes: u64,
    /// How many header values that should have held an inference result's id could not be one (feature `tower`).
    pub malformed_ids: u64,
    /// How many traced calls ran in this process, since the client was built, while no inference result was in scope;
    /// nothing was recorded of them. A `tracing` event names each such place in the program once.
    pub unscoped_calls: u64,
    /// How many files in the spool directory were no batches and were moved out of the way.
    pub set_aside_files: u64,
}

impl Stats {
    pub(crate) fn new(totals: &Totals) -> Self {
        let refused = totals
            .refused
            .iter()
            .map(|(reason, traces)| Loss::Refused { traces: *traces, reason: reason.clone() });
        let dropped = DropReason::ALL.into_iter().zip(totals.dropped);
        let dropped = dropped
            .filter(|(_, traces)| *traces > 0)
            .map(|(reason, traces)| Loss::Dropped { traces, reason });
        Self {
            traces: totals.entered,
            delivered: totals.delivered,
            refused: totals.refused_traces(),
            dropped: totals.dropped_traces(),
            spooled: totals.spooled,
            pending: totals.pending,
            losses: refused.chain(dropped).collect(),
            nameless_scopes: totals.nameless_scopes,
            malformed_ids: totals.malformed_ids,
            unscoped_calls: totals.unscoped_calls,
            set_aside_files: totals.set_aside_files,
        }
    }

    fn write_losses(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, loss) in self.losses.iter().enumerate() {
            write!(f, "{}{loss}", if index == 0 { " (" } else { "; " })?;
        }
        if self.losses.is_empty() { Ok(()) } else { f.write_str(")") }
    }
}

fn counted(number: u64, one: &str, several: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { several })
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} traces delivered", self.delivered, self.traces)?;
        let rest = [
            (self.refused, "refused"),
            (self.dropped, "dropped"),
            (self.spooled, "in the spool"),
            (self.pending, "still to be sent"),
        ];
        for (traces, what) in rest.into_iter().filter(|(traces, _)| *traces > 0) {
            write!(f, ", {traces} {what}")?;
        }
        self.write_losses(f)?;
        if self.nameless_scopes > 0 {
            let scopes = counted(self.nameless_scopes, "scope", "scopes");
            write!(f, "; {scopes} had an empty inference result id, and recorded nothing")?;
        }
        if self.malformed_ids > 0 {
            let headers = counted(self.malformed_ids, "header", "headers");
            write!(f, "; {headers} held no usable inference result id")?;
        }
        if self.unscoped_calls > 0 {
            let calls = counted(self.unscoped_calls, "traced call", "traced calls");
            write!(
                f,
                "; {calls} ran outside the scope of any inference result, as the event `galtea.outside_scope` tells"
            )?;
        }
        if self.set_aside_files > 0 {
            let files = counted(self.set_aside_files, "file", "files");
            write!(f, "; {files} in the spool could not be read and went to its directory `set-aside`")?;
        }
        Ok(())
    }
}

/// What a flush, or the shutdown, did: the traces since the last report, and where each of them ended.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let galtea = galtea::Galtea::disabled();
/// let report = galtea.flush_blocking(std::time::Duration::from_secs(1));
/// assert_eq!(report.to_string(), "0 of 0 traces delivered");
/// report.into_result()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a report may tell of lost traces: `.into_result()?` makes that an error"]
#[non_exhaustive]
pub struct FlushReport {
    /// The numbers. What was spooled or pending at the last report is in them again.
    pub stats: Stats,
    /// Traces that were refused while others of their batch were taken, one by one; the last 256 of them.
    pub refusals: Vec<RefusedTrace>,
    /// Why batches could not be written to the spool directory, when they could not.
    pub spool_trouble: Option<String>,
}

impl FlushReport {
    pub(crate) fn new(told: Told) -> Self {
        Self { stats: Stats::new(&told.totals), refusals: told.refusals, spool_trouble: told.spool_trouble }
    }

    /// Whether nothing was lost, and nothing waits that a crash could take: all traces are delivered, or in the spool.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use galtea::export::{Batch, ExportFuture, Exported, Exporter, Refused};
    /// use galtea::{Galtea, trace_scope};
    ///
    /// /// Stands for a server that takes all but the first trace of a batch.
    /// struct Picky;
    ///
    /// impl Exporter for Picky {
    ///     fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
    ///         let first = Refused { index: 0, reason: "`name` must not be empty".into() };
    ///         Box::pin(async { Ok(Exported::except(vec![first])) })
    ///     }
    /// }
    ///
    /// let galtea = Galtea::builder().exporter(Picky).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| {
    ///     trace_scope!("answer", type = "AGENT", { trace_scope!("search", type = "RETRIEVER", { "plans" }) })
    /// });
    /// let report = galtea.flush_blocking(Duration::from_secs(5));
    /// if !report.is_complete() {
    ///     eprintln!("{report}");
    /// }
    /// assert_eq!(report.to_string(), "1 of 2 traces delivered, 1 refused (1 refused: `name` must not be empty)");
    /// # Ok(())
    /// # }
    /// ```
    pub fn is_complete(&self) -> bool {
        self.stats.refused == 0 && self.stats.dropped == 0 && self.stats.pending == 0
    }

    /// The numbers, or an error where traces were lost or are still to be sent.
    ///
    /// # Errors
    ///
    /// When traces were refused, dropped, or are pending still. Traces in the spool are no error.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use galtea::export::{Batch, ExportFuture, Exported, Exporter, Refused};
    /// use galtea::{Galtea, trace_scope};
    ///
    /// /// Stands for a server that takes all but the first trace of a batch.
    /// struct Picky;
    ///
    /// impl Exporter for Picky {
    ///     fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
    ///         let first = Refused { index: 0, reason: "`name` must not be empty".into() };
    ///         Box::pin(async { Ok(Exported::except(vec![first])) })
    ///     }
    /// }
    ///
    /// let galtea = Galtea::builder().exporter(Picky).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| {
    ///     trace_scope!("answer", type = "AGENT", { trace_scope!("search", type = "RETRIEVER", { "plans" }) })
    /// });
    /// let report = galtea.flush_blocking(Duration::from_secs(5));
    /// match report.into_result() {
    ///     Ok(stats) => println!("{stats}"),
    ///     Err(error) => assert_eq!(error.report().stats.refused, 1), // or `?`, where losing traces is a failure
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn into_result(self) -> Result<Stats, DeliveryError> {
        if self.is_complete() { Ok(self.stats) } else { Err(DeliveryError::new(self)) }
    }
}

impl FlushReport {
    /// What to do about traces that were lost or are pending; the reasons of refusals say that themselves.
    pub(crate) fn advice(&self) -> String {
        let dropped = self.stats.losses.iter().filter_map(|loss| match loss {
            Loss::Dropped { reason, .. } => Some(reason.advice()),
            Loss::Refused { .. } => None,
        });
        let pending = (self.stats.pending > 0).then_some("flush again, or raise `flush_timeout`");
        dropped.chain(pending).flat_map(|advice| ["; ", advice]).collect()
    }
}

impl fmt::Display for FlushReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.stats, f)?;
        match &self.spool_trouble {
            Some(trouble) => {
                write!(f, "; the spool could not be used, so a crash may lose traces: {trouble}")
            }
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
