//! The books as they go over the wire. Balances may be below zero: the outside world's are, as a rule.

use domain::audit::{Lifted, PayoutHold};
use domain::ids::UserId;
use domain::money::{Account, Currency, Money, MoneyError};
use ports::audit::{Finding, HoldView, LedgerCheck, LedgerEntry, OutsideBooks, TrialLine, WaitingWithdrawal};
use serde::Serialize;
use serde_json::value::RawValue;
use usecases::audit::Reconciliation;
use usecases::error::UseCaseError;
use utoipa::ToSchema;
use uuid::Uuid;

use super::words::{AccountKindWord, PayoutHoldStateWord, TransactionKindWord};
use crate::extract::Pagination;
use crate::money::words::WithdrawalStateWord;
use crate::wire::{Amount, SignedAmount, Timestamp};

fn broken(error: MoneyError) -> UseCaseError {
    UseCaseError::Internal(Box::new(error))
}

/// A sum that is zero or more.
fn sum(minor: i64, currency: Currency) -> Result<Amount, UseCaseError> {
    Money::total(minor, currency).map(Amount).map_err(broken)
}

fn plus(one: i64, other: i64) -> Result<i64, UseCaseError> {
    one.checked_add(other).ok_or_else(|| broken(MoneyError::OutOfRange))
}

/// What all accounts come to.
#[derive(Serialize, ToSchema)]
pub(super) struct TrialBalanceData {
    as_of: Timestamp,
    /// One for each currency that was ever used.
    currencies: Vec<CurrencyBooks>,
}

/// The books in one currency.
#[derive(Serialize, ToSchema)]
#[schema(as = TrialBalance)]
pub(super) struct CurrencyBooks {
    /// As in ISO 4217.
    #[schema(example = "USD")]
    currency: &'static str,
    lines: Vec<TrialRow>,
    /// Everything that was ever taken from an account.
    debits: Amount,
    /// Everything that was ever given to an account: as much.
    credits: Amount,
    /// What is between them: zero.
    balance: SignedAmount,
}

/// The accounts of one kind together; those of the platform and of the outside world each by itself.
#[derive(Serialize, ToSchema)]
#[schema(as = TrialLine)]
pub(super) struct TrialRow {
    #[schema(value_type = AccountKindWord, example = "world")]
    kind: &'static str,
    /// The account, where it stands by itself.
    #[schema(required = true, example = "world:sandbox")]
    account: Option<String>,
    /// How many accounts.
    #[schema(example = 1)]
    accounts: i64,
    debits: Amount,
    credits: Amount,
    /// Credits less debits.
    balance: SignedAmount,
}

impl TryFrom<&TrialLine> for TrialRow {
    type Error = UseCaseError;

    fn try_from(line: &TrialLine) -> Result<Self, UseCaseError> {
        let TrialLine { currency, kind, account, accounts, debits, credits } = line;
        Ok(Self {
            kind: kind.as_str(),
            account: account.map(|account| account.to_string()),
            accounts: *accounts,
            debits: sum(*debits, *currency)?,
            credits: sum(*credits, *currency)?,
            balance: SignedAmount(plus(*credits, -*debits)?),
        })
    }
}

impl TrialBalanceData {
    /// Lines come sorted by currency.
    pub(super) fn new(lines: &[TrialLine], as_of: Timestamp) -> Result<Self, UseCaseError> {
        let mut currencies = Vec::new();
        for lines in lines.chunk_by(|one, next| one.currency == next.currency) {
            let Some(TrialLine { currency, .. }) = lines.first() else { continue };
            let total = |of: fn(&TrialLine) -> i64| lines.iter().try_fold(0, |sum, line| plus(sum, of(line)));
            let (debits, credits) = (total(|line| line.debits)?, total(|line| line.credits)?);
            currencies.push(CurrencyBooks {
                currency: currency.as_str(),
                lines: lines.iter().map(TrialRow::try_from).collect::<Result<_, _>>()?,
                debits: sum(debits, *currency)?,
                credits: sum(credits, *currency)?,
                balance: SignedAmount(plus(credits, -debits)?),
            });
        }
        Ok(Self { as_of, currencies })
    }
}

