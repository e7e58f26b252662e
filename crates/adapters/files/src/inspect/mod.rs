//! What bytes are, found out while they pass.
//!
//! The beginning decides which type a file claims to be; the end must agree where the format has one
//! (a PNG ends with IEND, a WebP is as long as it says, a ZIP has its directory there), so that no
//! second file hides behind the first. What is none of the known binary types must be text to the
//! last byte. Nothing is unpacked or decoded. Out of pictures goes what is none of them ([`clean`]), and
//! of how many bytes a file is and what their digest is, is said of those that are kept.
//!
//! Kept in memory of each file: its beginning, one part of a picture (64 KiB at most), and its last 64
//! bytes (a ZIP: its last mebibyte, where its directory has to fit).

mod clean;
mod tail;
mod text;
mod zip;

use aws_lc_rs::digest::{Context, SHA256, SHA256_OUTPUT_LEN};
use bytes::Bytes;
use domain::files::{ContentFault, ContentHash, MediaType};
use ports::files::{Inspected, Inspector, Inspectors};

use self::clean::{Cleaner, check_size};
use self::tail::Tail;
use self::text::TextCheck;

/// How much of the beginning is looked at.
const HEAD: usize = 512;
/// How much of the end is kept of everything but a ZIP.
const SHORT_TAIL: usize = 64;
/// How much of the end is kept of a ZIP.
const ZIP_TAIL: usize = 1024 * 1024;

/// Makes inspectors.
#[derive(Clone, Copy, Debug, Default)]
pub struct ContentInspectors;

impl Inspectors for ContentInspectors {
    fn begin(&self) -> Box<dyn Inspector> {
        Box::new(ContentInspector::new())
    }
}

/// What a file's beginning says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Claim {
    /// One of the binary types; for a ZIP it is open whether it is a document.
    Binary(MediaType),
    /// Text, if it goes on like that.
    Text,
}

struct ContentInspector {
    head: Vec<u8>,
    claim: Option<Claim>,
    /// What came before it was known what it is.
    waiting: Vec<u8>,
    tail: Tail,
    text: TextCheck,
    cleaner: Option<Box<dyn Cleaner>>,
    received: u64,
    digest: Context,
    kept: u64,
}

impl ContentInspector {
    fn new() -> Self {
        Self {
            head: Vec::with_capacity(HEAD),
            claim: None,
            waiting: Vec::new(),
            tail: Tail::new(HEAD),
            text: TextCheck::default(),
            cleaner: None,
            received: 0,
            digest: Context::new(&SHA256),
            kept: 0,
        }
    }

    /// Decides on what has been seen of the beginning, and hands out what is to be kept of it.
    fn decide(&mut self) -> Result<(Claim, Bytes), ContentFault> {
        let claim = claim_of(&self.head)?;
        self.tail.keep(if claim == Claim::Binary(MediaType::Zip) { ZIP_TAIL } else { SHORT_TAIL });
        self.claim = Some(claim);
        if let Claim::Binary(media_type) = claim {
            self.cleaner = clean::cleaner(media_type);
        }
        let waiting = std::mem::take(&mut self.waiting);
        Ok((claim, self.keep(claim, waiting.into())?))
    }

