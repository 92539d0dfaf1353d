//! Provides texts for property tests: words and junk of a format in any order.

use proptest::prelude::*;

/// Texts made of these words, of white space and of any characters.
pub(crate) fn soup(words: &'static [&'static str]) -> impl Strategy<Value = String> {
    let word = prop_oneof![
        6 => proptest::sample::select(words).prop_map(str::to_owned),
        2 => proptest::sample::select(&[" ", "  ", "\n", "\r\n", "\t", ":", ",", "\""][..])
            .prop_map(str::to_owned),
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => any::<String>(),
    ];
    proptest::collection::vec(word, 0..60).prop_map(|words| words.concat())
}
