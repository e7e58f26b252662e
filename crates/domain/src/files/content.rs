//! What the bytes of a file turn out to be, and why they may be refused.

use std::fmt;

use thiserror::Error;

use super::MediaType;

/// SHA-256 of a file's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContentHash(pub [u8; 32]);

/// Lower case, hexadecimal.
impl fmt::Display for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for ContentHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentHash({self})")
    }
}

/// Why bytes are not taken. The messages are for the person who sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ContentFault {
    /// There are none.
    #[error("must not be empty")]
    Empty,
    /// None of the types that are taken.
    #[error(
        "This type of file is not taken: send PDF, DOCX, PNG, JPEG, WebP, GIF, ZIP or plain text in UTF-8"
    )]
    Unsupported,
    /// Text that a browser would run.
    #[error("Web pages, drawings and scripts are not taken, whatever their name")]
    Active,
    /// It begins like this type and is none.
    #[error("The file is damaged: it begins like {} but does not go on like one", .0.noun())]
    Damaged(MediaType),
    /// A picture that fills the memory of whoever opens it.
    #[error("must have at most {} pixels", super::PICTURE_MAX_PIXELS)]
    TooManyPixels,
    /// An archive made to fill the disk of whoever opens it.
    #[error("The archive claims to hold far more than it can")]
    Bomb,
}

/// Why no avatar can be made of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum PictureFault {
    /// Not one of the types.
    #[error("must be a PNG, JPEG or WebP picture")]
    Unsupported,
    /// Too wide, too high, or both.
    #[error(
        "must have at most {} pixels, and at most {} on each side",
        super::AVATAR_MAX_PIXELS,
        super::AVATAR_MAX_EDGE
    )]
    TooLarge,
    /// It cannot be decoded.
    #[error("is damaged")]
    Damaged,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_hexadecimal() {
        let mut bytes = [0; 32];
        bytes[0] = 0x0a;
        bytes[31] = 0xff;
        assert_eq!(ContentHash(bytes).to_string(), format!("0a{}ff", "00".repeat(30)));
    }
}
