//! Wallets, deposits and withdrawals: the source document's examples, who may do what, and what is
//! wrong with a request. What is done with a good one is tested with the use cases.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::{UserId, WithdrawalId};
use domain::money::{
    ChargebackState, Currency, FourEyes, Money, PayIn, PayoutMethod, Purpose, WithdrawalState,
};
use ports::list::{Slice, Window};
use ports::money::{
    ChargebackQueries, ChargebackView, EntryFilter, MoneyQueries, WalletEntry, WalletView, WithdrawalView,
};
use ports::store::StoreError;
use serde_json::json;
use usecases::money::{
    ApproveWithdrawal, CancelWithdrawal, ListAllWithdrawals, ListChargebacks, ListEntries, ListWithdrawals,
    LoseChargeback, MarkWithdrawalFailed, MarkWithdrawalPaid, OpenDeposit, ReceiveChargeback,
    RejectWithdrawal, RequestWithdrawal, ViewWallet, ViewWithdrawal, WinChargeback,
};
use usecases::recorder::Recorder;
use uuid::Uuid;

use super::support::{World, covers, example, get, post, start};
use crate::money::MoneyUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> MoneyUseCases {
    let money: Arc<dyn MoneyQueries> = world.clone();
    let recorder = Recorder { clock: world.clone(), ids: world.clone() };
    let (store, recorder) = (|| world.clone(), || recorder.clone());
    MoneyUseCases {
        open_deposit: Arc::new(OpenDeposit {
            store: store(),
            recorder: recorder(),
            ways: PayIn { sandbox: true },
        }),
        view_wallet: Arc::new(ViewWallet { money: money.clone() }),
        list_entries: Arc::new(ListEntries { money: money.clone() }),
        request_withdrawal: Arc::new(RequestWithdrawal { store: store(), recorder: recorder() }),
        list_withdrawals: Arc::new(ListWithdrawals { money: money.clone() }),
        view_withdrawal: Arc::new(ViewWithdrawal { money: money.clone() }),
        cancel_withdrawal: Arc::new(CancelWithdrawal { store: store(), recorder: recorder() }),
        list_all_withdrawals: Arc::new(ListAllWithdrawals { money }),
        approve_withdrawal: Arc::new(ApproveWithdrawal {
            store: store(),
            recorder: recorder(),
            four_eyes: FourEyes::default(),
        }),
        mark_withdrawal_paid: Arc::new(MarkWithdrawalPaid { store: store(), recorder: recorder() }),
        mark_withdrawal_failed: Arc::new(MarkWithdrawalFailed { store: store(), recorder: recorder() }),
        reject_withdrawal: Arc::new(RejectWithdrawal { store: store(), recorder: recorder() }),
        list_chargebacks: Arc::new(ListChargebacks { chargebacks: world.clone() }),
        receive_chargeback: Arc::new(ReceiveChargeback {
            store: store(),
            recorder: recorder(),
            debt_limit: usd(100_000),
        }),
        win_chargeback: Arc::new(WinChargeback { store: store(), recorder: recorder() }),
        lose_chargeback: Arc::new(LoseChargeback { store: store(), recorder: recorder() }),
    }
}

fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn entry(id: u128, minor: i64, balance_after: i64) -> WalletEntry {
    let is_credit = minor > 0;
    WalletEntry {
        id: Uuid::from_u128(id),
        position: 41,
        minor,
        currency: Currency::Usd,
        purpose: if is_credit { Purpose::Payment } else { Purpose::WithdrawalToBank },
        reference: if is_credit { "ORD-095".into() } else { "WD-042".into() },
        withdrawal_state: (!is_credit).then_some(WithdrawalState::Paid),
        created_at: moment(if is_credit { "2024-01-14T15:20:00Z" } else { "2024-01-10T10:00:00Z" }),
        balance_after,
    }
}

