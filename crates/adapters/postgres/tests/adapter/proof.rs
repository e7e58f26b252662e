//! The nightly check as the serving role makes it, whom it names, and what auditors may read.

use adapter_postgres::Database;
use domain::ids::{ContractId, DepositId, UserId};
use domain::money::{Currency, LedgerTransaction, Money, Outside, movements};
use ports::audit::{AuditQueries, CheckBooks, Findings};
use ports::money::Booked;
use ports::store::Store;
use private_postgres::Role;

use crate::support::{TestDb, connect, database, fresh_uuid, now};

fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

fn paid_in(user_id: UserId, minor: i64) -> LedgerTransaction {
    movements::deposit(DepositId::new(fresh_uuid()), user_id, Outside::Sandbox, usd(minor)).unwrap()
}

async fn book(database: &Database, transaction: &LedgerTransaction) {
    let ids: Vec<_> = transaction.postings().iter().map(|_| fresh_uuid()).collect();
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.ledger().book(transaction, &ids, now()).await.unwrap(), Booked::Now);
    unit.commit().await.unwrap();
}

/// The names of the rules that are broken.
fn broken(findings: &Findings) -> Vec<&str> {
    let broken = findings.all.iter().filter(|finding| finding.offending > 0);
    broken.map(|finding| finding.check.as_str()).collect()
}

async fn two_people(test: &TestDb, database: &Database) -> (UserId, UserId) {
    let ada = test.add_user(database, "ada@example.com").await.id;
    (ada, test.add_user(database, "eve@example.com").await.id)
}

#[tokio::test]
async fn the_serving_role_may_read_all_that_is_checked() {
    let test = database().await;
    let found = test.open().check().await.unwrap();
    assert_eq!((broken(&found), found.concerned.as_slice()), (vec![], &[][..]));
    assert!(found.all.len() > 10, "every rule is reported");
}

/// Each hand in the tables, which rule notices, and whether it is ada's money or eve's.
#[tokio::test]
async fn whoever_the_rows_are_about_is_named() {
    let test = database().await;
    let database = test.open();
    let (ada, eve) = two_people(&test, &database).await;
    book(&database, &paid_in(ada, 100)).await;
    book(&database, &paid_in(eve, 100)).await;
    let contract = ContractId::new(fresh_uuid());
    let table = [
        // An account's key.
        (
            format!("UPDATE ledger_accounts SET balance_minor = 99 WHERE user_id = '{ada}'"),
            format!("UPDATE ledger_accounts SET balance_minor = 100 WHERE user_id = '{ada}'"),
            "balances_are_the_fold_of_postings",
            vec![ada],
        ),
        // A person's id.
        (
            format!("INSERT INTO wallet_totals VALUES ('{eve}', 'USD', 1, 0)"),
            "DELETE FROM wallet_totals".to_owned(),
            "wallet_totals_fit",
            vec![eve],
        ),
        // A deposit's id.
        (
            format!(
                "INSERT INTO deposits VALUES ('{contract}', '{ada}', 7, 'USD', 'sandbox', 'completed', now(), now(), 0)"
            ),
            "DELETE FROM deposits".to_owned(),
            "deposits_are_booked",
            vec![ada],
        ),
        // A contract's source, where there is no such contract: nobody can be named.
        (
            format!(
                "WITH t AS (INSERT INTO ledger_transactions (source, kind, reference, created_at)
                            VALUES ('funding:{contract}', 'funding', 'ORD-001', now()) RETURNING id)
                 INSERT INTO postings (transaction_id, account_id, amount_minor, created_at, id, currency, purpose)
                 SELECT t.id, a.id, amount, now(), gen_random_uuid(), 'USD', 'escrow'
                 FROM t, ledger_accounts a JOIN (VALUES ('platform:fees', 5), ('platform:losses', -5))
                     AS line (key, amount) USING (key) WHERE a.currency = 'USD'"
            ),
            String::new(),
            "settlements_are_booked",
            vec![],
        ),
    ];
    let postgres = test.superuser().await;
    // A hand in the tables has no triggers in its way.
    postgres.batch_execute("SET session_replication_role = replica").await.unwrap();
    for (wrong, right, rule, people) in table {
        postgres.batch_execute(&wrong).await.unwrap();
        let found = database.check().await.unwrap();
        assert!(broken(&found).contains(&rule), "{rule}: {:?}", broken(&found));
        assert_eq!(found.concerned, people, "{rule}");
        postgres.batch_execute(&right).await.unwrap();
    }
}

