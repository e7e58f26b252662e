//! Money on its way out of a wallet.
//!
//! The money is set aside in the transaction of the request, so that several requests never draw
//! on one balance; it leaves the books when the payment is made, and comes back when it is not.
//!
//! Deliberately absent: the account that it goes to. No step but the payment itself needs to know it.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::event::WithdrawalRef;
use super::{
    LedgerError, LedgerTransaction, Money, MoneyError, MoneyEvent, PayoutMethod, WITHDRAWAL_MACHINE,
    WithdrawalCommand, WithdrawalState, estimated_completion, movements,
};
use crate::actor::Issuer;
use crate::ids::{UserId, WithdrawalId};
use crate::machine::{Conflict, Refusal};
use crate::text::{Lines, text_type};

text_type!(
    /// Why an administrator refused a withdrawal.
    RejectionReason,
    2_000,
    Lines::Multiple
);

/// A withdrawal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Withdrawal {
    /// Its identifier.
    pub id: WithdrawalId,
    /// Whose money it is.
    pub user_id: UserId,
    /// How much; above zero.
    pub amount: Money,
    /// How it is to be paid.
    pub method: PayoutMethod,
    /// How far it has come.
    pub state: WithdrawalState,
    /// Why it was refused, if it was.
    pub rejection: Option<RejectionReason>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When it may be expected.
    pub estimated_completion: DateTime<Utc>,
    /// When it was paid.
    pub completed_at: Option<DateTime<Utc>>,
    /// When anything above last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// What a new withdrawal needs.
#[derive(Clone, Copy, Debug)]
pub struct NewWithdrawal {
    /// The next of its sequence.
    pub id: WithdrawalId,
    /// Whose money it is.
    pub user_id: UserId,
    /// How much; above zero.
    pub amount: Money,
    /// How it is to be paid.
    pub method: PayoutMethod,
}

/// What a command on a withdrawal led to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct WithdrawalStep {
    /// What happened.
    pub event: MoneyEvent,
    /// What is to be booked with it.
    pub transaction: Option<LedgerTransaction>,
}

/// Why a withdrawal did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WithdrawalError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// More than there is (422).
    #[error("{available} is available, which is less than {required}")]
    Insufficient {
        /// What was asked for.
        required: Money,
        /// What there is.
        available: Money,
    },
    /// An amount that cannot be reckoned with.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Postings that make no transaction.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl WithdrawalError {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            Self::Insufficient { .. } | Self::Money(_) | Self::Ledger(_) => None,
        }
    }
}

impl Withdrawal {
    /// Sets money aside. `available` is what the owner's wallet holds, under its lock.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`] for anybody but the owner, [`WithdrawalError::Insufficient`].
    pub fn request(
        new: NewWithdrawal,
        available: Money,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Self, WithdrawalStep), WithdrawalError> {
        let NewWithdrawal { id, user_id, amount, method } = new;
        let party =
            by.party_of_owner(user_id).ok_or(Refusal::NotParty { object: WITHDRAWAL_MACHINE.object })?;
        let state = WITHDRAWAL_MACHINE.begin(WithdrawalCommand::Request, party)?;
        Self::must_be_covered(amount, available)?;
        let transaction = movements::withdrawal_requested(id, user_id, amount, method)?;
        let withdrawal = Self {
            id,
            user_id,
            amount,
            method,
            state,
            rejection: None,
            requested_at: now,
            estimated_completion: estimated_completion(now),
            completed_at: None,
            updated_at: now,
            version: 0,
        };
        let event = MoneyEvent::WithdrawalRequested(withdrawal.reference());
        Ok((withdrawal, WithdrawalStep { event, transaction: Some(transaction) }))
    }

    /// That so much can be set aside: also asked before a number is taken for the request.
    ///
    /// # Errors
    /// [`WithdrawalError::Insufficient`].
    pub fn must_be_covered(amount: Money, available: Money) -> Result<(), WithdrawalError> {
        if available.covers(amount)? {
            return Ok(());
        }
        Err(WithdrawalError::Insufficient { required: amount, available })
    }

