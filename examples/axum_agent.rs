//! An agent behind axum, as Galtea calls it: the inference result's id comes in a header.
//!
//! ```text
//! cargo run --example axum_agent --features tower
//! curl -H 'X-Galtea-Inference-Id: ir_1' -d 'How do I trace a spawned task?' http://127.0.0.1:3000/answer
//! curl -H 'X-Galtea-Inference-Id: ir_2' -d 'How do I trace a spawned task?' http://127.0.0.1:3000/stream
//! ```
//!
//! With `GALTEA_API_KEY` the traces go to Galtea; without, each inference result is printed as a tree. `PORT` takes another
//! port than 3000. Ctrl-C ends the server, and what was recorded until then is sent.

use std::convert::Infallible;
use std::error::Error;
use std::io::Write;
use std::net::Ipv4Addr;

use axum::Router;
use axum::body::Body;
use axum::routing::post;
use futures::{StreamExt, stream};
use galtea::tower::InferenceLayer;
use galtea::{Galtea, trace, trace_scope};
use tokio::net::TcpListener;

const PAGES: [(&str, &str); 3] = [
    ("spawn", "Spawn with galtea::spawn, and the task keeps its parent."),
    ("secrets", "Values under names such as password are masked while they are written."),
    ("errors", "An error is recorded with all its sources."),
];

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let galtea =
        if std::env::var_os("GALTEA_API_KEY").is_some() { Galtea::from_env()? } else { Galtea::local() };
    let port = std::env::var("PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(3000);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    writeln!(std::io::stdout(), "listening on http://{}", listener.local_addr()?)?;

    let routes = Router::new().route("/answer", post(answer)).route("/stream", post(stream_answer));
    let app = routes.layer(InferenceLayer::new(&galtea));
    axum::serve(listener, app).with_graceful_shutdown(interrupted()).await?;

    writeln!(std::io::stdout(), "{}", galtea.shutdown().await.into_result()?)?;
    Ok(())
}

async fn interrupted() {
    // Where the signal cannot be awaited, the server runs until it is killed.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

/// Answers a question from the guide.
#[trace(type = "AGENT", docs)]
async fn answer(question: String) -> String {
    let pages = search(&question);
    compose(&question, &pages).await
}

/// The same, word by word. The work is done while the body is sent, and is recorded all the same.
async fn stream_answer(question: String) -> Body {
    let text = answer(question).await;
    let words: Vec<String> = text.split_inclusive(' ').map(str::to_owned).collect();
    let words = stream::iter(words).map(|word| Ok::<_, Infallible>(say(word)));
    Body::from_stream(words)
}

#[trace(type = "RETRIEVER")]
fn search(question: &str) -> Vec<&'static str> {
    let question = question.to_lowercase();
    let fits = |topic: &str| question.contains(topic.trim_end_matches('s'));
    PAGES.iter().filter(|(topic, _)| fits(topic)).map(|(_, page)| *page).collect()
}

async fn compose(question: &str, pages: &[&str]) -> String {
    trace_scope!("compose", type = "GENERATION", input = { "question": question, "pages": pages }, async {
        match pages {
            [] => "The guide does not say.\n".to_owned(),
            pages => pages.join(" ") + "\n",
        }
    })
    .await
}

#[trace(type = "TOOL")]
fn say(word: String) -> String {
    word
}
