//! More than the price.

use domain::event::Fact;
use domain::money::MoneyEvent;
use usecases::error::UseCaseError;

use super::answers::{Command, Target};
use super::races::{one_after_the_other, spawn};
use super::world::{Deal, World, now, usd, word};

#[tokio::test]
async fn a_bonus_is_there_at_once_and_shown_to_both() {
    let world = World::new().with_fees().with_clocks(14, 7);
    let deal = Deal::active(&world, &[]).await;
    let held = world.holds(&deal.client).await;
    let order = now(world.give_bonus(&deal.client, deal.order, 333, Some("Thank you!")).await.unwrap());
    let [bonus] = &order.bonuses[..] else { panic!("{:?}", order.bonuses) };
    assert_eq!((bonus.amount, bonus.message.as_deref()), (usd(333), Some("Thank you!")));
    let news = world.news();
    let [Fact::Money(MoneyEvent::BonusReceived { bonus_id, contract, amount, fee })] = &news[..] else {
        panic!("{news:?}")
    };
    assert_eq!((contract.order_id, *bonus_id), (deal.order, bonus.id));
    assert_eq!((*amount, *fee), (usd(333), usd(33)));
    assert_eq!(world.holds(&deal.client).await, (held.0 - 333, held.1, held.2), "escrow is as it was");
    assert_eq!(world.holds(&deal.provider).await.0, 300, "without rest");
    assert_eq!(world.clearing_and_earned(&deal.provider).await, (0, 300));
    world.give_bonus(&deal.client, deal.order, 1, None).await.unwrap();
    let shown = world.order(deal.order).await.bonuses;
    let amounts: Vec<_> = shown.iter().map(|bonus| bonus.amount).collect();
    assert_eq!(amounts, [usd(333), usd(1)], "the first one first");
    world.submit(&deal.provider, deal.order, 1).await.unwrap();
    world.approve(&deal.client, deal.order, 1).await.unwrap();
    assert_eq!(world.clearing_and_earned(&deal.provider).await, (9_000, 301), "the price costs what it did");
}

#[tokio::test]
async fn a_wallet_that_is_short_gives_nothing() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    let (available, ..) = world.holds(&deal.client).await;
    let answer = world.give_bonus(&deal.client, deal.order, available + 1, None).await;
    assert_eq!(word(&answer), "pay 100.01 of 100.00");
    assert!(world.told().is_empty());
    world.give_bonus(&deal.client, deal.order, available, None).await.unwrap();
    assert_eq!(world.holds(&deal.client).await.0, 0);
    let nothing = world.give_bonus(&deal.client, deal.order, 0, None).await;
    assert!(matches!(nothing, Err(UseCaseError::Invalid { .. })), "{nothing:?}");
}

/// Their money would lie on an account that nobody can use.
#[tokio::test]
async fn nothing_is_given_to_whoever_is_gone() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    world.block(&deal.admin, &deal.provider).await;
    world.news();
    let answer = world.give_bonus(&deal.client, deal.order, 100, None).await;
    assert_eq!(word(&answer), "provider_unavailable active");
    world.unblock(&deal.admin, &deal.provider).await;
    world.give_bonus(&deal.client, deal.order, 100, None).await.unwrap();
}

#[tokio::test]
async fn money_is_given_once() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    let give = || spawn(&world, Command::GiveBonus, &deal.client, Target::of(&deal));
    let most = world.holds(&deal.client).await.0;
    // What is left covers one of the two.
    world.give_bonus(&deal.client, deal.order, most - 150, None).await.unwrap();
    world.news();
    let answers = one_after_the_other(&world, give, give).await;
    assert_eq!(answers, ("done".to_owned(), "pay 1.00 of 0.50".to_owned()));
    assert_eq!(world.told(), ["payment.bonus"]);
}
