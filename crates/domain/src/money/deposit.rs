//! Money on its way into a wallet.
//!
//! A payment may be reported any number of times, by whoever hears of it first: only the first
//! report of its success moves money.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    LedgerError, LedgerTransaction, Money, MoneyEvent, Outside, PayIn, Unpayable, movements, must_be_payable,
};
use crate::actor::{Issuer, Party};
use crate::ids::{DepositId, UserId};
use crate::machine::{Machine, Refusal, Row, word_enum};

word_enum!(
    /// How far a payment has come.
    DepositState {
        /// Waiting for the payment provider.
        Pending = "pending",
        /// The money is in the wallet.
        Completed = "completed",
        /// It did not come.
        Failed = "failed",
    }
);
word_enum!(
    /// What can be asked of a deposit.
    DepositCommand {
        /// Its owner wants to pay in.
        Open = "open",
        /// The payment provider has the money.
        Succeed = "succeed",
        /// The payment provider gave up.
        Fail = "fail",
    }
);

/// The states of a deposit.
pub const DEPOSIT_MACHINE: Machine<DepositState, DepositCommand> = {
    use DepositCommand::{Fail, Open, Succeed};
    use DepositState::{Completed, Failed, Pending};
    const fn row(
        from: DepositState,
        command: DepositCommand,
        who: &'static [Party],
        to: DepositState,
        effect: &'static str,
    ) -> Row<DepositState, DepositCommand> {
        Row { from: Some(from), command, who, guard: "", to, effect }
    }
    const SYSTEM: &[Party] = &[Party::System];
    Machine {
        object: "deposit",
        states: DepositState::ALL,
        commands: DepositCommand::ALL,
        rows: &[
            Row {
                from: None,
                command: Open,
                who: &[Party::Owner],
                guard: "something, of the one currency, in a way that is open",
                to: Pending,
                effect: "",
            },
            row(Pending, Succeed, SYSTEM, Completed, "deposit posting; deposit.completed"),
            row(Completed, Succeed, SYSTEM, Completed, "nothing"),
            // Money that did come in the end belongs to whoever paid it.
            row(Failed, Succeed, SYSTEM, Completed, "deposit posting; deposit.completed"),
            row(Pending, Fail, SYSTEM, Failed, "deposit.failed"),
            row(Failed, Fail, SYSTEM, Failed, "nothing"),
        ],
        refusals: &[],
    }
};

/// A payment into a wallet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// Its identifier.
    pub id: DepositId,
    /// Whose wallet.
    pub user_id: UserId,
    /// How much; above zero.
    pub amount: Money,
    /// Through whom.
    pub outside: Outside,
    /// How far it has come.
    pub state: DepositState,
    /// When it was begun.
    pub created_at: DateTime<Utc>,
    /// When the money was there.
    pub completed_at: Option<DateTime<Utc>>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// What a new deposit needs.
#[derive(Clone, Copy, Debug)]
pub struct NewDeposit {
    /// Minted by the caller.
    pub id: DepositId,
    /// Whose wallet.
    pub user_id: UserId,
    /// How much; above zero.
    pub amount: Money,
    /// Through whom.
    pub outside: Outside,
}

/// Why a deposit did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum DepositError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// Not this amount.
    #[error(transparent)]
    Unpayable(#[from] Unpayable),
    /// Not in this way (422).
    #[error("This way of paying is not available here")]
    MethodUnavailable,
    /// Postings that make no transaction: a fault of the program.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl DepositError {
    /// The reason, if it is about something well-formed that is impossible (422).
    #[must_use]
    pub const fn impossible(&self) -> Option<&'static str> {
        match self {
            Self::Unpayable(error) => error.impossible(),
            Self::MethodUnavailable => Some("payment_method_unavailable"),
            Self::Refused(_) | Self::Ledger(_) => None,
        }
    }
}

/// What is to be booked and told once the money is there.
pub type PaidIn = (LedgerTransaction, MoneyEvent);

