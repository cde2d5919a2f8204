//! Masking secrets in `Debug` text while it is being written.

use std::fmt::{self, Write};

use super::secrets::SecretNames;

const MASKED: &str = "[masked]";
const MASKED_IN_BRACES: &str = " [masked]";
const TOO_DEEP: &str = "…[nested too deep]";
const TOO_LONG: &str = "…[truncated]";
/// Brackets inside brackets: a `Debug` that descends further is stopped before the stack is.
const MAX_DEPTH: u32 = 128;
/// Of a longer name, the end is looked at.
const MAX_NAME: usize = 128;

/// Passes `Debug` text on, with `[masked]` where the text shows a value under a name that means a secret.
///
/// It knows the forms that `#[derive(Debug)]` and the standard collections write, on one line or on many:
///
/// ```text
/// password: "x"             →  password: [masked]          a field, up to the comma or bracket that ends it
/// {"password": Some("x")}   →  {"password": [masked]}      a key of a map, in quotes or not
/// Password("x")             →  Password([masked])          a tuple struct or variant, up to its bracket
/// Password { value: "x" }   →  Password { [masked] }       a struct or variant
/// ```
///
/// `name=value` counts as `name: value`; `path::segment` does not. Strings and characters are stepped over as a whole,
/// so brackets and commas in them end nothing, and what they contain is not looked at. In a `Debug` of another make,
/// text after a secret name is masked up to the next comma or closing bracket: rather too much than too little.
pub(super) struct Scrubber<'w, 'n, W> {
    inner: &'w mut W,
    names: &'n SecretNames,
    name: Name,
    lex: Lex,
    mode: Mode,
    depth: u32,
    /// Bytes that may still be left out, so that an endless secret comes to an end too.
    budget: usize,
    stopped: bool,
    after_space: bool,
}

/// What kind of token the next byte belongs to.
#[derive(Clone, Copy)]
enum Lex {
    Code,
    Text,
    TextEscape,
    /// Behind a `'`, which may begin a character or be an apostrophe.
    Char,
    /// Behind `'` and this byte.
    CharEnd(u8),
    CharEscape,
    CharEscapeEnd,
}

#[derive(Clone, Copy)]
enum Mode {
    Copy,
    /// Behind a secret name and this byte, before the value.
    Assign(u8),
    /// Up to the bracket that closes this depth, or up to a comma there.
    Skip {
        floor: u32,
        comma_ends: bool,
    },
}

