//! Numbers such as scores, temperatures and prices: floats with three decimals at most.
//!
//! The shortest text of any float is found by arithmetic on 128 bits. For these it is known beforehand: they are an integer
//! divided by a thousand, and with fifteen digits or less no other text as short means the same float.

use super::stop::Stop;
use super::writer::Writer;

/// A number by how many thousandths it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Thousandths(i64);

/// Below this a number has fifteen digits at most, three of them decimals.
const LIMIT: f64 = 1e12;

impl Thousandths {
    /// `None`: it has more decimals, is very large, negative zero, or no number.
    #[inline]
    pub(super) fn of(value: f64) -> Option<Self> {
        let scaled = value * 1e3;
        if scaled.abs() >= LIMIT {
            return None;
        }
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is below the limit, or no number and then no equal"
        )]
        let whole = scaled.round_ties_even() as i64;
        #[expect(clippy::cast_precision_loss, reason = "it has fewer than 53 bits")]
        let back = whole as f64 / 1e3;
        (back.to_bits() == value.to_bits()).then_some(Self(whole))
    }

    /// As `serde_json` writes it: `0.5`, `-12.75`, `3.0`.
    pub(super) fn write(self, writer: &mut Writer<'_>) -> Result<(), Stop> {
        let thousandths = self.0.unsigned_abs();
        let mut integers = itoa::Buffer::new();
        let integer = integers.format(thousandths / 1_000);
        let fraction = fraction(thousandths % 1_000);
        writer.decimal(self.0 < 0, integer, fraction)
    }
}

/// The digits behind the point, at least one of them.
fn fraction(thousandths: u64) -> &'static str {
    let index = usize::try_from(thousandths).unwrap_or_default();
    let digits = FRACTIONS.get(3 * index..3 * index + 3).unwrap_or_default();
    let zeros = digits.bytes().rev().take(2).take_while(|&digit| digit == b'0').count();
    digits.get(..3 - zeros).unwrap_or_default()
}

/// `000001002…999`
const FRACTIONS: &str = match std::str::from_utf8(&DIGITS) {
    Ok(digits) => digits,
    Err(_) => "",
};

static DIGITS: [u8; 3_000] = digits();

const fn digits() -> [u8; 3_000] {
    let mut digits = [b'0'; 3_000];
    let mut at = 3;
    while at < digits.len() {
        // One more than the number before.
        let [hundreds, tens, ones] = [digits[at - 3], digits[at - 2], digits[at - 1]];
        let (tens, ones) = if ones < b'9' { (tens, ones + 1) } else { (tens + 1, b'0') };
        let (hundreds, tens) = if tens <= b'9' { (hundreds, tens) } else { (hundreds + 1, b'0') };
        (digits[at], digits[at + 1], digits[at + 2]) = (hundreds, tens, ones);
        at += 3;
    }
    digits
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::capture::{CapturePolicy, ObjectWriter};

    fn written(value: f64) -> String {
        let (mut text, policy) = (String::new(), CapturePolicy::default());
        let mut object = ObjectWriter::new(&mut text, &policy);
        object.serialize("v", &value);
        object.finish();
        text
    }

    fn expected(value: f64) -> String {
        format!("{{\"v\":{}}}", serde_json::to_string(&value).unwrap())
    }

    #[test]
    fn numbers_with_few_decimals_are_written_as_serde_json_writes_them() {
        for thousandths in -20_000..20_000 {
            let value = f64::from(thousandths) / 1e3;
            assert!(Thousandths::of(value).is_some(), "{value}");
            assert_eq!(written(value), expected(value));
        }
        for value in
            [123_456_789.125, -999_999_999.999, 0.1 + 0.2, -0.0, 1e9, 1e12, 0.0005, f64::MIN_POSITIVE]
        {
            assert_eq!(written(value), expected(value));
        }
    }

    #[test]
    fn what_has_more_decimals_or_is_no_number_is_left_to_others() {
        for value in [0.1 + 0.2, -0.0, 1e9, 1e300, 0.0005, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Thousandths::of(value), None, "{value}");
        }
    }

    proptest! {
        #[test]
        fn every_float_is_written_as_serde_json_writes_it(bits: u64, thousandths in -1_000_000_000_000_i64..1_000_000_000_000) {
            #[expect(clippy::cast_precision_loss, reason = "it has fewer than 53 bits")]
            let near = thousandths as f64 / 1e3;
            let others = [f64::from_bits(bits), near, near.next_up(), near.next_down(), near / 7.0];
            for value in others.into_iter().filter(|value| value.is_finite()) {
                prop_assert_eq!(written(value), expected(value));
            }
        }
    }
}
