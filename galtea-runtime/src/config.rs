//! Settings: what a client is built with, from the builder's methods, the environment and the defaults, in this order.
//!
//! This is the only file that reads the environment of the process.

mod parse;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::capture::{CapturePolicy, SecretNames};
use crate::client::Galtea;
use crate::delivery::Backoff;
use crate::error::BuildError;
use crate::export::Exporter;

const BASE_URL: &str = "https://api.galtea.ai";
const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

type Environment = Box<dyn Fn(&str) -> Option<String> + Send>;
type Mask = Arc<dyn Fn(Value) -> Value + Send + Sync>;

/// How the body of a request holds its traces. Set with [`Builder::batch_format`] or `GALTEA_BATCH_FORMAT`.
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
    Api(ApiSettings),
    Exporter(Arc<dyn Exporter>),
}

/// Settings for a [`Galtea`] client. Made by [`Galtea::builder`].
///
/// What a method sets goes before the environment variable, which goes before the default.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::time::Duration;
/// use galtea_runtime::Galtea;
///
/// let galtea = Galtea::builder()
///     .api_key("gsk_0123456789")
///     .linger(Duration::from_millis(500))
///     .max_queue_bytes(16 * 1024 * 1024)
///     .build()?;
/// # drop(galtea);
/// # Ok(())
/// # }
/// ```
#[must_use = "a builder does nothing until `build` is called"]
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
    pub fn api_key(mut self, key: impl Into<String>) -> Self {
        self.api_key = Some(SecretString::from(key.into()));
        self
    }

    /// Where the API is. Default: `GALTEA_API_URL`, or else `https://api.galtea.ai`.
    ///
    /// With or without a slash at the end; a path prefix is kept.
    pub fn base_url(mut self, url: impl Into<String>) -> Self {
        self.base_url = Some(url.into());
        self
    }

    /// Records and sends nothing when true. Default: `GALTEA_DISABLED`, or else false.
    ///
    /// A disabled client can always be built: no key is needed, and no other setting is looked at.
    pub fn disabled(mut self, disabled: bool) -> Self {
        self.disabled = Some(disabled);
        self
    }

    /// How the body of a request holds its traces. Default: `GALTEA_BATCH_FORMAT`, or else [`BatchFormat::Auto`].
    pub fn batch_format(mut self, format: BatchFormat) -> Self {
        self.batch_format = Some(format);
        self
    }

    /// Allows `http://` to this host, and may be called for several. Default: loopback only.
    ///
    /// The API key and all traces then pass the network in the clear.
    pub fn allow_http(mut self, host: impl Into<String>) -> Self {
        self.allow_http.push(host.into());
        self
    }

    /// Sends batches through this exporter, and not over HTTP. Default: HTTP to the Galtea API.
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
    pub fn linger(mut self, linger: Duration) -> Self {
        self.delivery.linger = linger;
        self
    }

    /// The most traces in one request; larger batches are split. Default: 500.
    pub fn max_batch_traces(mut self, traces: usize) -> Self {
        self.delivery.max_batch_traces = traces;
        self
    }

    /// The most bytes in the body of one request; larger batches are split. Default: 8 MiB.
    ///
    /// A single trace that is larger is cut: its largest fields are shortened, and say so.
    pub fn max_batch_bytes(mut self, bytes: usize) -> Self {
        self.delivery.max_batch_bytes = bytes;
        self
    }

    /// The most memory, in bytes, for what waits to be sent. Default: 64 MiB.
    ///
    /// Batches for which there is no room are dropped, and counted as such.
    pub fn max_queue_bytes(mut self, bytes: usize) -> Self {
        self.delivery.max_queue_bytes = bytes;
        self
    }

    /// How long one request may take. Default: 30 s.
    pub fn request_timeout(mut self, timeout: Duration) -> Self {
        self.delivery.request_timeout = timeout;
        self
    }

    /// How long a batch is tried again after its first try. Default: 5 min.
    ///
    /// Then it is dropped, and counted as such. What is in the spool is tried on, until `spool_max_age`.
    pub fn retry_for(mut self, time: Duration) -> Self {
        self.delivery.retry_for = time;
        self
    }

    /// How long [`flush`](Galtea::flush) and [`shutdown`](Galtea::shutdown) wait at most. Default: 30 s.
    pub fn flush_timeout(mut self, timeout: Duration) -> Self {
        self.delivery.flush_timeout = timeout;
        self
    }

    /// How long dropping the last clone of the client waits at most for what is still to be sent. Default: 3 s.
    pub fn drop_timeout(mut self, timeout: Duration) -> Self {
        self.delivery.drop_timeout = timeout;
        self
    }

    /// The directory of the durable spool. Default: `GALTEA_SPOOL_DIR`, or else there is none.
    ///
    /// With it, a batch is on disk before it is first sent and is removed when the API has it, so that what a crash, a
    /// kill or a day offline kept from being sent is sent by the next process with the same directory. Several
    /// processes may share one.
    pub fn spool_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.spool_dir = Some(dir.into());
        self
    }

    /// The most bytes of batches in the spool. Default: 1 GiB.
    ///
    /// While the spool is full, batches are sent from memory only.
    pub fn spool_max_bytes(mut self, bytes: u64) -> Self {
        self.spool_max_bytes = bytes;
        self
    }

    /// How long a batch may stay in the spool before it is dropped. Default: 7 days.
    pub fn spool_max_age(mut self, age: Duration) -> Self {
        self.spool_max_age = age;
        self
    }
}

/// What is recorded of values.
impl Builder {
    /// The most bytes of JSON for each of a trace's input, output and metadata. Default: `GALTEA_CAPTURE_LIMIT`, such
    /// as `131072` or `64KiB`, or else 128 KiB.
    pub fn capture_limit(mut self, bytes: usize) -> Self {
        self.capture_limit = Some(bytes);
        self
    }

    /// A function that every recorded value goes through; what it returns is recorded. Default: none.
    ///
    /// It runs after values under [`secret_names`](Self::secret_names) were masked.
    pub fn mask(mut self, mask: impl Fn(Value) -> Value + Send + Sync + 'static) -> Self {
        self.mask = Some(Arc::new(mask));
        self
    }

    /// More names whose values are recorded as `"[masked]"`. They add to the built-in list, which always applies.
    pub fn secret_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.secret_names.extend(names.into_iter().map(Into::into));
        self
    }
}

impl Builder {
    /// Where environment variables are looked up. Default: the environment of the process.
    ///
    /// ```
    /// # fn main() -> Result<(), galtea_runtime::BuildError> {
    /// let galtea = galtea_runtime::Galtea::builder()
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
    /// When there is no API key, a setting or a variable has a value that cannot work, or the thread cannot be started.
    pub fn build(self) -> Result<Galtea, BuildError> {
        if self.is_disabled()? { Ok(Galtea::disabled()) } else { Galtea::new(self.settle()?) }
    }

    fn is_disabled(&self) -> Result<bool, BuildError> {
        self.disabled.map_or_else(|| self.variable(&DISABLED), Ok)
    }

    fn settle(self) -> Result<Settings, BuildError> {
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

/// A variable of this process's environment.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
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
        None => "it begins otherwise",
        Some("") => "there is nothing after `gsk_`",
        Some(rest) if !rest.bytes().all(|byte| byte.is_ascii_graphic()) => "it has a character no key has",
        Some(_) => return Ok(SecretString::from(text.to_owned())),
    };
    Err(BuildError::MalformedKey(wrong))
}

#[cfg(test)]
mod tests;
