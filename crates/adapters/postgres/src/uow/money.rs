//! The books, deposits and withdrawals.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::{ChargebackId, DepositId, UserId, WithdrawalId};
use domain::money::{
    Account, Chargeback, Currency, Deposit, LedgerTransaction, Money, PayoutAccount, Withdrawal,
};
use ports::money::{
    Booked, ChargebackView, Chargebacks, Deposits, Ledger, WalletView, WithdrawalView, Withdrawals,
};
use ports::store::StoreError;
use uuid::Uuid;

use super::PgUnitOfWork;
use crate::money::{chargeback_views, chargebacks, deposits, ledger, wallets, withdrawal_views, withdrawals};

#[async_trait]
impl Ledger for PgUnitOfWork {
    async fn lock_balances(
        &mut self,
        accounts: &[Account],
        currency: Currency,
    ) -> Result<Vec<i64>, StoreError> {
        bounded!(self, |connection| ledger::lock_balances(connection, accounts, currency))
    }

    async fn book(
        &mut self,
        transaction: &LedgerTransaction,
        posting_ids: &[Uuid],
        now: DateTime<Utc>,
    ) -> Result<Booked, StoreError> {
        bounded!(self, |connection| ledger::book(connection, transaction, posting_ids, now))
    }

    async fn owed(&mut self, user_id: UserId, currency: Currency) -> Result<Money, StoreError> {
        bounded!(self, |connection| wallets::owed(connection, user_id, currency))
    }

    async fn has_money(&mut self, user_id: UserId) -> Result<bool, StoreError> {
        bounded!(self, |connection| wallets::has_money(connection, user_id))
    }

    async fn wallet(&mut self, user_id: UserId, currency: Currency) -> Result<WalletView, StoreError> {
        bounded!(self, |connection| wallets::wallet(connection, user_id, currency))
    }
}

#[async_trait]
impl Deposits for PgUnitOfWork {
    async fn insert(&mut self, deposit: &Deposit) -> Result<(), StoreError> {
        bounded!(self, |connection| deposits::insert(connection, deposit))
    }

    async fn find(&mut self, id: DepositId) -> Result<Option<Deposit>, StoreError> {
        bounded!(self, |connection| deposits::find(connection, id))
    }

    async fn lock(&mut self, id: DepositId) -> Result<Option<Deposit>, StoreError> {
        opening!(self, |connection| deposits::lock(connection, id))
    }

    async fn save(&mut self, deposit: &mut Deposit) -> Result<(), StoreError> {
        bounded!(self, |connection| deposits::save(connection, deposit))
    }
}

#[async_trait]
impl Withdrawals for PgUnitOfWork {
    async fn next_id(&mut self) -> Result<WithdrawalId, StoreError> {
        bounded!(self, |connection| withdrawals::next_id(connection))
    }

    async fn insert(&mut self, withdrawal: &Withdrawal, account: &PayoutAccount) -> Result<(), StoreError> {
        let cipher = self.database.cipher();
        bounded!(self, |connection| withdrawals::insert(connection, &*cipher, withdrawal, account))
    }

    async fn lock(&mut self, id: WithdrawalId) -> Result<Option<Withdrawal>, StoreError> {
        opening!(self, |connection| withdrawals::lock(connection, id))
    }

    async fn account(&mut self, id: WithdrawalId) -> Result<Option<PayoutAccount>, StoreError> {
        let cipher = self.database.cipher();
        bounded!(self, |connection| withdrawals::account(connection, &*cipher, id))
    }

    async fn save(&mut self, withdrawal: &mut Withdrawal) -> Result<(), StoreError> {
        bounded!(self, |connection| withdrawals::save(connection, withdrawal))
    }

    async fn view(&mut self, id: WithdrawalId) -> Result<Option<WithdrawalView>, StoreError> {
        bounded!(self, |connection| withdrawal_views::view(connection, id))
    }
}

#[async_trait]
impl Chargebacks for PgUnitOfWork {
    async fn insert(&mut self, chargeback: &Chargeback) -> Result<(), StoreError> {
        bounded!(self, |connection| chargebacks::insert(connection, chargeback))
    }

    async fn of_deposit(&mut self, id: DepositId) -> Result<Option<Chargeback>, StoreError> {
        bounded!(self, |connection| chargebacks::of_deposit(connection, id))
    }

    async fn lock(&mut self, id: ChargebackId) -> Result<Option<Chargeback>, StoreError> {
        bounded!(self, |connection| chargebacks::lock(connection, id))
    }

    async fn save(&mut self, chargeback: &mut Chargeback) -> Result<(), StoreError> {
        bounded!(self, |connection| chargebacks::save(connection, chargeback))
    }

    async fn view(&mut self, id: ChargebackId) -> Result<Option<ChargebackView>, StoreError> {
        bounded!(self, |connection| chargeback_views::view(connection, id))
    }
}
