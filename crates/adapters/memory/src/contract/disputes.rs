//! Disputes, what is said in them, and the lists of them.

use std::pin::pin;

use chrono::{TimeDelta, Utc};
use domain::actor::{Issuer, Party};
use domain::contracts::DisputeReason;
use domain::disputes::{
    self, DecisionReason, Dispute, DisputeState, Evidence, EvidenceContent, EvidenceText, Means, NewDispute,
    OfferState, REVIEW_PERIOD, SplitMessage,
};
use domain::files::{File, FileList, Purpose, attachments};
use domain::identity::Role;
use domain::ids::{ContractId, DisputeId, FileId, UserId};
use domain::money::{Account, ContractParties, PayoutTo};
use ports::disputes::{DisputeScope, DisputeView, DueDispute, EvidenceView};
use ports::files::AttachClaim;
use ports::list::{Slice, Window};
use ports::store::{StoreError, UnitOfWork};

use super::Subject;
use super::deal_scene::{Deal, a_deal, fees, record};
use super::files::stored_file;
use super::market_scene::{number, reloaded_contract};
use super::money_scene::{balances, usd};
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback, stored_user};

const EVERYTHING: Window = Window::Page { offset: 0, limit: 100 };

async fn funded(subject: &Subject, minor: i64, steps: usize) -> Deal {
    let mut deal = a_deal(subject, minor, &vec![None; steps], fees()).await;
    deal.fund(subject).await;
    deal
}

fn reason(text: &str) -> DisputeReason {
    DisputeReason::parse(text).expect("a reason")
}

/// One side opens a dispute about a milestone; order and contract are saved beside it.
async fn opened(subject: &Subject, deal: &mut Deal, milestone: i32, by: Issuer) -> Dispute {
    let new = NewDispute {
        id: DisputeId::new(fresh_uuid()),
        milestone: number(milestone),
        reason: reason("Zeile 1\n\"Zeile\" 2\t\\"),
        to_provider: usd(1),
    };
    let (dispute, outcome) = disputes::open(&mut deal.contract, new, by, now()).expect("it is opened");
    let mut work = begin(subject).await;
    work.disputes().insert(&dispute).await.expect("it is inserted");
    deal.save(work.as_mut(), outcome).await;
    commit(work).await;
    dispute
}

async fn disputed(subject: &Subject) -> (Deal, Dispute) {
    let mut deal = funded(subject, 10_000, 2).await;
    let by = deal.client();
    let dispute = opened(subject, &mut deal, 1, by).await;
    (deal, dispute)
}

async fn lock(work: &mut dyn UnitOfWork, id: DisputeId) -> Option<Dispute> {
    work.disputes().lock(id).await.expect("the question is answered")
}

async fn view(subject: &Subject, id: DisputeId) -> Option<DisputeView> {
    subject.disputes.dispute(id).await.expect("the question is answered")
}

async fn save(subject: &Subject, dispute: &mut Dispute) {
    let mut work = begin(subject).await;
    work.disputes().save(dispute).await.expect("it is saved");
    commit(work).await;
}

pub(super) async fn a_dispute_is_found_as_it_was_opened(subject: &Subject) {
    let mut deal = funded(subject, 10_001, 2).await;
    let (client, provider) = (deal.client(), deal.provider());
    for (milestone, by) in [(1, client), (2, provider)] {
        let dispute = opened(subject, &mut deal, milestone, by).await;
        let mut work = begin(subject).await;
        let found = work.disputes().find(dispute.id).await.expect("the question is answered");
        assert_eq!(found, Some(deal.order.id));
        assert_eq!(lock(work.as_mut(), dispute.id).await.as_ref(), Some(&dispute));
        let inside = work.disputes().view(dispute.id).await.expect("the question is answered");
        rollback(work).await;
        let expected = DisputeView { dispute: dispute.clone(), evidence: Vec::new() };
        assert_eq!(inside.as_ref(), Some(&expected));
        assert_eq!(view(subject, dispute.id).await, Some(expected));
    }
    let unknown = DisputeId::new(fresh_uuid());
    let mut work = begin(subject).await;
    assert_eq!(work.disputes().find(unknown).await.expect("the question is answered"), None);
    assert_eq!(work.disputes().view(unknown).await.expect("the question is answered"), None);
    assert_eq!(lock(work.as_mut(), unknown).await, None);
    rollback(work).await;
    assert_eq!(view(subject, unknown).await, None);
}

