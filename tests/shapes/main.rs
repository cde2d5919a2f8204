//! The attribute on functions of every shape: each compiles, does what it did, and says what it was given and returned.

#![deny(warnings)]
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the functions are odd on purpose; what the attribute writes is looked at in tests/lints"
)]

mod arguments;
mod captured;
mod errors;
mod futures;
mod limits;
mod receivers;
mod signatures;

#[path = "../recorded/mod.rs"]
mod recorded;
