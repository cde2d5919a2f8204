//! The builder, and what it checks.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{
    ApiSettings, BASE_URL, BATCH_FORMAT, BatchFormat, CAPTURE_LIMIT, CaptureSettings, DISABLED,
    DeliverySettings, Environment, Mask, Settings, SpoolSettings, Target, Variable, variable,
};
use crate::client::Galtea;
use crate::delivery::Backoff;
use crate::error::BuildError;
use crate::export::Exporter;

/// Settings for a [`Galtea`] client. Made by [`Galtea::builder`].
///
/// What a method sets goes before the environment variable, which goes before the default.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use galtea::Galtea;
///
/// let galtea = Galtea::builder()
///     .api_key("gsk_0123456789")
///     .linger(Duration::from_millis(500))
///     .max_queue_bytes(16 * 1024 * 1024)
///     .build()?;
/// assert!(!galtea.is_disabled());
/// # Ok(())
/// # }
/// ```
#[must_use = "there is no client until `.build()?` is called"]
pub struct Builder {
    environment: Environment,
    api_key: Option<SecretString>,
    base_url: Option<String>,
    disabled: Option<bool>,
    batch_format: Option<BatchFormat>,
    allow_http: Vec<String>,
    exporter: Option<Arc<dyn Exporter>>,
    spool_dir: Option<PathBuf>,
    spool_max_bytes: u64,
    spool_max_age: Duration,
    delivery: DeliverySettings,
    capture_limit: Option<usize>,
    mask: Option<Mask>,
    secret_names: Vec<String>,
}

impl Default for Builder {
    fn default() -> Self {
        Self {
            environment: Box::new(variable),
            api_key: None,
            base_url: None,
            disabled: None,
            batch_format: None,
            allow_http: Vec::new(),
            exporter: None,
            spool_dir: None,
            spool_max_bytes: 1024 * 1024 * 1024,
            spool_max_age: Duration::from_secs(7 * 24 * 3600),
            delivery: DeliverySettings::default(),
            capture_limit: None,
            mask: None,
            secret_names: Vec::new(),
        }
    }
}

/// Where traces go.
impl Builder {
    /// The API key, `gsk_…` or `gsk-…`. Default: `GALTEA_API_KEY`. Not needed with an [`exporter`](Self::exporter).
    ///
    /// It is kept as a secret: no `Debug` output, log or error holds it.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::{BuildError, Galtea};
    ///
    /// let key = "gsk_0123456789"; // from a vault, say
    /// let galtea = Galtea::builder().api_key(key).build()?;
    /// assert!(!format!("{galtea:?}").contains("0123456789"));
    ///
    /// let cut = Galtea::builder().api_key("0123456789").build();
    /// assert!(matches!(cut, Err(BuildError::MalformedKey(_))), "no key begins like that");
    /// # Ok(())
    /// # }
    /// ```
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(SecretString::from(key.into()));
        self
    }

    /// Where the API is. Default: `GALTEA_API_URL`, or else `https://api.galtea.ai`.
    ///
    /// With or without a slash at the end; a path prefix is kept.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::{BuildError, Galtea};
    ///
    /// let galtea = Galtea::builder().api_key("gsk_0123456789").base_url("https://proxy.example/galtea").build()?;
    /// assert!(!galtea.is_disabled());
    ///
    /// let misspelt = Galtea::builder().api_key("gsk_0123456789").base_url("htps://proxy.example").build();
    /// assert!(matches!(misspelt, Err(BuildError::BaseUrl { .. })));
    /// # Ok(())
    /// # }
    /// ```
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Records and sends nothing when true. Default: `GALTEA_DISABLED`, or else false.
    ///
    /// A disabled client can always be built: no key is needed, and no other setting is looked at.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let in_a_dry_run = true;
    /// let galtea = Galtea::builder().disabled(in_a_dry_run).build()?; // no key is needed
    /// let sum = galtea.inference_result("ir_1").sync_scope(|| trace_scope!("sum", { 1 + 1 }));
    /// assert_eq!((sum, galtea.stats().traces), (2, 0));
    /// # Ok(())
    /// # }
    /// ```
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = Some(disabled);
        self
    }

    /// How the body of a request holds its traces. Default: `GALTEA_BATCH_FORMAT`, or else [`BatchFormat::Auto`].
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::{BatchFormat, Galtea};
    ///
    /// // Known beforehand, it saves one request that the server may refuse.
    /// let galtea = Galtea::builder().api_key("gsk_0123456789").batch_format(BatchFormat::Array).build()?;
    /// assert!(!galtea.is_disabled());
    /// # Ok(())
    /// # }
    /// ```
    pub fn batch_format(mut self, format: BatchFormat) -> Self {
        self.batch_format = Some(format);
        self
    }

    /// Allows `http://` to this host, and may be called for several. Default: loopback only.
    ///
    /// The API key and all traces then pass the network in the clear.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::{BuildError, Galtea};
    ///
    /// let to_sidecar = || Galtea::builder().api_key("gsk_0123456789").base_url("http://collector.internal:8080");
    /// assert!(matches!(to_sidecar().build(), Err(BuildError::PlainHttp { host }) if host == "collector.internal"));
    /// assert!(to_sidecar().allow_http("collector.internal").build().is_ok());
    /// # Ok(())
    /// # }
    /// ```
    pub fn allow_http(mut self, host: impl Into<String>) -> Self {
        self.allow_http.push(host.into());
        self
    }

    /// Sends batches through this exporter, and not over HTTP. Default: HTTP to the Galtea API.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", type = "RETRIEVER", { ["plans"] }));
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// assert_eq!(memory.batches()[0].inference_result_id(), "ir_1");
    /// # Ok(())
    /// # }
    /// ```
    pub fn exporter(mut self, exporter: impl Exporter) -> Self {
        self.exporter = Some(Arc::new(exporter));
        self
    }

    /// For tests, which cannot wait for as long as a server deserves.
    pub(crate) fn backoff(mut self, backoff: Backoff) -> Self {
        self.delivery.backoff = backoff;
        self
    }
}

