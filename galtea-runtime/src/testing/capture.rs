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
/// let tree = galtea::testing::capture(async { support_agent() }).await;
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
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use galtea::testing::capture_output;
///
/// let complete = galtea::trace_scope!("complete", type = "GENERATION", async { "You are on the pro plan." });
/// let (answer, tree) = capture_output(complete).await;
/// assert_eq!(answer, "You are on the pro plan.");
/// assert_eq!(tree.names(), ["complete"]);
/// # }
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
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// use galtea::testing::capture_output_sync;
///
/// let (total, tree) = capture_output_sync(|| galtea::trace_scope!("total", type = "TOOL", { 300 + 199 }));
/// assert_eq!(total, 499);
/// assert_eq!(tree.only("total").output()["value"], 499);
/// # }
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
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// use std::time::Duration;
/// use galtea::testing::Capture;
///
/// let capture = Capture::new().wait(Duration::ZERO).step(Duration::from_millis(5)).capture_limit(1_000);
/// let ((), tree) = capture.run_sync(|| support_agent());
/// assert_eq!(tree.only("search").latency().as_millis(), 5);
/// # }
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// use galtea::testing::Capture;
    ///
    /// // The code under test is about to call another agent, with the id in a header.
    /// let call = || galtea::trace_scope!("call", type = "TOOL", { galtea::TraceContext::current().is_recording() });
    /// let (recording, tree) = Capture::new().inference_result_id("ir_17").run_sync(call);
    /// assert!(recording && tree.len() == 1);
    /// # }
    /// ```
    pub fn inference_result_id(self, id: impl Into<String>) -> Self {
        Self { inference_result_id: id.into(), ..self }
    }

    /// When the capture begins, as the traces have it. Default: 2000-01-01T00:00:00Z.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// use std::time::{Duration, SystemTime};
    /// use galtea::testing::Capture;
    ///
    /// let new_year = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600); // 2026-01-01T00:00:00Z
    /// let ((), tree) = Capture::new().start_time(new_year).run_sync(|| support_agent());
    /// assert!(tree.only("search").start_time().duration_since(new_year).is_ok_and(|since| since.as_millis() < 10));
    /// # }
    /// ```
    pub fn start_time(self, time: SystemTime) -> Self {
        Self { start: time, ..self }
    }

    /// How far the clock goes on whenever it is read: once at the beginning and once at the end of each trace, and once for
    /// each item of a stream. Default: 1 ms. With nothing, every trace begins at the start time and has no latency.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// use std::time::Duration;
    /// use galtea::testing::Capture;
    ///
    /// let ((), tree) = Capture::new().step(Duration::from_millis(100)).run_sync(|| support_agent());
    /// assert_eq!(tree.only("search").latency(), Duration::from_millis(100));
    /// # }
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use std::time::Duration;
    /// use galtea::testing::Capture;
    ///
    /// tokio::time::pause();
    /// let begun = tokio::time::Instant::now();
    /// let wait = galtea::trace_scope!("wait", type = "TOOL", async {
    ///     tokio::time::sleep(Duration::from_secs(30)).await;
    /// });
    /// let ((), tree) = Capture::new().clock(move || begun.elapsed()).run(wait).await;
    /// assert_eq!(tree.only("wait").latency().as_secs(), 30);
    /// # }
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use std::time::Duration;
    /// use galtea::testing::Capture;
    ///
    /// let watch = || galtea::trace_scope!("watch", async { std::future::pending::<()>().await }); // never ends
    /// let (task, tree) = Capture::new().wait(Duration::from_millis(20)).run(async { galtea::spawn(watch()) }).await;
    /// assert_eq!((tree.len(), tree.unfinished()), (0, 1));
    /// task.abort();
    /// # }
    /// ```
    pub fn wait(self, limit: Duration) -> Self {
        Self { wait: limit, ..self }
    }

    /// As [`Builder::capture_limit`](crate::Builder::capture_limit), in bytes. Default: 128 KiB.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// use galtea::testing::Capture;
    ///
    /// let fetch = || galtea::trace_scope!("fetch", type = "TOOL", { "page ".repeat(1_200) });
    /// let (_page, tree) = Capture::new().capture_limit(200).run_sync(fetch);
    /// let output = tree.only("fetch").output()["value"].as_str().unwrap_or_default();
    /// assert!(output.ends_with("…[truncated, 6000 bytes]"));
    /// # }
    /// ```
    pub fn capture_limit(mut self, bytes: usize) -> Self {
        self.settings.limit = bytes;
        self
    }

    /// As [`Builder::mask`](crate::Builder::mask), to see what a mask of yours lets through. Default: none.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// use galtea::testing::Capture;
    ///
    /// /// The mask of the program, which is under test here.
    /// fn no_addresses(value: serde_json::Value) -> serde_json::Value {
    ///     if value["value"].as_str().is_some_and(|text| text.contains('@')) { "[address]".into() } else { value }
    /// }
    ///
    /// let find = || galtea::trace_scope!("find_customer", type = "TOOL", { "grace@example.com" });
    /// let (_customer, tree) = Capture::new().mask(no_addresses).run_sync(find);
    /// assert!(!tree.to_string().contains("grace@example.com"), "{tree}");
    /// # }
    /// ```
    pub fn mask(mut self, mask: impl Fn(Value) -> Value + Send + Sync + 'static) -> Self {
        self.settings.mask = Some(Arc::new(mask));
        self
    }

    /// As [`Builder::secret_names`](crate::Builder::secret_names): they add to the built-in list.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// use galtea::testing::Capture;
    ///
    /// let pay = || galtea::trace_scope!("pay", type = "TOOL", input = { "iban": "ES91 2100 0418" }, {});
    /// let ((), tree) = Capture::new().secret_names(["iban"]).run_sync(pay);
    /// assert_eq!(tree.only("pay").input()["iban"], "[masked]");
    /// # }
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() {
    /// use galtea::testing::Capture;
    ///
    /// let complete = galtea::trace_scope!("complete", type = "GENERATION", async { "You are on the pro plan." });
    /// let (answer, tree) = Capture::new().run(complete).await;
    /// assert_eq!(answer, "You are on the pro plan.");
    /// assert_eq!(tree.names(), ["complete"]);
    /// # }
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
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// use galtea::testing::Capture;
    ///
    /// let ((), tree) = Capture::new().run_sync(|| support_agent());
    /// assert_eq!(tree.names(), ["support_agent", "search", "fetch_user"]);
    /// # }
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
