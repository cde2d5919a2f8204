//! Those who record the work of [`crate::work`] by hand: nobody, the peers, and a witness.

mod fast;
mod open_telemetry;
mod witness;

pub use fast::Fastrace;
pub use open_telemetry::OpenTelemetry;
pub use witness::{Seen, Witness};

/// How an operation ended, as text.
pub enum Ending {
    Output(String),
    Error(String),
}

pub trait Tracer {
    /// Whether anything is made of what is recorded.
    const RECORDS: bool = true;

    /// Runs `run` under a root.
    fn root(run: &mut dyn FnMut());

    /// Runs `future` under a root.
    fn root_future(future: impl Future<Output = ()>) -> impl Future<Output = ()>;

    /// Records `body`.
    fn call<T>(
        name: &'static str,
        input: impl FnOnce() -> String,
        body: impl FnOnce() -> T,
        ending: impl FnOnce(&T) -> Ending,
    ) -> T;

    /// Records `future`.
    fn future<F: Future>(
        name: &'static str,
        input: impl FnOnce() -> String,
        future: F,
        ending: impl FnOnce(&F::Output) -> Ending,
    ) -> impl Future<Output = F::Output>;
}

/// Nobody records: the bare call.
pub struct Bare;

impl Tracer for Bare {
    const RECORDS: bool = false;

    fn root(run: &mut dyn FnMut()) {
        run();
    }

    fn root_future(future: impl Future<Output = ()>) -> impl Future<Output = ()> {
        future
    }

    #[inline]
    fn call<T>(
        _: &'static str,
        _: impl FnOnce() -> String,
        body: impl FnOnce() -> T,
        _: impl FnOnce(&T) -> Ending,
    ) -> T {
        body()
    }

    fn future<F: Future>(
        _: &'static str,
        _: impl FnOnce() -> String,
        future: F,
        _: impl FnOnce(&F::Output) -> Ending,
    ) -> impl Future<Output = F::Output> {
        future
    }
}