fn withdrawal(state: WithdrawalState) -> WithdrawalView {
    let masked =
        [("account_number", "****7890"), ("bank_name", "Example Bank"), ("account_holder", "J*** D***")];
    WithdrawalView {
        id: WithdrawalId::new(43).unwrap(),
        user_id: UserId::new(Uuid::from_u128(1)),
        user_name: "John Doe".into(),
        amount: usd(50_000),
        method: PayoutMethod::BankTransfer,
        account_masked: masked.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec(),
        state,
        approved_by: vec![UserId::new(Uuid::from_u128(9))],
        rejection_reason: None,
        failure_reason: None,
        requested_at: moment("2024-01-15T14:30:00.9Z"),
        estimated_completion: moment("2024-01-17T00:00:00Z"),
        sent_at: None,
        completed_at: None,
    }
}

/// The figures of the source document; every question is written down.
#[async_trait]
impl MoneyQueries for World {
    async fn wallet(&self, _: UserId, _: Currency) -> Result<WalletView, StoreError> {
        Ok(WalletView {
            available: usd(124_550),
            debt: usd(0),
            pending: usd(38_000),
            clearing: usd(8_000),
            in_escrow: usd(0),
            total_earned: usd(1_245_000),
            total_withdrawn: usd(1_120_450),
        })
    }

    async fn entries(
        &self,
        user_id: UserId,
        filter: EntryFilter,
        window: Window,
    ) -> Result<Slice<WalletEntry>, StoreError> {
        let number = user_id.uuid().as_u128();
        self.questions.lock().unwrap().push(format!("entries of {number}: {filter:?} {window:?}"));
        let rows = vec![entry(1, 11_500, 124_550), entry(2, -50_000, 113_050)];
        Ok(Slice { rows, total: 156, next: Some(41) })
    }

    async fn withdrawals(
        &self,
        user_id: Option<UserId>,
        states: &[WithdrawalState],
        window: Window,
    ) -> Result<Slice<WithdrawalView>, StoreError> {
        let number = user_id.map(|id| id.uuid().as_u128());
        let states: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        let question = format!("withdrawals of {number:?}: {} {window:?}", states.join(","));
        self.questions.lock().unwrap().push(question);
        Ok(Slice { rows: vec![withdrawal(WithdrawalState::Pending)], total: 1, next: None })
    }

    async fn withdrawal(&self, id: WithdrawalId) -> Result<Option<WithdrawalView>, StoreError> {
        Ok((id.number() == 43).then(|| withdrawal(WithdrawalState::Approved)))
    }
}

#[async_trait]
impl ChargebackQueries for World {
    async fn chargebacks(
        &self,
        state: Option<ChargebackState>,
        window: Window,
    ) -> Result<Slice<ChargebackView>, StoreError> {
        self.questions.lock().unwrap().push(format!("chargebacks: {state:?} {window:?}"));
        Ok(Slice { rows: vec![], total: 0, next: None })
    }

    async fn solvent_debtors(&self, _: Option<UserId>, _: u32) -> Result<Vec<UserId>, StoreError> {
        Ok(vec![])
    }
}

#[actix_web::test]
async fn the_balance_is_that_of_the_source() {
    let app = start().await;
    let answer = app.send(get("/api/v1/balance", "writer:1")).await;
    assert_eq!(answer.status, 200);
    let expected = "{\"status\":\"success\",\"data\":{\"balance\":{\"available\":1245.50,\"debt\":0.00,\"pending\":380.00,\
                    \"clearing\":80.00,\"in_escrow\":0.00,\"total_earned\":12450.00,\"total_withdrawn\":11204.50,\"currency\":\"USD\"}}}";
    assert_eq!(answer.body, expected, "to the letter: amounts have two decimals");
}

