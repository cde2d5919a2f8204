//! The account: where every trace ended.
//!
//! ```text
//! entered ─┬─ pending ─┬─ delivered
//!          │     │     ├─ refused
//! found ───┴─ spooled ─┴─ dropped
//! ```
//!
//! A trace is in exactly one of the five. `pending` is what entered and is in no other, so it needs no counter, and no
//! moment exists in which a trace is counted twice or not at all.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::events;
use super::report::{DropReason, RefusedTrace};
use crate::missed;

/// Refusals of one kind are counted under their reason, up to this many; a server may word each one differently.
const REASONS_KEPT: usize = 32;
/// Refused traces are kept one by one until a report tells of them, up to this many.
const REFUSALS_KEPT: usize = 256;
const OTHER_REASONS: &str = "other reasons";

/// What the caller's side touches is atomic, so handing over never waits; the delivery thread keeps the rest behind a lock.
#[derive(Debug, Default)]
pub(crate) struct Account {
    entered: AtomicU64,
    dropped: [AtomicU64; DropReason::ALL.len()],
    /// The part of `dropped` that no event has told of.
    untold: [AtomicU64; DropReason::ALL.len()],
    nameless_scopes: AtomicU64,
    untold_nameless_scopes: AtomicU64,
    malformed_ids: AtomicU64,
    untold_malformed_ids: AtomicU64,
    unscoped_before: missed::Baseline,
    books: Mutex<Books>,
}

#[derive(Debug, Default)]
struct Books {
    /// Traces that an earlier process left in the spool.
    found: u64,
    delivered: u64,
    spooled: u64,
    refused: Vec<(String, u64)>,
    refusals: VecDeque<RefusedTrace>,
    /// How many refused traces have ever been noted one by one; the last of them are in `refusals`.
    refusals_noted: u64,
    set_aside_files: u64,
    spool_trouble: Option<String>,
    /// The totals when the last report was made.
    told: Totals,
}

/// The whole account at one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Traces handed over by this process and found in the spool.
    pub(crate) entered: u64,
    pub(crate) delivered: u64,
    pub(crate) spooled: u64,
    pub(crate) pending: u64,
    pub(crate) refused: Vec<(String, u64)>,
    pub(crate) dropped: [u64; DropReason::ALL.len()],
    pub(crate) refusals_noted: u64,
    pub(crate) nameless_scopes: u64,
    pub(crate) malformed_ids: u64,
    pub(crate) unscoped_calls: u64,
    pub(crate) set_aside_files: u64,
}

impl Totals {
    pub(crate) fn refused_traces(&self) -> u64 {
        self.refused.iter().map(|(_, traces)| traces).sum()
    }

    pub(crate) fn dropped_traces(&self) -> u64 {
        self.dropped.iter().sum()
    }

    /// What happened after `earlier`; what is spooled and pending stays as it is now.
    fn since(self, earlier: &Self) -> Self {
        let before = |reason: &str| {
            let known = earlier.refused.iter().find(|(known, _)| known == reason);
            known.map_or(0, |(_, traces)| *traces)
        };
        let refused = self.refused.into_iter().map(|(reason, traces)| {
            let news = traces - before(&reason);
            (reason, news)
        });
        let mut dropped = self.dropped;
        for (now, then) in dropped.iter_mut().zip(earlier.dropped) {
            *now -= then;
        }
        Self {
            entered: self.entered - earlier.entered + earlier.pending + earlier.spooled,
            delivered: self.delivered - earlier.delivered,
            refused: refused.filter(|(_, news)| *news > 0).collect(),
            dropped,
            nameless_scopes: self.nameless_scopes - earlier.nameless_scopes,
            malformed_ids: self.malformed_ids - earlier.malformed_ids,
            unscoped_calls: self.unscoped_calls - earlier.unscoped_calls,
            set_aside_files: self.set_aside_files - earlier.set_aside_files,
            ..self
        }
    }
}

/// What a flush tells: all since the report that was the last when the flush began.
///
/// Flushes that overlap begin with the same mark, so each of them tells of a loss in the stretch they share.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mark(Totals);

/// What happened between a mark and now.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) totals: Totals,
    pub(crate) refusals: Vec<RefusedTrace>,
    pub(crate) spool_trouble: Option<String>,
}

impl Account {
    /// Traces were handed over. Comes before anything else is said of them.
    pub(crate) fn enter(&self, traces: usize) {
        self.entered.fetch_add(count(traces), Ordering::AcqRel);
    }

    /// Traces that entered are given up before they reach the delivery thread, which will tell of it.
    pub(crate) fn drop_at_door(&self, traces: usize, reason: DropReason) {
        self.untold[reason as usize].fetch_add(count(traces), Ordering::Relaxed);
        self.drop_pending(traces, reason);
    }

    fn drop_pending(&self, traces: usize, reason: DropReason) {
        self.dropped[reason as usize].fetch_add(count(traces), Ordering::AcqRel);
    }