/// When they go, and what happens when they cannot.
impl Builder {
    /// How long a scope that has ended waits for its traces that are still open. Default: 2 s.
    ///
    /// What ends later is sent in a batch of its own.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, TraceContext, trace_scope};
    ///
    /// // Nothing here goes on after the answer, so there is nothing to wait for.
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).linger(Duration::ZERO).build()?;
    /// let late = galtea.inference_result("ir_1").sync_scope(|| {
    ///     trace_scope!("answer", type = "AGENT", {
    ///         TraceContext::current().wrap(|| trace_scope!("note_down", { "after the answer" }))
    ///     })
    /// });
    /// late();
    /// let stats = galtea.flush_blocking(Duration::from_secs(5)).into_result()?;
    /// assert_eq!(stats.delivered, 2, "what ends late is delivered all the same");
    /// # Ok(())
    /// # }
    /// ```
    pub fn linger(mut self, linger: Duration) -> Self {
        self.delivery.linger = linger;
        self
    }

    /// The most traces in one request, at least 1; larger batches are split. Default: 500.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).max_batch_traces(2).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| {
    ///     for page in 1..=3 {
    ///         trace_scope!("fetch", type = "TOOL", input = { "page": page }, {});
    ///     }
    /// });
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// let sizes: Vec<_> = memory.batches().iter().map(|batch| batch.len()).collect();
    /// assert_eq!(sizes, [2, 1]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn max_batch_traces(mut self, traces: usize) -> Self {
        self.delivery.max_batch_traces = traces;
        self
    }

    /// The most bytes in the body of one request, at least 1; larger batches are split. Default: 8 MiB.
    ///
    /// A single trace that is larger is cut: its largest fields are shortened, and say so.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).max_batch_bytes(10_000).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| {
    ///     for _ in 0..3 {
    ///         trace_scope!("fetch", type = "TOOL", { "page ".repeat(1_200) }); // 6,000 bytes each
    ///     }
    /// });
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// assert_eq!(memory.batches().len(), 3);
    /// # Ok(())
    /// # }
    /// ```
    pub fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.delivery.max_batch_bytes = bytes;
        self
    }

    /// The most memory, in bytes, for what waits to be sent. Default: 64 MiB.
    ///
    /// Batches for which there is no room are dropped, and counted as such.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{DropReason, Galtea, Loss, trace_scope};
    ///
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).max_queue_bytes(1_000).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("fetch", { "page ".repeat(1_200) }));
    /// let report = galtea.flush_blocking(std::time::Duration::from_secs(5));
    /// assert_eq!(report.stats.losses, [Loss::Dropped { traces: 1, reason: DropReason::QueueFull }]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn max_queue_bytes(mut self, bytes: usize) -> Self {
        self.delivery.max_queue_bytes = bytes;
        self
    }

    /// How long one request may take; longer than nothing. Default: 30 s.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use galtea::export::{Batch, ExportFuture, Exporter};
    /// use galtea::{DropReason, Galtea, Loss, trace_scope};
    ///
    /// struct Hanging; // a server that never answers
    ///
    /// impl Exporter for Hanging {
    ///     fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
    ///         Box::pin(std::future::pending())
    ///     }
    /// }
    ///
    ///
    /// let galtea = Galtea::builder()
    ///     .exporter(Hanging)
    ///     .request_timeout(Duration::from_millis(10))
    ///     .retry_for(Duration::ZERO)
    ///     .build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", { "plans" }));
    /// let report = galtea.flush_blocking(Duration::from_secs(5));
    /// assert_eq!(report.stats.losses, [Loss::Dropped { traces: 1, reason: DropReason::RetriesExhausted }]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.delivery.request_timeout = timeout;
        self
    }

    /// How long a batch is tried again after its first try. Default: 5 min.
    ///
    /// Then it is dropped, and counted as such. What is in the spool is tried on, until `spool_max_age`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use galtea::export::{Batch, ExportError, ExportFuture, Exporter};
    /// use galtea::{DropReason, Galtea, Loss, trace_scope};
    ///
    /// struct Closed;
    ///
    /// impl Exporter for Closed {
    ///     fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
    ///         Box::pin(async { Err(ExportError::retry("closed until Monday")) })
    ///     }
    /// }
    ///
    /// let galtea = Galtea::builder().exporter(Closed).retry_for(Duration::from_millis(20)).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", { "plans" }));
    /// let report = galtea.flush_blocking(Duration::from_secs(5));
    /// assert_eq!(report.stats.losses, [Loss::Dropped { traces: 1, reason: DropReason::RetriesExhausted }]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn retry_for(mut self, time: Duration) -> Self {
        self.delivery.retry_for = time;
        self
    }

    /// How long [`flush`](Galtea::flush) and [`shutdown`](Galtea::shutdown) wait at most. Default: 30 s.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use galtea::export::{Batch, ExportFuture, Exporter};
    /// use galtea::{Galtea, trace_scope};
    ///
    /// struct Hanging; // a server that never answers
    ///
    /// impl Exporter for Hanging {
    ///     fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
    ///         Box::pin(std::future::pending())
    ///     }
    /// }
    ///
    /// let galtea = Galtea::builder()
    ///     .exporter(Hanging)
    ///     .flush_timeout(Duration::from_millis(10))
    ///     .drop_timeout(Duration::ZERO)
    ///     .build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", { "plans" }));
    /// assert_eq!(galtea.flush().await.stats.pending, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.delivery.flush_timeout = timeout;
        self
    }

    /// How long dropping the last clone of the client waits at most for what is still to be sent. Default: 3 s.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use std::time::Duration;
    /// use galtea::export::{Batch, ExportFuture, Exporter};
    /// use galtea::{Galtea, trace_scope};
    ///
    /// struct Hanging; // a server that never answers
    ///
    /// impl Exporter for Hanging {
    ///     fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
    ///         Box::pin(std::future::pending())
    ///     }
    /// }
    ///
    ///
    /// let galtea = Galtea::builder().exporter(Hanging).drop_timeout(Duration::from_millis(10)).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", { "plans" }));
    /// let dropping = std::time::Instant::now();
    /// drop(galtea);
    /// assert!(dropping.elapsed() < Duration::from_secs(3), "a command-line tool should not make people wait");
    /// # Ok(())
    /// # }
    /// ```
    pub fn drop_timeout(mut self, timeout: Duration) -> Self {
        self.delivery.drop_timeout = timeout;
        self
    }

    /// The directory of the durable spool. Default: `GALTEA_SPOOL_DIR`, or else there is none.
    ///
    /// With it, a batch is on disk before it is first sent and is removed when the API has it, so that what a crash, a
    /// kill or a day offline kept from being sent is sent by the next process with the same directory. Several
    /// processes may share one; each sends its own batches, and those of processes that are gone. The directory is made
    /// when it does not exist. While it cannot be used, batches are sent from memory, and
    /// [`FlushReport::spool_trouble`](crate::FlushReport::spool_trouble) says why.
    ///
    /// Each batch is a file, readable by its owner only, that holds the body of a request as it is sent: a JSON array
    /// of traces. The API key is not in it. To look at one, open it; to send one by hand, when no process uses the
    /// directory:
    ///
    /// ```text
    /// curl --fail -H "Authorization: Bearer $GALTEA_API_KEY" -H "Content-Type: application/json" \
    ///     --data-binary @01762493516000-3f2a9c1e5b7d8e90-00000001-12-9a8b7c6d5e4f3a2b.json \
    ///     "https://api.galtea.ai/traces/batch?includeRejected=true"
    /// ```
    ///
    /// The name tells when the batch was made (milliseconds since 1970), by which process, the how-manieth it was, how
    /// many traces it holds, and a hash of the inference result id. Files that cannot be read are moved to the directory
    /// `set-aside` in it, and counted; files with other names are left alone.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    ///
    /// let spool = folder.join("galtea-spool");
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).spool_dir(&spool).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", { "plans" }));
    /// let report = galtea.flush_blocking(std::time::Duration::from_secs(5));
    /// assert_eq!((report.stats.delivered, report.spool_trouble), (1, None));
    /// assert!(spool.is_dir());
    /// # Ok(())
    /// # }
    /// ```
    pub fn spool_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.spool_dir = Some(dir.into());
        self
    }

    /// The most bytes of batches in the spool. Default: 1 GiB.
    ///
    /// While the spool is full, batches are sent from memory only.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    ///
    /// let galtea = Galtea::builder()
    ///     .exporter(MemoryExporter::new())
    ///     .spool_dir(folder)
    ///     .spool_max_bytes(100 * 1024 * 1024)
    ///     .build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", { "plans" }));
    /// assert_eq!(galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?.delivered, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spool_max_bytes(mut self, bytes: u64) -> Self {
        self.spool_max_bytes = bytes;
        self
    }

    /// How long a batch may stay in the spool before it is dropped. Default: 7 days.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let folder = tempfile::tempdir()?;
    /// # let folder = folder.path();
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    ///
    /// let one_day = std::time::Duration::from_secs(24 * 3600); // no evaluation reads older traces
    /// let galtea =
    ///     Galtea::builder().exporter(MemoryExporter::new()).spool_dir(folder).spool_max_age(one_day).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", { "plans" }));
    /// assert_eq!(galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?.delivered, 1);
    /// # Ok(())
    /// # }
    /// ```
    pub fn spool_max_age(mut self, age: Duration) -> Self {
        self.spool_max_age = age;
        self
    }
}

