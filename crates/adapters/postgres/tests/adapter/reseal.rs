//! Sealing what is stored sealed with another key.

use std::collections::BTreeMap;
use std::sync::Arc;

use adapter_postgres::Database;
use adapter_postgres::reseal::{Resealed, SealedRows, count_sealed, reseal};
use domain::actor::Issuer;
use domain::identity::Role as UserRole;
use domain::ids::{UserId, WithdrawalId};
use domain::money::{Currency, Money, NewWithdrawal, PayoutAccount, PayoutMethod, Purse, Withdrawal};
use ports::money::{FieldCipher, KeyName};
use ports::store::{Cause, Store};
use private_postgres::Role;

use crate::support::{TestDb, database, now, pool_config};

/// A ring of keys of one letter each, which stands before what it has sealed.
#[derive(Clone, Copy)]
struct Letters(&'static str);

fn name(letter: u8) -> KeyName {
    KeyName(char::from(letter).to_string())
}

impl FieldCipher for Letters {
    fn seal(&self, plain: &[u8], context: &str) -> Result<Vec<u8>, Cause> {
        Ok([&self.0.as_bytes()[..1], b"    ", context.as_bytes(), b":", plain].concat())
    }

    fn open(&self, sealed: &[u8], context: &str) -> Result<Vec<u8>, Cause> {
        if !self.0.as_bytes().contains(&sealed[0]) {
            return Err("it was sealed with a key that is not known".into());
        }
        let plain = sealed[5..].strip_prefix(context.as_bytes()).and_then(|rest| rest.strip_prefix(b":"));
        plain.map(<[u8]>::to_vec).ok_or_else(|| "it was sealed for something else".into())
    }

    fn keys(&self) -> Vec<KeyName> {
        self.0.bytes().map(name).collect()
    }

    fn key_of(&self, sealed: &[u8]) -> Option<KeyName> {
        (sealed.len() >= 5).then(|| name(sealed[0]))
    }
}

fn open(test: &TestDb, ring: &'static str) -> Database {
    let config = pool_config(test.url(Role::App));
    Database::connect(config, Arc::new(Letters(ring)), &tokio::runtime::Handle::current()).unwrap()
}

fn account() -> PayoutAccount {
    PayoutAccount::new(PayoutMethod::PayPal, |_| Some("ada@example.com")).unwrap()
}

async fn stored(database: &Database, user_id: UserId) -> WithdrawalId {
    let mut unit = database.begin().await.unwrap();
    let id = unit.withdrawals().next_id().await.unwrap();
    let amount = Money::positive(500, Currency::Usd).unwrap();
    let new = NewWithdrawal { id, user_id, amount, method: PayoutMethod::PayPal };
    let by = Issuer::Person { user_id, role: UserRole::Writer };
    let withdrawal =
        Withdrawal::request(new, Purse { available: amount, owed: Money::zero(Currency::Usd) }, by, now())
            .unwrap()
            .0;
    unit.withdrawals().insert(&withdrawal, &account()).await.unwrap();
    unit.commit().await.unwrap();
    id
}

async fn readable(database: &Database, id: WithdrawalId) -> bool {
    let mut unit = database.begin().await.unwrap();
    let found = unit.withdrawals().account(id).await;
    unit.rollback().await.unwrap();
    found.is_ok_and(|found| found == Some(account()))
}

fn by_key(keys: &[(u8, i64)]) -> BTreeMap<KeyName, i64> {
    keys.iter().map(|(letter, rows)| (name(*letter), *rows)).collect()
}

#[tokio::test]
async fn everything_is_sealed_with_the_first_key_beside_a_server() {
    let test = database().await;
    let owner = test.url(Role::Owner);
    let old = open(&test, "a");
    let ada = test.add_user(&old, "ada@example.com").await.id;
    let mut ids = Vec::new();
    // More than one batch.
    for _ in 0..3 {
        ids.push(stored(&old, ada).await);
    }
    let more = "INSERT INTO withdrawals SELECT id + n, user_id, amount_minor, currency, method,
                    convert_to('a    withdrawals.account_sealed:' || id + n || ':{\"email\":\"ada@example.com\"}', 'UTF8'),
                    account_masked, state, rejection_reason, requested_at, estimated_completion, completed_at,
                    updated_at, version FROM withdrawals, generate_series(1, 1000) AS n WHERE id = 3";
    test.superuser().await.batch_execute(more).await.unwrap();
    let both = open(&test, "ba");
    ids.push(WithdrawalId::new(1_003).unwrap());
    assert!(readable(&both, ids[3]).await, "made as the program makes it");
    let ring = Letters("ba");
    let counted = count_sealed(&owner, &ring).await.unwrap();
    assert_eq!(counted, SealedRows { by_key: by_key(&[(b'a', 1_003)]), nameless: 0 });

    // A row that a command holds is waited for; the command does not notice.
    let mut unit = both.begin().await.unwrap();
    let mut held = unit.withdrawals().lock(ids[0]).await.unwrap().unwrap();
    let run = tokio::spawn({
        let owner = owner.clone();
        async move { reseal(&owner, &ring).await }
    });
    unit.withdrawals().save(&mut held).await.unwrap();
    unit.commit().await.unwrap();
    let done = run.await.unwrap().unwrap();
    assert_eq!(done, Resealed { resealed: 1_003, current: 0, unopened: vec![] });
    for id in &ids {
        assert!(readable(&both, *id).await && readable(&open(&test, "b"), *id).await, "the old key may go");
        assert!(!readable(&old, *id).await);
    }
    let again = reseal(&owner, &ring).await.unwrap();
    assert_eq!(again, Resealed { resealed: 0, current: 1_003, unopened: vec![] }, "nothing is left to do");
    let counted = count_sealed(&owner, &ring).await.unwrap();
    assert_eq!(counted.by_key, by_key(&[(b'b', 1_003)]));
}

#[tokio::test]
async fn what_cannot_be_opened_stays_and_is_named() {
    let test = database().await;
    let owner = test.url(Role::Owner);
    let old = open(&test, "a");
    let ada = test.add_user(&old, "ada@example.com").await.id;
    let (good, swapped) = (stored(&old, ada).await, stored(&old, ada).await);
    let lost = stored(&open(&test, "x"), ada).await;
    let change =
        "UPDATE withdrawals SET account_sealed = (SELECT account_sealed FROM withdrawals WHERE id = 1)
                  WHERE id = 2";
    test.superuser().await.batch_execute(change).await.unwrap();
    let ring = Letters("ba");
    let done = reseal(&owner, &ring).await.unwrap();
    assert_eq!(done.resealed, 1);
    let expected = [
        (swapped.to_string(), "it was sealed for something else".to_owned()),
        (lost.to_string(), "it was sealed with a key that is not known".to_owned()),
    ];
    assert_eq!(done.unopened, expected);
    assert!(readable(&open(&test, "b"), good).await);
    let counted = count_sealed(&owner, &ring).await.unwrap();
    assert_eq!(counted.by_key, by_key(&[(b'a', 1), (b'b', 1), (b'x', 1)]));
}
