//! What an assertion that fails says.

use std::fmt::Write as _;

use super::align::{Step, align};
use super::display::left_over;
use super::expected::{ExpectedTrace, Siblings, error_line};
use super::node::TraceNode;
use super::tree::TraceTree;

/// So many lines are shown of a comparison.
const MOST_LINES: usize = 400;

/// `None`: the tree is what was expected.
pub(super) fn failure(tree: &TraceTree, expected: &Siblings) -> Option<String> {
    let roots = tree.roots();
    let alignment = align(expected, &roots);
    let left_over = left_over(tree.left_over()).filter(|_| !expected.has_rest());
    if alignment.cost == 0 && left_over.is_none() {
        return None;
    }
    let mut diff = Diff::default();
    diff.siblings(expected, &roots, 0);
    let mut message = "the traces are not the expected ones (- expected, + recorded):\n\n".to_owned();
    message.push_str(&diff.finish());
    if let Some(left_over) = left_over {
        let _ = write!(message, "\n{left_over}\n");
    }
    message.push_str(tree.why_nothing());
    Some(message)
}

#[derive(Default)]
struct Diff {
    lines: Vec<String>,
}

impl Diff {
    fn line(&mut self, sign: char, depth: usize, text: &str) {
        self.lines.push(format!("{sign} {:1$}{text}", "", 2 * depth));
    }

    fn siblings<'a>(&mut self, expected: &'a Siblings, recorded: &[TraceNode<'a>], depth: usize) {
        for step in align(expected, recorded).steps {
            match step {
                Step::Pair(expected, trace) => self.pair(expected, trace, depth),
                Step::Missing(expected) => self.missing(expected, depth),
                Step::Extra(trace) => self.extra(&trace, depth),
                Step::Rest(0) => self.line(' ', depth, ".."),
                Step::Rest(1) => self.line(' ', depth, ".. (1 trace)"),
                Step::Rest(taken) => self.line(' ', depth, &format!(".. ({taken} traces)")),
            }
        }
    }

    fn pair(&mut self, expected: &ExpectedTrace, trace: TraceNode<'_>, depth: usize) {
        let recorded = header(&trace);
        if expected.has_type_of(&trace) {
            self.line(' ', depth, &recorded);
        } else {
            self.line('-', depth, &expected.header());
            self.line('+', depth, &recorded);
        }
        for mismatch in expected.mismatches(&trace) {
            if let Some(expected) = mismatch.expected {
                self.line('-', depth + 1, &expected);
            }
            if let Some(recorded) = mismatch.recorded {
                self.line('+', depth + 1, &recorded);
            }
        }
        self.siblings(&expected.children, &trace.children(), depth + 1);
    }

    fn missing(&mut self, expected: &ExpectedTrace, depth: usize) {
        self.line('-', depth, &expected.header());
        expected.lines().iter().for_each(|line| self.line('-', depth + 1, line));
        for step in align(&expected.children, &[]).steps {
            match step {
                Step::Missing(child) => self.missing(child, depth + 1),
                _ => self.line('-', depth + 1, ".."),
            }
        }
    }

    fn extra(&mut self, trace: &TraceNode<'_>, depth: usize) {
        let room = MOST_LINES.saturating_sub(self.lines.len()) + 1;
        for inside in trace.subtree().take(room) {
            let depth = depth + inside.depth() - trace.depth();
            self.line('+', depth, &header(&inside));
            inside.error().iter().for_each(|error| self.line('+', depth + 1, &error_line(error)));
        }
    }

    fn finish(mut self) -> String {
        if self.lines.len() > MOST_LINES {
            self.lines.truncate(MOST_LINES);
            self.lines.push("  …".to_owned());
        }
        self.lines.push(String::new());
        self.lines.join("\n")
    }
}

fn header(trace: &TraceNode<'_>) -> String {
    format!("{} {:?}", trace.trace_type(), trace.name())
}
