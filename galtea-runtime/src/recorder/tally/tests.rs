//! Each model runs once for every order in which its threads can meet, so what it asserts holds in all of them.

#![expect(clippy::unwrap_used, reason = "clippy does not take a module under two cfgs for a test")]

use loom::sync::{Arc, Mutex};
use loom::thread;

use super::{Hold, Stage, Tally};

impl Hold for Vec<u32> {
    fn absorb(&mut self, other: Self) {
        self.extend(other);
    }
}

/// A scope in which traces are numbers, with all batches that were sent of it.
#[derive(Clone)]
struct Scope {
    tally: Arc<Tally<Vec<u32>>>,
    sent: Arc<Mutex<Vec<Vec<u32>>>>,
}

impl Scope {
    fn new() -> Self {
        Self { tally: Arc::new(Tally::new()), sent: Arc::default() }
    }

    fn send(&self, store: Option<Vec<u32>>) {
        self.sent.lock().unwrap().extend(store.filter(|traces| !traces.is_empty()));
    }

    fn end(&self, trace: u32) {
        self.send(self.tally.end(|store| store.push(trace)));
    }

    fn end_scope(&self) {
        self.end_scope_with(Stage::default());
    }

    fn end_scope_with(&self, stage: Stage<Vec<u32>>) {
        self.send(self.tally.end_scope(stage));
    }

    fn remove_carrier(&self) {
        self.send(self.tally.remove_carrier());
    }

    /// As the delivery thread does for traces whose parents have ended.
    fn take(&self, ready: impl Fn(u32) -> bool) {
        let gone = self.tally.take(|store| {
            let (gone, kept) = store.iter().partition(|trace| ready(**trace));
            *store = kept;
            gone
        });
        self.send(Some(gone));
    }

    fn take_all(&self) {
        self.take(|_| true);
    }

    fn thread(&self, runs: impl FnOnce(&Self) + 'static) -> thread::JoinHandle<()> {
        let scope = self.clone();
        thread::spawn(move || runs(&scope))
    }

    /// All batches, once everything has ended. Nothing may be left behind then.
    fn batches(&self) -> Vec<Vec<u32>> {
        assert!(self.tally.is_done(), "something counts as open after all has ended");
        assert_eq!(self.tally.take(std::mem::take), [0; 0], "a trace stayed behind");
        self.sent.lock().unwrap().clone()
    }

    fn assert_sent_once(&self, traces: &[u32]) {
        assert_eq!(sorted(self.batches().concat()), traces);
    }

    fn assert_sent_as_one_batch(&self, traces: &[u32]) {
        assert_eq!(self.batches().into_iter().map(sorted).collect::<Vec<_>>(), [traces]);
    }
}

fn sorted(mut traces: Vec<u32>) -> Vec<u32> {
    traces.sort_unstable();
    traces
}

fn join(threads: impl IntoIterator<Item = thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn traces_that_end_on_two_threads_while_the_scope_ends_go_out_as_one_batch() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.begin();
        scope.tally.begin();
        let threads = [scope.thread(|scope| scope.end(1)), scope.thread(|scope| scope.end(2))];
        scope.end_scope();
        join(threads);
        scope.assert_sent_as_one_batch(&[1, 2]);
    });
}

#[test]
fn a_scope_in_which_nothing_was_recorded_sends_nothing() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.add_carrier();
        let thread = scope.thread(Scope::remove_carrier);
        scope.end_scope();
        join([thread]);
        assert!(scope.batches().is_empty());
    });
}

#[test]
fn a_carrier_put_down_while_a_trace_and_the_scope_end_leaves_one_batch() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.begin();
        scope.tally.add_carrier();
        let threads = [scope.thread(|scope| scope.end(1)), scope.thread(Scope::remove_carrier)];
        scope.end_scope();
        join(threads);
        scope.assert_sent_as_one_batch(&[1]);
    });
}

#[test]
fn a_trace_that_a_carrier_begins_and_that_outlives_it_is_waited_for() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.begin();
        scope.tally.add_carrier();
        let carrier = scope.thread(|scope| {
            scope.tally.begin();
            scope.remove_carrier();
            scope.end(2);
        });
        scope.end(1);
        scope.end_scope();
        join([carrier]);
        scope.assert_sent_as_one_batch(&[1, 2]);
    });
}

#[test]
fn a_carrier_that_hands_the_context_on_is_waited_for_to_the_last() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.add_carrier();
        let carrier = scope.thread(|scope| {
            scope.tally.add_carrier();
            let next = scope.thread(|scope| {
                scope.tally.begin();
                scope.end(1);
                scope.remove_carrier();
            });
            scope.remove_carrier();
            join([next]);
        });
        scope.end_scope();
        join([carrier]);
        scope.assert_sent_as_one_batch(&[1]);
    });
}

#[test]
fn what_the_delivery_thread_takes_while_the_last_traces_end_is_sent_once() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.begin();
        scope.tally.begin();
        scope.end_scope();
        let threads = [scope.thread(|scope| scope.end(1)), scope.thread(|scope| scope.end(2))];
        scope.take_all();
        join(threads);
        scope.assert_sent_once(&[1, 2]);
    });
}

#[test]
fn what_the_delivery_thread_puts_back_is_sent_by_whoever_ends_last_or_by_itself() {
    loom::model(|| {
        let scope = Scope::new();
        for _ in 0..3 {
            scope.tally.begin();
        }
        scope.end_scope();
        scope.end(1);
        let threads = [scope.thread(|scope| scope.end(2)), scope.thread(|scope| scope.end(3))];
        scope.take(|trace| trace == 2);
        join(threads);
        scope.assert_sent_once(&[1, 2, 3]);
    });
}

#[test]
fn what_the_delivery_thread_puts_back_while_the_last_carrier_goes_is_sent_once() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.begin();
        scope.tally.add_carrier();
        scope.end_scope();
        scope.end(1);
        let carrier = scope.thread(Scope::remove_carrier);
        scope.take(|_| false);
        scope.take_all();
        join([carrier]);
        scope.assert_sent_once(&[1]);
    });
}

#[test]
fn a_scope_that_the_delivery_thread_finds_done_holds_nothing_after_its_next_take() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.begin();
        scope.tally.add_carrier();
        scope.end_scope();
        let threads = [scope.thread(|scope| scope.end(1)), scope.thread(Scope::remove_carrier)];
        if scope.tally.is_done() {
            scope.take_all();
            assert_eq!(scope.tally.take(std::mem::take), [0; 0], "something came after the scope was done");
        }
        join(threads);
        scope.assert_sent_once(&[1]);
    });
}

#[test]
fn what_the_scope_gathered_by_itself_goes_with_what_others_bring() {
    loom::model(|| {
        let scope = Scope::new();
        scope.tally.add_carrier();
        let carrier = scope.thread(|scope| {
            scope.tally.begin();
            scope.end(2);
            scope.remove_carrier();
        });
        scope.end_scope_with(Stage { store: vec![1], begun: 1, ended: 1, ..Stage::default() });
        join([carrier]);
        scope.assert_sent_as_one_batch(&[1, 2]);
    });
}

#[test]
fn a_trace_that_began_in_the_scope_and_ends_elsewhere_is_waited_for() {
    loom::model(|| {
        let scope = Scope::new();
        let elsewhere = scope.thread(|scope| scope.end(2));
        scope.end_scope_with(Stage { store: vec![1], begun: 2, ended: 1, ..Stage::default() });
        join([elsewhere]);
        scope.assert_sent_as_one_batch(&[1, 2]);
    });
}
