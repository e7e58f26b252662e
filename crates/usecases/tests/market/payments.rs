//! Paying for an order, and what the client answers to a milestone.

use domain::contracts::{ContractEvent, MilestoneState};
use domain::event::Fact;
use domain::money::MoneyEvent;
use domain::orders::{OrderState, Progress};
use domain::profiles::Figures;
use ports::environment::Clock;
use ports::list::Window;
use ports::money::{EntryFilter, MoneyQueries};

use super::world::{Deal, World, now, number, unknown_order, usd, word};

#[tokio::test]
async fn a_pending_order_is_paid_for() {
    let world = World::new().with_fees();
    let deal = Deal::pending(&world, &[]).await;
    assert_eq!(word(&world.fund(&deal.client, deal.order).await), "pay 105.00 of 0.00");
    world.pay_in(&deal.client, 10_499).await;
    assert_eq!(word(&world.fund(&deal.client, deal.order).await), "pay 105.00 of 104.99");
    assert!(world.told().is_empty());
    assert_eq!(world.holds(&deal.client).await, (10_499, 0, 0));
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Pending);
    world.pay_in(&deal.client, 2).await;
    world.clock.set(world.in_hours(1));
    let order = now(world.fund(&deal.client, deal.order).await.unwrap());
    assert_eq!((order.card.state, order.card.started_at), (OrderState::Active, Some(world.clock.now())));
    assert_eq!(order.milestones[0].state, MilestoneState::Funded);
    assert_eq!(order.client_email, None, "one's own address is no news");
    assert_eq!(world.told(), ["contract.funded", "order.started"]);
    assert_eq!(world.holds(&deal.client).await, (1, 0, 10_500));
    assert_eq!(world.holds(&deal.provider).await, (0, 9_000, 0));
    assert_eq!(world.figures(&deal.client).await.orders_total, 1);
    assert_eq!(word(&world.fund(&deal.client, deal.order).await), "invalid_transition active");
    assert_eq!(world.holds(&deal.client).await, (1, 0, 10_500), "once");
}

#[tokio::test]
async fn an_order_that_was_left_or_was_never_awarded_cannot_be_paid_for() {
    let world = World::new();
    let deal = Deal::pending(&world, &[]).await;
    world.pay_in(&deal.client, 20_000).await;
    world.withdraw(&deal.provider, deal.bid).await.unwrap();
    world.news();
    assert_eq!(word(&world.fund(&deal.client, deal.order).await), "invalid_transition open");
    assert_eq!(word(&world.approve(&deal.client, deal.order, 1).await), "invalid_transition open");
    for milestone in [2, i32::MAX] {
        assert_eq!(word(&world.approve(&deal.client, deal.order, milestone).await), "not_found");
        assert_eq!(word(&world.request_changes(&deal.client, deal.order, milestone).await), "not_found");
    }
    assert_eq!(word(&world.fund(&deal.client, unknown_order()).await), "not_found");
    assert!(world.told().is_empty());
    assert_eq!(world.holds(&deal.client).await, (20_000, 0, 0));
}

