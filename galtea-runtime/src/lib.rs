//! Capture, context and delivery behind the `galtea` crate. Depend on that one: this crate's items reach users through
//! it, and what is not re-exported there may change at any time.

mod capture;
mod client;
mod config;
mod decode;
mod delivery;
mod encode;
mod error;
pub mod export;
mod record;
#[doc(hidden)]
pub mod synthetic;
mod trace_type;

pub use client::Galtea;
pub use config::{BatchFormat, Builder};
pub use delivery::{DropReason, FlushReport, Loss, RefusedTrace, Stats};
pub use error::{BuildError, DeliveryError};
pub use record::{Batch, Trace, TraceId};
pub use trace_type::{ParseTraceTypeError, TraceType};
