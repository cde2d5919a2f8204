//! Values from bytes: every input of a fuzzer is some value, and a small change of the input a small change of it.

use super::{Model, NAMES, PLANT, SECRETS};

/// Levels of a value, [`Model::Deep`] aside.
const MAX_DEPTH: u32 = 12;
/// Elements of one compound value.
const MAX_LEN: u8 = 9;

/// Reads values off a slice; at its end there are only zeros.
pub(crate) struct Source<'d>(pub(crate) &'d [u8]);

impl<'d> Source<'d> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        first
    }

    fn below(&mut self, end: u8) -> u8 {
        self.byte() % end
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.byte())
    }

    fn slice(&mut self) -> &'d [u8] {
        let len = usize::from(self.byte()).min(self.0.len());
        let (slice, rest) = self.0.split_at(len);
        self.0 = rest;
        slice
    }

    /// A limit in bytes, mostly one that is met.
    pub(crate) fn limit(&mut self) -> usize {
        match u16::from_le_bytes(self.bytes()) {
            u16::MAX => usize::MAX,
            limit => usize::from(limit % 3000),
        }
    }

    fn text(&mut self) -> String {
        let times = if self.byte() == 255 { 50 } else { 1 };
        let text = String::from_utf8_lossy(self.slice()).repeat(times);
        // A fuzzer sees what its input is compared with, and would plant secrets of its own.
        text.replace("hunter", "h").replace("planted", "p")
    }

    fn name(&mut self) -> &'static str {
        NAMES[usize::from(self.byte()) % NAMES.len()]
    }

    fn secret_name(&mut self) -> &'static str {
        SECRETS[usize::from(self.byte()) % SECRETS.len()]
    }

    pub(crate) fn model(&mut self) -> Model {
        self.model_at(0)
    }

    fn model_at(&mut self, depth: u32) -> Model {
        if self.0.is_empty() {
            return Model::Unit;
        }
        match self.below(4) {
            0 => self.scalar(),
            1 => self.hostile(),
            2 if depth < MAX_DEPTH => self.secret(),
            _ if depth < MAX_DEPTH => self.compound(depth + 1),
            _ => Model::None,
        }
    }

    fn scalar(&mut self) -> Model {
        match self.below(12) {
            0 => Model::Bool(self.byte().is_multiple_of(2)),
            1 => Model::I8(self.byte().cast_signed()),
            2 => Model::I64(i64::from_le_bytes(self.bytes())),
            3 => Model::U64(u64::from_le_bytes(self.bytes())),
            4 => Model::F32(f32::from_le_bytes(self.bytes())),
            5 => Model::F64(f64::from_le_bytes(self.bytes())),
            6 => Model::Char(char::from_u32(u32::from_le_bytes(self.bytes())).unwrap_or('\'')),
            7 => Model::Displayed(self.text()),
            8 => Model::UnitVariant(self.name()),
            9 => Model::I128(i128::from_le_bytes(self.bytes())),
            10 => Model::U128(u128::from_le_bytes(self.bytes())),
            _ => Model::Text(self.text()),
        }
    }

    fn hostile(&mut self) -> Model {
        match self.below(6) {
            0 => Model::Verbatim("$serde_json::private::RawValue", self.text()),
            1 => Model::Verbatim("$serde_json::private::Number", self.text()),
            2 => Model::Fails(self.text()),
            3 => Model::Panics,
            4 => Model::Deep(self.byte().into()),
            _ => Model::Bytes(self.slice().to_vec()),
        }
    }

    fn compound(&mut self, depth: u32) -> Model {
        match self.below(10) {
            0 => Model::Some(self.boxed(depth)),
            1 => Model::Seq(self.list(depth), self.len()),
            2 => Model::Tuple(self.list(depth)),
            3 => Model::Map(self.entries(depth), self.len()),
            4 => Model::Newtype(self.name(), self.boxed(depth)),
            5 => Model::TupleStruct(self.name(), self.list(depth)),
            6 => Model::Struct(self.name(), self.fields(depth)),
            7 => Model::NewtypeVariant(self.name(), self.boxed(depth)),
            8 => Model::TupleVariant(self.name(), self.list(depth)),
            _ => Model::StructVariant(self.name(), self.fields(depth)),
        }
    }

    fn boxed(&mut self, depth: u32) -> Box<Model> {
        Box::new(self.model_at(depth))
    }

    /// What a sequence announces need not be true.
    fn len(&mut self) -> Option<usize> {
        let len = self.byte();
        (len < 32).then_some(len.into())
    }

    fn list(&mut self, depth: u32) -> Vec<Model> {
        (0..self.below(MAX_LEN)).map(|_| self.model_at(depth)).collect()
    }

    fn fields(&mut self, depth: u32) -> Vec<(&'static str, Model)> {
        (0..self.below(MAX_LEN)).map(|_| (self.name(), self.model_at(depth))).collect()
    }

    fn entries(&mut self, depth: u32) -> Vec<(Model, Model)> {
        (0..self.below(MAX_LEN)).map(|_| (self.model_at(depth), self.model_at(depth))).collect()
    }

    /// A secret in one of the places by whose name it is known.
    fn secret(&mut self) -> Model {
        let name = self.secret_name();
        let planted = self.planted();
        match self.below(7) {
            0 => Model::Struct(self.name(), vec![("b", Model::Unit), (name, planted), ("c", self.scalar())]),
            1 => Model::StructVariant(self.name(), vec![(name, planted)]),
            2 => Model::Map(vec![(Model::Text(name.to_owned()), planted)], self.len()),
            3 => Model::Map(vec![(Model::Some(Box::new(Model::Text(name.to_owned()))), planted)], None),
            4 => Model::Newtype(name, Box::new(planted)),
            5 => Model::TupleVariant(name, vec![self.scalar(), planted]),
            _ => Model::StructVariant(name, vec![(self.name(), planted)]),
        }
    }

    fn planted(&mut self) -> Model {
        let text = || Model::Text(PLANT.to_owned());
        match self.below(5) {
            0 => Model::Some(Box::new(Model::Displayed(format!("{}{PLANT}", self.text())))),
            1 => Model::Seq(vec![self.scalar(), text()], None),
            2 => Model::Struct(self.name(), vec![(self.name(), text()), (self.name(), self.scalar())]),
            3 => Model::Map(vec![(text(), self.scalar()), (self.scalar(), text())], None),
            _ => text(),
        }
    }
}
