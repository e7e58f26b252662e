//! A payer's bank takes a payment back.
//!
//! The whole payment leaves at once: first what comes back of the payer's unfinished milestones, then what
//! they have paid for and rests with providers ([`crate::contracts::charge_back`] moves both into the
//! wallet), then what the wallet holds, then what the payer comes to owe, up to a limit; the rest the
//! platform loses. When the bank decides for the platform, exactly what was taken comes back; what came back
//! of milestones stays with the payer. What is owed is paid from later money ([`super::settle_debt`]).
//!
//! Deliberately absent: the bank. An administrator says what it did.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    Deposit, DepositState, LedgerError, LedgerTransaction, Money, MoneyError, MoneyEvent, Outside, Purse,
    movements,
};
use crate::actor::{Issuer, Party};
use crate::ids::{ChargebackId, DepositId, UserId};
use crate::machine::{Conflict, Machine, Refusal, Row, word_enum};
use crate::text::{Lines, text_type};

text_type!(
    /// Why the bank took a payment back, as far as it said.
    ChargebackReason,
    2_000,
    Lines::Multiple
);

word_enum!(
    /// How a chargeback stands.
    ChargebackState {
        /// The money is gone, and the bank may yet decide for the platform.
        Received = "received",
        /// The bank has decided for the platform: the money is back.
        Won = "won",
        /// The bank has decided for the payer.
        Lost = "lost",
    }
);
word_enum!(
    /// What can be said of a chargeback.
    ChargebackCommand {
        /// The bank has taken the payment back.
        Receive = "receive",
        /// The bank has decided for the platform.
        Win = "win",
        /// The bank has decided for the payer.
        Lose = "lose",
    }
);

/// The states of a chargeback.
pub const CHARGEBACK_MACHINE: Machine<ChargebackState, ChargebackCommand> = {
    use ChargebackCommand as C;
    use ChargebackState as S;
    const ADMIN: &[Party] = &[Party::Admin];
    const fn row(from: Option<S>, command: C, guard: &'static str, to: S, effect: &'static str) -> Row<S, C> {
        Row { from, command, who: ADMIN, guard, to, effect }
    }
    Machine {
        object: "chargeback",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            row(
                None,
                C::Receive,
                "the deposit is completed, and was not taken back before",
                S::Received,
                "the payer's unfinished milestones are refunded, then what rests of others is returned; \
                 chargeback posting; chargeback.received",
            ),
            row(
                Some(S::Received),
                C::Win,
                "",
                S::Won,
                "what was taken comes back, to a debt first; chargeback.won",
            ),
            row(Some(S::Received), C::Lose, "", S::Lost, "chargeback.lost"),
        ],
        refusals: &[],
    }
};

/// Where the money of a chargeback came from; together the whole payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    /// From the payer's wallet, with what had come back of their milestones.
    pub available: Money,
    /// What the payer came to owe.
    pub debt: Money,
    /// What the platform lost.
    pub losses: Money,
}

/// A payment that its payer's bank took back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chargeback {
    /// Its identifier.
    pub id: ChargebackId,
    /// The payment.
    pub deposit_id: DepositId,
    /// Who had paid.
    pub user_id: UserId,
    /// Through whom.
    pub outside: Outside,
    /// How much: the whole payment.
    pub amount: Money,
    /// Why, as far as the bank said.
    pub reason: ChargebackReason,
    /// How it stands.
    pub state: ChargebackState,
    /// What came back of the payer's milestones for it, fees included: it went through their wallet.
    pub refunded: Money,
    /// Where the money came from.
    pub taken: Taken,
    /// When it was received.
    pub received_at: DateTime<Utc>,
    /// When the bank decided.
    pub decided_at: Option<DateTime<Utc>>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// What a new chargeback needs.
#[derive(Clone, Debug)]
pub struct NewChargeback {
    /// Minted by the caller.
    pub id: ChargebackId,
    /// Why, as far as the bank said.
    pub reason: ChargebackReason,
    /// How much the payer may come to owe in all; what is beyond it the platform loses.
    pub debt_limit: Money,
}

/// What a command on a chargeback led to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct ChargebackStep {
    /// What happened.
    pub event: MoneyEvent,
    /// What is to be booked with it.
    pub transaction: Option<LedgerTransaction>,
}

