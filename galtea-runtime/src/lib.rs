//! Capture, context and delivery behind the `galtea` crate. Depend on that one: this crate's items reach users through
//! it, and what is not re-exported there may change at any time.

mod capture;
pub mod export;
#[cfg(feature = "__internals")]
#[doc(hidden)]
pub mod internals;
mod record;
mod trace_type;

pub use capture::{CapturePolicy, SecretNames};
pub use record::{Batch, Trace, TraceId};
pub use trace_type::{ParseTraceTypeError, TraceType};
