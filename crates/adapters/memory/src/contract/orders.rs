//! Orders: storing, locking, saving, and showing them.

use std::pin::pin;

use domain::actor::Issuer;
use domain::bidding::edit_order;
use domain::contracts::MilestoneState;
use domain::identity::Role;
use domain::ids::{OrderId, UserId};
use domain::orders::policy::OrderAccess;
use domain::orders::{
    Order, OrderPatch, OrderState, OrderType, Pages, Posted, Progress, RequirementsText, Specifications,
};
use domain::profiles::Figures;
use ports::orders::{MilestoneView, OrderCard, OrderDetail, OrderVersion};
use ports::profiles::PersonView;
use ports::store::StoreError;

use super::Subject;
use super::deal_scene::{FREE, a_deal};
use super::market_scene::{
    a_client, all_details, client, description, detail, detail_inside, few_details, field, in_days,
    locked_order, new_order, next_order_id, number, plan, posted, reloaded_order, some_order, stored_person,
    title,
};
use super::money_scene::usd;
use super::scene::{begin, commit, fresh_uuid, must_end, must_wait, now, rollback};

fn unknown() -> OrderId {
    OrderId::new(i64::MAX).expect("a number")
}

pub(super) async fn an_order_is_found_as_it_was_stored(subject: &Subject) {
    let client_id = a_client(subject).await;
    for details in [few_details(), all_details()] {
        let mut work = begin(subject).await;
        let id = next_order_id(work.as_mut()).await;
        let Posted { order, .. } = new_order(id, client_id, details, vec![]);
        work.orders().insert(&order).await.expect("an order is inserted");
        assert_eq!(locked_order(work.as_mut(), id).await, order, "as the transaction itself sees it");
        assert_eq!(subject.orders.order(id).await.expect("the question is answered"), None, "not yet");
        commit(work).await;
        assert_eq!(reloaded_order(subject, id).await, order, "as everybody sees it");
    }
}

pub(super) async fn unknown_orders_are_not_found(subject: &Subject) {
    let mut work = begin(subject).await;
    assert_eq!(work.orders().lock(unknown()).await.expect("the question is answered"), None);
    assert_eq!(work.orders().detail(unknown()).await.expect("the question is answered"), None);
    rollback(work).await;
    assert_eq!(subject.orders.order(unknown()).await.expect("the question is answered"), None);
    assert_eq!(subject.orders.order_access(unknown()).await.expect("the question is answered"), None);
}

pub(super) async fn numbers_of_orders_rise(subject: &Subject) {
    let mut taken = Vec::new();
    for _ in 0..3 {
        let mut work = begin(subject).await;
        taken.push(next_order_id(work.as_mut()).await);
        taken.push(next_order_id(work.as_mut()).await);
        rollback(work).await;
    }
    assert!(taken.is_sorted_by(|a, b| a < b), "none twice, not even after a rollback: {taken:?}");
}

pub(super) async fn what_is_wanted_can_be_changed(subject: &Subject) {
    let client_id = a_client(subject).await;
    let none = OrderPatch::default;
    let patches = [
        OrderPatch { title: Some(title("Straße \"B\"")), ..none() },
        OrderPatch { subject: Some(field("Ökonomie")), ..none() },
        OrderPatch { order_type: OrderType::parse("Essay").ok(), ..none() },
        OrderPatch { pages: Some(Pages::new(10_000).ok()), ..none() },
        OrderPatch { deadline: Some(in_days(40)), ..none() },
        OrderPatch { budget: Some(usd(9_999_999_999)), ..none() },
        OrderPatch { description: Some(description("Something\nelse")), ..none() },
        OrderPatch { requirements: Some(RequirementsText::parse("None at all").ok()), ..none() },
        OrderPatch { detailed_requirements: Some(vec![]), ..none() },
        OrderPatch { specifications: Some(Some(Specifications::default())), ..none() },
        OrderPatch { milestones: Some(plan(&[None, None, None])), ..none() },
        OrderPatch { milestones: Some(plan(&[])), ..none() },
        OrderPatch { pages: Some(None), requirements: Some(None), specifications: Some(None), ..none() },
    ];
    let mut order = posted(subject, client_id, all_details(), &[]).await;
    for patch in patches {
        let (version, details) = (order.version, order.details.clone());
        let _edited = edit_order(&mut order, &mut [], patch, client(client_id), now()).expect("it is edited");
        assert_ne!(order.details, details, "something changed");
        let mut work = begin(subject).await;
        work.orders().save(&mut order).await.expect("it is saved");
        assert!(order.version > version);
        assert_eq!(locked_order(work.as_mut(), order.id).await, order, "as the transaction itself sees it");
        commit(work).await;
        assert_eq!(reloaded_order(subject, order.id).await, order, "as everybody sees it");
    }
}

