//! What a file is called when it is downloaded.
//!
//! A name is cleaned rather than refused: people do not choose what their camera calls a picture. Only
//! an extension that says something else than the bytes is refused, because then somebody is being
//! misled. What a name is never used for is a path of ours ([`super::StorageKey`]).

use thiserror::Error;
use unicode_normalization::UnicodeNormalization;

use super::MediaType;

/// A name that can be saved under on any system: no parts of a path, no control characters, nothing
/// that is invisible or turns the direction of writing around, no device of Windows, and with an
/// extension that fits the file's type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName(String);

/// Why a name was refused.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NameFault {
    /// The extension belongs to another type.
    #[error("The name ends in .{extension}, but the file is {}", .media_type.noun())]
    OtherType {
        /// As it was given, in lower case.
        extension: String,
        /// What the bytes say.
        media_type: MediaType,
    },
    /// A stored name that this program would have cleaned.
    #[error("is no clean file name")]
    Unclean,
}

/// What a file is called whose name has nothing left to show.
const NAMELESS: &str = "file";
/// Longer ones belong to no type that is taken, and are part of the name.
const EXTENSION_MAX_CHARS: usize = 8;

impl FileName {
    /// The most characters that a name has.
    pub const MAX_CHARS: usize = 200;

    /// Cleans the name under which somebody sent a file of this type. Without an extension it gets
    /// the type's own.
    ///
    /// # Errors
    /// [`NameFault::OtherType`].
    pub fn for_content(raw: &str, media_type: MediaType) -> Result<Self, NameFault> {
        let (stem, extension) = split(cleaned(raw));
        let extension = match extension {
            None => media_type.extension().to_owned(),
            Some(given) if fits(&given, media_type) => given,
            Some(given) => {
                return Err(NameFault::OtherType { extension: given.to_ascii_lowercase(), media_type });
            }
        };
        let room = Self::MAX_CHARS.saturating_sub(extension.len().saturating_add(1));
        let stem = usable(&stem, room);
        Ok(Self(format!("{stem}.{extension}")))
    }

