//! The books: money moves once, all of it or none, and nobody is overdrawn.

use std::pin::pin;

use domain::ids::{ChargebackId, DepositId, UserId};
use domain::money::{
    Account, Chargeback, ChargebackReason, ChargebackState, Currency, LedgerTransaction, Outside, Taken,
    movements,
};
use ports::money::Booked;
use ports::store::StoreError;

use super::Subject;
use super::money_scene::{
    balances, book, booked, given, paid_in, posting_ids, rich_user, set_aside, try_book, usd, wallet,
};
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback, stored_user};

const USD: Currency = Currency::Usd;

async fn available(subject: &Subject, user_id: UserId) -> i64 {
    wallet(subject, user_id).await.available.minor()
}

/// The payer's bank takes a payment back, for which nobody but the payer stands in.
fn taken_back(user_id: UserId, minor: i64) -> LedgerTransaction {
    let chargeback = Chargeback {
        id: ChargebackId::new(fresh_uuid()),
        deposit_id: DepositId::new(fresh_uuid()),
        user_id,
        outside: Outside::Sandbox,
        amount: usd(minor),
        reason: ChargebackReason::parse("stolen card").expect("a reason"),
        state: ChargebackState::Received,
        refunded: usd(0),
        taken: Taken { available: usd(0), debt: usd(minor), losses: usd(0) },
        received_at: now(),
        decided_at: None,
        version: 0,
    };
    movements::chargeback(&chargeback).expect("a movement")
}

pub(super) async fn a_movement_changes_balances_and_totals(subject: &Subject) {
    let (client, provider) = (rich_user(subject, 1_000).await, stored_user(subject).await.id);
    booked(subject, &given(client, provider, usd(100))).await;
    let (client, provider) = (wallet(subject, client).await, wallet(subject, provider).await);
    assert_eq!((client.available, client.total_earned), (usd(900), usd(0)));
    assert_eq!((provider.available, provider.total_earned), (usd(90), usd(90)), "net of the fee");
    assert_eq!((provider.pending, provider.total_withdrawn), (usd(0), usd(0)));
}

pub(super) async fn the_same_source_moves_money_once(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    let deposit = paid_in(user_id, usd(100));
    let mut work = begin(subject).await;
    book(work.as_mut(), &deposit).await;
    let again = try_book(work.as_mut(), &deposit).await.expect("no error");
    assert_eq!(again, Booked::Before, "in the same transaction");
    commit(work).await;
    let mut work = begin(subject).await;
    let again = try_book(work.as_mut(), &deposit).await.expect("no error");
    assert_eq!(again, Booked::Before, "and in another");
    book(work.as_mut(), &paid_in(user_id, usd(1))).await;
    commit(work).await;
    assert_eq!(available(subject, user_id).await, 101, "and the transaction was still good");
}

pub(super) async fn a_source_being_booked_is_waited_for(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    let deposit = paid_in(user_id, usd(100));
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    book(first.as_mut(), &deposit).await;
    let again = {
        let mut waiting = pin!(try_book(second.as_mut(), &deposit));
        must_wait(waiting.as_mut(), "the second report").await;
        commit(first).await;
        must_end(waiting, "the second report").await.expect("no error")
    };
    assert_eq!(again, Booked::Before);
    commit(second).await;
    assert_eq!(available(subject, user_id).await, 100);
}

pub(super) async fn a_source_rolled_back_is_free(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    let deposit = paid_in(user_id, usd(100));
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    book(first.as_mut(), &deposit).await;
    {
        let mut waiting = pin!(try_book(second.as_mut(), &deposit));
        must_wait(waiting.as_mut(), "the second report").await;
        rollback(first).await;
        let booked = must_end(waiting, "the second report").await.expect("no error");
        assert_eq!(booked, Booked::Now);
    }
    commit(second).await;
    assert_eq!(available(subject, user_id).await, 100);
}