/// A part of what was booked on an account.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerEntriesData)]
pub(super) struct EntriesData {
    pub(super) account: LedgerAccount,
    /// Newest first.
    pub(super) entries: Vec<EntryRow>,
    pub(super) pagination: Pagination,
}

/// An account of the books.
#[derive(Serialize, ToSchema)]
pub(super) struct LedgerAccount {
    /// Its name in the books.
    #[schema(example = "platform:fees")]
    id: String,
    #[schema(value_type = AccountKindWord, example = "platform_fees")]
    kind: &'static str,
    /// The person or the contract whose it is; null for the platform and the outside world.
    #[schema(required = true)]
    owner_id: Option<Uuid>,
    #[schema(example = "USD")]
    currency: &'static str,
}

impl LedgerAccount {
    pub(super) fn new(account: Account, currency: Currency) -> Self {
        let contract = account.contract_id().map(domain::ids::ContractId::uuid);
        Self {
            id: account.to_string(),
            kind: account.kind().as_str(),
            owner_id: account.user_id().map(UserId::uuid).or(contract),
            currency: currency.as_str(),
        }
    }
}

/// One line of the books.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerEntry)]
pub(super) struct EntryRow {
    id: Uuid,
    transaction: Movement,
    /// Above zero a credit, below zero a debit.
    amount: SignedAmount,
    /// In English.
    #[schema(example = "Platform fee for Order #ORD-095")]
    description: String,
    created_at: Timestamp,
    /// What the account held right after it: it fits the next older row's.
    balance_after: SignedAmount,
}

/// The movement that a line belongs to.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerTransaction)]
pub(super) struct Movement {
    #[schema(example = "1042")]
    id: String,
    #[schema(value_type = TransactionKindWord, example = "release")]
    kind: &'static str,
    /// The one thing that it comes from; unique to it.
    #[schema(example = "release:0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11:1")]
    source: String,
    /// The order, the withdrawal or the deposit that it belongs to.
    #[schema(example = "ORD-095")]
    reference: String,
}

impl From<LedgerEntry> for EntryRow {
    fn from(entry: LedgerEntry) -> Self {
        let LedgerEntry {
            id,
            position: _,
            transaction_id,
            kind,
            source,
            reference,
            purpose,
            minor,
            balance_after,
            created_at,
        } = entry;
        Self {
            id,
            amount: SignedAmount(minor),
            description: purpose.describe(&reference),
            created_at: Timestamp(created_at),
            balance_after: SignedAmount(balance_after),
            transaction: Movement { id: transaction_id.to_string(), kind: kind.as_str(), source, reference },
        }
    }
}

/// Whether the books agree with the world.
#[derive(Serialize, ToSchema)]
#[schema(as = Reconciliation)]
pub(super) struct ReconciliationData {
    as_of: Timestamp,
    /// The check of the books that was made last; null before the first night.
    #[schema(required = true)]
    last_check: Option<CheckRow>,
    payout_holds: HoldsRow,
    /// Those with whom there was anything, by currency.
    outside: Vec<OutsideRow>,
    waiting_withdrawals: WaitingRows,
}

/// A check of the whole books.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerCheck)]
pub(super) struct CheckRow {
    id: Uuid,
    started_at: Timestamp,
    finished_at: Timestamp,
    /// Whether no row disagrees.
    ok: bool,
    /// How many rows disagree.
    #[schema(example = 0)]
    offending: i64,
    /// How many rules were checked.
    #[schema(example = 17)]
    checked: usize,
    /// Those that are broken.
    broken: Vec<FindingRow>,
}

/// A rule of the books that is broken.
#[derive(Serialize, ToSchema)]
#[schema(as = LedgerFinding)]
pub(super) struct FindingRow {
    /// Its stable name.
    #[schema(example = "balances_are_the_fold_of_postings")]
    check: String,
    /// What must be so.
    #[schema(example = "each balance is the sum of the account's postings")]
    rule: String,
    /// How many rows disagree.
    #[schema(example = 1)]
    offending: i64,
    /// The first hundred of them; what is in them depends on the rule.
    #[schema(value_type = Vec<std::collections::HashMap<String, serde_json::Value>>)]
    rows: Box<RawValue>,
}

