//! From a batch that was handed over to jobs that can be tried, and to the tries.

use std::sync::Arc;
use std::time::SystemTime;

use tokio::time::Instant;

use super::{TRIES_AT_ONCE, Worker};
use crate::delivery::Handed;
use crate::delivery::account::Held;
use crate::delivery::events;
use crate::delivery::job::{Job, Loaded, lane_of};
use crate::delivery::report::DropReason;
use crate::delivery::split::{Limits, split};
use crate::delivery::spool::LoadError;
use crate::export::{ExportError, Reason};
use crate::record::Batch;

impl Worker {
    pub(super) fn open_spool(&mut self) {
        for entry in self.keep.open() {
            let job = Job::found(entry);
            self.account.found(job.traces);
            self.schedule.add(job);
        }
    }

    pub(super) fn arrive(&mut self, handed: Handed) {
        self.last_ticket += 1;
        self.arrived.push((handed, self.last_ticket));
    }

    /// Traces that were taken from a scope here, and not handed over by it.
    pub(super) fn arrive_from_scope(&mut self, batch: Batch) {
        self.account.enter(batch.len());
        match self.budget.charge(batch.footprint()) {
            Some(charge) => self.arrive(Handed { batch, charge }),
            None => {
                self.give_up(batch.inference_result_id(), batch.len(), DropReason::QueueFull, Held::Pending);
            }
        }
    }

    pub(super) fn collect_lingering(&mut self) {
        for batch in self.lingering.collect_due(Instant::now()) {
            self.arrive_from_scope(batch);
        }
    }

    /// Splits what has arrived, writes it to the spool, and only then lets it be tried.
    pub(super) fn admit(&mut self) {
        if self.arrived.is_empty() {
            return;
        }
        if self.keep.may_open() {
            self.open_spool();
        }
        let mut jobs = Vec::new();
        for (handed, ticket) in std::mem::take(&mut self.arrived) {
            let lane = lane_of(handed.batch.inference_result_id());
            let charge = Arc::new(handed.charge);
            let limits =
                Limits { traces: self.settings.max_batch_traces, bytes: self.settings.max_batch_bytes };
            for batch in split(&handed.batch, limits) {
                let loaded = Loaded { batch, charge: Some(Arc::clone(&charge)) };
                jobs.push(self.keep(Job::new(loaded, lane, ticket)));
            }
        }
        self.keep.sync();
        for job in jobs {
            self.account.moved(job.traces, Held::Pending, job.held());
            self.schedule.add(job);
        }
    }

    /// Writes a job to the spool. While much waits, what is on disk is not kept in memory too.
    pub(super) fn keep(&mut self, mut job: Job) -> Job {
        let Some(loaded) = &job.loaded else { return job };
        job.entry = self.keep.store(&loaded.batch, job.lane);
        if job.entry.is_some() && self.budget.used() > self.settings.max_queue_bytes / 4 {
            job.loaded = None;
        }
        job
    }

    pub(super) fn start_tries(&mut self) {
        while self.out.len() < TRIES_AT_ONCE {
            let Some(job) = self.schedule.next(Instant::now()) else { return };
            self.prepare_try(job);
        }
    }

    fn prepare_try(&mut self, mut job: Job) {
        if let Some(entry) = &job.entry
            && entry.age(SystemTime::now()) > self.keep.max_age()
        {
            return self.drop_job(&job, DropReason::SpoolExpired);
        }
        if job.is_found && self.is_set_up_wrong {
            return self
                .leave(&job, &Reason::from("an earlier answer said that the key or the address is wrong"));
        }
        match self.load(&mut job) {
            Ok(batch) => self.start_try(job, batch),
            Err(LoadError::Io(error)) => self.try_again(job, &Reason::from(error.to_string()), None),
            Err(error) => self.set_aside(&job, &error),
        }
    }

    fn load(&self, job: &mut Job) -> Result<Batch, LoadError> {
        if let Some(loaded) = &job.loaded {
            return Ok(loaded.batch.clone());
        }
        let batch = self.keep.load(job.entry.as_ref())?;
        job.loaded = Some(Loaded { batch: batch.clone(), charge: None });
        Ok(batch)
    }

    fn start_try(&mut self, mut job: Job, batch: Batch) {
        job.tries = job.tries.saturating_add(1);
        job.first_try.get_or_insert_with(Instant::now);
        let exporter = Arc::clone(&self.exporter);
        let timeout = self.settings.request_timeout;
        let task = self.tries.spawn(async move {
            let answer = tokio::time::timeout(timeout, exporter.export(&batch)).await;
            answer.unwrap_or_else(|_| Err(ExportError::retry("no answer within `request_timeout`")))
        });
        self.out.insert(task.id(), job);
    }

    fn set_aside(&mut self, job: &Job, error: &LoadError) {
        events::set_aside(job.traces, error);
        if let Some(entry) = &job.entry {
            self.keep.set_aside(entry, error);
        }
        self.give_up(job.inference_result_id(), job.traces, DropReason::SpoolDamaged, job.held());
        self.schedule.finish(job.lane, job.ticket);
    }
}
