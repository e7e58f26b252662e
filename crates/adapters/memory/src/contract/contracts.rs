//! Contracts with their milestones: storing, locking, saving, and which of them are running.

use std::pin::pin;

use chrono::TimeDelta;
use domain::actor::Issuer;
use domain::bidding::Bid;
use domain::contracts::{
    self, AutoReleasePeriod, Bonus, BonusCommand, BonusMessage, ChangesMessage, Contract, ContractState,
    DisputeReason, MilestoneState, Outcome, Resolver, Submission, SubmissionMessage,
};
use domain::ids::{BonusId, ContractId, OrderId, UserId};
use domain::money::PayoutTo;
use domain::orders::{MilestoneTitle, Order, OrderDetails};
use ports::orders::BonusView;
use ports::store::StoreError;

use super::Subject;
use super::deal_scene::{Deal, FREE, a_deal, awarded, fees, record};
use super::market_scene::{
    a_client, a_provider, few_details, in_days, locked_contract, number, placed, plan, posted,
    reloaded_contract, some_order,
};
use super::money_scene::{admin, booked, paid_in, usd, wallet};
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback};

/// Asserts that the contract is stored as it is, and which states it and its milestones are in.
async fn check(subject: &Subject, deal: &Deal, state: ContractState, milestones: &[MilestoneState]) {
    assert_eq!(deal.contract.state, state);
    let states: Vec<_> = deal.contract.milestones.iter().map(|milestone| milestone.state).collect();
    assert_eq!(states, milestones);
    assert_eq!(reloaded_contract(subject, deal.order.id).await.as_ref(), Some(&deal.contract));
}

/// A step of the work, which moves no money.
async fn work_on(
    subject: &Subject,
    deal: &mut Deal,
    step: impl FnOnce(&mut Contract, Issuer, Issuer) -> domain::contracts::ContractEvent,
) {
    let (client, provider) = (deal.client(), deal.provider());
    deal.step(subject, |_, contract, _| {
        let event = step(contract, client, provider);
        Ok(Outcome { events: vec![event.into()], ..Outcome::default() })
    })
    .await;
}

async fn dispute(subject: &Subject, deal: &mut Deal, milestone: i32, by: Issuer) {
    let reason = DisputeReason::parse("Zeile 1\n\"Zeile\" 2").expect("a reason");
    deal.step(subject, |_, contract, now| {
        contracts::open_dispute(contract, number(milestone), reason, by, now)
    })
    .await;
}

