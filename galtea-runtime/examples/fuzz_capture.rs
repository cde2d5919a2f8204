//! The fuzz target `capture` on random input, for where there is no fuzzer: `fuzz_capture [seconds] [seed]`.
//!
//! It does not learn from coverage as the fuzzer does. Each round starts from what was interesting to write by hand:
//! bytes in runs, so that lengths, tags and text are hit alike. A failure prints the seed that repeats it.

#![expect(clippy::print_stdout, reason = "a command line program reports on stdout")]

use std::time::{Duration, Instant};

use galtea_runtime::internals::check_capture;

fn main() {
    let mut args = std::env::args().skip(1).map_while(|arg| arg.parse::<u64>().ok());
    let seconds = args.next().unwrap_or(60);
    let first_seed = args.next().unwrap_or_else(|| fastrand::u64(..));
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut rounds = 0_u64;
    println!("fuzz_capture: {seconds} s from seed {first_seed}");
    while Instant::now() < end {
        let seed = first_seed.wrapping_add(rounds);
        let data = random_bytes(seed);
        if std::panic::catch_unwind(|| check_capture(&data)).is_err() {
            println!("fuzz_capture: a promise is broken; repeat with: fuzz_capture 1 {seed}");
            std::process::exit(1);
        }
        rounds += 1;
    }
    println!("fuzz_capture: {rounds} values, no promise broken");
}

fn random_bytes(seed: u64) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let len = random.usize(..2000);
    let mut data = Vec::with_capacity(len);
    while data.len() < len {
        match random.u8(..8) {
            0 => data.extend(std::iter::repeat_n(random.u8(..), random.usize(..40))),
            1 => data.extend_from_slice(random.choice(TEXTS).unwrap_or("").as_bytes()),
            2..=4 => data.push(random.u8(..16)),
            _ => data.push(random.u8(..)),
        }
    }
    data
}

const TEXTS: [&str; 8] = [
    "{\"password\":[1],\"b\":2}",
    "[1e400,-0]",
    "\\u0000\n\t\"",
    "…[truncated]",
    "{\"a\":",
    "')(\"",
    "ü\u{1f600}",
    "\0\u{1}\u{7f}",
];
