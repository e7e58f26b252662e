//! The books as PostgreSQL keeps them: never changed, always adding up, and no queue at the accounts
//! that everybody uses.

use std::time::Duration;

use adapter_postgres::Database;
use domain::ids::{BonusId, ContractId, DepositId, OrderId, UserId, WithdrawalId};
use domain::money::{
    Account, BasisPoints, ContractParties, Currency, LedgerTransaction, Money, Outside, PayoutMethod,
    movements,
};
use ports::list::Window;
use ports::money::{Booked, EntryFilter, MoneyQueries};
use ports::store::{Store, StoreError};
use private_postgres::Role;

use crate::support::{TestDb, connect, database, fresh_uuid, now};

fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

fn deposit(user_id: UserId, minor: i64) -> LedgerTransaction {
    movements::deposit(DepositId::new(fresh_uuid()), user_id, Outside::Sandbox, usd(minor)).unwrap()
}

fn gift(from: UserId, to: UserId, minor: i64) -> LedgerTransaction {
    let parties = ContractParties {
        contract_id: ContractId::new(fresh_uuid()),
        order_id: OrderId::new(95).unwrap(),
        client_id: from,
        provider_id: to,
    };
    let tenth = BasisPoints::new(1_000).unwrap();
    movements::bonus(BonusId::new(fresh_uuid()), &parties, usd(minor), tenth).unwrap()
}

fn withdrawal(number: i64, user_id: UserId, minor: i64) -> LedgerTransaction {
    let id = WithdrawalId::new(number).unwrap();
    movements::withdrawal_requested(id, user_id, usd(minor), PayoutMethod::PayPal).unwrap()
}

async fn book(database: &Database, transaction: &LedgerTransaction) -> Result<Booked, StoreError> {
    let ids: Vec<_> = transaction.postings().iter().map(|_| fresh_uuid()).collect();
    let mut unit = database.begin().await.unwrap();
    match unit.ledger().book(transaction, &ids, now()).await {
        Ok(booked) => unit.commit().await.map(|()| booked),
        Err(error) => {
            unit.rollback().await.unwrap();
            Err(error)
        }
    }
}

