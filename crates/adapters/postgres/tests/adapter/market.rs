//! Orders, bids and contracts as PostgreSQL keeps them: what its constraints refuse whatever the
//! program does, what it answers without reading whole tables, and what it leaves alone.

use std::collections::BTreeMap;

use adapter_postgres::Database;
use domain::actor::Issuer;
use domain::bidding::{Bid, BidMessage, BidState, Expected, NewBid};
use domain::contracts::{self, AutoReleasePeriod, AwardCommand, Awarded, Contract, Outcome, Review, Stars};
use domain::event::{Event, Fact};
use domain::identity::{AccountState, IdentityEvent, Role as UserRole, Standing};
use domain::ids::{ContractId, MilestoneNumber, OrderId, UserId};
use domain::money::{BasisPoints, Currency, FeeRule, Money, PayoutTo};
use domain::orders::policy::OrderScope;
use domain::orders::{
    Description, Invitee, MilestonePlan, MilestoneTitle, NewOrder, Order, OrderDetails, OrderState,
    OrderType, Pages, PlannedMilestone, Progress, Requirement, SpecificationWord, Specifications, Subject,
    Title,
};
use domain::profiles::FigureChange;
use domain::search::SearchTerms;
use ports::bidding::{BidQueries, WhichBids};
use ports::contracts::ReviewClaim;
use ports::list::Window;
use ports::money::MoneyQueries;
use ports::orders::{AvailableFilter, OrderFilter, OrderQueries};
use ports::store::{Store, StoreError, UnitOfWork};

use crate::support::{TestDb, at, database, eventually, fresh_event_id, fresh_uuid, now};

const DAY: i64 = 86_400;

fn usd(minor: i64) -> Money {
    Money::total(minor, Currency::Usd).unwrap()
}

fn client(order: &Order) -> Issuer {
    Issuer::Person { user_id: order.client_id, role: UserRole::Client }
}

fn details() -> OrderDetails {
    let step = |days: i64| PlannedMilestone {
        title: MilestoneTitle::parse(&format!("Step {days}")).unwrap(),
        due_date: at(days * DAY),
        amount: Some(usd(5_000)),
    };
    OrderDetails {
        title: Title::parse("Research Paper on Climate Change").unwrap(),
        subject: Subject::parse("Environmental Science").unwrap(),
        order_type: OrderType::parse("Research Paper").unwrap(),
        pages: Pages::new(8).ok(),
        deadline: at(30 * DAY),
        budget: usd(12_000),
        description: Description::parse("Comprehensive analysis").unwrap(),
        requirements: None,
        detailed_requirements: vec![Requirement::parse("APA").unwrap()],
        specifications: Some(Specifications {
            format: SpecificationWord::parse("PDF").ok(),
            ..Specifications::default()
        }),
        milestones: MilestonePlan::new(vec![step(1), step(2)]).unwrap(),
    }
}

pub(crate) async fn person(test: &TestDb, database: &Database) -> UserId {
    test.add_user(database, &format!("{}@example.com", fresh_uuid())).await.id
}

/// Somebody who can be invited, as far as the domain is told.
fn a_writer(id: UserId) -> Invitee {
    let account = Some(Standing { id, role: UserRole::Writer, state: AccountState::Active });
    Invitee { id, account }
}

pub(crate) async fn posted(database: &Database, client_id: UserId, invited: Vec<UserId>) -> Order {
    let by = Issuer::Person { user_id: client_id, role: UserRole::Client };
    let mut unit = database.begin().await.unwrap();
    let id = unit.orders().next_id().await.unwrap();
    let invited = invited.into_iter().map(a_writer).collect();
    let posted = Order::post(NewOrder { id, details: details(), invited }, by, now()).unwrap();
    unit.orders().insert(&posted.order).await.unwrap();
    unit.invitations().insert(&posted.invitations).await.unwrap();
    unit.commit().await.unwrap();
    posted.order
}

async fn place(unit: &mut dyn UnitOfWork, order: &Order, provider_id: UserId) -> Bid {
    let by = Issuer::Person { user_id: provider_id, role: UserRole::Writer };
    let id = unit.bids().stage(order.id, provider_id).await.unwrap().next_id;
    let message = BidMessage::parse("years of experience").unwrap();
    let new = NewBid { id, amount: usd(11_501), proposed_deadline: None, message };
    let (bid, step) = Bid::place(new, order, None, by, now()).unwrap();
    unit.bids().insert(&bid, &step.offer.unwrap()).await.unwrap();
    bid
}

pub(crate) async fn placed(database: &Database, order: &Order, provider_id: UserId) -> Bid {
    let mut unit = database.begin().await.unwrap();
    let bid = place(unit.as_mut(), order, provider_id).await;
    unit.commit().await.unwrap();
    bid
}

