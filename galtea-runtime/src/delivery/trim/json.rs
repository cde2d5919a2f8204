//! Cutting the text of a JSON object.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::{cut_text, level};
use crate::encode::{escaped_len, push_escaped};

/// `"":,` around an entry's key and value.
const ENTRY_FRAME: usize = 4;
/// Room for the entry that stands for those that were left out.
const REST_ROOM: usize = 56;
/// The least that stands for a value that was cut.
const STUB: &str = "\"…\"";

/// The text of an object with at most `limit` bytes, or about 60 where `limit` is less. Its largest values are cut.
pub(super) fn cut_object(text: &str, limit: usize) -> String {
    let Ok(Entries(entries)) = serde_json::from_str::<Entries<'_>>(text) else {
        // Not met in what is recorded here; a batch can also come from a spool file that somebody edited.
        let frame = r#"{"value":""}"#.len();
        return format!(r#"{{"value":{}}}"#, quoted(text, limit.saturating_sub(frame - 2)));
    };
    let lengths: Vec<usize> = entries.iter().map(|(_, value)| value.get().len()).collect();
    let keys: usize = entries.iter().map(|(key, _)| escaped_len(key) + ENTRY_FRAME).sum();
    let level = level(&lengths, limit.saturating_sub(keys + 1));
    write_object(&entries, level, limit)
}

fn write_object(entries: &[(String, &RawValue)], level: usize, limit: usize) -> String {
    let mut out = b"{".to_vec();
    let written: Vec<Vec<u8>> = entries.iter().map(|entry| written(entry, level)).collect();
    let whole = written.iter().map(|entry| entry.len() + 1).sum::<usize>() < limit;
    for (index, entry) in written.iter().enumerate() {
        if !whole && out.len() + entry.len() + REST_ROOM > limit {
            let rest = format!("\"…\":\"[truncated, {} entries]\",", entries.len() - index);
            out.extend_from_slice(rest.as_bytes());
            break;
        }
        out.extend_from_slice(entry);
        out.push(b',');
    }
    if out.len() > 1 {
        out.pop();
    }
    out.push(b'}');
    String::from_utf8(out).unwrap_or_default()
}

fn written((key, value): &(String, &RawValue), level: usize) -> Vec<u8> {
    let mut out = b"\"".to_vec();
    push_escaped(&mut out, key);
    out.extend_from_slice(b"\":");
    let value = value.get();
    if value.len() > level {
        out.extend_from_slice(cut_value(value, level).as_bytes());
    } else {
        out.extend_from_slice(value.as_bytes());
    }
    out
}

/// A string is cut as a string; of anything else, the JSON text is what is cut.
fn cut_value(json: &str, limit: usize) -> String {
    match serde_json::from_str::<String>(json) {
        Ok(text) => quoted(&text, limit),
        Err(_) => quoted(json, limit),
    }
}

fn quoted(text: &str, limit: usize) -> String {
    let mut out = b"\"".to_vec();
    push_escaped(&mut out, &cut_text(text, limit.saturating_sub(2)));
    out.push(b'"');
    if out.len() > limit.max(STUB.len()) {
        return STUB.to_owned();
    }
    String::from_utf8(out).unwrap_or_default()
}

/// The entries of a JSON object in their order, the values as they stand in the text.
struct Entries<'j>(Vec<(String, &'j RawValue)>);

impl<'de: 'j, 'j> Deserialize<'de> for Entries<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor).map(Entries)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Vec<(String, &'de RawValue)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(entries)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn cut(value: &Value, limit: usize) -> Value {
        let text = cut_object(&value.to_string(), limit);
        assert!(text.len() <= limit, "{} of {limit}: {text}", text.len());
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_largest_value_is_cut_and_the_others_stay() {
        let value = json!({ "id": 7, "text": "é".repeat(1_000), "tags": ["a", "b"] });
        let cut = cut(&value, 200);
        assert_eq!((&cut["id"], &cut["tags"]), (&json!(7), &json!(["a", "b"])));
        assert!(cut["text"].as_str().unwrap().ends_with("é…[truncated, 2000 bytes]"));
    }

    #[test]
    fn what_is_no_string_is_cut_as_text() {
        let cut = cut(&json!({ "rows": vec![json!({ "n": 1 }); 100] }), 100);
        let rows = cut["rows"].as_str().unwrap();
        assert!(rows.starts_with(r#"[{"n":1},{"n"#) && rows.ends_with("bytes]"), "{rows}");
    }

    #[test]
    fn entries_that_do_not_fit_at_all_are_counted() {
        let value: Value = (0..1_000).map(|n| (format!("key_{n:04}"), json!(n))).collect();
        let cut = cut(&value, 300);
        let kept = cut.as_object().unwrap().len() - 1;
        assert!(kept > 5);
        assert_eq!(cut["…"], format!("[truncated, {} entries]", 1_000 - kept));
    }

    #[test]
    fn depth_does_not_matter() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(5_000), "]".repeat(5_000));
        let cut: Value = serde_json::from_str(&cut_object(&deep, 200)).unwrap();
        assert!(cut["a"].as_str().unwrap().starts_with("[[["));
    }

    #[test]
    fn what_is_no_object_is_kept_as_text() {
        let text = cut_object(&"oops \"".repeat(1_000), 200);
        assert!(text.len() <= 200 && text.starts_with(r#"{"value":"oops \"oops"#), "{text}");
        assert!(serde_json::from_str::<Value>(&text).is_ok());
    }

    proptest! {
        #[test]
        fn any_object_is_cut_to_the_limit_and_stays_valid(
            entries in proptest::collection::vec((any::<String>(), "\\PC{0,300}", 0_usize..20), 1..20),
            limit in 64_usize..3_000,
        ) {
            let entries = entries.into_iter().map(|(key, text, times)| (key, json!([text.repeat(times), times])));
            let value: Value = entries.collect();
            let text = cut_object(&value.to_string(), limit);
            prop_assert!(text.len() <= limit, "{} of {limit}: {text}", text.len());
            prop_assert!(serde_json::from_str::<Value>(&text).is_ok_and(|value| value.is_object()), "{text}");
        }
    }
}
