//! Two clocks read once, and a monotonic one from then on: wall time that never goes backwards within an inference result.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

/// Where the monotonic clock stood at one moment of the wall clock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    instant: Instant,
    /// Nanoseconds since the Unix epoch.
    unix: u64,
}

impl Anchor {
    pub(crate) fn now() -> Self {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self { instant: Instant::now(), unix: u64::try_from(unix.as_nanos()).unwrap_or(0) }
    }

    /// Nanoseconds since the Unix epoch, never less than an earlier answer of the same anchor.
    #[inline]
    pub(crate) fn unix_nanos(&self) -> u64 {
        let elapsed = self.instant.elapsed();
        self.unix + elapsed.as_secs() * 1_000_000_000 + u64::from(elapsed.subsec_nanos())
    }
}
