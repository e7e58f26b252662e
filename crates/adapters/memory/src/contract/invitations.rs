//! Invitations: one per provider and order.

use std::pin::pin;

use domain::ids::{OrderId, UserId};
use domain::orders::{Invitation, Order, Posted};
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::market_scene::{
    a_client, a_provider, few_details, in_days, new_order, next_order_id, posted, provider, some_order,
};
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback};

/// An invitation that is stored nowhere yet.
fn to(order: &Order, provider_id: UserId) -> Invitation {
    Invitation { order_id: order.id, provider_id, created_at: now(), declined_at: None }
}

async fn locked(work: &mut dyn UnitOfWork, order: &Order, provider_id: UserId) -> Option<Invitation> {
    work.invitations().lock(order.id, provider_id).await.expect("an invitation is locked")
}

async fn reloaded(subject: &Subject, order: &Order, provider_id: UserId) -> Option<Invitation> {
    let mut work = begin(subject).await;
    let found = locked(work.as_mut(), order, provider_id).await;
    rollback(work).await;
    found
}

/// An order to which one provider is invited.
async fn invited(subject: &Subject) -> (Order, UserId) {
    let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
    (posted(subject, client_id, few_details(), &[provider_id]).await, provider_id)
}

pub(super) async fn an_invitation_is_found_as_it_was_stored(subject: &Subject) {
    let client_id = a_client(subject).await;
    let providers = vec![a_provider(subject).await, a_provider(subject).await];
    let mut work = begin(subject).await;
    let id = next_order_id(work.as_mut()).await;
    let Posted { order, invitations, .. } = new_order(id, client_id, few_details(), providers.clone());
    work.orders().insert(&order).await.expect("an order is inserted");
    work.invitations().insert(&invitations).await.expect("invitations are inserted");
    for (provider_id, invitation) in providers.iter().zip(&invitations) {
        assert_eq!(locked(work.as_mut(), &order, *provider_id).await.as_ref(), Some(invitation));
        assert_eq!(reloaded(subject, &order, *provider_id).await, None, "not yet outside");
    }
    commit(work).await;
    for (provider_id, invitation) in providers.iter().zip(&invitations) {
        assert_eq!(reloaded(subject, &order, *provider_id).await.as_ref(), Some(invitation));
    }
    assert_eq!(reloaded(subject, &order, a_provider(subject).await).await, None, "nobody else's");
    let other = some_order(subject).await;
    assert_eq!(reloaded(subject, &other, providers[0]).await, None, "to no other order");
}

pub(super) async fn nobody_is_invited_twice(subject: &Subject) {
    let (order, provider_id) = invited(subject).await;
    let stored = reloaded(subject, &order, provider_id).await;
    let other = a_provider(subject).await;
    let twins = [
        vec![to(&order, provider_id)],
        vec![to(&order, other), to(&order, provider_id)],
        vec![to(&order, other), to(&order, other)],
    ];
    for invitations in twins {
        let mut work = begin(subject).await;
        let refused = work.invitations().insert(&invitations).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        assert!(matches!(work.commit().await, Err(StoreError::Spoilt)));
    }
    assert_eq!(reloaded(subject, &order, other).await, None, "nothing was written");
    assert_eq!(reloaded(subject, &order, provider_id).await, stored);
}

pub(super) async fn an_invitation_being_made_is_waited_for(subject: &Subject) {
    for succeeds in [true, false] {
        let (order, provider_id) = (some_order(subject).await, a_provider(subject).await);
        let (mut first, mut second) = (begin(subject).await, begin(subject).await);
        let (one, other) = ([to(&order, provider_id)], [to(&order, provider_id)]);
        first.invitations().insert(&one).await.expect("an invitation is inserted");
        let outcome = {
            let mut waiting = pin!(second.invitations().insert(&other));
            must_wait(waiting.as_mut(), "who makes the same invitation").await;
            if succeeds {
                commit(first).await;
            } else {
                rollback(first).await;
            }
            must_end(waiting, "who makes the same invitation").await
        };
        assert_eq!(matches!(outcome, Err(StoreError::Refused(_))), succeeds, "{outcome:?}");
        assert_eq!(outcome.is_ok(), !succeeds, "{outcome:?}");
        rollback(second).await;
    }
}

pub(super) async fn a_no_to_an_invitation_is_saved(subject: &Subject) {
    let (order, provider_id) = invited(subject).await;
    let mut work = begin(subject).await;
    let mut invitation = locked(work.as_mut(), &order, provider_id).await.expect("it is there");
    let stored = invitation.clone();
    let declined = invitation.decline(&order, provider(provider_id), now()).expect("it is declined");
    assert!(declined.is_some());
    let saved = Invitation { created_at: in_days(-1), ..invitation.clone() };
    work.invitations().save(&saved).await.expect("it is saved");
    assert_eq!(locked(work.as_mut(), &order, provider_id).await.as_ref(), Some(&invitation));
    commit(work).await;
    let found = reloaded(subject, &order, provider_id).await;
    assert_eq!(found, Some(Invitation { declined_at: invitation.declined_at, ..stored }), "and no more");
}

pub(super) async fn an_invitation_that_is_not_there_cannot_be_saved(subject: &Subject) {
    let (order, _) = invited(subject).await;
    let declined = Invitation { declined_at: Some(now()), ..to(&order, a_provider(subject).await) };
    let mut work = begin(subject).await;
    let saved = work.invitations().save(&declined).await;
    assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
    rollback(work).await;
}

pub(super) async fn invitations_are_locked(subject: &Subject) {
    let (order, provider_id) = invited(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut invitation = locked(first.as_mut(), &order, provider_id).await.expect("it is there");
    let seen = {
        let mut waiting = pin!(second.invitations().lock(order.id, provider_id));
        must_wait(waiting.as_mut(), "the second transaction").await;
        invitation.declined_at = Some(now());
        first.invitations().save(&invitation).await.expect("it is saved");
        commit(first).await;
        must_end(waiting, "the second transaction").await.expect("the lock comes")
    };
    assert_eq!(seen, Some(invitation), "what the first one left");
    commit(second).await;
}

pub(super) async fn invitations_belong_to_what_is_there(subject: &Subject) {
    let (order, provider_id) = (some_order(subject).await, a_provider(subject).await);
    let nowhere = Order { id: OrderId::new(i64::MAX).expect("a number"), ..order.clone() };
    for orphan in [to(&nowhere, provider_id), to(&order, UserId::new(fresh_uuid()))] {
        let mut work = begin(subject).await;
        let refused = work.invitations().insert(std::slice::from_ref(&orphan)).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        rollback(work).await;
    }
}
