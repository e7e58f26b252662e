//! Where a withdrawal goes: a bank account, a PayPal account or a mobile wallet.
//!
//! What is in here is stored encrypted and shown masked; it never shows in a log.

use std::fmt;

use super::Outside;
use crate::identity::{EmailAddress, PhoneNumber};
use crate::machine::word_enum;
use crate::text::{self, Lines};

word_enum!(
    /// A way of paying out.
    PayoutMethod {
        /// A bank account.
        BankTransfer = "bank_transfer",
        /// A PayPal account.
        PayPal = "paypal",
        /// A mobile wallet.
        MobileMoney = "mobile_money",
    }
);

impl From<PayoutMethod> for Outside {
    fn from(method: PayoutMethod) -> Self {
        match method {
            PayoutMethod::BankTransfer => Self::BankTransfer,
            PayoutMethod::PayPal => Self::PayPal,
            PayoutMethod::MobileMoney => Self::MobileMoney,
        }
    }
}

/// An account outside, checked for form. Nobody has checked that it exists.
#[derive(Clone, PartialEq, Eq)]
pub struct PayoutAccount {
    method: PayoutMethod,
    /// In the order of [`PayoutMethod::fields`].
    values: Vec<String>,
}

/// A detail that was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFault {
    /// The detail's name on the wire.
    pub field: &'static str,
    /// Fit for the person who typed it.
    pub message: String,
}

/// What may stand in a detail.
#[derive(Clone, Copy)]
enum Kind {
    /// Of a bank or a network.
    Name,
    /// Of a person or a company.
    Holder,
    AccountNumber,
    Email,
    Phone,
}

const ACCOUNT_NUMBER_CHARS: std::ops::RangeInclusive<usize> = 4..=34;
const MAX_NAME_CHARS: usize = 200;

impl PayoutMethod {
    /// The names of the account's details on the wire; each must be given.
    pub fn fields(self) -> impl Iterator<Item = &'static str> {
        self.form().iter().map(|(field, _)| *field)
    }

    const fn form(self) -> &'static [(&'static str, Kind)] {
        match self {
            Self::BankTransfer => &[
                ("account_number", Kind::AccountNumber),
                ("bank_name", Kind::Name),
                ("account_holder", Kind::Holder),
            ],
            Self::PayPal => &[("email", Kind::Email)],
            Self::MobileMoney => {
                &[("provider", Kind::Name), ("phone_number", Kind::Phone), ("account_holder", Kind::Holder)]
            }
        }
    }
}

impl PayoutAccount {
    /// Checks the details that `get` finds by their names on the wire.
    ///
    /// # Errors
    /// Every broken rule, in the order of the fields; at least one.
    pub fn new<'a>(
        method: PayoutMethod,
        get: impl Fn(&str) -> Option<&'a str>,
    ) -> Result<Self, Vec<AccountFault>> {
        let (mut values, mut faults) = (Vec::new(), Vec::new());
        for (field, kind) in method.form() {
            match get(field).ok_or_else(|| "is required".to_owned()).and_then(|raw| kind.check(raw)) {
                Ok(value) => values.push(value),
                Err(message) => faults.push(AccountFault { field, message }),
            }
        }
        if faults.is_empty() { Ok(Self { method, values }) } else { Err(faults) }
    }

    /// How it is paid.
    #[must_use]
    pub const fn method(&self) -> PayoutMethod {
        self.method
    }

    /// The details in full, by their names on the wire: for encryption and the payment alone.
    pub fn expose(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.method.fields().zip(self.values.iter().map(String::as_str))
    }

    /// The details as their owner may see them again: enough to recognise an account by.
    #[must_use]
    pub fn masked(&self) -> Vec<(&'static str, String)> {
        let forms = self.method.form().iter().zip(&self.values);
        forms.map(|((field, kind), value)| (*field, kind.mask(value))).collect()
    }
}

impl fmt::Debug for PayoutAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PayoutAccount({}, …)", self.method)
    }
}

impl Kind {
    fn check(self, raw: &str) -> Result<String, String> {
        match self {
            Self::Name | Self::Holder => {
                text::clean(raw, MAX_NAME_CHARS, Lines::Single).map_err(|e| e.to_string())
            }
            Self::AccountNumber => account_number(raw)
                .ok_or_else(|| "must be an account number of 4 to 34 letters and digits".to_owned()),
            Self::Email => {
                EmailAddress::parse(raw).map(|email| email.as_str().to_owned()).map_err(|e| e.to_string())
            }
            Self::Phone => {
                PhoneNumber::parse(raw).map(|phone| phone.as_str().to_owned()).map_err(|e| e.to_string())
            }
        }
    }

