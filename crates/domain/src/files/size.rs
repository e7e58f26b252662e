//! How large things may be, and how sizes are written for people.

use chrono::TimeDelta;
use thiserror::Error;

/// The largest file that is taken unless it is set otherwise, in bytes.
pub const MAX_UPLOAD_BYTES: u64 = 25 * 1024 * 1024;

/// The largest picture that an avatar is made of, in bytes.
pub const AVATAR_MAX_BYTES: u64 = 5 * 1024 * 1024;
/// The widest and highest such picture, in pixels.
pub const AVATAR_MAX_EDGE: u32 = 10_000;
/// The most pixels that such a picture may have: decoded, each takes four bytes.
pub const AVATAR_MAX_PIXELS: u64 = 24_000_000;
/// Width and height of an avatar, at most, in pixels.
pub const AVATAR_EDGE: u32 = 512;

/// The most pixels that any picture may have, which is as many as the largest cameras make. Whoever
/// opens one needs four bytes and more for each.
pub const PICTURE_MAX_PIXELS: u64 = 250_000_000;

/// How long a file waits to be attached to something. Longer than the [`DailyAllowance`] looks back,
/// so that what it counts is there.
pub const UNATTACHED_PERIOD: TimeDelta = TimeDelta::days(7);

/// What somebody has uploaded within a time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uploaded {
    /// How many files.
    pub count: u64,
    /// Their bytes together.
    pub bytes: u64,
}

/// What one person may upload within [`DailyAllowance::PERIOD`]. It is about filling the disk, so it
/// comes back by itself, and it is wide enough that nobody who works here meets it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("At most {} files and {} can be uploaded within 24 hours", Self::FILES, size_formatted(Self::BYTES))]
pub struct DailyAllowance;

impl DailyAllowance {
    /// Over which time is counted.
    pub const PERIOD: TimeDelta = TimeDelta::hours(24);
    /// Files.
    pub const FILES: u64 = 500;
    /// Bytes together.
    pub const BYTES: u64 = 2 * 1024 * 1024 * 1024;

    /// Whether one more file of `size` bytes may come.
    ///
    /// # Errors
    /// The allowance itself, as what was exceeded.
    pub fn check(before: Uploaded, size: u64) -> Result<(), Self> {
        let fits = before.count < Self::FILES && before.bytes.saturating_add(size) <= Self::BYTES;
        if fits { Ok(()) } else { Err(Self) }
    }
}

const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
const STEP: u64 = 1024;

/// A size for people: at most one decimal, in steps of 1024, such as `156 KB` for 159744 bytes.
#[must_use]
pub fn size_formatted(bytes: u64) -> String {
    if bytes < STEP {
        return format!("{bytes} B");
    }
    let mut unit_bytes = STEP;
    let mut units = UNITS.iter().peekable();
    while let Some(unit) = units.next() {
        let tenths = tenths_of(bytes, unit_bytes);
        // Rounding up may lead to 1024 of a unit, which is one of the next.
        if tenths < STEP * 10 || units.peek().is_none() {
            let (whole, tenth) = (tenths / 10, tenths % 10);
            return if tenth == 0 { format!("{whole} {unit}") } else { format!("{whole}.{tenth} {unit}") };
        }
        unit_bytes = unit_bytes.saturating_mul(STEP);
    }
    format!("{bytes} B")
}

/// How many tenths of a unit that is, rounded half up.
fn tenths_of(bytes: u64, unit_bytes: u64) -> u64 {
    let tenths = (u128::from(bytes) * 10 + u128::from(unit_bytes / 2)) / u128::from(unit_bytes.max(1));
    u64::try_from(tenths).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_written_for_people() {
        let cases = [
            (0, "0 B"),
            (1, "1 B"),
            (1_023, "1023 B"),
            (1_024, "1 KB"),
            (1_075, "1 KB"),
            (1_076, "1.1 KB"),
            (1_536, "1.5 KB"),
            (159_744, "156 KB"),
            (1_048_524, "1023.9 KB"),
            (1_048_525, "1 MB"),
            (1_048_576, "1 MB"),
            (1_572_864, "1.5 MB"),
            (MAX_UPLOAD_BYTES, "25 MB"),
            (5 * 1024 * 1024 * 1024, "5 GB"),
            (u64::MAX, "16777216 TB"),
        ];
        for (bytes, expected) in cases {
            assert_eq!(size_formatted(bytes), expected, "{bytes}");
        }
    }

    #[test]
    fn the_allowance_counts_files_and_bytes() {
        let (files, bytes) = (DailyAllowance::FILES, DailyAllowance::BYTES);
        let cases = [
            (Uploaded { count: 0, bytes: 0 }, 1, true),
            (Uploaded { count: files - 1, bytes: 0 }, 1, true),
            (Uploaded { count: files, bytes: 0 }, 1, false),
            (Uploaded { count: 1, bytes: bytes - 10 }, 10, true),
            (Uploaded { count: 1, bytes: bytes - 10 }, 11, false),
            (Uploaded { count: 1, bytes: u64::MAX }, u64::MAX, false),
        ];
        for (before, size, fits) in cases {
            assert_eq!(DailyAllowance::check(before, size).is_ok(), fits, "{before:?} {size}");
        }
        let said = "At most 500 files and 2 GB can be uploaded within 24 hours";
        assert_eq!(DailyAllowance.to_string(), said);
    }
}
