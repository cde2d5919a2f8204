//! Putting text between JSON quotes, in whole runs.

/// What a byte is to the writer; see [`classes`].
const CLASS: [u8; 256] = class_table();

/// The byte cannot stand in a JSON string as it is.
pub(super) const ESCAPED: u8 = 1;
/// The byte may begin or end a word of a name: anything but a lower-case letter (or part of a non-ASCII character).
pub(super) const EDGE: u8 = 2;

const fn class_table() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0_u8;
    loop {
        if is_escaped(byte) {
            table[byte as usize] |= ESCAPED;
        }
        if byte.is_ascii() && !byte.is_ascii_lowercase() {
            table[byte as usize] |= EDGE;
        }
        if byte == u8::MAX {
            return table;
        }
        byte += 1;
    }
}

const fn is_escaped(byte: u8) -> bool {
    byte < 0x20 || byte == b'"' || byte == b'\\' || byte == 0x7f
}

/// The classes that occur in `text`, or-ed. Meant for names, which are short.
#[inline]
pub(super) fn classes(text: &str) -> u8 {
    text.bytes().fold(0, |seen, byte| seen | CLASS[byte as usize])
}

/// Whether `text` can stand between JSON quotes as it is.
#[inline]
pub(super) fn is_clean(text: &str) -> bool {
    first_escaped(text.as_bytes()) == text.len()
}

/// The position of the first byte that must be escaped; the length of `bytes` when there is none.
#[inline]
pub(super) fn first_escaped(bytes: &[u8]) -> usize {
    if bytes.len() >= LANES { first_escaped_in_lanes(bytes) } else { first_escaped_from(bytes, 0) }
}

/// So many bytes are looked at together: a fixed count, without an early way out, is what the compiler turns into
/// vector instructions.
const LANES: usize = 16;

fn first_escaped_in_lanes(bytes: &[u8]) -> usize {
    let (lanes, _) = bytes.as_chunks::<LANES>();
    let clean =
        lanes.iter().take_while(|lane| !lane.iter().fold(false, |seen, &byte| seen | is_escaped(byte)));
    first_escaped_from(bytes, clean.count() * LANES)
}

#[inline]
fn first_escaped_from(bytes: &[u8], start: usize) -> usize {
    let rest = &bytes[start..];
    start + rest.iter().position(|&byte| CLASS[byte as usize] & ESCAPED != 0).unwrap_or(rest.len())
}

/// Appends `text` as it stands between JSON quotes, and stops before `out` is longer than `end`. Returns whether all of
/// it was written. Looks at no more of `text` than can be written.
pub(super) fn push_escaped(out: &mut String, text: &str, end: usize) -> bool {
    let mut rest = text;
    loop {
        let window = &rest[..floor_char_boundary(rest, end.saturating_sub(out.len()))];
        let clean = first_escaped(window.as_bytes());
        out.push_str(&window[..clean]);
        let Some(byte) = rest.as_bytes().get(clean).copied() else { return true };
        if clean == window.len() || !push_escape(out, byte, end) {
            return false;
        }
        rest = &rest[clean + 1..];
    }
}

fn push_escape(out: &mut String, byte: u8, end: usize) -> bool {
    let mut code = *b"\\u0000";
    let escape = escape_of(byte, &mut code);
    let fits = out.len() + escape.len() <= end;
    if fits {
        out.push_str(escape);
    }
    fits
}

fn escape_of(byte: u8, code: &mut [u8; 6]) -> &str {
    match byte {
        b'"' => "\\\"",
        b'\\' => "\\\\",
        b'\n' => "\\n",
        b'\r' => "\\r",
        b'\t' => "\\t",
        8 => "\\b",
        12 => "\\f",
        // Not every database behind an API can hold a NUL.
        0 => "\u{fffd}",
        _ => {
            code[4] = hex_digit(byte >> 4);
            code[5] = hex_digit(byte & 15);
            std::str::from_utf8(code).unwrap_or("\u{fffd}")
        }
    }
}

fn hex_digit(value: u8) -> u8 {
    if value < 10 { b'0' + value } else { b'a' + value - 10 }
}

/// The longest prefix of `text` with at most `at` bytes ends here.
pub(super) fn floor_char_boundary(text: &str, at: usize) -> usize {
    if at >= text.len() {
        return text.len();
    }
    (0..=at).rev().find(|&index| text.is_char_boundary(index)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn escaped(text: &str, end: usize) -> (String, bool) {
        let mut out = String::new();
        let whole = push_escaped(&mut out, text, end);
        (out, whole)
    }

    #[test]
    fn every_character_below_128_reads_back_as_itself_and_nul_as_the_replacement_character() {
        for code in 0..128_u8 {
            let text = format!("ab{}cd", char::from(code));
            let (out, whole) = escaped(&text, 100);
            let back: String = serde_json::from_str(&format!("\"{out}\"")).unwrap();
            assert!(whole);
            assert_eq!(back, text.replace('\0', "\u{fffd}"));
        }
    }

    #[test]
    fn control_characters_do_not_reach_the_text() {
        let (out, _) = escaped(&(0..128_u8).map(char::from).collect::<String>(), 1000);
        assert!(!out.chars().any(char::is_control), "{out:?}");
    }

    #[test]
    fn text_is_cut_at_a_character_and_never_inside_an_escape() {
        assert_eq!(escaped("aé", 2), ("a".to_owned(), false));
        assert_eq!(escaped("a\nb", 2), ("a".to_owned(), false));
        assert_eq!(escaped("a\nb", 3), ("a\\n".to_owned(), false));
        assert_eq!(escaped("a\u{1}", 6), ("a".to_owned(), false));
        assert_eq!(escaped("ab", 0), (String::new(), false));
        assert_eq!(escaped("", 0), (String::new(), true));
    }

    #[test]
    fn a_byte_to_escape_is_found_wherever_it_stands() {
        for length in 0..70 {
            for place in 0..length {
                let mut bytes = vec![b'x'; length];
                bytes[place] = b'"';
                assert_eq!(first_escaped(&bytes), place);
            }
            assert_eq!(first_escaped(&vec![b'x'; length]), length);
        }
    }
}
