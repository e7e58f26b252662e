//! Money on its way out of a wallet.
//!
//! The money is set aside in the transaction of the request, so that several requests never draw
//! on one balance; it leaves the books when the payment is made, and comes back when it is not.
//!
//! It is paid by an administrator, who says so, or by a payment provider. Then it is marked as sent
//! before the provider hears of it, and whoever finds it sent asks again under the same key: a crash
//! between the two neither loses a payment nor makes it twice. After an hour without an answer nobody is
//! asked any more, and an administrator has to find out.
//!
//! Deliberately absent: the account that it goes to. No step but the payment itself needs to know it.

use chrono::{DateTime, TimeDelta, Utc};
use thiserror::Error;

use super::event::WithdrawalRef;
use super::{
    FourEyes, LedgerError, LedgerTransaction, Money, MoneyError, MoneyEvent, PayoutMethod, Purse, Unpayable,
    WITHDRAWAL_MACHINE, WithdrawalCommand, WithdrawalState, estimated_completion, movements, must_be_payable,
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

text_type!(
    /// Why a payment did not arrive.
    FailureReason,
    2_000,
    Lines::Multiple
);

/// How long the payment provider is asked what became of a payment. Shorter than any provider remembers
/// the key of a request: later the same request could be a second payment.
pub const ASKING_PERIOD: TimeDelta = TimeDelta::hours(1);

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
    /// Who agreed first, where a second administrator has to.
    pub first_approved_by: Option<UserId>,
    /// Whose agreement let it be paid.
    pub approved_by: Option<UserId>,
    /// Why it was refused, if it was.
    pub rejection: Option<RejectionReason>,
    /// Why it did not arrive, if it did not.
    pub failure: Option<FailureReason>,
    /// When it was asked for.
    pub requested_at: DateTime<Utc>,
    /// When it may be expected.
    pub estimated_completion: DateTime<Utc>,
    /// When it was given to the payment provider.
    pub sent_at: Option<DateTime<Utc>>,
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

/// What is to be done about a withdrawal that the program looks after.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub enum Attendance {
    /// It has just been sent: save that, and then ask the payment provider.
    Sent(WithdrawalStep),
    /// It was sent before: ask the payment provider.
    Asked,
    /// Nobody knows what became of it: save that, and ask nobody any more.
    Doubted(WithdrawalStep),
}

/// Why a withdrawal did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum WithdrawalError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Not this amount.
    #[error(transparent)]
    Unpayable(#[from] Unpayable),
    /// Whoever agreed first cannot agree a second time (409).
    #[error("a second administrator has to approve this withdrawal")]
    SecondAdministratorRequired {
        /// The withdrawal's state.
        state: &'static str,
    },
    /// The payment provider may still answer (409).
    #[error("the payment provider may answer until {until}")]
    TooEarly {
        /// The withdrawal's state.
        state: &'static str,
        /// Until when.
        until: DateTime<Utc>,
    },
    /// Whoever owes something takes nothing out (409).
    #[error("{owed} is owed after a chargeback, and is paid first")]
    DebtOutstanding {
        /// How much.
        owed: Money,
    },
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
            Self::SecondAdministratorRequired { state } => {
                Some(Conflict { reason: "second_administrator_required", state })
            }
            // It is the wallet that is in this state: there is no withdrawal yet.
            Self::DebtOutstanding { .. } => Some(Conflict { reason: "debt_outstanding", state: "in_debt" }),
            Self::TooEarly { state, until: _ } => Some(Conflict { reason: "too_early", state }),
            Self::Unpayable(_) | Self::Insufficient { .. } | Self::Money(_) | Self::Ledger(_) => None,
        }
    }

    /// The reason, if it is about something well-formed that is impossible (422).
    #[must_use]
    pub const fn impossible(&self) -> Option<&'static str> {
        match self {
            Self::Insufficient { .. } => Some("insufficient_funds"),
            Self::Unpayable(error) => error.impossible(),
            Self::Refused(_)
            | Self::SecondAdministratorRequired { .. }
            | Self::TooEarly { .. }
            | Self::DebtOutstanding { .. }
            | Self::Money(_)
            | Self::Ledger(_) => None,
        }
    }
}

