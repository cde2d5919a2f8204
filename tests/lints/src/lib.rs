//! Each function here is clean without the attribute, under every lint below. Clippy runs over this crate as over all
//! others of the workspace, and says where the attribute adds something that is not.

#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::nursery, clippy::pedantic, reason = "the strictest groups")]
#![deny(
    ambiguous_negative_literals,
    elided_lifetimes_in_paths,
    explicit_outlives_requirements,
    future_incompatible,
    keyword_idents,
    let_underscore_drop,
    macro_use_extern_crate,
    meta_variable_misuse,
    missing_copy_implementations,
    missing_debug_implementations,
    missing_docs,
    non_ascii_idents,
    nonstandard_style,
    redundant_imports,
    redundant_lifetimes,
    rust_2018_idioms,
    rust_2021_compatibility,
    rust_2024_compatibility,
    single_use_lifetimes,
    trivial_casts,
    trivial_numeric_casts,
    unit_bindings,
    unnameable_types,
    unreachable_pub,
    unused,
    unused_crate_dependencies,
    unused_extern_crates,
    unused_import_braces,
    unused_lifetimes,
    unused_macro_rules,
    unused_qualifications,
    unused_results,
    variant_size_differences,
    reason = "what the compiler allows by itself"
)]
#![deny(
    clippy::absolute_paths,
    clippy::allow_attributes,
    clippy::allow_attributes_without_reason,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::clone_on_ref_ptr,
    clippy::dbg_macro,
    clippy::default_numeric_fallback,
    clippy::empty_structs_with_brackets,
    clippy::exit,
    clippy::expect_used,
    clippy::if_then_some_else_none,
    clippy::indexing_slicing,
    clippy::let_underscore_must_use,
    clippy::let_underscore_untyped,
    clippy::map_err_ignore,
    clippy::mem_forget,
    clippy::missing_assert_message,
    clippy::multiple_unsafe_ops_per_block,
    clippy::panic,
    clippy::panic_in_result_fn,
    clippy::partial_pub_fields,
    clippy::pattern_type_mismatch,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::pub_without_shorthand,
    clippy::redundant_type_annotations,
    clippy::ref_patterns,
    clippy::renamed_function_params,
    clippy::rest_pat_in_fully_bound_structs,
    clippy::same_name_method,
    clippy::self_named_module_files,
    clippy::semicolon_inside_block,
    clippy::shadow_reuse,
    clippy::shadow_same,
    clippy::shadow_unrelated,
    clippy::str_to_string,
    clippy::string_add,
    clippy::todo,
    clippy::try_err,
    clippy::undocumented_unsafe_blocks,
    clippy::unimplemented,
    clippy::unneeded_field_pattern,
    clippy::unreachable,
    clippy::unseparated_literal_suffix,
    clippy::unwrap_in_result,
    clippy::unwrap_used,
    clippy::use_debug,
    clippy::verbose_file_reads,
    clippy::wildcard_enum_match_arm,
    reason = "what strict teams choose of the restriction group"
)]

use std::fmt::{Debug, Display};
use std::future::ready;
use std::num::ParseIntError;
use std::pin::Pin;

use async_trait::async_trait;
use galtea::trace;
use serde_json as _;

/// Unit.
#[trace]
pub fn nothing() {}

/// Values.
#[trace]
pub fn value(text: &str, count: usize) -> usize {
    text.len().saturating_add(count)
}

/// Owned arguments.
#[trace]
#[must_use]
pub fn owned(mut text: String, more: Vec<String>) -> String {
    text.extend(more);
    text
}

/// Every argument.
#[trace(
    type = "TOOL",
    name = "all",
    docs,
    mask(key),
    output = |out| *out,
    error = ToString::to_string,
    metadata(size = text.len(), model = "m")
)]
pub fn all(text: &str, key: &str) -> Result<usize, ParseIntError> {
    let count: usize = text.parse()?;
    Ok(count.saturating_add(key.len()))
}

/// Inputs of one's own.
#[trace(input = { "text": text }, skip_output)]
pub async fn inputs(text: String) -> usize {
    ready(()).await;
    text.len()
}

/// One value as the input.
#[trace(input = text)]
pub fn whole(text: &str) -> usize {
    text.len()
}

/// Early return.
#[trace]
pub fn early(number: u8) -> Result<u8, String> {
    if number == 0 {
        return Err("zero".to_owned());
    }
    Ok(number)
}

/// Generic.
#[trace]
pub fn generic<T: Debug, const N: usize>(items: &[T; N], shown: impl Display) -> String {
    format!("{items:?}{shown}")
}

/// Patterns.
#[trace]
pub fn patterns((left, _): (u8, String), [first, ..]: [u8; 2], _: Vec<u8>) -> u8 {
    left.saturating_add(first)
}