#[actix_web::test]
async fn transactions_are_those_of_the_source() {
    let app = start().await;
    let answer = app.send(get("/api/v1/transactions", "writer:1")).await;
    let cursor = answer.json()["data"]["pagination"]["next_cursor"].clone();
    assert!(cursor.is_string());
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    assert!(text.contains("\"amount\":115.00,") && text.contains("\"balance_after\":1130.50}"), "{text}");
    let expected = json!({
        "transactions": [
            {"id": Uuid::from_u128(1), "type": "credit", "amount": 115.00,
             "description": "Payment for Order #ORD-095", "status": "completed", "reference": "ORD-095",
             "created_at": "2024-01-14T15:20:00Z", "balance_after": 1245.50},
            {"id": Uuid::from_u128(2), "type": "debit", "amount": 500.00,
             "description": "Withdrawal to Bank Account", "status": "completed", "reference": "WD-042",
             "created_at": "2024-01-10T10:00:00Z", "balance_after": 1130.50}],
        "pagination": {"page": 1, "limit": 20, "total": 156, "pages": 8, "has_next": true,
            "has_prev": false, "next_cursor": cursor}
    });
    assert_eq!(answer.json()["data"], expected);
}

#[actix_web::test]
async fn filters_and_parts_of_lists_reach_the_question() {
    let app = start().await;
    let debits = app.send(get("/api/v1/transactions?type=debit", "writer:1")).await.json();
    let cursor = debits["data"]["pagination"]["next_cursor"].as_str().unwrap();
    let next = format!("/api/v1/transactions?type=debit&cursor={cursor}");
    let cases = [
        ("writer:1", "/api/v1/transactions", "entries of 1: All Page { offset: 0, limit: 20 }"),
        ("writer:1", "/api/v1/transactions?type=all", "entries of 1: All Page { offset: 0, limit: 20 }"),
        (
            "client:2",
            "/api/v1/transactions?type=credit&page=2&limit=5&x=1",
            "entries of 2: Credits Page { offset: 5, limit: 5 }",
        ),
        ("writer:1", &next, "entries of 1: Debits Before { position: 41, limit: 20 }"),
        (
            "writer:1",
            "/api/v1/withdrawals?status=pending",
            "withdrawals of Some(1): pending,countersign,approved,sent,needs_review Page { offset: 0, limit: 20 }",
        ),
        (
            "admin:9",
            "/api/v1/admin/withdrawals?status=completed",
            "withdrawals of None: paid Page { offset: 0, limit: 20 }",
        ),
        (
            "admin:9",
            "/api/v1/admin/chargebacks?state=won&limit=5",
            "chargebacks: Some(Won) Page { offset: 0, limit: 5 }",
        ),
    ];
    for (token, path, question) in cases {
        assert_eq!(app.send(get(path, token)).await.status, 200, "{path}");
        assert_eq!(app.world.questions.lock().unwrap().pop().as_deref(), Some(question), "{path}");
    }
    app.world.questions.lock().unwrap().clear();
    const CURSOR: &str = "is not a cursor of this list";
    const STATUS: &str = "must be one of all, pending, completed, rejected, cancelled, failed";
    for (token, path, field, message) in [
        ("writer:1", "/api/v1/transactions?type=x", "type", "must be one of all, credit, debit"),
        ("writer:1", "/api/v1/transactions?page=0", "page", "must be a whole number of at least 1"),
        // Somebody else's, of another filter, of another list.
        ("writer:2", &next, "cursor", CURSOR),
        ("writer:1", &next.replace("debit", "credit"), "cursor", CURSOR),
        ("writer:1", &next.replace("transactions?type=debit", "withdrawals?"), "cursor", CURSOR),
        ("writer:1", "/api/v1/withdrawals?status=paid", "status", STATUS),
        ("admin:9", "/api/v1/admin/withdrawals?status=", "status", STATUS),
    ] {
        let details = app.send(get(path, token)).await.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], json!([{"field": field, "message": message}]), "{path}");
    }
    assert!(app.world.questions.lock().unwrap().is_empty(), "nothing is asked for a faulty request");
}

