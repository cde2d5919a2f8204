use std::thread;

use crate::capture;
use crate::context::{self, Current};
use crate::trace::{OpenTrace, Outcome};

/// Sees the end of a function whose body must stay where it is. What it returns is known by its type only.
pub struct Stay {
    running: Option<(OpenTrace, Current)>,
    returns: &'static str,
    /// The function may run inside a destructor that a panic elsewhere brought about.
    panicking_before: bool,
}

impl Stay {
    pub(crate) fn new(trace: Option<OpenTrace>, returns: &'static str) -> Self {
        let running = trace.map(|trace| {
            let outer = context::replace_trace(trace.as_current());
            (trace, outer)
        });
        Self { running, returns, panicking_before: thread::panicking() }
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        let Some((mut trace, outer)) = self.running.take() else { return };
        let current = context::replace_trace(outer);
        if thread::panicking() && !self.panicking_before {
            return trace.end(&current, Outcome::Panicked(None));
        }
        let returns = self.returns;
        trace.end(
            &current,
            Outcome::Returned(&mut |returned| {
                returned.output(|out, policy| capture::write_text(out, policy, returns));
            }),
        );
    }
}