pub(super) async fn a_replay_needs_no_money(subject: &Subject) {
    let (client, provider) = (rich_user(subject, 100).await, stored_user(subject).await.id);
    let gift = given(client, provider, usd(100));
    booked(subject, &gift).await;
    let mut work = begin(subject).await;
    let again =
        try_book(work.as_mut(), &gift).await.expect("the wallet is empty, but nothing is to be moved");
    assert_eq!(again, Booked::Before);
    commit(work).await;
    assert_eq!(available(subject, client).await, 0);
}

pub(super) async fn nobody_is_overdrawn(subject: &Subject) {
    let (client, provider) = (rich_user(subject, 100).await, stored_user(subject).await.id);
    let mut work = begin(subject).await;
    let refused = try_book(work.as_mut(), &given(client, provider, usd(101))).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    assert!(format!("{refused:?}").contains("ledger_accounts_never_below_zero"), "{refused:?}");
    let committed = work.commit().await;
    assert!(matches!(committed, Err(StoreError::Spoilt)), "{committed:?}");
    booked(subject, &given(client, provider, usd(100))).await;
    assert_eq!(available(subject, client).await, 0, "down to nothing is fine");
}

pub(super) async fn debt_may_be_below_zero(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    booked(subject, &taken_back(user_id, 70)).await;
    let mut work = begin(subject).await;
    assert_eq!(balances(work.as_mut(), &[Account::UserDebt(user_id)]).await, [-70]);
    rollback(work).await;
}

pub(super) async fn balances_are_told_in_the_order_asked_for(subject: &Subject) {
    let (one, other) = (rich_user(subject, 1).await, rich_user(subject, 2).await);
    let (one, other) = (Account::UserAvailable(one), Account::UserAvailable(other));
    let none = Account::UserClearing(stored_user(subject).await.id);
    let mut work = begin(subject).await;
    for _ in 0..2 {
        assert_eq!(balances(work.as_mut(), &[other, none, one, other]).await, [2, 0, 1, 2]);
    }
    assert_eq!(balances(work.as_mut(), &[]).await, Vec::<i64>::new());
    commit(work).await;
}

pub(super) async fn balances_are_locked(subject: &Subject) {
    let (client, provider) = (rich_user(subject, 100).await, stored_user(subject).await.id);
    let account = Account::UserAvailable(client);
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    assert_eq!(balances(first.as_mut(), &[account]).await, [100]);
    {
        let mut waiting = pin!(balances(second.as_mut(), std::slice::from_ref(&account)));
        must_wait(waiting.as_mut(), "who wants to spend the same money").await;
        book(first.as_mut(), &given(client, provider, usd(40))).await;
        assert_eq!(available(subject, client).await, 100, "questions do not wait");
        commit(first).await;
        assert_eq!(must_end(waiting, "who wants to spend the same money").await, [60], "the newest");
    }
    commit(second).await;
}

pub(super) async fn an_account_is_locked_before_it_ever_had_money(subject: &Subject) {
    let account = Account::UserAvailable(stored_user(subject).await.id);
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    assert_eq!(balances(first.as_mut(), &[account]).await, [0]);
    {
        let mut waiting = pin!(balances(second.as_mut(), std::slice::from_ref(&account)));
        must_wait(waiting.as_mut(), "the second").await;
        rollback(first).await;
        assert_eq!(must_end(waiting, "the second").await, [0]);
    }
    commit(second).await;
}

pub(super) async fn opposite_orders_do_not_collide(subject: &Subject) {
    // The second time with an account that is made on the way.
    for is_new in [false, true] {
        let (one, other) = (rich_user(subject, 1).await, rich_user(subject, 1).await);
        let mut accounts = vec![Account::UserAvailable(other), Account::UserAvailable(one)];
        if is_new {
            accounts.insert(1, Account::UserWithdrawing(one));
        }
        let backwards: Vec<_> = accounts.iter().rev().copied().collect();
        for _ in 0..20 {
            let (mut first, mut second) = (begin(subject).await, begin(subject).await);
            let one = async {
                balances(first.as_mut(), &accounts).await;
                commit(first).await;
            };
            let other = async {
                balances(second.as_mut(), &backwards).await;
                commit(second).await;
            };
            must_end(async { tokio::join!(one, other) }, "one of two").await;
        }
    }
}

