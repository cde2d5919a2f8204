//! Secrets in `Debug` text.

use std::collections::{BTreeMap, BTreeSet};

use super::*;

/// Writes its text as it stands, in pieces of so many bytes.
struct Raw(&'static str, usize);

impl Debug for Raw {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut rest = self.0;
        while !rest.is_empty() {
            let end = (self.1..rest.len()).find(|&at| rest.is_char_boundary(at)).unwrap_or(rest.len());
            f.write_str(&rest[..end])?;
            rest = &rest[end..];
        }
        Ok(())
    }
}

/// However the text comes in pieces, it is scrubbed in the same way.
#[track_caller]
fn assert_scrubbed(text: &'static str, expected: &str) {
    for piece in [1, 2, 3, 7, 1000] {
        assert_eq!(debug_text(&Raw(text, piece)), expected, "in pieces of {piece}");
    }
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by Debug")]
struct User {
    id: u32,
    password: Option<&'static str>,
    api_key: Key,
    max_tokens: u32,
    headers: BTreeMap<&'static str, &'static str>,
}

#[derive(Debug)]
#[expect(dead_code, reason = "read by Debug")]
struct Key(&'static str, Vec<char>);

#[derive(Debug)]
#[expect(dead_code, reason = "read by Debug")]
enum Auth {
    Password(&'static str),
    Token { value: &'static str },
    Secret,
}

fn user() -> User {
    User {
        id: 7,
        password: Some("hunter2, \"}"),
        api_key: Key("sk-1", vec![')', '\'', '"', '\\', '\u{1f600}', '\u{301}']),
        max_tokens: 5,
        headers: [("Accept", "*/*"), ("Authorization", "Bearer x")].into(),
    }
}

#[test]
fn fields_and_map_keys_with_secret_names_are_masked() {
    assert_eq!(
        debug_text(&user()),
        "User { id: 7, password: [masked], api_key: [masked], max_tokens: 5, \
         headers: {\"Accept\": \"*/*\", \"Authorization\": [masked]} }"
    );
}

#[test]
fn the_same_holds_for_the_form_on_many_lines() {
    let text = debug_text(&format_args!("{:#?}", user()));
    assert_eq!(
        text,
        "User {\n    id: 7,\n    password: [masked],\n    api_key: [masked],\n    max_tokens: 5,\n    \
         headers: {\n        \"Accept\": \"*/*\",\n        \"Authorization\": [masked],\n    },\n}"
    );
}

#[test]
fn tuple_structs_and_variants_with_secret_names_are_masked() {
    let list = [Auth::Password("x"), Auth::Token { value: "y" }, Auth::Secret];
    assert_eq!(debug_text(&list), "[Password([masked]), Token { [masked] }, Secret]");
    assert_eq!(debug_text(&(Auth::Secret, BTreeMap::from([(1, 2)]))), "(Secret, {1: 2})");
    let text = debug_text(&format_args!("{list:#?}"));
    assert!(!text.contains('x') && !text.contains('y') && text.ends_with("Secret,\n]"), "{text}");
}

#[test]
fn a_key_in_brackets_is_a_name_on_one_line_and_on_many() {
    let map = BTreeMap::from([(Some("password"), Some("x")), (Some("user"), Some("y"))]);
    assert_eq!(debug_text(&map), r#"{Some("password"): [masked], Some("user"): Some("y")}"#);
    let text = debug_text(&format_args!("{map:#?}"));
    assert!(text.contains("    ): [masked],\n    Some(\n        \"user\",\n    ): Some("), "{text}");
}

#[test]
fn text_without_secrets_is_passed_on_as_it_is() {
    for text in [
        "",
        "plain",
        "Point { x: 1, y: -2.5 }",
        "it's 5 o'clock, isn't it? (don't ask: \"why\")",
        "['a', '\\'', '\"', '\\u{7f}', 'ü']",
        "tokens: 5, token_count: 7, passage: \"password\"",
        "module::token::Kind::Password, password::Hash",
        "\"password\", secret",
        "[\"password\", \"x\"]",
        "range 1..=2 => x",
        "ünïcödé: {\"schlüssel\": 'é'}",
        "password",
        "password:",
        "unbalanced )]} \" ' (",
    ] {
        assert_scrubbed(text, text);
    }
    let set = BTreeSet::from(["password", "token"]);
    assert_eq!(debug_text(&set), r#"{"password", "token"}"#);
}

#[test]
fn a_value_ends_at_the_comma_or_bracket_that_belongs_to_it() {
    assert_scrubbed(
        "A { password: B { c: [1, (2, 3)], d: \"},\" }, e: 4 }",
        "A { password: [masked], e: 4 }",
    );
    assert_scrubbed("(password: 1)(x)", "(password: [masked])(x)");
    assert_scrubbed("A { password: , b: 1 }", "A { password: , b: 1 }");
    assert_scrubbed("A { b: Some(password: ()) }", "A { b: Some(password: [masked]) }");
    assert_scrubbed("{Key(\"password\"): \"x\", \"b\": 1}", "{Key(\"password\"): [masked], \"b\": 1}");
    assert_scrubbed("{\"my password\": \"é\", \"b\": 1}", "{\"my password\": [masked], \"b\": 1}");
    assert_scrubbed("token: 'a', b: 'c'", "token: [masked], b: 'c'");
    assert_scrubbed("token: ',', b", "token: [masked], b");
    assert_scrubbed("token: it's (so, \"y'all\"), b", "token: [masked], b");
    assert_scrubbed("token: 'é', b", "token: [masked], b");
    assert_scrubbed("token: \"a\\\"b, c\", b", "token: [masked], b");
    assert_scrubbed("token: '\\u{1f600}', b", "token: [masked], b");
    assert_scrubbed("token: '\\'', b", "token: [masked], b");
}

#[test]
fn an_equals_sign_is_as_good_as_a_colon() {
    assert_scrubbed("Conn(host=db, password=hunter2)", "Conn(host=db, password=[masked])");
    assert_scrubbed("password => \"x\", b", "password => [masked], b");
    assert_scrubbed("password = x", "password = [masked]");
}

#[test]
fn in_text_of_another_make_rather_too_much_is_masked() {
    assert_scrubbed("password: hunter2\nuser: bob", "password: [masked]");
    assert_scrubbed("password:hunter2", "password:[masked]");
    assert_scrubbed("password: \"unclosed, b: 1", "password: [masked]");
}

#[test]
fn a_name_may_be_long() {
    let key: &'static str = format!("{{\"{}_password\": \"x\", \"b\": 1}}", "long".repeat(100)).leak();
    let expected = key.replace("\"x\"", "[masked]");
    assert_scrubbed(key, &expected);
}
