//! Tracing for LLM agents: what each function of your agent was given, what it returned or how it failed, and how long it
//! took, sent to [Galtea](https://galtea.ai) as one batch for each turn of the agent.
//!
//! ```
//! use galtea::{Galtea, trace, trace_scope};
//!
//! /// Looks a customer up.
//! #[trace(type = "TOOL", docs)]
//! async fn fetch_customer(id: &str) -> Result<String, std::num::ParseIntError> {
//!     let number: u32 = id.trim_start_matches("c-").parse()?; // an error that leaves here is the trace's error
//!     Ok(format!("customer {number}"))
//! }
//!
//! #[trace(type = "AGENT")]
//! async fn agent(question: String) -> Result<String, std::num::ParseIntError> {
//!     let customer = fetch_customer("c-17").await?;
//!     let pages = trace_scope!("search", type = "RETRIEVER", input = { "query": &question }, |scope| {
//!         scope.set_metadata("index", "faq-v2");
//!         vec!["shipping", "returns"]
//!     });
//!     galtea::current_trace().set_metadata("pages", pages.len());
//!     Ok(format!("{customer} asks: {question}"))
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! # runtime.block_on(async {
//! // `Galtea::from_env()?` sends to the API; `Galtea::local()` needs no account and prints each tree.
//! let galtea = Galtea::builder().exporter(galtea::export::MemoryExporter::new()).build()?;
//! let answer = galtea.inference_result("ir_123").scope(agent("Where is my order?".to_owned())).await?;
//! let report = galtea.shutdown().await;
//! assert_eq!(report.stats.delivered, 3);
//! report.into_result()?;
//! # drop(answer);
//! # Ok(())
//! # })
//! # }
//! ```
//!
//! With `Galtea::local()` in place of the exporter, this is what it prints on standard error:
//!
//! ```text
//! ir_123 · 3 traces                                                         118 µs
//! AGENT       agent             ━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━   118 µs
//! TOOL        ├ fetch_customer     ━━━━╸                                   12.3 µs
//! RETRIEVER   └ search                           ━━━━╸                     11.8 µs
//! ```
//!
//! # Words
//!
//! An *inference result* is one turn of an agent; Galtea makes its id. A *trace* is one operation in it: its name, its
//! [type](TraceType), what it was given and returned, its error, its latency, and the trace that it ran in. A *scope*
//! is the stretch of a program in which an inference result or a trace is current. When the scope of an inference
//! result ends, all its traces are sent as one *batch*.
//!
//! # Three ways to trace
//!
//! * [`#[trace]`](macro@trace) on a function, a method, an async function, or one that returns a future or a stream.
//! * [`trace_scope!`] around a block inside of a function, where `?`, `return` and `break` keep their meaning.
//! * [`trace_event!`] for a point in time.
//!
//! [`current_trace`] speaks to the trace around the current line: more metadata, another input or output, an error that
//! the result does not tell of.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
//! #[galtea::trace(type = "GENERATION", skip(temperature))]
//! fn complete(prompt: &str, temperature: f32) -> String {
//!     galtea::current_trace().set_metadata("usage", [prompt.len(), 12]);
//!     format!("{prompt} … and so on")
//! }
//! # fn main() {
//! let told = recorded(|| complete("Once", 0.7));
//! assert_eq!(told["input"], json!({"prompt": "Once"}));
//! assert_eq!(told["output"], json!({"value": "Once … and so on"}));
//! assert_eq!(told["metadata"], json!({"usage": [4, 12]}));
//! # }
//! ```
//!
//! The guide: [trace types], [what is recorded].
//!
//! # Where a trace belongs
//!
//! * **Outside the scope of an inference result nothing is recorded**, at the cost of a thread-local read. While the
//!   program has a client such calls are counted too, and each place is told once, for a forgotten [`spawn`] is the
//!   usual cause.
//! * In a scope, a trace belongs to the innermost trace around the line that runs. In async code that holds for each
//!   future: the branches of `join!` get the right parent, and a future that moves to another thread keeps its own.
//! * A **spawned** task and a new thread start without a context. [`spawn`], [`spawn_blocking`],
//!   [`in_current_trace`](InCurrentTrace::in_current_trace) and [`TraceContext`] take it along.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
//! #[galtea::trace(type = "TOOL")]
//! async fn fetch(page: u32) -> u32 {
//!     page
//! }
//!
//! #[galtea::trace(type = "AGENT")]
//! async fn read_both() -> u32 {
//!     let (first, second) = (galtea::spawn(fetch(1)), galtea::spawn(fetch(2)));
//!     first.await.unwrap_or(0) + second.await.unwrap_or(0)
//! }
//! # fn main() {
//! # let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
//! # let told = recorded(|| runtime.block_on(read_both()));
//! # assert_eq!(told["output"], json!({"value": 3}));
//! # }
//! ```
//!
//! The guide: [scopes and context], [web servers], where the feature `tower` opens the scope of each request.
//!
//! # How a call ends
//!
//! A value is the output, an `Err` the error, with its sources. A panic goes on, and is recorded as one; a future that
//! is dropped half way, by a timeout, an abort or a `select!`, is recorded as cancelled. An error that leaves a block
//! by `?` is the block's error:
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
//! use galtea::trace_scope;
//!
//! fn total(prices: &[&str]) -> Result<u32, std::num::ParseIntError> {
//!     let sum = trace_scope!("sum", type = "CHAIN", input = { "prices": prices }, {
//!         let mut sum = 0;
//!         for price in prices {
//!             sum += price.parse::<u32>()?;
//!         }
//!         sum
//!     });
//!     Ok(sum)
//! }
//! # fn main() {
//! assert_eq!(recorded(|| total(&["3", "4"]))["output"], json!({"value": 7}));
//! assert_eq!(recorded(|| total(&["3", "four"]))["error"], "invalid digit found in string");
//! # }
//! ```
//!
//! # Streams
//!
//! The trace of a function that returns `impl Stream` lasts as long as the stream: its output are the items, and its
//! metadata tells how many there were and when the first one came.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
//! use futures::{Stream, StreamExt, stream};
//!
//! #[galtea::trace(type = "GENERATION")]
//! fn tokens(answer: &'static str) -> impl Stream<Item = &'static str> {
//!     stream::iter(answer.split(' '))
//! }
//! # fn main() {
//! let told = recorded(|| futures::executor::block_on(tokens("at any time").collect::<Vec<_>>()));
//! assert_eq!(told["output"], json!({"value": ["at", "any", "time"]}));
//! assert!(told["metadata"]["galtea.stream.first_item_ms"].is_number());
//! # }
//! ```
//!
//! The guide: [streams].
//!
//! # What is recorded of values
//!
//! Arguments and results need no trait: `Serialize` is used where it exists, else `Debug`, else the type's name stands
//! for the value. Every field is bounded while it is written, to 128 KiB unless [`Builder::capture_limit`] says
//! otherwise.
//!
//! Values under names that mean a secret are never written: [`SecretNames`] has the list, [`Builder::secret_names`]
//! adds to it, and [`Builder::mask`] has the last look at everything.
//!
//! ```
//! # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
//! #[galtea::trace(type = "TOOL", mask(customer))]
//! fn sign_in(customer: &str, password: &str, max_tokens: u32) -> bool {
//!     customer.len() < password.len()
//! }
//! # fn main() {
//! let told = recorded(|| sign_in("ada", "lovelace", 100));
//! assert_eq!(told["input"], json!({"customer": "[masked]", "password": "[masked]", "max_tokens": 100}));
//! # }
//! ```
//!
//! The guide: [what is recorded], [secrets].
//!
//! # Delivery
//!
//! The calling thread does no I/O and never waits: a thread of the client sends, retries, and keeps the account of
//! every trace. [`Galtea::shutdown`], before `main` returns, sends what is left; the [`FlushReport`] that it gives says
//! what became of each trace, and losses are `tracing` events too. With [`Builder::spool_dir`] a crash loses nothing.
//! Traces stay within the process with an exporter of your own, such as [`MemoryExporter`](export::MemoryExporter), and
//! `GALTEA_DISABLED=1` turns all of it off.
//!
//! The guide: [delivery], [local mode], [what it costs], and [troubleshooting] by symptom.
//!
//! # Tests of your agent
//!
//! With the feature `testing`, `testing::capture` runs an agent without a client and gives back its traces, and
//! `testing::assert_trace_tree!` says which are expected:
//!
#![cfg_attr(
    feature = "testing",
    doc = r#"