pub(super) async fn a_milestone_is_disputed_once(subject: &Subject) {
    let (deal, dispute) = disputed(subject).await;
    let another = Dispute { id: DisputeId::new(fresh_uuid()), ..dispute.clone() };
    let nowhere = Dispute {
        id: DisputeId::new(fresh_uuid()),
        contract: ContractParties { contract_id: ContractId::new(fresh_uuid()), ..dispute.contract },
        ..dispute.clone()
    };
    let no_milestone = Dispute { milestone: number(3), ..another.clone() };
    for wrong in [&another, &dispute, &nowhere, &no_milestone] {
        let mut work = begin(subject).await;
        let refused = work.disputes().insert(wrong).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        rollback(work).await;
    }
    assert_eq!(reloaded_contract(subject, deal.order.id).await.as_ref(), Some(&deal.contract));
}

pub(super) async fn a_dispute_is_locked(subject: &Subject) {
    let (deal, dispute) = disputed(subject).await;
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut held = lock(first.as_mut(), dispute.id).await.expect("it is there");
    {
        let mut waiting = pin!(second.disputes().lock(dispute.id));
        must_wait(waiting.as_mut(), "the second transaction").await;
        held.offer(usd(2), None, deal.provider(), now()).expect("an offer");
        first.disputes().save(&mut held).await.expect("it is saved");
        commit(first).await;
        let seen = must_end(waiting, "the second transaction").await.expect("the lock comes");
        // Offers are those of the moment in which the order was locked, before: here nobody did.
        let seen = seen.expect("it is there");
        assert_eq!((seen.state, seen.version), (DisputeState::Negotiating, held.version));
    }
    rollback(second).await;
}

pub(super) async fn offers_are_saved_with_their_dispute(subject: &Subject) {
    let (deal, mut dispute) = disputed(subject).await;
    let message = |raw| Some(SplitMessage::parse(raw).expect("a message"));
    dispute.offer(usd(4_000), message("It is\n\"done\"."), deal.provider(), now()).expect("an offer");
    save(subject, &mut dispute).await;
    dispute.offer(usd(3_000), None, deal.client(), now()).expect("an offer");
    dispute.offer(usd(3_500), message("x"), deal.provider(), now()).expect("an offer");
    save(subject, &mut dispute).await;
    let states = |dispute: &Dispute| dispute.offers.iter().map(|offer| offer.state).collect::<Vec<_>>();
    assert_eq!(states(&dispute), [OfferState::Replaced, OfferState::Standing, OfferState::Standing]);
    assert_eq!(view(subject, dispute.id).await.expect("it is there").dispute, dispute);
    dispute.reject_offer(2, deal.provider(), now()).expect("it stands");
    dispute.escalate(deal.client(), now()).expect("they negotiate");
    save(subject, &mut dispute).await;
    assert_eq!(states(&dispute)[1], OfferState::Rejected);
    let mut work = begin(subject).await;
    assert_eq!(lock(work.as_mut(), dispute.id).await, Some(dispute));
    rollback(work).await;
}

