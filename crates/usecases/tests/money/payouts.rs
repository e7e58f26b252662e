//! The way of a withdrawal through a payment provider: sent, and then paid, failed, or in doubt.

use std::collections::BTreeMap;

use adapter_memory::{Fault, Operation};
use chrono::TimeDelta;
use domain::ids::EventId;
use domain::money::{ASKING_PERIOD, FailureReason, PayoutProvider, WithdrawalState};
use ports::environment::Clock;
use ports::jobs::JobKind;
use ports::money::PayoutOutcome;
use ports::outbox::{OutboxReader, Particular, StoredFact};
use ports::store::Store;
use usecases::error::UseCaseError;
use usecases::money::NoticeApprovals;
use uuid::Uuid;

use super::world::Command::{Approve, Cancel, MarkFailed, MarkPaid, Reject};
use super::world::{World, conflict, usd, within};

fn declined() -> PayoutOutcome {
    PayoutOutcome::Failed(FailureReason::parse("no such account").unwrap())
}

#[tokio::test]
async fn what_is_approved_is_sent_and_paid() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let (one, other) = (world.requested(&ada, 30).await, world.requested(&ada, 20).await);
    assert_eq!(world.pay_out().await, (0, 0, 0), "nobody has agreed");
    world.done(Approve, &admin, one).await;
    assert_eq!(world.pay_out().await, (1, 0, 0));
    let view = world.withdrawal(one).await;
    let at = Some(world.clock.now());
    assert_eq!((view.state, view.sent_at, view.completed_at), (WithdrawalState::Paid, at, at));
    assert_eq!(world.payouts.paid(), BTreeMap::from([(one, usd(30))]));
    assert_eq!(world.holds(&ada).await, (50, 20));
    assert_eq!(world.wallet(&ada).await.total_withdrawn, usd(50));
    let told = ["withdrawal.approved", "withdrawal.sent", "withdrawal.paid"];
    assert!(world.fact_names().ends_with(&told), "{:?}", world.fact_names());
    assert_eq!(world.pay_out().await, (0, 0, 0), "once");
    assert_eq!(world.withdrawal(other).await.state, WithdrawalState::Pending);
}

#[tokio::test]
async fn what_cannot_be_delivered_comes_back() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let id = world.requested(&ada, 30).await;
    world.done(Approve, &admin, id).await;
    world.payouts.script([declined()]);
    assert_eq!(world.pay_out().await, (1, 0, 0));
    let view = world.withdrawal(id).await;
    assert_eq!(view.state, WithdrawalState::Failed);
    assert_eq!((view.failure_reason.as_deref(), view.completed_at), (Some("no such account"), None));
    assert_eq!(world.holds(&ada).await, (100, 0));
    assert_eq!(world.history(&ada).await, [100, -30, 30]);
    assert_eq!(world.wallet(&ada).await.total_withdrawn, usd(0));
}

#[tokio::test]
async fn without_an_answer_it_is_asked_again_and_after_an_hour_reviewed() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let (slow, lost) = (world.requested(&ada, 30).await, world.requested(&ada, 20).await);
    world.done(Approve, &admin, slow).await;
    world.payouts.script([PayoutOutcome::Unknown, PayoutOutcome::Unknown]);
    assert_eq!(world.pay_out().await, (0, 1, 0));
    world.clock.advance(TimeDelta::minutes(59));
    assert_eq!(world.pay_out().await, (0, 1, 0));
    assert_eq!(world.holds(&ada).await, (50, 50), "set aside until it is known");
    assert_eq!(world.pay_out().await, (1, 0, 0));
    assert_eq!(world.withdrawal(slow).await.state, WithdrawalState::Paid);
    assert_eq!(world.payouts.asked(), [slow; 3], "under the same key");

    world.done(Approve, &admin, lost).await;
    world.payouts.script([PayoutOutcome::Unknown]);
    assert_eq!(world.pay_out().await, (0, 1, 0));
    world.clock.advance(ASKING_PERIOD);
    assert_eq!(world.pay_out().await, (0, 0, 1));
    assert_eq!(world.withdrawal(lost).await.state, WithdrawalState::NeedsReview);
    assert_eq!(world.pay_out().await, (0, 0, 0), "it is an administrator's now");
    assert_eq!(world.payouts.asked().len(), 4, "nobody was asked any more");
    assert_eq!(world.fact_names().last(), Some(&"withdrawal.needs_review"));
}

