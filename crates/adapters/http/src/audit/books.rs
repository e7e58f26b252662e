//! The books as a whole, and one account of them.

use actix_web::{HttpRequest, HttpResponse, get, web};
use domain::money::{Account, MARKET_CURRENCY};

use super::Auditor;
use super::wire::{EntriesData, EntryRow, LedgerAccount, TrialBalanceData};
use crate::Api;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{Filter, ListParameters, ListQuery, PathId, Query};
use crate::wire::{AccountName, Timestamp};

/// See what all accounts come to
///
/// For administrators. The trial balance: everything that was ever taken from and given to the accounts of
/// each kind. In each currency the balances add up to zero, always.
#[utoipa::path(
    tag = "admin",
    operation_id = "getTrialBalance",
    security(("bearer" = [])),
    responses((status = 200, description = "The trial balance.", body = Envelope<TrialBalanceData>,
        example = json!({"status": "success", "data": {"as_of": "2026-11-21T09:00:00Z", "currencies": [{
            "currency": "USD",
            "lines": [
                {"kind": "world", "account": "world:sandbox", "accounts": 1,
                 "debits": 500.00, "credits": 0.00, "balance": -500.00},
                {"kind": "user_available", "account": null, "accounts": 2,
                 "debits": 110.00, "credits": 600.00, "balance": 490.00},
                {"kind": "contract_escrow", "account": null, "accounts": 1,
                 "debits": 100.00, "credits": 100.00, "balance": 0.00},
                {"kind": "platform_fees", "account": "platform:fees", "accounts": 1,
                 "debits": 0.00, "credits": 10.00, "balance": 10.00}],
            "debits": 710.00, "credits": 710.00, "balance": 0.00}]}})))
)]
#[get("/admin/ledger/trial-balance")]
pub(super) async fn trial_balance(caller: Auditor, api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let (lines, as_of) = api.audit.trial_balance.execute(&caller.actor).await?;
    Ok(ok(TrialBalanceData::new(&lines, Timestamp(as_of))?))
}

/// All that was booked on an account.
#[derive(Debug)]
pub(super) struct AccountEntries;

impl Filter for AccountEntries {
    const LIST: &'static str = "ledger-entries";

    fn read(_: &mut Query) -> Self {
        Self
    }

    fn canonical(&self) -> String {
        String::new()
    }

    fn object(request: &HttpRequest) -> String {
        // A malformed one has no list.
        PathId::<Account>::of(request).get().map(|account| account.to_string()).unwrap_or_default()
    }
}

/// See what was booked on an account
///
/// For administrators. Newest first, with the balance after each line. Accounts are
/// `user:{id}:available`, `…:clearing`, `…:withdrawing` and `…:debt`, `contract:{id}:escrow` and
/// `…:disputed`, `platform:fees`, `platform:losses`, and `world:{name}` for those outside.
#[utoipa::path(
    tag = "admin",
    operation_id = "listLedgerEntries",
    security(("bearer" = [])),
    params(
        ("id" = inline(AccountName), Path, description = "The account's name in the books",
            example = "platform:fees"),
        ListParameters
    ),
    responses((status = 200, description = "A part of the list.", body = Envelope<EntriesData>,
        example = json!({"status": "success", "data": {
            "account": {"id": "platform:fees", "kind": "platform_fees", "owner_id": null, "currency": "USD"},
            "entries": [{
                "id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e12",
                "transaction": {"id": "1042", "kind": "release",
                    "source": "release:0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11:1", "reference": "ORD-095"},
                "amount": 10.00, "description": "Platform fee for Order #ORD-095",
                "created_at": "2024-01-14T15:20:00Z", "balance_after": 245.50}],
            "pagination": {"page": 1, "limit": 20, "total": 1, "pages": 1, "has_next": false,
                "has_prev": false, "next_cursor": null}}})))
)]
#[get("/admin/ledger/accounts/{id}/entries")]
pub(super) async fn account_entries(
    caller: Auditor,
    api: web::Data<Api>,
    id: PathId<Account>,
    query: ListQuery<AccountEntries>,
) -> Result<HttpResponse, ApiError> {
    let (account, AccountEntries) = (id.get()?, &query.filter);
    let found = api.audit.account_entries.execute(&caller.actor, account, query.window()).await?;
    let pagination = query.pagination(&found);
    let entries = found.rows.into_iter().map(EntryRow::from).collect();
    Ok(ok(EntriesData { account: LedgerAccount::new(account, MARKET_CURRENCY), entries, pagination }))
}
