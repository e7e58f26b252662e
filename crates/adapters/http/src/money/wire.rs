//! Money as it goes over the wire. Shapes and words are those of the source document
//! (`writer-platform-api.md`, section 6) where it has them.

use domain::money::{Deposit, EntryStatus, Money, MoneyError, WithdrawalState};
use ports::money::{WalletEntry, WalletView, WithdrawalView};
use serde::{Serialize, Serializer};
use usecases::error::UseCaseError;
use usecases::money::Deposited;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{PaymentStatusWord, WithdrawalStateWord, WithdrawalStatusWord};
use crate::extract::Pagination;
use crate::wire::{Amount, Timestamp};

/// What the caller has.
#[derive(Serialize, ToSchema)]
pub(super) struct BalanceData {
    balance: Balance,
}

/// A wallet.
#[derive(Serialize, ToSchema)]
pub(super) struct Balance {
    /// What may be spent or withdrawn.
    available: Amount,
    /// What is owed after a payment was taken back by the caller's bank; it is paid from what comes in.
    debt: Amount,
    /// Earned but not usable yet: the provider's net share of money in escrow, clearing or dispute.
    pending: Amount,
    /// What of that was released and rests, until the `clears_at` of its milestone.
    clearing: Amount,
    /// What a client has in escrow for running orders, and may yet get back; zero for providers.
    in_escrow: Amount,
    /// Everything ever earned, net of fees, from the moment when it may be used.
    total_earned: Amount,
    /// Everything ever withdrawn and not given back, from the moment of the request.
    total_withdrawn: Amount,
    /// Of what, as in ISO 4217.
    #[schema(example = "USD")]
    currency: &'static str,
}

impl From<&WalletView> for Balance {
    fn from(wallet: &WalletView) -> Self {
        let WalletView { available, debt, pending, clearing, in_escrow, total_earned, total_withdrawn } =
            *wallet;
        Self {
            available: Amount(available),
            debt: Amount(debt),
            pending: Amount(pending),
            clearing: Amount(clearing),
            in_escrow: Amount(in_escrow),
            total_earned: Amount(total_earned),
            total_withdrawn: Amount(total_withdrawn),
            currency: available.currency().as_str(),
        }
    }
}

impl From<&WalletView> for BalanceData {
    fn from(wallet: &WalletView) -> Self {
        Self { balance: wallet.into() }
    }
}

/// A deposit and what the wallet holds now.
#[derive(Serialize, ToSchema)]
pub(super) struct DepositData {
    deposit: DepositRow,
    balance: Balance,
}

/// Money paid in.
#[derive(Serialize, ToSchema)]
#[schema(as = Deposit)]
pub(super) struct DepositRow {
    id: Uuid,
    amount: Amount,
    /// Through whom it came.
    #[schema(example = "sandbox")]
    method: &'static str,
    /// `pending`, `completed` or `failed`.
    #[schema(value_type = PaymentStatusWord, example = "completed")]
    status: &'static str,
    created_at: Timestamp,
}

impl From<&Deposit> for DepositRow {
    fn from(deposit: &Deposit) -> Self {
        let Deposit { id, user_id: _, amount, outside, state, created_at, completed_at: _, version: _ } =
            deposit;
        Self {
            id: id.uuid(),
            amount: Amount(*amount),
            method: outside.as_str(),
            status: state.as_str(),
            created_at: Timestamp(*created_at),
        }
    }
}

impl From<&Deposited> for DepositData {
    fn from(deposited: &Deposited) -> Self {
        let Deposited { deposit, wallet } = deposited;
        Self { deposit: deposit.into(), balance: wallet.into() }
    }
}

/// A part of a wallet's history.
#[derive(Serialize, ToSchema)]
pub(super) struct TransactionsData {
    /// Newest first.
    pub(super) transactions: Vec<TransactionRow>,
    pub(super) pagination: Pagination,
}

