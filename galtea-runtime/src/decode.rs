//! Reads back what [`encode`](crate::encode) wrote: a batch out of a spool file.
//!
//! Encoding what was read gives the same text again, to the last byte. What this version would not write is an error
//! and never left out in silence: a file that somebody edited, or that a later version wrote, stays where it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::encode::parse_micros;
use crate::record::{Batch, Record, Store, Texts};
use crate::trace_type::TraceType;

type Fields<'j> = BTreeMap<&'j str, &'j RawValue>;

const KNOWN: [&str; 13] = [
    "inferenceResultId",
    "id",
    "parentTraceId",
    "name",
    "type",
    "description",
    "error",
    "inputData",
    "outputData",
    "metadata",
    "latencyMs",
    "startTime",
    "endTime",
];

/// Why a text is no batch.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DecodeError {
    #[error("it is no JSON array of objects: {0}")]
    Json(#[from] serde_json::Error),
    #[error("it has no traces")]
    Empty,
    #[error("a trace has no valid `{0}`")]
    Field(&'static str),
    #[error("a trace has the field `{0}`, which this version does not know")]
    Unknown(String),
    #[error("its traces belong to several inference results")]
    Mixed,
}

/// The batch that `json` is the body of, as an array.
pub(crate) fn batch(json: &[u8]) -> Result<Batch, DecodeError> {
    let traces: Vec<Fields<'_>> = serde_json::from_slice(json)?;
    let first = traces.first().ok_or(DecodeError::Empty)?;
    let inference_result_id =
        text(first, "inferenceResultId")?.ok_or(DecodeError::Field("inferenceResultId"))?;
    let mut store = Store::default();
    for fields in &traces {
        if text(fields, "inferenceResultId")?.as_ref() != Some(&inference_result_id) {
            return Err(DecodeError::Mixed);
        }
        keep(fields, &mut store)?;
    }
    Ok(Batch::new(Arc::from(inference_result_id), store))
}

fn keep(fields: &Fields<'_>, store: &mut Store) -> Result<(), DecodeError> {
    if let Some(unknown) = fields.keys().find(|key| !KNOWN.contains(key)) {
        return Err(DecodeError::Unknown((*unknown).to_owned()));
    }
    let name = text(fields, "name")?.filter(|name| !name.is_empty()).ok_or(DecodeError::Field("name"))?;
    let texts = Texts {
        input: object(fields, "inputData")?,
        output: object(fields, "outputData")?,
        metadata: object(fields, "metadata")?,
        error: &text(fields, "error")?.unwrap_or_default(),
        name: &name,
        description: &text(fields, "description")?.unwrap_or_default(),
    };
    store.push_texts(record(fields)?, &texts);
    Ok(())
}

fn record(fields: &Fields<'_>) -> Result<Record, DecodeError> {
    let parsed = |key| Ok::<_, DecodeError>(text(fields, key)?.unwrap_or_default());
    let id = id(&parsed("id")?).ok_or(DecodeError::Field("id"))?;
    let parent = match fields.get("parentTraceId") {
        Some(_) => self::id(&parsed("parentTraceId")?).ok_or(DecodeError::Field("parentTraceId"))?,
        None => 0,
    };
    let start = parse_micros(&parsed("startTime")?).and_then(|micros| micros.checked_mul(1_000));
    let latency = fields.get("latencyMs").and_then(|json| micros(json.get())?.checked_mul(1_000));
    Ok(Record {
        id,
        parent,
        start: start.ok_or(DecodeError::Field("startTime"))?,
        duration: latency.ok_or(DecodeError::Field("latencyMs"))?,
        trace_type: parsed("type")?.parse::<TraceType>().map_err(|_| DecodeError::Field("type"))?,
        ..Record::EMPTY
    })
}

fn text(fields: &Fields<'_>, key: &'static str) -> Result<Option<String>, DecodeError> {
    let Some(json) = fields.get(key) else { return Ok(None) };
    serde_json::from_str(json.get()).map(Some).map_err(|_| DecodeError::Field(key))
}

fn object<'j>(fields: &Fields<'j>, key: &'static str) -> Result<&'j str, DecodeError> {
    let json = fields.get(key).map_or("", |json| json.get());
    if json.is_empty() || json.starts_with('{') { Ok(json) } else { Err(DecodeError::Field(key)) }
}

fn id(text: &str) -> Option<u128> {
    let digits = text.strip_prefix("trace_").filter(|digits| digits.len() == 32)?;
    let plain = digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
    plain.then(|| u128::from_str_radix(digits, 16).ok()).flatten().filter(|id| *id != 0)
}

/// Microseconds out of a decimal number of milliseconds with up to three digits after the point.
fn micros(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if fraction.is_empty() || fraction.len() > 3 || !fraction.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let thousandths: u64 = format!("{fraction:0<3}").parse().ok()?;
    whole.parse::<u64>().ok()?.checked_mul(1_000)?.checked_add(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::encode::{Shape, body};
    use crate::synthetic::{any_batch, batch as make, tree};
    use proptest::prelude::*;

    fn error(json: &str) -> String {
        batch(json.as_bytes()).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_batch_is_an_error_that_says_why() {
        let good = String::from_utf8(body(&tree("ir_1", 1, 1), Shape::Array)).unwrap();
        let changed = |from: &str, to: &str| error(&good.replace(from, to));
        assert!(error("").contains("no JSON array"));
        assert!(error(&good[..good.len() - 1]).contains("no JSON array"));
        assert!(error("[]").contains("no traces"));
        assert!(error("[{}]").contains("`inferenceResultId`"));
        assert!(changed("trace_0", "trace_x").contains("`id`"));
        assert!(changed("45.5", "-45.5").contains("`latencyMs`"));
        assert!(changed("45.5", "1e3").contains("`latencyMs`"));
        assert!(changed("T05:", "T99:").contains("`startTime`"));
        assert!(changed("TOOL", "TOY").contains("`type`"));
        assert!(changed("fetch_user", "").contains("`name`"));
        assert!(changed(r#"{"id":1}"#, "7").contains("`inputData`"));
        assert!(changed("\"type\"", "\"kind\"").contains("`kind`"));
    }

    #[test]
    fn a_file_with_traces_of_two_inference_results_is_no_batch() {
        let one = |id: &str| {
            String::from_utf8(body(&make(id, [crate::synthetic::SyntheticTrace::new(1)]), Shape::Array))
        };
        let (a, b) = (one("ir_1").unwrap(), one("ir_2").unwrap());
        let both = format!("{},{}", a.trim_end_matches(']'), b.trim_start_matches('['));
        assert!(error(&both).contains("several inference results"));
    }

    proptest! {
        #[test]
        fn any_batch_is_read_back_to_the_last_byte(batch in any_batch()) {
            let written = body(&batch, Shape::Array);
            let read = super::batch(&written).unwrap();
            prop_assert_eq!(body(&read, Shape::Array), written);
        }

        #[test]
        fn any_text_is_read_or_refused_without_a_panic(text in "\\PC{0,200}") {
            let _ = batch(text.as_bytes());
        }
    }
}
