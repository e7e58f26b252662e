//! Taking out of pictures what is none of the picture, while they pass.
//!
//! A photograph says where it was taken, when, with which camera, and often shows in a thumbnail what
//! was cut off. Whoever uploads one means the picture. Kept is what is needed to see it as it was meant:
//! its pixels, byte for byte, the colour profile, what says how to read them, and which side is up;
//! everything else goes, whatever it is called. Nothing is decoded, and width and height are looked at
//! in the header, so that nobody is handed a picture that fills their memory.
//!
//! Each format is read as far as its parts go, in pieces of any size, and at most 64 KiB of one part
//! are kept in memory.

mod jpeg;
mod orientation;
mod png;
mod webp;

use domain::files::{ContentFault, MediaType, PICTURE_MAX_PIXELS};

/// The most of one part that is held in memory.
const LONGEST: usize = 64 * 1024;

/// Lets through of a picture what belongs to it.
pub(super) trait Cleaner: Send {
    /// Takes the next piece and adds to `kept` what is kept of what has come.
    fn push(&mut self, piece: &[u8], kept: &mut Vec<u8>) -> Result<(), Flaw>;

    /// Whether the picture is at its end.
    fn finish(&self) -> Result<(), Flaw>;
}

/// What is wrong with a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It does not go on as its format says.
    Damaged,
    /// It has more pixels than are taken.
    TooLarge,
}

impl Flaw {
    pub(super) const fn of(self, media_type: MediaType) -> ContentFault {
        match self {
            Self::Damaged => ContentFault::Damaged(media_type),
            Self::TooLarge => ContentFault::TooManyPixels,
        }
    }
}

/// The one for a type; none for what is no picture, or has no place for such things.
pub(super) fn cleaner(media_type: MediaType) -> Option<Box<dyn Cleaner>> {
    match media_type {
        MediaType::Jpeg => Some(Box::new(jpeg::JpegCleaner::default())),
        MediaType::Png => Some(Box::new(png::PngCleaner::default())),
        MediaType::WebP => Some(Box::new(webp::WebPCleaner::default())),
        MediaType::Pdf | MediaType::Docx | MediaType::Gif | MediaType::Zip | MediaType::Text => None,
    }
}

/// Whether a picture of this size is taken.
pub(super) fn check_size(width: u32, height: u32) -> Result<(), Flaw> {
    match u64::from(width).saturating_mul(height.into()) {
        0 => Err(Flaw::Damaged),
        pixels if pixels > PICTURE_MAX_PIXELS => Err(Flaw::TooLarge),
        _ => Ok(()),
    }
}

/// The part of a piece that has not been looked at.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next bytes, at most so many.
    fn take(&mut self, most: usize) -> &'a [u8] {
        let (taken, rest) = self.0.split_at(most.min(self.0.len()));
        self.0 = rest;
        taken
    }

    fn next(&mut self) -> Option<u8> {
        self.take(1).first().copied()
    }

    /// Fills `held` up to `length` bytes; whether it is full.
    fn fill(&mut self, held: &mut Vec<u8>, length: usize) -> bool {
        held.extend_from_slice(self.take(length.saturating_sub(held.len())));
        held.len() >= length
    }

    /// The next of `left` bytes, as far as they have come.
    fn take_of(&mut self, left: &mut u64) -> &'a [u8] {
        let taken = self.take(usize::try_from(*left).unwrap_or(usize::MAX));
        *left = left.saturating_sub(u64::try_from(taken.len()).unwrap_or(u64::MAX));
        taken
    }
}

/// A number of two bytes, most significant first.
fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes(bytes.try_into().ok()?))
}

/// A number of four bytes, most significant first.
fn be32(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_be_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests;
