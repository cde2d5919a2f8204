//! Which names mean a secret.

use std::fmt;

use super::escape;

/// Names under which no value is recorded: `"[masked]"` stands in its place.
///
/// A name is an argument's name or a key at any depth of a recorded value: a field, a key of a map, a variant that
/// carries data. It is cut into words at `_`, `-`, `.`, spaces, digits and changes of case, so `api_key`, `x-api-key`,
/// `apiKey`, `API-Key` and `OPENAI_API_KEY` all hold the words *api key*. A secret name matches whole words only:
/// `secret` matches `client_secret`, not `secretary`.
///
/// The built-in list, in groups:
///
/// * anywhere in the name: password(s), passwd, pwd, passphrase, passcode · secret(s) · credential(s), creds ·
///   authorization, auth header, basic auth, bearer, jwt · api key(s), access key, account key, auth key, encryption
///   key, master key, private key, service key, shared key, signing key, ssh key, subscription key · api token, access
///   token, auth token, bearer token, csrf token, id token, refresh token, session token, security token · set-cookie,
///   session cookie · ssn, social security · credit card, debit card, card number, cvv, cvc;
/// * as the last word of the name: token, cookie(s). So `github_token` is masked, `token_count` and `max_tokens` are not;
///   neither is *token* after a word by which it means a piece of text or a place in a list: bos, cls, continuation,
///   end, eos, first, last, mask, next, pad, page, per, sep, special, start, stop, unk.
///
/// ```
/// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
/// # fn main() {
/// use galtea::SecretNames;
///
/// let names = SecretNames::default().with("employee_id");
/// assert!(names.is_secret("EmployeeId") && names.is_secret("db_password"));
/// assert!(!names.is_secret("max_tokens"));
/// # }
/// ```
#[derive(Clone)]
pub struct SecretNames {
    /// Bit `n` of row `l`: some pattern begins with the letter `l` and has `n` letters (31: or more).
    lengths: [u32; 32],
    /// A bit for each pattern, by its first three letters; see [`trigram`].
    trigrams: [u32; 32],
    /// Some pattern has fewer than three letters.
    has_short: bool,
    /// In order of [`slot`] of the first letter.
    patterns: Vec<Pattern>,
    /// The patterns of slot `n` are those from `starts[n]` to `starts[n + 1]`.
    starts: [u16; 33],
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Pattern {
    /// Lower-case, without separators.
    letters: Box<[u8]>,
    place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Anywhere,
    /// Only digits may follow.
    Last,
    /// As `Last`, and not after one of [`TOKENS_OF_TEXT`].
    LastAndNoText,
}

const ANYWHERE: &[&str] = &[
    "password",
    "passwords",
    "passwd",
    "pwd",
    "passphrase",
    "passcode",
    "secret",
    "secrets",
    "credential",
    "credentials",
    "creds",
    "authorization",
    "authheader",
    "basicauth",
    "bearer",
    "jwt",
    "apikey",
    "apikeys",
    "accesskey",
    "accountkey",
    "authkey",
    "clientsecret",
    "encryptionkey",
    "masterkey",
    "privatekey",
    "secretkey",
    "servicekey",
    "sharedkey",
    "signingkey",
    "sshkey",
    "subscriptionkey",
    "apitoken",
    "accesstoken",
    "authtoken",
    "bearertoken",
    "csrftoken",
    "idtoken",
    "refreshtoken",
    "sessiontoken",
    "securitytoken",
    "setcookie",
    "sessioncookie",
    "ssn",
    "socialsecurity",
    "creditcard",
    "debitcard",
    "cardnumber",
    "cvv",
    "cvc",
];

const LAST: &[&str] = &["cookie", "cookies"];

/// A `*_token` after one of these is a piece of text or a place in a list, both of which agents record all the time.
const TOKENS_OF_TEXT: &[&str] = &[
    "bos",
    "cls",
    "continuation",
    "end",
    "eos",
    "first",
    "last",
    "mask",
    "next",
    "pad",
    "page",
    "per",
    "sep",
    "special",
    "start",
    "stop",
    "unk",
];

impl Default for SecretNames {
    /// The built-in list.
    fn default() -> Self {
        let anywhere = ANYWHERE.iter().filter_map(|name| Pattern::new(name, Place::Anywhere));
        let last = LAST.iter().filter_map(|name| Pattern::new(name, Place::Last));
        let token = Pattern::new("token", Place::LastAndNoText);
        Self::build(anywhere.chain(last).chain(token).collect())
    }
}

impl SecretNames {
    /// No name is secret: the list to start from when the built-in one does not fit.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::SecretNames;
    ///
    /// let names = SecretNames::none().with("iban");
    /// assert!(names.is_secret("customer_iban") && !names.is_secret("password"));
    /// # }
    /// ```
    pub fn none() -> Self {
        Self::build(Vec::new())
    }

