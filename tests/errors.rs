//! The page of errors lists what clients, reports and traces say, and nothing else.

#![expect(clippy::panic, clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod loopback;
mod page;

use std::fmt;
use std::future::Future as _;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::pin;
use std::task::{Context, Waker};
use std::time::Duration;

use galtea::export::{Batch, ExportFuture, Exporter};
use galtea::testing::{Capture, assert_trace_tree, capture_sync};
use galtea::{BuildError, Builder, DropReason, FlushReport, Galtea, Loss, Stats, TraceType, trace};
use loopback::Server;
use serde_json::json;

fn builder(name: &'static str, value: &'static str) -> Builder {
    Galtea::builder().environment(move |asked| (asked == name).then(|| value.to_owned()))
}

fn refused(builder: Builder) -> String {
    builder.build().unwrap_err().to_string()
}

#[test]
fn each_error_of_a_builder_is_on_the_page() {
    let with_key = || builder("GALTEA_API_KEY", "gsk_1");
    let none = || Galtea::builder().environment(|_| None);
    let mut met: Vec<String> = [
        none(),
        none().api_key("sk-1"),
        none().api_key("gsk_"),
        none().api_key("gsk_1 2"),
        with_key().base_url("api.galtea.ai"),
        with_key().base_url("ftp://api.galtea.ai"),
        with_key().base_url("https://me:word@api.galtea.ai"),
        with_key().base_url("https://api.galtea.ai?x=1"),
        with_key().base_url("http://api.galtea.ai"),
        builder("GALTEA_DISABLED", "maybe"),
        builder("GALTEA_CAPTURE_LIMIT", "64KB").api_key("gsk_1"),
        builder("GALTEA_BATCH_FORMAT", "xml").api_key("gsk_1"),
        with_key().max_batch_traces(0),
        with_key().max_batch_bytes(0),
        with_key().capture_limit(0),
        with_key().request_timeout(Duration::ZERO),
    ]
    .map(refused)
    .into();
    met.push(BuildError::NoExporter.to_string());
    met.push(BuildError::Http(io::Error::other("no certificates").into()).to_string());
    met.push(BuildError::Thread(io::Error::other("no thread")).to_string());
    met.push("tool".parse::<TraceType>().unwrap_err().to_string());
    page::same("When the client is built", &met);
}

#[test]
fn a_main_that_returns_an_error_shows_its_text() {
    let error = Galtea::builder().environment(|_| None).build().unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    let mut report = FlushReport::default();
    report.stats.pending = 1;
    let error = report.into_result().unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
}

#[test]
fn each_thing_that_a_report_says_is_on_the_page() {
    let reasons = [
        DropReason::QueueFull,
        DropReason::RetriesExhausted,
        DropReason::ShutDown,
        DropReason::AfterShutDown,
        DropReason::SpoolExpired,
        DropReason::SpoolDamaged,
    ];
    let mut met: Vec<String> =
        reasons.into_iter().map(|reason| Loss::Dropped { traces: 2, reason }.to_string()).collect();
    met.extend([302, 400, 401, 403, 404].map(answered));
    met.push(partly_refused());
    met.push(panicked());
    met.push(whole().to_string());
    met.push(not_delivered(|stats| *stats = whole()));
    met.extend(reasons.map(|reason| {
        not_delivered(|stats| {
            stats.dropped = 2;
            stats.losses.push(Loss::Dropped { traces: 2, reason });
        })
    }));
    let changes: [fn(&mut FlushReport); 5] = [
        |report| report.stats.nameless_scopes = 1,
        |report| report.stats.malformed_ids = 2,
        |report| report.stats.unscoped_calls = 3,
        |report| report.stats.set_aside_files = 4,
        |report| report.spool_trouble = Some("no space left on device".to_owned()),
    ];
    met.extend(changes.map(|change| {
        let mut report = FlushReport::default();
        change(&mut report);
        report.to_string()
    }));
    page::same("In reports", &met);
}

fn not_delivered(change: impl FnOnce(&mut Stats)) -> String {
    let mut report = FlushReport::default();
    change(&mut report.stats);
    report.into_result().unwrap_err().to_string()
}

fn whole() -> Stats {
    let mut stats = Stats::default();
    (stats.traces, stats.delivered, stats.refused) = (9, 4, 2);
    (stats.dropped, stats.spooled, stats.pending) = (1, 1, 1);
    stats.losses.push(Loss::Dropped { traces: 1, reason: DropReason::ShutDown });
    stats
}

