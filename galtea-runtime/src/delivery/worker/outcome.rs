//! What follows from a try.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError};
use tokio::time::Instant;

use super::{TryResult, Worker, after};
use crate::delivery::account::Held;
use crate::delivery::events;
use crate::delivery::job::{Job, Loaded};
use crate::delivery::report::{DropReason, RefusedTrace};
use crate::delivery::retry::Tried;
use crate::delivery::schedule::BACKGROUND;
use crate::delivery::trim::halve;
use crate::export::{ExportError, Exported, Reason};
use crate::record::Batch;

/// After so many tries nobody waits any longer for a batch that is safe in the spool.
const PATIENCE: u32 = 3;
pub(super) const EXPORTER_PANICKED: &str =
    "the exporter panicked, as the panic's own message on standard error tells";

impl Worker {
    pub(super) fn finish_try(&mut self, tried: Result<(Id, TryResult), JoinError>) {
        let (id, result) = match tried {
            Ok((id, result)) => (id, result),
            Err(error) => (error.id(), Err(ExportError::Setup { reason: EXPORTER_PANICKED.into() })),
        };
        let Some(job) = self.out.remove(&id) else { return };
        match result {
            Ok(exported) => self.delivered(&job, exported),
            Err(ExportError::Conflict { .. }) if job.is_repeat => self.delivered(&job, Exported::all()),
            Err(ExportError::Retry { reason, after }) => self.try_again(job, &reason, after),
            Err(ExportError::TooLarge { reason }) => self.send_smaller(&job, &reason),
            Err(ExportError::Setup { reason }) if job.entry.is_some() => {
                self.is_set_up_wrong = true;
                self.leave(&job, &reason);
            }
            Err(error) => self.refused(&job, error.reason()),
        }
    }

    fn delivered(&mut self, job: &Job, exported: Exported) {
        let refused: BTreeMap<usize, Reason> =
            exported.refused.into_iter().map(|refused| (refused.index, refused.reason)).collect();
        let mut taken = job.traces;
        if let Some(loaded) = &job.loaded {
            for (index, trace) in loaded.batch.iter().enumerate() {
                let Some(reason) = refused.get(&index) else { continue };
                taken -= 1;
                events::trace_refused(&trace, reason);
                self.account.refused(1, &reason.to_string(), job.held());
                self.account.note_refusal(RefusedTrace::new(&trace, reason));
            }
        }
        events::delivered(job, taken);
        self.account.delivered(taken, job.held());
        self.conclude(job);
    }

    fn refused(&mut self, job: &Job, reason: &Reason) {
        events::refused(job, reason);
        self.account.refused(job.traces, &reason.to_string(), job.held());
        self.conclude(job);
    }

    pub(super) fn drop_job(&mut self, job: &Job, reason: DropReason) {
        self.give_up(job.inference_result_id(), job.traces, reason, job.held());
        self.conclude(job);
    }

    pub(super) fn give_up(&self, inference_result_id: &str, traces: usize, reason: DropReason, held: Held) {
        events::dropped(inference_result_id, u64::try_from(traces).unwrap_or(u64::MAX), reason);
        self.account.dropped(traces, reason, held);
    }

    /// The job has ended: nothing of it is needed any more.
    fn conclude(&mut self, job: &Job) {
        if let Some(entry) = &job.entry {
            self.keep.remove(entry);
        }
        self.schedule.finish(job.lane, job.ticket);
    }

    /// The job stays in the spool for the next start.
    pub(super) fn leave(&mut self, job: &Job, reason: &Reason) {
        events::left(job, reason);
        self.schedule.finish(job.lane, job.ticket);
    }

    pub(super) fn try_again(&mut self, mut job: Job, reason: &Reason, asked: Option<Duration>) {
        job.is_repeat = true;
        if let Some(asked) = asked {
            self.schedule.pause(after(asked));
        }
        let elapsed = job.first_try.map(|first| first.elapsed()).unwrap_or_default();
        let tried = Tried { tries: job.tries.max(1), elapsed, after: asked };
        let retry_for = job.entry.is_none().then_some(self.settings.retry_for);
        let Some(wait) = self.backoff.wait(tried, retry_for, self.random.f64()) else {
            return self.drop_job(&job, DropReason::RetriesExhausted);
        };
        events::try_failed(&job, reason, wait);
        match job.entry {
            Some(_) => self.put_off_spooled(job, reason, after(wait)),
            None => self.schedule.put_off(job, after(wait)),
        }
    }

    /// It is safe on disk, so it need not take memory, and after a while nobody need wait for it.
    fn put_off_spooled(&mut self, mut job: Job, reason: &Reason, due: Instant) {
        let is_background = job.tries >= PATIENCE || job.ticket == BACKGROUND;
        if is_background && self.state.is_stopping() {
            return self.leave(&job, reason);
        }
        if is_background {
            self.schedule.demote(&mut job);
        }
        job.loaded = None;
        self.schedule.put_off(job, due);
    }

    /// Half as many traces a request, or a single one with its fields cut.
    fn send_smaller(&mut self, job: &Job, reason: &Reason) {
        let Some(loaded) = &job.loaded else { return self.refused(job, reason) };
        let Some(parts) = halve(&loaded.batch) else { return self.refused(job, reason) };
        let parts: Vec<Job> = parts.into_iter().map(|batch| self.part(job, loaded, batch)).collect();
        self.keep.sync();
        // The parts are on disk before the whole leaves it: a crash in between sends twice, and never loses.
        if let Some(entry) = &job.entry {
            self.keep.remove(entry);
        }
        self.schedule.replace(job.lane, job.ticket, parts.into_iter());
    }

    fn part(&mut self, whole: &Job, loaded: &Loaded, batch: Batch) -> Job {
        let loaded = Loaded { batch, charge: loaded.charge.as_ref().map(Arc::clone) };
        let part = Job::new(loaded, whole.lane, whole.ticket);
        let part = self.keep(Job { is_repeat: whole.is_repeat, is_found: whole.is_found, ..part });
        self.account.moved(part.traces, whole.held(), part.held());
        part
    }
}
