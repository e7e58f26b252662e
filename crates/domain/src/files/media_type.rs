//! What a file may be.

use crate::machine::word_enum;

word_enum!(
    /// The closed set of types that are taken. The word is the MIME type, on the wire and in storage.
    MediaType {
        /// Portable Document Format.
        Pdf = "application/pdf",
        /// Word, Office Open XML.
        Docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        /// Portable Network Graphics.
        Png = "image/png",
        /// JPEG.
        Jpeg = "image/jpeg",
        /// WebP.
        WebP = "image/webp",
        /// GIF.
        Gif = "image/gif",
        /// ZIP archive.
        Zip = "application/zip",
        /// Plain text in UTF-8.
        Text = "text/plain",
    }
);

impl MediaType {
    /// The extensions that fit, in lower case, the usual one first.
    #[must_use]
    pub const fn extensions(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Docx => &["docx"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg", "jpe", "jfif"],
            Self::WebP => &["webp"],
            Self::Gif => &["gif"],
            Self::Zip => &["zip"],
            Self::Text => &["txt", "text", "md", "csv", "tsv", "log"],
        }
    }

    /// The usual extension.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self.extensions() {
            [usual, ..] => usual,
            [] => "",
        }
    }

    /// What people call it.
    #[must_use]
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Pdf => "a PDF document",
            Self::Docx => "a Word document",
            Self::Png => "a PNG picture",
            Self::Jpeg => "a JPEG picture",
            Self::WebP => "a WebP picture",
            Self::Gif => "a GIF picture",
            Self::Zip => "a ZIP archive",
            Self::Text => "plain text",
        }
    }

    /// Whether a picture of a person can be made of it.
    #[must_use]
    pub const fn can_be_avatar(self) -> bool {
        match self {
            Self::Png | Self::Jpeg | Self::WebP => true,
            Self::Pdf | Self::Docx | Self::Gif | Self::Zip | Self::Text => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_extension_means_two_types() {
        let mut seen = BTreeSet::new();
        for kind in MediaType::ALL {
            assert_eq!(kind.extensions().first(), Some(&kind.extension()));
            for extension in kind.extensions() {
                assert!(seen.insert(*extension), "{extension}");
                assert_eq!(*extension, extension.to_ascii_lowercase());
            }
        }
    }

    #[test]
    fn words_go_round() {
        for kind in MediaType::ALL {
            assert_eq!(MediaType::from_word(kind.as_str()), Some(*kind));
        }
        assert_eq!(MediaType::from_word("text/html"), None);
    }
}
