//! Putting text between JSON quotes, in whole runs.

/// Whether a byte cannot stand in a JSON string as it is.
const ESCAPED: [bool; 256] = escaped_table();

const fn escaped_table() -> [bool; 256] {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        table[byte as usize] = is_escaped(byte);
        byte += 1;
    }
    table
}

const fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0x7f)
}

/// Whether `name` has only lower-case letters (and characters outside ASCII): nothing to escape, and one word.
#[inline]
pub(super) fn is_plain(name: &str) -> bool {
    all_words(name.as_bytes(), |word| {
        let ascii = word & (ONES * 0x7f);
        // Sums whose highest bit says that the byte is at least `a`, and that it is more than `z`.
        let (from_a, above_z) = (ascii + ONES * (0x80 - 0x61), ascii + ONES * (0x80 - 0x7b));
        (!from_a | above_z) & !word & HIGHEST_BITS == 0
    })
}

/// Whether `text` can stand between JSON quotes as it is.
#[inline]
pub(super) fn is_clean(text: &str) -> bool {
    if text.len() > 2 * WORD {
        return first_escaped(text.as_bytes()) == text.len();
    }
    all_words(text.as_bytes(), |word| escaped_in_word(word) == 0)
}

/// Whether `holds` is true of words that together have all of `bytes`. They overlap where the length asks for it; words
/// of fewer than eight bytes are filled up with `a`.
#[inline]
fn all_words(bytes: &[u8], holds: impl Fn(u64) -> bool) -> bool {
    match bytes.last_chunk::<WORD>() {
        None => holds(short_word(bytes)),
        Some(last) => {
            let (words, _) = bytes.as_chunks::<WORD>();
            words.iter().all(|word| holds(u64::from_le_bytes(*word))) && holds(u64::from_le_bytes(*last))
        }
    }
}

#[inline]
fn short_word(bytes: &[u8]) -> u64 {
    match (bytes.first_chunk::<4>(), bytes.last_chunk::<4>(), bytes) {
        (Some(start), Some(end), _) => {
            u64::from(u32::from_le_bytes(*start)) | u64::from(u32::from_le_bytes(*end)) << 32
        }
        (.., &[first, .., last]) => {
            u64::from_le_bytes([first, bytes[bytes.len() / 2], last, b'a', b'a', b'a', b'a', b'a'])
        }
        (.., &[only]) => u64::from_le_bytes([only, b'a', b'a', b'a', b'a', b'a', b'a', b'a']),
        _ => ONES * 0x61,
    }
}

/// The position of the first byte that must be escaped; the length of `bytes` when there is none.
#[inline]
pub(super) fn first_escaped(bytes: &[u8]) -> usize {
    if bytes.len() < WORD { first_escaped_by_table(bytes) } else { first_escaped_by_words(bytes) }
}

fn first_escaped_by_table(bytes: &[u8]) -> usize {
    bytes.iter().position(|&byte| ESCAPED[byte as usize]).unwrap_or(bytes.len())
}

const WORD: usize = 8;
const ONES: u64 = u64::from_le_bytes([1; WORD]);
const HIGHEST_BITS: u64 = ONES * 0x80;
/// A fixed count of bytes, looked at together and without an early way out, is what becomes vector instructions.
const LANE: usize = 64;

/// A few words first, because most runs are short; then lanes.
fn first_escaped_by_words(bytes: &[u8]) -> usize {
    let (head, rest) = bytes.split_at(bytes.len().min(4 * WORD));
    let found = first_escaped_in_words(head);
    if found < head.len() || rest.is_empty() {
        return found;
    }
    let clean = rest.as_chunks::<LANE>().0.iter().take_while(|lane| is_clean_lane(lane)).count() * LANE;
    let rest = &rest[clean..];
    head.len()
        + clean
        + if rest.len() < WORD { first_escaped_by_table(rest) } else { first_escaped_in_words(rest) }
}

fn is_clean_lane(lane: &[u8; LANE]) -> bool {
    lane.iter().fold(0, |seen, &byte| seen | u8::from(is_escaped(byte))) == 0
}

/// For eight bytes or more: the last word overlaps the one before.
fn first_escaped_in_words(bytes: &[u8]) -> usize {
    for (index, word) in bytes.as_chunks::<WORD>().0.iter().enumerate() {
        if let Some(place) = first_escaped_in_word(*word) {
            return index * WORD + place;
        }
    }
    let last = bytes.last_chunk::<WORD>().and_then(|word| first_escaped_in_word(*word));
    last.map_or(bytes.len(), |place| bytes.len() - WORD + place)
}

fn first_escaped_in_word(word: [u8; WORD]) -> Option<usize> {
    let found = escaped_in_word(u64::from_le_bytes(word));
    (found != 0).then(|| found.trailing_zeros() as usize / 8)
}

/// For each byte below 128, a subtraction borrows into its highest bit where the byte is (or, after `^`, becomes) too
/// small. The lowest bit found is exact; those above it may come from the borrow.
#[inline]
fn escaped_in_word(word: u64) -> u64 {
    let equal = |byte: u8| (word ^ (ONES * u64::from(byte))).wrapping_sub(ONES);
    let found = word.wrapping_sub(ONES * 0x20) | equal(b'"') | equal(b'\\') | equal(0x7f);
    found & !word & HIGHEST_BITS
}

/// The most bytes that one byte of text becomes.
const LONGEST: usize = 6;

/// Appends `text` as it stands between JSON quotes, and stops before `out` is longer than `end`. Returns whether all of
/// it was written. Looks at no more of `text` than can be written.
pub(super) fn push_escaped(out: &mut String, text: &str, end: usize) -> bool {
    let mut rest = text;
    loop {
        // As much as fits whatever has to be escaped in it.
        let sure = floor_char_boundary(rest, end.saturating_sub(out.len()) / LONGEST);
        if sure == 0 {
            return push_last(out, rest, end);
        }
        push_all_escaped(out, &rest[..sure]);
        rest = &rest[sure..];
    }
}

fn push_all_escaped(out: &mut String, mut text: &str) {
    loop {
        let clean = first_escaped(text.as_bytes());
        out.push_str(&text[..clean]);
        let Some(&byte) = text.as_bytes().get(clean) else { return };
        push_escape(out, byte, usize::MAX);
        text = &text[clean + 1..];
    }
}

/// Byte by byte, when the end is near.
fn push_last(out: &mut String, text: &str, end: usize) -> bool {
    text.chars().all(|character| match u8::try_from(character) {
        Ok(byte) if ESCAPED[byte as usize] => push_escape(out, byte, end),
        _ => {
            let fits = out.len() + character.len_utf8() <= end;
            if fits {
                out.push(character);
            }
            fits
        }
    })
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
        for length in 0..200 {
            for place in 0..length {
                let mut bytes = vec![0x80 + b'"'; length];
                bytes[place..].fill(b'\\');
                assert_eq!(first_escaped(&bytes), place);
            }
            assert_eq!(first_escaped(&vec![b'x'; length]), length);
        }
    }
}
