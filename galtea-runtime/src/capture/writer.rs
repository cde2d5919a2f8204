//! The JSON writer under the serializer: it never writes past its limit, and whatever happens it can be left as valid
//! JSON.
//!
//! ```text
//! out: … {"a":[1,2,3     |<---- MARK ---->|<- TAIL ->|<- TAIL ->|
//!                        soft             end: what was cut is marked, then each open level is closed
//! ```
//!
//! Writing goes on up to `soft`. The first thing that does not fit there *cuts* the value: a mark takes its place,
//! [`Stop`] travels back through the user's code, and each compound on the way marks what it lost and closes its level.
//! `soft` is 0 from then on, so that the one comparison made before each write also keeps a stopped writer silent.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread;

use super::escape::{self, push_escaped};
use super::keys::Keys;
use super::stop::{Stop, drop_quietly};

/// Room for a cut string's mark (at most 43 bytes) or a cut value's, and for what may be written unchecked before it.
pub(super) const MARK: usize = 64;
/// Room that each open level keeps for `,"…":"…"` and its closing bracket.
pub(super) const TAIL: usize = 13;
/// Levels of arrays and objects; parsers commonly take twice as many.
const MAX_DEPTH: u32 = 64;
/// A key that is no string is JSON text between quotes; one inside another has its own quotes escaped, and so on, so that
/// the text doubles each time. A key therefore counts as so many levels.
const KEY_DEPTH: u32 = 16;
/// `Option`s and newtypes on the way to one value: they leave no bracket, but each takes its part of the stack.
const MAX_WRAPS: u32 = 128;

pub(super) const MASKED: &str = "\"[masked]\"";
pub(super) const CUT: &str = "\"…[truncated]\"";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Running,
    /// Something else was written in the value's place; the compound around it goes on.
    Settled,
    /// The limit was met; each compound on the way out closes its level.
    Cut,
    /// The user's code failed; all that was written for the value is taken back.
    Failed,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Array,
    Object,
}

pub struct Writer<'a> {
    pub(super) out: &'a mut String,
    pub(super) keys: &'a Keys,
    pub(super) state: State,
    /// Length that `out` may grow to before the value is cut; 0 once writing has stopped.
    soft: usize,
    /// Where the innermost open level's tail begins; kept up only once writing has stopped.
    end: usize,
    depth: u32,
    wraps: u32,
}

impl<'a> Writer<'a> {
    /// A writer that writes nothing before [`Self::resume`].
    pub(super) fn new(out: &'a mut String, keys: &'a Keys) -> Self {
        Self { out, keys, state: State::Failed, soft: 0, end: 0, depth: 0, wraps: 0 }
    }

    /// The next value stands inside `depth` levels, and may take `out` to a length of `end`.
    #[inline]
    pub(super) fn resume(&mut self, end: usize, depth: u32) {
        self.soft = end.saturating_sub(MARK);
        self.depth = depth;
        self.wraps = 0;
        self.state = State::Running;
    }

    #[inline]
    pub(super) fn fits(&self, bytes: usize) -> bool {
        self.out.len() + bytes <= self.soft
    }

    #[inline]
    pub(super) fn depth(&self) -> u32 {
        self.depth
    }

    /// Bytes that may still be written.
    pub(super) fn room(&self) -> usize {
        self.soft.saturating_sub(self.out.len())
    }

    /// A number or a word, as it stands.
    #[inline]
    pub(super) fn scalar(&mut self, text: &str) -> Result<(), Stop> {
        if !self.fits(text.len()) {
            return Err(self.cut_value());
        }
        self.out.push_str(text);
        Ok(())
    }

    /// A number in its pieces.
    pub(super) fn decimal(&mut self, negative: bool, integer: &str, fraction: &str) -> Result<(), Stop> {
        if !self.fits(integer.len() + fraction.len() + 2) {
            return Err(self.cut_value());
        }
        if negative {
            self.out.push('-');
        }
        self.out.push_str(integer);
        self.out.push('.');
        self.out.push_str(fraction);
        Ok(())
    }

    pub(super) fn string(&mut self, text: &str) -> Result<(), Stop> {
        if !self.fits(text.len() + 2) || !escape::is_clean(text) {
            return self.string_with_care(text);
        }
        self.out.push('"');
        self.out.push_str(text);
        self.out.push('"');
        Ok(())
    }

