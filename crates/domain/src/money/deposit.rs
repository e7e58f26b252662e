//! Money on its way into a wallet.
//!
//! A payment may be reported any number of times, by whoever hears of it first: only the first
//! report of its success moves money.

use chrono::{DateTime, Utc};

use super::{LedgerError, LedgerTransaction, Money, MoneyEvent, Outside, movements};
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
        from: Option<DepositState>,
        command: DepositCommand,
        who: &'static [Party],
        to: DepositState,
        effect: &'static str,
    ) -> Row<DepositState, DepositCommand> {
        Row { from, command, who, guard: "", to, effect }
    }
    const SYSTEM: &[Party] = &[Party::System];
    Machine {
        object: "deposit",
        states: DepositState::ALL,
        commands: DepositCommand::ALL,
        rows: &[
            row(None, Open, &[Party::Owner], Pending, ""),
            row(Some(Pending), Succeed, SYSTEM, Completed, "deposit posting; deposit.completed"),
            row(Some(Completed), Succeed, SYSTEM, Completed, "nothing"),
            // Money that did come in the end belongs to whoever paid it.
            row(Some(Failed), Succeed, SYSTEM, Completed, "deposit posting; deposit.completed"),
            row(Some(Pending), Fail, SYSTEM, Failed, "deposit.failed"),
            row(Some(Failed), Fail, SYSTEM, Failed, "nothing"),
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

impl Deposit {
    /// Begins a payment.
    ///
    /// # Errors
    /// [`Refusal`] for anybody but the owner of the wallet.
    pub fn open(new: NewDeposit, by: Issuer, now: DateTime<Utc>) -> Result<Self, Refusal> {
        let NewDeposit { id, user_id, amount, outside } = new;
        let party = by.party_of_owner(user_id).ok_or(Refusal::NotParty { object: DEPOSIT_MACHINE.object })?;
        let state = DEPOSIT_MACHINE.begin(DepositCommand::Open, party)?;
        Ok(Self { id, user_id, amount, outside, state, created_at: now, completed_at: None, version: 0 })
    }

    /// The money is there. `None` if that was known: nothing to save.
    ///
    /// # Errors
    /// [`LedgerError`] for a deposit of nothing.
    pub fn succeed(
        &mut self,
        now: DateTime<Utc>,
    ) -> Result<Option<(LedgerTransaction, MoneyEvent)>, LedgerError> {
        // The program alone reports, and every state takes the report.
        let next = DEPOSIT_MACHINE.next(self.state, DepositCommand::Succeed, Some(Party::System));
        if self.state == DepositState::Completed || next != Ok(DepositState::Completed) {
            return Ok(None);
        }
        let transaction = movements::deposit(self.id, self.user_id, self.outside, self.amount)?;
        self.state = DepositState::Completed;
        self.completed_at = Some(now);
        let event =
            MoneyEvent::DepositCompleted { deposit_id: self.id, user_id: self.user_id, amount: self.amount };
        Ok(Some((transaction, event)))
    }

    /// The money will not come. `None` if that was known: nothing to save.
    ///
    /// # Errors
    /// [`Refusal`] once the money is there: taking it back is a chargeback.
    pub fn fail(&mut self) -> Result<Option<MoneyEvent>, Refusal> {
        let next = DEPOSIT_MACHINE.next(self.state, DepositCommand::Fail, Some(Party::System))?;
        if next == self.state {
            return Ok(None);
        }
        self.state = next;
        Ok(Some(MoneyEvent::DepositFailed {
            deposit_id: self.id,
            user_id: self.user_id,
            amount: self.amount,
        }))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use uuid::Uuid;

    use super::*;
    use crate::identity::Role;
    use crate::money::{Account, Balances, Currency};

    fn now() -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000, 0).unwrap()
    }

    fn person(id: u128, role: Role) -> Issuer {
        Issuer::Person { user_id: UserId::new(Uuid::from_u128(id)), role }
    }

    fn open(by: Issuer) -> Result<Deposit, Refusal> {
        let new = NewDeposit {
            id: DepositId::new(Uuid::from_u128(9)),
            user_id: UserId::new(Uuid::from_u128(1)),
            amount: Money::positive(5_000, Currency::Usd).unwrap(),
            outside: Outside::Sandbox,
        };
        Deposit::open(new, by, now())
    }

    #[test]
    fn everybody_pays_into_their_own_wallet() {
        assert!(open(person(1, Role::Client)).is_ok());
        assert!(open(person(1, Role::Writer)).is_ok());
        assert_eq!(open(person(2, Role::Client)), Err(Refusal::NotParty { object: "deposit" }));
        let refused = Refusal::NotPermitted { object: "deposit", command: "open" };
        assert_eq!(open(person(1, Role::Admin)), Err(refused));
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
                "succeed" => Some(deposit.succeed(now()).unwrap().is_some()),
                _ => deposit.fail().ok().map(|event| event.is_some()),
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
        for report in [deposit.succeed(now()), twin.succeed(now())] {
            books.book(&report.unwrap().unwrap().0).unwrap();
        }
        let wallet = Account::UserAvailable(deposit.user_id);
        assert_eq!(books.of(wallet, Currency::Usd), 5_000);
    }
}