```
use galtea::testing::{assert_trace_tree, capture};

#[galtea::trace(type = "TOOL")]
async fn fetch_plan(customer: &str) -> Result<String, String> {
    if customer == "c-17" { Ok("pro".to_owned()) } else { Err(format!("no customer {customer}")) }
}

#[galtea::trace(type = "AGENT")]
async fn support_agent(customer: &str) -> Result<String, String> {
    fetch_plan(customer).await.map(|plan| format!("You are on the {plan} plan."))
}

# #[tokio::main(flavor = "current_thread")]
# async fn main() {
let tree = capture(support_agent("c-18")).await;
assert_trace_tree!(tree, {
    AGENT "support_agent" (error) {
        TOOL "fetch_plan" (error = "no customer c-18")
    }
});
# }
```
"#
)]
//!
//! The guide: [testing an agent].
//!
//! # Features
//!
//! * `http` (default): sends to the API with reqwest on rustls. Without it, give the client an
//!   [exporter](Builder::exporter) of your own.
//! * `tower`: `tower::InferenceLayer` opens the scope for each HTTP request that names an inference result, in axum and
//!   any other tower server.
//! * `testing`: `testing::capture` records what an agent does in a unit test, and `testing::assert_trace_tree!`
//!   compares it.
//!
//! # Coming from elsewhere
//!
//! What is called what: [from tracing], [from fastrace], [from the Python SDK].
//!
//! [trace types]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/trace-types.md
//! [what is recorded]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/what-is-recorded.md
//! [scopes and context]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/scopes-and-context.md
//! [web servers]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/web-servers.md
//! [streams]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/streams.md
//! [secrets]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/secrets.md
//! [delivery]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/delivery.md
//! [local mode]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/local-mode.md
//! [what it costs]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/costs.md
//! [troubleshooting]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/troubleshooting.md
//! [testing an agent]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/testing.md
//! [from tracing]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/coming-from-tracing.md
//! [from fastrace]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/coming-from-fastrace.md
//! [from the Python SDK]: https://github.com/galtea-ai/galtea-rust/blob/main/docs/coming-from-python.md

