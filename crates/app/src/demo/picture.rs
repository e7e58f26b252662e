//! Pictures of people who do not exist: head and shoulders before a background, as PNG.

/// Width and height.
const SIDE: u8 = 96;

type Colour = [u8; 3];

/// A background, clothes and skin for each person in turn.
const COLOURS: [(Colour, Colour, Colour); 6] = [
    ([0x2f, 0x6f, 0x8f], [0x1c, 0x3d, 0x4f], [0xe8, 0xb9, 0x94]),
    ([0xd9, 0x8e, 0x48], [0x6b, 0x3e, 0x1d], [0x8d, 0x5a, 0x3b]),
    ([0x6a, 0x8f, 0x5b], [0x2e, 0x45, 0x2b], [0xf3, 0xd2, 0xb3]),
    ([0x8a, 0x6b, 0xa8], [0x3c, 0x2c, 0x52], [0xc6, 0x8f, 0x65]),
    ([0xc0, 0x5f, 0x6a], [0x57, 0x25, 0x30], [0xf0, 0xc8, 0xa8]),
    ([0x4c, 0x9a, 0x8a], [0x20, 0x46, 0x40], [0xa8, 0x72, 0x4d]),
];

/// The picture of the `index`-th person.
pub(super) fn portrait(index: usize) -> Vec<u8> {
    let mut palette = COLOURS.iter().cycle().skip(index);
    let (background, clothes, skin) = palette.next().copied().unwrap_or_default();
    let mut rows = Vec::new();
    for y in 0..SIDE {
        // No filter.
        rows.push(0);
        for x in 0..SIDE {
            let is_within = |centre: i32, radius: i32| {
                let (x, y) = (i32::from(x) - i32::from(SIDE / 2), i32::from(y) - centre);
                x * x + y * y <= radius * radius
            };
            rows.extend(match (is_within(38, 19), is_within(98, 36)) {
                (true, _) => skin,
                (false, true) => clothes,
                (false, false) => background,
            });
        }
    }
    png(&rows)
}

/// A PNG whose rows are not compressed.
fn png(rows: &[u8]) -> Vec<u8> {
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    // 8 bits each of red, green and blue.
    chunk(&mut picture, *b"IHDR", &[0, 0, 0, SIDE, 0, 0, 0, SIDE, 8, 2, 0, 0, 0]);
    // One stored block holds up to 65,535 bytes.
    let length = u16::try_from(rows.len()).unwrap_or(u16::MAX);
    let mut data = vec![0x78, 0x01, 0x01];
    data.extend(length.to_le_bytes());
    data.extend((!length).to_le_bytes());
    data.extend(rows);
    data.extend(adler32(rows).to_be_bytes());
    chunk(&mut picture, *b"IDAT", &data);
    chunk(&mut picture, *b"IEND", &[]);
    picture
}

fn chunk(picture: &mut Vec<u8>, name: [u8; 4], data: &[u8]) {
    picture.extend(u32::try_from(data.len()).unwrap_or(u32::MAX).to_be_bytes());
    let checked = [&name, data].concat();
    picture.extend(&checked);
    picture.extend(crc32(&checked).to_be_bytes());
}

fn crc32(data: &[u8]) -> u32 {
    !data.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 }
            },
        )
    })
}

fn adler32(data: &[u8]) -> u32 {
    let (low, high) = data.iter().fold((1, 0), |(low, high), byte| {
        let low = (low + u32::from(*byte)) % 65_521;
        (low, (high + low) % 65_521)
    });
    (high << 16) | low
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_formats() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(adler32(b"Wikipedia"), 0x11e6_0398);
    }

    #[test]
    fn pictures_differ() {
        assert_ne!(portrait(0), portrait(1));
        assert_eq!(portrait(0), portrait(COLOURS.len()));
    }
}
