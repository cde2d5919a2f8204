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