#![cfg_attr(docsrs, feature(doc_cfg))]

/// Traces a block: `trace_scope!("name", …, { … })`.
///
/// The name is a literal. After it may come arguments of [`#[trace]`](macro@trace#arguments): `type`, `description`,
/// `input`, `output`, `error`, `skip_output`, `metadata` and `crate`. The block comes last, and its value is the value
/// of the macro and the output of the trace. In the scope of no inference result, the block alone remains.
///
/// In a plain block `?`, `return`, `break` and `continue` mean what they mean without the macro. An error that leaves
/// by `?` is the trace's error. A block that is left by `return`, `break` or `continue` has no output, and metadata
/// `galtea.outcome = "left"`.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// use galtea::trace_scope;
///
/// fn first_number(lines: &[&str]) -> Result<u32, std::num::ParseIntError> {
///     let number = trace_scope!("parse", type = "CHAIN", input = { "lines": lines.len() }, {
///         lines.first().unwrap_or(&"0").parse::<u32>()?
///     });
///     Ok(number)
/// }
/// # fn main() {
/// assert_eq!(recorded(|| first_number(&["17"]))["output"], json!({"value": 17}));
/// assert_eq!(recorded(|| first_number(&["x"]))["error"], "invalid digit found in string");
/// # }
/// ```
///
/// With `|scope| { … }` the block has a [`TraceHandle`] on its own trace:
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// use galtea::trace_scope;
///
/// # fn main() {
/// let told = recorded(|| {
///     trace_scope!("search", type = "RETRIEVER", |scope| {
///         let pages = vec!["plans", "prices"];
///         scope.set_metadata("found", pages.len());
///         pages
///     })
/// });
/// assert_eq!(told["metadata"], json!({"found": 2}));
/// # }
/// ```
///
/// With `async { … }`, `async move { … }` or `|scope| async …` the macro gives a future, which is the operation: it
/// begins at the first poll, and one that is dropped before its end is recorded as cancelled. `?` and `return` leave
/// the async block, as always.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// use galtea::trace_scope;
///
/// async fn answer(question: &str) -> String {
///     trace_scope!("draft", type = "GENERATION", async { format!("You asked: {question}") }).await
/// }
/// # fn main() {
/// # let told = recorded(|| futures::executor::block_on(answer("Why?")));
/// # assert_eq!(told["output"], json!({"value": "You asked: Why?"}));
/// # }
/// ```
///
/// `.await` in a plain block does not compile, and the message says to write `async`. Where only later code would
/// settle the type of a plain block's value, give the type inside: `text.parse::<u32>()?`.
pub use galtea_macros::trace_scope;

