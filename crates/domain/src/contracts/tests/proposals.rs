//! What the two sides agree on: every command in every state by everybody, and what becomes of the money.

use super::*;
use crate::actor::Party;
use crate::ids::ProposalId;
use crate::machine::{Refusal, walk};
use crate::money::PayoutTo;
use crate::orders::OrderState;
use crate::sample::{issuer, provider};

const PARTIES: [Party; 4] = [Party::Client, Party::Provider, Party::Admin, Party::System];

fn means(available: i64) -> Means {
    Means { provider_available: usd(available), to: PayoutTo::Available }
}

fn new(terms: ProposalTerms) -> NewProposal {
    let message = ProposalMessage::parse("let us be done").ok();
    NewProposal { id: ProposalId::new(Uuid::from_u128(3)), terms, message }
}

fn made(terms: ProposalTerms, contract: &Contract, by: Issuer) -> Result<Proposal, ContractError> {
    Proposal::make(new(terms), contract, &[], by, at(5)).map(|(proposal, _)| proposal)
}

fn part(place: i32, minor: i64) -> ProposalTerms {
    ProposalTerms::PartialRelease { milestone: number(place), to_provider: usd(minor) }
}

fn refund(place: i32) -> ProposalTerms {
    ProposalTerms::Refund { milestone: number(place) }
}

fn back(place: i32, minor: i64) -> ProposalTerms {
    ProposalTerms::Return { milestone: number(place), amount: usd(minor) }
}

fn end(minor: i64) -> ProposalTerms {
    ProposalTerms::Cancellation { to_provider: usd(minor) }
}

/// An order of two milestones at 50.00 each, paid for, the books with it; the first is completed.
fn scene(rule: FeeRule) -> (Order, Contract, Balances) {
    let (mut order, mut contract, funding) = awarded(planned(&[None, None]), 10_000, rule, 20_000);
    let mut books = books(20_000);
    book(&mut books, &funding.transactions);
    contract.submit(number(1), None, AutoReleasePeriod::default(), provider(), at(3)).unwrap();
    let paid = approve(&mut order, &mut contract, number(1), PayoutTo::Available, client(), at(4)).unwrap();
    book(&mut books, &paid.transactions);
    (order, contract, books)
}

#[test]
fn every_proposal_command_in_every_state_by_everybody() {
    // open accepted rejected withdrawn lapsed superseded; the client has made it
    let expected = [
        ("accept", Party::Client, "own_proposal - - - - -"),
        ("accept", Party::Provider, "accepted - - - - -"),
        ("reject", Party::Client, "own_proposal - - - - -"),
        ("reject", Party::Provider, "rejected - - - - -"),
        ("withdraw", Party::Client, "withdrawn - - - - -"),
        ("withdraw", Party::Provider, "others_proposal - - - - -"),
        ("default", Party::System, "accepted - - - - -"),
        ("lapse", Party::System, "lapsed - - - - -"),
        ("supersede", Party::System, "superseded - - - - -"),
    ];
    walk::all(&PROPOSAL_MACHINE, &PARTIES, &expected, |state, command, party| {
        let (mut order, mut contract, _) = scene(FeeRule::NONE);
        let terms = if command == ProposalCommand::Default { refund(2) } else { end(10) };
        let mut proposal = made(terms, &contract, client()).unwrap();
        proposal.state = state;
        let before = (order.clone(), contract.clone(), proposal.clone());
        let (by, late) = (issuer(party), at(5) + PROPOSAL_PERIOD);
        let result = match command {
            ProposalCommand::OfferPart
            | ProposalCommand::AskRefund
            | ProposalCommand::AskReturn
            | ProposalCommand::OfferEnd => return "!", // It comes into being by them.
            ProposalCommand::Accept => {
                accept_proposal(&mut order, &mut contract, &mut proposal, means(0), by, at(6)).map(drop)
            }
            ProposalCommand::Reject => proposal.reject(by, at(6)).map(drop),
            ProposalCommand::Withdraw => proposal.withdraw(by, at(6)).map(drop),
            ProposalCommand::Default | ProposalCommand::Lapse => {
                let expired = expire_proposal(&mut order, &mut contract, &mut proposal, means(0), by, late);
                expired.map(drop)
            }
            ProposalCommand::Supersede if party != Party::System => return "!", // Nobody is asked.
            ProposalCommand::Supersede => {
                drop(open_dispute(&mut contract, number(2), why(), client(), at(6)).unwrap());
                let ended = proposal.supersede(&contract, at(6));
                ended.map(drop).ok_or_else(|| PROPOSAL_MACHINE.refuse(state, command).into())
            }
        };
        if result.is_err() && command != ProposalCommand::Supersede {
            assert_eq!((order, contract, proposal.clone()), before, "a refused command changes nothing");
        }
        assert_eq!(proposal.ended_at.is_some(), result.is_ok());
        match result {
            Err(error @ (ContractError::OwnProposal { .. } | ContractError::OthersProposal { .. })) => {
                error.conflict().unwrap().reason
            }
            result => walk::outcome(result.map(|()| proposal.state.as_str()), |error| {
                let ContractError::Refused(refusal) = error else { panic!("{error}") };
                *refusal
            }),
        }
    });
}

