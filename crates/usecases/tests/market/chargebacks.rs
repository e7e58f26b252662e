//! A payer's bank takes a payment back: what goes first, what is owed, and what comes back.

use std::collections::BTreeMap;

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::actor::Actor;
use domain::contracts::{MilestoneState, ProposalState};
use domain::event::Fact;
use domain::ids::{ChargebackId, DepositId, EventId};
use domain::money::{ChargebackReason, ChargebackState, Currency, MoneyEvent, PayoutAccount, PayoutMethod};
use domain::orders::OrderState;
use ports::idempotency::StoredAnswer;
use ports::jobs::JobKind;
use ports::list::Slice;
use ports::money::{ChargebackView, MoneyQueries};
use ports::outbox::{OutboxReader, Particular, StoredFact};
use usecases::error::UseCaseError;
use usecases::idempotency::Once;
use usecases::money::{
    ListChargebacks, LoseChargeback, NoticeIncome, ReceiveChargeback, RequestWithdrawal, SettleDebts,
    WinChargeback,
};

use super::proposals::back;
use super::world::{Deal, EVERYTHING, Outcome, World, now, usd, word};

/// The deposits of somebody, oldest first.
fn deposits(world: &World, person: &Actor) -> Vec<DepositId> {
    let events = world.store.events().into_iter();
    let found = events.filter_map(|(_, event)| match event.fact {
        Fact::Money(MoneyEvent::DepositCompleted { deposit_id, user_id, .. })
            if user_id == person.user_id =>
        {
            Some(deposit_id)
        }
        _ => None,
    });
    found.collect()
}

/// With a debt limit of 50.00.
async fn receive(world: &World, by: &Actor, id: DepositId) -> Outcome<ChargebackView> {
    let (store, recorder) = (world.desk.store.clone(), world.desk.recorder.clone());
    let receive = ReceiveChargeback { store, recorder, debt_limit: usd(5_000) };
    let reason = ChargebackReason::parse("stolen card").unwrap();
    receive.execute(by, id, reason, &world.once()).await
}

async fn win(world: &World, by: &Actor, id: ChargebackId) -> Outcome<ChargebackView> {
    let (store, recorder) = (world.desk.store.clone(), world.desk.recorder.clone());
    WinChargeback { store, recorder }.execute(by, id, &world.once()).await
}

async fn lose(world: &World, by: &Actor, id: ChargebackId) -> Outcome<ChargebackView> {
    let (store, recorder) = (world.desk.store.clone(), world.desk.recorder.clone());
    LoseChargeback { store, recorder }.execute(by, id, &world.once()).await
}

async fn settle(world: &World) -> u64 {
    let (store, recorder) = (world.desk.store.clone(), world.desk.recorder.clone());
    SettleDebts { store, recorder, debtors: world.store.clone() }.execute().await.unwrap()
}

async fn debt(world: &World, person: &Actor) -> i64 {
    world.store.wallet(person.user_id, Currency::Usd).await.unwrap().debt.minor()
}

async fn withdraw(world: &World, person: &Actor, minor: i64) -> String {
    let (store, recorder) = (world.desk.store.clone(), world.desk.recorder.clone());
    let account = PayoutAccount::new(PayoutMethod::PayPal, |_| Some("ada@example.com")).unwrap();
    let render = |_: &_| Ok(StoredAnswer { status: 201, body: String::new() });
    let once = Once { key: None, render };
    word(&RequestWithdrawal { store, recorder }.execute(person, usd(minor), account, &once).await)
}

async fn list(world: &World, by: &Actor) -> Result<Slice<ChargebackView>, UseCaseError> {
    ListChargebacks { chargebacks: world.store.clone() }.execute(by, None, EVERYTHING).await
}

/// What was taken from the wallet, as a debt, and as a loss.
fn taken(view: &ChargebackView) -> (i64, i64, i64) {
    let taken = view.taken;
    (taken.available.minor(), taken.debt.minor(), taken.losses.minor())
}