/// Balances, totals and postings tell the same story, and it ends at zero.
async fn assert_the_books_add_up(test: &TestDb) {
    let postgres = test.superuser().await;
    for (what, sql) in [
        (
            "all postings add up to zero",
            "SELECT count(*) FROM (SELECT 1 FROM postings GROUP BY currency HAVING sum(amount_minor) <> 0) x",
        ),
        (
            "each balance is the sum of its postings",
            "SELECT count(*) FROM ledger_accounts account WHERE balance_minor
                 <> (SELECT coalesce(sum(amount_minor), 0) FROM postings WHERE account_id = account.id)",
        ),
        (
            "each running balance is the sum so far",
            "SELECT count(*) FROM (SELECT balance_after, sum(amount_minor)
                                       OVER (PARTITION BY account_id ORDER BY position) AS sum
                                   FROM postings) line
             WHERE balance_after <> sum",
        ),
        ("nobody is overdrawn", "SELECT count(*) FROM postings WHERE balance_after < 0"),
        (
            "each total is the sum of what it counts",
            "SELECT count(*) FROM wallet_totals JOIN ledger_accounts USING (user_id, currency)
             WHERE kind = 'user_withdrawing' AND withdrawn_minor <> balance_minor",
        ),
    ] {
        let wrong: i64 = postgres.query_one(sql, &[]).await.unwrap().get(0);
        assert_eq!(wrong, 0, "{what}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_withdrawals_at_once_never_overdraw() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 20);
    let ada = test.add_user(&database, "ada@example.com").await.id;
    let mut number = 0;
    // With the look under the lock that the use case takes, and with the CHECK alone.
    for looks_first in [true, false, true, false, true, false] {
        assert_eq!(book(&database, &deposit(ada, 700)).await.unwrap(), Booked::Now);
        let tasks: Vec<_> = (0..20)
            .map(|_| {
                number += 1;
                let (database, movement) = (database.clone(), withdrawal(number, ada, 100));
                tokio::spawn(async move {
                    if !looks_first {
                        return book(&database, &movement).await.is_ok();
                    }
                    let mut unit = database.begin().await.unwrap();
                    let account = [Account::UserAvailable(ada)];
                    let available = unit.ledger().lock_balances(&account, Currency::Usd).await.unwrap();
                    if available.iter().any(|balance| *balance < 100) {
                        unit.rollback().await.unwrap();
                        return false;
                    }
                    let ids = [fresh_uuid(), fresh_uuid()];
                    assert_eq!(unit.ledger().book(&movement, &ids, now()).await.unwrap(), Booked::Now);
                    unit.commit().await.unwrap();
                    true
                })
            })
            .collect();
        let mut paid = 0;
        for task in tasks {
            paid += usize::from(task.await.unwrap());
        }
        assert_eq!(paid, 7, "as many as there is money for");
        assert_the_books_add_up(&test).await;
        let wallet = MoneyQueries::wallet(&database, ada, Currency::Usd).await.unwrap();
        assert_eq!(wallet.available, usd(0));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_crowd_that_gives_to_and_fro_comes_out_even() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 10);
    let mut people = Vec::new();
    for n in 0..4 {
        let id = test.add_user(&database, &format!("person{n}@example.com")).await.id;
        assert_eq!(book(&database, &deposit(id, 1_000)).await.unwrap(), Booked::Now);
        people.push(id);
    }
    let tasks: Vec<_> = (0..60)
        .map(|n| {
            let (database, movement) =
                (database.clone(), gift(people[n % 4], people[(n + 1 + n % 3) % 4], 150));
            tokio::spawn(async move { book(&database, &movement).await })
        })
        .collect();
    for task in tasks {
        match task.await.unwrap() {
            Ok(Booked::Now) => {}
            Err(StoreError::Refused(cause)) => {
                assert!(cause.to_string().contains("never_below_zero"), "{cause}");
            }
            other => panic!("neither booked nor refused: {other:?}"),
        }
    }
    assert_the_books_add_up(&test).await;
}

/// Many reports of one payment at once credit it once.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_reports_of_one_payment_one_is_booked() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 10);
    let ada = test.add_user(&database, "ada@example.com").await.id;
    let movement = deposit(ada, 100);
    let tasks: Vec<_> = (0..10)
        .map(|_| {
            let (database, movement) = (database.clone(), movement.clone());
            tokio::spawn(async move { book(&database, &movement).await.unwrap() })
        })
        .collect();
    let mut booked = Vec::new();
    for task in tasks {
        booked.push(task.await.unwrap());
    }
    assert_eq!(booked.iter().filter(|booked| **booked == Booked::Now).count(), 1, "{booked:?}");
    assert_eq!(test.count("SELECT count(*) FROM postings").await, 2);
    assert_the_books_add_up(&test).await;
}

/// Somebody holds the strongest lock there is on the accounts that nobody owns.
#[tokio::test]
async fn nobody_waits_at_the_platforms_accounts() {
    let test = database().await;
    let database = test.open_with(|config| config.lock_timeout = Duration::from_millis(300));
    let (ada, bob) = (
        test.add_user(&database, "ada@example.com").await.id,
        test.add_user(&database, "bob@example.com").await.id,
    );
    let holder = test.superuser().await;
    holder
        .batch_execute("BEGIN; SELECT 1 FROM ledger_accounts WHERE balance_minor IS NULL FOR UPDATE")
        .await
        .unwrap();
    assert_eq!(book(&database, &deposit(ada, 1_000)).await.unwrap(), Booked::Now);
    assert_eq!(book(&database, &gift(ada, bob, 100)).await.unwrap(), Booked::Now);
    holder.batch_execute("COMMIT").await.unwrap();
    let fees = "SELECT sum(amount_minor)::bigint FROM postings JOIN ledger_accounts account ON account.id = account_id
                WHERE key = 'platform:fees'";
    assert_eq!(test.count(fees).await, 10);
}

/// No movement makes one, so each that the domain knows has to be there.
#[tokio::test]
async fn the_accounts_that_nobody_owns_are_there() {
    let test = database().await;
    let mut expected = Vec::new();
    for currency in Currency::ALL {
        let open = Outside::ALL.iter().map(|outside| Account::World(*outside));
        for account in open.chain([Account::PlatformFees, Account::PlatformLosses]) {
            expected.push(format!("{account} {} {currency}", account.kind()));
        }
    }
    expected.sort();
    let sql = "SELECT key || ' ' || kind || ' ' || currency FROM ledger_accounts";
    let rows = test.superuser().await.query(sql, &[]).await.unwrap();
    let mut stored: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    stored.sort();
    assert_eq!(stored, expected);
}