impl TryFrom<&Finding> for FindingRow {
    type Error = UseCaseError;

    fn try_from(finding: &Finding) -> Result<Self, UseCaseError> {
        let Finding { check, rule, offending, rows } = finding;
        let rows =
            RawValue::from_string(rows.clone()).map_err(|error| UseCaseError::Internal(Box::new(error)))?;
        Ok(Self { check: check.clone(), rule: rule.clone(), offending: *offending, rows })
    }
}

impl TryFrom<&LedgerCheck> for CheckRow {
    type Error = UseCaseError;

    fn try_from(check: &LedgerCheck) -> Result<Self, UseCaseError> {
        let LedgerCheck { id, started_at, finished_at, findings } = check;
        let broken = findings.iter().filter(|finding| finding.offending > 0).map(FindingRow::try_from);
        Ok(Self {
            id: id.uuid(),
            started_at: Timestamp(*started_at),
            finished_at: Timestamp(*finished_at),
            ok: check.offending() == 0,
            offending: check.offending(),
            checked: findings.len(),
            broken: broken.collect::<Result<_, _>>()?,
        })
    }
}

/// The holds on payouts that are on.
#[derive(Serialize, ToSchema)]
#[schema(as = PayoutHolds)]
pub(super) struct HoldsRow {
    /// How many there are.
    #[schema(example = 1)]
    total: i64,
    /// The oldest hundred.
    first: Vec<ActiveHold>,
}

/// Somebody to whom nothing is paid out.
#[derive(Serialize, ToSchema)]
#[schema(as = ActivePayoutHold)]
pub(super) struct ActiveHold {
    user: HeldPerson,
    /// The check that found rows of theirs which disagree.
    check_id: Uuid,
    placed_at: Timestamp,
}

/// Who it is.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldPerson {
    id: Uuid,
    #[schema(example = "John Doe")]
    name: String,
}

impl From<&HoldView> for ActiveHold {
    fn from(view: &HoldView) -> Self {
        let HoldView { hold, user_name } = view;
        Self {
            user: HeldPerson { id: hold.user_id.uuid(), name: user_name.clone() },
            check_id: hold.check_id.uuid(),
            placed_at: Timestamp(hold.placed_at),
        }
    }
}

/// What somebody outside has paid and was paid: by the books, and by the payments themselves.
#[derive(Serialize, ToSchema)]
#[schema(as = OutsideBooks)]
pub(super) struct OutsideRow {
    /// The account in the books.
    #[schema(example = "world:sandbox")]
    account: String,
    #[schema(example = "USD")]
    currency: &'static str,
    /// Deposits that were completed.
    deposits: Amount,
    /// Deposits in the books.
    booked_deposits: Amount,
    /// Withdrawals that were paid.
    withdrawals: Amount,
    /// Withdrawals paid, in the books.
    booked_withdrawals: Amount,
    /// Everything else in the books, such as chargebacks: above zero what went out.
    booked_otherwise: SignedAmount,
    /// What the account holds: what went out less what came in.
    balance: SignedAmount,
    /// How far payments and books are apart, in both directions together: zero when they agree.
    difference: Amount,
}

impl TryFrom<&OutsideBooks> for OutsideRow {
    type Error = UseCaseError;

    fn try_from(line: &OutsideBooks) -> Result<Self, UseCaseError> {
        let OutsideBooks { outside, currency, booked_in, booked_out, booked_otherwise, paid_in, paid_out } =
            *line;
        let apart = plus(plus(paid_in, -booked_in)?.abs(), plus(paid_out, -booked_out)?.abs())?;
        Ok(Self {
            account: Account::World(outside).to_string(),
            currency: currency.as_str(),
            deposits: sum(paid_in, currency)?,
            booked_deposits: sum(booked_in, currency)?,
            withdrawals: sum(paid_out, currency)?,
            booked_withdrawals: sum(booked_out, currency)?,
            booked_otherwise: SignedAmount(booked_otherwise),
            balance: SignedAmount(plus(plus(booked_out, booked_otherwise)?, -booked_in)?),
            difference: sum(apart, currency)?,
        })
    }
}

