//! Asking a provider to bid, and their answer.

use domain::identity::Role;
use domain::ids::UserId;
use domain::orders::OrderEvent;
use ports::environment::Clock;
use ports::orders::OrderQueries;
use usecases::orders::Invited;

use super::world::{Deal, EVERYTHING, World, now, unknown_order, word};

async fn is_offered(world: &World, deal: &Deal, to: UserId) -> Option<bool> {
    let filter = ports::orders::AvailableFilter::default();
    let found = world.store.available_orders(to, &filter, EVERYTHING, world.clock.now()).await.unwrap();
    found.orders.rows.iter().find(|row| row.id == deal.order).map(|row| row.is_invited)
}

#[tokio::test]
async fn a_provider_is_asked_once() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let guest = world.person("guest", Role::Professional).await.user_id;
    assert_eq!(is_offered(&world, &deal, guest).await, Some(false));
    let invited = now(world.invite(&deal.client, deal.order, guest).await.unwrap());
    assert!(invited.is_new);
    let first = invited.invitation;
    assert_eq!((first.order_id, first.provider_id), (deal.order, guest));
    assert_eq!((first.created_at, first.declined_at), (world.clock.now(), None));
    let (order_id, client_id) = (deal.order, deal.client.user_id);
    assert_eq!(world.news(), [OrderEvent::Invited { order_id, client_id, provider_id: guest }.into()]);
    assert_eq!(is_offered(&world, &deal, guest).await, Some(true));
    world.clock.set(world.in_hours(1));
    let again = now(world.invite(&deal.client, deal.order, guest).await.unwrap());
    assert_eq!(again, Invited { invitation: first, is_new: false }, "the one that stands");
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn only_a_provider_can_be_asked() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let (blocked, closed) = (world.provider("blocked").await, world.provider("closed").await);
    world.block(&deal.admin, &blocked).await;
    world.close(&closed).await.unwrap();
    let nobody = UserId::new(uuid::Uuid::from_u128(7));
    for whom in [
        deal.client.user_id,
        deal.other_client.user_id,
        deal.admin.user_id,
        blocked.user_id,
        closed.user_id,
        nobody,
    ] {
        let outcome = world.invite(&deal.client, deal.order, whom).await;
        assert_eq!(word(&outcome), "not_a_provider writer_id");
        let outcome = world.invite(&deal.other_client, deal.order, whom).await;
        assert_eq!(word(&outcome), "not_found", "a stranger learns nothing");
    }
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn a_no_is_a_no() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let guest = deal.other_provider;
    world.invite(&deal.client, deal.order, guest.user_id).await.unwrap();
    world.news();
    let declined = now(world.decline_invitation(&guest, deal.order).await.unwrap());
    assert_eq!(declined.declined_at, Some(world.clock.now()));
    let (order_id, client_id, provider_id) = (deal.order, deal.client.user_id, guest.user_id);
    let fact = OrderEvent::InvitationDeclined { order_id, client_id, provider_id };
    assert_eq!(world.news(), [fact.into()]);
    assert_eq!(is_offered(&world, &deal, guest.user_id).await, None);
    world.clock.set(world.in_hours(1));
    let again = now(world.decline_invitation(&guest, deal.order).await.unwrap());
    assert_eq!(again, declined, "saying it again changes nothing");
    let outcome = world.invite(&deal.client, deal.order, guest.user_id).await;
    assert_eq!(word(&outcome), "invitation_declined open");
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn whoever_was_not_asked_cannot_say_no() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    world.invite(&deal.client, deal.order, deal.other_provider.user_id).await.unwrap();
    world.news();
    assert_eq!(word(&world.decline_invitation(&deal.provider, deal.order).await), "not_found");
    assert_eq!(word(&world.decline_invitation(&deal.other_provider, unknown_order()).await), "not_found");
    assert!(world.told().is_empty());
    world.cancel(&deal.client, deal.order).await.unwrap();
    world.news();
    assert_eq!(word(&world.decline_invitation(&deal.other_provider, deal.order).await), "done", "even now");
    assert_eq!(world.told(), ["order.invitation_declined"]);
}
