//! A batch as a tree: who stands where, how deep, with which guides in front.

use std::collections::HashMap;

use crate::record::{Batch, Trace};

/// A trace's place in the drawing, top to bottom.
pub(crate) struct Node<'batch> {
    pub(crate) trace: Trace<'batch>,
    /// 0: a root.
    pub(crate) depth: usize,
    /// Its parent is a trace of this inference result that is not in this batch.
    pub(crate) orphan: bool,
    pub(crate) has_children: bool,
    /// For each level above it, and for its own: whether more siblings follow there. Only the last [`GUIDES`] levels.
    pub(crate) guides: Guides,
}

/// So many levels have guides at most; deeper ones show their depth as a number instead.
pub(crate) const GUIDES: usize = 64;

/// Bit 0 is the node's own level, bit 1 its parent's, and so on.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(crate) struct Guides(u64);

impl Guides {
    fn below(self, more_follow: bool) -> Self {
        Self(self.0 << 1 | u64::from(more_follow))
    }

    /// Whether siblings follow, `levels` levels up.
    pub(crate) fn continues(self, levels: usize) -> bool {
        levels < GUIDES && self.0 >> levels & 1 == 1
    }
}

/// The traces of `batch`, each followed by its children, siblings in the order in which they began.
pub(crate) fn walk(batch: &Batch) -> Vec<Node<'_>> {
    let traces: Vec<_> = batch.iter().collect();
    let family = Family::of(&traces);
    let mut nodes = Vec::with_capacity(traces.len());
    // An explicit stack: a batch may be nested deeper than the thread's stack is.
    let mut open: Vec<(usize, usize, Guides)> = Vec::new();
    open.extend(family.roots().rev().map(|root| (root, 0, Guides::default())));
    while let Some((at, depth, guides)) = open.pop() {
        let children = family.children(at);
        let last = children.last().copied();
        nodes.push(Node {
            trace: traces[at],
            depth,
            orphan: depth == 0 && traces[at].parent_id().is_some(),
            has_children: last.is_some(),
            guides,
        });
        open.extend(
            children.iter().rev().map(|&child| (child, depth + 1, guides.below(Some(child) != last))),
        );
    }
    nodes
}

/// Positions of children by position of the parent. Roots and orphans are the children of nobody, kept last.
struct Family {
    children: Vec<Vec<usize>>,
}

impl Family {
    fn of(traces: &[Trace<'_>]) -> Self {
        let places: HashMap<_, _> = traces.iter().enumerate().map(|(at, trace)| (trace.id(), at)).collect();
        let mut children = vec![Vec::new(); traces.len() + 1];
        for (at, trace) in traces.iter().enumerate() {
            // A parent stands before its children. One that does not is taken for absent, so there can be no circle.
            let parent =
                trace.parent_id().and_then(|id| places.get(&id).copied()).filter(|&parent| parent < at);
            children[parent.unwrap_or(traces.len())].push(at);
        }
        Self { children }
    }

    fn roots(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.children.last().into_iter().flatten().copied()
    }

    fn children(&self, at: usize) -> &[usize] {
        &self.children[at]
    }
}
