//! The user's words, made safe for a terminal and fitted to columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters without width that may follow one another in a row; more are no writing but a prank.
const MARKS_IN_A_ROW: usize = 4;

/// How many columns `text` takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// `text` in one line of at most `columns` columns; what is cut off leaves a `…`.
pub(super) fn one_line(text: &str, columns: usize) -> String {
    let mut chars = visible(text).peekable();
    let line = take_columns(&mut chars, columns);
    if chars.peek().is_none() {
        return line;
    }
    let mut cut = take_columns(&mut visible(text).peekable(), columns.saturating_sub(1));
    cut.push('…');
    cut
}

/// `text` in lines of at most `columns` columns, broken between words where that is possible. Its own line breaks are
/// kept, its blank lines are not. At most `limit` lines; when that is not all, the last one ends in `…`.
pub(super) fn wrap(text: &str, columns: usize, limit: usize) -> Vec<String> {
    let columns = columns.max(2);
    let mut lines = Vec::new();
    for paragraph in text.lines().filter(|line| !line.trim().is_empty()) {
        wrap_paragraph(paragraph.trim_end(), columns, limit + 1, &mut lines);
        if lines.len() > limit {
            lines.truncate(limit);
            mark_as_cut(&mut lines, columns);
            break;
        }
    }
    lines
}

fn wrap_paragraph(text: &str, columns: usize, limit: usize, lines: &mut Vec<String>) {
    let mut chars = visible(text).peekable();
    let mut line = String::new();
    while lines.len() < limit {
        line.push_str(&take_columns(&mut chars, columns.saturating_sub(width(&line))));
        if chars.peek().is_none() {
            lines.push(line);
            return;
        }
        let rest = if chars.next_if_eq(&' ').is_some() { String::new() } else { split_last_word(&mut line) };
        line.truncate(line.trim_end().len());
        lines.push(std::mem::replace(&mut line, rest));
    }
}

/// Takes the word begun at the end of `line` out of it. A word as long as the line stays: it has to be broken anyway.
fn split_last_word(line: &mut String) -> String {
    match line.rfind(' ') {
        Some(space) if !line[..space].trim().is_empty() => {
            let word = line[space + 1..].to_owned();
            line.truncate(space);
            word
        }
        _ => String::new(),
    }
}

fn mark_as_cut(lines: &mut [String], columns: usize) {
    if let Some(last) = lines.last_mut() {
        *last = one_line(&format!("{last} …"), columns);
    }
}

fn take_columns(chars: &mut std::iter::Peekable<impl Iterator<Item = char>>, columns: usize) -> String {
    let mut line = String::new();
    while let Some(&next) = chars.peek() {
        line.push(next);
        // Of the whole line: joined and modified characters take less room than their parts.
        if width(&line) > columns {
            line.pop();
            break;
        }
        chars.next();
    }
    line
}

/// The characters of `text` that may go to a terminal: nothing that moves the cursor, rings, colours or hides.
fn visible(text: &str) -> impl Iterator<Item = char> {
    let mut marks = 0;
    text.chars().filter_map(harmless).filter(move |c| {
        marks = if c.width() == Some(0) { marks + 1 } else { 0 };
        marks <= MARKS_IN_A_ROW
    })
}

fn harmless(c: char) -> Option<char> {
    match c {
        '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => Some(' '),
        // Unicode has a picture for each of these, such as ␛.
        '\0'..='\x1f' => char::from_u32(0x2400 + u32::from(c)),
        '\x7f' => Some('␡'),
        '\u{80}'..='\u{9f}' => Some(char::REPLACEMENT_CHARACTER),
        // Invisible, or turning the direction of writing around.
        '\u{ad}'
        | '\u{61c}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{feff}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' => None,
        c => Some(c),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_text_stays_and_long_text_ends_in_an_ellipsis() {
        assert_eq!(one_line("fetch_user", 10), "fetch_user");
        assert_eq!(one_line("fetch_users", 10), "fetch_use…");
        assert_eq!(one_line("", 10), "");
    }

    #[test]
    fn wide_characters_are_never_cut_in_half() {
        assert_eq!(one_line("検索する", 8), "検索する");
        assert_eq!(one_line("検索する", 7), "検索す…");
        assert_eq!(one_line("検索する", 6), "検索…");
        assert_eq!(width(&one_line("🔎🔎🔎", 4)), 3);
    }

    #[test]
    fn escape_codes_become_pictures_of_themselves() {
        assert_eq!(one_line("\x1b[31mred\x07\x7f\u{9b}", 40), "␛[31mred␇␡\u{fffd}");
        assert_eq!(one_line("a\r\nb\tc", 40), "a  b c");
    }

    #[test]
    fn invisible_and_direction_changing_characters_are_left_out() {
        assert_eq!(one_line("\u{feff}user\u{202e}nimda\u{200b}", 40), "usernimda");
    }

    #[test]
    fn a_pile_of_combining_marks_is_cut_down() {
        let pile = format!("a{}b", "\u{301}".repeat(10_000));
        assert_eq!(one_line(&pile, 40), "a\u{301}\u{301}\u{301}\u{301}b");
    }

    #[test]
    fn lines_break_between_words_and_where_they_did_before() {
        assert_eq!(wrap("no such customer\n\ntry again\r\n", 10, 9), ["no such", "customer", "try again"]);
        assert_eq!(wrap("exactly ten chars", 11, 9), ["exactly ten", "chars"]);
    }

    #[test]
    fn a_word_that_is_longer_than_a_line_is_broken() {
        assert_eq!(wrap("abcdefghij", 4, 9), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a bcdefghij", 4, 9), ["a", "bcde", "fghi", "j"]);
        assert_eq!(wrap("検索検索", 5, 9), ["検索", "検索"]);
    }

    #[test]
    fn more_lines_than_allowed_end_in_an_ellipsis() {
        assert_eq!(wrap("one\ntwo\nthree", 10, 2), ["one", "two …"]);
        assert_eq!(wrap("one\ntwo", 10, 2), ["one", "two"]);
        let endless = "word ".repeat(100_000);
        assert_eq!(wrap(&endless, 9, 2), ["word word", "word wor…"]);
    }

    #[test]
    fn nothing_is_wrapped_into_nothing() {
        assert!(wrap("", 10, 3).is_empty());
        assert!(wrap("\n \n", 10, 3).is_empty());
    }
}
