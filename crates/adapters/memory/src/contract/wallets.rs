//! Wallets and their histories.

use std::collections::BTreeSet;

use domain::ids::{DepositId, UserId};
use domain::money::{Currency, Money, Outside, Purpose, WithdrawalState, movements};
use ports::list::{Slice, Window};
use ports::money::{EntryFilter, WalletEntry};

use super::Subject;
use super::money_scene::{
    EVERYTHING, admin, book, booked, entries, given, new_withdrawal, paid_in, posting_ids, rich_user,
    set_aside, usd, wallet,
};
use super::scene::{begin, commit, fresh_uuid, now, rollback, stored_user};

fn minors(slice: &Slice<WalletEntry>) -> Vec<i64> {
    slice.rows.iter().map(|entry| entry.minor).collect()
}

/// Somebody who got 100, gave 10, 20, 30 of it away and then got 5.
async fn with_history(subject: &Subject) -> UserId {
    let (user_id, other) = (rich_user(subject, 100).await, stored_user(subject).await.id);
    for minor in [10, 20, 30] {
        booked(subject, &given(user_id, other, usd(minor))).await;
    }
    booked(subject, &paid_in(user_id, usd(5))).await;
    user_id
}

pub(super) async fn an_unused_wallet_is_empty(subject: &Subject) {
    for user_id in [stored_user(subject).await.id, UserId::new(fresh_uuid())] {
        let seen = wallet(subject, user_id).await;
        let mut work = begin(subject).await;
        let inside = work.ledger().wallet(user_id, Currency::Usd).await.expect("the question is answered");
        rollback(work).await;
        assert_eq!(inside, seen);
        let amounts = [seen.available, seen.pending, seen.total_earned, seen.total_withdrawn];
        assert_eq!(amounts, [usd(0); 4]);
        let history = entries(subject, user_id, EntryFilter::All, EVERYTHING).await;
        assert_eq!(history, Slice { rows: vec![], total: 0, next: None });
    }
}

pub(super) async fn a_wallet_is_seen_inside_before_outside(subject: &Subject) {
    let (client, provider) = (rich_user(subject, 100).await, stored_user(subject).await.id);
    booked(subject, &given(client, provider, usd(50))).await;
    let mut work = begin(subject).await;
    let id = work.withdrawals().next_id().await.expect("a number");
    book(work.as_mut(), &set_aside(id, provider, usd(40))).await;
    let inside = work.ledger().wallet(provider, Currency::Usd).await.expect("the question is answered");
    assert_eq!((inside.available, inside.total_earned), (usd(5), usd(45)));
    assert_eq!(inside.total_withdrawn, usd(40), "from the moment of the request");
    assert_eq!(wallet(subject, provider).await.available, usd(45), "not yet outside");
    commit(work).await;
    assert_eq!(wallet(subject, provider).await, inside);

    let returned = movements::withdrawal_returned(id, provider, usd(40)).expect("a movement");
    booked(subject, &returned).await;
    let after = wallet(subject, provider).await;
    assert_eq!((after.available, after.total_earned, after.total_withdrawn), (usd(45), usd(45), usd(0)));
}

pub(super) async fn a_history_adds_up(subject: &Subject) {
    let user_id = with_history(subject).await;
    let gift = given(stored_user(subject).await.id, user_id, usd(1_000));
    let mut work = begin(subject).await;
    let from = gift.postings().first().and_then(|posting| posting.account.user_id());
    book(work.as_mut(), &paid_in(from.expect("a person"), usd(1_000))).await;
    let (ids, at) = (posting_ids(&gift), now());
    let _booked = work.ledger().book(&gift, &ids, at).await.expect("it is booked");
    commit(work).await;

    let history = entries(subject, user_id, EntryFilter::All, EVERYTHING).await;
    assert_eq!(minors(&history), [-100, 1_000, 5, -30, -20, -10, 100], "the newest first, a line each");
    assert_eq!((history.total, history.next), (7, None));
    let mut older = history.rows.iter().skip(1);
    for entry in &history.rows {
        let before = older.next().map_or(0, |older| older.balance_after);
        assert_eq!(entry.balance_after, before + entry.minor, "a running balance");
        assert!(entry.withdrawal_state.is_none() && entry.currency == Currency::Usd);
    }
    assert!(history.rows.is_sorted_by(|newer, older| newer.position > older.position));
    let newest = history.rows.first().map(|entry| entry.balance_after);
    assert_eq!(newest, Some(wallet(subject, user_id).await.available.minor()));

    let told =
        history.rows.iter().take(2).map(|entry| (entry.purpose, entry.reference.as_str(), entry.created_at));
    let told: Vec<_> = told.collect();
    assert_eq!(told, [(Purpose::PlatformFee, "ORD-095", at), (Purpose::Bonus, "ORD-095", at)]);
    let shown: BTreeSet<_> = history.rows.iter().take(2).map(|entry| entry.id).collect();
    assert!(shown.iter().all(|id| ids.contains(id)), "under the identifiers given");
}

