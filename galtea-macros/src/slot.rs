//! One place for each argument. Arguments given twice are found here, once for all of them.

use proc_macro2::Ident;
use syn::{LitStr, Path};

use crate::ctxt::Ctxt;
use crate::key::Word;
use crate::model::{Description, Entry, Inputs, Mapping, Output, Settings, TypeSetting};

/// An argument and the word it was given with, which a late error underlines.
pub(crate) struct Slot<T>(Option<(Word, T)>);

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Slot<T> {
    /// The first one given stays.
    pub(crate) fn set(&mut self, value: T, word: Word, ctxt: &mut Ctxt) {
        if self.0.is_some() {
            ctxt.error(&word, format!("`{}` is given twice, keep one", word.text()));
        } else {
            self.0 = Some((word, value));
        }
    }

    pub(crate) fn word(&self) -> Option<&Word> {
        self.0.as_ref().map(|(word, _)| word)
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    fn into_value(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}

#[derive(Default)]
pub(crate) struct Slots {
    pub(crate) trace_type: Slot<TypeSetting>,
    pub(crate) name: Slot<LitStr>,
    pub(crate) description: Slot<LitStr>,
    pub(crate) docs: Slot<()>,
    pub(crate) skip: Slot<Vec<Ident>>,
    pub(crate) skip_all: Slot<()>,
    pub(crate) only: Slot<Vec<Ident>>,
    pub(crate) mask: Slot<Vec<Ident>>,
    pub(crate) skip_output: Slot<()>,
    pub(crate) input: Slot<Inputs>,
    pub(crate) output: Slot<Mapping>,
    pub(crate) error: Slot<Mapping>,
    pub(crate) metadata: Slot<Vec<Entry>>,
    pub(crate) stream: Slot<()>,
    pub(crate) krate: Slot<Path>,
}

impl Slots {
    /// What the arguments ask for. Of arguments that conflict, which is reported elsewhere, one is chosen.
    pub(crate) fn into_settings(self) -> Settings {
        Settings {
            inputs: inputs(self.input, &self.skip_all, self.only, self.skip),
            description: description(self.description, &self.docs),
            output: output(self.output, &self.skip_output),
            trace_type: self.trace_type.into_value(),
            name: self.name.into_value(),
            mask: self.mask.into_value().unwrap_or_default(),
            error: self.error.into_value(),
            metadata: self.metadata.into_value().unwrap_or_default(),
            stream: self.stream.word().map(|word| word.ident.span()),
            krate: self.krate.into_value(),
        }
    }
}

fn inputs(
    input: Slot<Inputs>,
    skip_all: &Slot<()>,
    only: Slot<Vec<Ident>>,
    skip: Slot<Vec<Ident>>,
) -> Inputs {
    match skip_all.word() {
        Some(_) => Inputs::None,
        None => input
            .into_value()
            .or_else(|| only.into_value().map(Inputs::Only))
            .or_else(|| skip.into_value().map(Inputs::Skip))
            .unwrap_or_default(),
    }
}

fn description(text: Slot<LitStr>, docs: &Slot<()>) -> Description {
    match (text.into_value(), docs.word()) {
        (Some(text), _) => Description::Text(text),
        (None, Some(word)) => Description::Docs(word.ident.span()),
        (None, None) => Description::None,
    }
}

fn output(mapping: Slot<Mapping>, skip: &Slot<()>) -> Output {
    match (mapping.into_value(), skip.word()) {
        (Some(mapping), _) => Output::Mapped(mapping),
        (None, Some(_)) => Output::None,
        (None, None) => Output::Returned,
    }
}
