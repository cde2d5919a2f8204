//! One batch into requests: parents before children, each within the limits.

use std::ops::Range;

use crate::delivery::trim;
use crate::encode;
use crate::record::Batch;

/// Limits of one request.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) traces: usize,
    pub(super) bytes: usize,
}

/// The batch as batches within the limits, in the same order. A single trace above the limit is trimmed.
pub(super) fn split(batch: &Batch, limits: Limits) -> Vec<Batch> {
    let sizes: Vec<usize> = batch.iter().map(encode::bound).collect();
    let ranges = ranges(&sizes, Limits { bytes: limits.bytes.saturating_sub(encode::BRACKETS), ..limits });
    let part = |range: Range<usize>| {
        let size: usize = sizes[range.clone()].iter().sum();
        let part = if range.len() == batch.len() { batch.clone() } else { batch.part(range) };
        if size + encode::BRACKETS > limits.bytes { trim::trim(&part, limits.bytes) } else { part }
    };
    ranges.into_iter().map(part).collect()
}

/// As many in a row as fit, at least one.
fn ranges(sizes: &[usize], limits: Limits) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let (mut start, mut bytes) = (0, 0_usize);
    for (index, size) in sizes.iter().enumerate() {
        let full = index - start == limits.traces || bytes.saturating_add(*size) > limits.bytes;
        if full && index > start {
            ranges.push(start..index);
            (start, bytes) = (index, 0);
        }
        bytes = bytes.saturating_add(*size);
    }
    if start < sizes.len() {
        ranges.push(start..sizes.len());
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Shape;
    use crate::synthetic::{SyntheticTrace, batch, tree};
    use proptest::prelude::*;

    #[test]
    fn a_batch_within_the_limits_stays_whole() {
        let parts = split(&tree("ir_1", 1, 500), Limits { traces: 500, bytes: 8 << 20 });
        assert_eq!(parts.iter().map(Batch::len).collect::<Vec<_>>(), [500]);
    }

    #[test]
    fn a_trace_too_many_makes_a_second_batch() {
        let parts = split(&tree("ir_1", 1, 501), Limits { traces: 500, bytes: 8 << 20 });
        assert_eq!(parts.iter().map(Batch::len).collect::<Vec<_>>(), [500, 1]);
    }

    #[test]
    fn one_trace_above_the_limit_is_cut_and_its_neighbours_are_not() {
        let large = format!(r#"{{"text":"{}"}}"#, "x".repeat(100_000));
        let traces = (1..=3).map(|id| SyntheticTrace {
            input: if id == 2 { large.clone() } else { "{}".to_owned() },
            ..SyntheticTrace::new(id)
        });
        let parts = split(&batch("ir_1", traces), Limits { traces: 500, bytes: 10_000 });
        let inputs: Vec<_> = parts.iter().flat_map(Batch::iter).map(|trace| trace.input().unwrap()).collect();
        assert_eq!((parts.len(), inputs[0], inputs[2]), (3, "{}", "{}"));
        assert!(inputs[1].contains("[truncated, 100000 bytes]"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn every_trace_is_in_one_part_in_order_and_every_part_is_within_the_limits(
            inputs in proptest::collection::vec(0_usize..6_000, 1..40),
            traces in 1_usize..10,
            bytes in 2_000_usize..10_000,
        ) {
            let make = |(id, length): (u128, usize)| SyntheticTrace {
                input: format!(r#"{{"text":"{}"}}"#, "\\\"".repeat(length / 2)),
                ..SyntheticTrace::new(id).under(id - 1)
            };
            let batch = batch("ir_1", (1..).zip(inputs).map(make));
            let parts = split(&batch, Limits { traces, bytes });
            let ids: Vec<_> = parts.iter().flat_map(Batch::iter).map(|trace| trace.id()).collect();
            prop_assert_eq!(ids, batch.iter().map(|trace| trace.id()).collect::<Vec<_>>());
            for part in parts {
                prop_assert!(part.len() <= traces && !part.is_empty());
                let body = encode::body(&part, Shape::Envelope);
                prop_assert!(body.len() <= bytes, "{} of {bytes}", body.len());
                prop_assert!(serde_json::from_slice::<serde_json::Value>(&body).is_ok());
            }
        }
    }
}
