//! Facts about contracts and their milestones.

use chrono::SecondsFormat;
use domain::contracts::ContractEvent;
use domain::ids::MilestoneNumber;
use domain::money::ContractParties;
use serde_json::{Map, Value, json};

use super::{amount, contract, with};

pub(super) fn payload(event: &ContractEvent) -> Value {
    match event {
        ContractEvent::Made { contract: parties, price } => {
            with(contract(parties), [("price", amount(*price))])
        }
        ContractEvent::Funded { contract: parties, amount: paid } => {
            with(contract(parties), [("amount", amount(*paid))])
        }
        ContractEvent::Ended { contract: parties } | ContractEvent::Completed { contract: parties } => {
            Value::Object(contract(parties))
        }
        ContractEvent::MilestoneStarted { contract: parties, milestone: number }
        | ContractEvent::MilestoneChargedBack { contract: parties, milestone: number }
        | ContractEvent::MilestoneRefunded { contract: parties, milestone: number } => {
            Value::Object(milestone(parties, *number))
        }
        ContractEvent::MilestoneSubmitted { contract: parties, milestone: number, submission } => {
            with(milestone(parties, *number), [("submission", json!(submission))])
        }
        ContractEvent::ReleaseDue { contract: parties, milestone: number, releases_at } => {
            let releases_at = releases_at.to_rfc3339_opts(SecondsFormat::Micros, true);
            with(milestone(parties, *number), [("releases_at", json!(releases_at))])
        }
        ContractEvent::ChangesRequested { contract: parties, milestone: number, message } => {
            with(milestone(parties, *number), [("message", json!(message))])
        }
        ContractEvent::MilestoneApproved { contract: parties, milestone: number, by_clock } => {
            with(milestone(parties, *number), [("by_clock", json!(by_clock))])
        }
        ContractEvent::MilestoneDisputed { contract: parties, milestone: number, opened_by } => {
            with(milestone(parties, *number), [("opened_by", json!(opened_by.as_str()))])
        }
        ContractEvent::MilestoneDivided { contract: parties, milestone: number, to_provider, to_client } => {
            with(
                milestone(parties, *number),
                [("to_provider", amount(*to_provider)), ("to_client", amount(*to_client))],
            )
        }
        ContractEvent::DisputeDecided {
            contract: parties,
            milestone: number,
            to_provider,
            to_client,
            resolver,
        } => with(
            milestone(parties, *number),
            [
                ("to_provider", amount(*to_provider)),
                ("to_client", amount(*to_client)),
                ("resolver", json!(resolver.as_str())),
            ],
        ),
    }
}

fn milestone(parties: &ContractParties, number: MilestoneNumber) -> Map<String, Value> {
    let mut known = contract(parties);
    known.insert("milestone".to_owned(), json!(number.number()));
    known
}
