//! What the two sides agree on about money: proposed, answered, or left alone.

use chrono::TimeDelta;
use domain::actor::Actor;
use domain::contracts::{MilestoneState, PROPOSAL_PERIOD, Proposal, ProposalState, ProposalTerms};
use domain::ids::{OrderId, ProposalId};
use domain::money::{PayoutAccount, PayoutMethod};
use domain::orders::OrderState;
use ports::agreements::ProposalQueries;
use tokio::task::JoinHandle;
use usecases::agreements::{
    AcceptProposal, LapseProposals, ListProposals, MakeProposal, ProposalRequest, RejectProposal,
    ViewProposal, WithdrawProposal,
};
use usecases::contracts::RefundMilestone;
use usecases::error::UseCaseError;
use usecases::money::RequestWithdrawal;
use uuid::Uuid;

use super::answers::{Command, Target};
use super::races::{one_after_the_other, spawn};
use super::world::{Deal, EVERYTHING, Outcome, World, before, now, number, unknown_order, usd, word};

impl World {
    async fn propose(&self, by: &Actor, id: OrderId, terms: ProposalTerms) -> Outcome<Proposal> {
        let request = ProposalRequest { terms, message: None };
        MakeProposal(self.desk.clone()).execute(by, id, request, &self.once()).await
    }

    pub(super) async fn proposed(&self, by: &Actor, id: OrderId, terms: ProposalTerms) -> ProposalId {
        now(self.propose(by, id, terms).await.unwrap()).id
    }

    async fn take(&self, by: &Actor, id: ProposalId) -> Outcome<Proposal> {
        AcceptProposal(self.desk.clone()).execute(by, id, &self.once()).await
    }

    async fn refuse(&self, by: &Actor, id: ProposalId) -> Outcome<Proposal> {
        RejectProposal(self.desk.clone()).execute(by, id, &self.once()).await
    }

    async fn take_back(&self, by: &Actor, id: ProposalId) -> Outcome<Proposal> {
        WithdrawProposal(self.desk.clone()).execute(by, id, &self.once()).await
    }

    async fn lapse_proposals(&self) -> Result<u64, UseCaseError> {
        LapseProposals { desk: self.desk.clone(), proposals: self.store.clone() }.execute().await
    }

    async fn give_back(&self, by: &Actor, id: OrderId, milestone: i32) -> String {
        let refund = RefundMilestone(self.desk.clone());
        word(&refund.execute(by, id, number(milestone), &self.once()).await)
    }

    pub(super) async fn proposal(&self, id: ProposalId) -> Proposal {
        ProposalQueries::proposal(self.store.as_ref(), id).await.unwrap().unwrap()
    }
}

fn part(milestone: i32, minor: i64) -> ProposalTerms {
    ProposalTerms::PartialRelease { milestone: number(milestone), to_provider: usd(minor) }
}

fn refund(milestone: i32) -> ProposalTerms {
    ProposalTerms::Refund { milestone: number(milestone) }
}

pub(super) fn back(milestone: i32, minor: i64) -> ProposalTerms {
    ProposalTerms::Return { milestone: number(milestone), amount: usd(minor) }
}

fn end(minor: i64) -> ProposalTerms {
    ProposalTerms::Cancellation { to_provider: usd(minor) }
}

#[tokio::test]
async fn a_part_is_released_and_the_rest_comes_back() {
    let world = World::new().with_fees();
    let deal = Deal::active(&world, &[1, 2]).await;
    assert_eq!(world.holds(&deal.client).await, (9_500, 0, 10_500));
    let id = world.proposed(&deal.client, deal.order, part(1, 2_000)).await;
    assert_eq!(world.told(), ["proposal.made"]);
    assert_eq!(world.holds(&deal.client).await, (9_500, 0, 10_500), "nothing is done yet");
    let taken = now(world.take(&deal.provider, id).await.unwrap());
    assert_eq!(taken.state, ProposalState::Accepted);
    assert_eq!(world.proposal(id).await, taken);
    let told = ["proposal.accepted", "milestone.divided", "payment.received", "payment.refunded"];
    assert_eq!(world.told(), told);
    assert_eq!(world.holds(&deal.provider).await, (1_800, 4_500, 0));
    assert_eq!(world.holds(&deal.client).await, (12_650, 0, 5_250));
    let order = world.order(deal.order).await;
    assert_eq!(order.milestones[0].state, MilestoneState::Completed);
    assert_eq!(order.milestones[0].refunded_amount, Some(usd(3_000)));
    assert_eq!(word(&world.take(&deal.provider, id).await), "invalid_transition accepted", "once");
}

