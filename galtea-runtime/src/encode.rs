//! Finished traces as JSON: the body of a request, which is also what a spool file holds.
//!
//! A body is written once, into one buffer that is sent as it is.

mod text;
mod time;

pub(crate) use text::{escaped_len, escaped_prefix, push_escaped};
pub(crate) use time::{parse_micros, push_time};

use crate::record::{Batch, Texts, Trace, TraceId};

/// What one trace takes beside its texts, at most: braces, keys, ids, times, type and latency, and the comma after it.
const FRAME_BYTES: usize = 344;

/// What a body takes beside its traces, at most.
pub(crate) const BRACKETS: usize = r#"{"traces":[]}"#.len();

/// How a request body holds its traces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// `[…]`
    Array,
    /// `{"traces": […]}`
    Envelope,
}

impl Shape {
    #[cfg_attr(not(feature = "http"), expect(dead_code, reason = "only requests have a second shape"))]
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::Array => Self::Envelope,
            Self::Envelope => Self::Array,
        }
    }

    const fn open(self) -> &'static str {
        match self {
            Self::Array => "[",
            Self::Envelope => r#"{"traces":["#,
        }
    }

    const fn close(self) -> &'static str {
        match self {
            Self::Array => "]",
            Self::Envelope => "]}",
        }
    }
}

/// The batch as JSON text.
pub(crate) fn body(batch: &Batch, shape: Shape) -> Vec<u8> {
    let mut out = Vec::with_capacity(batch.iter().map(bound).sum::<usize>() + BRACKETS);
    out.extend_from_slice(shape.open().as_bytes());
    for (index, trace) in batch.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        push_trace(&mut out, trace);
    }
    out.extend_from_slice(shape.close().as_bytes());
    out
}

/// A number of bytes that the trace's JSON, with a comma, never exceeds and comes close to.
pub(crate) fn bound(trace: Trace<'_>) -> usize {
    let Texts { input, output, metadata, error, name, description } = trace.shown();
    let objects = [input, output, metadata];
    let texts = [trace.inference_result_id(), name, description, error];
    FRAME_BYTES
        + objects.into_iter().map(str::len).sum::<usize>()
        + texts.into_iter().map(escaped_len).sum::<usize>()
}

fn push_trace(out: &mut Vec<u8>, trace: Trace<'_>) {
    let texts = trace.shown();
    out.extend_from_slice(br#"{"inferenceResultId":""#);
    push_escaped(out, trace.inference_result_id());
    out.extend_from_slice(br#"","id":""#);
    push_id(out, trace.id());
    if let Some(parent) = trace.parent_id() {
        out.extend_from_slice(br#"","parentTraceId":""#);
        push_id(out, parent);
    }
    out.extend_from_slice(br#"","name":""#);
    push_escaped(out, texts.name);
    out.extend_from_slice(br#"","type":""#);
    out.extend_from_slice(trace.trace_type().as_str().as_bytes());
    push_text(out, r#"","description":""#, texts.description);
    push_text(out, r#"","error":""#, texts.error);
    out.push(b'"');
    push_object(out, r#","inputData":"#, texts.input);
    push_object(out, r#","outputData":"#, texts.output);
    push_object(out, r#","metadata":"#, texts.metadata);
    push_times(out, trace);
    out.push(b'}');
}

/// Writes `key` and the text, and leaves the string open, as `push_trace` does with all its strings.
fn push_text(out: &mut Vec<u8>, key: &str, text: &str) {
    if !text.is_empty() {
        out.extend_from_slice(key.as_bytes());
        push_escaped(out, text);
    }
}

fn push_object(out: &mut Vec<u8>, key: &str, json: &str) {
    if !json.is_empty() {
        out.extend_from_slice(key.as_bytes());
        out.extend_from_slice(json.as_bytes());
    }
}

/// Both times are whole microseconds, so that the end is the start plus the latency to the last digit.
fn push_times(out: &mut Vec<u8>, trace: Trace<'_>) {
    let start = trace.start_micros();
    let latency = trace.latency_micros();
    out.extend_from_slice(br#","latencyMs":"#);
    push_millis(out, latency);
    out.extend_from_slice(br#","startTime":""#);
    push_time(out, start);
    out.extend_from_slice(br#"","endTime":""#);
    push_time(out, start.saturating_add(latency));
    out.push(b'"');
}

/// Microseconds as a decimal number of milliseconds, without zeros at its end: 45500 is `45.5`.
fn push_millis(out: &mut Vec<u8>, micros: u64) {
    out.extend_from_slice(itoa::Buffer::new().format(micros / 1_000).as_bytes());
    let thousandths = micros % 1_000;
    if thousandths == 0 {
        return;
    }
    out.push(b'.');
    let mut rest = thousandths;
    let mut unit = 100;
    while rest > 0 {
        out.push(time::digit(rest / unit));
        rest %= unit;
        unit /= 10;
    }
}

fn push_id(out: &mut Vec<u8>, id: TraceId) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut digits = *b"trace_00000000000000000000000000000000";
    for (pair, byte) in digits[6..].chunks_exact_mut(2).zip(id.0.to_be_bytes()) {
        pair[0] = HEX[usize::from(byte >> 4)];
        pair[1] = HEX[usize::from(byte & 0xf)];
    }
    out.extend_from_slice(&digits);
}

#[cfg(test)]
mod tests;
