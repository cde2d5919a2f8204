//! The inference result's id in the headers of a request.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::percent_decode_str;

use crate::context;

/// The header that carries the inference result's id.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use galtea::tower::INFERENCE_ID_HEADER;
///
/// // As Galtea calls the endpoint of an agent; for a test of the handler, say.
/// let request = http::Request::post("/answer").header(INFERENCE_ID_HEADER, "ir_1").body("Where is my order?");
/// assert!(request.is_ok_and(|request| request.headers().contains_key("X-Galtea-Inference-Id")));
/// # }
/// ```
pub const INFERENCE_ID_HEADER: HeaderName = HeaderName::from_static("x-galtea-inference-id");

/// W3C baggage carries the id under this key.
const BAGGAGE: &str = "baggage";
const BAGGAGE_KEY: &str = "galtea.trace.id";
/// Longer ids are none.
const LONGEST_ID: usize = 256;

/// What the headers say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) id: Option<String>,
    /// How many values were there that cannot be an id.
    pub(crate) malformed: u64,
}

/// Looks for the id: in the header of its own first, then in the baggage.
pub(crate) fn find(headers: &HeaderMap) -> Found {
    let own = headers.get_all(INFERENCE_ID_HEADER).iter().map(|value| value.to_str().ok().map(Cow::Borrowed));
    let baggage =
        headers.get_all(BAGGAGE).iter().filter_map(|value| value.to_str().ok()).flat_map(in_baggage);
    let mut found = Found { id: None, malformed: 0 };
    for value in own.chain(baggage) {
        match value.as_deref().map(str::trim).filter(|id| is_id(id)) {
            Some(id) if found.id.is_none() => found.id = Some(id.to_owned()),
            Some(_) => {}
            None => found.malformed += 1,
        }
    }
    found
}

/// `a=1,galtea.trace.id=ir_7;property=x` → `ir_7`
fn in_baggage(list: &str) -> impl Iterator<Item = Option<Cow<'_, str>>> {
    list.split(',').filter_map(|member| {
        let (key, value) = member.split_once('=')?;
        let value = value.split(';').next().unwrap_or_default().trim();
        (key.trim() == BAGGAGE_KEY).then(|| percent_decode_str(value).decode_utf8().ok())
    })
}

fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Puts the id of the current inference result on a request that is about to be sent, so that the service behind it can
/// record for the same inference result. Tells whether there was one.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use galtea::Galtea;
/// use galtea::export::MemoryExporter;
///
/// let galtea = Galtea::builder().exporter(MemoryExporter::new()).build()?;
/// let headers = galtea.inference_result("ir_1").sync_scope(|| {
///     let mut headers = http::HeaderMap::new(); // those of a request to another agent
///     galtea::tower::inject(&mut headers);
///     headers
/// });
/// assert_eq!(headers["X-Galtea-Inference-Id"], "ir_1");
/// assert!(!galtea::tower::inject(&mut http::HeaderMap::new()), "no inference result is in scope here");
/// # Ok(())
/// # }
/// ```
pub fn inject(headers: &mut HeaderMap) -> bool {
    let recorder = if context::is_active() { context::current() } else { None };
    let value = recorder.and_then(|(recorder, _)| HeaderValue::from_str(recorder.inference_result_id()).ok());
    let found = value.is_some();
    if let Some(value) = value {
        headers.insert(INFERENCE_ID_HEADER, value);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(list: &[(&'static str, &str)]) -> HeaderMap {
        let pairs = list.iter().map(|(name, value)| {
            (HeaderName::from_static(name), HeaderValue::from_bytes(value.as_bytes()).unwrap())
        });
        pairs.collect()
    }

    fn found(list: &[(&'static str, &str)]) -> (Option<String>, u64) {
        let Found { id, malformed } = find(&headers(list));
        (id, malformed)
    }

    #[test]
    fn the_header_of_its_own_goes_before_the_baggage() {
        assert_eq!(found(&[]), (None, 0));
        assert_eq!(found(&[("x-galtea-inference-id", " ir_1 ")]), (Some("ir_1".into()), 0));
        let both = [("baggage", "galtea.trace.id=ir_2"), ("x-galtea-inference-id", "ir_1")];
        assert_eq!(found(&both), (Some("ir_1".into()), 0));
    }

    #[test]
    fn baggage_is_a_list_with_properties_and_percent_signs() {
        let one = [("baggage", "user=7;x=1, galtea.trace.id = ir%5F2;ttl=3 ,z=9")];
        assert_eq!(found(&one), (Some("ir_2".into()), 0));
        assert_eq!(
            found(&[("baggage", "a=1"), ("baggage", "galtea.trace.id=ir_3")]),
            (Some("ir_3".into()), 0)
        );
        assert_eq!(found(&[("baggage", "galtea.trace.identity=ir_3,=,;")]), (None, 0));
    }

    #[test]
    fn what_cannot_be_an_id_is_passed_over_and_counted() {
        let long = "x".repeat(LONGEST_ID + 1);
        for value in ["", "a b", "ir_\u{e9}", &long] {
            assert_eq!(found(&[("x-galtea-inference-id", value)]), (None, 1), "{value:?}");
        }
        let second = [("x-galtea-inference-id", "a b"), ("baggage", "galtea.trace.id=ir_2")];
        assert_eq!(found(&second), (Some("ir_2".into()), 1));
        assert_eq!(found(&[("baggage", "galtea.trace.id=%FF")]), (None, 1));
    }
}
