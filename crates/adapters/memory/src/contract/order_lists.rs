//! Lists of orders: whose, in which states, by which words, in which parts.

use domain::identity::Role;
use domain::ids::{OrderId, UserId};
use domain::money::{FeeRule, Money};
use domain::orders::policy::OrderScope;
use domain::orders::{Order, OrderCounts, OrderDetails, OrderState};
use domain::search::SearchTerms;
use ports::list::{Slice, Window};
use ports::orders::{OrderCard, OrderFilter, OrderList, OrderTally};

use super::Subject;
use super::deal_scene::{Deal, FREE, awarded, fees};
use super::market_scene::{
    a_client, a_provider, description, detail, few_details, field, fresh_word, placed, posted, stored_person,
    title,
};
use super::money_scene::{EVERYTHING, usd};

const ALL: &[OrderState] = OrderState::ALL;

async fn list(
    subject: &Subject,
    scope: OrderScope,
    states: &[OrderState],
    search: Option<&str>,
    window: Window,
) -> OrderList {
    let search = search.and_then(|typed| SearchTerms::parse(typed).expect("it can be sought"));
    let filter = OrderFilter { states: states.to_vec(), search };
    subject.orders.orders(scope, &filter, window).await.expect("the question is answered")
}

fn ids(slice: &Slice<OrderCard>) -> Vec<OrderId> {
    slice.rows.iter().map(|card| card.id).collect()
}

fn count<T>(rows: &[T]) -> i64 {
    i64::try_from(rows.len()).expect("few rows")
}

async fn deal_between(subject: &Subject, client: UserId, provider: UserId, fees: FeeRule) -> Deal {
    let order = posted(subject, client, few_details(), &[]).await;
    let bid = placed(subject, &order, provider, 10_000).await;
    awarded(subject, order, bid, fees).await
}

async fn complete(subject: &Subject, deal: &mut Deal) {
    deal.fund(subject).await;
    deal.submit(subject, 1).await;
    deal.approve(subject, 1).await;
}

/// Orders of one client, in every state; those past the award went to one provider.
struct Scene {
    client: UserId,
    provider: UserId,
    open: OrderId,
    left: OrderId,
    pending: OrderId,
    active: OrderId,
    completed: OrderId,
    cancelled: OrderId,
}

impl Scene {
    async fn new(subject: &Subject) -> Self {
        let (client, provider) = (a_client(subject).await, a_provider(subject).await);
        let open = posted(subject, client, few_details(), &[]).await.id;
        let mut left = deal_between(subject, client, provider, FREE).await;
        left.leave(subject).await;
        let pending = deal_between(subject, client, provider, FREE).await.order.id;
        let mut active = deal_between(subject, client, provider, FREE).await;
        active.fund(subject).await;
        let mut completed = deal_between(subject, client, provider, fees()).await;
        complete(subject, &mut completed).await;
        let mut cancelled = deal_between(subject, client, provider, FREE).await;
        cancelled.cancel(subject).await;
        Self {
            client,
            provider,
            open,
            left: left.order.id,
            pending,
            active: active.order.id,
            completed: completed.order.id,
            cancelled: cancelled.order.id,
        }
    }
}

pub(super) async fn orders_are_listed_by_scope_and_state(subject: &Subject) {
    use OrderState::{Active, Cancelled, Completed, Open, Pending};
    let scene = Scene::new(subject).await;
    let Scene { client, provider, open, left, pending, active, completed, cancelled } = scene;
    let posted_by = OrderScope::PostedBy(client);
    let awarded_to = OrderScope::AwardedTo(provider);
    let strangers = [a_client(subject).await, a_provider(subject).await];
    let cases = [
        (posted_by, ALL, vec![cancelled, completed, active, pending, left, open]),
        (posted_by, &[Open], vec![left, open]),
        (posted_by, &[Cancelled, Active], vec![cancelled, active]),
        (posted_by, &[], vec![]),
        (awarded_to, ALL, vec![cancelled, completed, active, pending]),
        (awarded_to, &[Pending, Active, Completed], vec![completed, active, pending]),
        (awarded_to, &[Completed], vec![completed]),
        (awarded_to, &[Open], vec![]),
        (OrderScope::PostedBy(provider), ALL, vec![]),
        (OrderScope::AwardedTo(client), ALL, vec![]),
        (OrderScope::PostedBy(strangers[0]), ALL, vec![]),
        (OrderScope::AwardedTo(strangers[1]), ALL, vec![]),
    ];
    for (scope, states, expected) in cases {
        let found = list(subject, scope, states, None, EVERYTHING).await.orders;
        assert_eq!((ids(&found), found.total), (expected.clone(), count(&expected)), "{scope:?} {states:?}");
        assert_eq!(found.next, None);
    }
}

