//! Disputes: who may do what, what is wrong with a request, and how one is shown. What is done with a good
//! request is tested with the use cases.

use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::actor::Party;
use domain::contracts::DisputeReason;
use domain::disputes::{Dispute, DisputeState, EvidenceCount, OfferState, SplitMessage, SplitOffer};
use domain::ids::{ContractId, DisputeId, FileId, MilestoneNumber, OrderId};
use domain::money::ContractParties;
use ports::disputes::{DisputeQueries, DisputeScope, DisputeView, DueDispute, EvidenceView};
use ports::list::{Slice, Window};
use ports::store::StoreError;
use serde_json::{Value, json};
use usecases::disputes::{
    AcceptSplit, AddEvidence, DecideDispute, EscalateDispute, ListAllDisputes, ListDisputes, OfferSplit,
    OpenDispute, RejectSplit, ViewDispute,
};
use uuid::Uuid;

use super::orders::{desk, moment, usd, user};
use super::support::{Faults, World, covers, example, faults, get, post, start};
use crate::disputes::DisputeUseCases;

pub(super) fn use_cases(world: &Arc<World>) -> DisputeUseCases {
    let disputes: Arc<dyn DisputeQueries> = world.clone();
    let desk = || desk(world);
    DisputeUseCases {
        open: Arc::new(OpenDispute(desk())),
        add_evidence: Arc::new(AddEvidence(desk())),
        offer: Arc::new(OfferSplit(desk())),
        accept: Arc::new(AcceptSplit(desk())),
        reject: Arc::new(RejectSplit(desk())),
        escalate: Arc::new(EscalateDispute(desk())),
        decide: Arc::new(DecideDispute(desk())),
        list: Arc::new(ListDisputes { disputes: disputes.clone() }),
        list_all: Arc::new(ListAllDisputes { disputes: disputes.clone() }),
        view: Arc::new(ViewDispute { disputes }),
    }
}

/// A dispute between person 2, the client, and person 1.
fn dispute() -> Dispute {
    let opened_at = moment("2024-01-14T18:00:00Z");
    Dispute {
        id: DisputeId::new(Uuid::from_u128(6)),
        contract: ContractParties {
            contract_id: ContractId::new(Uuid::from_u128(7)),
            order_id: OrderId::new(1).unwrap(),
            client_id: user(2),
            provider_id: user(1),
        },
        milestone: MilestoneNumber::FIRST,
        amount: usd(2_875),
        opened_by: Party::Client,
        reason: DisputeReason::parse("The charts are missing.").unwrap(),
        asked: usd(1_000),
        state: DisputeState::AwaitingAnswer,
        due_at: Some(moment("2024-01-21T18:00:00Z")),
        offers: vec![SplitOffer {
            number: 1,
            side: Party::Client,
            to_provider: usd(1_500),
            message: SplitMessage::parse("I can live with that.").ok(),
            state: OfferState::Standing,
            made_at: opened_at,
            ended_at: None,
        }],
        silence_settles: true,
        evidence: EvidenceCount { client: 1, provider: 0 },
        resolution: None,
        opened_at,
        updated_at: opened_at,
        version: 0,
    }
}

#[async_trait]
impl DisputeQueries for World {
    async fn dispute(&self, id: DisputeId) -> Result<Option<DisputeView>, StoreError> {
        let dispute = dispute();
        let evidence = vec![EvidenceView {
            number: 1,
            side: Party::Client,
            author_id: user(2),
            text: Some("The brief asked for them.".to_owned()),
            files: vec![(FileId::new(Uuid::from_u128(31)), "chart.png".to_owned())],
            added_at: dispute.opened_at,
        }];
        Ok((id == dispute.id).then_some(DisputeView { dispute, evidence }))
    }

    async fn disputes(
        &self,
        _: DisputeScope,
        _: Option<DisputeState>,
        _: Window,
    ) -> Result<Slice<Dispute>, StoreError> {
        Ok(Slice { rows: vec![dispute()], total: 1, next: None })
    }

    async fn due_disputes(
        &self,
        _: DateTime<Utc>,
        _: Option<DueDispute>,
        _: u32,
    ) -> Result<Vec<DueDispute>, StoreError> {
        Ok(vec![])
    }
}

