//! Tracing for LLM agents: what each function of your agent was given, what it returned or how it failed, and how long it
//! took, sent to [Galtea](https://galtea.ai) as one batch for each turn of the agent.
//!
//! ```
//! use galtea::{Galtea, trace, trace_scope};
//!
//! /// Looks a customer up.
//! #[trace(type = "TOOL", docs)]
//! async fn fetch_customer(id: &str) -> Result<String, std::num::ParseIntError> {
//!     let number: u32 = id.trim_start_matches("c-").parse()?; // an error that leaves here is the trace's error
//!     Ok(format!("customer {number}"))
//! }
//!
//! #[trace(type = "AGENT")]
//! async fn agent(question: String) -> Result<String, std::num::ParseIntError> {
//!     let customer = fetch_customer("c-17").await?;
//!     let pages = trace_scope!("search", type = "RETRIEVER", input = { "query": &question }, |scope| {
//!         scope.set_metadata("index", "faq-v2");
//!         vec!["shipping", "returns"]
//!     });
//!     galtea::current_trace().set_metadata("pages", pages.len());
//!     Ok(format!("{customer} asks: {question}"))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! // `Galtea::from_env()?` sends to the API; `Galtea::local()` needs no account and prints each tree.
//! let galtea = Galtea::builder().exporter(galtea::export::MemoryExporter::new()).build()?;
//! let answer = galtea.inference_result("ir_123").scope(agent("Where is my order?".to_owned())).await?;
//! let report = galtea.shutdown().await;
//! assert_eq!(report.stats.delivered, 3);
//! report.into_result()?;
//! # drop(answer);
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! # Words
//!
//! An *inference result* is one turn of an agent; Galtea makes its id. A *trace* is one operation in it: its name, its
//! [type](TraceType), what it was given and returned, its error, its latency, and the trace that it ran in. A *scope* is the
//! stretch of a program in which an inference result or a trace is current. When the scope of an inference result ends, all
//! its traces are sent as one *batch*.
//!
//! # Three ways to trace
//!
//! * [`#[trace]`](macro@trace) on a function, a method, an async function, or one that returns a future.
//! * [`trace_scope!`] around a block inside of a function, where `?`, `return` and `break` keep their meaning.
//! * [`trace_event!`] for a point in time.
//!
//! [`current_trace`] speaks to the trace around the current line: more metadata, another input or output, an error that the
//! result does not tell of.
//!
//! # What holds for all of them
//!
//! * Outside the scope of an inference result nothing is recorded, at the cost of one thread-local read.
//! * Arguments and results need no trait: `Serialize` is used where it exists, else `Debug`, else the type's name stands
//!   for the value.
//! * Panics, futures that are dropped half way, early returns and errors are each told as what they are.
//! * Every field is bounded while it is written, and values under names that mean a secret are never written; see
//!   [`SecretNames`].
//! * The calling thread does no I/O and never waits: a thread of the client sends, retries, and keeps the account of every
//!   trace; see [`FlushReport`].
//!
//! # Tasks and threads
//!
//! A spawned task starts without a context. [`spawn`], [`spawn_blocking`], [`InCurrentTrace::in_current_trace`] and
//! [`TraceContext`] take it along.
//!
//! # Features
//!
//! * `http` (default): sends to the API with reqwest on rustls. Without it, give the client an
//!   [exporter](Builder::exporter) of your own.
//! * `tower`: `tower::InferenceLayer` opens the scope for each HTTP request that names an inference result, in axum and any
//!   other tower server.

pub use galtea_macros::{trace, trace_event, trace_scope};
pub use galtea_runtime::export;
pub use galtea_runtime::{
    BatchFormat, BuildError, Builder, DeliveryError, DropReason, ErrorText, FlushReport, Galtea,
    InCurrentTrace, InTrace, InferenceResult, Loss, ParseTraceTypeError, RefusedTrace, Scope, SecretNames,
    Stats, TraceContext, TraceHandle, TraceId, TraceType, current_trace, spawn, spawn_blocking,
};

#[cfg(feature = "tower")]
pub use galtea_runtime::tower;

#[doc(hidden)]
pub use galtea_runtime::private as __private;

/// The code of the README and the guide is compiled, and run where it can be.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/getting-started.md")]
    mod getting_started {}
    #[doc = include_str!("../docs/trace-types.md")]
    mod trace_types {}
    #[doc = include_str!("../docs/what-is-recorded.md")]
    mod what_is_recorded {}
    #[doc = include_str!("../docs/secrets.md")]
    mod secrets {}
    #[doc = include_str!("../docs/scopes-and-context.md")]
    mod scopes_and_context {}
    #[doc = include_str!("../docs/streams.md")]
    mod streams {}
    #[cfg(feature = "tower")]
    #[doc = include_str!("../docs/web-servers.md")]
    mod web_servers {}
    #[doc = include_str!("../docs/delivery.md")]
    mod delivery {}
    #[doc = include_str!("../docs/local-mode.md")]
    mod local_mode {}
    #[doc = include_str!("../docs/troubleshooting.md")]
    mod troubleshooting {}
    #[doc = include_str!("../docs/coming-from-tracing.md")]
    mod coming_from_tracing {}
    #[doc = include_str!("../docs/coming-from-python.md")]
    mod coming_from_python {}
}
