//! The attribute on functions of every shape: each compiles, does what it did, and says what it was given and returned.

#![deny(warnings)]

mod arguments;
mod captured;
mod errors;
mod futures;
mod limits;
mod receivers;
mod signatures;

#[path = "../recorded/mod.rs"]
mod recorded;