/// An order that is awarded and paid for; no money is booked.
struct Deal {
    order: Order,
    bid: Bid,
    contract: Contract,
}

impl Deal {
    async fn new(test: &TestDb, database: &Database) -> Self {
        let mut order = posted(database, person(test, database).await, vec![]).await;
        let bid = placed(database, &order, person(test, database).await).await;
        let rate = |basis_points| BasisPoints::new(basis_points).unwrap();
        let command = AwardCommand {
            bid_id: bid.id,
            expected: Expected::default(),
            contract_id: ContractId::new(fresh_uuid()),
            fees: FeeRule { provider: rate(1_000), client: rate(500) },
            available: usd(1_000_000),
            bidder_may_enter: true,
        };
        let (mut bids, by) = ([bid], client(&order));
        let Awarded { contract, .. } = contracts::award(&mut order, &mut bids, command, by, at(1)).unwrap();
        let mut unit = database.begin().await.unwrap();
        unit.orders().save(&mut order).await.unwrap();
        unit.bids().save(&mut bids).await.unwrap();
        unit.contracts().insert(&contract).await.unwrap();
        unit.commit().await.unwrap();
        let [bid] = bids;
        Self { order, bid, contract }
    }

    async fn save(&mut self, database: &Database) {
        let mut unit = database.begin().await.unwrap();
        unit.orders().save(&mut self.order).await.unwrap();
        unit.contracts().save(&mut self.contract).await.unwrap();
        unit.commit().await.unwrap();
    }

    async fn submit(&mut self, database: &Database) {
        let by = Issuer::Person { user_id: self.bid.provider_id, role: UserRole::Writer };
        let (submission, _) = self
            .contract
            .submit(MilestoneNumber::FIRST, None, AutoReleasePeriod::default(), by, at(2))
            .unwrap();
        let mut unit = database.begin().await.unwrap();
        unit.contracts().add_submission(&submission).await.unwrap();
        unit.contracts().save(&mut self.contract).await.unwrap();
        unit.commit().await.unwrap();
    }

    fn approve(&mut self) -> Outcome {
        let (by, to) = (client(&self.order), PayoutTo::Available);
        contracts::approve(&mut self.order, &mut self.contract, MilestoneNumber::FIRST, to, by, at(3))
            .unwrap()
    }
}

