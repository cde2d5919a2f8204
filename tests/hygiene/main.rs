//! Names of the user's that are also ours, or the standard library's, mean what they mean without the attribute.

#![deny(warnings)]

mod bare;
mod names;
mod shadowed;

#[path = "../recorded/mod.rs"]
mod recorded;