impl Withdrawal {
    /// Sets money aside. `purse` is what the owner's wallet holds, under its lock, and what they owe.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`] for anybody but the owner; nothing, or another currency;
    /// [`WithdrawalError::DebtOutstanding`]; [`WithdrawalError::Insufficient`].
    pub fn request(
        new: NewWithdrawal,
        purse: Purse,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Self, WithdrawalStep), WithdrawalError> {
        let NewWithdrawal { id, user_id, amount, method } = new;
        let party =
            by.party_of_owner(user_id).ok_or(Refusal::NotParty { object: WITHDRAWAL_MACHINE.object })?;
        let state = WITHDRAWAL_MACHINE.begin(WithdrawalCommand::Request, party)?;
        must_be_payable(amount)?;
        Self::must_be_covered(amount, purse)?;
        let transaction = movements::withdrawal_requested(id, user_id, amount, method)?;
        let withdrawal = Self {
            id,
            user_id,
            amount,
            method,
            state,
            first_approved_by: None,
            approved_by: None,
            rejection: None,
            failure: None,
            requested_at: now,
            estimated_completion: estimated_completion(now),
            sent_at: None,
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
    /// [`WithdrawalError::DebtOutstanding`]; [`WithdrawalError::Insufficient`].
    pub fn must_be_covered(amount: Money, purse: Purse) -> Result<(), WithdrawalError> {
        let Purse { available, owed } = purse;
        if !owed.is_zero() {
            return Err(WithdrawalError::DebtOutstanding { owed });
        }
        if available.covers(amount)? {
            return Ok(());
        }
        Err(WithdrawalError::Insufficient { required: amount, available })
    }

    /// An administrator agrees. Above the limit another one has to as well, before it may be paid.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`]; [`WithdrawalError::SecondAdministratorRequired`] when the one who
    /// agreed first agrees again.
    pub fn approve(
        &mut self,
        four_eyes: FourEyes,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<WithdrawalStep, WithdrawalError> {
        let who = by.user_id();
        if self.state == WithdrawalState::Countersign {
            self.next(WithdrawalCommand::Countersign, by)?;
            if who == self.first_approved_by {
                return Err(WithdrawalError::SecondAdministratorRequired { state: self.state.as_str() });
            }
            self.go(WithdrawalCommand::Countersign, by, now)?;
        } else if four_eyes.are_needed_for(self.amount)? {
            self.go(WithdrawalCommand::ApproveFirst, by, now)?;
            self.first_approved_by = who;
            let event = MoneyEvent::WithdrawalFirstApproved(self.reference());
            return Ok(WithdrawalStep { event, transaction: None });
        } else {
            self.go(WithdrawalCommand::Approve, by, now)?;
        }
        self.approved_by = who;
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

    /// The program looks after it: sends it, has the payment provider asked again, or gives up asking.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`] unless it is to be sent or has been.
    pub fn attend(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<Attendance, WithdrawalError> {
        match self.sent_at {
            None => Ok(Attendance::Sent(self.send(by, now)?)),
            Some(sent_at) if now < sent_at + ASKING_PERIOD => {
                self.next(WithdrawalCommand::Ask, by)?;
                Ok(Attendance::Asked)
            }
            Some(_) => Ok(Attendance::Doubted(self.doubt(by, now)?)),
        }
    }

    /// It goes to a payment provider.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn send(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::Send, by, now)?;
        self.sent_at = Some(now);
        Ok(WithdrawalStep { event: MoneyEvent::WithdrawalSent(self.reference()), transaction: None })
    }

    /// It could not be delivered; the money comes back.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`].
    pub fn fail(
        &mut self,
        reason: FailureReason,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<WithdrawalStep, WithdrawalError> {
        self.go(WithdrawalCommand::Fail, by, now)?;
        self.failure = Some(reason);
        self.returned(MoneyEvent::WithdrawalFailed(self.reference()))
    }

    /// It is unclear whether it was delivered: paying it again could pay it twice.
    ///
    /// # Errors
    /// [`WithdrawalError::Refused`]; [`WithdrawalError::TooEarly`] while the payment provider may still
    /// answer.
    pub fn doubt(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<WithdrawalStep, WithdrawalError> {
        self.next(WithdrawalCommand::Doubt, by)?;
        if let Some(until) = self.sent_at.map(|sent_at| sent_at + ASKING_PERIOD).filter(|until| now < *until)
        {
            return Err(WithdrawalError::TooEarly { state: self.state.as_str(), until });
        }
        self.go(WithdrawalCommand::Doubt, by, now)?;
        Ok(WithdrawalStep { event: MoneyEvent::WithdrawalNeedsReview(self.reference()), transaction: None })
    }

    /// Its id, its owner and its amount.
    #[must_use]
    pub const fn reference(&self) -> WithdrawalRef {
        WithdrawalRef { withdrawal_id: self.id, user_id: self.user_id, amount: self.amount }
    }

    fn next(&self, command: WithdrawalCommand, by: Issuer) -> Result<WithdrawalState, Refusal> {
        WITHDRAWAL_MACHINE.next(self.state, command, by.party_of_owner(self.user_id))
    }

    fn go(&mut self, command: WithdrawalCommand, by: Issuer, now: DateTime<Utc>) -> Result<(), Refusal> {
        self.state = self.next(command, by)?;
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
        Withdrawal::request(new, Purse { available: usd(available), owed: usd(0) }, by, now())
    }

    fn pending() -> Withdrawal {
        request(500, 500, issuer(Party::Owner)).unwrap().0
    }

    /// Everything above this needs two administrators.
    fn above(minor: i64) -> FourEyes {
        FourEyes { limit: Some(usd(minor)) }
    }

    fn issue(
        withdrawal: &mut Withdrawal,
        command: WithdrawalCommand,
        by: Issuer,
    ) -> Result<WithdrawalStep, WithdrawalError> {
        use WithdrawalCommand as C;
        match command {
            C::Request | C::Ask => Err(WITHDRAWAL_MACHINE.refuse(withdrawal.state, command).into()),
            // One method for three commands: what it does in the wrong state has a test of its own.
            C::Approve | C::ApproveFirst | C::Countersign
                if (command == C::Countersign) != (withdrawal.state == WithdrawalState::Countersign) =>
            {
                withdrawal.next(command, by)?;
                panic!("{} does not take {command}", withdrawal.state)
            }
            C::Approve | C::Countersign => withdrawal.approve(FourEyes::default(), by, now()),
            C::ApproveFirst => withdrawal.approve(above(0), by, now()),
            C::Send => withdrawal.send(by, now()),
            C::MarkPaid => withdrawal.mark_paid(by, now()),
            C::Fail => withdrawal.fail(FailureReason::parse("no such account").unwrap(), by, now()),
            C::Doubt => withdrawal.doubt(by, now() + ASKING_PERIOD),
            C::Reject => withdrawal.reject(RejectionReason::parse("who are you?").unwrap(), by, now()),
            C::Cancel => withdrawal.cancel(by, now()),
        }
    }

    fn refusal(error: &WithdrawalError) -> Refusal {
        let WithdrawalError::Refused(refusal) = error else { panic!("{error}") };
        *refusal
    }

    #[test]
    fn every_command_in_every_state_by_everybody() {
        // pending countersign approved sent needs_review paid rejected cancelled failed
        let expected = [
            ("approve", Party::Admin, "approved - - - - - - - -"),
            ("approve_first", Party::Admin, "countersign - - - - - - - -"),
            ("countersign", Party::Admin, "- approved - - - - - - -"),
            ("send", Party::System, "- - sent - - - - - -"),
            ("ask", Party::System, "- - - sent - - - - -"),
            ("mark_paid", Party::Admin, "- - paid - paid - - - -"),
            ("mark_paid", Party::System, "- - - paid - - - - -"),
            ("fail", Party::System, "- - - failed - - - - -"),
            ("fail", Party::Admin, "- - - - failed - - - -"),
            ("doubt", Party::System, "- - - needs_review - - - - -"),
            ("reject", Party::Admin, "rejected rejected rejected - - - - - -"),
            ("cancel", Party::Owner, "cancelled cancelled - - - - - - -"),
        ];
        let parties = [Party::Owner, Party::Admin, Party::System];
        walk::all(&WITHDRAWAL_MACHINE, &parties, &expected, |state, command, party| {
            if command == WithdrawalCommand::Request {
                return "!"; // It comes into being by it; see `anybody_with_money_may_ask`.
            }
            let mut withdrawal = pending();
            withdrawal.state = state;
            withdrawal.sent_at = Some(now());
            if command == WithdrawalCommand::Ask {
                // It comes to nothing but a look at the table.
                return walk::outcome(
                    withdrawal.next(command, issuer(party)).map(WithdrawalState::as_str),
                    |refusal| *refusal,
                );
            }
            let before = withdrawal.clone();
            let result = issue(&mut withdrawal, command, issuer(party));
            if result.is_err() {
                assert_eq!(withdrawal, before, "a refused command changes nothing");
            }
            walk::outcome(result.map(|_| withdrawal.state.as_str()), refusal)
        });
        let without_method = [WithdrawalCommand::Request, WithdrawalCommand::Ask];
        for command in WithdrawalCommand::ALL.iter().filter(|c| !without_method.contains(c)) {
            let result = issue(&mut pending(), *command, issuer(Party::Client));
            assert_eq!(result, Err(Refusal::NotParty { object: "withdrawal" }.into()), "{command}");
        }
    }

    #[test]
    fn anybody_with_money_may_ask() {
        assert!(request(500, 500, issuer(Party::Owner)).is_ok());
        let short = WithdrawalError::Insufficient { required: usd(501), available: usd(500) };
        assert_eq!(request(501, 500, issuer(Party::Owner)), Err(short));
        let nothing = Unpayable::Amount(MoneyError::NotPositive);
        assert_eq!(request(0, 500, issuer(Party::Owner)), Err(nothing.into()));
        assert_eq!(
            request(1, 500, issuer(Party::Client)),
            Err(Refusal::NotParty { object: "withdrawal" }.into())
        );
        let refused = Refusal::NotPermitted { object: "withdrawal", command: "request" };
        assert_eq!(request(1, 500, issuer(Party::Admin)), Err(refused.into()));
    }

    #[test]
    fn whoever_owes_something_takes_nothing_out() {
        let purse = Purse { available: usd(500), owed: usd(1) };
        let refused = Withdrawal::must_be_covered(usd(1), purse).unwrap_err();
        assert_eq!(refused, WithdrawalError::DebtOutstanding { owed: usd(1) });
        let told = Conflict { reason: "debt_outstanding", state: "in_debt" };
        assert_eq!((refused.conflict(), refused.impossible()), (Some(told), None));
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

    #[test]
    fn above_the_limit_two_different_administrators_agree() {
        let admin = |id| Issuer::Person { user_id: UserId::new(Uuid::from_u128(id)), role: Role::Admin };
        let mut withdrawal = pending();
        let step = withdrawal.approve(above(499), admin(8), now()).unwrap();
        assert_eq!(step.event, MoneyEvent::WithdrawalFirstApproved(withdrawal.reference()));
        assert_eq!(step.transaction, None);
        assert_eq!((withdrawal.state, withdrawal.approved_by), (WithdrawalState::Countersign, None));
        let before = withdrawal.clone();
        let again = withdrawal.approve(above(499), admin(8), now());
        let refused = WithdrawalError::SecondAdministratorRequired { state: "countersign" };
        assert_eq!(again, Err(refused));
        let told = Conflict { reason: "second_administrator_required", state: "countersign" };
        assert_eq!((refused.conflict(), &withdrawal), (Some(told), &before));
        // Also where the limit has been lifted meanwhile: somebody was to look at it.
        assert_eq!(withdrawal.approve(FourEyes::default(), admin(8), now()), again);
        let step = withdrawal.approve(above(499), admin(9), now()).unwrap();
        assert_eq!(step.event, MoneyEvent::WithdrawalApproved(withdrawal.reference()));
        let by = [withdrawal.first_approved_by, withdrawal.approved_by].map(|who| who.map(UserId::uuid));
        assert_eq!(by, [8, 9].map(|id| Some(Uuid::from_u128(id))));
        let mut small = pending();
        drop(small.approve(above(500), admin(8), now()).unwrap());
        assert_eq!((small.state, small.first_approved_by), (WithdrawalState::Approved, None));
    }

    #[test]
    fn agreeing_to_what_is_agreed_to_or_over_is_refused() {
        for state in WithdrawalState::ALL.iter().copied() {
            for four_eyes in [FourEyes::default(), above(0)] {
                let mut withdrawal = Withdrawal { state, ..pending() };
                let taken = withdrawal.approve(four_eyes, issuer(Party::Admin), now());
                let waits = matches!(state, WithdrawalState::Pending | WithdrawalState::Countersign);
                assert_eq!(taken.is_ok(), waits, "{state}");
                if let Err(error) = taken {
                    let told = Conflict { reason: "invalid_transition", state: state.as_str() };
                    assert_eq!(error.conflict(), Some(told));
                }
            }
        }
    }

    #[test]
    fn a_payment_provider_is_asked_for_an_hour() {
        let mut withdrawal = pending();
        let refused = withdrawal.attend(Issuer::System, now());
        assert!(matches!(refused, Err(WithdrawalError::Refused(_))), "nobody has agreed: {refused:?}");
        drop(withdrawal.approve(FourEyes::default(), issuer(Party::Admin), now()).unwrap());
        let sent = withdrawal.attend(Issuer::System, now()).unwrap();
        let event = MoneyEvent::WithdrawalSent(withdrawal.reference());
        assert_eq!(sent, Attendance::Sent(WithdrawalStep { event, transaction: None }));
        let almost = now() + ASKING_PERIOD - TimeDelta::microseconds(1);
        for at in [now(), almost] {
            let before = withdrawal.clone();
            assert_eq!(withdrawal.attend(Issuer::System, at), Ok(Attendance::Asked));
            let early = withdrawal.doubt(Issuer::System, at);
            let until = now() + ASKING_PERIOD;
            assert_eq!(early, Err(WithdrawalError::TooEarly { state: "sent", until }));
            assert_eq!(withdrawal, before);
        }
        let doubted = withdrawal.attend(Issuer::System, now() + ASKING_PERIOD).unwrap();
        let event = MoneyEvent::WithdrawalNeedsReview(withdrawal.reference());
        assert_eq!(doubted, Attendance::Doubted(WithdrawalStep { event, transaction: None }));
        assert_eq!(withdrawal.state, WithdrawalState::NeedsReview);
        for at in [now(), now() + ASKING_PERIOD] {
            let refused = withdrawal.attend(Issuer::System, at);
            assert!(
                matches!(refused, Err(WithdrawalError::Refused(_))),
                "it is an administrator's: {refused:?}"
            );
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
        let expected = [
            "pending",
            "pending",
            "pending",
            "pending",
            "pending",
            "completed",
            "rejected",
            "cancelled",
            "failed",
        ];
        for (state, status) in WithdrawalState::ALL.iter().zip(expected) {
            assert_eq!(state.status().as_str(), status, "{state}");
        }
    }
}
