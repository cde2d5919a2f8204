//! One trace from its beginning to its end.
//!
//! ```text
//! LocalTrace   of a sync call: ends before its scope can     early texts, and late ones, right in the scope's stage
//! OpenTrace    of a future or stream: may end anywhere       both in a buffer of its own, copied to where it ends
//! ```

mod ending;
mod local;
mod returned;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use self::ending::Ending;
pub(crate) use self::ending::{Cut, Outcome};
pub(crate) use self::local::LocalTrace;
pub use self::returned::Returned;
use self::returned::{length, write_arguments, write_object, write_part};
use crate::capture::{CapturePolicy, ObjectWriter, PutValue};
use crate::context::{self, Current};
use crate::handle::{object_with, text_of};
use crate::panics;
use crate::recorder::{Opened, Recorder};
use crate::scratch;
use crate::site::Site;

/// Metadata key that says how an operation ended when it neither returned a value nor an error.
const OUTCOME: &str = "galtea.outcome";
const CANCELLED: &str = "cancelled before completion";

/// Writes one JSON object. Runs the user's code. `None`: it has no entries.
pub(crate) type WriteObject<'a> = Option<&'a mut dyn FnMut(&mut ObjectWriter<'_>)>;

/// What an operation is given.
pub enum Given<'a> {
    /// Its arguments by name, as they are.
    Arguments(&'a [(&'static str, &'a dyn PutValue)]),
    /// Entries whose values are expressions.
    Entries(&'a mut dyn FnMut(&mut ObjectWriter<'_>)),
    /// One value that stands for the arguments.
    Value(&'a mut dyn FnMut(&mut Returned<'_>)),
}

impl Given<'_> {
    /// Appends the input to `text`. Gives its length.
    fn write(self, text: &mut String, policy: &CapturePolicy) -> u32 {
        match self {
            Given::Arguments(arguments) => write_arguments(text, policy, arguments),
            Given::Entries(write) => write_object(text, policy, write),
            Given::Value(write) => Returned::collect(text, policy, write).output,
        }
    }
}

/// Names go along whole, so they are kept short; an empty one would be refused.
const NAME_LIMIT: usize = 1_024;

/// Runs the user's code, which is not recorded itself.
pub(crate) fn made_name(name: impl FnOnce() -> String) -> Option<String> {
    let _muted = context::mute();
    let name = catch_unwind(AssertUnwindSafe(name)).ok()?;
    Some(text_of(NAME_LIMIT, &name)).filter(|name| !name.is_empty())
}

/// The texts that a trace has from its beginning, side by side: input, metadata, name.
#[derive(Default)]
pub(crate) struct Early {
    text: String,
    input: u32,
    metadata: u32,
    name: u32,
}

impl Early {
    /// Runs the user's code. The context is held meanwhile.
    pub(crate) fn capture(policy: &CapturePolicy, given: Given<'_>, metadata: WriteObject<'_>) -> Self {
        let mut text = scratch::take();
        let input = given.write(&mut text, policy);
        let metadata = write_part(&mut text, policy, metadata);
        Self { text, input, metadata, name: 0 }
    }

    /// A name that only the running program knows takes the place of the one in the source.
    pub(crate) fn rename(&mut self, name: Option<&str>) {
        if let Some(name) = name {
            self.text.push_str(name);
            self.name = length(name.len());
        }
    }

    /// Keeps just the bytes needed.
    pub(crate) fn shrink(&mut self) {
        if self.text.capacity() == self.text.len() {
            return;
        }
        let exact = self.text.as_str().into();
        scratch::give_back(std::mem::replace(&mut self.text, exact));
    }
}

/// What a trace has had from its beginning, but for its texts.
#[derive(Clone, Copy)]
struct Start {
    site: &'static Site,
    id: u128,
    parent: u128,
    /// When it began, in nanoseconds since the Unix epoch.
    at: u64,
    /// Lengths of the early texts.
    input: u32,
    metadata: u32,
    name: u32,
}

impl Start {
    /// Metadata and name, out of the early texts.
    fn metadata_and_name<'t>(&self, early: &'t str) -> (&'t str, &'t str) {
        let rest = early.get(self.input as usize..).unwrap_or_default();
        rest.split_at_checked(self.metadata as usize).unwrap_or_default()
    }

    fn early_len(&self) -> usize {
        [self.input, self.metadata, self.name].map(|length| length as usize).iter().sum()
    }
}

