//! Tracing for LLM agents.

pub use galtea_macros::{trace, trace_event, trace_scope};