pub(super) async fn what_a_dispute_is_about_stays(subject: &Subject) {
    let (deal, dispute) = disputed(subject).await;
    let mut changed = Dispute {
        asked: usd(2),
        opened_by: Party::Provider,
        reason: reason("another"),
        amount: usd(4_999),
        opened_at: now() - TimeDelta::days(9),
        silence_settles: false,
        ..dispute.clone()
    };
    changed.offer(usd(7), None, deal.client(), now()).expect("an offer");
    save(subject, &mut changed).await;
    let expected = Dispute {
        state: changed.state,
        due_at: changed.due_at,
        offers: changed.offers.clone(),
        updated_at: changed.updated_at,
        version: changed.version,
        ..dispute
    };
    assert_eq!(view(subject, expected.id).await.expect("it is there").dispute, expected);
}

pub(super) async fn a_stale_dispute_is_not_saved(subject: &Subject) {
    let (deal, mut dispute) = disputed(subject).await;
    let mut stale = dispute.clone();
    dispute.offer(usd(5), None, deal.provider(), now()).expect("an offer");
    save(subject, &mut dispute).await;
    assert!(dispute.version > stale.version);
    let mut nowhere = Dispute { id: DisputeId::new(fresh_uuid()), ..dispute.clone() };
    for refused in [&mut stale, &mut nowhere] {
        let mut work = begin(subject).await;
        let saved = work.disputes().save(refused).await;
        assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
        assert!(matches!(work.commit().await, Err(StoreError::Spoilt)));
    }
    assert_eq!(view(subject, dispute.id).await.expect("it is there").dispute, dispute);
}

fn content(text: Option<&str>, files: &[&File]) -> EvidenceContent {
    let text = text.map(|raw| EvidenceText::parse(raw).expect("a text"));
    let files = FileList::new(files.iter().map(|file| file.id).collect()).expect("a list");
    EvidenceContent::new(text, files).expect("something is said")
}

fn shown(evidence: &Evidence, files: &[&File]) -> EvidenceView {
    EvidenceView {
        number: evidence.number,
        side: evidence.side,
        author_id: evidence.author_id,
        text: evidence.content.text().map(|text| text.as_str().to_owned()),
        files: files.iter().map(|file| (file.id, file.name.as_str().to_owned())).collect(),
        added_at: evidence.added_at,
    }
}

pub(super) async fn evidence_is_shown_with_its_files(subject: &Subject) {
    let (deal, mut dispute) = disputed(subject).await;
    let mut files = Vec::new();
    for _ in 0..3 {
        files.push(stored_file(subject, deal.order.client_id, Purpose::Attachment).await);
    }
    let said = [
        (content(Some("Zeile 1\n\"Zeile\" 2\t\\"), &[]), deal.provider(), vec![]),
        (content(None, &[&files[2], &files[0]]), deal.client(), vec![&files[2], &files[0]]),
        (content(Some("and this"), &[&files[1]]), deal.client(), vec![&files[1]]),
    ];
    let mut expected = Vec::new();
    for (content, by, named) in said {
        let (evidence, _) = dispute.add_evidence(content, by, now()).expect("there is room");
        let mut work = begin(subject).await;
        let wanted = attachments(evidence.content.files(), deal.order.id, None, now());
        if !wanted.is_empty() {
            let claim = work.attachments().attach(&wanted).await.expect("the question is answered");
            assert_eq!(claim, AttachClaim::Granted);
        }
        work.disputes().add_evidence(&evidence).await.expect("it is kept");
        work.disputes().save(&mut dispute).await.expect("it is saved");
        expected.push(shown(&evidence, &named));
        let inside = work.disputes().view(dispute.id).await.expect("the question is answered");
        assert_eq!(inside.expect("it is there").evidence, expected);
        commit(work).await;
    }
    assert_eq!(view(subject, dispute.id).await, Some(DisputeView { dispute, evidence: expected }));
}