async fn decide(subject: &Subject, deal: &mut Deal, milestone: i32, to_provider: i64) {
    deal.step(subject, |order, contract, now| {
        let decision = (number(milestone), usd(to_provider));
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
}

pub(super) async fn a_contract_is_found_as_it_was_made(subject: &Subject) {
    let deals = [
        a_deal(subject, 11_501, &[Some(1), Some(2), Some(1)], fees()).await,
        a_deal(subject, 1, &[], FREE).await,
        a_deal(subject, 9_999_999_999, &[None, None], fees()).await,
    ];
    for deal in deals {
        let milestones = vec![MilestoneState::Unfunded; deal.contract.milestones.len()];
        check(subject, &deal, ContractState::PendingFunding, &milestones).await;
    }
    let unknown = OrderId::new(i64::MAX).expect("a number");
    assert_eq!(reloaded_contract(subject, unknown).await, None);
    assert_eq!(reloaded_contract(subject, some_order(subject).await.id).await, None, "not awarded");
}

pub(super) async fn the_work_on_a_contract_is_saved(subject: &Subject) {
    use MilestoneState::{ChangesRequested, Completed, Funded, InProgress, Submitted};
    let mut deal = a_deal(subject, 10_001, &[None, None, None], fees()).await;
    deal.fund(subject).await;
    check(subject, &deal, ContractState::Active, &[Funded, Funded, Funded]).await;
    work_on(subject, &mut deal, |contract, _, provider| {
        contract.start(number(2), provider, now()).expect("it is begun").expect("it is news")
    })
    .await;
    check(subject, &deal, ContractState::Active, &[Funded, InProgress, Funded]).await;
    work_on(subject, &mut deal, |contract, _, provider| {
        contract
            .submit(number(2), None, AutoReleasePeriod::default(), provider, now())
            .expect("it is handed in")
            .1
    })
    .await;
    check(subject, &deal, ContractState::Active, &[Funded, Submitted, Funded]).await;
    work_on(subject, &mut deal, |contract, client, _| {
        let again = ChangesMessage::parse("Zeile 1\n\"Zeile\" 2").expect("a message");
        contract.request_changes(number(2), again, client, now()).expect("it comes back")
    })
    .await;
    check(subject, &deal, ContractState::Active, &[Funded, ChangesRequested, Funded]).await;
    deal.submit(subject, 2).await;
    assert_eq!(deal.contract.milestones[1].submissions, 2);
    deal.approve(subject, 2).await;
    check(subject, &deal, ContractState::Active, &[Funded, Completed, Funded]).await;
    assert!(deal.contract.milestones[1].released.is_some(), "with the parts of the release");
    for milestone in [3, 1] {
        deal.submit(subject, milestone).await;
        deal.approve(subject, milestone).await;
    }
    check(subject, &deal, ContractState::Completed, &[Completed; 3]).await;
    assert_eq!(deal.contract.escrow.released, usd(10_001));
}

pub(super) async fn refunds_and_disputes_are_saved(subject: &Subject) {
    use MilestoneState::{Completed, Disputed, Funded, Refunded};
    let mut deal = a_deal(subject, 10_001, &[None, None, None, None], fees()).await;
    deal.fund(subject).await;
    deal.refund(subject, 1).await;
    check(subject, &deal, ContractState::Active, &[Refunded, Funded, Funded, Funded]).await;
    assert!(deal.contract.milestones[0].refunded.is_some(), "with the parts of the refund");
    let (client, provider) = (deal.client(), deal.provider());
    dispute(subject, &mut deal, 2, client).await;
    check(subject, &deal, ContractState::Disputed, &[Refunded, Disputed, Funded, Funded]).await;
    dispute(subject, &mut deal, 3, provider).await;
    dispute(subject, &mut deal, 4, provider).await;
    check(subject, &deal, ContractState::Disputed, &[Refunded, Disputed, Disputed, Disputed]).await;
    decide(subject, &mut deal, 2, 1_000).await;
    check(subject, &deal, ContractState::Disputed, &[Refunded, Completed, Disputed, Disputed]).await;
    let divided = &deal.contract.milestones[1];
    assert!(divided.released.is_some() && divided.refunded.is_some(), "both parts of a decision");
    decide(subject, &mut deal, 3, 0).await;
    decide(subject, &mut deal, 4, 2_501).await;
    check(subject, &deal, ContractState::Completed, &[Refunded, Completed, Refunded, Completed]).await;
    let decided = deal.contract.milestones.iter().filter_map(|milestone| milestone.dispute.as_ref());
    assert!(decided.clone().count() == 3 && decided.clone().all(|dispute| dispute.decided_at.is_some()));

    let mut revoked = a_deal(subject, 100, &[], fees()).await;
    revoked.fund(subject).await;
    revoked.refund(subject, 1).await;
    check(subject, &revoked, ContractState::Cancelled, &[Refunded]).await;
}

pub(super) async fn what_was_agreed_in_a_contract_stays(subject: &Subject) {
    let deal = a_deal(subject, 10_000, &[None, None], fees()).await;
    let mut contract = deal.contract.clone();
    (contract.client_id, contract.provider_id) = (a_client(subject).await, a_provider(subject).await);
    (contract.escrow.price, contract.escrow.fees) = (usd(20_000), FREE);
    contract.created_at = in_days(-1);
    for milestone in &mut contract.milestones {
        milestone.title = MilestoneTitle::parse("Something else").expect("a title");
        (milestone.due_date, milestone.amount) = (in_days(20), usd(10_000));
    }
    let mut work = begin(subject).await;
    work.contracts().save(&mut contract).await.expect("it is saved");
    commit(work).await;
    let found = reloaded_contract(subject, deal.order.id).await;
    assert_eq!(found, Some(Contract { version: contract.version, ..deal.contract }));
}

pub(super) async fn stale_contracts_are_refused(subject: &Subject) {
    let deal = a_deal(subject, 10_000, &[], FREE).await;
    let (mut stale, mut current) = (deal.contract.clone(), deal.contract);
    let mut work = begin(subject).await;
    work.contracts().save(&mut current).await.expect("it is saved");
    assert!(current.version > stale.version);
    work.contracts().save(&mut current).await.expect("twice in one transaction");
    commit(work).await;
    let mut nowhere = Contract { id: ContractId::new(fresh_uuid()), ..current.clone() };
    for contract in [&mut stale, &mut nowhere] {
        let mut work = begin(subject).await;
        let saved = work.contracts().save(contract).await;
        assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
        assert!(matches!(work.commit().await, Err(StoreError::Spoilt)));
    }
    assert_eq!(reloaded_contract(subject, current.order_id).await, Some(current));
}

pub(super) async fn contracts_are_locked(subject: &Subject) {
    let mut deal = a_deal(subject, 10_000, &[], FREE).await;
    deal.fund(subject).await;
    let other = a_deal(subject, 10_000, &[], FREE).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut changed = locked_contract(first.as_mut(), deal.order.id).await.expect("it is there");
    let free = must_end(locked_contract(second.as_mut(), other.order.id), "who wants another").await;
    assert_eq!(free, Some(other.contract));
    let seen = {
        let mut waiting = pin!(second.contracts().lock(deal.order.id));
        must_wait(waiting.as_mut(), "the second transaction").await;
        let begun = changed.start(number(1), deal.provider(), now()).expect("it is begun");
        assert!(begun.is_some());
        first.contracts().save(&mut changed).await.expect("it is saved");
        commit(first).await;
        must_end(waiting, "the second transaction").await.expect("the lock comes")
    };
    assert_eq!(seen, Some(changed), "what the first one left, milestones and all");
    commit(second).await;
}

pub(super) async fn only_the_contract_of_the_award_is_found(subject: &Subject) {
    let mut first = a_deal(subject, 10_000, &[], FREE).await;
    first.leave(subject).await;
    assert_eq!(first.contract.state, ContractState::Cancelled);
    assert_eq!(reloaded_contract(subject, first.order.id).await, None, "its provider has left");
    let bid = placed(subject, &first.order, a_provider(subject).await, 9_000).await;
    let mut second = awarded(subject, first.order.clone(), bid, fees()).await;
    assert_eq!(reloaded_contract(subject, first.order.id).await, Some(second.contract.clone()));
    second.cancel(subject).await;
    assert_eq!(second.contract.state, ContractState::Cancelled);
    let found = reloaded_contract(subject, first.order.id).await;
    assert_eq!(found, Some(second.contract), "one that ended by itself is still the order's");
}

pub(super) async fn a_contract_belongs_to_what_is_there(subject: &Subject) {
    let order = some_order(subject).await;
    let bid = placed(subject, &order, a_provider(subject).await, 100).await;
    let made = |order: &Order, bid: &Bid| {
        let command = contracts::AwardCommand {
            bid_id: bid.id,
            expected: domain::bidding::Expected::default(),
            contract_id: ContractId::new(fresh_uuid()),
            fees: FREE,
            available: usd(0),
            bidder_may_enter: true,
        };
        let by = super::market_scene::client(order.client_id);
        let (mut order, mut bids) = (order.clone(), [bid.clone()]);
        contracts::award(&mut order, &mut bids, command, by, now()).expect("it is awarded").contract
    };
    let good = made(&order, &bid);
    let nobody = UserId::new(fresh_uuid());
    let orphans = [
        Contract { order_id: OrderId::new(i64::MAX).expect("a number"), ..good.clone() },
        Contract { client_id: nobody, ..good.clone() },
        Contract { provider_id: nobody, ..good.clone() },
    ];
    for orphan in orphans {
        let mut work = begin(subject).await;
        let refused = work.contracts().insert(&orphan).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        rollback(work).await;
    }
    let mut deal = awarded(subject, order, bid, FREE).await;
    let mut work = begin(subject).await;
    let refused = work.contracts().insert(&deal.contract).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "the same one twice: {refused:?}");
    rollback(work).await;
    deal.fund(subject).await;
    check(subject, &deal, ContractState::Active, &[MilestoneState::Funded]).await;
}

pub(super) async fn an_order_is_under_one_contract(subject: &Subject) {
    let order = some_order(subject).await;
    let bid = placed(subject, &order, a_provider(subject).await, 100).await;
    let other = placed(subject, &order, a_provider(subject).await, 100).await;
    let mut deal = awarded(subject, order, bid, FREE).await;
    let second = Contract {
        id: ContractId::new(fresh_uuid()),
        bid_id: other.id,
        provider_id: other.provider_id,
        ..deal.contract.clone()
    };
    let mut work = begin(subject).await;
    let refused = work.contracts().insert(&second).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
    deal.leave(subject).await;
    let same_bid = Contract { bid_id: deal.bid.id, ..second.clone() };
    let mut work = begin(subject).await;
    let refused = work.contracts().insert(&same_bid).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "a bid wins once: {refused:?}");
    rollback(work).await;
    let mut work = begin(subject).await;
    work.contracts().insert(&second).await.expect("the first one has ended");
    rollback(work).await;
}