/// Statements that a faulty program might send, and what stands against each.
const REFUSED: &[(&str, &str)] = &[
    ("UPDATE orders SET state = 'lost'", "order_state_word"),
    ("UPDATE orders SET state = 'open'", "orders_awarded_by_state"),
    ("UPDATE orders SET state = 'pending'", "orders_started_by_state"),
    ("UPDATE orders SET state = 'completed', completed_at = now()", "orders_completed_in_full"),
    ("UPDATE orders SET completed_at = now()", "orders_completed_at_a_time"),
    ("UPDATE orders SET cancelled_at = now()", "orders_cancelled_at_a_time"),
    ("UPDATE orders SET accepted_minor = NULL", "orders_award_all_or_none"),
    ("UPDATE orders SET contract_id = NULL", "orders_award_all_or_none"),
    ("UPDATE orders SET provider_id = client_id", "orders_not_ones_own"),
    ("UPDATE orders SET started_at = NULL", "orders_started_by_state"),
    ("UPDATE orders SET progress = 101", "percentage_range"),
    ("UPDATE orders SET pages = 0", "page_count_range"),
    ("UPDATE orders SET budget_minor = 0", "minor_units_range"),
    ("UPDATE orders SET accepted_minor = 0", "minor_units_range"),
    ("UPDATE orders SET revision = 0", "ordinal_counts"),
    ("UPDATE orders SET bids_count = -1", "tally_counts"),
    ("UPDATE orders SET title = repeat('x', 201)", "short_line_length"),
    ("UPDATE orders SET provider_id = gen_random_uuid()", "orders_provider_id_fkey"),
    ("UPDATE order_texts SET description = ''", "order_texts_description_length"),
    ("UPDATE order_texts SET milestone_plan = '{}'", "order_texts_milestone_plan_is_short_array"),
    ("UPDATE order_texts SET specifications = '[]'", "order_texts_specifications_is_object"),
    ("UPDATE order_texts SET detailed_requirements = '{a,NULL}'", "order_texts_detailed_requirements_are_few"),
    ("UPDATE bids SET state = 'countered'", "bids_countered_by_terms"),
    ("UPDATE bids SET counter_minor = 1, counter_at = now()", "bids_countered_by_terms"),
    ("UPDATE bids SET state = 'open'", "bids_answered_by_state"),
    ("UPDATE bids SET answered_at = NULL", "bids_answered_by_state"),
    ("UPDATE bids SET state = 'sold'", "bids_state_word"),
    ("UPDATE bids SET amount_minor = 10000000000", "bids_amount_range"),
    (
        "INSERT INTO offers (bid_id, author, author_id, amount_minor, currency, made_at)
         SELECT id, 'system', provider_id, 1, 'USD', now() FROM bids",
        "offers_author_word",
    ),
    ("UPDATE contracts SET client_id = provider_id", "contracts_two_sides"),
    ("UPDATE contracts SET state = 'pending_funding'", "contracts_funded_by_state"),
    ("UPDATE contracts SET funded_at = NULL", "contracts_funded_at_a_time"),
    ("UPDATE contracts SET state = 'disputed'", "contracts_disputed_by_state"),
    ("UPDATE contracts SET state = 'completed'", "contracts_ended_at_a_time"),
    ("UPDATE contracts SET state = 'completed', ended_at = now()", "contracts_ended_hold_nothing"),
    (
        "UPDATE contracts SET released_minor = price_minor, refunded_minor = 1",
        "contracts_give_out_no_more_than_taken_in",
    ),
    ("UPDATE contracts SET refunded_minor = -1", "contracts_give_out_no_more_than_taken_in"),
    ("UPDATE contracts SET provider_net_minor = 1", "contracts_derived_range"),
    ("UPDATE contracts SET held_minor = -1", "contracts_derived_range"),
    ("UPDATE contracts SET client_fee_bps = 10001", "contracts_client_fee_range"),
    ("UPDATE milestones SET state = 'submitted'", "milestones_clock_by_state"),
    ("UPDATE milestones SET submissions = 1", "milestones_submitted_at_a_time"),
    ("UPDATE milestones SET state = 'changes_requested'", "milestones_changes_by_state"),
    ("UPDATE milestones SET state = 'completed'", "milestones_completed_at_a_time"),
    ("UPDATE milestones SET state = 'completed', completed_at = now()", "milestones_settled_by_state"),
    ("UPDATE milestones SET released_minor = 1", "milestones_released_in_parts"),
    ("UPDATE milestones SET refunded_minor = 1", "milestones_refunded_in_parts"),
    ("UPDATE milestones SET dispute_reason = 'x'", "milestones_dispute_all_or_none"),
    ("UPDATE milestones SET state = 'disputed'", "milestones_disputed_by_state"),
    ("UPDATE milestones SET number = 51 WHERE number = 1", "milestones_number_range"),
    ("UPDATE milestones SET clears_at = now()", "milestones_only_released_money_rests"),
    ("UPDATE milestones SET cleared_at = now()", "milestones_cleared_after_rest"),
    (
        "UPDATE milestones SET state = 'submitted', submissions = 1, submitted_at = now(),
             auto_release_at = now(), remind_at = now()",
        "milestones_reminded_before_release",
    ),
    ("INSERT INTO bonuses SELECT gen_random_uuid(), id, 0, 0, NULL, now() FROM contracts", "bonuses_amount_range"),
    ("INSERT INTO bonuses SELECT gen_random_uuid(), id, 1, 2, NULL, now() FROM contracts", "bonuses_fee_range"),
    ("INSERT INTO bonuses SELECT gen_random_uuid(), id, 1, 0, '', now() FROM contracts", "bonuses_message_length"),
    (
        "INSERT INTO bonuses VALUES (gen_random_uuid(), gen_random_uuid(), 1, 0, NULL, now())",
        "bonuses_contract_id_fkey",
    ),
    (
        "INSERT INTO submissions SELECT contract_id, 9, 1, NULL, now() FROM milestones LIMIT 1",
        "submissions_milestone_fkey",
    ),
    (
        "INSERT INTO reviews SELECT id, client_id, client_id, 5, NULL, now() FROM orders",
        "reviews_of_somebody_else",
    ),
    (
        "INSERT INTO reviews SELECT id, client_id, provider_id, 6, NULL, now() FROM orders",
        "reviews_rating_range",
    ),
    (
        "INSERT INTO contracts SELECT gen_random_uuid(), order_id, bid_id, client_id, provider_id, price_minor,
             currency, 0, 0, false, 0, 0, 0, 0, 0, 0, 'pending_funding', now(), NULL, NULL, now(), 0
         FROM contracts",
        "contracts_bid_once",
    ),
];

#[tokio::test]
async fn constraints_are_the_second_line() {
    let test = database().await;
    let database = test.open();
    Deal::new(&test, &database).await;
    let postgres = test.superuser().await;
    for (statement, constraint) in REFUSED {
        let error = postgres.batch_execute(statement).await.expect_err(statement);
        let broken = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(broken, Some(*constraint), "{statement}: {error:?}");
    }
}

