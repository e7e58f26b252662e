//! PNG: chunks, each with its length, its name and a checksum.
//!
//! Kept are the chunks that make up the picture and those that say how it is to be shown, and none that
//! are unknown here: whoever has something to hide gives it a name of their own.

use super::orientation::{tiff, turned};
use super::{Cleaner, Flaw, LONGEST, Rest, be32, check_size};

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// Length and name before a chunk's content.
const HEAD: usize = 8;
/// The checksum behind it.
const CHECKSUM: u64 = 4;
/// Bytes of a header's content.
const HEADER: u32 = 13;
/// No chunk may be longer.
const MOST: u32 = 0x7fff_ffff;

/// The picture, what is animated in it, its colours, its transparency, and the shape of its pixels.
const KEPT: [&[u8; 4]; 19] = [
    b"PLTE", b"IDAT", b"acTL", b"fcTL", b"fdAT", b"cHRM", b"cICP", b"cLLI", b"gAMA", b"iCCP", b"mDCV",
    b"sBIT", b"sRGB", b"bKGD", b"hIST", b"sPLT", b"tRNS", b"pHYs", b"sTER",
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Signature,
    /// Before a chunk.
    Head,
    /// In a chunk of so many bytes with all around it, which is held to be looked at.
    Header,
    Exif(usize),
    /// In one that is kept, of which so much is left.
    Pass(u64),
    /// In one that is not.
    Skip(u64),
    /// In the last one.
    Last(u64),
    End,
}

pub(super) struct PngCleaner {
    state: State,
    held: Vec<u8>,
    has_size: bool,
    has_orientation: bool,
}

impl Default for PngCleaner {
    fn default() -> Self {
        Self { state: State::Signature, held: Vec::new(), has_size: false, has_orientation: false }
    }
}

impl Cleaner for PngCleaner {
    fn push(&mut self, piece: &[u8], kept: &mut Vec<u8>) -> Result<(), Flaw> {
        let mut rest = Rest(piece);
        while !rest.is_empty() {
            match &mut self.state {
                State::Signature => {
                    if rest.fill(&mut self.held, SIGNATURE.len()) {
                        if self.held != SIGNATURE {
                            return Err(Flaw::Damaged);
                        }
                        kept.append(&mut self.held);
                        self.state = State::Head;
                    }
                }
                State::Head => {
                    if rest.fill(&mut self.held, HEAD) {
                        self.state = self.chunk(kept)?;
                    }
                }
                State::Header => {
                    if rest.fill(&mut self.held, whole(HEADER)) {
                        let size = be32(&self.held, HEAD).zip(be32(&self.held, HEAD.saturating_add(4)));
                        let (width, height) = size.ok_or(Flaw::Damaged)?;
                        check_size(width, height)?;
                        self.has_size = true;
                        kept.append(&mut self.held);
                        self.state = State::Head;
                    }
                }
                State::Exif(length) => {
                    if rest.fill(&mut self.held, *length) {
                        self.exif(kept);
                        self.state = State::Head;
                    }
                }
                State::Pass(left) => {
                    kept.extend_from_slice(rest.take_of(left));
                    if *left == 0 {
                        self.state = State::Head;
                    }
                }
                State::Skip(left) => {
                    rest.take_of(left);
                    if *left == 0 {
                        self.state = State::Head;
                    }
                }
                State::Last(left) => {
                    kept.extend_from_slice(rest.take_of(left));
                    if *left == 0 {
                        self.state = State::End;
                    }
                }
                State::End => return Err(Flaw::Damaged),
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Flaw> {
        if self.state == State::End { Ok(()) } else { Err(Flaw::Damaged) }
    }
}

/// How many bytes a chunk takes with all around its content.
fn whole(length: u32) -> usize {
    usize::try_from(u64::from(length).saturating_add(CHECKSUM)).unwrap_or(usize::MAX).saturating_add(HEAD)
}

impl PngCleaner {
    /// What becomes of the chunk whose head is held.
    fn chunk(&mut self, kept: &mut Vec<u8>) -> Result<State, Flaw> {
        let length = be32(&self.held, 0).filter(|length| *length <= MOST).ok_or(Flaw::Damaged)?;
        let name: [u8; 4] =
            self.held.get(4..HEAD).and_then(|name| name.try_into().ok()).ok_or(Flaw::Damaged)?;
        let left = u64::from(length).saturating_add(CHECKSUM);
        // The header is the first one, and there is one.
        if self.has_size == (&name == b"IHDR") {
            return Err(Flaw::Damaged);
        }
        match &name {
            b"IHDR" if length == HEADER => return Ok(State::Header),
            b"eXIf" if whole(length) <= LONGEST => return Ok(State::Exif(whole(length))),
            _ => {}
        }
        let head = std::mem::take(&mut self.held);
        if &name == b"IEND" && length == 0 {
            kept.extend(head);
            Ok(State::Last(left))
        } else if KEPT.contains(&&name) {
            kept.extend(head);
            Ok(State::Pass(left))
        } else if name.first().is_some_and(u8::is_ascii_lowercase) {
            Ok(State::Skip(left))
        } else {
            // Nobody could show a picture of which they do not know a part that it cannot do without.
            Err(Flaw::Damaged)
        }
    }

    /// Writes what stays of the EXIF that is held.
    fn exif(&mut self, kept: &mut Vec<u8>) {
        let chunk = std::mem::take(&mut self.held);
        let Some(orientation) = chunk.get(HEAD..).and_then(turned) else { return };
        if std::mem::replace(&mut self.has_orientation, true) {
            return;
        }
        let content = [b"eXIf".as_slice(), &tiff(orientation)].concat();
        let length = u32::try_from(content.len().saturating_sub(4)).unwrap_or_default();
        kept.extend(length.to_be_bytes());
        kept.extend_from_slice(&content);
        kept.extend(checksum(&content).to_be_bytes());
    }
}

/// CRC-32 over a few bytes.
fn checksum(bytes: &[u8]) -> u32 {
    let round = |crc: u32, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), round))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(checksum(b"IEND"), 0xae42_6082);
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
    }
}
