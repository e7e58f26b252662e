//! WebP: chunks in a RIFF container that says in its first bytes how long it is.
//!
//! It is known only at the end how much could be taken out, so that nothing is: what does not belong to
//! the picture is overwritten with zeros, under a name that every program passes over.

use super::orientation::{TIFF_LENGTH, orientation, tiff};
use super::{Cleaner, Flaw, LONGEST, Rest, check_size};
use crate::inspect::{u16_at, u32_at};

/// `RIFF`, the length, `WEBP`.
const CONTAINER: usize = 12;
/// Name and length before a chunk's content.
const HEAD: usize = 8;
/// The flag of XMP in the header of an extended file.
const XMP: u8 = 0x04;
/// What is passed over.
const BLANK: &[u8] = b"JUNK";
/// The picture, its transparency, what is animated in it, and its colours.
const KEPT: [&[u8; 4]; 4] = [b"ALPH", b"ANIM", b"ANMF", b"ICCP"];
/// Width and height less one take 24 bits, or 14.
const BITS_24: u32 = 0x00ff_ffff;
const BITS_14: u32 = 0x3fff;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Container,
    /// Before a chunk.
    Head,
    /// In one whose first bytes, so many of them, say how large the picture is.
    Sized(usize),
    /// In one of EXIF that takes so many bytes.
    Exif(usize),
    /// In one that is kept, of which so much is left.
    Pass(u64),
    /// In one that is overwritten.
    Blank(u64),
}

pub(super) struct WebPCleaner {
    state: State,
    held: Vec<u8>,
    has_size: bool,
}

impl Default for WebPCleaner {
    fn default() -> Self {
        Self { state: State::Container, held: Vec::new(), has_size: false }
    }
}

impl Cleaner for WebPCleaner {
    fn push(&mut self, piece: &[u8], kept: &mut Vec<u8>) -> Result<(), Flaw> {
        let mut rest = Rest(piece);
        while !rest.is_empty() {
            match &mut self.state {
                State::Container => {
                    if rest.fill(&mut self.held, CONTAINER) {
                        kept.append(&mut self.held);
                        self.state = State::Head;
                    }
                }
                State::Head => {
                    if rest.fill(&mut self.held, HEAD) {
                        self.state = self.chunk(kept)?;
                    }
                }
                State::Sized(length) => {
                    if rest.fill(&mut self.held, HEAD.saturating_add(*length)) {
                        self.state = self.sized(kept)?;
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
                State::Blank(left) => {
                    let length = rest.take_of(left).len();
                    kept.resize(kept.len().saturating_add(length), 0);
                    if *left == 0 {
                        self.state = State::Head;
                    }
                }
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Flaw> {
        let is_whole = match self.state {
            State::Head => self.held.is_empty(),
            // The last chunk may do without the byte that makes its length even.
            State::Pass(left) | State::Blank(left) => left == 1,
            State::Container | State::Sized(_) | State::Exif(_) => false,
        };
        if is_whole && self.has_size { Ok(()) } else { Err(Flaw::Damaged) }
    }
}

/// What a chunk's content takes: an odd length is made even.
fn padded(length: u32) -> u64 {
    u64::from(length).next_multiple_of(2)
}

impl WebPCleaner {
    /// What becomes of the chunk whose head is held.
    fn chunk(&mut self, kept: &mut Vec<u8>) -> Result<State, Flaw> {
        let name: [u8; 4] = self.held.get(..4).and_then(|name| name.try_into().ok()).ok_or(Flaw::Damaged)?;
        let length = u32_at(&self.held, 4).ok_or(Flaw::Damaged)?;
        let left = padded(length);
        match &name {
            b"VP8X" | b"VP8 " if left >= 10 => return Ok(State::Sized(10)),
            b"VP8L" if left >= 5 => return Ok(State::Sized(5)),
            b"VP8X" | b"VP8 " | b"VP8L" => return Err(Flaw::Damaged),
            b"EXIF" => {
                let whole = usize::try_from(left).unwrap_or(usize::MAX).saturating_add(HEAD);
                if whole <= LONGEST && whole > HEAD {
                    return Ok(State::Exif(whole));
                }
            }
            _ => {}
        }
        let is_kept = KEPT.contains(&&name);
        kept.extend_from_slice(if is_kept { &name } else { BLANK });
        kept.extend(length.to_le_bytes());
        self.held.clear();
        Ok(match left {
            0 => State::Head,
            left if is_kept => State::Pass(left),
            left => State::Blank(left),
        })
    }

    /// The beginning of a chunk that says how large the picture is.
    fn sized(&mut self, kept: &mut Vec<u8>) -> Result<State, Flaw> {
        let mut held = std::mem::take(&mut self.held);
        let length = u32_at(&held, 4).ok_or(Flaw::Damaged)?;
        let (width, height) = size_of(&held).ok_or(Flaw::Damaged)?;
        check_size(width, height)?;
        self.has_size = true;
        if held.starts_with(b"VP8X")
            && let Some(flags) = held.get_mut(HEAD)
        {
            *flags &= !XMP;
        }
        let taken = u64::try_from(held.len().saturating_sub(HEAD)).unwrap_or(u64::MAX);
        kept.append(&mut held);
        Ok(match padded(length).saturating_sub(taken) {
            0 => State::Head,
            left => State::Pass(left),
        })
    }

    /// Writes over the EXIF that is held, but for which side is up.
    fn exif(&mut self, kept: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        let (head, content) = held.split_at(HEAD.min(held.len()));
        // Some programs begin it as JPEG does.
        let found = orientation(content.strip_prefix(b"Exif\0\0").unwrap_or(content));
        let length = content.len();
        if length < TIFF_LENGTH {
            kept.extend_from_slice(BLANK);
            kept.extend_from_slice(head.get(4..).unwrap_or_default());
        } else {
            kept.extend_from_slice(head);
            kept.extend(tiff(found.unwrap_or(1)));
        }
        let written = if length < TIFF_LENGTH { 0 } else { TIFF_LENGTH };
        kept.resize(kept.len().saturating_add(length.saturating_sub(written)), 0);
    }
}

/// Width and height, out of the head and the first bytes of a chunk.
fn size_of(chunk: &[u8]) -> Option<(u32, u32)> {
    let (name, content) = (chunk.get(..4)?, chunk.get(HEAD..)?);
    match name {
        b"VP8X" => {
            let edge = |at| Some((u32_at(content, at)? & BITS_24).saturating_add(1));
            // The last three of ten bytes.
            let height = (u32_at(content, 6)? >> 8).saturating_add(1);
            Some((edge(4)?, height))
        }
        b"VP8L" => {
            let bits = u32_at(content, 1).filter(|_| content.first() == Some(&0x2f))?;
            let edge = |bits: u32| (bits & BITS_14).saturating_add(1);
            Some((edge(bits), edge(bits >> 14)))
        }
        b"VP8 " => {
            let has_start = content.get(3..6) == Some(b"\x9d\x01\x2a");
            let edge = |at| Some(u32::from(u16_at(content, at)?) & BITS_14);
            Some((edge(6)?, edge(8)?)).filter(|_| has_start)
        }
        _ => None,
    }
}
