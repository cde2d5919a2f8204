//! Text inside a JSON string.

/// How a byte is written: as it is, or as one of the escapes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Plain,
    /// A backslash and this byte.
    Short(u8),
    /// `\u00` and two hex digits.
    Control,
    /// U+0000, which the API does not take: U+FFFD stands for it.
    Nul,
}

impl Form {
    const fn of(byte: u8) -> Self {
        match byte {
            0 => Self::Nul,
            b'"' | b'\\' => Self::Short(byte),
            b'\n' => Self::Short(b'n'),
            b'\r' => Self::Short(b'r'),
            b'\t' => Self::Short(b't'),
            1..0x20 => Self::Control,
            _ => Self::Plain,
        }
    }

    const fn len(self) -> usize {
        match self {
            Self::Plain => 1,
            Self::Short(_) => 2,
            Self::Nul => 3,
            Self::Control => 6,
        }
    }

    fn write(self, byte: u8, out: &mut Vec<u8>) {
        match self {
            Self::Plain => out.push(byte),
            Self::Short(letter) => out.extend_from_slice(&[b'\\', letter]),
            Self::Nul => out.extend_from_slice("\u{fffd}".as_bytes()),
            Self::Control => {
                let low = byte & 0xf;
                let low = if low < 10 { b'0' + low } else { b'a' + low - 10 };
                out.extend_from_slice(&[b'\\', b'u', b'0', b'0', b'0' + (byte >> 4), low]);
            }
        }
    }
}

/// One look-up a byte. Most texts hold nothing to escape, and are copied in one piece.
const FORMS: [Form; 256] = {
    let mut forms = [Form::Plain; 256];
    let mut byte = 0_u8;
    while byte < 0x80 {
        forms[byte as usize] = Form::of(byte);
        byte += 1;
    }
    forms
};

/// Writes what stands between the quotes.
pub(crate) fn push_escaped(out: &mut Vec<u8>, text: &str) {
    let bytes = text.as_bytes();
    let mut copied = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        let form = FORMS[usize::from(byte)];
        if form != Form::Plain {
            out.extend_from_slice(&bytes[copied..index]);
            form.write(byte, out);
            copied = index + 1;
        }
    }
    out.extend_from_slice(&bytes[copied..]);
}

/// How many bytes [`push_escaped`] writes.
pub(crate) fn escaped_len(text: &str) -> usize {
    text.bytes().map(|byte| FORMS[usize::from(byte)].len()).sum()
}

/// The longest start of `text` that [`push_escaped`] writes in `limit` bytes at most.
pub(crate) fn escaped_prefix(text: &str, limit: usize) -> &str {
    let mut used = 0;
    for (index, letter) in text.char_indices() {
        let end = index + letter.len_utf8();
        used += escaped_len(&text[index..end]);
        if used > limit {
            return &text[..index];
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn escaped(text: &str) -> String {
        let mut out = Vec::new();
        push_escaped(&mut out, text);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nul_becomes_the_replacement_character() {
        assert_eq!(escaped("a\0b"), "a\u{fffd}b");
    }

    proptest! {
        #[test]
        fn any_text_is_read_back_as_it_was(text in any::<String>()) {
            let written = escaped(&text);
            prop_assert_eq!(written.len(), escaped_len(&text));
            let read: String = serde_json::from_str(&format!("\"{written}\"")).unwrap();
            prop_assert_eq!(read, text.replace('\0', "\u{fffd}"));
        }

        #[test]
        fn a_prefix_fits_its_limit_and_could_not_be_longer(text in any::<String>(), limit in 0_usize..64) {
            let prefix = escaped_prefix(&text, limit);
            prop_assert!(escaped_len(prefix) <= limit);
            if let Some(next) = text[prefix.len()..].chars().next() {
                let longer = format!("{prefix}{next}");
                prop_assert!(escaped_len(&longer) > limit);
            }
        }
    }
}
