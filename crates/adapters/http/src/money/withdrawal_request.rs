//! What a request for a withdrawal says. It is described by `withdrawal_shapes.rs`.

use domain::money::{AccountFault, MARKET_CURRENCY, Money, PayoutAccount, PayoutMethod};
use serde::Deserialize;
use usecases::error::{FieldError, UseCaseError};
use validator::{Validate, ValidationErrors};

use super::rules;
use crate::error::ApiError;
use crate::extract::broken;
use crate::wire::{GivenAmount, present, to_be_moved};

/// How much to take out, and where to.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WithdrawalRequest {
    amount: GivenAmount,
    method: String,
    account_details: AccountDetails,
}

/// The details of all methods: those of the request's own must be there, and no others.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AccountDetails {
    #[serde(default, deserialize_with = "present")]
    account_number: Option<String>,
    #[serde(default, deserialize_with = "present")]
    bank_name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    account_holder: Option<String>,
    #[serde(default, deserialize_with = "present")]
    email: Option<String>,
    #[serde(default, deserialize_with = "present")]
    provider: Option<String>,
    #[serde(default, deserialize_with = "present")]
    phone_number: Option<String>,
}

impl AccountDetails {
    /// Every detail by its name.
    fn all(&self) -> [(&'static str, Option<&str>); 6] {
        let Self { account_number, bank_name, account_holder, email, provider, phone_number } = self;
        [
            ("account_number", account_number.as_deref()),
            ("bank_name", bank_name.as_deref()),
            ("account_holder", account_holder.as_deref()),
            ("email", email.as_deref()),
            ("provider", provider.as_deref()),
            ("phone_number", phone_number.as_deref()),
        ]
    }

    /// The account, if these are the details of the method and of no other.
    fn account(&self, method: PayoutMethod) -> Result<PayoutAccount, Vec<AccountFault>> {
        let details = self.all();
        let get = |name: &str| details.iter().find(|(known, _)| *known == name).and_then(|(_, value)| *value);
        let is_foreign = |name: &str| method.fields().all(|field| field != name);
        let mut faults: Vec<_> = details
            .iter()
            .filter(|(name, value)| value.is_some() && is_foreign(name))
            .map(|(field, _)| AccountFault { field, message: format!("is not a detail of {method}") })
            .collect();
        match PayoutAccount::new(method, get) {
            Ok(account) if faults.is_empty() => return Ok(account),
            Ok(_) => {}
            Err(broken) => faults.extend(broken),
        }
        Err(faults)
    }

    fn validate(&self, method: PayoutMethod) -> Result<(), ValidationErrors> {
        let Err(faults) = self.account(method) else { return Ok(()) };
        let mut errors = ValidationErrors::new();
        for AccountFault { field, message } in faults {
            errors.add(field, broken(message));
        }
        Err(errors)
    }
}

/// By hand, because which details there must be depends on the method.
impl Validate for WithdrawalRequest {
    fn validate(&self) -> Result<(), ValidationErrors> {
        let Self { amount, method, account_details } = self;
        let mut errors = ValidationErrors::new();
        if let Err(error) = to_be_moved(amount) {
            errors.add("amount", error);
        }
        match rules::parse_payout_method(method) {
            Ok(method) => {
                errors.merge_self("account_details", account_details.validate(method));
            }
            Err(message) => errors.add("method", broken(message)),
        }
        if errors.is_empty() { Ok(()) } else { Err(errors) }
    }
}

impl WithdrawalRequest {
    /// The request in the domain's types.
    ///
    /// # Errors
    /// 400, but not after [`Validate::validate`] has found nothing.
    pub(super) fn into_parts(self) -> Result<(Money, PayoutAccount), ApiError> {
        let Self { amount, method, account_details } = self;
        let amount = amount
            .to_be_moved(MARKET_CURRENCY)
            .map_err(|error| UseCaseError::field("amount", error.to_string()))?;
        let method =
            rules::parse_payout_method(&method).map_err(|error| UseCaseError::field("method", error))?;
        let account = account_details.account(method).map_err(|faults| {
            let errors = faults.into_iter().map(|AccountFault { field, message }| FieldError {
                field: format!("account_details.{field}").into(),
                message: message.into(),
            });
            ApiError::invalid("account_details breaks the rules of the method", errors.collect())
        })?;
        Ok((amount, account))
    }
}
