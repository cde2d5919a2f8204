//! What was asked for on the command line.

use std::error::Error;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;

const HELP: &str = "\
Answers questions about the galtea crate, and about orders, and shows the traces of how it did.

Usage: support_agent [--docs DIRECTORY] [QUESTION]...

  QUESTION           what a customer asks; without any, three questions are ready
  --docs DIRECTORY   answer from the Markdown pages in there instead of the crate's guide

With GALTEA_API_KEY and GALTEA_INFERENCE_RESULT_ID the traces go to Galtea.
With OPENAI_API_KEY (and OPENAI_BASE_URL, OPENAI_MODEL) a model writes the answers.
";

/// The first is in the guide, the second has a typing mistake in the order's number, the third must not be answered.
const QUESTIONS: [&str; 3] = [
    "Why are the traces of my spawned tasks missing?",
    "Where is my order G-1240? I am grace@example.com.",
    "My key gsk_live_4f9a2c77d1 is refused with 403, what now?",
];

pub(crate) enum Command {
    Help,
    Answer(Task),
}

pub(crate) struct Task {
    pub(crate) questions: Vec<String>,
    pub(crate) docs: PathBuf,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UsageError {
    #[error("there is no option `{0}`; see --help")]
    UnknownOption(String),
    #[error("--docs needs a directory behind it")]
    NoDirectory,
    #[error("question {0} is not UTF-8")]
    NotText(usize),
}

impl Command {
    pub(crate) fn read(mut args: impl Iterator<Item = OsString>) -> Result<Self, UsageError> {
        let mut docs = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/docs"));
        let mut questions = Vec::new();
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--help" | "-h") => return Ok(Self::Help),
                Some("--docs") => docs = args.next().ok_or(UsageError::NoDirectory)?.into(),
                Some(option) if option.starts_with('-') => {
                    return Err(UsageError::UnknownOption(option.to_owned()));
                }
                Some(question) => questions.push(question.to_owned()),
                None => return Err(UsageError::NotText(questions.len() + 1)),
            }
        }
        if questions.is_empty() {
            questions = QUESTIONS.map(str::to_owned).into();
        }
        Ok(Self::Answer(Task { questions, docs }))
    }
}

pub(crate) fn help() -> Result<(), Box<dyn Error>> {
    Ok(std::io::stdout().write_all(HELP.as_bytes())?)
}
