use super::*;

fn exporter(base_url: &str, key: &str) -> Result<HttpExporter, BuildError> {
    HttpExporter::new(&ApiSettings {
        key: SecretString::from(key.to_owned()),
        base_url: base_url.to_owned(),
        batch_format: BatchFormat::Auto,
        allow_http: Vec::new(),
    })
}

#[test]
fn the_key_goes_into_a_header_that_is_marked_sensitive() {
    let headers = headers(&SecretString::from("gsk_hunter2".to_owned())).unwrap();
    assert_eq!(headers[AUTHORIZATION].to_str().unwrap(), "Bearer gsk_hunter2");
    assert!(!format!("{headers:?}").contains("hunter2"));
}

#[test]
fn no_crypto_provider_is_installed_for_the_process() {
    exporter("http://127.0.0.1:9", "gsk_a").unwrap();
    assert!(rustls::crypto::CryptoProvider::get_default().is_none());
}

#[test]
fn the_other_shape_is_tried_only_when_the_format_is_open_and_the_answer_may_be_about_it() {
    let answer = |status| Answer { status, retry_after: None, body: Vec::new() };
    let auto = Shapes::new(BatchFormat::Auto);
    assert_eq!(auto.first(), Shape::Array);
    assert_eq!(auto.second(Shape::Array, &answer(400)), Some(Shape::Envelope));
    assert_eq!(auto.second(Shape::Array, &answer(422)), Some(Shape::Envelope));
    assert_eq!(auto.second(Shape::Array, &answer(403)), None);
    auto.remember(Shape::Envelope);
    assert_eq!(auto.first(), Shape::Envelope);
    assert_eq!(Shapes::new(BatchFormat::Envelope).second(Shape::Envelope, &answer(400)), None);
}