    /// These names too. How the name is spelled (`api_key`, `apiKey`, `API-KEY`) makes no difference; it matches
    /// anywhere in a longer name, in whole words. A name without a letter or digit is ignored.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::SecretNames;
    ///
    /// let names = SecretNames::default().with("employee_id");
    /// assert!(["employee_id", "EmployeeID", "x-employee-id"].iter().all(|name| names.is_secret(name)));
    /// assert!(!names.is_secret("employee_ids_seen"));
    /// # }
    /// ```
    #[must_use]
    pub fn with(mut self, name: &str) -> Self {
        self.patterns.extend(Pattern::new(name, Place::Anywhere));
        Self::build(self.patterns)
    }

    fn build(mut patterns: Vec<Pattern>) -> Self {
        patterns.sort_by_key(|pattern| slot(pattern.letters[0]));
        patterns.dedup();
        let mut lengths = [0; 32];
        let mut trigrams = [0; 32];
        let mut starts = [0; 33];
        let mut has_short = false;
        for pattern in &patterns {
            lengths[slot(pattern.letters[0])] |= 1 << pattern.letters.len().min(31);
            match *pattern.letters {
                [a, b, c, ..] => set_trigram(&mut trigrams, [a, b, c]),
                _ => has_short = true,
            }
        }
        for (first, start) in starts.iter_mut().enumerate() {
            let position = patterns.partition_point(|pattern| slot(pattern.letters[0]) < first);
            *start = u16::try_from(position).unwrap_or(u16::MAX);
        }
        Self { lengths, trigrams, has_short, patterns, starts }
    }

    /// Whether a value under this name is masked.
    ///
    /// ```
    /// # include!(concat!(env!("CARGO_MANIFEST_DIR"), "/src/documented.rs"));
    /// # fn main() {
    /// use galtea::SecretNames;
    ///
    /// let names = SecretNames::default();
    /// assert!(names.is_secret("OPENAI_API_KEY") && names.is_secret("github_token"));
    /// assert!(!names.is_secret("max_tokens") && !names.is_secret("secretary"));
    /// # }
    /// ```
    pub fn is_secret(&self, name: &str) -> bool {
        if escape::is_plain(name) {
            self.is_plain_secret(name)
        } else {
            self.has_secret_words(name.as_bytes())
        }
    }

    /// For a name that is [plain](escape::is_plain), which is the usual one. It is one word: it is secret if it is in the
    /// list, and its first letter and its length mostly settle that.
    #[inline]
    pub(super) fn is_plain_secret(&self, name: &str) -> bool {
        let bytes = name.as_bytes();
        let Some(&first) = bytes.first() else { return false };
        let may_be_listed = self.lengths[slot(first)] & (1 << bytes.len().min(31)) != 0;
        may_be_listed && self.may_begin(bytes, 0) && self.begins(bytes, 0)
    }

    /// For any name, even one that is half a character short.
    pub(super) fn has_secret_words(&self, name: &[u8]) -> bool {
        let mut fresh = true;
        for (at, &byte) in name.iter().enumerate() {
            let (kind, begins_word) = match byte {
                b'a'..=b'z' => (Kind::Lower, fresh),
                _ => (Kind::of(byte), starts_word(name, at)),
            };
            if begins_word && self.may_begin(name, at) && self.begins(name, at) {
                return true;
            }
            fresh = matches!(kind, Kind::Separator | Kind::Digit);
        }
        false
    }

    /// False for nearly every word that no secret name begins with.
    #[inline]
    fn may_begin(&self, name: &[u8], at: usize) -> bool {
        match name[at..] {
            [a, b, c, ..] if Kind::of(b) != Kind::Separator && Kind::of(c) != Kind::Separator => {
                let (row, bit) = trigram([a, b, c]);
                self.trigrams[row] & bit != 0 || self.has_short
            }
            // Letters of the secret name may follow behind the separator.
            [_, _, _, ..] => true,
            _ => self.has_short,
        }
    }