pub(super) async fn each_handing_in_is_kept_once(subject: &Subject) {
    let mut deal = a_deal(subject, 100, &[], FREE).await;
    deal.fund(subject).await;
    let by = deal.provider();
    let words = SubmissionMessage::parse("Zeile 1\n\"Zeile\" 2").ok();
    let (first, _) = deal
        .contract
        .submit(number(1), words, AutoReleasePeriod::default(), by, now())
        .expect("it is handed in");
    let second = Submission { number: 2, message: None, ..first.clone() };
    let mut work = begin(subject).await;
    for submission in [&first, &second] {
        work.contracts().add_submission(submission).await.expect("it is kept");
    }
    commit(work).await;
    let nowhere = Submission { contract_id: ContractId::new(fresh_uuid()), ..first.clone() };
    let no_milestone = Submission { milestone: number(2), ..first.clone() };
    for refused in [first, second, nowhere, no_milestone] {
        let mut work = begin(subject).await;
        let outcome = work.contracts().add_submission(&refused).await;
        assert!(matches!(outcome, Err(StoreError::Refused(_))), "{refused:?}: {outcome:?}");
        rollback(work).await;
    }
}

pub(super) async fn bonuses_are_kept_and_shown(subject: &Subject) {
    let mut deal = a_deal(subject, 100, &[], fees()).await;
    deal.fund(subject).await;
    booked(subject, &paid_in(deal.order.client_id, usd(1_000))).await;
    let mut given = Vec::new();
    for (minor, words, at) in [(333, Some("Zeile 1\n\"Zeile\" 2"), 0), (1, None, 1)] {
        let command = BonusCommand {
            id: BonusId::new(fresh_uuid()),
            amount: usd(minor),
            message: words.map(|words| BonusMessage::parse(words).expect("a message")),
            available: usd(1_000),
            provider_may_enter: true,
        };
        let at = now() + TimeDelta::seconds(at);
        let (bonus, outcome) = deal.contract.give_bonus(command, deal.client(), at).expect("it is given");
        let mut work = begin(subject).await;
        work.contracts().add_bonus(&bonus).await.expect("it is kept");
        record(work.as_mut(), outcome).await;
        commit(work).await;
        given.push(bonus);
    }
    let view = |bonus: &Bonus| BonusView {
        id: bonus.id,
        amount: bonus.amount,
        message: bonus.message.as_ref().map(|message| message.as_str().to_owned()),
        given_at: bonus.given_at,
    };
    let shown = subject.orders.order(deal.order.id).await.expect("the question is answered");
    let shown = shown.expect("an order").bonuses;
    assert_eq!(shown, given.iter().map(view).collect::<Vec<_>>(), "the first one first");
    assert_eq!(wallet(subject, deal.bid.provider_id).await.available, usd(333 - 33 + 1), "less the fee");
    let again = given.swap_remove(0);
    let nowhere =
        Bonus { id: BonusId::new(fresh_uuid()), contract_id: ContractId::new(fresh_uuid()), ..again.clone() };
    for refused in [again, nowhere] {
        let mut work = begin(subject).await;
        let outcome = work.contracts().add_bonus(&refused).await;
        assert!(matches!(outcome, Err(StoreError::Refused(_))), "{refused:?}: {outcome:?}");
        rollback(work).await;
    }
}

