use std::panic::Location;

use crate::trace_type::TraceType;

/// What is known about a traced place in the program when it is compiled.
#[derive(Debug)]
pub struct Site {
    pub(crate) name: &'static str,
    pub(crate) trace_type: TraceType,
    /// Empty: none.
    pub(crate) description: &'static str,
    pub(crate) place: &'static Location<'static>,
}

impl Site {
    /// The place is that of the call.
    #[track_caller]
    pub const fn new(name: &'static str, trace_type: TraceType, description: &'static str) -> Self {
        Self { name, trace_type, description, place: Location::caller() }
    }
}
