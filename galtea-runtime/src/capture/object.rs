//! Objects written entry by entry: inputs and metadata.

use std::fmt::Debug;

use serde::Serialize;

use super::mask;
use super::policy::CapturePolicy;
use super::scrub::Scrubber;
use super::stop::Stop;
use super::transcode;
use super::writer::{CUT, Level, MARK, MASKED, TAIL, Writer};

/// Writes one JSON object at the end of a text, bounded as a whole by the policy's field limit.
///
/// Each entry is on its own: one whose code fails or panics says so in its place, and the others stay. One entry takes
/// at most 15/16 of the room that is left, so that a huge first argument leaves some for the rest; an entry for which
/// there is no room is still listed as truncated, or counted in a last entry `"…"`.
#[must_use = "the object is complete only after `finish`"]
pub struct ObjectWriter<'a> {
    writer: Writer<'a>,
    policy: &'a CapturePolicy,
    /// Where the object begins.
    base: usize,
    /// Where the object's tail begins.
    end: usize,
    entries: usize,
    lost: usize,
}

impl<'a> ObjectWriter<'a> {
    /// Appends to `out`; nothing is written before the first entry.
    #[inline]
    pub(crate) fn new(out: &'a mut String, policy: &'a CapturePolicy) -> Self {
        let base = out.len();
        let end = base + policy.field_limit().saturating_sub(TAIL);
        let writer = Writer::new(out, policy.keys());
        Self { writer, policy, base, end, entries: 0, lost: 0 }
    }

    /// An entry by its `Serialize`.
    #[inline]
    pub(crate) fn serialize<T: ?Sized + Serialize>(&mut self, name: impl EntryName, value: &T) {
        self.entry(name, |writer| value.serialize(writer));
    }

    /// An entry by its `Debug`: a text, in which secrets are masked as [`Scrubber`] says.
    #[cfg(any(test, feature = "__internals"))]
    pub(crate) fn debug<T: ?Sized + Debug>(&mut self, name: impl EntryName, value: &T) {
        self.entry(name, |writer| write_debug(writer, value));
    }

    /// An entry that is a plain string.
    pub(crate) fn text(&mut self, name: impl EntryName, value: &str) {
        self.entry(name, |writer| writer.string(value));
    }

    /// An entry that is listed, but not shown.
    #[cfg(test)]
    pub(crate) fn masked(&mut self, name: &'static str) {
        self.entry(name, Writer::masked);
    }

    /// An entry whose value is JSON text already, written by this module: it is taken as it stands if it fits.
    pub(crate) fn json(&mut self, name: impl EntryName, json: &str) {
        self.entry(name, |writer| {
            if writer.fits(json.len()) { writer.scalar(json) } else { transcode::write_json(writer, json) }
        });
    }

    /// Closes the object and gives it to the user's mask. Returns whether anything was appended: an object without
    /// entries is absent.
    pub(crate) fn finish(self) -> bool {
        let (policy, base) = (self.policy, self.base);
        let Some(out) = self.close() else { return false };
        mask::mask_object(out, base, policy);
        true
    }

    /// Closes an object that will be merged with others, which is when the mask sees it; see [`super::merge()`].
    pub(crate) fn finish_part(self) -> bool {
        self.close().is_some()
    }

    #[inline]
    fn entry(&mut self, name: impl EntryName, write: impl FnOnce(&mut Writer<'a>) -> Result<(), Stop>) {
        if name.begin(self) {
            self.writer.guard(write);
        }
    }

    /// Begins an entry, and says whether its value is to be written.
    #[inline(always)]
    #[expect(clippy::inline_always, reason = "into the two that there are, which are calls")]
    fn begin(&mut self, name: &str, key: impl FnOnce(&mut Writer<'a>, bool) -> Option<bool>) -> bool {
        let key = self.make_room().and_then(|first| key(&mut self.writer, first));
        self.entries += usize::from(key.is_some());
        match key {
            Some(false) => return true,
            Some(true) => self.writer.out.push_str(MASKED),
            None => self.lose(name),
        }
        false
    }

    /// Makes the writer ready for one more entry, and says whether it is the first.
    #[inline]
    fn make_room(&mut self) -> Option<bool> {
        if self.entries + self.lost == 0 {
            self.open()?;
        }
        let length = self.writer.out.len();
        let room = self.end.checked_sub(length)?;
        self.writer.resume(length + room - room / 16, 1);
        Some(self.entries == 0)
    }

    #[inline]
    fn open(&mut self) -> Option<()> {
        if self.policy.field_limit() < TAIL {
            return None;
        }
        self.writer.out.push('{');
        Some(())
    }

    #[cold]
    fn lose(&mut self, name: &str) {
        // The writer keeps back more than the mark needs; here nothing else will follow.
        self.writer.resume(self.end + MARK - CUT.len(), 1);
        match self.writer.dynamic_key(self.entries == 0, name) {
            Some(secret) => {
                self.entries += 1;
                self.writer.out.push_str(if secret { MASKED } else { CUT });
            }
            None => self.lost += 1,
        }
    }

    fn close(mut self) -> Option<&'a mut String> {
        if self.writer.out.len() == self.base {
            return None;
        }
        if self.lost > 0 {
            self.mark_lost();
        }
        self.writer.out.push('}');
        Some(self.writer.out)
    }

    #[cold]
    fn mark_lost(&mut self) {
        self.writer.stop_before(self.end);
        self.writer.mark_level(Level::Object, self.entries == 0, Some(self.entries + self.lost));
    }
}

/// The value of an entry, whatever its type.
pub trait PutValue {
    /// Writes it. Runs the user's code, and may panic.
    ///
    /// # Errors
    ///
    /// When the user's code fails, or there is no room.
    fn put(&self, writer: &mut Writer<'_>) -> Result<(), Stop>;
}

impl ObjectWriter<'_> {
    /// An entry. What goes wrong with it costs the entry, no more.
    pub(crate) fn put(&mut self, name: &'static str, value: &dyn PutValue) {
        self.entry(name, |writer| value.put(writer));
    }
}

/// The name of an entry. One that does not change while the program runs is a `&'static str`; any other is [`Dynamic`].
pub(crate) trait EntryName: Copy {
    /// Begins an entry of this name, and says whether its value is to be written.
    fn begin(self, object: &mut ObjectWriter<'_>) -> bool;
}

impl EntryName for &'static str {
    #[inline(never)]
    fn begin(self, object: &mut ObjectWriter<'_>) -> bool {
        object.begin(self, |writer, first| writer.known_key(first, self))
    }
}

/// A name that was made while the program ran.
#[derive(Clone, Copy)]
pub(crate) struct Dynamic<'n>(pub(crate) &'n str);

impl EntryName for Dynamic<'_> {
    #[inline(never)]
    fn begin(self, object: &mut ObjectWriter<'_>) -> bool {
        object.begin(self.0, |writer, first| writer.dynamic_key(first, self.0))
    }
}

pub(crate) fn write_debug<T: ?Sized + Debug>(writer: &mut Writer<'_>, value: &T) -> Result<(), Stop> {
    let (names, budget) = (writer.keys.names(), writer.room());
    writer.stream(|text| Scrubber::write(text, names, budget, format_args!("{value:?}")))
}