#[tokio::test]
async fn an_administrator_finds_out_what_became_of_it() {
    for (command, state, held) in
        [(MarkPaid, WithdrawalState::Paid, (70, 0)), (MarkFailed, WithdrawalState::Failed, (100, 0))]
    {
        let world = World::new();
        let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
        let id = world.requested(&ada, 30).await;
        world.done(Approve, &admin, id).await;
        world.payouts.script([PayoutOutcome::Unknown]);
        assert_eq!(world.pay_out().await, (0, 1, 0));
        for early in [MarkPaid, MarkFailed, Reject, Approve] {
            assert_eq!(conflict(world.answer(early, &admin, id, None).await), ("invalid_transition", "sent"));
        }
        let late = world.answer(Cancel, &ada, id, None).await;
        assert_eq!(conflict(late), ("invalid_transition", "sent"));
        world.clock.advance(ASKING_PERIOD);
        assert_eq!(world.pay_out().await, (0, 0, 1));
        assert_eq!(world.done(command, &admin, id).await.state, state);
        assert_eq!(world.holds(&ada).await, held);
    }
}

/// Wherever it stops, the next run goes on from there, and nobody is paid twice.
#[tokio::test]
async fn a_crash_anywhere_pays_once() {
    let lost = |written| Fault::OutcomeUnknown { written };
    // The first commit marks it as sent, the second one writes down that it was paid.
    for (before, fault) in [0, 1].into_iter().flat_map(|before| {
        [Fault::Unavailable, lost(false), lost(true)].into_iter().map(move |fault| (before, fault))
    }) {
        let world = World::new();
        let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
        let id = world.requested(&ada, 30).await;
        world.done(Approve, &admin, id).await;
        let mut held: Vec<_> = (0..=before).map(|_| world.store.hold_next(Operation::Commit)).collect();
        let last = held.pop().unwrap();
        let run = tokio::spawn({
            let world = world.clone();
            async move { world.try_to_pay_out(PayoutProvider::Sandbox).await }
        });
        for mut earlier in held {
            earlier.reached().await;
            earlier.release();
        }
        let mut last = last;
        last.reached().await;
        world.store.fail_next(Operation::Commit, fault);
        last.release();
        let broken = within(run).await.unwrap();
        assert!(matches!(broken, Err(UseCaseError::Unavailable { .. })), "{before} {fault:?}: {broken:?}");
        let state = world.withdrawal(id).await.state;
        assert_eq!(world.payouts.asked().is_empty(), before == 0, "{fault:?}: sent first, then asked");
        assert!(before == 0 || state != WithdrawalState::Approved, "{state}");
        world.pay_out().await;
        assert_eq!(world.withdrawal(id).await.state, WithdrawalState::Paid, "{before} {fault:?}");
        assert_eq!(world.payouts.paid(), BTreeMap::from([(id, usd(30))]));
        assert_eq!(world.holds(&ada).await, (70, 0));
        let paid = world.fact_names().into_iter().filter(|name| *name == "withdrawal.paid");
        assert_eq!(paid.count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_workers_pay_each_once() {
    for round in 0..20 {
        let world = World::new();
        let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 1_000).await);
        let mut ids = Vec::new();
        for _ in 0..10 {
            let id = world.requested(&ada, 30).await;
            world.done(Approve, &admin, id).await;
            ids.push(id);
        }
        world.payouts.script([declined()]);
        let spawn = |_| {
            let world = world.clone();
            tokio::spawn(async move { world.pay_out().await })
        };
        let tasks: Vec<_> = (0..4).map(spawn).collect();
        let mut settled = 0;
        for task in tasks {
            settled += within(task).await.unwrap().0;
        }
        assert_eq!(settled, 10, "round {round}");
        let states = world.fact_names().into_iter().filter(|name| name.starts_with("withdrawal."));
        let ends = states.filter(|name| matches!(*name, "withdrawal.paid" | "withdrawal.failed"));
        assert_eq!(ends.count(), 10, "round {round}");
        let (available, set_aside) = world.holds(&ada).await;
        assert_eq!(
            (available == 730 || available == 700, set_aside),
            (true, 0),
            "round {round}: {available}"
        );
    }
}

#[tokio::test]
async fn paid_by_hand_it_is_sent_to_nobody() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let (by_hand, sent) = (world.requested(&ada, 30).await, world.requested(&ada, 20).await);
    world.done(Approve, &admin, sent).await;
    world.payouts.script([PayoutOutcome::Unknown]);
    assert_eq!(world.pay_out().await, (0, 1, 0));
    world.done(Approve, &admin, by_hand).await;
    world.payouts.script([PayoutOutcome::Unknown]);
    world.try_to_pay_out(PayoutProvider::Manual).await.unwrap();
    assert_eq!(world.withdrawal(by_hand).await.state, WithdrawalState::Approved);
    assert_eq!(world.withdrawal(sent).await.state, WithdrawalState::Sent);
    world.clock.advance(ASKING_PERIOD);
    world.try_to_pay_out(PayoutProvider::Manual).await.unwrap();
    assert_eq!(world.withdrawal(sent).await.state, WithdrawalState::NeedsReview, "of another setting");
    world.done(MarkPaid, &admin, by_hand).await;
    assert!(!world.payouts.asked().contains(&by_hand));
}

