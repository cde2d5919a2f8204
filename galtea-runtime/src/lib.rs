//! Capture, context and delivery behind the `galtea` crate. Depend on that one: this crate's items reach users through
//! it, and what is not re-exported there may change at any time.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod block;
mod call;
mod capture;
mod carry;
mod client;
mod clock;
mod config;
mod context;
mod decode;
mod delivery;
mod encode;
mod error;
mod error_text;
pub mod export;
mod future;
mod handle;
#[cfg(feature = "__internals")]
#[doc(hidden)]
pub mod internals;
mod missed;
mod panics;
#[doc(hidden)]
pub mod private;
mod record;
mod recorder;
mod scope;
mod scratch;
mod site;
mod stream;
#[doc(hidden)]
pub mod synthetic;
#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "tower")]
pub mod tower;
mod trace;
mod trace_type;

pub use capture::SecretNames;
pub use carry::{InCurrentTrace, InTrace, TraceContext, spawn, spawn_blocking};
pub use client::Galtea;
pub use config::{BatchFormat, Builder};
pub use delivery::{DropReason, FlushReport, Loss, RefusedTrace, Stats};
pub use error::{BuildError, DeliveryError};
pub use error_text::ErrorText;
pub use handle::{TraceHandle, current_trace};
pub use record::{Batch, Trace, TraceId};
pub use scope::{InferenceResult, Scope};
pub use trace_type::{ParseTraceTypeError, TraceType};
