//! A traced stream is one operation, from its first poll to its end, and gives what it gave without the attribute.

mod tree;

use std::pin::Pin;
use std::sync::Arc;

use futures::stream::{
    self, BoxStream, FusedStream, LocalBoxStream, Stream, StreamExt as _, TryStream, TryStreamExt as _,
};
use galtea::{InCurrentTrace as _, current_trace, trace};
use serde_json::{Value, json};
use tree::{Recording, caught, on_each_runtime};

#[trace(type = "TOOL")]
fn child(number: u32) -> u32 {
    number
}

#[trace]
fn numbers(upto: u32) -> impl Stream<Item = u32> + Unpin + Send {
    stream::iter(0..upto)
}

#[trace(stream)]
fn boxed(upto: u32) -> Pin<Box<dyn Stream<Item = u32> + Send>> {
    Box::pin(stream::iter(0..upto))
}

#[trace]
fn boxed_by_alias(upto: u32) -> BoxStream<'static, u32> {
    stream::iter(0..upto).map(|number| number + child(1) - 1).boxed()
}

#[trace]
fn boxed_for_one_thread(upto: &u32) -> LocalBoxStream<'_, u32> {
    let not_send = std::rc::Rc::new(*upto);
    Box::pin(stream::iter(0..*upto).map(move |number| number + u32::from(*not_send == 0)))
}

#[trace]
fn fallible(upto: u32) -> Result<impl Stream<Item = u32>, String> {
    if upto > 100 {
        return Err(format!("{upto} is too far"));
    }
    Ok(stream::iter(0..upto))
}

#[trace]
fn fallible_boxed(text: &str) -> Result<BoxStream<'static, u32>, std::num::ParseIntError> {
    let upto = text.parse()?;
    Ok(Box::pin(stream::iter(0..upto)))
}

#[trace(type = "GENERATION")]
async fn asynchronous(upto: u32) -> impl Stream<Item = u32> {
    child(7);
    tokio::task::yield_now().await;
    stream::iter(0..upto).map(child)
}

#[trace]
async fn asynchronous_fallible(text: String) -> anyhow::Result<impl Stream<Item = u32> + Send> {
    tokio::task::yield_now().await;
    let upto: u32 = text.parse()?;
    Ok(stream::iter(0..upto))
}

#[trace]
async fn asynchronous_boxed(text: &str) -> Result<BoxStream<'_, char>, String> {
    if text.is_empty() { Err("nothing to say".to_owned()) } else { Ok(stream::iter(text.chars()).boxed()) }
}

#[trace]
fn future_of_boxed(
    upto: u32,
) -> Pin<Box<dyn Future<Output = Result<BoxStream<'static, u32>, String>> + Send>> {
    Box::pin(async move { Ok(stream::iter(0..upto).boxed()) })
}

#[trace]
fn future_of_impl(upto: u32) -> impl Future<Output = impl Stream<Item = u32>> {
    async move { stream::iter(0..upto) }
}

#[trace]
fn told_by_macro(upto: u32) -> impl Stream<Item = Result<u32, std::num::ParseIntError>> {
    async_stream::try_stream! {
        for number in 0..upto {
            tokio::task::yield_now().await;
            yield number;
        }
        let failed: u32 = "x".parse()?;
        yield failed;
    }
}

#[trace]
fn told_as_try_stream() -> impl TryStream<Ok = u32, Error = String> {
    stream::iter([Ok(1), Err("one".to_owned()), Ok(2), Err("two".to_owned())])
}

struct Engine<T>(T);

impl<T: Clone + Send + Sync + 'static> Engine<T> {
    #[trace]
    fn repeat<'a>(&'a self, times: &'a usize) -> impl Stream<Item = T> + 'a {
        stream::iter(vec![self.0.clone(); *times])
    }

    #[trace(skip_all)]
    fn shared<S: Stream<Item = T> + Send + 'static>(
        self: Arc<Self>,
        more: S,
    ) -> impl Stream<Item = T> + Send + use<S, T> {
        stream::iter([self.0.clone()]).chain(more)
    }
}

fn output_of(recording: &Recording, name: &str) -> Value {
    recording.batch().trace(name)["outputData"].clone()
}

