//! A server that answers as a chat model would, so that the example needs no account: it asks for every order that the
//! question names, and then tells what the tools said.

use std::io;
use std::net::Ipv4Addr;

use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// Starts the server on a free port of loopback, and returns the base URL. It runs as long as the program.
pub(crate) async fn start() -> io::Result<String> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let base = format!("http://{}/v1", listener.local_addr()?);
    let routes = Router::new().route("/v1/chat/completions", post(complete));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    Ok(base)
}

async fn complete(Json(request): Json<Value>) -> Json<Value> {
    let messages = request["messages"].as_array().map_or(&[][..], Vec::as_slice);
    let told: Vec<&str> = of_role(messages, "tool").collect();
    let orders: Vec<&str> = of_role(messages, "user").flat_map(orders_in).collect();
    let (message, finish_reason) = if !told.is_empty() {
        (json!({ "role": "assistant", "content": answer(&told) }), "stop")
    } else if orders.is_empty() {
        (json!({ "role": "assistant", "content": "Which order do you mean?" }), "stop")
    } else {
        (json!({ "role": "assistant", "content": null, "tool_calls": calls(&orders) }), "tool_calls")
    };
    Json(json!({
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_772_000_000,
        "model": request["model"],
        "usage": usage(&request, &message),
        "choices": [{ "index": 0, "message": message, "finish_reason": finish_reason }],
    }))
}

fn of_role<'json>(messages: &'json [Value], role: &'static str) -> impl Iterator<Item = &'json str> {
    messages
        .iter()
        .filter(move |message| message["role"] == role)
        .filter_map(|message| message["content"].as_str())
}

fn orders_in(question: &str) -> impl Iterator<Item = &str> {
    question.split(|c: char| !c.is_alphanumeric() && c != '-').filter(|word| word.starts_with("G-"))
}

fn calls(orders: &[&str]) -> Vec<Value> {
    let call = |(number, order): (usize, &&str)| {
        json!({
            "id": format!("call_{number}"),
            "type": "function",
            "function": { "name": "find_order", "arguments": json!({ "order": order }).to_string() },
        })
    };
    orders.iter().enumerate().map(call).collect()
}

fn answer(told: &[&str]) -> String {
    let sentence = |result: &&str| match serde_json::from_str::<Value>(result) {
        Ok(order) => format!(
            "Your {} is {}, and due on {}.",
            text(&order, "article"),
            text(&order, "state"),
            text(&order, "due")
        ),
        Err(_) => format!("I could not find one of them: {}.", result.trim_start_matches("error: ")),
    };
    told.iter().map(sentence).collect::<Vec<_>>().join(" ")
}

fn text<'json>(order: &'json Value, field: &str) -> &'json str {
    order[field].as_str().unwrap_or("unknown")
}

/// About four bytes are a token.
fn usage(request: &Value, message: &Value) -> Value {
    let tokens = |json: &Value| json.to_string().len().div_ceil(4);
    let (prompt, completion) = (tokens(&request["messages"]), tokens(message));
    json!({ "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion })
}
