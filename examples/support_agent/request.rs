//! What a question is about: the customer's account, a topic of the guide, or both.

use serde::Serialize;

/// A question, taken apart.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) account: Option<Mention>,
    /// What is left when the sentences about the account are taken out.
    pub(crate) topic: Option<String>,
}

/// How a customer names the account and the order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Mention {
    pub(crate) email: Option<String>,
    pub(crate) order: Option<String>,
}

impl Request {
    pub(crate) fn read(question: &str) -> Self {
        let mut mention = Mention::default();
        let mut topic = Vec::new();
        for sentence in sentences(question) {
            if !mention.find_in(&sentence) {
                topic.push(sentence);
            }
        }
        Self {
            account: (mention != Mention::default()).then_some(mention),
            topic: (!topic.is_empty()).then(|| topic.join(" ")),
        }
    }
}

impl Mention {
    fn find_in(&mut self, sentence: &str) -> bool {
        let mut found = false;
        for word in sentence.split_whitespace().map(|word| word.trim_matches(is_punctuation)) {
            let place = match word {
                email if is_email(email) => &mut self.email,
                order if is_order_number(order) => &mut self.order,
                _ => continue,
            };
            *place = Some(word.to_owned());
            found = true;
        }
        found
    }
}

/// A full stop ends a sentence only at the end of a word: `grace@example.com` is one.
fn sentences(text: &str) -> Vec<String> {
    let mut sentences = vec![String::new()];
    for word in text.split_whitespace() {
        if sentences.last().is_some_and(|sentence| sentence.ends_with(['.', '?', '!'])) {
            sentences.push(String::new());
        }
        if let Some(sentence) = sentences.last_mut() {
            sentence.push_str(if sentence.is_empty() { "" } else { " " });
            sentence.push_str(word);
        }
    }
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
}

fn is_email(word: &str) -> bool {
    word.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
}

fn is_order_number(word: &str) -> bool {
    word.strip_prefix("G-")
        .is_some_and(|digits| digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_digit()))
}