#[actix_web::test]
async fn a_withdrawal_is_shown_to_its_owner_and_to_administrators() {
    let app = start().await;
    const PATH: &str = "/api/v1/withdrawals/WD-043";
    let mut expected = json!({
        "id": "WD-043", "amount": 500.0, "status": "pending", "state": "approved",
        "method": "bank_transfer", "account_details": {"account_number": "****7890",
            "bank_name": "Example Bank", "account_holder": "J*** D***"},
        "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z",
        "sent_at": null, "completed_at": null, "rejection_reason": null, "failure_reason": null
    });
    let own = app.send(get(PATH, "writer:1")).await;
    assert_eq!(own.json()["data"], json!({"withdrawal": expected}));
    expected["approved_by"] = json!([Uuid::from_u128(9)]);
    expected["user"] = json!({"id": Uuid::from_u128(1), "name": "John Doe"});
    assert_eq!(app.send(get(PATH, "admin:9")).await.json()["data"], json!({"withdrawal": expected}));

    let list = app.send(get("/api/v1/withdrawals", "writer:1")).await.json();
    assert!(list["data"]["withdrawals"][0].get("user").is_none());
    let all = app.send(get("/api/v1/admin/withdrawals", "admin:9")).await.json();
    assert_eq!(all["data"]["withdrawals"][0]["user"], expected["user"]);

    let unknown = app.send(get("/api/v1/withdrawals/WD-044", "writer:1")).await;
    unknown.expect_error(404, "NOT_FOUND");
    for (path, token) in [
        (PATH, "writer:2"),
        (PATH, "client:2"),
        ("/api/v1/withdrawals/WD-43", "writer:1"),
        ("/api/v1/withdrawals/wd-043", "writer:1"),
        ("/api/v1/withdrawals/43", "admin:9"),
    ] {
        assert_eq!(app.send(get(path, token)).await.body, unknown.body, "{path} {token}");
    }
}

const BANK: &str = "{\"account_number\":\"1234567890\",\"bank_name\":\"Example Bank\",\
                    \"account_holder\":\"John Doe\"}";

fn withdraw(amount: &str, method: &str, details: &str) -> String {
    format!("{{\"amount\":{amount},\"method\":\"{method}\",\"account_details\":{details}}}")
}