/// What is recorded of values.
impl Builder {
    /// The most bytes of JSON for each of a trace's input, output and metadata. Default: `GALTEA_CAPTURE_LIMIT`, such
    /// as `131072` or `64KiB`, or else 128 KiB. At least 1; more than 256 MiB counts as 256 MiB.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).capture_limit(200).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("fetch", { "page ".repeat(1_200) }));
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// let batches = memory.take();
    /// let output = batches[0].iter().next().and_then(|trace| trace.output()).unwrap_or_default();
    /// assert!(output.len() <= 200 && output.ends_with("…[truncated, 6000 bytes]\"}"), "{output}");
    /// # Ok(())
    /// # }
    /// ```
    pub fn capture_limit(mut self, bytes: usize) -> Self {
        self.capture_limit = Some(bytes);
        self
    }

    /// A function that every recorded value goes through; what it returns is recorded. Default: none.
    ///
    /// It runs after values under [`secret_names`](Self::secret_names) were masked.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let no_addresses = |value: serde_json::Value| match value["value"].as_str() {
    ///     Some(text) if text.contains('@') => serde_json::json!({ "value": "[address]" }),
    ///     _ => value,
    /// };
    /// let galtea = Galtea::builder().exporter(memory.clone()).mask(no_addresses).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("find_customer", { "grace@example.com" }));
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// let batches = memory.take();
    /// assert_eq!(batches[0].iter().next().and_then(|trace| trace.output()), Some(r#"{"value":"[address]"}"#));
    /// # Ok(())
    /// # }
    /// ```
    pub fn mask(mut self, mask: impl Fn(Value) -> Value + Send + Sync + 'static) -> Self {
        self.mask = Some(Arc::new(mask));
        self
    }

