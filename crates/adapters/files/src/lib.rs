//! Files: where their bytes are kept, what they turn out to be, pictures, and links to them.
//!
//! | module | holds |
//! |---|---|
//! | [`blobs`] | the file store: a folder, or a bucket that speaks S3 |
//! | [`inspect`] | what bytes are, whatever they are called |
//! | [`picture`] | avatars |
//! | [`pass`] | signed links |
//!
//! Invariants: a blob appears with all of its bytes, durably, or not at all; nothing is unpacked, and
//! nothing is decoded before its size is known; no name that a person typed gets to a disk or a bucket.
//!
//! Deliberately absent: who may have a file (`domain`), when a row is written (`usecases`), threads
//! for slow work (whoever wires hands them in, so that pictures and passwords each have their own).

pub mod blobs;
pub mod inspect;
pub mod pass;
pub mod picture;
