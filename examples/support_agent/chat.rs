//! A model behind an endpoint that speaks chat completions.

use std::time::Duration;

use reqwest::StatusCode;
use serde::{Deserialize, Serialize};

const PUBLIC_ENDPOINT: &str = "https://api.openai.com/v1";
const USUAL_MODEL: &str = "gpt-4o-mini";
/// The answer is in the passages: little is left to chance.
const TEMPERATURE: f32 = 0.2;
const TIMEOUT: Duration = Duration::from_secs(60);
/// So much of a refusal is told; some endpoints answer with whole web pages.
const TOLD: usize = 300;

/// One message of a conversation.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Message {
    pub(crate) role: &'static str,
    pub(crate) content: String,
}

/// Why the model gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChatError {
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
    #[error("the model cannot be reached")]
    Unreachable(#[source] reqwest::Error),
    #[error("the model answered {status}: {body}")]
    Refused { status: StatusCode, body: String },
    #[error("the model's answer is not what chat completions are")]
    Malformed(#[source] reqwest::Error),
    #[error("the model's answer is empty")]
    Empty,
}

/// A chat model. It has no `Debug`, because it has a key.
pub(crate) struct ChatModel {
    client: reqwest::Client,
    url: String,
    key: String,
    model: String,
}

#[derive(Serialize)]
struct Body<'call> {
    model: &'call str,
    temperature: f32,
    messages: &'call [Message],
}

#[derive(Deserialize)]
struct Completion {
    choices: Vec<Choice>,
}

#[derive(Deserialize)]
struct Choice {
    message: Reply,
    finish_reason: Option<String>,
}

#[derive(Deserialize)]
struct Reply {
    content: Option<String>,
}

impl ChatModel {
    /// The model that the environment names; none without `OPENAI_API_KEY`.
    pub(crate) fn from_env() -> Result<Option<Self>, ChatError> {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let Some(key) = set("OPENAI_API_KEY") else { return Ok(None) };
        let base = set("OPENAI_BASE_URL").unwrap_or_else(|| PUBLIC_ENDPOINT.to_owned());
        // An error here means that another provider was installed before, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder().timeout(TIMEOUT).build().map_err(ChatError::Client)?;
        Ok(Some(Self {
            client,
            url: format!("{}/chat/completions", base.trim_end_matches('/')),
            key,
            model: set("OPENAI_MODEL").unwrap_or_else(|| USUAL_MODEL.to_owned()),
        }))
    }

    /// Asks the model for the next message of a conversation.
    #[galtea::trace(type = "GENERATION", docs, metadata(model = self.model.as_str(), temperature = TEMPERATURE))]
    pub(crate) async fn complete(&self, messages: &[Message]) -> Result<String, ChatError> {
        let body = Body { model: &self.model, temperature: TEMPERATURE, messages };
        let request = self.client.post(&self.url).bearer_auth(&self.key).json(&body);
        let response = accepted(request.send().await.map_err(ChatError::Unreachable)?).await?;
        let completion: Completion = response.json().await.map_err(ChatError::Malformed)?;
        let choice = completion.choices.into_iter().next().ok_or(ChatError::Empty)?;
        galtea::current_trace().set_metadata("finish_reason", &choice.finish_reason);
        let text = choice.message.content.filter(|text| !text.trim().is_empty());
        text.ok_or(ChatError::Empty)
    }
}

async fn accepted(response: reqwest::Response) -> Result<reqwest::Response, ChatError> {
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let body = response.text().await.unwrap_or_default();
    Err(ChatError::Refused { status, body: body.chars().take(TOLD).collect() })
}