    /// What is to be kept of the next bytes.
    fn keep(&mut self, claim: Claim, bytes: Bytes) -> Result<Bytes, ContentFault> {
        let kept = match (&mut self.cleaner, claim) {
            (Some(cleaner), Claim::Binary(media_type)) => {
                let mut kept = Vec::with_capacity(bytes.len());
                cleaner.push(&bytes, &mut kept).map_err(|flaw| flaw.of(media_type))?;
                Bytes::from(kept)
            }
            _ => bytes,
        };
        self.digest.update(&kept);
        self.kept = self.kept.saturating_add(length(&kept));
        Ok(kept)
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

impl Inspector for ContentInspector {
    fn read(&mut self, piece: Bytes) -> Result<Bytes, ContentFault> {
        self.received = self.received.saturating_add(length(&piece));
        if !matches!(self.claim, Some(Claim::Binary(_))) {
            self.text.read(&piece);
        }
        let room = HEAD.saturating_sub(self.head.len());
        self.head.extend(piece.iter().take(room));
        let (claim, kept) = match self.claim {
            Some(claim) => (claim, self.keep(claim, piece.clone())?),
            None => {
                self.waiting.extend_from_slice(&piece);
                if self.head.len() < HEAD {
                    self.tail.push(&piece);
                    return Ok(Bytes::new());
                }
                self.decide()?
            }
        };
        // Only now is it known how much of the end is wanted.
        self.tail.push(&piece);
        if claim == Claim::Text && !self.text.is_text_so_far() {
            return Err(ContentFault::Unsupported);
        }
        Ok(kept)
    }

    fn finish(mut self: Box<Self>) -> Result<(Inspected, Bytes), ContentFault> {
        if self.received == 0 {
            return Err(ContentFault::Empty);
        }
        let (claim, last) = match self.claim {
            Some(claim) => (claim, Bytes::new()),
            None => self.decide()?,
        };
        let media_type = match claim {
            Claim::Text if self.text.is_text() => MediaType::Text,
            Claim::Text => return Err(ContentFault::Unsupported),
            Claim::Binary(MediaType::Zip) => zip::kind_of(self.tail.bytes(), self.received)?,
            Claim::Binary(media_type) => {
                if let Some(cleaner) = &self.cleaner {
                    cleaner.finish().map_err(|flaw| flaw.of(media_type))?;
                }
                check_end(media_type, &self.head, self.tail.bytes(), self.received)?;
                media_type
            }
        };
        let mut hash = [0; SHA256_OUTPUT_LEN];
        for (to, from) in hash.iter_mut().zip(self.digest.finish().as_ref()) {
            *to = *from;
        }
        Ok((Inspected { size: self.kept, media_type, hash: ContentHash(hash) }, last))
    }
}

/// Magic bytes. Only those of the types that are taken count: a text may well begin with `BM`.
fn claim_of(head: &[u8]) -> Result<Claim, ContentFault> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Ok(Claim::Binary(MediaType::Zip));
    }
    let known = infer::get(head).and_then(|found| MediaType::from_word(found.mime_type()));
    match known {
        Some(MediaType::Png) if !is_png(head) => Err(ContentFault::Damaged(MediaType::Png)),
        Some(MediaType::Gif) => gif(head),
        Some(media_type @ (MediaType::Pdf | MediaType::Png | MediaType::Jpeg | MediaType::WebP)) => {
            Ok(Claim::Binary(media_type))
        }
        Some(MediaType::Docx | MediaType::Zip | MediaType::Text) | None if text::is_active(head) => {
            Err(ContentFault::Active)
        }
        Some(MediaType::Docx | MediaType::Zip | MediaType::Text) | None => Ok(Claim::Text),
    }
}

/// The whole signature, and the header chunk where it must be.
fn is_png(head: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n") && head.get(12..16) == Some(b"IHDR")
}

/// Its size is in its first bytes; what is said beside its pictures is not taken out.
fn gif(head: &[u8]) -> Result<Claim, ContentFault> {
    let size = u16_at(head, 6).zip(u16_at(head, 8)).ok_or(ContentFault::Damaged(MediaType::Gif))?;
    check_size(size.0.into(), size.1.into()).map_err(|flaw| flaw.of(MediaType::Gif))?;
    Ok(Claim::Binary(MediaType::Gif))
}

/// Whether the file ends where its format says. Of a PNG and a JPEG that was looked at already.
fn check_end(media_type: MediaType, head: &[u8], tail: &[u8], size: u64) -> Result<(), ContentFault> {
    let is_whole = match media_type {
        MediaType::Gif => tail.ends_with(b";"),
        // RIFF counts what comes after its own eight bytes; an odd number is padded.
        MediaType::WebP => u32_at(head, 4).is_some_and(|length| {
            let length = u64::from(length);
            [length.saturating_add(8), length.saturating_add(8).next_multiple_of(2)].contains(&size)
        }),
        // Editors add things behind the end of a PDF.
        MediaType::Pdf
        | MediaType::Png
        | MediaType::Jpeg
        | MediaType::Docx
        | MediaType::Zip
        | MediaType::Text => true,
    };
    if is_whole { Ok(()) } else { Err(ContentFault::Damaged(media_type)) }
}

/// A number of two bytes, least significant first.
fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    let bytes = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(bytes.try_into().ok()?))
}

/// A number of four bytes, least significant first.
fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(bytes.try_into().ok()?))
}

#[cfg(test)]
mod tests;
