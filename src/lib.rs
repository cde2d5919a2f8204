//! Tracing for LLM agents.
pub use galtea_macros::{trace, trace_event, trace_scope};
pub use galtea_runtime::*;
#[doc(hidden)]
pub use galtea_runtime::private as __private;
