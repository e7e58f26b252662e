//! The provider's reports.

use adapter_memory::Operation;
use domain::contracts::{ContractEvent, MilestoneState};
use domain::event::Fact;
use domain::orders::Progress;
use ports::environment::Clock;
use usecases::orders::{MilestoneMove, WorkReport};

use super::world::{Deal, World, moved, now, number, progress, unknown_order, word};

#[tokio::test]
async fn progress_is_noted_and_changes_nothing_else() {
    let world = World::new();
    let deal = Deal::active(&world, &[1]).await;
    let order = now(world.report(&deal.provider, deal.order, progress(40)).await.unwrap());
    assert_eq!(order.card.progress.percent(), 40);
    assert_eq!(order.client_email.as_deref(), Some("client@example.com"), "they hold it");
    assert_eq!(world.told(), ["order.progressed"]);
    let before = world.order(deal.order).await;
    world.report(&deal.provider, deal.order, progress(40)).await.unwrap();
    assert!(world.told().is_empty(), "saying it again is no news");
    assert_eq!(world.order(deal.order).await, before);
    world.report(&deal.provider, deal.order, progress(100)).await.unwrap();
    assert_eq!(world.told(), ["order.progressed"]);
    let order = world.order(deal.order).await;
    assert_eq!(order.card.state, before.card.state, "it completes nothing");
    assert_eq!(order.milestones, before.milestones);
    assert_eq!(order.version.contract, before.version.contract);
    assert_eq!(world.holds(&deal.provider).await, (0, 10_000, 0));
}

#[tokio::test]
async fn a_milestone_is_begun_and_handed_in() {
    let world = World::new();
    let deal = Deal::active(&world, &[1, 2]).await;
    let order = now(world.start(&deal.provider, deal.order, 2).await.unwrap());
    let states: Vec<_> = order.milestones.iter().map(|step| step.state).collect();
    assert_eq!(states, [MilestoneState::Funded, MilestoneState::InProgress], "in any order");
    assert_eq!(world.told(), ["milestone.started"]);
    let before = world.order(deal.order).await;
    world.start(&deal.provider, deal.order, 2).await.unwrap();
    assert!(world.told().is_empty(), "beginning it again is no news");
    assert_eq!(world.order(deal.order).await, before);

    for submission in [1, 2] {
        let order = now(world.submit(&deal.provider, deal.order, 2).await.unwrap());
        let step = &order.milestones[1];
        assert_eq!((step.state, step.submitted_at), (MilestoneState::Submitted, Some(world.clock.now())));
        assert_eq!(step.auto_release_at, Some(world.in_hours(14 * 24)));
        let facts = world.news();
        let [Fact::Contract(ContractEvent::MilestoneSubmitted { milestone, submission: told, .. })] =
            &facts[..]
        else {
            panic!("{facts:?}")
        };
        assert_eq!((*milestone, *told), (number(2), submission));
        assert_eq!(word(&world.submit(&deal.provider, deal.order, 2).await), "invalid_transition submitted");
        assert_eq!(word(&world.start(&deal.provider, deal.order, 2).await), "invalid_transition submitted");
        world.request_changes(&deal.client, deal.order, 2).await.unwrap();
        world.news();
    }
    assert_eq!(world.store.calls(Operation::AddSubmission), 2, "each is kept, and nothing that was refused");
    assert_eq!(world.holds(&deal.provider).await, (0, 10_000, 0), "no money moves");
}

