//! Keeps the texts that the peers are given, to be held against those that galtea makes.

use std::cell::RefCell;

use super::{Ending, Tracer};

#[derive(Debug, PartialEq, Eq)]
pub struct Seen {
    pub input: String,
    /// Output or error.
    pub ending: String,
}

thread_local! {
    static SEEN: RefCell<Vec<Seen>> = const { RefCell::new(Vec::new()) };
}

pub struct Witness;

impl Witness {
    /// What was seen on this thread since the last time.
    pub fn take() -> Vec<Seen> {
        SEEN.take()
    }
}

fn keep(input: String, ending: Ending) {
    let (Ending::Output(ending) | Ending::Error(ending)) = ending;
    SEEN.with_borrow_mut(|seen| seen.push(Seen { input, ending }));
}

impl Tracer for Witness {
    fn root(run: &mut dyn FnMut()) {
        run();
    }

    fn root_future(future: impl Future<Output = ()>) -> impl Future<Output = ()> {
        future
    }

    fn call<T>(
        _: &'static str,
        input: impl FnOnce() -> String,
        body: impl FnOnce() -> T,
        ending: impl FnOnce(&T) -> Ending,
    ) -> T {
        let value = body();
        keep(input(), ending(&value));
        value
    }

    fn future<F: Future>(
        _: &'static str,
        input: impl FnOnce() -> String,
        future: F,
        ending: impl FnOnce(&F::Output) -> Ending,
    ) -> impl Future<Output = F::Output> {
        let input = input();
        async move {
            let value = future.await;
            keep(input, ending(&value));
            value
        }
    }
}
