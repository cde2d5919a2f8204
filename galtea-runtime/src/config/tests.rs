use secrecy::ExposeSecret;

use super::*;

fn builder(variables: &'static [(&str, &str)]) -> Builder {
    let lookup =
        |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Builder::default().environment(lookup)
}

fn settle_error(builder: Builder) -> String {
    builder.settle().err().unwrap().to_string()
}

fn api(builder: Builder) -> ApiSettings {
    match builder.settle().unwrap_or_else(|error| panic!("{error}")).target {
        Target::Api(api) => api,
        Target::Exporter(_) => panic!("an exporter"),
    }
}

#[test]
fn without_a_key_the_error_says_what_to_set_and_names_the_way_without_an_account() {
    for builder in [builder(&[]), builder(&[("GALTEA_API_KEY", " ")]), builder(&[]).api_key("")] {
        let error = settle_error(builder);
        assert!(error.contains("GALTEA_API_KEY") && error.contains("Galtea::local()"), "{error}");
    }
}

#[test]
fn a_malformed_key_is_an_error_that_does_not_show_it() {
    for key in ["sk-live-hunter2", "gsk_", "gsk-", "gsk_hunter2 hunter2", "gsk_hunter2\u{e9}"] {
        let error = settle_error(builder(&[]).api_key(key));
        assert!(error.contains("malformed") && !error.contains("hunter2"), "{error}");
    }
}

#[test]
fn both_kinds_of_key_are_taken_and_freed_of_white_space() {
    for (given, key) in [("gsk_abc\n", "gsk_abc"), (" gsk-abc", "gsk-abc")] {
        assert_eq!(api(builder(&[]).api_key(given)).key.expose_secret(), key);
    }
}

#[test]
fn a_method_goes_before_the_variable_and_the_variable_before_the_default() {
    let variables = &[("GALTEA_API_KEY", "gsk_env"), ("GALTEA_API_URL", "https://env.example/")];
    assert_eq!(api(builder(variables)).base_url, "https://env.example/");
    assert_eq!(api(builder(variables).base_url("https://set.example")).base_url, "https://set.example");
    assert_eq!(api(builder(&[("GALTEA_API_KEY", "gsk_env")])).base_url, "https://api.galtea.ai");
}

#[test]
fn a_variable_with_a_bad_value_is_an_error_that_names_it_and_says_what_it_takes() {
    let key = ("GALTEA_API_KEY", "gsk_a");
    let cases: [(Builder, &str, &str); 2] = [
        (
            builder(&[("GALTEA_API_KEY", "gsk_a"), ("GALTEA_BATCH_FORMAT", "xml")]),
            "GALTEA_BATCH_FORMAT",
            "envelope",
        ),
        (
            builder(&[("GALTEA_API_KEY", "gsk_a"), ("GALTEA_CAPTURE_LIMIT", "64KB")]),
            "GALTEA_CAPTURE_LIMIT",
            "64KiB",
        ),
    ];
    for (builder, name, hint) in cases {
        let error = settle_error(builder);
        assert!(error.contains(name) && error.contains(hint) && !error.contains(key.1), "{error}");
    }
    let error = builder(&[("GALTEA_DISABLED", "maybe")]).build().err().unwrap().to_string();
    assert!(error.contains("GALTEA_DISABLED") && error.contains("maybe"), "{error}");
}

#[test]
fn the_variables_reach_the_settings() {
    let variables = &[
        ("GALTEA_API_KEY", "gsk_a"),
        ("GALTEA_BATCH_FORMAT", "Envelope"),
        ("GALTEA_CAPTURE_LIMIT", "64KiB"),
        ("GALTEA_SPOOL_DIR", "/var/spool/agent"),
    ];
    let settings = builder(variables).settle().unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(settings.capture.limit, 65_536);
    assert_eq!(settings.delivery.spool.unwrap().dir, PathBuf::from("/var/spool/agent"));
    assert_eq!(api(builder(variables)).batch_format, BatchFormat::Envelope);
}

#[test]
fn disabled_needs_no_key_and_looks_at_nothing_else() {
    let off = builder(&[("GALTEA_DISABLED", "1"), ("GALTEA_CAPTURE_LIMIT", "wrong")]).build();
    assert!(off.unwrap().is_disabled());
    assert!(builder(&[("GALTEA_DISABLED", "1")]).disabled(false).build().is_err());
    assert!(builder(&[]).disabled(true).build().unwrap().is_disabled());
}

#[test]
fn limits_of_nothing_are_errors_that_name_the_setting() {
    let with_key = || builder(&[("GALTEA_API_KEY", "gsk_a")]);
    let cases = [
        (with_key().max_batch_traces(0), "max_batch_traces"),
        (with_key().max_batch_bytes(0), "max_batch_bytes"),
        (with_key().capture_limit(0), "capture_limit"),
        (with_key().request_timeout(Duration::ZERO), "request_timeout"),
    ];
    for (builder, name) in cases {
        assert!(settle_error(builder).contains(name));
    }
}

#[test]
fn the_key_is_in_no_debug_output() {
    let builder = builder(&[]).api_key("gsk_hunter2");
    assert!(!format!("{builder:?}").contains("hunter2"));
    assert!(!format!("{:?}", api(builder)).contains("hunter2"));
}
