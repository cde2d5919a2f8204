//! The user's own function, which has the last look at each field.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize as _;
use serde_json::Value;

use super::keys::NOT_SECRET;
use super::policy::{CapturePolicy, Mask};
use super::stop::drop_quietly;
use super::text;
use super::value;

const MASKED: &str = "[masked]";

/// Puts what the user's mask makes of the object in its place. The object is all of `out` from `base` on.
#[inline]
pub(super) fn mask_object(out: &mut String, base: usize, policy: &CapturePolicy) {
    if let Some(mask) = policy.mask() {
        replace_object(out, base, policy, mask);
    }
}

#[cold]
fn replace_object(out: &mut String, base: usize, policy: &CapturePolicy, mask: &Mask) {
    let masked = out.get(base..).and_then(|text| serde_json::from_str(text).ok()).and_then(|v| call(mask, v));
    let masked = masked.unwrap_or_else(|| MASKED.into());
    out.truncate(base);
    // The mask has the last word, so the list of secret names is not applied to what it returned.
    value::write_object(out, policy.field_limit(), &NOT_SECRET, |writer| masked.serialize(writer));
}

/// Puts what the user's mask makes of the text in its place. The text is all of `out` from `base` on.
pub(super) fn mask_text(out: &mut String, base: usize, policy: &CapturePolicy) {
    let Some(mask) = policy.mask() else { return };
    let masked = call(mask, out.get(base..).unwrap_or_default().into());
    out.truncate(base);
    text::write_text(out, policy.field_limit(), |out| match masked {
        Some(Value::String(text)) => std::fmt::Write::write_str(out, &text),
        Some(other) => std::fmt::Write::write_fmt(out, format_args!("{other}")),
        None => std::fmt::Write::write_str(out, MASKED),
    });
}

/// `None` when the mask panics.
fn call(mask: &Mask, value: Value) -> Option<Value> {
    catch_unwind(AssertUnwindSafe(|| mask(value))).map_err(drop_quietly).ok()
}
