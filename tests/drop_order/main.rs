//! What is dropped, and when: the same in a traced function as in its twin without the attribute.
//!
//! Compiled once for each edition: where the temporaries of a block's last expression die differs between them.

#![deny(warnings)]
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    unused_assignments,
    unused_variables,
    reason = "the functions are odd on purpose; what the attribute writes is looked at in tests/lints"
)]

#[path = "../recorded/mod.rs"]
mod recorded;

use std::cell::RefCell;
use std::future::{Future, pending};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;

use futures_util::FutureExt as _;

use recorded::Recording;

thread_local! {
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

fn log(what: impl Into<String>) {
    LOG.with(|log| log.borrow_mut().push(what.into()));
}

/// Tells when it is dropped.
struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        log(self.0);
    }
}

impl Noisy {
    fn number(&self) -> u8 {
        log(format!("use {}", self.0));
        1
    }

    fn borrowed(&self) -> Option<&u8> {
        Some(&1)
    }
}

struct Pair {
    left: Noisy,
    right: Noisy,
}

fn pair() -> Pair {
    Pair { left: Noisy("left"), right: Noisy("right") }
}

fn gone<T>(_kept: T) {}

fn logged(run: impl FnOnce()) -> Vec<String> {
    LOG.with(|log| log.borrow_mut().clear());
    if catch_unwind(AssertUnwindSafe(run)).is_err() {
        log("panicked");
    }
    LOG.with(RefCell::take)
}