#[tokio::test]
async fn unfinished_milestones_go_first_and_their_people_are_told() {
    let world = World::new().with_fees();
    // 200.00 paid in, 105.00 of it in escrow for two milestones.
    let deal = Deal::active(&world, &[1, 2]).await;
    world.pay_in(&deal.client, 3_000).await;
    world.news();
    let small = deposits(&world, &deal.client)[1];
    let view = now(receive(&world, &deal.admin, small).await.unwrap());
    assert_eq!(
        (view.state, view.refunded, taken(&view)),
        (ChargebackState::Received, usd(5_250), (3_000, 0, 0))
    );
    let order = world.order(deal.order).await;
    let states: Vec<_> = order.milestones.iter().map(|one| one.state).collect();
    assert_eq!(states, [MilestoneState::Funded, MilestoneState::Refunded], "the last one, as a whole");
    assert_eq!(order.card.state, OrderState::Active);
    let told = ["milestone.charged_back", "payment.refunded", "chargeback.received"];
    assert_eq!(world.told(), told);
    // 200 + 30 paid in, 52.50 in escrow, 30 gone.
    assert_eq!(world.holds(&deal.client).await, (14_750, 0, 5_250));
    assert_eq!(world.holds(&deal.provider).await, (0, 4_500, 0));

    let large = deposits(&world, &deal.client)[0];
    let view = now(receive(&world, &deal.admin, large).await.unwrap());
    assert_eq!((view.refunded, taken(&view)), (usd(5_250), (20_000, 0, 0)));
    assert_eq!(world.order(deal.order).await.card.state, OrderState::Cancelled);
    assert_eq!(world.holds(&deal.client).await, (0, 0, 0));
    assert!(world.told().contains(&"order.cancelled"));
    let all = list(&world, &deal.admin).await.unwrap();
    assert_eq!((all.total, all.rows.len(), all.rows[0].id), (2, 2, view.id));
}

#[tokio::test]
async fn what_is_not_there_is_owed_up_to_a_limit_and_paid_from_what_comes_in() {
    let world = World::new();
    // 200.00 paid in; 100.00 were released, and the rest is taken out.
    let deal = Deal::completed(&world).await;
    assert_eq!(withdraw(&world, &deal.client, 10_000).await, "done");
    let deposit = deposits(&world, &deal.client)[0];
    let view = now(receive(&world, &deal.admin, deposit).await.unwrap());
    assert_eq!((view.refunded, taken(&view)), (usd(0), (0, 5_000, 15_000)));
    assert_eq!((world.holds(&deal.client).await, debt(&world, &deal.client).await), ((0, 0, 0), 5_000));
    assert_eq!(settle(&world).await, 0, "nothing is there to pay with");

    world.pay_in(&deal.client, 2_000).await;
    assert_eq!(withdraw(&world, &deal.client, 1).await, "debt_outstanding in_debt");
    world.news();
    assert_eq!((settle(&world).await, settle(&world).await), (1, 0));
    assert_eq!((world.holds(&deal.client).await.0, debt(&world, &deal.client).await), (0, 3_000));
    let told = MoneyEvent::DebtSettled { user_id: deal.client.user_id, amount: usd(2_000), left: usd(3_000) };
    assert_eq!(world.news(), [Fact::Money(told)]);
    world.pay_in(&deal.client, 10_000).await;
    assert_eq!((settle(&world).await, debt(&world, &deal.client).await), (1, 0));
    assert_eq!(world.holds(&deal.client).await.0, 7_000);
    assert_eq!(withdraw(&world, &deal.client, 7_000).await, "done");
}

#[tokio::test]
async fn what_covers_a_debt_cannot_be_spent() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    assert_eq!(withdraw(&world, &deal.client, 10_000).await, "done");
    let deposit = deposits(&world, &deal.client)[0];
    now(receive(&world, &deal.admin, deposit).await.unwrap());
    world.pay_in(&deal.client, 12_000).await;
    let order = world.posted(&deal.client).await;
    let bid = world.placed(&deal.provider, order, 10_000).await;
    // 120.00 less what is owed is not enough.
    world.award(&deal.client, bid).await.unwrap();
    assert_eq!(word(&world.fund(&deal.client, order).await), "pay 100.00 of 70.00");
    world.pay_in(&deal.client, 3_000).await;
    assert_eq!(word(&world.fund(&deal.client, order).await), "done");
    settle(&world).await;
    assert_eq!((world.holds(&deal.client).await.0, debt(&world, &deal.client).await), (0, 0));
}