    /// Tells of what happened on other threads since the last time. Returns whether there was anything to tell.
    pub(crate) fn tell_door(&self) -> bool {
        let mut told = false;
        for reason in DropReason::ALL {
            let traces = take(&self.untold[reason as usize]);
            if traces > 0 {
                events::dropped("", traces, reason);
                told = true;
            }
        }
        let scopes = take(&self.untold_nameless_scopes);
        if scopes > 0 {
            events::nameless_scopes(scopes);
        }
        let ids = take(&self.untold_malformed_ids);
        if ids > 0 {
            events::malformed_ids(ids);
        }
        told || scopes + ids > 0
    }

    /// Header values should have held an inference result's id, and could not.
    #[cfg(feature = "tower")]
    pub(crate) fn malformed_ids(&self, values: u64) {
        self.malformed_ids.fetch_add(values, Ordering::Relaxed);
        self.untold_malformed_ids.fetch_add(values, Ordering::Relaxed);
    }

    /// A scope was opened with an empty inference result id.
    pub(crate) fn nameless_scope(&self) {
        self.nameless_scopes.fetch_add(1, Ordering::Relaxed);
        self.untold_nameless_scopes.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn totals(&self) -> Totals {
        self.totals_with(&self.books())
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.books().told.clone())
    }

    /// Makes a report of what happened since `mark`, and lets the next one begin here.
    pub(crate) fn tell(&self, mark: &Mark) -> Told {
        let mut books = self.books();
        let now = self.totals_with(&books);
        let news = usize::try_from(now.refusals_noted - mark.0.refusals_noted).unwrap_or(usize::MAX);
        let skipped = books.refusals.len().saturating_sub(news);
        let refusals = books.refusals.iter().skip(skipped).cloned().collect();
        books.told = now.clone();
        Told { totals: now.since(&mark.0), refusals, spool_trouble: books.spool_trouble.clone() }
    }

    /// The order of the reads matters: what entered is read last, so that whatever is counted elsewhere is in it.
    fn totals_with(&self, books: &Books) -> Totals {
        let mut dropped = [0; DropReason::ALL.len()];
        for (total, counter) in dropped.iter_mut().zip(&self.dropped) {
            *total = counter.load(Ordering::Acquire);
        }
        let mut totals = Totals {
            entered: books.found + self.entered.load(Ordering::Acquire),
            delivered: books.delivered,
            spooled: books.spooled,
            pending: 0,
            refused: books.refused.clone(),
            dropped,
            refusals_noted: books.refusals_noted,
            nameless_scopes: self.nameless_scopes.load(Ordering::Relaxed),
            malformed_ids: self.malformed_ids.load(Ordering::Relaxed),
            unscoped_calls: self.unscoped_before.since(),
            set_aside_files: books.set_aside_files,
        };
        let ended = totals.delivered + totals.spooled + totals.refused_traces() + totals.dropped_traces();
        totals.pending = totals.entered.saturating_sub(ended);
        totals
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where traces are before they end: only in memory, or in the spool as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Held {
    Pending,
    Spooled,
}

impl Account {
    /// An earlier process left traces in the spool.
    pub(crate) fn found(&self, traces: usize) {
        let mut books = self.books();
        books.found += count(traces);
        books.spooled += count(traces);
    }

    pub(crate) fn moved(&self, traces: usize, from: Held, to: Held) {
        let mut books = self.books();
        books.leave(traces, from);
        if to == Held::Spooled {
            books.spooled += count(traces);
        }
    }

    pub(crate) fn set_aside(&self, files: usize) {
        self.books().set_aside_files += count(files);
    }

    pub(crate) fn spool_trouble(&self, trouble: Option<String>) {
        self.books().spool_trouble = trouble;
    }

    pub(crate) fn delivered(&self, traces: usize, held: Held) {
        let mut books = self.books();
        books.leave(traces, held);
        books.delivered += count(traces);
    }

    pub(crate) fn refused(&self, traces: usize, reason: &str, held: Held) {
        let mut books = self.books();
        books.leave(traces, held);
        books.refuse(traces, reason);
    }

    pub(crate) fn note_refusal(&self, refusal: RefusedTrace) {
        let mut books = self.books();
        books.refusals_noted += 1;
        books.refusals.push_back(refusal);
        if books.refusals.len() > REFUSALS_KEPT {
            books.refusals.pop_front();
        }
    }

    pub(crate) fn dropped(&self, traces: usize, reason: DropReason, held: Held) {
        let mut books = self.books();
        books.leave(traces, held);
        self.drop_pending(traces, reason);
    }
}

impl Books {
    fn leave(&mut self, traces: usize, held: Held) {
        if held == Held::Spooled {
            self.spooled = self.spooled.saturating_sub(count(traces));
        }
    }

    fn refuse(&mut self, traces: usize, reason: &str) {
        let known = self.refused.iter().position(|(known, _)| known == reason);
        let full = self.refused.len() >= REASONS_KEPT;
        let place = match known {
            Some(place) => place,
            None if full => REASONS_KEPT - 1,
            None => {
                let name = if self.refused.len() == REASONS_KEPT - 1 { OTHER_REASONS } else { reason };
                self.refused.push((name.to_owned(), 0));
                self.refused.len() - 1
            }
        };
        self.refused[place].1 += count(traces);
    }
}

fn take(counter: &AtomicU64) -> u64 {
    if counter.load(Ordering::Relaxed) == 0 { 0 } else { counter.swap(0, Ordering::Relaxed) }
}

fn count(traces: usize) -> u64 {
    u64::try_from(traces).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
