//! Wallets while contracts are running: what the provider may expect, and what the client may yet
//! get back.

use domain::actor::Issuer;
use domain::contracts::{self, DisputeReason, Resolver};
use domain::ids::UserId;
use domain::money::{Account, Currency, PayoutTo};
use ports::money::WalletView;

use super::Subject;
use super::deal_scene::{Deal, FREE, a_deal, fees};
use super::market_scene::{a_provider, number, placed, posted};
use super::money_scene::{admin, balances, booked, paid_in, usd, wallet};
use super::scene::{begin, commit, rollback};

/// What a client and a provider have, as the transaction and as everybody sees it: of the client
/// available and in escrow, of the provider available, pending and earned.
async fn holds(subject: &Subject, deal: &Deal) -> ([i64; 2], [i64; 3]) {
    let (client_id, provider_id) = (deal.order.client_id, deal.bid.provider_id);
    let (client, provider) = (both_ways(subject, client_id).await, both_ways(subject, provider_id).await);
    assert_eq!((client.pending, client.total_earned), (usd(0), usd(0)), "a client expects nothing");
    assert_eq!(provider.in_escrow, usd(0), "a provider has paid for nothing");
    assert_eq!(client.clearing, usd(0), "nothing of a client's rests");
    let contract_id = deal.contract.id;
    let mut work = begin(subject).await;
    let accounts = [Account::ContractEscrow(contract_id), Account::ContractDisputed(contract_id)];
    let booked: i64 = balances(work.as_mut(), &accounts).await.iter().sum();
    rollback(work).await;
    assert_eq!(client.in_escrow, usd(booked), "what the books hold for this contract");
    (
        [client.available.minor(), client.in_escrow.minor()],
        [provider.available.minor(), provider.pending.minor(), provider.total_earned.minor()],
    )
}

async fn both_ways(subject: &Subject, user_id: UserId) -> WalletView {
    let outside = wallet(subject, user_id).await;
    let mut work = begin(subject).await;
    let inside = work.ledger().wallet(user_id, Currency::Usd).await.expect("the question is answered");
    rollback(work).await;
    assert_eq!(inside, outside);
    outside
}

pub(super) async fn money_waits_until_it_is_released(subject: &Subject) {
    let mut deal = a_deal(subject, 10_001, &[None, None, None], fees()).await;
    assert_eq!(holds(subject, &deal).await, ([0, 0], [0, 0, 0]), "nothing is paid yet");
    booked(subject, &paid_in(deal.order.client_id, usd(99))).await;
    deal.fund(subject).await;
    assert_eq!(holds(subject, &deal).await, ([99, 10_501], [0, 9_001, 0]), "price and fee; price less fee");
    deal.submit(subject, 2).await;
    assert_eq!(holds(subject, &deal).await, ([99, 10_501], [0, 9_001, 0]));
    deal.approve(subject, 2).await;
    assert_eq!(holds(subject, &deal).await, ([99, 7_001], [3_000, 6_001, 3_000]), "33.33 less 3.33");
    deal.refund(subject, 1).await;
    assert_eq!(holds(subject, &deal).await, ([3_599, 3_501], [3_000, 3_001, 3_000]));
    deal.submit(subject, 3).await;
    deal.approve(subject, 3).await;
    assert_eq!(holds(subject, &deal).await, ([3_599, 0], [6_001, 0, 6_001]), "nothing is left");
}

pub(super) async fn disputed_money_still_waits(subject: &Subject) {
    let mut deal = a_deal(subject, 10_000, &[None, None], fees()).await;
    deal.fund(subject).await;
    let before = holds(subject, &deal).await;
    assert_eq!(before, ([0, 10_500], [0, 9_000, 0]));
    let by = deal.client();
    let reason = DisputeReason::parse("not what was agreed").expect("a reason");
    deal.step(subject, |_, contract, now| contracts::open_dispute(contract, number(1), reason, by, now))
        .await;
    assert_eq!(holds(subject, &deal).await, before, "nobody has got anything");
    let decision = (number(1), usd(2_000));
    deal.step(subject, |order, contract, now| {
        contracts::decide_dispute(
            order,
            contract,
            decision,
            PayoutTo::Available,
            (Resolver::Administrator, admin()),
            now,
        )
    })
    .await;
    assert_eq!(holds(subject, &deal).await, ([3_150, 5_250], [1_800, 4_500, 1_800]));
}

