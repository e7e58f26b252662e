//! Those who pay people outside.
//!
//! | who | `PAYOUT_PROVIDER` | |
//! |---|---|---|
//! | [`ManualPayouts`] | `manual` | administrators pay, and say so; nothing is ever sent to it |
//! | [`SandboxPayouts`] | `sandbox` | play money: what it is asked for ends as the account's words say |
//!
//! Deliberately absent: retries, and when to give up. That is decided where the state of a withdrawal
//! is kept; here one question is asked and answered.

use async_trait::async_trait;
use domain::money::FailureReason;
use ports::money::{Payout, PayoutOutcome, Payouts};

/// Nobody who could be asked. What another setting has sent before stays unknown, until an administrator
/// has to find out.
#[derive(Clone, Copy, Debug, Default)]
pub struct ManualPayouts;

#[async_trait]
impl Payouts for ManualPayouts {
    async fn pay(&self, _: &Payout) -> PayoutOutcome {
        PayoutOutcome::Unknown
    }
}

/// Play money. An account in whose details the word `declined` stands (the holder's name, the bank's,
/// or the e-mail address, without regard to case) is refused; one with the word `unreachable` never
/// answers; every other one is paid at once. It remembers nothing, and has to remember nothing: the same
/// account ends the same way whenever it is asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct SandboxPayouts;

/// What the sandbox says of an account that it refuses.
const DECLINED: &str = "The sandbox has declined this account";

#[async_trait]
impl Payouts for SandboxPayouts {
    async fn pay(&self, payout: &Payout) -> PayoutOutcome {
        let says = |word: &str| payout.account.expose().any(|(_, value)| value.to_lowercase().contains(word));
        if says("declined") {
            // A reason that could not be read would leave it open, and that for good.
            FailureReason::parse(DECLINED).map_or(PayoutOutcome::Unknown, PayoutOutcome::Failed)
        } else if says("unreachable") {
            PayoutOutcome::Unknown
        } else {
            PayoutOutcome::Paid
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test; a broken premise should stop it at once")]

    use domain::ids::WithdrawalId;
    use domain::money::{Currency, Money, PayoutAccount, PayoutMethod};

    use super::*;

    fn payout(method: PayoutMethod, word: &'static str) -> Payout {
        let detail = move |field: &str| {
            Some(match field {
                "email" | "account_holder" => word,
                "phone_number" => "+254 712 345678",
                "account_number" => "DE89 3704 0044 0532 0130 00",
                _ => "Example",
            })
        };
        Payout {
            id: WithdrawalId::new(43).unwrap(),
            amount: Money::total(50_000, Currency::Usd).unwrap(),
            account: PayoutAccount::new(method, detail).unwrap(),
        }
    }

    #[tokio::test]
    async fn the_sandbox_does_as_the_account_says() {
        let declined = || PayoutOutcome::Failed(FailureReason::parse(DECLINED).unwrap());
        use PayoutMethod::{BankTransfer, MobileMoney, PayPal};
        for (method, word, expected) in [
            (BankTransfer, "John Doe", PayoutOutcome::Paid),
            (BankTransfer, "Joan Declined", declined()),
            (MobileMoney, "UNREACHABLE", PayoutOutcome::Unknown),
            (MobileMoney, "declined and unreachable", declined()),
            (PayPal, "ada@example.com", PayoutOutcome::Paid),
            (PayPal, "ada+declined@example.com", declined()),
            (PayPal, "unreachable@example.com", PayoutOutcome::Unknown),
        ] {
            let payout = payout(method, word);
            for _ in 0..2 {
                assert_eq!(SandboxPayouts.pay(&payout).await, expected, "{method} {word}");
            }
        }
    }

    #[tokio::test]
    async fn with_nobody_to_ask_nothing_is_known() {
        assert_eq!(
            ManualPayouts.pay(&payout(PayoutMethod::PayPal, "a@b.example")).await,
            PayoutOutcome::Unknown
        );
    }
}