#[tokio::test]
async fn what_is_only_counted_wrongly_stops_nobody() {
    let test = database().await;
    let database = test.open();
    let (ada, _) = two_people(&test, &database).await;
    let wrong = format!("UPDATE user_figures SET rating_sum = 5, rating_count = 1 WHERE user_id = '{ada}'");
    test.superuser().await.batch_execute(&wrong).await.unwrap();
    let found = database.check().await.unwrap();
    assert_eq!((broken(&found), found.concerned.as_slice()), (vec!["figures_fit"], &[][..]));
}

#[tokio::test]
async fn a_kept_check_is_never_changed() {
    let test = database().await;
    test.superuser()
        .await
        .batch_execute("INSERT INTO ledger_checks VALUES (gen_random_uuid(), now(), now(), 0, '[]')")
        .await
        .unwrap();
    for change in ["UPDATE ledger_checks SET offending = 0", "DELETE FROM ledger_checks"] {
        let error = test.owner().await.batch_execute(change).await.unwrap_err();
        assert_eq!(error.code().unwrap().code(), "23001", "{change}");
    }
    assert!(test.open().last_check().await.unwrap().is_some());
}

/// As docs/auditors.md tells operators to do it.
#[tokio::test]
async fn an_auditor_reads_two_views_and_nothing_else() {
    let test = database().await;
    let database = test.open();
    let (ada, _) = two_people(&test, &database).await;
    book(&database, &paid_in(ada, 100)).await;
    let (postgres, role) = (test.superuser().await, format!("auditor_{}", test.name()));
    postgres
        .batch_execute(&format!(
            "CREATE ROLE {role} LOGIN;
             GRANT USAGE ON SCHEMA public TO {role};
             GRANT SELECT ON audit_postings, audit_balances TO {role}"
        ))
        .await
        .unwrap();
    let auditor = test.superuser().await;
    auditor.batch_execute(&format!("SET SESSION AUTHORIZATION {role}")).await.unwrap();
    let apart = "SELECT count(*) FROM audit_balances balance
                 WHERE balance_minor <> (SELECT coalesce(sum(amount_minor), 0) FROM audit_postings
                                         WHERE account = balance.account AND currency = balance.currency)";
    assert_eq!(auditor.query_one(apart, &[]).await.unwrap().get::<_, i64>(0), 0);
    let lines = auditor
        .query(
            "SELECT account, owner_id::text, amount_minor, kind, source FROM audit_postings ORDER BY 3",
            &[],
        )
        .await
        .unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.get::<_, String>(0), line.get::<_, Option<String>>(1), line.get::<_, i64>(2)))
        .collect();
    let own = format!("user:{ada}:available");
    assert_eq!(told, [("world:sandbox".to_owned(), None, -100), (own, Some(ada.to_string()), 100)]);
    for forbidden in [
        "SELECT * FROM postings",
        "SELECT * FROM users",
        "SELECT * FROM withdrawals",
        "UPDATE audit_balances SET balance_minor = 0",
        "DELETE FROM audit_postings",
    ] {
        let error = auditor.batch_execute(forbidden).await.expect_err(forbidden);
        // Views that join or reckon cannot be written to at all.
        assert!(["42501", "55000", "0A000"].contains(&error.code().unwrap().code()), "{forbidden}: {error}");
    }
    drop(auditor);
    let app = connect(secrecy::ExposeSecret::expose_secret(&test.url(Role::App))).await;
    let error = app.batch_execute("SELECT * FROM audit_postings").await.unwrap_err();
    assert_eq!(error.code().unwrap().code(), "42501", "the program has no use for them");
    postgres.batch_execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}")).await.unwrap();
}