pub(super) async fn running_contracts_keep_both_sides(subject: &Subject) {
    let check = async |deal: &Deal, is_running: bool| {
        let mut work = begin(subject).await;
        for user_id in [deal.order.client_id, deal.bid.provider_id] {
            let running = work.contracts().has_running(user_id).await.expect("the question is answered");
            assert_eq!(running, is_running, "{}", deal.contract.state);
        }
        rollback(work).await;
    };
    let mut deal = a_deal(subject, 100, &[None, None], FREE).await;
    check(&deal, true).await;
    deal.fund(subject).await;
    check(&deal, true).await;
    let by = deal.client();
    dispute(subject, &mut deal, 1, by).await;
    assert_eq!(deal.contract.state, ContractState::Disputed);
    check(&deal, true).await;
    decide(subject, &mut deal, 1, 50).await;
    check(&deal, true).await;
    deal.submit(subject, 2).await;
    deal.approve(subject, 2).await;
    assert_eq!(deal.contract.state, ContractState::Completed);
    check(&deal, false).await;

    let (mut left, mut cancelled) =
        (a_deal(subject, 100, &[], FREE).await, a_deal(subject, 100, &[], FREE).await);
    left.leave(subject).await;
    check(&left, false).await;
    let mut work = begin(subject).await;
    let bidder = a_provider(subject).await;
    assert!(!work.contracts().has_running(bidder).await.expect("the question is answered"), "nobody's");
    rollback(work).await;
    let by = cancelled.client();
    let (order, bids) = (&mut cancelled.order, std::slice::from_mut(&mut cancelled.bid));
    let outcome = contracts::cancel_order(order, bids, Some(&mut cancelled.contract), by, now());
    let mut work = begin(subject).await;
    work.bids().save(std::slice::from_mut(&mut cancelled.bid)).await.expect("the bid is saved");
    cancelled.save(work.as_mut(), outcome.expect("it is cancelled")).await;
    let running = work.contracts().has_running(cancelled.order.client_id).await;
    assert!(!running.expect("the question is answered"), "as the transaction itself sees it");
    rollback(work).await;
    check(&cancelled, true).await;
}

