//! Keys that do not change while the program runs: what has been found out about one of them is kept.

use std::sync::{LazyLock, OnceLock};

use super::escape::push_escaped;
use super::secrets::SecretNames;

/// Field names of the usual program fit several times over. One more byte a slot is one more byte a client, and no more:
/// a key that finds no slot is simply looked at anew each time.
const SLOTS: usize = 512;
/// So many slots are looked at for a key, one after another.
const PROBES: usize = 8;
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
        let first = first_slot(key);
        let known = self.slots[first].get()?;
        if known.is(key) { Some(known) } else { self.get_further(first, key) }
    }

    #[inline(never)]
    fn get_further(&self, first: usize, key: &'static str) -> Option<&Known> {
        self.probe(first).skip(1).map_while(OnceLock::get).find(|known| known.is(key))
    }

    fn probe(&self, first: usize) -> impl Iterator<Item = &OnceLock<Known>> {
        (first..first + PROBES).map(|slot| &self.slots[slot % SLOTS])
    }

    /// Puts the key into the table, unless its slots are taken.
    pub(super) fn add(&self, key: &'static str) {
        if key.len() > MAX_LEN {
            return;
        }
        for slot in self.probe(first_slot(key)) {
            if slot.get_or_init(|| Known::new(key, self.names.is_secret(key))).is(key) {
                return;
            }
        }
    }
}

#[inline]
fn first_slot(key: &'static str) -> usize {
    let address = key.as_ptr().addr();
    (address ^ (address >> 9)) % SLOTS
}

impl Known {
    /// What stands at an address never changes, so this is it.
    #[inline]
    fn is(&self, key: &'static str) -> bool {
        self.address == key.as_ptr().addr() && self.len == key.len()
    }

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
        assert_eq!(keys.get(part).map(|known| known.text(true)), Some("\"password\":"));
        assert_eq!(
            keys.get("limit").map(|known| (known.text(false), known.secret)),
            Some((",\"limit\":", false))
        );
    }

    #[test]
    fn keys_that_meet_in_a_slot_are_all_known() {
        let keys = Keys::new(SecretNames::none());
        let text: &'static str = "a".repeat(PROBES + 1).leak();
        // They begin at one place, and so with one slot.
        for length in 1..=PROBES + 1 {
            keys.add(&text[..length]);
        }
        let known = |length: &usize| keys.get(&text[..*length]).is_some();
        assert!((1..=PROBES).all(|length| known(&length)));
        assert!(!known(&(PROBES + 1)), "there is no room for one more");
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