    #[inline(never)]
    fn string_with_care(&mut self, text: &str) -> Result<(), Stop> {
        self.check_string()?;
        self.out.push('"');
        if !push_escaped(self.out, text, self.soft - 1) {
            return Err(self.cut_string(Some(text.len())));
        }
        self.out.push('"');
        Ok(())
    }

    /// A string of which no byte fits is cut as a value.
    fn check_string(&mut self) -> Result<(), Stop> {
        if self.fits(2) { Ok(()) } else { Err(self.cut_value()) }
    }

    /// A string that `write` writes bit by bit.
    pub(super) fn stream(
        &mut self,
        write: impl FnOnce(&mut Quoted<'_, 'a>) -> fmt::Result,
    ) -> Result<(), Stop> {
        self.check_string()?;
        self.out.push('"');
        let mut quoted = Quoted { writer: self, full: false };
        let done = write(&mut quoted);
        if quoted.full {
            return Err(self.cut_string(None));
        }
        done.map_err(|fmt::Error| Stop::because("formatting failed"))?;
        self.out.push('"');
        Ok(())
    }

    /// `"name":`, with a comma before it unless it is the first. Says whether the name means a secret; `None`: there is
    /// no room for it.
    #[inline(never)]
    pub(super) fn key(&mut self, first: bool, name: &'static str) -> Option<bool> {
        self.known_key(first, name)
    }

    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "into `key`, and into the one that is `key` with more around it"
    )]
    pub(super) fn known_key(&mut self, first: bool, name: &'static str) -> Option<bool> {
        let Some(known) = self.keys.get(name) else { return self.new_key(first, name) };
        let text = known.text(first);
        if !self.fits(text.len()) {
            return None;
        }
        self.out.push_str(text);
        Some(known.secret)
    }

    #[cold]
    #[inline(never)]
    fn new_key(&mut self, first: bool, name: &'static str) -> Option<bool> {
        self.keys.add(name);
        self.dynamic_key(first, name)
    }

    /// The same for a name that was made while the program ran.
    pub(super) fn dynamic_key(&mut self, first: bool, name: &str) -> Option<bool> {
        let start = self.out.len();
        if !self.fits(name.len() + 4) {
            return None;
        }
        self.out.push_str(if first { "\"" } else { ",\"" });
        if !push_escaped(self.out, name, self.soft - 2) {
            self.out.truncate(start);
            return None;
        }
        self.out.push_str("\":");
        Some(self.keys.names().is_secret(name))
    }

    #[cold]
    pub(crate) fn masked(&mut self) -> Result<(), Stop> {
        self.scalar(MASKED)
    }

    #[inline]
    pub(super) fn open(&mut self, level: Level) -> Result<(), Stop> {
        if !self.fits(1 + TAIL) {
            return Err(self.cut_value());
        }
        if self.depth >= MAX_DEPTH {
            return Err(self.too_deep());
        }
        self.soft -= TAIL;
        self.depth += 1;
        self.out.push(if level == Level::Array { '[' } else { '{' });
        Ok(())
    }

    #[inline]
    pub(super) fn close(&mut self, level: Level) {
        self.soft += TAIL;
        self.depth -= 1;
        self.push_closer(level);
    }

    #[inline]
    fn push_closer(&mut self, level: Level) {
        self.out.push(if level == Level::Array { ']' } else { '}' });
    }

    /// Writes the value that a key is made of.
    #[inline]
    pub(super) fn value_of_key<T: ?Sized + serde::Serialize>(&mut self, key: &T) -> Result<(), Stop> {
        self.depth += KEY_DEPTH;
        let done = key.serialize(&mut *self);
        self.depth -= KEY_DEPTH;
        done
    }

    /// Writes what stands inside an `Option` or a newtype.
    #[inline]
    pub(super) fn wrapped<T: ?Sized + serde::Serialize>(&mut self, value: &T) -> Result<(), Stop> {
        if self.wraps == MAX_WRAPS {
            return Err(self.too_deep());
        }
        self.wraps += 1;
        let done = value.serialize(&mut *self);
        self.wraps -= 1;
        done
    }

    /// To be returned where something else stands in a value's place by now: the compound around the value goes on.
    pub(super) fn settled(&mut self) -> Stop {
        self.state = State::Settled;
        Stop::default()
    }

    #[cold]
    fn too_deep(&mut self) -> Stop {
        match self.scalar("\"[nested too deep]\"") {
            Ok(()) => self.settled(),
            Err(stop) => stop,
        }
    }

    /// Nothing is written any more but the marks and brackets that belong to `state`.
    pub(super) fn stop(&mut self, state: State) {
        self.end = self.soft + MARK;
        self.soft = 0;
        self.state = state;
    }

    /// Nothing is written any more but the mark of the level whose tail begins at `end`.
    pub(super) fn stop_before(&mut self, end: usize) {
        self.stop(State::Cut);
        self.end = end;
    }

    #[cold]
    fn cut_value(&mut self) -> Stop {
        if self.state == State::Running {
            self.out.push_str(CUT);
            self.stop(State::Cut);
        }
        Stop::default()
    }

    #[cold]
    fn cut_string(&mut self, size: Option<usize>) -> Stop {
        self.out.push('…');
        self.push_truncated(size, "bytes");
        self.out.push('"');
        self.stop(State::Cut);
        Stop::default()
    }

    fn push_truncated(&mut self, size: Option<usize>, unit: &str) {
        self.out.push_str("[truncated");
        if let Some(size) = size {
            for part in [", ", itoa::Buffer::new().format(size), " ", unit] {
                self.out.push_str(part);
            }
        }
        self.out.push(']');
    }

    /// The last words of a level that lost some of its elements.
    pub(super) fn mark_level(&mut self, level: Level, first: bool, size: Option<usize>) {
        if !first {
            self.out.push(',');
        }
        let start = self.out.len();
        self.out.push_str(if level == Level::Array { "\"…" } else { "\"…\":\"" });
        self.push_truncated(size, if level == Level::Array { "items" } else { "entries" });
        self.out.push('"');
        if self.out.len() >= self.end + TAIL {
            self.out.truncate(start);
            self.out.push_str(if level == Level::Array { "\"…\"" } else { "\"…\":\"…\"" });
        }
    }

    /// Closes a level after a value in it was settled or cut; what a failed value wrote is taken back anyway.
    #[cold]
    pub(super) fn close_after_stop(&mut self, level: Level) {
        match self.state {
            State::Settled => self.close(level),
            State::Cut => {
                self.end += TAIL;
                self.depth -= 1;
                self.push_closer(level);
            }
            State::Running | State::Failed => {}
        }
    }

    /// Writes one value with the user's code. Whatever that does, exactly one valid value is written, and the writer
    /// must be resumed before the next.
    #[inline]
    pub(super) fn guard(&mut self, write: impl FnOnce(&mut Self) -> Result<(), Stop>) {
        let before = Before { start: self.out.len(), end: self.soft + MARK, depth: self.depth };
        let outcome = catch_unwind(AssertUnwindSafe(|| write(self)));
        if !matches!(outcome, Ok(Ok(()))) || self.depth != before.depth {
            self.repair(&before, outcome);
        }
    }

    #[cold]
    fn repair(&mut self, before: &Before, outcome: thread::Result<Result<(), Stop>>) {
        let closed = self.depth == before.depth;
        match outcome {
            Ok(Err(_)) if closed && matches!(self.state, State::Settled | State::Cut) => {}
            Ok(Err(stop)) => self.replace(before, "[capture failed: ", &stop.to_string(), "]"),
            Ok(Ok(())) => self.replace(before, "[capture failed", "", "]"),
            Err(payload) => {
                drop_quietly(payload);
                self.replace(before, "[capture panicked", "", "]");
            }
        }
    }

    fn replace(&mut self, before: &Before, start: &str, message: &str, end: &str) {
        self.out.truncate(before.start);
        self.out.push('"');
        self.out.push_str(start);
        push_escaped(self.out, message, before.end - end.len() - 1);
        self.out.push_str(end);
        self.out.push('"');
    }
}

/// Where the writer stood before a value.
struct Before {
    start: usize,
    end: usize,
    depth: u32,
}

/// Takes text into the string that the writer has begun.
pub(super) struct Quoted<'w, 'a> {
    writer: &'w mut Writer<'a>,
    full: bool,
}

impl fmt::Write for Quoted<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.full = self.full || !push_escaped(self.writer.out, text, self.writer.soft - 1);
        if self.full { Err(fmt::Error) } else { Ok(()) }
    }
}
