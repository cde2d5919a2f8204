//! The worker: the state machine on the delivery thread.
//!
//! Everything that happens is one of a few events, and each is handled in one short step. Only the tries themselves
//! run beside it, as tasks of the same single-threaded runtime.

mod lingering;
mod outcome;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use self::lingering::Lingering;
use super::account::{Account, Held};
use super::budget::{Budget, Charge};
use super::report::DropReason;
use super::retry::Backoff;
use super::schedule::{Schedule, Scheduled};
use super::{Handed, Message, Request};
use crate::config::DeliverySettings;
use crate::export::{ExportError, Exported, Exporter};
use crate::record::Batch;

/// Requests under way at once: enough that a slow one holds nobody up, few enough to be a polite client.
const TRIES_AT_ONCE: usize = 8;
/// Further than any deadline that matters, and not so far that adding it to a clock overflows.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

type TryResult = Result<Exported, ExportError>;

/// A batch of at most the size of one request, on its way.
#[derive(Debug)]
struct Job {
    batch: Batch,
    charge: Arc<Charge>,
    ticket: u64,
    lane: u64,
    tries: u32,
    first_try: Option<Instant>,
}

impl Scheduled for Job {
    fn lane(&self) -> u64 {
        self.lane
    }

    fn ticket(&self) -> u64 {
        self.ticket
    }

    fn is_found(&self) -> bool {
        false
    }
}

impl Job {
    fn held(&self) -> Held {
        Held::Pending
    }
}

/// Somebody who waits until all with a ticket up to theirs is settled, or the time is up.
struct Waiter {
    ticket: u64,
    deadline: Instant,
    request: Request,
}

/// Whether the worker takes work, finishes what it has, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Running,
    Stopping { deadline: Instant },
    Stopped,
}

enum Event {
    Message(Message),
    Tried(Result<(Id, TryResult), JoinError>),
    /// A wait is over: for a retry, a linger time or a deadline.
    Time,
    /// All handles are gone. They say `Stop` before they go, so this is for the sake of completeness.
    Deserted,
}

pub(super) struct Worker {
    settings: DeliverySettings,
    exporter: Arc<dyn Exporter>,
    account: Arc<Account>,
    budget: Arc<Budget>,
    schedule: Schedule<Job>,
    tries: JoinSet<TryResult>,
    /// The jobs of `tries`: kept here, so that a task that panics takes none with it.
    out: HashMap<Id, Job>,
    lingering: Lingering,
    waiters: Vec<Waiter>,
    last_ticket: u64,
    state: State,
    backoff: Backoff,
    random: fastrand::Rng,
}

impl Worker {
    pub(super) fn new(
        settings: DeliverySettings,
        exporter: Arc<dyn Exporter>,
        account: Arc<Account>,
        budget: Arc<Budget>,
    ) -> Self {
        Self {
            lingering: Lingering::new(settings.linger),
            settings,
            exporter,
            account,
            budget,
            schedule: Schedule::default(),
            tries: JoinSet::new(),
            out: HashMap::new(),
            waiters: Vec::new(),
            last_ticket: 0,
            state: State::Running,
            backoff: Backoff::default(),
            random: fastrand::Rng::new(),
        }
    }

    pub(super) async fn run(mut self, mut inbox: UnboundedReceiver<Message>) {
        while self.state != State::Stopped {
            self.start_tries();
            self.answer_waiters();
            self.check_stop();
            if self.state != State::Stopped {
                let event = self.next_event(&mut inbox).await;
                self.handle(event);
            }
        }
        self.end(inbox).await;
    }

    async fn next_event(&mut self, inbox: &mut UnboundedReceiver<Message>) -> Event {
        let due = self.next_due();
        tokio::select! {
            message = inbox.recv() => message.map_or(Event::Deserted, Event::Message),
            Some(tried) = self.tries.join_next_with_id() => Event::Tried(tried),
            () = tokio::time::sleep_until(due.unwrap_or_else(far)), if due.is_some() => Event::Time,
        }
    }

