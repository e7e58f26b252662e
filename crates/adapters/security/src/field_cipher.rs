//! Encryption of single stored fields: AES-256-GCM under a key derived from the secret.
//!
//! What is sealed begins with a byte for the format and four for the key, then come the nonce (96
//! random bits) and the ciphertext with its tag. Format, key and the caller's context are
//! authenticated with it: what was sealed for one row and field opens for no other.
//!
//! The key's name lets several keys be tried by name once there are several; today there is one, and
//! what another one sealed is refused as such. Random nonces are good for some four thousand million
//! fields under one key.

use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, rand};
use ports::money::FieldCipher;
use ports::store::Cause;
use secrecy::{ExposeSecret, SecretSlice};

/// Separates this key from every other one derived from the same secret.
const PURPOSE: &[u8] = b"guildhall field encryption v1";
/// Separates the key's name from the key.
const NAME_PURPOSE: &[u8] = b"guildhall field encryption v1: name of the key";
/// The format described above.
const FORMAT: u8 = 1;
const NAME_BYTES: usize = 4;
const HEADER_BYTES: usize = 1 + NAME_BYTES;

/// Seals fields under one key.
pub struct AesGcmFieldCipher {
    key: LessSafeKey,
    /// Format and key, as everything sealed begins.
    header: [u8; HEADER_BYTES],
}

/// How many bytes of a name are derived.
struct NameLength;

impl hkdf::KeyType for NameLength {
    fn len(&self) -> usize {
        NAME_BYTES
    }
}

impl AesGcmFieldCipher {
    /// Derives its key from `secret` (HKDF-SHA256).
    ///
    /// # Errors
    /// The cryptographic library refuses, which for these lengths it never does.
    pub fn new(secret: &SecretSlice<u8>) -> Result<Self, Cause> {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"guildhall").extract(secret.expose_secret());
        let key = LessSafeKey::new(UnboundKey::from(extracted.expand(&[PURPOSE], &AES_256_GCM)?));
        let mut header = [FORMAT; HEADER_BYTES];
        let (_, name) = header.split_at_mut(1);
        extracted.expand(&[NAME_PURPOSE], NameLength)?.fill(name)?;
        Ok(Self { key, header })
    }

    fn authenticated(&self, context: &str) -> Aad<Vec<u8>> {
        Aad::from([self.header.as_slice(), context.as_bytes()].concat())
    }
}

/// The key does not show.
impl fmt::Debug for AesGcmFieldCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesGcmFieldCipher(…)")
    }
}

impl FieldCipher for AesGcmFieldCipher {
    fn seal(&self, plain: &[u8], context: &str) -> Result<Vec<u8>, Cause> {
        let mut nonce = [0_u8; NONCE_LEN];
        rand::fill(&mut nonce)?;
        let mut text = plain.to_vec();
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        self.key.seal_in_place_append_tag(nonce_used, self.authenticated(context), &mut text)?;
        Ok([self.header.as_slice(), nonce.as_slice(), text.as_slice()].concat())
    }

    fn open(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, Cause> {
        let Some((header, rest)) = sealed.split_first_chunk::<HEADER_BYTES>() else {
            return Err("it is too short to have been sealed".into());
        };
        if header.first() != Some(&FORMAT) {
            return Err("it was sealed in a format that is not known".into());
        }
        if *header != self.header {
            return Err("it was sealed with a key that is not known".into());
        }
        let Some((nonce, text)) = rest.split_first_chunk::<NONCE_LEN>() else {
            return Err("it is too short to have been sealed".into());
        };
        let mut text = text.to_vec();
        let opened = self.key.open_in_place(
            Nonce::assume_unique_for_key(*nonce),
            self.authenticated(context),
            &mut text,
        );
        match opened {
            Ok(plain) => Ok(plain.to_vec()),
            Err(_) => Err("it was tampered with, or sealed for something else".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher(secret: u8) -> AesGcmFieldCipher {
        AesGcmFieldCipher::new(&vec![secret; 32].into()).unwrap()
    }

    const CONTEXT: &str = "withdrawals.account_sealed:1";

    #[test]
    fn what_was_sealed_opens_again() {
        for plain in [&b""[..], b"x", b"DE89370400440532013000", &[0xff; 5_000]] {
            let sealed = cipher(1).seal(plain, CONTEXT).unwrap();
            assert_eq!(cipher(1).open(&sealed, CONTEXT).unwrap(), plain, "also by another process");
            assert_eq!(sealed.len(), HEADER_BYTES + NONCE_LEN + plain.len() + 16);
            assert!(plain.len() < 4 || !sealed.windows(4).any(|bytes| bytes == &plain[..4]));
        }
    }

    #[test]
    fn two_seals_of_one_thing_differ() {
        let cipher = cipher(1);
        let (one, other) = (cipher.seal(b"same", CONTEXT).unwrap(), cipher.seal(b"same", CONTEXT).unwrap());
        assert_ne!(one[HEADER_BYTES..], other[HEADER_BYTES..]);
        assert_eq!(one[..HEADER_BYTES], other[..HEADER_BYTES]);
    }

    #[test]
    fn every_changed_bit_is_noticed() {
        let cipher = cipher(1);
        let sealed = cipher.seal(b"DE89", CONTEXT).unwrap();
        for bit in 0..sealed.len() * 8 {
            let mut tampered = sealed.clone();
            tampered[bit / 8] ^= 1 << (bit % 8);
            assert!(cipher.open(&tampered, CONTEXT).is_err(), "bit {bit}");
        }
        for length in 0..sealed.len() {
            assert!(cipher.open(&sealed[..length], CONTEXT).is_err(), "cut off after {length}");
        }
        assert!(cipher.open(&[sealed.as_slice(), &[0]].concat(), CONTEXT).is_err());
    }

    #[test]
    fn it_opens_for_its_own_context_only() {
        let sealed = cipher(1).seal(b"DE89", CONTEXT).unwrap();
        for other in ["", "withdrawals.account_sealed:2", "withdrawals.account_sealed:11"] {
            assert!(cipher(1).open(&sealed, other).is_err(), "{other:?}");
        }
    }

    #[test]
    fn another_key_is_told_from_tampering() {
        let sealed = cipher(1).seal(b"DE89", CONTEXT).unwrap();
        let told = |sealed: &[u8], by: u8| cipher(by).open(sealed, CONTEXT).unwrap_err().to_string();
        assert_eq!(told(&sealed, 2), "it was sealed with a key that is not known");
        let mut renamed = sealed.clone();
        renamed[..HEADER_BYTES].copy_from_slice(&cipher(2).header);
        assert_eq!(told(&renamed, 2), "it was tampered with, or sealed for something else");
        let mut newer = sealed;
        newer[0] = 2;
        assert_eq!(told(&newer, 1), "it was sealed in a format that is not known");
    }

    #[test]
    fn the_key_does_not_show() {
        assert_eq!(format!("{:?}", cipher(1)), "AesGcmFieldCipher(…)");
    }
}
