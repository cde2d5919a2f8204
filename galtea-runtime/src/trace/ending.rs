//! What a trace gets when it ends: the late part of its texts.

use std::sync::Arc;

use super::returned::{Returned, Written, length};
use super::{CANCELLED, OUTCOME, Start};
use crate::capture::{self, CapturePolicy};
use crate::handle::{Patches, Shared, object_with};
use crate::record::{Late, Lengths, Record};
use crate::scratch;
use crate::trace_type::TraceType;

/// How an operation ended.
pub(crate) enum Outcome<'a> {
    /// It returned; the closure writes the output or the error.
    Returned(&'a mut dyn FnMut(&mut Returned<'_>)),
    /// With the panic's message, where it is known.
    Panicked(Option<&'a str>),
    /// Its future was dropped before it completed.
    Cancelled,
    /// A block that `return`, `break` or `continue` left.
    Left,
    /// A stream that was dropped or that panicked: the closure writes what it had given until then.
    Partial(&'a mut dyn FnMut(&mut Returned<'_>), Cut<'a>),
    /// A point in time has no output.
    Event,
}

/// Why a stream did not come to its end.
#[derive(Clone, Copy)]
pub(crate) enum Cut<'a> {
    Cancelled,
    Panicked(&'a str),
}

impl Outcome<'_> {
    fn tells(&self) -> Option<&'static str> {
        match self {
            Self::Returned(_) | Self::Event => None,
            Self::Panicked(_) | Self::Partial(_, Cut::Panicked(_)) => Some("panicked"),
            Self::Cancelled | Self::Partial(_, Cut::Cancelled) => Some("cancelled"),
            Self::Left => Some("left"),
        }
    }

    /// Appends output and error. Runs the user's code.
    fn write(self, text: &mut String, policy: &CapturePolicy) -> Written {
        match self {
            Self::Returned(write) => Returned::collect(text, policy, write),
            Self::Panicked(Some(message)) => {
                Written::error(text, policy, &format_args!("panicked: {message}"))
            }
            Self::Panicked(None) => Written::error(text, policy, "panicked"),
            Self::Cancelled => Written::error(text, policy, CANCELLED),
            Self::Left | Self::Event => Written::default(),
            Self::Partial(write, cut) => Returned::collect(text, policy, write).cut(text, policy, cut),
        }
    }
}

/// All that there is to say when an operation is over.
pub(super) struct Ending<'o, 'n> {
    pub(super) outcome: Outcome<'o>,
    /// What handles have set, and what the operation has to add to the metadata itself.
    pub(super) shared: Option<Arc<Shared>>,
    pub(super) notes: &'n str,
    pub(super) trace_type: TraceType,
}

impl Ending<'_, '_> {
    /// Whether more is written than output and error, as the early texts are needed for it.
    pub(super) fn needs_early_texts(&self, start: &Start, policy: &CapturePolicy) -> bool {
        // The user's mask sees metadata whole, so it waits for the end.
        let masks_metadata = start.metadata > 0 && policy.has_mask();
        self.shared.is_some() || self.outcome.tells().is_some() || !self.notes.is_empty() || masks_metadata
    }

    /// Appends the late texts to `out`, and says in the record what they are.
    pub(super) fn write(self, out: &mut String, policy: &CapturePolicy, record: &mut Record) {
        let Written { output, error } = self.outcome.write(out, policy);
        (record.lengths.output, record.lengths.error) = (output, error);
    }

    /// As [`Self::write`], with all that may take the place of something else. `early`: metadata and name.
    pub(super) fn write_changes(
        self,
        out: &mut String,
        policy: &CapturePolicy,
        record: &mut Record,
        early: (&str, &str),
    ) {
        let told = self.outcome.tells();
        let mut texts = scratch::take();
        let written = self.outcome.write(&mut texts, policy);
        let (output, error) = texts.split_at_checked(written.output as usize).unwrap_or_default();
        let mut patches = self.shared.map(|shared| shared.end()).unwrap_or_default();
        record.trace_type = patches.trace_type.unwrap_or(self.trace_type);
        if let Some(told) = told {
            let object = object_with(policy, |object| object.text(OUTCOME, told));
            patches.add_metadata(OUTCOME.to_owned(), object);
        }
        // How it ended outranks what was noted on the way; what was noted outranks what was returned.
        let ended_badly = told.is_some() && !error.is_empty();
        let noted = patches.error.as_deref().filter(|_| !ended_badly);
        let lengths = &mut record.lengths;
        if let Some(input) = &patches.input {
            (lengths.input, record.came_late.input) = (append(out, input), true);
        }
        if patches.input.is_some()
            || !patches.metadata.is_empty()
            || !self.notes.is_empty()
            || policy.has_mask()
        {
            (lengths.metadata, lengths.name) = metadata(out, policy, early, self.notes, &patches);
            record.came_late.metadata = true;
        }
        lengths.output = append(out, patches.output.as_deref().unwrap_or(output));
        lengths.error = append(out, noted.unwrap_or(error));
        lengths.description = append(out, patches.description.as_deref().unwrap_or_default());
        scratch::give_back(texts);
    }
}

/// Merges all metadata, and puts the name behind it. Gives their lengths.
fn metadata(
    out: &mut String,
    policy: &CapturePolicy,
    (early, name): (&str, &str),
    notes: &str,
    patches: &Patches,
) -> (u32, u32) {
    let before = out.len();
    out.push_str(early);
    out.push_str(notes);
    patches.metadata.iter().for_each(|(_, object)| out.push_str(object));
    capture::finish_merged(out, before, policy);
    (length(out.len() - before), append(out, name))
}

fn append(text: &mut String, more: &str) -> u32 {
    text.push_str(more);
    length(more.len())
}

impl Start {
    /// The record of a trace that began so, with nothing in it that comes at its end.
    pub(super) fn record(&self, duration: u64) -> Record {
        Record {
            id: self.id,
            parent: self.parent,
            start: self.at,
            duration,
            trace_type: self.site.trace_type,
            site: self.site,
            lengths: Lengths {
                input: self.input,
                metadata: self.metadata,
                name: self.name,
                ..Lengths::default()
            },
            came_late: Late::default(),
            ..Record::EMPTY
        }
    }
}