pub(super) async fn every_state_of_an_order_is_saved(subject: &Subject) {
    let check = async |order: &Order, state| {
        assert_eq!(order.state, state);
        assert_eq!(&reloaded_order(subject, order.id).await, order, "{state}");
    };
    let mut deal = a_deal(subject, 11_500, &[], FREE).await;
    check(&deal.order, OrderState::Pending).await;
    deal.fund(subject).await;
    check(&deal.order, OrderState::Active).await;
    let by = deal.provider();
    let half = Progress::new(50).expect("a percentage");
    let progressed = deal.order.report_progress(half, by, now()).expect("it is reported");
    assert!(progressed.is_some());
    let mut work = begin(subject).await;
    work.orders().save(&mut deal.order).await.expect("it is saved");
    commit(work).await;
    check(&deal.order, OrderState::Active).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
    check(&deal.order, OrderState::Completed).await;

    let mut cancelled = a_deal(subject, 11_500, &[], FREE).await;
    cancelled.cancel(subject).await;
    check(&cancelled.order, OrderState::Cancelled).await;
    assert!(cancelled.order.award.is_some(), "whose it was is kept");
    let mut left = a_deal(subject, 11_500, &[], FREE).await;
    left.leave(subject).await;
    check(&left.order, OrderState::Open).await;
    assert!(left.order.award.is_none());
    let mut refunded = a_deal(subject, 11_500, &[], FREE).await;
    refunded.fund(subject).await;
    refunded.refund(subject, 1).await;
    check(&refunded.order, OrderState::Cancelled).await;
}

pub(super) async fn what_was_told_of_a_deadline_is_saved_by_itself(subject: &Subject) {
    let stored = some_order(subject).await;
    let mut order = stored.clone();
    let told = order.expire(Issuer::System, order.details.deadline).expect("it is over");
    assert!(told.is_some());
    let mut work = begin(subject).await;
    work.orders().save_expiry(&order).await.expect("it is saved");
    commit(work).await;
    let expected = Order { expired_deadline: Some(stored.details.deadline), ..stored.clone() };
    assert_eq!(reloaded_order(subject, stored.id).await, expected, "and nothing else, not even the version");

    order.details.deadline = in_days(99);
    let mut work = begin(subject).await;
    work.orders().save(&mut order).await.expect("it is saved");
    commit(work).await;
    assert_eq!(reloaded_order(subject, stored.id).await, order, "it outlives other saves");

    let mut work = begin(subject).await;
    let stale = work.orders().save_expiry(&stored).await;
    assert!(matches!(stale, Err(StoreError::Stale { .. })), "{stale:?}");
    rollback(work).await;
}

pub(super) async fn what_was_posted_stays(subject: &Subject) {
    let (stored, somebody) = (some_order(subject).await, a_client(subject).await);
    let mut order = stored.clone();
    (order.client_id, order.created_at) = (somebody, in_days(-1));
    let mut work = begin(subject).await;
    work.orders().save(&mut order).await.expect("it is saved");
    commit(work).await;
    assert_eq!(reloaded_order(subject, stored.id).await, Order { version: order.version, ..stored });
}

pub(super) async fn stale_orders_are_refused(subject: &Subject) {
    let mut stale = some_order(subject).await;
    let mut current = stale.clone();
    let mut work = begin(subject).await;
    work.orders().save(&mut current).await.expect("it is saved");
    work.orders().save(&mut current).await.expect("twice in one transaction");
    commit(work).await;
    let mut nowhere = Order { id: unknown(), ..current.clone() };
    for order in [&mut stale, &mut nowhere] {
        let mut work = begin(subject).await;
        let saved = work.orders().save(order).await;
        assert!(matches!(saved, Err(StoreError::Stale { .. })), "{saved:?}");
        assert!(matches!(work.commit().await, Err(StoreError::Spoilt)));
    }
    assert_eq!(reloaded_order(subject, current.id).await, current);
}