#[tokio::test]
async fn the_books_are_never_changed_afterwards() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    assert_eq!(book(&database, &deposit(ada, 100)).await.unwrap(), Booked::Now);
    for who in [test.owner().await, test.superuser().await] {
        for (statement, table) in [
            ("UPDATE postings SET amount_minor = 1", "postings"),
            ("UPDATE postings SET purpose = purpose WHERE false", "postings"),
            ("DELETE FROM postings", "postings"),
            ("TRUNCATE postings", "postings"),
            ("UPDATE ledger_transactions SET source = 'deposit:x'", "ledger_transactions"),
            ("DELETE FROM ledger_transactions", "ledger_transactions"),
            ("TRUNCATE ledger_transactions CASCADE", "ledger_transactions"),
            ("UPDATE ledger_accounts SET key = key", "ledger_accounts"),
            ("UPDATE ledger_accounts SET currency = 'EUR'", "ledger_accounts"),
            ("DELETE FROM ledger_accounts", "ledger_accounts"),
            ("TRUNCATE ledger_accounts", "ledger_accounts"),
        ] {
            let error = who.batch_execute(statement).await.expect_err(statement);
            let error = error.as_db_error().unwrap();
            assert_eq!(error.code().code(), "23001", "{statement}: {error}");
            assert_eq!(error.constraint(), Some(format!("{table}_never_change").as_str()), "{statement}");
        }
    }
    assert_the_books_add_up(&test).await;
    assert_eq!(test.count("SELECT count(*) FROM postings").await, 2);
}

/// One transaction of the books by hand: its postings as `(account, amount, currency, balance)`.
fn by_hand(source: &str, postings: &[(&str, i64, &str, &str)]) -> String {
    let mut sql = format!(
        "INSERT INTO ledger_transactions (source, kind, reference, created_at)
         VALUES ('deposit:{source}', 'deposit', '00000000-0000-0000-0000-000000000001', now());"
    );
    for (account, amount, currency, balance) in postings {
        sql.push_str(&format!(
            "INSERT INTO postings (id, transaction_id, account_id, amount_minor, currency, purpose,
                                   balance_after, created_at)
             SELECT gen_random_uuid(), max(id), {account}, {amount}, '{currency}', 'deposit', {balance}, now()
             FROM ledger_transactions;"
        ));
    }
    sql
}

#[tokio::test]
async fn only_what_adds_up_is_committed() {
    const WORLD: &str = "(SELECT id FROM ledger_accounts WHERE key = 'world:sandbox' AND currency = 'USD')";
    const FEES: &str = "(SELECT id FROM ledger_accounts WHERE key = 'platform:fees' AND currency = 'USD')";
    const ADA: &str = "(SELECT id FROM ledger_accounts WHERE kind = 'user_available')";
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    assert_eq!(book(&database, &deposit(ada, 100)).await.unwrap(), Booked::Now);
    for who in [test.owner().await, connect(secrecy::ExposeSecret::expose_secret(&test.url(Role::App))).await]
    {
        for (postings, problem) in [
            (&[][..], "fewer than two postings"),
            (&[(WORLD, 5, "USD", "NULL")], "fewer than two postings"),
            (&[(WORLD, 5, "USD", "NULL"), (FEES, -4, "USD", "NULL")], "does not add up"),
            (&[(WORLD, 5, "USD", "NULL"), (FEES, -5, "EUR", "NULL")], "does not add up"),
            (&[(WORLD, 5, "EUR", "NULL"), (FEES, -5, "EUR", "NULL")], "not there in its currency"),
            (&[(WORLD, 5, "USD", "NULL"), ("999999", -5, "USD", "NULL")], "not there in its currency"),
            (&[(WORLD, 5, "USD", "5"), (FEES, -5, "USD", "NULL")], "where none is kept"),
            (&[(WORLD, -5, "USD", "NULL"), (ADA, 5, "USD", "NULL")], "none where one is"),
        ] {
            let error = who.batch_execute(&by_hand("x", postings)).await.expect_err(problem);
            let error = error.as_db_error().unwrap();
            assert_eq!(error.code().code(), "23514", "{postings:?}: {error}");
            assert!(error.message().contains(problem), "{postings:?}: {error}");
            assert!(error.constraint().unwrap().ends_with("_add_up"), "{error:?}");
        }
        let more = format!(
            "INSERT INTO postings (id, transaction_id, account_id, amount_minor, currency, purpose, created_at)
             SELECT gen_random_uuid(), max(id), {FEES}, 5, 'USD', 'deposit', now() FROM ledger_transactions"
        );
        let error = who.batch_execute(&more).await.expect_err("a line added to an old transaction");
        assert_eq!(error.as_db_error().unwrap().constraint(), Some("postings_add_up"));
    }
    assert_eq!(test.count("SELECT count(*) FROM postings").await, 2);
    let fine = by_hand("y", &[(WORLD, 5, "USD", "NULL"), (FEES, -5, "USD", "NULL")]);
    test.owner().await.batch_execute(&fine).await.unwrap();
}

