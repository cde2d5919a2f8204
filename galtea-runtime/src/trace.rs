//! One trace from its beginning to its end.
//!
//! ```text
//! begin: | input | metadata |                    one buffer, written in place
//! end:   | input | metadata | output | error |   copied into the recorder's store
//! ```

use std::fmt::Display;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::capture::{self, CapturePolicy, ObjectWriter, PutEntry};
use crate::context::{self, Current};
use crate::handle::{Patches, object_with, text_of};
use crate::panics;
use crate::record::{Lengths, Record, TextPlace};
use crate::recorder::{Opened, Recorder};
use crate::scratch;
use crate::site::Site;
use crate::trace_type::TraceType;

/// Metadata key that says how an operation ended when it neither returned a value nor an error.
const OUTCOME: &str = "galtea.outcome";
const CANCELLED: &str = "cancelled before completion";

/// Writes one JSON object. Runs the user's code.
pub(crate) type WriteObject<'a> = &'a mut dyn FnMut(&mut ObjectWriter<'_>);

/// What an operation is given.
pub enum Given<'a> {
    /// Its arguments by name, as they are.
    Arguments(&'a [&'a dyn PutEntry]),
    /// Entries whose values are expressions.
    Entries(&'a mut dyn FnMut(&mut ObjectWriter<'_>)),
    /// One value that stands for the arguments.
    Value(&'a mut dyn FnMut(&mut Returned<'_>)),
}

/// The texts that a trace has from its beginning.
#[derive(Default)]
pub(crate) struct Start {
    text: String,
    lengths: Lengths,
    name: Option<String>,
}

impl Start {
    /// Runs the user's code, which is not recorded itself.
    pub(crate) fn capture(policy: &CapturePolicy, given: Given<'_>, metadata: WriteObject<'_>) -> Self {
        let _muted = context::mute();
        let mut text = scratch::take();
        let input = match given {
            Given::Arguments(arguments) => write_arguments(&mut text, policy, arguments),
            Given::Entries(write) => write_object(&mut text, policy, write),
            Given::Value(write) => Returned::collect(&mut text, policy, write).output,
        };
        let metadata = write_part(&mut text, policy, metadata);
        Self { text, lengths: Lengths { input, metadata, ..Lengths::default() }, name: None }
    }

    pub(crate) fn rename(&mut self, name: &mut dyn FnMut() -> String) {
        self.name = made_name(name);
    }

    /// Keeps just the bytes needed.
    pub(crate) fn shrink(&mut self) {
        shrink(&mut self.text);
    }
}

/// Names go along whole, so they are kept short; an empty one would be refused.
const NAME_LIMIT: usize = 1_024;

fn made_name(name: &mut dyn FnMut() -> String) -> Option<String> {
    let _muted = context::mute();
    let name = catch_unwind(AssertUnwindSafe(name)).ok()?;
    Some(text_of(NAME_LIMIT, &name)).filter(|name| !name.is_empty())
}

fn shrink(text: &mut String) {
    if text.capacity() == text.len() {
        return;
    }
    let exact = text.as_str().into();
    scratch::give_back(std::mem::replace(text, exact));
}

/// A trace that has begun and not ended yet. Dropped as it is, it was cancelled.
pub(crate) struct OpenTrace {
    recorder: Arc<Recorder>,
    site: &'static Site,
    id: u128,
    parent: u128,
    start: u64,
    text: String,
    lengths: Lengths,
    /// Where the one in the source is not meant.
    name: Option<String>,
    /// The metadata is several objects, one after another, which are to be merged.
    in_pieces: bool,
    ended: bool,
}

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
}

/// Why a stream did not come to its end.
#[derive(Clone, Copy)]
pub(crate) enum Cut<'a> {
    Cancelled,
    Panicked(&'a str),
}

