//! Nothing but a place for the tests of what the compiler says.