#[test]
fn the_items_are_the_output_and_the_metadata_counts_them_and_tells_when_they_came() {
    on_each_runtime(async |recording| {
        let scope =
            recording.galtea.inference_result("ir_1").scope(async { numbers(3).collect::<Vec<_>>().await });
        assert_eq!(scope.await, [0, 1, 2]);
        let batch = recording.batch();
        let trace = batch.trace("numbers");
        assert_eq!(trace["inputData"], json!({ "upto": 3 }));
        assert_eq!(trace["outputData"], json!({ "value": [0, 1, 2] }));
        assert!(trace.get("error").is_none());
        let metadata = &trace["metadata"];
        assert_eq!(metadata["galtea.stream.items"], 3);
        assert!(metadata.get("galtea.outcome").is_none() && metadata.get("galtea.stream.errors").is_none());
        let (first, last) =
            (&metadata["galtea.stream.first_item_ms"], &metadata["galtea.stream.last_item_ms"]);
        let (first, last) = (first.as_f64().unwrap(), last.as_f64().unwrap());
        assert!(0.0 <= first && first <= last && last <= trace["latencyMs"].as_f64().unwrap() + 0.001);
    });
}

#[tokio::test]
async fn a_stream_without_items_has_an_empty_output() {
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").scope(numbers(0).for_each(async |_| ())).await;
    let batch = recording.batch();
    assert_eq!(batch.trace("numbers")["outputData"], json!({ "value": [] }));
    assert_eq!(batch.trace("numbers")["metadata"], json!({ "galtea.stream.items": 0 }));
}

#[test]
fn every_way_to_return_a_stream_is_one_operation() {
    on_each_runtime(async |recording| {
        let upto = 2;
        recording
            .galtea
            .inference_result("ir_1")
            .scope(async {
                assert_eq!(boxed(2).collect::<Vec<_>>().await, [0, 1]);
                assert_eq!(boxed_by_alias(2).collect::<Vec<_>>().await, [0, 1]);
                assert_eq!(boxed_for_one_thread(&upto).collect::<Vec<_>>().await, [0, 1]);
                assert_eq!(fallible(2).unwrap().collect::<Vec<_>>().await, [0, 1]);
                assert_eq!(fallible_boxed("2").unwrap().collect::<Vec<_>>().await, [0, 1]);
                assert_eq!(asynchronous(2).await.collect::<Vec<_>>().await, [0, 1]);
                assert_eq!(
                    asynchronous_fallible("2".into()).await.unwrap().collect::<Vec<_>>().await,
                    [0, 1]
                );
                assert_eq!(asynchronous_boxed("ab").await.unwrap().collect::<String>().await, "ab");
                assert_eq!(future_of_boxed(2).await.unwrap().collect::<Vec<_>>().await, [0, 1]);
                assert_eq!(future_of_impl(2).await.collect::<Vec<_>>().await, [0, 1]);
                assert_eq!(Engine(5).repeat(&2).collect::<Vec<_>>().await, [5, 5]);
                let shared = Arc::new(Engine(0)).shared(stream::iter([1]));
                assert_eq!(shared.collect::<Vec<_>>().await, [0, 1]);
            })
            .await;
        let batch = recording.batch();
        for trace in batch.traces.iter().filter(|trace| trace["type"] != "TOOL") {
            let expected = match trace["name"].as_str().unwrap() {
                "asynchronous_boxed" => json!(["a", "b"]),
                // Nothing is promised of `T` where the function is generic.
                "repeat" | "shared" => json!(["i32", "i32"]),
                _ => json!([0, 1]),
            };
            assert_eq!(trace["outputData"], json!({ "value": expected }), "{trace}");
            assert_eq!(trace["metadata"]["galtea.stream.items"], 2, "{trace}");
            assert!(trace.get("parentTraceId").is_none(), "{trace}");
        }
        assert_eq!(batch.traces.iter().filter(|trace| trace["type"] != "TOOL").count(), 12);
    });
}

#[test]
fn what_is_traced_while_the_stream_is_made_or_polled_nests_under_it() {
    on_each_runtime(async |recording| {
        let run = async {
            let mut stream = std::pin::pin!(asynchronous(2).await);
            // Between two polls the stream is not where the program is.
            while let Some(number) = stream.next().await {
                galtea::trace_event!("used", input = { "number": number });
            }
        };
        recording.galtea.inference_result("ir_1").scope(run).await;
        let expected = [
            "asynchronous",
            "asynchronous > child",
            "asynchronous > child",
            "asynchronous > child",
            "used",
            "used",
        ];
        assert_eq!(recording.batch().tree(), expected);
    });
}

