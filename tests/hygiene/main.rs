//! Names of the user's that are also ours, or the standard library's, mean what they mean without the attribute.

#![deny(warnings)]
#![allow(
    clippy::all,
    clippy::pedantic,
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "the functions are odd on purpose; what the attribute writes is looked at in tests/lints"
)]

mod bare;
mod names;
mod shadowed;

#[path = "../recorded/mod.rs"]
mod recorded;
