//! Methods: `self` in all its forms, which is never recorded; traits, their default methods, and async in them.

use std::pin::{Pin, pin};
use std::rc::Rc;
use std::sync::Arc;

use async_trait::async_trait;
use galtea::trace;
use serde_json::{Value, json};

use crate::recorded::{traces_of, traces_of_future};

struct Counter(u32);

impl Counter {
    #[trace]
    fn new(start: u32) -> Self {
        Self(start)
    }

    #[trace]
    fn by_value(self, step: u32) -> u32 {
        self.0 + step
    }

    #[trace]
    fn by_mut_value(mut self, step: u32) -> u32 {
        self.0 += step;
        self.0
    }

    #[trace]
    fn by_ref(&self, step: u32) -> u32 {
        self.0 + step
    }

    #[trace]
    fn by_mut(&mut self, step: u32) -> u32 {
        self.0 += step;
        self.0
    }

    #[trace]
    fn by_mut_out(&mut self) -> &mut u32 {
        &mut self.0
    }

    #[trace]
    fn by_box(self: Box<Self>, step: u32) -> u32 {
        self.0 + step
    }

    #[trace]
    fn by_pin(mut self: Pin<&mut Self>, step: u32) -> u32 {
        self.as_mut().get_mut().0 += step;
        self.0
    }

    #[trace]
    fn by_rc(self: Rc<Self>, step: u32) -> u32 {
        self.0 + step
    }

    #[trace]
    fn by_arc(self: Arc<Self>, step: u32) -> u32 {
        self.0 + step
    }

    #[trace]
    fn by_borrowed_arc(self: &Arc<Self>, step: u32) -> u32 {
        self.0 + step
    }

    #[trace]
    fn by_explicit(self: &mut Self, step: u32) -> u32 {
        self.0 + step
    }
}

fn names_and_outputs(traces: &[Value]) -> Vec<(&str, &Value, &Value)> {
    traces
        .iter()
        .map(|trace| (trace["name"].as_str().unwrap(), &trace["input"], &trace["output"]["value"]))
        .collect()
}

#[test]
fn every_receiver_works_and_none_is_recorded() {
    let told = traces_of(|| {
        assert_eq!(Counter(1).by_value(1), 2);
        assert_eq!(Counter(1).by_mut_value(1), 2);
        assert_eq!(Counter(1).by_ref(1), 2);
        assert_eq!(Counter(1).by_mut(1), 2);
        assert_eq!(Box::new(Counter(1)).by_box(1), 2);
        assert_eq!(pin!(Counter(1)).by_pin(1), 2);
        assert_eq!(Rc::new(Counter(1)).by_rc(1), 2);
        assert_eq!(Arc::new(Counter(1)).by_arc(1), 2);
        assert_eq!(Arc::new(Counter(1)).by_borrowed_arc(1), 2);
        assert_eq!(Counter(1).by_explicit(1), 2);
    });
    let names = [
        "by_value",
        "by_mut_value",
        "by_ref",
        "by_mut",
        "by_box",
        "by_pin",
        "by_rc",
        "by_arc",
        "by_borrowed_arc",
        "by_explicit",
    ];
    let (input, output) = (json!({"step": 1}), json!(2));
    assert_eq!(names_and_outputs(&told), names.map(|name| (name, &input, &output)));
}

#[test]
fn a_method_may_make_self_or_lend_a_part_of_it() {
    let told = traces_of(|| {
        let mut counter = Counter::new(1);
        *counter.by_mut_out() = 7;
        assert_eq!(counter.0, 7);
    });
    assert_eq!(
        told,
        [
            json!({"name": "new", "input": {"start": 1}, "output": {"value": "shapes::receivers::Counter"}}),
            json!({"name": "by_mut_out", "output": {"value": 1}}),
        ]
    );
}

trait Tool {
    fn call(&self, question: &str) -> String;

    #[trace(type = "TOOL")]
    fn twice(&self, question: &str) -> String {
        self.call(question) + &self.call(question)
    }

    #[trace]
    fn made() -> Option<Self>
    where
        Self: Sized,
    {
        None
    }

    #[trace]
    fn lent<'a>(&'a mut self, other: &'a mut Vec<u8>) -> Option<&'a mut u8> {
        other.first_mut()
    }
}

struct Echo;
impl Tool for Echo {
    #[trace(type = "TOOL")]
    fn call(&self, question: &str) -> String {
        question.to_owned()
    }
}

