//! Tracing for LLM agents.

pub use galtea_macros::{trace, trace_event, trace_scope};
pub use galtea_runtime::export;
pub use galtea_runtime::{
    BatchFormat, BuildError, Builder, DeliveryError, DropReason, ErrorText, FlushReport, Galtea, InferenceResult, Loss,
    ParseTraceTypeError, RefusedTrace, Scope, Stats, TraceHandle, TraceId, TraceType, current_trace,
};

#[doc(hidden)]
pub use galtea_runtime::private as __private;
