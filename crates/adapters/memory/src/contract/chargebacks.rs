//! Payments that were taken back: storing, locking, saving, listing; and debts.

use domain::ids::{ChargebackId, UserId};
use domain::money::{
    Chargeback, ChargebackReason, ChargebackState, Deposit, NewChargeback, Purse, movements, settle_debt,
};
use domain::{actor::Issuer, ids::DebtSettlementId};
use ports::list::Window;
use ports::money::ChargebackView;
use ports::store::StoreError;

use super::Subject;
use super::money_scene::{EVERYTHING, admin, book, booked, new_deposit, paid_in, usd, wallet};
use super::scene::{begin, commit, fresh_uuid, now, rollback, stored_user};

/// A deposit whose money came, and was spent.
async fn spent_deposit(subject: &Subject) -> Deposit {
    let mut deposit = new_deposit(stored_user(subject).await.id, now());
    let arrived = deposit.arrive_at_once(now()).expect("it arrives");
    assert!(arrived.is_some());
    let mut work = begin(subject).await;
    work.deposits().insert(&deposit).await.expect("a deposit is inserted");
    commit(work).await;
    deposit
}

fn of(deposit: &Deposit) -> (Chargeback, domain::money::LedgerTransaction) {
    let reason = ChargebackReason::parse("Zeile 1\n\"2\"").expect("a reason");
    let new = NewChargeback { id: ChargebackId::new(fresh_uuid()), reason, debt_limit: usd(10_000) };
    let purse = Purse { available: usd(0), owed: usd(0) };
    let received = Chargeback::receive(new, deposit, None, (usd(7), purse), admin(), now());
    let (chargeback, step) = received.expect("it is received");
    (chargeback, step.transaction.expect("a movement"))
}

async fn stored(subject: &Subject) -> Chargeback {
    let chargeback = of(&spent_deposit(subject).await).0;
    let mut work = begin(subject).await;
    work.chargebacks().insert(&chargeback).await.expect("a chargeback is inserted");
    commit(work).await;
    chargeback
}

pub(super) async fn a_chargeback_is_found_as_it_was_stored(subject: &Subject) {
    let chargeback = stored(subject).await;
    let mut work = begin(subject).await;
    let found = work.chargebacks().lock(chargeback.id).await.expect("the question is answered");
    assert_eq!(found.as_ref(), Some(&chargeback));
    let found = work.chargebacks().of_deposit(chargeback.deposit_id).await.expect("the question is answered");
    assert_eq!(found.as_ref(), Some(&chargeback));
    let unknown = work.chargebacks().lock(ChargebackId::new(fresh_uuid())).await;
    assert_eq!(unknown.expect("the question is answered"), None);
    let second = Chargeback { id: ChargebackId::new(fresh_uuid()), ..chargeback.clone() };
    let refused = work.chargebacks().insert(&second).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "once of each deposit: {refused:?}");
    rollback(work).await;
}

pub(super) async fn changes_of_a_chargeback_are_saved(subject: &Subject) {
    for is_won in [true, false] {
        let chargeback = stored(subject).await;
        let mut work = begin(subject).await;
        let locked = work.chargebacks().lock(chargeback.id).await.expect("the question is answered");
        let mut changed = locked.expect("it is there");
        let step = if is_won { changed.win(usd(0), admin(), now()) } else { changed.lose(admin(), now()) };
        drop(step.expect("it is decided"));
        work.chargebacks().save(&mut changed).await.expect("it is saved");
        assert!(changed.version > chargeback.version);
        let mut stale = Chargeback { amount: usd(1), ..chargeback.clone() };
        let view = work.chargebacks().view(chargeback.id).await.expect("the question is answered");
        assert_eq!(view.map(|view| (view.state, view.decided_at)), Some((changed.state, changed.decided_at)));
        commit(work).await;
        let mut work = begin(subject).await;
        let found = work.chargebacks().lock(chargeback.id).await.expect("the question is answered");
        assert_eq!(found, Some(changed));
        let refused = work.chargebacks().save(&mut stale).await;
        assert!(matches!(refused, Err(StoreError::Stale { .. })), "{refused:?}");
        rollback(work).await;
    }
}

