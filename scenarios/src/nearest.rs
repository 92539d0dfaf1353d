//! Provides the known word that a misspelt one comes closest to.

/// Shorter beginnings are shared by too many words.
const MIN_BEGINNING: usize = 4;

/// The one of `known` that was meant: the first that begins so, else the nearest where at most a
/// third of the letters differ (one in short words).
pub(crate) fn nearest<'k>(word: &str, known: &[&'k str]) -> Option<&'k str> {
    let begun = known.iter().find(|k| word.len() >= MIN_BEGINNING && k.starts_with(word));
    if let Some(whole) = begun {
        return Some(whole);
    }
    let allowed = (word.chars().count() / 3).max(1);
    known
        .iter()
        .map(|k| (distance(word, k), *k))
        .filter(|(d, _)| *d <= allowed)
        .min_by_key(|(d, _)| *d)
        .map(|(_, k)| k)
}

/// How many letters must be put in, taken out or changed to make `b` of `a` (Levenshtein).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_slip_of_the_pen_is_taken_for_a_word() {
        let known = ["duration", "close", "path", "timeout", "port-a", "port-b"];
        for (word, meant, why) in [
            ("durration", Some("duration"), "a letter too many"),
            ("duraton", Some("duration"), "a letter too few"),
            ("Path", Some("path"), "a capital"),
            ("time_out", Some("timeout"), "an underscore"),
            ("dura", Some("duration"), "only its beginning"),
            ("port", Some("port-a"), "the beginning of two: the first"),
            ("clo", None, "too little of a beginning"),
            ("colour", None, "another word"),
            ("", None, "nothing at all"),
        ] {
            assert_eq!(nearest(word, &known), meant, "{word}: {why}");
        }
    }
}