impl Deposit {
    /// Begins a payment in one of the ways that are open.
    ///
    /// # Errors
    /// [`DepositError`]: anybody but the owner of the wallet; nothing, or another currency; a way that
    /// is not open.
    pub fn open(new: NewDeposit, ways: PayIn, by: Issuer, now: DateTime<Utc>) -> Result<Self, DepositError> {
        let NewDeposit { id, user_id, amount, outside } = new;
        let party = by.party_of_owner(user_id).ok_or(Refusal::NotParty { object: DEPOSIT_MACHINE.object })?;
        let state = DEPOSIT_MACHINE.begin(DepositCommand::Open, party)?;
        must_be_payable(amount)?;
        if !ways.is_open(outside) {
            return Err(DepositError::MethodUnavailable);
        }
        Ok(Self { id, user_id, amount, outside, state, created_at: now, completed_at: None, version: 0 })
    }

    /// What needs nobody to wait for is there at once: the program reports it itself. `None` where the
    /// payment provider will.
    ///
    /// # Errors
    /// As [`Self::succeed`].
    pub fn arrive_at_once(&mut self, now: DateTime<Utc>) -> Result<Option<PaidIn>, DepositError> {
        if self.outside.pays_at_once() { self.succeed(Issuer::System, now) } else { Ok(None) }
    }

    /// The money is there. `None` if that was known: nothing to save.
    ///
    /// # Errors
    /// [`DepositError::Refused`] for anybody but the program.
    pub fn succeed(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<Option<PaidIn>, DepositError> {
        let Some(state) = self.next(DepositCommand::Succeed, by)? else { return Ok(None) };
        let transaction = movements::deposit(self.id, self.user_id, self.outside, self.amount)?;
        self.state = state;
        self.completed_at = Some(now);
        let event =
            MoneyEvent::DepositCompleted { deposit_id: self.id, user_id: self.user_id, amount: self.amount };
        Ok(Some((transaction, event)))
    }

    /// The money will not come. `None` if that was known: nothing to save.
    ///
    /// # Errors
    /// [`DepositError::Refused`] for anybody but the program, and once the money is there: taking it back
    /// is a chargeback.
    pub fn fail(&mut self, by: Issuer) -> Result<Option<MoneyEvent>, DepositError> {
        let Some(state) = self.next(DepositCommand::Fail, by)? else { return Ok(None) };
        self.state = state;
        Ok(Some(MoneyEvent::DepositFailed {
            deposit_id: self.id,
            user_id: self.user_id,
            amount: self.amount,
        }))
    }

    /// The state that a report leads to; `None` where it is the present one.
    fn next(&self, command: DepositCommand, by: Issuer) -> Result<Option<DepositState>, Refusal> {
        let next = DEPOSIT_MACHINE.next(self.state, command, by.party_of_owner(self.user_id))?;
        Ok((next != self.state).then_some(next))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use uuid::Uuid;

    use super::*;
    use crate::identity::Role;
    use crate::machine::walk;
    use crate::money::{Account, Balances, Currency, MoneyError};

    fn now() -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000, 0).unwrap()
    }

    fn person(id: u128, role: Role) -> Issuer {
        Issuer::Person { user_id: UserId::new(Uuid::from_u128(id)), role }
    }

    fn open(by: Issuer) -> Result<Deposit, DepositError> {
        open_with((5_000, Currency::Usd), Outside::Sandbox, true, by)
    }

    fn open_with(
        (minor, currency): (i64, Currency),
        outside: Outside,
        sandbox: bool,
        by: Issuer,
    ) -> Result<Deposit, DepositError> {
        let new = NewDeposit {
            id: DepositId::new(Uuid::from_u128(9)),
            user_id: UserId::new(Uuid::from_u128(1)),
            amount: Money::total(minor, currency).unwrap(),
            outside,
        };
        Deposit::open(new, PayIn { sandbox }, by, now())
    }

    #[test]
    fn everybody_pays_into_their_own_wallet() {
        assert!(open(person(1, Role::Client)).is_ok());
        assert!(open(person(1, Role::Writer)).is_ok());
        assert_eq!(open(person(2, Role::Client)), Err(Refusal::NotParty { object: "deposit" }.into()));
        let refused = Refusal::NotPermitted { object: "deposit", command: "open" };
        assert_eq!(open(person(1, Role::Admin)), Err(refused.into()));
    }

