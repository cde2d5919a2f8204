//! Placeholder until the capture room is in place.

use serde_json::Value;

/// What is recorded of values.
#[derive(Clone, Debug, Default)]
pub struct CapturePolicy;

/// Names whose values are masked.
#[derive(Clone, Debug, Default)]
pub struct SecretNames;

impl SecretNames {
    /// Adds a name.
    #[must_use]
    pub fn with(self, _name: &str) -> Self {
        self
    }
}

impl CapturePolicy {
    /// Bytes a field.
    #[must_use]
    pub fn with_field_limit(self, _bytes: usize) -> Self {
        self
    }

    /// The names whose values are masked.
    #[must_use]
    pub fn with_secret_names(self, _names: SecretNames) -> Self {
        self
    }

    /// A function on every value.
    #[must_use]
    pub fn with_mask<F: Fn(Value) -> Value + Send + Sync + 'static>(self, _mask: F) -> Self {
        self
    }
}