/// Records a point in time: `trace_event!("name", …)`, a trace without a duration.
///
/// Its type is `EVENT`, unless `type` says otherwise. The name is a literal. After it may come `type`, `input`,
/// `metadata`, `description` and `crate`, as for [`#[trace]`](macro@trace#arguments). Outside the scope of an inference
/// result nothing is recorded, and no expression is evaluated.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// use galtea::trace_event;
///
/// # fn main() {
/// let told = recorded(|| {
///     trace_event!("cache_miss", input = { "key": "c-17" }, metadata(cache = "customers", size = 2_048));
/// });
/// assert_eq!((&told["type"], &told["name"]), (&json!("EVENT"), &json!("cache_miss")));
/// assert_eq!(told["input"], json!({"key": "c-17"}));
/// assert_eq!(told["metadata"], json!({"cache": "customers", "size": 2_048}));
/// # }
/// ```
pub use galtea_macros::trace_event;

/// Traces a function: every call of it in the scope of an inference result becomes a trace.
///
/// It goes on any function that has a body: free functions, methods, default methods of traits, sync, async or
/// returning a future, whatever the signature. Arguments and results need no trait: a value is recorded by its
/// `Serialize`, else its `Debug`, else as the name of its type, as the compiler finds out at the function. `self` is
/// never recorded.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// #[galtea::trace]
/// fn divide(dividend: f64, divisor: f64) -> Result<f64, String> {
///     if divisor == 0.0 {
///         return Err("division by zero".to_owned());
///     }
///     Ok(dividend / divisor)
/// }
/// # fn main() {
/// let told = recorded(|| divide(1.0, 4.0));
/// assert_eq!(told["input"], json!({"dividend": 1.0, "divisor": 4.0}));
/// assert_eq!(told["output"], json!({"value": 0.25}));
/// assert_eq!(recorded(|| divide(1.0, 0.0))["error"], "division by zero");
/// # }
/// ```
///
/// An `Err`, a panic and a future that is dropped before it completes are each told as what they are; see the guide's
/// page _What is recorded_. Of an async function, and of one that returns `impl Future` or a boxed future, the future
/// is the operation: it begins at the first poll, and a future that is never polled leaves nothing.
///
/// # Arguments
///
/// **`type = "TOOL"`** is what kind of operation this is, checked by the macro; a path to a [`TraceType`] does as well.
/// Without it the type is `SPAN`. **`name = "…"`** takes the place of the function's name, **`description = "…"`** says
/// what it does, and **`docs`** takes that from the doc comment.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// /// Finds articles.
/// #[galtea::trace(type = "RETRIEVER", name = "search", docs)]
/// fn search_in_index(query: &str) -> Vec<String> {
///     vec![query.to_owned()]
/// }
/// # fn main() {
/// let told = recorded(|| search_in_index("rust"));
/// assert_eq!((&told["type"], &told["name"]), (&json!("RETRIEVER"), &json!("search")));
/// assert_eq!(told["description"], "Finds articles.");
/// # }
/// ```
///
/// **`skip(a, b)`** leaves arguments out, **`skip_all`** all of them, and **`only(a)`** all others. **`mask(a)`** lists
/// an argument without its value. **`skip_output`** leaves out what is returned; errors are recorded all the same.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// #[galtea::trace(skip(connection), mask(card), skip_output)]
/// fn charge(connection: &str, card: &str, cents: u32) -> Result<String, String> {
///     if cents == 0 { Err(format!("nothing to charge on {connection}")) } else { Ok(card.to_owned()) }
/// }
/// # fn main() {
/// let told = recorded(|| charge("db-1", "4111", 250));
/// assert_eq!(told["input"], json!({"card": "[masked]", "cents": 250}));
/// assert_eq!(told["output"], json!(null));
/// assert_eq!(recorded(|| charge("db-1", "4111", 0))["error"], "nothing to charge on db-1");
/// # }
/// ```
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// #[galtea::trace(only(query))]
/// fn ask(query: &str, temperature: f32, seed: u64) -> usize {
///     query.len()
/// }
/// # fn main() {
/// assert_eq!(recorded(|| ask("why?", 0.1, 7))["input"], json!({"query": "why?"}));
/// # }
/// ```
///
/// **`input = { "key": expr }`**, or `input = expr`, is recorded instead of the arguments. **`output = |out| expr`**
/// gets a reference to what is returned (to what is in the `Ok`), **`error = |e| expr`** one to what is in the `Err`;
/// what they make of it is recorded instead. A path to a function does as well.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// #[galtea::trace(
///     input = { "pages": pages.len() },
///     output = |answer| answer.to_uppercase(),
///     error = |code| format!("code {code}")
/// )]
/// fn summarize(pages: &[String]) -> Result<String, u16> {
///     pages.first().cloned().ok_or(404)
/// }
/// # fn main() {
/// let told = recorded(|| summarize(&["first".to_owned()]));
/// assert_eq!(told["input"], json!({"pages": 1}));
/// assert_eq!(told["output"], json!({"value": "FIRST"}));
/// assert_eq!(recorded(|| summarize(&[]))["error"], "code 404");
/// # }
/// ```
///
/// **`metadata(key = expr)`** adds entries of metadata: expressions over the arguments, evaluated before the body runs.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// #[galtea::trace(metadata(model = "gpt-4", words = prompt.split(' ').count(), "retry.limit" = 3))]
/// fn complete(prompt: &str) -> String {
///     prompt.to_owned()
/// }
/// # fn main() {
/// let told = recorded(|| complete("tell me more"));
/// assert_eq!(told["metadata"], json!({"model": "gpt-4", "words": 3, "retry.limit": 3}));
/// # }
/// ```
///
/// **`stream`** makes the returned stream the operation, and not its construction. Without the word, `impl Stream` in
/// the signature says the same.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// use futures::{Stream, StreamExt, stream};
///
/// #[galtea::trace(type = "GENERATION", stream)]
/// fn tokens(text: &'static str) -> impl Stream<Item = &'static str> {
///     stream::iter(text.split(' '))
/// }
///
/// # fn main() {
/// let told = recorded(|| futures::executor::block_on(tokens("one two").collect::<Vec<_>>()));
/// assert_eq!(told["output"], json!({"value": ["one", "two"]}));
/// assert_eq!(told["metadata"]["galtea.stream.items"], json!(2));
/// # }
/// ```
///
/// **`crate = path`** is where galtea is found, for a crate that re-exports it or renames it.
///
/// ```standalone_crate
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/recorded/documented.rs"));
/// mod toolkit {
///     pub mod tracing {
///         pub use ::galtea::*;
///     }
/// }
///
/// #[galtea::trace(crate = crate::toolkit::tracing)]
/// fn ping() -> u8 {
///     1
/// }
/// # fn main() {
/// assert_eq!(recorded(ping)["output"], json!({"value": 1}));
/// # }
/// ```
///
/// # What it costs and what it leaves alone
///
/// Outside of the scope of an inference result, a call costs two or three nanoseconds, and no expression of the
/// attribute runs. In a scope, an expression, a `Serialize` or a `Debug` that panics costs the field that it was for,
/// never the call. Values, drop order, borrows and `Send`-ness are those of the function without the attribute.
///
/// # Limits
///
/// - A `const fn` cannot be traced: it may run in the compiler. The attribute says so.
/// - `Serialize`, `Debug` and `Result` are looked for where the function stands. In a generic function that is what its
///   bounds promise of a parameter, and a type that only later lines of the body would settle counts as unknown.
/// - An implementation that holds for some lifetimes only, like `impl<S: 'static> Error for Split<S>`, is chosen before
///   lifetimes are checked, which is an error of the compiler's. For errors that mention a type parameter, `Result<S,
///   Split<S>>` or `Result<S, Self>`, their `Display` is taken without their sources, so that they compile; for
///   arguments and outputs there is `skip`, and for an error behind an alias `error = |e| e.to_string()`.
/// - With `panic = "abort"` a panic ends the process before it can be recorded.
/// - Serde waits for a lock to serialize what is in it. A `Mutex` or `RwLock`, also behind `&`, `Box`, `Rc` or `Arc`,
///   is recorded by its `Debug` instead, which does not wait; one inside a struct of yours is serialized as your struct
///   says.
/// - The body of a `#[track_caller]` function stays where it is, so that it knows its caller. Of what leaves it early,
///   errors by `?` and `return` are seen; `None?`, and a `return` hidden in a macro, are told as `galtea.outcome =
///   "left"`.
/// - A function that returns `impl Fn` is recorded with the type of its result, not a value.
/// - Some lints look away from a function that a macro has had in its hands. So an `#[expect(…)]` on it counts as an
///   `#[allow(…)]`, or the compiler would complain that what was expected did not come.
/// - Of an argument that a pattern takes apart, `(a, _)` or `Point { x, .. }`, what the pattern leaves out is dropped
///   after the body's other arguments.
pub use galtea_macros::trace;

