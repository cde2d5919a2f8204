//! Which values [`TraceHandle::record_error`](crate::TraceHandle::record_error) takes.

use std::borrow::Cow;
use std::error::Error;

use crate::capture::{self, CapturePolicy};

/// A value that can be recorded as an error: any [`Error`], a box of one, `anyhow::Error` and its like, or a text.
///
/// `Kind` only keeps the cases apart; it is always inferred.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # #[cfg(feature = "testing")]
/// # fn main() {
/// use std::error::Error;
/// use galtea::testing::capture_sync;
/// use galtea::{current_trace, trace_scope};
///
/// let boxed: Box<dyn Error + Send + Sync> = "the index is gone".into();
/// let tree = capture_sync(|| {
///     trace_scope!("a text", { current_trace().record_error("no page was found") });
///     trace_scope!("an error", { current_trace().record_error(&std::fmt::Error) });
///     trace_scope!("a box", { current_trace().record_error(&boxed) });
/// });
/// let errors: Vec<_> = tree.roots().iter().filter_map(|trace| trace.error()).collect();
/// assert_eq!(errors[0], "no page was found");
/// assert_eq!(errors[2], "the index is gone");
/// # }
/// # #[cfg(not(feature = "testing"))]
/// # fn main() {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be recorded as an error",
    note = "`record_error` takes a `std::error::Error`, a boxed one, an `anyhow::Error`, a `&str` or a `String`; for another type pass `&value.to_string()`"
)]
pub trait ErrorText<Kind> {
    #[doc(hidden)]
    fn write_error_text(&self, out: &mut String, policy: &CapturePolicy);
}

#[doc(hidden)]
#[derive(Debug)]
pub struct ViaError;
#[doc(hidden)]
#[derive(Debug)]
pub struct ViaAsRef;
#[doc(hidden)]
#[derive(Debug)]
pub struct ViaText;

impl<E: Error + ?Sized> ErrorText<ViaError> for E {
    fn write_error_text(&self, out: &mut String, policy: &CapturePolicy) {
        capture::write_error(out, policy, self);
    }
}

impl<E: AsRef<dyn Error + 'static> + ?Sized> ErrorText<ViaAsRef> for E {
    fn write_error_text(&self, out: &mut String, policy: &CapturePolicy) {
        capture::write_error(out, policy, self.as_ref());
    }
}

impl ErrorText<ViaText> for Box<dyn Error + Send + Sync> {
    fn write_error_text(&self, out: &mut String, policy: &CapturePolicy) {
        capture::write_error(out, policy, &**self);
    }
}

macro_rules! texts {
    ($($text:ty),*) => {$(
        impl ErrorText<ViaText> for $text {
            fn write_error_text(&self, out: &mut String, policy: &CapturePolicy) {
                capture::write_error_display(out, policy, self);
            }
        }
    )*};
}

texts!(str, &str, String, &String, Cow<'_, str>, std::fmt::Arguments<'_>);
