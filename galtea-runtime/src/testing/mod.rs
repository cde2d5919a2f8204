//! Unit tests of what an agent does: the feature `testing`.
//!
//! [`capture`](fn@capture) runs code and gives back the traces that it has recorded, as a [`TraceTree`], with no network, no
//! client and no globals. [`assert_trace_tree!`] compares a tree with the one that is expected.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
//! # fn main() {
//! use galtea::testing::assert_trace_tree;
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
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
//! # static COMPLETE: Site = Site::new("complete", TraceType::Generation, "");
//! # fn complete() {
//! #     traced(&COMPLETE, || panic!("out of tokens"));
//! # }
//! # fn main() {
//! let tree = capture_sync(|| {
//!     let outcome = std::panic::catch_unwind(complete); // a traced function
//!     assert!(outcome.is_err());
//! });
//! assert_eq!(tree.only("complete").error(), Some("panicked: out of tokens"));
//! # }
//! ```

mod align;
mod assertion;
mod capture;
mod diff;
mod display;
#[doc(hidden)]
pub mod expected;
mod node;
mod recording;
mod tree;

#[doc(hidden)]
pub use serde_json::json as __json;

#[doc(hidden)]
pub use self::assertion::check as __check;
pub use self::capture::{Capture, capture, capture_output, capture_output_sync, capture_sync};
pub use self::display::TreeDisplay;
pub use self::node::TraceNode;
pub use self::tree::TraceTree;
#[doc(inline)]
pub use crate::assert_trace_tree;
