//! Operations whose body stays where it is: no closure, so that `return`, `break` and borrows mean what they meant.

use std::cell::RefCell;
use std::thread;

use crate::capture;
use crate::panics::{self, Parked};
use crate::trace::{LocalTrace, Outcome, Returned};

/// Sees the end of a block, whichever way it is left.
pub struct BlockGuard {
    running: RefCell<Option<Running>>,
    /// What is recorded as the output when the block ends without having shown its value; empty: it was left.
    returns: &'static str,
    /// The block may run inside a destructor that a panic elsewhere brought about.
    panicking_before: bool,
}

struct Running {
    trace: LocalTrace,
    /// The text of the error that left by `?`.
    fault: Option<String>,
}

impl BlockGuard {
    pub(crate) fn new(trace: Option<LocalTrace>, returns: &'static str) -> Self {
        let running = trace.map(|trace| Running { trace, fault: None });
        Self { running: RefCell::new(running), returns, panicking_before: thread::panicking() }
    }

    pub(crate) fn is_recording(&self) -> bool {
        self.running.borrow().is_some()
    }

    /// The block has shown its value.
    pub(crate) fn end(&self, write: &mut dyn FnMut(&mut Returned<'_>)) {
        let running = self.running.borrow_mut().take();
        if let Some(running) = running {
            running.trace.end_returned(write);
        }
    }

    /// An error may be about to leave the block.
    pub(crate) fn observe(&self, write: &mut dyn FnMut(&mut Returned<'_>)) {
        let fault = if self.is_recording() { LocalTrace::error_text(write) } else { None };
        if fault.is_some()
            && let Some(running) = &mut *self.running.borrow_mut()
        {
            running.fault = fault;
        }
    }
}

impl Running {
    fn end(self, outcome: Outcome<'_>) {
        self.trace.end(outcome);
    }

    /// The operation is over, and a layer above will know the panic's message.
    fn park(self) {
        if let Some((trace, current, duration)) = self.trace.into_open() {
            panics::park(Parked { trace, current, duration });
        }
    }
}

impl Drop for BlockGuard {
    fn drop(&mut self) {
        let Some(mut running) = self.running.get_mut().take() else { return };
        if thread::panicking() && !self.panicking_before {
            return running.park();
        }
        if let Some(fault) = running.fault.take() {
            return running
                .end(Outcome::Returned(&mut |returned| returned.error(|out, _| out.push_str(&fault))));
        }
        if self.returns.is_empty() {
            return running.end(Outcome::Left);
        }
        let returns = self.returns;
        running.end(Outcome::Returned(&mut |returned| {
            returned.output(|out, policy| {
                capture::write_value_text(out, policy, returns);
            });
        }));
    }
}
