//! fastrace, which records texts that the program makes.

use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrace::collector::{Config, Reporter, SpanRecord};
use fastrace::future::FutureExt as _;
use fastrace::prelude::{LocalSpan, Span, SpanContext};

use super::{Ending, Tracer};

pub struct Fastrace;

impl Fastrace {
    pub fn start() {
        fastrace::set_reporter(Nowhere, Config::default());
    }

    /// Spans that have come out at the other end.
    pub fn reported() -> u64 {
        fastrace::flush();
        REPORTED.load(Ordering::Acquire)
    }
}

static REPORTED: AtomicU64 = AtomicU64::new(0);

struct Nowhere;

impl Reporter for Nowhere {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        REPORTED.fetch_add(spans.len() as u64, Ordering::AcqRel);
        black_box(spans);
    }
}

fn property(ending: Ending) -> (&'static str, String) {
    match ending {
        Ending::Output(text) => ("output", text),
        Ending::Error(text) => ("error", text),
    }
}

impl Tracer for Fastrace {
    fn root(run: &mut dyn FnMut()) {
        let root = Span::root("root", SpanContext::random());
        let _guard = root.set_local_parent();
        run();
    }

    fn root_future(future: impl Future<Output = ()>) -> impl Future<Output = ()> {
        future.in_span(Span::root("root", SpanContext::random()))
    }

    #[inline]
    fn call<T>(
        name: &'static str,
        input: impl FnOnce() -> String,
        body: impl FnOnce() -> T,
        ending: impl FnOnce(&T) -> Ending,
    ) -> T {
        let span = LocalSpan::enter_with_local_parent(name).with_property(|| ("input", input()));
        let value = body();
        let _span = span.with_property(|| property(ending(&value)));
        value
    }

    fn future<F: Future>(
        name: &'static str,
        input: impl FnOnce() -> String,
        future: F,
        ending: impl FnOnce(&F::Output) -> Ending,
    ) -> impl Future<Output = F::Output> {
        let span = Span::enter_with_local_parent(name).with_property(|| ("input", input()));
        async move {
            let value = future.await;
            LocalSpan::add_property(|| property(ending(&value)));
            value
        }
        .in_span(span)
    }
}
