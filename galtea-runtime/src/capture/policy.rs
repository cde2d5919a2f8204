//! How much of a value is recorded, and what of it never is.

use std::fmt;
use std::sync::Arc;

use super::keys::Keys;
use super::secrets::SecretNames;

/// A user's own function on every recorded value.
pub(super) type Mask = dyn Fn(serde_json::Value) -> serde_json::Value + Send + Sync;

const FIELD_LIMIT: usize = 128 * 1024;
const DESCRIPTION_LIMIT: usize = 32 * 1024;
/// A field's length is kept in 32 bits, and one field has no business being larger.
const HIGHEST_LIMIT: usize = 256 * 1024 * 1024;

/// What holds for every value that is recorded: how many bytes it may take, which names mask their values, and a last
/// look by a function of the user's.
#[derive(Clone)]
pub struct CapturePolicy {
    field_limit: usize,
    description_limit: usize,
    keys: Arc<Keys>,
    mask: Option<Arc<Mask>>,
}

impl Default for CapturePolicy {
    /// 128 KiB a field, 32 KiB a description, the built-in secret names, no mask.
    fn default() -> Self {
        Self {
            field_limit: FIELD_LIMIT,
            description_limit: DESCRIPTION_LIMIT,
            keys: Arc::new(Keys::new(SecretNames::default())),
            mask: None,
        }
    }
}

impl CapturePolicy {
    /// Bytes that each of input, output, metadata and error may take; default 131,072, at most 256 MiB.
    ///
    /// The limit holds for the JSON text, marks of what was cut included. A field within about 150 bytes of the limit may
    /// already be cut. Under 13 bytes there is not even room to say so, and the field is absent.
    #[must_use]
    pub fn with_field_limit(mut self, bytes: usize) -> Self {
        self.field_limit = bytes.min(HIGHEST_LIMIT);
        self
    }

    /// Bytes that a description may take; default 32,768, at most 256 MiB.
    #[must_use]
    pub fn with_description_limit(mut self, bytes: usize) -> Self {
        self.description_limit = bytes.min(HIGHEST_LIMIT);
        self
    }

    /// The names whose values are masked, in place of those set so far; default [`SecretNames::default`].
    #[must_use]
    pub fn with_secret_names(mut self, names: SecretNames) -> Self {
        self.keys = Arc::new(Keys::new(names));
        self
    }

    /// A function that gets each finished field and returns what is recorded in its place; default none.
    ///
    /// Input, output and metadata come as the whole JSON object, error texts as a string. An answer that is no object
    /// goes under `"value"`. When the function panics, the field is recorded as masked.
    #[must_use]
    pub fn with_mask<F>(mut self, mask: F) -> Self
    where
        F: Fn(serde_json::Value) -> serde_json::Value + Send + Sync + 'static,
    {
        self.mask = Some(Arc::new(mask));
        self
    }

    /// Bytes that each of input, output, metadata and error may take.
    pub fn field_limit(&self) -> usize {
        self.field_limit
    }

    /// Bytes that a description may take.
    pub fn description_limit(&self) -> usize {
        self.description_limit
    }

    /// The names whose values are masked.
    pub fn secret_names(&self) -> &SecretNames {
        self.keys.names()
    }

    pub(super) fn keys(&self) -> &Keys {
        &self.keys
    }

    pub(crate) fn has_mask(&self) -> bool {
        self.mask.is_some()
    }

    pub(super) fn mask(&self) -> Option<&Mask> {
        self.mask.as_deref()
    }
}

impl fmt::Debug for CapturePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CapturePolicy")
            .field("field_limit", &self.field_limit)
            .field("description_limit", &self.description_limit)
            .field("secret_names", self.keys.names())
            .field("mask", &self.mask.is_some())
            .finish()
    }
}