/// Why a chargeback did not take a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ChargebackError {
    /// Not this person, or not now.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// A payment is taken back once (409).
    #[error("this deposit has been charged back already")]
    AlreadyChargedBack {
        /// The state of the chargeback that there is.
        state: &'static str,
    },
    /// An amount that cannot be reckoned with: a fault of the program.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// Postings that make no transaction: a fault of the program.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl ChargebackError {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::Refused(refusal) => refusal.conflict(),
            Self::AlreadyChargedBack { state } => Some(Conflict { reason: "already_charged_back", state }),
            Self::Money(_) | Self::Ledger(_) => None,
        }
    }
}

impl Chargeback {
    /// That a payment can be taken back: also asked before anything is refunded for it. `before` is the
    /// chargeback that there is of this deposit.
    ///
    /// # Errors
    /// [`ChargebackError::Refused`] for anybody but administrators, and unless the money had come;
    /// [`ChargebackError::AlreadyChargedBack`].
    pub fn must_be_possible(
        deposit: &Deposit,
        before: Option<&Self>,
        by: Issuer,
    ) -> Result<ChargebackState, ChargebackError> {
        let state = CHARGEBACK_MACHINE.begin(ChargebackCommand::Receive, by.party_by_role())?;
        if deposit.state != DepositState::Completed {
            return Err(CHARGEBACK_MACHINE.refuse_before(deposit.state, ChargebackCommand::Receive).into());
        }
        match before {
            Some(before) => Err(ChargebackError::AlreadyChargedBack { state: before.state.as_str() }),
            None => Ok(state),
        }
    }

    /// The bank has taken a payment back. `purse` is what the payer has and owes, under its locks, after
    /// `refunded` came back of their milestones for it.
    ///
    /// # Errors
    /// As for [`Self::must_be_possible`].
    pub fn receive(
        new: NewChargeback,
        deposit: &Deposit,
        before: Option<&Self>,
        (refunded, purse): (Money, Purse),
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Self, ChargebackStep), ChargebackError> {
        let state = Self::must_be_possible(deposit, before, by)?;
        let NewChargeback { id, reason, debt_limit } = new;
        let Deposit { id: deposit_id, user_id, amount, outside, .. } = *deposit;
        let available = purse.available.at_most(amount)?;
        let rest = amount.minus(available)?;
        let nothing = Money::zero(amount.currency());
        // Whoever owes more than the limit already, because it was higher once, comes to owe no more.
        let room = if debt_limit.covers(purse.owed)? { debt_limit.minus(purse.owed)? } else { nothing };
        let debt = rest.at_most(room)?;
        let taken = Taken { available, debt, losses: rest.minus(debt)? };
        let chargeback = Self {
            id,
            deposit_id,
            user_id,
            outside,
            amount,
            reason,
            state,
            refunded,
            taken,
            received_at: now,
            decided_at: None,
            version: 0,
        };
        let transaction = movements::chargeback(&chargeback)?;
        let event = MoneyEvent::ChargebackReceived { chargeback: chargeback.reference(), debt };
        Ok((chargeback, ChargebackStep { event, transaction: Some(transaction) }))
    }

