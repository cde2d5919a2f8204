//! Every fault of a server, with and without a spool, from every kind of runtime: nothing is lost, nothing is counted
//! twice, and the account says what the server says.
#![cfg(feature = "http")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod server;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use galtea_runtime::{BatchFormat, Builder, Galtea, Stats, synthetic};
use server::{Answer, Reply, Request, Server, status, status_with};

/// Traces that each run hands over, in three inference results, the largest of which takes three requests.
const TRACES: u64 = 31;
const TIMEOUT: Duration = Duration::from_secs(30);

/// From where the client is built, flushed and dropped.
#[derive(Clone, Copy, Debug)]
enum Place {
    Thread,
    CurrentThread,
    MultiThread,
    BlockingInRuntime,
    Drop,
    DropInRuntime,
    RuntimeGone,
}

const PLACES: [Place; 7] = [
    Place::Thread,
    Place::CurrentThread,
    Place::MultiThread,
    Place::BlockingInRuntime,
    Place::Drop,
    Place::DropInRuntime,
    Place::RuntimeGone,
];

/// Where all the traces of a run end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Ends {
    delivered: u64,
    refused: u64,
    dropped: u64,
    spooled: u64,
}

const DELIVERED: Ends = Ends { delivered: TRACES, refused: 0, dropped: 0, spooled: 0 };
const REFUSED: Ends = Ends { delivered: 0, refused: TRACES, dropped: 0, spooled: 0 };
const DROPPED: Ends = Ends { delivered: 0, refused: 0, dropped: TRACES, spooled: 0 };
const SPOOLED: Ends = Ends { delivered: 0, refused: 0, dropped: 0, spooled: TRACES };

/// What a fault is expected to lead to.
#[derive(Clone, Copy)]
struct Expected {
    without_spool: Ends,
    with_spool: Ends,
    /// Whether the server may see a trace twice: its answer had been cut, so nobody could know.
    repeats: bool,
}

const ALL_DELIVERED: Expected = Expected { without_spool: DELIVERED, with_spool: DELIVERED, repeats: false };
const ALL_DELIVERED_SOME_TWICE: Expected = Expected { repeats: true, ..ALL_DELIVERED };
const ALL_REFUSED: Expected = Expected { without_spool: REFUSED, with_spool: REFUSED, repeats: false };
const KEPT_IN_THE_SPOOL: Expected = Expected { without_spool: REFUSED, with_spool: SPOOLED, repeats: false };
const GIVEN_UP: Expected = Expected { without_spool: DROPPED, with_spool: SPOOLED, repeats: false };

fn builder(url: &str, spool: Option<&Path>) -> Builder {
    let builder = Galtea::builder()
        .environment(|_| None)
        .api_key("gsk_hunter2")
        .base_url(url)
        .max_batch_traces(10)
        .request_timeout(Duration::from_secs(10))
        .retry_for(Duration::from_secs(10))
        .flush_timeout(TIMEOUT)
        .drop_timeout(TIMEOUT);
    let builder = synthetic::impatient(builder);
    match spool {
        Some(dir) => builder.spool_dir(dir),
        None => builder,
    }
}

fn record(galtea: &Galtea) {
    synthetic::submit(galtea, synthetic::tree("ir_1", 1, 5));
    synthetic::submit(galtea, synthetic::tree("ir_2", 100, 1));
    synthetic::submit(galtea, synthetic::tree("ir_3", 200, 25));
}

/// Builds a client at that place, records, and ends it there.
fn run(builder: Builder, place: Place) -> Stats {
    let start = Instant::now();
    let stats = run_at(builder, place);
    assert!(start.elapsed() < TIMEOUT / 2, "{place:?} took {:?}", start.elapsed());
    stats
}

fn run_at(builder: Builder, place: Place) -> Stats {
    let current = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    match place {
        Place::Thread => flush(&builder.build().unwrap()),
        Place::CurrentThread => current().block_on(async {
            let galtea = builder.build().unwrap();
            record(&galtea);
            galtea.shutdown().await.stats
        }),
        Place::MultiThread => tokio::runtime::Runtime::new().unwrap().block_on(async {
            let galtea = builder.build().unwrap();
            let recorder = galtea.clone();
            tokio::spawn(async move { record(&recorder) }).await.unwrap();
            galtea.flush().await.stats
        }),
        Place::BlockingInRuntime => current().block_on(async { flush(&builder.build().unwrap()) }),
        Place::Drop => after_drop(builder.build().unwrap()),
        Place::DropInRuntime => current().block_on(async { after_drop(builder.build().unwrap()) }),
        Place::RuntimeGone => {
            let runtime = current();
            let galtea = runtime.block_on(async { builder.build().unwrap() });
            drop(runtime);
            flush(&galtea)
        }
    }
}