/// Withdrawals that wait for an administrator.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitingWithdrawals)]
pub(super) struct WaitingRows {
    /// How many there are.
    #[schema(example = 1)]
    total: i64,
    /// The oldest hundred.
    first: Vec<WaitingRow>,
}

/// A withdrawal that is in doubt, or late.
#[derive(Serialize, ToSchema)]
#[schema(as = WaitingWithdrawal)]
pub(super) struct WaitingRow {
    #[schema(example = "WD-043")]
    id: String,
    user_id: Uuid,
    amount: Amount,
    #[schema(example = "bank_transfer")]
    method: &'static str,
    #[schema(value_type = WithdrawalStateWord, example = "approved")]
    state: &'static str,
    requested_at: Timestamp,
    /// When it was to be paid.
    estimated_completion: Timestamp,
}

impl From<&WaitingWithdrawal> for WaitingRow {
    fn from(waiting: &WaitingWithdrawal) -> Self {
        let WaitingWithdrawal { id, user_id, amount, method, state, requested_at, estimated_completion } =
            *waiting;
        Self {
            id: id.to_string(),
            user_id: user_id.uuid(),
            amount: Amount(amount),
            method: method.as_str(),
            state: state.as_str(),
            requested_at: Timestamp(requested_at),
            estimated_completion: Timestamp(estimated_completion),
        }
    }
}

impl TryFrom<&Reconciliation> for ReconciliationData {
    type Error = UseCaseError;

    fn try_from(found: &Reconciliation) -> Result<Self, UseCaseError> {
        let Reconciliation { as_of, last_check, holds, outside, waiting } = found;
        Ok(Self {
            as_of: Timestamp(*as_of),
            last_check: last_check.as_ref().map(CheckRow::try_from).transpose()?,
            payout_holds: HoldsRow {
                total: holds.total,
                first: holds.first.iter().map(ActiveHold::from).collect(),
            },
            outside: outside.iter().map(OutsideRow::try_from).collect::<Result<_, _>>()?,
            waiting_withdrawals: WaitingRows {
                total: waiting.total,
                first: waiting.first.iter().map(WaitingRow::from).collect(),
            },
        })
    }
}

/// A hold on payouts.
#[derive(Serialize, ToSchema)]
pub(super) struct HoldData {
    payout_hold: HoldRow,
}

/// Nothing is paid out to somebody, or was not, because the books disagree.
#[derive(Serialize, ToSchema)]
#[schema(as = PayoutHold)]
pub(super) struct HoldRow {
    id: Uuid,
    user_id: Uuid,
    #[schema(value_type = PayoutHoldStateWord, example = "lifted")]
    state: &'static str,
    /// The check that found rows of theirs which disagree.
    check_id: Uuid,
    placed_at: Timestamp,
    #[schema(required = true)]
    lifted_at: Option<Timestamp>,
    /// The administrator who lifted it.
    #[schema(required = true)]
    lifted_by: Option<Uuid>,
    /// What they found out.
    #[schema(required = true, example = "A row was restored by hand; the books agree again")]
    reason: Option<String>,
}

impl From<&PayoutHold> for HoldData {
    fn from(hold: &PayoutHold) -> Self {
        let PayoutHold { id, user_id, check_id, placed_at, lifted } = hold;
        let (lifted_at, lifted_by, reason) = match lifted {
            Some(Lifted { by, reason, at }) => {
                (Some(Timestamp(*at)), Some(by.uuid()), Some(reason.as_str().to_owned()))
            }
            None => (None, None, None),
        };
        let payout_hold = HoldRow {
            id: id.uuid(),
            user_id: user_id.uuid(),
            state: hold.state().as_str(),
            check_id: check_id.uuid(),
            placed_at: Timestamp(*placed_at),
            lifted_at,
            lifted_by,
            reason,
        };
        Self { payout_hold }
    }
}
