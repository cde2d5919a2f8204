//! Settings of a capture, and the capture itself.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::recording::{Recording, block_on};
use super::tree::TraceTree;
use crate::clock::{Anchor, Elapsed};
use crate::config::CaptureSettings;
use crate::delivery::Collector;
use crate::recorder::Recorder;
use crate::scope::InferenceResult;

/// 2000-01-01T00:00:00Z, since the Unix epoch.
const START: Duration = Duration::from_secs(946_684_800);
/// Long for a unit test, short for whoever waits for one.
const WAIT: Duration = Duration::from_secs(5);

/// Records what `future` does, and gives back the traces; what the future returns is dropped.
///
/// Nothing leaves the process and nothing is shared: any number of captures may run at once, in any async runtime or in
/// none. The environment is not read, `GALTEA_DISABLED` included. All settings are those of [`Capture::new`].
///
/// Traced work that the future has started with `galtea::spawn` and has not waited for belongs to it: the capture waits,
/// for 5 seconds at most; see [`Capture::wait`]. A time limit of your own goes inside, `capture(timeout(…))`, for a
/// capture that is dropped gives nothing.
///
/// # Panics
///
/// Where `future` does. What was recorded until then is printed on standard error, where test runners show it. To look at
/// a panic, catch it inside: see the [module's documentation](super#panics).
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tree = galtea_runtime::testing::capture(async { support_agent() }).await;
/// assert_eq!(tree.names(), ["support_agent", "search", "fetch_user"]);
/// # }
/// ```
pub async fn capture<F: Future>(future: F) -> TraceTree {
    capture_output(future).await.1
}

/// As [`capture`](fn@capture), of code that is not async: needs no runtime.
///
/// It waits by blocking the thread. On the one thread of a current-thread runtime, tasks that the code has spawned cannot go
/// on meanwhile: use [`capture`](fn@capture) there.
///
/// # Panics
///
/// Where `run` does, as in [`capture`](fn@capture).
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// let tree = capture_sync(|| support_agent());
/// assert_eq!(tree.names(), ["support_agent", "search", "fetch_user"]);
/// # }
/// ```
#[must_use = "the traces are what a capture is for: write `let tree = …`"]
pub fn capture_sync<R>(run: impl FnOnce() -> R) -> TraceTree {
    capture_output_sync(run).1
}

/// As [`capture`](fn@capture), and gives what the future returns too.
///
/// # Panics
///
/// Where `future` does, as in [`capture`](fn@capture).
///
/// ```
/// # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
/// # runtime.block_on(async {
/// let (sum, tree) = galtea_runtime::testing::capture_output(async { 1 + 1 }).await;
/// assert_eq!(sum, 2);
/// # drop(tree);
/// # });
/// ```
pub async fn capture_output<F: Future>(future: F) -> (F::Output, TraceTree) {
    Capture::new().run(future).await
}

/// As [`capture_sync`], and gives what the closure returns too.
///
/// # Panics
///
/// Where `run` does, as in [`capture`](fn@capture).
///
/// ```
/// let (sum, tree) = galtea_runtime::testing::capture_output_sync(|| 1 + 1);
/// assert_eq!(sum, 2);
/// # drop(tree);
/// ```
#[must_use = "the traces are what a capture is for: write `let tree = …`"]
pub fn capture_output_sync<R>(run: impl FnOnce() -> R) -> (R, TraceTree) {
    Capture::new().run_sync(run)
}

/// A capture with settings of its own.
///
/// Clock and ids are fixed: the same code records the same times and the same ids in every run, as long as it does things
/// in the same order.
///
/// ```
/// use std::time::Duration;
/// use galtea_runtime::testing::Capture;
///
/// let (sum, tree) = Capture::new().wait(Duration::ZERO).capture_limit(1_000).run_sync(|| 1 + 1);
/// assert_eq!(sum, 2);
/// # drop(tree);
/// ```
#[must_use = "nothing is captured until `run` or `run_sync` is called"]
pub struct Capture {
    inference_result_id: String,
    start: SystemTime,
    clock: Elapsed,
    wait: Duration,
    settings: CaptureSettings,
}

impl Capture {
    /// The settings that [`capture`](fn@capture) has too: a clock that begins at 2000-01-01T00:00:00Z and goes on by a
    /// millisecond whenever it is read, and the limits and masks of a client with no settings.
    pub fn new() -> Self {
        Self {
            inference_result_id: "ir_test".to_owned(),
            start: SystemTime::UNIX_EPOCH + START,
            clock: stepping(Duration::from_millis(1)),
            wait: WAIT,
            settings: CaptureSettings::default(),
        }
    }

    /// The id of the inference result. Default: `ir_test`.
    ///
    /// ```
    /// # use galtea_runtime::testing::Capture;
    /// let capture = Capture::new().inference_result_id("ir_17");
    /// # drop(capture);
    /// ```
    pub fn inference_result_id(self, id: impl Into<String>) -> Self {
        Self { inference_result_id: id.into(), ..self }
    }

    /// When the capture begins, as the traces have it. Default: 2000-01-01T00:00:00Z.
    ///
    /// ```
    /// # use galtea_runtime::testing::Capture;
    /// let capture = Capture::new().start_time(std::time::SystemTime::now());
    /// # drop(capture);
    /// ```
    pub fn start_time(self, time: SystemTime) -> Self {
        Self { start: time, ..self }
    }