#[tokio::test]
async fn two_of_what_there_is_one_of_are_refused() {
    let test = database().await;
    let database = test.open();
    let order = posted(&database, person(&test, &database).await, vec![]).await;
    let (one, other) = (person(&test, &database).await, person(&test, &database).await);
    for provider_id in [one, other] {
        placed(&database, &order, provider_id).await;
    }
    let postgres = test.superuser().await;
    for (what, sql, index) in [
        (
            "a second live bid",
            format!("UPDATE bids SET provider_id = '{one}' WHERE provider_id = '{other}'"),
            "bids_one_live",
        ),
        (
            "a second accepted bid",
            "UPDATE bids SET state = 'accepted', answered_at = now()".to_owned(),
            "bids_one_accepted",
        ),
        (
            "a second contract",
            "INSERT INTO contracts SELECT gen_random_uuid(), bids.order_id, bids.id, orders.client_id,
                 bids.provider_id, 1, 'USD', 0, 0, false, 0, 0, 0, 0, 0, 0, 'pending_funding', now(), NULL,
                 NULL, now(), 0
             FROM bids JOIN orders ON orders.id = bids.order_id"
                .to_owned(),
            "contracts_one_of_order",
        ),
    ] {
        let error = postgres.batch_execute(&sql).await.expect_err(what);
        let broken = error.as_db_error().and_then(|error| error.constraint());
        assert_eq!(broken, Some(index), "{what}: {error:?}");
    }
    // A bid that came to its end is no hindrance, nor is one in another state of being live.
    postgres
        .batch_execute("UPDATE bids SET state = 'declined', answered_at = now() WHERE id = 1")
        .await
        .unwrap();
    placed(&database, &order, one).await;
    postgres.batch_execute("UPDATE bids SET state = 'changed' WHERE id = 3").await.unwrap();
    let mut unit = database.begin().await.unwrap();
    place(unit.as_mut(), &order, one).await;
    let outcome = unit.commit().await;
    assert!(matches!(&outcome, Err(StoreError::Refused(_))), "{outcome:?}");
}

/// What is kept until COMMIT is written by the same transaction as the rest; and where it is refused, nothing is.
#[tokio::test]
async fn a_kept_bid_is_written_with_its_facts_or_neither_is() {
    let test = database().await;
    let database = test.open();
    let order = posted(&database, person(&test, &database).await, vec![]).await;
    let told = |user_id| {
        let fact = Fact::Identity(IdentityEvent::PasswordChanged { user_id });
        [(fresh_event_id(), Event { fact, occurred_at: now() })]
    };
    let with_facts = "SELECT count(*) FROM bids JOIN outbox ON outbox.user_id = bids.provider_id
                      WHERE bids.xmin = outbox.xmin AND outbox.name = 'user.password_changed'";
    let bidders =
        [person(&test, &database).await, person(&test, &database).await, person(&test, &database).await];
    for (bidder, count) in bidders.iter().zip(1..) {
        let mut unit = database.begin().await.unwrap();
        place(unit.as_mut(), &order, *bidder).await;
        unit.outbox().append(&told(*bidder)).await.unwrap();
        unit.commit().await.unwrap();
        assert_eq!(test.count(with_facts).await, count);
    }
    let [bidder, ..] = bidders;
    let another = person(&test, &database).await;
    let mut unit = database.begin().await.unwrap();
    place(unit.as_mut(), &order, another).await;
    unit.rollback().await.unwrap();
    assert_eq!(test.count("SELECT count(*) FROM bids").await, 3, "what was kept is undone");
    let mut unit = database.begin().await.unwrap();
    let bid = place(unit.as_mut(), &order, another).await;
    assert!(unit.bids().find(bid.id).await.unwrap().is_some(), "the next call sees it");
    unit.rollback().await.unwrap();
    let mut unit = database.begin().await.unwrap();
    place(unit.as_mut(), &order, bidder).await;
    unit.outbox().append(&told(bidder)).await.unwrap();
    let outcome = unit.commit().await;
    assert!(matches!(&outcome, Err(StoreError::Refused(_))), "{outcome:?}");
    let facts = "SELECT count(*) FROM outbox WHERE name = 'user.password_changed'";
    assert_eq!((test.count(facts).await, test.count("SELECT count(*) FROM bids").await), (3, 3));
    assert_eq!(test.count("SELECT bids_count FROM orders").await, 3);
    test.assert_no_open_transaction().await;
}