    /// Whether a secret name stands at `at`.
    #[inline(never)]
    fn begins(&self, name: &[u8], at: usize) -> bool {
        let first = slot(name[at]);
        let range = usize::from(self.starts[first])..usize::from(self.starts[first + 1]);
        self.patterns
            .get(range)
            .is_some_and(|patterns| patterns.iter().any(|pattern| pattern.stands_at(name, at)))
    }
}

impl<S: AsRef<str>> FromIterator<S> for SecretNames {
    /// These names and no others, each as [`SecretNames::with`] takes it.
    fn from_iter<I: IntoIterator<Item = S>>(names: I) -> Self {
        Self::build(
            names.into_iter().filter_map(|name| Pattern::new(name.as_ref(), Place::Anywhere)).collect(),
        )
    }
}

impl fmt::Debug for SecretNames {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.patterns.iter().map(|pattern| String::from_utf8_lossy(&pattern.letters));
        f.debug_set().entries(names).finish()
    }
}

impl Pattern {
    fn new(name: &str, place: Place) -> Option<Self> {
        let letters: Box<[u8]> = name
            .bytes()
            .filter(|&byte| Kind::of(byte) != Kind::Separator)
            .map(|byte| byte.to_ascii_lowercase())
            .collect();
        (!letters.is_empty()).then_some(Self { letters, place })
    }

    fn stands_at(&self, name: &[u8], start: usize) -> bool {
        let Some(end) = self.end_of_match(name, start) else { return false };
        match self.place {
            Place::Anywhere => ends_word(name, end),
            Place::Last => nothing_but_digits(&name[end..]),
            Place::LastAndNoText => nothing_but_digits(&name[end..]) && !follows_word_of_text(&name[..start]),
        }
    }

    /// Reads over separators between letters of the pattern.
    fn end_of_match(&self, name: &[u8], start: usize) -> Option<usize> {
        let mut letters = self.letters.iter();
        let mut next = letters.next();
        let mut at = start;
        while let Some(&letter) = next {
            let byte = *name.get(at)?;
            if byte.to_ascii_lowercase() == letter {
                next = letters.next();
            } else if at == start || Kind::of(byte) != Kind::Separator {
                return None;
            }
            at += 1;
        }
        Some(at)
    }
}

fn follows_word_of_text(before: &[u8]) -> bool {
    let end = before.iter().rposition(|&byte| Kind::of(byte) != Kind::Separator).map_or(0, |last| last + 1);
    let before = &before[..end];
    let start = (0..end).rev().find(|&at| starts_word(before, at)).unwrap_or(0);
    TOKENS_OF_TEXT.iter().any(|word| before[start..].eq_ignore_ascii_case(word.as_bytes()))
}

fn nothing_but_digits(rest: &[u8]) -> bool {
    rest.iter().all(|&byte| matches!(Kind::of(byte), Kind::Digit | Kind::Separator))
}

/// Letters of either case fall into the same slot.
#[inline]
fn slot(byte: u8) -> usize {
    usize::from(byte & 31)
}

/// Row and bit; letters that differ seldom share both.
#[inline]
fn trigram([a, b, c]: [u8; 3]) -> (usize, u32) {
    ((slot(a) + 5 * slot(c)) & 31, 1 << slot(b))
}

fn set_trigram(trigrams: &mut [u32; 32], letters: [u8; 3]) {
    let (row, bit) = trigram(letters);
    trigrams[row] |= bit;
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Bytes of non-ASCII characters count as these.
    Lower,
    Upper,
    Digit,
    Separator,
}

impl Kind {
    #[inline]
    fn of(byte: u8) -> Self {
        match byte {
            b'a'..=b'z' | 0x80.. => Self::Lower,
            b'A'..=b'Z' => Self::Upper,
            b'0'..=b'9' => Self::Digit,
            _ => Self::Separator,
        }
    }
}

fn kind_at(name: &[u8], at: usize) -> Kind {
    name.get(at).map_or(Kind::Separator, |&byte| Kind::of(byte))
}

