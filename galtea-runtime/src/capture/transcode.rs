//! Reading JSON text: to write it again within limits, and to take objects apart.

use std::cell::Cell;
use std::fmt;

use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct, Serializer};
use serde::{Serialize, ser};

use super::stop::Stop;
use super::writer::Writer;

/// By this name `serde_json` hands over numbers as text; the writer takes them as they stand.
pub(super) const NUMBER: &str = "$serde_json::private::Number";

/// Writes the JSON value that `text` is, by the writer's rules.
pub(super) fn write_json(writer: &mut Writer<'_>, text: &str) -> Result<(), Stop> {
    let reader = Reader::new(text);
    reader.value(&mut *writer)?;
    if reader.peek().is_some() { Err(not_json()) } else { Ok(()) }
}

/// The entries of objects that stand one after another, and how many objects there are; `None` when `text` is anything
/// else.
pub(super) fn entries(text: &str) -> Option<(usize, Vec<Entry<'_>>)> {
    let reader = Reader::new(text);
    let mut entries = Vec::new();
    let mut objects = 0;
    while reader.peek().is_some() {
        reader.entries_of_object(&mut entries).ok()?;
        objects += 1;
    }
    Some((objects, entries))
}

/// An entry of an object, both parts as they stand in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry<'j> {
    /// Without its quotes.
    pub(super) key: &'j str,
    pub(super) value: &'j str,
}

impl Entry<'_> {
    pub(super) fn name(&self) -> String {
        Unescaped(self.key).to_string()
    }
}

/// Whether `text` is a number that readers of JSON can be expected to take. Many refuse one beyond the range of `f64`.
pub(super) fn is_number_in_range(text: &str) -> bool {
    is_number(text) && text.parse::<f64>().is_ok_and(f64::is_finite)
}

/// Whether `text` is a number by JSON's grammar.
fn is_number(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (integer, rest) = split_digits(text);
    let integer_holds = integer == "0" || !(integer.is_empty() || integer.starts_with('0'));
    let (fraction_holds, rest) = match rest.strip_prefix('.').map(split_digits) {
        Some((fraction, rest)) => (!fraction.is_empty(), rest),
        None => (true, rest),
    };
    integer_holds && fraction_holds && (rest.is_empty() || is_exponent(rest))
}

fn is_exponent(text: &str) -> bool {
    let Some(text) = text.strip_prefix(['e', 'E']) else { return false };
    let (digits, rest) = split_digits(text.strip_prefix(['+', '-']).unwrap_or(text));
    !digits.is_empty() && rest.is_empty()
}

fn split_digits(text: &str) -> (&str, &str) {
    text.split_at(text.bytes().take_while(u8::is_ascii_digit).count())
}

fn not_json<E: ser::Error>() -> E {
    E::custom("invalid JSON text")
}

struct Reader<'j> {
    text: &'j str,
    at: Cell<usize>,
}

impl<'j> Reader<'j> {
    fn new(text: &'j str) -> Self {
        Self { text, at: Cell::new(0) }
    }