#[tokio::test]
async fn what_is_won_comes_back_and_what_is_lost_stays() {
    for is_won in [true, false] {
        let world = World::new();
        let deal = Deal::completed(&world).await;
        assert_eq!(withdraw(&world, &deal.client, 10_000).await, "done");
        world.pay_in(&deal.client, 1_000).await;
        let deposit = deposits(&world, &deal.client)[0];
        let view = now(receive(&world, &deal.admin, deposit).await.unwrap());
        assert_eq!(taken(&view), (1_000, 5_000, 14_000));
        // Some of the debt is paid meanwhile.
        world.pay_in(&deal.client, 4_000).await;
        assert_eq!(settle(&world).await, 1);
        world.news();
        let decided = if is_won {
            win(&world, &deal.admin, view.id).await
        } else {
            lose(&world, &deal.admin, view.id).await
        };
        let decided = now(decided.unwrap());
        assert!(decided.decided_at.is_some());
        let state = if is_won { ChargebackState::Won } else { ChargebackState::Lost };
        assert_eq!(decided.state, state);
        assert_eq!(world.told(), [if is_won { "chargeback.won" } else { "chargeback.lost" }]);
        let has = (world.holds(&deal.client).await.0, debt(&world, &deal.client).await);
        // Won: 60.00 come back, of which 10.00 pay what is owed still.
        assert_eq!(has, if is_won { (5_000, 0) } else { (0, 1_000) });
        for again in [win(&world, &deal.admin, view.id).await, lose(&world, &deal.admin, view.id).await] {
            assert_eq!(word(&again), format!("invalid_transition {state}"));
        }
    }
}

#[tokio::test]
async fn who_may_and_what_is_there() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let deposit = deposits(&world, &deal.client)[0];
    let unknown = ChargebackId::new(uuid::Uuid::from_u128(77));
    for person in [&deal.client, &deal.provider, &deal.other_client] {
        assert_eq!(word(&receive(&world, person, deposit).await), "forbidden");
        assert_eq!(word(&win(&world, person, unknown).await), "forbidden");
        assert_eq!(word(&lose(&world, person, unknown).await), "forbidden");
        assert!(matches!(list(&world, person).await, Err(UseCaseError::Forbidden)));
    }
    let nothing = DepositId::new(uuid::Uuid::from_u128(78));
    assert_eq!(word(&receive(&world, &deal.admin, nothing).await), "not_found");
    assert_eq!(word(&win(&world, &deal.admin, unknown).await), "not_found");
    assert_eq!(word(&lose(&world, &deal.admin, unknown).await), "not_found");
    now(receive(&world, &deal.admin, deposit).await.unwrap());
    let before = world.holds(&deal.client).await;
    assert_eq!(word(&receive(&world, &deal.admin, deposit).await), "already_charged_back received");
    assert_eq!(world.holds(&deal.client).await, before, "nothing is refunded for it");
}

#[tokio::test]
async fn a_fault_anywhere_changes_nothing() {
    let world = World::new();
    let deal = Deal::active(&world, &[]).await;
    let deposit = deposits(&world, &deal.client)[0];
    let before = world.holds(&deal.client).await;
    world.news();
    for operation in [
        Operation::LockDeposit,
        Operation::SaveContract,
        Operation::Book,
        Operation::InsertChargeback,
        Operation::Append,
        Operation::ChargebackInside,
        Operation::Commit,
    ] {
        world.store.fail_next(operation, Fault::Unavailable);
        let outcome = receive(&world, &deal.admin, deposit).await;
        assert_eq!(word(&outcome), "unavailable", "{operation:?}");
        assert_eq!(world.holds(&deal.client).await, before, "{operation:?}");
        assert!(world.told().is_empty(), "{operation:?}");
    }
    assert_eq!(word(&receive(&world, &deal.admin, deposit).await), "done");
}

