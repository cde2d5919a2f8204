//! Which inference result and which trace are current on this thread.
//!
//! ```text
//! MODE      is anything recorded here?               the one read that a call pays outside a scope
//! CURRENT   recorder, current trace, scope's stage   swapped in while a future is polled or a closure runs, and back after
//! ```
//!
//! Whoever works with the current context takes it out of the thread first: see [`hold`].

use std::cell::Cell;
use std::sync::Arc;

use crate::handle::Shared;
use crate::recorder::{Recorder, Stage};

/// What becomes of a traced call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// There is no inference result to record it for.
    #[default]
    Outside,
    /// It is recorded.
    Active,
    /// It is not recorded, on purpose: what the instrumentation itself runs, and scopes in which nothing is recorded.
    Off,
}

thread_local! {
    static MODE: Cell<Mode> = const { Cell::new(Mode::Outside) };
    static CURRENT: Cell<Option<Box<Active>>> = const { Cell::new(None) };
}

/// The current inference result and trace.
pub(crate) struct Active {
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) trace: Current,
    /// Of the scope itself; what its tasks and threads record goes to the recorder at once.
    pub(crate) stage: Option<Stage>,
    /// The early texts of calls that run here one inside the other, where there is no stage.
    pub(crate) buffer: String,
}

impl Active {
    pub(crate) fn new(recorder: Arc<Recorder>, trace: Current, stage: Option<Stage>) -> Self {
        Self { recorder, trace, stage, buffer: String::new() }
    }
}

/// The current trace. It is owned by the call that it records; the context only knows who it is.
#[derive(Clone, Default)]
pub(crate) struct Current {
    /// 0: none.
    pub(crate) id: u128,
    /// What handles to the trace share with it; made when the first handle is asked for.
    pub(crate) shared: Option<Arc<Shared>>,
}

impl Current {
    pub(crate) fn of(id: u128) -> Self {
        Self { id, shared: None }
    }
}

/// What a thread has, or what a future takes along from poll to poll.
#[derive(Default)]
pub(crate) struct Context {
    pub(crate) active: Option<Box<Active>>,
    /// Nothing is recorded here, on purpose.
    pub(crate) off: bool,
}

impl Context {
    /// The context of a task or thread of the scope.
    pub(crate) fn carried(recorder: Option<Arc<Recorder>>, trace: Current, off: bool) -> Self {
        let active = recorder.map(|recorder| Box::new(Active::new(recorder, trace, None)));
        Self { active, off }
    }

    fn mode(&self) -> Mode {
        match (&self.active, self.off) {
            (Some(_), _) => Mode::Active,
            (None, true) => Mode::Off,
            (None, false) => Mode::Outside,
        }
    }

    /// Makes this the thread's context until the guard goes.
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        let before = replace_mode(self.mode());
        self.active = replace(self.active.take());
        Entered { context: self, before }
    }
}

/// See [`Context::enter`].
pub(crate) struct Entered<'a> {
    context: &'a mut Context,
    before: Mode,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.context.active = replace(self.context.active.take());
        replace_mode(self.before);
    }
}

/// Makes `trace` of this recorder the current one until the guard goes, wherever this thread is.
pub(crate) fn enter_trace<'a>(recorder: &Arc<Recorder>, trace: &'a mut Current) -> EnteredTrace<'a> {
    let before = swap_in(recorder, trace);
    EnteredTrace { trace, before: Some(before) }
}

/// See [`enter_trace`].
pub(crate) struct EnteredTrace<'a> {
    trace: &'a mut Current,
    before: Option<Before>,
}

impl Drop for EnteredTrace<'_> {
    fn drop(&mut self) {
        if let Some(before) = self.before.take() {
            swap_out(self.trace, before);
        }
    }
}

/// Where a thread was before [`swap_in`].
pub(crate) struct Before {
    outer: Outer,
    mode: Mode,
}

enum Outer {
    /// The recorder was current already.
    Same,
    /// Something else was, or nothing.
    Other(Option<Box<Active>>),
}

/// Makes `trace` of this recorder the current one, until [`swap_out`] is given what this gave.
pub(crate) fn swap_in(recorder: &Arc<Recorder>, trace: &mut Current) -> Before {
    let mode = replace_mode(Mode::Active);
    let mut active = replace(None);
    let outer = match &mut active {
        Some(active) if Arc::ptr_eq(&active.recorder, recorder) => {
            std::mem::swap(&mut active.trace, trace);
            Outer::Same
        }
        _ => {
            let own = Active::new(Arc::clone(recorder), std::mem::take(trace), None);
            Outer::Other(active.replace(Box::new(own)))
        }
    };
    replace(active);
    Before { outer, mode }
}

pub(crate) fn swap_out(trace: &mut Current, before: Before) {
    let mut active = replace(None);
    if let Some(active) = &mut active {
        std::mem::swap(&mut active.trace, trace);
    }
    replace(match before.outer {
        Outer::Same => active,
        Outer::Other(outer) => outer,
    });
    replace_mode(before.mode);
}

/// Whether a call on this thread would be recorded.
#[inline(always)]
#[expect(clippy::inline_always, reason = "this is all that a call outside a scope costs")]
pub(crate) fn is_active() -> bool {
    mode() == Mode::Active
}

#[inline(always)]
#[expect(clippy::inline_always, reason = "as above")]
pub(crate) fn mode() -> Mode {
    MODE.try_with(Cell::get).unwrap_or(Mode::Off)
}

#[inline]
fn replace_mode(mode: Mode) -> Mode {
    MODE.try_with(|current| current.replace(mode)).unwrap_or_default()
}

/// Gives back what it was given on a thread whose locals are gone already.
#[inline]
fn replace(active: Option<Box<Active>>) -> Option<Box<Active>> {
    let mut given = Some(active);
    let before = CURRENT.try_with(|current| current.replace(given.take().flatten()));
    before.unwrap_or_else(|_| given.flatten())
}

/// Keeps what instrumentation itself runs (a user's `Debug`, say) from being recorded.
pub(crate) struct Muted {
    before: Mode,
}

#[inline]
pub(crate) fn mute() -> Muted {
    Muted { before: replace_mode(Mode::Off) }
}

impl Drop for Muted {
    #[inline]
    fn drop(&mut self) {
        replace_mode(self.before);
    }
}

/// The context, taken out of the thread: what runs meanwhile, the user's code too, finds none and is not recorded.
/// It goes back when this goes.
pub(crate) struct Held {
    pub(crate) active: Option<Box<Active>>,
    _muted: Muted,
}

#[inline]
pub(crate) fn hold() -> Held {
    let muted = mute();
    Held { active: replace(None), _muted: muted }
}

impl Drop for Held {
    #[inline]
    fn drop(&mut self) {
        replace(self.active.take());
    }
}

impl Held {
    /// The scope's own stage, where this is the scope of the recorder itself.
    pub(crate) fn stage_of(&mut self, recorder: &Arc<Recorder>) -> Option<&mut Stage> {
        let active = self.active.as_mut()?;
        if Arc::ptr_eq(&active.recorder, recorder) { active.stage.as_mut() } else { None }
    }
}

/// The current recorder and the id of the current trace.
pub(crate) fn current() -> Option<(Arc<Recorder>, u128)> {
    with(|active| (Arc::clone(&active.recorder), active.trace.id))
}

/// Looks at the thread's context.
pub(crate) fn with<R>(read: impl FnOnce(&mut Active) -> R) -> Option<R> {
    hold().active.as_deref_mut().map(read)
}
