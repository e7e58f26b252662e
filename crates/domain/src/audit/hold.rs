//! A hold on somebody's payouts.

use chrono::{DateTime, Utc};

use super::AuditEvent;
use crate::actor::{Issuer, Party};
use crate::ids::{LedgerCheckId, PayoutHoldId, UserId};
use crate::machine::{Machine, Refusal, Row, word_enum};
use crate::money::{WITHDRAWAL_MACHINE, Withdrawal, WithdrawalCommand};
use crate::text::{Lines, text_type};

text_type!(
    /// What an administrator found out before lifting a hold.
    LiftReason,
    2_000,
    Lines::Multiple
);

word_enum!(
    /// Whether a hold is on.
    PayoutHoldState {
        /// Nothing is paid out.
        Active = "active",
        /// An administrator has looked.
        Lifted = "lifted",
    }
);
word_enum!(
    /// What can happen to a hold.
    PayoutHoldCommand {
        /// A check found rows of this person that disagree.
        Place = "place",
        /// An administrator has looked.
        Lift = "lift",
    }
);

/// The states of a hold on payouts.
pub const PAYOUT_HOLD_MACHINE: Machine<PayoutHoldState, PayoutHoldCommand> = {
    use PayoutHoldCommand as C;
    use PayoutHoldState as S;
    Machine {
        object: "payout_hold",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            Row {
                from: None,
                command: C::Place,
                who: &[Party::System],
                guard: "a check of the books names the person, who has no active hold",
                to: S::Active,
                effect: "payouts.stopped; withdrawals of theirs are neither approved nor paid",
            },
            Row {
                from: Some(S::Active),
                command: C::Lift,
                who: &[Party::Admin],
                guard: "",
                to: S::Lifted,
                effect: "payouts.resumed",
            },
        ],
        refusals: &[],
    }
};

/// How a hold ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifted {
    /// The administrator.
    pub by: UserId,
    /// What they found out.
    pub reason: LiftReason,
    /// When.
    pub at: DateTime<Utc>,
}

/// Nothing is paid out to somebody until an administrator has looked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutHold {
    /// Its identifier.
    pub id: PayoutHoldId,
    /// To whom.
    pub user_id: UserId,
    /// What found the rows that disagree.
    pub check_id: LedgerCheckId,
    /// Since when.
    pub placed_at: DateTime<Utc>,
    /// How it ended, if it did.
    pub lifted: Option<Lifted>,
}

impl PayoutHold {
    /// Stops somebody's payouts.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] for anybody but the program.
    pub fn place(
        id: PayoutHoldId,
        user_id: UserId,
        check_id: LedgerCheckId,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Self, AuditEvent), Refusal> {
        PAYOUT_HOLD_MACHINE.begin(PayoutHoldCommand::Place, by.party_by_role())?;
        let hold = Self { id, user_id, check_id, placed_at: now, lifted: None };
        Ok((hold, AuditEvent::PayoutsStopped { user_id, check_id }))
    }