#[test]
fn who_may_propose_what() {
    let (_, contract, _) = scene(FeeRule::NONE);
    // by client and by provider
    let table = [
        (part(2, 10), true, false),
        (refund(2), true, false),
        (back(1, 10), true, false),
        (end(10), true, true),
    ];
    for (terms, by_client, by_provider) in table {
        let command = terms.kind().command().as_str();
        let refused = Refusal::NotPermitted { object: "proposal", command };
        for (party, may) in [
            (Party::Client, by_client),
            (Party::Provider, by_provider),
            (Party::Admin, false),
            (Party::System, false),
        ] {
            let got = made(terms, &contract, issuer(party)).map(|proposal| proposal.proposed_by);
            let expected = if may { Ok(party) } else { Err(refused.into()) };
            assert_eq!(got, expected, "{command} {party:?}");
        }
        let stranger = Issuer::Person { user_id: user(77), role: crate::identity::Role::Client };
        assert_eq!(made(terms, &contract, stranger), Err(Refusal::NotParty { object: "proposal" }.into()));
    }
}

#[test]
fn what_can_be_proposed() {
    let (_, contract, _) = scene(FeeRule::NONE);
    let (_, unpaid, _) = awarded(planned(&[None, None]), 10_000, FeeRule::NONE, 0);
    let mut disputed = contract.clone();
    drop(open_dispute(&mut disputed, number(2), why(), client(), at(4)).unwrap());
    // terms; about a contract with its first milestone completed, one not paid for, one disputed
    let table = [
        (part(2, 1), ["ok", "unfunded", "disputed"]),
        (part(2, 5_000), ["ok", "unfunded", "disputed"]),
        (part(1, 1), ["completed", "unfunded", "completed"]),
        (refund(2), ["ok", "unfunded", "disputed"]),
        (refund(1), ["completed", "unfunded", "completed"]),
        (back(1, 5_000), ["ok", "unfunded", "ok"]),
        (back(2, 1), ["funded", "unfunded", "disputed"]),
        (end(0), ["ok", "pending_funding", "disputed"]),
        (end(5_000), ["ok", "pending_funding", "disputed"]),
        (part(2, 0), ["amount_too_small", "unfunded", "disputed"]),
        (part(2, 5_001), ["amount_too_large", "unfunded", "disputed"]),
        (back(1, 0), ["amount_too_small", "unfunded", "amount_too_small"]),
        (back(1, 5_001), ["amount_too_large", "unfunded", "amount_too_large"]),
        (end(5_001), ["amount_too_large", "pending_funding", "disputed"]),
        (refund(9), ["no such milestone"; 3]),
    ];
    for (terms, expected) in table {
        for (contract, expected) in [&contract, &unpaid, &disputed].into_iter().zip(expected) {
            let got = match made(terms, contract, client()) {
                Ok(proposal) => {
                    assert_eq!(proposal.expires_at, at(5) + PROPOSAL_PERIOD);
                    "ok".to_owned()
                }
                Err(error) => match (error.conflict(), error.impossible()) {
                    (Some(conflict), _) => conflict.state.to_owned(),
                    (None, Some(reason)) => {
                        assert_eq!(error.field().as_deref(), Some("amount"));
                        reason.to_owned()
                    }
                    (None, None) => error.to_string(),
                },
            };
            assert_eq!(got, expected, "{terms:?}");
        }
    }
}

