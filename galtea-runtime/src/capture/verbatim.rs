//! Text that `serde_json` hands over as a struct with a name of its own, for a serializer that knows it.

use std::fmt::{self, Write as _};

use serde::Serialize;

use super::stop::Stop;
use super::transcode;
use super::writer::Writer;

const RAW_VALUE: &str = "$serde_json::private::RawValue";

/// Text that stands for something else than a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verbatim {
    /// `serde_json::Number`, with its feature `arbitrary_precision`.
    Number,
    /// `serde_json::value::RawValue`.
    Json,
}

impl Verbatim {
    #[inline]
    pub(super) fn of(name: &str) -> Option<Self> {
        if name.as_bytes().first() == Some(&b'$') { Self::of_token(name) } else { None }
    }

    fn of_token(name: &str) -> Option<Self> {
        match name {
            transcode::NUMBER => Some(Self::Number),
            RAW_VALUE => Some(Self::Json),
            _ => None,
        }
    }

    /// Writes the one field of such a struct.
    pub(super) fn write<T: ?Sized + Serialize>(self, writer: &mut Writer<'_>, field: &T) -> Result<(), Stop> {
        let mut taker = Taker { writer, verbatim: self, done: None };
        match (write!(taker, "{}", Shown(field)), taker.done) {
            (Ok(()), Some(done)) => done,
            _ => Err(not_text()),
        }
    }
}

pub(super) fn not_text() -> Stop {
    Stop::because("text of JSON that is no string")
}

/// A value by serde's own `Display` serializer, which for a string is one piece of text: the string.
struct Shown<'v, T: ?Sized>(&'v T);

impl<T: ?Sized + Serialize> fmt::Display for Shown<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.serialize(f)
    }
}

/// Writes the one piece of text that it is given as what it stands for.
struct Taker<'w, 'a> {
    writer: &'w mut Writer<'a>,
    verbatim: Verbatim,
    done: Option<Result<(), Stop>>,
}

impl fmt::Write for Taker<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.done.is_some() {
            return Err(fmt::Error);
        }
        self.done = Some(match self.verbatim {
            Verbatim::Number if transcode::is_number_in_range(text) => self.writer.scalar(text),
            Verbatim::Number => self.writer.string(text),
            Verbatim::Json => transcode::write_json(self.writer, text),
        });
        Ok(())
    }
}
