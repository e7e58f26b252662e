//! The figures that are kept about everybody, and their roles.

use std::collections::BTreeMap;
use std::pin::pin;

use domain::identity::{AccountState, Role, User};
use domain::ids::UserId;
use domain::profiles::{FigureChange, Figures};
use ports::store::StoreError;

use super::Subject;
use super::deal_scene::{FREE, a_deal};
use super::market_scene::{a_client, a_provider, detail, stored_person};
use super::scene::{
    begin, commit, fresh_uuid, locked, must_end, must_wait, now, rollback, save, stored_user,
};

async fn figures(subject: &Subject, id: UserId) -> Figures {
    let view = subject.accounts.account(id).await.expect("the question is answered");
    view.expect("the account is shown").figures
}

/// A change that raises each figure by another number.
const EACH: FigureChange = FigureChange {
    orders_posted: 1,
    orders_total: 5,
    orders_completed: 3,
    orders_cancelled: 4,
    rating_sum: 7,
    rating_count: 2,
};

fn of(changes: &[(UserId, FigureChange)]) -> BTreeMap<UserId, FigureChange> {
    changes.iter().copied().collect()
}

fn times(count: u32) -> Figures {
    Figures {
        orders_posted: count,
        orders_total: 5 * count,
        orders_completed: 3 * count,
        orders_cancelled: 4 * count,
        rating_sum: 7 * count,
        rating_count: 2 * count,
    }
}

pub(super) async fn figures_begin_at_nothing_and_grow(subject: &Subject) {
    let (one, other) = (a_client(subject).await, a_provider(subject).await);
    let posted = FigureChange { orders_posted: 1, ..FigureChange::default() };
    let mut work = begin(subject).await;
    work.figures().change(&of(&[(one, EACH), (other, posted)])).await.expect("they are changed");
    assert_eq!(figures(subject, one).await, Figures::default(), "not yet outside");
    commit(work).await;
    assert_eq!(figures(subject, one).await, times(1));
    assert_eq!(figures(subject, other).await, Figures { orders_posted: 1, ..Figures::default() });
    let mut work = begin(subject).await;
    for _ in 0..2 {
        work.figures().change(&of(&[(one, EACH)])).await.expect("twice in one transaction");
    }
    commit(work).await;
    assert_eq!(figures(subject, one).await, times(3));
    let mut work = begin(subject).await;
    work.figures().change(&of(&[(one, EACH)])).await.expect("they are changed");
    rollback(work).await;
    assert_eq!(figures(subject, one).await, times(3), "as if it had never been");
}

pub(super) async fn nobody_has_no_figures(subject: &Subject) {
    let one = a_client(subject).await;
    let mut work = begin(subject).await;
    let changed = work.figures().change(&of(&[(one, EACH), (UserId::new(fresh_uuid()), EACH)])).await;
    assert!(matches!(changed, Err(StoreError::Stale { .. })), "{changed:?}");
    assert!(matches!(work.commit().await, Err(StoreError::Spoilt)));
    assert_eq!(figures(subject, one).await, Figures::default());
}

pub(super) async fn figures_never_fall_below_nothing(subject: &Subject) {
    let one = a_client(subject).await;
    let less = FigureChange { orders_completed: -1, ..FigureChange::default() };
    let mut work = begin(subject).await;
    let changed = work.figures().change(&of(&[(one, less)])).await;
    assert!(matches!(changed, Err(StoreError::Refused(_))), "{changed:?}");
    rollback(work).await;
    let mut work = begin(subject).await;
    work.figures().change(&of(&[(one, EACH)])).await.expect("they are changed");
    work.figures().change(&of(&[(one, less)])).await.expect("there are three");
    commit(work).await;
    assert_eq!(figures(subject, one).await, Figures { orders_completed: 2, ..times(1) });
}

pub(super) async fn figures_are_locked_and_none_is_lost(subject: &Subject) {
    let (one, other) = (a_client(subject).await, a_provider(subject).await);
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let both = of(&[(one, EACH), (other, EACH)]);
    first.figures().change(&of(&[(other, EACH)])).await.expect("they are changed");
    {
        let mut waiting = pin!(second.figures().change(&both));
        must_wait(waiting.as_mut(), "who changes the same figures").await;
        commit(first).await;
        must_end(waiting, "who changes the same figures").await.expect("the lock comes");
    }
    commit(second).await;
    assert_eq!((figures(subject, one).await, figures(subject, other).await), (times(1), times(2)));
}

pub(super) async fn figures_are_shown_beside_an_order(subject: &Subject) {
    let mut deal = a_deal(subject, 100, &[], FREE).await;
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    let ended = Figures { orders_total: 1, orders_completed: 1, ..Figures::default() };
    let card = detail(subject, deal.order.id).await.card;
    assert_eq!(card.client.figures, ended);
    assert_eq!(card.provider.map(|person| person.figures), Some(ended));
    assert_eq!(figures(subject, deal.bid.provider_id).await, ended);
}

async fn in_state(subject: &Subject, state: AccountState) -> UserId {
    let mut user = stored_user(subject).await;
    user.state = state;
    let mut work = begin(subject).await;
    save(work.as_mut(), &mut user).await;
    commit(work).await;
    user.id
}

pub(super) async fn standings_are_those_of_all_accounts_there_are(subject: &Subject) {
    let mut people: Vec<User> = Vec::new();
    for role in Role::ALL {
        people.push(stored_person(subject, role).await);
    }
    let mut expected: Vec<_> = people.iter().map(|user| (user.id, user.role, AccountState::Active)).collect();
    let shut = [
        AccountState::Blocked { reason: "spam".into(), since: now() },
        AccountState::Deactivated { since: now() },
    ];
    for state in shut {
        expected.push((in_state(subject, state.clone()).await, Role::Writer, state));
    }
    let mut asked: Vec<UserId> = expected.iter().map(|(id, ..)| *id).collect();
    asked.extend([UserId::new(fresh_uuid()), people[0].id]);
    let mut work = begin(subject).await;
    let standings = work.users().standings(&asked).await.expect("the question is answered");
    assert_eq!(work.users().standings(&[]).await.expect("the question is answered"), []);
    rollback(work).await;
    let mut found: Vec<_> = standings.into_iter().map(|found| (found.id, found.role, found.state)).collect();
    found.sort_by_key(|(id, ..)| *id);
    expected.sort_by_key(|(id, ..)| *id);
    assert_eq!(found, expected, "each once, and nobody else");
}

pub(super) async fn standings_are_told_without_a_lock(subject: &Subject) {
    let user = stored_user(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    locked(first.as_mut(), user.id).await;
    let told = must_end(second.users().standings(&[user.id]), "who asks for a standing").await;
    assert_eq!(told.expect("the question is answered").len(), 1);
    rollback(second).await;
    rollback(first).await;
}
