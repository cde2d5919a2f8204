//! [`Writer`] as a `serde::Serializer`: the same JSON that `serde_json` writes, but bounded, scrubbed, and without the
//! values that `serde_json` refuses.

use std::fmt::{self, Write as _};

use serde::Serialize;
use serde::ser::Serializer;

use super::compound::Compound;
use super::decimal::Thousandths;
use super::stop::Stop;
use super::verbatim::Verbatim;
use super::writer::{Level, Writer};

/// Writes an integer through a buffer on the stack.
macro_rules! integers {
    ($($method:ident: $type:ty),+) => {$(
        #[inline]
        fn $method(self, value: $type) -> Result<(), Stop> {
            self.scalar(itoa::Buffer::new().format(value))
        }
    )+};
}

impl Writer<'_> {
    /// JSON has no word for floats that are no numbers, so they become strings.
    fn float(&mut self, value: impl zmij::Float, wide: f64) -> Result<(), Stop> {
        if wide.is_finite() {
            self.scalar(zmij::Buffer::new().format_finite(value))
        } else {
            self.scalar(not_a_number(wide))
        }
    }
}

fn not_a_number(value: f64) -> &'static str {
    if value.is_nan() {
        "\"NaN\""
    } else if value > 0.0 {
        "\"Infinity\""
    } else {
        "\"-Infinity\""
    }
}

impl<'w, 'a> Serializer for &'w mut Writer<'a> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = Compound<'w, 'a>;
    type SerializeTuple = Compound<'w, 'a>;
    type SerializeTupleStruct = Compound<'w, 'a>;
    type SerializeTupleVariant = Compound<'w, 'a>;
    type SerializeMap = Compound<'w, 'a>;
    type SerializeStruct = Compound<'w, 'a>;
    type SerializeStructVariant = Compound<'w, 'a>;

    integers!(
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64, serialize_i128: i128,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64, serialize_u128: u128
    );
    fn serialize_f32(self, value: f32) -> Result<(), Stop> {
        self.float(value, f64::from(value))
    }

    fn serialize_f64(self, value: f64) -> Result<(), Stop> {
        match Thousandths::of(value) {
            Some(thousandths) => thousandths.write(self),
            None => self.float(value, value),
        }
    }

    #[inline]
    fn serialize_bool(self, value: bool) -> Result<(), Stop> {
        self.scalar(if value { "true" } else { "false" })
    }

    fn serialize_char(self, value: char) -> Result<(), Stop> {
        self.string(value.encode_utf8(&mut [0; 4]))
    }

    #[inline]
    fn serialize_str(self, value: &str) -> Result<(), Stop> {
        self.string(value)
    }

    /// Goes straight into the text, so that a long one is cut while it is being formatted.
    fn collect_str<T: ?Sized + fmt::Display>(self, value: &T) -> Result<(), Stop> {
        self.stream(|text| write!(text, "{value}"))
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Stop> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Stop> {
        self.serialize_unit()
    }

    #[inline]
    fn serialize_some<T: ?Sized + Serialize>(self, value: &T) -> Result<(), Stop> {
        self.wrapped(value)
    }

    fn serialize_unit(self) -> Result<(), Stop> {
        self.scalar("null")
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Stop> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
    ) -> Result<(), Stop> {
        self.string(variant)
    }

    fn serialize_newtype_struct<T>(self, name: &'static str, value: &T) -> Result<(), Stop>
    where
        T: ?Sized + Serialize,
    {
        if self.keys.is_secret(name) { self.masked() } else { self.wrapped(value) }
    }

    fn serialize_newtype_variant<T>(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Stop>
    where
        T: ?Sized + Serialize,
    {
        let mut object = Compound::open(self, Level::Object, Some(1))?;
        object.entry(variant, value)?;
        object.close()
    }

    #[inline]
    fn serialize_seq(self, len: Option<usize>) -> Result<Compound<'w, 'a>, Stop> {
        Compound::open(self, Level::Array, len)
    }

    #[inline]
    fn serialize_tuple(self, len: usize) -> Result<Compound<'w, 'a>, Stop> {
        Compound::open(self, Level::Array, Some(len))
    }

    #[inline]
    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<Compound<'w, 'a>, Stop> {
        if self.keys.is_secret(name) {
            self.masked()?;
            return Err(self.settled());
        }
        Compound::open(self, Level::Array, Some(len))
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'w, 'a>, Stop> {
        Compound::open_variant(self, variant, Level::Array, len)
    }

    #[inline]
    fn serialize_map(self, len: Option<usize>) -> Result<Compound<'w, 'a>, Stop> {
        Compound::open(self, Level::Object, len)
    }

    #[inline]
    fn serialize_struct(self, name: &'static str, len: usize) -> Result<Compound<'w, 'a>, Stop> {
        match Verbatim::of(name) {
            None => Compound::open(self, Level::Object, Some(len)),
            Some(verbatim) => Ok(Compound::verbatim(self, verbatim)),
        }
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Compound<'w, 'a>, Stop> {
        Compound::open_variant(self, variant, Level::Object, len)
    }
}