/// Names in the domain that the CHECKs do not know would be refused only when they are first used.
#[tokio::test]
async fn every_word_of_the_domain_is_known() {
    use domain::contracts::{ContractState, MilestoneState};
    let test = database().await;
    let postgres = test.superuser().await;
    macro_rules! all {
        ($type:ty) => {
            <$type>::ALL.iter().map(|word| word.as_str().to_owned()).collect::<Vec<_>>()
        };
    }
    for (constraint, mut words) in [
        ("order_state_word", all!(OrderState)),
        ("currency_code_word", all!(Currency)),
        ("bids_state_word", all!(BidState)),
        ("bids_currency_word", all!(Currency)),
        ("offers_currency_word", all!(Currency)),
        ("contracts_state_word", all!(ContractState)),
        ("contracts_currency_word", all!(Currency)),
        ("milestones_state_word", all!(MilestoneState)),
    ] {
        let sql = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = $1";
        let definition: String = postgres.query_one(sql, &[&constraint]).await.unwrap().get(0);
        let mut stored: Vec<_> = definition.split('\'').skip(1).step_by(2).map(ToOwned::to_owned).collect();
        stored.sort();
        words.sort();
        assert_eq!(stored, words, "{constraint}");
    }
    for index in ["bids_one_live", "orders_open_by_deadline", "orders_open_by_subject"] {
        let sql = "SELECT indexdef FROM pg_indexes WHERE indexname = $1";
        let definition: String = postgres.query_one(sql, &[&index]).await.unwrap().get(0);
        let mut stored: Vec<_> = definition.split('\'').skip(1).step_by(2).map(ToOwned::to_owned).collect();
        let live = BidState::ALL.iter().filter(|state| state.is_live()).map(|state| state.as_str());
        let mut words: Vec<_> = match index {
            "bids_one_live" => live.map(ToOwned::to_owned).collect(),
            _ => vec![OrderState::Open.as_str().to_owned()],
        };
        stored.sort();
        words.sort();
        assert_eq!(stored, words, "{index}");
    }
}

/// Each impossible value beside the table and column that must be named for it.
const IMPOSSIBLE: &[(&str, &str, &str)] = &[
    ("UPDATE orders SET state = 'lost'", "orders", "state"),
    ("UPDATE orders SET currency = 'XXX'", "orders", "currency"),
    ("UPDATE orders SET title = ''", "orders", "title"),
    ("UPDATE orders SET pages = 0", "orders", "pages"),
    ("UPDATE orders SET progress = -1", "orders", "progress"),
    ("UPDATE orders SET budget_minor = -1", "orders", "budget_minor"),
    ("UPDATE orders SET accepted_minor = 0", "orders", "accepted_minor"),
    ("UPDATE orders SET awarded_at = NULL", "orders", "provider_id"),
    ("UPDATE order_texts SET description = ''", "order_texts", "description"),
    ("UPDATE order_texts SET milestone_plan = '[1]'", "order_texts", "milestone_plan"),
    ("UPDATE order_texts SET specifications = '{\"format\": 1}'", "order_texts", "specifications"),
    ("UPDATE bids SET state = 'lost'", "bids", "state"),
    ("UPDATE bids SET message = ''", "bids", "message"),
    ("UPDATE bids SET amount_minor = 0", "bids", "amount_minor"),
    ("UPDATE bids SET counter_at = now()", "bids", "counter_minor"),
    ("UPDATE contracts SET state = 'lost'", "contracts", "state"),
    ("UPDATE contracts SET price_minor = 0", "contracts", "price_minor"),
    ("UPDATE contracts SET released_minor = -1", "contracts", "released_minor"),
    ("UPDATE contracts SET provider_fee_bps = -1", "contracts", "provider_fee_bps"),
    ("UPDATE milestones SET state = 'lost'", "milestones", "state"),
    ("UPDATE milestones SET title = ''", "milestones", "title"),
    ("UPDATE milestones SET released_minor = 1", "milestones", "released_minor"),
    ("UPDATE milestones SET refunded_client_fee_minor = 1", "milestones", "refunded_minor"),
    ("UPDATE milestones SET dispute_reason = 'x'", "milestones", "dispute_reason"),
];

