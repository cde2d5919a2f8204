use std::fmt;
use std::str::FromStr;

/// The kind of operation that a trace stands for.
///
/// The wire spelling is upper case, and so is what the macros take: `#[galtea::trace(type = "TOOL")]`.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use galtea::TraceType;
///
/// assert_eq!(TraceType::Tool.as_str(), "TOOL");
/// assert_eq!("RETRIEVER".parse(), Ok(TraceType::Retriever));
/// assert!("tool".parse::<TraceType>().is_err());
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum TraceType {
    /// Any operation that none of the others describes. The default.
    #[default]
    Span,
    /// A call of a language model.
    Generation,
    /// A point in time, without a duration.
    Event,
    /// An agent, or a step in which an agent decides what to do.
    Agent,
    /// A tool that the agent called.
    Tool,
    /// A fixed sequence of steps.
    Chain,
    /// A search for context. Galtea reads its output as the retrieval context.
    Retriever,
    /// A judgement of some other step's result.
    Evaluator,
    /// The making of an embedding.
    Embedding,
    /// A check that keeps something from going in or coming out.
    Guardrail,
}

impl TraceType {
    /// All ten types, in the order of Galtea's documentation.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::TraceType;
    ///
    /// let words: Vec<_> = TraceType::ALL.iter().map(|kind| kind.as_str()).collect();
    /// assert_eq!(words[..3], ["SPAN", "GENERATION", "EVENT"]);
    /// # }
    /// ```
    pub const ALL: [Self; 10] = [
        Self::Span,
        Self::Generation,
        Self::Event,
        Self::Agent,
        Self::Tool,
        Self::Chain,
        Self::Retriever,
        Self::Evaluator,
        Self::Embedding,
        Self::Guardrail,
    ];

    /// The wire spelling, such as `"TOOL"`.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// assert_eq!(galtea::TraceType::Retriever.as_str(), "RETRIEVER");
    /// # }
    /// ```
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Span => "SPAN",
            Self::Generation => "GENERATION",
            Self::Event => "EVENT",
            Self::Agent => "AGENT",
            Self::Tool => "TOOL",
            Self::Chain => "CHAIN",
            Self::Retriever => "RETRIEVER",
            Self::Evaluator => "EVALUATOR",
            Self::Embedding => "EMBEDDING",
            Self::Guardrail => "GUARDRAIL",
        }
    }
}

impl fmt::Display for TraceType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The text names none of the ten trace types.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use galtea::TraceType;
///
/// let from_a_file = "tool".parse::<TraceType>();
/// let text = from_a_file.err().map(|error| error.to_string()).unwrap_or_default();
/// assert!(text.starts_with("`tool` is no trace type; use one of SPAN, GENERATION,"));
/// # }
/// ```
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no trace type; use one of SPAN, GENERATION, EVENT, AGENT, TOOL, CHAIN, RETRIEVER, EVALUATOR, EMBEDDING, GUARDRAIL"
)]
pub struct ParseTraceTypeError(String);

// What `unwrap` and a `main` that returns an error show is the `Debug` text.
impl fmt::Debug for ParseTraceTypeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for TraceType {
    type Err = ParseTraceTypeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|known| known.as_str() == text);
        found.ok_or_else(|| ParseTraceTypeError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_is_read_back_from_its_wire_spelling() {
        for known in TraceType::ALL {
            assert_eq!(known.as_str().parse(), Ok(known));
        }
    }
}