    #[test]
    fn something_of_the_one_currency_in_a_way_that_is_open() {
        use Currency::{Eur, Usd};
        let unavailable = DepositError::MethodUnavailable;
        for (amount, outside, sandbox, expected) in [
            ((1, Usd), Outside::Sandbox, true, Ok(DepositState::Pending)),
            ((1, Usd), Outside::Sandbox, false, Err(unavailable)),
            ((1, Usd), Outside::Stripe, true, Err(unavailable)),
            ((0, Usd), Outside::Sandbox, true, Err(Unpayable::Amount(MoneyError::NotPositive).into())),
            ((1, Eur), Outside::Sandbox, true, Err(Unpayable::CurrencyUnavailable.into())),
        ] {
            let opened = open_with(amount, outside, sandbox, person(1, Role::Client));
            assert_eq!(opened.map(|deposit| deposit.state), expected, "{amount:?} {outside} {sandbox}");
        }
    }

    #[test]
    fn play_money_is_there_at_once_and_all_other_is_waited_for() {
        for outside in Outside::ALL.iter().copied() {
            let mut deposit = Deposit { outside, ..open(person(1, Role::Client)).unwrap() };
            let arrived = deposit.arrive_at_once(now()).unwrap().is_some();
            assert_eq!(arrived, outside == Outside::Sandbox, "{outside}");
            assert_eq!(deposit.state == DepositState::Completed, arrived, "{outside}");
        }
    }

    #[test]
    fn every_command_in_every_state_by_everybody() {
        // pending completed failed
        let expected = [
            ("succeed", Party::System, "completed completed completed"),
            ("fail", Party::System, "failed - failed"),
        ];
        let parties = [Party::Owner, Party::Admin, Party::System];
        walk::all(&DEPOSIT_MACHINE, &parties, &expected, |state, command, party| {
            let by = match party {
                Party::Owner => person(1, Role::Client),
                Party::Admin => person(9, Role::Admin),
                Party::System | Party::Client | Party::Provider => Issuer::System,
            };
            let mut deposit = Deposit { state, ..open(person(1, Role::Client)).unwrap() };
            let result = match command {
                DepositCommand::Open => return "!", // It comes into being by it.
                DepositCommand::Succeed => deposit.succeed(by, now()).map(drop),
                DepositCommand::Fail => deposit.fail(by).map(drop),
            };
            walk::outcome(result.map(|()| deposit.state.as_str()), |error| {
                let DepositError::Refused(refusal) = error else { panic!("{error}") };
                *refusal
            })
        });
    }

    #[test]
    fn every_report_in_every_state() {
        // state, report, state afterwards; whether something happened
        let table = [
            (DepositState::Pending, "succeed", Some((DepositState::Completed, true))),
            (DepositState::Completed, "succeed", Some((DepositState::Completed, false))),
            (DepositState::Failed, "succeed", Some((DepositState::Completed, true))),
            (DepositState::Pending, "fail", Some((DepositState::Failed, true))),
            (DepositState::Completed, "fail", None),
            (DepositState::Failed, "fail", Some((DepositState::Failed, false))),
        ];
        for (from, report, expected) in table {
            let mut deposit = open(person(1, Role::Client)).unwrap();
            deposit.state = from;
            let happened = match report {
                "succeed" => Some(deposit.succeed(Issuer::System, now()).unwrap().is_some()),
                _ => deposit.fail(Issuer::System).ok().map(|event| event.is_some()),
            };
            assert_eq!(happened.map(|happened| (deposit.state, happened)), expected, "{from} {report}");
        }
    }

    #[test]
    fn webhook_and_status_call_credit_it_once() {
        let mut deposit = open(person(1, Role::Client)).unwrap();
        // Two processes that both read it as pending: the source makes the second one nothing.
        let mut twin = deposit.clone();
        let mut books = Balances::default();
        for report in [deposit.succeed(Issuer::System, now()), twin.succeed(Issuer::System, now())] {
            books.book(&report.unwrap().unwrap().0).unwrap();
        }
        let wallet = Account::UserAvailable(deposit.user_id);
        assert_eq!(books.of(wallet, Currency::Usd), 5_000);
    }
}
