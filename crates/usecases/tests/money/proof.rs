//! The books are checked, payouts stop where they are wrong, and an administrator lets them go on.

use adapter_memory::{Fault, Operation};
use domain::actor::Actor;
use domain::audit::{AuditEvent, LiftReason, PayoutHold};
use domain::event::Fact;
use domain::money::{Account, AccountKind, Currency, WithdrawalState};
use ports::audit::AuditQueries;
use ports::environment::Clock;
use ports::idempotency::StoredAnswer;
use usecases::audit::{ListAccountEntries, ViewReconciliation, ViewTrialBalance};
use usecases::error::UseCaseError;
use usecases::idempotency::{Answered, Once};

use super::world::Command::{Approve, Cancel, MarkPaid, Reject};
use super::world::{EVERYTHING, World, before, conflict, key, now, usd};

impl World {
    fn audited(&self) -> Vec<AuditEvent> {
        let of = |fact| match fact {
            Fact::Audit(event) => Some(event),
            _ => None,
        };
        self.store.events().into_iter().filter_map(|(_, event)| of(event.fact)).collect()
    }

    async fn lift(
        &self,
        by: &Actor,
        person: &Actor,
        named: u8,
    ) -> Result<Answered<PayoutHold>, UseCaseError> {
        let render = |hold: &PayoutHold| Ok(StoredAnswer { status: 200, body: format!("{hold:?}") });
        let once = Once { key: key(by, &format!("lift {named}"), named), render };
        let reason = LiftReason::parse("repaired").unwrap();
        self.lift_payout_hold().execute(by, person.user_id, reason, &once).await
    }

    fn tamper(&self, person: &Actor, minor: i64) {
        self.store.tamper_with(Account::UserAvailable(person.user_id), Currency::Usd, minor);
    }
}

#[tokio::test]
async fn books_that_agree_stop_nobody() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    assert_eq!(world.verify_books().execute().await.unwrap(), 0);
    let check = world.store.last_check().await.unwrap().unwrap();
    assert_eq!((check.offending(), check.findings.len()), (0, 1));
    assert_eq!(world.audited(), []);
    let id = world.requested(&ada, 30).await;
    assert_eq!(world.done(Approve, &admin, id).await.state, WithdrawalState::Approved);
    assert!(matches!(world.lift(&admin, &ada, 1).await, Err(UseCaseError::NotFound)), "there is none");
}

#[tokio::test]
async fn whoever_the_rows_are_about_is_not_paid() {
    let world = World::new();
    let (admin, second) = (world.admin().await, world.admin_at("second@example.com").await);
    let (ada, eve) = (world.rich("ada@example.com", 100).await, world.rich("eve@example.com", 100).await);
    let (pending, approved) = (world.requested(&ada, 10).await, world.requested(&ada, 20).await);
    world.done(Approve, &admin, approved).await;
    world.tamper(&ada, 1);
    assert_eq!(world.verify_books().execute().await.unwrap(), 1);

    let check_id = world.store.last_check().await.unwrap().unwrap().id;
    let mut administrators = vec![admin.user_id, second.user_id];
    administrators.sort();
    let told = AuditEvent::Disagreed { check_id, offending: 1, administrators };
    let stopped = AuditEvent::PayoutsStopped { user_id: ada.user_id, check_id };
    assert_eq!(world.audited(), [told, stopped]);
    for (command, id, state) in [(Approve, pending, "pending"), (MarkPaid, approved, "approved")] {
        let refused = conflict(world.answer(command, &admin, id, None).await);
        assert_eq!(refused, ("payouts_stopped", state), "{command:?}");
    }
    // What keeps money in the books goes on, and so does everybody else.
    let further = world.requested(&ada, 5).await;
    assert_eq!(world.done(Cancel, &ada, further).await.state, WithdrawalState::Cancelled);
    assert_eq!(world.done(Reject, &admin, approved).await.state, WithdrawalState::Rejected);
    let hers = world.requested(&eve, 10).await;
    world.done(Approve, &admin, hers).await;
    assert_eq!(world.done(MarkPaid, &admin, hers).await.state, WithdrawalState::Paid);
}