    fn next_due(&self) -> Option<Instant> {
        let job = if self.out.len() < TRIES_AT_ONCE { self.schedule.next_due() } else { None };
        let waiter = self.waiters.iter().map(|waiter| waiter.deadline).min();
        let stop = match self.state {
            State::Stopping { deadline } => Some(deadline),
            State::Running | State::Stopped => None,
        };
        [job, waiter, stop, self.lingering.next_due()].into_iter().flatten().min()
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Message(Message::Batch(handed)) => self.take(handed),
            Event::Message(Message::Linger(scope)) => self.lingering.add(scope, Instant::now()),
            Event::Message(Message::Flush(request)) => self.begin_flush(request),
            Event::Message(Message::Stop(request)) => self.begin_stop(request),
            Event::Tried(tried) => self.finish_try(tried),
            Event::Time => self.collect_lingering(),
            Event::Deserted => self.state = State::Stopped,
        }
    }

    fn take(&mut self, handed: Handed) {
        self.last_ticket += 1;
        let charge = Arc::new(handed.charge);
        let job = Job {
            lane: lane_of(handed.batch.inference_result_id()),
            batch: handed.batch,
            charge,
            ticket: self.last_ticket,
            tries: 0,
            first_try: None,
        };
        self.schedule.add(job);
    }

    /// Traces that were taken from a scope here, and not handed over by it.
    fn take_own(&mut self, batch: Batch) {
        let traces = batch.len();
        self.account.enter(traces);
        match self.budget.charge(batch.footprint()) {
            Some(charge) => self.take(Handed { batch, charge }),
            None => self.account.dropped(traces, DropReason::QueueFull, Held::Pending),
        }
    }

    fn collect_lingering(&mut self) {
        for batch in self.lingering.collect_due(Instant::now()) {
            self.take_own(batch);
        }
    }

    fn begin_flush(&mut self, request: Request) {
        for batch in self.lingering.collect_all() {
            self.take_own(batch);
        }
        let deadline = after(request.timeout);
        self.waiters.push(Waiter { ticket: self.last_ticket, deadline, request });
    }

    fn begin_stop(&mut self, request: Request) {
        let deadline = after(request.timeout);
        self.begin_flush(request);
        self.schedule.hurry();
        self.state = match self.state {
            State::Stopping { deadline: earlier } => State::Stopping { deadline: earlier.min(deadline) },
            State::Running | State::Stopped => State::Stopping { deadline },
        };
    }

    fn start_tries(&mut self) {
        while self.out.len() < TRIES_AT_ONCE {
            let Some(job) = self.schedule.next(Instant::now()) else { return };
            self.start_try(job);
        }
    }

    fn start_try(&mut self, mut job: Job) {
        job.tries = job.tries.saturating_add(1);
        job.first_try.get_or_insert_with(Instant::now);
        let (exporter, batch) = (Arc::clone(&self.exporter), job.batch.clone());
        let timeout = self.settings.request_timeout;
        let task = self.tries.spawn(async move {
            let answer = tokio::time::timeout(timeout, exporter.export(&batch)).await;
            answer.unwrap_or_else(|_| Err(ExportError::retry("no answer within `request_timeout`")))
        });
        self.out.insert(task.id(), job);
    }

    fn answer_waiters(&mut self) {
        let now = Instant::now();
        let schedule = &self.schedule;
        self.waiters.retain(|waiter| {
            let settled = schedule.is_settled(waiter.ticket);
            if settled && self.state == State::Running {
                let _ = waiter.request.reply.try_send(());
            }
            let over = waiter.deadline <= now;
            if over {
                let _ = waiter.request.reply.try_send(());
            }
            !(over || settled && self.state == State::Running)
        });
    }

    fn check_stop(&mut self) {
        if let State::Stopping { deadline } = self.state
            && (self.schedule.is_settled(self.last_ticket) || deadline <= Instant::now())
        {
            self.state = State::Stopped;
        }
    }

    /// Gives up what is left, so that every trace is accounted for, and then answers who still waits.
    async fn end(mut self, mut inbox: UnboundedReceiver<Message>) {
        inbox.close();
        let out = std::mem::take(&mut self.out).into_values();
        for job in out.chain(self.schedule.drain()) {
            self.account.dropped(job.batch.len(), DropReason::ShutDown, job.held());
        }
        while let Some(message) = inbox.recv().await {
            match message {
                Message::Batch(handed) => {
                    self.account.dropped(handed.batch.len(), DropReason::AfterShutDown, Held::Pending);
                }
                Message::Linger(_) => {}
                Message::Flush(request) | Message::Stop(request) => drop(request.reply),
            }
        }
        self.tries.abort_all();
        self.waiters.clear();
    }
}

fn after(timeout: Duration) -> Instant {
    Instant::now() + timeout.min(FAR)
}

fn far() -> Instant {
    Instant::now() + FAR
}

/// FNV-1a: batches of one inference result are in one lane. That two results may share one does no harm.
fn lane_of(inference_result_id: &str) -> u64 {
    inference_result_id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
