//! What was recorded, as a tree to ask questions of.

use std::fmt;

use super::display::TreeDisplay;
use super::node::{Node, TraceNode};
use crate::export::walk;
use crate::record::{Batch, Store};
use crate::trace_type::TraceType;

/// The traces that a [`capture`](fn@super::capture) has recorded.
///
/// Traces stand in the order in which they began: roots, children, and all of them together. Branches of a `join!` begin in
/// the order in which they are polled first. Tasks begin in the order in which the runtime runs them, which on several
/// threads may differ from run to run.
///
/// `Display` writes the tree without times and ids, so that it is the same in every run: see [`display`](Self::display).
/// `Debug` writes the same.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// let tree = capture_sync(support_agent);
/// assert_eq!(
///     tree.to_string(),
///     r#"AGENT "support_agent"
///   RETRIEVER "search"
///     input = {"query":"plans"}
///     output = {"value":["Plans can be changed at any time."]}
///     metadata = {"index":"faq-v2"}
///   TOOL "fetch_user"
///     input = {"user_id":"u-17"}
///     error = "no customer u-17"
/// "#
/// );
/// # }
/// ```
#[derive(Clone, Default)]
pub struct TraceTree {
    /// Each followed by its children.
    nodes: Vec<Node>,
    /// Positions in `nodes`, in the order in which the traces began.
    by_start: Vec<usize>,
    unfinished: Unfinished,
}

/// What a capture has not waited for any longer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Unfinished {
    pub(super) traces: u64,
    pub(super) carriers: u64,
}

impl TraceTree {
    /// The traces of batches that a [`MemoryExporter`](crate::export::MemoryExporter) holds, to ask the same questions of
    /// what a whole program records.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::{export::MemoryExporter, testing::TraceTree};
    ///
    /// let memory = MemoryExporter::new();
    /// // … a client with this exporter records, and is flushed …
    /// assert!(TraceTree::from_batches(&memory.batches()).is_empty());
    /// # }
    /// ```
    pub fn from_batches(batches: &[Batch]) -> Self {
        let merged = match batches {
            [one] => one.clone(),
            several => {
                let mut store = Store::default();
                for batch in several {
                    batch.add_to(&mut store);
                }
                Batch::new("".into(), store)
            }
        };
        Self::of(&merged)
    }

    fn of(batch: &Batch) -> Self {
        let mut nodes: Vec<Node> = Vec::with_capacity(batch.len());
        let mut above: Vec<usize> = Vec::new();
        for placed in walk(batch) {
            above.truncate(placed.depth);
            let at = nodes.len();
            nodes.push(Node::new(&placed.trace, above.last().copied(), placed.depth, placed.orphan));
            above.push(at);
        }
        for at in (0..nodes.len()).rev() {
            let end = nodes[at].end.max(at + 1);
            nodes[at].end = end;
            if let Some(parent) = nodes[at].parent {
                nodes[parent].end = nodes[parent].end.max(end);
            }
        }
        let mut by_start: Vec<usize> = (0..nodes.len()).collect();
        by_start.sort_by_key(|&at| nodes[at].id);
        Self { nodes, by_start, unfinished: Unfinished::default() }
    }

    pub(super) fn set_unfinished(&mut self, unfinished: Unfinished) {
        self.unfinished = unfinished;
    }

    pub(super) fn left_over(&self) -> Unfinished {
        self.unfinished
    }

    pub(super) fn at(&self, at: usize) -> &Node {
        &self.nodes[at]
    }

