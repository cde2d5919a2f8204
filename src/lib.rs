//! Tracing for LLM agents.

pub use galtea_macros::{trace, trace_event, trace_scope};
pub use galtea_runtime::export;
pub use galtea_runtime::{
    BatchFormat, BuildError, Builder, DeliveryError, DropReason, ErrorText, FlushReport, Galtea,
    InCurrentTrace, InTrace, InferenceResult, Loss, ParseTraceTypeError, RefusedTrace, Scope, SecretNames,
    Stats, TraceContext, TraceHandle, TraceId, TraceType, current_trace, spawn, spawn_blocking,
};

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
