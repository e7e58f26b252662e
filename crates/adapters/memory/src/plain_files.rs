//! Inspectors, pictures and signatures that can be told apart at a glance and protect nothing.

use std::collections::VecDeque;

use async_trait::async_trait;
use bytes::Bytes;
use domain::files::{ContentFault, ContentHash, MediaType, PictureFault};
use domain::ids::FileId;
use ports::files::{
    ByteSource, DownloadSigner, ImageError, ImageTool, Inspected, Inspector, Inspectors, Interrupted, Picture,
};

/// Pieces that come one after the other, and perhaps break off.
#[derive(Debug, Default)]
pub struct Pieces {
    pieces: VecDeque<Bytes>,
    breaks_off: bool,
}

impl Pieces {
    /// These pieces.
    pub fn of<P: Into<Bytes>>(pieces: impl IntoIterator<Item = P>) -> Self {
        Self { pieces: pieces.into_iter().map(Into::into).collect(), breaks_off: false }
    }

    /// The same, without an end.
    #[must_use]
    pub fn breaking_off(self) -> Self {
        Self { breaks_off: true, ..self }
    }
}

#[async_trait]
impl ByteSource for Pieces {
    async fn next(&mut self) -> Result<Option<Bytes>, Interrupted> {
        match self.pieces.pop_front() {
            Some(piece) => Ok(Some(piece)),
            None if self.breaks_off => Err(Interrupted("the test wanted it so".into())),
            None => Ok(None),
        }
    }
}

/// Bytes that begin with the usual extension of a type are of that type; `exe` is refused at the first
/// sight, `bomb` at the end. A piece in brackets is none of the picture, and is not kept.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainInspectors;

impl Inspectors for PlainInspectors {
    fn begin(&self) -> Box<dyn Inspector> {
        Box::new(PlainInspector { bytes: Vec::new() })
    }
}

struct PlainInspector {
    bytes: Vec<u8>,
}

impl Inspector for PlainInspector {
    fn read(&mut self, piece: Bytes) -> Result<Bytes, ContentFault> {
        if piece.starts_with(b"(") {
            return Ok(Bytes::new());
        }
        self.bytes.extend_from_slice(&piece);
        if self.bytes.starts_with(b"exe") { Err(ContentFault::Unsupported) } else { Ok(piece) }
    }

    fn finish(self: Box<Self>) -> Result<(Inspected, Bytes), ContentFault> {
        let bytes = self.bytes;
        if bytes.is_empty() {
            return Err(ContentFault::Empty);
        }
        if bytes.starts_with(b"bomb") {
            return Err(ContentFault::Bomb);
        }
        let kinds = MediaType::ALL.iter().copied();
        let media_type = kinds.into_iter().find(|kind| bytes.starts_with(kind.extension().as_bytes()));
        let mut hash = [0; 32];
        for (to, from) in hash.iter_mut().zip(&bytes) {
            *to = *from;
        }
        let inspected = Inspected {
            size: u64::try_from(bytes.len()).expect("a length"),
            media_type: media_type.ok_or(ContentFault::Unsupported)?,
            hash: ContentHash(hash),
        };
        Ok((inspected, Bytes::new()))
    }
}

/// An avatar is `png of ` and the picture; `png busy` is turned away and `png large` refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainImages;

#[async_trait]
impl ImageTool for PlainImages {
    async fn avatar(&self, picture: Bytes, _media_type: MediaType) -> Result<Picture, ImageError> {
        match picture.as_ref() {
            b"png busy" => Err(ImageError::Busy),
            b"png large" => Err(PictureFault::TooLarge.into()),
            other => {
                let bytes = Bytes::from([b"png of ", other].concat());
                Ok(Picture { bytes, media_type: MediaType::Png })
            }
        }
    }
}

/// A signature is what it signs.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainDownloadSigner;

impl DownloadSigner for PlainDownloadSigner {
    fn sign(&self, id: FileId, expires: i64) -> String {
        format!("{id}-{expires}")
    }

    fn verify(&self, id: FileId, expires: i64, signature: &str) -> bool {
        self.sign(id, expires) == signature
    }
}
