//! Traces of what runs on one thread from beginning to end, and so ends before its scope can.

use std::sync::Arc;

use super::ending::Ending;
use super::returned::{length, write_part};
use super::{Given, OpenTrace, Outcome, Returned, Start, WriteObject};
use crate::context::{self, Active, Current};
use crate::handle::Shared;
use crate::panics;
use crate::record::{Record, TextPlace};
use crate::recorder::Opened;
use crate::site::Site;

/// A trace that has begun and is the current one until it ends, on the same thread and in the same context.
pub(crate) struct LocalTrace {
    start: Start,
    /// Where its early texts are in the stage, or in the context's buffer where there is none.
    early: TextPlace,
    /// What handles share with the trace around it, which is current again afterwards.
    outer: Option<Arc<Shared>>,
}

impl LocalTrace {
    /// Begins a trace in the current context. `None`: there is nothing to record for.
    #[inline]
    pub(crate) fn begin(site: &'static Site, given: Given<'_>, metadata: WriteObject<'_>) -> Option<Self> {
        panics::nothing_waits_across_a_beginning();
        let mut held = context::hold();
        let Active { recorder, trace, stage, buffer } = held.active.as_deref_mut()?;
        let policy = recorder.policy();
        let (text, early) = match stage {
            Some(stage) => stage.store.open_tail(),
            None => TextPlace::end_of(buffer),
        };
        let input = given.write(text, policy);
        let metadata = write_part(text, policy, metadata);
        let parent = trace.id;
        let Opened { id, start: at } = match stage {
            Some(stage) => recorder.open_staged(stage, parent),
            None => recorder.open(None, parent),
        };
        let outer = std::mem::replace(trace, Current::of(id)).shared;
        let start = Start { site, id, parent, at, input, metadata, name: 0 };
        Some(Self { start, early, outer })
    }

    /// A name that only the running program knows takes the place of the one in the source. To be called right after the
    /// beginning, whose texts it stands behind.
    pub(crate) fn rename(&mut self, name: Option<&str>) {
        let Some(name) = name else { return };
        let mut held = context::hold();
        let Some(Active { stage, buffer, .. }) = held.active.as_deref_mut() else { return };
        stage.as_mut().map_or(buffer, |stage| stage.store.tail(0).0).push_str(name);
        self.start.name = length(name.len());
    }

    /// What `write` has for an error; `None`: nothing.
    pub(crate) fn error_text(write: &mut dyn FnMut(&mut Returned<'_>)) -> Option<String> {
        let held = context::hold();
        Returned::error_text(held.active.as_ref()?.recorder.policy(), write)
    }

    /// Ends the trace of what has returned; the one around it is current again.
    pub(crate) fn end_returned(self, write: &mut dyn FnMut(&mut Returned<'_>)) {
        let mut held = context::hold();
        let Some(active) = held.active.as_deref_mut() else { return };
        let duration = active.recorder.nanos_since(self.start.at);
        // What a mask sees, it sees at the end.
        let masked = self.start.metadata > 0 && active.recorder.policy().has_mask();
        if masked || active.trace.shared.is_some() {
            return self.end_with_care(active, duration, Outcome::Returned(write));
        }
        let Some(stage) = &mut active.stage else {
            return self.end_with_care(active, duration, Outcome::Returned(write));
        };
        let (out, late) = stage.store.open_tail();
        let written = Returned::collect(out, active.recorder.policy(), write);
        let mut record = self.start.record(duration);
        (record.lengths.output, record.lengths.error) = (written.output, written.error);
        (record.early, record.late) = (self.early, late);
        stage.store.push(record);
        active.trace = Current { id: self.start.parent, shared: self.outer };
    }

    /// Ends the trace; the one around it is current again.
    pub(crate) fn end(self, outcome: Outcome<'_>) {
        let mut held = context::hold();
        let Some(active) = held.active.as_deref_mut() else { return };
        let is_event = matches!(outcome, Outcome::Event);
        let duration = if is_event { 0 } else { active.recorder.nanos_since(self.start.at) };
        self.end_with_care(active, duration, outcome);
    }

    #[inline(never)]
    fn end_with_care(self, active: &mut Active, duration: u64, outcome: Outcome<'_>) {
        let Active { recorder, trace, stage, buffer } = active;
        let Self { start, early, outer } = self;
        let current = std::mem::replace(trace, Current { id: start.parent, shared: outer });
        let policy = recorder.policy();
        let ending = Ending { outcome, shared: current.shared, notes: "", trace_type: start.site.trace_type };
        let mut record = start.record(duration);
        let changes = ending.needs_early_texts(&start, policy);
        let texts = match stage {
            Some(stage) if changes => stage.store.text(early, start.early_len()).to_owned(),
            None if changes => buffer.get(early.offset()..).unwrap_or_default().to_owned(),
            _ => String::new(),
        };
        let (out, late) = match stage {
            Some(stage) => stage.store.open_tail(),
            None => TextPlace::end_of(buffer),
        };
        if changes {
            ending.write_changes(out, policy, &mut record, start.metadata_and_name(&texts));
        } else {
            ending.write(out, policy, &mut record);
        }
        if let Some(stage) = stage {
            return stage.store.push(Record { early, late, ..record });
        }
        let text = buffer.get(early.offset()..).unwrap_or_default();
        recorder.keep(None, record, text, late.offset() - early.offset());
        cut(buffer, early);
    }

    /// The operation is over, but not all is known of its end: the trace may now end anywhere, after the nanoseconds that
    /// are given too.
    pub(crate) fn into_open(self) -> Option<(OpenTrace, Current, u64)> {
        let mut held = context::hold();
        let Active { recorder, trace, stage, buffer } = held.active.as_deref_mut()?;
        let Self { start, early, outer } = self;
        let duration = recorder.nanos_since(start.at);
        let current = std::mem::replace(trace, Current { id: start.parent, shared: outer });
        let text = if let Some(stage) = stage {
            stage.begun += 1;
            stage.store.text(early, start.early_len()).to_owned()
        } else {
            let text = buffer.get(early.offset()..).unwrap_or_default().to_owned();
            cut(buffer, early);
            text
        };
        let recorder = Arc::clone(recorder);
        Some((OpenTrace { recorder, start, text, notes: String::new(), ended: false }, current, duration))
    }
}

/// A buffer that one huge capture has grown is given back to the allocator.
const LARGEST_KEPT: usize = 64 * 1024;

/// Calls end in the opposite order in which they began: what stands behind the early texts of one of them is its own.
fn cut(buffer: &mut String, early: TextPlace) {
    buffer.truncate(early.offset());
    if buffer.is_empty() && buffer.capacity() > LARGEST_KEPT {
        *buffer = String::new();
    }
}