/// Each function twice: as it is, and traced.
macro_rules! twins {
    ($($item:item)*) => {
        mod plain {
            use super::*;
            $($item)*
        }
        mod traced {
            use super::*;
            $(#[galtea::trace] $item)*
        }
    };
}

twins! {
    pub(super) fn arguments(a: Noisy, b: Noisy, c: Noisy) {
        log("body");
    }

    pub(super) fn wildcards(a: Noisy, _: Noisy, _b: Noisy, _: (Noisy, u8)) -> u8 {
        log("body");
        1
    }

    pub(super) fn locals(a: Noisy) -> Noisy {
        let _kept = Noisy("kept");
        let _ = Noisy("not kept");
        let returned = Noisy("returned");
        let _later = Noisy("later");
        returned
    }

    pub(super) fn moved(a: Noisy, b: Noisy, c: Noisy) -> u8 {
        drop(b);
        let c = c;
        log("body");
        let inner = a;
        2
    }

    pub(super) fn partly_moved(pair: Pair, other: Pair) {
        drop(pair.right);
        let left = other.left;
        log("body");
    }

    pub(super) fn patterns(Pair { left, right }: Pair, (a, b): (Noisy, Noisy), [x, y]: [Noisy; 2], (_, one): (u8, u8)) {
        log("body");
    }

    pub(super) fn by_reference(ref a: Noisy, mut b: Noisy, whole @ Pair { .. }: Pair) {
        b = Noisy("new b");
        log("body");
    }

    pub(super) fn maybe_moved(a: Noisy, b: Noisy, which: bool) {
        if which {
            drop(a);
        }
        log("body");
    }

    pub(super) fn early(a: Noisy, b: Noisy, leaves: bool) -> Result<u8, ()> {
        let local = Noisy("local");
        if leaves {
            return Err(());
        }
        Ok(b.number())
    }

    pub(super) fn question_mark(a: Noisy, leaves: bool) -> Option<u8> {
        let first = Noisy("first");
        if leaves { None? }
        let second = Noisy("second");
        Some(1)
    }

    pub(super) fn panics(a: Noisy, _: Noisy, b: Noisy) -> u8 {
        let local = Noisy("local");
        drop(a);
        panic!("on purpose")
    }

    pub(super) fn tail_temporary(a: Noisy) -> u8 {
        let local = Noisy("local");
        Noisy("temporary").number()
    }

    pub(super) fn tail_match(a: Noisy) -> u8 {
        let local = Noisy("local");
        match Noisy("scrutinee").borrowed() {
            Some(found) => Noisy("arm").number() + found,
            None => 0,
        }
    }

    pub(super) fn tail_if_let(a: Noisy) -> u8 {
        let local = Noisy("local");
        if let Some(2) = Noisy("condition").borrowed() { 1 } else { log("else"); 2 }
    }

    pub(super) fn tail_block(a: Noisy) -> u8 {
        { let inner = Noisy("inner"); Noisy("temporary").number() }
    }

    pub(super) fn captured(a: Noisy, b: Noisy) -> Box<dyn FnOnce() -> u8> {
        Box::new(move || b.number())
    }

    pub(super) fn returned_closure(a: Noisy, b: Noisy) -> impl FnOnce() -> u8 {
        let local = Noisy("local");
        move || b.number()
    }

    #[track_caller]
    pub(super) fn in_place(a: Noisy, _: Noisy, leaves: bool) -> Result<u8, ()> {
        let local = Noisy("local");
        if leaves { Err(())?; }
        Ok(Noisy("temporary").number())
    }

    pub(super) async fn later(a: Noisy, _: Noisy, _b: Noisy) -> u8 {
        let local = Noisy("local");
        tokio::task::yield_now().await;
        Noisy("temporary").number()
    }

    pub(super) async fn later_moved(pair: Pair, a: Noisy, leaves: bool) -> Result<Noisy, ()> {
        drop(pair.left);
        tokio::task::yield_now().await;
        if leaves { return Err(()); }
        let local = Noisy("local");
        Ok(a)
    }

    pub(super) async fn later_patterns((a, b): (Noisy, Noisy), Pair { left, right }: Pair, _: Noisy) {
        tokio::task::yield_now().await;
        log("body");
    }

    pub(super) async fn later_panics(a: Noisy, _: Noisy) -> u8 {
        let local = Noisy("local");
        tokio::task::yield_now().await;
        panic!("on purpose")
    }

    pub(super) async fn waits(a: Noisy, _: Noisy, b: Noisy) -> u8 {
        let local = Noisy("local");
        drop(b);
        pending::<()>().await;
        a.number()
    }

    pub(super) fn made(a: Noisy, b: Noisy) -> impl Future<Output = u8> {
        let local = Noisy("local");
        async move { tokio::task::yield_now().await; b.number() }
    }

    pub(super) fn sole(a: Noisy, b: Noisy) -> impl Future<Output = u8> {
        async move { tokio::task::yield_now().await; let b = b; a.number() }
    }

    pub(super) fn sole_part(a: Pair, b: Noisy) -> impl Future<Output = u8> {
        async move { tokio::task::yield_now().await; let b = b; a.left.number() }
    }

    pub(super) fn sole_unused(a: Noisy, b: Noisy) -> impl Future<Output = u8> {
        async move { tokio::task::yield_now().await; a.number() }
    }

    pub(super) fn boxed(a: Noisy, _: Noisy) -> Pin<Box<dyn Future<Output = u8>>> {
        Box::pin(async move { tokio::task::yield_now().await; a.number() })
    }

    pub(super) fn boxed_waits(a: Noisy, _: Noisy, b: Noisy) -> Pin<Box<dyn Future<Output = u8>>> {
        let local = Noisy("local");
        Box::pin(async move { let b = b; pending::<()>().await; a.number() })
    }
}

/// Both twins drop the same things in the same order, with an inference result in scope and without.
macro_rules! same {
    ($($name:ident($($argument:expr),*))*) => {$({
        let plain = logged(|| { let kept = plain::$name($($argument),*); log("returned"); gone(kept); });
        let call = || { let kept = traced::$name($($argument),*); log("returned"); gone(kept); };
        assert_eq!(logged(call), plain, "{} outside of a scope", stringify!($name));
        assert_eq!(Recording::new().run(|| logged(call)), plain, "{} in a scope", stringify!($name));
        assert!(plain.len() > 2, "{:?}", plain);
    })*};
}

/// How far a future is brought before it is dropped.
macro_rules! same_future {
    ($($name:ident($($argument:expr),*))*) => {$({
        for polls in 0..=2 {
            let plain = logged(|| polled(plain::$name($($argument),*), polls));
            let call = || polled(traced::$name($($argument),*), polls);
            assert_eq!(logged(call), plain, "{} outside of a scope, {polls} polls", stringify!($name));
            let recorded = Recording::new().run(|| logged(call));
            assert_eq!(recorded, plain, "{} in a scope, {polls} polls", stringify!($name));
            assert!(plain.len() > 2, "{:?}", plain);
        }
    })*};
}

fn polled<T>(future: impl Future<Output = T>, polls: u8) {
    log("made");
    let mut future = Box::pin(future);
    for _ in 0..polls {
        let done = future.as_mut().now_or_never();
        log("polled");
        if let Some(kept) = done {
            drop(future);
            log("future gone");
            return gone(kept);
        }
    }
    drop(future);
    log("future gone");
}

#[test]
fn arguments_and_locals_are_dropped_in_the_same_order() {
    same! {
        arguments(Noisy("a"), Noisy("b"), Noisy("c"))
        wildcards(Noisy("a"), Noisy("_"), Noisy("b"), (Noisy("tuple"), 1))
        locals(Noisy("a"))
        moved(Noisy("a"), Noisy("b"), Noisy("c"))
        partly_moved(pair(), pair())
        patterns(pair(), (Noisy("a"), Noisy("b")), [Noisy("x"), Noisy("y")], (1, 2))
        by_reference(Noisy("a"), Noisy("b"), pair())
        maybe_moved(Noisy("a"), Noisy("b"), true)
        maybe_moved(Noisy("a"), Noisy("b"), false)
    }
}

#[test]
fn however_the_function_is_left() {
    same! {
        early(Noisy("a"), Noisy("b"), true)
        early(Noisy("a"), Noisy("b"), false)
        question_mark(Noisy("a"), true)
        question_mark(Noisy("a"), false)
        panics(Noisy("a"), Noisy("_"), Noisy("b"))
        in_place(Noisy("a"), Noisy("_"), true)
        in_place(Noisy("a"), Noisy("_"), false)
    }
}

#[test]
fn temporaries_of_the_last_expression_die_where_the_edition_says() {
    same! {
        tail_temporary(Noisy("a"))
        tail_match(Noisy("a"))
        tail_if_let(Noisy("a"))
        tail_block(Noisy("a"))
    }
}

#[test]
fn what_a_closure_takes_along_lives_as_long_as_the_closure() {
    same! {
        captured(Noisy("a"), Noisy("b"))
        returned_closure(Noisy("a"), Noisy("b"))
    }
}

#[test]
fn futures_drop_the_same_whether_they_complete_or_are_dropped_before() {
    same_future! {
        later(Noisy("a"), Noisy("_"), Noisy("b"))
        later_moved(pair(), Noisy("a"), true)
        later_moved(pair(), Noisy("a"), false)
        later_patterns((Noisy("a"), Noisy("_")), pair(), Noisy("_"))
        later_panics(Noisy("a"), Noisy("_"))
        waits(Noisy("a"), Noisy("_"), Noisy("b"))
        made(Noisy("a"), Noisy("b"))
        sole(Noisy("a"), Noisy("b"))
        sole_part(pair(), Noisy("b"))
        sole_unused(Noisy("a"), Noisy("b"))
        boxed(Noisy("a"), Noisy("_"))
        boxed_waits(Noisy("a"), Noisy("_"), Noisy("b"))
    }
}