#[tokio::test]
async fn constraints_carry_the_invariants() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    assert_eq!(book(&database, &deposit(ada, 100)).await.unwrap(), Booked::Now);
    let account = "INSERT INTO ledger_accounts (key, kind, user_id, contract_id, currency, balance_minor)
                   SELECT";
    let line =
        "INSERT INTO postings (id, transaction_id, account_id, amount_minor, currency, purpose, created_at)
                SELECT";
    let postgres = test.superuser().await;
    for (statement, constraint) in [
        ("UPDATE ledger_accounts SET balance_minor = -1 WHERE kind = 'user_available'".to_owned(), "ledger_accounts_never_below_zero"),
        ("UPDATE ledger_accounts SET balance_minor = NULL WHERE kind = 'user_available'".to_owned(), "ledger_accounts_who_has_a_balance"),
        ("UPDATE ledger_accounts SET balance_minor = 0 WHERE kind = 'world'".to_owned(), "ledger_accounts_who_has_a_balance"),
        (format!("{account} key, kind, user_id, NULL, currency, 0 FROM ledger_accounts WHERE user_id IS NOT NULL"), "ledger_accounts_key_once"),
        (format!("{account} 'user:x:debt', 'user_debt', id, NULL, 'USD', 0 FROM users"), "ledger_accounts_key_form"),
        (format!("{account} 'user:x:debt', 'user_debt', NULL, NULL, 'USD', 0"), "ledger_accounts_whose"),
        (format!("{account} 'world:moon base', 'world', NULL, NULL, 'USD', NULL"), "ledger_accounts_key_form"),
        (format!("{account} 'x', 'piggy_bank', NULL, NULL, 'USD', 0"), "ledger_accounts_kind_word"),
        (format!("{account} 'user:' || id || ':debt', 'user_debt', id, NULL, 'XXX', 0 FROM users"), "ledger_accounts_currency_word"),
        (format!("{line} gen_random_uuid(), 1, 1, 0, 'USD', 'deposit', now()"), "postings_move_something"),
        (format!("{line} gen_random_uuid(), 1, 1, 1, 'USD', 'theft', now()"), "postings_purpose_word"),
        (format!("{line} gen_random_uuid(), 99999, 1, 1, 'USD', 'deposit', now()"), "postings_transaction_id_fkey"),
        (format!("{line} id, 1, 1, 1, 'USD', 'deposit', now() FROM postings"), "postings_id_once"),
        ("INSERT INTO ledger_transactions (source, kind, reference, created_at) SELECT source, kind, reference, now() FROM ledger_transactions".to_owned(), "ledger_transactions_source_once"),
        ("INSERT INTO ledger_transactions (source, kind, reference, created_at) VALUES ('deposit:x', 'refund', 'ORD-001', now())".to_owned(), "ledger_transactions_source_form"),
        ("INSERT INTO ledger_transactions (source, kind, reference, created_at) VALUES ('refund:x', 'refund', 'ORD', now())".to_owned(), "ledger_transactions_reference_form"),
        ("INSERT INTO ledger_transactions (source, kind, reference, created_at) VALUES ('withdrawal_paid:x', 'withdrawal_paid', 'ORD-001', now())".to_owned(), "ledger_transactions_withdrawal_reference"),
        ("INSERT INTO wallet_totals SELECT id, 'USD', 0, -1 FROM users".to_owned(), "wallet_totals_never_below_zero"),
        ("INSERT INTO deposits SELECT gen_random_uuid(), id, 0, 'USD', 'sandbox', 'pending', now(), NULL, 0 FROM users".to_owned(), "deposits_amount_range"),
        ("INSERT INTO deposits SELECT gen_random_uuid(), id, 1, 'USD', 'sandbox', 'completed', now(), NULL, 0 FROM users".to_owned(), "deposits_completed_at_a_time"),
        ("INSERT INTO deposits SELECT gen_random_uuid(), id, 1, 'USD', 'sandbox', 'lost', now(), NULL, 0 FROM users".to_owned(), "deposits_state_word"),
        ("INSERT INTO withdrawals SELECT 1, id, 1, 'USD', 'paypal', 'x', '{}', 'rejected', NULL, now(), now(), NULL, now(), 0 FROM users".to_owned(), "withdrawals_rejected_for_a_reason"),
        ("INSERT INTO withdrawals SELECT 1, id, 1, 'USD', 'paypal', 'x', '{}', 'paid', NULL, now(), now(), NULL, now(), 0 FROM users".to_owned(), "withdrawals_paid_at_a_time"),
        ("INSERT INTO withdrawals SELECT 1, id, 1, 'USD', 'paypal', 'x', '[]', 'pending', NULL, now(), now(), NULL, now(), 0 FROM users".to_owned(), "withdrawals_account_masked_is_object"),
        ("INSERT INTO withdrawals SELECT 0, id, 1, 'USD', 'paypal', 'x', '{}', 'pending', NULL, now(), now(), NULL, now(), 0 FROM users".to_owned(), "withdrawals_id_counts"),
        ("INSERT INTO idempotency_keys SELECT id, 'ü', sha256('x'), 200, '', now() FROM users".to_owned(), "idempotency_keys_key_form"),
        ("INSERT INTO idempotency_keys SELECT id, 'x', 'short', 200, '', now() FROM users".to_owned(), "idempotency_keys_fingerprint_is_sha256"),
        ("INSERT INTO idempotency_keys SELECT id, 'x', sha256('x'), 409, '', now() FROM users".to_owned(), "idempotency_keys_status_is_success"),
    ] {
        let error = postgres.batch_execute(&statement).await.expect_err(&statement);
        let broken = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(broken, Some(constraint), "{statement}: {error:?}");
    }
}