#[test]
fn methods_of_traits_and_their_defaults_are_traced_through_dyn_too() {
    let told = traces_of(|| {
        let tool: Box<dyn Tool> = Box::new(Echo);
        assert_eq!(tool.twice("ab"), "abab");
        assert!(Echo::made().is_none());
        assert_eq!(Echo.lent(&mut vec![1]), Some(&mut 1));
    });
    let call =
        json!({"name": "call", "type": "TOOL", "input": {"question": "ab"}, "output": {"value": "ab"}});
    assert_eq!(
        told,
        [
            json!({
                "name": "twice",
                "type": "TOOL",
                "input": {"question": "ab"},
                "output": {"value": "abab"},
                "children": [call, call],
            }),
            json!({"name": "made", "output": {"value": "core::option::Option<shapes::receivers::Echo>"}}),
            json!({"name": "lent", "input": {"other": [1]}, "output": {"value": 1}}),
        ]
    );
}

trait Model {
    async fn complete(&self, prompt: &str) -> Result<String, String>;

    #[trace]
    async fn complete_default(&mut self, prompt: &str) -> Result<String, String>
    where
        Self: Sized,
    {
        self.complete(prompt).await
    }

    fn later(&self, prompt: String) -> impl Future<Output = Result<String, String>> + Send;
}

impl Model for Echo {
    #[trace]
    async fn complete(&self, prompt: &str) -> Result<String, String> {
        tokio::task::yield_now().await;
        if prompt.is_empty() { Err("no prompt".to_owned()) } else { Ok(prompt.to_owned()) }
    }

    #[trace]
    fn later(&self, prompt: String) -> impl Future<Output = Result<String, String>> + Send {
        async move { Ok(prompt) }
    }
}

#[tokio::test]
async fn native_async_methods_of_traits_are_traced() {
    let told = traces_of_future(async {
        assert_eq!(Echo.complete_default("").await, Err("no prompt".to_owned()));
        assert_eq!(Echo.later("p".to_owned()).await, Ok("p".to_owned()));
    })
    .await;
    assert_eq!(
        told,
        [
            json!({
                "name": "complete_default",
                "input": {"prompt": ""},
                "error": "no prompt",
                "children": [{"name": "complete", "input": {"prompt": ""}, "error": "no prompt"}],
            }),
            json!({"name": "later", "input": {"prompt": "p"}, "output": {"value": "p"}}),
        ]
    );
}

/// `#[trace]` inside of what `#[async_trait]` rewrites: on a method it sees the rewritten one, a boxed future.
#[async_trait]
trait Store: Send + Sync {
    async fn get(&self, key: &str) -> Result<u32, std::fmt::Error>;

    #[trace]
    async fn get_or_default(&self, key: &str) -> u32 {
        self.get(key).await.unwrap_or_default()
    }
}

struct Memory(u32);

#[async_trait]
impl Store for Memory {
    #[trace(type = "RETRIEVER")]
    async fn get(&self, key: &str) -> Result<u32, std::fmt::Error> {
        tokio::task::yield_now().await;
        if key.is_empty() {
            return Err(std::fmt::Error);
        }
        Ok(self.0)
    }
}

#[async_trait(?Send)]
trait Local {
    async fn count(&mut self, step: u32) -> u32;
}

#[async_trait(?Send)]
impl Local for Counter {
    #[trace]
    async fn count(&mut self, step: u32) -> u32 {
        let held = Rc::new(step);
        tokio::task::yield_now().await;
        self.0 += *held;
        self.0
    }
}

#[tokio::test]
async fn async_trait_methods_that_are_not_send_are_traced_too() {
    let told = traces_of_future(async { assert_eq!(Counter(1).count(2).await, 3) }).await;
    assert_eq!(told, [json!({"name": "count", "input": {"step": 2}, "output": {"value": 3}})]);
}

#[tokio::test]
async fn async_trait_methods_are_one_trace_that_ends_when_the_future_does() {
    let told = traces_of_future(async {
        let store: Arc<dyn Store> = Arc::new(Memory(5));
        assert_eq!(store.get_or_default("k").await, 5);
        assert!(store.get("").await.is_err());
    })
    .await;
    assert_eq!(
        told,
        [
            json!({
                "name": "get_or_default",
                "input": {"key": "k"},
                "output": {"value": 5},
                "children": [{"name": "get", "type": "RETRIEVER", "input": {"key": "k"}, "output": {"value": 5}}],
            }),
            json!({
                "name": "get",
                "type": "RETRIEVER",
                "input": {"key": ""},
                "error": std::fmt::Error.to_string(),
            }),
        ]
    );
}
