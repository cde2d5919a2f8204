//! The agent: check, look up and search side by side, answer.

use galtea::current_trace;

use crate::account::{Accounts, Facts, LookupError};
use crate::answer::{Answer, Findings};
use crate::chat::ChatModel;
use crate::guardrail::{check_question, redacted};
use crate::guide::{Guide, GuideError, Passage};
use crate::request::{Mention, Request};

const PASSAGES: u32 = 3;

/// What the agent cannot help itself out of. An order that is not found is none of it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AgentError {
    #[error("the account cannot be looked up")]
    Account(#[from] LookupError),
    #[error("the guide cannot be searched")]
    Guide(#[from] GuideError),
}

pub(crate) struct SupportAgent {
    guide: Guide,
    accounts: Accounts,
    model: Option<ChatModel>,
}

impl SupportAgent {
    pub(crate) fn new(guide: Guide, accounts: Accounts, model: Option<ChatModel>) -> Self {
        Self { guide, accounts, model }
    }

    /// Answers one question of a customer.
    #[galtea::trace(type = "AGENT", name = "support_agent", docs, input = { "question": redacted(question) })]
    pub(crate) async fn answer(&self, question: &str) -> Result<Answer, AgentError> {
        if let Err(refusal) = check_question(question) {
            return Ok(Answer::refusal(refusal));
        }
        let request = Request::read(question);
        let (account, passages) = tokio::join!(self.look_up(request.account), self.search(request.topic));
        let findings = Findings { account: account?, passages: passages? };
        Ok(self.write(question, &findings).await)
    }

    async fn look_up(&self, mention: Option<Mention>) -> Result<Option<Facts>, LookupError> {
        match mention {
            Some(mention) => self.accounts.look_up(mention).await.map(Some),
            None => Ok(None),
        }
    }

    async fn search(&self, topic: Option<String>) -> Result<Vec<Passage>, GuideError> {
        match topic {
            Some(topic) => self.guide.search(topic, PASSAGES).await,
            None => Ok(Vec::new()),
        }
    }

    /// A model that fails is no reason to leave the customer without what was found.
    async fn write(&self, question: &str, findings: &Findings) -> Answer {
        let Some(model) = &self.model else { return Answer::from_findings(findings) };
        if let Ok(text) = model.complete(&findings.conversation(question)).await {
            return Answer::from_model(&text, findings);
        }
        current_trace().set_metadata("written_by", "the passages: the model failed");
        Answer::from_findings(findings)
    }
}