impl OpenTrace {
    /// Begins a trace in the current context. `None`: there is nothing to record for.
    pub(crate) fn begin(site: &'static Site, given: Given<'_>, metadata: WriteObject<'_>) -> Option<Self> {
        panics::nothing_waits_across_a_beginning();
        let (recorder, parent) = context::current()?;
        let start = Start::capture(recorder.policy(), given, metadata);
        Some(Self::open(recorder, parent, site, start))
    }

    /// Begins a trace whose texts were captured earlier.
    pub(crate) fn begin_prepared(site: &'static Site, start: Start) -> Option<Self> {
        let (recorder, parent) = context::current()?;
        Some(Self::open(recorder, parent, site, start))
    }

    /// Begins a trace in a context that need not be the current one.
    pub(crate) fn open(recorder: Arc<Recorder>, parent: u128, site: &'static Site, start: Start) -> Self {
        let Start { text, lengths, name } = start;
        let Opened { id, start } = recorder.open();
        Self { recorder, site, id, parent, start, text, lengths, name, in_pieces: false, ended: false }
    }

    /// What the thread's context holds while the operation runs.
    pub(crate) fn as_current(&self) -> Current {
        Current::of(self.id)
    }

    pub(crate) fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// What `write` has for an error; `None`: nothing.
    pub(crate) fn error_text(&self, write: &mut dyn FnMut(&mut Returned<'_>)) -> Option<String> {
        Returned::error_text(self.recorder.policy(), write)
    }

    /// A name that only the running program knows takes the place of the one in the source.
    pub(crate) fn rename(&mut self, name: &mut dyn FnMut() -> String) {
        self.name = made_name(name);
    }

    /// A point in time: it has no duration and no output.
    pub(crate) fn end_at_once(mut self) {
        self.ended = true;
        if self.masks_metadata() || self.name.is_some() {
            self.apply(Patches::default(), None);
        }
        self.push(0, self.site.trace_type);
    }

    /// Keeps just the bytes needed, for an operation that may stay open for long.
    pub(crate) fn shrink(&mut self) {
        shrink(&mut self.text);
    }

    /// Ends the trace. `current` is what [`OpenTrace::as_current`] gave, with what handles have added since.
    pub(crate) fn end(&mut self, current: &Current, outcome: Outcome<'_>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        self.finish(self.nanos(), current, outcome);
    }

    /// Ends a trace whose operation was over earlier.
    pub(crate) fn end_after(&mut self, duration: u64, current: &Current, outcome: Outcome<'_>) {
        if !std::mem::replace(&mut self.ended, true) {
            self.finish(duration, current, outcome);
        }
    }

    /// Nanoseconds since the trace began.
    pub(crate) fn nanos(&self) -> u64 {
        self.recorder.nanos_since(self.start)
    }

    /// Adds metadata that is known only at the end. Comes right before the end: the texts stand in the order of the lengths.
    pub(crate) fn note(&mut self, write: impl FnOnce(&mut ObjectWriter<'_>)) {
        let piece = object_with(self.recorder.policy(), write);
        self.lengths.metadata += append(&mut self.text, &piece);
        self.in_pieces = true;
    }

    fn finish(&mut self, duration: u64, current: &Current, outcome: Outcome<'_>) {
        let told = outcome.tells();
        self.write_outcome(outcome);
        let patches = current.shared.as_ref().map(|shared| shared.end());
        let mut trace_type = self.site.trace_type;
        if patches.is_some() || told.is_some() || self.in_pieces || self.masks_metadata() {
            let patches = patches.unwrap_or_default();
            trace_type = patches.trace_type.unwrap_or(trace_type);
            self.apply(patches, told);
        } else if let Some(name) = &self.name {
            self.lengths.name = append(&mut self.text, name);
        }
        self.push(duration, trace_type);
    }

    fn push(&mut self, duration: u64, trace_type: TraceType) {
        let record = Record {
            id: self.id,
            parent: self.parent,
            start: self.start,
            duration,
            trace_type,
            site: self.site,
            lengths: self.lengths,
            at: TextPlace::default(),
        };
        self.recorder.push(record, &self.text);
        scratch::give_back(std::mem::take(&mut self.text));
    }

    /// The user's mask sees metadata whole, so it waits for the end.
    fn masks_metadata(&self) -> bool {
        self.lengths.metadata > 0 && self.recorder.policy().has_mask()
    }

    /// Appends output and error.
    fn write_outcome(&mut self, outcome: Outcome<'_>) {
        let policy = self.recorder.policy();
        let text = &mut self.text;
        let written = match outcome {
            Outcome::Returned(write) => {
                let _muted = context::mute();
                Returned::collect(text, policy, write)
            }
            Outcome::Panicked(Some(message)) => {
                Written::error(text, policy, &format_args!("panicked: {message}"))
            }
            Outcome::Panicked(None) => Written::error(text, policy, "panicked"),
            Outcome::Cancelled => Written::error(text, policy, CANCELLED),
            Outcome::Left => Written::default(),
            Outcome::Partial(write, cut) => {
                let _muted = context::mute();
                Returned::collect(text, policy, write).cut(text, policy, cut)
            }
        };
        (self.lengths.output, self.lengths.error) = (written.output, written.error);
    }

    /// Puts in what handles have set, and what the outcome adds to the metadata.
    fn apply(&mut self, mut patches: Patches, told: Option<&'static str>) {
        let policy = self.recorder.policy();
        let mut rest = self.text.as_str();
        let mut take = |length: u32| {
            let (field, after) = rest.split_at_checked(length as usize).unwrap_or_default();
            rest = after;
            field
        };
        let old = [self.lengths.input, self.lengths.metadata, self.lengths.output, self.lengths.error]
            .map(&mut take);
        if let Some(told) = told {
            patches
                .add_metadata(OUTCOME.to_owned(), object_with(policy, |object| object.text(OUTCOME, told)));
        }
        let mut text = scratch::take();
        let mut lengths = Lengths {
            input: append(&mut text, patches.input.as_deref().unwrap_or(old[0])),
            ..Lengths::default()
        };
        let before = text.len();
        text.push_str(old[1]);
        patches.metadata.iter().for_each(|(_, object)| text.push_str(object));
        capture::finish_merged(&mut text, before, policy);
        lengths.metadata = length(text.len() - before);
        lengths.output = append(&mut text, patches.output.as_deref().unwrap_or(old[2]));
        // How it ended outranks what was noted on the way; what was noted outranks what was returned.
        let ended_badly = told.is_some() && !old[3].is_empty();
        let noted = patches.error.as_deref().filter(|_| !ended_badly);
        lengths.error = append(&mut text, noted.unwrap_or(old[3]));
        lengths.name = append(&mut text, self.name.as_deref().unwrap_or_default());
        lengths.description = append(&mut text, patches.description.as_deref().unwrap_or_default());
        scratch::give_back(std::mem::replace(&mut self.text, text));
        self.lengths = lengths;
    }
}

impl Drop for OpenTrace {
    fn drop(&mut self) {
        self.end(&Current::default(), Outcome::Cancelled);
    }
}

impl Outcome<'_> {
    fn tells(&self) -> Option<&'static str> {
        match self {
            Self::Returned(_) => None,
            Self::Panicked(_) | Self::Partial(_, Cut::Panicked(_)) => Some("panicked"),
            Self::Cancelled | Self::Partial(_, Cut::Cancelled) => Some("cancelled"),
            Self::Left => Some("left"),
        }
    }
}

