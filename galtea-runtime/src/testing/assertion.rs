//! `assert_trace_tree!`.

use super::diff;
use super::expected::Siblings;
use super::tree::TraceTree;

/// What the macro calls.
///
/// # Panics
///
/// At the macro's line, when the tree is not what is expected.
#[track_caller]
#[expect(clippy::panic, reason = "an assertion")]
pub fn check(tree: &TraceTree, expected: &Siblings) {
    if let Some(message) = diff::failure(tree, expected) {
        panic!("{message}");
    }
}

/// Asserts that a [`TraceTree`](crate::testing::TraceTree) is what is expected.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// use galtea::testing::assert_trace_tree;
///
/// let tree = capture_sync(|| support_agent());
/// assert_trace_tree!(tree, {
///     AGENT "support_agent" {
///         RETRIEVER "search" (input = { "query": "plans" }, output = ["Plans can be changed at any time."])
///         TOOL "fetch_user" (error = "no customer")
///     }
/// });
/// assert_trace_tree!(tree, { "support_agent" { .., TOOL "fetch_user" (error) } });
/// # }
/// ```
///
/// | what is written | what it says |
/// | --- | --- |
/// | `TOOL "fetch_user"` | a trace of this type and name, in which no other trace ran, and that did not fail |
/// | `"fetch_user"` | a trace of this name, of any type |
/// | `TOOL _` | a trace of this type, of any name |
/// | `TOOL "fetch_user" { … }` | these traces ran directly in it, in this order, and no others |
/// | `..` | any traces here, or none; a comma behind it may be left out, as may all commas between traces |
/// | `unordered { … }` | these traces in any order, for what runs at the same time |
/// | `(input = { "id": 7 })` | its input has this entry, with this value, and perhaps others; so do objects inside of it. Lists are as long as they are written |
/// | `(output = …)`, `(metadata = …)` | as `input`; a value that is no object is looked for under `"value"` |
/// | `(output = null)` | it has none |
/// | `(description = "…")` | its description is this text |
/// | `(error = "…")` | it failed, and the error's text has this part |
/// | `(error)` | it failed |
///
/// Values are what `serde_json::json!` takes, variables included. The order is that in which the traces began; see
/// [`TraceTree`](crate::testing::TraceTree). `unordered` may stand before the outermost braces too.
///
/// # Panics
///
/// When the tree is not what is expected, with the differences. Traces that had not ended when the capture did are a
/// difference, unless `..` stands between the outermost braces.
///
/// ```should_panic
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/testing/documented.rs"));
/// # fn main() {
/// use galtea::testing::assert_trace_tree;
///
/// let tree = capture_sync(|| support_agent());
/// assert_trace_tree!(tree, {
///     AGENT "support_agent" {
///         TOOL "fetch_user" (error = "no customer u-18")
///     }
/// });
/// // the traces are not the expected ones (- expected, + recorded):
/// //
/// //   AGENT "support_agent"
/// // +   RETRIEVER "search"
/// //     TOOL "fetch_user"
/// // -     error = "no customer u-18"
/// // +     error = "no customer u-17"
/// # }
/// ```
#[macro_export]
macro_rules! assert_trace_tree {
    ($tree:expr, { $($siblings:tt)* } $(,)?) => {
        $crate::testing::__check(&$tree, &$crate::__galtea_siblings!({ $($siblings)* }))
    };
    ($tree:expr, unordered { $($siblings:tt)* } $(,)?) => {
        $crate::testing::__check(&$tree, &$crate::__galtea_siblings!({ $($siblings)* }).unordered())
    };
    ($tree:expr $(,)?) => {
        ::core::compile_error!("the expected traces are missing; write `assert_trace_tree!(tree, { AGENT \"answer\" { .. } })`")
    };
    ($tree:expr, $($other:tt)*) => {
        ::core::compile_error!("the expected traces stand in braces: `assert_trace_tree!(tree, { AGENT \"answer\" { .. } })`")
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __galtea_siblings {
    ({ $($rest:tt)* }) => {{
        let mut siblings = $crate::testing::expected::Siblings::new();
        $crate::__galtea_each!(siblings, $($rest)*);
        siblings
    }};
}

/// Takes one trace after another off the front: two expansions for each, since the compiler nests 128 at most.
#[doc(hidden)]
#[macro_export]
macro_rules! __galtea_each {
    ($to:ident, ) => {};
    ($to:ident, .. , $($rest:tt)*) => {
        $crate::testing::expected::Siblings::rest(&mut $to);
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, .. $($rest:tt)*) => {
        $crate::testing::expected::Siblings::rest(&mut $to);
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $name:literal $($rest:tt)*) => {
        $crate::__galtea_trace!($to, (named($name)) $($rest)*);
    };
    ($to:ident, _ $($rest:tt)*) => {
        $crate::__galtea_trace!($to, () $($rest)*);
    };
    ($to:ident, $type:ident $name:literal $($rest:tt)*) => {
        $crate::__galtea_trace!($to, (of_type($crate::__galtea_type!($type)) named($name)) $($rest)*);
    };
    ($to:ident, $type:ident _ $($rest:tt)*) => {
        $crate::__galtea_trace!($to, (of_type($crate::__galtea_type!($type))) $($rest)*);
    };
    ($to:ident, $type:ident $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "the name of a trace is missing after `", ::core::stringify!($type),
            "`; write it in quotes, as in `TOOL \"fetch_user\"`, or `_` for any name"
        ));
    };
    ($to:ident, $other:tt $($rest:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "a trace is expected, as in `TOOL \"fetch_user\"`, or `..` for any others; found `",
            ::core::stringify!($other), "`"
        ));
    };
}