    /// Reads what [`for_content`](Self::for_content) made.
    ///
    /// # Errors
    /// [`NameFault::Unclean`] for any other text.
    pub fn parse(text: &str, media_type: MediaType) -> Result<Self, NameFault> {
        match Self::for_content(text, media_type) {
            Ok(name) if name.0 == text => Ok(name),
            Ok(_) | Err(_) => Err(NameFault::Unclean),
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn fits(extension: &str, media_type: MediaType) -> bool {
    media_type.extensions().iter().any(|known| known.eq_ignore_ascii_case(extension))
}

/// The last part of a path, normalised, without what cannot be seen or saved.
fn cleaned(raw: &str) -> String {
    let last = raw.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut text = String::with_capacity(last.len());
    // Hidden first: without it two letters may be one.
    for letter in last.chars().filter(|letter| !is_hidden(*letter)).nfc() {
        match letter {
            '<' | '>' | ':' | '"' | '|' | '?' | '*' => text.push('_'),
            white if white.is_whitespace() => {
                if !text.ends_with(' ') {
                    text.push(' ');
                }
            }
            other => text.push(other),
        }
    }
    trimmed(&text).to_owned()
}

/// Dots in front hide a file, dots and spaces at the end are lost on Windows.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '.'])
}

/// Control characters, and characters of no width: among them those that turn the direction of
/// writing around, so that `gnp.exe` reads as `exe.png`.
fn is_hidden(letter: char) -> bool {
    (letter.is_control() && !letter.is_whitespace())
        || matches!(letter, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' | '\u{E0000}'..='\u{E0FFF}')
}

/// The stem, and the extension if there is one: `Report v1.2` has none, its last part is a number.
fn split(name: String) -> (String, Option<String>) {
    let Some((stem, last)) = name.rsplit_once('.') else { return (name, None) };
    let is_extension = (1..=EXTENSION_MAX_CHARS).contains(&last.len())
        && last.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && last.bytes().any(|byte| byte.is_ascii_alphabetic());
    if is_extension { (stem.to_owned(), Some(last.to_owned())) } else { (name, None) }
}

/// A stem of at most `room` characters that is something, and no device.
fn usable(stem: &str, room: usize) -> String {
    let stem = match trimmed(stem) {
        "" => NAMELESS.to_owned(),
        device if is_device(device) => format!("_{device}"),
        other => other.to_owned(),
    };
    let cut: String = stem.chars().take(room).collect();
    trimmed(&cut).to_owned()
}

/// Names that mean a device on Windows, whatever comes after their first dot.
fn is_device(stem: &str) -> bool {
    let first = stem.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    let is_numbered = |prefix: &str| {
        let number = first.strip_prefix(prefix).and_then(|rest| {
            let mut letters = rest.chars();
            letters.next().filter(|_| letters.next().is_none())
        });
        number.is_some_and(|letter| letter.is_ascii_digit() || "¹²³".contains(letter))
    };
    matches!(first.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$" | "CLOCK$")
        || is_numbered("COM")
        || is_numbered("LPT")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_cleaned() {
        let cases = [
            ("research-outline.pdf", "research-outline.pdf"),
            ("Report.PDF", "Report.PDF"),
            ("../../etc/passwd.pdf", "passwd.pdf"),
            ("C:\\Users\\ada\\thesis.pdf", "thesis.pdf"),
            ("/etc/", "file.pdf"),
            ("", "file.pdf"),
            ("...", "file.pdf"),
            (".pdf", "pdf.pdf"),
            ("a\0b\r\nc.pdf", "ab c.pdf"),
            ("a\u{202E}fdp.b.pdf", "afdp.b.pdf"),
            ("thesis\u{200B}.pdf", "thesis.pdf"),
            ("thesis.p\u{200D}df", "thesis.pdf"),
            ("e\u{301}te\u{301}.pdf", "été.pdf"),
            ("смета 2024.pdf", "смета 2024.pdf"),
            ("a<b>c:d\"e|f?g*h.pdf", "a_b_c_d_e_f_g_h.pdf"),
            ("  two   words  .pdf", "two words.pdf"),
            ("thesis.pdf. . ", "thesis.pdf"),
            ("CON.pdf", "_CON.pdf"),
            ("con.tar.pdf", "_con.tar.pdf"),
            ("lpt1.pdf", "_lpt1.pdf"),
            ("COM².pdf", "_COM².pdf"),
            ("console.pdf", "console.pdf"),
            ("com10.pdf", "com10.pdf"),
            ("README", "README.pdf"),
            ("Report v1.2", "Report v1.2.pdf"),
            ("setup.exe.pdf", "setup.exe.pdf"),
            (".htaccess", "htaccess.pdf"),
        ];
        for (raw, expected) in cases {
            let name = FileName::for_content(raw, MediaType::Pdf).unwrap();
            assert_eq!(name.as_str(), expected, "{raw:?}");
        }
    }

    #[test]
    fn the_extension_must_fit_the_content() {
        let cases = [
            ("a.jpeg", MediaType::Jpeg, true),
            ("a.JPG", MediaType::Jpeg, true),
            ("notes.md", MediaType::Text, true),
            ("a.png", MediaType::Text, false),
            ("page.html", MediaType::Text, false),
            ("a.png.html", MediaType::Png, false),
            ("a.docx", MediaType::Zip, false),
            ("a.zip", MediaType::Docx, false),
            ("a.xlsx", MediaType::Zip, false),
            ("a.p\u{202E}ng", MediaType::Text, false),
        ];
        for (raw, media_type, fits) in cases {
            assert_eq!(FileName::for_content(raw, media_type).is_ok(), fits, "{raw} {media_type}");
        }
        let fault = FileName::for_content("A.PNG", MediaType::Pdf).unwrap_err();
        assert_eq!(fault.to_string(), "The name ends in .png, but the file is a PDF document");
    }

    #[test]
    fn long_names_are_cut_before_their_extension() {
        let name = FileName::for_content(&format!("{}.pdf", "ä".repeat(500)), MediaType::Pdf).unwrap();
        assert_eq!(name.as_str().chars().count(), FileName::MAX_CHARS);
        assert!(name.as_str().ends_with("ä.pdf"));
        let spaced = format!("{} {}.pdf", "a".repeat(195), "b".repeat(9));
        let name = FileName::for_content(&spaced, MediaType::Pdf).unwrap();
        assert_eq!(name.as_str(), format!("{}.pdf", "a".repeat(195)), "no space is left before the dot");
    }

    #[test]
    fn a_stored_name_is_a_clean_one() {
        assert!(FileName::parse("thesis.pdf", MediaType::Pdf).is_ok());
        for text in ["a/thesis.pdf", "thesis", "thesis.png", " thesis.pdf", "CON.pdf", ""] {
            assert_eq!(FileName::parse(text, MediaType::Pdf), Err(NameFault::Unclean), "{text}");
        }
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(raw in any::<String>(), index in 0..MediaType::ALL.len()) {
            let media_type = MediaType::ALL[index];
            if let Ok(name) = FileName::for_content(&raw, media_type) {
                prop_assert_eq!(FileName::parse(name.as_str(), media_type), Ok(name.clone()));
                prop_assert!(name.as_str().chars().count() <= FileName::MAX_CHARS);
                prop_assert!(!name.as_str().contains(['/', '\\', '"']));
                prop_assert!(!name.as_str().chars().any(char::is_control));
                prop_assert!(!name.as_str().starts_with('.'));
            }
        }

        #[test]
        fn tricky_names_are_stable(raw in "[a.~ /\\\\\u{202E}\u{200B}é\u{301}CON]{0,24}(\\.(pdf|PDF|exe))?") {
            if let Ok(name) = FileName::for_content(&raw, MediaType::Pdf) {
                prop_assert_eq!(FileName::parse(name.as_str(), MediaType::Pdf), Ok(name));
            }
        }
    }
}