#[tokio::test]
async fn one_that_cannot_be_paid_holds_up_no_other() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let ids = [world.requested(&ada, 30).await, world.requested(&ada, 20).await];
    for id in ids {
        world.done(Approve, &admin, id).await;
    }
    world.store.fail_next(Operation::PayoutAccount, Fault::Refused);
    assert_eq!(world.pay_out().await.0, 1);
    assert_eq!(world.pay_out().await.0, 1, "and is taken up again");
    assert_eq!(world.payouts.paid().len(), 2);
}

#[tokio::test]
async fn an_approval_asks_for_the_payment_at_once() {
    let world = World::new();
    let text = |text: &str| Particular::Text(text.to_owned());
    let fact = |number: u128, name: &str| StoredFact {
        id: EventId::new(Uuid::from_u128(number)),
        name: name.to_owned(),
        user_id: None,
        particulars: BTreeMap::from([
            ("withdrawal_id".to_owned(), text("WD-001")),
            ("user_id".to_owned(), text(&Uuid::from_u128(1).to_string())),
            (
                "amount".to_owned(),
                Particular::Group(BTreeMap::from([
                    ("amount_minor".to_owned(), Particular::Number(1)),
                    ("currency".to_owned(), text("USD")),
                ])),
            ),
        ]),
        occurred_at: world.clock.now(),
    };
    let read = async |facts: &[StoredFact]| {
        let mut work = world.store.begin().await.unwrap();
        NoticeApprovals.read(facts, work.as_mut()).await.unwrap();
        work.commit().await.unwrap();
    };
    read(&[fact(1, "withdrawal.requested"), fact(2, "withdrawal.first_approved")]).await;
    assert!(world.store.jobs().is_empty());
    read(&[fact(3, "withdrawal.approved"), fact(4, "withdrawal.approved")]).await;
    read(&[fact(5, "withdrawal.approved")]).await;
    let jobs = world.store.jobs();
    let asked: Vec<_> = jobs.iter().map(|job| (job.kind.as_str(), job.key.as_deref())).collect();
    let name = JobKind::PayWithdrawals.as_str();
    assert_eq!(asked, [(name, Some(name))], "one run is enough for all");
}
