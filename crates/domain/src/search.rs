//! Search in texts (contract §2, "Search"): what is sought is cut at white space and punctuation,
//! and each piece must be the beginning of some word of what is searched, without regard to case.
//!
//! Both sides are cut by the same function, so that they always agree, whatever a database thinks
//! of hyphens or of letters outside ASCII. There are no stop words and no stems.

use std::collections::BTreeSet;

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

/// The most characters that may be sought.
pub const MAX_CHARS: usize = 200;
/// The most pieces that may be sought.
pub const MAX_PIECES: usize = 10;
/// No more of a word is kept than anybody can seek.
const MAX_WORD_CHARS: usize = MAX_CHARS;

/// Why a search was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SearchError {
    /// Longer than anybody needs.
    #[error("must have at most {MAX_CHARS} characters")]
    TooLong,
    /// NUL or the like.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// More pieces than anybody needs.
    #[error("must have at most {MAX_PIECES} words")]
    TooManyPieces,
}

/// What somebody seeks: the beginnings of one to [`MAX_PIECES`] words, each once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchTerms(BTreeSet<String>);

impl SearchTerms {
    /// Reads what somebody typed; `None` where nothing is left to seek.
    ///
    /// # Errors
    /// [`SearchError`].
    pub fn parse(typed: &str) -> Result<Option<Self>, SearchError> {
        if typed.chars().count() > MAX_CHARS {
            return Err(SearchError::TooLong);
        }
        if typed.chars().any(|c| c.is_control() && !c.is_whitespace()) {
            return Err(SearchError::ControlCharacter);
        }
        let pieces = words([typed]);
        if pieces.len() > MAX_PIECES {
            return Err(SearchError::TooManyPieces);
        }
        Ok((!pieces.is_empty()).then_some(Self(pieces)))
    }

    /// The beginnings of words, in alphabetical order.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// Whether each piece is the beginning of one of these [`words`].
    #[must_use]
    pub fn match_words(&self, words: &BTreeSet<String>) -> bool {
        self.pieces().all(|piece| words.iter().any(|word| word.starts_with(piece)))
    }
}

/// The words of some texts, each once, as they are compared: in small letters, compatibility forms
/// (full width, ligatures) as the letters that they stand for.
#[must_use]
pub fn words<'a>(texts: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let cut = texts.into_iter().flat_map(|text| {
        let folded: String = text.nfkc().flat_map(char::to_lowercase).filter_map(folded).nfkc().collect();
        let words = folded.split(|c: char| !is_part_of_a_word(c)).filter(|word| !word.is_empty());
        words.map(|word| word.chars().take(MAX_WORD_CHARS).collect()).collect::<Vec<String>>()
    });
    cut.collect()
}

/// A small letter as it is compared: the two small sigmas are one, and an i has one dot.
const fn folded(c: char) -> Option<char> {
    match c {
        'ς' => Some('σ'),
        '\u{307}' => None,
        other => Some(other),
    }
}

/// Letters, digits, and marks that belong to the letter before them.
fn is_part_of_a_word(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cut(text: &str) -> Vec<String> {
        words([text]).into_iter().collect()
    }

    #[test]
    fn texts_are_cut_at_white_space_and_punctuation() {
        let table: [(&str, &[&str]); 10] = [
            ("Research Paper on Climate Change", &["change", "climate", "on", "paper", "research"]),
            ("ORD-001", &["001", "ord"]),
            ("fintech.com/a_b,c;d", &["a", "b", "c", "com", "d", "fintech"]),
            ("State-of-the-art: the art", &["art", "of", "state", "the"]),
            ("Über ÜBER u\u{308}ber", &["über"]),
            ("ΟΔΟΣ οδος İstanbul istanbul", &["istanbul", "οδοσ"]),
            ("ﬁnance Ｆｕｌｌ", &["finance", "full"]),
            ("naïve हिन्दी 中文", &["naïve", "हिन्दी", "中文"]),
            (" \t\n.,;:!?-–—\"'()", &[]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(cut(text), expected, "{text:?}");
        }
    }

    #[test]
    fn what_is_sought_has_bounds() {
        assert_eq!(SearchTerms::parse(" -- "), Ok(None));
        assert_eq!(SearchTerms::parse("a\0b"), Err(SearchError::ControlCharacter));
        assert_eq!(SearchTerms::parse(&"x".repeat(201)), Err(SearchError::TooLong));
        assert!(matches!(SearchTerms::parse(&"x".repeat(200)), Ok(Some(_))));
        assert_eq!(SearchTerms::parse("a b c d e f g h i j k"), Err(SearchError::TooManyPieces));
        assert!(
            matches!(SearchTerms::parse("a b c d e f g h i j A"), Ok(Some(_))),
            "the same piece counts once"
        );
    }

    #[test]
    fn each_piece_must_begin_a_word() {
        let words = words(["Research Paper on Climate Change", "ORD-001"]);
        let table = [
            ("climate", true),
            ("CLIM res", true),
            ("ord-001", true),
            ("ORD-00", true),
            ("imate", false),
            ("climate business", false),
            ("climates", false),
        ];
        for (typed, expected) in table {
            let terms = SearchTerms::parse(typed).unwrap().unwrap();
            assert_eq!(terms.match_words(&words), expected, "{typed:?}");
        }
    }

    proptest! {
        #[test]
        fn the_beginning_of_any_text_finds_it(text in "[a-zA-Z0-9éÜß中Ж .,/_\\-]{1,60}", chars in 1_usize..60) {
            let beginning: String = text.chars().take(chars).collect();
            let Ok(Some(terms)) = SearchTerms::parse(&beginning) else { return Ok(()) };
            prop_assert!(terms.match_words(&words([text.as_str()])), "{beginning:?} in {text:?}");
        }

        #[test]
        fn words_stay_the_words_that_they_are(text in "\\PC{0,100}") {
            for word in words([text.as_str()]) {
                prop_assert!(words([word.as_str()]).contains(&word) , "{word:?}");
            }
        }
    }
}
