//! An agent on async-openai: the model asks for tools, the agent calls them, and the model answers with what they gave.
//!
//! ```text
//! cargo run --manifest-path examples/async_openai_agent/Cargo.toml
//! cargo run --manifest-path examples/async_openai_agent/Cargo.toml -- "Has G-1204 been shipped?"
//! ```
//!
//! | environment variable | what it does |
//! | --- | --- |
//! | `OPENAI_API_KEY` | asks a real model; without it, a server in this process answers, over real HTTP |
//! | `OPENAI_BASE_URL`, `OPENAI_MODEL` | another endpoint that speaks chat completions, another model |
//! | `GALTEA_API_KEY` and `GALTEA_INFERENCE_RESULT_ID` | send the traces to Galtea; without them, the tree is printed |

mod agent;
mod model;
mod print;
mod stub;
mod tools;

use std::error::Error;

use galtea::Galtea;

use crate::model::Model;

const QUESTION: &str = "Where are my orders G-1204 and G-1240?";

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let model = match set("OPENAI_API_KEY") {
        Some(_) => Model::from_env(&set("OPENAI_MODEL").unwrap_or_else(|| "gpt-4o-mini".to_owned())),
        None => Model::at(&stub::start().await?),
    };
    let (galtea, id) = match set("GALTEA_INFERENCE_RESULT_ID") {
        Some(id) => (Galtea::from_env()?, id),
        None => {
            (Galtea::builder().exporter(print::TreeAndGenerations::default()).build()?, "ir_1".to_owned())
        }
    };
    let question = std::env::args().nth(1).unwrap_or_else(|| QUESTION.to_owned());
    let answer = galtea.inference_result(id).scope(agent::support_agent(&model, &question)).await?;
    println!("{answer}");
    galtea.shutdown().await.into_result()?;
    Ok(())
}

fn set(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
