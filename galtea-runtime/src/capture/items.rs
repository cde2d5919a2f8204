//! The items of a stream: one array, written item by item as they come.

use std::fmt::Debug;

use serde::Serialize;

use super::mask;
use super::object::write_debug;
use super::policy::CapturePolicy;
use super::stop::Stop;
use super::writer::{CUT, MARK, State, Writer};

const START: &str = "{\"value\":[";
const END: &str = "]}";
/// `,"…[truncated, 18446744073709551615 items]"`
const LOST: usize = 48;
/// An array inside of an object.
const DEPTH: u32 = 2;

/// `{"value":[…]}`, bounded by the policy's field limit. What comes when it is full is only counted.
#[derive(Debug, Default)]
pub struct ItemsText {
    text: String,
    count: usize,
    full: bool,
}

impl ItemsText {
    /// An item by its `Serialize`.
    pub(crate) fn serialize<T: ?Sized + Serialize>(&mut self, policy: &CapturePolicy, item: &T) {
        self.item(policy, |writer| item.serialize(writer));
    }

    /// An item by its `Debug`: a text.
    pub(crate) fn debug<T: ?Sized + Debug>(&mut self, policy: &CapturePolicy, item: &T) {
        self.item(policy, |writer| write_debug(writer, item));
    }

    /// An item that is a plain string.
    pub(crate) fn text(&mut self, policy: &CapturePolicy, item: &str) {
        self.item(policy, |writer| writer.string(item));
    }

    fn item(&mut self, policy: &CapturePolicy, write: impl FnOnce(&mut Writer<'_>) -> Result<(), Stop>) {
        self.count += 1;
        let Some(end) = self.open(policy) else { return };
        let before = self.text.len();
        if before > START.len() {
            self.text.push(',');
        }
        let start = self.text.len();
        let mut writer = Writer::new(&mut self.text, policy.keys());
        writer.resume(end, DEPTH);
        writer.guard(write);
        self.full = writer.state == State::Cut;
        if self.full && self.text.get(start..) == Some(CUT) {
            // Of this item there is nothing; the array's own mark says more.
            self.text.truncate(before);
        }
    }

    /// Where the room for items ends, if there is some left.
    fn open(&mut self, policy: &CapturePolicy) -> Option<usize> {
        let end = policy.field_limit().saturating_sub(END.len() + LOST);
        if self.text.is_empty() {
            self.text.push_str(START);
        }
        self.full |= self.text.len() + 2 * MARK > end;
        (!self.full).then_some(end)
    }

    /// The array as it stands, for the user's own function to look at.
    pub(crate) fn finish(mut self, policy: &CapturePolicy) -> Option<String> {
        if policy.field_limit() < START.len() + END.len() + LOST {
            return None;
        }
        if self.text.is_empty() {
            self.text.push_str(START);
        }
        if self.full {
            let comma = if self.text.len() > START.len() { "," } else { "" };
            let mark = format!("{comma}\"…[truncated, {} items]\"", self.count);
            self.text.push_str(&mark);
        }
        self.text.push_str(END);
        Some(self.text)
    }

    /// The array as it is recorded: the user's mask has seen it.
    pub(crate) fn finish_masked(self, policy: &CapturePolicy) -> Option<String> {
        let mut text = self.finish(policy)?;
        mask::mask_object(&mut text, 0, policy);
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn recorded(items: ItemsText, policy: &CapturePolicy) -> Value {
        let text = items.finish_masked(policy).unwrap();
        assert!(text.len() <= policy.field_limit(), "{} bytes", text.len());
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn items_stand_side_by_side_in_the_order_in_which_they_came() {
        let policy = CapturePolicy::default();
        let mut items = ItemsText::default();
        items.serialize(&policy, &json!({ "n": 1, "password": "x" }));
        items.debug(&policy, &Some(2));
        items.text(&policy, "three");
        let expected = json!({ "value": [{ "n": 1, "password": "[masked]" }, "Some(2)", "three"] });
        assert_eq!(recorded(items, &policy), expected);
        assert_eq!(recorded(ItemsText::default(), &policy), json!({ "value": [] }));
    }

    #[test]
    fn whatever_the_limit_and_the_items_the_text_holds_the_limit_and_stays_json() {
        for limit in (60..1_200).step_by(7) {
            let policy = CapturePolicy::default().with_field_limit(limit);
            for item in ["", "short", "an item of some length, \"quoted\"", &"x".repeat(500)] {
                let mut items = ItemsText::default();
                for _ in 0..50 {
                    items.text(&policy, item);
                }
                let recorded = recorded(items, &policy);
                let items = recorded["value"].as_array().unwrap();
                assert!(items.len() == 50 || items.last().unwrap() == "…[truncated, 50 items]", "{items:?}");
            }
        }
    }

    #[test]
    fn the_memory_of_an_endless_stream_is_bounded() {
        let policy = CapturePolicy::default().with_field_limit(1_000);
        let mut items = ItemsText::default();
        for number in 0..100_000 {
            items.serialize(&policy, &number);
        }
        assert!(items.text.capacity() <= 2_000);
    }
}
