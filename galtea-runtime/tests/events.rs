//! What is told through `tracing`, and what never is.
#![cfg(feature = "http")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod server;

use std::fmt::{Debug, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use galtea_runtime::{Builder, FlushReport, Galtea, synthetic};
use server::{Answer, Reply, Request, Server, status};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

const TIMEOUT: Duration = Duration::from_secs(20);

/// Keeps every event of the target `galtea` as a line.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<String>>>);

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0, " {}={value:?}", field.name());
    }
}

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "galtea"
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(format!("{} {}", event.metadata().level(), event.metadata().name()));
        event.record(&mut line);
        self.0.lock().unwrap().push(line.0);
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}
    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Lines {
    /// The names of the events at warn and above.
    fn warnings(&self) -> Vec<String> {
        let of = |level: Level| {
            move |line: &String| Some(line.strip_prefix(level.as_str())?.split(' ').nth(1)?.to_owned())
        };
        self.0.lock().unwrap().iter().filter_map(of(Level::WARN)).collect()
    }

    fn all(&self) -> String {
        self.0.lock().unwrap().join("\n")
    }
}

fn builder(server: &Server) -> Builder {
    let builder = Galtea::builder().environment(|_| None).api_key("gsk_hunter2").base_url(server.url());
    synthetic::impatient(builder).retry_for(Duration::from_millis(100))
}

/// Records four traces with a client that was built under a subscriber, and ends it.
fn told(script: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Lines, FlushReport) {
    let (lines, server) = (Lines::default(), Server::start(script));
    let galtea = tracing::subscriber::with_default(lines.clone(), || builder(&server).build().unwrap());
    let mut tree: Vec<_> = (1..=4).map(synthetic::SyntheticTrace::new).collect();
    tree[0].input.replace_range(.., r#"{"question":"what is hunter3?"}"#);
    tree[1].error.push_str("hunter3 is not known");
    synthetic::submit(&galtea, synthetic::batch("ir_1", tree));
    let report = galtea.flush_blocking(TIMEOUT);
    drop(galtea);
    (lines, report)
}

#[test]
fn a_delivery_without_a_loss_warns_of_nothing() {
    let (lines, _) = told(|_| Reply::Keep);
    assert_eq!(lines.warnings(), [""; 0], "{}", lines.all());
    assert!(lines.all().contains("delivered inference_result_id=\"ir_1\" traces=4 tries=1"));
    assert!(lines.all().contains("INFO galtea.stopped"));
}

#[test]
fn every_kind_of_loss_is_told_once() {
    assert_eq!(told(|_| Reply::Say(status(403))).0.warnings(), ["galtea.traces_refused"]);
    assert_eq!(told(|_| Reply::Say(status(503))).0.warnings(), ["galtea.traces_dropped"]);
    assert_eq!(told(|_| Reply::KeepBut(vec![1, 3])).0.warnings(), ["galtea.trace_refused"; 2]);
}

#[test]
fn a_loss_at_the_door_is_told_too_and_so_is_one_after_the_end() {
    let (lines, server) = (Lines::default(), Server::start(|_| Reply::Keep));
    tracing::subscriber::with_default(lines.clone(), || {
        let galtea = builder(&server).max_queue_bytes(10).build().unwrap();
        let late = galtea.clone();
        synthetic::submit(&galtea, synthetic::tree("ir_1", 1, 5));
        let _ = galtea.flush_blocking(TIMEOUT);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let _ = runtime.block_on(galtea.shutdown());
        synthetic::submit(&late, synthetic::tree("ir_2", 10, 1));
        synthetic::submit(&late, synthetic::tree("ir_3", 20, 1));
    });
    let all = lines.all();
    assert_eq!(lines.warnings(), ["galtea.traces_dropped"; 2], "{all}");
    assert!(all.contains("traces=5 reason=\"the queue was full\""), "{all}");
    assert!(all.contains("traces=1 reason=\"they ended after the client was shut down\""), "{all}");
}

#[test]
fn neither_the_key_nor_a_payload_is_told_even_when_the_server_says_it() {
    let echo = |request: &Request| {
        let body = format!(r#"{{"message":"cannot take {} with gsk_hunter2"}}"#, "what is hunter3?");
        assert!(request.head.contains("gsk_hunter2"));
        Reply::Say(Answer::Whole { status: 400, headers: String::new(), body })
    };
    let (lines, report) = told(echo);
    assert!(!lines.all().contains("hunter"), "{}", lines.all());
    assert!(report.to_string().contains("400 Bad Request: cannot take what is hunter3?"), "{report}");
}

#[test]
fn trouble_with_the_spool_is_told_once_and_not_with_every_batch() {
    let (lines, server) = (Lines::default(), Server::start(|_| Reply::Keep));
    let dir = tempfile::tempdir().unwrap();
    let galtea = tracing::subscriber::with_default(lines.clone(), || {
        builder(&server).spool_dir(dir.path()).spool_max_bytes(10).build().unwrap()
    });
    for id in 1..=5 {
        synthetic::submit(&galtea, synthetic::tree("ir_1", id, 1));
        assert!(galtea.flush_blocking(TIMEOUT).is_complete());
    }
    assert_eq!(lines.warnings(), ["galtea.spool_trouble"]);
}