fn flush(galtea: &Galtea) -> Stats {
    record(galtea);
    galtea.flush_blocking(TIMEOUT).stats
}

/// A drop returns no report: what it did shows in the account, through a handle that recorders hold.
fn after_drop(galtea: Galtea) -> Stats {
    record(&galtea);
    let account = synthetic::account(&galtea);
    drop(galtea);
    account()
}

/// One run for each place, with and without a spool, each with a server of its own, all at once.
fn fault<S>(expected: Expected, script: S)
where
    S: Fn(&Request) -> Reply + Clone + Send + Sync + 'static,
{
    fault_with(expected, |builder| builder, script);
}

fn fault_with<S>(expected: Expected, change: fn(Builder) -> Builder, script: S)
where
    S: Fn(&Request) -> Reply + Clone + Send + Sync + 'static,
{
    thread::scope(|scope| {
        for place in PLACES {
            let (one, other) = (script.clone(), script.clone());
            scope.spawn(move || {
                let server = Server::start(one);
                let stats = run(change(builder(&server.url(), None)), place);
                check(&stats, expected.without_spool, &server, expected.repeats, place);
            });
            scope.spawn(move || {
                let (server, dir) = (Server::start(other), tempfile::tempdir().unwrap());
                let stats = run(change(builder(&server.url(), Some(dir.path()))), place);
                check(&stats, expected.with_spool, &server, expected.repeats, place);
                resend(dir.path(), expected.with_spool, place);
            });
        }
    });
}

fn check(stats: &Stats, expected: Ends, server: &Server, repeats: bool, place: Place) {
    let &Stats { delivered, refused, dropped, spooled, .. } = stats;
    assert_eq!(Ends { delivered, refused, dropped, spooled }, expected, "{place:?}: {stats}");
    assert_eq!((stats.traces, stats.pending), (TRACES, 0), "{place:?}: {stats}");
    let kept = server.kept();
    assert_eq!(kept.len(), usize::try_from(delivered).unwrap(), "{place:?}");
    assert!(repeats || kept.values().all(|times| *times == 1), "{place:?}: {kept:?}");
}

/// The next process finds exactly what was left. While the one before still writes its last, on a slow disk, its files are
/// its own: then the next but one finds them.
fn resend(dir: &Path, left: Ends, place: Place) {
    let server = Server::start(|_| Reply::Keep);
    let deadline = Instant::now() + TIMEOUT;
    let mut delivered = 0;
    while delivered < left.spooled && Instant::now() < deadline {
        let galtea = builder(&server.url(), Some(dir)).build().unwrap();
        let account = synthetic::account(&galtea);
        drop(galtea);
        let stats = account();
        assert_eq!(stats.traces, stats.delivered, "{place:?}: {stats}");
        delivered += stats.delivered;
    }
    assert_eq!(delivered, left.spooled, "{place:?}");
    assert!(server.kept().values().all(|times| *times == 1));
    assert_eq!(std::fs::read_dir(dir).unwrap().count(), 0);
}

/// The answer to the first two requests, and the good one to every other: with three failed tries, a batch that is on disk
/// is left there when the client ends.
fn first(answer: Answer) -> impl Fn(&Request) -> Reply + Clone {
    move |request| if request.number <= 2 { Reply::Say(answer.clone()) } else { Reply::Keep }
}

fn always(answer: Answer) -> impl Fn(&Request) -> Reply + Clone {
    move |_| Reply::Say(answer.clone())
}

#[test]
fn a_server_that_is_well() {
    fault(ALL_DELIVERED, |_| Reply::Keep);
}

#[test]
fn connections_reset_before_the_answer() {
    fault(ALL_DELIVERED, first(Answer::Reset));
}

#[test]
fn connections_reset_after_the_traces_were_kept() {
    fault(ALL_DELIVERED_SOME_TWICE, |request: &Request| {
        if request.number <= 2 { Reply::KeepAnd(Answer::Reset) } else { Reply::Keep }
    });
}

#[test]
fn connections_reset_in_the_middle_of_the_answer() {
    fault(ALL_DELIVERED_SOME_TWICE, |request: &Request| {
        if request.number <= 2 { Reply::KeepAnd(Answer::ResetMidway) } else { Reply::Keep }
    });
}