pub(super) async fn contracts_with_money_are_found_newest_first(subject: &Subject) {
    let (client_id, provider_id) = (a_client(subject).await, a_provider(subject).await);
    let mut deals = Vec::new();
    for _ in 0..5 {
        let details = OrderDetails { milestones: plan(&[None, None]), ..few_details() };
        let order = posted(subject, client_id, details, &[]).await;
        let bid = placed(subject, &order, provider_id, 10_000).await;
        deals.push(awarded(subject, order, bid, fees()).await);
    }
    let other = a_deal(subject, 10_000, &[None], fees()).await;
    let [unpaid, rests, paid_out, cleared, active] = &mut deals[..] else { panic!("five") };
    for deal in [&mut *rests, paid_out, cleared, active] {
        deal.fund(subject).await;
    }
    for deal in [&mut *rests, paid_out, cleared] {
        for milestone in [1, 2] {
            deal.submit(subject, milestone).await;
        }
    }
    rests.approve(subject, 1).await;
    rests.approve_to_rest(subject, 2).await;
    paid_out.approve(subject, 1).await;
    paid_out.approve(subject, 2).await;
    cleared.approve_to_rest(subject, 1).await;
    cleared.approve(subject, 2).await;
    let found = async || {
        let mut work = begin(subject).await;
        let found = work.contracts().holding(client_id).await.expect("the question is answered");
        let others = work.contracts().holding(other.order.client_id).await.expect("the question is answered");
        rollback(work).await;
        assert_eq!(others, [], "theirs is not paid for, and nobody else's is theirs");
        found
    };
    assert_eq!(rests.contract.state, ContractState::Completed, "and its money is not the provider's yet");
    assert_eq!(found().await, [active.order.id, cleared.order.id, rests.order.id]);
    let clears_at = cleared.contract.milestones[0].clears_at.expect("it rests");
    cleared
        .step(subject, |_, contract, _| {
            contracts::clear_payment(contract, number(1), Issuer::System, clears_at)
        })
        .await;
    assert_eq!(found().await, [active.order.id, rests.order.id]);
    active.refund(subject, 1).await;
    assert_eq!(found().await, [active.order.id, rests.order.id], "there is another milestone");
    active.refund(subject, 2).await;
    assert_eq!(found().await, [rests.order.id]);
    unpaid.cancel(subject).await;
    assert_eq!(found().await, [rests.order.id]);
}
