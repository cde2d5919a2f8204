//! Doors to private rooms, for this crate's own benchmarks and fuzz targets. No part of the API.

use std::fmt::Debug;

use serde::Serialize;

pub use crate::capture::CapturePolicy;
use crate::capture::{self, ObjectWriter};

/// An object that is being captured.
pub struct Input<'a>(ObjectWriter<'a>);

impl<'a> Input<'a> {
    /// Appends to `out`.
    #[inline]
    pub fn new(out: &'a mut String, policy: &'a CapturePolicy) -> Self {
        Self(ObjectWriter::new(out, policy))
    }

    /// An entry by its `Serialize`.
    #[inline]
    pub fn serialize<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) {
        self.0.serialize(name, value);
    }

    /// An entry by its `Debug`.
    pub fn debug<T: ?Sized + Debug>(&mut self, name: &'static str, value: &T) {
        self.0.debug(name, value);
    }

    /// Whether anything was appended.
    #[inline]
    pub fn finish(self) -> bool {
        self.0.finish()
    }

    /// Leaves the object to be merged with others.
    pub fn finish_part(self) -> bool {
        self.0.finish_part()
    }
}

/// Captures one value by its `Serialize`.
#[inline]
pub fn write_value<T: ?Sized + Serialize>(out: &mut String, policy: &CapturePolicy, value: &T) -> bool {
    capture::write_value(out, policy, value)
}

/// Captures one value by its `Debug`.
pub fn write_value_debug<T: ?Sized + Debug>(out: &mut String, policy: &CapturePolicy, value: &T) -> bool {
    capture::write_value_debug(out, policy, value)
}

/// Merges the objects that stand one after another.
pub fn merge(out: &mut String, base: usize, policy: &CapturePolicy) {
    capture::merge(out, base, policy);
}

/// Holds the capture of the value that `data` describes against what is promised.
///
/// # Panics
///
/// When a promise is broken.
pub fn check_capture(data: &[u8]) {
    capture::model::check_bytes(data);
}