#[test]
fn answers_cut_and_then_a_conflict() {
    fault(ALL_DELIVERED, |request: &Request| {
        if request.number == 1 { Reply::KeepAnd(Answer::ResetMidway) } else { Reply::KeepOnce }
    });
}

#[test]
fn a_conflict_that_is_no_repeat() {
    fault(ALL_REFUSED, always(status(409)));
}

#[test]
fn answers_that_come_slowly() {
    fault(ALL_DELIVERED, |_| Reply::KeepAnd(Answer::Slow(Duration::from_millis(10))));
}

#[test]
fn answers_that_never_come() {
    let short = |builder: Builder| builder.request_timeout(Duration::from_millis(700));
    // On a machine that is busy enough, a good answer may take longer than that too.
    fault_with(ALL_DELIVERED_SOME_TWICE, short, first(Answer::Hang));
}

#[test]
fn statuses_that_mean_later() {
    thread::scope(|scope| {
        for code in [408, 425, 429, 500, 502, 503, 504] {
            scope.spawn(move || fault(ALL_DELIVERED, first(status(code))));
        }
    });
}

#[test]
fn statuses_that_mean_never() {
    thread::scope(|scope| {
        for code in [400, 402, 403, 422] {
            scope.spawn(move || fault(ALL_REFUSED, always(status(code))));
        }
    });
}

#[test]
fn a_key_or_an_address_that_is_wrong() {
    thread::scope(|scope| {
        for code in [401, 404, 405] {
            scope.spawn(move || fault(KEPT_IN_THE_SPOOL, always(status(code))));
        }
    });
}

#[test]
fn a_redirect_is_not_followed() {
    let elsewhere = Arc::new(Server::start(|_| Reply::Keep));
    let location = format!("location: {}", elsewhere.url());
    fault(KEPT_IN_THE_SPOOL, always(status_with(307, &location)));
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_server_that_is_down_for_too_long() {
    let short = |builder: Builder| builder.retry_for(Duration::from_millis(150));
    thread::scope(|scope| {
        for answer in [status(503), Answer::Reset, Answer::Raw("nonsense\r\n\r\n".to_owned())] {
            scope.spawn(move || fault_with(GIVEN_UP, short, always(answer)));
        }
    });
}

#[test]
fn requests_that_are_too_large_for_the_server() {
    fault(
        ALL_DELIVERED,
        |request: &Request| {
            if request.traces.len() > 3 { Reply::Say(status(413)) } else { Reply::Keep }
        },
    );
}

#[test]
fn successes_that_are_no_json() {
    let html = Answer::Whole {
        status: 200,
        headers: "content-type: text/html\r\n".to_owned(),
        body: "<html><body>Welcome</body></html>".to_owned(),
    };
    let empty = Answer::Whole { status: 204, headers: String::new(), body: String::new() };
    thread::scope(|scope| {
        for answer in [html, empty] {
            scope.spawn(move || fault(ALL_DELIVERED, move |_: &Request| Reply::KeepAnd(answer.clone())));
        }
    });
}

#[test]
fn a_content_length_that_promises_too_much_is_an_answer_that_was_cut() {
    let long = Answer::Raw("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n[]".to_owned());
    fault(ALL_DELIVERED_SOME_TWICE, move |request: &Request| {
        if request.number <= 2 { Reply::KeepAnd(long.clone()) } else { Reply::Keep }
    });
}

#[test]
fn a_content_length_that_promises_too_little_ends_the_answer_early() {
    let short = Answer::Raw("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n[1,2,3,4,5,6]".to_owned());
    fault(ALL_DELIVERED, move |_: &Request| Reply::KeepAnd(short.clone()));
}

#[test]
fn an_answer_that_is_no_http() {
    fault(ALL_DELIVERED, first(Answer::Raw("SSH-2.0-OpenSSH_9.6\r\n".to_owned())));
}

#[test]
fn traces_that_are_refused_one_by_one() {
    let ends = Ends { delivered: TRACES - 5, refused: 5, ..Ends::default() };
    let expected = Expected { without_spool: ends, with_spool: ends, repeats: false };
    fault(expected, |_| Reply::KeepBut(vec![0]));
}

#[test]
fn a_server_that_takes_envelopes_only_is_asked_the_right_way_from_then_on() {
    let script = |request: &Request| if request.is_array { Reply::Say(status(400)) } else { Reply::Keep };
    fault(ALL_DELIVERED, script);
    let server = Server::start(script);
    let galtea = builder(&server.url(), None).build().unwrap();
    for round in 0..3 {
        synthetic::submit(&galtea, synthetic::tree("ir_1", 10 * round + 1, 2));
        assert!(galtea.flush_blocking(TIMEOUT).is_complete());
    }
    let shapes: Vec<_> = server.requests().iter().map(|request| request.is_array).collect();
    assert_eq!(shapes, [true, false, false, false]);
}

#[test]
fn a_format_that_is_set_is_the_only_one_sent() {
    for (format, is_array) in [(BatchFormat::Array, true), (BatchFormat::Envelope, false)] {
        let server = Server::start(|_| Reply::Say(status(422)));
        let galtea = builder(&server.url(), None).batch_format(format).build().unwrap();
        record(&galtea);
        assert_eq!(galtea.flush_blocking(TIMEOUT).stats.refused, TRACES);
        assert!(server.requests().iter().all(|request| request.is_array == is_array));
    }
}

#[test]
fn a_server_that_is_not_there_yet() {
    thread::scope(|scope| {
        for place in PLACES {
            for with_spool in [false, true] {
                scope.spawn(move || not_there_yet(place, with_spool));
            }
        }
    });
}

/// With a spool, what three refused connections could not bring away is left for the next start.
fn not_there_yet(place: Place, with_spool: bool) {
    let dir = tempfile::tempdir().unwrap();
    let closed = Server::closed(|_| Reply::Keep, true);
    let builder = builder(&closed.url(), with_spool.then_some(dir.path()));
    let run = thread::spawn(move || run(builder, place));
    thread::sleep(Duration::from_millis(50));
    let server = closed.open();
    let stats = run.join().unwrap();
    assert_eq!(stats.delivered + stats.spooled, TRACES, "{place:?}: {stats}");
    assert!(with_spool || stats.delivered == TRACES, "{place:?}: {stats}");
    // What the report calls spooled may have gone out since, before the client was dropped.
    let spooled = TRACES - u64::try_from(server.kept().len()).unwrap();
    drop(server);
    if with_spool {
        resend(dir.path(), Ends { spooled, ..Ends::default() }, place);
    }
}

#[test]
fn the_server_is_left_alone_for_as_long_as_it_asked_in_seconds_or_by_a_date() {
    let in_two_seconds = || httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(2));
    thread::scope(|scope| {
        for code in [429, 503] {
            for by_date in [false, true] {
                scope.spawn(move || {
                    let header = if by_date { in_two_seconds() } else { "1".to_owned() };
                    left_alone(code, &format!("retry-after: {header}"));
                });
            }
        }
    });
}