pub(super) async fn evidence_belongs_to_what_is_there(subject: &Subject) {
    let (deal, mut dispute) = disputed(subject).await;
    let before = dispute.clone();
    let (evidence, _) =
        dispute.add_evidence(content(Some("x"), &[]), deal.client(), now()).expect("there is room");
    let unknown = FileList::new(vec![FileId::new(fresh_uuid())]).expect("a list");
    let elsewhere = EvidenceContent::new(None, unknown).expect("a file");
    let wrong = [
        Evidence { dispute_id: DisputeId::new(fresh_uuid()), ..evidence.clone() },
        Evidence { content: elsewhere, ..evidence.clone() },
    ];
    for wrong in &wrong {
        let mut work = begin(subject).await;
        let refused = work.disputes().add_evidence(wrong).await;
        assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
        rollback(work).await;
    }
    let mut work = begin(subject).await;
    work.disputes().add_evidence(&evidence).await.expect("it is kept");
    let twice = work.disputes().add_evidence(&evidence).await;
    assert!(matches!(twice, Err(StoreError::Refused(_))), "{twice:?}");
    rollback(work).await;
    assert_eq!(view(subject, before.id).await, Some(DisputeView { dispute: before, evidence: vec![] }));
}

fn means(deal: &mut Deal) -> Means<'_> {
    Means { order: &mut deal.order, contract: &mut deal.contract, to: PayoutTo::Available }
}

pub(super) async fn a_resolution_is_saved_with_the_contract(subject: &Subject) {
    let mut deal = funded(subject, 9_000, 3).await;
    let (client, provider) = (deal.client(), deal.provider());
    let administrator = stored_user(subject).await.id;
    for milestone in 1..=3 {
        let mut dispute = opened(subject, &mut deal, milestone, client).await;
        dispute.offer(usd(1_000), None, provider, now()).expect("an offer");
        let outcome = match milestone {
            1 => disputes::accept_offer(means(&mut deal), &mut dispute, 1, client, now()),
            2 => {
                dispute.escalate(provider, now()).expect("they negotiate");
                let why = DecisionReason::parse("Half\nof it").expect("a reason");
                let by = Issuer::Person { user_id: administrator, role: Role::Admin };
                disputes::decide(means(&mut deal), &mut dispute, (usd(0), why), by, now())
            }
            _ => {
                dispute.escalate(provider, now()).expect("they negotiate");
                let late = now() + REVIEW_PERIOD + TimeDelta::hours(1);
                disputes::expire(means(&mut deal), &mut dispute, true, Issuer::System, late)
            }
        };
        let outcome = outcome.expect("it is resolved");
        let mut work = begin(subject).await;
        work.disputes().save(&mut dispute).await.expect("it is saved");
        work.orders().save(&mut deal.order).await.expect("the order is saved");
        work.contracts().save(&mut deal.contract).await.expect("the contract is saved");
        record(work.as_mut(), outcome).await;
        commit(work).await;
        assert!(dispute.resolution.is_some());
        assert_eq!(view(subject, dispute.id).await.expect("it is there").dispute, dispute);
        assert_eq!(reloaded_contract(subject, deal.order.id).await.as_ref(), Some(&deal.contract));
    }
    assert_eq!(deal.contract.escrow.released, usd(2_500));
    let mut work = begin(subject).await;
    let accounts = [Account::ContractEscrow(deal.contract.id), Account::ContractDisputed(deal.contract.id)];
    assert_eq!(balances(work.as_mut(), &accounts).await, [0, 0]);
    rollback(work).await;
}

async fn listed(
    subject: &Subject,
    whose: UserId,
    state: Option<DisputeState>,
    window: Window,
) -> Slice<Dispute> {
    let found = subject.disputes.disputes(DisputeScope::Of(whose), state, window).await;
    found.expect("a list")
}

