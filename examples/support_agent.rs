//! A support agent that answers questions from real documents and a real database, and shows how it did.
//!
//! ```text
//! cargo run --example support_agent                               # three questions of its own
//! cargo run --example support_agent -- "How are secrets masked?"  # yours
//! ```
//!
//! The documents are the guide pages in `docs/`, searched with SQLite's full-text index; customers and orders are in
//! SQLite too. Without more, the answer is put together from the passages found, and every question is printed as a tree of
//! traces on standard error.
//!
//! | environment variable | what it does |
//! | --- | --- |
//! | `GALTEA_API_KEY` and `GALTEA_INFERENCE_RESULT_ID` | send the traces to Galtea instead; several questions get a number behind the id |
//! | `OPENAI_API_KEY` | let a model write the answers |
//! | `OPENAI_BASE_URL`, `OPENAI_MODEL` | another endpoint that speaks chat completions, another model |

#[path = "support_agent/account.rs"]
mod account;
#[path = "support_agent/agent.rs"]
mod agent;
#[path = "support_agent/answer.rs"]
mod answer;
#[path = "support_agent/chat.rs"]
mod chat;
#[path = "support_agent/command_line.rs"]
mod command_line;
#[path = "support_agent/desk.rs"]
mod desk;
#[path = "support_agent/guardrail.rs"]
mod guardrail;
#[path = "support_agent/guide.rs"]
mod guide;
#[path = "support_agent/request.rs"]
mod request;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::command_line::Command;

#[tokio::main]
async fn main() -> ExitCode {
    let done = match Command::read(std::env::args_os().skip(1)) {
        Ok(Command::Help) => command_line::help(),
        Ok(Command::Answer(task)) => desk::serve(task).await,
        Err(error) => Err(error.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(error.as_ref()) => ExitCode::SUCCESS,
        Err(error) => tell(error.as_ref()),
    }
}

/// Whoever read the answers, `head` for one, has read enough.
fn is_closed_pipe(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}

/// The error with its causes, on standard error. When even that is closed, the exit code has to do.
fn tell(error: &dyn Error) -> ExitCode {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    let _ = writeln!(io::stderr(), "error: {text}");
    ExitCode::FAILURE
}
