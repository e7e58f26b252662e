//! What a password must be before it is hashed.

use std::fmt;

use thiserror::Error;

use super::EmailAddress;

/// Passwords that everybody tries first, lower case, one a line; `#` starts a comment.
const COMMON: &str = include_str!("common_passwords.txt");

/// A password that may be used for an account. It exists only to be hashed; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

/// A hash made by the port `PasswordHasher`. Opaque here; `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordHash(String);

/// Why a password was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PasswordError {
    /// Fewer than [`NewPassword::MIN_BYTES`] bytes.
    #[error("must have at least 8 characters")]
    TooShort,
    /// More than bcrypt takes. Refused, because cutting it off would let a prefix log in.
    #[error("must have at most 72 bytes")]
    TooLong,
    /// bcrypt would stop at it.
    #[error("must not contain a NUL character")]
    Nul,
    /// Among those that everybody tries first.
    #[error("is among the most common passwords; choose another")]
    Common,
    /// The same as the account's e-mail address.
    #[error("must not be the e-mail address")]
    EqualsEmail,
}

impl NewPassword {
    /// Shortest password, in bytes of UTF-8.
    pub const MIN_BYTES: usize = 8;
    /// Longest password, in bytes of UTF-8: bcrypt's own limit.
    pub const MAX_BYTES: usize = 72;

    /// Checks the rules of contract §3. A password is taken as it is: never trimmed, never
    /// normalised, because what was typed is what must be typed again.
    ///
    /// # Errors
    /// See [`PasswordError`].
    pub fn parse(raw: &str, email: &EmailAddress) -> Result<Self, PasswordError> {
        Self::check(raw)?;
        if raw.eq_ignore_ascii_case(email.as_str()) {
            return Err(PasswordError::EqualsEmail);
        }
        Ok(Self(raw.to_owned()))
    }

    /// The rules that need no e-mail address, for validating a form field by field.
    ///
    /// # Errors
    /// All of [`PasswordError`] but `EqualsEmail`.
    pub fn check(raw: &str) -> Result<(), PasswordError> {
        if raw.contains('\0') {
            return Err(PasswordError::Nul);
        }
        if raw.len() < Self::MIN_BYTES {
            return Err(PasswordError::TooShort);
        }
        if raw.len() > Self::MAX_BYTES {
            return Err(PasswordError::TooLong);
        }
        if is_common(raw) {
            return Err(PasswordError::Common);
        }
        Ok(())
    }

    /// The password itself, for the hasher alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

fn is_common(raw: &str) -> bool {
    let lower = raw.to_lowercase();
    COMMON
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .any(|common| common == lower)
}

impl PasswordHash {
    /// Wraps what a hasher made or storage kept.
    #[must_use]
    pub fn new(hash: String) -> Self {
        Self(hash)
    }

    /// The encoded hash, for storage and the hasher alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NewPassword(…)")
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(raw: &str) -> Result<NewPassword, PasswordError> {
        NewPassword::parse(raw, &EmailAddress::parse("ada.lovelace@example.com").unwrap())
    }

    #[test]
    fn the_rules_of_the_contract() {
        let (shortest, longest) = ("q7#x9@kl", "ä".repeat(36));
        for raw in ["SecurePass123!", shortest, &longest, "        spaces are kept "] {
            assert_eq!(parse(raw).map(|p| p.expose().to_owned()), Ok(raw.to_owned()));
        }
        let too_long = "ä".repeat(36) + "x";
        let cases = [
            ("q7#x9@k", PasswordError::TooShort),
            ("", PasswordError::TooShort),
            (too_long.as_str(), PasswordError::TooLong),
            ("q7#x9@kl\0", PasswordError::Nul),
            ("password", PasswordError::Common),
            ("PassWord1", PasswordError::Common),
            ("12345678", PasswordError::Common),
            ("ada.lovelace@example.com", PasswordError::EqualsEmail),
            ("Ada.Lovelace@Example.com", PasswordError::EqualsEmail),
        ];
        for (raw, expected) in cases {
            assert_eq!(parse(raw), Err(expected), "{raw:?}");
        }
    }

    #[test]
    fn seventy_two_is_counted_in_bytes_not_characters() {
        assert_eq!("ä".repeat(36).len(), 72);
        assert!(parse(&"ä".repeat(36)).is_ok());
        assert_eq!(parse(&"ä".repeat(37)), Err(PasswordError::TooLong));
    }

    #[test]
    fn the_list_of_common_passwords_is_fit_for_comparison() {
        for line in COMMON.lines().filter(|l| !l.starts_with('#') && !l.is_empty()) {
            assert_eq!(line, line.trim().to_lowercase(), "listed in lower case, without blanks");
            assert!(line.len() >= NewPassword::MIN_BYTES, "{line:?} is refused as too short anyway");
        }
    }

    #[test]
    fn neither_password_nor_hash_shows_in_debug() {
        let shown = format!("{:?} {:?}", parse("SecurePass123!"), PasswordHash::new("$2b$".into()));
        assert!(!shown.contains("Secure") && !shown.contains("$2b$"), "{shown}");
    }
}