/// What may follow a trace's name: `(…)`, then `{ … }` or `unordered { … }`, then a comma; all of them may be left out.
#[doc(hidden)]
#[macro_export]
macro_rules! __galtea_trace {
    ($to:ident, $head:tt ( $($checks:tt)* ) unordered { $($children:tt)* } , $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head ($($checks)*) ($crate::__galtea_siblings!({ $($children)* }).unordered()));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt ( $($checks:tt)* ) unordered { $($children:tt)* } $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head ($($checks)*) ($crate::__galtea_siblings!({ $($children)* }).unordered()));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt ( $($checks:tt)* ) { $($children:tt)* } , $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head ($($checks)*) ($crate::__galtea_siblings!({ $($children)* })));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt ( $($checks:tt)* ) { $($children:tt)* } $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head ($($checks)*) ($crate::__galtea_siblings!({ $($children)* })));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt ( $($checks:tt)* ) , $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head ($($checks)*) ($crate::testing::expected::Siblings::new()));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt ( $($checks:tt)* ) $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head ($($checks)*) ($crate::testing::expected::Siblings::new()));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt unordered { $($children:tt)* } , $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head () ($crate::__galtea_siblings!({ $($children)* }).unordered()));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt unordered { $($children:tt)* } $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head () ($crate::__galtea_siblings!({ $($children)* }).unordered()));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt { $($children:tt)* } , $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head () ($crate::__galtea_siblings!({ $($children)* })));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt { $($children:tt)* } $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head () ($crate::__galtea_siblings!({ $($children)* })));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt , $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head () ($crate::testing::expected::Siblings::new()));
        $crate::__galtea_each!($to, $($rest)*);
    };
    ($to:ident, $head:tt $($rest:tt)*) => {
        $crate::__galtea_add!($to, $head () ($crate::testing::expected::Siblings::new()));
        $crate::__galtea_each!($to, $($rest)*);
    };
}

/// Makes one trace and adds it to the list.
#[doc(hidden)]
#[macro_export]
macro_rules! __galtea_add {
    ($to:ident, ($($set:ident($value:expr))*) ($($checks:tt)*) ($children:expr)) => {
        $crate::testing::expected::Siblings::trace(&mut $to, {
            let mut trace = $crate::testing::expected::ExpectedTrace::with($children);
            $($crate::testing::expected::ExpectedTrace::$set(&mut trace, $value);)*
            $crate::__galtea_checks!(trace, $($checks)*);
            trace
        });
    };
}

