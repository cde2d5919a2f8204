//! How a value comes to an early end.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::text::write_text;

/// Bytes of a user's error message that are kept.
const MAX_MESSAGE: usize = 512;

/// Why a value was not written to its end. What is to be done about it stands in the writer's
/// [`State`](super::writer::State); this carries the message of an error that the user's code made.
#[derive(Debug, Default)]
pub struct Stop(Box<str>);

impl Stop {
    pub(super) fn because(message: &str) -> Self {
        Self(message.into())
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "capture stopped" } else { &self.0 })
    }
}

impl std::error::Error for Stop {}

impl serde::ser::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let mut text = String::new();
        write_text(&mut text, MAX_MESSAGE, |text| fmt::Write::write_fmt(text, format_args!("{message}")));
        Self(text.into())
    }
}

/// What a panic carried may itself panic when it is dropped.
pub(super) fn drop_quietly(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
        std::mem::forget(second);
    }
}
