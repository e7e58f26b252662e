//! What the two sides do not agree on: from the opening of a dispute to the last cent.

use chrono::TimeDelta;
use domain::actor::Actor;
use domain::contracts::{DisputeReason, MilestoneState, ProposalTerms, Resolver};
use domain::disputes::{
    ANSWER_PERIOD, Deadline, DecisionReason, Dispute, DisputeState, EvidenceContent, EvidenceText,
    NEGOTIATION_PERIOD, REVIEW_PERIOD,
};
use domain::files::{FileList, Purpose};
use domain::ids::{DisputeId, FileId, OrderId};
use domain::orders::OrderState;
use ports::disputes::{DisputeQueries, DisputeView};
use tokio::task::JoinHandle;
use usecases::disputes::{
    AcceptSplit, AddEvidence, DecideDispute, DisputeRequest, EscalateDispute, ExpireDisputes,
    ListAllDisputes, ListDisputes, OfferSplit, OpenDispute, RejectSplit, ViewDispute,
};
use usecases::error::UseCaseError;
use uuid::Uuid;

use super::answers::{Command, Target};
use super::races::{one_after_the_other, spawn};
use super::world::{Deal, EVERYTHING, Outcome, World, now, number, unknown_order, usd, word};

impl World {
    async fn dispute(&self, by: &Actor, id: OrderId, milestone: i32, minor: i64) -> Outcome<DisputeView> {
        let reason = DisputeReason::parse("not what was agreed").unwrap();
        let (milestone, to_provider) = (number(milestone), usd(minor));
        let request = DisputeRequest { order_id: id, milestone, reason, to_provider };
        OpenDispute(self.desk.clone()).execute(by, request, &self.once()).await
    }

    async fn disputed(&self, by: &Actor, id: OrderId, minor: i64) -> DisputeId {
        now(self.dispute(by, id, 1, minor).await.unwrap()).dispute.id
    }

    async fn bring_forward(
        &self,
        by: &Actor,
        id: DisputeId,
        text: Option<&str>,
        files: &[FileId],
    ) -> Outcome<DisputeView> {
        let text = text.map(|text| EvidenceText::parse(text).unwrap());
        let content = EvidenceContent::new(text, FileList::new(files.to_vec()).unwrap()).unwrap();
        AddEvidence(self.desk.clone()).execute(by, id, content, &self.once()).await
    }

    async fn offer(&self, by: &Actor, id: DisputeId, minor: i64) -> Outcome<DisputeView> {
        OfferSplit(self.desk.clone()).execute(by, id, (usd(minor), None), &self.once()).await
    }

    async fn settle(&self, by: &Actor, id: DisputeId, offer: i32) -> Outcome<DisputeView> {
        AcceptSplit(self.desk.clone()).execute(by, id, offer, &self.once()).await
    }

    async fn turn_down(&self, by: &Actor, id: DisputeId, offer: i32) -> Outcome<DisputeView> {
        RejectSplit(self.desk.clone()).execute(by, id, offer, &self.once()).await
    }

    async fn escalate(&self, by: &Actor, id: DisputeId) -> Outcome<DisputeView> {
        EscalateDispute(self.desk.clone()).execute(by, id, &self.once()).await
    }

    async fn decide(&self, by: &Actor, id: DisputeId, minor: i64) -> Outcome<DisputeView> {
        let decision = (usd(minor), DecisionReason::parse("half of it was usable").unwrap());
        DecideDispute(self.desk.clone()).execute(by, id, decision, &self.once()).await
    }

    async fn expire_disputes(&self) -> Result<u64, UseCaseError> {
        ExpireDisputes { desk: self.desk.clone(), disputes: self.store.clone() }.execute().await
    }

    async fn state_of(&self, id: DisputeId) -> DisputeState {
        self.seen(id).await.state
    }

    async fn seen(&self, id: DisputeId) -> Dispute {
        DisputeQueries::dispute(self.store.as_ref(), id).await.unwrap().unwrap().dispute
    }
}

