//! Proposals about contracts, and what is stored of what was agreed.

use std::pin::pin;

use chrono::TimeDelta;
use domain::actor::{Issuer, Party};
use domain::contracts::{
    self, ContractState, Means, MilestoneState, NewProposal, PROPOSAL_PERIOD, Proposal, ProposalMessage,
    ProposalState, ProposalTerms,
};
use domain::ids::{ContractId, OrderId, ProposalId};
use domain::money::{Account, ContractParties, PayoutTo};
use ports::agreements::{ExpiredProposal, ProposalClaim};
use ports::list::{Slice, Window};
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::deal_scene::{Deal, a_deal, fees, record};
use super::market_scene::{number, reloaded_contract};
use super::money_scene::{balances, usd, wallet};
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback};

async fn funded(subject: &Subject, minor: i64, steps: usize) -> Deal {
    let mut deal = a_deal(subject, minor, &vec![None; steps], fees()).await;
    deal.fund(subject).await;
    deal
}

/// A proposal that is stored nowhere yet.
fn proposed(deal: &Deal, terms: ProposalTerms, by: Issuer, message: Option<&str>) -> Proposal {
    let message = message.map(|raw| ProposalMessage::parse(raw).expect("a message"));
    let new = NewProposal { id: ProposalId::new(fresh_uuid()), terms, message };
    Proposal::make(new, &deal.contract, &[], by, now()).expect("it is made").0
}

fn part(milestone: i32, minor: i64) -> ProposalTerms {
    ProposalTerms::PartialRelease { milestone: number(milestone), to_provider: usd(minor) }
}

fn refund(milestone: i32) -> ProposalTerms {
    ProposalTerms::Refund { milestone: number(milestone) }
}

fn end(minor: i64) -> ProposalTerms {
    ProposalTerms::Cancellation { to_provider: usd(minor) }
}

async fn insert(work: &mut dyn UnitOfWork, proposal: &Proposal) -> ProposalClaim {
    work.proposals().insert(proposal).await.expect("no error")
}

async fn stored(subject: &Subject, deal: &Deal, terms: ProposalTerms) -> Proposal {
    let proposal = proposed(deal, terms, deal.client(), None);
    let mut work = begin(subject).await;
    assert_eq!(insert(work.as_mut(), &proposal).await, ProposalClaim::Granted);
    commit(work).await;
    proposal
}

async fn lock(work: &mut dyn UnitOfWork, id: ProposalId) -> Option<Proposal> {
    work.proposals().lock(id).await.expect("the question is answered")
}

async fn open_about(work: &mut dyn UnitOfWork, deal: &Deal) -> Vec<Proposal> {
    work.proposals().lock_open(deal.contract.id).await.expect("the question is answered")
}

pub(super) async fn a_proposal_is_found_as_it_was_made(subject: &Subject) {
    let mut deal = funded(subject, 10_001, 2).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    let back = ProposalTerms::Return { milestone: number(1), amount: usd(1) };
    let proposals = [
        proposed(&deal, part(2, 5_001), deal.client(), Some("Zeile 1\n\"Zeile\" 2\t\\")),
        proposed(&deal, refund(2), deal.client(), None),
        proposed(&deal, back, deal.client(), Some("x")),
        proposed(&deal, end(0), deal.provider(), None),
    ];
    let mut work = begin(subject).await;
    for proposal in &proposals {
        assert_eq!(insert(work.as_mut(), proposal).await, ProposalClaim::Granted);
        assert_eq!(lock(work.as_mut(), proposal.id).await.as_ref(), Some(proposal), "inside");
    }
    let outside = subject.proposals.proposal(proposals[0].id).await.expect("the question is answered");
    assert_eq!(outside, None, "not yet outside");
    commit(work).await;
    let mut work = begin(subject).await;
    for proposal in &proposals {
        let found = work.proposals().find(proposal.id).await.expect("the question is answered");
        assert_eq!(found, Some(deal.order.id));
        assert_eq!(lock(work.as_mut(), proposal.id).await.as_ref(), Some(proposal));
        let outside = subject.proposals.proposal(proposal.id).await.expect("the question is answered");
        assert_eq!(outside.as_ref(), Some(proposal));
    }
    let unknown = ProposalId::new(fresh_uuid());
    assert_eq!(lock(work.as_mut(), unknown).await, None);
    assert_eq!(work.proposals().find(unknown).await.expect("the question is answered"), None);
    rollback(work).await;
    assert_eq!(subject.proposals.proposal(unknown).await.expect("the question is answered"), None);
}

