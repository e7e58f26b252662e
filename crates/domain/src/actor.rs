//! Who issues a command.

use crate::identity::Role;
use crate::ids::{SessionId, UserId};

/// A person who has proven who they are, for the time of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The person.
    pub user_id: UserId,
    /// The login through which they came.
    pub session_id: SessionId,
    /// What they are in the marketplace.
    pub role: Role,
}