#[actix_web::test]
async fn a_dispute_is_shown_with_its_deadline_and_what_was_said() {
    let app = start().await;
    let uri = format!("/api/v1/disputes/{}", Uuid::from_u128(6));
    let shown = app.send(get(&uri, "client:2")).await.json();
    let description = serde_json::to_value(crate::openapi()).unwrap();
    covers(&shown, &example(&description, "get", "/api/v1/disputes/{dispute_id}", "200"), "");
    let dispute = &shown["data"]["dispute"];
    assert_eq!(dispute["at_deadline"], json!({"outcome": "divided", "to_provider": 10.0}));
    assert_eq!(dispute["offers"][0]["to_provider"], json!(15.0));
    assert_eq!(dispute["evidence"][0]["files"][0]["name"], "chart.png");
    assert_eq!(dispute["evidence"][0]["text"], json!("The brief asked for them."));
    for (token, status) in [("writer:1", 200), ("client:3", 404), ("writer:4", 404), ("admin:9", 200)] {
        assert_eq!(app.send(get(&uri, token)).await.status, status, "{token}");
    }
}

#[actix_web::test]
async fn lists_are_for_the_sides_and_for_administrators() {
    let app = start().await;
    for (path, token, status) in [
        ("/api/v1/disputes", "client:2", 200),
        ("/api/v1/disputes?state=in_review", "writer:1", 200),
        ("/api/v1/disputes", "admin:9", 403),
        ("/api/v1/disputes?state=lost", "client:2", 400),
        ("/api/v1/admin/disputes?state=all", "admin:9", 200),
        ("/api/v1/admin/disputes", "client:2", 403),
        ("/api/v1/admin/disputes", "writer:1", 403),
    ] {
        assert_eq!(app.send(get(path, token)).await.status, status, "{path} {token}");
    }
}

#[actix_web::test]
async fn what_is_wrong_with_a_request_is_told() {
    const NO_NUMBER: &str = "must be the number of a milestone, from 1 on";
    let app = start().await;
    let one = format!("/api/v1/disputes/{}", Uuid::from_u128(6));
    let (evidence, offers) = (format!("{one}/evidence"), format!("{one}/offers"));
    let decide = format!("/api/v1/admin/disputes/{}/decide", Uuid::from_u128(6));
    let cases: [(&str, &str, Value, Faults<'_>); 6] = [
        (
            "/api/v1/disputes",
            "client:2",
            json!({"order_id": "ORD-001", "milestone_id": 0, "reason": " ", "to_provider": -1}),
            &[
                ("milestone_id", NO_NUMBER),
                ("reason", "must not be empty"),
                ("to_provider", "must not be negative"),
            ],
        ),
        (&evidence, "writer:1", json!({}), &[("text", "must not be empty unless files are attached")]),
        (
            &evidence,
            "writer:1",
            json!({"text": " ", "file_ids": []}),
            &[("text", "must not be empty unless files are attached")],
        ),
        (
            &offers,
            "writer:1",
            json!({"to_provider": 100_000_000}),
            &[("to_provider", "must be at most 99999999.99")],
        ),
        (&decide, "admin:9", json!({"to_provider": 1, "reason": ""}), &[("reason", "must not be empty")]),
        (
            &decide,
            "admin:9",
            json!({"to_provider": -1, "reason": "r"}),
            &[("to_provider", "must not be negative")],
        ),
    ];
    for (path, token, body, expected) in cases {
        let answer = app.send(post(path, token, &body.to_string())).await;
        assert_eq!(answer.status, 400, "{path} {body}");
        assert_eq!(answer.json()["error"]["details"]["errors"], faults(expected), "{path} {body}");
    }
    let unknown =
        json!({"order_id": "nothing", "milestone_id": 1, "reason": "r", "to_provider": 0}).to_string();
    let refused =
        app.send(post("/api/v1/disputes", "client:2", &unknown)).await.expect_error(400, "VALIDATION_ERROR");
    assert_eq!(refused["errors"], faults(&[("order_id", "must be the id of an order, such as ORD-001")]));
}