pub(super) async fn orders_are_locked(subject: &Subject) {
    let (stored, other) = (some_order(subject).await, some_order(subject).await);
    let (mut first, mut second) = (begin(subject).await, begin(subject).await);
    let mut changed = locked_order(first.as_mut(), stored.id).await;
    must_end(locked_order(second.as_mut(), other.id), "who wants another order").await;
    let by = client(stored.client_id);
    let patch = OrderPatch { title: Some(title("Newest Title")), ..OrderPatch::default() };
    let _edited = edit_order(&mut changed, &mut [], patch, by, now()).expect("it is edited");
    let seen = {
        let mut waiting = pin!(second.orders().lock(stored.id));
        must_wait(waiting.as_mut(), "the second transaction").await;
        assert_eq!(detail(subject, stored.id).await.card.title, stored.details.title.as_str());
        first.orders().save(&mut changed).await.expect("it is saved");
        commit(first).await;
        must_end(waiting, "the second transaction").await.expect("the lock comes")
    };
    assert_eq!(seen, Some(changed), "what the first one left");
    commit(second).await;
}

pub(super) async fn orders_belong_to_accounts_that_are_there(subject: &Subject) {
    let mut work = begin(subject).await;
    let id = next_order_id(work.as_mut()).await;
    let nobodys = new_order(id, UserId::new(fresh_uuid()), few_details(), vec![]).order;
    let refused = work.orders().insert(&nobodys).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
}

pub(super) async fn a_number_of_an_order_is_given_once(subject: &Subject) {
    let stored = some_order(subject).await;
    let twin = new_order(stored.id, a_client(subject).await, few_details(), vec![]).order;
    let mut work = begin(subject).await;
    let refused = work.orders().insert(&twin).await;
    assert!(matches!(refused, Err(StoreError::Refused(_))), "{refused:?}");
    rollback(work).await;
    assert_eq!(reloaded_order(subject, stored.id).await, stored);
}

pub(super) async fn an_order_is_shown_in_full(subject: &Subject) {
    let owner = stored_person(subject, Role::Client).await;
    let mut work = begin(subject).await;
    let id = next_order_id(work.as_mut()).await;
    let order = new_order(id, owner.id, all_details(), vec![]).order;
    work.orders().insert(&order).await.expect("an order is inserted");
    let inside = detail_inside(work.as_mut(), id).await;
    commit(work).await;
    let steps = order.details.milestones.steps().iter();
    let milestones = steps.zip(1..).map(|(step, place)| MilestoneView {
        number: number(place),
        title: step.title.as_str().to_owned(),
        due_date: step.due_date,
        amount: step.amount,
        state: MilestoneState::Unfunded,
        submitted_at: None,
        changes_message: None,
        auto_release_at: None,
        completed_at: None,
        clears_at: None,
        cleared_at: None,
        refunded_amount: None,
        submissions: vec![],
    });
    let expected = OrderDetail {
        card: OrderCard {
            id,
            title: "Research Paper on Climate Change".to_owned(),
            subject: "Environmental Science".to_owned(),
            order_type: "Research Paper".to_owned(),
            pages: Some(8),
            deadline: order.details.deadline,
            budget: usd(12_000),
            accepted_bid: None,
            state: OrderState::Open,
            progress: Progress::NONE,
            description: order.details.description.as_str().to_owned(),
            bids_count: 0,
            client: PersonView {
                id: owner.id,
                name: owner.full_name.as_str().to_owned(),
                avatar_url: None,
                figures: Figures::default(),
            },
            provider: None,
            created_at: order.created_at,
            started_at: None,
            completed_at: None,
            updated_at: order.updated_at,
        },
        client_email: Some(owner.email.as_str().to_owned()),
        requirements_text: Some("APA,\nplease: 'all' of it".to_owned()),
        requirements: vec!["Ten sources, \"peer-reviewed\"".to_owned(), "No \\ nonsense".to_owned()],
        specifications: order.details.specifications.clone(),
        milestones: milestones.collect(),
        files: vec![],
        bonuses: vec![],
        revision: 1,
        cancelled_at: None,
        version: OrderVersion { order: order.version, contract: None },
    };
    assert_eq!(inside, expected, "as the transaction itself sees it");
    assert_eq!(detail(subject, id).await, expected, "as everybody sees it");
    let access = subject.orders.order_access(id).await.expect("the question is answered");
    assert_eq!(access, Some(OrderAccess::from(&order)));
}

/// What of a milestone is shown, for comparing.
fn shown(detail: &OrderDetail) -> Vec<(&str, Option<i64>, MilestoneState)> {
    let milestones = detail.milestones.iter();
    milestones.map(|view| (view.title.as_str(), view.amount.map(|m| m.minor()), view.state)).collect()
}

