//! Proposals: who may do what, what is wrong with a request, and how one is shown. What is done with a
//! good request is tested with the use cases.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::actor::Party;
use domain::contracts::{PROPOSAL_PERIOD, Proposal, ProposalKind, ProposalState, ProposalTerms};
use domain::ids::{ContractId, MilestoneNumber, OrderId, ProposalId};
use domain::money::ContractParties;
use ports::agreements::{ExpiredProposal, ProposalQueries};
use ports::list::{Slice, Window};
use ports::store::StoreError;
use serde_json::{Value, json};
use usecases::agreements::{
    AcceptProposal, ListProposals, MakeProposal, RejectProposal, ViewProposal, WithdrawProposal,
};
use usecases::contracts::RefundMilestone;
use uuid::Uuid;

use super::orders::{desk, moment, usd, user};
use super::support::{Faults, World, covers, example, faults, get, post, start};
use crate::agreements::AgreementUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> AgreementUseCases {
    let proposals: Arc<dyn ProposalQueries> = world.clone();
    let desk = || desk(world);
    AgreementUseCases {
        propose: Arc::new(MakeProposal(desk())),
        accept: Arc::new(AcceptProposal(desk())),
        reject: Arc::new(RejectProposal(desk())),
        withdraw: Arc::new(WithdrawProposal(desk())),
        list: Arc::new(ListProposals { proposals: proposals.clone(), orders: world.clone() }),
        view: Arc::new(ViewProposal { proposals }),
        refund: Arc::new(RefundMilestone(desk())),
    }
}

/// A proposal of person 2 to person 1.
fn proposal(kind: ProposalKind) -> Proposal {
    let milestone = (kind != ProposalKind::Cancellation).then_some(MilestoneNumber::FIRST);
    let amount = (kind != ProposalKind::Refund).then(|| usd(2_000));
    Proposal {
        id: ProposalId::new(Uuid::from_u128(5)),
        contract: ContractParties {
            contract_id: ContractId::new(Uuid::from_u128(7)),
            order_id: OrderId::new(1).unwrap(),
            client_id: user(2),
            provider_id: user(1),
        },
        terms: ProposalTerms::new(kind, milestone, amount).unwrap(),
        at_stake: usd(2_875),
        message: None,
        proposed_by: Party::Client,
        state: ProposalState::Open,
        created_at: moment("2024-01-14T18:00:00Z"),
        expires_at: moment("2024-01-14T18:00:00Z") + PROPOSAL_PERIOD,
        ended_at: None,
        version: 0,
    }
}

#[async_trait]
impl ProposalQueries for World {
    async fn proposal(&self, id: ProposalId) -> Result<Option<Proposal>, StoreError> {
        let kinds = ProposalKind::ALL.iter().zip(5_u128..);
        let found = kinds.into_iter().find(|(_, number)| id == ProposalId::new(Uuid::from_u128(*number)));
        Ok(found.map(|(kind, _)| proposal(*kind)))
    }

    async fn proposals(&self, _: OrderId, _: Window) -> Result<Slice<Proposal>, StoreError> {
        let rows = ProposalKind::ALL.iter().map(|kind| proposal(*kind)).collect();
        Ok(Slice { rows, total: 4, next: None })
    }

    async fn expired_proposals(
        &self,
        _: DateTime<Utc>,
        _: Option<ExpiredProposal>,
        _: u32,
    ) -> Result<Vec<ExpiredProposal>, StoreError> {
        Ok(vec![])
    }
}

#[actix_web::test]
async fn a_proposal_is_shown_as_the_description_says() {
    let app = start().await;
    let description = serde_json::to_value(crate::openapi()).unwrap();
    let path = "/api/v1/proposals/{proposal_id}";
    let expected = example(&description, "get", path, "200");
    // kind, milestone_id, amount
    let kinds = [
        ("partial_release", json!(1), json!(20.0)),
        ("refund", json!(1), json!(28.75)),
        ("return", json!(1), json!(20.0)),
        ("cancellation", Value::Null, json!(20.0)),
    ];
    for ((kind, milestone, amount), number) in kinds.into_iter().zip(5..) {
        let uri = format!("/api/v1/proposals/{}", Uuid::from_u128(number));
        let answer = app.send(get(&uri, "client:2")).await;
        assert_eq!(answer.status, 200, "{kind}");
        let answer = answer.json();
        let shown = &answer["data"]["proposal"];
        assert_eq!(
            (&shown["kind"], &shown["milestone_id"], &shown["amount"]),
            (&json!(kind), &milestone, &amount)
        );
        if kind == "partial_release" {
            let mut expected = expected.clone();
            expected["data"]["proposal"]["message"] = Value::Null;
            covers(&answer, &expected, "");
        }
    }
    for (token, status) in [("writer:1", 200), ("client:3", 404), ("writer:4", 404), ("admin:9", 200)] {
        let uri = format!("/api/v1/proposals/{}", Uuid::from_u128(5));
        assert_eq!(app.send(get(&uri, token)).await.status, status, "{token}");
    }
}

#[actix_web::test]
async fn what_is_wrong_with_a_proposal_is_told() {
    const KINDS: &str = "must be one of partial_release, refund, return, cancellation";
    const REQUIRED: &str = "is required for a proposal of this kind";
    const UNWANTED: &str = "must not be given for a proposal of this kind";
    const NO_NUMBER: &str = "must be the number of a milestone, from 1 on";
    let app = start().await;
    let cases: [(Value, Faults<'_>); 9] = [
        (json!({"kind": "gift"}), &[("kind", KINDS)]),
        (json!({"kind": "partial_release", "amount": 1}), &[("milestone_id", REQUIRED)]),
        (json!({"kind": "return", "milestone_id": 1}), &[("amount", REQUIRED)]),
        (json!({"kind": "refund", "milestone_id": 1, "amount": 1}), &[("amount", UNWANTED)]),
        (json!({"kind": "cancellation", "milestone_id": 1, "amount": 1}), &[("milestone_id", UNWANTED)]),
        (json!({"kind": "refund", "milestone_id": 0}), &[("milestone_id", NO_NUMBER)]),
        (json!({"kind": "refund", "milestone_id": 2_147_483_648_i64}), &[("milestone_id", NO_NUMBER)]),
        (json!({"kind": "cancellation", "amount": -1}), &[("amount", "must not be negative")]),
        (
            json!({"kind": "refund", "milestone_id": 1, "message": "a\u{0}b"}),
            &[("message", "must not contain control characters")],
        ),
    ];
    for (body, expected) in cases {
        let answer = app.send(post("/api/v1/orders/ORD-001/proposals", "client:2", &body.to_string())).await;
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(answer.json()["error"]["details"]["errors"], faults(expected), "{body}");
    }
}
