//! Where withdrawals go is stored sealed.

use domain::actor::Issuer;
use domain::identity::Role as UserRole;
use domain::ids::UserId;
use domain::money::{Currency, Money, NewWithdrawal, PayoutAccount, PayoutMethod, Purse, Withdrawal};
use ports::store::{Store, StoreError};

use crate::support::{database, now};

const NUMBER: &str = "DE89370400440532013000";

fn withdrawal(user_id: UserId, id: domain::ids::WithdrawalId) -> Withdrawal {
    let amount = Money::positive(500, Currency::Usd).unwrap();
    let new = NewWithdrawal { id, user_id, amount, method: PayoutMethod::BankTransfer };
    let by = Issuer::Person { user_id, role: UserRole::Writer };
    Withdrawal::request(new, Purse { available: amount, owed: Money::zero(Currency::Usd) }, by, now())
        .unwrap()
        .0
}

fn account() -> PayoutAccount {
    let detail = |field: &str| Some(if field == "account_number" { NUMBER } else { "Somebody" });
    PayoutAccount::new(PayoutMethod::BankTransfer, detail).unwrap()
}

#[tokio::test]
async fn an_account_is_stored_sealed_and_opens_in_its_own_row_only() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    let mut stored = Vec::new();
    for _ in 0..2 {
        let mut unit = database.begin().await.unwrap();
        let id = unit.withdrawals().next_id().await.unwrap();
        unit.withdrawals().insert(&withdrawal(ada, id), &account()).await.unwrap();
        unit.commit().await.unwrap();
        stored.push(id);
    }
    let in_clear = format!(
        "SELECT count(*) FROM withdrawals
         WHERE position('{NUMBER}'::bytea IN account_sealed) > 0 OR account_masked::text LIKE '%{NUMBER}%'"
    );
    assert_eq!(test.count(&in_clear).await, 0);
    let swap = "UPDATE withdrawals SET account_sealed = (SELECT account_sealed FROM withdrawals WHERE id = 2)
                WHERE id = 1";
    test.superuser().await.batch_execute(swap).await.unwrap();
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.withdrawals().account(stored[1]).await.unwrap(), Some(account()));
    assert!(unit.withdrawals().lock(stored[0]).await.unwrap().is_some(), "no command needs to open it");
    let swapped = unit.withdrawals().account(stored[0]).await;
    let Err(StoreError::Corrupt { table, column, row, problem }) = swapped else {
        panic!("another row's account was taken: {swapped:?}");
    };
    assert_eq!((table, column, row), ("withdrawals", "account_sealed", stored[0].to_string()));
    assert!(!problem.contains(NUMBER) && problem.contains("sealed for something else"), "{problem}");
    unit.rollback().await.unwrap();
}

#[tokio::test]
async fn what_is_stored_wrongly_is_named() {
    let test = database().await;
    let database = test.open();
    let ada = test.add_user(&database, "ada@example.com").await.id;
    let mut unit = database.begin().await.unwrap();
    let id = unit.withdrawals().next_id().await.unwrap();
    unit.withdrawals().insert(&withdrawal(ada, id), &account()).await.unwrap();
    unit.commit().await.unwrap();
    for (change, wrong) in [
        ("UPDATE withdrawals SET account_masked = '{}'", "account_masked"),
        ("UPDATE withdrawals SET method = 'paypal'", "account_masked"),
    ] {
        test.superuser().await.batch_execute(change).await.unwrap();
        let mut unit = database.begin().await.unwrap();
        let view = unit.withdrawals().view(id).await;
        assert!(matches!(view, Err(StoreError::Corrupt { column, .. }) if column == wrong), "{view:?}");
        unit.rollback().await.unwrap();
    }
    let mut unit = database.begin().await.unwrap();
    let opened = unit.withdrawals().account(id).await;
    assert!(matches!(opened, Err(StoreError::Corrupt { column: "account_sealed", .. })), "{opened:?}");
    unit.rollback().await.unwrap();
}