    /// The next byte that is no white space.
    fn peek(&self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at.get()..];
        let space = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        self.skip(space);
        rest.get(space).copied()
    }

    fn skip(&self, bytes: usize) {
        self.at.set(self.at.get() + bytes);
    }

    fn expect<E: ser::Error>(&self, byte: u8) -> Result<(), E> {
        if self.peek() == Some(byte) {
            self.skip(1);
            return Ok(());
        }
        Err(not_json())
    }

    fn value<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.peek() {
            Some(b'{') => self.object(serializer),
            Some(b'[') => self.array(serializer),
            Some(b'"') => Text(self.string()?).serialize(serializer),
            Some(_) => self.word(serializer),
            None => Err(not_json()),
        }
    }

    fn word<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.take_word() {
            "null" => serializer.serialize_unit(),
            "true" => serializer.serialize_bool(true),
            "false" => serializer.serialize_bool(false),
            number if is_number(number) => {
                let mut verbatim = serializer.serialize_struct(NUMBER, 1)?;
                verbatim.serialize_field(NUMBER, number)?;
                verbatim.end()
            }
            _ => Err(not_json()),
        }
    }

    fn take_word(&self) -> &'j str {
        let start = self.at.get();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        self.skip(self.text.as_bytes()[start..].iter().take_while(|&byte| is_part(byte)).count());
        &self.text[start..self.at.get()]
    }

    fn array<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut array = serializer.serialize_seq(None)?;
        let mut first = true;
        self.skip(1);
        while self.has_another(b']', &mut first)? {
            self.read_by(|value| array.serialize_element(value))?;
        }
        array.end()
    }

    fn object<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(None)?;
        let mut first = true;
        self.skip(1);
        while self.has_another(b'}', &mut first)? {
            object.serialize_key(&Text(self.string()?))?;
            self.expect(b':')?;
            self.read_by(|value| object.serialize_value(value))?;
        }
        object.end()
    }

    /// Steps over the comma before the next element, or over the closing bracket.
    fn has_another<E: ser::Error>(&self, closer: u8, first: &mut bool) -> Result<bool, E> {
        if self.peek() == Some(closer) {
            self.skip(1);
            return Ok(false);
        }
        if !std::mem::take(first) {
            self.expect(b',')?;
        }
        Ok(true)
    }

    /// A value that `write` left out, because it is a secret or too deep, is stepped over.
    fn read_by<E: ser::Error>(&self, write: impl FnOnce(&Value<'_, 'j>) -> Result<(), E>) -> Result<(), E> {
        let start = self.at.get();
        let value = Value { reader: self, read: Cell::new(false) };
        write(&value)?;
        if !value.read.get() {
            self.at.set(start);
            self.skip_value()?;
        }
        Ok(())
    }

    /// The text between quotes, escapes as they stand.
    fn string<E: ser::Error>(&self) -> Result<&'j str, E> {
        self.expect(b'"')?;
        let start = self.at.get();
        let bytes = self.text.as_bytes();
        let mut at = start;
        loop {
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => at += 2,
                Some(_) => at += 1,
                None => return Err(not_json()),
            }
        }
        self.at.set(at + 1);
        self.text.get(start..at).ok_or_else(not_json)
    }

    /// Does not descend, so that no nesting is too deep for it.
    fn skip_value<E: ser::Error>(&self) -> Result<(), E> {
        let mut depth = 0_usize;
        loop {
            match self.peek() {
                Some(b'{' | b'[') => {
                    depth += 1;
                    self.skip(1);
                }
                Some(b'}' | b']') => {
                    depth = depth.checked_sub(1).ok_or_else(not_json)?;
                    self.skip(1);
                }
                Some(b'"') => drop(self.string()?),
                Some(b',' | b':') if depth > 0 => self.skip(1),
                _ if self.take_word().is_empty() => return Err(not_json()),
                _ => {}
            }
            if depth == 0 {
                return Ok(());
            }
        }
    }

    fn entries_of_object(&self, entries: &mut Vec<Entry<'j>>) -> Result<(), Stop> {
        let mut first = true;
        self.expect(b'{')?;
        while self.has_another(b'}', &mut first)? {
            let key = self.string()?;
            self.expect(b':')?;
            self.peek();
            let start = self.at.get();
            self.skip_value()?;
            entries.push(Entry { key, value: &self.text[start..self.at.get()] });
        }
        Ok(())
    }
}

/// The value at which the reader stands; serializing it moves the reader on.
struct Value<'r, 'j> {
    reader: &'r Reader<'j>,
    read: Cell<bool>,
}

impl Serialize for Value<'_, '_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let done = self.reader.value(serializer)?;
        self.read.set(true);
        Ok(done)
    }
}

/// A string as it stands between quotes.
struct Text<'j>(&'j str);

impl Serialize for Text<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.contains('\\') {
            serializer.collect_str(&Unescaped(self.0))
        } else {
            serializer.serialize_str(self.0)
        }
    }
}

/// Reads escapes as it is displayed.
struct Unescaped<'j>(&'j str);

impl fmt::Display for Unescaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some((before, escape)) = rest.split_once('\\') {
            f.write_str(before)?;
            let (character, after) = read_escape(escape);
            fmt::Write::write_char(f, character)?;
            rest = after;
        }
        f.write_str(rest)
    }
}

/// What stands behind a backslash, and the text after it.
fn read_escape(text: &str) -> (char, &str) {
    let mut chars = text.chars();
    let character = match chars.next() {
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('u') => return read_code(chars.as_str()),
        Some(other) => other,
        None => char::REPLACEMENT_CHARACTER,
    };
    (character, chars.as_str())
}

/// Four hex digits, or eight and a second `\u` for a character outside the basic plane.
fn read_code(text: &str) -> (char, &str) {
    let Some((high, after)) = read_hex(text) else { return (char::REPLACEMENT_CHARACTER, text) };
    let low = after.strip_prefix("\\u").and_then(read_hex);
    let pair = low.and_then(|(low, after)| Some((char::decode_utf16([high, low]).next()?.ok()?, after)));
    match char::from_u32(high.into()) {
        Some(character) => (character, after),
        None => pair.unwrap_or((char::REPLACEMENT_CHARACTER, after)),
    }
}

fn read_hex(text: &str) -> Option<(u16, &str)> {
    let (digits, after) = text.split_at_checked(4)?;
    Some((u16::from_str_radix(digits, 16).ok()?, after))
}
