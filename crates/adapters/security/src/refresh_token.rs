//! The chain of refresh tokens (contract §3).
//!
//! A token is 32 bytes in URL-safe base64. The first of a chain is random; each further one is the
//! HMAC-SHA256 of its predecessor under a key derived from the secret. Only somebody with the key
//! can go on along the chain, and the server can compute a successor again when its answer was lost.
//! Stored is only SHA-256 of the token: 256 random bits need no salt and no slow hash.

use aws_lc_rs::{digest, hkdf, hmac, rand};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ports::identity::{RefreshTokens, TokenDigest};
use ports::store::Cause;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

/// Separates this key from every other one derived from the same secret.
const PURPOSE: &[u8] = b"guildhall refresh token chain v1";
const TOKEN_BYTES: usize = 32;

/// Makes refresh tokens under one key.
pub struct ChainedRefreshTokens {
    key: hmac::Key,
}

impl ChainedRefreshTokens {
    /// Derives its key from `secret` (HKDF-SHA256).
    ///
    /// # Errors
    /// The cryptographic library refuses, which for these lengths it never does.
    pub fn new(secret: &SecretSlice<u8>) -> Result<Self, Cause> {
        let extracted = hkdf::Salt::new(hkdf::HKDF_SHA256, b"guildhall").extract(secret.expose_secret());
        let expanded = extracted.expand(&[PURPOSE], hmac::HMAC_SHA256)?;
        Ok(Self { key: hmac::Key::from(expanded) })
    }
}

impl RefreshTokens for ChainedRefreshTokens {
    fn first(&self) -> Result<SecretString, Cause> {
        let mut token = [0_u8; TOKEN_BYTES];
        rand::fill(&mut token)?;
        Ok(URL_SAFE_NO_PAD.encode(token).into())
    }

    fn successor(&self, token: &SecretString) -> SecretString {
        let tag = hmac::sign(&self.key, token.expose_secret().as_bytes());
        URL_SAFE_NO_PAD.encode(tag).into()
    }

    fn digest(&self, token: &SecretString) -> TokenDigest {
        let digest = digest::digest(&digest::SHA256, token.expose_secret().as_bytes());
        let mut bytes = [0_u8; digest::SHA256_OUTPUT_LEN];
        for (to, from) in bytes.iter_mut().zip(digest.as_ref()) {
            *to = *from;
        }
        TokenDigest(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(secret: u8) -> ChainedRefreshTokens {
        ChainedRefreshTokens::new(&vec![secret; 32].into()).unwrap()
    }

    #[test]
    fn first_tokens_differ() {
        let tokens = tokens(1);
        assert_ne!(tokens.first().unwrap().expose_secret(), tokens.first().unwrap().expose_secret());
    }

    #[test]
    fn a_successor_can_be_computed_again_and_only_with_the_key() {
        let first = tokens(1).first().unwrap();
        let successor = tokens(1).successor(&first);
        assert_eq!(successor.expose_secret(), tokens(1).successor(&first).expose_secret());
        assert_ne!(successor.expose_secret(), tokens(2).successor(&first).expose_secret());
        assert_ne!(successor.expose_secret(), first.expose_secret());
        assert_eq!(successor.expose_secret().len(), first.expose_secret().len());
    }

    #[test]
    fn the_digest_is_sha_256() {
        let digest = tokens(1).digest(&"abc".into());
        assert_eq!(digest.0[..4], [0xba, 0x78, 0x16, 0xbf]);
    }
}
