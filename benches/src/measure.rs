//! Times contenders side by side.

use std::time::Instant;

/// Runs the contenders turn by turn, so that none meets a quieter machine than the others, and gives the best round of
/// each in nanoseconds a call. A round of a contender is `calls` calls.
pub fn minima<const N: usize>(rounds: u32, calls: u32, mut contenders: [&mut dyn FnMut(); N]) -> [f64; N] {
    let mut best = [f64::INFINITY; N];
    for _ in 0..rounds {
        for (best, contender) in best.iter_mut().zip(&mut contenders) {
            let start = Instant::now();
            contender();
            *best = best.min(start.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
        }
    }
    best
}

/// The best of several runs of what gives a number that should be small.
pub fn least(runs: u32, mut run: impl FnMut() -> f64) -> f64 {
    (0..runs).map(|_| run()).fold(f64::INFINITY, f64::min)
}
