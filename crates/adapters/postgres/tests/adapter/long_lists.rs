//! Lists whose totals are shared: they say the same as those whose totals are counted with the page.

use adapter_postgres::Database;
use domain::ids::{OrderId, UserId};
use domain::money::{Currency, Money};
use domain::orders::OrderState;
use domain::orders::policy::OrderScope;
use domain::search::SearchTerms;
use ports::list::Window;
use ports::money::MoneyQueries;
use ports::orders::{AvailableFilter, AvailableList, OrderFilter, OrderList, OrderQueries};

use crate::market::{person, placed, posted};
use crate::support::{TestDb, database, eventually, now};

const FEW: Window = Window::Page { offset: 0, limit: 3 };
const LATER: Window = Window::Page { offset: 3, limit: 3 };
const BEYOND: Window = Window::Page { offset: 1_000, limit: 3 };

/// Forty orders beside one that was posted: every third of another field, every fourth without the word, every
/// tenth over, with budgets from 100 to 139.
const FORTY: &str = "
    WITH made AS (
        INSERT INTO orders
        SELECT (jsonb_populate_record(orders, jsonb_build_object(
            'id', nextval('order_numbers'), 'budget_minor', 10000 + 100 * number, 'bids_count', number % 5,
            'subject', CASE WHEN number % 3 = 0 THEN 'Law' ELSE orders.subject END,
            'subject_key', CASE WHEN number % 3 = 0 THEN 'law' ELSE orders.subject_key END,
            'state', CASE WHEN number % 10 = 0 THEN 'cancelled' ELSE 'open' END,
            'cancelled_at', CASE WHEN number % 10 = 0 THEN orders.created_at END
        ))).*
        FROM orders, generate_series(0, 39) AS number WHERE orders.id = $1 RETURNING *
    )
    INSERT INTO order_texts
    SELECT (jsonb_populate_record(texts, jsonb_build_object(
        'order_id', made.id, 'is_open', made.state = 'open',
        'search_words', CASE WHEN made.id % 4 = 0 THEN '''other''' ELSE texts.search_words::text END
    ))).*
    FROM made, order_texts texts WHERE texts.order_id = $1";

struct Scene {
    test: TestDb,
    provider: UserId,
    first: OrderId,
}

impl Scene {
    async fn new() -> Self {
        let test = database().await;
        let setup = test.open();
        let (client, provider) = (person(&test, &setup).await, person(&test, &setup).await);
        let order = posted(&setup, client, vec![provider]).await;
        let scene = Self { test, provider, first: order.id };
        scene.fill().await;
        let bid_on = posted(&setup, client, vec![]).await;
        placed(&setup, &bid_on, provider).await;
        scene
    }

    async fn fill(&self) {
        self.test.superuser().await.execute(FORTY, &[&self.first.number()]).await.unwrap();
    }

    /// A database that counts with each page.
    fn exact(&self) -> Database {
        self.test.open().with_exact_totals_up_to(i64::MAX)
    }

    async fn offered(&self, database: &Database, filter: &AvailableFilter, window: Window) -> AvailableList {
        database.available_orders(self.provider, filter, window, now()).await.unwrap()
    }
}

fn filters() -> impl Iterator<Item = AvailableFilter> {
    let budget = |minor| Money::total(minor, Currency::Usd).unwrap();
    (0..8_u8).map(move |combination| {
        let is_set = |bit: u8| combination & (1 << bit) != 0;
        AvailableFilter {
            invited_only: false,
            subject: is_set(0).then(|| "LAW".to_owned()),
            min_budget: is_set(1).then(|| budget(10_500)),
            max_budget: is_set(1).then(|| budget(12_500)),
            search: if is_set(2) { SearchTerms::parse("clim").unwrap() } else { None },
        }
    })
}

