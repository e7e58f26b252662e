//! The words for states and statuses in the description, straight from the domain's own lists.

use std::borrow::Cow;

use domain::money::{DepositState, WithdrawalState, WithdrawalStatus};
use utoipa::openapi::schema::Type;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $schema:literal, $domain:ty, $description:literal) => {
        $(#[$doc])*
        pub(super) struct $name;

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                ObjectBuilder::new()
                    .schema_type(Type::String)
                    .description(Some($description))
                    .enum_values(Some(<$domain>::ALL.iter().map(|word| word.as_str())))
                    .into()
            }
        }

        impl ToSchema for $name {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($schema)
            }
        }
    };
}

words!(
    /// How far a payment has come, on its way in or as a line of the history.
    PaymentStatusWord,
    "PaymentStatus",
    DepositState,
    "How far a payment has come."
);
words!(
    /// The coarse word for a withdrawal.
    WithdrawalStatusWord,
    "WithdrawalStatus",
    WithdrawalStatus,
    "The coarse word: `pending` until it was paid or its money came back."
);
words!(
    /// The fine word for a withdrawal.
    WithdrawalStateWord,
    "WithdrawalState",
    WithdrawalState,
    "How far it has come in detail."
);
