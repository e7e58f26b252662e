//! Whether a secret is one that everybody knows or could guess.
//!
//! This finds examples, placeholders and keyboard patterns; it cannot prove that a secret is good. The lists
//! are kept so that a secret made by `openssl rand`, in base64 or hexadecimal, is never refused.

/// A secret with fewer different bytes than this is a pattern, not a random text.
const DIFFERENT_BYTES: usize = 8;

/// Examples from documents and tutorials, in lower case.
const PUBLISHED: &[&str] = &[
    "your-32-character-secret-key-here",
    "production-secret-key-32-characters-minimum",
    "your-jwt-secret-key",
    "your-fernet-key",
    "your-256-bit-secret",
    "a-string-secret-at-least-256-bits-long",
    "admin123",
    "password",
    "secret",
];

/// Pieces that mark a placeholder or a pattern, in lower case and without `-`, `_` and spaces.
const TELLTALE: &[&str] = &[
    "changeme",
    "changethis",
    "replaceme",
    "replacethis",
    "placeholder",
    "insecure",
    "yoursecret",
    "yourjwtsecret",
    "yourfernetkey",
    "yourkeyhere",
    "secretkeyhere",
    "supersecret",
    "charactersecretkey",
    "secretkey32",
    "characterslong",
    "charactersminimum",
    "abcdefghijklmnop",
    "0123456789",
    "1234567890",
    "qwertyuiop",
];

/// Why this secret protects nothing, in words that fit behind "it is …"; `None` when nothing is known against
/// it.
pub(super) fn weakness(secret: &str) -> Option<&'static str> {
    let lower = secret.trim().to_lowercase();
    if is_published(secret) {
        return Some("a published example");
    }
    let squeezed: String = lower.chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
    if TELLTALE.iter().any(|piece| squeezed.contains(piece)) {
        return Some("a placeholder or a well-known pattern");
    }
    let bytes = lower.as_bytes();
    let mut different = bytes.to_vec();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_BYTES {
        return Some("made of too few different characters");
    }
    if repeats(bytes) {
        return Some("a short text repeated");
    }
    None
}

/// Whether the text stands word for word in the documents, or begins like the best known placeholder.
pub(super) fn is_published(secret: &str) -> bool {
    let lower = secret.trim().to_lowercase();
    PUBLISHED.contains(&lower.as_str()) || lower.starts_with("changeme")
}

/// Whether the bytes are some piece of at most half their length, written again and again.
fn repeats(bytes: &[u8]) -> bool {
    (1..=bytes.len() / 2)
        .any(|period| bytes.iter().zip(bytes.iter().skip(period)).all(|(one, next)| one == next))
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;

    use super::*;

    #[test]
    fn published_and_patterned_secrets_are_weak() {
        for secret in [
            "your-32-character-secret-key-here",
            "YOUR-32-CHARACTER-SECRET-KEY-HERE",
            "production-secret-key-32-characters-minimum",
            "your-jwt-secret-key",
            "your-fernet-key",
            "changeme",
            "changeme-changeme-changeme-changeme",
            "CHANGE_ME_please_this_is_only_an_example",
            "my-own-changeme-with-many-more-characters",
            "a-string-secret-at-least-256-bits-long",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabcabcabcabcabcabcabcabc",
            "0123456789abcdef0123456789abcdef",
            "kq7Zp2Xw kq7Zp2Xw kq7Zp2Xw kq7Zp2Xw kq7Zp2Xw",
            "kq7Zp2Xwkq7Zp2Xwkq7Zp2Xwkq7Zp2Xwkq7",
            "                                        ",
        ] {
            assert!(weakness(secret).is_some(), "{secret}");
        }
    }

    #[test]
    fn random_secrets_are_not_weak() {
        for round in 0..200_u32 {
            let mut bytes = [0_u8; 32];
            aws_lc_rs::rand::fill(&mut bytes).unwrap();
            let base64 = base64::engine::general_purpose::STANDARD.encode(bytes);
            let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!((weakness(&base64), weakness(&hex)), (None, None), "{round}: {hex}");
        }
        assert_eq!(weakness("correct horse battery staple, and then some"), None);
    }

    /// The examples in the source documents, word for word.
    #[test]
    fn the_source_documents_secrets_are_published() {
        for secret in [
            "your-32-character-secret-key-here",
            "production-secret-key-32-characters-minimum",
            "changeme",
            "admin123",
            "your-fernet-key",
        ] {
            assert!(is_published(secret), "{secret}");
        }
        assert!(!is_published("a password of my own"));
    }
}
