//! The short names of things in paths, for the description. They are read by `PathId`, for which a
//! name that is none is 404.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};

/// Defines a type that stands for the names which begin like this.
macro_rules! names {
    ($(#[$doc:meta])* $name:ident, $pattern:literal) => {
        $(#[$doc])*
        pub(crate) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new().schema_type(Type::String).pattern(Some($pattern)).into()
            }
        }

        impl ToSchema for $name {}
    };
}

names!(
    /// The name of an order.
    OrderName,
    "^(ORD|AO)-([0-9]{3}|[1-9][0-9]{3,})$"
);
names!(
    /// The name of a bid.
    BidName,
    "^BID-([0-9]{3}|[1-9][0-9]{3,})$"
);
names!(
    /// The name of a withdrawal.
    WithdrawalName,
    "^WD-([0-9]{3}|[1-9][0-9]{3,})$"
);
names!(
    /// The name of an account in the books.
    AccountName,
    "^(user:[0-9a-f-]{36}:(available|clearing|withdrawing|debt)|contract:[0-9a-f-]{36}:(escrow|disputed)|platform:(fees|losses)|world:[a-z_]+)$"
);