/// Takes what an operation returned, or what stands for its arguments.
pub struct Returned<'a> {
    text: &'a mut String,
    policy: &'a CapturePolicy,
    written: Written,
}

/// How many bytes were written of each.
#[derive(Clone, Copy, Default)]
struct Written {
    output: u32,
    error: u32,
}

impl Written {
    fn error(text: &mut String, policy: &CapturePolicy, error: &(impl Display + ?Sized)) -> Self {
        let start = text.len();
        capture::write_error_display(text, policy, error);
        Self { output: 0, error: length(text.len() - start) }
    }

    /// Of a stream that was dropped an error among the items says more than that it was dropped; a panic outranks both.
    fn cut(self, text: &mut String, policy: &CapturePolicy, cut: Cut<'_>) -> Self {
        let error = match cut {
            Cut::Cancelled if self.error > 0 => return self,
            Cut::Cancelled => Self::error(text, policy, CANCELLED),
            Cut::Panicked(message) => {
                text.truncate(text.len() - self.error as usize);
                Self::error(text, policy, &format_args!("panicked: {message}"))
            }
        };
        Self { output: self.output, ..error }
    }
}

impl<'a> Returned<'a> {
    /// What `write` has for an error; `None`: nothing.
    pub(crate) fn error_text(
        policy: &CapturePolicy,
        write: &mut dyn FnMut(&mut Returned<'_>),
    ) -> Option<String> {
        let _muted = context::mute();
        let mut text = String::new();
        let written = Returned::collect(&mut text, policy, write);
        (written.error > 0).then_some(text)
    }

    /// A panic in `write` costs what it should have written, no more.
    fn collect(
        text: &'a mut String,
        policy: &'a CapturePolicy,
        write: &mut dyn FnMut(&mut Returned<'_>),
    ) -> Written {
        let start = text.len();
        let mut returned = Returned { text, policy, written: Written::default() };
        if catch_unwind(AssertUnwindSafe(|| write(&mut returned))).is_err() {
            returned.text.truncate(start);
            returned.written = Written::default();
            returned.output(|out, _| out.push_str(r#"{"value":"[capture panicked]"}"#));
        }
        returned.written
    }

    /// `write` appends a JSON object.
    pub(crate) fn output(&mut self, write: impl FnOnce(&mut String, &CapturePolicy)) {
        let start = self.text.len();
        write(self.text, self.policy);
        self.written.output = length(self.text.len() - start);
    }

    /// `write` appends plain text.
    pub(crate) fn error(&mut self, write: impl FnOnce(&mut String, &CapturePolicy)) {
        let start = self.text.len();
        write(self.text, self.policy);
        if self.text.len() == start {
            self.text.push_str("(an error without a text)");
        }
        self.written.error = length(self.text.len() - start);
    }
}

fn write_arguments(text: &mut String, policy: &CapturePolicy, arguments: &[&dyn PutEntry]) -> u32 {
    let start = text.len();
    let mut object = ObjectWriter::new(text, policy);
    for argument in arguments {
        argument.put(&mut object);
    }
    object.finish();
    length(text.len() - start)
}

fn write_object(text: &mut String, policy: &CapturePolicy, write: WriteObject<'_>) -> u32 {
    let start = text.len();
    let mut object = ObjectWriter::new(text, policy);
    write_entries(&mut object, write);
    object.finish();
    length(text.len() - start)
}

/// Writes metadata to which more may be added until the trace ends.
fn write_part(text: &mut String, policy: &CapturePolicy, write: WriteObject<'_>) -> u32 {
    let start = text.len();
    let mut object = ObjectWriter::new(text, policy);
    write_entries(&mut object, write);
    object.finish_part();
    length(text.len() - start)
}

/// Entries guard themselves; what may still panic is an expression that makes the value of one.
fn write_entries(object: &mut ObjectWriter<'_>, write: WriteObject<'_>) {
    if catch_unwind(AssertUnwindSafe(|| write(object))).is_err() {
        object.text("galtea.capture", "[capture panicked]");
    }
}

fn append(text: &mut String, more: &str) -> u32 {
    text.push_str(more);
    length(more.len())
}

/// Limits keep every field far below 4 GiB.
fn length(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