#[tokio::test]
async fn approval_releases_exactly_the_milestones_money() {
    let world = World::new().with_fees();
    let deal = Deal::active(&world, &[1, 2, 3]).await;
    assert_eq!(world.holds(&deal.client).await, (9_500, 0, 10_500));
    world.submit(&deal.provider, deal.order, 2).await.unwrap();
    world.news();
    let seen = world.order(deal.order).await.version;
    world.clock.set(world.in_hours(1));
    let order = now(world.approve(&deal.client, deal.order, 2).await.unwrap());
    let step = &order.milestones[1];
    assert_eq!((step.state, step.completed_at), (MilestoneState::Completed, Some(world.clock.now())));
    assert_eq!((order.card.state, order.card.completed_at), (OrderState::Active, None), "it goes on");
    assert_eq!(order.version.order, seen.order, "the order itself is as it was");
    assert!(order.version.contract > seen.contract, "the contract is not");
    let facts = world.news();
    let Fact::Contract(ContractEvent::MilestoneApproved { contract, milestone, by_clock }) = &facts[0] else {
        panic!("{facts:?}")
    };
    assert_eq!((*milestone, *by_clock), (number(2), false));
    let received = MoneyEvent::PaymentReceived {
        contract: *contract,
        milestone: number(2),
        gross: usd(3_333),
        fee: usd(333),
    };
    assert_eq!(facts[1..], [received.into()]);
    assert_eq!(world.holds(&deal.provider).await, (3_000, 6_000, 0));
    assert_eq!(world.holds(&deal.client).await, (9_500, 0, 7_000));

    for milestone in [1, 3] {
        world.submit(&deal.provider, deal.order, milestone).await.unwrap();
        world.news();
        world.approve(&deal.client, deal.order, milestone).await.unwrap();
    }
    let names = ["milestone.approved", "payment.received", "contract.completed", "order.completed"];
    assert_eq!(world.told(), names, "the last one completes the order");
    let card = world.order(deal.order).await.card;
    assert_eq!((card.state, card.completed_at), (OrderState::Completed, Some(world.clock.now())));
    assert_eq!(card.progress, Progress::FULL);
    assert_eq!(world.holds(&deal.provider).await, (9_000, 0, 0), "whatever the split, a tenth");
    assert_eq!(world.holds(&deal.client).await, (9_500, 0, 0));
    let ended = Figures { orders_total: 1, orders_completed: 1, ..Figures::default() };
    assert_eq!(world.figures(&deal.provider).await, ended);
    assert_eq!(world.figures(&deal.client).await, Figures { orders_posted: 1, ..ended });
    let window = Window::Page { offset: 0, limit: 100 };
    let history = world.store.entries(deal.provider.user_id, EntryFilter::All, window).await.unwrap();
    let minors: Vec<_> = history.rows.iter().rev().map(|entry| entry.minor).collect();
    assert_eq!(minors, [3_333, -333, 3_333, -334, 3_334, -333], "gross and fee are lines of their own");
}

#[tokio::test]
async fn a_milestone_is_paid_for_once() {
    let world = World::new();
    let deal = Deal::active(&world, &[1, 2]).await;
    world.submit(&deal.provider, deal.order, 1).await.unwrap();
    world.approve(&deal.client, deal.order, 1).await.unwrap();
    world.news();
    assert_eq!(word(&world.approve(&deal.client, deal.order, 1).await), "invalid_transition completed");
    assert_eq!(word(&world.submit(&deal.provider, deal.order, 1).await), "invalid_transition completed");
    let answer = word(&world.request_changes(&deal.client, deal.order, 1).await);
    assert_eq!(answer, "invalid_transition completed");
    assert_eq!(word(&world.approve(&deal.client, deal.order, 2).await), "invalid_transition funded");
    for milestone in [3, i32::MAX] {
        assert_eq!(word(&world.approve(&deal.client, deal.order, milestone).await), "not_found");
        assert_eq!(word(&world.request_changes(&deal.client, deal.order, milestone).await), "not_found");
    }
    assert!(world.told().is_empty());
    assert_eq!(world.holds(&deal.provider).await, (5_000, 5_000, 0));
}

#[tokio::test]
async fn what_is_not_content_comes_back() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    world.submit(&deal.provider, deal.order, 1).await.unwrap();
    world.news();
    let order = now(world.request_changes(&deal.client, deal.order, 1).await.unwrap());
    let step = &order.milestones[0];
    assert_eq!(step.state, MilestoneState::ChangesRequested);
    assert_eq!((step.changes_message.as_deref(), step.auto_release_at), (Some("once more"), None));
    let facts = world.news();
    let [Fact::Contract(ContractEvent::ChangesRequested { milestone, message, .. })] = &facts[..] else {
        panic!("{facts:?}")
    };
    assert_eq!((*milestone, message.as_str()), (number(1), "once more"));
    let answer = word(&world.approve(&deal.client, deal.order, 1).await);
    assert_eq!(answer, "invalid_transition changes_requested");
    let answer = word(&world.request_changes(&deal.client, deal.order, 1).await);
    assert_eq!(answer, "invalid_transition changes_requested");
    assert_eq!(world.holds(&deal.provider).await, (0, 10_000, 0), "no money has moved");
    world.submit(&deal.provider, deal.order, 1).await.unwrap();
    assert_eq!(word(&world.approve(&deal.client, deal.order, 1).await), "done");
}
