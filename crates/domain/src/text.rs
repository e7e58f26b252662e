//! What a stored text may be (contract §2, "Strings").
//!
//! A text is trimmed, in Unicode normalisation form C, without NUL or other control characters,
//! and no longer than its stated maximum in characters. Long texts may have line breaks and tabs.

use thiserror::Error;
use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Why a text was refused. The message is fit for the person who typed it.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextError {
    /// Nothing is left after trimming.
    #[error("must not be empty")]
    Empty,
    /// More characters than the field takes.
    #[error("must have at most {max} characters")]
    TooLong {
        /// The field's maximum in characters (Unicode scalar values after normalisation).
        max: usize,
    },
    /// NUL or another control character, one that turns the direction of writing around, or a code
    /// point that is no character at all.
    #[error("must not contain control characters")]
    ControlCharacter,
    /// Nothing in it can be seen.
    #[error("must contain a visible character")]
    Invisible,
}

/// Whether a text may have more than one line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lines {
    /// A name or a title: no line breaks, no tabs.
    Single,
    /// A description or a message: line breaks and tabs are fine.
    Multiple,
}

/// Cleans `raw` and checks it against the rules above. An empty result is an error here;
/// optional fields use [`clean_optional`].
///
/// # Errors
/// [`TextError`], in the order control character, too long, invisible, empty.
pub fn clean(raw: &str, max_chars: usize, lines: Lines) -> Result<String, TextError> {
    match clean_optional(raw, max_chars, lines)? {
        Some(text) => Ok(text),
        None => Err(TextError::Empty),
    }
}

/// Like [`clean`], with `None` where nothing is left after trimming.
///
/// # Errors
/// [`TextError::ControlCharacter`], [`TextError::TooLong`] and [`TextError::Invisible`].
pub fn clean_optional(raw: &str, max_chars: usize, lines: Lines) -> Result<Option<String>, TextError> {
    let allowed = |c: char| match c {
        '\n' | '\r' | '\t' | '\u{2028}' | '\u{2029}' => lines == Lines::Multiple,
        // They turn the direction of writing around: a name could be made to read as another one.
        '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => false,
        other => !other.is_control() && !is_noncharacter(other),
    };
    let trimmed = raw.trim();
    if !trimmed.chars().all(allowed) {
        return Err(TextError::ControlCharacter);
    }
    let text = match is_nfc_quick(trimmed.chars()) {
        IsNormalized::Yes => trimmed.to_owned(),
        IsNormalized::No | IsNormalized::Maybe => trimmed.nfc().collect(),
    };
    if text.chars().count() > max_chars {
        return Err(TextError::TooLong { max: max_chars });
    }
    if !text.is_empty() && text.chars().all(is_invisible) {
        return Err(TextError::Invisible);
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Code points that Unicode will never give a meaning, such as U+FFFE.
fn is_noncharacter(c: char) -> bool {
    matches!(c, '\u{FDD0}'..='\u{FDEF}') || u32::from(c) & 0xFFFE == 0xFFFE
}

/// White space, and characters that take no room: joiners, marks of direction, byte order marks,
/// selectors and marks that combine with a letter that is not there.
fn is_invisible(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
        || is_combining_mark(c)
}

/// Defines a newtype over a cleaned text of one line or more.
macro_rules! text_type {
    ($(#[$doc:meta])* $name:ident, $max:expr, $lines:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub struct $name(String);

        impl $name {
            /// The most characters that it may have.
            pub const MAX_CHARS: usize = $max;

            /// Cleans and checks a text that somebody typed.
            ///
            /// # Errors
            /// See [`TextError`](crate::text::TextError).
            pub fn parse(raw: &str) -> Result<Self, $crate::text::TextError> {
                $crate::text::clean(raw, Self::MAX_CHARS, $lines).map(Self)
            }

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
    };
}
pub(crate) use text_type;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_trimmed_normalised_and_bounded() {
        let cases = [
            ("  Ada  ", Lines::Single, Ok("Ada".to_owned())),
            ("e\u{301}", Lines::Single, Ok("é".to_owned())),
            ("", Lines::Single, Err(TextError::Empty)),
            (" \t ", Lines::Single, Err(TextError::Empty)),
            ("a\0b", Lines::Multiple, Err(TextError::ControlCharacter)),
            ("a\nb", Lines::Single, Err(TextError::ControlCharacter)),
            ("a\n\tb", Lines::Multiple, Ok("a\n\tb".to_owned())),
            ("a\u{85}b", Lines::Multiple, Err(TextError::ControlCharacter)),
            ("\u{200B}", Lines::Single, Err(TextError::Invisible)),
            ("\u{FEFF} \u{200D}", Lines::Multiple, Err(TextError::Invisible)),
            ("\u{301}\u{301}", Lines::Single, Err(TextError::Invisible)),
            ("a\u{2028}b", Lines::Single, Err(TextError::ControlCharacter)),
            ("a\u{2028}b", Lines::Multiple, Ok("a\u{2028}b".to_owned())),
            ("\u{FFFE}\u{200B}", Lines::Multiple, Err(TextError::ControlCharacter)),
            ("a\u{10FFFF}", Lines::Multiple, Err(TextError::ControlCharacter)),
            ("Ada\u{202E}nimdA", Lines::Multiple, Err(TextError::ControlCharacter)),
            ("👩\u{200D}🚀", Lines::Single, Ok("👩\u{200D}🚀".to_owned())),
            ("abcdefghij", Lines::Single, Ok("abcdefghij".to_owned())),
            ("abcdefghijk", Lines::Single, Err(TextError::TooLong { max: 10 })),
        ];
        for (raw, lines, expected) in cases {
            assert_eq!(clean(raw, 10, lines), expected, "{raw:?}");
        }
    }

    #[test]
    fn length_is_counted_in_characters_after_normalisation() {
        let raw = "e\u{301}".repeat(10);
        assert_eq!(clean(&raw, 10, Lines::Single), Ok("é".repeat(10)));
    }

    #[test]
    fn an_optional_text_may_be_blank() {
        assert_eq!(clean_optional("   ", 10, Lines::Single), Ok(None));
    }
}