#[tokio::test]
async fn a_report_is_taken_as_a_whole() {
    let world = World::new();
    let deal = Deal::active(&world, &[1, 2]).await;
    let both = |percent, milestone, step| WorkReport {
        progress: Some(Progress::new(percent).unwrap()),
        ..moved(milestone, step)
    };
    let before = world.order(deal.order).await;
    for (report, expected) in
        [(both(10, 3, MilestoneMove::Start), "not_found"), (moved(9, MilestoneMove::Submit), "not_found")]
    {
        assert_eq!(word(&world.report(&deal.provider, deal.order, report).await), expected);
        assert_eq!(world.order(deal.order).await, before);
    }
    assert!(world.told().is_empty());
    world.report(&deal.provider, deal.order, both(10, 1, MilestoneMove::Start)).await.unwrap();
    assert_eq!(world.told(), ["order.progressed", "milestone.started"]);
    world.report(&deal.provider, deal.order, both(20, 1, MilestoneMove::Submit)).await.unwrap();
    assert_eq!(world.told(), ["order.progressed", "milestone.submitted"]);
    let before = world.order(deal.order).await;
    let outcome = world.report(&deal.provider, deal.order, both(30, 1, MilestoneMove::Start)).await;
    assert_eq!(word(&outcome), "invalid_transition submitted");
    assert_eq!(world.order(deal.order).await, before, "nor was the progress noted");
    let nothing = now(world.report(&deal.provider, deal.order, WorkReport::default()).await.unwrap());
    assert_eq!(nothing.version, before.version);
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn only_the_order_that_was_seen_is_reported_on() {
    let world = World::new();
    let deal = Deal::active(&world, &[1, 2]).await;
    let seen = world.order(deal.order).await.version;
    let at = |version, report| WorkReport { versions: Some(vec![version]), ..report };
    world.report(&deal.provider, deal.order, at(seen, moved(1, MilestoneMove::Submit))).await.unwrap();
    let next = world.order(deal.order).await.version;
    assert_eq!((next.order, next.contract.is_some()), (seen.order, true));
    assert_ne!(next.contract, seen.contract, "the contract has changed, not the order");
    world.news();
    for (report, expected) in [
        (progress(10), "stale"),
        (moved(2, MilestoneMove::Start), "stale"),
        (moved(1, MilestoneMove::Start), "stale"),
        (moved(9, MilestoneMove::Start), "not_found"),
    ] {
        let outcome = world.report(&deal.provider, deal.order, at(seen, report)).await;
        assert_eq!(word(&outcome), expected, "what is not there, then what was not seen, then the state");
    }
    assert!(world.told().is_empty());
    assert_eq!(word(&world.report(&deal.provider, deal.order, at(next, progress(10))).await), "done");
    let next = world.order(deal.order).await.version;
    world.approve(&deal.client, deal.order, 1).await.unwrap();
    world.news();
    let outcome = world.report(&deal.provider, deal.order, at(next, progress(20))).await;
    assert_eq!(word(&outcome), "stale", "by what the client did");
    for by in [&deal.other_provider, &deal.provider] {
        let outcome = world.report(by, unknown_order(), at(next, progress(20))).await;
        assert_eq!(word(&outcome), "not_found");
    }
    let outcome = world.report(&deal.other_provider, deal.order, at(next, progress(20))).await;
    assert_eq!(word(&outcome), "not_found");
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn a_milestone_that_is_not_there_is_not_found_whatever_the_state() {
    let world = World::new();
    let deal = Deal::pending(&world, &[1, 2]).await;
    assert_eq!(word(&world.start(&deal.provider, deal.order, 3).await), "not_found");
    assert_eq!(word(&world.submit(&deal.provider, deal.order, 3).await), "not_found");
    assert_eq!(word(&world.start(&deal.provider, deal.order, 2).await), "invalid_transition unfunded");
    let both = WorkReport { milestone: Some((number(3), MilestoneMove::Start)), ..progress(10) };
    assert_eq!(word(&world.report(&deal.provider, deal.order, both).await), "not_found");
    assert_eq!(word(&world.approve(&deal.client, deal.order, 3).await), "not_found");
    assert!(world.told().is_empty());
}

#[tokio::test]
async fn whoever_lost_or_left_reports_nothing() {
    let world = World::new();
    let deal = Deal::offered(&world, &[]).await;
    let loser = world.placed(&deal.other_provider, deal.order, 9_000).await;
    world.pay_in(&deal.client, 20_000).await;
    world.award(&deal.client, loser).await.unwrap();
    world.news();
    assert_eq!(word(&world.report(&deal.provider, deal.order, progress(1)).await), "not_found");
    assert_eq!(word(&world.submit(&deal.provider, deal.order, 1).await), "not_found");
    assert!(world.told().is_empty());
}
