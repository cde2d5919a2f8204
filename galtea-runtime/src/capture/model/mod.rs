//! Values of every shape, to try capture with: for its property tests and its fuzz target.

#[cfg(feature = "__internals")]
mod bytes;

use std::fmt::{self, Debug, Display};

use serde::Serialize;
use serde::ser::{
    Error as _, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};
use serde_json::Value;

use super::{CapturePolicy, Dynamic, ObjectWriter, finish_merged, write_value, write_value_debug};

/// Stands under secret names, and must not be found in what was captured.
pub(crate) const PLANT: &str = "hunter2-planted";

/// Names that mean nothing in particular; some are hard to write.
pub(crate) const NAMES: [&str; 12] = [
    "a",
    "b",
    "user_id",
    "max_tokens",
    "tokens",
    "passage",
    "",
    "…",
    "with \"quotes\"",
    "nul\0",
    "value",
    "Ünïcödé",
];
/// Names that mean a secret.
pub(crate) const SECRETS: [&str; 6] =
    ["password", "apiKey", "Secret", "OPENAI_API_KEY", "auth_token", "Token"];

/// A value, by what it tells a serializer.
#[derive(Clone)]
pub(crate) enum Model {
    Unit,
    Bool(bool),
    I8(i8),
    I64(i64),
    U64(u64),
    I128(i128),
    U128(u128),
    F32(f32),
    F64(f64),
    Char(char),
    Text(String),
    Displayed(String),
    Bytes(Vec<u8>),
    None,
    Some(Box<Model>),
    /// With the length it announces, if any.
    Seq(Vec<Model>, Option<usize>),
    Tuple(Vec<Model>),
    Map(Vec<(Model, Model)>, Option<usize>),
    Newtype(&'static str, Box<Model>),
    TupleStruct(&'static str, Vec<Model>),
    Struct(&'static str, Vec<(&'static str, Model)>),
    UnitVariant(&'static str),
    NewtypeVariant(&'static str, Box<Model>),
    TupleVariant(&'static str, Vec<Model>),
    StructVariant(&'static str, Vec<(&'static str, Model)>),
    /// JSON text, or what is passed off as it, under a token of `serde_json`.
    Verbatim(&'static str, String),
    Fails(String),
    Panics,
    /// So many arrays inside each other.
    Deep(u32),
}

impl Serialize for Model {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Seq(..) | Self::Tuple(_) | Self::TupleStruct(..) | Self::TupleVariant(..) => {
                self.serialize_elements(serializer)
            }
            Self::Map(..) | Self::Struct(..) | Self::StructVariant(..) | Self::Verbatim(..) => {
                self.serialize_entries(serializer)
            }
            Self::Some(value) => serializer.serialize_some(value),
            Self::Newtype(name, value) => serializer.serialize_newtype_struct(name, value),
            Self::NewtypeVariant(variant, value) => {
                serializer.serialize_newtype_variant("Model", 0, variant, value)
            }
            Self::Fails(message) => Err(S::Error::custom(message)),
            // Unlike `panic!`, this says nothing on standard error.
            Self::Panics => std::panic::resume_unwind(Box::new("panics")),
            Self::Deep(0) => serializer.serialize_unit(),
            Self::Deep(depth) => serializer.collect_seq([Self::Deep(depth - 1)]),
            _ => self.serialize_scalar(serializer),
        }
    }
}

impl Model {
    fn serialize_scalar<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::I8(value) => serializer.serialize_i8(*value),
            Self::I64(value) => serializer.serialize_i64(*value),
            Self::U64(value) => serializer.serialize_u64(*value),
            Self::I128(value) => serializer.serialize_i128(*value),
            Self::U128(value) => serializer.serialize_u128(*value),
            Self::F32(value) => serializer.serialize_f32(*value),
            Self::F64(value) => serializer.serialize_f64(*value),
            Self::Char(value) => serializer.serialize_char(*value),
            Self::Text(value) => serializer.serialize_str(value),
            Self::Displayed(value) => serializer.collect_str(&ByCharacter(value)),
            Self::Bytes(value) => serializer.serialize_bytes(value),
            Self::None => serializer.serialize_none(),
            Self::UnitVariant(variant) => serializer.serialize_unit_variant("Model", 0, variant),
            _ => serializer.serialize_unit(),
        }
    }

    fn serialize_elements<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Tuple(values) => {
                let mut tuple = serializer.serialize_tuple(values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_element(value))?;
                tuple.end()
            }
            Self::TupleStruct(name, values) => {
                let mut tuple = serializer.serialize_tuple_struct(name, values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_field(value))?;
                tuple.end()
            }
            Self::TupleVariant(variant, values) => {
                let mut tuple = serializer.serialize_tuple_variant("Model", 0, variant, values.len())?;
                values.iter().try_for_each(|value| tuple.serialize_field(value))?;
                tuple.end()
            }
            Self::Seq(values, len) => {
                let mut seq = serializer.serialize_seq(*len)?;
                values.iter().try_for_each(|value| seq.serialize_element(value))?;
                seq.end()
            }
            _ => serializer.serialize_unit(),
        }
    }

    fn serialize_entries<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Struct(name, fields) => {
                let mut object = serializer.serialize_struct(name, fields.len())?;
                fields.iter().try_for_each(|(name, value)| object.serialize_field(name, value))?;
                object.end()
            }
            Self::StructVariant(variant, fields) => {
                let mut object = serializer.serialize_struct_variant("Model", 0, variant, fields.len())?;
                fields.iter().try_for_each(|(name, value)| object.serialize_field(name, value))?;
                object.end()
            }
            Self::Verbatim(token, text) => {
                let mut object = serializer.serialize_struct(token, 1)?;
                object.serialize_field(token, text)?;
                object.end()
            }
            Self::Map(entries, len) => {
                let mut map = serializer.serialize_map(*len)?;
                entries.iter().try_for_each(|(key, value)| map.serialize_entry(key, value))?;
                map.end()
            }
            _ => serializer.serialize_unit(),
        }
    }
}