#[actix_web::test]
async fn requests_for_withdrawals_are_checked() {
    const REQUIRED: &str = "is required";
    const MALFORMED: &str = "must be a number with at most two decimals, such as 115.00";
    let app = start().await;
    let paypal = "{\"email\":\"john@example.com\"}";
    let cases: Vec<(String, Vec<(&str, &str)>)> = vec![
        (String::new(), vec![("amount", REQUIRED)]),
        ("{\"amount\":1,\"method\":\"paypal\"}".into(), vec![("account_details", REQUIRED)]),
        (withdraw("\"500\"", "bank_transfer", BANK), vec![("amount", MALFORMED)]),
        (withdraw("1.150", "bank_transfer", BANK), vec![("amount", MALFORMED)]),
        (withdraw("1e2", "bank_transfer", BANK), vec![("amount", MALFORMED)]),
        (withdraw("1e999", "bank_transfer", BANK), vec![("amount", MALFORMED)]),
        (withdraw("0", "bank_transfer", BANK), vec![("amount", "must be greater than zero")]),
        (withdraw("-1", "bank_transfer", BANK), vec![("amount", "must not be negative")]),
        (withdraw("100000000", "bank_transfer", BANK), vec![("amount", "must be at most 99999999.99")]),
        (withdraw("1", "cash", BANK), vec![("method", "must be one of bank_transfer, paypal, mobile_money")]),
        (
            withdraw("0", "bank_transfer", "{\"account_number\":\"12\",\"account_holder\":\" \"}"),
            vec![
                ("amount", "must be greater than zero"),
                ("account_details.account_number", "must be an account number of 4 to 34 letters and digits"),
                ("account_details.account_holder", "must not be empty"),
                ("account_details.bank_name", REQUIRED),
            ],
        ),
        (
            withdraw("1", "bank_transfer", paypal),
            vec![
                ("account_details.email", "is not a detail of bank_transfer"),
                ("account_details.account_holder", REQUIRED),
                ("account_details.account_number", REQUIRED),
                ("account_details.bank_name", REQUIRED),
            ],
        ),
        (withdraw("1", "paypal", "{\"iban\":\"x\"}"), vec![("account_details.iban", "is not a known field")]),
        (withdraw("1", "paypal", "{\"email\":1}"), vec![("account_details.email", "must be a string")]),
        (withdraw("1", "paypal", "{\"email\":null}"), vec![("account_details.email", "must be a string")]),
        (withdraw("1", "paypal", "[]"), vec![("account_details", "must be an object")]),
    ];
    for (body, expected) in cases {
        let answer = app.send(post("/api/v1/withdrawals", "writer:1", &body)).await;
        let expected: Vec<_> =
            expected.iter().map(|(field, message)| json!({"field": field, "message": message})).collect();
        assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["errors"], json!(expected), "{body}");
    }
    // The store is down: whoever gets that far has passed all checks of the request.
    let phone = "{\"provider\":\"M-Pesa\",\"phone_number\":\"+254 712 345678\",\"account_holder\":\"J\"}";
    for (method, details) in [("bank_transfer", BANK), ("paypal", paypal), ("mobile_money", phone)] {
        for amount in ["500.00", "0.1", "115", "99999999.99"] {
            let answer =
                app.send(post("/api/v1/withdrawals", "client:2", &withdraw(amount, method, details))).await;
            answer.expect_error(503, "SERVICE_UNAVAILABLE");
        }
    }
}

#[actix_web::test]
async fn requests_for_deposits_are_checked() {
    let app = start().await;
    for (body, field, message) in [
        ("{}", "amount", "is required"),
        ("{\"amount\":0.00}", "amount", "must be greater than zero"),
        ("{\"amount\":1,\"method\":\"stripe\"}", "method", "must be one of sandbox"),
        ("{\"amount\":1,\"method\":null}", "method", "must be a string"),
        ("{\"amount\":1,\"currency\":\"USD\"}", "currency", "is not a known field"),
    ] {
        let answer = app.send(post("/api/v1/payments/deposits", "client:2", body)).await;
        let details = answer.expect_error(400, "VALIDATION_ERROR");
        assert_eq!(details["errors"], json!([{"field": field, "message": message}]), "{body}");
    }
    for path in ["/api/v1/payments/deposits", "/payments/deposits", "/payments/deposits/"] {
        for body in ["{\"amount\":250.00}", "{\"amount\":0.01,\"method\":\"sandbox\"}"] {
            app.send(post(path, "client:2", body)).await.expect_error(503, "SERVICE_UNAVAILABLE");
        }
    }
}

