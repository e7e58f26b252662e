//! Disputes from their opening to the last cent.

use uuid::Uuid;

use super::*;
use crate::actor::{Issuer, Party};
use crate::contracts::tests::{awarded, balance, book, books, fees, names, number, planned, wallet, why};
use crate::contracts::{AutoReleasePeriod, Contract, MilestoneState, Outcome, Resolver};
use crate::files::FileList;
use crate::ids::DisputeId;
use crate::machine::{Refusal, walk};
use crate::money::{Account, Balances, FeeRule, Money, PayoutTo};
use crate::orders::{Order, OrderState};
use crate::sample::{at, client, issuer, provider, usd, user};

const PARTIES: [Party; 4] = [Party::Client, Party::Provider, Party::Admin, Party::System];

struct Scene {
    order: Order,
    contract: Contract,
    dispute: Dispute,
    books: Balances,
}

fn new(to_provider: i64) -> NewDispute {
    let id = DisputeId::new(Uuid::from_u128(4));
    NewDispute { id, milestone: number(1), reason: why(), to_provider: usd(to_provider) }
}

fn said(text: &str) -> EvidenceContent {
    EvidenceContent::new(EvidenceText::parse(text).ok(), FileList::default()).unwrap()
}

fn reason_given() -> DecisionReason {
    DecisionReason::parse("half of it was usable").unwrap()
}

/// A dispute about the only milestone of an order, opened by the client at hour 3, who wants the provider to
/// have 10.00 of it.
fn scene(price: i64) -> Scene {
    let rule = fees(1_000, 500);
    let paid = price + rule.client.of(usd(price)).minor();
    let (order, mut contract, funding) = awarded(planned(&[None]), price, rule, paid);
    let mut books = books(paid);
    book(&mut books, &funding.transactions);
    let (dispute, outcome) = open(&mut contract, new(1_000), client(), at(3)).unwrap();
    assert_eq!(names(&outcome), ["milestone.disputed"]);
    book(&mut books, &outcome.transactions);
    assert_eq!(balance(&books, Account::ContractDisputed(contract.id)), price);
    Scene { order, contract, dispute, books }
}

