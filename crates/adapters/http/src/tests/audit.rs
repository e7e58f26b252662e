//! The books: how they are shown, who may see them, and what is wrong with a request.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::audit::PayoutHold;
use domain::ids::{LedgerCheckId, PayoutHoldId, UserId, WithdrawalId};
use domain::money::{
    Account, AccountKind, Currency, Money, Outside, PayoutMethod, Purpose, TransactionKind, WithdrawalState,
};
use ports::audit::{
    AuditQueries, Counted, Finding, HoldView, LedgerCheck, LedgerEntry, OutsideBooks, TrialLine,
    WaitingWithdrawal,
};
use ports::list::{Slice, Window};
use ports::store::StoreError;
use serde_json::json;
use usecases::audit::{LiftPayoutHold, ListAccountEntries, ViewReconciliation, ViewTrialBalance};
use usecases::recorder::Recorder;
use uuid::Uuid;

use super::support::{World, faults, get, post, start};
use crate::audit::AuditUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> AuditUseCases {
    let recorder = Recorder { clock: world.clone(), ids: world.clone() };
    AuditUseCases {
        trial_balance: Arc::new(ViewTrialBalance { audit: world.clone(), clock: world.clone() }),
        account_entries: Arc::new(ListAccountEntries { audit: world.clone() }),
        reconciliation: Arc::new(ViewReconciliation { audit: world.clone(), clock: world.clone() }),
        lift_hold: Arc::new(LiftPayoutHold { store: world.clone(), recorder }),
    }
}

fn moment() -> DateTime<Utc> {
    "2026-11-21T03:00:04Z".parse().unwrap()
}

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

#[async_trait]
impl AuditQueries for World {
    async fn trial_balance(&self) -> Result<Vec<TrialLine>, StoreError> {
        let line = |currency, kind, account, debits, credits| TrialLine {
            currency,
            kind,
            account,
            accounts: 1,
            debits,
            credits,
        };
        let outside = Account::World(Outside::Sandbox);
        Ok(vec![
            line(Currency::Usd, AccountKind::World, Some(outside), 50_000, 0),
            line(Currency::Usd, AccountKind::UserAvailable, None, 100, 50_100),
            line(Currency::Eur, AccountKind::World, Some(outside), 7, 0),
        ])
    }

    async fn account_entries(
        &self,
        account: Account,
        currency: Currency,
        window: Window,
    ) -> Result<Option<Slice<LedgerEntry>>, StoreError> {
        self.questions.lock().unwrap().push(format!("{account} {currency} {window:?}"));
        if account == Account::PlatformLosses {
            return Ok(None);
        }
        let entry = LedgerEntry {
            id: id(12),
            position: 41,
            transaction_id: 1042,
            kind: TransactionKind::Release,
            source: "release:x:1".into(),
            reference: "ORD-095".into(),
            purpose: Purpose::PlatformFee,
            minor: -1_005,
            balance_after: -5,
            created_at: moment(),
        };
        Ok(Some(Slice { rows: vec![entry], total: 3, next: Some(41) }))
    }