    /// More names whose values are recorded as `"[masked]"`. They add to the built-in list, which always applies.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let memory = MemoryExporter::new();
    /// let galtea = Galtea::builder().exporter(memory.clone()).secret_names(["iban", "employee_id"]).build()?;
    /// galtea.inference_result("ir_1").sync_scope(|| {
    ///     trace_scope!("pay", input = { "IBAN": "ES91 2100 0418", "cents": 250 }, {});
    /// });
    /// galtea.flush_blocking(std::time::Duration::from_secs(5)).into_result()?;
    /// let batches = memory.take();
    /// let input = batches[0].iter().next().and_then(|trace| trace.input());
    /// assert_eq!(input, Some(r#"{"IBAN":"[masked]","cents":250}"#));
    /// # Ok(())
    /// # }
    /// ```
    pub fn secret_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.secret_names.extend(names.into_iter().map(Into::into));
        self
    }
}

impl Builder {
    /// Where environment variables are looked up. Default: the environment of the process.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), galtea::BuildError> {
    /// let galtea = galtea::Galtea::builder()
    ///     .environment(|name| (name == "GALTEA_DISABLED").then(|| "1".to_owned()))
    ///     .build()?;
    /// assert!(galtea.is_disabled());
    /// # Ok(())
    /// # }
    /// ```
    pub fn environment(mut self, variable: impl Fn(&str) -> Option<String> + Send + 'static) -> Self {
        self.environment = Box::new(variable);
        self
    }

