//! A single trace that is too large for a request: its largest fields are cut, down to a common level, and say so.
//!
//! ```text
//! input    ██████████████▒▒▒▒▒▒▒▒        within an object the largest entries are cut in the same way
//! output   ██████████████▒▒              ▒ is cut
//! metadata ████                          small ones stay whole
//!                       ▲ level
//! ```

mod json;

use self::json::cut_object;
use crate::encode::{self, escaped_len, escaped_prefix};
use crate::record::{Batch, Texts, Trace};

/// A field is not cut below this: there must be room to say that it was cut, and how long it had been.
const FIELD_FLOOR: usize = 64;

/// The batch's one trace as a batch whose JSON has at most `limit` bytes, or as few as leave every field a mark.
pub(super) fn trim(batch: &Batch, limit: usize) -> Batch {
    match batch.iter().next() {
        Some(trace) => trim_trace(trace, limit),
        None => batch.clone(),
    }
}

/// What to send when the batch is too large for the server, whatever its limit is: two halves, or a single trace cut to
/// half its size. `None` when there is nothing left to cut.
pub(super) fn halve(batch: &Batch) -> Option<Vec<Batch>> {
    let middle = batch.len() / 2;
    if middle > 0 {
        return Some(vec![batch.part(0..middle), batch.part(middle..batch.len())]);
    }
    let size = |batch: &Batch| batch.iter().map(encode::bound).sum::<usize>();
    let trimmed = trim(batch, size(batch) / 2);
    (size(&trimmed) < size(batch)).then(|| vec![trimmed])
}

fn trim_trace(trace: Trace<'_>, limit: usize) -> Batch {
    let texts = trace.texts();
    let sizes = sizes(&texts);
    let frame = encode::bound(trace) + encode::BRACKETS - sizes.iter().sum::<usize>();
    let level = level(&sizes, limit.saturating_sub(frame)).max(FIELD_FLOOR);
    let object = |text: &str| if text.len() > level { cut_object(text, level) } else { text.to_owned() };
    let plain = |text: &str| if escaped_len(text) > level { cut_text(text, level) } else { text.to_owned() };
    trace.with_texts(&Texts {
        input: &object(texts.input),
        output: &object(texts.output),
        metadata: &object(texts.metadata),
        error: &plain(texts.error),
        name: &plain(texts.name),
        description: &plain(texts.description),
    })
}

fn sizes(texts: &Texts<'_>) -> [usize; 6] {
    [
        texts.input.len(),
        texts.output.len(),
        texts.metadata.len(),
        escaped_len(texts.error),
        escaped_len(texts.name),
        escaped_len(texts.description),
    ]
}

/// The highest level such that the sizes, each cut down to it, fit into `limit` together.
fn level(sizes: &[usize], limit: usize) -> usize {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    let mut left = limit;
    for (index, size) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - index);
        if *size > share {
            return share;
        }
        left -= size;
    }
    usize::MAX
}

/// What takes the place of the rest: `…[truncated, 1234 bytes]`, with the length that the whole had.
fn mark(bytes: usize) -> String {
    format!("…[truncated, {bytes} bytes]")
}

/// The start of the text and a mark, in at most `limit` bytes of a JSON string.
fn cut_text(text: &str, limit: usize) -> String {
    let mark = mark(text.len());
    let start = escaped_prefix(text, limit.saturating_sub(mark.len()));
    format!("{start}{mark}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::Shape;
    use crate::synthetic::{SyntheticTrace, batch};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn body_len(batch: &Batch) -> usize {
        encode::body(batch, Shape::Envelope).len()
    }

    #[test]
    fn the_largest_fields_are_cut_to_a_common_level_and_the_small_ones_stay() {
        assert_eq!(level(&[100, 10, 50], 200), usize::MAX);
        assert_eq!(level(&[100, 10, 50], 130), 70);
        assert_eq!(level(&[100, 10, 80], 130), 60);
        assert_eq!(level(&[100, 10, 50], 0), 0);
    }

    #[test]
    fn a_trimmed_trace_keeps_its_identity_and_its_small_fields() {
        let trace = SyntheticTrace {
            input: json!({ "question": "why?", "document": "x".repeat(50_000) }).to_string(),
            error: "line\n".repeat(10_000),
            ..SyntheticTrace::new(7).under(3)
        };
        let whole = batch("ir_1", [trace]);
        let trimmed = trim(&whole, 8_000);
        let (before, after) = (whole.iter().next().unwrap(), trimmed.iter().next().unwrap());
        assert!(body_len(&trimmed) <= 8_000 && body_len(&trimmed) > 7_500, "{}", body_len(&trimmed));
        assert_eq!(
            (after.id(), after.parent_id(), after.name()),
            (before.id(), before.parent_id(), before.name())
        );
        assert_eq!((after.latency(), after.output()), (before.latency(), before.output()));
        let input: Value = serde_json::from_str(after.input().unwrap()).unwrap();
        assert_eq!(input["question"], "why?");
        assert!(input["document"].as_str().unwrap().ends_with("x…[truncated, 50000 bytes]"));
        assert!(after.error().unwrap().ends_with("…[truncated, 50000 bytes]"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_level_uses_the_limit_up_and_never_exceeds_it(
            sizes in proptest::collection::vec(0_usize..1_000, 1..8),
            limit in 0_usize..4_000,
        ) {
            let level = level(&sizes, limit);
            let sum = |level: usize| sizes.iter().map(|size| *size.min(&level)).sum::<usize>();
            prop_assert!(sum(level) <= limit);
            prop_assert!(level == usize::MAX || sum(level + 1) > limit);
        }

        #[test]
        fn any_trace_is_trimmed_to_the_limit(
            input in "\\PC{0,3000}", error in any::<String>(), repeat in 1_usize..200, limit in 1_200_usize..9_000,
        ) {
            let trace = SyntheticTrace {
                input: json!({ "a": input, "b": [input.repeat(2)] }).to_string(),
                error: error.repeat(repeat),
                name: format!("name {error}"),
                ..SyntheticTrace::new(1)
            };
            let trimmed = trim(&batch("ir_1", [trace]), limit);
            prop_assert!(body_len(&trimmed) <= limit, "{} of {limit}", body_len(&trimmed));
            prop_assert!(serde_json::from_slice::<Value>(&encode::body(&trimmed, Shape::Array)).is_ok());
        }
    }
}