pub(super) async fn the_plan_is_shown_until_the_award(subject: &Subject) {
    use MilestoneState::{Completed, Funded, Submitted, Unfunded};
    let bare = detail(subject, some_order(subject).await.id).await;
    assert_eq!(shown(&bare), [("Final Submission", None, Unfunded)], "an order without a plan has one");
    assert_eq!(bare.milestones.first().map(|view| view.due_date), Some(bare.card.deadline));

    let mut deal = a_deal(subject, 11_501, &[Some(1), Some(1)], FREE).await;
    let id = deal.order.id;
    let (one, two) = ("Step 1 \"ä\"", "Step 2 \"ä\"");
    let awarded = detail(subject, id).await;
    assert_eq!(shown(&awarded), [(one, Some(5_750), Unfunded), (two, Some(5_751), Unfunded)]);
    assert_eq!(awarded.version, OrderVersion { order: deal.order.version, contract: Some(0) });
    let card = &awarded.card;
    assert_eq!((card.state, card.accepted_bid), (OrderState::Pending, Some(usd(11_501))));
    assert_eq!(card.provider.as_ref().map(|person| person.id), Some(deal.bid.provider_id));
    let access = subject.orders.order_access(id).await.expect("the question is answered");
    assert_eq!(access, Some(OrderAccess::from(&deal.order)));
    assert_eq!(awarded.access(), OrderAccess::from(&deal.order));

    let mut left = deal.clone();
    left.leave(subject).await;
    let plan = detail(subject, id).await;
    assert_eq!(shown(&plan), [(one, Some(1), Unfunded), (two, Some(1), Unfunded)], "as it was posted");
    assert_eq!((plan.card.provider.is_none(), plan.card.accepted_bid), (true, None));
    assert_eq!(plan.version, OrderVersion { order: left.order.version, contract: None });

    deal = a_deal(subject, 11_501, &[Some(1), Some(1)], FREE).await;
    deal.fund(subject).await;
    deal.submit(subject, 2).await;
    let submitted = detail(subject, deal.order.id).await;
    assert_eq!(shown(&submitted), [(one, Some(5_750), Funded), (two, Some(5_751), Submitted)]);
    assert_eq!(submitted.card.started_at, deal.order.started_at);
    let milestone = deal.contract.milestone(number(2)).expect("there are two");
    let view = submitted.milestones.last().expect("there are two");
    assert_eq!(
        (view.submitted_at, view.auto_release_at),
        (milestone.submitted_at, milestone.auto_release_at)
    );
    deal.approve(subject, 2).await;
    deal.refund(subject, 1).await;
    let ended = detail(subject, deal.order.id).await;
    assert_eq!(shown(&ended), [(one, Some(5_750), MilestoneState::Refunded), (two, Some(5_751), Completed)]);
    let back: Vec<_> = ended.milestones.iter().map(|view| view.refunded_amount).collect();
    assert_eq!(back, [Some(usd(5_750)), None]);
    assert_eq!(ended.card.completed_at, deal.order.completed_at);
    assert!(ended.card.completed_at.is_some());
    assert_eq!(ended.version.contract, Some(deal.contract.version));
}

pub(super) async fn what_the_client_wants_again_is_shown(subject: &Subject) {
    let mut deal = a_deal(subject, 100, &[], FREE).await;
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    let by = deal.client();
    let again = domain::contracts::ChangesMessage::parse("Zeile 1\n\"Zeile\" 2").expect("a message");
    deal.step(subject, |_, contract, now| {
        contract.request_changes(number(1), again, by, now).map(|_| domain::contracts::Outcome::default())
    })
    .await;
    let view = detail(subject, deal.order.id).await;
    let milestone = view.milestones.first().expect("there is one");
    assert_eq!(milestone.state, MilestoneState::ChangesRequested);
    assert_eq!(milestone.changes_message.as_deref(), Some("Zeile 1\n\"Zeile\" 2"));
    assert_eq!(milestone.auto_release_at, None);
}

pub(super) async fn an_order_that_was_called_off_shows_when(subject: &Subject) {
    let mut order = some_order(subject).await;
    let by = client(order.client_id);
    let cancelled = domain::contracts::cancel_order(&mut order, &mut [], None, by, now());
    assert!(cancelled.is_ok_and(|outcome| outcome.transactions.is_empty()));
    let mut work = begin(subject).await;
    work.orders().save(&mut order).await.expect("it is saved");
    commit(work).await;
    let shown = detail(subject, order.id).await;
    assert_eq!((shown.card.state, shown.cancelled_at), (OrderState::Cancelled, order.cancelled_at));
    assert!(shown.cancelled_at.is_some());
    assert_eq!(reloaded_order(subject, order.id).await, order);
}