pub use galtea_runtime::export;
pub use galtea_runtime::{
    BatchFormat, BuildError, Builder, DeliveryError, DropReason, ErrorText, FlushReport, Galtea,
    InCurrentTrace, InTrace, InferenceResult, Loss, ParseTraceTypeError, RefusedTrace, Scope, SecretNames,
    Stats, TraceContext, TraceHandle, TraceId, TraceType, current_trace, spawn, spawn_blocking,
};

/// Tests that an agent calls the right tools, in the right order, with the right input:
///
/// ```
/// use galtea::testing::{assert_trace_tree, capture};
///
/// #[galtea::trace(type = "TOOL")]
/// async fn fetch_plan(customer: &str) -> Result<String, String> {
///     if customer == "c-17" { Ok("pro".to_owned()) } else { Err(format!("no customer {customer}")) }
/// }
///
/// #[galtea::trace(type = "AGENT")]
/// async fn support_agent(customer: &str) -> Result<String, String> {
///     fetch_plan(customer).await.map(|plan| format!("You are on the {plan} plan."))
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let tree = capture(support_agent("c-17")).await;
/// assert_trace_tree!(tree, {
///     AGENT "support_agent" {
///         TOOL "fetch_plan" (input = { "customer": "c-17" }, output = "pro")
///     }
/// });
/// # }
/// ```
#[cfg(feature = "testing")]
pub use galtea_runtime::testing;
#[cfg(feature = "tower")]
pub use galtea_runtime::tower;