#[tokio::test]
async fn a_second_night_tells_again_and_stops_nobody_twice() {
    let world = World::new();
    let (_, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    world.tamper(&ada, -1);
    for night in 1..=2 {
        world.clock.advance(chrono::TimeDelta::days(1));
        assert_eq!(world.verify_books().execute().await.unwrap(), 1, "night {night}");
    }
    let names: Vec<_> = world.audited().iter().map(AuditEvent::name).collect();
    assert_eq!(names, ["ledger.disagreed", "payouts.stopped", "ledger.disagreed"]);
    assert_eq!(world.store.active_holds(10).await.unwrap().total, 1);
}

#[tokio::test]
async fn an_administrator_lifts_it_once() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let id = world.requested(&ada, 10).await;
    world.tamper(&ada, 1);
    world.verify_books().execute().await.unwrap();
    assert!(matches!(world.lift(&ada, &ada, 1).await, Err(UseCaseError::Forbidden)));
    let hold = now(world.lift(&admin, &ada, 1).await.unwrap());
    let lifted = hold.lifted.unwrap();
    assert_eq!((lifted.by, lifted.at), (admin.user_id, world.clock.now()));
    assert!(before(world.lift(&admin, &ada, 1).await.unwrap()).body.contains("repaired"), "the same again");
    assert_eq!(conflict(world.lift(&admin, &ada, 2).await), ("invalid_transition", "lifted"));
    let resumed =
        AuditEvent::PayoutsResumed { user_id: ada.user_id, by: admin.user_id, reason: "repaired".into() };
    assert_eq!(world.audited().last(), Some(&resumed));
    assert_eq!(world.done(Approve, &admin, id).await.state, WithdrawalState::Approved);
    // It is as wrong as before: the next night stops them anew.
    world.clock.advance(chrono::TimeDelta::days(1));
    world.verify_books().execute().await.unwrap();
    assert_eq!(conflict(world.answer(MarkPaid, &admin, id, None).await), ("payouts_stopped", "approved"));
    world.tamper(&ada, -1);
    assert_eq!(world.verify_books().execute().await.unwrap(), 0);
    let still = conflict(world.answer(MarkPaid, &admin, id, None).await);
    assert_eq!(still.0, "payouts_stopped", "nobody but an administrator lifts it");
}

#[tokio::test]
async fn a_check_that_cannot_be_made_or_kept_changes_nothing() {
    let world = World::new();
    let ada = world.rich("ada@example.com", 100).await;
    world.tamper(&ada, 1);
    for operation in
        [Operation::CheckBooks, Operation::KeepCheck, Operation::PlaceHolds, Operation::Administrators]
    {
        world.store.fail_next(operation, Fault::Unavailable);
        let failed = world.verify_books().execute().await;
        assert!(matches!(failed, Err(UseCaseError::Unavailable { .. })), "{operation:?}: {failed:?}");
        assert_eq!(world.store.last_check().await.unwrap(), None, "{operation:?}");
        assert_eq!(world.store.active_holds(10).await.unwrap().total, 0, "{operation:?}");
    }
}

#[tokio::test]
async fn auditors_read_the_books() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let id = world.requested(&ada, 30).await;
    let trial = ViewTrialBalance { audit: world.store.clone(), clock: world.clock.clone() };
    let (lines, as_of) = trial.execute(&admin).await.unwrap();
    assert_eq!(as_of, world.clock.now());
    assert_eq!(lines.iter().map(|line| line.credits - line.debits).sum::<i64>(), 0);
    let of = |kind| lines.iter().find(|line| line.kind == kind).map(|line| (line.debits, line.credits));
    assert_eq!(of(AccountKind::UserAvailable), Some((30, 100)));
    assert_eq!(of(AccountKind::UserWithdrawing), Some((0, 30)));
    assert!(matches!(trial.execute(&ada).await, Err(UseCaseError::Forbidden)));

    let entries = ListAccountEntries { audit: world.store.clone() };
    let own = Account::UserAvailable(ada.user_id);
    let found = entries.execute(&admin, own, EVERYTHING).await.unwrap();
    let lines: Vec<_> = found.rows.iter().map(|entry| (entry.minor, entry.balance_after)).collect();
    assert_eq!(lines, [(-30, 70), (100, 100)]);
    assert_eq!(found.rows[0].source, format!("withdrawal_requested:{id}"));
    assert!(matches!(entries.execute(&ada, own, EVERYTHING).await, Err(UseCaseError::Forbidden)));
    let none = entries.execute(&admin, Account::UserDebt(ada.user_id), EVERYTHING).await;
    assert!(matches!(none, Err(UseCaseError::NotFound)), "{none:?}");
}

#[tokio::test]
async fn what_is_late_waits_for_somebody() {
    let world = World::new();
    let (admin, ada) = (world.admin().await, world.rich("ada@example.com", 100).await);
    let view = ViewReconciliation { audit: world.store.clone(), clock: world.clock.clone() };
    assert!(matches!(view.execute(&ada).await, Err(UseCaseError::Forbidden)));
    let (late, paid) = (world.requested(&ada, 10).await, world.requested(&ada, 20).await);
    world.done(Approve, &admin, paid).await;
    world.done(MarkPaid, &admin, paid).await;
    let found = view.execute(&admin).await.unwrap();
    assert_eq!((found.last_check, found.waiting.total), (None, 0), "not yet");
    let lines: Vec<_> =
        found.outside.iter().map(|line| (line.outside.as_str(), line.paid_in, line.paid_out)).collect();
    assert_eq!(lines, [("sandbox", 100, 0), ("paypal", 0, 20)]);
    for line in &found.outside {
        assert_eq!((line.booked_in, line.booked_out), (line.paid_in, line.paid_out), "{line:?}");
        assert_eq!(line.booked_otherwise, 0);
    }
    world.clock.advance(chrono::TimeDelta::days(30));
    let found = view.execute(&admin).await.unwrap();
    let waiting: Vec<_> = found.waiting.first.iter().map(|one| (one.id, one.amount)).collect();
    assert_eq!((waiting, found.waiting.total), (vec![(late, usd(10))], 1));
}
