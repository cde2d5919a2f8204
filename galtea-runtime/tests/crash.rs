//! Processes that share a spool are killed at random moments under load: what they committed reaches the server.
#![cfg(feature = "http")]
#![expect(clippy::unwrap_used, reason = "tests")]

mod child;
mod server;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write, stdout};
use std::process::Child;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use galtea_runtime::{Galtea, synthetic};
use server::{Answer, Reply, Request, Server, status};

const ROUNDS: u128 = 25;
const AT_ONCE: u128 = 2;
const TRACES: u128 = 3;
/// Requests that a client has under way at once, which a kill may leave unanswered.
const UNDER_WAY: u64 = 8;

/// Every tenth request each: an answer that is cut, a busy server, a broken connection.
fn faulty(cut: &Arc<AtomicU64>) -> impl Fn(&Request) -> Reply + use<> {
    let cut = Arc::clone(cut);
    move |request| match request.number % 10 {
        0 => {
            cut.fetch_add(1, Ordering::Relaxed);
            Reply::KeepAnd(Answer::ResetMidway)
        }
        3 => Reply::Say(status(503)),
        7 => Reply::Say(Answer::Reset),
        _ => Reply::Keep,
    }
}

#[test]
fn what_was_committed_when_a_process_was_killed_is_delivered() {
    let cut = Arc::new(AtomicU64::new(0));
    let (server, dir) = (Server::forgetful(faulty(&cut)), tempfile::tempdir().unwrap());
    let mut committed = BTreeSet::new();
    for round in 0..ROUNDS {
        let start = |index| {
            child::start("child", &server.url(), dir.path(), (round * AT_ONCE + index + 1) * 1_000_000)
        };
        let mut children: Vec<_> = (0..AT_ONCE).map(start).collect();
        // From before the first batch to well into the work.
        thread::sleep(Duration::from_millis(fastrand::u64(5..150)));
        for child in &mut children {
            child.kill().unwrap();
        }
        committed.extend(children.into_iter().flat_map(lines));
    }
    let galtea = child::builder(&server.url()).spool_dir(dir.path()).build().unwrap();
    let stats = end(&galtea);
    assert_eq!(
        (stats.spooled + stats.pending + stats.dropped + stats.refused, stats.set_aside_files),
        (0, 0),
        "{stats}"
    );
    drop(galtea);
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);

    let kept = server.kept();
    assert!(committed.len() > 100, "only {} batches", committed.len());
    for first in committed {
        for id in first..first + TRACES {
            assert!(kept.contains_key(&format!("trace_{id:032x}")), "{id} was committed and is lost");
        }
    }
    let kills = u64::try_from(ROUNDS * AT_ONCE).unwrap();
    let twice = u64::try_from(kept.values().filter(|times| **times > 1).count()).unwrap() / 3;
    assert!(twice <= cut.load(Ordering::Relaxed) + kills * UNDER_WAY, "{twice} batches came more than once");
}

/// Sends what is found, before the shutdown: that one leaves what fails, and this server fails three in ten.
fn end(galtea: &Galtea) -> galtea_runtime::Stats {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    runtime.block_on(async {
        while galtea.stats().traces == 0 || galtea.stats().spooled > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        galtea.shutdown().await.stats
    })
}

/// The first ids of the batches that the child told of before it was killed.
fn lines(mut child: Child) -> Vec<u128> {
    let mut errors = String::new();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!(errors, "");
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let committed =
        lines.filter_map(|line| line.strip_prefix("committed ")?.strip_suffix('.')?.parse().ok()).collect();
    child.wait().unwrap();
    committed
}

/// Records for as long as it lives, and tells of every batch that is on disk or at the server.
#[test]
#[ignore = "a program that another test runs"]
fn child() {
    let Some((galtea, mut next)) = child::client() else { return };
    let mut out = stdout();
    loop {
        let firsts: Vec<_> = (0..4).map(|index| next + index * TRACES).collect();
        for first in &firsts {
            synthetic::submit(&galtea, synthetic::tree(&format!("ir_{first}"), *first, TRACES));
        }
        while galtea.stats().pending > 0 {
            thread::yield_now();
        }
        for first in &firsts {
            writeln!(out, "committed {first}.").unwrap();
        }
        out.flush().unwrap();
        next += 4 * TRACES;
    }
}