#[test]
fn particulars_go_with_their_kind() {
    let (milestone, amount) = (Some(number(1)), Some(usd(5)));
    for kind in ProposalKind::ALL.iter().copied() {
        let needs_amount = kind != ProposalKind::Refund;
        let needs_milestone = kind != ProposalKind::Cancellation;
        let (milestone, amount) = (milestone.filter(|_| needs_milestone), amount.filter(|_| needs_amount));
        let terms = ProposalTerms::new(kind, milestone, amount).unwrap();
        assert_eq!((terms.kind(), terms.milestone(), terms.amount()), (kind, milestone, amount));
        let other = ProposalTerms::new(kind, (!needs_milestone).then(|| number(1)), amount).unwrap_err();
        assert!(other.is_about_milestone(), "{kind}");
        let other = ProposalTerms::new(kind, milestone, (!needs_amount).then(|| usd(5))).unwrap_err();
        assert!(!other.is_about_milestone(), "{kind}");
    }
}

#[test]
fn one_open_proposal_of_a_kind_about_a_thing() {
    let (_, contract, _) = scene(FeeRule::NONE);
    let mut standing = [made(part(2, 10), &contract, client()).unwrap()];
    let again =
        |standing: &[Proposal], terms| Proposal::make(new(terms), &contract, standing, client(), at(6));
    assert_eq!(reason(again(&standing, part(2, 20))), "duplicate_proposal");
    assert_eq!(reason(again(&standing, part(2, 0))), "duplicate_proposal", "409 before 422");
    assert!(again(&standing, refund(2)).is_ok(), "another kind");
    standing[0].withdraw(client(), at(6)).unwrap();
    assert!(again(&standing, part(2, 20)).is_ok(), "it is over");
}

/// What is agreed; then wallets of client and provider, fees, escrow; and states of milestone, contract
/// and order.
type Sums = (i64, i64, i64, i64);
type Case = (ProposalTerms, Issuer, Sums, MilestoneState, OrderState, &'static [&'static str]);

#[expect(clippy::too_many_lines, reason = "a table")]
#[test]
fn what_is_agreed_is_done_to_the_cent() {
    use MilestoneState::{Completed, Funded, Refunded};
    let before: Sums = (9_500, 4_500, 750, 5_250);
    let table: [Case; 8] = [
        (
            part(2, 2_000),
            provider(),
            (12_650, 6_300, 1_050, 0),
            Completed,
            OrderState::Completed,
            &[
                "milestone.divided",
                "payment.received",
                "payment.refunded",
                "contract.completed",
                "order.completed",
            ],
        ),
        (
            part(2, 5_000),
            provider(),
            (9_500, 9_000, 1_500, 0),
            Completed,
            OrderState::Completed,
            &["milestone.approved", "payment.received", "contract.completed", "order.completed"],
        ),
        (
            refund(2),
            provider(),
            (14_750, 4_500, 750, 0),
            Refunded,
            OrderState::Completed,
            &["milestone.refunded", "payment.refunded", "contract.completed", "order.completed"],
        ),
        (
            back(1, 1_000),
            provider(),
            (10_550, 3_600, 600, 5_250),
            Funded,
            OrderState::Active,
            &["payment.returned"],
        ),
        (
            back(1, 5_000),
            provider(),
            (14_750, 0, 0, 5_250),
            Funded,
            OrderState::Active,
            &["payment.returned"],
        ),
        (
            end(0),
            provider(),
            (14_750, 4_500, 750, 0),
            Refunded,
            OrderState::Cancelled,
            &["milestone.refunded", "payment.refunded", "contract.ended", "order.cancelled"],
        ),
        (
            end(1),
            provider(),
            (14_749, 4_501, 750, 0),
            Completed,
            OrderState::Cancelled,
            &[
                "milestone.divided",
                "payment.received",
                "payment.refunded",
                "contract.ended",
                "order.cancelled",
            ],
        ),
        (
            end(5_000),
            provider(),
            (9_500, 9_000, 1_500, 0),
            Completed,
            OrderState::Cancelled,
            &["milestone.approved", "payment.received", "contract.ended", "order.cancelled"],
        ),
    ];
    for (terms, by, after, milestone, state, told) in table {
        let (mut order, mut contract, mut books) = scene(fees(1_000, 500));
        let standing = |books: &Balances, contract: &Contract| {
            let held = balance(books, Account::ContractEscrow(contract.id));
            (wallet(books, 1), wallet(books, 2), balance(books, Account::PlatformFees), held)
        };
        assert_eq!(standing(&books, &contract), before);
        let mut proposal = made(terms, &contract, client()).unwrap();
        let means = means(wallet(&books, 2));
        let outcome = accept_proposal(&mut order, &mut contract, &mut proposal, means, by, at(6)).unwrap();
        book(&mut books, &outcome.transactions);
        assert_eq!(standing(&books, &contract), after, "{terms:?}");
        assert_eq!(contract.escrow.held().map(Money::minor), Ok(after.3), "{terms:?}");
        assert_eq!(names(&outcome), [&["proposal.accepted"], told].concat(), "{terms:?}");
        let states = (contract.milestone(number(2)).unwrap().state, order.state, proposal.state);
        assert_eq!(states, (milestone, state, ProposalState::Accepted), "{terms:?}");
        assert_eq!(contract.state.is_final(), order.state.is_final(), "{terms:?}");
    }
}