/// `apiKey`: `a`, `K`. `APIKey`: `A`, `K`. `key2`: `k`, `2`.
fn starts_word(name: &[u8], at: usize) -> bool {
    let before = if at == 0 { Kind::Separator } else { kind_at(name, at - 1) };
    match (before, kind_at(name, at)) {
        (_, Kind::Separator) | (Kind::Upper, Kind::Lower) => false,
        (Kind::Upper, Kind::Upper) => kind_at(name, at + 1) == Kind::Lower,
        (before, this) => before != this,
    }
}

fn ends_word(name: &[u8], end: usize) -> bool {
    kind_at(name, end) == Kind::Separator || starts_word(name, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_mean_a_secret_are_found_in_any_spelling() {
        let names = SecretNames::default();
        for name in [
            "password",
            "user_password",
            "userPassword",
            "PASSWORD",
            "password2",
            "password_hash",
            "db.password",
            "passwd",
            "pwd",
            "secret",
            "client_secret",
            "clientSecret",
            "SECRET_KEY",
            "api_key",
            "apikey",
            "apiKey",
            "APIKey",
            "x-api-key",
            "X-Api-Key",
            "OPENAI_API_KEY",
            "openaiApiKey",
            "OpenAIApiKey",
            "api key",
            "api_keys",
            "token",
            "Token",
            "TOKEN",
            "auth_token",
            "access_token",
            "accessToken",
            "access_token_value",
            "refreshToken",
            "id_token",
            "github_token",
            "GH_TOKEN",
            "token_1",
            "token2",
            "session_token",
            "Authorization",
            "proxy-authorization",
            "bearer",
            "private_key",
            "privateKeyPem",
            "credentials",
            "aws-credential",
            "Cookie",
            "set-cookie",
            "set-cookie2",
            "SSN",
            "card_number",
            "creditCardNumber",
            "cvv",
            "CVV2",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_ACCESS_KEY_ID",
            "jwt",
            "hiddenAPIKEY",
            "sessionToken",
            "smtp--password",
            "_password_",
        ] {
            assert!(names.is_secret(name), "{name} is not masked");
        }
    }

    #[test]
    fn names_that_only_look_like_a_secret_are_left_alone() {
        let names = SecretNames::default();
        for name in [
            "",
            "_",
            "max_tokens",
            "maxTokens",
            "token_count",
            "tokenCount",
            "total_tokens",
            "tokens",
            "input_tokens",
            "MAX_TOKENS",
            "tokenizer",
            "token_type",
            "token_ids",
            "eos_token",
            "eosToken",
            "next_page_token",
            "nextPageToken",
            "time_to_first_token",
            "cost_per_token",
            "passage",
            "passages",
            "author",
            "authors",
            "secretary",
            "SECRETARY",
            "keyboard",
            "key",
            "keys",
            "primary_key",
            "pass",
            "compass",
            "card",
            "agent_card",
            "cookie_policy",
            "session_id",
            "query",
            "user_id",
            "limit",
            "content",
            "apis",
            "accessKeyboard",
            "p",
            "s_t",
            "authority",
            "bearing",
            "authorized",
            "übersecretär",
        ] {
            assert!(!names.is_secret(name), "{name} is masked");
        }
    }

    #[test]
    fn names_can_be_added_and_the_list_replaced() {
        let added = SecretNames::default().with("employee-id").with("x").with("--");
        assert!(
            added.is_secret("employeeId") && added.is_secret("EMPLOYEE_ID_2") && added.is_secret("password")
        );
        assert!(
            added.is_secret("x")
                && added.is_secret("x_1")
                && !added.is_secret("xa")
                && !added.is_secret("employee")
        );
        let replaced: SecretNames = ["contraseña", "oauth2"].into_iter().collect();
        assert!(
            replaced.is_secret("contraseña")
                && replaced.is_secret("OAuth2")
                && !replaced.is_secret("password")
        );
        assert!(!SecretNames::none().is_secret("password"));
    }

    #[test]
    fn every_name_of_the_built_in_list_matches_itself_and_not_inside_a_longer_word() {
        let names = SecretNames::default();
        for name in ANYWHERE.iter().chain(LAST).chain(&["token"]) {
            assert!(names.is_secret(name), "{name}");
            assert!(names.is_secret(&format!("my_{name}")), "my_{name}");
            assert!(!names.is_secret(&format!("{name}zz")), "{name}zz");
            assert!(!names.is_secret(&format!("zz{name}")), "zz{name}");
        }
    }
}
