use std::sync::Arc;
use crate::{capture::CapturePolicy, delivery::Delivery, scope::InferenceResult};
#[derive(Clone, Default)]
pub struct Galtea { pub delivery: Delivery, policy: Arc<CapturePolicy> }
impl Galtea { pub(crate) fn is_disabled(&self) -> bool { false } pub(crate) fn delivery(&self) -> &Delivery { &self.delivery } pub(crate) fn capture(&self) -> &Arc<CapturePolicy> { &self.policy }
pub fn inference_result(&self, id: impl Into<String>) -> InferenceResult { InferenceResult::new(self, id.into()) } }
