//! Times as RFC 3339 in UTC with microseconds: `2025-11-07T05:31:56.000001Z`.

const MICROS_A_SECOND: u64 = 1_000_000;
const SECONDS_A_DAY: u64 = 86_400;
/// 9999-12-31T23:59:59.999999Z: what comes later has no such spelling.
const LAST_MICROS: u64 = 253_402_300_800 * MICROS_A_SECOND - 1;

pub(crate) fn push_time(out: &mut Vec<u8>, micros: u64) {
    let micros = micros.min(LAST_MICROS);
    let (seconds, fraction) = (micros / MICROS_A_SECOND, micros % MICROS_A_SECOND);
    let (days, second) = (seconds / SECONDS_A_DAY, seconds % SECONDS_A_DAY);
    let (year, month, day) = civil(days);
    let mut text = *b"0000-00-00T00:00:00.000000Z";
    put(&mut text[0..4], year);
    put(&mut text[5..7], month);
    put(&mut text[8..10], day);
    put(&mut text[11..13], second / 3_600);
    put(&mut text[14..16], second / 60 % 60);
    put(&mut text[17..19], second % 60);
    put(&mut text[20..26], fraction);
    out.extend_from_slice(&text);
}

/// Reads exactly the spelling that [`push_time`] writes.
pub(crate) fn parse_micros(text: &str) -> Option<u64> {
    let bytes: &[u8; 27] = text.as_bytes().try_into().ok()?;
    let number = |from: usize, to: usize| text.get(from..to)?.parse::<u64>().ok();
    let days = days_of(number(0, 4)?, number(5, 7)?, number(8, 10)?)?;
    let (hour, minute, second) = (number(11, 13)?, number(14, 16)?, number(17, 19)?);
    let seconds = days * SECONDS_A_DAY + hour * 3_600 + minute * 60 + second;
    let micros = seconds * MICROS_A_SECOND + number(20, 26)?;
    // Writing it again is the check on separators, signs and ranges.
    let mut again = Vec::with_capacity(bytes.len());
    push_time(&mut again, micros);
    (again == bytes).then_some(micros)
}

pub(super) const fn digit(value: u64) -> u8 {
    b'0' + (value % 10) as u8
}

fn put(place: &mut [u8], mut value: u64) {
    for byte in place.iter_mut().rev() {
        *byte = digit(value);
        value /= 10;
    }
}

/// Year, month and day of a number of days since 1970-01-01.
///
/// Years are taken to begin in March, so that the leap day is the last of its year, and months have a regular length:
/// 153 days in every five, March to July and August to December.
fn civil(days: u64) -> (u64, u64, u64) {
    /// From 0000-03-01 to 1970-01-01.
    const DAYS_BEFORE: u64 = 719_468;
    /// In 400 years.
    const DAYS_AN_ERA: u64 = 146_097;
    let days = days + DAYS_BEFORE;
    let (era, day_of_era) = (days / DAYS_AN_ERA, days % DAYS_AN_ERA);
    let leap_days = day_of_era / 1_460 + day_of_era / 146_096;
    let year_of_era = (day_of_era + day_of_era / 36_524 - leap_days) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

/// The inverse of [`civil`]; `None` before 1970 and where the numbers are no date at all.
fn days_of(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let year = year - u64::from(month <= 2);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    (era * 146_097 + day_of_era).checked_sub(719_468)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(micros: u64) -> String {
        let mut out = Vec::new();
        push_time(&mut out, micros);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn known_moments_are_spelled_right() {
        assert_eq!(text(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(text(1_699_335_116_000_001), "2023-11-07T05:31:56.000001Z");
        assert_eq!(text(951_782_399_999_999), "2000-02-28T23:59:59.999999Z");
        assert_eq!(text(951_782_400_000_000), "2000-02-29T00:00:00.000000Z");
        assert_eq!(text(4_107_542_399_000_000), "2100-02-28T23:59:59.000000Z");
        assert_eq!(text(4_107_542_400_000_000), "2100-03-01T00:00:00.000000Z");
        assert_eq!(text(u64::MAX), "9999-12-31T23:59:59.999999Z");
    }

    #[test]
    fn what_is_no_such_time_is_not_read() {
        for wrong in
            ["", "2023-11-07T05:31:56Z", "2023-02-30T00:00:00.000000Z", "2023-11-07 05:31:56.000001Z"]
        {
            assert_eq!(parse_micros(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_moment_is_read_back(micros in 0..=LAST_MICROS) {
            prop_assert_eq!(parse_micros(&text(micros)), Some(micros));
        }

        #[test]
        fn texts_order_as_the_moments_do(one in 0..=LAST_MICROS, other in 0..=LAST_MICROS) {
            prop_assert_eq!(text(one).cmp(&text(other)), one.cmp(&other));
        }
    }
}
