//! The worker: the state machine on the delivery thread.
//!
//! Everything that happens is one of a few events, and each is handled in one short step. Only the tries themselves
//! run beside it, as tasks of the same single-threaded runtime.

mod admit;
mod keep;
mod lingering;
mod outcome;
mod stop;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::{Id, JoinError, JoinSet};
use tokio::time::Instant;

use self::keep::Keep;
use self::lingering::Lingering;
use self::stop::{State, Waiters};
use super::account::Account;
use super::budget::Budget;
use super::events;
use super::job::Job;
use super::retry::Backoff;
use super::schedule::Schedule;
use super::{Handed, Message};
use crate::config::DeliverySettings;
use crate::export::{ExportError, Exported, Exporter};

/// Requests under way at once: enough that a slow one holds nobody up, few enough to be a polite client.
const TRIES_AT_ONCE: usize = 8;
/// Messages handled before anything else: what comes in one rush goes to the disk in one.
const MESSAGES_AT_ONCE: usize = 32;
/// Losses at the door are told no more often than this.
const TELL_EVERY: Duration = Duration::from_secs(5);
/// Further than any deadline that matters, and not so far that adding it to a clock overflows.
const FAR: Duration = Duration::from_secs(30 * 365 * 24 * 3600);

type TryResult = Result<Exported, ExportError>;

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
    /// What came in and has not been looked at yet, with its ticket.
    arrived: Vec<(Handed, u64)>,
    schedule: Schedule<Job>,
    tries: JoinSet<TryResult>,
    /// The jobs of `tries`: kept here, so that a task that panics takes none with it.
    out: HashMap<Id, Job>,
    lingering: Lingering,
    keep: Keep,
    waiters: Waiters,
    last_ticket: u64,
    state: State,
    /// The key or the address is wrong: what earlier processes left need not be tried to learn it again.
    is_set_up_wrong: bool,
    backoff: Backoff,
    random: fastrand::Rng,
    tell_door_at: Instant,
}

impl Worker {
    pub(super) fn new(
        settings: DeliverySettings,
        exporter: Arc<dyn Exporter>,
        account: Arc<Account>,
        budget: Arc<Budget>,
        seed: u64,
    ) -> Self {
        Self {
            lingering: Lingering::new(settings.linger),
            keep: Keep::new(settings.spool.clone(), Arc::clone(&account), seed),
            backoff: settings.backoff,
            settings,
            exporter,
            account,
            budget,
            arrived: Vec::new(),
            schedule: Schedule::default(),
            tries: JoinSet::new(),
            out: HashMap::new(),
            waiters: Waiters::default(),
            last_ticket: 0,
            state: State::Running,
            is_set_up_wrong: false,
            random: fastrand::Rng::with_seed(seed),
            tell_door_at: Instant::now(),
        }
    }

    pub(super) async fn run(mut self, mut inbox: UnboundedReceiver<Message>) {
        self.open_spool();
        while self.state != State::Stopped {
            self.start_tries();
            self.answer_waiters();
            self.check_stop();
            if self.state != State::Stopped {
                let event = self.next_event(&mut inbox).await;
                self.step(event, &mut inbox);
            }
        }
        self.end(inbox).await;
    }

    fn step(&mut self, event: Event, inbox: &mut UnboundedReceiver<Message>) {
        self.handle(event);
        for _ in 1..MESSAGES_AT_ONCE {
            let Ok(message) = inbox.try_recv() else { break };
            self.handle(Event::Message(message));
        }
        self.collect_lingering();
        self.admit();
        self.tell_door();
    }

    /// The tries come first: each step takes messages too, whatever its event, so neither keeps the other waiting.
    ///
    /// By hand, because `select!` would have every user's build wait for a crate of macros.
    async fn next_event(&mut self, inbox: &mut UnboundedReceiver<Message>) -> Event {
        let due = self.next_due();
        let mut wait = pin!(tokio::time::sleep_until(due.unwrap_or_else(|| after(FAR))));
        poll_fn(|cx| {
            if let Poll::Ready(Some(tried)) = self.tries.poll_join_next_with_id(cx) {
                return Poll::Ready(Event::Tried(tried));
            }
            if let Poll::Ready(message) = inbox.poll_recv(cx) {
                return Poll::Ready(message.map_or(Event::Deserted, Event::Message));
            }
            wait.as_mut().poll(cx).map(|()| Event::Time)
        })
        .await
    }

    fn next_due(&self) -> Option<Instant> {
        let job = if self.out.len() < TRIES_AT_ONCE { self.schedule.next_due() } else { None };
        let waits = [job, self.waiters.next_due(), self.state.deadline(), self.lingering.next_due()];
        waits.into_iter().flatten().min()
    }

    fn handle(&mut self, event: Event) {
        match event {
            Event::Message(Message::Batch(handed)) => self.arrive(handed),
            Event::Message(Message::Linger(scope)) => self.lingering.add(scope, Instant::now()),
            Event::Message(Message::Flush(request)) => self.begin_flush(request),
            Event::Message(Message::Stop(request)) => self.begin_stop(request),
            Event::Tried(tried) => self.finish_try(tried),
            Event::Time => {}
            Event::Deserted => self.state = State::Stopped,
        }
    }

    /// Traces that were given up before they came here are told of by this thread: the one that handed them over must
    /// not be held up by whoever listens to events.
    fn tell_door(&mut self) {
        let now = Instant::now();
        if self.tell_door_at <= now && self.account.tell_door() {
            self.tell_door_at = now + TELL_EVERY;
        }
    }
}

fn after(wait: Duration) -> Instant {
    Instant::now() + wait.min(FAR)
}