pub(super) async fn chargebacks_are_listed_newest_first(subject: &Subject) {
    let mine = [stored(subject).await, stored(subject).await, stored(subject).await];
    let mut lost = mine[1].clone();
    drop(lost.lose(admin(), now()).expect("it is lost"));
    let mut work = begin(subject).await;
    work.chargebacks().save(&mut lost).await.expect("it is saved");
    commit(work).await;
    let list = async |state, window| {
        let found = subject.chargebacks.chargebacks(state, window).await;
        found.expect("the question is answered")
    };
    let ids = |rows: &[ChargebackView]| -> Vec<_> {
        let all = rows.iter().map(|view| view.id);
        all.filter(|id| mine.iter().any(|one| one.id == *id)).collect()
    };
    let all = list(None, EVERYTHING).await;
    assert_eq!(ids(&all.rows), [mine[2].id, mine[1].id, mine[0].id]);
    assert!(all.rows.is_sorted_by(|newer, older| newer.position > older.position));
    assert!(usize::try_from(all.total).is_ok_and(|total| total >= all.rows.len()));
    let received = list(Some(ChargebackState::Received), EVERYTHING).await;
    assert_eq!(ids(&received.rows), [mine[2].id, mine[0].id]);
    assert_eq!(ids(&list(Some(ChargebackState::Lost), EVERYTHING).await.rows), [lost.id]);
    let newest = all.rows.iter().find(|view| view.id == mine[2].id).expect("it is there");
    let older = list(None, Window::Before { position: newest.position, limit: 100 }).await;
    assert_eq!(ids(&older.rows), [mine[1].id, mine[0].id]);
    let beyond = list(None, Window::Page { offset: 100_000, limit: 5 }).await;
    assert!(beyond.rows.is_empty() && beyond.total >= 3, "the total is there all the same");
    let Chargeback { deposit_id, user_id, amount, reason, refunded, taken, .. } = mine[2].clone();
    let shown = (newest.deposit_id, newest.user_id, newest.amount, newest.refunded, newest.taken);
    assert_eq!(shown, (deposit_id, user_id, amount, refunded, taken));
    assert_eq!(newest.reason, reason.as_str());
}

pub(super) async fn debts_are_seen_and_paid(subject: &Subject) {
    let deposit = spent_deposit(subject).await;
    let (user_id, currency) = (deposit.user_id, deposit.amount.currency());
    let owed = async || {
        let mut work = begin(subject).await;
        let owed = work.ledger().owed(user_id, currency).await.expect("the question is answered");
        rollback(work).await;
        owed
    };
    let can_pay = async |after: Option<UserId>| {
        let found = subject.chargebacks.solvent_debtors(after, 100_000).await;
        let found = found.expect("the question is answered");
        assert!(found.is_sorted());
        found.contains(&user_id)
    };
    assert_eq!((owed().await, can_pay(None).await), (usd(0), false));
    let (chargeback, taken) = of(&deposit);
    let debt = chargeback.taken.debt;
    booked(subject, &taken).await;
    assert_eq!((owed().await, wallet(subject, user_id).await.debt), (debt, debt));
    assert!(!can_pay(None).await, "there is nothing to pay with");
    booked(subject, &paid_in(user_id, usd(3))).await;
    assert!(can_pay(None).await && !can_pay(Some(user_id)).await);
    let purse = Purse { available: usd(3), owed: debt };
    let id = DebtSettlementId::new(fresh_uuid());
    let settled = settle_debt(id, user_id, purse, Issuer::System).expect("it is paid");
    let (transaction, _) = settled.expect("something was there");
    assert_eq!(transaction, movements::debt_settled(id, user_id, usd(3)).expect("a movement"));
    let mut work = begin(subject).await;
    book(work.as_mut(), &transaction).await;
    assert_eq!(
        work.ledger().owed(user_id, currency).await.ok(),
        debt.minus(usd(3)).ok(),
        "as it sees itself"
    );
    commit(work).await;
    assert!(!can_pay(None).await);
    let seen = wallet(subject, user_id).await;
    assert_eq!((seen.available, Some(seen.debt)), (usd(0), debt.minus(usd(3)).ok()));
}
