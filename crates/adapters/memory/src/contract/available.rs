//! Available orders: which are offered to whom, and what they come to.
//!
//! Other cases post orders beside these; therefore each asks only for a field of its own.

use chrono::{DateTime, TimeDelta, Utc};
use domain::bidding::Bid;
use domain::ids::{OrderId, UserId};
use domain::orders::{Order, OrderDetails, Urgency};
use domain::search::SearchTerms;
use ports::list::Window;
use ports::orders::{AvailableFilter, AvailableList, AvailableOrder};

use super::Subject;
use super::deal_scene::{FREE, awarded};
use super::market_scene::{
    a_client, a_provider, all_details, client, detail, few_details, field, fresh_word, placed, posted,
    provider, save_bids, title,
};
use super::money_scene::{EVERYTHING, usd};
use super::scene::{begin, commit, now};

async fn list(
    subject: &Subject,
    provider_id: UserId,
    filter: &AvailableFilter,
    window: Window,
    now: DateTime<Utc>,
) -> AvailableList {
    let found = subject.orders.available_orders(provider_id, filter, window, now).await;
    found.expect("the question is answered")
}

fn ids(list: &AvailableList) -> Vec<OrderId> {
    list.orders.rows.iter().map(|order| order.id).collect()
}

/// A field of its own, and the orders in it.
struct Scene {
    word: String,
    client: UserId,
    me: UserId,
}

impl Scene {
    async fn new(subject: &Subject) -> Self {
        let (client, me) = (a_client(subject).await, a_provider(subject).await);
        Self { word: fresh_word(), client, me }
    }

    fn details(&self) -> OrderDetails {
        OrderDetails { subject: field(&self.word), ..few_details() }
    }

    async fn order(&self, subject: &Subject) -> Order {
        posted(subject, self.client, self.details(), &[]).await
    }

    async fn order_of(&self, subject: &Subject, minor: i64) -> Order {
        let details = OrderDetails { budget: usd(minor), ..self.details() };
        posted(subject, self.client, details, &[]).await
    }

    fn filter(&self) -> AvailableFilter {
        AvailableFilter { subject: Some(self.word.clone()), ..AvailableFilter::default() }
    }

    async fn offered(&self, subject: &Subject) -> AvailableList {
        list(subject, self.me, &self.filter(), EVERYTHING, now()).await
    }

    async fn only(&self, subject: &Subject) -> AvailableOrder {
        let [only] = <[_; 1]>::try_from(self.offered(subject).await.orders.rows).expect("there is one");
        only
    }
}

pub(super) async fn an_open_order_is_offered_in_full(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let details = OrderDetails { subject: field(&scene.word), ..all_details() };
    let order = posted(subject, scene.client, details, &[]).await;
    placed(subject, &order, a_provider(subject).await, 100).await;
    let offered = scene.only(subject).await;
    let shown = detail(subject, order.id).await;
    let expected = AvailableOrder {
        id: order.id,
        title: shown.card.title,
        subject: scene.word.clone(),
        order_type: "Research Paper".to_owned(),
        pages: Some(8),
        deadline: order.details.deadline,
        budget: usd(12_000),
        description: shown.card.description,
        requirements_text: shown.requirements_text,
        requirements: shown.requirements,
        specifications: shown.specifications,
        is_invited: false,
        urgency: Urgency::Low,
        bids_count: 1,
        client: shown.card.client,
        posted_at: order.created_at,
    };
    assert!(expected.requirements.len() == 2 && expected.specifications.is_some());
    assert_eq!(offered, expected);
}

pub(super) async fn urgency_follows_the_deadline(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let order = scene.order(subject).await;
    let deadline = order.details.deadline;
    let (hours, second) = (TimeDelta::hours, TimeDelta::microseconds(1));
    for (at, expected) in [
        (deadline - hours(240) - second, Some(Urgency::Low)),
        (deadline - hours(240), Some(Urgency::Medium)),
        (deadline - hours(96) - second, Some(Urgency::Medium)),
        (deadline - hours(96), Some(Urgency::High)),
        (deadline - second, Some(Urgency::High)),
        (deadline, None),
        (deadline + second, None),
    ] {
        let found = list(subject, scene.me, &scene.filter(), EVERYTHING, at).await;
        let urgency = found.orders.rows.first().map(|order| order.urgency);
        assert_eq!(urgency, expected, "{}", deadline - at);
        assert_eq!(found.orders.total, i64::from(expected.is_some()));
    }
}