pub(super) async fn everybodys_orders_are_listed(subject: &Subject) {
    let word = fresh_word();
    let mut expected = Vec::new();
    for _ in 0..2 {
        let details = OrderDetails { title: title(&word), ..few_details() };
        expected.insert(0, posted(subject, a_client(subject).await, details, &[]).await.id);
    }
    let everybody = OrderScope::Everybody;
    let found = list(subject, everybody, ALL, Some(&word), EVERYTHING).await;
    assert_eq!((ids(&found.orders), found.orders.total), (expected, 2));
    assert!(found.tally.counts.open >= 2, "the tally knows no search");
    assert_eq!(found.tally.earned, usd(0));
    let all = list(subject, everybody, ALL, None, EVERYTHING).await.orders;
    assert!(all.rows.is_sorted_by(|newer, older| newer.id > older.id));
    assert!(all.total >= count(&all.rows));
}

fn tally([open, pending, active, completed, cancelled]: [i64; 5], earned: i64) -> OrderTally {
    OrderTally { counts: OrderCounts { open, pending, active, completed, cancelled }, earned: usd(earned) }
}

pub(super) async fn a_tally_ignores_filters_and_pages(subject: &Subject) {
    let Scene { client, provider, .. } = Scene::new(subject).await;
    let clients = tally([2, 1, 1, 1, 1], 0);
    let providers = tally([0, 1, 1, 1, 1], 9_000);
    let nothing = tally([0; 5], 0);
    let nobody = a_provider(subject).await;
    for (scope, tally) in [
        (OrderScope::PostedBy(client), clients),
        (OrderScope::AwardedTo(provider), providers),
        (OrderScope::AwardedTo(nobody), nothing),
        (OrderScope::PostedBy(nobody), nothing),
    ] {
        for states in [ALL, &[OrderState::Cancelled]] {
            for search in [None, Some("nothing like it")] {
                for window in [
                    EVERYTHING,
                    Window::Page { offset: 50, limit: 1 },
                    Window::Before { position: 1, limit: 1 },
                ] {
                    let found = list(subject, scope, states, search, window).await;
                    assert_eq!(found.tally, tally, "{scope:?} {states:?} {search:?} {window:?}");
                }
            }
        }
    }
}

pub(super) async fn what_was_earned_is_what_was_released(subject: &Subject) {
    let (client, provider) = (a_client(subject).await, a_provider(subject).await);
    let details =
        OrderDetails { milestones: super::market_scene::plan(&[None, None, None]), ..few_details() };
    let order = posted(subject, client, details, &[]).await;
    let bid = placed(subject, &order, provider, 10_001).await;
    let mut deal = awarded(subject, order, bid, fees()).await;
    let earned = async || -> Money {
        list(subject, OrderScope::AwardedTo(provider), ALL, None, EVERYTHING).await.tally.earned
    };
    deal.fund(subject).await;
    assert_eq!(earned().await, usd(0), "what waits is not earned");
    deal.submit(subject, 2).await;
    deal.approve(subject, 2).await;
    assert_eq!(earned().await, usd(3_000), "33.33 less 3.33, while the rest goes on");
    deal.refund(subject, 1).await;
    assert_eq!(earned().await, usd(3_000), "what went back was never earned");
    deal.submit(subject, 3).await;
    deal.approve(subject, 3).await;
    assert_eq!(earned().await, usd(6_001), "66.68 less 6.67");
    let mut other = deal_between(subject, client, provider, FREE).await;
    complete(subject, &mut other).await;
    assert_eq!(earned().await, usd(16_001), "together");
}

