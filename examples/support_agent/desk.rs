//! Takes the questions one by one, each as an inference result of its own, and prints the answers.

use std::error::Error;
use std::io::{self, Write};

use galtea::Galtea;

use crate::account::Accounts;
use crate::agent::SupportAgent;
use crate::answer::Answer;
use crate::chat::ChatModel;
use crate::command_line::Task;
use crate::guardrail::redacted;
use crate::guide::Guide;

pub(crate) async fn serve(task: Task) -> Result<(), Box<dyn Error>> {
    let agent = SupportAgent::new(Guide::read(&task.docs)?, Accounts::open()?, ChatModel::from_env()?);
    let destination = Destination::from_env()?;
    destination.announce()?;
    let several = task.questions.len() > 1;
    for (number, question) in (1..).zip(&task.questions) {
        let id = destination.inference_result_id(several.then_some(number));
        print_question(question)?;
        let answer = destination.galtea.inference_result(id).scope(agent.answer(question)).await?;
        destination.show_tree().await?;
        print_answer(&answer)?;
    }
    destination.close().await
}

/// Where the traces go.
struct Destination {
    galtea: Galtea,
    id: Option<String>,
}

impl Destination {
    fn from_env() -> Result<Self, Box<dyn Error>> {
        let set = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (set("GALTEA_API_KEY"), set("GALTEA_INFERENCE_RESULT_ID")) {
            (Some(_), Some(id)) => Ok(Self { galtea: Galtea::from_env()?, id: Some(id) }),
            _ => Ok(Self { galtea: Galtea::local(), id: None }),
        }
    }

    fn inference_result_id(&self, number: Option<usize>) -> String {
        let id = self.id.as_deref().unwrap_or("local");
        number.map_or_else(|| id.to_owned(), |number| format!("{id}-{number}"))
    }

    fn announce(&self) -> io::Result<()> {
        match &self.id {
            Some(id) => writeln!(io::stderr(), "Traces go to Galtea, under {id}.\n"),
            None => writeln!(
                io::stderr(),
                "Traces are printed here. Set GALTEA_API_KEY and GALTEA_INFERENCE_RESULT_ID to send them to Galtea.\n"
            ),
        }
    }

    /// Traces are sent without being asked for. Only a tree on this terminal is waited for, to stand before the answer.
    async fn show_tree(&self) -> Result<(), Box<dyn Error>> {
        if self.id.is_none() {
            self.galtea.flush().await.into_result()?;
        }
        Ok(())
    }

    async fn close(self) -> Result<(), Box<dyn Error>> {
        let report = self.galtea.shutdown().await.into_result()?;
        if self.id.is_some() {
            writeln!(io::stdout(), "{report}.")?;
        }
        Ok(())
    }
}

fn print_question(question: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "▸ {}\n", redacted(question))?;
    out.flush()
}

fn print_answer(answer: &Answer) -> io::Result<()> {
    let mut out = io::stdout().lock();
    for line in answer.text.lines() {
        writeln!(out, "{}", format!("  {line}").trim_end())?;
    }
    writeln!(out)?;
    for source in &answer.sources {
        writeln!(out, "  → {source}")?;
    }
    if !answer.sources.is_empty() {
        writeln!(out)?;
    }
    out.flush()
}