pub(super) async fn what_is_not_open_is_not_offered(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let open = scene.order(subject).await;
    let bidder = a_provider(subject).await;
    let deal = async || {
        let order = scene.order(subject).await;
        let bid = placed(subject, &order, bidder, 100).await;
        awarded(subject, order, bid, FREE).await
    };
    let (_pending, mut active, mut completed, mut cancelled, mut left) =
        (deal().await, deal().await, deal().await, deal().await, deal().await);
    active.fund(subject).await;
    completed.fund(subject).await;
    completed.submit(subject, 1).await;
    completed.approve(subject, 1).await;
    cancelled.cancel(subject).await;
    left.leave(subject).await;
    assert_eq!(ids(&scene.offered(subject).await), [left.order.id, open.id], "one that is open again, too");
    let again = list(subject, bidder, &scene.filter(), EVERYTHING, now()).await;
    assert_eq!(ids(&again), [left.order.id, open.id], "even to whoever left it");
}

pub(super) async fn what_one_has_bid_on_is_not_offered(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let order = scene.order(subject).await;
    let is_offered = async || -> bool { !ids(&scene.offered(subject).await).is_empty() };
    assert!(is_offered().await);
    placed(subject, &order, a_provider(subject).await, 100).await;
    assert!(is_offered().await, "anothers bid is no hindrance");

    let mut bid = placed(subject, &order, scene.me, 100).await;
    assert!(!is_offered().await, "an open bid");
    type Step = fn(&mut Bid, &Order);
    let counter: Step = |bid, order| {
        let terms = domain::bidding::CounterTerms { amount: usd(90), proposed_deadline: None, message: None };
        drop(bid.counter(terms, order, client(order.client_id), now()).expect("a counter-offer is made"));
    };
    let decline: Step =
        |bid, order| drop(bid.decline(order, client(order.client_id), now()).expect("it is declined"));
    for step in [counter, decline] {
        step(&mut bid, &order);
        save_bids(subject, std::slice::from_mut(&mut bid)).await;
        assert!(!is_offered().await, "{}", bid.state);
    }
    let other = Scene { me: a_provider(subject).await, ..scene };
    let mut bid = placed(subject, &order, other.me, 100).await;
    let by = provider(other.me);
    let withdrawn = domain::contracts::withdraw_bid(&mut order.clone(), &mut bid, None, by, now());
    assert!(withdrawn.is_ok_and(|outcome| outcome.events.len() == 1));
    assert!(other.offered(subject).await.orders.rows.is_empty(), "until it is saved");
    save_bids(subject, std::slice::from_mut(&mut bid)).await;
    assert_eq!(ids(&other.offered(subject).await), [order.id], "after withdrawing one may bid again");
}

pub(super) async fn what_one_has_no_interest_in_is_not_offered(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let other = a_provider(subject).await;
    let invited = [scene.me, other];
    let order = posted(subject, scene.client, scene.details(), &invited).await;
    let plain = scene.order(subject).await;
    assert_eq!(ids(&scene.offered(subject).await), [plain.id, order.id]);
    let mut work = begin(subject).await;
    let found = work.invitations().lock(order.id, scene.me).await.expect("an invitation is locked");
    let mut invitation = found.expect("it is there");
    invitation.decline(&order, provider(scene.me), now()).expect("it is declined").expect("it is news");
    work.invitations().save(&invitation).await.expect("it is saved");
    commit(work).await;
    assert_eq!(ids(&scene.offered(subject).await), [plain.id]);
    let theirs = list(subject, other, &scene.filter(), EVERYTHING, now()).await;
    assert_eq!(ids(&theirs), [plain.id, order.id], "the other one said nothing");
}

pub(super) async fn invitations_are_told(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let plain = scene.order(subject).await;
    let order = posted(subject, scene.client, scene.details(), &[scene.me]).await;
    let all = scene.offered(subject).await;
    let told: Vec<_> = all.orders.rows.iter().map(|order| (order.id, order.is_invited)).collect();
    assert_eq!(told, [(order.id, true), (plain.id, false)]);
    assert_eq!((all.orders.total, all.invited), (2, 1));
    let filter = AvailableFilter { invited_only: true, ..scene.filter() };
    let invited = list(subject, scene.me, &filter, EVERYTHING, now()).await;
    assert_eq!((ids(&invited), invited.orders.total, invited.invited), (vec![order.id], 1, 1));
    let somebody = a_provider(subject).await;
    let others = list(subject, somebody, &scene.filter(), EVERYTHING, now()).await;
    assert!(others.orders.rows.iter().all(|order| !order.is_invited));
    assert_eq!((others.orders.total, others.invited), (2, 0));
}

pub(super) async fn the_field_is_compared_without_case(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let name = format!("Ökonomie {}", scene.word);
    let details = OrderDetails { subject: field(&name), ..few_details() };
    let order = posted(subject, scene.client, details, &[]).await;
    for (asked, is_found) in [
        (name.clone(), true),
        (name.to_uppercase(), true),
        (name.to_lowercase(), true),
        (scene.word.clone(), false),
        (name.replace('Ö', "O"), false),
        (format!("{name}%"), false),
    ] {
        let filter = AvailableFilter { subject: Some(asked.clone()), ..AvailableFilter::default() };
        let found = list(subject, scene.me, &filter, EVERYTHING, now()).await;
        let expected: &[OrderId] = if is_found { &[order.id] } else { &[] };
        assert_eq!(ids(&found), expected, "{asked:?}");
    }
}

