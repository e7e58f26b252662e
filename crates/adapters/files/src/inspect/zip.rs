//! ZIP archives: their directory, which stands at their end. Nothing is unpacked.
//!
//! Refused is what claims to unpack to far more than anybody sends on purpose, and what is longer
//! inside than outside because its entries lie over each other. An archive within an archive is
//! merely a file in it; whoever unpacks it has the same question again.

use domain::files::{ContentFault, MediaType};

use super::{u16_at, u32_at};

/// Entries that an archive may have.
const MAX_ENTRIES: u16 = 10_000;
/// Bytes that it may claim to hold.
const MAX_UNPACKED: u64 = 1024 * 1024 * 1024;
/// Up to here it may claim whatever it likes.
const UNSUSPICIOUS: u64 = 64 * 1024 * 1024;
/// Beyond, it may claim so many times its own size.
const MAX_RATIO: u64 = 200;

/// Length of the record at the end, without its comment.
const END_LENGTH: usize = 22;
/// The longest such comment.
const MAX_COMMENT: usize = 65_535;
/// Length of an entry of the directory, without its name, extra field and comment.
const ENTRY_LENGTH: usize = 46;
/// Stands for a number that is elsewhere, in archives beyond 4 GiB.
const ELSEWHERE: u32 = u32::MAX;

const DAMAGED: ContentFault = ContentFault::Damaged(MediaType::Zip);

/// Whether an archive of `size` bytes, of which `tail` is the end, is a Word document or any archive.
pub(super) fn kind_of(tail: &[u8], size: u64) -> Result<MediaType, ContentFault> {
    let directory = Directory::find(tail, size)?;
    let mut content = Content::default();
    let mut rest = directory.bytes;
    for _ in 0..directory.entries {
        let entry = Entry::read(rest).ok_or(DAMAGED)?;
        content.add(&entry)?;
        rest = entry.rest;
    }
    content.check(size)?;
    Ok(content.kind())
}

/// The list of what is in an archive.
struct Directory<'a> {
    bytes: &'a [u8],
    entries: u16,
}

impl<'a> Directory<'a> {
    fn find(tail: &'a [u8], size: u64) -> Result<Self, ContentFault> {
        let end = end_record(tail).ok_or(DAMAGED)?;
        let record = tail.get(end..).ok_or(DAMAGED)?;
        let entries = u16_at(record, 10).ok_or(DAMAGED)?;
        let length = u32_at(record, 12).ok_or(DAMAGED)?;
        let offset = u32_at(record, 16).ok_or(DAMAGED)?;
        if [length, offset].contains(&ELSEWHERE) {
            return Err(DAMAGED);
        }
        // Where the tail begins within the file, and so the directory within the tail.
        let tail_offset = size.checked_sub(u64::try_from(tail.len()).map_err(|_| DAMAGED)?).ok_or(DAMAGED)?;
        let begin = match u64::from(offset).checked_sub(tail_offset) {
            Some(begin) => usize::try_from(begin).map_err(|_| DAMAGED)?,
            // Longer than what is kept of the end: more entries than anybody looks through.
            None => return Err(ContentFault::Bomb),
        };
        let length = usize::try_from(length).map_err(|_| DAMAGED)?;
        let until = begin.checked_add(length).filter(|until| *until <= end).ok_or(DAMAGED)?;
        let bytes = tail.get(begin..until).ok_or(DAMAGED)?;
        if entries > MAX_ENTRIES { Err(ContentFault::Bomb) } else { Ok(Self { bytes, entries }) }
    }
}

/// Where the last record begins: its comment must reach to the very end, so that nothing is behind it.
fn end_record(tail: &[u8]) -> Option<usize> {
    let last = tail.len().checked_sub(END_LENGTH)?;
    let first = last.saturating_sub(MAX_COMMENT);
    (first..=last).rev().find(|at| {
        let record = tail.get(*at..).unwrap_or_default();
        let comment = u16_at(record, 20).map(usize::from);
        record.starts_with(b"PK\x05\x06")
            && comment.and_then(|comment| comment.checked_add(END_LENGTH)) == Some(record.len())
    })
}

/// One entry of the directory.
struct Entry<'a> {
    packed: u32,
    unpacked: u32,
    name: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Entry<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(b"PK\x01\x02") {
            return None;
        }
        let name_length = usize::from(u16_at(bytes, 28)?);
        let behind = usize::from(u16_at(bytes, 30)?).checked_add(usize::from(u16_at(bytes, 32)?))?;
        let (name, rest) = bytes.get(ENTRY_LENGTH..)?.split_at_checked(name_length)?;
        Some(Self {
            packed: u32_at(bytes, 20)?,
            unpacked: u32_at(bytes, 24)?,
            name,
            rest: rest.get(behind..)?,
        })
    }
}

/// What the entries come to.
#[derive(Default)]
struct Content {
    packed: u64,
    unpacked: u64,
    has_types: bool,
    has_word: bool,
    has_macros: bool,
}

impl Content {
    fn add(&mut self, entry: &Entry<'_>) -> Result<(), ContentFault> {
        if [entry.packed, entry.unpacked].contains(&ELSEWHERE) {
            return Err(ContentFault::Bomb);
        }
        self.packed = self.packed.saturating_add(entry.packed.into());
        self.unpacked = self.unpacked.saturating_add(entry.unpacked.into());
        self.has_types |= entry.name == b"[Content_Types].xml";
        self.has_word |= entry.name.starts_with(b"word/");
        self.has_macros |= entry.name.eq_ignore_ascii_case(b"word/vbaProject.bin");
        Ok(())
    }

    fn check(&self, size: u64) -> Result<(), ContentFault> {
        let plausible = UNSUSPICIOUS.saturating_add(size.saturating_mul(MAX_RATIO)).min(MAX_UNPACKED);
        if self.packed > size || self.unpacked > plausible { Err(ContentFault::Bomb) } else { Ok(()) }
    }

    /// A document with macros is no document that is taken; as an archive it harms nobody.
    const fn kind(&self) -> MediaType {
        if self.has_types && self.has_word && !self.has_macros { MediaType::Docx } else { MediaType::Zip }
    }
}
