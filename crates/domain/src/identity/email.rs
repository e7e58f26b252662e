//! The address by which a person logs in.

use std::fmt;

use thiserror::Error;

/// A well-formed e-mail address, as its owner typed it apart from surrounding white space.
///
/// Compared without regard to case (contract §3). Only ASCII is accepted, so that PostgreSQL's
/// `lower()` and ours agree whatever the locale: an internationalised domain is written in its
/// `xn--` form.
#[derive(Clone, Debug)]
pub struct EmailAddress {
    address: String,
    key: String,
}

/// Why an address was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be an e-mail address such as name@example.com, of at most 254 characters")]
pub struct EmailError;

impl EmailAddress {
    /// Longest address that mail servers must accept (RFC 5321 §4.5.3.1.3, less the brackets).
    pub const MAX_CHARS: usize = 254;
    const MAX_LOCAL_PART: usize = 64;
    const MAX_LABEL: usize = 63;

    /// Reads an address: `local@domain` in the "dot-atom" form that mail providers hand out;
    /// no quoted local parts, no address literals, no comments.
    ///
    /// # Errors
    /// [`EmailError`] for everything else.
    pub fn parse(raw: &str) -> Result<Self, EmailError> {
        let address = raw.trim();
        let (local, domain) = address.rsplit_once('@').ok_or(EmailError)?;
        let well_formed = address.len() <= Self::MAX_CHARS
            && local.len() <= Self::MAX_LOCAL_PART
            && local.split('.').all(is_atom)
            && domain.contains('.')
            && domain.split('.').all(is_label);
        if !well_formed {
            return Err(EmailError);
        }
        Ok(Self { address: address.to_owned(), key: address.to_ascii_lowercase() })
    }

    /// The address as typed, for sending mail and for showing it to its owner.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.address
    }

    /// The form in which two addresses are compared.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

fn is_atom(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&b))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= EmailAddress::MAX_LABEL
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl PartialEq for EmailAddress {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for EmailAddress {}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_accepted() {
        let long_local = format!("{}@example.com", "a".repeat(64));
        for raw in [
            "writer@example.com",
            " writer@example.com ",
            "first.last+tag@sub.example.co.uk",
            "writer1@bench.test",
            "o'neil@example.ie",
            "x@xn--bcher-kva.example",
            &long_local,
        ] {
            let email = EmailAddress::parse(raw).unwrap();
            assert_eq!(email.as_str(), raw.trim());
        }
    }

    #[test]
    fn everything_else_is_refused() {
        let long_local = format!("{}@example.com", "a".repeat(65));
        let long = format!("a@{}com", "example12.".repeat(26));
        for raw in [
            "",
            "@",
            "a@",
            "@b.c",
            "a",
            "a@b",
            "a b@example.com",
            "a@@example.com",
            "a@b@example.com",
            ".a@example.com",
            "a.@example.com",
            "a..b@example.com",
            "a@.example.com",
            "a@example..com",
            "a@example.com.",
            "a@-example.com",
            "a@example-.com",
            "a@exa_mple.com",
            "bücher@example.com",
            "a@bücher.example",
            "a@[127.0.0.1]",
            "a\0@example.com",
            "a@example.com\0",
            "a\n@example.com",
            "\"a b\"@example.com",
            &long_local,
            &long,
        ] {
            assert!(EmailAddress::parse(raw).is_err(), "{raw:?}");
        }
    }

    #[test]
    fn case_is_kept_but_not_compared() {
        let typed = EmailAddress::parse("Ada@Example.COM").unwrap();
        assert_eq!(typed.as_str(), "Ada@Example.COM");
        assert_eq!(typed.key(), "ada@example.com");
        assert_eq!(typed, EmailAddress::parse("ada@example.com").unwrap());
    }
}
