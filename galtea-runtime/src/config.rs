//! Settings: what a client is built with, from the builder's methods, the environment and the defaults, in this order.
//!
//! This is the only file that reads the environment of the process.

mod builder;
mod parse;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;
use serde_json::Value;

pub use self::builder::Builder;
use crate::capture::{CapturePolicy, SecretNames};
use crate::delivery::Backoff;
use crate::export::Exporter;

const BASE_URL: &str = "https://api.galtea.ai";
const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

type Environment = Box<dyn Fn(&str) -> Option<String> + Send>;
type Mask = Arc<dyn Fn(Value) -> Value + Send + Sync>;

/// How the body of a request holds its traces. Set with [`Builder::batch_format`] or `GALTEA_BATCH_FORMAT`.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::{BatchFormat, BuildError, Galtea};
///
/// // As GALTEA_BATCH_FORMAT spells it:
/// let variable = |value: &'static str| {
///     Galtea::builder()
///         .api_key("gsk_0123456789")
///         .environment(move |name| (name == "GALTEA_BATCH_FORMAT").then(|| value.to_owned()))
/// };
/// assert!(variable("envelope").build().is_ok());
/// assert!(matches!(variable("xml").build(), Err(BuildError::Variable { .. })));
/// // A setting goes before the variable.
/// assert!(variable("xml").batch_format(BatchFormat::Envelope).build().is_ok());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum BatchFormat {
    /// Finds out what the server takes, and remembers it for the life of the client. `auto`.
    #[default]
    Auto,
    /// A JSON array of traces. `array`.
    Array,
    /// A JSON object with the traces under `traces`. `envelope`.
    Envelope,
}

/// An environment variable that holds more than a text.
struct Variable<T> {
    name: &'static str,
    expected: &'static str,
    default: T,
    parse: fn(&str) -> Option<T>,
}

const DISABLED: Variable<bool> =
    Variable { name: "GALTEA_DISABLED", expected: "`1` or `0`", default: false, parse: parse::switch };
const CAPTURE_LIMIT: Variable<usize> = Variable {
    name: "GALTEA_CAPTURE_LIMIT",
    expected: "a number of bytes such as `131072` or `64KiB`",
    default: 128 * KIB,
    parse: parse::bytes,
};
const BATCH_FORMAT: Variable<BatchFormat> = Variable {
    name: "GALTEA_BATCH_FORMAT",
    expected: "`auto`, `array` or `envelope`",
    default: BatchFormat::Auto,
    parse: parse::batch_format,
};

/// How batches are delivered. Every limit is settled and checked here.
#[derive(Clone, Debug)]
pub(crate) struct DeliverySettings {
    pub(crate) linger: Duration,
    pub(crate) max_batch_traces: usize,
    pub(crate) max_batch_bytes: usize,
    pub(crate) max_queue_bytes: usize,
    pub(crate) request_timeout: Duration,
    pub(crate) retry_for: Duration,
    pub(crate) flush_timeout: Duration,
    pub(crate) drop_timeout: Duration,
    pub(crate) backoff: Backoff,
    pub(crate) spool: Option<SpoolSettings>,
}

impl Default for DeliverySettings {
    fn default() -> Self {
        Self {
            linger: Duration::from_secs(2),
            max_batch_traces: 500,
            max_batch_bytes: 8 * MIB,
            max_queue_bytes: 64 * MIB,
            request_timeout: Duration::from_secs(30),
            retry_for: Duration::from_secs(300),
            flush_timeout: Duration::from_secs(30),
            drop_timeout: Duration::from_secs(3),
            backoff: Backoff::default(),
            spool: None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SpoolSettings {
    pub(crate) dir: PathBuf,
    pub(crate) max_bytes: u64,
    pub(crate) max_age: Duration,
}

/// Where the API is and how it is spoken to.
#[derive(Debug)]
#[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only the HTTP exporter needs it"))]
pub(crate) struct ApiSettings {
    pub(crate) key: SecretString,
    pub(crate) base_url: String,
    pub(crate) batch_format: BatchFormat,
    pub(crate) allow_http: Vec<String>,
}

/// What is recorded of values.
#[derive(Clone)]
pub(crate) struct CaptureSettings {
    pub(crate) limit: usize,
    pub(crate) mask: Option<Mask>,
    pub(crate) secret_names: Vec<String>,
}

#[cfg(feature = "testing")]
impl Default for CaptureSettings {
    fn default() -> Self {
        Self { limit: CAPTURE_LIMIT.default, mask: None, secret_names: Vec::new() }
    }
}

impl CaptureSettings {
    pub(crate) fn policy(self) -> CapturePolicy {
        let names = self.secret_names.iter().fold(SecretNames::default(), |names, name| names.with(name));
        let policy = CapturePolicy::default().with_field_limit(self.limit).with_secret_names(names);
        match self.mask {
            Some(mask) => policy.with_mask(move |value| mask(value)),
            None => policy,
        }
    }
}

/// All that a client is made of.
pub(crate) struct Settings {
    pub(crate) delivery: DeliverySettings,
    pub(crate) capture: CaptureSettings,
    pub(crate) target: Target,
}

/// Where the batches go.
pub(crate) enum Target {
    Api(
        #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only the HTTP exporter needs it"))]
        ApiSettings,
    ),
    Exporter(Arc<dyn Exporter>),
}

/// A variable of this process's environment.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests;
