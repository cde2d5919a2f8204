//! What the agent can do, and how a model is told of it.

use async_openai::types::chat::{ChatCompletionTool, ChatCompletionTools, FunctionObject};
use galtea::trace;
use serde::{Deserialize, Serialize};
use serde_json::json;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ToolError {
    #[error("there is no order {0}")]
    NoOrder(String),
    #[error("there is no tool {0}")]
    Unknown(String),
    #[error("the arguments do not fit the tool")]
    Arguments(#[from] serde_json::Error),
}

#[derive(Deserialize)]
struct FindOrder {
    order: String,
}

#[derive(Serialize)]
struct Order {
    article: &'static str,
    state: &'static str,
    due: &'static str,
}

/// The tools as chat completions describe them.
pub(crate) fn described() -> Vec<ChatCompletionTools> {
    let find_order = FunctionObject {
        name: "find_order".to_owned(),
        description: Some("Finds an order by its number".to_owned()),
        parameters: Some(json!({
            "type": "object",
            "properties": { "order": { "type": "string", "description": "such as G-1204" } },
            "required": ["order"],
            "additionalProperties": false,
        })),
        strict: Some(true),
    };
    vec![ChatCompletionTools::Function(ChatCompletionTool { function: find_order })]
}

/// Calls the tool of this name with arguments that a model wrote.
pub(crate) async fn call(name: &str, arguments: &str) -> Result<String, ToolError> {
    match name {
        "find_order" => {
            let FindOrder { order } = serde_json::from_str(arguments)?;
            Ok(serde_json::to_string(&find_order(&order).await?)?)
        }
        _ => Err(ToolError::Unknown(name.to_owned())),
    }
}

/// Finds an order by its number.
#[trace(type = "TOOL", docs)]
async fn find_order(order: &str) -> Result<Order, ToolError> {
    // A database would be asked here.
    tokio::task::yield_now().await;
    match order {
        "G-1204" => Ok(Order { article: "Printed field guide", state: "shipped", due: "2026-03-04" }),
        _ => Err(ToolError::NoOrder(order.to_owned())),
    }
}
