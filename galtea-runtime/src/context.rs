//! Which inference result and which trace are current on this thread.
//!
//! ```text
//! MODE      is anything recorded here?       the one read that a call pays outside a scope
//! CURRENT   recorder, id of current trace    swapped in while a future is polled or a closure runs, swapped back after
//! ```

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use crate::handle::Shared;
use crate::recorder::Recorder;

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
    static CURRENT: RefCell<Context> = const { RefCell::new(Context::NONE) };
}

/// What a thread has, or what a future takes along from poll to poll.
#[derive(Default)]
pub(crate) struct Context {
    pub(crate) recorder: Option<Arc<Recorder>>,
    pub(crate) trace: Current,
    /// Without a recorder: whether that is on purpose.
    pub(crate) off: bool,
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

impl Context {
    const NONE: Self = Self { recorder: None, trace: Current { id: 0, shared: None }, off: false };

    pub(crate) fn new(recorder: Arc<Recorder>, trace: Current) -> Self {
        Self { recorder: Some(recorder), trace, off: false }
    }

    fn mode(&self) -> Mode {
        match (&self.recorder, self.off) {
            (Some(_), _) => Mode::Active,
            (None, true) => Mode::Off,
            (None, false) => Mode::Outside,
        }
    }

    /// Makes this the thread's context until the guard goes.
    pub(crate) fn enter(&mut self) -> Entered<'_> {
        let before = self.swap_in();
        Entered { context: self, before }
    }

    /// Makes this the thread's context, until [`swap_out`](Self::swap_out) is given what this gave.
    pub(crate) fn swap_in(&mut self) -> Mode {
        let before = replace_mode(self.mode());
        self.swap();
        before
    }

    pub(crate) fn swap_out(&mut self, before: Mode) {
        self.swap();
        replace_mode(before);
    }

    /// Does nothing on a thread whose locals are gone already.
    fn swap(&mut self) {
        let _ = CURRENT.try_with(|current| {
            if let Ok(mut current) = current.try_borrow_mut() {
                std::mem::swap(&mut *current, self);
            }
        });
    }
}

/// See [`Context::enter`].
pub(crate) struct Entered<'a> {
    context: &'a mut Context,
    before: Mode,
}

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        self.context.swap_out(self.before);
    }
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

fn replace_mode(mode: Mode) -> Mode {
    MODE.try_with(|current| current.replace(mode)).unwrap_or_default()
}

/// Keeps what instrumentation itself runs (a user's `Debug`, say) from being recorded.
pub(crate) struct Muted {
    before: Mode,
}

pub(crate) fn mute() -> Muted {
    Muted { before: replace_mode(Mode::Off) }
}

impl Drop for Muted {
    fn drop(&mut self) {
        replace_mode(self.before);
    }
}

/// The current recorder and the id of the current trace.
pub(crate) fn current() -> Option<(Arc<Recorder>, u128)> {
    with(|context| context.recorder.clone().map(|recorder| (recorder, context.trace.id))).flatten()
}

/// Looks at the thread's context. `read` must not run user code.
pub(crate) fn with<R>(read: impl FnOnce(&mut Context) -> R) -> Option<R> {
    CURRENT
        .try_with(|current| current.try_borrow_mut().ok().map(|mut current| read(&mut current)))
        .ok()
        .flatten()
}

/// Makes `trace` the current one, within the same recorder, and gives back the one before.
#[inline]
pub(crate) fn replace_trace(trace: Current) -> Current {
    with(|context| std::mem::replace(&mut context.trace, trace)).unwrap_or_default()
}