impl Scene {
    fn with<T>(&mut self, run: impl FnOnce(Means<'_>, &mut Dispute) -> T) -> T {
        let Self { order, contract, dispute, .. } = self;
        run(Means { order, contract, to: PayoutTo::Available }, dispute)
    }

    fn enter(mut self, state: DisputeState) -> Self {
        match state {
            DisputeState::AwaitingAnswer => {}
            DisputeState::Negotiating => {
                self.dispute.add_evidence(said("no"), provider(), at(4)).unwrap();
            }
            DisputeState::InReview => {
                self.dispute.escalate(provider(), at(4)).unwrap();
            }
            DisputeState::Resolved => {
                self.dispute.offer(usd(5), None, client(), at(4)).unwrap();
                let taken = self.with(|means, dispute| accept_offer(means, dispute, 1, provider(), at(5)));
                drop(taken.unwrap());
            }
        }
        assert_eq!(self.dispute.state, state);
        self
    }

    /// Each side has an offer that stands: the client's is number `.0`, the provider's number `.1`.
    fn with_offers(mut self) -> (Self, i32, i32) {
        let (state, due_at) = (self.dispute.state, self.dispute.due_at);
        for by in [client(), provider()] {
            if self.dispute.offer(usd(100), None, by, at(5)).is_err() {
                return (self, 1, 1);
            }
        }
        // The provider's would be an answer.
        (self.dispute.state, self.dispute.due_at) = (state, due_at);
        let of = |side| self.dispute.offers.iter().rfind(|offer| offer.side == side).unwrap().number;
        let (theirs, others) = (of(Party::Client), of(Party::Provider));
        (self, theirs, others)
    }
}

fn refusal(error: &DisputeError) -> Refusal {
    let DisputeError::Refused(refusal) = error else { panic!("{error}") };
    *refusal
}

#[test]
fn every_dispute_command_in_every_state_by_everybody() {
    // awaiting_answer negotiating in_review resolved; the client has opened it
    let expected = [
        ("answer", Party::Client, "negotiating - - -"),
        ("answer", Party::Provider, "negotiating - - -"),
        ("add_evidence", Party::Client, "awaiting_answer negotiating in_review -"),
        ("add_evidence", Party::Provider, "negotiating negotiating in_review -"),
        ("offer", Party::Client, "awaiting_answer negotiating in_review -"),
        ("offer", Party::Provider, "negotiating negotiating in_review -"),
        ("accept_offer", Party::Client, "- resolved resolved -"),
        ("accept_offer", Party::Provider, "resolved resolved resolved -"),
        ("reject_offer", Party::Client, "- negotiating in_review -"),
        ("reject_offer", Party::Provider, "negotiating negotiating in_review -"),
        ("escalate", Party::Client, "- in_review - -"),
        ("escalate", Party::Provider, "in_review in_review - -"),
        ("assume", Party::System, "resolved - - -"),
        ("review", Party::System, "in_review in_review - -"),
        ("decide", Party::Admin, "- - resolved -"),
        ("halve", Party::System, "- - resolved -"),
    ];
    walk::all(&DISPUTE_MACHINE, &PARTIES, &expected, |state, command, party| {
        let (mut scene, of_client, of_provider) = scene(10_000).enter(state).with_offers();
        let others = if party == Party::Client { of_provider } else { of_client };
        let before = (scene.order.clone(), scene.contract.clone(), scene.dispute.clone());
        let by = issuer(party);
        let late = at(24 * 60);
        let result: Result<(), DisputeError> = match command {
            DisputeCommand::Open => return "!", // It comes into being by it.
            DisputeCommand::Answer => {
                // A part of what the other side does.
                let next = DISPUTE_MACHINE.next(state, command, scene.dispute.party(by));
                return walk::outcome(next.map(DisputeState::as_str), |refusal| *refusal);
            }
            DisputeCommand::AddEvidence => scene.dispute.add_evidence(said("see"), by, at(6)).map(drop),
            DisputeCommand::Offer => scene.dispute.offer(usd(7), None, by, at(6)).map(drop),
            DisputeCommand::AcceptOffer => {
                scene.with(|means, dispute| accept_offer(means, dispute, others, by, at(6)).map(drop))
            }
            DisputeCommand::RejectOffer => scene.dispute.reject_offer(others, by, at(6)).map(drop),
            DisputeCommand::Escalate => scene.dispute.escalate(by, at(6)).map(drop),
            DisputeCommand::Decide => {
                let decision = (usd(7), reason_given());
                scene.with(|means, dispute| decide(means, dispute, decision, by, at(6)).map(drop))
            }
            DisputeCommand::Assume | DisputeCommand::Review | DisputeCommand::Halve => {
                // One timer for all three: which it is follows from the state, and from who can answer.
                let may_answer = command != DisputeCommand::Review;
                let its_own = DISPUTE_MACHINE.next(state, command, scene.dispute.party(by));
                if let Err(refused) = its_own {
                    return walk::outcome(Err(refused), |refusal| *refusal);
                }
                scene.with(|means, dispute| expire(means, dispute, may_answer, by, late).map(drop))
            }
        };
        let Scene { order, contract, dispute, .. } = scene;
        let state = dispute.state;
        assert_eq!(
            (dispute.due_at.is_none(), dispute.resolution.is_some()),
            (state.is_final(), state.is_final())
        );
        if result.is_err() {
            assert_eq!((order, contract, dispute), before, "a refused command changes nothing");
        }
        walk::outcome(result.map(|()| state.as_str()), refusal)
    });
}

#[test]
fn strangers_learn_nothing() {
    let stranger = Issuer::Person { user_id: user(77), role: crate::identity::Role::Writer };
    let mut scene = scene(10_000);
    let not_party = Refusal::NotParty { object: "dispute" };
    let opened = open(&mut scene.contract, new(0), stranger, at(4)).map(drop);
    assert_eq!(opened, Err(not_party.into()));
    assert_eq!(scene.dispute.offer(usd(1), None, stranger, at(4)), Err(not_party.into()));
    assert_eq!(scene.dispute.reject_offer(9, stranger, at(4)), Err(not_party.into()));
    assert_eq!(scene.dispute.add_evidence(said("me too"), stranger, at(4)).map(drop), Err(not_party.into()));
    let taken = scene.with(|means, dispute| accept_offer(means, dispute, 9, stranger, at(4)).map(drop));
    assert_eq!(taken, Err(not_party.into()));
}

#[test]
fn what_can_be_disputed() {
    let (_, contract, _) = awarded(planned(&[None, None]), 10_000, FeeRule::NONE, 10_000);
    let asked = |to_provider| open(&mut contract.clone(), new(to_provider), client(), at(3)).map(drop);
    assert_eq!((asked(0), asked(5_000)), (Ok(()), Ok(())));
    assert_eq!(asked(5_001), Err(DisputeError::MoreThanDisputed { amount: usd(5_000) }));
    let mut disputed = contract.clone();
    drop(open(&mut disputed, new(0), provider(), at(3)).unwrap());
    let again = open(&mut disputed, new(5_001), client(), at(4)).unwrap_err();
    let conflict = again.conflict().unwrap();
    assert_eq!((conflict.reason, conflict.state), ("invalid_transition", "disputed"), "409 before 422");
}

/// How a dispute about 100.01 ends; then wallets of client and provider, and the platform's fees.
#[test]
fn every_end_divides_to_the_cent() {
    type End = fn(Means<'_>, &mut Dispute) -> Result<Outcome, DisputeError>;
    let taken: End = |means, dispute| {
        dispute.offer(usd(4_000), None, client(), at(4))?;
        accept_offer(means, dispute, 1, provider(), at(5))
    };
    let silence: End = |means, dispute| {
        let due = dispute.due_at.unwrap();
        expire(means, dispute, true, Issuer::System, due)
    };
    let decided: End = |means, dispute| {
        dispute.escalate(provider(), at(4))?;
        decide(means, dispute, (usd(10_001), reason_given()), issuer(Party::Admin), at(5))
    };
    let refused: End = |means, dispute| {
        dispute.escalate(provider(), at(4))?;
        decide(means, dispute, (usd(0), reason_given()), issuer(Party::Admin), at(5))
    };
    let halved: End = |means, dispute| {
        dispute.escalate(provider(), at(4))?;
        let due = dispute.due_at.unwrap();
        expire(means, dispute, true, Issuer::System, due)
    };
    let table = [
        (taken, Resolver::Agreement, (6_301, 3_600, 600), OrderState::Completed),
        (silence, Resolver::Default, (9_451, 900, 150), OrderState::Completed),
        (decided, Resolver::Administrator, (0, 9_001, 1_500), OrderState::Completed),
        (refused, Resolver::Administrator, (10_501, 0, 0), OrderState::Cancelled),
        (halved, Resolver::Default, (5_251, 4_500, 750), OrderState::Completed),
    ];
    for (end, resolver, expected, state) in table {
        let mut scene = scene(10_001);
        let outcome = scene.with(end).unwrap();
        book(&mut scene.books, &outcome.transactions);
        let books = &scene.books;
        let got = (wallet(books, 1), wallet(books, 2), balance(books, Account::PlatformFees));
        assert_eq!(got, expected, "{resolver}");
        let id = scene.contract.id;
        for account in [Account::ContractEscrow(id), Account::ContractDisputed(id)] {
            assert_eq!(balance(books, account), 0);
        }
        assert_eq!((scene.order.state, scene.dispute.state), (state, DisputeState::Resolved));
        let resolution = scene.dispute.resolution.unwrap();
        assert_eq!(resolution.resolver, resolver);
        let is_decided = resolver == Resolver::Administrator;
        assert_eq!((resolution.reason.is_some(), resolution.decided_by.is_some()), (is_decided, is_decided));
        assert_eq!(names(&outcome).first(), Some(&"dispute.decided"));
        let milestone = scene.contract.milestone(number(1)).unwrap();
        let refunded = milestone.refunded_amount().map_or(0, Money::minor);
        assert_eq!(resolution.to_provider.minor() + refunded, 10_001);
        assert_eq!(milestone.state == MilestoneState::Refunded, resolution.to_provider.is_zero());
    }
}

#[test]
fn every_step_has_its_deadline_and_what_happens_at_it() {
    let mut scene = scene(10_001);
    let seen = |dispute: &Dispute| (dispute.due_at, dispute.at_deadline());
    let asked = Some(Deadline::Divided { to_provider: usd(1_000) });
    assert_eq!(seen(&scene.dispute), (Some(at(3) + ANSWER_PERIOD), asked));
    scene.dispute.add_evidence(said("look"), client(), at(4)).unwrap();
    assert_eq!(seen(&scene.dispute), (Some(at(3) + ANSWER_PERIOD), asked), "no answer by oneself");
    scene.dispute.add_evidence(said("no"), provider(), at(5)).unwrap();
    let negotiated = at(5) + NEGOTIATION_PERIOD;
    assert_eq!(seen(&scene.dispute), (Some(negotiated), Some(Deadline::Reviewed)));
    scene.dispute.offer(usd(1), None, provider(), at(6)).unwrap();
    assert_eq!(scene.dispute.due_at, Some(negotiated), "offers do not put it off");
    let early = negotiated - chrono::TimeDelta::seconds(1);
    let too_early = DisputeError::TooEarly { state: "negotiating", until: negotiated };
    let expired = scene.with(|means, dispute| expire(means, dispute, true, Issuer::System, early));
    assert_eq!(expired, Err(too_early));
    assert!(too_early.is_overtaken(), "it has another deadline than the timer knew");
    let expired =
        scene.with(|means, dispute| expire(means, dispute, true, Issuer::System, negotiated)).unwrap();
    assert_eq!((names(&expired), expired.transactions.len()), (vec!["dispute.escalated"], 0));
    let half = Some(Deadline::Divided { to_provider: usd(5_000) });
    assert_eq!(
        seen(&scene.dispute),
        (Some(negotiated + REVIEW_PERIOD), half),
        "the odd cent is the client's"
    );
    let due = negotiated + REVIEW_PERIOD;
    drop(scene.with(|means, dispute| expire(means, dispute, true, Issuer::System, due)).unwrap());
    assert_eq!(seen(&scene.dispute), (None, None));
    let again = scene.with(|means, dispute| expire(means, dispute, true, Issuer::System, due)).unwrap_err();
    assert!(again.is_overtaken(), "it is resolved");
    let stranger = scene.with(|means, dispute| expire(means, dispute, true, client(), due)).unwrap_err();
    assert!(!stranger.is_overtaken() && !DisputeError::WrongContract.is_overtaken());
    assert_eq!(scene.dispute.offers[0].state, OfferState::Void);
}

#[test]
fn each_side_has_one_offer_that_stands() {
    let mut scene = scene(10_000);
    scene.dispute.offer(usd(1), None, client(), at(4)).unwrap();
    scene.dispute.offer(usd(2), None, provider(), at(4)).unwrap();
    scene.dispute.offer(usd(3), None, client(), at(5)).unwrap();
    let states = |dispute: &Dispute| dispute.offers.iter().map(|offer| offer.state).collect::<Vec<_>>();
    use OfferState::{Accepted, Rejected, Replaced, Standing, Void};
    assert_eq!(states(&scene.dispute), [Replaced, Standing, Standing]);
    assert_eq!(
        scene.dispute.reject_offer(3, client(), at(6)),
        Err(DisputeError::OwnOffer { state: "standing" })
    );
    assert_eq!(
        scene.dispute.reject_offer(1, provider(), at(6)),
        Err(DisputeError::OfferOver { state: "replaced" })
    );
    assert_eq!(scene.dispute.reject_offer(4, provider(), at(6)), Err(DisputeError::UnknownOffer));
    let taken = scene.with(|means, dispute| accept_offer(means, dispute, 1, provider(), at(6)).map(drop));
    assert_eq!(taken, Err(DisputeError::OfferOver { state: "replaced" }));
    scene.dispute.reject_offer(2, client(), at(6)).unwrap();
    scene.dispute.offer(usd(5), None, provider(), at(7)).unwrap();
    drop(scene.with(|means, dispute| accept_offer(means, dispute, 3, provider(), at(8))).unwrap());
    assert_eq!(states(&scene.dispute), [Replaced, Rejected, Accepted, Void]);
    assert_eq!(scene.dispute.resolution.unwrap().to_provider, usd(3));
}

#[test]
fn nobody_takes_the_room_of_the_other_side() {
    let mut scene = scene(10_000);
    for _ in 0..MOST_OFFERS {
        scene.dispute.offer(usd(1), None, client(), at(4)).unwrap();
    }
    for nth in 1..=MOST_EVIDENCE {
        let (evidence, _) = scene.dispute.add_evidence(said("and"), client(), at(4)).unwrap();
        assert_eq!(usize::try_from(evidence.number), Ok(nth));
    }
    let full = DisputeError::TooMany { state: "awaiting_answer" };
    assert_eq!(scene.dispute.offer(usd(10_001), None, client(), at(5)), Err(full), "409 before 422");
    assert_eq!(scene.dispute.add_evidence(said("and"), client(), at(5)).map(drop), Err(full));
    scene.dispute.offer(usd(2), None, provider(), at(5)).unwrap();
    let (evidence, _) = scene.dispute.add_evidence(said("but"), provider(), at(5)).unwrap();
    assert_eq!(usize::try_from(evidence.number), Ok(MOST_EVIDENCE + 1));
    assert_eq!(scene.dispute.state, DisputeState::Negotiating);
}

#[test]
fn silence_settles_nothing_of_those_who_cannot_speak_and_pays_nobody_for_nothing() {
    let opened = |to_provider, by, is_handed_in: bool| {
        let (order, mut contract, _) = awarded(planned(&[None]), 10_000, FeeRule::NONE, 10_000);
        if is_handed_in {
            contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(2)).unwrap();
        }
        let (dispute, _) = open(&mut contract, new(to_provider), by, at(3)).unwrap();
        (order, contract, dispute)
    };
    for (to_provider, by, is_handed_in, may_answer, expected) in [
        (1_000, client(), false, true, DisputeState::Resolved),
        (1_000, client(), false, false, DisputeState::InReview),
        (10_000, provider(), false, true, DisputeState::InReview),
        (0, provider(), false, true, DisputeState::Resolved),
        (10_000, provider(), true, true, DisputeState::Resolved),
        (10_000, provider(), true, false, DisputeState::InReview),
    ] {
        let (mut order, mut contract, mut dispute) = opened(to_provider, by, is_handed_in);
        let settles = is_handed_in || by == client() || to_provider == 0;
        assert_eq!(matches!(dispute.at_deadline(), Some(Deadline::Divided { .. })), settles);
        let due = dispute.due_at.unwrap();
        let means = Means { order: &mut order, contract: &mut contract, to: PayoutTo::Available };
        let outcome = expire(means, &mut dispute, may_answer, Issuer::System, due).unwrap();
        assert_eq!(dispute.state, expected, "{to_provider} {is_handed_in} {may_answer}");
        let is_reviewed = expected == DisputeState::InReview;
        assert_eq!(names(&outcome).first() == Some(&"dispute.escalated"), is_reviewed);
        assert_eq!(dispute.due_at, is_reviewed.then_some(due + REVIEW_PERIOD));
    }
    let (.., dispute) = opened(1, client(), false);
    assert_eq!(dispute.answerer(), dispute.contract.provider_id);
    let (.., dispute) = opened(1, provider(), false);
    assert_eq!(dispute.answerer(), dispute.contract.client_id);
}

#[test]
fn nobody_offers_or_decides_more_than_there_is() {
    let mut scene = scene(10_000).enter(DisputeState::InReview);
    let before = (scene.contract.clone(), scene.dispute.clone());
    let too_much = DisputeError::MoreThanDisputed { amount: usd(10_000) };
    assert_eq!(scene.dispute.offer(usd(10_001), None, client(), at(5)), Err(too_much));
    let admin = issuer(Party::Admin);
    let decision = (usd(10_001), reason_given());
    let decided = scene.with(|means, dispute| decide(means, dispute, decision, admin, at(5)));
    assert_eq!(decided, Err(too_much));
    assert_eq!(too_much.impossible(), Some("more_than_disputed"));
    assert_eq!((scene.contract, scene.dispute), before);
}

#[test]
fn only_administrators_look_after_disputes() {
    use crate::actor::Actor;
    use crate::identity::Role;
    for role in Role::ALL {
        let actor = Actor { user_id: user(1), session_id: crate::ids::SessionId::new(Uuid::nil()), role };
        assert_eq!(administer_disputes(&actor).is_ok(), role == Role::Admin, "{role}");
    }
}