/// What stands in parentheses behind a trace's name.
#[doc(hidden)]
#[macro_export]
macro_rules! __galtea_checks {
    ($to:ident, ) => {};
    ($to:ident, error $(, $($rest:tt)*)?) => {
        $crate::testing::expected::ExpectedTrace::any_error(&mut $to);
        $($crate::__galtea_checks!($to, $($rest)*);)?
    };
    ($to:ident, error = $text:expr $(, $($rest:tt)*)?) => {
        $crate::testing::expected::ExpectedTrace::error(&mut $to, &$text);
        $($crate::__galtea_checks!($to, $($rest)*);)?
    };
    ($to:ident, $field:ident = null $(, $($rest:tt)*)?) => {
        $crate::__galtea_field!($field, &mut $to, $crate::testing::__json!(null));
        $($crate::__galtea_checks!($to, $($rest)*);)?
    };
    ($to:ident, $field:ident = { $($json:tt)* } $(, $($rest:tt)*)?) => {
        $crate::__galtea_field!($field, &mut $to, $crate::testing::__json!({ $($json)* }));
        $($crate::__galtea_checks!($to, $($rest)*);)?
    };
    ($to:ident, $field:ident = [ $($json:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::__galtea_field!($field, &mut $to, $crate::testing::__json!([ $($json)* ]));
        $($crate::__galtea_checks!($to, $($rest)*);)?
    };
    ($to:ident, $field:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__galtea_field!($field, &mut $to, $crate::testing::__json!($value));
        $($crate::__galtea_checks!($to, $($rest)*);)?
    };
    ($to:ident, $($other:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "the checks of a trace are not understood at `", ::core::stringify!($($other)*),
            "`; write `input = …`, `output = …`, `metadata = …`, `description = \"…\"`, `error = \"…\"` or `error`"
        ));
    };
}

/// A trace type as it is written.
#[doc(hidden)]
#[macro_export]
macro_rules! __galtea_type {
    (SPAN) => {
        $crate::TraceType::Span
    };
    (GENERATION) => {
        $crate::TraceType::Generation
    };
    (EVENT) => {
        $crate::TraceType::Event
    };
    (AGENT) => {
        $crate::TraceType::Agent
    };
    (TOOL) => {
        $crate::TraceType::Tool
    };
    (CHAIN) => {
        $crate::TraceType::Chain
    };
    (RETRIEVER) => {
        $crate::TraceType::Retriever
    };
    (EVALUATOR) => {
        $crate::TraceType::Evaluator
    };
    (EMBEDDING) => {
        $crate::TraceType::Embedding
    };
    (GUARDRAIL) => {
        $crate::TraceType::Guardrail
    };
    ($other:ident) => {
        ::core::compile_error!(::core::concat!(
            "there is no trace type `", ::core::stringify!($other),
            "`; the trace types are SPAN, GENERATION, EVENT, AGENT, TOOL, CHAIN, RETRIEVER, EVALUATOR, EMBEDDING, GUARDRAIL, and a name alone stands for any type"
        ))
    };
}

/// What of a trace is compared as JSON.
#[doc(hidden)]
#[macro_export]
macro_rules! __galtea_field {
    (input, $to:expr, $value:expr) => {
        $crate::testing::expected::fields::input($to, $value)
    };
    (output, $to:expr, $value:expr) => {
        $crate::testing::expected::fields::output($to, $value)
    };
    (metadata, $to:expr, $value:expr) => {
        $crate::testing::expected::fields::metadata($to, $value)
    };
    (description, $to:expr, $value:expr) => {
        $crate::testing::expected::fields::description($to, $value)
    };
    ($other:ident, $to:expr, $value:expr) => {
        ::core::compile_error!(::core::concat!(
            "a trace has no `", ::core::stringify!($other),
            "` to compare; write `input = …`, `output = …`, `metadata = …`, `description = \"…\"`, `error = \"…\"` or `error`"
        ))
    };
}
