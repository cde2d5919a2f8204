//! Inference results over HTTP, in and out.
//!
//! Galtea calls an agent's endpoint with the inference result's id in a header. [`InferenceLayer`] reads it and opens the
//! scope, in axum and in any other tower server; [`inject`] puts it on requests to services that are traced themselves.

mod header;
mod service;

pub use header::{INFERENCE_ID_HEADER, inject};
pub use service::{InferenceLayer, InferenceService, ResponseBody, ResponseFuture};