/// A trace that has begun and may end anywhere. Dropped as it is, it was cancelled.
pub(crate) struct OpenTrace {
    recorder: Arc<Recorder>,
    start: Start,
    text: String,
    /// Metadata that came to be known on the way: an object.
    notes: String,
    ended: bool,
}

impl OpenTrace {
    /// Begins a trace in the current context. `None`: there is nothing to record for.
    pub(crate) fn begin(site: &'static Site, given: Given<'_>, metadata: WriteObject<'_>) -> Option<Self> {
        panics::nothing_waits_across_a_beginning();
        let mut held = context::hold();
        let active = held.active.as_deref_mut()?;
        let early = Early::capture(active.recorder.policy(), given, metadata);
        let opened = active.recorder.open(active.stage.as_mut(), active.trace.id);
        Some(Self::new(Arc::clone(&active.recorder), active.trace.id, site, early, opened))
    }

    /// Begins a trace whose texts were captured earlier.
    pub(crate) fn begin_prepared(site: &'static Site, early: Early) -> Option<Self> {
        let mut held = context::hold();
        let active = held.active.as_deref_mut()?;
        let opened = active.recorder.open(active.stage.as_mut(), active.trace.id);
        Some(Self::new(Arc::clone(&active.recorder), active.trace.id, site, early, opened))
    }

    /// Begins a trace in a context that need not be the current one.
    pub(crate) fn open(recorder: Arc<Recorder>, parent: u128, site: &'static Site, early: Early) -> Self {
        let opened = recorder.open(None, parent);
        Self::new(recorder, parent, site, early, opened)
    }

    fn new(
        recorder: Arc<Recorder>,
        parent: u128,
        site: &'static Site,
        early: Early,
        Opened { id, start: at }: Opened,
    ) -> Self {
        let Early { text, input, metadata, name } = early;
        let start = Start { site, id, parent, at, input, metadata, name };
        Self { recorder, start, text, notes: String::new(), ended: false }
    }

    /// What the thread's context holds while the operation runs.
    pub(crate) fn as_current(&self) -> Current {
        Current::of(self.start.id)
    }

    pub(crate) fn recorder(&self) -> &Arc<Recorder> {
        &self.recorder
    }

    /// Keeps just the bytes needed, for an operation that may stay open for long.
    pub(crate) fn shrink(&mut self) {
        if self.text.capacity() != self.text.len() {
            let exact = self.text.as_str().into();
            scratch::give_back(std::mem::replace(&mut self.text, exact));
        }
    }

    /// Adds metadata that has come to be known on the way. What an earlier call has added is gone.
    pub(crate) fn note(&mut self, write: impl FnOnce(&mut ObjectWriter<'_>)) {
        self.notes = object_with(self.recorder.policy(), write);
    }

    /// Ends the trace. `current` is what [`OpenTrace::as_current`] gave, with what handles have added since.
    pub(crate) fn end(&mut self, current: &Current, outcome: Outcome<'_>) {
        if !self.ended {
            self.end_after(self.nanos(), current, outcome);
        }
    }

    /// Ends a trace whose operation was over earlier.
    pub(crate) fn end_after(&mut self, duration: u64, current: &Current, outcome: Outcome<'_>) {
        if std::mem::replace(&mut self.ended, true) {
            return;
        }
        let mut held = context::hold();
        let Self { recorder, start, text, notes, .. } = self;
        let policy = recorder.policy();
        let trace_type = start.site.trace_type;
        let ending = Ending { outcome, shared: current.shared.clone(), notes, trace_type };
        let mut record = start.record(duration);
        let early = text.len();
        if ending.needs_early_texts(start, policy) {
            let texts = text.clone();
            ending.write_changes(text, policy, &mut record, start.metadata_and_name(&texts));
        } else {
            ending.write(text, policy, &mut record);
        }
        recorder.keep(held.stage_of(recorder), record, text, early);
        scratch::give_back(std::mem::take(text));
    }

    /// Nanoseconds since the trace began.
    pub(crate) fn nanos(&self) -> u64 {
        self.recorder.nanos_since(self.start.at)
    }
}

impl Drop for OpenTrace {
    fn drop(&mut self) {
        self.end(&Current::default(), Outcome::Cancelled);
    }
}