    /// Lets them be paid again. The next check that finds the same places a new one.
    ///
    /// # Errors
    /// [`Refusal`]: not an administrator, or lifted already.
    pub fn lift(
        &mut self,
        reason: LiftReason,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<AuditEvent, Refusal> {
        PAYOUT_HOLD_MACHINE.next(self.state(), PayoutHoldCommand::Lift, Some(by.party_by_role()))?;
        let command = PayoutHoldCommand::Lift.as_str();
        let by = by.user_id().ok_or(Refusal::NotPermitted { object: PAYOUT_HOLD_MACHINE.object, command })?;
        let told = reason.as_str().to_owned();
        self.lifted = Some(Lifted { by, reason, at: now });
        Ok(AuditEvent::PayoutsResumed { user_id: self.user_id, by, reason: told })
    }

    /// Whether it is on.
    #[must_use]
    pub const fn state(&self) -> PayoutHoldState {
        if self.lifted.is_some() { PayoutHoldState::Lifted } else { PayoutHoldState::Active }
    }
}

/// That no hold keeps this command from a withdrawal: one that [leads out](WithdrawalCommand::leads_out).
/// `hold` is its owner's, if they have one.
///
/// # Errors
/// [`Refusal::State`] with the reason `payouts_stopped`.
pub fn must_not_be_stopped(
    withdrawal: &Withdrawal,
    command: WithdrawalCommand,
    hold: Option<&PayoutHold>,
) -> Result<(), Refusal> {
    match hold.map(PayoutHold::state) {
        Some(PayoutHoldState::Active) if command.leads_out() => Err(Refusal::State {
            object: WITHDRAWAL_MACHINE.object,
            command: command.as_str(),
            state: withdrawal.state.as_str(),
            reason: "payouts_stopped",
            message: "the books do not add up for this account, so nothing is paid out to it until an \
                      administrator has looked and lifted the hold",
        }),
        Some(PayoutHoldState::Active | PayoutHoldState::Lifted) | None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use uuid::Uuid;

    use super::*;
    use crate::identity::Role;
    use crate::ids::WithdrawalId;
    use crate::machine::{INVALID_TRANSITION, walk};
    use crate::money::{NewWithdrawal, PayoutMethod, Purse};
    use crate::sample::{at, usd, user};

    const ADMIN: u128 = 9;

    fn issuer(party: Party) -> Issuer {
        let person = |id, role| Issuer::Person { user_id: user(id), role };
        match party {
            Party::System => Issuer::System,
            Party::Admin => person(ADMIN, Role::Admin),
            Party::Client | Party::Owner => person(1, Role::Client),
            Party::Provider => person(1, Role::Writer),
        }
    }

    fn placed(by: Issuer) -> Result<(PayoutHold, AuditEvent), Refusal> {
        let check = LedgerCheckId::new(Uuid::from_u128(7));
        PayoutHold::place(PayoutHoldId::new(Uuid::from_u128(1)), user(1), check, by, at(0))
    }

    fn reason() -> LiftReason {
        LiftReason::parse("repaired").unwrap()
    }

    fn lifted() -> PayoutHold {
        let (mut hold, _) = placed(Issuer::System).unwrap();
        hold.lift(reason(), issuer(Party::Admin), at(0)).unwrap();
        hold
    }

    #[test]
    fn the_whole_table() {
        // active lifted
        let expected = [("place", Party::System, "- -"), ("lift", Party::Admin, "lifted -")];
        walk::all(&PAYOUT_HOLD_MACHINE, &Party::ALL, &expected, |state, command, party| {
            let mut hold = match state {
                PayoutHoldState::Active => placed(Issuer::System).unwrap().0,
                PayoutHoldState::Lifted => lifted(),
            };
            let result = match command {
                // It comes into being by it.
                PayoutHoldCommand::Place => {
                    PAYOUT_HOLD_MACHINE.next(hold.state(), command, Some(party)).map(|_| ())
                }
                PayoutHoldCommand::Lift => hold.lift(reason(), issuer(party), at(0)).map(|_| ()),
            };
            walk::outcome(result.map(|()| hold.state().as_str()), |refusal| *refusal)
        });
    }

    #[test]
    fn only_the_program_places_one() {
        let (hold, fact) = placed(Issuer::System).unwrap();
        assert_eq!((hold.state(), hold.user_id), (PayoutHoldState::Active, user(1)));
        assert_eq!((fact.name(), fact.user_id()), ("payouts.stopped", Some(user(1))));
        for party in Party::ALL.into_iter().filter(|party| *party != Party::System) {
            let refused = Refusal::NotPermitted { object: "payout_hold", command: "place" };
            assert_eq!(placed(issuer(party)).unwrap_err(), refused, "{party:?}");
        }
    }

    #[test]
    fn lifting_is_remembered() {
        let (mut hold, _) = placed(Issuer::System).unwrap();
        let later = at(0) + TimeDelta::hours(1);
        let fact = hold.lift(reason(), issuer(Party::Admin), later).unwrap();
        let told =
            AuditEvent::PayoutsResumed { user_id: user(1), by: user(ADMIN), reason: "repaired".into() };
        assert_eq!(fact, told);
        assert_eq!(hold.lifted, Some(Lifted { by: user(ADMIN), reason: reason(), at: later }));
    }

    #[test]
    fn nothing_is_paid_while_one_is_on() {
        let new = NewWithdrawal {
            id: WithdrawalId::new(1).unwrap(),
            user_id: user(1),
            amount: usd(5),
            method: PayoutMethod::PayPal,
        };
        let (withdrawal, _) = Withdrawal::request(
            new,
            Purse { available: usd(5), owed: usd(0) },
            issuer(Party::Provider),
            at(0),
        )
        .unwrap();
        let (active, _) = placed(Issuer::System).unwrap();
        let refused =
            must_not_be_stopped(&withdrawal, WithdrawalCommand::Approve, Some(&active)).unwrap_err();
        let conflict = refused.conflict().unwrap();
        assert_eq!((conflict.reason, conflict.state), ("payouts_stopped", "pending"));
        assert_ne!(conflict.reason, INVALID_TRANSITION);
        for command in WithdrawalCommand::ALL.iter().copied() {
            assert_eq!(must_not_be_stopped(&withdrawal, command, Some(&lifted())), Ok(()));
            assert_eq!(must_not_be_stopped(&withdrawal, command, None), Ok(()));
            let is_stopped = must_not_be_stopped(&withdrawal, command, Some(&active)).is_err();
            assert_eq!(is_stopped, command.leads_out(), "{command}");
        }
        for command in [WithdrawalCommand::Cancel, WithdrawalCommand::Reject, WithdrawalCommand::Fail] {
            assert_eq!(
                must_not_be_stopped(&withdrawal, command, Some(&active)),
                Ok(()),
                "it stays in the books"
            );
        }
    }
}
