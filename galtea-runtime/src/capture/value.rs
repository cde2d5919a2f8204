//! One value as a JSON object: outputs, and inputs that are one expression.

use std::fmt::Debug;

use serde::Serialize;

use super::keys::Keys;
use super::mask;
use super::object::write_debug;
use super::policy::CapturePolicy;
use super::stop::Stop;
use super::writer::{MARK, Writer};

const WRAP_START: &str = "{\"value\":";
const WRAP_END: &str = "}";
const WRAP: usize = WRAP_START.len() + WRAP_END.len();
/// Stand-ins for a value of which nothing fits into the limit.
const NO_ROOM: [&str; 2] = ["{\"…\":\"[truncated]\"}", "{\"…\":\"…\"}"];

/// Appends a value by its `Serialize`: as it is when it is an object, else as `{"value": …}`. Returns whether anything
/// was appended, which is so whenever the limit has room for a mark.
#[inline]
pub(crate) fn write_value<T: ?Sized + Serialize>(
    out: &mut String,
    policy: &CapturePolicy,
    value: &T,
) -> bool {
    write_and_mask(out, policy, |writer| value.serialize(writer))
}

/// Appends a value by its `Debug`, as `{"value": "<text>"}`.
pub(crate) fn write_value_debug<T: ?Sized + Debug>(
    out: &mut String,
    policy: &CapturePolicy,
    value: &T,
) -> bool {
    write_and_mask(out, policy, |writer| write_debug(writer, value))
}

/// Appends a plain string, as `{"value": "<text>"}`.
pub(crate) fn write_value_text(out: &mut String, policy: &CapturePolicy, text: &str) -> bool {
    write_and_mask(out, policy, |writer| writer.string(text))
}

#[inline]
fn write_and_mask(
    out: &mut String,
    policy: &CapturePolicy,
    write: impl FnOnce(&mut Writer<'_>) -> Result<(), Stop>,
) -> bool {
    let base = out.len();
    let written = write_object(out, policy.field_limit(), policy.keys(), write);
    if written {
        mask::mask_object(out, base, policy);
    }
    written
}

/// Whether the value is an object shows when it has been written: the wrapping is put around it then.
#[inline]
pub(super) fn write_object(
    out: &mut String,
    limit: usize,
    keys: &Keys,
    write: impl FnOnce(&mut Writer<'_>) -> Result<(), Stop>,
) -> bool {
    let base = out.len();
    if limit < WRAP + MARK {
        return write_no_room(out, limit);
    }
    let mut writer = Writer::new(out, keys);
    writer.resume(base + limit - WRAP, 0);
    writer.guard(write);
    if out.as_bytes().get(base) != Some(&b'{') {
        out.insert_str(base, WRAP_START);
        out.push_str(WRAP_END);
    }
    true
}

fn write_no_room(out: &mut String, limit: usize) -> bool {
    let mark = NO_ROOM.into_iter().find(|mark| mark.len() <= limit);
    out.push_str(mark.unwrap_or_default());
    mark.is_some()
}