#[test]
fn an_end_is_dealt_out_in_the_order_of_the_milestones() {
    let (mut order, mut contract, _) = awarded(planned(&[None; 3]), 9_000, FeeRule::NONE, 9_000);
    let mut proposal = made(end(4_000), &contract, provider()).unwrap();
    let outcome =
        accept_proposal(&mut order, &mut contract, &mut proposal, means(0), client(), at(6)).unwrap();
    let parts = |milestone: &Milestone| {
        (
            milestone.released.map_or(0, |part| part.gross.minor()),
            milestone.refunded_amount().map_or(0, Money::minor),
        )
    };
    let dealt: Vec<_> = contract.milestones.iter().map(parts).collect();
    assert_eq!(dealt, [(3_000, 0), (1_000, 2_000), (0, 3_000)]);
    assert_eq!(outcome.transactions.len(), 3);
    assert_eq!((contract.state, contract.ended_at), (ContractState::Cancelled, Some(at(6))));
    assert_eq!((order.state, order.cancelled_at), (OrderState::Cancelled, Some(at(6))));
}

#[test]
fn nothing_comes_back_from_an_empty_wallet() {
    let (mut order, mut contract, _) = scene(fees(1_000, 500));
    let mut proposal = made(back(1, 5_000), &contract, client()).unwrap();
    let before = (contract.clone(), proposal.clone());
    let mut accept = |available| {
        accept_proposal(&mut order, &mut contract, &mut proposal, means(available), provider(), at(6))
    };
    let short = ContractError::InsufficientFunds { required: usd(4_500), available: usd(4_499) };
    assert_eq!(accept(4_499), Err(short));
    assert_eq!(short.impossible(), Some("insufficient_funds"));
    assert_eq!((contract, proposal), before, "a refused command changes nothing");
}

#[test]
fn money_may_come_back_several_times() {
    let (mut order, mut contract, mut books) = scene(fees(1_000, 500));
    for nth in 1..=3 {
        let mut proposal = made(back(1, 1_000), &contract, client()).unwrap();
        let means = means(wallet(&books, 2));
        let outcome =
            accept_proposal(&mut order, &mut contract, &mut proposal, means, provider(), at(6)).unwrap();
        book(&mut books, &outcome.transactions);
        let milestone = contract.milestone(number(1)).unwrap();
        assert_eq!(milestone.returned.map(|returned| returned.times), Some(nth));
    }
    let milestone = contract.milestone(number(1)).unwrap();
    assert_eq!((milestone.kept(), milestone.refunded_amount()), (Ok(usd(2_000)), Some(usd(3_000))));
    let more = made(back(1, 2_001), &contract, client()).unwrap_err();
    assert_eq!(more, ContractError::MoreThanThere { amount: usd(2_000) });
}

