//! Galtea and its peers, measured side by side in one process and one run. The program prints the table; `cargo bench` shows
//! the same work under divan, with its spread.

#![allow(
    clippy::missing_errors_doc,
    clippy::missing_panics_doc,
    clippy::must_use_candidate,
    clippy::return_self_not_must_use,
    reason = "it serves its own programs alone"
)]

pub mod alloc;
pub mod calls;
pub mod delivery;
pub mod encoding;
pub mod measure;
pub mod memory;
pub mod ours;
pub mod report;
pub mod same;
pub mod scaling;
pub mod server;
pub mod threads;
pub mod tracers;
pub mod work;