pub(super) async fn disputes_are_listed(subject: &Subject) {
    let mut deal = funded(subject, 10_000, 4).await;
    let client = deal.client();
    let mut all = Vec::new();
    for milestone in [2, 1, 4, 3] {
        all.push(opened(subject, &mut deal, milestone, client).await);
    }
    all[1].offer(usd(1), None, deal.provider(), now()).expect("an offer");
    save(subject, &mut all[1]).await;
    disputed(subject).await;
    all.reverse();
    for whose in [deal.order.client_id, deal.bid.provider_id] {
        let Slice { rows, total, next } = listed(subject, whose, None, EVERYTHING).await;
        assert_eq!((&rows, total, next), (&all, 4, None), "newest first");
    }
    let own = deal.order.client_id;
    let first = listed(subject, own, None, Window::Page { offset: 0, limit: 1 }).await;
    assert_eq!((first.rows.as_slice(), first.total), (&all[..1], 4));
    let position = first.next.expect("there are older ones");
    let rest = listed(subject, own, None, Window::Before { position, limit: 3 }).await;
    assert_eq!((rest.rows.as_slice(), rest.total, rest.next), (&all[1..], 4, None));
    let beyond = listed(subject, own, None, Window::Page { offset: 4, limit: 2 }).await;
    assert_eq!((beyond.rows.len(), beyond.total), (0, 4));
    let negotiating = listed(subject, own, Some(DisputeState::Negotiating), EVERYTHING).await;
    assert_eq!((negotiating.rows, negotiating.total), (vec![all[2].clone()], 1));
    let resolved = listed(subject, own, Some(DisputeState::Resolved), EVERYTHING).await;
    assert_eq!(resolved, Slice { rows: vec![], total: 0, next: None });
    let stranger = stored_user(subject).await.id;
    assert_eq!(listed(subject, stranger, None, EVERYTHING).await.total, 0);
    // Other cases are adding theirs.
    let everybody = subject.disputes.disputes(DisputeScope::Everybody, None, EVERYTHING).await;
    let everybody = everybody.expect("a list");
    assert!(everybody.total >= 5, "{}", everybody.total);
}

pub(super) async fn disputes_are_due_in_their_order(subject: &Subject) {
    let mut deal = funded(subject, 10_000, 4).await;
    let client = deal.client();
    let mut ours = Vec::new();
    for milestone in 1..=3 {
        ours.push(opened(subject, &mut deal, milestone, client).await);
    }
    let mut over = opened(subject, &mut deal, 4, client).await;
    over.offer(usd(1), None, deal.provider(), now()).expect("an offer");
    let outcome = disputes::accept_offer(means(&mut deal), &mut over, 1, client, now()).expect("it is taken");
    let mut work = begin(subject).await;
    work.disputes().save(&mut over).await.expect("it is saved");
    deal.save(work.as_mut(), outcome).await;
    commit(work).await;
    let due_at = |dispute: &Dispute| dispute.due_at.expect("it is open");
    ours.sort_by_key(|dispute| (due_at(dispute), dispute.id));
    let expected: Vec<_> =
        ours.iter().map(|dispute| DueDispute { due_at: due_at(dispute), id: dispute.id }).collect();
    let due = async |at: chrono::DateTime<Utc>, after, limit| {
        subject.disputes.due_disputes(at, after, limit).await.expect("the question is answered")
    };
    let early = expected[0].due_at - TimeDelta::microseconds(1);
    assert!(due(early, None, 10_000).await.iter().all(|one| !expected.contains(one)), "not yet");
    let late = now() + REVIEW_PERIOD + TimeDelta::days(1);
    let found = due(late, None, 10_000).await;
    let of_ours: Vec<_> = found.iter().filter(|one| expected.contains(one)).copied().collect();
    assert_eq!(of_ours, expected, "the earliest first");
    assert!(found.iter().all(|one| one.id != over.id), "only those that wait");
    let rest = due(late, Some(expected[0]), 10_000).await;
    assert!(!rest.contains(&expected[0]) && rest.contains(&expected[1]) && rest.contains(&expected[2]));
    assert_eq!(due(late, Some(expected[0]), 1).await.len(), 1);
}
