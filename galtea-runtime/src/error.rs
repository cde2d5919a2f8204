//! What can go wrong, one type for each operation.

use std::fmt;

use crate::delivery::FlushReport;

/// Why a client could not be built. The text says what to do.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::{BuildError, Galtea};
///
/// let unset = Galtea::builder().environment(|_| None).build();
/// let Err(error) = unset else { return Ok(()) };
/// assert!(matches!(error, BuildError::MissingKey));
/// assert!(error.to_string().starts_with("no API key: set the environment variable GALTEA_API_KEY"));
///
/// let nonsense = Galtea::builder()
///     .api_key("gsk_0123456789")
///     .environment(|name| (name == "GALTEA_CAPTURE_LIMIT").then(|| "a lot".to_owned()))
///     .build();
/// assert!(matches!(nonsense, Err(BuildError::Variable { name: "GALTEA_CAPTURE_LIMIT", .. })));
/// # Ok(())
/// # }
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// There is no API key.
    #[error(
        "no API key: set the environment variable GALTEA_API_KEY, or give the key to the builder's `api_key`; \
         without an account, `Galtea::local()` prints the traces"
    )]
    MissingKey,
    /// The API key cannot be one.
    #[error(
        "the API key is malformed: {0}; copy it from the Galtea platform, whole and without quotes around it, to \
         GALTEA_API_KEY or `api_key`"
    )]
    MalformedKey(&'static str),
    /// The base URL is not one that requests can be made to.
    #[error(
        "the base URL `{url}` cannot be used: {reason}; give `base_url` or GALTEA_API_URL one such as \
         `https://api.galtea.ai`, or leave it out"
    )]
    BaseUrl {
        /// The URL, without user name and password.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The base URL would send the API key and the traces unencrypted to another machine.
    #[error(
        "the base URL begins with `http://`, so the API key and the traces would go to `{host}` unencrypted: \
         write `https://{host}`, or allow this host with `.allow_http(\"{host}\")`"
    )]
    PlainHttp {
        /// The host of the base URL.
        host: String,
    },
    /// An environment variable holds what it cannot hold.
    #[error(
        "the environment variable {name} is `{value}`, which it cannot be; set it to {expected}, or unset it for the default"
    )]
    Variable {
        /// The variable's name.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it takes.
        expected: &'static str,
    },
    /// A setting has a value that nothing could work with.
    #[error(
        "the setting `{name}` is zero, with which nothing could be recorded or sent; it must be {expected}, or left out \
         for the default"
    )]
    Setting {
        /// The name of the builder's method.
        name: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// The crate was built without the feature `http`, and no exporter was given.
    #[error(
        "there is nothing to send with: galtea is built without its feature `http`, and was given no exporter; enable \
         the feature in Cargo.toml, or call `.exporter(…)`"
    )]
    NoExporter,
    /// The HTTP client could not be made.
    #[error(
        "the HTTP client could not be made: {0}; it needs the root certificates of the system, so install them, in a \
         container image as the package `ca-certificates`"
    )]
    Http(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The delivery thread could not be started.
    #[error(
        "the delivery thread could not be started: {0}; let the process start one thread more, or go on with \
         `Galtea::disabled()`"
    )]
    Thread(#[from] std::io::Error),
}

/// Not all traces reached the API: what [`FlushReport::into_result`] makes of a report that tells so.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::export::MemoryExporter;
/// use galtea::{Galtea, trace_scope};
///
/// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
/// galtea.shutdown().await.into_result()?;
/// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", type = "RETRIEVER", { "plans" }));
/// if let Err(error) = galtea.flush().await.into_result() {
///     assert!(error.to_string().starts_with("not all traces reached Galtea: 0 of 1 traces delivered"));
/// }
/// # Ok(())
/// # }
/// ```
#[derive(thiserror::Error)]
#[error("not all traces reached Galtea: {report}{}", report.advice())]
pub struct DeliveryError {
    report: Box<FlushReport>,
}

// What `unwrap` and a `main` that returns an error show is the `Debug` text.
impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As [`BuildError`]'s.
impl fmt::Debug for DeliveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl DeliveryError {
    pub(crate) fn new(report: FlushReport) -> Self {
        Self { report: Box::new(report) }
    }

    /// The report that tells of the loss.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use galtea::export::MemoryExporter;
    /// use galtea::{Galtea, trace_scope};
    ///
    /// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
    /// galtea.shutdown().await.into_result()?;
    /// galtea.inference_result("ir_1").sync_scope(|| trace_scope!("search", type = "RETRIEVER", { "plans" }));
    /// let lost = galtea.flush().await.into_result().err().map(|error| error.report().stats.dropped);
    /// assert_eq!(lost, Some(1));
    /// # Ok(())
    /// # }
    /// ```
    pub fn report(&self) -> &FlushReport {
        &self.report
    }
}