/// Borrows.
#[trace]
pub fn borrowed<'a>(items: &'a mut [u8], _other: &u8) -> Option<&'a mut u8> {
    items.first_mut()
}

/// Closures.
#[trace]
pub fn closure(step: u8) -> impl Fn(u8) -> u8 {
    move |number| number.saturating_add(step)
}

/// A closure or an error.
///
/// # Errors
///
/// When there is no number.
#[trace]
pub fn fallible_closure(step: &str) -> Result<impl Fn(u8) -> u8 + use<>, ParseIntError> {
    let parsed: u8 = step.parse()?;
    Ok(move |number: u8| number.saturating_add(parsed))
}

/// The caller's place.
#[trace]
#[track_caller]
pub fn placed(number: Option<u8>) -> Result<u8, String> {
    let found = number.ok_or_else(|| "none".to_owned())?;
    if found == 0 {
        return Ok(1);
    }
    Ok(found)
}

/// Iterators.
#[trace]
pub fn iterator(count: u8) -> impl Iterator<Item = u8> {
    0..count
}

/// Async.
///
/// # Errors
///
/// When there is no number.
#[trace]
pub async fn later(text: &str, owned: String) -> Result<u8, ParseIntError> {
    ready(()).await;
    let number: u8 = text.parse()?;
    drop(ready(owned).await);
    Ok(number)
}

/// Async without a value.
#[trace]
pub async fn later_nothing(_: String) {
    ready(()).await;
}

/// Async without an end.
#[trace]
pub async fn later_never() -> ! {
    loop {
        ready(()).await;
    }
}

/// A future.
#[trace]
pub fn future(text: String) -> impl Future<Output = usize> + Send {
    async move { text.len() }
}

/// Unused arguments.
#[trace]
pub async fn later_unused(_text: String, _more: Vec<u8>) {
    ready(()).await;
}

/// Unused arguments of a future.
#[trace]
pub fn future_unused(_text: String, _count: u8) -> impl Future<Output = u8> {
    ready(1)
}

/// A future made with care.
#[trace]
pub fn made_future(text: String) -> impl Future<Output = usize> + Send {
    let length = text.len();
    drop(text);
    ready(length)
}

/// A boxed future.
#[trace]
pub fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = usize> + Send + 'a>> {
    Box::pin(async move { text.len() })
}

/// Has methods.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counter {
    count: u64,
}

impl Counter {
    /// By value.
    #[trace]
    #[must_use]
    pub fn by_value(self, step: u64) -> Self {
        Self { count: self.count.saturating_add(step) }
    }

    /// By reference.
    #[trace]
    pub fn by_mut(&mut self, step: u64) -> &mut u64 {
        self.count = self.count.saturating_add(step);
        &mut self.count
    }

    /// Boxed.
    #[trace]
    pub fn by_box(self: Box<Self>) -> u64 {
        self.count
    }

    /// Later.
    #[trace]
    pub async fn later(&self, step: u64) -> u64 {
        ready(self.count.saturating_add(step)).await
    }
}

/// Has default methods.
#[async_trait]
pub trait Tool: Send + Sync {
    /// Runs.
    async fn run(&self, question: &str) -> String;

    /// Runs twice.
    #[trace(type = "TOOL")]
    async fn twice(&self, question: &str) -> String {
        let once = self.run(question).await;
        self.run(&once).await
    }
}

#[async_trait]
impl Tool for Counter {
    #[trace(type = "TOOL", skip_all)]
    async fn run(&self, question: &str) -> String {
        format!("{question}{}", ready(self.count).await)
    }
}

/// Expects what clippy does not look for in a function that a macro has had in its hands.
#[expect(clippy::many_single_char_names, reason = "coordinates have no longer names")]
#[trace]
#[must_use]
pub fn corners(a: u64, b: u64, c: u64, d: u64, e: u64, f: u64) -> u64 {
    [a, b, c, d, e, f].into_iter().fold(0, u64::saturating_add)
}

/// The same, below the attribute and of a parameter.
#[trace]
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "callers have no more use for it")]
pub fn length(
    text: String,
    #[expect(unused_variables, reason = "it is kept for the sake of the callers")] limit: u64,
) -> usize {
    text.len()
}

/// The same, of an async function and under a condition.
///
/// # Errors
///
/// Never.
#[cfg_attr(not(doc), expect(clippy::unused_async, reason = "its callers wait for it"))]
#[expect(clippy::unnecessary_wraps, reason = "one day it will fail")]
#[trace]
pub async fn steady(step: u64) -> Result<u64, ParseIntError> {
    Ok(step)
}
