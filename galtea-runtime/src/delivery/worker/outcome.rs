//! What follows from a try.

use tokio::task::{Id, JoinError};
use tokio::time::Instant;

use super::{Job, TryResult, Worker};
use crate::delivery::report::{DropReason, RefusedTrace};
use crate::delivery::retry::Tried;
use crate::delivery::schedule::Scheduled;
use crate::export::{ExportError, Exported, Reason, Refused};

impl Worker {
    pub(super) fn finish_try(&mut self, tried: Result<(Id, TryResult), JoinError>) {
        let (id, result) = match tried {
            Ok((id, result)) => (id, result),
            Err(error) => (error.id(), Err(ExportError::refused("the exporter panicked"))),
        };
        let Some(job) = self.out.remove(&id) else { return };
        match result {
            Ok(exported) => self.delivered(&job, &exported),
            Err(ExportError::Conflict { .. }) if job.tries > 1 => self.delivered(&job, &Exported::all()),
            Err(ExportError::Retry { after, .. }) => self.try_again(job, after),
            Err(ExportError::TooLarge { reason }) => self.send_smaller(job, &reason),
            Err(error) => self.refused(&job, error.reason()),
        }
    }

    fn delivered(&mut self, job: &Job, exported: &Exported) {
        let mut refused = 0;
        for Refused { index, reason } in &exported.refused {
            let Some(trace) = job.batch.iter().nth(*index) else { continue };
            refused += 1;
            self.account.refused(1, &reason.to_string(), job.held());
            self.account.note_refusal(RefusedTrace {
                id: trace.id(),
                name: trace.name().to_owned(),
                inference_result_id: trace.inference_result_id().to_owned(),
                reason: reason.to_string(),
            });
        }
        self.account.delivered(job.batch.len() - refused, job.held());
        self.schedule.finish(job.lane(), job.ticket());
    }

    fn refused(&mut self, job: &Job, reason: &Reason) {
        self.account.refused(job.batch.len(), &reason.to_string(), job.held());
        self.schedule.finish(job.lane(), job.ticket());
    }

    fn try_again(&mut self, job: Job, after: Option<std::time::Duration>) {
        let now = Instant::now();
        let elapsed = job.first_try.map(|first| now - first).unwrap_or_default();
        let tried = Tried { tries: job.tries, elapsed, after };
        if let Some(after) = after {
            self.schedule.pause(super::after(after));
        }
        match self.backoff.wait(tried, Some(self.settings.retry_for), self.random.f64()) {
            Some(wait) => self.schedule.put_off(job, now + wait),
            None => {
                self.account.dropped(job.batch.len(), DropReason::RetriesExhausted, job.held());
                self.schedule.finish(job.lane(), job.ticket());
            }
        }
    }

    fn send_smaller(&mut self, job: Job, reason: &Reason) {
        let middle = job.batch.len() / 2;
        if middle == 0 {
            return self.refused(&job, reason);
        }
        let parts = [job.batch.part(0..middle), job.batch.part(middle..job.batch.len())];
        let (lane, ticket) = (job.lane(), job.ticket());
        let parts = parts.map(|batch| Job { batch, charge: job.charge.clone(), first_try: None, ..job });
        self.schedule.replace(lane, ticket, parts.into_iter());
    }
}