pub(super) async fn one_open_proposal_of_a_kind_about_a_thing(subject: &Subject) {
    let deal = funded(subject, 10_000, 2).await;
    let mut first = stored(subject, &deal, part(1, 10)).await;
    let standing = stored(subject, &deal, end(10)).await;
    let mut work = begin(subject).await;
    for taken in [part(1, 20), end(20)] {
        let second = proposed(&deal, taken, deal.client(), None);
        assert_eq!(insert(work.as_mut(), &second).await, ProposalClaim::Taken);
    }
    for free in [part(2, 20), refund(1)] {
        let other = proposed(&deal, free, deal.client(), None);
        assert_eq!(insert(work.as_mut(), &other).await, ProposalClaim::Granted, "the transaction is good");
    }
    commit(work).await;
    first.withdraw(deal.client(), now()).expect("it is open");
    let mut work = begin(subject).await;
    work.proposals().save(&mut first).await.expect("it is saved");
    let again = proposed(&deal, part(1, 30), deal.client(), None);
    assert_eq!(insert(work.as_mut(), &again).await, ProposalClaim::Granted, "the first one is over");
    commit(work).await;
    let other = funded(subject, 10_000, 1).await;
    stored(subject, &other, end(10)).await;
    assert_eq!(standing.state, ProposalState::Open);
}

pub(super) async fn a_proposal_being_made_is_waited_for(subject: &Subject) {
    let deal = funded(subject, 10_000, 1).await;
    let (first, second) =
        (proposed(&deal, end(1), deal.client(), None), proposed(&deal, end(2), deal.provider(), None));
    let mut one = begin(subject).await;
    assert_eq!(insert(one.as_mut(), &first).await, ProposalClaim::Granted);
    let mut other = begin(subject).await;
    {
        let mut waiting = pin!(other.proposals().insert(&second));
        must_wait(waiting.as_mut(), "the second proposal").await;
        commit(one).await;
        let claim = must_end(waiting, "the second proposal").await.expect("no error");
        assert_eq!(claim, ProposalClaim::Taken);
    }
    rollback(other).await;
}

pub(super) async fn a_proposal_belongs_to_what_is_there(subject: &Subject) {
    let deal = funded(subject, 10_000, 1).await;
    let good = proposed(&deal, end(1), deal.client(), None);
    let nowhere = ContractParties { contract_id: ContractId::new(fresh_uuid()), ..good.contract };
    let mut work = begin(subject).await;
    let refused = work.proposals().insert(&Proposal { contract: nowhere, ..good.clone() }).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
    let good = stored(subject, &deal, end(1)).await;
    let mut work = begin(subject).await;
    let refused = work.proposals().insert(&good).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "the same one twice: {refused:?}");
    rollback(work).await;
}

pub(super) async fn the_end_of_a_proposal_is_saved(subject: &Subject) {
    let deal = funded(subject, 10_000, 1).await;
    let mut proposal = stored(subject, &deal, end(1)).await;
    let mut stale = proposal.clone();
    proposal.reject(deal.provider(), now()).expect("it is open");
    let mut work = begin(subject).await;
    work.proposals().save(&mut proposal).await.expect("it is saved");
    assert!(proposal.version > stale.version);
    commit(work).await;
    let found = subject.proposals.proposal(proposal.id).await.expect("the question is answered");
    assert_eq!(found.as_ref(), Some(&proposal));
    let mut nowhere = Proposal { id: ProposalId::new(fresh_uuid()), ..proposal.clone() };
    for refused in [&mut stale, &mut nowhere] {
        let mut work = begin(subject).await;
        let saved = work.proposals().save(refused).await;
        assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
        assert!(matches!(work.commit().await, Err(StoreError::Spoilt)));
    }
    let mut changed = Proposal { terms: end(9_999), proposed_by: Party::Provider, ..proposal.clone() };
    (changed.created_at, changed.expires_at) = (now() - TimeDelta::days(9), now());
    let mut work = begin(subject).await;
    work.proposals().save(&mut changed).await.expect("it is saved");
    commit(work).await;
    let found = subject.proposals.proposal(proposal.id).await.expect("the question is answered");
    assert_eq!(found, Some(Proposal { version: changed.version, ..proposal }), "what was proposed stays");
}