pub(super) async fn accounts_that_nobody_owns_hold_nobody_up(subject: &Subject) {
    let (one, other) = (stored_user(subject).await.id, stored_user(subject).await.id);
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    book(first.as_mut(), &paid_in(one, usd(100))).await;
    must_end(book(second.as_mut(), &paid_in(other, usd(100))), "who pays in at the same time").await;
    must_end(book(first.as_mut(), &given(one, stored_user(subject).await.id, usd(10))), "a fee").await;
    must_end(book(second.as_mut(), &given(other, stored_user(subject).await.id, usd(10))), "a fee").await;
    commit(second).await;
    commit(first).await;
}

pub(super) async fn accounts_without_a_balance_cannot_be_locked(subject: &Subject) {
    for account in [Account::PlatformFees, Account::World(Outside::Sandbox)] {
        let mut work = begin(subject).await;
        let refused = work.ledger().lock_balances(&[account], USD).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        rollback(work).await;
    }
}

pub(super) async fn money_belongs_to_accounts_that_are_there(subject: &Subject) {
    let nobody = UserId::new(fresh_uuid());
    let mut work = begin(subject).await;
    let refused = try_book(work.as_mut(), &paid_in(nobody, usd(1))).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
}

pub(super) async fn each_posting_has_an_identifier_of_its_own(subject: &Subject) {
    let user_id = stored_user(subject).await.id;
    let (deposit, other) = (paid_in(user_id, usd(1)), paid_in(user_id, usd(1)));
    let ids = posting_ids(&deposit);
    let mut work = begin(subject).await;
    let too_few = work.ledger().book(&deposit, ids.get(1..).unwrap_or_default(), now()).await;
    assert!(matches!(too_few, Err(StoreError::Refused(_))), "{too_few:?}");
    rollback(work).await;
    let mut work = begin(subject).await;
    assert_eq!(work.ledger().book(&deposit, &ids, now()).await.expect("it is booked"), Booked::Now);
    commit(work).await;
    let mut work = begin(subject).await;
    let used = work.ledger().book(&other, &ids, now()).await;
    assert!(matches!(used, Err(StoreError::Refused(_))), "{used:?}");
    rollback(work).await;
}

pub(super) async fn a_rollback_moves_nothing(subject: &Subject) {
    let (client, provider) = (rich_user(subject, 100).await, stored_user(subject).await.id);
    for drops in [false, true] {
        let mut work = begin(subject).await;
        book(work.as_mut(), &given(client, provider, usd(100))).await;
        if drops {
            drop(work);
        } else {
            rollback(work).await;
        }
        assert_eq!(available(subject, client).await, 100);
        let provider = wallet(subject, provider).await;
        assert_eq!((provider.available, provider.total_earned), (usd(0), usd(0)));
    }
    must_end(booked(subject, &given(client, provider, usd(100))), "who comes after them").await;
}

pub(super) async fn whoever_has_or_owes_something_has_money(subject: &Subject) {
    async fn has_money(subject: &Subject, user_id: UserId) -> bool {
        let mut work = begin(subject).await;
        let has_money = work.ledger().has_money(user_id).await.expect("the question is answered");
        rollback(work).await;
        has_money
    }
    let (user_id, other) = (rich_user(subject, 100).await, stored_user(subject).await.id);
    assert!(has_money(subject, user_id).await && !has_money(subject, other).await);

    let mut work = begin(subject).await;
    let id = work.withdrawals().next_id().await.expect("a number");
    book(work.as_mut(), &set_aside(id, user_id, usd(100))).await;
    assert!(work.ledger().has_money(user_id).await.expect("the question is answered"), "set aside is there");
    let paid = movements::withdrawal_paid(id, user_id, usd(100), domain::money::PayoutMethod::BankTransfer);
    book(work.as_mut(), &paid.expect("a movement")).await;
    assert!(!work.ledger().has_money(user_id).await.expect("the question is answered"), "as it sees itself");
    commit(work).await;
    assert!(!has_money(subject, user_id).await, "empty accounts are nothing");

    booked(subject, &taken_back(other, 5)).await;
    assert!(has_money(subject, other).await, "a debt is something");
}