/// 401, 403, 400, 404, in this order, whoever asks for what.
#[actix_web::test]
async fn roles_come_before_the_request_and_the_request_before_the_object() {
    let app = start().await;
    let wallet = ["writer:1", "freelancer:3", "professional:4", "client:2"];
    let all: Vec<_> = wallet.iter().copied().chain(["admin:9"]).collect();
    let admin = ["admin:9"];
    let table: [(&str, &str, &[&str], bool); 16] = [
        ("GET", "/api/v1/balance", &wallet, false),
        ("GET", "/api/v1/transactions", &wallet, false),
        ("POST", "/api/v1/payments/deposits", &wallet, true),
        ("POST", "/api/v1/withdrawals", &wallet, true),
        ("GET", "/api/v1/withdrawals", &wallet, false),
        ("GET", "/api/v1/withdrawals/x", &all, false),
        ("POST", "/api/v1/withdrawals/x/cancel", &wallet, true),
        ("GET", "/api/v1/admin/withdrawals", &admin, false),
        ("POST", "/api/v1/admin/withdrawals/x/approve", &admin, true),
        ("POST", "/api/v1/admin/withdrawals/x/mark-paid", &admin, true),
        ("POST", "/api/v1/admin/withdrawals/x/mark-failed", &admin, true),
        ("POST", "/api/v1/admin/withdrawals/x/reject", &admin, true),
        ("GET", "/api/v1/admin/chargebacks", &admin, false),
        ("POST", "/api/v1/admin/chargebacks", &admin, true),
        ("POST", "/api/v1/admin/chargebacks/x/win", &admin, true),
        ("POST", "/api/v1/admin/chargebacks/x/lose", &admin, true),
    ];
    for (method, path, permitted, is_command) in table {
        let call = |token, body| if is_command { post(path, token, body) } else { get(path, token) };
        app.send(call("nobody", "{")).await.expect_error(401, "UNAUTHORIZED");
        for token in &all {
            if !permitted.contains(token) {
                app.send(call(token, "{")).await.expect_error(403, "FORBIDDEN");
                continue;
            }
            if is_command {
                app.send(call(token, "{\"unknown\":1}")).await.expect_error(400, "VALIDATION_ERROR");
                let bad_key = call(token, "{}").insert_header(("idempotency-key", "x".repeat(256)));
                let details = app.send(bad_key).await.expect_error(400, "VALIDATION_ERROR");
                assert_eq!(details["field"], "Idempotency-Key", "{method} {path}");
            }
            if path.contains("/x") {
                let has_reason = path.ends_with("reject") || path.ends_with("mark-failed");
                let body = if has_reason { "{\"reason\":\"no\"}" } else { "{}" };
                app.send(call(token, body)).await.expect_error(404, "NOT_FOUND");
            }
        }
    }
    for path in ["/api/v1/admin/withdrawals/WD-043/reject", "/api/v1/admin/withdrawals/WD-043/mark-failed"] {
        for reason in ["\"\"", "1", "null"] {
            let body = format!("{{\"reason\":{reason}}}");
            let answer = app.send(post(path, "admin:9", &body)).await;
            assert_eq!(answer.expect_error(400, "VALIDATION_ERROR")["field"], "reason", "{path} {body}");
        }
    }
}

/// Every key of the source's examples is in ours, with a value of the same kind.
#[test]
fn the_examples_of_the_description_have_the_sources_keys() {
    let balance = json!({"balance": {"available": 1245.50, "pending": 380.00, "total_earned": 12450.00,
        "total_withdrawn": 11204.50, "currency": "USD"}});
    let transactions = json!({
        "transactions": [{"id": "txn-uuid-1", "type": "credit", "amount": 115.00,
            "description": "Payment for Order #ORD-095", "status": "completed", "reference": "ORD-095",
            "created_at": "2024-01-14T15:20:00Z", "balance_after": 1245.50}],
        "pagination": {"page": 1, "limit": 20, "total": 156, "pages": 8, "has_next": true, "has_prev": false}});
    let withdrawal = json!({
        "withdrawal": {"id": "WD-043", "amount": 500.00, "status": "pending", "method": "bank_transfer",
            "requested_at": "2024-01-15T14:30:00Z", "estimated_completion": "2024-01-17T00:00:00Z"},
        "message": "Withdrawal request submitted successfully"});
    let description = serde_json::to_value(crate::openapi()).unwrap();
    for (path, method, status, source) in [
        ("/api/v1/balance", "get", "200", balance),
        ("/api/v1/transactions", "get", "200", transactions),
        ("/api/v1/withdrawals", "post", "201", withdrawal),
    ] {
        let ours = example(&description, method, path, status);
        assert_eq!(ours["status"], "success", "{path}");
        covers(&ours["data"], &source, path);
    }
}
