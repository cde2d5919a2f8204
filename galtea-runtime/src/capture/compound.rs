//! Arrays and objects while they are being written.

#![expect(
    clippy::inline_always,
    reason = "where one of these stays a call, a compound lives in memory: a fifth of the time of a small struct"
)]

use serde::Serialize;
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::escape::push_escaped;
use super::stop::Stop;
use super::verbatim::{self, Verbatim};
use super::writer::{CUT, Level, State, Writer};

/// What `len` is when the user's code did not say.
const UNKNOWN: usize = usize::MAX;

/// An open array or object, or one of the two structs by which `serde_json` hands over text of its own.
///
/// All that goes wrong is handled by functions that get the frame by value: where no reference to it is made, it lives in
/// registers as long as all goes well.
pub struct Compound<'w, 'a> {
    writer: &'w mut Writer<'a>,
    frame: Frame,
    next: Next,
}

#[derive(Clone, Copy)]
struct Frame {
    shape: Shape,
    /// The object around it, which has the name of the variant as its only key, ends with it.
    in_variant: bool,
    /// How deep the writer is inside of it; less deep: it has been closed.
    depth: u32,
    /// How many elements have been begun.
    begun: usize,
    len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shape {
    Level(Level),
    Verbatim(Verbatim),
}

/// What a map waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    Key,
    Value,
    SecretValue,
}

impl<'w, 'a> Compound<'w, 'a> {
    #[inline]
    pub(super) fn open(writer: &'w mut Writer<'a>, level: Level, len: Option<usize>) -> Result<Self, Stop> {
        writer.open(level)?;
        Ok(Self::new(writer, Shape::Level(level), len.unwrap_or(UNKNOWN)))
    }

    #[inline]
    pub(super) fn verbatim(writer: &'w mut Writer<'a>, verbatim: Verbatim) -> Self {
        Self::new(writer, Shape::Verbatim(verbatim), 1)
    }

    #[inline(always)]
    fn new(writer: &'w mut Writer<'a>, shape: Shape, len: usize) -> Self {
        let frame = Frame { shape, in_variant: false, depth: writer.depth(), begun: 0, len };
        Self { writer, frame, next: Next::Key }
    }

    /// `{"variant":` and then the compound. Where the variant's name means a secret, the compound is never begun.
    pub(super) fn open_variant(
        writer: &'w mut Writer<'a>,
        variant: &'static str,
        level: Level,
        len: usize,
    ) -> Result<Self, Stop> {
        let mut object = Compound::open(&mut *writer, Level::Object, Some(1))?;
        if object.begin_entry(variant)? == Next::SecretValue {
            let masked = object.writer.masked();
            object.after(masked)?;
            object.close()?;
            return Err(writer.settled());
        }
        if let Err(stop) = writer.open(level) {
            writer.close_after_stop(Level::Object);
            return Err(stop);
        }
        let mut compound = Self::new(writer, Shape::Level(level), len);
        compound.frame.in_variant = true;
        Ok(compound)
    }

    #[inline]
    pub(super) fn element<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Stop> {
        self.comma()?;
        let done = value.serialize(&mut *self.writer);
        self.after(done)
    }

    #[inline]
    pub(super) fn entry<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
        let done = match self.begin_entry(name)? {
            Next::SecretValue => self.writer.masked(),
            _ => value.serialize(&mut *self.writer),
        };
        self.after(done)
    }

    #[inline(always)]
    fn begin_entry(&mut self, name: &'static str) -> Result<Next, Stop> {
        let Some(secret) = self.writer.key(self.frame.begun == 0, name) else { return Err(self.full()) };
        self.frame.begun += 1;
        Ok(if secret { Next::SecretValue } else { Next::Value })
    }

    #[inline(always)]
    fn comma(&mut self) -> Result<(), Stop> {
        if !self.writer.fits(1) {
            return Err(self.full());
        }
        if self.frame.begun > 0 {
            self.writer.out.push(',');
        }
        self.frame.begun += 1;
        Ok(())
    }

    /// What the compound does when one of its values has come back.
    #[inline(always)]
    fn after(&mut self, done: Result<(), Stop>) -> Result<(), Stop> {
        match done {
            Ok(()) => Ok(()),
            Err(stop) => self.frame.stopped(self.writer, stop),
        }
    }

    /// There is no room for the next element.
    #[inline(always)]
    fn full(&mut self) -> Stop {
        self.frame.full(self.writer)
    }

    #[inline(always)]
    pub(super) fn close(self) -> Result<(), Stop> {
        let Self { writer, frame, next } = self;
        match frame.shape {
            Shape::Level(level)
                if writer.state == State::Running && next == Next::Key && !frame.in_variant =>
            {
                writer.close(level);
                Ok(())
            }
            _ => frame.close_with_care(writer, next),
        }
    }

    #[inline]
    fn key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Stop> {
        if std::mem::replace(&mut self.next, Next::Key) != Next::Key {
            self.writer.out.push_str("null");
        }
        let before = self.writer.out.len();
        self.comma()?;
        let start = self.writer.out.len();
        if let Err(stop) = self.writer.value_of_key(key) {
            self.key_stopped(before, stop)?;
        }
        self.end_key(before, start)
    }

    #[cold]
    fn key_stopped(&mut self, before: usize, stop: Stop) -> Result<(), Stop> {
        if self.writer.state != State::Cut {
            return self.frame.stopped(self.writer, stop);
        }
        self.take_back_key(before);
        self.frame.close_cut(self.writer, true);
        Err(stop)
    }

    /// Half a key is no key.
    fn take_back_key(&mut self, before: usize) {
        self.writer.out.truncate(before);
        self.frame.begun -= 1;
    }

    /// A key is first written as the value it is. Mostly that is a string; any other value becomes one, by its JSON text.
    fn end_key(&mut self, before: usize, start: usize) -> Result<(), Stop> {
        if self.writer.out.as_bytes().get(start) != Some(&b'"') {
            self.quote_key(before, start)?;
        }
        let text = self.writer.out.get(start + 1..self.writer.out.len() - 1).unwrap_or_default();
        self.next = if self.writer.keys.names().is_secret(text) { Next::SecretValue } else { Next::Value };
        self.writer.out.push(':');
        Ok(())
    }

    fn quote_key(&mut self, before: usize, start: usize) -> Result<(), Stop> {
        let text = self.writer.out.split_off(start);
        let end = start + self.writer.room();
        self.writer.out.push('"');
        if !push_escaped(self.writer.out, &text, end.saturating_sub(2)) {
            self.take_back_key(before);
            return Err(self.full());
        }
        self.writer.out.push('"');
        Ok(())
    }

    #[inline]
    fn value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Stop> {
        let done = match std::mem::replace(&mut self.next, Next::Key) {
            Next::Value => value.serialize(&mut *self.writer),
            Next::SecretValue => self.writer.masked(),
            Next::Key => Err(Stop::because("a map's value without a key")),
        };
        self.after(done)
    }

    #[inline]
    fn field<T: ?Sized + Serialize>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
        match self.frame.shape {
            Shape::Level(_) => self.entry(name, value),
            Shape::Verbatim(verbatim) => {
                self.frame.begun += 1;
                self.frame.text_of_field(self.writer, verbatim, value)
            }
        }
    }
}