#[tokio::test]
async fn an_order_ends_by_consent() {
    let world = World::new().with_fees();
    let deal = Deal::active(&world, &[1, 2]).await;
    world.submit(&deal.provider, deal.order, 1).await.unwrap();
    world.approve(&deal.client, deal.order, 1).await.unwrap();
    world.news();
    let id = world.proposed(&deal.provider, deal.order, end(1_000)).await;
    world.take(&deal.client, id).await.unwrap();
    let told = [
        "proposal.made",
        "proposal.accepted",
        "milestone.divided",
        "payment.received",
        "payment.refunded",
        "contract.ended",
        "order.cancelled",
    ];
    assert_eq!(world.told(), told);
    let order = world.order(deal.order).await;
    assert_eq!(order.card.state, OrderState::Cancelled);
    assert_eq!(world.holds(&deal.provider).await, (5_400, 0, 0));
    assert_eq!(world.holds(&deal.client).await, (13_700, 0, 0));
    assert_eq!(world.figures(&deal.client).await.orders_cancelled, 1);
    for person in [&deal.client, &deal.provider] {
        assert_eq!(word(&world.propose(person, deal.order, end(0)).await), "invalid_transition cancelled");
    }
}

#[tokio::test]
async fn money_comes_back_after_its_release_if_it_is_still_there() {
    let world = World::new().with_fees();
    let deal = Deal::completed(&world).await;
    assert_eq!(world.holds(&deal.provider).await, (9_000, 0, 0));
    let id = world.proposed(&deal.client, deal.order, back(1, 4_000)).await;
    assert_eq!(word(&world.take(&deal.client, id).await), "own_proposal open");
    world.take(&deal.provider, id).await.unwrap();
    assert_eq!(world.told(), ["proposal.made", "proposal.accepted", "payment.returned"]);
    assert_eq!(world.holds(&deal.provider).await, (5_400, 0, 0));
    assert_eq!(world.holds(&deal.client).await, (13_700, 0, 0));
    let order = world.order(deal.order).await;
    assert_eq!(
        (order.card.state, order.milestones[0].state),
        (OrderState::Completed, MilestoneState::Completed)
    );
    assert_eq!(order.milestones[0].refunded_amount, Some(usd(4_000)));
    assert_eq!(
        word(&world.propose(&deal.client, deal.order, back(1, 6_001)).await),
        "amount_too_large amount"
    );
}

#[tokio::test]
async fn nothing_comes_back_that_is_gone() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    let id = world.proposed(&deal.client, deal.order, back(1, 10_000)).await;
    take_out(&world, &deal.provider).await;
    assert_eq!(word(&world.take(&deal.provider, id).await), "insufficient_funds");
    assert_eq!(world.proposal(id).await.state, ProposalState::Open);
    world.pay_in(&deal.provider, 1).await;
    world.take(&deal.provider, id).await.unwrap();
    assert_eq!(world.holds(&deal.provider).await.0, 0);
}

/// Somebody takes a cent out of their wallet.
async fn take_out(world: &World, person: &Actor) {
    let (store, recorder) = (world.desk.store.clone(), world.desk.recorder.clone());
    let account = PayoutAccount::new(PayoutMethod::PayPal, |_| Some("a@example.com")).unwrap();
    let request = RequestWithdrawal { store, recorder };
    request.execute(person, usd(1), account, &world.once()).await.unwrap();
}

