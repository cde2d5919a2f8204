//! Which recorded trace stands for which expected one, so that the fewest are left over.

use super::expected::{ExpectedTrace, Item, Siblings};
use super::node::TraceNode;

/// One step through expected and recorded siblings, top to bottom.
#[derive(Clone, Debug)]
pub(super) enum Step<'a> {
    /// They stand for each other, which does not mean that they are equal.
    Pair(&'a ExpectedTrace, TraceNode<'a>),
    /// Expected, and not recorded.
    Missing(&'a ExpectedTrace),
    /// Recorded, and not expected.
    Extra(TraceNode<'a>),
    /// `..`, and how many traces it stands for.
    Rest(usize),
}

/// How far off what was recorded is. 0: it is what was expected.
pub(super) struct Alignment<'a> {
    pub(super) cost: usize,
    pub(super) steps: Vec<Step<'a>>,
}

/// A trace that has no counterpart costs more than one with whatever differences, so that traces of one name are paired; and
/// one that is missing costs most, so that `..` leaves to others what these need.
const MISSING: usize = 5;
const EXTRA: usize = 4;
const MOST_DIFFERENCES: usize = 3;

pub(super) fn align<'a>(expected: &'a Siblings, recorded: &[TraceNode<'a>]) -> Alignment<'a> {
    if expected.unordered { unordered(expected, recorded) } else { ordered(expected, recorded) }
}

/// `None`: they cannot be meant for each other.
fn pair_cost(expected: &ExpectedTrace, trace: &TraceNode<'_>) -> Option<usize> {
    if !expected.may_be(trace) {
        return None;
    }
    let own = expected.mismatches(trace).len() + usize::from(!expected.has_type_of(trace));
    Some(own.min(MOST_DIFFERENCES) + align(&expected.children, &trace.children()).cost)
}

fn missing_cost(expected: &ExpectedTrace) -> usize {
    MISSING * expected.size()
}

fn extra_cost(trace: &TraceNode<'_>) -> usize {
    EXTRA * trace.size()
}

/// The cheapest way from each place to the end, found from the end backwards.
///
/// ```text
/// table[e][r]   what is left of `expected` from e on, of `recorded` from r on
///   pair     → table[e + 1][r + 1]
///   missing  → table[e + 1][r]       and so does `..` that ends
///   extra    → table[e][r + 1]       and so does `..` that goes on
/// ```
fn ordered<'a>(expected: &'a Siblings, recorded: &[TraceNode<'a>]) -> Alignment<'a> {
    let (rows, columns) = (expected.items.len() + 1, recorded.len() + 1);
    let mut table = vec![vec![(0_usize, Move::Pair); columns]; rows];
    for e in (0..rows).rev() {
        for r in (0..columns).rev() {
            if e + 1 < rows || r + 1 < columns {
                table[e][r] = cheapest(expected.items.get(e), recorded.get(r), |moved| match moved {
                    Move::Pair => table[e + 1][r + 1].0,
                    Move::Missing => table[e + 1][r].0,
                    Move::Extra => table[e][r + 1].0,
                });
            }
        }
    }
    Alignment { cost: table[0][0].0, steps: steps(expected, recorded, &table) }
}

#[derive(Clone, Copy, Debug)]
enum Move {
    Pair,
    Missing,
    Extra,
}

fn cheapest(
    item: Option<&Item>,
    trace: Option<&TraceNode<'_>>,
    rest: impl Fn(Move) -> usize,
) -> (usize, Move) {
    let is_rest = matches!(item, Some(Item::Rest));
    let pair = match (item, trace) {
        (Some(Item::Trace(expected)), Some(trace)) => {
            pair_cost(expected, trace).map(|cost| cost + rest(Move::Pair))
        }
        _ => None,
    };
    let missing = item.map(|item| match item {
        Item::Trace(expected) => missing_cost(expected) + rest(Move::Missing),
        Item::Rest => rest(Move::Missing),
    });
    let extra = trace.map(|trace| if is_rest { 0 } else { extra_cost(trace) } + rest(Move::Extra));
    // The first of equals, so that `..` takes as much as it can, and what is expected stands above what was recorded.
    let order = if is_rest {
        [(extra, Move::Extra), (missing, Move::Missing), (pair, Move::Pair)]
    } else {
        [(pair, Move::Pair), (missing, Move::Missing), (extra, Move::Extra)]
    };
    let moves = order.into_iter().filter_map(|(cost, moved)| Some((cost?, moved)));
    moves.min_by_key(|(cost, _)| *cost).unwrap_or((0, Move::Pair))
}

fn steps<'a>(
    expected: &'a Siblings,
    recorded: &[TraceNode<'a>],
    table: &[Vec<(usize, Move)>],
) -> Vec<Step<'a>> {
    let (mut e, mut r, mut taken, mut steps) = (0, 0, 0, Vec::new());
    while e < expected.items.len() || r < recorded.len() {
        match (table[e][r].1, expected.items.get(e), recorded.get(r)) {
            (Move::Pair, Some(Item::Trace(expected)), Some(trace)) => {
                steps.push(Step::Pair(expected, *trace));
                (e, r) = (e + 1, r + 1);
            }
            (Move::Extra, Some(Item::Rest), _) => (taken, r) = (taken + 1, r + 1),
            (Move::Extra, _, Some(trace)) => {
                steps.push(Step::Extra(*trace));
                r += 1;
            }
            (_, Some(Item::Rest), _) => {
                steps.push(Step::Rest(std::mem::take(&mut taken)));
                e += 1;
            }
            (_, Some(Item::Trace(expected)), _) => {
                steps.push(Step::Missing(expected));
                e += 1;
            }
            (_, None, _) => break,
        }
    }
    steps
}

/// Pairs what is equal, as much of it as can be at once; of what is left, what has the same name and differs least.
fn unordered<'a>(expected: &'a Siblings, recorded: &[TraceNode<'a>]) -> Alignment<'a> {
    let wanted: Vec<&ExpectedTrace> = expected.items.iter().filter_map(Item::trace).collect();
    let costs: Vec<Vec<Option<usize>>> = wanted
        .iter()
        .map(|expected| recorded.iter().map(|trace| pair_cost(expected, trace)).collect())
        .collect();
    let mut pairs = Pairs { costs, of_recorded: vec![None; recorded.len()] };
    let mut left: Vec<usize> =
        (0..wanted.len()).filter(|&e| !pairs.pair_equal(e, &mut vec![false; recorded.len()])).collect();
    left.retain(|&e| !pairs.pair_nearest(e));
    let mut cost: usize = left.iter().map(|&e| missing_cost(wanted[e])).sum();
    let (mut steps, mut rest) = (Vec::new(), 0);
    for (r, trace) in recorded.iter().enumerate() {
        if let Some(e) = pairs.of_recorded[r] {
            cost += pairs.costs[e][r].unwrap_or(0);
            steps.push(Step::Pair(wanted[e], *trace));
        } else if expected.has_rest() {
            rest += 1;
        } else {
            cost += extra_cost(trace);
            steps.push(Step::Extra(*trace));
        }
    }
    steps.extend(left.into_iter().map(|e| Step::Missing(wanted[e])));
    steps.extend(expected.has_rest().then_some(Step::Rest(rest)));
    Alignment { cost, steps }
}

struct Pairs {
    /// By expected, then by recorded trace.
    costs: Vec<Vec<Option<usize>>>,
    of_recorded: Vec<Option<usize>>,
}

impl Pairs {
    /// Finds an equal trace for `e`, for which those that have one already may have to take another.
    fn pair_equal(&mut self, e: usize, seen: &mut [bool]) -> bool {
        for r in 0..seen.len() {
            if self.costs[e][r] != Some(0) || std::mem::replace(&mut seen[r], true) {
                continue;
            }
            if self.of_recorded[r].is_none_or(|other| self.pair_equal(other, seen)) {
                self.of_recorded[r] = Some(e);
                return true;
            }
        }
        false
    }

    fn pair_nearest(&mut self, e: usize) -> bool {
        let free = (0..self.of_recorded.len()).filter(|&r| self.of_recorded[r].is_none());
        let nearest = free.filter_map(|r| Some((self.costs[e][r]?, r))).min();
        nearest.is_some_and(|(_, r)| {
            self.of_recorded[r] = Some(e);
            true
        })
    }
}
