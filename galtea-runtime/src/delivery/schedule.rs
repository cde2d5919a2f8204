//! What is sent when: a plain data structure, without a clock and without I/O.
//!
//! ```text
//! add ──▶ lane of the inference result ──▶ ready ──▶ next ──▶ (a try) ──▶ finish
//!          one job out of it at a time       ▲                   │
//!                                          later ◀── put_off ────┘
//! ```

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, VecDeque};

use tokio::time::Instant;

/// The ticket of what nobody waits for, but when the client is shut down. It goes after everything else.
pub(super) const BACKGROUND: u64 = u64::MAX;

/// What the schedule knows of a job.
pub(super) trait Scheduled {
    /// Jobs of one lane are sent one after the other, in the order they came: a parent is sent before its children.
    fn lane(&self) -> u64;
    /// Which hand-over the job is part of; see [`Schedule::is_settled`].
    fn ticket(&self) -> u64;
    fn set_ticket(&mut self, ticket: u64);
    /// Whether the job is on disk, so that nothing is lost when nobody waits for it.
    fn is_safe(&self) -> bool;
}

#[derive(Debug)]
pub(super) struct Schedule<J> {
    /// A lane exists while a job of it is out.
    lanes: HashMap<u64, Lane<J>>,
    ready: VecDeque<J>,
    /// Ready as well, but in the background.
    spare: VecDeque<J>,
    later: BTreeMap<(Instant, u64), J>,
    /// Makes the keys of `later` differ.
    put_off: u64,
    /// Nothing is sent before then: the server asked for a pause.
    pause: Option<Instant>,
    /// How many jobs of each ticket have not been finished.
    unsettled: BTreeMap<u64, usize>,
}

#[derive(Debug)]
struct Lane<J> {
    /// They wait for the one that is out.
    waiting: VecDeque<J>,
    /// Whether that one is in the background, so that nobody need wait for these either.
    is_background: bool,
}

impl<J> Default for Lane<J> {
    fn default() -> Self {
        Self { waiting: VecDeque::new(), is_background: false }
    }
}

impl<J> Default for Schedule<J> {
    fn default() -> Self {
        Self {
            lanes: HashMap::new(),
            ready: VecDeque::new(),
            spare: VecDeque::new(),
            later: BTreeMap::new(),
            put_off: 0,
            pause: None,
            unsettled: BTreeMap::new(),
        }
    }
}

impl<J: Scheduled> Schedule<J> {
    pub(super) fn add(&mut self, mut job: J) {
        let Some(lane) = self.lanes.get_mut(&job.lane()) else {
            self.lanes.insert(job.lane(), Lane::default());
            self.unsettled.enter(job.ticket());
            return self.release(job);
        };
        if lane.is_background && job.is_safe() {
            job.set_ticket(BACKGROUND);
        }
        self.unsettled.enter(job.ticket());
        lane.waiting.push_back(job);
    }

    /// The job to be tried now, if there is one.
    pub(super) fn next(&mut self, now: Instant) -> Option<J> {
        if self.pause.is_some_and(|until| until > now) {
            return None;
        }
        while let Some(due) = self.later.first_entry().filter(|entry| entry.key().0 <= now) {
            let job = due.remove();
            self.release(job);
        }
        self.ready.pop_front().or_else(|| self.spare.pop_front())
    }

    /// When [`next`](Self::next) may have a job that it does not have now.
    pub(super) fn next_due(&self) -> Option<Instant> {
        let job = if self.ready.is_empty() && self.spare.is_empty() {
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
        for job in std::mem::take(&mut self.later).into_values() {
            self.release(job);
        }
    }

    /// A job that was out has ended, and these take its place, before the others of its lane.
    pub(super) fn replace(&mut self, lane: u64, ticket: u64, parts: impl DoubleEndedIterator<Item = J>) {
        let waiting = &mut self.lanes.entry(lane).or_default().waiting;
        for part in parts.rev() {
            self.unsettled.enter(part.ticket());
            waiting.push_front(part);
        }
        self.finish(lane, ticket);
    }

    /// A job that was out has ended.
    pub(super) fn finish(&mut self, lane: u64, ticket: u64) {
        self.unsettled.leave(ticket);
        let Some(jobs) = self.lanes.get_mut(&lane) else { return };
        jobs.is_background = false;
        match jobs.waiting.pop_front() {
            Some(next) => self.release(next),
            None => drop(self.lanes.remove(&lane)),
        }
    }

    /// Nobody waits any longer for the job, which is out, nor for those behind it, where they are on disk.
    pub(super) fn demote(&mut self, job: &mut J) {
        let lane = self.lanes.entry(job.lane()).or_default();
        lane.is_background = true;
        for job in std::iter::once(job).chain(&mut lane.waiting).filter(|job| job.is_safe()) {
            self.unsettled.enter(BACKGROUND);
            self.unsettled.leave(job.ticket());
            job.set_ticket(BACKGROUND);
        }
    }

    /// Whether every job with a ticket up to this one has been finished.
    pub(super) fn is_settled(&self, ticket: u64) -> bool {
        self.unsettled.first_key_value().is_none_or(|(first, _)| *first > ticket)
    }

    /// All jobs that are not out, whatever they wait for.
    pub(super) fn into_jobs(self) -> impl Iterator<Item = J> {
        let Self { lanes, ready, spare, later, .. } = self;
        let waiting = lanes.into_values().flat_map(|lane| lane.waiting);
        ready.into_iter().chain(spare).chain(later.into_values()).chain(waiting)
    }

    fn release(&mut self, job: J) {
        if job.ticket() == BACKGROUND { self.spare.push_back(job) } else { self.ready.push_back(job) }
    }
}

trait Tickets {
    fn enter(&mut self, ticket: u64);
    fn leave(&mut self, ticket: u64);
}

impl Tickets for BTreeMap<u64, usize> {
    fn enter(&mut self, ticket: u64) {
        *self.entry(ticket).or_default() += 1;
    }

    fn leave(&mut self, ticket: u64) {
        if let Entry::Occupied(mut left) = self.entry(ticket) {
            *left.get_mut() -= 1;
            if *left.get() == 0 {
                left.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests;
