//! All of a command or nothing of it; and what has a name is done once, however often it is asked for.

use std::collections::BTreeSet;

use adapter_memory::{Fault, Operation};

use super::answers::{Command, Target, issue, ready_for};
use super::world::{Deal, World, before, now};

/// Every step that a command may take but rolling back.
const STEPS: [Operation; 31] = [
    Operation::Begin,
    Operation::ClaimKey,
    Operation::LockUser,
    Operation::Standings,
    Operation::NextOrderId,
    Operation::InsertOrder,
    Operation::LockOrder,
    Operation::SaveOrder,
    Operation::OrderInside,
    Operation::InsertInvitations,
    Operation::LockInvitation,
    Operation::SaveInvitation,
    Operation::StageBid,
    Operation::InsertBid,
    Operation::FindBid,
    Operation::LockBids,
    Operation::SaveBids,
    Operation::AddOffer,
    Operation::InsertContract,
    Operation::LockContract,
    Operation::SaveContract,
    Operation::AddSubmission,
    Operation::FindReview,
    Operation::InsertReview,
    Operation::LockBalances,
    Operation::Book,
    Operation::ChangeFigures,
    Operation::Append,
    Operation::Remember,
    Operation::Commit,
    Operation::SaveUser,
];

fn calls(world: &World) -> Vec<usize> {
    STEPS.iter().map(|step| world.store.calls(*step)).collect()
}

/// The steps that a command takes where it is done.
async fn steps_of(command: Command) -> Vec<Operation> {
    let world = World::new();
    let (deal, by) = ready_for(&world, command).await;
    let before = calls(&world);
    let answer = issue(&world.named(&by, "k", 1), command, &by, Target::of(&deal)).await;
    assert_eq!(answer, "done", "{command:?}");
    let taken = STEPS.iter().zip(before).zip(calls(&world));
    taken.filter(|((_, before), after)| after > before).map(|((step, _), _)| *step).collect()
}

#[tokio::test]
async fn a_fault_anywhere_leaves_nothing() {
    let mut failed = BTreeSet::new();
    for command in Command::ALL {
        let world = World::new();
        let (deal, by) = ready_for(&world, command).await;
        let target = Target::of(&deal);
        let picture = async || {
            let mut seen = Vec::new();
            for person in [&deal.client, &deal.provider] {
                seen.push((world.holds(person).await, world.figures(person).await));
            }
            (world.order(deal.order).await, world.bid(deal.bid).await, seen)
        };
        let before = picture().await;
        let named = world.named(&by, "k", 1);
        for step in steps_of(command).await {
            world.store.fail_next(step, Fault::Unavailable);
            assert_eq!(issue(&named, command, &by, target).await, "unavailable", "{command:?} {step:?}");
            assert_eq!(picture().await, before, "{command:?} {step:?}");
            assert!(world.told().is_empty(), "{command:?} {step:?}");
            failed.insert(format!("{step:?}"));
        }
        assert_eq!(issue(&named, command, &by, target).await, "done", "{command:?}: the key was not used up");
    }
    let never: Vec<_> =
        STEPS.iter().map(|step| format!("{step:?}")).filter(|s| !failed.contains(s)).collect();
    assert_eq!(never, ["SaveUser"], "the others were all taken by some command");
}

#[tokio::test(start_paused = true)]
async fn a_collision_is_run_again() {
    for command in Command::ALL {
        for step in [Operation::Append, Operation::Remember, Operation::Commit] {
            let world = World::new();
            let (deal, by) = ready_for(&world, command).await;
            world.store.fail_next(step, Fault::Collision);
            let named = world.named(&by, "k", 1);
            assert_eq!(issue(&named, command, &by, Target::of(&deal)).await, "done", "{command:?} {step:?}");
            let told = world.told();
            let plain = World::new();
            let (deal, by) = ready_for(&plain, command).await;
            issue(&plain, command, &by, Target::of(&deal)).await;
            assert_eq!(told, plain.told(), "{command:?} {step:?}: as if there had been none");
        }
    }
}

#[tokio::test]
async fn what_is_named_is_done_once() {
    for command in Command::ALL {
        let world = World::new();
        let (deal, by) = ready_for(&world, command).await;
        let target = Target::of(&deal);
        let named = world.named(&by, "k", 1);
        assert_eq!(issue(&named, command, &by, target).await, "done", "{command:?}");
        let (facts, order) = (world.told(), world.order(deal.order).await);
        assert!(!facts.is_empty(), "{command:?}: it was told");
        for _ in 0..2 {
            assert_eq!(issue(&named, command, &by, target).await, "done", "{command:?}: no conflict");
        }
        assert!(world.told().is_empty(), "{command:?}: once");
        assert_eq!(world.order(deal.order).await, order, "{command:?}");
        let other = world.named(&by, "k", 2);
        assert_eq!(issue(&other, command, &by, target).await, "idempotency_key_reused", "{command:?}");
        assert!(world.told().is_empty());
    }
}

#[tokio::test]
async fn asked_again_it_gives_the_same_answer() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let named = world.named(&deal.client, "k", 1);
    let first = now(named.award(&deal.client, deal.bid).await.unwrap());
    world.pay_in(&deal.client, 20_000).await;
    world.fund(&deal.client, deal.order).await.unwrap();
    let again = before(named.award(&deal.client, deal.bid).await.unwrap());
    assert_eq!(again.body, format!("{first:?}"), "as it was at that time");
    assert!(first.payment_required.is_some(), "although it is paid for by now");
}
