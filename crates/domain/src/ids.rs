//! Typed identifiers, so that a session can never be passed where a user is meant.
//!
//! Values are minted outside (port `Ids`, UUID version 7: they sort by creation, which keeps
//! B-tree inserts local); the domain only carries them.

use std::fmt;

use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a value that the outside has minted or stored.
            #[must_use]
            pub const fn new(value: Uuid) -> Self {
                Self(value)
            }

            /// The bare value, for storage and the wire.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A person with an account.
    UserId
);
uuid_id!(
    /// One login of a person: the family of all access and refresh tokens that descend from it.
    SessionId
);
uuid_id!(
    /// One thing that happened, as it is written to the outbox.
    EventId
);