    async fn last_check(&self) -> Result<Option<LedgerCheck>, StoreError> {
        let finding = |check: &str, offending, rows: &str| Finding {
            check: check.into(),
            rule: "so it must be".into(),
            offending,
            rows: rows.into(),
        };
        Ok(Some(LedgerCheck {
            id: LedgerCheckId::new(id(41)),
            started_at: moment(),
            finished_at: moment(),
            findings: vec![finding("good", 0, "[]"), finding("bad", 2, r#"[{"user_id": 1.50}]"#)],
        }))
    }

    async fn active_holds(&self, limit: u32) -> Result<Counted<HoldView>, StoreError> {
        let hold = PayoutHold {
            id: PayoutHoldId::new(id(42)),
            user_id: UserId::new(id(11)),
            check_id: LedgerCheckId::new(id(41)),
            placed_at: moment(),
            lifted: None,
        };
        Ok(Counted { first: vec![HoldView { hold, user_name: "John Doe".into() }], total: limit.into() })
    }

    async fn outside(&self) -> Result<Vec<OutsideBooks>, StoreError> {
        Ok(vec![OutsideBooks {
            outside: Outside::PayPal,
            currency: Currency::Usd,
            booked_in: 500,
            booked_out: 200,
            booked_otherwise: 30,
            paid_in: 400,
            paid_out: 260,
        }])
    }

    async fn waiting(
        &self,
        in_doubt: &[WithdrawalState],
        unfinished: &[WithdrawalState],
        due: DateTime<Utc>,
        limit: u32,
    ) -> Result<Counted<WaitingWithdrawal>, StoreError> {
        assert_eq!(in_doubt, [WithdrawalState::NeedsReview]);
        assert!(unfinished.contains(&WithdrawalState::Pending) && due < moment() && limit == 100);
        let waiting = WaitingWithdrawal {
            id: WithdrawalId::new(43).unwrap(),
            user_id: UserId::new(id(11)),
            amount: Money::total(50_000, Currency::Usd).unwrap(),
            method: PayoutMethod::BankTransfer,
            state: WithdrawalState::Approved,
            requested_at: moment(),
            estimated_completion: moment(),
        };
        Ok(Counted { first: vec![waiting], total: 1 })
    }
}

#[actix_web::test]
async fn a_trial_balance_is_told_by_currency() {
    let app = start().await;
    let answer = app.send(get("/api/v1/admin/ledger/trial-balance", "admin:9")).await;
    assert_eq!(answer.status, 200);
    assert!(String::from_utf8_lossy(&answer.body).contains("-500.00"), "with two decimals");
    let expected = json!({"as_of": "2024-01-15T10:30:00Z", "currencies": [
        {"currency": "USD", "debits": 501.0, "credits": 501.0, "balance": 0.0, "lines": [
            {"kind": "world", "account": "world:sandbox", "accounts": 1, "debits": 500.0, "credits": 0.0,
             "balance": -500.0},
            {"kind": "user_available", "account": null, "accounts": 1, "debits": 1.0, "credits": 501.0,
             "balance": 500.0}]},
        {"currency": "EUR", "debits": 0.07, "credits": 0.0, "balance": -0.07, "lines": [
            {"kind": "world", "account": "world:sandbox", "accounts": 1, "debits": 0.07, "credits": 0.0,
             "balance": -0.07}]}]});
    assert_eq!(answer.json()["data"], expected);
}

#[actix_web::test]
async fn an_accounts_lines_are_shown() {
    let app = start().await;
    let own = format!("user:{}:available", id(11));
    let path = format!("/api/v1/admin/ledger/accounts/{own}/entries");
    let answer = app.send(get(&format!("{path}?limit=1"), "admin:9")).await;
    let data = answer.json()["data"].clone();
    let account =
        json!({"id": own, "kind": "user_available", "owner_id": id(11).to_string(), "currency": "USD"});
    assert_eq!(data["account"], account);
    let entry = json!({
        "id": id(12).to_string(),
        "transaction":
            {"id": "1042", "kind": "release", "source": "release:x:1", "reference": "ORD-095"},
        "amount": -10.05, "description": "Platform fee for Order #ORD-095",
        "created_at": "2026-11-21T03:00:04Z", "balance_after": -0.05});
    assert_eq!(data["entries"], json!([entry]));
    // A cursor leads on in this account's list, and in no other's.
    let cursor = data["pagination"]["next_cursor"].as_str().unwrap();
    assert_eq!(app.send(get(&format!("{path}?cursor={cursor}"), "admin:9")).await.status, 200);
    let asked = app.world.questions.lock().unwrap().pop().unwrap();
    assert_eq!(asked, format!("{own} USD Before {{ position: 41, limit: 20 }}"));
    let other = format!("/api/v1/admin/ledger/accounts/platform:fees/entries?cursor={cursor}");
    app.send(get(&other, "admin:9")).await.expect_error(400, "VALIDATION_ERROR");
}

#[actix_web::test]
async fn what_is_no_account_is_not_found() {
    let app = start().await;
    for account in ["platform:losses", "platform:gains", "world:mars", "user:1:available", "%00", "x"] {
        let path = format!("/api/v1/admin/ledger/accounts/{account}/entries");
        app.send(get(&path, "admin:9")).await.expect_error(404, "NOT_FOUND");
    }
}

#[actix_web::test]
async fn a_reconciliation_tells_what_is_apart() {
    let app = start().await;
    let answer = app.send(get("/api/v1/admin/reconciliation", "admin:9")).await;
    let data = answer.json()["data"].clone();
    let check = &data["last_check"];
    assert_eq!((&check["ok"], &check["offending"], &check["checked"]), (&json!(false), &json!(2), &json!(2)));
    let broken =
        json!([{"check": "bad", "rule": "so it must be", "offending": 2, "rows": [{"user_id": 1.5}]}]);
    assert_eq!(check["broken"], broken, "those that are kept are not told");
    assert_eq!(data["payout_holds"]["total"], 100);
    assert_eq!(data["payout_holds"]["first"][0]["user"]["name"], "John Doe");
    let outside = json!([{"account": "world:paypal", "currency": "USD", "deposits": 4.0,
        "booked_deposits": 5.0, "withdrawals": 2.6, "booked_withdrawals": 2.0, "booked_otherwise": 0.3,
        "balance": -2.7, "difference": 1.6}]);
    assert_eq!(data["outside"], outside);
    let waiting = &data["waiting_withdrawals"];
    assert_eq!((&waiting["total"], &waiting["first"][0]["id"]), (&json!(1), &json!("WD-043")));
}

#[actix_web::test]
async fn a_hold_is_lifted_for_a_reason() {
    let app = start().await;
    let path = format!("/api/v1/admin/payout-holds/{}/lift", id(11));
    for (body, expected) in [
        (r#"{"reason": ""}"#, ("reason", "must not be empty")),
        (r#"{"reason": "ok", "x": 1}"#, ("x", "is not a known field")),
    ] {
        let details = app.send(post(&path, "admin:9", body)).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], faults(&[expected]), "{body}");
    }
    let malformed = post("/api/v1/admin/payout-holds/x/lift", "admin:9", r#"{"reason": "ok"}"#);
    app.send(malformed).await.expect_error(404, "NOT_FOUND");
    app.send(post(&path, "admin:9", r#"{"reason": "ok"}"#)).await.expect_error(503, "SERVICE_UNAVAILABLE");
}

#[actix_web::test]
async fn only_administrators_see_the_books() {
    let app = start().await;
    for token in ["client:1", "writer:2", "freelancer:3", "professional:4"] {
        for path in ["ledger/trial-balance", "ledger/accounts/x/entries?limit=0", "reconciliation?x=1"] {
            let request = get(&format!("/api/v1/admin/{path}"), token);
            app.send(request).await.expect_error(403, "FORBIDDEN");
        }
        let lift = post("/api/v1/admin/payout-holds/x/lift", token, "{}");
        app.send(lift).await.expect_error(403, "FORBIDDEN");
    }
    assert!(app.world.questions.lock().unwrap().is_empty());
}