impl Frame {
    #[inline(never)]
    fn close_with_care(self, writer: &mut Writer<'_>, next: Next) -> Result<(), Stop> {
        if writer.state != State::Running {
            return Err(Stop::default());
        }
        // The user's code wrote a key and no value. There is always room for that much.
        if next != Next::Key || (self.begun == 0 && matches!(self.shape, Shape::Verbatim(_))) {
            writer.out.push_str("null");
        }
        if let Shape::Level(level) = self.shape {
            writer.close(level);
        }
        if self.in_variant {
            writer.close(Level::Object);
        }
        Ok(())
    }

    #[cold]
    #[inline(never)]
    fn text_of_field<T: ?Sized + Serialize>(
        self,
        writer: &mut Writer<'_>,
        verbatim: Verbatim,
        value: &T,
    ) -> Result<(), Stop> {
        // A second text would be a second value.
        let done = if self.begun == 1 { verbatim.write(writer, value) } else { Err(verbatim::not_text()) };
        done.or_else(|stop| self.stopped(writer, stop))
    }

    #[cold]
    #[inline(never)]
    fn stopped(self, writer: &mut Writer<'_>, stop: Stop) -> Result<(), Stop> {
        match writer.state {
            State::Settled => {
                writer.state = State::Running;
                return Ok(());
            }
            State::Running => writer.stop(State::Failed),
            State::Cut => self.close_cut(writer, self.begun < self.len),
            State::Failed => {}
        }
        Err(stop)
    }

    #[cold]
    #[inline(never)]
    fn full(self, writer: &mut Writer<'_>) -> Stop {
        if writer.state == State::Running {
            writer.stop(State::Cut);
            self.close_cut(writer, true);
        }
        Stop::default()
    }

    fn close_cut(self, writer: &mut Writer<'_>, lost: bool) {
        let Shape::Level(level) = self.shape else { return };
        if writer.depth() < self.depth {
            return;
        }
        if lost {
            self.mark(writer, level);
        }
        writer.close_after_stop(level);
        if self.in_variant {
            writer.close_after_stop(Level::Object);
        }
    }

    fn mark(self, writer: &mut Writer<'_>, level: Level) {
        // An item that was lost whole has its mark; the array's own says more.
        let in_place = level == Level::Array && writer.out.ends_with(CUT);
        if in_place {
            writer.out.truncate(writer.out.len() - CUT.len());
        }
        writer.mark_level(level, in_place || self.begun == 0, (self.len != UNKNOWN).then_some(self.len));
    }
}

/// All the ways in which serde speaks of elements come down to `element`, and of entries to `field`.
macro_rules! forward {
    ($($trait:ident::$method:ident($($name:ident: $type:ty)?) => $own:ident),+ $(,)?) => {$(
        impl $trait for Compound<'_, '_> {
            type Ok = ();
            type Error = Stop;

            #[inline]
            fn $method<T: ?Sized + Serialize>(&mut self, $($name: $type,)? value: &T) -> Result<(), Stop> {
                self.$own($($name,)? value)
            }

            #[inline]
            fn end(self) -> Result<(), Stop> {
                self.close()
            }
        }
    )+};
}

forward!(
    SerializeSeq::serialize_element() => element,
    SerializeTuple::serialize_element() => element,
    SerializeTupleStruct::serialize_field() => element,
    SerializeTupleVariant::serialize_field() => element,
    SerializeStruct::serialize_field(name: &'static str) => field,
    SerializeStructVariant::serialize_field(name: &'static str) => field,
);

impl SerializeMap for Compound<'_, '_> {
    type Ok = ();
    type Error = Stop;

    #[inline]
    fn serialize_key<T: ?Sized + Serialize>(&mut self, key: &T) -> Result<(), Stop> {
        self.key(key)
    }

    #[inline]
    fn serialize_value<T: ?Sized + Serialize>(&mut self, value: &T) -> Result<(), Stop> {
        self.value(value)
    }

    #[inline]
    fn end(self) -> Result<(), Stop> {
        self.close()
    }
}
