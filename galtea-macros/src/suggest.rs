//! Finds the word that was probably meant.

use std::fmt::Display;
use std::mem;

/// The candidate that `word` is a slip of the keyboard away from, if there is one.
///
/// A third of the letters may be wrong, and one always may. Of two equally near candidates the first wins.
pub(crate) fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    let near = candidates.into_iter().map(|candidate| (distance(word, candidate), candidate));
    near.filter(|&(steps, candidate)| steps <= allowed && steps < candidate.chars().count())
        .min_by_key(|&(steps, _)| steps)
        .map(|(_, candidate)| candidate)
}

/// `` `a`, `b`, `c` ``
pub(crate) fn list<T: Display>(words: impl IntoIterator<Item = T>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// How many letters must be put in, taken out, changed, or swapped with their neighbour, to get from `a` to `b`.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let differ = usize::from(a[i - 1] != b[j - 1]);
            let mut steps = (last[j - 1] + differ).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                steps = steps.min(before[j - 2] + 1);
            }
            row.push(steps);
        }
        before = mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_one_letter_more_less_changed_or_swapped() {
        for (a, b, steps) in
            [("", "", 0), ("", "ab", 2), ("tool", "tool", 0), ("tol", "tool", 1), ("tooll", "tool", 1)]
        {
            assert_eq!((distance(a, b), distance(b, a)), (steps, steps), "{a} {b}");
        }
        assert_eq!(distance("toll", "tool"), 1);
        assert_eq!(distance("otol", "tool"), 1);
        assert_eq!(distance("retrieval", "retriever"), 2);
    }

    #[test]
    fn the_nearest_word_wins_and_a_far_one_never_does() {
        assert_eq!(nearest("queri", ["query", "queries"]), Some("query"));
        assert_eq!(nearest("limit", ["query", "db"]), None);
        assert_eq!(nearest("x", ["y"]), None, "one letter says nothing about another");
        assert_eq!(nearest("anything", []), None);
    }

    #[test]
    fn letters_are_counted_not_bytes() {
        assert_eq!(distance("größe", "grösse"), 2);
        assert_eq!(nearest("größ", ["größe"]), Some("größe"));
    }
}
