//! Wallets, deposits, withdrawals and chargebacks over HTTP (contract §5).
//!
//! Handlers read a request into the domain's types, call exactly one use case and show its result.
//! Commands take an `Idempotency-Key`, and their answers are made by one function each, which the
//! use case calls inside its transaction.

mod admin;
mod caller;
mod chargeback_wire;
mod chargebacks;
mod deposits;
mod rules;
mod wallet;
mod wire;
mod withdrawal_request;
mod withdrawal_shapes;
mod withdrawals;
pub(crate) mod words;

use std::sync::Arc;

use crate::routes::Mount;
use usecases::money::{
    ApproveWithdrawal, CancelWithdrawal, ListAllWithdrawals, ListChargebacks, ListEntries, ListWithdrawals,
    LoseChargeback, MarkWithdrawalFailed, MarkWithdrawalPaid, OpenDeposit, ReceiveChargeback,
    RejectWithdrawal, RequestWithdrawal, ViewWallet, ViewWithdrawal, WinChargeback,
};

/// What this module's handlers call.
#[derive(Clone)]
pub struct MoneyUseCases {
    /// Takes payments into wallets.
    pub open_deposit: Arc<OpenDeposit>,
    /// Shows people their wallet.
    pub view_wallet: Arc<ViewWallet>,
    /// Shows people what went in and out of it.
    pub list_entries: Arc<ListEntries>,
    /// Takes requests for withdrawals.
    pub request_withdrawal: Arc<RequestWithdrawal>,
    /// Shows people their withdrawals.
    pub list_withdrawals: Arc<ListWithdrawals>,
    /// Shows one withdrawal.
    pub view_withdrawal: Arc<ViewWithdrawal>,
    /// Cancels withdrawals for their owners.
    pub cancel_withdrawal: Arc<CancelWithdrawal>,
    /// Shows administrators everybody's withdrawals.
    pub list_all_withdrawals: Arc<ListAllWithdrawals>,
    /// Agrees to withdrawals.
    pub approve_withdrawal: Arc<ApproveWithdrawal>,
    /// Notes that withdrawals have been paid.
    pub mark_withdrawal_paid: Arc<MarkWithdrawalPaid>,
    /// Notes that withdrawals have not arrived.
    pub mark_withdrawal_failed: Arc<MarkWithdrawalFailed>,
    /// Refuses withdrawals.
    pub reject_withdrawal: Arc<RejectWithdrawal>,
    /// Shows administrators the payments that were taken back.
    pub list_chargebacks: Arc<ListChargebacks>,
    /// Notes that payments were taken back.
    pub receive_chargeback: Arc<ReceiveChargeback>,
    /// Notes that chargebacks were won.
    pub win_chargeback: Arc<WinChargeback>,
    /// Notes that chargebacks were lost.
    pub lose_chargeback: Arc<LoseChargeback>,
}

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config
        .service(wallet::balance)
        .service(wallet::transactions)
        .service(deposits::open)
        .service(withdrawals::request)
        .service(withdrawals::list)
        .service(withdrawals::show)
        .service(withdrawals::cancel)
        .service(admin::list)
        .service(admin::approve)
        .service(admin::mark_paid)
        .service(admin::mark_failed)
        .service(admin::reject)
        .service(chargebacks::list)
        .service(chargebacks::receive)
        .service(chargebacks::win)
        .service(chargebacks::lose);
}
