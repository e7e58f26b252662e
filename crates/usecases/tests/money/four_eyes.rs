//! Withdrawals that two administrators agree to.

use adapter_memory::Operation;
use domain::money::{FourEyes, MoneyEvent, WithdrawalState};

use super::world::Command::{Approve, Cancel, MarkPaid, Reject};
use super::world::{World, conflict, now, usd, within};

/// Above 50.00 two are needed.
fn careful() -> World {
    let mut world = World::new();
    world.four_eyes = FourEyes { limit: Some(usd(5_000)) };
    world
}

#[tokio::test]
async fn above_the_limit_two_different_administrators_agree() {
    let world = careful();
    let (first, second) = (world.admin().await, world.admin_at("second@example.com").await);
    let ada = world.rich("ada@example.com", 20_000).await;
    let small = world.requested(&ada, 5_000).await;
    let view = world.done(Approve, &first, small).await;
    assert_eq!((view.state, view.approved_by), (WithdrawalState::Approved, vec![first.user_id]));
    let large = world.requested(&ada, 5_001).await;
    let waiting = world.done(Approve, &first, large).await;
    assert_eq!((waiting.state, &waiting.approved_by), (WithdrawalState::Countersign, &vec![first.user_id]));
    for _ in 0..2 {
        let again = world.answer(Approve, &first, large, None).await;
        assert_eq!(conflict(again), ("second_administrator_required", "countersign"));
    }
    let early = world.answer(MarkPaid, &first, large, None).await;
    assert_eq!(conflict(early), ("invalid_transition", "countersign"));
    assert_eq!(world.withdrawal(large).await, waiting, "nothing has changed");
    let view = world.done(Approve, &second, large).await;
    let both = vec![first.user_id, second.user_id];
    assert_eq!((view.state, view.approved_by), (WithdrawalState::Approved, both));
    world.done(MarkPaid, &first, large).await;
    assert_eq!(world.holds(&ada).await, (9_999, 5_000));
    let told = world.facts().into_iter().filter_map(|fact| match fact {
        MoneyEvent::WithdrawalFirstApproved(withdrawal) => Some(("first", withdrawal.withdrawal_id)),
        MoneyEvent::WithdrawalApproved(withdrawal) => Some(("approved", withdrawal.withdrawal_id)),
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), [("approved", small), ("first", large), ("approved", large)]);
}

#[tokio::test]
async fn until_the_second_it_can_be_called_back_and_refused() {
    for command in [Cancel, Reject] {
        let world = careful();
        let (first, second) = (world.admin().await, world.admin_at("second@example.com").await);
        let ada = world.rich("ada@example.com", 20_000).await;
        let id = world.requested(&ada, 20_000).await;
        world.done(Approve, &first, id).await;
        // Whoever agreed first may think again.
        world.done(command, if command == Cancel { &ada } else { &first }, id).await;
        assert_eq!(world.holds(&ada).await, (20_000, 0), "{command:?}");
        let late = world.answer(Approve, &second, id, None).await;
        assert_eq!(conflict(late).0, "invalid_transition");
    }
}

/// Of two who agree at once each counts; of one who agrees twice at once only one does.
#[tokio::test]
async fn agreements_at_once_are_counted_by_their_people() {
    for is_other in [true, false] {
        let world = careful();
        let (first, second) = (world.admin().await, world.admin_at("second@example.com").await);
        let ada = world.rich("ada@example.com", 20_000).await;
        let id = world.requested(&ada, 20_000).await;
        let spawn = |by| {
            let world = world.clone();
            tokio::spawn(async move { world.answer(Approve, &by, id, None).await })
        };
        let mut held = world.store.hold_next(Operation::Commit);
        let one = spawn(first);
        held.reached().await;
        let other = spawn(if is_other { second } else { first });
        world.store.until_waiting(1).await;
        held.release();
        assert_eq!(now(within(one).await.unwrap().unwrap()).state, WithdrawalState::Countersign);
        let other = within(other).await.unwrap();
        if is_other {
            assert_eq!(now(other.unwrap()).state, WithdrawalState::Approved);
        } else {
            assert_eq!(conflict(other), ("second_administrator_required", "countersign"));
        }
    }
}