#[tokio::test]
async fn an_error_instead_of_a_stream_is_the_error_of_the_call() {
    let recording = Recording::new();
    recording
        .galtea
        .inference_result("ir_1")
        .scope(async {
            assert_eq!(fallible(101).err().unwrap(), "101 is too far");
            assert!(fallible_boxed("many").is_err());
            assert!(asynchronous_fallible("few".to_owned()).await.is_err());
            assert_eq!(asynchronous_boxed("").await.err().unwrap(), "nothing to say");
        })
        .await;
    let batch = recording.batch();
    let errors: Vec<_> = batch.traces.iter().map(|trace| trace["error"].as_str().unwrap()).collect();
    let digit = "invalid digit found in string";
    assert_eq!(errors, ["101 is too far", digit, digit, "nothing to say"]);
    assert!(batch.traces.iter().all(|trace| trace.get("outputData").is_none()));
    assert_eq!(batch.trace("fallible")["inputData"], json!({ "upto": 101 }));
}

#[tokio::test]
async fn the_first_item_that_is_an_error_is_that_of_the_trace_and_items_go_on() {
    let recording = Recording::new();
    recording
        .galtea
        .inference_result("ir_1")
        .scope(async {
            let told: Vec<_> = told_as_try_stream().into_stream().collect().await;
            assert_eq!(told, [Ok(1), Err("one".into()), Ok(2), Err("two".into())]);
            assert!(told_by_macro(2).try_collect::<Vec<_>>().await.is_err());
        })
        .await;
    let batch = recording.batch();
    let told = batch.trace("told_as_try_stream");
    assert_eq!((&told["error"], &told["outputData"]), (&json!("one"), &json!({ "value": [1, 2] })));
    assert_eq!(told["metadata"]["galtea.stream.items"], 2);
    assert_eq!(told["metadata"]["galtea.stream.errors"], 2);
    // `try_collect` drops the stream at the error: that says more than that it was dropped.
    let told = batch.trace("told_by_macro");
    assert_eq!(told["error"], "invalid digit found in string");
    assert_eq!(told["outputData"], json!({ "value": [0, 1] }));
    assert_eq!(told["metadata"]["galtea.outcome"], "cancelled");
}

#[test]
fn a_stream_that_is_dropped_early_keeps_what_it_had_given_and_is_cancelled() {
    on_each_runtime(async |recording| {
        recording
            .galtea
            .inference_result("ir_1")
            .scope(async {
                let mut stream = numbers(100);
                stream.next().await;
                stream.next().await;
                drop(stream);
                drop(asynchronous(3).await);
            })
            .await;
        let batch = recording.batch();
        for (name, items) in [("numbers", json!([0, 1])), ("asynchronous", json!([]))] {
            let trace = batch.trace(name);
            assert_eq!(trace["outputData"], json!({ "value": items }));
            assert_eq!(trace["error"], "cancelled before completion");
            assert_eq!(trace["metadata"]["galtea.outcome"], "cancelled");
        }
    });
}

#[trace]
fn panics_at(last: u32, in_body: bool) -> impl Stream<Item = u32> + Unpin {
    assert!(!in_body, "no stream today");
    stream::iter(0..).inspect(move |number| assert!(*number < last, "{number} is one too many"))
}

#[trace]
async fn panics_before_the_stream() -> impl Stream<Item = u32> {
    assert_eq!(child(1), 2, "nothing there");
    stream::iter(0..9)
}

#[tokio::test]
async fn a_panic_is_recorded_with_the_items_until_then_and_goes_on() {
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").sync_scope(|| {
        let text = caught(|| futures::executor::block_on(panics_at(2, false).collect::<Vec<_>>()));
        assert_eq!(text, "2 is one too many");
    });
    let batch = recording.batch();
    let trace = batch.trace("panics_at");
    assert_eq!(trace["error"], "panicked: 2 is one too many");
    assert_eq!(trace["outputData"], json!({ "value": [0, 1] }));
    assert_eq!(trace["metadata"]["galtea.outcome"], "panicked");
}

#[tokio::test]
async fn a_panic_before_there_is_a_stream_is_that_of_the_call() {
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").sync_scope(|| {
        caught(|| drop(panics_at(0, true)));
        caught(|| drop(futures::executor::block_on(panics_before_the_stream())));
    });
    let batch = recording.batch();
    assert_eq!(batch.trace("panics_at")["error"], "panicked: no stream today");
    assert_eq!(
        batch.trace("panics_before_the_stream")["error"],
        "panicked: assertion `left == right` failed: nothing there\n  left: 1\n right: 2"
    );
}

