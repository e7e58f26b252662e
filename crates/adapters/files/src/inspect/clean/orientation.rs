//! Which side of a picture is up: the one thing in EXIF that belongs to the picture.

/// As it is written when nothing has to be turned.
const UPRIGHT: u8 = 1;
/// The tag of the orientation.
const TAG: u16 = 0x0112;
/// The type of a number of two bytes.
const SHORT: u16 = 3;
/// Bytes of an entry in a directory.
const ENTRY: usize = 12;

/// Bytes of what [`tiff`] makes.
pub(super) const TIFF_LENGTH: usize = 26;

/// The orientation that EXIF (as a TIFF file) speaks of in its first directory, 1 to 8.
pub(super) fn orientation(tiff: &[u8]) -> Option<u8> {
    let is_big = match tiff.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let u16_at = |at: usize| {
        let bytes = tiff.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let bytes = tiff.get(4..8)?.try_into().ok()?;
    let offset = if is_big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
    let directory = usize::try_from(offset).ok()?;
    let count = usize::from(u16_at(directory)?);
    let first = directory.checked_add(2)?;
    let entries = (0..count).map_while(|index| first.checked_add(index.checked_mul(ENTRY)?));
    for entry in entries {
        if u16_at(entry)? == TAG && u16_at(entry.checked_add(2)?)? == SHORT {
            let value = u8::try_from(u16_at(entry.checked_add(8)?)?).ok()?;
            return (UPRIGHT..=8).contains(&value).then_some(value);
        }
    }
    None
}

/// The same, unless nothing has to be turned.
pub(super) fn turned(tiff: &[u8]) -> Option<u8> {
    orientation(tiff).filter(|orientation| *orientation != UPRIGHT)
}

/// EXIF that says which side is up, and nothing else.
pub(super) fn tiff(orientation: u8) -> [u8; TIFF_LENGTH] {
    let mut bytes = *b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x01\0\0\0\0\0\0";
    if let Some(value) = bytes.get_mut(19) {
        *value = orientation;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for value in 1..=8 {
            assert_eq!(orientation(&tiff(value)), Some(value));
            assert_eq!(turned(&tiff(value)).is_some(), value != 1);
        }
        assert_eq!(orientation(&tiff(0)), None);
        assert_eq!(orientation(&tiff(9)), None);
    }

    #[test]
    fn it_is_found_among_others_in_either_order_of_bytes() {
        let big =
            b"MM\0*\0\0\0\x0a##\0\x02\x01\x0f\0\x02\0\0\0\x04abc\0\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let little = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x08\0\0\0\0\0\0\0";
        assert_eq!((orientation(big), orientation(little)), (Some(6), Some(8)));
        for length in 0..big.len() {
            // Whatever is missing, nothing is read beyond the end.
            let _found = orientation(&big[..length]);
        }
        assert_eq!(orientation(b"MM\0*\xff\xff\xff\xff"), None);
        assert_eq!(orientation(b"MM\0*\0\0\0\x08\xff\xff"), None);
        assert_eq!(orientation(b"no EXIF"), None);
    }
}
