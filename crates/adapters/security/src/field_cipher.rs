//! Encryption of single stored fields: AES-256-GCM under keys derived from secrets.
//!
//! What is sealed begins with a byte for the format and four for the key, then come the nonce (96
//! random bits) and the ciphertext with its tag. Format, key and the caller's context are
//! authenticated with it: what was sealed for one row and field opens for no other.
//!
//! There is a ring of keys: the first one seals, and what was sealed is opened with the one that it names.
//! So a secret is changed by putting a new one before it, sealing everything anew, and leaving the old one
//! out. What a key that is not on the ring has sealed is refused as such. Random nonces are good for some
//! four thousand million fields under one key.

use std::collections::BTreeSet;
use std::fmt;

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::{hkdf, rand};
use ports::money::{FieldCipher, KeyName};
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

/// A key, and how everything begins that it has sealed.
struct Key {
    key: LessSafeKey,
    /// Format and name.
    header: [u8; HEADER_BYTES],
}

/// Seals fields under the first key of a ring, and opens them with all of them.
pub struct AesGcmFieldCipher {
    first: Key,
    others: Vec<Key>,
}

/// How many bytes of a name are derived.
struct NameLength;

impl hkdf::KeyType for NameLength {
    fn len(&self) -> usize {
        NAME_BYTES
    }
}

impl Key {
    /// Derives it from `secret` (HKDF-SHA256).
    fn derive(secret: &SecretSlice<u8>) -> Result<Self, Cause> {
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

/// The name in what something sealed begins with, in hexadecimal.
fn name(header: &[u8; HEADER_BYTES]) -> KeyName {
    let (_, name) = header.split_at(1);
    KeyName(name.iter().map(|byte| format!("{byte:02x}")).collect())
}

impl AesGcmFieldCipher {
    /// Derives a key from each secret. The first one seals.
    ///
    /// # Errors
    /// There is no secret, or two of them have the same name, as two that are equal have; or the
    /// cryptographic library refuses, which for these lengths it never does.
    pub fn new(secrets: &[SecretSlice<u8>]) -> Result<Self, Cause> {
        let Some((first, others)) = secrets.split_first() else {
            return Err("there is no key to encrypt fields with".into());
        };
        let first = Key::derive(first)?;
        let others = others.iter().map(Key::derive).collect::<Result<Vec<_>, _>>()?;
        let ring = Self { first, others };
        let names: BTreeSet<_> = ring.keys().into_iter().collect();
        if names.len() < secrets.len() {
            return Err("a key to encrypt fields with is there twice".into());
        }
        Ok(ring)
    }

    fn ring(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.first).chain(&self.others)
    }
}

/// The keys do not show.
impl fmt::Debug for AesGcmFieldCipher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AesGcmFieldCipher(…)")
    }
}

impl FieldCipher for AesGcmFieldCipher {
    fn seal(&self, plain: &[u8], context: &str) -> Result<Vec<u8>, Cause> {
        let Key { key, header } = &self.first;
        let mut nonce = [0_u8; NONCE_LEN];
        rand::fill(&mut nonce)?;
        let mut text = plain.to_vec();
        let nonce_used = Nonce::assume_unique_for_key(nonce);
        key.seal_in_place_append_tag(nonce_used, self.first.authenticated(context), &mut text)?;
        Ok([header.as_slice(), nonce.as_slice(), text.as_slice()].concat())
    }

