//! What the API's answer means. No I/O here.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::export::{ExportError, Exported, Reason, Refused};
use crate::record::Batch;

/// The API's own words are kept up to this many characters.
const WORDS: usize = 300;

/// An answer that came back whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// How long the server asked to be left alone.
    pub(super) retry_after: Option<Duration>,
    pub(super) body: Vec<u8>,
}

/// What the status line alone decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Taken,
    Retry,
    TooLarge,
    Conflict,
    Setup,
    Refused,
}

const fn classify(status: u16) -> Class {
    match status {
        200..=299 => Class::Taken,
        408 | 425 | 429 | 500..=599 => Class::Retry,
        413 => Class::TooLarge,
        409 => Class::Conflict,
        // The key, the address, or a redirect, which is not followed: none of them is about this batch.
        300..=399 | 401 | 404 | 405 | 407 => Class::Setup,
        _ => Class::Refused,
    }
}

impl Answer {
    pub(super) fn is_success(&self) -> bool {
        classify(self.status) == Class::Taken
    }

    /// Whether sending the same again would bring the same answer.
    pub(super) fn is_final(&self) -> bool {
        classify(self.status) == Class::Refused
    }

    pub(super) fn read(&self, batch: &Batch) -> Result<Exported, ExportError> {
        let reason = || Reason::from(line(self.status)).quoting(words(&self.body));
        Err(match classify(self.status) {
            Class::Taken => return Ok(Exported::except(refused(&self.body, batch))),
            Class::Retry => ExportError::Retry { reason: reason(), after: self.retry_after },
            Class::TooLarge => ExportError::TooLarge { reason: reason() },
            Class::Conflict => ExportError::Conflict { reason: reason() },
            Class::Setup => ExportError::Setup { reason: reason() },
            Class::Refused => ExportError::Refused { reason: reason() },
        })
    }
}

/// Seconds, or a date.
pub(super) fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    let text = text.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(text).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

fn line(status: u16) -> String {
    let known = reqwest::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    let hint = match status {
        300..=399 => ", and redirects are not followed: check the base URL",
        401 => ": check the API key",
        403 => ": the API key may not write to this inference result; take the key of its product",
        404 | 405 => ": check the base URL",
        _ => "",
    };
    format!("{status} {}{hint}", known.unwrap_or_default())
}

/// What a server says in an error: in one of the usual places of a JSON object, or as plain text. A page of HTML says
/// nothing that the status does not.
fn words(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let said = match serde_json::from_str::<Value>(text) {
        Ok(value) => message(&value).unwrap_or_default(),
        Err(_) if text.starts_with('<') => String::new(),
        Err(_) => text.to_owned(),
    };
    shorten(&said)
}

fn message(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let said: Vec<_> = items.iter().take(8).filter_map(message).collect();
            (!said.is_empty()).then(|| said.join("; "))
        }
        Value::Object(object) => {
            ["message", "error", "errors", "detail", "details", "reason", "partialSuccess"]
                .into_iter()
                .find_map(|key| object.get(key).and_then(message))
        }
        _ => None,
    }
}

fn shorten(text: &str) -> String {
    let clean = text.chars().map(|letter| if letter.is_control() { ' ' } else { letter });
    clean.take(WORDS).collect()
}

/// The traces that `partialSuccess` speaks of. A body that is no such object refuses nothing.
fn refused(body: &[u8], batch: &Batch) -> Vec<Refused> {
    let Ok(answer) = serde_json::from_slice::<Value>(body) else { return Vec::new() };
    let partial = &answer["partialSuccess"];
    let mut refused: Vec<Refused> = Vec::new();
    for error in partial["errors"].as_array().into_iter().flatten() {
        let index = error["index"].as_u64().and_then(|index| usize::try_from(index).ok());
        let Some(index) = index.filter(|index| *index < batch.len()) else { continue };
        if refused.iter().all(|known| known.index != index) {
            refused.push(Refused { index, reason: reason(error["reason"].as_str()) });
        }
    }
    let count = partial["rejectedSpans"].as_u64().and_then(|count| usize::try_from(count).ok());
    if count.is_some_and(|count| count > refused.len()) {
        refused.extend(unnamed(&answer["spans"], batch, &refused));
    }
    refused
}

fn reason(words: Option<&str>) -> Reason {
    Reason::from("refused by the API").quoting(shorten(words.unwrap_or_default()))
}

/// The API refused more traces than it named: those are the ones that it does not list as created.
fn unnamed(created: &Value, batch: &Batch, named: &[Refused]) -> Vec<Refused> {
    let Some(created) = created.as_array() else { return Vec::new() };
    let ids: HashSet<&str> = created.iter().filter_map(|trace| trace["id"].as_str()).collect();
    let missing = batch.iter().enumerate().filter(|(index, trace)| {
        !ids.contains(trace.id().to_string().as_str()) && named.iter().all(|known| known.index != *index)
    });
    missing.map(|(index, _)| Refused { index, reason: reason(None) }).collect()
}

#[cfg(test)]
mod tests;
