//! What is taken out of pictures, and that what can be seen stays as it was.

use domain::files::{ContentFault, MediaType};
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, RgbImage};

use super::orientation::{orientation, tiff};
use crate::inspect::tests::clean_in;

/// What is said in a picture that must not be told.
const SECRET: &[u8] = b"taken at home";

/// The verdict must not depend on how the bytes come.
fn clean(bytes: &[u8]) -> Result<Vec<u8>, ContentFault> {
    let whole = clean_in(bytes, usize::MAX);
    for piece in [1, 2, 3, 7, 511, 512, 513] {
        assert_eq!(clean_in(bytes, piece), whole, "in pieces of {piece}");
    }
    let (inspected, kept) = whole?;
    assert_eq!(usize::try_from(inspected.size).unwrap(), kept.len());
    assert_eq!(clean_in(&kept, usize::MAX).unwrap(), (inspected, kept.clone()), "nothing is left to be done");
    Ok(kept)
}

fn says(bytes: &[u8], words: &[u8]) -> bool {
    bytes.windows(words.len()).any(|window| window == words)
}

fn encoded(format: ImageFormat) -> Vec<u8> {
    let colour =
        |x: u32, y: u32| image::Rgb([x * 7, y * 11, 90].map(|part| u8::try_from(part % 256).unwrap()));
    let picture: DynamicImage = RgbImage::from_fn(70, 40, colour).into();
    let mut bytes = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

/// Pixels and orientation.
fn seen(bytes: &[u8], format: ImageFormat) -> (Vec<u8>, u8) {
    let reader = ImageReader::with_format(std::io::Cursor::new(bytes), format);
    let mut decoder = reader.into_decoder().unwrap();
    let orientation = decoder.orientation().unwrap().to_exif();
    (DynamicImage::from_decoder(decoder).unwrap().into_bytes(), orientation)
}

/// EXIF as a camera writes it.
fn exif(value: u8) -> Vec<u8> {
    [&tiff(value)[..], SECRET].concat()
}

fn segment(code: u8, payload: &[u8]) -> Vec<u8> {
    let length = u16::try_from(payload.len() + 2).unwrap().to_be_bytes();
    [&[0xff, code], &length[..], payload].concat()
}

fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_be_bytes();
    // Its checksum is nobody's business: it goes.
    [&length[..], name, content, &[0; 4]].concat()
}

fn part(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).unwrap().to_le_bytes();
    let padding = &[0][..content.len() % 2];
    [&name[..], &length, content, padding].concat()
}

fn container(parts: &[Vec<u8>]) -> Vec<u8> {
    let content = [b"WEBP".to_vec(), parts.concat()].concat();
    [b"RIFF", &u32::try_from(content.len()).unwrap().to_le_bytes()[..], &content].concat()
}

/// A photograph as a camera makes it, with what belongs to it and what does not.
fn photograph() -> Vec<u8> {
    let plain = encoded(ImageFormat::Jpeg);
    let (start, rest) = plain.split_at(2);
    let jfif = [b"JFIF\0\x01\x02\0\0\x01\0\x01\x01\x01".as_slice(), b"rgb"].concat();
    // The encoder's own JFIF comes after these.
    let parts = [
        segment(APP0, &jfif),
        segment(APP0, &[b"JFXX\0".as_slice(), SECRET].concat()),
        segment(APP0 + 1, &[b"Exif\0\0".as_slice(), &exif(6)].concat()),
        segment(APP0 + 1, &[b"http://ns.adobe.com/xap/1.0/\0".as_slice(), SECRET].concat()),
        segment(APP0 + 2, b"ICC_PROFILE\0\x01\x01profile"),
        segment(APP0 + 2, &[b"MPF\0".as_slice(), SECRET].concat()),
        segment(APP0 + 13, &[b"Photoshop 3.0\0".as_slice(), SECRET].concat()),
        segment(0xfe, SECRET),
    ];
    [start, &parts.concat(), rest, SECRET, &[0xff, 0xd9]].concat()
}

const APP0: u8 = 0xe0;