pub(super) async fn open_proposals_are_locked(subject: &Subject) {
    let deal = funded(subject, 10_000, 2).await;
    let other = funded(subject, 10_000, 1).await;
    stored(subject, &other, end(1)).await;
    let mut open = [stored(subject, &deal, end(1)).await, stored(subject, &deal, refund(1)).await];
    let mut over = stored(subject, &deal, refund(2)).await;
    over.withdraw(deal.client(), now()).expect("it is open");
    let mut first = begin(subject).await;
    first.proposals().save(&mut over).await.expect("it is saved");
    commit(first).await;
    open.sort_by_key(|proposal| proposal.id);
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut locked = open_about(first.as_mut(), &deal).await;
    assert_eq!(locked, open, "in the order of their identifiers, and of this contract alone");
    {
        let mut waiting = pin!(second.proposals().lock_open(deal.contract.id));
        must_wait(waiting.as_mut(), "the second transaction").await;
        locked[0].withdraw(deal.client(), now()).expect("it is open");
        first.proposals().save(&mut locked[0]).await.expect("it is saved");
        commit(first).await;
        let seen = must_end(waiting, "the second transaction").await.expect("the locks come");
        assert_eq!(seen, [open[1].clone()], "what the first one left");
    }
    rollback(second).await;
}

pub(super) async fn proposals_about_an_order_are_listed(subject: &Subject) {
    let deal = funded(subject, 10_000, 3).await;
    let mut all = Vec::new();
    for terms in [end(1), refund(1), refund(2), part(1, 1), refund(3)] {
        all.push(stored(subject, &deal, terms).await);
    }
    let mut over = all[1].clone();
    over.withdraw(deal.client(), now()).expect("it is open");
    let mut work = begin(subject).await;
    work.proposals().save(&mut over).await.expect("it is saved");
    commit(work).await;
    all[1] = over;
    all.reverse();
    let list = async |window| subject.proposals.proposals(deal.order.id, window).await.expect("a list");
    let Slice { rows, total, next } = list(Window::Page { offset: 0, limit: 10 }).await;
    assert_eq!((&rows, total, next), (&all, 5, None), "newest first, whatever became of them");
    let first = list(Window::Page { offset: 0, limit: 2 }).await;
    assert_eq!((first.rows.as_slice(), first.total), (&all[..2], 5));
    let position = first.next.expect("there are older ones");
    let rest = list(Window::Before { position, limit: 3 }).await;
    assert_eq!((rest.rows.as_slice(), rest.total, rest.next), (&all[2..], 5, None));
    assert_eq!(list(Window::Page { offset: 4, limit: 2 }).await.rows, all[4..]);
    let beyond = list(Window::Page { offset: 5, limit: 2 }).await;
    assert_eq!((beyond.rows.len(), beyond.total), (0, 5));
    let unknown = OrderId::new(i64::MAX).expect("a number");
    let none = subject.proposals.proposals(unknown, Window::Page { offset: 0, limit: 2 }).await;
    assert_eq!(none.expect("a list"), Slice { rows: vec![], total: 0, next: None });
}