/// What went into or out of a wallet.
#[derive(Serialize, ToSchema)]
#[schema(as = Transaction)]
pub(super) struct TransactionRow {
    id: Uuid,
    /// `credit` or `debit`.
    #[schema(example = "credit")]
    r#type: &'static str,
    /// Always above zero; `type` says which way.
    amount: Amount,
    /// In English.
    #[schema(example = "Payment for Order #ORD-095")]
    description: String,
    /// `completed`; a withdrawal is `pending` first, and `failed` when its money came back.
    #[schema(value_type = PaymentStatusWord, example = "completed")]
    status: &'static str,
    /// The order, the withdrawal or the deposit that it belongs to.
    #[schema(example = "ORD-095")]
    reference: String,
    created_at: Timestamp,
    /// What the wallet held right after it: it fits the next older row's.
    balance_after: Amount,
}

/// A withdrawal's debit stands as the withdrawal does; everything else is done for good.
fn debit_status(state: Option<WithdrawalState>) -> &'static str {
    state.map_or(EntryStatus::Completed, WithdrawalState::debit_status).as_str()
}

impl TryFrom<WalletEntry> for TransactionRow {
    type Error = UseCaseError;

    fn try_from(entry: WalletEntry) -> Result<Self, UseCaseError> {
        let WalletEntry {
            id,
            position: _,
            minor,
            currency,
            purpose,
            reference,
            withdrawal_state,
            created_at,
            balance_after,
        } = entry;
        let amount = minor.checked_abs().ok_or(MoneyError::OutOfRange);
        let amount = amount.and_then(|minor| Money::total(minor, currency));
        let internal = |error| UseCaseError::Internal(Box::new(error));
        Ok(Self {
            id,
            r#type: if minor < 0 { "debit" } else { "credit" },
            amount: Amount(amount.map_err(internal)?),
            description: purpose.describe(&reference),
            status: debit_status(withdrawal_state),
            reference,
            created_at: Timestamp(created_at),
            balance_after: Amount(Money::total(balance_after, currency).map_err(internal)?),
        })
    }
}

/// One withdrawal.
#[derive(Serialize, ToSchema)]
pub(super) struct WithdrawalData {
    withdrawal: WithdrawalRow,
}

/// One withdrawal, and a sentence for people.
#[derive(Serialize, ToSchema)]
pub(super) struct RequestedWithdrawalData {
    withdrawal: WithdrawalRow,
    /// In English.
    #[schema(example = "Withdrawal request submitted successfully")]
    message: &'static str,
}

/// A part of a list of withdrawals.
#[derive(Serialize, ToSchema)]
pub(super) struct WithdrawalsData {
    /// Newest first.
    pub(super) withdrawals: Vec<WithdrawalRow>,
    pub(super) pagination: Pagination,
}

/// Money on its way out of a wallet.
#[derive(Serialize, ToSchema)]
#[schema(as = Withdrawal)]
pub(super) struct WithdrawalRow {
    #[schema(example = "WD-043")]
    id: String,
    amount: Amount,
    /// `pending`, `completed`, `rejected`, `cancelled` or `failed`.
    #[schema(value_type = WithdrawalStatusWord, example = "pending")]
    status: &'static str,
    /// How far it has come in detail: `pending`, `countersign` (a second administrator has to approve),
    /// `approved`, `sent` (to the payment provider), `needs_review` (an administrator has to find out what
    /// became of it), `paid`, `rejected`, `cancelled` or `failed`.
    #[schema(value_type = WithdrawalStateWord, example = "approved")]
    state: &'static str,
    /// `bank_transfer`, `paypal` or `mobile_money`.
    #[schema(example = "bank_transfer")]
    method: &'static str,
    account_details: MaskedDetails,
    requested_at: Timestamp,
    /// When it may be expected, if nobody refuses.
    estimated_completion: Timestamp,
    /// When it was given to a payment provider; null before, and where an administrator pays.
    #[schema(required = true)]
    sent_at: Option<Timestamp>,
    /// When it was paid; null until then.
    #[schema(required = true)]
    completed_at: Option<Timestamp>,
    /// Why it was refused; null if it was not.
    #[schema(required = true)]
    rejection_reason: Option<String>,
    /// Why it did not arrive; null unless it failed. The money is available again.
    #[schema(required = true)]
    failure_reason: Option<String>,
    /// The administrators who have approved it, the first one first; for administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    approved_by: Option<Vec<Uuid>>,
    /// Whose money it is; for administrators only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    user: Option<WithdrawalOwner>,
}

/// Whose money it is.
#[derive(Serialize, ToSchema)]
pub(super) struct WithdrawalOwner {
    id: Uuid,
    /// The full name.
    #[schema(example = "John Doe")]
    name: String,
}

