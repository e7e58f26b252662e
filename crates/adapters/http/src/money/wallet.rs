//! What one has, and what went in and out.

use actix_web::{HttpResponse, get, web};
use ports::money::EntryFilter;

use super::caller::WalletOwner;
use super::wire::{BalanceData, TransactionRow, TransactionsData};
use super::words::EntryFilterWord;
use crate::Api;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;
use crate::extract::{ALL, Filter, ListParameters, ListQuery, Query};

/// See one's balance
///
/// For everybody but administrators, who have no wallet. Somebody who never had money has zero
/// everywhere.
#[utoipa::path(
    tag = "payments",
    operation_id = "getBalance",
    security(("bearer" = [])),
    responses(
        (status = 200, description = "What the caller has.", body = Envelope<BalanceData>,
        example = json!({"status": "success", "data": {"balance": {
            "available": 1245.50, "debt": 0.00, "pending": 380.00, "clearing": 80.00, "in_escrow": 0.00,
            "total_earned": 12450.00,
            "total_withdrawn": 11204.50, "currency": "USD"}}})),
        (status = 403, description = "Administrators have no wallet.")
    )
)]
#[get("/balance")]
pub(super) async fn balance(caller: WalletOwner, api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let wallet = api.money.view_wallet.execute(&caller.actor).await?;
    Ok(ok(BalanceData::from(&wallet)))
}

pub(super) const fn word(filter: EntryFilter) -> &'static str {
    match filter {
        EntryFilter::All => ALL,
        EntryFilter::Credits => "credit",
        EntryFilter::Debits => "debit",
    }
}

/// Which entries of a wallet's history are wanted.
#[derive(Debug)]
pub(super) struct EntryType(EntryFilter);

impl Filter for EntryType {
    const LIST: &'static str = "transactions";

    fn read(query: &mut Query) -> Self {
        let filter = query.one_of("type", &[EntryFilter::Credits, EntryFilter::Debits], word);
        Self(filter.unwrap_or(EntryFilter::All))
    }

    fn canonical(&self) -> String {
        word(self.0).to_owned()
    }
}

/// See what went in and out
///
/// The caller's wallet, newest first: each row's `balance_after` is that of the next older one, plus
/// or minus this amount. A withdrawal is a debit from the moment of the request; when it is
/// rejected, cancelled or fails, its money comes back as a further credit.
#[utoipa::path(
    tag = "payments",
    operation_id = "listTransactions",
    security(("bearer" = [])),
    params(
        ("type" = inline(Option<EntryFilterWord>), Query, description = "`all` (default), `credit` or `debit`.",
            nullable = false, example = "credit"),
        ListParameters
    ),
    responses(
        (status = 200, description = "A part of the history.", body = Envelope<TransactionsData>,
        example = json!({"status": "success", "data": {
            "transactions": [
                {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e12", "type": "credit", "amount": 115.00,
                 "description": "Payment for Order #ORD-095", "status": "completed", "reference": "ORD-095",
                 "created_at": "2024-01-14T15:20:00Z", "balance_after": 1245.50},
                {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e13", "type": "debit", "amount": 500.00,
                 "description": "Withdrawal to Bank Account", "status": "completed", "reference": "WD-042",
                 "created_at": "2024-01-10T10:00:00Z", "balance_after": 1130.50}],
            "pagination": {"page": 1, "limit": 20, "total": 156, "pages": 8, "has_next": true,
                "has_prev": false, "next_cursor": "dHJhbnNhY3Rpb25zOmE1OWM0ZTA4YzE3ZDJiM2Y6NDE"}}})),
        (status = 403, description = "Administrators have no wallet.")
    )
)]
#[get("/transactions")]
pub(super) async fn transactions(
    caller: WalletOwner,
    api: web::Data<Api>,
    query: ListQuery<EntryType>,
) -> Result<HttpResponse, ApiError> {
    let EntryType(filter) = query.filter;
    let found = api.money.list_entries.execute(&caller.actor, filter, query.window()).await?;
    let pagination = query.pagination(&found);
    let transactions = found.rows.into_iter().map(TransactionRow::try_from).collect::<Result<_, _>>()?;
    Ok(ok(TransactionsData { transactions, pagination }))
}