/// What a byte means for the text that is passed on.
enum Step {
    Go,
    MaskBefore,
    MaskAfter(&'static str),
    Resume,
    Stop(&'static str),
}

impl<'w, 'n, W: Write> Scrubber<'w, 'n, W> {
    /// Writes `text` to `inner`. `budget` is how many bytes of secrets may be stepped over before the text is cut.
    ///
    /// # Errors
    ///
    /// When `inner` or the formatting fails.
    pub(super) fn write(
        inner: &'w mut W,
        names: &'n SecretNames,
        budget: usize,
        text: fmt::Arguments<'_>,
    ) -> fmt::Result {
        let mut scrubber = Self {
            inner,
            names,
            name: Name::default(),
            lex: Lex::Code,
            mode: Mode::Copy,
            depth: 0,
            budget,
            stopped: false,
            after_space: false,
        };
        let done = scrubber.write_fmt(text);
        if scrubber.stopped { Ok(()) } else { done }
    }

    fn copies(&self) -> bool {
        !matches!(self.mode, Mode::Skip { .. })
    }

    fn step(&mut self, byte: u8) -> Step {
        if let Mode::Skip { .. } = self.mode {
            let Some(budget) = self.budget.checked_sub(1) else { return Step::Stop(TOO_LONG) };
            self.budget = budget;
        }
        match self.lex {
            Lex::Code => self.code(byte),
            Lex::Text | Lex::TextEscape => self.text(byte),
            _ => self.character(byte),
        }
    }

    fn text(&mut self, byte: u8) -> Step {
        self.lex = match (self.lex, byte) {
            (Lex::Text, b'"') => Lex::Code,
            (Lex::Text, b'\\') => Lex::TextEscape,
            _ => Lex::Text,
        };
        if matches!(self.lex, Lex::Text) {
            self.name.push(byte);
        }
        Step::Go
    }

    fn character(&mut self, byte: u8) -> Step {
        self.lex = match (self.lex, byte) {
            (Lex::Char, b'\\') => Lex::CharEscape,
            (Lex::Char, b'\'') => Lex::Code,
            (Lex::Char, _) => Lex::CharEnd(byte),
            (Lex::CharEscape, _) => Lex::CharEscapeEnd,
            (_, b'\'') => Lex::Code,
            (Lex::CharEnd(_), 0x80..0xc0) | (Lex::CharEscapeEnd, b'{' | b'}') => self.lex,
            (Lex::CharEscapeEnd, _) if byte.is_ascii_hexdigit() => self.lex,
            (Lex::CharEnd(skipped), _) => return self.apostrophe(skipped, byte),
            _ => return self.apostrophe(b' ', byte),
        };
        Step::Go
    }

    /// It was no character after all: `skipped` and `byte` mean what they mean elsewhere.
    fn apostrophe(&mut self, skipped: u8, byte: u8) -> Step {
        self.lex = if skipped == b'"' { Lex::Text } else { Lex::Code };
        if matches!(skipped, b'(' | b'[' | b'{') {
            self.depth += 1;
        }
        if skipped == b'"' { self.text(byte) } else { self.code(byte) }
    }

    fn code(&mut self, byte: u8) -> Step {
        match self.mode {
            Mode::Copy => self.copied_code(byte),
            Mode::Assign(sign) => self.assigned(sign, byte),
            Mode::Skip { floor, comma_ends } => self.skipped_code(byte, floor, comma_ends),
        }
    }

    fn copied_code(&mut self, byte: u8) -> Step {
        match byte {
            b'(' | b'[' | b'{' => return self.open(byte),
            b')' | b']' | b'}' => self.close(byte),
            b':' | b'=' => {
                if self.name.is_secret(self.names) {
                    self.mode = Mode::Assign(byte);
                }
                self.name.clear();
            }
            b'"' => {
                self.lex = Lex::Text;
                self.name.begin(true);
            }
            b'\'' => {
                self.lex = Lex::Char;
                self.name.clear();
            }
            b' ' if self.name.end == End::Open => self.name.end = End::Space,
            b' ' => {}
            // In the form on many lines, a comma may stand between a key and its bracket.
            b',' | b'\n' => self.name.end = End::Comma,
            b'_' | b'-' | b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | 0x80.. => self.name.push_word(byte),
            _ => self.name.clear(),
        }
        Step::Go
    }

    fn open(&mut self, byte: u8) -> Step {
        let names_value = match byte {
            b'(' => !self.name.quoted && self.name.end == End::Open,
            b'{' => !self.name.quoted && self.name.end != End::Comma,
            _ => false,
        };
        let secret = names_value && self.name.is_secret(self.names);
        self.name.clear();
        if self.depth == MAX_DEPTH {
            return Step::Stop(TOO_DEEP);
        }
        self.depth += 1;
        if !secret {
            return Step::Go;
        }
        self.mode = Mode::Skip { floor: self.depth, comma_ends: false };
        Step::MaskAfter(if byte == b'{' { MASKED_IN_BRACES } else { MASKED })
    }

    /// A name in brackets may still be a key: `Key("password"): "x"`.
    fn close(&mut self, byte: u8) {
        self.depth = self.depth.saturating_sub(1);
        if byte == b')' {
            self.name.end = End::Comma;
        } else {
            self.name.clear();
        }
    }

    fn assigned(&mut self, sign: u8, byte: u8) -> Step {
        match (sign, byte) {
            (b':', b':') => self.mode = Mode::Copy,
            (_, b' ' | b'\n' | b'\t' | b'=' | b'>') => {}
            (_, b',' | b')' | b']' | b'}') => {
                self.mode = Mode::Copy;
                return self.copied_code(byte);
            }
            _ => {
                self.mode = Mode::Skip { floor: self.depth, comma_ends: true };
                return match self.skipped_code(byte, self.depth, true) {
                    Step::Go => Step::MaskBefore,
                    step => step,
                };
            }
        }
        Step::Go
    }

    fn skipped_code(&mut self, byte: u8, floor: u32, comma_ends: bool) -> Step {
        match byte {
            b'(' | b'[' | b'{' if self.depth == MAX_DEPTH => return Step::Stop(TOO_DEEP),
            b'(' | b'[' | b'{' => self.depth += 1,
            b')' | b']' | b'}' if self.depth > floor => self.depth -= 1,
            b')' | b']' | b'}' => return self.resume(byte),
            b',' if comma_ends && self.depth == floor => return self.resume(byte),
            b'"' => self.lex = Lex::Text,
            b'\'' => self.lex = Lex::Char,
            _ => {}
        }
        Step::Go
    }

    fn resume(&mut self, byte: u8) -> Step {
        self.mode = Mode::Copy;
        self.name.clear();
        self.copied_code(byte);
        Step::Resume
    }

    fn stop(&mut self, note: &str) -> fmt::Result {
        self.inner.write_str(note)?;
        self.stopped = true;
        Err(fmt::Error)
    }
}

impl<W: Write> Write for Scrubber<'_, '_, W> {
    /// Passes whole runs on. Each place at which a run begins or ends is before or behind an ASCII byte, or before the
    /// first byte of a value: always between characters.
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.stopped {
            return Err(fmt::Error);
        }
        let mut start = 0;
        for (at, byte) in text.bytes().enumerate() {
            let copied = self.copies();
            match self.step(byte) {
                Step::Go => {}
                Step::Resume => {
                    start = at;
                    if byte != b',' && self.after_space {
                        self.inner.write_str(" ")?;
                    }
                }
                Step::MaskBefore => {
                    self.inner.write_str(&text[start..at])?;
                    self.inner.write_str(MASKED)?;
                }
                Step::MaskAfter(mask) => {
                    self.inner.write_str(&text[start..=at])?;
                    self.inner.write_str(mask)?;
                }
                Step::Stop(note) => {
                    if copied {
                        self.inner.write_str(&text[start..at])?;
                    }
                    return self.stop(note);
                }
            }
            self.after_space = byte == b' ';
        }
        if self.copies() { self.inner.write_str(&text[start..]) } else { Ok(()) }
    }
}

/// The last name that was passed on: a word, or the contents of a string.
struct Name {
    bytes: [u8; MAX_NAME],
    len: usize,
    quoted: bool,
    end: End,
}

/// What has followed the name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    /// Nothing: the next byte of a word belongs to it.
    Open,
    Space,
    Comma,
}

impl Default for Name {
    fn default() -> Self {
        Self { bytes: [0; MAX_NAME], len: 0, quoted: false, end: End::Open }
    }
}

impl Name {
    fn begin(&mut self, quoted: bool) {
        self.len = 0;
        self.quoted = quoted;
        self.end = End::Open;
    }

    fn clear(&mut self) {
        self.begin(false);
    }

    fn push_word(&mut self, byte: u8) {
        if self.quoted || self.end != End::Open {
            self.clear();
        }
        self.push(byte);
    }

    fn push(&mut self, byte: u8) {
        if self.len == MAX_NAME {
            self.bytes.copy_within(MAX_NAME / 2.., 0);
            self.len = MAX_NAME / 2;
        }
        self.bytes[self.len] = byte;
        self.len += 1;
    }

    fn is_secret(&self, names: &SecretNames) -> bool {
        names.has_secret_words(&self.bytes[..self.len])
    }
}