pub(super) async fn orders_are_found_by_the_beginnings_of_their_words(subject: &Subject) {
    let client = a_client(subject).await;
    let details = OrderDetails {
        title: title("Research-Paper on Climate"),
        subject: field("Umweltökonomie, Straße"),
        description: description("Zeile 1\nfintech.com/a_b; it's 'quoted' 50% of * the \\ rest:*"),
        ..few_details()
    };
    let found = posted(subject, client, details, &[]).await;
    let other = OrderDetails { title: title("Business Plan"), subject: field("Finance"), ..few_details() };
    posted(subject, client, other, &[]).await;
    let id = found.id.to_string();
    let number = id.trim_start_matches("ORD-");
    for typed in [
        "climate",
        "CLIM res",
        "research-paper",
        "umweltö",
        "UMWELTÖKONOMIE",
        "umwelto\u{308}k",
        "stra\u{df}e",
        "fintech.com",
        "a_b it's",
        "quoted' & 50%",
        "zeile 1",
        "rest:*",
        &id,
        &id.to_lowercase(),
        &format!("climate {number} umwelt fin"),
    ] {
        let hits = list(subject, OrderScope::PostedBy(client), ALL, Some(typed), EVERYTHING).await.orders;
        assert!(ids(&hits).contains(&found.id), "{typed:?}");
        let is_a_number_alone = typed.eq_ignore_ascii_case(&id);
        assert!(hits.total == 1 || is_a_number_alone, "{typed:?}: {}", hits.total);
    }
    for typed in ["imate", "climate business", "climates", "essay", "strase", "ORD-ord-x"] {
        let hits = list(subject, OrderScope::PostedBy(client), ALL, Some(typed), EVERYTHING).await.orders;
        assert_eq!((ids(&hits), hits.total, hits.next), (vec![], 0, None), "{typed:?}");
    }
    let hits = list(subject, OrderScope::PostedBy(client), ALL, Some(" -- "), EVERYTHING).await.orders;
    assert_eq!(hits.total, 2, "nothing left to seek");
}

pub(super) async fn an_order_is_found_by_its_new_words(subject: &Subject) {
    let client = a_client(subject).await;
    let (old, new) = (fresh_word(), fresh_word());
    let details = OrderDetails { title: title(&old), ..few_details() };
    let mut order: Order = posted(subject, client, details, &[]).await;
    order.details.title = title(&new);
    let mut work = super::scene::begin(subject).await;
    work.orders().save(&mut order).await.expect("it is saved");
    super::scene::commit(work).await;
    for (word, expected) in [(&old, vec![]), (&new, vec![order.id])] {
        let hits = list(subject, OrderScope::PostedBy(client), ALL, Some(word), EVERYTHING).await.orders;
        assert_eq!(ids(&hits), expected);
    }
}

pub(super) async fn a_list_of_orders_is_cut_into_pages(subject: &Subject) {
    let client = a_client(subject).await;
    let mut all = Vec::new();
    for _ in 0..5 {
        all.push(posted(subject, client, few_details(), &[]).await.id);
    }
    all.reverse();
    let scope = OrderScope::PostedBy(client);
    for (offset, rows, has_next) in [(0, 2, true), (2, 2, true), (3, 2, false), (4, 1, false), (9, 0, false)]
    {
        let expected: Vec<_> = all.iter().skip(offset).take(rows).copied().collect();
        let offset = i64::try_from(offset).expect("a small number");
        let page = list(subject, scope, ALL, None, Window::Page { offset, limit: 2 }).await.orders;
        assert_eq!((ids(&page), page.total), (expected.clone(), 5), "{offset}");
        assert_eq!(page.next, expected.last().filter(|_| has_next).map(|id| id.number()), "{offset}");
    }
    let (mut seen, mut window) = (Vec::new(), Window::Page { offset: 0, limit: 2 });
    loop {
        let page = list(subject, scope, &[OrderState::Open], Some("research"), window).await.orders;
        seen.extend(ids(&page));
        posted(subject, client, few_details(), &[]).await;
        let Some(position) = page.next else { break };
        window = Window::Before { position, limit: 2 };
    }
    assert_eq!(seen, all, "nothing twice and nothing left out");
    let nothing = Window::Before { position: 0, limit: 2 };
    let page = list(subject, scope, ALL, None, nothing).await.orders;
    assert_eq!((page.rows.len(), page.next, page.total), (0, None, 8), "the total of the whole list");
}

pub(super) async fn a_list_shows_what_the_detail_shows(subject: &Subject) {
    let owner = stored_person(subject, Role::Client).await;
    let provider = stored_person(subject, Role::Freelancer).await;
    let mut deal = deal_between(subject, owner.id, provider.id, FREE).await;
    complete(subject, &mut deal).await;
    for scope in [OrderScope::PostedBy(owner.id), OrderScope::AwardedTo(provider.id)] {
        let rows = list(subject, scope, ALL, None, EVERYTHING).await.orders.rows;
        assert_eq!(rows, [detail(subject, deal.order.id).await.card]);
        let card = &rows[0];
        assert_eq!((card.state, card.accepted_bid), (OrderState::Completed, Some(usd(10_000))));
        assert_eq!(card.provider.as_ref().map(|person| person.name.as_str()), Some("Ádá Lovelace"));
        assert_eq!((card.started_at, card.completed_at), (deal.order.started_at, deal.order.completed_at));
        assert!(card.started_at.is_some() && card.completed_at.is_some());
    }
}