#[tokio::test]
async fn two_sides_come_to_an_agreement() {
    let world = World::new().with_fees();
    let deal = Deal::active(&world, &[]).await;
    let opened = now(world.dispute(&deal.client, deal.order, 1, 0).await.unwrap());
    let id = opened.dispute.id;
    assert_eq!(world.told(), ["milestone.disputed"]);
    assert_eq!(world.order(deal.order).await.milestones[0].state, MilestoneState::Disputed);
    assert_eq!(word(&world.dispute(&deal.provider, deal.order, 1, 0).await), "invalid_transition disputed");
    world.offer(&deal.client, id, 2_000).await.unwrap();
    assert_eq!(word(&world.settle(&deal.client, id, 1).await), "invalid_transition awaiting_answer");
    let answered = now(world.offer(&deal.provider, id, 6_000).await.unwrap());
    assert_eq!(answered.dispute.state, DisputeState::Negotiating);
    world.turn_down(&deal.client, id, 2).await.unwrap();
    let told = ["dispute.offer_made", "dispute.offer_made", "dispute.offer_rejected"];
    assert_eq!(world.told(), told);
    world.offer(&deal.client, id, 4_000).await.unwrap();
    assert_eq!(word(&world.settle(&deal.provider, id, 1).await), "offer_over replaced");
    world.news();
    let settled = now(world.settle(&deal.provider, id, 3).await.unwrap());
    let resolution = settled.dispute.resolution.unwrap();
    assert_eq!((resolution.resolver, resolution.to_provider), (Resolver::Agreement, usd(4_000)));
    let told =
        ["dispute.decided", "payment.received", "payment.refunded", "contract.completed", "order.completed"];
    assert_eq!(world.told(), told);
    assert_eq!(world.holds(&deal.provider).await, (3_600, 0, 0));
    assert_eq!(world.holds(&deal.client).await, (9_500 + 6_300, 0, 0));
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Completed);
    assert_eq!(word(&world.offer(&deal.client, id, 1).await), "invalid_transition resolved");
}

#[tokio::test]
async fn an_administrator_decides() {
    let world = World::new().with_fees();
    let deal = Deal::active(&world, &[]).await;
    let id = world.disputed(&deal.provider, deal.order, 10_000).await;
    assert_eq!(word(&world.decide(&deal.admin, id, 1).await), "invalid_transition awaiting_answer");
    assert_eq!(word(&world.escalate(&deal.provider, id).await), "invalid_transition awaiting_answer");
    world.escalate(&deal.client, id).await.unwrap();
    world.news();
    assert_eq!(word(&world.decide(&deal.client, id, 1).await), "forbidden");
    assert_eq!(word(&world.decide(&deal.admin, id, 10_001).await), "more_than_disputed to_provider");
    let decided = now(world.decide(&deal.admin, id, 0).await.unwrap());
    let resolution = decided.dispute.resolution.unwrap();
    assert_eq!(
        (resolution.decided_by, resolution.resolver),
        (Some(deal.admin.user_id), Resolver::Administrator)
    );
    assert_eq!(world.told(), ["dispute.decided", "payment.refunded", "contract.ended", "order.cancelled"]);
    assert_eq!(world.holds(&deal.client).await, (20_000, 0, 0));
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Cancelled);
}

