//! Encryption that anybody can undo, but that tells a wrong context from the right one.

use ports::money::{FieldCipher, KeyName};
use ports::store::Cause;

/// What every byte is combined with, so that nothing sealed can be read at a glance.
const VEIL: u8 = 0x5a;

/// Keeps the context beside the plain text, both with every byte changed.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainFieldCipher;

impl FieldCipher for PlainFieldCipher {
    fn seal(&self, plain: &[u8], context: &str) -> Result<Vec<u8>, Cause> {
        Ok(context.bytes().chain([0]).chain(plain.iter().copied()).map(|byte| byte ^ VEIL).collect())
    }

    fn open(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, Cause> {
        let unveiled: Vec<u8> = sealed.iter().map(|byte| byte ^ VEIL).collect();
        let plain = unveiled.strip_prefix(context.as_bytes()).and_then(|rest| rest.strip_prefix(&[0]));
        plain.map(<[u8]>::to_vec).ok_or_else(|| "it was sealed for something else".into())
    }

    fn keys(&self) -> Vec<KeyName> {
        vec![KeyName("plain".to_owned())]
    }

    fn key_of(&self, _: &[u8]) -> Option<KeyName> {
        Some(KeyName("plain".to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_opens_only_for_what_it_was_sealed_for() {
        let sealed = PlainFieldCipher.seal(b"DE89", "a row").unwrap();
        assert_eq!(PlainFieldCipher.open(&sealed, "a row").unwrap(), b"DE89");
        assert!(PlainFieldCipher.open(&sealed, "another row").is_err());
        assert!(PlainFieldCipher.open(b"DE89", "a row").is_err());
        assert!(!sealed.windows(4).any(|bytes| bytes == b"DE89"));
    }
}
