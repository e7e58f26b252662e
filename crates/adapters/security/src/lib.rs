//! Secrets, time and identifiers: what the use cases ask for and no database can give.
//!
//! | module | holds |
//! |---|---|
//! | [`password`] | bcrypt on threads of its own, bounded |
//! | [`access_token`] | JSON Web Tokens |
//! | [`refresh_token`] | the chain of refresh tokens |
//! | [`field_cipher`] | encryption of single stored fields |
//! | [`system`] | the clock and the identifiers of a running server |
//! | [`slow_work`] | the threads |
//!
//! Deliberately absent: anything stored, and every rule about what a password or a login may be.

pub mod access_token;
pub mod field_cipher;
pub mod password;
pub mod refresh_token;
pub mod slow_work;
pub mod system;
