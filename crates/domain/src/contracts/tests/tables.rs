//! The tables of contracts and milestones, every cell of them.

use super::*;
use crate::actor::Party;
use crate::machine::{Refusal, walk};
use crate::orders::OrderState;
use crate::sample::issuer;

const PARTIES: [Party; 4] = [Party::Client, Party::Provider, Party::Admin, Party::System];

fn refusal(error: &ContractError) -> Refusal {
    let ContractError::Refused(refusal) = error else { panic!("{error}") };
    *refusal
}

/// A contract over two milestones of which the first is in `state`.
fn with_first_in(state: MilestoneState) -> (Order, Contract) {
    let available = if state == MilestoneState::Unfunded { 0 } else { 10_000 };
    let (mut order, mut contract, _) = awarded(planned(&[None, None]), 10_000, fees(1_000, 0), available);
    let (one, nothing) = (number(1), usd(0));
    let way: &[(MilestoneCommand, Party)] = match state {
        MilestoneState::Unfunded | MilestoneState::Funded => &[],
        MilestoneState::InProgress => &[(MilestoneCommand::Start, Party::Provider)],
        MilestoneState::Submitted => &[(MilestoneCommand::Submit, Party::Provider)],
        MilestoneState::ChangesRequested => {
            &[(MilestoneCommand::Submit, Party::Provider), (MilestoneCommand::RequestChanges, Party::Client)]
        }
        MilestoneState::Disputed => &[(MilestoneCommand::Dispute, Party::Client)],
        MilestoneState::Completed => {
            &[(MilestoneCommand::Submit, Party::Provider), (MilestoneCommand::Approve, Party::Client)]
        }
        MilestoneState::Refunded => &[(MilestoneCommand::Refund, Party::Provider)],
    };
    for (command, party) in way {
        let both = (&mut order, &mut contract);
        issue(both, *command, one, nothing, issuer(*party), at(3)).unwrap();
    }
    assert_eq!(contract.milestone(one).unwrap().state, state);
    (order, contract)
}

#[test]
fn every_milestone_command_in_every_state_by_everybody() {
    // unfunded funded in_progress submitted changes_requested disputed completed refunded
    let expected = [
        ("start", Party::Provider, "- in_progress in_progress - in_progress - - -"),
        ("submit", Party::Provider, "- submitted submitted - submitted - - -"),
        ("request_changes", Party::Client, "- - - changes_requested - - - -"),
        ("remind", Party::System, "- - - submitted - - - -"),
        ("approve", Party::Client, "- - - completed - - - -"),
        ("auto_release", Party::System, "- - - completed - - - -"),
        ("refund", Party::Provider, "- refunded refunded refunded refunded - - -"),
        ("divide", Party::System, "- completed completed completed completed - - -"),
        ("give_back", Party::System, "- refunded refunded refunded refunded - - -"),
        ("return", Party::System, "- - - - - - completed -"),
        ("charge_back", Party::System, "- refunded refunded refunded refunded - completed -"),
        ("dispute", Party::Client, "- disputed disputed disputed disputed - - -"),
        ("dispute", Party::Provider, "- disputed disputed disputed disputed - - -"),
        ("decide_for_provider", Party::Admin, "- - - - - completed - -"),
        ("decide_for_provider", Party::System, "- - - - - completed - -"),
        ("decide_for_client", Party::Admin, "- - - - - refunded - -"),
        ("clear", Party::System, "- - - - - - completed -"),
        ("decide_for_client", Party::System, "- - - - - refunded - -"),
    ];
    walk::all(&MILESTONE_MACHINE, &PARTIES, &expected, |state, command, party| {
        if matches!(command, MilestoneCommand::Plan | MilestoneCommand::Fund) {
            return "!"; // Parts of `award` and `fund`, which have tests of their own.
        }
        let (mut order, mut contract) = with_first_in(state);
        let before = (order.clone(), contract.clone());
        let to_provider = if command == MilestoneCommand::DecideForClient { usd(0) } else { usd(1) };
        let both = (&mut order, &mut contract);
        let result = issue(both, command, number(1), to_provider, issuer(party), day(90));
        if result.is_err() {
            assert_eq!((order, contract.clone()), before, "a refused command changes nothing");
        }
        let state = contract.milestone(number(1)).unwrap().state;
        walk::outcome(result.map(|_| state.as_str()), refusal)
    });
}

