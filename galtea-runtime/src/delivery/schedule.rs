//! What is sent when: a plain data structure, without a clock and without I/O.
//!
//! ```text
//! add ──▶ lane of the inference result ──▶ fresh | found ──▶ next ──▶ (a try) ──▶ finish
//!          one job out of it at a time           ▲                       │
//!                                              later ◀──── put_off ──────┘
//! ```

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::time::Instant;

/// The ticket of what nobody waits for, but when the client is shut down.
pub(super) const BACKGROUND: u64 = u64::MAX;

/// What the schedule knows of a job.
pub(super) trait Scheduled {
    /// Jobs of one lane are sent one after the other, in the order they came: a parent is sent before its children.
    fn lane(&self) -> u64;
    /// Which hand-over the job is part of; see [`Schedule::is_settled`].
    fn ticket(&self) -> u64;
    /// Whether it was found in the spool. What was recorded just now goes first: somebody may be waiting for it.
    fn is_found(&self) -> bool;
}

#[derive(Debug)]
pub(super) struct Schedule<J> {
    /// A lane exists while a job of it is out; the jobs in it wait for that one.
    lanes: HashMap<u64, VecDeque<J>>,
    fresh: VecDeque<J>,
    found: VecDeque<J>,
    later: BTreeMap<(Instant, u64), J>,
    /// Makes the keys of `later` differ.
    put_off: u64,
    /// Nothing is sent before then: the server asked for a pause.
    pause: Option<Instant>,
    /// How many jobs of each ticket have not been finished.
    unsettled: BTreeMap<u64, usize>,
}

impl<J> Default for Schedule<J> {
    fn default() -> Self {
        Self {
            lanes: HashMap::new(),
            fresh: VecDeque::new(),
            found: VecDeque::new(),
            later: BTreeMap::new(),
            put_off: 0,
            pause: None,
            unsettled: BTreeMap::new(),
        }
    }
}

impl<J: Scheduled> Schedule<J> {
    pub(super) fn add(&mut self, job: J) {
        *self.unsettled.entry(job.ticket()).or_default() += 1;
        match self.lanes.get_mut(&job.lane()) {
            Some(lane) => lane.push_back(job),
            None => {
                self.lanes.insert(job.lane(), VecDeque::new());
                self.release(job);
            }
        }
    }

    /// The job to be tried now, if there is one.
    pub(super) fn next(&mut self, now: Instant) -> Option<J> {
        if self.pause.is_some_and(|until| until > now) {
            return None;
        }
        let due = self.later.first_entry().filter(|entry| entry.key().0 <= now);
        due.map(|entry| entry.remove()).or_else(|| self.fresh.pop_front()).or_else(|| self.found.pop_front())
    }

    /// When [`next`](Self::next) may have a job that it does not have now.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let job = if self.fresh.is_empty() && self.found.is_empty() {
            self.later.first_key_value().map(|((due, _), _)| *due)
        } else {
            self.pause
        };
        job.map(|due| self.pause.map_or(due, |until| due.max(until)))
    }

    /// The job is to be tried again, no sooner than `due`.
    pub(super) fn put_off(&mut self, job: J, due: Instant) {
        self.put_off += 1;
        self.later.insert((due, self.put_off), job);
    }

    /// Nothing is to be sent before `until`.
    pub(super) fn pause(&mut self, until: Instant) {
        self.pause = self.pause.max(Some(until));
    }

    /// Waits that no server asked for end now.
    pub(super) fn hurry(&mut self) {
        for job in std::mem::take(&mut self.later).into_values().rev() {
            self.fresh.push_front(job);
        }
    }

    /// A job that was out has ended, and these take its place, before the others of its lane.
    pub(super) fn replace(&mut self, lane: u64, ticket: u64, parts: impl DoubleEndedIterator<Item = J>) {
        let waiting = self.lanes.entry(lane).or_default();
        for part in parts.rev() {
            *self.unsettled.entry(part.ticket()).or_default() += 1;
            waiting.push_front(part);
        }
        self.finish(lane, ticket);
    }

    /// A job that was out has ended.
    pub(super) fn finish(&mut self, lane: u64, ticket: u64) {
        self.settle(ticket);
        match self.lanes.get_mut(&lane).and_then(VecDeque::pop_front) {
            Some(next) => self.release(next),
            None => drop(self.lanes.remove(&lane)),
        }
    }

    /// Nobody waits any longer for the job that is out with this ticket.
    pub(super) fn demote(&mut self, ticket: &mut u64) {
        *self.unsettled.entry(BACKGROUND).or_default() += 1;
        self.settle(*ticket);
        *ticket = BACKGROUND;
    }

    fn settle(&mut self, ticket: u64) {
        if let Entry::Occupied(mut left) = self.unsettled.entry(ticket) {
            *left.get_mut() -= 1;
            if *left.get() == 0 {
                left.remove();
            }
        }
    }

    /// Whether every job with a ticket up to this one has been finished.
    pub(super) fn is_settled(&self, ticket: u64) -> bool {
        self.unsettled.first_key_value().is_none_or(|(first, _)| *first > ticket)
    }

    /// All jobs that are not out, whatever they wait for.
    pub(super) fn into_jobs(self) -> impl Iterator<Item = J> {
        let Self { lanes, fresh, found, later, .. } = self;
        let waiting = lanes.into_values().flatten();
        fresh.into_iter().chain(found).chain(later.into_values()).chain(waiting)
    }

    fn release(&mut self, job: J) {
        if job.is_found() { self.found.push_back(job) } else { self.fresh.push_back(job) }
    }
}