#[tokio::test]
async fn who_may_do_what() {
    let world = World::new();
    let deal = Deal::active(&world, &[1, 2]).await;
    let (client, provider) = (&deal.client, &deal.provider);
    for stranger in [&deal.other_client, &deal.other_provider] {
        assert_eq!(word(&world.propose(stranger, deal.order, end(1)).await), "not_found");
    }
    assert_eq!(word(&world.propose(&deal.admin, deal.order, end(1)).await), "forbidden");
    for terms in [part(1, 1), refund(1), back(1, 1)] {
        assert_eq!(word(&world.propose(provider, deal.order, terms).await), "forbidden");
    }
    assert_eq!(word(&world.propose(client, unknown_order(), end(1)).await), "not_found");
    assert_eq!(word(&world.propose(client, deal.order, refund(3)).await), "not_found");
    let id = world.proposed(client, deal.order, end(1)).await;
    assert_eq!(word(&world.propose(provider, deal.order, end(2)).await), "duplicate_proposal open");
    let unknown = ProposalId::new(Uuid::nil());
    for (person, id, expected) in [
        (&deal.other_client, id, "not_found"),
        (&deal.other_provider, id, "not_found"),
        (&deal.admin, id, "forbidden"),
        (provider, unknown, "not_found"),
    ] {
        assert_eq!(word(&world.take(person, id).await), expected);
        assert_eq!(word(&world.refuse(person, id).await), expected);
        assert_eq!(word(&world.take_back(person, id).await), expected);
    }
    assert_eq!(word(&world.refuse(client, id).await), "own_proposal open");
    assert_eq!(word(&world.take_back(provider, id).await), "others_proposal open");
    let view = |actor: Actor, id| {
        let proposals = world.store.clone();
        async move { word(&ViewProposal { proposals }.execute(&actor, id).await) }
    };
    let list = |actor: Actor| {
        let (proposals, orders) = (world.store.clone(), world.store.clone());
        let list = ListProposals { proposals, orders };
        async move { word(&list.execute(&actor, deal.order, EVERYTHING).await) }
    };
    for (person, expected) in [
        (client, "done"),
        (provider, "done"),
        (&deal.admin, "done"),
        (&deal.other_client, "not_found"),
        (&deal.other_provider, "not_found"),
    ] {
        assert_eq!(view(*person, id).await, expected);
        assert_eq!(list(*person).await, expected);
        assert_eq!(view(*person, unknown).await, "not_found");
    }
    world.news();
    world.refuse(provider, id).await.unwrap();
    let second = world.proposed(provider, deal.order, end(3)).await;
    world.take_back(provider, second).await.unwrap();
    assert_eq!(world.told(), ["proposal.rejected", "proposal.made", "proposal.withdrawn"]);
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Active);
}

#[tokio::test]
async fn before_the_award_and_before_it_is_paid_for_there_is_nothing_to_agree_about() {
    let world = World::new();
    let offered = Deal::offered(&world, &[]).await;
    assert_eq!(word(&world.propose(&offered.client, offered.order, end(1)).await), "invalid_transition open");
    world.award(&offered.client, offered.bid).await.unwrap();
    let refused = world.propose(&offered.client, offered.order, end(1)).await;
    assert_eq!(word(&refused), "invalid_transition pending_funding");
    let refused = world.propose(&offered.client, offered.order, refund(1)).await;
    assert_eq!(word(&refused), "invalid_transition unfunded");
    assert_eq!(world.give_back(&offered.provider, offered.order, 1).await, "invalid_transition unfunded");
}

#[tokio::test]
async fn a_provider_gives_money_back_unasked() {
    let world = World::new().with_fees();
    let deal = Deal::active(&world, &[1, 2]).await;
    let asked = world.proposed(&deal.client, deal.order, refund(1)).await;
    world.news();
    assert_eq!(world.give_back(&deal.client, deal.order, 1).await, "forbidden");
    assert_eq!(world.give_back(&deal.other_provider, deal.order, 1).await, "not_found");
    assert_eq!(world.give_back(&deal.provider, deal.order, 1).await, "done");
    assert_eq!(world.told(), ["milestone.refunded", "payment.refunded", "proposal.superseded"]);
    assert_eq!(world.proposal(asked).await.state, ProposalState::Superseded);
    assert_eq!(world.holds(&deal.client).await, (14_750, 0, 5_250));
    assert_eq!(world.give_back(&deal.provider, deal.order, 2).await, "done");
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Cancelled);
    assert_eq!(world.give_back(&deal.provider, deal.order, 2).await, "invalid_transition refunded");
}

