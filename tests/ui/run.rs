//! What the compiler says when the macros are used wrongly. One mistake a file, the file named after it.
//!
//! After a deliberate change of a message: `TRYBUILD=overwrite cargo test -p galtea-ui-tests`, and read what changed.

#[test]
fn each_mistake_is_one_error_on_the_users_own_token_that_says_what_to_write() {
    trybuild::TestCases::new().compile_fail("*/*.rs");
}
