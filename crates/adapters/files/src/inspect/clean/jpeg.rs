//! JPEG: segments, and between them the scans.
//!
//! Of the application segments those are kept that say how the pixels are to be read: JFIF without its
//! thumbnail, Adobe's (which colours these are), and the colour profile. What stands behind the end of
//! the picture, where cameras keep previews and films, goes as well.

use super::orientation::{TIFF_LENGTH, tiff, turned};
use super::{Cleaner, Flaw, Rest, be16, check_size};

const SOI: u8 = 0xd8;
const EOI: u8 = 0xd9;
const SOS: u8 = 0xda;
const APP0: u8 = 0xe0;
const APP1: u8 = 0xe1;
const APP2: u8 = 0xe2;
const APP14: u8 = 0xee;
const APP15: u8 = 0xef;
const COMMENT: u8 = 0xfe;

const JFIF: &[u8] = b"JFIF\0";
const EXIF: &[u8] = b"Exif\0\0";
const PROFILE: &[u8] = b"ICC_PROFILE\0";
const ADOBE: &[u8] = b"Adobe";
/// Bytes of JFIF's segment before the two that say how large its thumbnail is.
const JFIF_PLAIN: usize = 12;
/// Bytes of Adobe's segment.
const ADOBE_PLAIN: usize = 12;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// The next byte begins a marker.
    Marker,
    /// The next byte says which one.
    Code,
    /// In a segment with this marker, whose length comes first.
    Segment(u8),
    /// Among the pixels.
    Scan,
    /// Among the pixels, after a byte that may begin a marker.
    ScanCode,
    /// Behind the picture.
    End,
}

pub(super) struct JpegCleaner {
    state: State,
    held: Vec<u8>,
    has_begun: bool,
    has_size: bool,
    has_orientation: bool,
}

impl Default for JpegCleaner {
    fn default() -> Self {
        Self {
            state: State::Marker,
            held: Vec::new(),
            has_begun: false,
            has_size: false,
            has_orientation: false,
        }
    }
}

impl Cleaner for JpegCleaner {
    fn push(&mut self, piece: &[u8], kept: &mut Vec<u8>) -> Result<(), Flaw> {
        let mut rest = Rest(piece);
        while !rest.is_empty() {
            match self.state {
                // Some cameras leave a few bytes between two segments, and everybody passes over them.
                State::Marker => {
                    if rest.next() == Some(0xff) {
                        self.state = State::Code;
                    }
                }
                State::Code => self.state = self.marker(rest.next(), kept)?,
                State::Segment(code) => {
                    if rest.fill(&mut self.held, 2) {
                        let length = usize::from(be16(&self.held, 0).ok_or(Flaw::Damaged)?);
                        if length < 2 {
                            return Err(Flaw::Damaged);
                        }
                        if rest.fill(&mut self.held, length) {
                            let segment = std::mem::take(&mut self.held);
                            self.segment(code, segment.get(2..).unwrap_or_default(), kept)?;
                            self.state = if code == SOS { State::Scan } else { State::Marker };
                        }
                    }
                }
                State::Scan => {
                    let pixels = rest.0.iter().position(|byte| *byte == 0xff);
                    kept.extend_from_slice(rest.take(pixels.unwrap_or(usize::MAX)));
                    if rest.next().is_some() {
                        self.state = State::ScanCode;
                    }
                }
                State::ScanCode => match rest.next() {
                    // No marker, or one that only counts.
                    Some(byte @ (0 | 0xd0..=0xd7)) => {
                        kept.extend([0xff, byte]);
                        self.state = State::Scan;
                    }
                    other => self.state = self.marker(other, kept)?,
                },
                State::End => return Ok(()),
            }
        }
        Ok(())
    }

    fn finish(&self) -> Result<(), Flaw> {
        if self.state == State::End && self.has_size { Ok(()) } else { Err(Flaw::Damaged) }
    }
}

impl JpegCleaner {
    /// What comes after a byte 0xff.
    fn marker(&mut self, code: Option<u8>, kept: &mut Vec<u8>) -> Result<State, Flaw> {
        let code = code.ok_or(Flaw::Damaged)?;
        if self.has_begun == (code == SOI) {
            return Err(Flaw::Damaged);
        }
        match code {
            // The same marker may be filled up in front.
            0xff => return Ok(if self.state == State::ScanCode { State::ScanCode } else { State::Code }),
            0 => return Err(Flaw::Damaged),
            SOI | EOI | 0x01 | 0xd0..=0xd7 => kept.extend([0xff, code]),
            _ => return Ok(State::Segment(code)),
        }
        self.has_begun = true;
        Ok(if code == EOI { State::End } else { State::Marker })
    }

    fn segment(&mut self, code: u8, payload: &[u8], kept: &mut Vec<u8>) -> Result<(), Flaw> {
        match code {
            APP0 => {
                if let Some((plain, [_, _, ..])) = payload.split_at_checked(JFIF_PLAIN)
                    && plain.starts_with(JFIF)
                {
                    write(APP0, &[plain, &[0, 0]], kept);
                }
            }
            APP1 => {
                let exif = payload.strip_prefix(EXIF).filter(|_| !self.has_orientation);
                if let Some(orientation) = exif.and_then(turned) {
                    self.has_orientation = true;
                    let upright: [u8; TIFF_LENGTH] = tiff(orientation);
                    write(APP1, &[EXIF, &upright], kept);
                }
            }
            APP2 if payload.starts_with(PROFILE) => write(APP2, &[payload], kept),
            APP14 => {
                if let Some(plain) = payload.get(..ADOBE_PLAIN).filter(|plain| plain.starts_with(ADOBE)) {
                    write(APP14, &[plain], kept);
                }
            }
            APP2..=APP15 | COMMENT => {}
            _ => {
                if is_frame(code) {
                    let size = be16(payload, 3).zip(be16(payload, 1)).ok_or(Flaw::Damaged)?;
                    check_size(size.0.into(), size.1.into())?;
                    self.has_size = true;
                }
                write(code, &[payload], kept);
            }
        }
        Ok(())
    }
}

/// Whether a segment says how large the picture is: all in this range but three that are tables.
const fn is_frame(code: u8) -> bool {
    matches!(code, 0xc0..=0xcf) && !matches!(code, 0xc4 | 0xc8 | 0xcc)
}

/// Writes a segment, which is no longer than one that came or a few bytes long.
fn write(code: u8, parts: &[&[u8]], kept: &mut Vec<u8>) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u16::try_from(length.saturating_add(2)).unwrap_or(u16::MAX);
    kept.extend([0xff, code]);
    kept.extend(length.to_be_bytes());
    parts.iter().for_each(|part| kept.extend_from_slice(part));
}