    fn open(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, Cause> {
        let Some((header, rest)) = sealed.split_first_chunk::<HEADER_BYTES>() else {
            return Err("it is too short to have been sealed".into());
        };
        if header.first() != Some(&FORMAT) {
            return Err("it was sealed in a format that is not known".into());
        }
        let Some(key) = self.ring().find(|key| key.header == *header) else {
            return Err("it was sealed with a key that is not known".into());
        };
        let Some((nonce, text)) = rest.split_first_chunk::<NONCE_LEN>() else {
            return Err("it is too short to have been sealed".into());
        };
        let mut text = text.to_vec();
        let nonce = Nonce::assume_unique_for_key(*nonce);
        match key.key.open_in_place(nonce, key.authenticated(context), &mut text) {
            Ok(plain) => Ok(plain.to_vec()),
            Err(_) => Err("it was tampered with, or sealed for something else".into()),
        }
    }

    fn keys(&self) -> Vec<KeyName> {
        self.ring().map(|key| name(&key.header)).collect()
    }

    fn key_of(&self, sealed: &[u8]) -> Option<KeyName> {
        let header = sealed.first_chunk::<HEADER_BYTES>()?;
        (header.first() == Some(&FORMAT)).then(|| name(header))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cipher(secret: u8) -> AesGcmFieldCipher {
        ring(&[secret])
    }

    fn ring(secrets: &[u8]) -> AesGcmFieldCipher {
        let secrets: Vec<_> = secrets.iter().map(|secret| vec![*secret; 32].into()).collect();
        AesGcmFieldCipher::new(&secrets).unwrap()
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
        renamed[..HEADER_BYTES].copy_from_slice(&cipher(2).first.header);
        assert_eq!(told(&renamed, 2), "it was tampered with, or sealed for something else");
        let mut newer = sealed;
        newer[0] = 2;
        assert_eq!(told(&newer, 1), "it was sealed in a format that is not known");
    }

    #[test]
    fn the_first_key_of_a_ring_seals_and_all_of_them_open() {
        let (old, both, new) = (cipher(1), ring(&[2, 1]), cipher(2));
        let (before, after) = (old.seal(b"DE89", CONTEXT).unwrap(), both.seal(b"DE89", CONTEXT).unwrap());
        for sealed in [&before, &after] {
            assert_eq!(both.open(sealed, CONTEXT).unwrap(), b"DE89");
            assert!(both.open(sealed, "withdrawals.account_sealed:2").is_err(), "no other context");
        }
        assert_eq!(new.open(&after, CONTEXT).unwrap(), b"DE89", "the new one alone is enough");
        assert!(new.open(&before, CONTEXT).is_err() && old.open(&after, CONTEXT).is_err());
        // Under the other key's name it opens with neither.
        let mut renamed = before;
        renamed[..HEADER_BYTES].copy_from_slice(&after[..HEADER_BYTES]);
        assert!(both.open(&renamed, CONTEXT).is_err());
    }

    #[test]
    fn keys_have_names_and_what_they_sealed_says_them() {
        let both = ring(&[2, 1]);
        let [new, old] = <[_; 2]>::try_from(both.keys()).unwrap();
        assert_ne!(new, old);
        assert_eq!((cipher(2).keys(), cipher(1).keys()), (vec![new.clone()], vec![old.clone()]));
        assert!(new.0.len() == 2 * NAME_BYTES && new.0.chars().all(|c| c.is_ascii_hexdigit()), "{new:?}");
        let sealed = cipher(1).seal(b"DE89", CONTEXT).unwrap();
        assert_eq!(both.key_of(&sealed), Some(old.clone()));
        assert_eq!(cipher(9).key_of(&sealed[..HEADER_BYTES]), Some(old), "whoever looks, and at how little");
        for other in [&sealed[..HEADER_BYTES - 1], b"", b"\x02abcdefgh"] {
            assert_eq!(both.key_of(other), None);
        }
    }

    #[test]
    fn a_ring_has_different_keys() {
        assert!(AesGcmFieldCipher::new(&[]).is_err());
        let twice = [vec![1; 32].into(), vec![2; 32].into(), vec![1; 32].into()];
        assert!(AesGcmFieldCipher::new(&twice).is_err());
    }

    #[test]
    fn the_key_does_not_show() {
        assert_eq!(format!("{:?}", cipher(1)), "AesGcmFieldCipher(…)");
    }
}
