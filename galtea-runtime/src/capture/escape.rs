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

#[expect(clippy::needless_bitwise_bool, reason = "a branch would keep lanes from becoming vectors")]
const fn is_escaped(byte: u8) -> bool {
    (byte < 0x20) | (byte == b'"') | (byte == b'\\') | (byte == 0x7f)
}

/// Whether `name` has only lower-case letters, and so is one word.
pub(super) fn is_plain(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// Whether `text` can stand between JSON quotes as it is.
#[inline]
pub(super) fn is_clean(text: &str) -> bool {
    let bytes = text.as_bytes();
    match (bytes.first_chunk::<WORD>(), bytes.last_chunk::<WORD>()) {
        _ if bytes.len() > 2 * WORD => first_escaped_by_words(bytes) == bytes.len(),
        (Some(start), Some(end)) => {
            escaped_in_word(u64::from_le_bytes(*start)) | escaped_in_word(u64::from_le_bytes(*end)) == 0
        }
        _ => escaped_in_word(short_word(bytes)) == 0,
    }
}

/// All of up to seven bytes, some of them twice, filled up with `a`.
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

/// Highest bits of the bytes to escape. The lowest one is exact; those above it may come from its borrow.
///
/// For bytes below 128, a subtraction borrows into the highest bit where the byte is too small. `^ 2` puts the quote right
/// behind the control characters; `+ 1` takes 127 to 128, and no byte of UTF-8 is 255 and would carry.
#[inline]
fn escaped_in_word(word: u64) -> u64 {
    let control_or_quote = (word ^ (ONES * 2)).wrapping_sub(ONES * 0x21);
    let backslash = (word ^ (ONES * 0x5c)).wrapping_sub(ONES);
    let delete = word.wrapping_add(ONES);
    (control_or_quote | backslash | delete) & !word & HIGHEST_BITS
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

fn push_all_escaped(out: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let mut start = 0;
    loop {
        let at = start + next_escaped(&bytes[start..]);
        out.push_str(&text[start..at]);
        let Some(&byte) = bytes.get(at) else { return };
        push_escape(out, byte);
        start = at + 1;
    }
}

/// As [`first_escaped`], for text in which escapes stand close together.
#[inline]
fn next_escaped(bytes: &[u8]) -> usize {
    match bytes.first_chunk::<WORD>().map(|word| escaped_in_word(u64::from_le_bytes(*word))) {
        Some(0) => WORD + first_escaped(&bytes[WORD..]),
        Some(found) => found.trailing_zeros() as usize / 8,
        None => first_escaped_by_table(bytes),
    }
}

/// Character by character, when the end is near.
fn push_last(out: &mut String, text: &str, end: usize) -> bool {
    text.chars().all(|character| {
        let escaped = u8::try_from(character).ok().filter(|&byte| ESCAPED[usize::from(byte)]);
        let fits = out.len() + escaped.map_or(character.len_utf8(), escape_len) <= end;
        match escaped {
            _ if !fits => {}
            Some(byte) => push_escape(out, byte),
            None => out.push(character),
        }
        fits
    })
}

/// Each piece is a constant, whose length the compiler knows.
fn push_escape(out: &mut String, byte: u8) {
    match byte {
        b'"' => out.push_str("\\\""),
        b'\\' => out.push_str("\\\\"),
        b'\n' => out.push_str("\\n"),
        b'\r' => out.push_str("\\r"),
        b'\t' => out.push_str("\\t"),
        8 => out.push_str("\\b"),
        12 => out.push_str("\\f"),
        // Not every database behind an API can hold a NUL.
        0 => out.push(char::REPLACEMENT_CHARACTER),
        _ => {
            out.push_str(if byte < 16 {
                "\\u000"
            } else if byte < 32 {
                "\\u001"
            } else {
                "\\u007"
            });
            out.push(char::from(b"0123456789abcdef"[usize::from(byte & 15)]));
        }
    }
}

fn escape_len(byte: u8) -> usize {
    match byte {
        b'"' | b'\\' | b'\n' | b'\r' | b'\t' | 8 | 12 => 2,
        0 => char::REPLACEMENT_CHARACTER.len_utf8(),
        _ => LONGEST,
    }
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
