//! How a request for a withdrawal is described: each way of being paid has a shape of its own, with
//! exactly its own details. It is read as one shape by `withdrawal_request.rs`, so that every fault
//! has its field.

use domain::money::PayoutMethod;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::wire::{GivenAmount, words};

words!(
    /// The word for a transfer.
    BankTransferWord,
    "BankTransferMethod",
    [PayoutMethod::BankTransfer.as_str()],
    "To a bank account."
);
words!(
    /// The word for PayPal.
    PayPalWord,
    "PayPalMethod",
    [PayoutMethod::PayPal.as_str()],
    "To a PayPal account."
);
words!(
    /// The word for a mobile wallet.
    MobileMoneyWord,
    "MobileMoneyMethod",
    [PayoutMethod::MobileMoney.as_str()],
    "To a mobile wallet."
);

/// How much to take out, and where to.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[schema(as = WithdrawalRequest, example = json!({"amount": 500.00, "method": "bank_transfer", "account_details": {
    "account_number": "1234567890", "bank_name": "Example Bank", "account_holder": "John Doe"}}))]
#[expect(dead_code, reason = "it only describes")]
pub(super) enum WithdrawalShape {
    BankTransfer(BankTransferWithdrawal),
    PayPal(PayPalWithdrawal),
    MobileMoney(MobileMoneyWithdrawal),
}

/// To a bank account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct BankTransferWithdrawal {
    /// At most what is available.
    amount: GivenAmount,
    #[schema(inline, value_type = BankTransferWord)]
    method: String,
    account_details: BankAccount,
}

/// A bank account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct BankAccount {
    /// 4 to 34 letters and digits, such as an IBAN; blanks and hyphens do not count.
    #[schema(pattern = "^[ -]*([A-Za-z0-9][ -]*){4,34}$", example = "1234567890")]
    account_number: String,
    /// The bank's name.
    #[schema(min_length = 1, max_length = 200, example = "Example Bank")]
    bank_name: String,
    /// Whose account it is.
    #[schema(min_length = 1, max_length = 200, example = "John Doe")]
    account_holder: String,
}

/// To a PayPal account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct PayPalWithdrawal {
    /// At most what is available.
    amount: GivenAmount,
    #[schema(inline, value_type = PayPalWord)]
    method: String,
    account_details: PayPalAccount,
}

/// A PayPal account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct PayPalAccount {
    /// The address that it goes by.
    #[schema(format = "email", max_length = 254, example = "john@example.com")]
    email: String,
}

/// To a mobile wallet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct MobileMoneyWithdrawal {
    /// At most what is available.
    amount: GivenAmount,
    #[schema(inline, value_type = MobileMoneyWord)]
    method: String,
    account_details: MobileWallet,
}

/// A mobile wallet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it only describes")]
pub(super) struct MobileWallet {
    /// Who runs it.
    #[schema(min_length = 1, max_length = 200, example = "M-Pesa")]
    provider: String,
    /// 5 to 20 digits, grouped as you like.
    #[schema(
        max_length = 40,
        pattern = "^\\+?[ ./()-]*([0-9][ ./()-]*){5,20}$",
        example = "+254 712 345678"
    )]
    phone_number: String,
    /// Whose wallet it is.
    #[schema(min_length = 1, max_length = 200, example = "John Doe")]
    account_holder: String,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// What a reference in the description leads to.
    fn resolve<'a>(description: &'a Value, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.map_or(value, |pointer| description.pointer(pointer).unwrap())
    }

    #[test]
    fn each_method_has_a_shape_with_just_its_details() {
        let description = serde_json::to_value(crate::openapi()).unwrap();
        let shapes = &description["components"]["schemas"]["WithdrawalRequest"]["oneOf"];
        assert_eq!(shapes.as_array().unwrap().len(), PayoutMethod::ALL.len());
        for (method, shape) in PayoutMethod::ALL.iter().zip(shapes.as_array().unwrap()) {
            let shape = resolve(&description, shape);
            assert_eq!(shape["properties"]["method"]["enum"], json!([method.as_str()]));
            let details = resolve(&description, &shape["properties"]["account_details"]);
            let fields: Vec<_> = method.fields().collect();
            assert_eq!(details["required"], json!(fields), "{method}");
            assert_eq!(details["properties"].as_object().unwrap().len(), fields.len(), "{method}");
            for closed in [shape, details] {
                assert_eq!(closed["additionalProperties"], false, "{method}");
            }
        }
    }
}