#[trace]
fn answer() {}

/// The reason that a client tells when the API answers so.
fn answered(status: u16) -> String {
    let server = Server::answering(move |_| (status, json!({ "message": "own words" })));
    lost(builder("GALTEA_API_KEY", "gsk_1").base_url(server.url()))
}

fn partly_refused() -> String {
    let errors = json!([{ "index": 0, "name": "answer", "reason": "unknown inference result" }]);
    let server = Server::answering(move |_| {
        (200, json!({ "spans": [], "partialSuccess": { "rejectedSpans": 1, "errors": errors } }))
    });
    lost(builder("GALTEA_API_KEY", "gsk_1").base_url(server.url()))
}

/// An exporter with a fault.
struct Faulty;

impl Exporter for Faulty {
    fn export<'a>(&'a self, _: &'a Batch) -> ExportFuture<'a> {
        Box::pin(async { panic!("a fault of the exporter's") })
    }
}

fn panicked() -> String {
    lost(Galtea::builder().environment(|_| None).exporter(Faulty))
}

/// The only loss of a client that records one trace.
fn lost(builder: Builder) -> String {
    let galtea = builder.build().unwrap();
    galtea.inference_result("ir_1").sync_scope(answer);
    let report = galtea.flush_blocking(Duration::from_secs(20));
    let [loss] = &report.stats.losses[..] else { panic!("{report}") };
    loss.to_string()
}

/// Fails, or panics, where it is looked at.
struct Odd(&'static str);

impl serde::Serialize for Odd {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        assert_ne!(self.0, "panics");
        Err(serde::ser::Error::custom(self.0))
    }
}

/// An error that says nothing.
#[derive(Debug)]
struct Silent;

impl fmt::Display for Silent {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl std::error::Error for Silent {}

#[test]
fn each_mark_in_a_trace_is_on_the_page() {
    #[trace]
    fn odd(way: &Odd) -> usize {
        way.0.len()
    }
    #[trace]
    fn panics() {
        panic!("a fault");
    }
    #[trace]
    async fn waits() {
        std::future::pending::<()>().await;
    }
    #[trace]
    fn silent() -> Result<(), Silent> {
        Err(Silent)
    }
    #[trace]
    fn takes(password: &str, text: &str, tree: &serde_json::Value) -> usize {
        password.len() + text.len() + tree.to_string().len()
    }
    let mut deep = json!(1);
    for _ in 0..200 {
        deep = json!([deep]);
    }
    let ((), tree) = Capture::new().capture_limit(4_000).run_sync(|| {
        odd(&Odd("fails"));
        odd(&Odd("panics"));
        let _ = catch_unwind(panics);
        let _ = silent();
        takes("hunter2", "short", &deep);
        takes("hunter2", &"long ".repeat(2_000), &json!(null));
        let waiting = pin!(waits());
        let _ = waiting.poll(&mut Context::from_waker(Waker::noop()));
    });
    let mut met: Vec<String> =
        tree.errors().iter().map(|trace| trace.error().unwrap_or_default().to_owned()).collect();
    let (_, hushed) = Capture::new().mask(|_| json!("")).run_sync(silent);
    met.push(hushed.only("silent").error().unwrap_or_default().to_owned());
    for trace in tree.iter() {
        marks(trace.input(), &mut met);
    }
    page::same("In traces", &met);
}

/// The texts in brackets.
fn marks(value: &serde_json::Value, found: &mut Vec<String>) {
    match value {
        serde_json::Value::String(text) => {
            found.extend(text.find(['[', '…']).map(|at| text[at..].to_owned()));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| marks(item, found)),
        serde_json::Value::Object(entries) => entries.values().for_each(|entry| marks(entry, found)),
        _ => {}
    }
}

#[test]
fn each_panic_of_the_crate_is_on_the_page() {
    let nothing = capture_sync(|| ());
    let twice = capture_sync(|| (answer(), answer()));
    let met = [
        message(|| drop(galtea::spawn(async {}))),
        message(|| drop(galtea::spawn_blocking(|| ()))),
        message(|| assert_trace_tree!(nothing, { AGENT "answer" })),
        message(|| _ = nothing.only("answer")),
        message(|| _ = twice.only("answer")),
    ];
    page::same("At run time and in tests", &met);
}

/// The first line of the panic's message.
fn message(run: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap();
    text.lines().next().unwrap_or_default().to_owned()
}
