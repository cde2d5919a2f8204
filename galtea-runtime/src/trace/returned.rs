//! The user's code writes the fields of a trace.

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{CANCELLED, Cut, WriteObject};
use crate::capture::{self, CapturePolicy, ObjectWriter, PutValue};
use crate::context;

/// Takes what an operation returned, or what stands for its arguments.
pub struct Returned<'a> {
    text: &'a mut String,
    policy: &'a CapturePolicy,
    written: Written,
}

/// How many bytes were written of each.
#[derive(Clone, Copy, Default)]
pub(super) struct Written {
    pub(super) output: u32,
    pub(super) error: u32,
}

impl Written {
    pub(super) fn error(text: &mut String, policy: &CapturePolicy, error: &(impl Display + ?Sized)) -> Self {
        let start = text.len();
        capture::write_error_display(text, policy, error);
        Self { output: 0, error: length(text.len() - start) }
    }

    /// Of a stream that was dropped an error among the items says more than that it was dropped; a panic outranks both.
    pub(super) fn cut(self, text: &mut String, policy: &CapturePolicy, cut: Cut<'_>) -> Self {
        let error = match cut {
            Cut::Cancelled if self.error > 0 => return self,
            Cut::Cancelled => Self::error(text, policy, CANCELLED),
            Cut::Panicked(message) => {
                text.truncate(text.len() - self.error as usize);
                Self::error(text, policy, &format_args!("panicked: {message}"))
            }
        };
        Self { output: self.output, ..error }
    }
}

impl<'a> Returned<'a> {
    /// What `write` has for an error; `None`: nothing.
    pub(crate) fn error_text(
        policy: &CapturePolicy,
        write: &mut dyn FnMut(&mut Returned<'_>),
    ) -> Option<String> {
        let _muted = context::mute();
        let mut text = String::new();
        let written = Returned::collect(&mut text, policy, write);
        (written.error > 0).then_some(text)
    }

    /// A panic in `write` costs what it should have written, no more.
    pub(super) fn collect(
        text: &'a mut String,
        policy: &'a CapturePolicy,
        write: &mut dyn FnMut(&mut Returned<'_>),
    ) -> Written {
        let start = text.len();
        let mut returned = Returned { text, policy, written: Written::default() };
        if catch_unwind(AssertUnwindSafe(|| write(&mut returned))).is_err() {
            returned.text.truncate(start);
            returned.written = Written::default();
            returned.output(|out, _| out.push_str(r#"{"value":"[capture panicked]"}"#));
        }
        returned.written
    }

    /// `write` appends a JSON object.
    pub(crate) fn output(&mut self, write: impl FnOnce(&mut String, &CapturePolicy)) {
        let start = self.text.len();
        write(self.text, self.policy);
        self.written.output = length(self.text.len() - start);
    }

    /// `write` appends plain text.
    pub(crate) fn error(&mut self, write: impl FnOnce(&mut String, &CapturePolicy)) {
        let start = self.text.len();
        write(self.text, self.policy);
        if self.text.len() == start {
            self.text.push_str("(an error without a text)");
        }
        self.written.error = length(self.text.len() - start);
    }
}

/// Arguments guard themselves.
pub(super) fn write_arguments(
    text: &mut String,
    policy: &CapturePolicy,
    arguments: &[(&'static str, &dyn PutValue)],
) -> u32 {
    if arguments.is_empty() {
        return 0;
    }
    let start = text.len();
    let mut object = ObjectWriter::new(text, policy);
    for (name, value) in arguments {
        object.put(name, *value);
    }
    object.finish();
    length(text.len() - start)
}

pub(super) fn write_object(
    text: &mut String,
    policy: &CapturePolicy,
    write: &mut dyn FnMut(&mut ObjectWriter<'_>),
) -> u32 {
    write_entries(text, policy, write, true)
}

/// Writes metadata to which more may be added until the trace ends.
#[inline]
pub(super) fn write_part(text: &mut String, policy: &CapturePolicy, write: WriteObject<'_>) -> u32 {
    write.map_or(0, |write| write_entries(text, policy, write, false))
}

/// Entries guard themselves; what may still panic is an expression that makes the value of one. `whole`: no more is added, so
/// that the user's mask sees it.
#[inline(never)]
fn write_entries(
    text: &mut String,
    policy: &CapturePolicy,
    write: &mut dyn FnMut(&mut ObjectWriter<'_>),
    whole: bool,
) -> u32 {
    let start = text.len();
    let mut object = ObjectWriter::new(text, policy);
    if catch_unwind(AssertUnwindSafe(|| write(&mut object))).is_err() {
        object.text("galtea.capture", "[capture panicked]");
    }
    let _ = if whole { object.finish() } else { object.finish_part() };
    length(text.len() - start)
}

/// Limits keep every field far below 4 GiB.
pub(super) fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