/// Names in the domain that the CHECKs do not know would be refused only when they are first used.
#[tokio::test]
async fn every_word_of_the_domain_is_known() {
    use domain::money::{AccountKind, DepositState, Purpose, TransactionKind, WithdrawalState};
    let test = database().await;
    let postgres = test.superuser().await;
    let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    macro_rules! all {
        ($type:ty) => {
            words(&<$type>::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>())
        };
    }
    for (constraint, words) in [
        ("ledger_accounts_kind_word", all!(AccountKind)),
        ("ledger_accounts_currency_word", all!(Currency)),
        ("ledger_transactions_kind_word", all!(TransactionKind)),
        ("postings_purpose_word", all!(Purpose)),
        ("postings_currency_word", all!(Currency)),
        ("wallet_totals_currency_word", all!(Currency)),
        ("deposits_outside_word", all!(Outside)),
        ("deposits_state_word", all!(DepositState)),
        ("withdrawals_method_word", all!(PayoutMethod)),
        ("withdrawals_state_word", all!(WithdrawalState)),
    ] {
        let sql = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1";
        let definition: String = postgres.query_one(sql, &[&constraint]).await.unwrap().get(0);
        let mut stored: Vec<_> = definition.split('\'').skip(1).step_by(2).map(ToOwned::to_owned).collect();
        let mut words = words;
        stored.sort();
        words.sort();
        assert_eq!(stored, words, "{constraint}");
    }
}

#[tokio::test]
async fn an_impossible_stored_value_is_named() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    assert_eq!(book(&database, &deposit(ada, 100)).await.unwrap(), Booked::Now);
    test.superuser()
        .await
        .batch_execute(
            "ALTER TABLE postings DROP CONSTRAINT postings_purpose_word;
             ALTER TABLE postings DISABLE TRIGGER USER;
             UPDATE postings SET purpose = 'theft';
             ALTER TABLE ledger_accounts DROP CONSTRAINT ledger_accounts_never_below_zero;
             UPDATE ledger_accounts SET balance_minor = -1 WHERE kind = 'user_available'",
        )
        .await
        .unwrap();
    let window = Window::Page { offset: 0, limit: 1 };
    let entries = database.entries(ada, EntryFilter::All, window).await;
    assert!(
        matches!(entries, Err(StoreError::Corrupt { table: "postings", column: "purpose", .. })),
        "{entries:?}"
    );
    let wallet = MoneyQueries::wallet(&database, ada, Currency::Usd).await;
    let wrong = matches!(&wallet, Err(StoreError::Corrupt { table: "ledger_accounts", column: "balance_minor", row, .. })
        if *row == ada.to_string());
    assert!(wrong, "{wallet:?}");
}