    /// An administrator agrees.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn approve(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::Approve, by, now)?;
        Ok(WithdrawalStep { event: MoneyEvent::WithdrawalApproved(self.reference()), transaction: None })
    }

    /// An administrator refuses; the money comes back.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn reject(
        &mut self,
        reason: RejectionReason,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::Reject, by, now)?;
        let (withdrawal, told) = (self.reference(), reason.as_str().to_owned());
        self.rejection = Some(reason);
        self.returned(MoneyEvent::WithdrawalRejected { withdrawal, reason: told })
    }

    /// Its owner calls it back; the money comes back.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn cancel(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::Cancel, by, now)?;
        self.returned(MoneyEvent::WithdrawalCancelled(self.reference()))
    }

    /// It has been paid: the money leaves the books.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn mark_paid(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::MarkPaid, by, now)?;
        self.completed_at = Some(now);
        let transaction = movements::withdrawal_paid(self.id, self.user_id, self.amount, self.method)?;
        let event = MoneyEvent::WithdrawalPaid(self.reference());
        Ok(WithdrawalStep { event, transaction: Some(transaction) })
    }

    /// It goes to a payment provider.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn send(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::Send, by, now)?;
        Ok(WithdrawalStep { event: MoneyEvent::WithdrawalSent(self.reference()), transaction: None })
    }

    /// It could not be delivered; the money comes back.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn fail(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::Fail, by, now)?;
        self.returned(MoneyEvent::WithdrawalFailed(self.reference()))
    }

    /// It is unclear whether it was delivered: paying it again could pay it twice.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn doubt(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::Doubt, by, now)?;
        Ok(WithdrawalStep { event: MoneyEvent::WithdrawalNeedsReview(self.reference()), transaction: None })
    }

    /// Its id, its owner and its amount.
    #[must_use]
    pub const fn reference(&self) -> WithdrawalRef {
        WithdrawalRef { withdrawal_id: self.id, user_id: self.user_id, amount: self.amount }
    }

    fn go(&mut self, command: WithdrawalCommand, by: Issuer, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.state = WITHDRAWAL_MACHINE.next(self.state, command, by.party_of_owner(self.user_id))?;
        self.updated_at = now;
        Ok(())
    }

    fn returned(&self, event: MoneyEvent) -> Result<WithdrawalStep, WithdrawalError> {
        let transaction = movements::withdrawal_returned(self.id, self.user_id, self.amount)?;
        Ok(WithdrawalStep { event, transaction: Some(transaction) })
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use uuid::Uuid;

    use super::*;
    use crate::actor::Party;
    use crate::identity::Role;
    use crate::machine::walk;
    use crate::money::{Account, Balances, Currency, Outside, WithdrawalStatus};

    fn now() -> DateTime<Utc> {
        Utc.timestamp_opt(1_705_329_000, 0).unwrap()
    }

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    fn issuer(party: Party) -> Issuer {
        let person = |id, role| Issuer::Person { user_id: UserId::new(Uuid::from_u128(id)), role };
        match party {
            Party::Owner => person(1, Role::Writer),
            Party::Admin => person(9, Role::Admin),
            Party::Client | Party::Provider => person(2, Role::Client),
            Party::System => Issuer::System,
        }
    }

    fn request(
        amount: i64,
        available: i64,
        by: Issuer,
    ) -> Result<(Withdrawal, WithdrawalStep), WithdrawalError> {
        let new = NewWithdrawal {
            id: WithdrawalId::new(43).unwrap(),
            user_id: UserId::new(Uuid::from_u128(1)),
            amount: usd(amount),
            method: PayoutMethod::PayPal,
        };
        Withdrawal::request(new, usd(available), by, now())
    }

    fn pending() -> Withdrawal {
        request(500, 500, issuer(Party::Owner)).unwrap().0
    }

    fn issue(
        withdrawal: &mut Withdrawal,
        command: WithdrawalCommand,
        by: Issuer,
    ) -> Result<WithdrawalStep, WithdrawalError> {
        match command {
            WithdrawalCommand::Request => Err(WITHDRAWAL_MACHINE.refuse(withdrawal.state, command).into()),
            WithdrawalCommand::Approve => withdrawal.approve(by, now()),
            WithdrawalCommand::Send => withdrawal.send(by, now()),
            WithdrawalCommand::MarkPaid => withdrawal.mark_paid(by, now()),
            WithdrawalCommand::Fail => withdrawal.fail(by, now()),
            WithdrawalCommand::Doubt => withdrawal.doubt(by, now()),
            WithdrawalCommand::Reject => {
                withdrawal.reject(RejectionReason::parse("who are you?").unwrap(), by, now())
            }
            WithdrawalCommand::Cancel => withdrawal.cancel(by, now()),
        }
    }

    fn refusal(error: &WithdrawalError) -> Refusal {
        let WithdrawalError::Refused(refusal) = error else { panic!("{error}") };
        *refusal
    }

    #[test]
    fn every_command_in_every_state_by_everybody() {
        // pending approved sent needs_review paid rejected cancelled failed
        let expected = [
            ("approve", Party::Admin, "approved - - - - - - -"),
            ("send", Party::System, "- sent - - - - - -"),
            ("mark_paid", Party::Admin, "- paid - paid - - - -"),
            ("mark_paid", Party::System, "- - paid - - - - -"),
            ("fail", Party::System, "- - failed - - - - -"),
            ("fail", Party::Admin, "- - - failed - - - -"),
            ("doubt", Party::System, "- - needs_review - - - - -"),
            ("reject", Party::Admin, "rejected rejected - - - - - -"),
            ("cancel", Party::Owner, "cancelled - - - - - - -"),
        ];
        let parties = [Party::Owner, Party::Admin, Party::System];
        walk::all(&WITHDRAWAL_MACHINE, &parties, &expected, |state, command, party| {
            if command == WithdrawalCommand::Request {
                return "!"; // It comes into being by it; see `anybody_with_money_may_ask`.
            }
            let mut withdrawal = pending();
            withdrawal.state = state;
            let before = withdrawal.clone();
            let result = issue(&mut withdrawal, command, issuer(party));
            if result.is_err() {
                assert_eq!(withdrawal, before, "a refused command changes nothing");
            }
            walk::outcome(result.map(|_| withdrawal.state.as_str()), refusal)
        });
        for command in WithdrawalCommand::ALL.iter().filter(|c| **c != WithdrawalCommand::Request) {
            let result = issue(&mut pending(), *command, issuer(Party::Client));
            assert_eq!(result, Err(Refusal::NotParty { object: "withdrawal" }.into()), "{command}");
        }
    }

    #[test]
    fn anybody_with_money_may_ask() {
        assert!(request(500, 500, issuer(Party::Owner)).is_ok());
        let short = WithdrawalError::Insufficient { required: usd(501), available: usd(500) };
        assert_eq!(request(501, 500, issuer(Party::Owner)), Err(short));
        assert_eq!(
            request(1, 500, issuer(Party::Client)),
            Err(Refusal::NotParty { object: "withdrawal" }.into())
        );
        let refused = Refusal::NotPermitted { object: "withdrawal", command: "request" };
        assert_eq!(request(1, 500, issuer(Party::Admin)), Err(refused.into()));
    }

    /// Whatever way a withdrawal takes, its money is either paid once or back once.
    #[test]
    fn every_way_to_the_end_keeps_the_books() {
        let mut unfinished = vec![(pending(), opened())];
        let mut ends = Vec::new();
        while let Some((withdrawal, books)) = unfinished.pop() {
            let mut is_end = true;
            for command in WithdrawalCommand::ALL {
                for party in [Party::Owner, Party::Admin, Party::System] {
                    let (mut next, mut books) = (withdrawal.clone(), books.clone());
                    let Ok(step) = issue(&mut next, *command, issuer(party)) else { continue };
                    if let Some(transaction) = &step.transaction {
                        books.book(transaction).unwrap();
                    }
                    is_end = false;
                    unfinished.push((next, books));
                }
            }
            if is_end {
                ends.push((withdrawal, books));
            }
        }
        assert!(!ends.is_empty());
        for (withdrawal, books) in ends {
            let owner = withdrawal.user_id;
            let balance = |account| books.of(account, Currency::Usd);
            let back = if withdrawal.state.is_returned() { 500 } else { 0 };
            assert_eq!(balance(Account::UserAvailable(owner)), back, "{}", withdrawal.state);
            assert_eq!(balance(Account::UserWithdrawing(owner)), 0, "{}", withdrawal.state);
            assert_eq!(balance(Account::World(Outside::PayPal)), 500 - back);
            assert_ne!(withdrawal.state.status(), WithdrawalStatus::Pending);
        }
    }

    /// Books in which the deposit and the request are entered.
    fn opened() -> Balances {
        let mut books = Balances::default();
        let id = crate::ids::DepositId::new(Uuid::nil());
        let owner = UserId::new(Uuid::from_u128(1));
        books.book(&movements::deposit(id, owner, Outside::Sandbox, usd(500)).unwrap()).unwrap();
        let (_, step) = request(500, 500, issuer(Party::Owner)).unwrap();
        books.book(&step.transaction.unwrap()).unwrap();
        books
    }

    #[test]
    fn the_coarse_words() {
        let expected =
            ["pending", "pending", "pending", "pending", "completed", "rejected", "cancelled", "failed"];
        for (state, status) in WithdrawalState::ALL.iter().zip(expected) {
            assert_eq!(state.status().as_str(), status, "{state}");
        }
    }
}