pub(super) async fn budgets_and_words_are_filtered(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let (low, middle) = (scene.order_of(subject, 100).await.id, scene.order_of(subject, 200).await.id);
    let details = OrderDetails {
        budget: usd(300),
        title: title(&format!("Exceptional {}", scene.word)),
        ..scene.details()
    };
    let high = posted(subject, scene.client, details, &[]).await.id;
    let bounds = |min: Option<i64>, max: Option<i64>| AvailableFilter {
        min_budget: min.map(usd),
        max_budget: max.map(usd),
        ..scene.filter()
    };
    let words =
        |typed| AvailableFilter { search: SearchTerms::parse(typed).ok().flatten(), ..scene.filter() };
    for (filter, expected) in [
        (bounds(None, None), vec![high, middle, low]),
        (bounds(Some(200), None), vec![high, middle]),
        (bounds(Some(201), None), vec![high]),
        (bounds(None, Some(200)), vec![middle, low]),
        (bounds(None, Some(199)), vec![low]),
        (bounds(Some(200), Some(200)), vec![middle]),
        (bounds(Some(201), Some(299)), vec![]),
        (words("except"), vec![high]),
        (words("climate"), vec![middle, low]),
        (words(&high.to_string()), vec![high]),
        (words("climate exceptional"), vec![]),
        (AvailableFilter { invited_only: true, ..bounds(None, Some(200)) }, vec![]),
    ] {
        let found = list(subject, scene.me, &filter, EVERYTHING, now()).await;
        assert_eq!(ids(&found), expected, "{filter:?}");
        assert_eq!(found.orders.total, i64::try_from(expected.len()).expect("few rows"));
    }
}

pub(super) async fn means_are_of_all_that_match(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let nothing = scene.offered(subject).await;
    assert_eq!((nothing.orders.total, nothing.invited), (0, 0));
    assert_eq!((nothing.avg_budget, nothing.avg_competition_tenths), (usd(0), 0));

    let busy = scene.order_of(subject, 100).await;
    for _ in 0..3 {
        placed(subject, &busy, a_provider(subject).await, 100).await;
    }
    let details = OrderDetails { budget: usd(101), ..scene.details() };
    let quiet = posted(subject, scene.client, details, &[scene.me]).await;
    placed(subject, &quiet, a_provider(subject).await, 100).await;
    scene.order_of(subject, 101).await;
    for window in [
        EVERYTHING,
        Window::Page { offset: 0, limit: 1 },
        Window::Page { offset: 9, limit: 1 },
        Window::Before { position: busy.id.number(), limit: 1 },
    ] {
        let found = list(subject, scene.me, &scene.filter(), window, now()).await;
        assert_eq!((found.orders.total, found.invited), (3, 1), "{window:?}");
        assert_eq!(found.avg_budget, usd(101), "3.02 by three, rounded half up");
        assert_eq!(found.avg_competition_tenths, 13, "four bids on three orders");
    }
    let cheap = AvailableFilter { max_budget: Some(usd(100)), ..scene.filter() };
    let found = list(subject, scene.me, &cheap, EVERYTHING, now()).await;
    assert_eq!((found.orders.total, found.invited), (1, 0));
    assert_eq!((found.avg_budget, found.avg_competition_tenths), (usd(100), 30));
}

pub(super) async fn available_orders_are_cut_into_pages(subject: &Subject) {
    let scene = Scene::new(subject).await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(scene.order(subject).await.id);
    }
    all.reverse();
    let page = async |window| list(subject, scene.me, &scene.filter(), window, now()).await;
    for (offset, rows, has_next) in [(0, 2, true), (2, 2, true), (3, 2, false), (4, 1, false), (9, 0, false)]
    {
        let expected: Vec<_> = all.iter().skip(offset).take(rows).copied().collect();
        let offset = i64::try_from(offset).expect("a small number");
        let found = page(Window::Page { offset, limit: 2 }).await;
        assert_eq!((ids(&found), found.orders.total), (expected.clone(), 5), "{offset}");
        let next = expected.last().filter(|_| has_next).map(|id| id.number());
        assert_eq!(found.orders.next, next, "{offset}");
    }
    let (mut seen, mut window) = (Vec::new(), Window::Page { offset: 0, limit: 2 });
    loop {
        let found = page(window).await;
        seen.extend(ids(&found));
        scene.order(subject).await;
        let Some(position) = found.orders.next else { break };
        window = Window::Before { position, limit: 2 };
    }
    assert_eq!(seen, all, "nothing twice and nothing left out");
}