#[tokio::test]
async fn what_rests_with_a_provider_goes_back_before_the_wallet_pays() {
    let world = World::new().with_fees().with_clocks(14, 2);
    // 200.00 paid in; 105.00 of it paid for work that is done, of which 90.00 rest.
    let deal = Deal::completed(&world).await;
    let asked = world.proposed(&deal.client, deal.order, back(1, 1_000)).await;
    world.pay_in(&deal.client, 5_000).await;
    assert_eq!(world.clearing_and_earned(&deal.provider).await, (9_000, 0));
    world.news();
    let small = deposits(&world, &deal.client)[1];
    let view = now(receive(&world, &deal.admin, small).await.unwrap());
    assert_eq!((view.refunded, taken(&view)), (usd(5_000), (5_000, 0, 0)));
    // 47.62 and the fee on it; nine tenths of it are the provider's.
    assert_eq!(world.holds(&deal.client).await, (14_500, 0, 0));
    assert_eq!(world.holds(&deal.provider).await, (0, 4_714, 0));
    let order = world.order(deal.order).await;
    assert_eq!(
        (order.card.state, order.milestones[0].refunded_amount),
        (OrderState::Completed, Some(usd(4_762)))
    );
    assert_eq!(world.proposal(asked).await.state, ProposalState::Superseded);
    let told = ["payment.charged_back", "proposal.superseded", "chargeback.received"];
    assert_eq!(world.told(), told);

    // The rest of it; nothing is taken that was the provider's before.
    world.pay_in(&deal.provider, 1_000).await;
    let large = deposits(&world, &deal.client)[0];
    let view = now(receive(&world, &deal.admin, large).await.unwrap());
    assert_eq!((view.refunded, taken(&view)), (usd(5_500), (20_000, 0, 0)));
    assert_eq!(world.holds(&deal.client).await, (0, 0, 0));
    assert_eq!(world.holds(&deal.provider).await, (1_000, 0, 0));
    world.clock.advance(TimeDelta::days(2));
    world.news();
    assert_eq!((world.clear().await.unwrap(), world.told()), (1, vec![]), "nothing is left to clear");
    assert_eq!(world.clearing_and_earned(&deal.provider).await, (0, 0));
}

#[tokio::test]
async fn what_has_cleared_is_the_providers() {
    let world = World::new().with_fees().with_clocks(14, 2);
    let deal = Deal::completed(&world).await;
    world.clock.advance(TimeDelta::days(2));
    assert_eq!(world.clear().await.unwrap(), 1);
    let deposit = deposits(&world, &deal.client)[0];
    let view = now(receive(&world, &deal.admin, deposit).await.unwrap());
    assert_eq!((view.refunded, taken(&view)), (usd(0), (9_500, 5_000, 5_500)));
    assert_eq!(world.holds(&deal.provider).await, (9_000, 0, 0));
}

