//! Avatars: decoded, cut square, made small, turned upright, and written anew.
//!
//! What is written anew has nothing of the original but its pixels: no place, no camera, no comment.
//! Width, height and the memory that decoding takes are bounded before the first pixel is decoded. The
//! work runs on threads that whoever wires hands in; what does not fit there is turned away.

use std::io::Cursor;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use domain::files::{AVATAR_EDGE, AVATAR_MAX_EDGE, AVATAR_MAX_PIXELS, MediaType, PictureFault};
use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};
use ports::files::{ImageError, ImageTool, Picture};
use tokio::sync::oneshot;

/// Of a JPEG, 1 to 100.
const QUALITY: u8 = 85;
/// Memory that decoding may take: eight bytes for each pixel, which is the most that a pixel has, and
/// as much again for whatever the decoder needs beside them.
const MAX_ALLOC: u64 = AVATAR_MAX_PIXELS * 16;

/// A piece of work.
pub type Job = Box<dyn FnOnce() + Send + 'static>;

/// Threads for work that burns a core for a while, bounded.
pub trait Workshop: Send + Sync {
    /// Takes a job on, or not; never waits. A job that panics is merely lost.
    fn submit(&self, job: Job) -> bool;
}

/// Makes avatars.
pub struct AvatarMaker {
    workshop: Arc<dyn Workshop>,
}

impl AvatarMaker {
    /// Works on these threads.
    #[must_use]
    pub fn new(workshop: Arc<dyn Workshop>) -> Self {
        Self { workshop }
    }
}

#[async_trait]
impl ImageTool for AvatarMaker {
    async fn avatar(&self, picture: Bytes, media_type: MediaType) -> Result<Picture, ImageError> {
        let format = match media_type {
            MediaType::Png => ImageFormat::Png,
            MediaType::Jpeg => ImageFormat::Jpeg,
            MediaType::WebP => ImageFormat::WebP,
            MediaType::Pdf | MediaType::Docx | MediaType::Gif | MediaType::Zip | MediaType::Text => {
                return Err(PictureFault::Unsupported.into());
            }
        };
        let (answer, made) = oneshot::channel();
        let job: Job = Box::new(move || {
            // Whoever asked may have gone away; then nobody wants it.
            if !answer.is_closed() {
                answer.send(avatar(&picture, format)).ok();
            }
        });
        if !self.workshop.submit(job) {
            return Err(ImageError::Busy);
        }
        made.await.map_err(|lost| ImageError::Failed(Box::new(lost)))?
    }
}

fn avatar(picture: &Bytes, format: ImageFormat) -> Result<Picture, ImageError> {
    let mut reader = ImageReader::with_format(Cursor::new(picture), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(AVATAR_MAX_EDGE);
    limits.max_image_height = Some(AVATAR_MAX_EDGE);
    limits.max_alloc = Some(MAX_ALLOC);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refused(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width).saturating_mul(height.into()) > AVATAR_MAX_PIXELS {
        return Err(PictureFault::TooLarge.into());
    }
    let orientation = decoder.orientation().map_err(|error| refused(&error))?;
    let decoded = DynamicImage::from_decoder(decoder).map_err(|error| refused(&error))?;
    let mut small = square(&decoded);
    drop(decoded);
    // Last, because it costs least then; a square stays one.
    small.apply_orientation(orientation);
    encode(small)
}

/// The middle of a picture, no larger than an avatar.
fn square(picture: &DynamicImage) -> DynamicImage {
    let (width, height) = (picture.width(), picture.height());
    let edge = width.min(height);
    let (left, top) = (width.saturating_sub(edge) / 2, height.saturating_sub(edge) / 2);
    let middle = picture.crop_imm(left, top, edge, edge);
    if edge <= AVATAR_EDGE { middle } else { middle.thumbnail_exact(AVATAR_EDGE, AVATAR_EDGE) }
}

/// What can be seen through stays so; everything else is smaller as a JPEG.
fn encode(picture: DynamicImage) -> Result<Picture, ImageError> {
    let mut bytes = Vec::new();
    let (written, media_type) = if picture.color().has_alpha() {
        let picture = DynamicImage::ImageRgba8(picture.into_rgba8());
        (picture.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png), MediaType::Png)
    } else {
        let picture = picture.into_rgb8();
        (JpegEncoder::new_with_quality(&mut bytes, QUALITY).encode_image(&picture), MediaType::Jpeg)
    };
    written.map_err(|error| ImageError::Failed(Box::new(error)))?;
    Ok(Picture { bytes: bytes.into(), media_type })
}

fn refused(error: &image::ImageError) -> ImageError {
    match error {
        image::ImageError::Limits(_) => PictureFault::TooLarge.into(),
        image::ImageError::Decoding(_)
        | image::ImageError::Encoding(_)
        | image::ImageError::Parameter(_)
        | image::ImageError::Unsupported(_)
        | image::ImageError::IoError(_) => {
            tracing::debug!(%error, "a picture could not be decoded");
            PictureFault::Damaged.into()
        }
    }
}

#[cfg(test)]
mod tests;