#[tokio::test]
async fn an_impossible_stored_value_is_named() {
    let test = database().await;
    let database = test.open();
    let postgres = test.superuser().await;
    let drop_checks = "DO $$ DECLARE c record; BEGIN
         FOR c IN SELECT CASE contypid WHEN 0 THEN 'TABLE ' || conrelid::regclass
                                              ELSE 'DOMAIN ' || contypid::regtype END AS place, conname
                  FROM pg_constraint WHERE contype = 'c' AND connamespace = 'public'::regnamespace
         LOOP EXECUTE format('ALTER %s DROP CONSTRAINT %I', c.place, c.conname); END LOOP; END $$";
    postgres.batch_execute(drop_checks).await.unwrap();
    let deal = Deal::new(&test, &database).await;
    let (order_id, bid_id) = (deal.order.id, deal.bid.id);
    for (statement, table, column) in IMPOSSIBLE {
        let copy = format!("CREATE TEMP TABLE kept AS SELECT * FROM {table}; {statement}");
        postgres.batch_execute(&copy).await.unwrap();
        let mut unit = database.begin().await.unwrap();
        let result = match *table {
            "bids" => unit.bids().lock(order_id, WhichBids::One(bid_id)).await.map(drop),
            "contracts" | "milestones" => unit.contracts().lock(order_id).await.map(drop),
            _ => unit.orders().lock(order_id).await.map(drop),
        };
        let Err(StoreError::Corrupt { table: named, column: at, row, problem }) = result else {
            panic!("{statement} was taken: {result:?}");
        };
        assert_eq!((named, at), (*table, *column), "{statement}: {row}: {problem}");
        assert!(!problem.contains("lost") && !problem.contains("XXX"), "without the value");
        let key = match *table {
            "bids" => bid_id.to_string(),
            "contracts" | "milestones" => deal.contract.id.to_string(),
            _ => order_id.to_string(),
        };
        assert!(row.starts_with(&key), "{statement}: {row}");
        unit.rollback().await.unwrap();
        let back = format!(
            "SET session_replication_role = replica; DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept;
             DROP TABLE kept; RESET session_replication_role"
        );
        postgres.batch_execute(&back).await.unwrap();
    }
    // The same values through questions.
    postgres.batch_execute("UPDATE orders SET state = 'lost'").await.unwrap();
    let shown = database.order(order_id).await;
    assert!(matches!(shown, Err(StoreError::Corrupt { table: "orders", column: "state", .. })), "{shown:?}");
    postgres
        .batch_execute("UPDATE offers SET author = 'system'; UPDATE offers SET currency = 'XXX'")
        .await
        .unwrap();
    let offers = database.offers(bid_id).await;
    assert!(matches!(offers, Err(StoreError::Corrupt { table: "offers", .. })), "{offers:?}");
}

