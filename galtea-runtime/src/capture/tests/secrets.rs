//! The value of a secret is not written, not even serialized.

use std::collections::BTreeMap;

use serde::ser::Serializer;
use serde_json::json;

use super::*;

/// Fails the test when it is looked at.
struct Untouchable(#[expect(dead_code, reason = "not looked at")] u8);

const UNTOUCHABLE: Untouchable = Untouchable(0);

impl Serialize for Untouchable {
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        panic!("serialized")
    }
}

impl Debug for Untouchable {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        panic!("formatted")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    api_key: Untouchable,
    max_tokens: u8,
    nested: Vec<BTreeMap<&'static str, Untouchable>>,
    auth: Auth,
    token: Token,
    cookies: Cookies,
}

#[derive(Serialize)]
enum Auth {
    Password(Untouchable),
    ApiKey(Untouchable, u8),
    Secret { value: Untouchable },
    None,
}

#[derive(Serialize)]
struct Token(Untouchable);
#[derive(Serialize)]
struct Cookies(Untouchable, Untouchable);

#[test]
fn a_secret_is_masked_at_any_depth_and_never_serialized() {
    let config = Config {
        api_key: UNTOUCHABLE,
        max_tokens: 5,
        nested: vec![[("x-api-key", UNTOUCHABLE)].into(), [("OPENAI_API_KEY", UNTOUCHABLE)].into()],
        auth: Auth::None,
        token: Token(UNTOUCHABLE),
        cookies: Cookies(UNTOUCHABLE, UNTOUCHABLE),
    };
    assert_eq!(
        output(&config),
        json!({
            "apiKey": "[masked]",
            "maxTokens": 5,
            "nested": [{"x-api-key": "[masked]"}, {"OPENAI_API_KEY": "[masked]"}],
            "auth": "None",
            "token": "[masked]",
            "cookies": "[masked]",
        })
    );
}

#[test]
fn variants_and_newtypes_with_secret_names_are_masked() {
    let secrets =
        [Auth::Password(UNTOUCHABLE), Auth::ApiKey(UNTOUCHABLE, 1), Auth::Secret { value: UNTOUCHABLE }];
    assert_eq!(
        output(&secrets),
        json!({"value": [{"Password": "[masked]"}, {"ApiKey": "[masked]"}, {"Secret": "[masked]"}]})
    );
    assert_eq!(
        output(&vec![(Token(UNTOUCHABLE), Cookies(UNTOUCHABLE, UNTOUCHABLE), 1)]),
        json!({"value": [["[masked]", "[masked]", 1]]})
    );
    assert_eq!(output(&Token(UNTOUCHABLE)), json!({"value": "[masked]"}));
    assert_eq!(output(&Auth::Password(UNTOUCHABLE)), json!({"Password": "[masked]"}));
    assert_eq!(output(&Auth::Secret { value: UNTOUCHABLE }), json!({"Secret": "[masked]"}));
}

#[test]
fn a_secret_argument_is_not_looked_at() {
    let value = input(|object| {
        object.serialize("access_token", &UNTOUCHABLE);
        object.debug("password", &UNTOUCHABLE);
        object.serialize(Dynamic("API-Key"), &UNTOUCHABLE);
        object.text("secret", "x");
        object.json("pwd", "1");
        object.serialize("visible", &1);
    });
    assert_eq!(
        value,
        json!({"access_token": "[masked]", "password": "[masked]", "API-Key": "[masked]", "secret": "[masked]",
               "pwd": "[masked]", "visible": 1})
    );
}

#[test]
fn keys_that_are_no_strings_are_names_too() {
    #[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
    enum Header {
        Authorization,
        Accept,
    }
    let headers = BTreeMap::from([(Header::Authorization, "Bearer x"), (Header::Accept, "*/*")]);
    assert_eq!(output(&headers), json!({"Authorization": "[masked]", "Accept": "*/*"}));
    assert_eq!(output(&BTreeMap::from([(("password", 1), "x")])), json!({"[\"password\",1]": "[masked]"}));
    assert_eq!(output(&BTreeMap::from([(Some("password"), "x")])), json!({"password": "[masked]"}));
}

#[test]
fn the_list_can_be_extended_and_replaced() {
    let value = json!({"employeeId": 1, "password": 2});
    let names = [
        (
            SecretNames::default().with("employee_id"),
            json!({"employeeId": "[masked]", "password": "[masked]"}),
        ),
        (["employee_id"].into_iter().collect(), json!({"employeeId": "[masked]", "password": 2})),
        (SecretNames::none(), value.clone()),
    ];
    for (names, expected) in names {
        let policy = CapturePolicy::default().with_secret_names(names);
        let text = appended(|out| write_value(out, &policy, &value));
        assert_eq!(parse(&text), expected);
    }
}

#[test]
fn more_keys_than_are_remembered_are_still_told_apart() {
    #[derive(Serialize)]
    struct Key {
        token: u8,
        tokens: u8,
    }
    let text: &'static str = "the password ".repeat(1000).leak();
    let policy = policy(usize::MAX);
    for at in 0..12_000 {
        let name: &'static str = &text[at..at + 8];
        let written = appended(|out| {
            let mut object = ObjectWriter::new(out, &policy);
            object.serialize(name, &1);
            object.serialize("key", &Key { token: 1, tokens: 2 });
            object.finish()
        });
        let expected = if name == "password" { json!("[masked]") } else { json!(1) };
        assert_eq!(parse(&written), json!({name: expected, "key": {"token": "[masked]", "tokens": 2}}));
    }
}