#[tokio::test]
async fn every_deadline_has_its_default() {
    let world = World::new();
    let deal = Deal::active(&world, &[1, 2, 3]).await;
    // 33.33, 33.33 and 33.34 are disputed.
    let silent = now(world.dispute(&deal.client, deal.order, 1, 1_000).await.unwrap()).dispute.id;
    let quarrel = now(world.dispute(&deal.client, deal.order, 2, 0).await.unwrap()).dispute.id;
    world.bring_forward(&deal.provider, quarrel, Some("no"), &[]).await.unwrap();
    world.news();
    world.clock.advance(ANSWER_PERIOD - TimeDelta::microseconds(1));
    assert_eq!(world.expire_disputes().await.unwrap(), 0);
    world.clock.advance(TimeDelta::microseconds(1));
    assert_eq!(world.expire_disputes().await.unwrap(), 1);
    assert_eq!(world.told(), ["dispute.decided", "payment.received", "payment.refunded"]);
    assert_eq!(world.seen(silent).await.resolution.unwrap().resolver, Resolver::Default);
    assert_eq!(world.holds(&deal.provider).await.0, 1_000, "as was asked");
    world.clock.advance(NEGOTIATION_PERIOD - ANSWER_PERIOD);
    assert_eq!(world.expire_disputes().await.unwrap(), 1);
    assert_eq!(
        (world.state_of(quarrel).await, world.told()),
        (DisputeState::InReview, vec!["dispute.escalated"])
    );
    world.clock.advance(REVIEW_PERIOD);
    assert_eq!(world.expire_disputes().await.unwrap(), 1);
    assert_eq!(world.state_of(quarrel).await, DisputeState::Resolved);
    assert_eq!(
        world.holds(&deal.provider).await.0,
        1_000 + 1_666,
        "a half, and the odd cent is the client's"
    );
    assert_eq!(world.expire_disputes().await.unwrap(), 0);
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Active, "the third goes on");
}

#[tokio::test]
async fn evidence_may_have_files_which_the_order_has_then() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let id = world.disputed(&deal.client, deal.order, 0).await;
    let file = world.file(&deal.provider, Purpose::Attachment).await;
    let others = world.file(&deal.client, Purpose::Attachment).await;
    assert_eq!(
        word(&world.bring_forward(&deal.provider, id, None, &[others]).await),
        "unknown_file file_ids[0]"
    );
    let view = now(world.bring_forward(&deal.provider, id, Some("see"), &[file]).await.unwrap());
    assert_eq!(view.evidence.len(), 1);
    assert_eq!(view.evidence[0].files, [(file, "outline.pdf".to_owned())]);
    assert_eq!(view.dispute.state, DisputeState::Negotiating);
    assert!(world.order(deal.order).await.files.iter().any(|shown| shown.id == file));
    assert_eq!(word(&world.bring_forward(&deal.provider, id, None, &[file]).await), "file_attached attached");
}

#[tokio::test]
async fn who_may_do_what() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    assert_eq!(word(&world.dispute(&deal.admin, deal.order, 1, 0).await), "forbidden");
    for stranger in [&deal.other_client, &deal.other_provider] {
        assert_eq!(word(&world.dispute(stranger, deal.order, 1, 0).await), "not_found");
    }
    assert_eq!(word(&world.dispute(&deal.client, unknown_order(), 1, 0).await), "not_found");
    assert_eq!(word(&world.dispute(&deal.client, deal.order, 2, 0).await), "not_found");
    assert_eq!(
        word(&world.dispute(&deal.client, deal.order, 1, 10_001).await),
        "more_than_disputed to_provider"
    );
    let id = world.disputed(&deal.client, deal.order, 0).await;
    let unknown = DisputeId::new(Uuid::nil());
    for (person, id, expected) in [
        (&deal.other_client, id, "not_found"),
        (&deal.other_provider, id, "not_found"),
        (&deal.admin, id, "forbidden"),
        (&deal.provider, unknown, "not_found"),
    ] {
        assert_eq!(word(&world.bring_forward(person, id, Some("x"), &[]).await), expected);
        assert_eq!(word(&world.offer(person, id, 1).await), expected);
        assert_eq!(word(&world.settle(person, id, 1).await), expected);
        assert_eq!(word(&world.turn_down(person, id, 1).await), expected);
        assert_eq!(word(&world.escalate(person, id).await), expected);
    }
    assert_eq!(word(&world.settle(&deal.provider, id, 1).await), "not_found", "no such offer");
    for (person, sees, lists) in [
        (&deal.client, "done", 1),
        (&deal.provider, "done", 1),
        (&deal.other_client, "not_found", 0),
        (&deal.other_provider, "not_found", 0),
    ] {
        let view = ViewDispute { disputes: world.store.clone() };
        assert_eq!(word(&view.execute(person, id).await), sees);
        let list = ListDisputes { disputes: world.store.clone() };
        assert_eq!(list.execute(person, None, EVERYTHING).await.unwrap().rows.len(), lists);
        let all = ListAllDisputes { disputes: world.store.clone() };
        assert_eq!(word(&all.execute(person, None, EVERYTHING).await), "forbidden");
    }
    let view = ViewDispute { disputes: world.store.clone() };
    assert_eq!(word(&view.execute(&deal.admin, id).await), "done");
    let all = ListAllDisputes { disputes: world.store.clone() };
    assert_eq!(
        all.execute(&deal.admin, Some(DisputeState::AwaitingAnswer), EVERYTHING).await.unwrap().total,
        1
    );
    assert_eq!(all.execute(&deal.admin, Some(DisputeState::InReview), EVERYTHING).await.unwrap().total, 0);
}

