//! `tracing` with `tracing-opentelemetry`, and a processor that takes each finished span and lets it go.

use std::hint::black_box;
use std::time::Duration;

use opentelemetry::Context;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{SdkTracerProvider, Span as SdkSpan, SpanData, SpanProcessor};
use tracing::field::Empty;
use tracing::{Instrument as _, Span, info_span};
use tracing_subscriber::layer::SubscriberExt as _;

use super::{Ending, Tracer};

pub struct OpenTelemetry;

impl OpenTelemetry {
    /// # Panics
    ///
    /// When called twice.
    pub fn start() {
        let provider = SdkTracerProvider::builder().with_span_processor(Nowhere).build();
        let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("benches"));
        let subscriber = tracing_subscriber::registry().with(layer);
        tracing::subscriber::set_global_default(subscriber).expect("there is no other subscriber");
    }
}

#[derive(Debug)]
struct Nowhere;

impl SpanProcessor for Nowhere {
    fn on_start(&self, _: &mut SdkSpan, _: &Context) {}

    fn on_end(&self, span: SpanData) {
        black_box(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        Ok(())
    }

    fn shutdown_with_timeout(&self, _: Duration) -> OTelSdkResult {
        Ok(())
    }
}

fn begin(name: &'static str, input: &str) -> Span {
    info_span!("call", "otel.name" = name, input, output = Empty, error = Empty)
}

fn end(span: &Span, ending: &Ending) {
    match ending {
        Ending::Output(text) => span.record("output", text.as_str()),
        Ending::Error(text) => span.record("error", text.as_str()),
    };
}

impl Tracer for OpenTelemetry {
    fn root(run: &mut dyn FnMut()) {
        info_span!("root").in_scope(run);
    }

    fn root_future(future: impl Future<Output = ()>) -> impl Future<Output = ()> {
        future.instrument(info_span!("root"))
    }

    #[inline]
    fn call<T>(
        name: &'static str,
        input: impl FnOnce() -> String,
        body: impl FnOnce() -> T,
        ending: impl FnOnce(&T) -> Ending,
    ) -> T {
        let span = begin(name, &input());
        let value = span.in_scope(body);
        end(&span, &ending(&value));
        value
    }

    fn future<F: Future>(
        name: &'static str,
        input: impl FnOnce() -> String,
        future: F,
        ending: impl FnOnce(&F::Output) -> Ending,
    ) -> impl Future<Output = F::Output> {
        let span = begin(name, &input());
        async move {
            let value = future.await;
            end(&Span::current(), &ending(&value));
            value
        }
        .instrument(span)
    }
}
