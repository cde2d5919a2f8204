//! The answer: put together from what was found, or the words in which a model is asked to do so.

use serde::Serialize;

use crate::account::Facts;
use crate::chat::Message;
use crate::guardrail::Refusal;
use crate::guide::Passage;

/// So much of a passage is shown, in characters; whole paragraphs, but at least one.
const SHOWN: usize = 700;
const COLUMNS: usize = 78;
const INSTRUCTIONS: &str = "\
You are the help desk of galtea, a Rust crate. Answer in at most 150 words, only from the facts and passages below, and name \
the passages that you used. When they do not hold the answer, say so.";

/// What the customer gets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Answer {
    pub(crate) text: String,
    /// Where in the guide it comes from.
    pub(crate) sources: Vec<String>,
}

/// What was found for one question.
#[derive(Debug, Serialize)]
pub(crate) struct Findings {
    pub(crate) account: Option<Facts>,
    pub(crate) passages: Vec<Passage>,
}

impl Answer {
    pub(crate) fn refusal(refusal: Refusal) -> Self {
        let text = match refusal {
            Refusal::Empty => "Please ask a question.",
            Refusal::TooLong => "That is too long for me. Please ask in a few sentences.",
            Refusal::Secret => {
                "There is a secret in your message, so I did not read on and did not keep it. Revoke it if it is real, \
                 and ask again without it."
            }
            Refusal::Takeover => "I can only answer questions about galtea and your orders.",
        };
        Self { text: wrapped(text), sources: Vec::new() }
    }

    /// Says what the lookups found, then quotes the best passage.
    pub(crate) fn from_findings(findings: &Findings) -> Self {
        let account = findings.account.as_ref().map(|facts| wrapped(&facts.to_string()));
        let passage = findings.passages.first().map(|passage| quoted(&passage.text));
        let parts: Vec<_> = account.into_iter().chain(passage).collect();
        if parts.is_empty() {
            return Self { text: wrapped("The guide says nothing about that."), sources: Vec::new() };
        }
        Self { text: parts.join("\n\n"), sources: findings.sources() }
    }

    pub(crate) fn from_model(text: &str, findings: &Findings) -> Self {
        Self { text: text.lines().map(wrapped).collect::<Vec<_>>().join("\n"), sources: findings.sources() }
    }
}

impl Findings {
    pub(crate) fn conversation(&self, question: &str) -> Vec<Message> {
        let account = self.account.iter().map(|facts| format!("Facts about the customer: {facts}"));
        let passages = self.passages.iter().map(|passage| format!("Passage {passage}:\n{}", passage.text));
        let parts: Vec<_> = [INSTRUCTIONS.to_owned()].into_iter().chain(account).chain(passages).collect();
        vec![
            Message { role: "system", content: parts.join("\n\n") },
            Message { role: "user", content: question.to_owned() },
        ]
    }

    fn sources(&self) -> Vec<String> {
        self.passages.iter().map(ToString::to_string).collect()
    }
}

/// The first paragraphs of a passage. Code and tables keep their lines.
fn quoted(passage: &str) -> String {
    let mut shown = String::new();
    for block in blocks(passage) {
        let as_it_is = block.starts_with("```") || block.starts_with('|');
        let block = if as_it_is { block } else { wrapped(&unwrapped(&block)) };
        if !shown.is_empty() && shown.len() + block.len() > SHOWN {
            break;
        }
        shown.push_str(if shown.is_empty() { "" } else { "\n\n" });
        shown.push_str(&block);
    }
    shown
}

/// A paragraph in one line, or a list with a line for each item.
fn unwrapped(block: &str) -> String {
    let mut text = String::new();
    for line in block.lines() {
        text.push_str(if line.starts_with("* ") { "\n" } else { " " });
        text.push_str(line.trim());
    }
    text.trim_start().to_owned()
}

/// Paragraphs, tables and fenced blocks. Blank lines part them, except within a fence.
fn blocks(passage: &str) -> Vec<String> {
    let mut blocks = vec![Vec::new()];
    let mut fenced = false;
    for line in passage.lines() {
        fenced ^= line.starts_with("```");
        if line.is_empty() && !fenced {
            blocks.push(Vec::new());
        } else if let Some(block) = blocks.last_mut() {
            block.push(line);
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks.into_iter().map(|block| block.join("\n")).collect()
}

fn wrapped(paragraph: &str) -> String {
    let mut lines = vec![String::new()];
    for line in paragraph.lines() {
        for word in line.split(' ') {
            match lines.last_mut() {
                Some(last) if last.is_empty() => last.push_str(word),
                Some(last) if last.chars().count() + 1 + word.chars().count() <= COLUMNS => {
                    last.push(' ');
                    last.push_str(word);
                }
                _ => lines.push(word.to_owned()),
            }
        }
        lines.push(String::new());
    }
    lines.join("\n").trim_end().to_owned()
}
