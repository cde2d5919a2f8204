//! The values of environment variables.

use super::BatchFormat;

pub(super) fn switch(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Some(true),
        "0" | "false" | "no" | "off" => Some(false),
        _ => None,
    }
}

pub(super) fn batch_format(text: &str) -> Option<BatchFormat> {
    match text.to_ascii_lowercase().as_str() {
        "auto" => Some(BatchFormat::Auto),
        "array" => Some(BatchFormat::Array),
        "envelope" => Some(BatchFormat::Envelope),
        _ => None,
    }
}

/// `131072`, `64KiB`, `1 MiB`.
pub(super) fn bytes(text: &str) -> Option<usize> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let factor: usize = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    number.parse::<usize>().ok()?.checked_mul(factor)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_and_without_a_unit() {
        assert_eq!(bytes("131072"), Some(131_072));
        assert_eq!(bytes("64KiB"), Some(65_536));
        assert_eq!(bytes("1 mib"), Some(1_048_576));
        for wrong in ["", "KiB", "64KB", "-1", "1.5MiB", "99999999999999999999", "18446744073709551615GiB"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn switches_are_read_in_their_usual_spellings() {
        assert_eq!(
            ["1", "TRUE", "on", "0", "no", "2"].map(switch),
            [Some(true), Some(true), Some(true), Some(false), Some(false), None]
        );
    }
}
