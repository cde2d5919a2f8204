//! The ten trace types, and what people write who mean one of them.

use proc_macro2::Ident;
use syn::{LitStr, Result};

use crate::suggest;

/// The spelling on the wire and the variant of `TraceType`, in the order of Galtea's documentation.
const TYPES: [(&str, &str); 10] = [
    ("SPAN", "Span"),
    ("GENERATION", "Generation"),
    ("EVENT", "Event"),
    ("AGENT", "Agent"),
    ("TOOL", "Tool"),
    ("CHAIN", "Chain"),
    ("RETRIEVER", "Retriever"),
    ("EVALUATOR", "Evaluator"),
    ("EMBEDDING", "Embedding"),
    ("GUARDRAIL", "Guardrail"),
];

/// What other tools call these types. Nothing here is accepted, only understood.
const ELSEWHERE: [(&str, &str); 18] = [
    ("CHAT", "GENERATION"),
    ("COMPLETION", "GENERATION"),
    ("INFERENCE", "GENERATION"),
    ("LLM", "GENERATION"),
    ("MODEL", "GENERATION"),
    ("FUNCTION", "TOOL"),
    ("FN", "TOOL"),
    ("KNOWLEDGE_BASE", "RETRIEVER"),
    ("RAG", "RETRIEVER"),
    ("SEARCH", "RETRIEVER"),
    ("VECTOR_SEARCH", "RETRIEVER"),
    ("VECTOR_STORE", "RETRIEVER"),
    ("JUDGE", "EVALUATOR"),
    ("SCORE", "EVALUATOR"),
    ("PIPELINE", "CHAIN"),
    ("WORKFLOW", "CHAIN"),
    ("LOG", "EVENT"),
    ("DEFAULT", "SPAN"),
];

/// The variant that a literal stands for, spanned as the literal, so that what goes wrong later underlines it.
pub(crate) fn variant(text: &LitStr) -> Result<Ident> {
    let value = text.value();
    match TYPES.iter().find(|(name, _)| *name == value) {
        Some((_, variant)) => Ok(Ident::new(variant, text.span())),
        None => Err(syn::Error::new(text.span(), unknown(&value))),
    }
}

/// The trace type that someone who wrote `text` had in mind.
pub(crate) fn meant(text: &str) -> Option<&'static str> {
    let word = normalized(text);
    let names = || TYPES.iter().map(|(name, _)| *name);
    let begun = |name: &&str| word.len() >= 3 && name.starts_with(&word);
    exact(&word)
        .or_else(|| ELSEWHERE.iter().find(|(other, _)| *other == word).map(|(_, name)| *name))
        .or_else(|| names().find(begun))
        .or_else(|| suggest::nearest(&word, names()))
}

/// The trace type that `text` names when case is overlooked.
pub(crate) fn exact(text: &str) -> Option<&'static str> {
    TYPES.iter().map(|(name, _)| *name).find(|name| name.eq_ignore_ascii_case(text))
}

fn unknown(value: &str) -> String {
    let hint = meant(value).map(|name| format!(", did you mean \"{name}\"?")).unwrap_or_default();
    let all = TYPES.map(|(name, _)| format!("\"{name}\"")).join(", ");
    format!("there is no trace type \"{value}\"{hint}\nthe trace types are {all}")
}

/// `TraceType::Tool`, `tool-call` and ` Tool ` are all about `TOOL`.
fn normalized(text: &str) -> String {
    let word = text.rsplit("::").next().unwrap_or_default().trim();
    let word = word.replace(['-', ' '], "_").to_uppercase();
    word.strip_suffix("_CALL").map(str::to_owned).unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;

    fn parse(text: &str) -> Result<Ident> {
        variant(&LitStr::new(text, Span::call_site()))
    }

    #[test]
    fn each_of_the_ten_types_is_its_variant() {
        for (name, expected) in TYPES {
            assert_eq!(parse(name).unwrap(), expected);
        }
    }

    #[test]
    fn any_other_spelling_is_refused_and_the_ten_types_are_listed() {
        for text in ["TOLL", "tool", "Tool", "", " TOOL", "TraceType::Tool", "ZEBRA"] {
            let message = parse(text).unwrap_err().to_string();
            assert!(message.starts_with(&format!("there is no trace type \"{text}\"")), "{message}");
            assert!(TYPES.iter().all(|(name, _)| message.contains(&format!("\"{name}\""))), "{message}");
        }
    }

    #[test]
    fn what_was_meant_is_understood_from_slips_other_cases_and_other_tools_words() {
        for (text, name) in [
            ("TOLL", "TOOL"),
            ("tool", "TOOL"),
            ("Tool", "TOOL"),
            ("TOOLS", "TOOL"),
            ("tool-call", "TOOL"),
            ("FUNCTION", "TOOL"),
            ("TraceType::Tool", "TOOL"),
            ("LLM", "GENERATION"),
            ("LLM_CALL", "GENERATION"),
            ("llm call", "GENERATION"),
            ("GEN", "GENERATION"),
            ("RETRIEVAL", "RETRIEVER"),
            ("EMBED", "EMBEDDING"),
            ("EMBEDDINGS", "EMBEDDING"),
            ("EVAL", "EVALUATOR"),
            ("EVALUATION", "EVALUATOR"),
            ("GUARD", "GUARDRAIL"),
            ("SAPN", "SPAN"),
        ] {
            assert_eq!(meant(text), Some(name), "{text}");
            assert!(parse(text).unwrap_err().to_string().contains(&format!("did you mean \"{name}\"?")));
        }
    }

    #[test]
    fn no_type_is_suggested_for_a_word_that_is_near_none() {
        for text in ["ZEBRA", "", "X", "DATABASE"] {
            assert_eq!(meant(text), None, "{text}");
            assert!(!parse(text).unwrap_err().to_string().contains("did you mean"));
        }
    }

    #[test]
    fn the_words_of_other_tools_are_no_types_and_lead_to_one() {
        for (word, name) in ELSEWHERE {
            assert!(exact(word).is_none() && exact(name).is_some(), "{word} {name}");
        }
    }
}