/// A date is in whole seconds, so two seconds from now are at least one.
fn left_alone(code: u16, header: &str) {
    let start = Instant::now();
    let (calls, early) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let (answer, too_early) = (status_with(code, header), Arc::clone(&early));
    let server = Server::start(move |_| {
        if calls.fetch_add(1, Ordering::Relaxed) == 0 {
            return Reply::Say(answer.clone());
        }
        let is_early = start.elapsed() < Duration::from_millis(990);
        too_early.fetch_add(usize::from(is_early), Ordering::Relaxed);
        Reply::Keep
    });
    let galtea = builder(&server.url(), None).build().unwrap();
    synthetic::submit(&galtea, synthetic::tree("ir_0", 1_000, 1));
    while server.requests().is_empty() {
        thread::sleep(Duration::from_millis(1));
    }
    thread::sleep(Duration::from_millis(50));
    record(&galtea);
    let stats = galtea.flush_blocking(TIMEOUT).stats;
    assert_eq!((stats.delivered, early.load(Ordering::Relaxed)), (TRACES + 1, 0), "{header}: {stats}");
}

#[test]
fn a_request_is_what_the_api_expects() {
    let server = Server::start(|_| Reply::Keep);
    let galtea = builder(&format!("{}/prefix/", server.url()), None).build().unwrap();
    record(&galtea);
    assert!(galtea.flush_blocking(TIMEOUT).is_complete());
    let requests = server.requests();
    let ids: BTreeSet<_> =
        requests.iter().map(|request| request.traces[0]["inferenceResultId"].to_string()).collect();
    assert_eq!((requests.len(), ids.len()), (5, 3));
    let head = requests[0].head.to_ascii_lowercase();
    assert!(head.starts_with("post /prefix/traces/batch?includerejected=true http/1.1\r\n"), "{head}");
    for line in
        ["authorization: bearer gsk_hunter2", "content-type: application/json", "user-agent: galtea-rust/"]
    {
        assert!(head.contains(line), "{line} is not in {head}");
    }
}