pub(super) async fn proposals_expire_in_their_order(subject: &Subject) {
    let deal = funded(subject, 10_000, 3).await;
    let mut ours = [
        stored(subject, &deal, refund(1)).await,
        stored(subject, &deal, refund(2)).await,
        stored(subject, &deal, refund(3)).await,
    ];
    let mut over = stored(subject, &deal, end(1)).await;
    over.withdraw(deal.client(), now()).expect("it is open");
    let mut work = begin(subject).await;
    work.proposals().save(&mut over).await.expect("it is saved");
    commit(work).await;
    ours.sort_by_key(|proposal| (proposal.expires_at, proposal.id));
    let expired: Vec<_> =
        ours.iter().map(|one| ExpiredProposal { expires_at: one.expires_at, id: one.id }).collect();
    let due = async |at, after, limit| {
        subject.proposals.expired_proposals(at, after, limit).await.expect("the question is answered")
    };
    let early = expired[0].expires_at - TimeDelta::microseconds(1);
    assert!(due(early, None, 10_000).await.iter().all(|one| !expired.contains(one)), "not yet");
    let late = now() + PROPOSAL_PERIOD + TimeDelta::days(1);
    let found: Vec<_> = due(late, None, 10_000).await;
    let of_ours: Vec<_> = found.iter().filter(|one| expired.contains(one)).copied().collect();
    assert_eq!(of_ours, expired, "the earliest first, and only open ones");
    assert!(found.iter().all(|one| one.id != over.id));
    let rest = due(late, Some(expired[0]), 10_000).await;
    assert!(!rest.contains(&expired[0]) && rest.contains(&expired[1]) && rest.contains(&expired[2]));
    assert_eq!(due(late, Some(expired[0]), 1).await.len(), 1);
}

fn means() -> Means {
    Means { provider_available: usd(1_000_000), to: PayoutTo::Available }
}

/// The other side takes a proposal, and all that goes with it is saved.
async fn accept(subject: &Subject, deal: &mut Deal, terms: ProposalTerms) {
    let mut proposal = stored(subject, deal, terms).await;
    let by = deal.provider();
    let (order, contract) = (&mut deal.order, &mut deal.contract);
    let outcome = contracts::accept_proposal(order, contract, &mut proposal, means(), by, now());
    let outcome = outcome.expect("it is taken");
    let mut work = begin(subject).await;
    work.orders().save(&mut deal.order).await.expect("the order is saved");
    work.contracts().save(&mut deal.contract).await.expect("the contract is saved");
    work.proposals().save(&mut proposal).await.expect("the proposal is saved");
    record(work.as_mut(), outcome).await;
    commit(work).await;
    assert_eq!(reloaded_contract(subject, deal.order.id).await.as_ref(), Some(&deal.contract));
}

pub(super) async fn what_was_agreed_is_saved_with_the_contract(subject: &Subject) {
    let mut deal = funded(subject, 9_000, 3).await;
    accept(subject, &mut deal, part(1, 1_000)).await;
    let divided = &deal.contract.milestones[0];
    assert!(divided.released.is_some() && divided.refunded.is_some(), "both parts");
    let back = ProposalTerms::Return { milestone: number(1), amount: usd(400) };
    accept(subject, &mut deal, back).await;
    accept(subject, &mut deal, back).await;
    let returned = deal.contract.milestones[0].returned.expect("something came back");
    assert_eq!((returned.times, returned.gross), (2, usd(800)));
    accept(subject, &mut deal, end(3_500)).await;
    let states: Vec<_> = deal.contract.milestones.iter().map(|milestone| milestone.state).collect();
    assert_eq!(states, [MilestoneState::Completed; 3]);
    assert_eq!(deal.contract.state, ContractState::Cancelled);
    assert_eq!(deal.contract.escrow.released, usd(3_700), "one that was cancelled may have paid something");
    let back = ProposalTerms::Return { milestone: number(2), amount: usd(3_000) };
    accept(subject, &mut deal, back).await;
    let mut work = begin(subject).await;
    let accounts = [Account::ContractEscrow(deal.contract.id), Account::ContractDisputed(deal.contract.id)];
    assert_eq!(balances(work.as_mut(), &accounts).await, [0, 0]);
    rollback(work).await;
}

pub(super) async fn money_that_came_back_is_earned_no_more(subject: &Subject) {
    let mut deal = a_deal(subject, 10_000, &[None], fees()).await;
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    let provider_id = deal.bid.provider_id;
    let earned = wallet(subject, provider_id).await;
    assert_eq!((earned.available, earned.total_earned), (usd(9_000), usd(9_000)));
    let back = ProposalTerms::Return { milestone: number(1), amount: usd(4_000) };
    accept(subject, &mut deal, back).await;
    let less = wallet(subject, provider_id).await;
    assert_eq!((less.available, less.total_earned, less.pending), (usd(5_400), usd(5_400), usd(0)));
    let client = wallet(subject, deal.order.client_id).await;
    assert_eq!((client.available, client.in_escrow), (usd(4_200), usd(0)));
}