/// The account's details as they were sent, masked: enough to recognise the account by.
#[derive(ToSchema)]
#[schema(value_type = std::collections::BTreeMap<String, String>, example = json!({"account_number": "****7890",
    "bank_name": "Example Bank", "account_holder": "J*** D***"}))]
pub(super) struct MaskedDetails(Vec<(String, String)>);

impl Serialize for MaskedDetails {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

impl WithdrawalRow {
    /// As its owner sees it.
    pub(super) fn for_owner(withdrawal: &WithdrawalView) -> Self {
        Self { user: None, approved_by: None, ..Self::for_admin(withdrawal) }
    }

    /// As administrators see it.
    pub(super) fn for_admin(withdrawal: &WithdrawalView) -> Self {
        let WithdrawalView {
            id,
            user_id,
            user_name,
            amount,
            method,
            account_masked,
            state,
            approved_by,
            rejection_reason,
            failure_reason,
            requested_at,
            estimated_completion,
            sent_at,
            completed_at,
        } = withdrawal;
        Self {
            id: id.to_string(),
            amount: Amount(*amount),
            status: state.status().as_str(),
            state: state.as_str(),
            method: method.as_str(),
            account_details: MaskedDetails(account_masked.clone()),
            requested_at: Timestamp(*requested_at),
            estimated_completion: Timestamp(*estimated_completion),
            sent_at: sent_at.map(Timestamp),
            completed_at: completed_at.map(Timestamp),
            rejection_reason: rejection_reason.clone(),
            failure_reason: failure_reason.clone(),
            approved_by: Some(approved_by.iter().map(|id| id.uuid()).collect()),
            user: Some(WithdrawalOwner { id: user_id.uuid(), name: user_name.clone() }),
        }
    }
}

impl WithdrawalData {
    /// As its owner sees it.
    pub(super) fn for_owner(withdrawal: &WithdrawalView) -> Self {
        Self { withdrawal: WithdrawalRow::for_owner(withdrawal) }
    }

    /// As administrators see it.
    pub(super) fn for_admin(withdrawal: &WithdrawalView) -> Self {
        Self { withdrawal: WithdrawalRow::for_admin(withdrawal) }
    }
}

impl From<&WithdrawalView> for RequestedWithdrawalData {
    fn from(withdrawal: &WithdrawalView) -> Self {
        let withdrawal = WithdrawalRow::for_owner(withdrawal);
        Self { withdrawal, message: "Withdrawal request submitted successfully" }
    }
}

#[cfg(test)]
mod tests {
    use domain::money::{Currency, Purpose};

    use super::*;

    fn entry(minor: i64, purpose: Purpose, withdrawal_state: Option<WithdrawalState>) -> WalletEntry {
        WalletEntry {
            id: Uuid::nil(),
            position: 1,
            minor,
            currency: Currency::Usd,
            purpose,
            reference: "WD-042".into(),
            withdrawal_state,
            created_at: chrono::DateTime::UNIX_EPOCH,
            balance_after: 5,
        }
    }

    #[test]
    fn a_debit_goes_the_way_of_its_withdrawal() {
        let expected = [
            "pending",
            "pending",
            "pending",
            "pending",
            "pending",
            "completed",
            "failed",
            "failed",
            "failed",
        ];
        for (state, status) in WithdrawalState::ALL.iter().zip(expected) {
            let row = TransactionRow::try_from(entry(-1, Purpose::WithdrawalToBank, Some(*state))).unwrap();
            assert_eq!((row.r#type, row.status), ("debit", status), "{state}");
        }
        let returned = TransactionRow::try_from(entry(1, Purpose::WithdrawalReturned, None)).unwrap();
        let shown = (returned.r#type, returned.status, returned.description.as_str());
        assert_eq!(shown, ("credit", "completed", "Withdrawal WD-042 returned"));
    }

    #[test]
    fn books_that_cannot_be_are_a_fault_of_ours() {
        let overdrawn = WalletEntry { balance_after: -1, ..entry(1, Purpose::Deposit, None) };
        for entry in [overdrawn, entry(i64::MIN, Purpose::Deposit, None)] {
            assert!(matches!(TransactionRow::try_from(entry), Err(UseCaseError::Internal(_))));
        }
    }
}
