//! Traces of what runs on one thread from beginning to end, and so ends before its scope can.

use std::sync::Arc;

use super::ending::Ending;
use super::returned::{length, write_part};
use super::{Given, OpenTrace, Outcome, Returned, Start, WriteObject, made_name};
use crate::context::{self, Active, Current};
use crate::handle::Shared;
use crate::panics;
use crate::record::TextPlace;
use crate::recorder::Opened;
use crate::scratch;
use crate::site::Site;

/// With so much room in a chunk of text, most fields need not move it.
const ROOM: usize = 256;

/// A trace that has begun and is the current one until it ends, on the same thread and in the same context.
pub(crate) struct LocalTrace {
    start: Start,
    /// Where its early texts are in the stage.
    early: TextPlace,
    /// The early texts where there is no stage.
    text: String,
    /// What handles share with the trace around it, which is current again afterwards.
    outer: Option<Arc<Shared>>,
}

impl LocalTrace {
    /// Begins a trace in the current context. `None`: there is nothing to record for.
    #[inline]
    pub(crate) fn begin(site: &'static Site, given: Given<'_>, metadata: WriteObject<'_>) -> Option<Self> {
        panics::nothing_waits_across_a_beginning();
        let mut held = context::hold();
        let Active { recorder, trace, stage } = held.active.as_deref_mut()?;
        let policy = recorder.policy();
        let mut own = String::new();
        let (text, early) = match stage {
            Some(stage) => stage.store.tail(ROOM),
            None => {
                own = scratch::take();
                (&mut own, TextPlace::default())
            }
        };
        let input = given.write(text, policy);
        let metadata = write_part(text, policy, metadata);
        let parent = trace.id;
        let Opened { id, start } = match stage {
            Some(stage) => recorder.open_staged(stage, parent),
            None => recorder.open(None, parent),
        };
        let outer = std::mem::replace(trace, Current::of(id)).shared;
        let start = Start { site, id, parent, start, input, metadata, name: 0 };
        Some(Self { start, early, text: own, outer })
    }

    /// A name that only the running program knows takes the place of the one in the source. To be called right after the
    /// beginning, whose texts it stands behind.
    pub(crate) fn rename(&mut self, name: &mut dyn FnMut() -> String) {
        let Some(name) = made_name(name) else { return };
        let mut held = context::hold();
        let stage = held.active.as_mut().and_then(|active| active.stage.as_mut());
        stage.map_or(&mut self.text, |stage| stage.store.tail(0).0).push_str(&name);
        self.start.name = length(name.len());
    }

    /// What `write` has for an error; `None`: nothing.
    pub(crate) fn error_text(write: &mut dyn FnMut(&mut Returned<'_>)) -> Option<String> {
        let held = context::hold();
        Returned::error_text(held.active.as_ref()?.recorder.policy(), write)
    }

    /// Ends the trace; the one around it is current again.
    pub(crate) fn end(self, outcome: Outcome<'_>) {
        let mut held = context::hold();
        let Some(Active { recorder, trace, stage }) = held.active.as_deref_mut() else { return };
        let Self { start, early, mut text, outer } = self;
        let duration = if matches!(outcome, Outcome::Event) { 0 } else { recorder.nanos_since(start.start) };
        let current = std::mem::replace(trace, Current { id: start.parent, shared: outer });
        let policy = recorder.policy();
        let ending =
            Ending { outcome, shared: current.shared, notes: "", trace_type: start.site.trace_type };
        let mut record = start.record(duration);
        let changes = ending.needs_early_texts(&start, policy);
        let Some(stage) = stage else {
            let early = text.len();
            if changes {
                let texts = text.clone();
                ending.write_changes(&mut text, policy, &mut record, start.metadata_and_name(&texts));
            } else {
                ending.write(&mut text, policy, &mut record);
            }
            recorder.keep(None, record, &text, early);
            return scratch::give_back(text);
        };
        if changes {
            let texts = stage.store.text(early, start.early_len()).to_owned();
            let (out, late) = stage.store.tail(ROOM);
            ending.write_changes(out, policy, &mut record, start.metadata_and_name(&texts));
            stage.store.push_at(record, early, late);
        } else {
            let (out, late) = stage.store.tail(ROOM);
            ending.write(out, policy, &mut record);
            stage.store.push_at(record, early, late);
        }
    }

    /// The operation is over, but not all is known of its end: the trace may now end anywhere, after the nanoseconds that
    /// are given too.
    pub(crate) fn into_open(self) -> Option<(OpenTrace, Current, u64)> {
        let mut held = context::hold();
        let Active { recorder, trace, stage } = held.active.as_deref_mut()?;
        let Self { start, early, mut text, outer } = self;
        let duration = recorder.nanos_since(start.start);
        let current = std::mem::replace(trace, Current { id: start.parent, shared: outer });
        if let Some(stage) = stage {
            stage.store.text(early, start.early_len()).clone_into(&mut text);
            stage.begun += 1;
        }
        let trace = OpenTrace {
            recorder: Arc::clone(recorder),
            start,
            text,
            notes: String::new(),
            ended: false,
        };
        Some((trace, current, duration))
    }
}
