//! Unit tests of what an agent does: the feature `testing`.
//!
//! [`capture`](fn@capture) runs code and gives back the traces that it has recorded, as a [`TraceTree`], with no network, no
//! client and no globals. [`assert_trace_tree!`] compares a tree with the one that is expected.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
//! # fn main() {
//! use galtea_runtime::testing::assert_trace_tree;
//!
//! let tree = capture_sync(|| support_agent()); // what the code under test records
//! assert_trace_tree!(tree, {
//!     AGENT "support_agent" {
//!         RETRIEVER "search" (input = { "query": "plans" })
//!         TOOL "fetch_user" (error = "no customer u-17")
//!     }
//! });
//! assert_eq!(tree.names_of(TraceType::Tool), ["fetch_user"]);
//! assert_eq!(tree.only("search").metadata()["index"], "faq-v2");
//! # }
//! ```
//!
//! # Panics
//!
//! A panic of the code under test goes on, past the capture. To look at what it leaves behind, catch it inside:
//!
//! ```
//! use std::panic::catch_unwind;
//! use galtea_runtime::testing::capture_sync;
//!
//! let tree = capture_sync(|| {
//!     let outcome = catch_unwind(|| panic!("out of tokens")); // a traced function
//!     assert!(outcome.is_err());
//! });
//! # drop(tree);
//! ```

mod align;
mod assertion;
mod capture;
mod diff;
mod display;
#[doc(hidden)]
pub mod expected;
mod recording;
mod tree;

#[doc(hidden)]
pub use serde_json::json as __json;

#[doc(hidden)]
pub use self::assertion::check as __check;
pub use self::capture::{Capture, capture, capture_output, capture_output_sync, capture_sync};
pub use self::display::TreeDisplay;
pub use self::tree::{TraceNode, TraceTree};
#[doc(inline)]
pub use crate::assert_trace_tree;
