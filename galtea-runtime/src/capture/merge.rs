//! Metadata that was captured in several pieces becomes one object.

use std::collections::HashMap;

use super::mask;
use super::object::{Dynamic, ObjectWriter};
use super::policy::CapturePolicy;
use super::transcode::{self, Entry};

/// Makes one object of those that stand one after another in `out` from `base` on, each written by
/// [`ObjectWriter::finish_part`]. Of entries with one name the last counts. The result holds the field limit. It is one
/// more piece, so merging can be repeated whenever the pieces have grown too large.
pub(crate) fn merge(out: &mut String, base: usize, policy: &CapturePolicy) {
    let pieces = out.split_off(base);
    match transcode::entries(&pieces) {
        Some((0 | 1, _)) | None => out.push_str(&pieces),
        Some((_, entries)) => write_merged(out, policy, &entries),
    }
}

/// The same, for the last time: the user's mask sees the result. Returns whether there is any.
pub(crate) fn finish_merged(out: &mut String, base: usize, policy: &CapturePolicy) -> bool {
    merge(out, base, policy);
    let any = out.len() > base;
    if any {
        mask::mask_object(out, base, policy);
    }
    any
}

fn write_merged(out: &mut String, policy: &CapturePolicy, entries: &[Entry<'_>]) {
    let last: HashMap<&str, usize> = entries.iter().enumerate().map(|(at, entry)| (entry.key, at)).collect();
    let mut object = ObjectWriter::new(out, policy);
    for (at, entry) in entries.iter().enumerate() {
        if last.get(entry.key) == Some(&at) {
            object.json(Dynamic(&entry.name()), entry.value);
        }
    }
    object.finish_part();
}
