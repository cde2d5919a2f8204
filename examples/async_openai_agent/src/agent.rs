//! The loop that every agent with tools has: ask the model, call what it asks for, ask again.

use async_openai::types::chat::{
    ChatCompletionMessageToolCalls as ToolCalls,
    ChatCompletionRequestAssistantMessageArgs as AssistantMessage, ChatCompletionRequestMessage as Message,
    ChatCompletionRequestSystemMessage as SystemMessage, ChatCompletionRequestToolMessage as ToolMessage,
    ChatCompletionRequestUserMessage as UserMessage,
};
use futures::future::join_all;
use galtea::trace;

use crate::model::{Model, ModelError};
use crate::tools;

const TASK: &str =
    "You answer customers who ask about their orders. Look every order up before you speak of it.";
/// A model that still wants tools after so many rounds will not come to an answer.
const ROUNDS: usize = 4;

#[trace(type = "AGENT", skip(model))]
pub(crate) async fn support_agent(model: &Model, question: &str) -> Result<String, ModelError> {
    let mut messages: Vec<Message> =
        vec![SystemMessage::from(TASK).into(), UserMessage::from(question).into()];
    for _ in 0..ROUNDS {
        let reply = model.complete(&messages).await?;
        let Some(calls) = reply.tool_calls.filter(|calls| !calls.is_empty()) else {
            return reply.content.ok_or(ModelError::Empty);
        };
        messages.push(AssistantMessage::default().tool_calls(calls.clone()).build()?.into());
        // They run at the same time, and each is a child of this agent.
        messages.extend(join_all(calls.iter().map(call)).await);
    }
    Err(ModelError::Undecided)
}

/// Calls one tool. The model is told of an error, so that it can make something of it.
async fn call(call: &ToolCalls) -> Message {
    let (id, told) = match call {
        ToolCalls::Function(call) => {
            (&call.id, tools::call(&call.function.name, &call.function.arguments).await)
        }
        ToolCalls::Custom(call) => (&call.id, Err(tools::ToolError::Unknown(call.custom_tool.name.clone()))),
    };
    let content = told.unwrap_or_else(|error| format!("error: {error}"));
    ToolMessage { content: content.into(), tool_call_id: id.clone() }.into()
}
