//! Avatars of pictures that are as they should be, and of those that are not.

use image::{GenericImageView, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

/// Does every job at once.
struct Here;

impl Workshop for Here {
    fn submit(&self, job: Job) -> bool {
        job();
        true
    }
}

struct Full;

impl Workshop for Full {
    fn submit(&self, _: Job) -> bool {
        false
    }
}

async fn avatar_of(bytes: Vec<u8>, media_type: MediaType) -> Result<Picture, ImageError> {
    AvatarMaker::new(Arc::new(Here)).avatar(bytes.into(), media_type).await
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
    bytes
}

fn decoded(picture: &Picture) -> DynamicImage {
    let format = if picture.media_type == MediaType::Png { ImageFormat::Png } else { ImageFormat::Jpeg };
    image::load_from_memory_with_format(&picture.bytes, format).unwrap()
}

/// The left half red, the right half blue.
fn halves(width: u32, height: u32) -> DynamicImage {
    let colour = |x| if x < width / 2 { Rgb([255, 0, 0]) } else { Rgb([0, 0, 255]) };
    RgbImage::from_fn(width, height, |x, _| colour(x)).into()
}

fn is_red(picture: &DynamicImage, x: u32, y: u32) -> bool {
    let Rgba([red, _, blue, _]) = picture.get_pixel(x, y);
    red > 200 && blue < 60
}

fn faults(outcome: Result<Picture, ImageError>) -> PictureFault {
    match outcome {
        Err(ImageError::Refused(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_type_becomes_a_small_square() {
    for (format, media_type) in [
        (ImageFormat::Png, MediaType::Png),
        (ImageFormat::Jpeg, MediaType::Jpeg),
        (ImageFormat::WebP, MediaType::WebP),
    ] {
        for (width, height, edge) in [(600, 520, 512), (520, 600, 512), (300, 200, 200), (1, 1, 1)] {
            let bytes = encoded(&halves(width, height), format);
            let picture = avatar_of(bytes, media_type).await.unwrap();
            assert_eq!(picture.media_type, MediaType::Jpeg, "nothing can be seen through");
            assert_eq!(decoded(&picture).dimensions(), (edge, edge), "{media_type} {width} {height}");
        }
    }
}

#[tokio::test]
async fn what_can_be_seen_through_stays_so() {
    let picture = RgbaImage::from_pixel(600, 600, Rgba([9, 9, 9, 0]));
    let made = avatar_of(encoded(&picture.into(), ImageFormat::Png), MediaType::Png).await.unwrap();
    assert_eq!(made.media_type, MediaType::Png);
    assert_eq!(decoded(&made).get_pixel(5, 5), Rgba([9, 9, 9, 0]));
}

/// A JPEG with EXIF: a camera, a place in words, and how it was held.
fn with_exif(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let jpeg = encoded(picture, ImageFormat::Jpeg);
    let mut tiff = b"II*\0\x08\0\0\0\x02\0".to_vec();
    tiff.extend([0x0f, 1, 2, 0, 20, 0, 0, 0, 38, 0, 0, 0]); // Make, at 38
    tiff.extend([0x12, 1, 3, 0, 1, 0, 0, 0, orientation, 0, 0, 0]); // Orientation
    tiff.extend([0; 4]);
    tiff.extend(b"SECRET-GPS 52.5 13.4");
    let mut segment = b"Exif\0\0".to_vec();
    segment.extend(tiff);
    let length = u16::try_from(segment.len() + 2).unwrap().to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, &segment, &jpeg[2..]].concat()
}

#[tokio::test]
async fn nothing_is_left_but_pixels_and_they_stand_upright() {
    for (orientation, red_at, blue_at) in [
        (1, (10, 250), (500, 250)),
        (3, (500, 250), (10, 250)),
        (6, (250, 10), (250, 500)),
        (8, (250, 500), (250, 10)),
    ] {
        let bytes = with_exif(&halves(560, 520), orientation);
        assert!(bytes.windows(10).any(|part| part == b"SECRET-GPS"));
        let made = avatar_of(bytes, MediaType::Jpeg).await.unwrap();
        for word in [b"SECRET-GPS".as_slice(), b"Exif"] {
            assert!(!made.bytes.windows(word.len()).any(|part| part == word), "{orientation}");
        }
        let picture = decoded(&made);
        assert!(is_red(&picture, red_at.0, red_at.1), "{orientation}");
        assert!(!is_red(&picture, blue_at.0, blue_at.1), "{orientation}");
    }
}

/// A PNG of a few bytes that claims to be so large.
fn claiming(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = encoded(&halves(4, 4), ImageFormat::Png);
    bytes.splice(16..24, [width.to_be_bytes(), height.to_be_bytes()].concat());
    let checksum = crc32(&bytes[12..29]).to_be_bytes();
    bytes.splice(29..33, checksum);
    bytes
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(
            sum ^ u32::from(*byte),
            |sum, _| if sum & 1 == 1 { 0xedb8_8320 ^ (sum >> 1) } else { sum >> 1 },
        )
    })
}

#[tokio::test]
async fn pixels_are_counted_before_they_are_decoded() {
    assert!(avatar_of(claiming(4, 4), MediaType::Png).await.is_ok(), "the checksum is right");
    for (width, height) in [(50_000, 50_000), (10_001, 1), (1, 10_001), (6_000, 4_001)] {
        let fault = faults(avatar_of(claiming(width, height), MediaType::Png).await);
        assert_eq!(fault, PictureFault::TooLarge, "{width} {height}");
    }
    // Within the limits, and then there are no pixels.
    assert_eq!(faults(avatar_of(claiming(6_000, 4_000), MediaType::Png).await), PictureFault::Damaged);
}

#[tokio::test]
async fn what_cannot_be_decoded_is_damaged() {
    let png = encoded(&halves(40, 40), ImageFormat::Png);
    for (bytes, media_type) in [
        (png[..60].to_vec(), MediaType::Png),
        (png.clone(), MediaType::Jpeg),
        (png.clone(), MediaType::WebP),
        (b"nonsense".to_vec(), MediaType::Png),
        (Vec::new(), MediaType::Jpeg),
    ] {
        assert_eq!(faults(avatar_of(bytes, media_type).await), PictureFault::Damaged, "{media_type}");
    }
    assert_eq!(faults(avatar_of(png, MediaType::Gif).await), PictureFault::Unsupported);
}

#[tokio::test]
async fn what_does_not_fit_is_turned_away() {
    let maker = AvatarMaker::new(Arc::new(Full));
    let made = maker.avatar(encoded(&halves(4, 4), ImageFormat::Png).into(), MediaType::Png).await;
    assert!(matches!(made, Err(ImageError::Busy)));
}

struct Lost;

impl Workshop for Lost {
    fn submit(&self, job: Job) -> bool {
        drop(job);
        true
    }
}

#[tokio::test]
async fn a_lost_job_is_a_fault_of_ours() {
    let maker = AvatarMaker::new(Arc::new(Lost));
    let made = maker.avatar(encoded(&halves(4, 4), ImageFormat::Png).into(), MediaType::Png).await;
    assert!(matches!(made, Err(ImageError::Failed(_))));
}