#[test]
fn strangers_and_unknown_milestones() {
    let stranger = Issuer::Person { user_id: user(77), role: crate::identity::Role::Writer };
    let (mut order, mut contract) = with_first_in(MilestoneState::Submitted);
    for command in MilestoneCommand::ALL {
        if matches!(command, MilestoneCommand::Plan | MilestoneCommand::Fund) {
            continue;
        }
        for place in [1, 9] {
            let both = (&mut order, &mut contract);
            let result = issue(both, *command, number(place), usd(1), stranger, at(3));
            assert_eq!(result, Err(Refusal::NotParty { object: "milestone" }.into()), "{command} {place}");
        }
    }
    let unknown = approve(&mut order, &mut contract, number(9), PayoutTo::Available, client(), at(3));
    assert_eq!(unknown, Err(ContractError::UnknownMilestone));
}

/// A contract of two milestones in `state`, with its order.
fn contract_in(state: ContractState) -> (Order, Contract) {
    let milestone = match state {
        ContractState::PendingFunding | ContractState::Cancelled => MilestoneState::Unfunded,
        ContractState::Active => MilestoneState::Submitted,
        ContractState::Disputed => MilestoneState::Disputed,
        ContractState::Completed => MilestoneState::Completed,
    };
    let (order, mut contract) = with_first_in(milestone);
    contract.state = state;
    (order, contract)
}

#[test]
fn every_contract_command_in_every_state_by_everybody() {
    // pending_funding active disputed completed cancelled
    let expected = [
        ("fund", Party::Client, "active - - - -"),
        ("end", Party::Client, "cancelled - - - -"),
        ("end", Party::Provider, "cancelled - - - -"),
        ("end", Party::System, "cancelled - - - -"),
        ("dispute", Party::Client, "- disputed disputed - -"),
        ("dispute", Party::Provider, "- disputed disputed - -"),
        ("resume", Party::System, "- - active - -"),
        ("complete", Party::System, "- completed - - -"),
        ("revoke", Party::System, "- cancelled - - -"),
        ("give_bonus", Party::Client, "- active disputed completed -"),
        ("dissolve", Party::System, "- cancelled - - -"),
    ];
    walk::all(&CONTRACT_MACHINE, &PARTIES, &expected, |state, command, party| {
        let (_, mut contract) = contract_in(state);
        let result = match command {
            ContractCommand::Make => return "!", // It comes into being by it.
            ContractCommand::End => contract.end(issuer(party), at(3)).map(|_| contract.state),
            ContractCommand::Fund
            | ContractCommand::Dispute
            | ContractCommand::Resume
            | ContractCommand::Complete
            | ContractCommand::Revoke
            | ContractCommand::GiveBonus
            | ContractCommand::Dissolve => contract.next(command, issuer(party)),
        };
        walk::outcome(result.map(ContractState::as_str), |refusal| *refusal)
    });
}

#[test]
fn only_a_pending_order_is_paid_for() {
    for state in OrderState::ALL {
        let (mut order, mut contract, _) = awarded(order(), 10_000, FeeRule::NONE, 0);
        order.state = *state;
        let before = (order.clone(), contract.clone());
        let result = fund(&mut order, &mut contract, usd(10_000), client(), at(3));
        if *state == OrderState::Pending {
            assert!(result.is_ok());
        } else {
            assert_eq!(reason(result), "invalid_transition", "{state}");
            assert_eq!((order, contract), before, "a refused command changes nothing");
        }
    }
}

#[test]
fn the_coarse_words() {
    let expected = [
        "pending",
        "pending",
        "in-progress",
        "in-progress",
        "in-progress",
        "in-progress",
        "completed",
        "completed",
    ];
    for (state, status) in MilestoneState::ALL.iter().zip(expected) {
        assert_eq!(state.status().as_str(), status, "{state}");
    }
}
