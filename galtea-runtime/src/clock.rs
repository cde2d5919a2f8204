//! Two clocks read once, and a monotonic one from then on: wall time that never goes backwards within an inference result.
//!
//! A call reads the clock twice, and asking the system is a quarter of what the call costs. So the processor's own counter
//! is read where it is known to run evenly (`quanta` looks at that, and reads the system's monotonic clock elsewhere).
//! Finding out how fast it runs takes about a millisecond, once in a process, on the delivery thread.

use std::sync::OnceLock;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use quanta::Clock;

/// Missing until it has been held against the system's clock.
static COUNTER: OnceLock<Clock> = OnceLock::new();

/// Makes the faster clock ready for the anchors to come. Takes 200 ms at most, a fraction of that as a rule.
pub(crate) fn calibrate() {
    COUNTER.get_or_init(Clock::new);
}

/// Where the monotonic clock stood at one moment of the wall clock.
///
/// Each inference result has one of its own, so that what the counter is off by never adds up.
#[derive(Clone, Debug)]
pub(crate) struct Anchor {
    monotonic: Monotonic,
    /// Nanoseconds since the Unix epoch.
    unix: u64,
}

#[derive(Clone, Debug)]
enum Monotonic {
    Counter(&'static Clock, u64),
    System(Instant),
    #[cfg(feature = "testing")]
    Given(Elapsed),
}

/// Nanoseconds that a test may set, so that the sum of start and elapsed time is one too.
#[cfg(feature = "testing")]
const FARTHEST: u64 = u64::MAX / 2;

/// How much time has passed, as a test has it.
#[cfg(feature = "testing")]
#[derive(Clone)]
pub(crate) struct Elapsed(pub(crate) std::sync::Arc<dyn Fn() -> std::time::Duration + Send + Sync>);

#[cfg(feature = "testing")]
impl Elapsed {
    fn nanos(&self) -> u64 {
        u64::try_from((self.0)().as_nanos()).unwrap_or(u64::MAX).min(FARTHEST)
    }
}

#[cfg(feature = "testing")]
impl std::fmt::Debug for Elapsed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Elapsed").finish_non_exhaustive()
    }
}

impl Monotonic {
    fn start(counter: Option<&'static Clock>) -> Self {
        counter.map_or_else(|| Self::System(Instant::now()), |clock| Self::Counter(clock, clock.raw()))
    }

    #[inline]
    fn elapsed_nanos(&self) -> u64 {
        match self {
            Self::Counter(clock, start) => clock.delta_as_nanos(*start, clock.raw()),
            Self::System(start) => {
                let elapsed = start.elapsed();
                elapsed.as_secs() * 1_000_000_000 + u64::from(elapsed.subsec_nanos())
            }
            #[cfg(feature = "testing")]
            Self::Given(elapsed) => elapsed.nanos(),
        }
    }
}

impl Anchor {
    pub(crate) fn now() -> Self {
        Self::on(COUNTER.get())
    }

    fn on(counter: Option<&'static Clock>) -> Self {
        Self { monotonic: Monotonic::start(counter), unix: unix_nanos(SystemTime::now()) }
    }

    /// A clock that tells what it is told, from `start` on.
    #[cfg(feature = "testing")]
    pub(crate) fn given(start: SystemTime, elapsed: Elapsed) -> Self {
        Self { monotonic: Monotonic::Given(elapsed), unix: unix_nanos(start).min(FARTHEST) }
    }

    /// Nanoseconds since the Unix epoch, on one thread never less than an earlier answer of the same anchor.
    #[inline]
    pub(crate) fn unix_nanos(&self) -> u64 {
        self.unix + self.monotonic.elapsed_nanos()
    }
}

fn unix_nanos(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anchors() -> [Anchor; 2] {
        calibrate();
        [Anchor::on(COUNTER.get()), Anchor::on(None)]
    }

    #[test]
    fn an_anchor_never_goes_backwards() {
        for anchor in anchors() {
            let mut last = 0;
            for _ in 0..100_000 {
                let now = anchor.unix_nanos();
                assert!(now >= last, "{now} after {last}");
                last = now;
            }
        }
    }

    #[test]
    fn both_clocks_count_the_same_nanoseconds() {
        let [counter, system] = anchors();
        let apart = || counter.unix_nanos().abs_diff(system.unix_nanos());
        // Whoever is interrupted between two reads only seems to be further apart.
        let nearest = || (0..1_000).map(|_| apart()).min().unwrap_or(u64::MAX);
        let before = nearest();
        let start = Instant::now();
        while start.elapsed().as_millis() < 20 {
            std::hint::spin_loop();
        }
        // A hundredth of the time that has passed: far more than any calibration is off by, far less than a wrong unit.
        assert!(nearest().abs_diff(before) < 200_000, "{before} ns before, {} ns after", nearest());
    }

    #[test]
    fn an_anchor_tells_the_time_of_the_wall() {
        for anchor in anchors() {
            let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos();
            assert!(wall.abs_diff(u128::from(anchor.unix_nanos())) < 60_000_000_000);
        }
    }
}
