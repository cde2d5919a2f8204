//! Times contenders side by side.

use std::time::Instant;

/// Nanoseconds a call of each contender.
pub struct Times<const N: usize> {
    /// Of the best round: all is in the cache, and nobody else has work.
    pub best: [f64; N],
    /// Of the round in the middle.
    pub median: [f64; N],
}

/// Runs the contenders turn by turn, so that none meets a quieter machine than the others. A round of a contender is
/// `calls` calls.
pub fn times<const N: usize>(rounds: u32, calls: u32, mut contenders: [&mut dyn FnMut(); N]) -> Times<N> {
    let mut all = [const { Vec::new() }; N];
    for _ in 0..rounds {
        for (times, contender) in all.iter_mut().zip(&mut contenders) {
            let start = Instant::now();
            contender();
            times.push(start.elapsed().as_secs_f64() * 1e9 / f64::from(calls));
        }
    }
    all.iter_mut().for_each(|times| times.sort_by(f64::total_cmp));
    let (best, median) = (|times: &Vec<f64>| times[0], |times: &Vec<f64>| times[times.len() / 2]);
    Times { best: all.each_ref().map(best), median: all.each_ref().map(median) }
}

/// The best round of each contender.
pub fn minima<const N: usize>(rounds: u32, calls: u32, contenders: [&mut dyn FnMut(); N]) -> [f64; N] {
    times(rounds, calls, contenders).best
}

/// The best of several runs of what gives a number that should be small.
pub fn least(runs: u32, mut run: impl FnMut() -> f64) -> f64 {
    (0..runs).map(|_| run()).fold(f64::INFINITY, f64::min)
}
