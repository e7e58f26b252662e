//! Files that people upload: what they may be, what they are called, how large, and who may have them.
//!
//! Invariants: a file's type is what its bytes say, never what its sender says; its name is safe to
//! save under on any system and its extension fits its type; where its bytes are kept follows from
//! its identifier alone, never from anything that somebody typed.
//!
//! Deliberately absent: looking at bytes (port `Inspectors`), keeping them (port `BlobStore`),
//! re-encoding pictures (port `ImageTool`), and what a file is attached to: whoever attaches files
//! says in its own context who is party to them.

mod content;
mod file;
mod media_type;
mod name;
pub mod policy;
mod size;
mod storage_key;

pub use content::{ContentFault, ContentHash, PictureFault};
pub use file::{File, NewFile, Purpose};
pub use media_type::MediaType;
pub use name::{FileName, NameFault};
pub use size::{
    AVATAR_EDGE, AVATAR_MAX_BYTES, AVATAR_MAX_EDGE, AVATAR_MAX_PIXELS, DailyAllowance, MAX_UPLOAD_BYTES,
    Uploaded, size_formatted,
};
pub use storage_key::StorageKey;