/// A row's version: another one means that the row was written.
async fn versions(test: &TestDb, table: &str) -> BTreeMap<String, String> {
    let sql = format!("SELECT {table}::text, ctid::text FROM {table}");
    let rows = test.superuser().await.query(&sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

#[tokio::test]
async fn what_does_not_differ_is_not_written() {
    let test = database().await;
    let database = test.open();
    let mut deal = Deal::new(&test, &database).await;
    let (texts, steps) = (versions(&test, "order_texts").await, versions(&test, "milestones").await);
    let by = Issuer::Person { user_id: deal.bid.provider_id, role: UserRole::Writer };
    deal.order.report_progress(Progress::new(50).unwrap(), by, at(2)).unwrap();
    deal.save(&database).await;
    assert_eq!(versions(&test, "order_texts").await, texts);
    assert_eq!(versions(&test, "milestones").await, steps);
    deal.submit(&database).await;
    let after = versions(&test, "milestones").await;
    let same = steps.iter().filter(|(row, ctid)| after.get(*row) == Some(*ctid)).count();
    assert_eq!((after.len(), same), (2, 1), "one of two was handed in");
}

#[tokio::test]
async fn what_follows_from_a_contract_is_stored_with_it() {
    let test = database().await;
    let database = test.open();
    let mut deal = Deal::new(&test, &database).await;
    let stored = async || -> (i64, i64, i64) {
        let sql = "SELECT provider_outstanding_minor, held_minor, provider_net_minor FROM contracts";
        let row = test.superuser().await.query_one(sql, &[]).await.unwrap();
        (row.get(0), row.get(1), row.get(2))
    };
    assert_eq!(stored().await, (10_351, 12_076, 0), "115.01 less 11.50; 115.01 and 5.75");
    deal.submit(&database).await;
    let outcome = deal.approve();
    assert!(!outcome.transactions.is_empty());
    deal.save(&database).await;
    let escrow = deal.contract.escrow;
    let held = escrow.held().unwrap().minor();
    let expected =
        (escrow.provider_outstanding().unwrap().minor(), held, escrow.provider_net().unwrap().minor());
    assert_eq!(stored().await, expected);
    assert_eq!(expected.2, 5_175, "57.50 less 5.75");
}

/// An order is two rows: whoever waited for it must be shown both as they are then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_waited_for_an_order_sees_its_newest_texts() {
    let test = database().await;
    let database = test.open_with(|config| config.size = 2);
    let mut order = posted(&database, person(&test, &database).await, vec![]).await;
    let mut first = database.begin().await.unwrap();
    first.orders().lock(order.id).await.unwrap();
    let waiting = tokio::spawn({
        let (database, id) = (database.clone(), order.id);
        async move {
            let mut second = database.begin().await.unwrap();
            let seen = second.orders().lock(id).await.unwrap();
            second.rollback().await.unwrap();
            seen
        }
    });
    test.somebody_waits_for_a_lock().await;
    order.details.description = Description::parse("Something else").unwrap();
    first.orders().save(&mut order).await.unwrap();
    first.commit().await.unwrap();
    assert_eq!(waiting.await.unwrap(), Some(order));
}

/// Until what sessions counted is in the statistics: each tells it at its end, at the latest.
/// On a connection that has done so before, all that a bid depends on is asked for at once, together with BEGIN. It
/// is looked at in order all the same: who has waited for the order sees what was bid meanwhile.
#[tokio::test]
async fn what_a_bid_depends_on_is_looked_at_in_order() {
    let test = database().await;
    let (database, another) = (test.open(), test.open());
    let (client_id, provider_id) = (person(&test, &database).await, person(&test, &database).await);
    let order = posted(&database, client_id, vec![]).await;
    for _ in 0..3 {
        let mut unit = database.begin().await.unwrap();
        let staged = unit.bids().stage(order.id, provider_id).await.unwrap();
        assert!(staged.provider.is_some() && staged.live.is_none());
        assert_eq!(staged.order.map(|staged| staged.id), Some(order.id));
        for (table, id) in [("users", provider_id.to_string()), ("orders", order.id.number().to_string())] {
            let sql = format!("SELECT FROM {table} WHERE id = '{id}' FOR NO KEY UPDATE NOWAIT");
            assert!(test.superuser().await.query(&sql, &[]).await.is_err(), "{table} is locked");
        }
        unit.rollback().await.unwrap();
    }
    let mut holder = another.begin().await.unwrap();
    let bid = place(holder.as_mut(), &order, provider_id).await;
    let staging = tokio::spawn({
        let database = database.clone();
        async move {
            let mut unit = database.begin().await.unwrap();
            let staged = unit.bids().stage(order.id, provider_id).await.unwrap();
            unit.rollback().await.unwrap();
            staged.live.map(|live| live.id)
        }
    });
    test.somebody_waits_for_a_lock().await;
    holder.commit().await.unwrap();
    assert_eq!(staging.await.unwrap(), Some(bid.id));
    test.assert_no_open_transaction().await;
}

async fn close(test: &TestDb, database: Database) -> tokio_postgres::Client {
    drop(database);
    let postgres = test.superuser().await;
    eventually("all are closed", async || test.backends(&postgres, "true").await == 0).await;
    postgres
}

/// What changes often is in no index, so that a new version of a row costs no index anything.
#[tokio::test]
async fn counting_and_progress_touch_no_index() {
    let test = database().await;
    let database = test.open();
    let mut deal = Deal::new(&test, &database).await;
    let order = posted(&database, deal.order.client_id, vec![]).await;
    drop(close(&test, database).await);
    test.superuser().await.batch_execute("SELECT pg_stat_reset()").await.unwrap();

    let database = test.open();
    let by = Issuer::Person { user_id: deal.bid.provider_id, role: UserRole::Writer };
    for percent in [10, 20, 30] {
        deal.order.report_progress(Progress::new(percent).unwrap(), by, at(2)).unwrap();
        deal.save(&database).await;
    }
    for _ in 0..3 {
        placed(&database, &order, person(&test, &database).await).await;
    }
    let postgres = close(&test, database).await;
    let sql = "SELECT relname::text, n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE n_tup_upd > 0";
    let rows = postgres.query(sql, &[]).await.unwrap();
    let told: BTreeMap<String, (i64, i64)> =
        rows.iter().map(|row| (row.get(0), (row.get(1), row.get(2)))).collect();
    let expected = [("contracts", (3, 3)), ("orders", (6, 6))];
    assert_eq!(told, BTreeMap::from(expected.map(|(table, counts)| (table.to_owned(), counts))));
}

/// With sequential scans made unattractive, one is taken only where no index serves: each question
/// is asked once, as a generic plan, and no table of the marketplace may have been read as a whole.
#[tokio::test]
async fn no_question_reads_a_whole_table() {
    let test = database().await;
    let setup = test.open();
    let mut deal = Deal::new(&test, &setup).await;
    deal.submit(&setup).await;
    let (client_id, provider_id) = (deal.order.client_id, person(&test, &setup).await);
    let order = posted(&setup, client_id, vec![provider_id]).await;
    let bid = placed(&setup, &order, person(&test, &setup).await).await;
    let admin = close(&test, setup).await;
    let name = test.name();
    let settings = format!(
        "ANALYZE; ALTER DATABASE {name} SET enable_seqscan = off;
         ALTER DATABASE {name} SET plan_cache_mode = force_generic_plan; SELECT pg_stat_reset()"
    );
    admin.batch_execute(&settings).await.unwrap();

    let database = test.open();
    ask_everything(&database, &deal, (client_id, provider_id), (order.id, &bid)).await;
    do_everything(&database, &mut deal, &order).await;
    let postgres = close(&test, database).await;
    let sql = "SELECT relname::text FROM pg_stat_user_tables
               WHERE seq_scan > 0 AND relname IN ('orders', 'order_texts', 'invitations', 'bids', 'offers',
                   'contracts', 'milestones', 'submissions', 'reviews', 'users', 'profiles', 'user_figures')";
    let rows = postgres.query(sql, &[]).await.unwrap();
    let read: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(read, Vec::<String>::new(), "read as a whole");
}

async fn ask_everything(
    database: &Database,
    deal: &Deal,
    (client_id, provider_id): (UserId, UserId),
    (order_id, bid): (OrderId, &Bid),
) {
    let page = Window::Page { offset: 0, limit: 20 };
    let search = || SearchTerms::parse("climate").unwrap();
    for scope in
        [OrderScope::PostedBy(client_id), OrderScope::AwardedTo(deal.bid.provider_id), OrderScope::Everybody]
    {
        for search in [None, search()] {
            let filter = OrderFilter { states: OrderState::ALL.to_vec(), search };
            assert!(database.orders(scope, &filter, page).await.unwrap().orders.total > 0);
        }
    }
    for combination in 0..16_u8 {
        let is_set = |bit: u8| combination & (1 << bit) != 0;
        let filter = AvailableFilter {
            invited_only: is_set(0),
            subject: is_set(1).then(|| "ENVIRONMENTAL science".to_owned()),
            min_budget: is_set(2).then(|| usd(12_000)),
            max_budget: is_set(2).then(|| usd(12_000)),
            search: if is_set(3) { search() } else { None },
        };
        let found = database.available_orders(provider_id, &filter, page, now()).await.unwrap();
        assert_eq!((found.orders.total, found.invited), (1, 1), "{filter:?}");
        assert_eq!((found.avg_budget, found.avg_competition_tenths), (usd(12_000), 10), "{filter:?}");
        assert!(found.orders.rows[0].is_invited);
    }
    assert!(database.order(order_id).await.unwrap().is_some());
    assert_eq!(database.order(deal.order.id).await.unwrap().unwrap().milestones.len(), 2);
    assert!(database.order_access(order_id).await.unwrap().is_some());
    assert!(database.bid(bid.id).await.unwrap().is_some());
    for whose in [Some(bid.provider_id), None] {
        assert!(database.bids(whose, BidState::ALL, page).await.unwrap().bids.total > 0);
    }
    assert_eq!(database.bids_on(order_id, BidState::ALL, page).await.unwrap().total, 1);
    assert_eq!(database.offers(bid.id).await.unwrap().len(), 1);
    let wallet = MoneyQueries::wallet(database, deal.bid.provider_id, Currency::Usd).await.unwrap();
    assert_eq!(wallet.pending, usd(10_351));
}

/// The statements of commands.
async fn do_everything(database: &Database, deal: &mut Deal, order: &Order) {
    let mut unit = database.begin().await.unwrap();
    let locked = unit.orders().lock(order.id).await.unwrap().unwrap();
    for which in [
        WhichBids::One(deal.bid.id),
        WhichBids::LiveOf(deal.bid.provider_id),
        WhichBids::Live,
        WhichBids::LiveAndAccepted,
        WhichBids::LiveAnd(deal.bid.id),
    ] {
        unit.bids().lock(order.id, which).await.unwrap();
    }
    let mut bid = place(unit.as_mut(), &locked, deal.bid.provider_id).await;
    unit.bids().save(std::slice::from_mut(&mut bid)).await.unwrap();
    assert!(unit.bids().find(bid.id).await.unwrap().is_some());
    assert!(unit.contracts().lock(deal.order.id).await.unwrap().is_some());
    unit.orders().save(&mut deal.order).await.unwrap();
    unit.contracts().save(&mut deal.contract).await.unwrap();
    assert!(unit.contracts().has_running(deal.order.client_id).await.unwrap());
    assert_eq!(unit.users().standings(&[deal.order.client_id]).await.unwrap().len(), 1);
    let more = FigureChange { orders_posted: 1, ..FigureChange::default() };
    unit.figures().change(&BTreeMap::from([(deal.order.client_id, more)])).await.unwrap();
    let mut completed = deal.order.clone();
    completed.state = OrderState::Completed;
    let stars = (Stars::new(5).unwrap(), None);
    let (review, _) = Review::write(stars, &completed, None, client(&completed), at(4)).unwrap();
    assert_eq!(unit.reviews().insert(&review).await.unwrap(), ReviewClaim::Granted);
    assert!(unit.reviews().find(deal.order.id, review.author_id).await.unwrap().is_some());
    unit.rollback().await.unwrap();
}