#[tokio::test]
async fn a_dispute_ends_what_was_proposed_about_the_same_money() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let terms = ProposalTerms::Refund { milestone: number(1) };
    let request = usecases::agreements::ProposalRequest { terms, message: None };
    let make = usecases::agreements::MakeProposal(world.desk.clone());
    make.execute(&deal.client, deal.order, request, &world.once()).await.unwrap();
    world.news();
    world.disputed(&deal.provider, deal.order, 10_000).await;
    assert_eq!(world.told(), ["milestone.disputed", "proposal.superseded"]);
}

#[tokio::test]
async fn of_an_approval_and_a_dispute_one_is_done() {
    for approval_first in [true, false] {
        let world = World::new();
        let deal = Deal::active(&world, &[]).await;
        world.submit(&deal.provider, deal.order, 1).await.unwrap();
        let approve = || spawn(&world, Command::Approve, &deal.client, Target::of(&deal));
        let dispute = || -> JoinHandle<String> {
            let (world, by, order) = (world.clone(), deal.provider, deal.order);
            tokio::spawn(async move { word(&world.dispute(&by, order, 1, 10_000).await) })
        };
        let (answers, lost) = if approval_first {
            (one_after_the_other(&world, approve, dispute).await, "invalid_transition completed")
        } else {
            (one_after_the_other(&world, dispute, approve).await, "invalid_transition disputed")
        };
        assert_eq!(answers, ("done".to_owned(), lost.to_owned()));
    }
}

#[tokio::test]
async fn nothing_is_assumed_of_a_side_that_is_shut_out() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let id = world.disputed(&deal.client, deal.order, 0).await;
    world.block(&deal.admin, &deal.provider).await;
    world.clock.advance(ANSWER_PERIOD);
    assert_eq!(world.expire_disputes().await.unwrap(), 1);
    assert_eq!(world.state_of(id).await, DisputeState::InReview);
    assert_eq!(world.holds(&deal.provider).await.0, 0);
    let decided = now(world.decide(&deal.admin, id, 4_000).await.unwrap());
    assert_eq!(decided.dispute.state, DisputeState::Resolved);
}

#[tokio::test]
async fn a_provider_is_not_paid_for_nothing_by_silence() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let id = world.disputed(&deal.provider, deal.order, 10_000).await;
    assert_eq!(world.seen(id).await.at_deadline(), Some(Deadline::Reviewed));
    world.clock.advance(ANSWER_PERIOD);
    assert_eq!(world.expire_disputes().await.unwrap(), 1);
    assert_eq!(world.state_of(id).await, DisputeState::InReview);
    assert_eq!(world.holds(&deal.provider).await.0, 0);
}

#[tokio::test]
async fn an_administrator_who_is_shut_out_decides_nothing() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let id = world.disputed(&deal.provider, deal.order, 10_000).await;
    world.escalate(&deal.client, id).await.unwrap();
    world.block(&world.admin_called("colleague").await, &deal.admin).await;
    assert_eq!(word(&world.decide(&deal.admin, id, 1).await), "account_blocked");
    assert_eq!(world.state_of(id).await, DisputeState::InReview);
}