#[tokio::test]
async fn silence_lapses_and_for_work_never_begun_means_yes() {
    let world = World::new();
    let deal = Deal::active(&world, &[1, 2]).await;
    world.submit(&deal.provider, deal.order, 2).await.unwrap();
    let begun = world.proposed(&deal.client, deal.order, refund(2)).await;
    let idle = world.proposed(&deal.client, deal.order, refund(1)).await;
    let over = world.proposed(&deal.client, deal.order, part(1, 1)).await;
    world.take_back(&deal.client, over).await.unwrap();
    world.news();
    world.clock.advance(PROPOSAL_PERIOD - TimeDelta::microseconds(1));
    assert_eq!(world.lapse_proposals().await.unwrap(), 0);
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(world.lapse_proposals().await.unwrap(), 2);
    let mut told = world.told();
    told.sort_unstable();
    let expected = ["milestone.refunded", "payment.refunded", "proposal.accepted", "proposal.lapsed"];
    assert_eq!(told, expected);
    let states = [begun, idle, over].map(|id| world.proposal(id));
    let states = futures(states).await;
    assert_eq!(states, [ProposalState::Lapsed, ProposalState::Accepted, ProposalState::Withdrawn]);
    assert_eq!(world.holds(&deal.client).await, (15_000, 0, 5_000));
    assert_eq!(world.lapse_proposals().await.unwrap(), 0, "once");
}

async fn futures<F: Future<Output = Proposal>>(proposals: [F; 3]) -> Vec<ProposalState> {
    let mut states = Vec::new();
    for proposal in proposals {
        states.push(proposal.await.state);
    }
    states
}

#[tokio::test]
async fn a_proposal_is_made_and_taken_once_for_its_key() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let named = world.named(&deal.client, "p", 1);
    let id = named.proposed(&deal.client, deal.order, end(1)).await;
    let again = before(named.propose(&deal.client, deal.order, end(1)).await.unwrap());
    assert!(again.body.contains(&format!("{id:?}")));
    let named = world.named(&deal.provider, "t", 2);
    named.take(&deal.provider, id).await.unwrap();
    before(named.take(&deal.provider, id).await.unwrap());
    assert_eq!(world.holds(&deal.provider).await, (1, 0, 0));
}

fn spawn_take(world: &World, by: &Actor, id: ProposalId) -> JoinHandle<String> {
    let (world, by) = (world.clone(), *by);
    tokio::spawn(async move { word(&world.take(&by, id).await) })
}

#[tokio::test]
async fn of_an_approval_and_an_agreement_one_is_done() {
    for approval_first in [true, false] {
        let world = World::new();
        let deal = Deal::active(&world, &[]).await;
        world.submit(&deal.provider, deal.order, 1).await.unwrap();
        let id = world.proposed(&deal.client, deal.order, part(1, 1)).await;
        let approve = || spawn(&world, Command::Approve, &deal.client, Target::of(&deal));
        let take = || spawn_take(&world, &deal.provider, id);
        let answers = if approval_first {
            one_after_the_other(&world, approve, take).await
        } else {
            one_after_the_other(&world, take, approve).await
        };
        let (lost, gets) = if approval_first {
            ("invalid_transition superseded", 10_000)
        } else {
            ("invalid_transition completed", 1)
        };
        assert_eq!(answers, ("done".to_owned(), lost.to_owned()));
        assert_eq!(world.holds(&deal.provider).await, (gets, 0, 0));
    }
}

#[tokio::test]
async fn of_taking_and_taking_back_one_is_done() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let id = world.proposed(&deal.client, deal.order, end(1)).await;
    let take_back = || {
        let (world, by) = (world.clone(), deal.client);
        tokio::spawn(async move { word(&world.take_back(&by, id).await) })
    };
    let answers = one_after_the_other(&world, take_back, || spawn_take(&world, &deal.provider, id)).await;
    assert_eq!(answers, ("done".to_owned(), "invalid_transition withdrawn".to_owned()));
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Active);
}
