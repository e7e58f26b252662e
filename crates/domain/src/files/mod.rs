//! Files that people upload: what they may be, what they are called, how large, and who may have them.
//!
//! Invariants: a file's type is what its bytes say, never what its sender says; its name is safe to
//! save under on any system and its extension fits its type; where its bytes are kept follows from
//! its identifier alone, never from anything that somebody typed.
//!
//! Deliberately absent: looking at bytes (port `Inspectors`), keeping them (port `BlobStore`),
//! re-encoding pictures (port `ImageTool`), and whether something takes files at present: whatever
//! they are attached to says so in its own context, and who is party to it.

mod attachment;
mod content;
mod file;
mod media_type;
mod name;
pub mod policy;
mod size;
mod storage_key;

pub use attachment::{
    Attachment, FILES_AT_ONCE, FILES_OF_MESSAGE, FILES_OF_SIDE, FileAttached, FileList, FileListError,
    OrderFull, SubmissionRef, Target, UnknownFile, attachments,
};
pub use content::{ContentFault, ContentHash, PictureFault};
pub use file::{File, NewFile, Purpose};
pub use media_type::MediaType;
pub use name::{FileName, NameFault};
pub use policy::PASS_TTL;
pub use size::{
    AVATAR_EDGE, AVATAR_MAX_BYTES, AVATAR_MAX_EDGE, AVATAR_MAX_PIXELS, DailyAllowance, MAX_UPLOAD_BYTES,
    PICTURE_MAX_PIXELS, UNATTACHED_PERIOD, Uploaded, size_formatted,
};
pub use storage_key::StorageKey;