    /// How far the clock goes on whenever it is read: once at the beginning and once at the end of each trace, and once for
    /// each item of a stream. Default: 1 ms. With nothing, every trace begins at the start time and has no latency.
    ///
    /// ```
    /// # use galtea_runtime::testing::Capture;
    /// let capture = Capture::new().step(std::time::Duration::ZERO);
    /// # drop(capture);
    /// ```
    pub fn step(self, step: Duration) -> Self {
        Self { clock: stepping(step), ..self }
    }

    /// A clock of your own: tells how much time has passed since the start time. It may be read on any thread, should
    /// never go back, and must not panic.
    ///
    /// With tokio's clock, latencies are those of a paused runtime; with `std::time::Instant`, they are real.
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(async {
    /// # use galtea_runtime::testing::Capture;
    /// let begun = tokio::time::Instant::now();
    /// let ((), tree) = Capture::new().clock(move || begun.elapsed()).run(async {}).await;
    /// # drop(tree);
    /// # });
    /// ```
    pub fn clock(self, elapsed: impl Fn() -> Duration + Send + Sync + 'static) -> Self {
        Self { clock: Elapsed(Arc::new(elapsed)), ..self }
    }

    /// How long to wait, in real time, for traced work that is still running when the code under test is done. Default: 5 s.
    ///
    /// What has not ended by then is counted in [`TraceTree::unfinished`], shown, and fails `assert_trace_tree!`. With
    /// nothing, the capture ends at once: for code whose spawned work never ends.
    ///
    /// ```
    /// # use galtea_runtime::testing::Capture;
    /// let capture = Capture::new().wait(std::time::Duration::from_millis(100));
    /// # drop(capture);
    /// ```
    pub fn wait(self, limit: Duration) -> Self {
        Self { wait: limit, ..self }
    }

    /// As [`Builder::capture_limit`](crate::Builder::capture_limit), in bytes. Default: 128 KiB.
    ///
    /// ```
    /// # use galtea_runtime::testing::Capture;
    /// let capture = Capture::new().capture_limit(1_024);
    /// # drop(capture);
    /// ```
    pub fn capture_limit(mut self, bytes: usize) -> Self {
        self.settings.limit = bytes;
        self
    }

    /// As [`Builder::mask`](crate::Builder::mask), to see what a mask of yours lets through. Default: none.
    ///
    /// ```
    /// # use galtea_runtime::testing::Capture;
    /// let capture = Capture::new().mask(|value| value);
    /// # drop(capture);
    /// ```
    pub fn mask(mut self, mask: impl Fn(Value) -> Value + Send + Sync + 'static) -> Self {
        self.settings.mask = Some(Arc::new(mask));
        self
    }

    /// As [`Builder::secret_names`](crate::Builder::secret_names): they add to the built-in list.
    ///
    /// ```
    /// # use galtea_runtime::testing::Capture;
    /// let capture = Capture::new().secret_names(["iban"]);
    /// # drop(capture);
    /// ```
    pub fn secret_names<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        self.settings.secret_names.extend(names.into_iter().map(Into::into));
        self
    }

    /// Records what `future` does; gives what it returns, and the traces.
    ///
    /// # Panics
    ///
    /// Where `future` does, as in [`capture`](fn@capture).
    ///
    /// ```
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # use galtea_runtime::testing::Capture;
    /// let (sum, tree) = Capture::new().run(async { 1 + 1 }).await;
    /// # assert!(sum == 2 && tree.is_empty());
    /// # });
    /// ```
    pub async fn run<F: Future>(self, future: F) -> (F::Output, TraceTree) {
        let (result, mut recording) = self.begin();
        let watched = recording.watch();
        let scope = result.scope(async {
            watched.notice();
            future.await
        });
        let output = scope.await;
        (output, recording.finish().await)
    }

    /// Records what `run` does; gives what it returns, and the traces.
    ///
    /// # Panics
    ///
    /// Where `run` does, as in [`capture`](fn@capture).
    ///
    /// ```
    /// # use galtea_runtime::testing::Capture;
    /// let (sum, tree) = Capture::new().run_sync(|| 1 + 1);
    /// # assert!(sum == 2 && tree.is_empty());
    /// ```
    pub fn run_sync<R>(self, run: impl FnOnce() -> R) -> (R, TraceTree) {
        let (result, mut recording) = self.begin();
        let watched = recording.watch();
        let output = result.sync_scope(|| {
            watched.notice();
            run()
        });
        (output, block_on(recording.finish()))
    }

    fn begin(self) -> (InferenceResult, Recording) {
        let (delivery, collector) = Collector::new();
        let policy = Arc::new(self.settings.policy());
        let clock = Anchor::given(self.start, self.clock);
        let recorder = Recorder::with(self.inference_result_id.into(), delivery, policy, clock, 0);
        (InferenceResult::recorded_by(recorder), Recording::new(collector, self.wait))
    }
}

impl Default for Capture {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Capture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Capture")
            .field("inference_result_id", &self.inference_result_id)
            .field("start", &self.start)
            .field("wait", &self.wait)
            .finish_non_exhaustive()
    }
}

/// The first answer is nothing.
fn stepping(step: Duration) -> Elapsed {
    let step = u64::try_from(step.as_nanos()).unwrap_or(u64::MAX);
    let reads = AtomicU64::new(0);
    Elapsed(Arc::new(move || {
        Duration::from_nanos(step.saturating_mul(reads.fetch_add(1, Ordering::Relaxed)))
    }))
}
