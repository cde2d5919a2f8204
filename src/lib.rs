//! Tracing for LLM agents.
pub use galtea_macros::trace;
pub use galtea_runtime::*;
#[doc(hidden)]
pub use galtea_runtime::private as __private;