#[test]
fn of_a_jpeg_stay_the_pixels_the_profile_and_which_side_is_up() {
    let before = photograph();
    let after = clean(&before).unwrap();
    assert!(says(&before, SECRET) && !says(&after, SECRET));
    assert!(says(&after, b"ICC_PROFILE\0\x01\x01profile"));
    assert!(says(&after, b"JFIF\0\x01\x02\0\0\x01\0\x01\0\0") && !says(&after, b"rgb"), "no thumbnail");
    assert_eq!(seen(&after, ImageFormat::Jpeg), seen(&before, ImageFormat::Jpeg));
    assert_eq!(seen(&after, ImageFormat::Jpeg).1, 6);
    assert!(after.ends_with(&[0xff, 0xd9]));
    let plain = encoded(ImageFormat::Jpeg);
    assert_eq!(clean(&plain).unwrap(), plain, "where there is nothing to take out");
    // Behind the start and JFIF.
    let (start, rest) = plain.split_at(2 + 18);
    assert_eq!(clean(&[start, &[0, 1], rest].concat()).unwrap(), plain, "a gap");
}

#[test]
fn of_a_png_stay_the_pixels_the_profile_and_which_side_is_up() {
    let plain = encoded(ImageFormat::Png);
    // Signature and header.
    let (start, rest) = plain.split_at(8 + 25);
    let parts = [
        chunk(b"gAMA", &45_455_u32.to_be_bytes()),
        chunk(b"tEXt", SECRET),
        chunk(b"iTXt", SECRET),
        chunk(b"zTXt", SECRET),
        chunk(b"tIME", SECRET),
        chunk(b"eXIf", &exif(8)),
        chunk(b"eXIf", &exif(3)),
        chunk(b"caBX", &[SECRET, &[7; 70_000]].concat()),
    ];
    let before = [start, &parts.concat(), rest].concat();
    let after = clean(&before).unwrap();
    assert!(says(&before, SECRET) && !says(&after, SECRET));
    let upright = [&26_u32.to_be_bytes()[..], b"eXIf", &tiff(8)].concat();
    assert!(says(&after, &upright) && says(&after, b"gAMA"));
    let without = chunk(b"gAMA", &45_455_u32.to_be_bytes()).len() + upright.len() + 4;
    assert_eq!(after.len(), plain.len() + without);
    // The checksum of the gamma is wrong; everything else is as it was.
    assert!(after.starts_with(start) && after.ends_with(rest));
    let turned = [start, after.get(start.len() + 16..).unwrap()].concat();
    assert_eq!(seen(&turned, ImageFormat::Png), (seen(&plain, ImageFormat::Png).0, 8));
    assert_eq!(clean(&plain).unwrap(), plain);
}

#[test]
fn of_a_webp_stay_the_pixels_the_profile_and_which_side_is_up() {
    let plain = encoded(ImageFormat::WebP);
    let picture = plain.get(12..).unwrap().to_vec();
    let all = 0x20 | 0x08 | 0x04;
    let header = part(b"VP8X", &[all, 0, 0, 0, 69, 0, 0, 39, 0, 0]);
    let before = container(&[
        header,
        part(b"ICCP", b"profile"),
        picture.clone(),
        part(b"EXIF", &exif(5)),
        part(b"XMP ", SECRET),
        part(b"mine", SECRET),
        part(b"EXIF", b"short"),
    ]);
    let after = clean(&before).unwrap();
    assert!(says(&before, SECRET) && !says(&after, SECRET));
    assert!(says(&after, b"profile") && !says(&after, b"XMP ") && !says(&after, b"short"));
    assert!(says(&after, &picture));
    assert_eq!(after.len(), before.len());
    assert_eq!(after.get(20), Some(&(all & !0x04)), "it does not claim to have what was taken out");
    assert_eq!(seen(&after, ImageFormat::WebP), (seen(&plain, ImageFormat::WebP).0, 5));
    assert_eq!(clean(&plain).unwrap(), plain);
}

#[test]
fn exif_that_is_longer_than_it_may_be_is_not_looked_into() {
    let long = [&tiff(5)[..], &[b'x'; 70_000]].concat();
    let plain = encoded(ImageFormat::WebP);
    let header = part(b"VP8X", &[0x08, 0, 0, 0, 69, 0, 0, 39, 0, 0]);
    let picture = container(&[header, plain.get(12..).unwrap().to_vec(), part(b"EXIF", &long)]);
    let after = clean_in(&picture, 1_000).unwrap().1;
    assert!(!says(&after, b"xxx") && !says(&after, b"EXIF"));
    let plain = encoded(ImageFormat::Png);
    let picture = [plain.get(..33).unwrap(), &chunk(b"eXIf", &long), plain.get(33..).unwrap()].concat();
    assert_eq!(clean_in(&picture, 1_000).unwrap().1, plain);
}