pub(super) async fn a_history_is_cut_into_pages(subject: &Subject) {
    let user_id = with_history(subject).await;
    let all = [5, -30, -20, -10, 100];
    for (offset, limit, expected, has_next) in [
        (0, 2, &all[..2], true),
        (2, 2, &all[2..4], true),
        (4, 2, &all[4..], false),
        (3, 2, &all[3..], false),
        (5, 2, &[], false),
        (1_000, 2, &[], false),
        (0, 5, &all[..], false),
    ] {
        let page = entries(subject, user_id, EntryFilter::All, Window::Page { offset, limit }).await;
        assert_eq!((minors(&page), page.total), (expected.to_vec(), 5), "{offset} {limit}");
        let last = page.rows.last().map(|entry| entry.position);
        assert_eq!(page.next, last.filter(|_| has_next), "{offset} {limit}");
    }
    // From one to the next, while others are added.
    let (mut seen, mut window) = (Vec::new(), Window::Page { offset: 0, limit: 2 });
    loop {
        let page = entries(subject, user_id, EntryFilter::All, window).await;
        seen.extend(minors(&page));
        booked(subject, &paid_in(user_id, usd(1))).await;
        let Some(position) = page.next else { break };
        window = Window::Before { position, limit: 2 };
    }
    assert_eq!(seen, all, "nothing twice and nothing left out");
    let nothing = Window::Before { position: 0, limit: 2 };
    let page = entries(subject, user_id, EntryFilter::All, nothing).await;
    assert_eq!((page.rows.len(), page.next, page.total), (0, None, 8), "the total of the whole list");
}

pub(super) async fn a_history_is_filtered_by_sign(subject: &Subject) {
    let user_id = with_history(subject).await;
    let credits = entries(subject, user_id, EntryFilter::Credits, EVERYTHING).await;
    assert_eq!((minors(&credits), credits.total), (vec![5, 100], 2));
    let first = Window::Page { offset: 0, limit: 2 };
    let debits = entries(subject, user_id, EntryFilter::Debits, first).await;
    assert_eq!((minors(&debits), debits.total), (vec![-30, -20], 3));
    let rest = Window::Before { position: debits.next.expect("older ones"), limit: 2 };
    let debits = entries(subject, user_id, EntryFilter::Debits, rest).await;
    assert_eq!((minors(&debits), debits.total, debits.next), (vec![-10], 3, None));
}

pub(super) async fn a_history_is_its_owners_alone(subject: &Subject) {
    let (one, other) = (rich_user(subject, 1).await, rich_user(subject, 2).await);
    for (user_id, minor) in [(one, 1), (other, 2)] {
        let history = entries(subject, user_id, EntryFilter::All, EVERYTHING).await;
        assert_eq!((minors(&history), history.total), (vec![minor], 1));
    }
}

pub(super) async fn a_withdrawals_debit_shows_its_state(subject: &Subject) {
    let user_id = rich_user(subject, 1_000).await;
    let mut work = begin(subject).await;
    let id = work.withdrawals().next_id().await.expect("a number");
    let mut withdrawal = new_withdrawal(id, user_id, domain::money::PayoutMethod::BankTransfer);
    super::money_scene::insert(work.as_mut(), &withdrawal).await;
    book(work.as_mut(), &set_aside(id, user_id, usd(500))).await;
    commit(work).await;
    let history = entries(subject, user_id, EntryFilter::All, EVERYTHING).await;
    let states: Vec<_> = history.rows.iter().map(|entry| entry.withdrawal_state).collect();
    assert_eq!(states, [Some(WithdrawalState::Pending), None]);
    let debit = history.rows.first().expect("a debit");
    assert_eq!((debit.reference.clone(), debit.purpose), (id.to_string(), Purpose::WithdrawalToBank));

    let reason = domain::money::RejectionReason::parse("no").expect("a reason");
    let step = withdrawal.reject(reason, admin(), now()).expect("it is rejected");
    let mut work = begin(subject).await;
    work.withdrawals().save(&mut withdrawal).await.expect("it is saved");
    book(work.as_mut(), &step.transaction.expect("money comes back")).await;
    commit(work).await;
    let history = entries(subject, user_id, EntryFilter::All, EVERYTHING).await;
    let states: Vec<_> = history.rows.iter().map(|entry| (entry.minor, entry.withdrawal_state)).collect();
    assert_eq!(states, [(500, None), (-500, Some(WithdrawalState::Rejected)), (1_000, None)]);
}

pub(super) async fn currencies_are_kept_apart(subject: &Subject) {
    let user_id = rich_user(subject, 100).await;
    let euros = Money::total(70, Currency::Eur).expect("zero or more");
    let id = DepositId::new(fresh_uuid());
    let deposit = movements::deposit(id, user_id, Outside::Sandbox, euros).expect("a movement");
    booked(subject, &deposit).await;
    assert_eq!(wallet(subject, user_id).await.available, usd(100));
    let other = subject.money.wallet(user_id, Currency::Eur).await.expect("the question is answered");
    assert_eq!((other.available, other.pending.currency()), (euros, Currency::Eur));
    let history = entries(subject, user_id, EntryFilter::All, Window::Page { offset: 0, limit: 1 }).await;
    let newest = history.rows.first().map(|entry| (entry.minor, entry.currency, entry.balance_after));
    assert_eq!((newest, history.total), (Some((70, Currency::Eur, 70)), 2));
}
