//! Scopes that have ended while traces in them are still open.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use crate::delivery::Unfinished;
use crate::record::Batch;

/// The scopes, in the order in which they are due: each waits for the same time, so new ones are always last.
pub(super) struct Lingering {
    linger: Duration,
    scopes: VecDeque<(Instant, Arc<dyn Unfinished>)>,
}

impl Lingering {
    pub(super) fn new(linger: Duration) -> Self {
        Self { linger, scopes: VecDeque::new() }
    }

    pub(super) fn add(&mut self, scope: Arc<dyn Unfinished>, now: Instant) {
        // A linger time of nothing would ask a scope that never ends without a pause.
        let wait = self.linger.clamp(Duration::from_millis(10), super::FAR);
        self.scopes.push_back((now + wait, scope));
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.scopes.front().map(|(due, _)| *due)
    }

    /// What has ended in the scopes that have waited long enough. They wait again unless nothing is open in them.
    pub(super) fn collect_due(&mut self, now: Instant) -> Vec<Batch> {
        let mut batches = Vec::new();
        while self.next_due().is_some_and(|due| due <= now)
            && let Some((_, scope)) = self.scopes.pop_front()
        {
            batches.extend(scope.take(false));
            self.keep(scope, now, &mut batches);
        }
        batches
    }

    /// What has ended in any scope, also in traces whose parent is still open.
    pub(super) fn collect_all(&mut self) -> Vec<Batch> {
        let now = Instant::now();
        let scopes = std::mem::take(&mut self.scopes);
        let mut batches = Vec::new();
        for (due, scope) in scopes {
            batches.extend(scope.take(true));
            if is_over(&scope) {
                // The last trace may have ended between the two questions.
                batches.extend(scope.take(true));
            } else {
                self.scopes.push_back((due.max(now), scope));
            }
        }
        batches
    }

    fn keep(&mut self, scope: Arc<dyn Unfinished>, now: Instant, batches: &mut Vec<Batch>) {
        if is_over(&scope) {
            // The last trace may have ended between the two questions.
            batches.extend(scope.take(true));
        } else {
            self.add(scope, now);
        }
    }
}

/// Nothing is open, or nobody is left who could end it.
fn is_over(scope: &Arc<dyn Unfinished>) -> bool {
    scope.is_done() || Arc::strong_count(scope) == 1
}
