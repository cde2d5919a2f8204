//! Keys that do not change while the program runs: what has been found out about one of them is kept.

use std::sync::{LazyLock, OnceLock};

use super::escape::push_escaped;
use super::secrets::SecretNames;

/// Field names of the usual program fit several times over. One more byte a slot is one more byte a client, and no more:
/// a key whose slot is taken is simply looked at anew each time.
const SLOTS: usize = 512;
/// Longer keys are not worth keeping.
const MAX_LEN: usize = 48;

/// The secret names, and a table of keys that were written before.
///
/// A `&'static str` is known by its address and length: what stands there never changes. So for most keys of most values
/// (fields of structs, arguments) one comparison tells whether they are secret, and the text to write is at hand.
pub(super) struct Keys {
    names: SecretNames,
    slots: Box<[OnceLock<Known>; SLOTS]>,
}

/// For what a mask returned: no name in it is secret to us.
pub(super) static NOT_SECRET: LazyLock<Keys> = LazyLock::new(|| Keys::new(SecretNames::none()));

/// A key that was written before.
pub(super) struct Known {
    address: usize,
    len: usize,
    /// `"key":`, for the first of an object, and `,"key":`
    first: Box<str>,
    further: Box<str>,
    pub(super) secret: bool,
}

impl Keys {
    #[expect(clippy::large_stack_arrays, reason = "24 KiB for a moment, where a client is built")]
    pub(super) fn new(names: SecretNames) -> Self {
        Self { names, slots: Box::new([const { OnceLock::new() }; SLOTS]) }
    }

    pub(super) fn names(&self) -> &SecretNames {
        &self.names
    }

    /// Whether the name means a secret; for names that are written nowhere.
    pub(super) fn is_secret(&self, name: &'static str) -> bool {
        self.get(name).map_or_else(|| self.names.is_secret(name), |known| known.secret)
    }

    /// `None`: the key is not in the table.
    #[inline]
    pub(super) fn get(&self, key: &'static str) -> Option<&Known> {
        let known = self.slot(key).get()?;
        (known.address == key.as_ptr().addr() && known.len == key.len()).then_some(known)
    }

    /// Puts the key into the table, unless its slot is taken.
    pub(super) fn add(&self, key: &'static str) {
        if key.len() <= MAX_LEN {
            self.slot(key).get_or_init(|| Known::new(key, self.names.is_secret(key)));
        }
    }

    #[inline]
    fn slot(&self, key: &'static str) -> &OnceLock<Known> {
        let address = key.as_ptr().addr();
        &self.slots[(address ^ (address >> 9)) % SLOTS]
    }
}

impl Known {
    fn new(key: &'static str, secret: bool) -> Self {
        let mut first = String::from("\"");
        push_escaped(&mut first, key, usize::MAX);
        first.push_str("\":");
        let further = format!(",{first}").into();
        Self { address: key.as_ptr().addr(), len: key.len(), first: first.into(), further, secret }
    }

    /// With a comma before it, unless it is the first of its object.
    #[inline]
    pub(super) fn text(&self, first: bool) -> &str {
        if first { &self.first } else { &self.further }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_place_and_its_length() {
        let keys = Keys::new(SecretNames::default());
        let text = "password_\"count\"";
        let (whole, part) = (text, &text[..8]);
        assert!(keys.get(whole).is_none());
        for key in [whole, part, "limit"] {
            keys.add(key);
        }
        assert_eq!(
            keys.get(whole).map(|known| (known.text(true), known.secret)),
            Some(("\"password_\\\"count\\\"\":", true))
        );
        assert!(keys.get(part).is_none(), "the slot is taken");
        assert!(keys.get(whole).is_some());
        assert_eq!(
            keys.get("limit").map(|known| (known.text(false), known.secret)),
            Some((",\"limit\":", false))
        );
    }

    #[test]
    fn the_table_does_not_grow() {
        let keys = Keys::new(SecretNames::none());
        let text: &'static str = "x".repeat(10_000).leak();
        for at in 0..text.len() - 10 {
            keys.add(&text[at..at + 10]);
        }
        keys.add(text);
        assert!(keys.get(text).is_none(), "long keys are not kept");
        assert!(keys.slots.iter().all(|slot| slot.get().is_some_and(|known| known.len == 10)));
    }
}
