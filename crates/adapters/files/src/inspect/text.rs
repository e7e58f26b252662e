//! Text, and text that a browser or a shell would run.

/// Whether a stream is text in UTF-8 without control characters, piece by piece.
#[derive(Debug, Default)]
pub(super) struct TextCheck {
    /// The beginning of a character whose rest is in the next piece; at most three bytes.
    begun: Vec<u8>,
    is_broken: bool,
}

impl TextCheck {
    pub(super) fn read(&mut self, piece: &[u8]) {
        if self.is_broken {
            return;
        }
        let joined;
        let bytes = if self.begun.is_empty() {
            piece
        } else {
            joined = [self.begun.as_slice(), piece].concat();
            &joined
        };
        let (good, rest) = match std::str::from_utf8(bytes) {
            Ok(text) => (text, &[][..]),
            Err(error) => {
                let (good, rest) = bytes.split_at(error.valid_up_to());
                // A fault of known length is one; without, the character may still be completed.
                self.is_broken |= error.error_len().is_some();
                (std::str::from_utf8(good).unwrap_or_default(), rest)
            }
        };
        self.is_broken |= good.chars().any(is_no_text);
        self.begun = rest.to_vec();
    }

    /// Whether nothing has come that is no text.
    pub(super) const fn is_text_so_far(&self) -> bool {
        !self.is_broken
    }

    /// Whether it is text, all of it.
    pub(super) fn is_text(&self) -> bool {
        !self.is_broken && self.begun.is_empty()
    }
}

/// Control characters but for white space.
fn is_no_text(letter: char) -> bool {
    letter.is_control() && !matches!(letter, '\t' | '\n' | '\r' | '\u{c}' | '\u{85}')
}

/// How pages, drawings and scripts begin. In lower case.
const ACTIVE: [&[u8]; 12] = [
    b"<!doctype",
    b"<html",
    b"<head",
    b"<body",
    b"<script",
    b"<iframe",
    b"<svg",
    b"<?xml",
    b"<?php",
    b"<!--",
    b"<%",
    b"#!",
];

/// Whether a text begins like something that is run rather than read.
pub(super) fn is_active(head: &[u8]) -> bool {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    ACTIVE.iter().any(|beginning| {
        head.get(..beginning.len()).is_some_and(|start| start.eq_ignore_ascii_case(beginning))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_text(pieces: &[&[u8]]) -> bool {
        let mut check = TextCheck::default();
        pieces.iter().for_each(|piece| check.read(piece));
        check.is_text()
    }

    #[test]
    fn text_is_utf_8_without_control_characters() {
        let cases: [(&[u8], bool); 9] = [
            (b"plain\r\n\ttext\x0c", true),
            ("žluťoučký kůň 👩\u{200D}🚀".as_bytes(), true),
            (b"\xef\xbb\xbfwith a mark", true),
            (b"a\0b", false),
            (b"a\x1b[31mred", false),
            (b"caf\xe9", false),
            (b"\xff\xfea\0", false),
            (b"cut \xc3", false),
            (b"\xed\xa0\x80", false),
        ];
        for (bytes, expected) in cases {
            assert_eq!(is_text(&[bytes]), expected, "{bytes:?}");
        }
    }

    #[test]
    fn characters_may_be_cut_by_pieces() {
        let bytes = "aé漢🚀z".as_bytes();
        for size in 1..=bytes.len() {
            let pieces: Vec<&[u8]> = bytes.chunks(size).collect();
            assert!(is_text(&pieces), "{size}");
        }
        assert!(!is_text(&[b"\xc3", b"x"]));
    }

    #[test]
    fn what_would_be_run_is_noticed() {
        for text in [
            "<!DOCTYPE html><p>",
            " \n<Svg onload=x>",
            "\u{feff}<html>",
            "#!/bin/sh",
            "<?xml version=\"1.0\"?>",
        ] {
            assert!(is_active(text.as_bytes()), "{text}");
        }
        for text in ["Dear <name>,", "a <script> in the middle", "# Heading", "", "<3"] {
            assert!(!is_active(text.as_bytes()), "{text}");
        }
    }
}
