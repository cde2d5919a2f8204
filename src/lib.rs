//! Tracing for LLM agents.

pub use galtea_macros::trace;
