//! Galtea and its peers, measured side by side in one process and one run.
//!
//! ```text
//! cargo run --release --manifest-path benches/Cargo.toml              the whole table
//! cargo run --release --manifest-path benches/Cargo.toml -- --check   fails when a budget is missed
//! cargo run --release --manifest-path benches/Cargo.toml -- calls     only this part
//! cargo bench --manifest-path benches/Cargo.toml                      calls under divan, with their spread
//! ```

use std::env::args;
use std::process::ExitCode;

use galtea_benches::report::Report;
use galtea_benches::tracers::{Fastrace, OpenTelemetry};
use galtea_benches::{calls, delivery, encoding, memory, ours, same, scaling};

fn main() -> ExitCode {
    Fastrace::start();
    OpenTelemetry::start();
    same::check();
    println!("{}", processor());
    let mut report = Report::default();
    parts(&mut report);
    let kept = report.end();
    let checked = args().any(|argument| argument == "--check");
    if kept || !checked { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn parts(report: &mut Report) {
    let asked: Vec<String> = args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|asked| asked == part);
    if wanted("calls") {
        calls::run(report);
    }
    let galtea = ours::client();
    if wanted("memory") {
        memory::run(report, &galtea);
    }
    if wanted("encoding") {
        encoding::run(report);
    }
    if wanted("delivery") {
        delivery::run(report);
    }
    if wanted("scaling") {
        scaling::run(report, &galtea);
    }
}

/// What the kernel calls the processor.
fn processor() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name =
        info.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{}, {cores} cores", name.unwrap_or(std::env::consts::ARCH))
}