/// A fact about money of somebody's, as the dispatcher finds it.
fn stored(name: &str, person: &Actor) -> StoredFact {
    let text = |text: &str| Particular::Text(text.to_owned());
    let amount = BTreeMap::from([
        ("amount_minor".to_owned(), Particular::Number(1)),
        ("currency".to_owned(), text("USD")),
    ]);
    let (me, id) = (person.user_id.to_string(), uuid::Uuid::from_u128(5));
    StoredFact {
        id: EventId::new(id),
        name: name.to_owned(),
        user_id: None,
        particulars: BTreeMap::from([
            ("deposit_id".to_owned(), text(&id.to_string())),
            ("withdrawal_id".to_owned(), text("WD-001")),
            ("contract_id".to_owned(), text(&id.to_string())),
            ("order_id".to_owned(), text("ORD-001")),
            ("client_id".to_owned(), text(&me)),
            ("provider_id".to_owned(), text(&me)),
            ("user_id".to_owned(), text(&me)),
            ("milestone".to_owned(), Particular::Number(1)),
            ("amount".to_owned(), Particular::Group(amount)),
        ]),
        occurred_at: chrono::DateTime::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn money_that_comes_to_a_debtor_asks_for_the_debt_to_be_paid() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    let deposit = deposits(&world, &deal.client)[0];
    now(receive(&world, &deal.admin, deposit).await.unwrap());
    assert_eq!(debt(&world, &deal.client).await, 5_000);
    let read = async |name: &str, person: &Actor| {
        let mut work = world.desk.store.begin().await.unwrap();
        NoticeIncome.read(&[stored(name, person)], work.as_mut()).await.unwrap();
        work.commit().await.unwrap();
        world.store.jobs().len()
    };
    for name in ["deposit.completed", "payment.cleared", "payment.refunded", "withdrawal.cancelled"] {
        assert_eq!(read(name, &deal.provider).await, 0, "they owe nothing: {name}");
    }
    for name in ["deposit.failed", "withdrawal.requested"] {
        assert_eq!(read(name, &deal.client).await, 0, "nothing came: {name}");
    }
    for name in ["deposit.completed", "payment.cleared", "payment.refunded", "withdrawal.cancelled"] {
        assert_eq!(read(name, &deal.client).await, 1, "one run is enough for all: {name}");
    }
    let jobs = world.store.jobs();
    let key = JobKind::SettleDebts.as_str();
    assert_eq!((jobs[0].kind.as_str(), jobs[0].key.as_deref()), (key, Some(key)));
}

async fn clearing(world: World) -> u64 {
    world.clear().await.unwrap()
}

async fn taking(world: World, admin: Actor, deposit: DepositId) -> ChargebackView {
    now(receive(&world, &admin, deposit).await.unwrap())
}

/// What rests becomes the provider's while the bank takes: whoever comes second finds what the other one left.
#[tokio::test]
async fn of_a_clearance_and_a_chargeback_the_second_sees_the_first() {
    for clears_first in [true, false] {
        let world = World::new().with_fees().with_clocks(14, 2);
        let deal = Deal::completed(&world).await;
        world.clock.advance(TimeDelta::days(2));
        let deposit = deposits(&world, &deal.client)[0];
        let mut held = world.store.hold_next(Operation::Commit);
        let (cleared, view) = if clears_first {
            let first = tokio::spawn(clearing(world.clone()));
            held.reached().await;
            let second = tokio::spawn(taking(world.clone(), deal.admin, deposit));
            world.store.until_waiting(1).await;
            held.release();
            (first.await.unwrap(), second.await.unwrap())
        } else {
            let first = tokio::spawn(taking(world.clone(), deal.admin, deposit));
            held.reached().await;
            let second = tokio::spawn(clearing(world.clone()));
            world.store.until_waiting(1).await;
            held.release();
            (second.await.unwrap(), first.await.unwrap())
        };
        assert_eq!(cleared, 1, "{clears_first}");
        let (refunded, provider) = if clears_first { (0, 9_000) } else { (10_500, 0) };
        assert_eq!(view.refunded, usd(refunded), "{clears_first}");
        assert_eq!(world.holds(&deal.provider).await, (provider, 0, 0), "{clears_first}");
    }
}

/// The payer spends while the bank takes: whoever comes second finds what the other one left.
#[tokio::test]
async fn of_a_withdrawal_and_a_chargeback_the_second_sees_the_first() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    let deposit = deposits(&world, &deal.client)[0];
    let mut held = world.store.hold_next(Operation::Commit);
    let (store, recorder) = (world.desk.store.clone(), world.desk.recorder.clone());
    let admin = deal.admin;
    let first = tokio::spawn(async move {
        let receive = ReceiveChargeback { store, recorder, debt_limit: usd(5_000) };
        let reason = ChargebackReason::parse("stolen card").unwrap();
        let render = |_: &_| Ok(StoredAnswer { status: 201, body: String::new() });
        receive.execute(&admin, deposit, reason, &Once { key: None, render }).await
    });
    held.reached().await;
    let (store, recorder) = (world.desk.store.clone(), world.desk.recorder.clone());
    let client = deal.client;
    let second = tokio::spawn(async move {
        let account = PayoutAccount::new(PayoutMethod::PayPal, |_| Some("ada@example.com")).unwrap();
        let render = |_: &_| Ok(StoredAnswer { status: 201, body: String::new() });
        let request = RequestWithdrawal { store, recorder };
        request.execute(&client, usd(10_000), account, &Once { key: None, render }).await
    });
    world.store.until_waiting(1).await;
    held.release();
    let view = now(first.await.unwrap().unwrap());
    assert_eq!(taken(&view), (10_000, 5_000, 5_000));
    assert_eq!(word(&second.await.unwrap()), "debt_outstanding in_debt");
}
