//! Plain texts: errors and descriptions.

use std::error::Error;
use std::fmt::{self, Write as _};

use super::*;

/// An error with a message and, perhaps, a source.
struct Failure(&'static str, Option<&'static Failure>);

impl Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            "panics" => std::panic::resume_unwind(Box::new("oops")),
            "fails" => Err(fmt::Error),
            text => f.write_str(text),
        }
    }
}

impl Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Failure").field("message", &self.0).field("token", &self.1).finish()
    }
}

impl Error for Failure {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self.0 {
            "circle" => Some(&Failure("circle", None)),
            _ => self.1.map(|source| source as &(dyn Error + 'static)),
        }
    }
}

const DISK: Failure = Failure("disk full", None);

fn error(error: &dyn Error) -> String {
    appended(|out| write_error(out, &policy(1000), error))
}

#[test]
fn an_error_is_its_text_and_that_of_its_sources() {
    assert_eq!(error(&DISK), "disk full");
    assert_eq!(
        error(&Failure("cannot save", Some(&Failure("write failed", Some(&DISK))))),
        "cannot save: write failed: disk full"
    );
}

#[test]
fn an_error_may_borrow() {
    #[derive(Debug)]
    struct Borrows<'a>(&'a str);
    impl Display for Borrows<'_> {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }
    impl Error for Borrows<'_> {}
    let name = String::from("no such key");
    assert_eq!(appended(|out| write_error(out, &policy(1000), &Borrows(&name))), "no such key");
}

#[test]
fn a_chain_of_errors_in_a_circle_comes_to_an_end() {
    let text = error(&Failure("circle", None));
    assert_eq!(text.matches("circle").count(), 33);
    assert!(text.ends_with(": circle: …"));
}

#[test]
fn an_error_whose_text_fails_or_panics_costs_its_own_part() {
    assert_eq!(
        error(&Failure("outer", Some(&Failure("panics", Some(&Failure("fails", Some(&DISK))))))),
        "outer: [capture panicked]: [capture failed: formatting failed]: disk full"
    );
}

#[test]
fn an_error_without_a_message_is_still_an_error() {
    assert_eq!(error(&Failure("", None)), "[no message]");
    assert_eq!(appended(|out| write_error_display(out, &policy(1000), "")), "[no message]");
}

#[test]
fn an_error_with_only_debug_is_scrubbed() {
    let text = appended(|out| write_error_debug(out, &policy(1000), &DISK));
    assert_eq!(text, r#"Failure { message: "disk full", token: [masked] }"#);
}

#[test]
fn text_is_cut_at_a_character_and_says_so() {
    let write =
        |limit| appended(|out| write_text(out, limit, |text| text.write_str("äöü and so on and so on")));
    assert_eq!(write(26), "äöü and so on and so on");
    assert_eq!(write(25), "äöü and …[truncated]");
    assert_eq!(write(19), "äö…[truncated]");
    assert_eq!(write(18), "äö…[truncated]");
    assert_eq!(write(14), "…[truncated]");
    assert_eq!(write(13), "äöü and…");
    assert_eq!(write(2), "ä");
    for limit in 0..30 {
        assert!(write(limit).len() <= limit);
    }
}

#[test]
fn text_without_end_is_left_when_the_limit_is_met() {
    let mut writes = 0;
    let text = appended(|out| {
        write_text(out, 1000, |text| {
            loop {
                writes += 1;
                write!(text, "{}", "x".repeat(100))?;
            }
        })
    });
    assert!(text.len() <= 1000 && text.ends_with("x…[truncated]"), "{text}");
    assert_eq!(writes, 11);
}

#[test]
fn a_long_chain_of_errors_holds_the_limit() {
    const LONG: Failure = Failure("a message of some length that goes on and on", None);
    let text = appended(|out| write_error(out, &policy(40), &Failure("outer", Some(&LONG))));
    assert_eq!(text, "outer: a message of some l…[truncated]");
}