/// Waits until this database answers with what it knew, and not with what is: until one order more is not
/// counted at once. Whatever has just been asked is known for two seconds.
async fn shares(scene: &Scene, ask: impl AsyncFn() -> i64) {
    eventually("a total is shared", async || {
        let before = ask().await;
        scene.fill().await;
        ask().await == before
    })
    .await;
}

#[tokio::test]
async fn what_is_available_is_the_same_whether_counted_or_known() {
    let scene = Scene::new().await;
    for filter in filters() {
        let long = scene.test.open().with_exact_totals_up_to(0);
        shares(&scene, async || scene.offered(&long, &filter, FEW).await.orders.total).await;
        for window in [FEW, LATER, BEYOND, Window::Before { position: scene.first.number() + 9, limit: 2 }] {
            eventually("what is known catches up", async || {
                let exact = scene.offered(&scene.exact(), &filter, window).await;
                scene.offered(&long, &filter, window).await == exact
            })
            .await;
        }
    }
}

#[tokio::test]
async fn ones_own_doing_counts_at_once() {
    let scene = Scene::new().await;
    let (setup, filter) = (scene.test.open(), AvailableFilter::default());
    let client = person(&scene.test, &setup).await;
    let order = posted(&setup, client, vec![]).await;
    let long = scene.test.open().with_exact_totals_up_to(0);
    shares(&scene, async || scene.offered(&long, &filter, FEW).await.orders.total).await;
    let exact = async || scene.offered(&scene.exact(), &filter, FEW).await.orders.total;
    let before = exact().await;
    eventually("everything is counted", async || {
        scene.offered(&long, &filter, FEW).await.orders.total == before
    })
    .await;
    placed(&setup, &order, scene.provider).await;
    assert_eq!(scene.offered(&long, &filter, FEW).await.orders.total, before - 1);
}

#[tokio::test]
async fn everybodys_orders_are_the_same_whether_counted_or_known() {
    let scene = Scene::new().await;
    for search in [None, SearchTerms::parse("climate").unwrap()] {
        for states in [&[OrderState::Open, OrderState::Cancelled][..], &[OrderState::Open]] {
            let filter = OrderFilter { states: states.to_vec(), search: search.clone() };
            let long = scene.test.open().with_exact_totals_up_to(0);
            let ask = async |database: &Database, window| -> OrderList {
                database.orders(OrderScope::Everybody, &filter, window).await.unwrap()
            };
            shares(&scene, async || ask(&long, FEW).await.orders.total).await;
            for window in
                [FEW, LATER, BEYOND, Window::Before { position: scene.first.number() + 9, limit: 2 }]
            {
                eventually("what is known catches up", async || {
                    ask(&long, window).await == ask(&scene.exact(), window).await
                })
                .await;
            }
        }
    }
}

#[tokio::test]
async fn everybodys_withdrawals_are_counted_for_all() {
    let scene = Scene::new().await;
    let long = scene.test.open().with_exact_totals_up_to(0);
    let (postgres, owner) = (scene.test.superuser().await, scene.provider.to_string());
    let add = async || {
        let sql = "INSERT INTO withdrawals (id, user_id, amount_minor, currency, method, account_sealed,
                       account_masked, state, requested_at, estimated_completion, updated_at, version)
                   VALUES (nextval('withdrawal_numbers'), $1::text::uuid, 100, 'USD', 'paypal', '\\x00',
                       '{\"email\": \"a\"}', 'pending', now(), now(), now(), 0)";
        postgres.execute(sql, &[&owner]).await.unwrap();
    };
    let total = async || long.withdrawals(None, &[], FEW).await.unwrap().total;
    add().await;
    eventually("a total is shared", async || {
        let before = total().await;
        add().await;
        total().await == before
    })
    .await;
    let exact = async || scene.exact().withdrawals(None, &[], FEW).await.unwrap().total;
    eventually("what is known catches up", async || total().await == exact().await).await;
    let own =
        async |database: &Database| database.withdrawals(Some(scene.provider), &[], FEW).await.unwrap().total;
    add().await;
    assert_eq!(own(&long).await, exact().await);
}
