//! A chat model behind async-openai. Each completion is a trace with the model's name and the tokens it took.

use async_openai::Client;
use async_openai::config::OpenAIConfig;
use async_openai::error::OpenAIError;
use async_openai::types::chat::{
    ChatCompletionRequestMessage as Message, ChatCompletionResponseMessage as Reply,
    CreateChatCompletionRequestArgs as Request,
};
use galtea::trace;

use crate::tools;

#[derive(Debug, thiserror::Error)]
pub(crate) enum ModelError {
    #[error("the model could not be asked")]
    Failed(#[from] OpenAIError),
    #[error("the model's answer is empty")]
    Empty,
    #[error("the model asked for tools again and again")]
    Undecided,
}

pub(crate) struct Model {
    client: Client<OpenAIConfig>,
    name: String,
}

impl Model {
    /// The model of this name, with the key and the endpoint that the environment names.
    pub(crate) fn from_env(name: &str) -> Self {
        Self::with(OpenAIConfig::new(), name)
    }

    /// The model at this address, which asks for no key.
    pub(crate) fn at(base: &str) -> Self {
        Self::with(OpenAIConfig::new().with_api_base(base).with_api_key("none"), "stub-1")
    }

    fn with(config: OpenAIConfig, name: &str) -> Self {
        // An error here means that another provider was installed before, which does as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { client: Client::with_config(config), name: name.to_owned() }
    }

    /// Asks the model for the next message of a conversation.
    #[trace(type = "GENERATION", docs, metadata(model = self.name.as_str()))]
    pub(crate) async fn complete(&self, messages: &[Message]) -> Result<Reply, ModelError> {
        let request =
            Request::default().model(&self.name).messages(messages).tools(tools::described()).build()?;
        let completion = self.client.chat().create(request).await?;
        let choice = completion.choices.into_iter().next().ok_or(ModelError::Empty)?;
        let trace = galtea::current_trace();
        trace.set_metadata("finish_reason", choice.finish_reason);
        trace.set_metadata("usage", &completion.usage);
        Ok(choice.message)
    }
}
