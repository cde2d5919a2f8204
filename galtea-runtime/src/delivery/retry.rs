//! When a batch that was not taken is tried again.

use std::time::Duration;

/// Exponential backoff with full jitter: the n-th wait is random between nothing and `base * 2^n`, at most `cap`.
///
/// Full jitter spreads the tries of many clients evenly, so that a server that comes back is not run over at once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) base: Duration,
    pub(crate) cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { base: Duration::from_millis(500), cap: Duration::from_secs(60) }
    }
}

/// What is known of a batch when a try has failed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tried {
    /// How many tries there were, at least 1.
    pub(crate) tries: u32,
    /// Since the first of them began.
    pub(crate) elapsed: Duration,
    /// How long the server asked to be left alone.
    pub(crate) after: Option<Duration>,
}

impl Backoff {
    /// How long to wait for the next try; `None` when there is none within `retry_for`. `chance` is in `0.0..1.0`.
    ///
    /// The last wait is cut short, so that the last try is made when the time is up and not well before. A wait that
    /// the server asked for is never cut.
    pub(crate) fn wait(self, tried: Tried, retry_for: Option<Duration>, chance: f64) -> Option<Duration> {
        let jittered = self.ceiling(tried.tries).mul_f64(chance);
        let asked = tried.after.unwrap_or_default();
        let Some(retry_for) = retry_for else { return Some(jittered.max(asked)) };
        let left = retry_for.checked_sub(tried.elapsed).filter(|left| !left.is_zero())?;
        (asked <= left).then(|| jittered.min(left).max(asked))
    }

    fn ceiling(self, tries: u32) -> Duration {
        let doubled =
            1_u32.checked_shl(tries.saturating_sub(1)).and_then(|factor| self.base.checked_mul(factor));
        doubled.map_or(self.cap, |wait| wait.min(self.cap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECOND: Duration = Duration::from_secs(1);
    const BACKOFF: Backoff = Backoff { base: SECOND, cap: Duration::from_secs(8) };

    fn tried(tries: u32) -> Tried {
        Tried { tries, elapsed: Duration::ZERO, after: None }
    }

    #[test]
    fn the_ceiling_doubles_up_to_the_cap() {
        let ceilings = [1, 2, 3, 4, 5, 40, u32::MAX].map(|tries| BACKOFF.ceiling(tries).as_secs());
        assert_eq!(ceilings, [1, 2, 4, 8, 8, 8, 8]);
    }

    #[test]
    fn the_wait_is_anywhere_below_the_ceiling() {
        let waits = [0.0, 0.25, 0.5].map(|chance| BACKOFF.wait(tried(3), None, chance).unwrap());
        assert_eq!(waits, [Duration::ZERO, SECOND, 2 * SECOND]);
    }

    #[test]
    fn the_wait_the_server_asked_for_is_the_least() {
        let asked = Tried { after: Some(20 * SECOND), ..tried(1) };
        assert_eq!(BACKOFF.wait(asked, None, 0.9), Some(20 * SECOND));
        assert_eq!(BACKOFF.wait(asked, Some(20 * SECOND), 0.9), Some(20 * SECOND));
        assert_eq!(BACKOFF.wait(asked, Some(19 * SECOND), 0.9), None);
    }

    #[test]
    fn the_last_try_is_made_when_the_time_is_up_and_none_after_it() {
        let late = Tried { elapsed: 9 * SECOND, ..tried(4) };
        assert_eq!(BACKOFF.wait(late, Some(10 * SECOND), 0.99), Some(SECOND));
        assert_eq!(BACKOFF.wait(Tried { elapsed: 10 * SECOND, ..late }, Some(10 * SECOND), 0.0), None);
    }

    proptest! {
        #[test]
        fn a_wait_stays_within_its_bounds(
            tries in 1_u32..100,
            elapsed in 0_u64..400,
            after in proptest::option::of(0_u64..400),
            chance in 0.0..1.0_f64,
        ) {
            let after = after.map(Duration::from_secs);
            let elapsed = Duration::from_secs(elapsed);
            let retry_for = Duration::from_secs(300);
            match BACKOFF.wait(Tried { tries, elapsed, after }, Some(retry_for), chance) {
                Some(wait) => {
                    prop_assert!(elapsed + wait <= retry_for);
                    prop_assert!(wait >= after.unwrap_or_default());
                    prop_assert!(wait <= BACKOFF.cap.max(after.unwrap_or_default()));
                }
                None => prop_assert!(elapsed + after.unwrap_or_default() >= retry_for),
            }
        }
    }
}
