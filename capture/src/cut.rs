//! Provides the beginning of a text, for what looks no further.

/// At most this many bytes of a text, ending between characters.
pub(crate) fn at_most(text: &str, bytes: usize) -> &str {
    if text.len() <= bytes {
        return text;
    }
    // A character has at most four bytes.
    (0..4).find_map(|less| text.get(..bytes.checked_sub(less)?)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::at_most;

    #[test]
    fn a_text_is_cut_between_characters() {
        for (text, bytes, wanted) in
            [("abc", 5, "abc"), ("abc", 2, "ab"), ("aé", 2, "a"), ("𝄞", 3, ""), ("é", 1, "")]
        {
            assert_eq!(at_most(text, bytes), wanted, "{text} {bytes}");
        }
    }
}
