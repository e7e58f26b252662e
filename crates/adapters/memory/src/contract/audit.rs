//! Checks of the books that are kept, holds on payouts, and what auditors ask.

use std::pin::pin;

use chrono::{DateTime, TimeDelta, TimeZone, Utc};
use domain::actor::Issuer;
use domain::audit::{LiftReason, PayoutHold, PayoutHoldState};
use domain::identity::{BlockReason, Role};
use domain::ids::{DepositId, LedgerCheckId, PayoutHoldId, UserId};
use domain::money::{
    Account, AccountKind, Currency, Deposit, DepositState, Money, Outside, PayoutMethod, WithdrawalState,
    movements,
};
use ports::audit::{Finding, LedgerCheck};
use ports::list::Window;
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::money_scene::{
    EVERYTHING, admin, booked, given, insert, new_withdrawal, paid_in, rich_user, set_aside, usd,
};
use super::scene::{
    begin, commit, fresh_email, fresh_uuid, insert as insert_user, must_end, must_wait, new_user, now,
    rollback, save, stored_user,
};

fn check_at(at: DateTime<Utc>) -> LedgerCheck {
    let finding = |offending, rows: &str| Finding {
        check: "transactions_add_up".to_owned(),
        rule: "each \"transaction\" adds up".to_owned(),
        offending,
        rows: rows.to_owned(),
    };
    LedgerCheck {
        id: LedgerCheckId::new(fresh_uuid()),
        started_at: at,
        finished_at: at + TimeDelta::milliseconds(1),
        findings: vec![finding(0, "[]"), finding(2, r#"["a"]"#)],
    }
}

async fn kept(subject: &Subject) -> LedgerCheckId {
    let check = check_at(now());
    let mut work = begin(subject).await;
    work.audits().keep(&check).await.expect("a check is kept");
    commit(work).await;
    check.id
}

fn hold(user_id: UserId, check_id: LedgerCheckId) -> PayoutHold {
    let id = PayoutHoldId::new(fresh_uuid());
    PayoutHold::place(id, user_id, check_id, Issuer::System, now()).expect("a hold").0
}

async fn placed(work: &mut dyn UnitOfWork, holds: &[PayoutHold]) -> Vec<PayoutHoldId> {
    work.audits().place(holds).await.expect("holds are placed")
}

async fn active(subject: &Subject, user_id: UserId) -> Option<PayoutHold> {
    let mut work = begin(subject).await;
    let hold = work.audits().hold_on(user_id).await.expect("the question is answered");
    rollback(work).await;
    hold
}

async fn lifted(work: &mut dyn UnitOfWork, user_id: UserId, by: UserId) -> PayoutHold {
    let mut hold = work.audits().lock_hold(user_id).await.expect("a hold is locked").expect("it is there");
    let reason = LiftReason::parse("Zeile 1\nZeile 2").expect("a reason");
    let by = Issuer::Person { user_id: by, role: Role::Admin };
    let _fact = hold.lift(reason, by, now()).expect("it is lifted");
    work.audits().save_lifted(&hold).await.expect("it is saved");
    hold
}

pub(super) async fn the_last_check_is_found_as_it_was_kept(subject: &Subject) {
    // Later than any that other cases keep.
    let at = Utc.with_ymd_and_hms(2100, 1, 1, 3, 0, 0).single().expect("a moment");
    for check in [check_at(at), check_at(at + TimeDelta::days(1))] {
        let mut work = begin(subject).await;
        work.audits().keep(&check).await.expect("a check is kept");
        commit(work).await;
        let last = subject.audit.last_check().await.expect("the question is answered");
        assert_eq!(last.as_ref(), Some(&check));
        assert_eq!(check.offending(), 2);
    }
}

pub(super) async fn a_hold_is_placed_once_and_lifted_once(subject: &Subject) {
    let (ada, eve) = (stored_user(subject).await.id, stored_user(subject).await.id);
    let check_id = kept(subject).await;
    assert_eq!(active(subject, ada).await, None);
    let first = hold(ada, check_id);
    let mut work = begin(subject).await;
    assert_eq!(placed(work.as_mut(), std::slice::from_ref(&first)).await, [first.id]);
    let inside = work.audits().hold_on(ada).await.expect("the question is answered");
    assert_eq!(inside.as_ref(), Some(&first), "as the transaction itself sees it");
    commit(work).await;
    assert_eq!(active(subject, ada).await.as_ref(), Some(&first), "as everybody sees it");

    let (again, hers) = (hold(ada, check_id), hold(eve, check_id));
    let mut work = begin(subject).await;
    assert_eq!(placed(work.as_mut(), &[again, hers.clone()]).await, [hers.id], "whoever has one keeps it");
    commit(work).await;

    let mut work = begin(subject).await;
    let over = lifted(work.as_mut(), ada, eve).await;
    commit(work).await;
    assert_eq!((over.id, over.state()), (first.id, PayoutHoldState::Lifted));
    assert_eq!(active(subject, ada).await, None);
    let mut work = begin(subject).await;
    let last = work.audits().lock_hold(ada).await.expect("a hold is locked");
    assert_eq!(last.as_ref(), Some(&over), "the last one is remembered");
    let twice = work.audits().save_lifted(&over).await;
    assert!(matches!(twice, Err(StoreError::Stale { .. })), "{twice:?}");
    rollback(work).await;

    let anew = hold(ada, check_id);
    let mut work = begin(subject).await;
    assert_eq!(placed(work.as_mut(), std::slice::from_ref(&anew)).await, [anew.id]);
    commit(work).await;
    assert_eq!(active(subject, ada).await.map(|hold| hold.id), Some(anew.id));
    let holds = subject.audit.active_holds(1_000).await.expect("the question is answered");
    let of_ada: Vec<_> = holds.first.iter().filter(|view| view.hold.user_id == ada).collect();
    assert_eq!(of_ada.iter().map(|view| view.hold.id).collect::<Vec<_>>(), [anew.id]);
    assert_eq!(of_ada.iter().map(|view| view.user_name.as_str()).collect::<Vec<_>>(), ["Ádá Lovelace"]);
    assert!(holds.total >= 2);
    let one = subject.audit.active_holds(1).await.expect("the question is answered");
    assert_eq!(one.first.len(), 1, "no more than wanted");
}

pub(super) async fn a_hold_being_placed_is_waited_for(subject: &Subject) {
    let ada = stored_user(subject).await.id;
    let check_id = kept(subject).await;
    let (first, second) = (hold(ada, check_id), hold(ada, check_id));
    let mut work = begin(subject).await;
    assert_eq!(placed(work.as_mut(), std::slice::from_ref(&first)).await, [first.id]);
    let mut other = begin(subject).await;
    {
        let theirs = std::slice::from_ref(&second);
        let mut placing = pin!(other.audits().place(theirs));
        must_wait(placing.as_mut(), "whoever places a second hold").await;
        commit(work).await;
        let placed = must_end(placing, "placing a second hold").await.expect("it is answered");
        assert_eq!(placed, [], "there is one already");
    }
    commit(other).await;
    assert_eq!(active(subject, ada).await.map(|hold| hold.id), Some(first.id));
}

pub(super) async fn a_hold_belongs_to_a_person_and_a_check(subject: &Subject) {
    let ada = stored_user(subject).await.id;
    let check_id = kept(subject).await;
    let nobodys = hold(UserId::new(fresh_uuid()), check_id);
    let of_no_check = hold(ada, LedgerCheckId::new(fresh_uuid()));
    for hold in [nobodys, of_no_check] {
        let mut work = begin(subject).await;
        let refused = work.audits().place(std::slice::from_ref(&hold)).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        rollback(work).await;
    }
    let mut work = begin(subject).await;
    assert_eq!(work.audits().lock_hold(ada).await.expect("the question is answered"), None);
    rollback(work).await;
}

pub(super) async fn administrators_who_may_enter_are_told(subject: &Subject) {
    let mut work = begin(subject).await;
    let mut ids = Vec::new();
    for is_blocked in [false, true] {
        let mut user = new_user(fresh_email());
        user.role = Role::Admin;
        insert_user(work.as_mut(), &user).await;
        if is_blocked {
            let reason = BlockReason::parse("gone").expect("a reason");
            let _step = user.block(&reason, admin(), now()).expect("blocked");
            save(work.as_mut(), &mut user).await;
        }
        ids.push(user.id);
    }
    let found = work.audits().administrators().await.expect("the question is answered");
    assert!(found.is_sorted());
    assert_eq!((found.contains(&ids[0]), found.contains(&ids[1])), (true, false));
    rollback(work).await;
}

pub(super) async fn an_accounts_lines_are_listed_with_its_balance(subject: &Subject) {
    let ada = rich_user(subject, 100).await;
    let eve = stored_user(subject).await.id;
    booked(subject, &given(ada, eve, usd(30))).await;
    booked(subject, &paid_in(ada, usd(5))).await;
    let own = Account::UserAvailable(ada);
    let list = async |account, window| {
        let found = subject.audit.account_entries(account, Currency::Usd, window).await;
        found.expect("the question is answered")
    };
    let all = list(own, EVERYTHING).await.expect("the account is there");
    let lines: Vec<_> = all.rows.iter().map(|entry| (entry.minor, entry.balance_after)).collect();
    assert_eq!((lines, all.total, all.next), (vec![(5, 75), (-30, 70), (100, 100)], 3, None));
    for entry in &all.rows {
        assert!(entry.source.starts_with(entry.kind.as_str()), "{entry:?}");
    }
    let first = list(own, Window::Page { offset: 0, limit: 2 }).await.expect("the account is there");
    assert_eq!((first.rows.as_slice(), first.total), (&all.rows[..2], 3));
    let position = first.next.expect("there are older ones");
    let rest = list(own, Window::Before { position, limit: 2 }).await.expect("the account is there");
    assert_eq!((rest.rows.as_slice(), rest.total, rest.next), (&all.rows[2..], 3, None));
    let behind = list(own, Window::Page { offset: 9, limit: 2 }).await.expect("the account is there");
    assert_eq!((behind.rows.len(), behind.total), (0, 3));
    assert_eq!(list(Account::UserDebt(ada), EVERYTHING).await, None);

    // Of accounts without a balance the lines add up, wherever a page begins.
    for account in [Account::PlatformFees, Account::World(Outside::Sandbox)] {
        let page = list(account, Window::Page { offset: 1, limit: 20 }).await.expect("the account is there");
        for pair in page.rows.windows(2) {
            assert_eq!(pair[0].balance_after - pair[0].minor, pair[1].balance_after, "{account}");
        }
        assert!(page.total > 0, "{account}");
    }
    assert!(list(Account::PlatformLosses, EVERYTHING).await.is_some(), "there from the beginning");
}

pub(super) async fn a_trial_balance_comes_to_zero(subject: &Subject) {
    let ada = rich_user(subject, 100).await;
    booked(subject, &given(ada, stored_user(subject).await.id, usd(30))).await;
    let lines = subject.audit.trial_balance().await.expect("the question is answered");
    let sorted = lines.iter().map(|line| (line.currency, line.kind, line.account));
    assert!(sorted.is_sorted());
    for currency in Currency::ALL {
        let of_it = || lines.iter().filter(|line| line.currency == *currency);
        assert_eq!(of_it().map(|line| line.credits - line.debits).sum::<i64>(), 0, "{currency:?}");
    }
    let of = |kind| lines.iter().filter(move |line| (line.currency, line.kind) == (Currency::Usd, kind));
    let people: Vec<_> = of(AccountKind::UserAvailable).collect();
    assert!(matches!(people.as_slice(), [line] if line.account.is_none() && line.accounts >= 2));
    let outside = of(AccountKind::World).map(|line| line.account);
    assert!(outside.clone().any(|account| account == Some(Account::World(Outside::Sandbox))));
    assert_eq!(of(AccountKind::World).count(), Outside::ALL.len(), "each by itself");
}

/// In a currency and through somebody that no other case uses.
pub(super) async fn payments_are_compared_with_the_books(subject: &Subject) {
    let ada = stored_user(subject).await.id;
    let euros = |minor| Money::positive(minor, Currency::Eur).expect("an amount");
    let deposit = |minor, state| Deposit {
        id: DepositId::new(fresh_uuid()),
        user_id: ada,
        amount: euros(minor),
        outside: Outside::Stripe,
        state,
        created_at: now(),
        completed_at: (state == DepositState::Completed).then(now),
        version: 0,
    };
    let mut work = begin(subject).await;
    for deposit in [deposit(700, DepositState::Completed), deposit(90, DepositState::Pending)] {
        work.deposits().insert(&deposit).await.expect("a deposit is inserted");
    }
    commit(work).await;
    let booked_deposit = movements::deposit(DepositId::new(fresh_uuid()), ada, Outside::Stripe, euros(500));
    booked(subject, &booked_deposit.expect("a movement")).await;
    let found = subject.audit.outside().await.expect("the question is answered");
    let line = found.iter().find(|line| (line.outside, line.currency) == (Outside::Stripe, Currency::Eur));
    let line = line.expect("there was something");
    assert_eq!((line.paid_in, line.booked_in, line.booked_otherwise), (700, 500, 0));
    assert_eq!((line.paid_out, line.booked_out), (0, 0));
}

pub(super) async fn withdrawals_that_wait_are_found(subject: &Subject) {
    let ada = rich_user(subject, 10_000).await;
    let long_ago = Utc.with_ymd_and_hms(2001, 1, 1, 0, 0, 0).single().expect("a moment");
    let mut ids = Vec::new();
    for state in [WithdrawalState::Pending, WithdrawalState::Approved, WithdrawalState::Rejected] {
        let mut work = begin(subject).await;
        let id = work.withdrawals().next_id().await.expect("a number");
        let mut withdrawal = new_withdrawal(id, ada, PayoutMethod::BankTransfer);
        withdrawal.estimated_completion = long_ago;
        withdrawal.state = state;
        if state == WithdrawalState::Rejected {
            let reason = domain::money::RejectionReason::parse("no").expect("a reason");
            withdrawal.rejection = Some(reason);
        }
        insert(work.as_mut(), &withdrawal).await;
        commit(work).await;
        booked(subject, &set_aside(id, ada, usd(500))).await;
        ids.push(id);
    }
    let unfinished = WithdrawalState::unfinished();
    let waiting = async |in_doubt: &[WithdrawalState], due, limit| {
        let found = subject.audit.waiting(in_doubt, &unfinished, due, limit).await;
        found.expect("the question is answered")
    };
    let found = waiting(&[], long_ago + TimeDelta::seconds(1), 10).await;
    let named: Vec<_> = found.first.iter().map(|one| (one.id, one.user_id, one.amount)).collect();
    assert_eq!(named, [(ids[0], ada, usd(500)), (ids[1], ada, usd(500))]);
    assert_eq!(found.total, 2);
    let first = waiting(&[], long_ago + TimeDelta::seconds(1), 1).await;
    assert_eq!((first.first.len(), first.total), (1, 2));
    assert_eq!(waiting(&[], long_ago, 10).await.total, 0, "they are not late at that moment");
    let doubtful = waiting(&[WithdrawalState::Rejected], long_ago, 1_000).await;
    assert!(doubtful.first.iter().any(|one| one.id == ids[2]), "whatever they were to be paid");
}
