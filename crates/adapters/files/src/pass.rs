//! Signatures under links to files.
//!
//! HMAC-SHA256 over the file's identifier and the end of the link's time, under a key derived from the
//! secret that signs the tokens. The links of one file differ only by their time, and nobody learns
//! from one how another is signed.

use aws_lc_rs::{hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::ids::FileId;
use ports::files::DownloadSigner;
use ports::store::Cause;
use secrecy::{ExposeSecret, SecretSlice};

/// Separates this key from every other one derived from the same secret.
const PURPOSE: &[u8] = b"guildhall download link v1";

/// Signs with one key.
pub struct HmacDownloadSigner {
    key: hmac::Key,
}

impl HmacDownloadSigner {
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

/// What is signed. Neither part has a line break.
fn message(id: FileId, expires: i64) -> String {
    format!("{id}\n{expires}")
}

impl DownloadSigner for HmacDownloadSigner {
    fn sign(&self, id: FileId, expires: i64) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.key, message(id, expires).as_bytes()))
    }

    fn verify(&self, id: FileId, expires: i64, signature: &str) -> bool {
        let tag = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
        hmac::verify(&self.key, message(id, expires).as_bytes(), &tag).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn signer(secret: u8) -> HmacDownloadSigner {
        HmacDownloadSigner::new(&vec![secret; 32].into()).unwrap()
    }

    #[test]
    fn a_signature_is_for_one_file_one_time_and_one_key() {
        let (id, other) = (FileId::new(Uuid::from_u128(1)), FileId::new(Uuid::from_u128(2)));
        let signature = signer(1).sign(id, 1_700_000_000);
        assert!(signer(1).verify(id, 1_700_000_000, &signature));
        assert!(!signer(1).verify(other, 1_700_000_000, &signature));
        assert!(!signer(1).verify(id, 1_700_000_001, &signature));
        assert!(!signer(2).verify(id, 1_700_000_000, &signature));
        let shorter: String = signature.chars().skip(1).collect();
        for forged in ["", "A", "é", &shorter, &signature.to_lowercase(), &format!("{signature}=")] {
            assert!(!signer(1).verify(id, 1_700_000_000, forged), "{forged}");
        }
        assert!(signature.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    }
}
