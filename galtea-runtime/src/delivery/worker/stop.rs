//! Flushing and stopping: who waits for what, and how it all ends.

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::Instant;

use super::{Worker, after, events};
use crate::delivery::report::{DropReason, Stats};
use crate::delivery::schedule::{BACKGROUND, Schedule};
use crate::delivery::{Job, Message, Reply, Request};

/// Whether the worker takes work, finishes what it has, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    Stopping { deadline: Instant },
    Stopped,
}

impl State {
    pub(super) fn is_stopping(self) -> bool {
        self != Self::Running
    }

    pub(super) fn deadline(self) -> Option<Instant> {
        match self {
            Self::Stopping { deadline } => Some(deadline),
            Self::Running | Self::Stopped => None,
        }
    }
}

/// Those who wait until all with a ticket up to theirs is settled, or their time is up.
#[derive(Default)]
pub(super) struct Waiters(Vec<Waiter>);

struct Waiter {
    ticket: u64,
    deadline: Instant,
    _reply: Reply,
}

impl Waiters {
    pub(super) fn next_due(&self) -> Option<Instant> {
        self.0.iter().map(|waiter| waiter.deadline).min()
    }

    fn answer(&mut self, is_over: impl Fn(u64, Instant) -> bool) {
        self.0.retain(|waiter| !is_over(waiter.ticket, waiter.deadline));
    }
}

impl Worker {
    pub(super) fn begin_flush(&mut self, request: Request) {
        let ticket = self.last_ticket_with_scopes();
        self.wait_for(ticket, request);
    }

    fn last_ticket_with_scopes(&mut self) -> u64 {
        for batch in self.lingering.collect_all() {
            self.arrive_from_scope(batch);
        }
        self.last_ticket
    }

    fn wait_for(&mut self, ticket: u64, request: Request) {
        self.waiters.0.push(Waiter { ticket, deadline: after(request.timeout), _reply: request.reply });
    }

    /// Also what is in the background gets its last chance, and the first deadline of several holds.
    pub(super) fn begin_stop(&mut self, request: Request) {
        let deadline = after(request.timeout);
        self.last_ticket_with_scopes();
        self.wait_for(BACKGROUND, request);
        self.schedule.hurry();
        let deadline = self.state.deadline().map_or(deadline, |earlier| earlier.min(deadline));
        self.state = State::Stopping { deadline };
    }

    pub(super) fn answer_waiters(&mut self) {
        let now = Instant::now();
        let (schedule, idle_until) = (&self.schedule, self.idle_until());
        let is_running = self.state == State::Running;
        self.waiters.answer(|ticket, deadline| {
            deadline <= now
                || is_running && (schedule.is_settled(ticket) || idle_until.is_some_and(|due| due > deadline))
        });
    }

    pub(super) fn check_stop(&mut self) {
        let Some(deadline) = self.state.deadline() else { return };
        let is_over = deadline <= Instant::now() || self.idle_until().is_some_and(|due| due > deadline);
        if is_over || self.schedule.is_settled(BACKGROUND) {
            self.state = State::Stopped;
        }
    }

    /// Nothing can happen before then but that something new comes in; `None` when something is under way.
    fn idle_until(&self) -> Option<Instant> {
        if self.out.is_empty() { self.schedule.next_due() } else { None }
    }

    /// Gives up what is left, so that every trace is accounted for, and then answers who still waits.
    pub(super) async fn end(mut self, mut inbox: UnboundedReceiver<Message>) {
        inbox.close();
        while let Some(message) = inbox.recv().await {
            match message {
                Message::Batch(handed) => self.arrive(handed),
                Message::Linger(scope) => self.lingering.add(scope, Instant::now()),
                Message::Flush(request) | Message::Stop(request) => self.wait_for(BACKGROUND, request),
            }
        }
        self.last_ticket_with_scopes();
        self.admit();
        self.tries.abort_all();
        let schedule: Schedule<Job> = std::mem::take(&mut self.schedule);
        let out = std::mem::take(&mut self.out).into_values();
        for job in out.chain(schedule.into_jobs()).filter(|job| job.entry.is_none()) {
            self.give_up(job.inference_result_id(), job.traces, DropReason::ShutDown, job.held());
        }
        self.keep.close();
        self.account.tell_door();
        events::stopped(&Stats::new(&self.account.totals()));
    }
}