    fn mask(self, value: &str) -> String {
        match self {
            Self::Name => value.to_owned(),
            Self::Holder => {
                // Whatever its length, so that nothing can be counted.
                let word = |word: &str| word.chars().take(1).chain("***".chars()).collect::<String>();
                value.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
            }
            Self::AccountNumber | Self::Phone => {
                let legible: String = value.chars().filter(char::is_ascii_alphanumeric).collect();
                // Never more than half of a short one.
                let shown = (legible.len() / 2).min(4);
                let hidden = legible.len().saturating_sub(shown);
                format!("****{}", legible.get(hidden..).unwrap_or_default())
            }
            Self::Email => {
                let (local, domain) = value.rsplit_once('@').unwrap_or_default();
                let first: String = local.chars().take(1).collect();
                format!("{first}***@{domain}")
            }
        }
    }
}

/// Account numbers and IBANs, with the blanks and hyphens that people group them by taken out.
fn account_number(raw: &str) -> Option<String> {
    let number: String = raw.chars().filter(|c| !matches!(c, ' ' | '-')).collect();
    let well_formed = number.chars().all(|c| c.is_ascii_alphanumeric());
    (well_formed && ACCOUNT_NUMBER_CHARS.contains(&number.len())).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(
        method: PayoutMethod,
        details: &[(&'static str, &'static str)],
    ) -> Result<PayoutAccount, Vec<AccountFault>> {
        PayoutAccount::new(method, |field| details.iter().find(|(name, _)| *name == field).map(|(_, v)| *v))
    }

    const BANK: [(&str, &str); 3] =
        [("account_number", "1234567890"), ("bank_name", "Example Bank"), ("account_holder", "John Doe")];
    const PAYPAL: [(&str, &str); 1] = [("email", "john@example.com")];
    const MOBILE: [(&str, &str); 3] =
        [("provider", "M-Pesa"), ("phone_number", "+254 712 345678"), ("account_holder", "John Doe")];

    #[test]
    fn each_method_shows_its_details_masked() {
        type Details = &'static [(&'static str, &'static str)];
        let cases: [(PayoutMethod, Details, Details); 3] = [
            (
                PayoutMethod::BankTransfer,
                &BANK,
                &[
                    ("account_number", "****7890"),
                    ("bank_name", "Example Bank"),
                    ("account_holder", "J*** D***"),
                ],
            ),
            (PayoutMethod::PayPal, &PAYPAL, &[("email", "j***@example.com")]),
            (
                PayoutMethod::MobileMoney,
                &MOBILE,
                &[("provider", "M-Pesa"), ("phone_number", "****5678"), ("account_holder", "J*** D***")],
            ),
        ];
        for (method, details, masked) in cases {
            let account = account(method, details).unwrap();
            let shown = account.masked();
            let shown: Vec<_> = shown.iter().map(|(field, value)| (*field, value.as_str())).collect();
            assert_eq!(shown, masked);
            assert_eq!(account.expose().collect::<Vec<_>>(), details, "nothing is lost");
        }
    }

    #[test]
    fn every_broken_rule_is_told() {
        let faults = account(PayoutMethod::BankTransfer, &[("account_number", "12"), ("bank_name", " ")]);
        let fields: Vec<_> = faults.unwrap_err().into_iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["account_number", "bank_name", "account_holder"]);
        assert!(account(PayoutMethod::PayPal, &[("email", "nobody")]).is_err());
        assert!(account(PayoutMethod::PayPal, &BANK).is_err(), "another method's details");
        let phone = [MOBILE[0], ("phone_number", "x"), MOBILE[2]];
        assert_eq!(account(PayoutMethod::MobileMoney, &phone).unwrap_err().len(), 1);
    }

    #[test]
    fn account_numbers_are_kept_without_their_grouping() {
        let cases = [
            ("DE89 3704 0044 0532 0130 00", Some("DE89370400440532013000")),
            ("12-34-56 78", Some("12345678")),
            ("1234", Some("1234")),
            ("123", None),
            ("12345678901234567890123456789012345", None),
            ("1234;567", None),
            ("", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(account_number(raw).as_deref(), expected, "{raw:?}");
        }
        assert_eq!(Kind::AccountNumber.mask("1234"), "****34", "never more than half");
    }

    #[test]
    fn of_a_holder_only_the_first_letters_show() {
        for (name, masked) in [("Zoë de la Cruz", "Z*** d*** l*** C***"), ("Q", "Q***"), ("Ólafur", "Ó***")]
        {
            assert_eq!(Kind::Holder.mask(name), masked);
        }
    }

    #[test]
    fn nothing_shows_in_debug() {
        let shown = format!("{:?}", account(PayoutMethod::BankTransfer, &BANK).unwrap());
        assert_eq!(shown, "PayoutAccount(bank_transfer, …)");
    }
}