pub(super) async fn resting_money_is_pending_as_well(subject: &Subject) {
    let mut deal = a_deal(subject, 10_000, &[None, None], FREE).await;
    let provider_id = deal.bid.provider_id;
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    deal.approve_to_rest(subject, 1).await;
    assert_eq!(holds(subject, &deal).await, ([0, 5_000], [0, 10_000, 0]), "released, but not usable yet");
    assert_eq!(both_ways(subject, provider_id).await.clearing, usd(5_000));
    deal.step(subject, |_, contract, now| contracts::clear_payment(contract, number(1), Issuer::System, now))
        .await;
    assert_eq!(holds(subject, &deal).await, ([0, 5_000], [5_000, 5_000, 5_000]));
    assert_eq!(both_ways(subject, provider_id).await.clearing, usd(0));
}

pub(super) async fn contracts_that_ended_hold_nothing(subject: &Subject) {
    let mut refunded = a_deal(subject, 10_000, &[], fees()).await;
    refunded.fund(subject).await;
    refunded.refund(subject, 1).await;
    assert_eq!(holds(subject, &refunded).await, ([10_500, 0], [0, 0, 0]), "the fee, too");
    let mut cancelled = a_deal(subject, 10_000, &[], fees()).await;
    cancelled.cancel(subject).await;
    assert_eq!(holds(subject, &cancelled).await, ([0, 0], [0, 0, 0]));
    let mut left = a_deal(subject, 10_000, &[], fees()).await;
    left.leave(subject).await;
    assert_eq!(holds(subject, &left).await, ([0, 0], [0, 0, 0]));
}

pub(super) async fn several_contracts_add_up(subject: &Subject) {
    let mut first = a_deal(subject, 10_000, &[], FREE).await;
    first.fund(subject).await;
    let (client_id, provider_id) = (first.order.client_id, first.bid.provider_id);
    let mut deals = Vec::new();
    for (provider_id, minor) in [(provider_id, 500), (a_provider(subject).await, 30)] {
        let order = posted(subject, client_id, super::market_scene::few_details(), &[]).await;
        let bid = placed(subject, &order, provider_id, minor).await;
        let mut deal = super::deal_scene::awarded(subject, order, bid, FREE).await;
        deal.fund(subject).await;
        deals.push(deal);
    }
    assert_eq!(both_ways(subject, client_id).await.in_escrow, usd(10_530));
    assert_eq!(both_ways(subject, provider_id).await.pending, usd(10_500));
    assert_eq!(both_ways(subject, deals[1].bid.provider_id).await.pending, usd(30));
    let stranger = a_deal(subject, 10_000, &[], FREE).await;
    assert_eq!(holds(subject, &stranger).await, ([0, 0], [0, 0, 0]));
}

pub(super) async fn a_wallet_is_shown_as_the_command_leaves_it(subject: &Subject) {
    let mut deal = a_deal(subject, 10_000, &[], FREE).await;
    let (client_id, provider_id) = (deal.order.client_id, deal.bid.provider_id);
    booked(subject, &paid_in(client_id, usd(10_000))).await;
    let by = deal.client();
    let now = super::scene::now();
    let outcome = contracts::fund(&mut deal.order, &mut deal.contract, usd(10_000), by, now);
    let mut work = begin(subject).await;
    deal.save(work.as_mut(), outcome.expect("it is paid for")).await;
    let client = work.ledger().wallet(client_id, Currency::Usd).await.expect("the question is answered");
    let provider = work.ledger().wallet(provider_id, Currency::Usd).await.expect("the question is answered");
    assert_eq!((client.available, client.in_escrow), (usd(0), usd(10_000)));
    assert_eq!(provider.pending, usd(10_000));
    let outside = wallet(subject, client_id).await;
    assert_eq!((outside.available, outside.in_escrow), (usd(10_000), usd(0)), "not yet outside");
    commit(work).await;
    assert_eq!(both_ways(subject, client_id).await, client);
    assert_eq!(both_ways(subject, provider_id).await, provider);
}