#[test]
fn silence_lapses_but_for_work_that_was_never_begun() {
    let late = at(5) + PROPOSAL_PERIOD;
    let expire = |terms, submitted: bool| {
        let (mut order, mut contract, _) = scene(FeeRule::NONE);
        if submitted {
            contract.submit(number(2), None, AutoReleasePeriod::default(), provider(), at(4)).unwrap();
        }
        let mut proposal = made(terms, &contract, client()).unwrap();
        let means = means(0);
        let early = late - chrono::TimeDelta::seconds(1);
        let too_early =
            expire_proposal(&mut order, &mut contract, &mut proposal, means, Issuer::System, early);
        assert_eq!(reason(too_early), "too_early");
        let outcome =
            expire_proposal(&mut order, &mut contract, &mut proposal, means, Issuer::System, late).unwrap();
        (proposal.state, names(&outcome).first().copied(), order.state)
    };
    let lapsed = (ProposalState::Lapsed, Some("proposal.lapsed"), OrderState::Active);
    assert_eq!(
        expire(refund(2), false),
        (ProposalState::Accepted, Some("proposal.accepted"), OrderState::Completed)
    );
    assert_eq!(expire(refund(2), true), lapsed, "something was handed in");
    for terms in [part(2, 10), back(1, 10), end(10)] {
        assert_eq!(expire(terms, false), lapsed, "{terms:?}");
    }
}

#[test]
fn what_is_settled_or_disputed_ends_the_proposals_about_it() {
    let all = [part(2, 10), refund(2), back(1, 10), end(10)];
    let superseded_by = |change: fn(&mut Order, &mut Contract)| {
        let (mut order, mut contract, _) = scene(FeeRule::NONE);
        contract.submit(number(2), None, AutoReleasePeriod::default(), provider(), at(4)).unwrap();
        let mut proposals = all.map(|terms| made(terms, &contract, client()).unwrap());
        assert!(proposals.iter_mut().all(|one| one.supersede(&contract, at(6)).is_none()), "as it was");
        change(&mut order, &mut contract);
        let mut accepted = proposals.clone();
        for one in &mut accepted {
            let result =
                accept_proposal(&mut order, &mut contract.clone(), one, means(5_000), provider(), at(7));
            let is_outdated = matches!(result, Err(ContractError::ProposalOutdated { .. }));
            assert_eq!(is_outdated, one.clone().supersede(&contract, at(7)).is_some());
        }
        proposals.each_mut().map(|one| one.supersede(&contract, at(7)).is_some())
    };
    let worked_on = superseded_by(|_, contract| {
        contract.request_changes(number(2), message("more"), client(), at(6)).unwrap();
    });
    assert_eq!(worked_on, [false; 4], "work goes on meanwhile");
    let disputed = superseded_by(|_, contract| {
        drop(open_dispute(contract, number(2), why(), provider(), at(6)).unwrap());
    });
    assert_eq!(disputed, [true, true, false, true]);
    let settled = superseded_by(|order, contract| {
        drop(approve(order, contract, number(2), PayoutTo::Available, client(), at(6)).unwrap());
    });
    assert_eq!(settled, [true, true, false, true]);
    let returned = superseded_by(|_, contract| {
        drop(give_back(contract, (number(1), usd(1)), usd(1), Issuer::System, at(6)).unwrap());
    });
    assert_eq!(returned, [false, false, true, false]);
}

#[test]
fn proposals_are_seen_by_their_two_sides_and_administrators() {
    use crate::actor::Actor;
    use crate::identity::Role;
    let (_, contract, _) = scene(FeeRule::NONE);
    let session_id = crate::ids::SessionId::new(Uuid::nil());
    let table = [
        (1, Role::Client, true),
        (2, Role::Writer, true),
        (3, Role::Client, false),
        (4, Role::Writer, false),
        (5, Role::Admin, true),
    ];
    for (id, role, may) in table {
        let actor = Actor { user_id: user(id), session_id, role };
        assert_eq!(may_read_agreements(&actor, &contract.parties()), may, "{id} {role}");
    }
}
