//! Accounts in storage: every state goes round, and nothing is overwritten unseen.

use domain::event::{Event, Fact};
use domain::identity::{AccountState, IdentityEvent, PhoneNumber, Role, User};
use domain::ids::UserId;
use ports::identity::{AccountQueries, EmailClaim, Lock};
use ports::store::{Store, StoreError};

use crate::support::{at, database, email, fresh_event_id, fresh_uuid, now, user};

/// `User`'s own equality compares addresses without regard to case; storage must keep the case.
fn assert_same(stored: &User, expected: &User) {
    assert_eq!(stored, expected);
    assert_eq!(stored.email.as_str(), expected.email.as_str());
}

#[tokio::test]
async fn every_state_goes_round() {
    let test = database().await;
    let database = test.open();
    let states = [
        AccountState::Active,
        AccountState::Blocked { reason: "spam\nand more".to_owned(), since: at(5) },
        AccountState::Deactivated { since: at(6) },
    ];
    for (n, state) in states.into_iter().enumerate() {
        for role in Role::ALL {
            let mut user = user(&format!("Ada.{n}.{role}@Example.com"));
            user.state = state.clone();
            user.role = role;
            user.is_verified = n == 1;
            user.phone = (n == 2).then(|| PhoneNumber::parse("+44 20 7946 0958").unwrap());
            let mut unit = database.begin().await.unwrap();
            assert_eq!(unit.users().insert(&user).await.unwrap(), EmailClaim::Granted);
            for lock in [Lock::Shared, Lock::Exclusive] {
                assert_same(&unit.users().lock(user.id, lock).await.unwrap().unwrap(), &user);
            }
            unit.commit().await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_unknown_account_is_none() {
    let test = database().await;
    let mut unit = test.open().begin().await.unwrap();
    for lock in [Lock::Shared, Lock::Exclusive] {
        assert_eq!(unit.users().lock(UserId::new(fresh_uuid()), lock).await.unwrap(), None);
    }
    unit.rollback().await.unwrap();
}

#[tokio::test]
async fn a_save_stores_all_and_counts() {
    let test = database().await;
    let database = test.open();
    let mut user = test.add_user(&database, "ada@example.com").await;
    let changes = [
        AccountState::Blocked { reason: "spam".to_owned(), since: at(1) },
        AccountState::Active,
        AccountState::Deactivated { since: at(2) },
    ];
    for (n, state) in changes.into_iter().enumerate() {
        user.state = state;
        user.email = email(&format!("ADA{n}@example.com"));
        user.phone = (n == 0).then(|| PhoneNumber::parse("12345").unwrap());
        user.password = domain::identity::PasswordHash::new(format!("hash {n}"));
        user.is_verified = !user.is_verified;
        user.updated_at = at(10);
        let version = user.version;
        let mut unit = database.begin().await.unwrap();
        assert_eq!(unit.users().save(&mut user).await.unwrap(), EmailClaim::Granted);
        assert_eq!(user.version, version + 1);
        assert_same(&unit.users().lock(user.id, Lock::Shared).await.unwrap().unwrap(), &user);
        unit.commit().await.unwrap();
    }
}

#[tokio::test]
async fn a_stale_save_is_refused() {
    let test = database().await;
    let database = test.open();
    let mut current = test.add_user(&database, "ada@example.com").await;
    let mut stale = current.clone();
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().save(&mut current).await.unwrap(), EmailClaim::Granted);
    unit.commit().await.unwrap();
    let mut unit = database.begin().await.unwrap();
    let result = unit.users().save(&mut stale).await;
    assert!(matches!(result, Err(StoreError::Stale { what: "account" })), "{result:?}");
    assert_eq!(stale.version, 0, "nothing was counted");
    assert!(matches!(unit.commit().await, Err(StoreError::Spoilt)));
}

#[tokio::test]
async fn a_taken_address_costs_nothing() {
    let test = database().await;
    let database = test.open();
    test.add_user(&database, "ada@example.com").await;
    let mut bob = test.add_user(&database, "bob@example.com").await;
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().insert(&user("ADA@Example.COM")).await.unwrap(), EmailClaim::Taken);
    let before = bob.clone();
    bob.email = email("Ada@EXAMPLE.com");
    assert_eq!(unit.users().save(&mut bob).await.unwrap(), EmailClaim::Taken);
    assert_eq!(bob.version, 0);
    assert_same(&unit.users().lock(bob.id, Lock::Exclusive).await.unwrap().unwrap(), &before);
    // The transaction is still good, and can claim another.
    bob.email = email("robert@example.com");
    assert_eq!(unit.users().save(&mut bob).await.unwrap(), EmailClaim::Granted);
    assert_eq!(unit.users().insert(&user("carol@example.com")).await.unwrap(), EmailClaim::Granted);
    unit.commit().await.unwrap();
    assert_eq!(test.count("SELECT count(*) FROM users").await, 3);
    assert_eq!(test.count("SELECT count(*) FROM profiles").await, 3);
    assert_eq!(test.count("SELECT count(*) FROM user_figures").await, 3);
}

#[tokio::test]
async fn another_case_of_ones_own_address_is_free() {
    let test = database().await;
    let database = test.open();
    let mut ada = test.add_user(&database, "ada@example.com").await;
    ada.email = email("Ada@Example.com");
    let mut unit = database.begin().await.unwrap();
    assert_eq!(unit.users().save(&mut ada).await.unwrap(), EmailClaim::Granted);
    unit.commit().await.unwrap();
}

#[tokio::test]
async fn a_value_that_the_domain_cannot_hold_is_named() {
    let test = database().await;
    let database = test.open();
    let owner = test.superuser().await;
    owner
        .batch_execute(
            "ALTER TABLE users DROP CONSTRAINT users_role_word, DROP CONSTRAINT users_state_word,
                 DROP CONSTRAINT users_not_active_since, DROP CONSTRAINT users_full_name_length,
                 DROP CONSTRAINT users_phone_length, DROP CONSTRAINT users_email_length",
        )
        .await
        .unwrap();
    let cases = [
        ("role", "'king'"),
        ("state", "'asleep'"),
        ("state_since", "now()"),
        ("full_name", "''"),
        ("phone", "'x'"),
        ("email", "'nobody'"),
    ];
    for (n, (broken, value)) in cases.into_iter().enumerate() {
        let user = test.add_user(&database, &format!("ada{n}@example.com")).await;
        let sql = format!("UPDATE users SET {broken} = {value} WHERE id = '{}'", user.id);
        owner.batch_execute(&sql).await.unwrap();
        let mut unit = database.begin().await.unwrap();
        let Err(StoreError::Corrupt { table, column, row, problem }) =
            unit.users().lock(user.id, Lock::Shared).await
        else {
            panic!("{broken} = {value} was taken");
        };
        let expected = if broken == "state_since" { "state" } else { broken };
        assert_eq!((table, column, row), ("users", expected, user.id.to_string()));
        assert!(!problem.contains("king"), "without the value");
        unit.rollback().await.unwrap();
    }
}

#[tokio::test]
async fn facts_are_stored_as_told() {
    let test = database().await;
    let database = test.open();
    let user = user("ada@example.com");
    let (first, second) = (fresh_event_id(), fresh_event_id());
    let mut unit = database.begin().await.unwrap();
    let registered = IdentityEvent::Registered { user_id: user.id, role: Role::Writer };
    let changed = IdentityEvent::IdentityChanged { user_id: user.id, email_changed: true };
    let told = |event| Event { fact: Fact::Identity(event), occurred_at: now() };
    unit.outbox().append(&[(first, told(registered)), (second, told(changed))]).await.unwrap();
    unit.commit().await.unwrap();
    let rows = test
        .superuser()
        .await
        .query(
            "SELECT id::text, name, user_id::text, payload::text, occurred_at = $1::text::timestamptz,
                    xact_id > 0, dispatched_at IS NULL
             FROM outbox ORDER BY position",
            &[&now().to_rfc3339()],
        )
        .await
        .unwrap();
    let told: Vec<(String, String, String, String, bool, bool)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2), row.get(3), row.get(4), row.get(6)))
        .collect();
    let id = user.id;
    assert_eq!(
        told,
        [
            (
                first.to_string(),
                "user.registered".to_owned(),
                id.to_string(),
                format!(r#"{{"role": "writer", "user_id": "{id}"}}"#),
                true,
                true
            ),
            (
                second.to_string(),
                "user.identity_changed".to_owned(),
                id.to_string(),
                format!(r#"{{"user_id": "{id}", "email_changed": true}}"#),
                true,
                true
            ),
        ]
    );
    // The same fact twice is refused: whatever follows from it is keyed by its id.
    let mut unit = database.begin().await.unwrap();
    let again =
        Event { fact: Fact::Identity(IdentityEvent::Deactivated { user_id: id }), occurred_at: now() };
    unit.outbox().append(&[(first, again)]).await.unwrap();
    let Err(StoreError::Refused(cause)) = unit.commit().await else {
        panic!("the same fact twice");
    };
    assert!(cause.to_string().contains("outbox_id_once"), "{cause}");
}

#[tokio::test]
async fn an_administrator_is_found_whatever_their_state() {
    let test = database().await;
    let store = test.open();
    assert!(!store.has_administrator().await.unwrap());
    test.add_user(&store, "ada@example.com").await;
    assert!(!store.has_administrator().await.unwrap());
    let sql = "UPDATE users SET role = 'admin', state = 'blocked', block_reason = 'x', state_since = now()";
    test.owner().await.batch_execute(sql).await.unwrap();
    assert!(store.has_administrator().await.unwrap());
}