#[doc(hidden)]
pub use galtea_runtime::private as __private;

/// The code of the README and the guide is compiled, and run where it can be.
#[cfg(doctest)]
mod guide {
    #[doc = include_str!("../README.md")]
    mod readme {}
    #[doc = include_str!("../docs/getting-started.md")]
    mod getting_started {}
    #[doc = include_str!("../docs/trace-types.md")]
    mod trace_types {}
    #[doc = include_str!("../docs/what-is-recorded.md")]
    mod what_is_recorded {}
    #[doc = include_str!("../docs/secrets.md")]
    mod secrets {}
    #[doc = include_str!("../docs/scopes-and-context.md")]
    mod scopes_and_context {}
    #[doc = include_str!("../docs/streams.md")]
    mod streams {}
    #[cfg(feature = "tower")]
    #[doc = include_str!("../docs/web-servers.md")]
    mod web_servers {}
    #[doc = include_str!("../docs/delivery.md")]
    mod delivery {}
    #[doc = include_str!("../docs/local-mode.md")]
    mod local_mode {}
    #[cfg(feature = "testing")]
    #[doc = include_str!("../docs/testing.md")]
    mod testing {}
    #[doc = include_str!("../docs/troubleshooting.md")]
    mod troubleshooting {}
    #[doc = include_str!("../docs/errors.md")]
    mod errors {}
    #[doc = include_str!("../docs/coming-from-tracing.md")]
    mod coming_from_tracing {}
    #[doc = include_str!("../docs/coming-from-fastrace.md")]
    mod coming_from_fastrace {}
    #[doc = include_str!("../docs/coming-from-python.md")]
    mod coming_from_python {}
}