#[trace(output = |items| json!({ "joined": items.len(), "last": items.last() }), error = |error: &String| error.len())]
fn summed_up(words: Vec<&'static str>) -> impl Stream<Item = Result<&'static str, String>> {
    stream::iter(words).map(|word| if word == "bad" { Err(word.to_owned()) } else { Ok(word) })
}

#[trace(skip_output)]
fn unrecorded(upto: u32) -> impl Stream<Item = u32> {
    stream::iter(0..upto)
}

#[tokio::test]
async fn output_sees_the_recorded_items_and_skip_output_only_counts_them() {
    let recording = Recording::new();
    recording
        .galtea
        .inference_result("ir_1")
        .scope(async {
            summed_up(vec!["a", "bad", "c"]).collect::<Vec<_>>().await;
            unrecorded(4).collect::<Vec<_>>().await;
        })
        .await;
    let batch = recording.batch();
    assert_eq!(batch.trace("summed_up")["outputData"], json!({ "joined": 2, "last": "c" }));
    assert_eq!(batch.trace("summed_up")["error"], "3");
    let unrecorded = batch.trace("unrecorded");
    assert!(unrecorded.get("outputData").is_none());
    assert_eq!(unrecorded["metadata"]["galtea.stream.items"], 4);
}

#[tokio::test]
async fn items_beyond_the_limit_are_counted_and_no_more() {
    let recording = Recording::built(|builder| builder.capture_limit(600));
    let scope = recording.galtea.inference_result("ir_1").scope(numbers(10_000).collect::<Vec<_>>());
    assert_eq!(scope.await.len(), 10_000);
    let batch = recording.batch();
    let trace = batch.trace("numbers");
    let items = trace["outputData"]["value"].as_array().unwrap();
    assert!(items.len() > 50 && items.last().unwrap() == "…[truncated, 10000 items]", "{items:?}");
    assert!(trace["outputData"].to_string().len() <= 600);
    assert_eq!(trace["metadata"]["galtea.stream.items"], 10_000);
}

#[test]
fn a_stream_made_in_a_scope_and_polled_outside_belongs_where_it_was_made() {
    #[trace(type = "AGENT")]
    async fn answer() -> BoxStream<'static, u32> {
        boxed_by_alias(2)
    }
    on_each_runtime(async |recording| {
        let stream = recording.galtea.inference_result("ir_1").scope(answer()).await;
        assert!(recording.sent().is_empty(), "the batch waits for the stream");
        let items = tokio::spawn(stream.collect::<Vec<_>>()).await.unwrap();
        assert_eq!(items, [0, 1]);
        let batch = recording.batch();
        assert_eq!(batch.inference_result, "ir_1");
        let expected =
            ["answer", "answer > boxed_by_alias", "boxed_by_alias > child", "boxed_by_alias > child"];
        // `answer` itself returns a stream, so it is the operation around all of it.
        assert_eq!(batch.tree(), expected);
    });
}

#[tokio::test]
async fn a_stream_made_outside_any_scope_belongs_where_it_is_first_polled_and_has_no_input() {
    let recording = Recording::new();
    let stream = numbers(1);
    recording.galtea.inference_result("ir_1").scope(stream.collect::<Vec<_>>()).await;
    let batch = recording.batch();
    assert_eq!(batch.trace("numbers")["outputData"], json!({ "value": [0] }));
    assert!(batch.trace("numbers").get("inputData").is_none());
}

#[trace(type = "AGENT")]
fn response() -> Response {
    Response(Box::pin(numbers(2)))
}

struct Response(Pin<Box<dyn Stream<Item = u32> + Send>>);

#[tokio::test]
async fn a_stream_that_is_never_polled_is_no_operation_and_holds_nothing_up() {
    let recording = Recording::new();
    let response = recording.galtea.inference_result("ir_1").sync_scope(response);
    assert!(recording.sent().is_empty());
    drop(response.0);
    assert_eq!(recording.batch().tree(), ["response"]);
}