/// A picture of this size as far as its header goes, with an end.
fn of_size(media_type: MediaType, width: u32, height: u32) -> Vec<u8> {
    let [w, h] = [width, height].map(|edge| u16::try_from(edge).unwrap_or(u16::MAX));
    match media_type {
        MediaType::Jpeg => {
            let frame = [&[8], &h.to_be_bytes()[..], &w.to_be_bytes(), &[1, 1, 0x11, 0]].concat();
            let scan = segment(0xda, &[1, 1, 0, 0, 63, 0]);
            [&[0xff, 0xd8], &segment(0xc2, &frame)[..], &scan, b"pixels", &[0xff, 0xd9]].concat()
        }
        MediaType::Png => {
            let size = [width.to_be_bytes(), height.to_be_bytes()].concat();
            let header = chunk(b"IHDR", &[&size[..], &[8, 2, 0, 0, 0]].concat());
            [b"\x89PNG\r\n\x1a\n", &header[..], &chunk(b"IDAT", b""), &chunk(b"IEND", b"")].concat()
        }
        MediaType::WebP => {
            let bits = (width - 1) | ((height - 1) << 14);
            container(&[part(b"VP8L", &[&[0x2f], &bits.to_le_bytes()[..]].concat())])
        }
        MediaType::Gif => [b"GIF89a", &w.to_le_bytes()[..], &h.to_le_bytes(), b"\0\0\0;"].concat(),
        MediaType::Pdf | MediaType::Docx | MediaType::Zip | MediaType::Text => panic!("no picture"),
    }
}

#[test]
fn pictures_of_too_many_pixels_are_refused_by_their_header() {
    let large = [
        (MediaType::Jpeg, 50_000, 5_001),
        (MediaType::Png, 250_000_001, 1),
        (MediaType::Png, u32::MAX, u32::MAX),
        (MediaType::WebP, 16_383, 16_383),
        (MediaType::Gif, 50_000, 5_001),
    ];
    for (media_type, width, height) in large {
        let verdict = clean(&of_size(media_type, width, height));
        assert_eq!(verdict, Err(ContentFault::TooManyPixels), "{media_type}");
        // Long before its end.
        let bytes = of_size(media_type, width, height);
        let verdict = clean_in(&[&bytes[..], &[0; 600]].concat(), 560);
        assert_eq!(verdict.map(drop), Err(ContentFault::TooManyPixels), "{media_type}");
    }
    for (media_type, width, height) in [
        (MediaType::Jpeg, 50_000, 5_000),
        (MediaType::Png, 250_000_000, 1),
        (MediaType::WebP, 16_000, 15_000),
        (MediaType::Gif, 50_000, 5_000),
    ] {
        assert!(clean(&of_size(media_type, width, height)).is_ok(), "{media_type}");
    }
    for media_type in [MediaType::Jpeg, MediaType::Png, MediaType::Gif] {
        let verdict = clean(&of_size(media_type, 0, 5));
        assert_eq!(verdict, Err(ContentFault::Damaged(media_type)));
    }
}

#[test]
fn a_picture_that_does_not_go_on_as_its_format_says_is_damaged() {
    for (format, media_type) in [
        (ImageFormat::Jpeg, MediaType::Jpeg),
        (ImageFormat::Png, MediaType::Png),
        (ImageFormat::WebP, MediaType::WebP),
    ] {
        let good = encoded(format);
        for length in 40..good.len() - 1 {
            let verdict = clean_in(good.get(..length).unwrap(), 64).map(drop);
            assert_eq!(verdict, Err(ContentFault::Damaged(media_type)), "{length} of {}", good.len());
        }
        for at in 0..good.len().min(400) {
            for value in [0, 0x7f, 0xff] {
                let mut bytes = good.clone();
                bytes[at] = value;
                // Whatever is answered, nothing panics, and never is there more than came.
                if let Ok((_, kept)) = clean_in(&bytes, 100) {
                    assert!(kept.len() <= bytes.len());
                }
            }
        }
    }
    let png = encoded(ImageFormat::Png);
    let unknown = [png.get(..33).unwrap(), &chunk(b"CgBI", b""), png.get(33..).unwrap()].concat();
    assert_eq!(clean(&unknown), Err(ContentFault::Damaged(MediaType::Png)), "a part that is needed");
    let twice = [png.get(..33).unwrap(), png.get(8..).unwrap()].concat();
    assert_eq!(clean(&twice), Err(ContentFault::Damaged(MediaType::Png)), "two headers");
    assert_eq!(orientation(&exif(6)), Some(6));
}