    pub(super) fn node(&self, at: usize) -> TraceNode<'_> {
        TraceNode { tree: self, at }
    }

    /// How many traces there are.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.len(), 3);
    /// # }
    /// ```
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether nothing was recorded.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert!(!tree.is_empty());
    /// # }
    /// ```
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// How many traces had not ended when the capture did, or, if there are more of them, how many tasks and threads that may
    /// still record some. What they record is not in the tree. 0: all of it is.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.unfinished(), 0);
    /// # }
    /// ```
    pub fn unfinished(&self) -> u64 {
        // An open trace in a spawned task is one thing that has not ended, not two.
        self.unfinished.traces.max(self.unfinished.carriers)
    }

    /// All traces, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// let slow = tree.iter().filter(|trace| trace.latency() > std::time::Duration::from_secs(1));
    /// assert_eq!(slow.count(), 0);
    /// # }
    /// ```
    pub fn iter(&self) -> impl ExactSizeIterator<Item = TraceNode<'_>> + DoubleEndedIterator + Clone {
        self.by_start.iter().map(|&at| self.node(at))
    }

    /// The traces that have no parent, in the order in which they began.
    ///
    /// A trace whose parent had not ended when the capture did is among them.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.roots()[0].name(), "support_agent");
    /// # }
    /// ```
    pub fn roots(&self) -> Vec<TraceNode<'_>> {
        self.siblings(0, self.nodes.len())
    }

    /// From one position to another, where no one's children are cut off.
    pub(super) fn siblings(&self, from: usize, to: usize) -> Vec<TraceNode<'_>> {
        let mut siblings = Vec::new();
        let mut at = from;
        while at < to {
            siblings.push(self.node(at));
            at = self.nodes[at].end;
        }
        siblings
    }

    /// The first trace of this name, in the order in which they began; [`only`](Self::only) makes sure that there is no other.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.find("search").map(|trace| trace.trace_type()), Some(TraceType::Retriever));
    /// # }
    /// ```
    pub fn find(&self, name: &str) -> Option<TraceNode<'_>> {
        self.iter().find(|trace| trace.name() == name)
    }

    /// All traces of this name, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.find_all("search").len(), 1);
    /// # }
    /// ```
    pub fn find_all(&self, name: &str) -> Vec<TraceNode<'_>> {
        self.iter().filter(|trace| trace.name() == name).collect()
    }

    /// The one trace of this name.
    ///
    /// # Panics
    ///
    /// When there is none, or more than one; the message shows the tree.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.only("search").metadata()["index"], "faq-v2");
    /// # }
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "an assertion")]
    pub fn only(&self, name: &str) -> TraceNode<'_> {
        match self.find_all(name).as_slice() {
            [one] => *one,
            [] => panic!("there is no trace `{name}` in\n\n{self}{}", self.why_nothing()),
            several => panic!("there are {} traces `{name}` in\n\n{self}", several.len()),
        }
    }

    /// The first trace at the end of this path from a root: names with `/` between.
    ///
    /// A name that has a `/` itself is written as it is.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.path("support_agent/search").unwrap().input()["query"], "plans");
    /// assert!(tree.path("search").is_none(), "it is no root");
    /// # }
    /// ```
    pub fn path(&self, path: &str) -> Option<TraceNode<'_>> {
        self.path_all(path).into_iter().next()
    }

    /// All traces at the end of this path from a root.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.path_all("support_agent/search").len(), 1);
    /// # }
    /// ```
    pub fn path_all(&self, path: &str) -> Vec<TraceNode<'_>> {
        along(self.roots(), path)
    }

    /// The names of all traces, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.names(), ["support_agent", "search", "fetch_user"]);
    /// # }
    /// ```
    pub fn names(&self) -> Vec<&str> {
        self.iter().map(|trace| trace.name()).collect()
    }

    /// The names of the traces of one type, in the order in which they began: which tools were called, and in which order.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.names_of(TraceType::Tool), ["fetch_user"]);
    /// # }
    /// ```
    pub fn names_of(&self, trace_type: TraceType) -> Vec<&str> {
        self.of_type(trace_type).iter().map(TraceNode::name).collect()
    }

    /// The traces of one type, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.of_type(TraceType::Tool)[0].input()["user_id"], "u-17");
    /// # }
    /// ```
    pub fn of_type(&self, trace_type: TraceType) -> Vec<TraceNode<'_>> {
        self.iter().filter(|trace| trace.trace_type() == trace_type).collect()
    }

    /// The traces that failed, in the order in which they began.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// assert_eq!(tree.errors()[0].error(), Some("no customer u-17"));
    /// # }
    /// ```
    pub fn errors(&self) -> Vec<TraceNode<'_>> {
        self.iter().filter(|trace| trace.error().is_some()).collect()
    }

    /// The tree as text, with more or less in it than `Display` writes.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
    /// # fn main() {
    /// let tree = capture_sync(support_agent);
    /// println!("{}", tree.display().with_times());
    /// # }
    /// ```
    pub fn display(&self) -> TreeDisplay<'_> {
        TreeDisplay::new(self)
    }

    /// Why there may be no trace at all; empty when there is one.
    pub(super) fn why_nothing(&self) -> &'static str {
        if self.is_empty() { NOTHING } else { "" }
    }
}

const NOTHING: &str = "
Nothing was recorded at all. Either
  - no function with `#[galtea::trace]` and no `trace_scope!` ran inside of the capture,
  - the future that calls it was never awaited,
  - it ran in a task or thread that has lost the context: use `galtea::spawn`, or `.in_current_trace()` on the future, or
  - it ran in the scope of an inference result that the code under test opens itself.
";

/// The traces at the end of a path that begins with the name of one of these.
pub(super) fn along<'tree>(first: Vec<TraceNode<'tree>>, path: &str) -> Vec<TraceNode<'tree>> {
    let mut found = Vec::new();
    let mut open: Vec<(TraceNode<'tree>, &str)> = Vec::new();
    open.extend(first.into_iter().rev().map(|trace| (trace, path)));
    while let Some((trace, path)) = open.pop() {
        let Some(rest) = path.strip_prefix(trace.name()) else { continue };
        if rest.is_empty() {
            found.push(trace);
        } else if let Some(rest) = rest.strip_prefix('/') {
            open.extend(trace.children().into_iter().rev().map(|child| (child, rest)));
        }
    }
    found
}

impl fmt::Display for TraceTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.display(), f)
    }
}

impl fmt::Debug for TraceTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