    /// Builds the client and starts its delivery thread. Makes no request.
    ///
    /// # Errors
    ///
    /// * [`MissingKey`](BuildError::MissingKey), [`MalformedKey`](BuildError::MalformedKey): there is no API key, or it cannot
    ///   be one. With an [`exporter`](Self::exporter) none is needed.
    /// * [`BaseUrl`](BuildError::BaseUrl), [`PlainHttp`](BuildError::PlainHttp): requests cannot, or should not, be made to
    ///   [`base_url`](Self::base_url).
    /// * [`Setting`](BuildError::Setting), [`Variable`](BuildError::Variable): a value that cannot work.
    /// * [`NoExporter`](BuildError::NoExporter): there is neither the feature `http` nor an exporter.
    /// * [`Http`](BuildError::Http), [`Thread`](BuildError::Thread): the HTTP client or the delivery thread could not be made.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() -> Result<(), galtea::BuildError> {
    /// use galtea::{BuildError, Galtea};
    ///
    /// match Galtea::builder().environment(|_| None).build() {
    ///     Ok(galtea) => println!("{galtea:?}"),
    ///     Err(BuildError::MissingKey) => println!("traces are off: GALTEA_API_KEY is not set"),
    ///     Err(error) => return Err(error),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn build(self) -> Result<Galtea, BuildError> {
        if self.is_disabled()? { Ok(Galtea::disabled()) } else { Galtea::new(self.settle()?) }
    }

    fn is_disabled(&self) -> Result<bool, BuildError> {
        self.disabled.map_or_else(|| self.variable(&DISABLED), Ok)
    }

    pub(super) fn settle(self) -> Result<Settings, BuildError> {
        let delivery = self.settle_delivery()?;
        let capture = self.settle_capture()?;
        let target = self.settle_target()?;
        Ok(Settings { delivery, capture, target })
    }

    fn settle_delivery(&self) -> Result<DeliverySettings, BuildError> {
        at_least_one("max_batch_traces", self.delivery.max_batch_traces)?;
        at_least_one("max_batch_bytes", self.delivery.max_batch_bytes)?;
        if self.delivery.request_timeout.is_zero() {
            return Err(BuildError::Setting { name: "request_timeout", expected: "longer than nothing" });
        }
        let dir = self.spool_dir.clone().or_else(|| self.text("GALTEA_SPOOL_DIR").map(PathBuf::from));
        let (max_bytes, max_age) = (self.spool_max_bytes, self.spool_max_age);
        let spool = dir.map(|dir| SpoolSettings { dir, max_bytes, max_age });
        Ok(DeliverySettings { spool, ..self.delivery.clone() })
    }

    fn settle_capture(&self) -> Result<CaptureSettings, BuildError> {
        let limit = self.capture_limit.map_or_else(|| self.variable(&CAPTURE_LIMIT), Ok)?;
        at_least_one("capture_limit", limit)?;
        Ok(CaptureSettings { limit, mask: self.mask.clone(), secret_names: self.secret_names.clone() })
    }

    fn settle_target(self) -> Result<Target, BuildError> {
        if let Some(exporter) = &self.exporter {
            return Ok(Target::Exporter(Arc::clone(exporter)));
        }
        let batch_format = self.batch_format.map_or_else(|| self.variable(&BATCH_FORMAT), Ok)?;
        let base_url = self.base_url.clone().or_else(|| self.text("GALTEA_API_URL"));
        let key = self.api_key.clone().or_else(|| self.text("GALTEA_API_KEY").map(SecretString::from));
        Ok(Target::Api(ApiSettings {
            key: check_key(&key.ok_or(BuildError::MissingKey)?)?,
            base_url: base_url.unwrap_or_else(|| BASE_URL.to_owned()),
            batch_format,
            allow_http: self.allow_http,
        }))
    }

    /// A variable that is set to nothing counts as not set.
    fn text(&self, name: &str) -> Option<String> {
        (self.environment)(name).filter(|value| !value.trim().is_empty())
    }

    fn variable<T: Copy>(&self, variable: &Variable<T>) -> Result<T, BuildError> {
        let Variable { name, expected, default, parse } = *variable;
        let Some(value) = self.text(name) else { return Ok(default) };
        parse(value.trim()).ok_or(BuildError::Variable { name, value, expected })
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("api_key", &self.api_key)
            .field("disabled", &self.disabled)
            .field("batch_format", &self.batch_format)
            .field("allow_http", &self.allow_http)
            .field("exporter", &self.exporter.is_some())
            .field("spool_dir", &self.spool_dir)
            .field("delivery", &self.delivery)
            .field("capture_limit", &self.capture_limit)
            .field("mask", &self.mask.is_some())
            .field("secret_names", &self.secret_names)
            .finish_non_exhaustive()
    }
}

fn at_least_one(name: &'static str, value: usize) -> Result<(), BuildError> {
    if value == 0 { Err(BuildError::Setting { name, expected: "at least 1" }) } else { Ok(()) }
}

/// Keys come out of files and dashboards: white space around one is no part of it.
fn check_key(key: &SecretString) -> Result<SecretString, BuildError> {
    let text = key.expose_secret().trim();
    let rest = text.strip_prefix("gsk_").or_else(|| text.strip_prefix("gsk-"));
    let wrong = match rest {
        _ if text.is_empty() => return Err(BuildError::MissingKey),
        None => "it does not begin with `gsk_` or `gsk-`",
        Some("") => "nothing follows its `gsk_`",
        Some(rest) if !rest.bytes().all(|byte| byte.is_ascii_graphic()) => {
            "it has a blank or another character that no key has"
        }
        Some(_) => return Ok(SecretString::from(text.to_owned())),
    };
    Err(BuildError::MalformedKey(wrong))
}
