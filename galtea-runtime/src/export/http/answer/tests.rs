use super::*;
use crate::synthetic;

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, retry_after: None, body: body.as_bytes().to_vec() }
}

fn indices(body: &str) -> Vec<usize> {
    let batch = synthetic::tree("ir_1", 1, 4);
    let exported = answer(200, body).read(&batch).unwrap();
    exported.refused.into_iter().map(|refused| refused.index).collect()
}

#[test]
fn every_status_is_in_its_class() {
    let classes = [
        (Class::Taken, &[200, 201, 202, 204][..]),
        (Class::Retry, &[408, 425, 429, 500, 502, 503, 504, 599][..]),
        (Class::TooLarge, &[413][..]),
        (Class::Conflict, &[409][..]),
        (Class::Setup, &[301, 302, 307, 308, 401, 404, 405, 407][..]),
        (Class::Refused, &[400, 402, 403, 422, 451][..]),
    ];
    for (class, statuses) in classes {
        for &status in statuses {
            assert_eq!(classify(status), class, "{status}");
        }
    }
}

#[test]
fn a_success_whose_body_is_an_array_or_no_json_or_nothing_refuses_no_trace() {
    for body in ["[]", r#"[{"id":"trace_1"}]"#, "<html>hello</html>", "", "{", r#"{"spans":[]}"#, "null", "7"]
    {
        assert_eq!(indices(body), [] as [usize; 0], "{body}");
    }
}

#[test]
fn refused_traces_are_named_with_their_reason() {
    let body = r#"{"spans": [], "partialSuccess": {"rejectedSpans": 2, "errors": [
        {"index": 2, "name": "b", "reason": "latency is negative"}, {"index": 0, "reason": "name is empty"}]}}"#;
    let exported = answer(200, body).read(&synthetic::tree("ir_1", 1, 4)).unwrap();
    let told: Vec<_> =
        exported.refused.iter().map(|refused| (refused.index, refused.reason.to_string())).collect();
    let expected = [(2, "refused by the API: latency is negative"), (0, "refused by the API: name is empty")];
    assert_eq!(told, expected.map(|(index, reason)| (index, reason.to_owned())));
}

#[test]
fn an_index_out_of_range_or_given_twice_is_not_counted() {
    let body =
        r#"{"partialSuccess": {"errors": [{"index": 1}, {"index": 1}, {"index": 4}, {"index": -1}, {}]}}"#;
    assert_eq!(indices(body), [1]);
}

#[test]
fn traces_that_were_refused_without_being_named_are_those_that_were_not_created() {
    let created = format!(r#"{{"id":"trace_{:032x}"}},{{"id":"trace_{:032x}"}}"#, 1, 3);
    let body = format!(
        r#"{{"spans":[{created}],"partialSuccess":{{"rejectedSpans":2,"errors":[{{"index":3,"reason":"x"}}]}}}}"#
    );
    assert_eq!(indices(&body), [3, 1]);
}

#[test]
fn retry_after_is_read_as_seconds_and_as_a_date() {
    let now = httpdate::parse_http_date("Fri, 07 Nov 2025 05:31:56 GMT").unwrap();
    assert_eq!(retry_after(" 120 ", now), Some(Duration::from_secs(120)));
    assert_eq!(retry_after("Fri, 07 Nov 2025 05:32:26 GMT", now), Some(Duration::from_secs(30)));
    assert_eq!(retry_after("Fri, 07 Nov 2025 05:31:00 GMT", now), Some(Duration::ZERO));
    for wrong in ["soon", "", "-5", "1.5"] {
        assert_eq!(retry_after(wrong, now), None, "{wrong}");
    }
}

#[test]
fn what_the_server_says_is_told_from_any_of_the_usual_places() {
    let said = |body: &str| words(body.as_bytes());
    assert_eq!(said(r#"{"message":"name must not be empty","statusCode":400}"#), "name must not be empty");
    assert_eq!(said(r#"{"error":{"message":"no such thing"}}"#), "no such thing");
    assert_eq!(said(r#"{"message":["a is wrong","b is wrong"]}"#), "a is wrong; b is wrong");
    assert_eq!(said("plain\nwords"), "plain words");
    assert_eq!(said("<!doctype html><p>nothing new</p>"), "");
    assert_eq!(said(&"x".repeat(10_000)).len(), WORDS);
}

#[test]
fn the_words_of_the_server_are_in_the_text_but_not_for_the_log() {
    let body = "{\"message\":\"bad input 'hunter2'\"}";
    let error = answer(400, body).read(&synthetic::tree("ir_1", 1, 1)).unwrap_err();
    assert_eq!(error.to_string(), "400 Bad Request: bad input 'hunter2'");
    assert_eq!(error.reason().for_log(), "400 Bad Request");
}