    /// The bank has decided for the platform: what was taken comes back. What the platform lost is its
    /// own again; of the rest, the payer's debt is paid first, whatever it came from. `owed` is what the
    /// payer owes now, under its lock.
    ///
    /// # Errors
    /// [`ChargebackError::Refused`].
    pub fn win(
        &mut self,
        owed: Money,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<ChargebackStep, ChargebackError> {
        let state = self.next(ChargebackCommand::Win, by)?;
        let theirs = self.taken.available.plus(self.taken.debt)?;
        let debt = theirs.at_most(owed)?;
        let back = Taken { available: theirs.minus(debt)?, debt, losses: self.taken.losses };
        let transaction = movements::chargeback_won(self, back)?;
        self.decide(state, now);
        let event = MoneyEvent::ChargebackWon { chargeback: self.reference(), available: back.available };
        Ok(ChargebackStep { event, transaction: Some(transaction) })
    }

    /// The bank has decided for the payer: everything stays as it is.
    ///
    /// # Errors
    /// [`ChargebackError::Refused`].
    pub fn lose(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<ChargebackStep, ChargebackError> {
        let state = self.next(ChargebackCommand::Lose, by)?;
        self.decide(state, now);
        Ok(ChargebackStep { event: MoneyEvent::ChargebackLost(self.reference()), transaction: None })
    }

    /// Which it is, whose and how much.
    #[must_use]
    pub const fn reference(&self) -> ChargebackRef {
        let Self { id, deposit_id, user_id, amount, .. } = self;
        ChargebackRef { chargeback_id: *id, deposit_id: *deposit_id, user_id: *user_id, amount: *amount }
    }

    /// It belongs to nobody's account: who may speak of it depends on the role alone.
    fn next(&self, command: ChargebackCommand, by: Issuer) -> Result<ChargebackState, Refusal> {
        CHARGEBACK_MACHINE.next(self.state, command, Some(by.party_by_role()))
    }

    const fn decide(&mut self, state: ChargebackState, now: DateTime<Utc>) {
        self.state = state;
        self.decided_at = Some(now);
    }
}

/// A chargeback, whose payment it was, and how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChargebackRef {
    /// The chargeback.
    pub chargeback_id: ChargebackId,
    /// The payment.
    pub deposit_id: DepositId,
    /// Who had paid.
    pub user_id: UserId,
    /// How much.
    pub amount: Money,
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use uuid::Uuid;

    use super::*;
    use crate::identity::Role;
    use crate::machine::walk;
    use crate::money::{Account, Balances, Currency, NewDeposit, PayIn, settle_debt};

    const PAYER: UserId = UserId::new(Uuid::from_u128(1));

    fn now() -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000, 0).unwrap()
    }

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    fn issuer(party: Party) -> Issuer {
        let person = |id, role| Issuer::Person { user_id: UserId::new(Uuid::from_u128(id)), role };
        match party {
            Party::Admin => person(9, Role::Admin),
            Party::System => Issuer::System,
            Party::Owner | Party::Client => person(1, Role::Client),
            Party::Provider => person(1, Role::Writer),
        }
    }

    fn deposit(minor: i64) -> (Deposit, LedgerTransaction) {
        let new = NewDeposit {
            id: DepositId::new(Uuid::from_u128(5)),
            user_id: PAYER,
            amount: usd(minor),
            outside: Outside::Sandbox,
        };
        let mut deposit = Deposit::open(new, PayIn { sandbox: true }, issuer(Party::Owner), now()).unwrap();
        let (transaction, _) = deposit.arrive_at_once(now()).unwrap().unwrap();
        (deposit, transaction)
    }

    fn new(limit: i64) -> NewChargeback {
        let reason = ChargebackReason::parse("stolen card").unwrap();
        NewChargeback { id: ChargebackId::new(Uuid::from_u128(6)), reason, debt_limit: usd(limit) }
    }

    fn purse(available: i64, owed: i64) -> Purse {
        Purse { available: usd(available), owed: usd(owed) }
    }

    fn received(
        deposit: &Deposit,
        limit: i64,
        purse: Purse,
    ) -> Result<(Chargeback, ChargebackStep), ChargebackError> {
        Chargeback::receive(new(limit), deposit, None, (usd(0), purse), issuer(Party::Admin), now())
    }

    #[test]
    fn the_wallet_pays_then_debt_up_to_its_limit_then_the_platform() {
        // limit, available, owed before → taken from the wallet, new debt, losses
        let table = [
            (40, 500, 0, (100, 0, 0)),
            (40, 100, 0, (100, 0, 0)),
            (40, 70, 0, (70, 30, 0)),
            (40, 50, 0, (50, 40, 10)),
            (40, 50, 15, (50, 25, 25)),
            (40, 0, 40, (0, 0, 100)),
            (40, 0, 60, (0, 0, 100)),
            (0, 10, 0, (10, 0, 90)),
        ];
        let (deposit, _) = deposit(100);
        for (limit, available, owed, (wallet, debt, losses)) in table {
            let (chargeback, step) = received(&deposit, limit, purse(available, owed)).unwrap();
            let expected = Taken { available: usd(wallet), debt: usd(debt), losses: usd(losses) };
            assert_eq!(chargeback.taken, expected, "{limit} {available} {owed}");
            let changes = step.transaction.unwrap().changes();
            let of = |account| -changes.get(&(account, Currency::Usd)).copied().unwrap_or_default();
            let moved = [Account::UserAvailable(PAYER), Account::UserDebt(PAYER), Account::PlatformLosses];
            assert_eq!(moved.map(of), [wallet, debt, losses].map(i128::from));
            assert_eq!(of(Account::World(Outside::Sandbox)), -100);
        }
    }

    #[test]
    fn every_command_in_every_state_by_everybody() {
        // received won lost
        let expected = [("win", Party::Admin, "won - -"), ("lose", Party::Admin, "lost - -")];
        walk::all(&CHARGEBACK_MACHINE, &Party::ALL, &expected, |state, command, party| {
            let (deposit, _) = deposit(100);
            let mut chargeback = received(&deposit, 0, purse(100, 0)).unwrap().0;
            chargeback.state = state;
            let before = chargeback.clone();
            let result = match command {
                ChargebackCommand::Receive => return "!", // It comes into being by it.
                ChargebackCommand::Win => chargeback.win(usd(0), issuer(party), now()).map(drop),
                ChargebackCommand::Lose => chargeback.lose(issuer(party), now()).map(drop),
            };
            assert!(result.is_ok() || chargeback == before, "a refused command changes nothing");
            walk::outcome(result.map(|()| chargeback.state.as_str()), |error| {
                let ChargebackError::Refused(refusal) = error else { panic!("{error}") };
                *refusal
            })
        });
    }

    #[test]
    fn administrators_say_so_and_nobody_else() {
        let (deposit, _) = deposit(100);
        for party in Party::ALL {
            let said = Chargeback::must_be_possible(&deposit, None, issuer(party));
            let refused = Refusal::NotPermitted { object: "chargeback", command: "receive" };
            let expected =
                if party == Party::Admin { Ok(ChargebackState::Received) } else { Err(refused.into()) };
            assert_eq!(said, expected, "{party:?}");
        }
    }

    #[test]
    fn a_payment_that_came_is_taken_back_once() {
        let (mut deposit, _) = deposit(100);
        let first = received(&deposit, 0, purse(100, 0)).unwrap().0;
        let again = Chargeback::must_be_possible(&deposit, Some(&first), issuer(Party::Admin));
        assert_eq!(again, Err(ChargebackError::AlreadyChargedBack { state: "received" }));
        for state in [DepositState::Pending, DepositState::Failed] {
            deposit.state = state;
            let refused = received(&deposit, 0, purse(100, 0)).unwrap_err().conflict();
            assert_eq!(refused, Some(Conflict { reason: "invalid_transition", state: state.as_str() }));
        }
    }

    /// Whatever was there, whatever has been paid of the debt meanwhile: winning puts everybody where they
    /// would have been.
    #[test]
    fn what_is_won_comes_back_exactly() {
        for (spent, limit, earned) in [(0, 40, 0), (70, 40, 0), (70, 100, 0), (70, 100, 30), (70, 100, 90)] {
            let (deposit, paid_in) = deposit(100);
            let mut books = Balances::default();
            books.book(&paid_in).unwrap();
            // Spent on something that was released since.
            let id = crate::ids::WithdrawalId::new(1).unwrap();
            let method = crate::money::PayoutMethod::PayPal;
            if spent > 0 {
                books.book(&movements::withdrawal_requested(id, PAYER, usd(spent), method).unwrap()).unwrap();
            }
            let wallet = Account::UserAvailable(PAYER);
            let of = |books: &Balances, account| i64::try_from(books.of(account, Currency::Usd)).unwrap();
            let before = of(&books, wallet);
            let (mut chargeback, step) = received(&deposit, limit, purse(before, 0)).unwrap();
            books.book(&step.transaction.unwrap()).unwrap();
            if earned > 0 {
                let later = DepositId::new(Uuid::from_u128(77));
                books.book(&movements::deposit(later, PAYER, Outside::Stripe, usd(earned)).unwrap()).unwrap();
                let has = purse(of(&books, wallet), -of(&books, Account::UserDebt(PAYER)));
                let id = crate::ids::DebtSettlementId::new(Uuid::from_u128(8));
                let settled = settle_debt(id, PAYER, has, Issuer::System).unwrap().unwrap();
                books.book(&settled.0).unwrap();
            }
            let owed = usd(-of(&books, Account::UserDebt(PAYER)));
            let step = chargeback.win(owed, issuer(Party::Admin), now()).unwrap();
            books.book(&step.transaction.unwrap()).unwrap();
            assert_eq!(of(&books, wallet), before + earned, "{spent} {limit} {earned}");
            assert_eq!(of(&books, Account::UserDebt(PAYER)), 0);
            assert_eq!(of(&books, Account::PlatformLosses), 0);
            assert_eq!(of(&books, Account::World(Outside::Sandbox)), -100, "as if it had never been taken");
            assert_eq!(chargeback.decided_at, Some(now()));
        }
    }
}