#[tokio::test]
async fn the_body_of_a_response_is_polled_after_the_scope_and_is_in_the_same_batch() {
    let recording = Recording::new();
    let response = recording.galtea.inference_result("ir_1").sync_scope(response);
    let elsewhere = recording.galtea.inference_result("ir_2");
    elsewhere
        .scope(async { child(response.0.map(u32::from).fold(0, async |sum, number| sum + number).await) })
        .await;
    let mut batches = recording.batches();
    batches.sort_by(|a, b| a.inference_result.cmp(&b.inference_result));
    assert_eq!(batches[0].tree(), ["response", "response > numbers"]);
    assert_eq!(batches[1].tree(), ["child"]);
}

#[tokio::test]
async fn handles_reach_the_trace_of_the_stream_from_inside_of_it() {
    #[trace]
    fn noted() -> impl Stream<Item = u32> {
        stream::iter([1]).inspect(|_| current_trace().set_metadata("model", "m-1"))
    }
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").scope(noted().collect::<Vec<_>>()).await;
    let batch = recording.batch();
    assert_eq!(batch.trace("noted")["metadata"]["model"], "m-1");
    assert_eq!(batch.trace("noted")["metadata"]["galtea.stream.items"], 1);
}

#[tokio::test]
async fn what_the_user_records_items_with_may_panic_and_costs_only_the_item() {
    struct Grumpy;
    impl std::fmt::Debug for Grumpy {
        fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            panic!("no")
        }
    }
    #[trace]
    fn grumpy() -> impl Stream<Item = Grumpy> {
        stream::iter([Grumpy, Grumpy])
    }
    let recording = Recording::new();
    recording.galtea.inference_result("ir_1").scope(grumpy().for_each(async |_| ())).await;
    assert_eq!(
        output_of(&recording, "grumpy"),
        json!({ "value": ["[capture panicked]", "[capture panicked]"] })
    );
}

#[test]
fn a_traced_stream_is_what_the_stream_in_it_is() {
    fn is_send<T: Send + Unpin>(stream: T) -> T {
        stream
    }
    #[trace]
    fn fused(upto: u32) -> impl FusedStream<Item = u32> + Send + Sync + Unpin {
        stream::iter(0..upto).fuse()
    }
    assert_eq!(is_send(numbers(3)).size_hint(), (3, Some(3)));
    let mut stream = is_send(fused(1));
    futures::executor::block_on(async {
        assert!(!stream.is_terminated());
        assert_eq!(stream.next().await, Some(0));
        assert_eq!(stream.size_hint(), (0, Some(0)));
        assert_eq!(stream.next().await, None);
        assert!(stream.is_terminated());
        assert_eq!(stream.next().await, None);
    });
}

#[tokio::test]
async fn a_stream_that_goes_on_after_its_end_does_so_and_is_not_recorded_twice() {
    #[trace]
    fn in_bursts() -> impl Stream<Item = u32> + Unpin {
        let mut polls = 0;
        stream::poll_fn(move |_| {
            polls += 1;
            std::task::Poll::Ready((polls != 2).then_some(polls))
        })
    }
    let recording = Recording::new();
    recording
        .galtea
        .inference_result("ir_1")
        .scope(async {
            let mut stream = in_bursts();
            assert_eq!(
                [stream.next().await, stream.next().await, stream.next().await],
                [Some(1), None, Some(3)]
            );
        })
        .await;
    assert_eq!(output_of(&recording, "in_bursts"), json!({ "value": [1] }));
}

#[tokio::test]
async fn streams_and_sinks_take_the_current_trace_along() {
    use futures::SinkExt as _;

    #[trace(type = "AGENT")]
    fn agent() -> (impl Stream<Item = u32> + Unpin, impl futures::Sink<u32, Error = std::convert::Infallible>)
    {
        let stream = stream::iter(0..2).map(child).in_current_trace();
        let sink = futures::sink::unfold((), async |(), number: u32| {
            galtea::trace_event!("sunk", input = { "number": number });
            Ok(())
        });
        (stream, Box::pin(sink).in_current_trace())
    }
    let recording = Recording::new();
    let (mut stream, mut sink) = recording.galtea.inference_result("ir_1").sync_scope(agent);
    tokio::spawn(async move {
        assert_eq!(stream.size_hint(), (2, Some(2)));
        sink.send_all(&mut stream.by_ref().map(Ok)).await.unwrap();
        sink.close().await.unwrap();
    })
    .await
    .unwrap();
    let expected = ["agent", "agent > child", "agent > child", "agent > sunk", "agent > sunk"];
    assert_eq!(recording.batch().tree(), expected);
}
