//! Money: amounts, fees, the double-entry ledger, escrow, and the ways in and out.
//!
//! Source of the rules: contract §2 and §5, `domain.md` "Money". Every movement is one
//! [`LedgerTransaction`] of postings that add up to zero; the functions of [`movements`] make all
//! there are. Everything is an integer of minor units, and every sum is checked.
//!
//! Deliberately absent: exchange of currencies, talking to payment providers (ports), and the
//! balances themselves: they are the fold of the postings, and storage keeps and locks them.

mod account;
mod amount;
mod chargeback;
mod debt;
mod deposit;
mod escrow;
mod event;
mod fees;
mod four_eyes;
mod ledger;
mod market;
pub mod movements;
mod payout_account;
mod payout_day;
pub mod policy;
mod source;
mod split;
mod wallet;
mod withdrawal;
mod withdrawal_state;

pub use account::{Account, AccountKind, Outside};
pub use amount::{Currency, Money, MoneyError};
pub use chargeback::{
    CHARGEBACK_MACHINE, Chargeback, ChargebackCommand, ChargebackError, ChargebackReason, ChargebackRef,
    ChargebackState, ChargebackStep, NewChargeback, Taken,
};
pub use debt::{DebtError, Purse, settle_debt};
pub use deposit::{DEPOSIT_MACHINE, Deposit, DepositCommand, DepositError, DepositState, NewDeposit, PaidIn};
pub use escrow::{Escrow, Refunded, Released, Returned};
pub use event::{MoneyEvent, WithdrawalRef};
pub use fees::{BasisPoints, BasisPointsError, FeeRule};
pub use four_eyes::FourEyes;
pub use ledger::{Balances, LedgerError, LedgerTransaction, Posting};
pub use market::{MARKET_CURRENCY, PayIn, Unpayable, must_be_payable};
pub use movements::{ContractParties, PayoutTo};
pub use payout_account::{AccountFault, PayoutAccount, PayoutMethod};
pub use payout_day::estimated_completion;
pub use source::{Purpose, Reference, Source, TransactionKind};
pub use split::{SplitError, split_equally, split_in_proportion};
pub use wallet::{WalletChange, wallet_changes};
pub use withdrawal::{
    ASKING_PERIOD, Attendance, FailureReason, NewWithdrawal, RejectionReason, Withdrawal, WithdrawalError,
    WithdrawalStep,
};
pub use withdrawal_state::{
    EntryStatus, PayoutProvider, WITHDRAWAL_MACHINE, WithdrawalCommand, WithdrawalState, WithdrawalStatus,
};