/// The forms that `#[derive(Debug)]` and the standard collections have.
impl Debug for Model {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => Debug::fmt(value, f),
            Self::I8(value) => Debug::fmt(value, f),
            Self::I64(value) => Debug::fmt(value, f),
            Self::U64(value) => Debug::fmt(value, f),
            Self::I128(value) => Debug::fmt(value, f),
            Self::U128(value) => Debug::fmt(value, f),
            Self::F32(value) => Debug::fmt(value, f),
            Self::F64(value) => Debug::fmt(value, f),
            Self::Char(value) => Debug::fmt(value, f),
            Self::Text(value) | Self::Displayed(value) => Debug::fmt(value, f),
            Self::Bytes(value) => Debug::fmt(value, f),
            Self::Some(value) => f.debug_tuple("Some").field(value).finish(),
            Self::None => f.write_str("None"),
            Self::UnitVariant(name) => f.write_str(identifier(name)),
            Self::Fails(_) => Err(fmt::Error),
            Self::Panics => std::panic::resume_unwind(Box::new("panics")),
            Self::Deep(0) | Self::Unit | Self::Verbatim(..) => f.write_str("()"),
            Self::Deep(depth) => f.debug_list().entry(&Self::Deep(depth - 1)).finish(),
            _ => self.fmt_compound(f),
        }
    }
}

impl Model {
    fn fmt_compound(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Seq(values, _) => f.debug_list().entries(values).finish(),
            Self::Tuple(values) => fmt_tuple(f, "", values),
            Self::TupleStruct(name, values) | Self::TupleVariant(name, values) => fmt_tuple(f, name, values),
            Self::Newtype(name, value) | Self::NewtypeVariant(name, value) => {
                f.debug_tuple(identifier(name)).field(value).finish()
            }
            Self::Struct(name, fields) | Self::StructVariant(name, fields) => {
                let mut object = f.debug_struct(identifier(name));
                fields
                    .iter()
                    .fold(&mut object, |object, (name, value)| object.field(identifier(name), value))
                    .finish()
            }
            Self::Map(entries, _) => {
                f.debug_map().entries(entries.iter().map(|(key, value)| (key, value))).finish()
            }
            _ => Ok(()),
        }
    }
}

fn fmt_tuple(f: &mut fmt::Formatter<'_>, name: &'static str, values: &[Model]) -> fmt::Result {
    let mut tuple = f.debug_tuple(identifier(name));
    values.iter().fold(&mut tuple, |tuple, value| tuple.field(value)).finish()
}

/// No type, field or variant has another kind of name.
fn identifier(name: &'static str) -> &'static str {
    if name.chars().all(|c| c.is_alphanumeric() || c == '_') { name } else { "other" }
}

/// Displays text in the smallest pieces.
struct ByCharacter<'t>(&'t str);

impl Display for ByCharacter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| fmt::Write::write_char(f, character))
    }
}

/// [`check`] for the value that `data` describes.
#[cfg(feature = "__internals")]
pub(crate) fn check_bytes(data: &[u8]) {
    let mut source = bytes::Source(data);
    let limit = source.limit();
    check(&source.model(), limit);
}

/// Captures `model` in every way and holds what comes out against what is promised.
///
/// # Panics
///
/// When a promise is broken.
pub(crate) fn check(model: &Model, limit: usize) {
    let policy = CapturePolicy::default().with_field_limit(limit);
    let ways: [&dyn Fn(&mut String) -> bool; 5] = [
        &|out| write_value(out, &policy, model),
        &|out| write_value_debug(out, &policy, model),
        &|out| write_value_debug(out, &policy, &format_args!("{model:#?}")),
        &|out| {
            let mut object = ObjectWriter::new(out, &policy);
            object.serialize("first", model);
            object.debug("second", model);
            object.serialize(Dynamic("with \"quotes\""), model);
            object.serialize("password", model);
            object.text("last", "text");
            object.finish()
        },
        &|out| {
            let base = out.len();
            for name in NAMES {
                let mut piece = ObjectWriter::new(out, &policy);
                piece.serialize(name, model);
                piece.serialize("again", model);
                piece.finish_part();
            }
            finish_merged(out, base, &policy)
        },
    ];
    for write in ways {
        check_text(write, limit);
    }
}

fn check_text(write: &dyn Fn(&mut String) -> bool, limit: usize) {
    let mut out = "before".to_owned();
    let written = write(&mut out);
    let text = out.strip_prefix("before").unwrap_or("what stood there has gone");
    assert_eq!(written, !text.is_empty());
    assert!(text.len() <= limit, "{} bytes of {limit}: {text}", text.len());
    assert!(!text.contains(PLANT), "a secret: {text}");
    let value = serde_json::from_str::<Value>(text);
    assert!(text.is_empty() || matches!(value, Ok(Value::Object(_))), "no object: {text}: {value:?}");
    assert!(limit < 32 || written, "nothing was written");
}
