//! Many inference results against a server that fails one request in ten: nothing is lost, and memory stays bounded.
#![cfg(feature = "http")]
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "tests, and what they measure")]

mod child;
mod server;

use std::fs;
use std::io::{Read, Write, stdout};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use galtea_runtime::synthetic;
use server::{Answer, Reply, Request, Server, status};

const TRACES: u128 = 100;
/// What the process may take beside its queue: the program itself, and the requests under way.
const BESIDE_THE_QUEUE: u64 = 64 << 20;
const QUEUE: u64 = 64 << 20;
const QUEUE_KEPT_BELOW: usize = 48 << 20;

fn faulty(request: &Request) -> Reply {
    match request.number % 40 {
        0 => Reply::KeepAnd(Answer::ResetMidway),
        10 => Reply::Say(status(503)),
        20 => Reply::Say(Answer::Reset),
        30 => Reply::Say(status(429)),
        _ => Reply::Keep,
    }
}

/// Runs a process that records this many inference results, and checks what it tells at its end.
fn run(results: u128, spool: Option<&Path>) {
    let server = Server::forgetful(faulty);
    let start = Instant::now();
    let mut child = child::start("child", &server.url(), spool.unwrap_or(Path::new("")), results);
    let mut told = String::new();
    child.stdout.take().unwrap().read_to_string(&mut told).unwrap();
    assert!(child.wait().unwrap().success(), "{told}");
    let numbers = told.lines().find_map(|line| line.strip_prefix("ended ")).unwrap();
    let numbers: Vec<u64> = numbers.split(' ').map(|number| number.parse().unwrap()).collect();
    let all = u64::try_from(results * TRACES).unwrap();
    assert_eq!(numbers[..6], [all, all, 0, 0, 0, 0]);
    assert_eq!(u64::try_from(server.kept().len()).unwrap(), all);
    assert!(numbers[6] < QUEUE + BESIDE_THE_QUEUE, "{} bytes", numbers[6]);
    println!("{all} traces in {:?}, at most {} MiB of memory", start.elapsed(), numbers[6] >> 20);
}

#[test]
fn a_hundred_inference_results_from_memory() {
    run(100, None);
}

#[test]
fn a_hundred_inference_results_through_the_spool() {
    run(100, Some(tempfile::tempdir().unwrap().path()));
}

#[test]
#[ignore = "takes minutes: scripts/delivery-long.sh"]
fn ten_thousand_inference_results_from_memory() {
    run(10_000, None);
}

#[test]
#[ignore = "takes minutes: scripts/delivery-long.sh"]
fn ten_thousand_inference_results_through_the_spool() {
    run(10_000, Some(tempfile::tempdir().unwrap().path()));
}

/// Records as fast as the client keeps up with, as a program does that has other things to do as well.
#[test]
#[ignore = "a program that the other tests run"]
fn child() {
    let Some((galtea, results)) = child::client() else { return };
    for result in 0..results {
        while synthetic::queued_bytes(&galtea) > QUEUE_KEPT_BELOW {
            thread::sleep(Duration::from_millis(1));
        }
        synthetic::submit(&galtea, synthetic::tree(&format!("ir_{result}"), result * TRACES + 1, TRACES));
    }
    let stats = galtea.stats();
    while galtea.stats().delivered < stats.traces {
        thread::sleep(Duration::from_millis(1));
    }
    let galtea_runtime::Stats { traces, delivered, refused, dropped, spooled, pending, .. } = galtea.stats();
    let memory = peak_memory();
    writeln!(stdout(), "\nended {traces} {delivered} {refused} {dropped} {spooled} {pending} {memory}")
        .unwrap();
}

/// The most memory that this process ever had, in bytes; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    line.map_or(0, |kib| kib.parse::<u64>().unwrap() << 10)
}
