//! Every movement of money there is (`domain.md`, "Money"), as functions that make its transaction.
//!
//! They know accounts and signs; how much is moved, and whether it may be, is decided by those who
//! call them ([`super::Escrow`], [`super::Withdrawal`], the contracts).

use chrono::{DateTime, Utc};

use super::ledger::Movements;
use super::{
    Account, BasisPoints, Chargeback, LedgerError, LedgerTransaction, Money, Outside, PayoutMethod, Purpose,
    Reference, Refunded, Released, Returned, Source, Taken,
};
use crate::ids::{
    BonusId, ContractId, DebtSettlementId, DepositId, MilestoneNumber, OrderId, UserId, WithdrawalId,
};

/// A contract, its order, and the two people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ContractParties {
    /// The contract.
    pub contract_id: ContractId,
    /// The order that it is about.
    pub order_id: OrderId,
    /// Who pays.
    pub client_id: UserId,
    /// Who is paid.
    pub provider_id: UserId,
}

/// Where released money goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutTo {
    /// At once usable.
    Available,
    /// Rests first; [`clearance_over`] ends that.
    Clearing {
        /// Until when.
        until: DateTime<Utc>,
    },
}

impl PayoutTo {
    /// Until when it rests, if it does.
    #[must_use]
    pub const fn clears_at(self) -> Option<DateTime<Utc>> {
        match self {
            Self::Available => None,
            Self::Clearing { until } => Some(until),
        }
    }

    const fn account(self, provider: UserId) -> Account {
        match self {
            Self::Available => Account::UserAvailable(provider),
            Self::Clearing { until: _ } => Account::UserClearing(provider),
        }
    }
}

type Booked = Result<LedgerTransaction, LedgerError>;

/// A payment succeeded: world → user available.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing.
pub fn deposit(id: DepositId, user: UserId, from: Outside, amount: Money) -> Booked {
    Movements::default()
        .moved(amount, Account::World(from), Account::UserAvailable(user), Purpose::Deposit)
        .book(Source::Deposit(id), Reference::Deposit(id))
}

/// A client pays the price and the fee on top: client available → escrow.
///
/// # Errors
/// [`LedgerError`] for a price of nothing.
pub fn fund(parties: &ContractParties, price: Money, client_fee: Money) -> Booked {
    let client = Account::UserAvailable(parties.client_id);
    let escrow = Account::ContractEscrow(parties.contract_id);
    Movements::default()
        .moved(price, client, escrow, Purpose::Escrow)
        .moved(client_fee, client, escrow, Purpose::ServiceFee)
        .book(Source::Funding(parties.contract_id), Reference::Order(parties.order_id))
}

/// A milestone is approved: the gross amount to the provider, and both fees to the platform as
/// postings of their own.
///
/// # Errors
/// [`LedgerError`] for a release of nothing.
pub fn release(
    parties: &ContractParties,
    milestone: MilestoneNumber,
    released: Released,
    to: PayoutTo,
) -> Booked {
    let escrow = Account::ContractEscrow(parties.contract_id);
    paid_out(Movements::default(), parties, released, escrow, to)
        .book(Source::Release(parties.contract_id, milestone), Reference::Order(parties.order_id))
}

/// Released money has rested long enough: clearing → available, net of the fee.
///
/// # Errors
/// [`LedgerError`] where nothing is left after the fee.
pub fn clearance_over(parties: &ContractParties, milestone: MilestoneNumber, net: Money) -> Booked {
    let (from, to) =
        (Account::UserClearing(parties.provider_id), Account::UserAvailable(parties.provider_id));
    Movements::default()
        .moved(net, from, to, Purpose::Payment)
        .book(Source::Clearance(parties.contract_id, milestone), Reference::Order(parties.order_id))
}

/// A milestone is refunded before its release: escrow → client available, fee included.
///
/// # Errors
/// [`LedgerError`] for a refund of nothing.
pub fn refund(parties: &ContractParties, milestone: MilestoneNumber, refunded: Refunded) -> Booked {
    let escrow = Account::ContractEscrow(parties.contract_id);
    given_back(Movements::default(), parties, refunded, escrow)
        .book(Source::Refund(parties.contract_id, milestone), Reference::Order(parties.order_id))
}

/// A milestone is divided by agreement, before its release: so much to the provider, the rest back to the
/// client.
///
/// # Errors
/// [`LedgerError`] where there is nothing to divide.
pub fn divide(
    parties: &ContractParties,
    milestone: MilestoneNumber,
    (released, refunded): (Released, Refunded),
    to: PayoutTo,
) -> Booked {
    let escrow = Account::ContractEscrow(parties.contract_id);
    let movements = paid_out(Movements::default(), parties, released, escrow, to);
    given_back(movements, parties, refunded, escrow)
        .book(Source::Division(parties.contract_id, milestone), Reference::Order(parties.order_id))
}

/// Released money goes back to the client, the `nth` time of this milestone: the provider gives it, of what
/// rests as far as `resting` goes and of their available money beyond that; the platform gives both fees
/// back.
///
/// # Errors
/// [`LedgerError`] for a return of nothing.
pub fn give_back(
    parties: &ContractParties,
    (milestone, nth): (MilestoneNumber, i32),
    returned: Returned,
    resting: Money,
) -> Booked {
    let Returned { gross, provider_fee, client_fee, client_share } = returned;
    let (client, escrow) =
        (Account::UserAvailable(parties.client_id), Account::ContractEscrow(parties.contract_id));
    let available = Account::UserAvailable(parties.provider_id);
    let clearing = Account::UserClearing(parties.provider_id);
    // The fee first, so that nothing is below zero in between.
    let (from, most) =
        if resting.is_zero() { (available, gross) } else { (clearing, resting.plus(provider_fee)?) };
    let first = gross.at_most(most)?;
    Movements::default()
        .moved(provider_fee, Account::PlatformFees, from, Purpose::PlatformFeeRefund)
        .moved(first, from, client, Purpose::PaymentReturned)
        .moved(gross.minus(first)?, available, client, Purpose::PaymentReturned)
        .moved(client_fee, Account::PlatformFees, escrow, Purpose::ServiceFeeRefund)
        .moved(client_share, escrow, client, Purpose::ServiceFeeRefund)
        .book(Source::Return(parties.contract_id, milestone, nth), Reference::Order(parties.order_id))
}

/// A dispute opens: escrow → disputed.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing.
pub fn dispute_opened(parties: &ContractParties, milestone: MilestoneNumber, amount: Money) -> Booked {
    let id = parties.contract_id;
    Movements::default()
        .moved(amount, Account::ContractEscrow(id), Account::ContractDisputed(id), Purpose::Dispute)
        .book(Source::DisputeOpened(id, milestone), Reference::Order(parties.order_id))
}

/// A dispute is decided: the frozen money is divided, in one transaction. The client's fee, which
/// stayed in escrow, goes with each part.
///
/// # Errors
/// [`LedgerError`] where there is nothing to divide.
pub fn dispute_decided(
    parties: &ContractParties,
    milestone: MilestoneNumber,
    (released, refunded): (Released, Refunded),
    to: PayoutTo,
) -> Booked {
    let disputed = Account::ContractDisputed(parties.contract_id);
    let movements = paid_out(Movements::default(), parties, released, disputed, to);
    given_back(movements, parties, refunded, disputed)
        .book(Source::DisputeDecided(parties.contract_id, milestone), Reference::Order(parties.order_id))
}

/// A withdrawal is requested: available → withdrawing.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing.
pub fn withdrawal_requested(id: WithdrawalId, user: UserId, amount: Money, method: PayoutMethod) -> Booked {
    let (from, to) = (Account::UserAvailable(user), Account::UserWithdrawing(user));
    Movements::default()
        .moved(amount, from, to, method.into())
        .book(Source::WithdrawalRequested(id), Reference::Withdrawal(id))
}

/// A withdrawal is paid: withdrawing → world.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing.
pub fn withdrawal_paid(id: WithdrawalId, user: UserId, amount: Money, method: PayoutMethod) -> Booked {
    let (from, to) = (Account::UserWithdrawing(user), Account::World(method.into()));
    Movements::default()
        .moved(amount, from, to, method.into())
        .book(Source::WithdrawalPaid(id), Reference::Withdrawal(id))
}

/// A withdrawal is rejected or cancelled, or fails: withdrawing → available.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing.
pub fn withdrawal_returned(id: WithdrawalId, user: UserId, amount: Money) -> Booked {
    let (from, to) = (Account::UserWithdrawing(user), Account::UserAvailable(user));
    Movements::default()
        .moved(amount, from, to, Purpose::WithdrawalReturned)
        .book(Source::WithdrawalReturned(id), Reference::Withdrawal(id))
}

/// A client gives more than the price: client available → provider available, less the provider's
/// fee, which is reckoned on the bonus alone: it is no part of the contract's price.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing.
pub fn bonus(id: BonusId, parties: &ContractParties, amount: Money, rate: BasisPoints) -> Booked {
    let provider = Account::UserAvailable(parties.provider_id);
    Movements::default()
        .moved(amount, Account::UserAvailable(parties.client_id), provider, Purpose::Bonus)
        .moved(rate.of(amount), provider, Account::PlatformFees, Purpose::PlatformFee)
        .book(Source::Bonus(id), Reference::Order(parties.order_id))
}

/// A payer's bank takes a payment back: available, then debt, then losses → world. What lay in escrow or
/// was clearing has come to the wallet before, by movements of its own.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing or mixed currencies.
pub fn chargeback(chargeback: &Chargeback) -> Booked {
    let world = Account::World(chargeback.outside);
    let movements = parts(chargeback.user_id, chargeback.taken).into_iter();
    let taken = movements.fold(Movements::default(), |movements, (account, part)| {
        movements.moved(part, account, world, Purpose::Chargeback)
    });
    taken.book(Source::Chargeback(chargeback.id), Reference::Deposit(chargeback.deposit_id))
}

/// The bank decided for the platform: world → losses, then debt, then available.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing or mixed currencies.
pub fn chargeback_won(chargeback: &Chargeback, back: Taken) -> Booked {
    let world = Account::World(chargeback.outside);
    let movements = parts(chargeback.user_id, back).into_iter().rev();
    let returned = movements.fold(Movements::default(), |movements, (account, part)| {
        movements.moved(part, world, account, Purpose::ChargebackWon)
    });
    returned.book(Source::ChargebackWon(chargeback.id), Reference::Deposit(chargeback.deposit_id))
}

/// The accounts that answer for a chargeback, in their order.
const fn parts(payer: UserId, Taken { available, debt, losses }: Taken) -> [(Account, Money); 3] {
    [
        (Account::UserAvailable(payer), available),
        (Account::UserDebt(payer), debt),
        (Account::PlatformLosses, losses),
    ]
}

/// What was owed is paid: available → debt.
///
/// # Errors
/// [`LedgerError`] for an amount of nothing.
pub fn debt_settled(id: DebtSettlementId, user: UserId, amount: Money) -> Booked {
    let (from, to) = (Account::UserAvailable(user), Account::UserDebt(user));
    Movements::default()
        .moved(amount, from, to, Purpose::DebtSettlement)
        .book(Source::DebtSettled(id), Reference::DebtSettlement(id))
}

/// The postings of a release whose gross amount lies on `from`.
fn paid_out(
    movements: Movements,
    parties: &ContractParties,
    released: Released,
    from: Account,
    to: PayoutTo,
) -> Movements {
    let Released { gross, provider_fee, client_fee } = released;
    let provider = to.account(parties.provider_id);
    let escrow = Account::ContractEscrow(parties.contract_id);
    movements
        .moved(gross, from, provider, Purpose::Payment)
        .moved(provider_fee, provider, Account::PlatformFees, Purpose::PlatformFee)
        .moved(client_fee, escrow, Account::PlatformFees, Purpose::ServiceFee)
}

/// The postings of a refund whose amount lies on `from`.
fn given_back(
    movements: Movements,
    parties: &ContractParties,
    refunded: Refunded,
    from: Account,
) -> Movements {
    let Refunded { amount, client_fee } = refunded;
    let client = Account::UserAvailable(parties.client_id);
    let escrow = Account::ContractEscrow(parties.contract_id);
    movements.moved(amount, from, client, Purpose::Refund).moved(
        client_fee,
        escrow,
        client,
        Purpose::ServiceFeeRefund,
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::ids::ChargebackId;
    use crate::money::{ChargebackReason, ChargebackState, Currency, Posting};

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    fn user(id: u128) -> UserId {
        UserId::new(Uuid::from_u128(id))
    }

    fn parties() -> ContractParties {
        ContractParties {
            contract_id: ContractId::new(Uuid::from_u128(7)),
            order_id: OrderId::new(95).unwrap(),
            client_id: user(1),
            provider_id: user(2),
        }
    }

    fn lines(booked: Booked) -> Vec<(String, i64, &'static str)> {
        let transaction = booked.unwrap();
        let line = |p: &Posting| (short(p.account), p.minor, p.purpose.as_str());
        transaction.postings().iter().map(line).collect()
    }

    fn short(account: Account) -> String {
        let owner = |id: UserId| if id == user(1) { "client" } else { "provider" };
        match account.user_id() {
            Some(id) => format!("{} {}", owner(id), account.kind()),
            None => account.kind().to_string(),
        }
    }

    fn expect(booked: Booked, expected: &[(&str, i64, &str)]) {
        let got = lines(booked);
        let got: Vec<_> = got.iter().map(|(a, m, p)| (a.as_str(), *m, *p)).collect();
        assert_eq!(got, expected);
    }

    const FIRST: MilestoneNumber = MilestoneNumber::FIRST;
    const RESTING: PayoutTo = PayoutTo::Clearing { until: DateTime::UNIX_EPOCH };

    /// The table of `domain.md`, line by line.
    #[test]
    fn the_table_of_movements() {
        let parties = parties();
        let (client, provider) = ("client user_available", "provider user_available");
        let deposit_id = DepositId::new(Uuid::from_u128(1));
        expect(
            deposit(deposit_id, user(1), Outside::Sandbox, usd(500)),
            &[("world", -500, "deposit"), (client, 500, "deposit")],
        );
        expect(
            fund(&parties, usd(100), usd(5)),
            &[
                (client, -100, "escrow"),
                ("contract_escrow", 100, "escrow"),
                (client, -5, "service_fee"),
                ("contract_escrow", 5, "service_fee"),
            ],
        );
        let released = Released { gross: usd(100), provider_fee: usd(10), client_fee: usd(5) };
        expect(
            release(&parties, FIRST, released, PayoutTo::Available),
            &[
                ("contract_escrow", -100, "payment"),
                (provider, 100, "payment"),
                (provider, -10, "platform_fee"),
                ("platform_fees", 10, "platform_fee"),
                ("contract_escrow", -5, "service_fee"),
                ("platform_fees", 5, "service_fee"),
            ],
        );
        let free = Released { gross: usd(100), provider_fee: usd(0), client_fee: usd(0) };
        expect(
            release(&parties, FIRST, free, RESTING),
            &[("contract_escrow", -100, "payment"), ("provider user_clearing", 100, "payment")],
        );
        expect(
            clearance_over(&parties, FIRST, usd(90)),
            &[("provider user_clearing", -90, "payment"), (provider, 90, "payment")],
        );
        expect(
            refund(&parties, FIRST, Refunded { amount: usd(100), client_fee: usd(5) }),
            &[
                ("contract_escrow", -100, "refund"),
                (client, 100, "refund"),
                ("contract_escrow", -5, "service_fee_refund"),
                (client, 5, "service_fee_refund"),
            ],
        );
        expect(
            dispute_opened(&parties, FIRST, usd(100)),
            &[("contract_escrow", -100, "dispute"), ("contract_disputed", 100, "dispute")],
        );
    }

    #[test]
    fn the_table_of_movements_goes_on() {
        let (parties, client, provider) = (parties(), "client user_available", "provider user_available");
        let released = Released { gross: usd(60), provider_fee: usd(6), client_fee: usd(0) };
        let refunded = Refunded { amount: usd(40), client_fee: usd(2) };
        expect(
            dispute_decided(&parties, FIRST, (released, refunded), PayoutTo::Available),
            &[
                ("contract_disputed", -60, "payment"),
                (provider, 60, "payment"),
                (provider, -6, "platform_fee"),
                ("platform_fees", 6, "platform_fee"),
                ("contract_disputed", -40, "refund"),
                (client, 40, "refund"),
                ("contract_escrow", -2, "service_fee_refund"),
                (client, 2, "service_fee_refund"),
            ],
        );
        expect(
            bonus(BonusId::new(Uuid::nil()), &parties, usd(50), BasisPoints::new(1_000).unwrap()),
            &[
                (client, -50, "bonus"),
                (provider, 50, "bonus"),
                (provider, -5, "platform_fee"),
                ("platform_fees", 5, "platform_fee"),
            ],
        );
    }

    #[test]
    fn the_table_of_movements_ends_with_what_is_agreed() {
        type Case<'a> = (i64, &'a str, &'a [(&'a str, i64)]);
        let (parties, client, provider) = (parties(), "client user_available", "provider user_available");
        let released = Released { gross: usd(60), provider_fee: usd(6), client_fee: usd(3) };
        let refunded = Refunded { amount: usd(40), client_fee: usd(2) };
        expect(
            divide(&parties, FIRST, (released, refunded), RESTING),
            &[
                ("contract_escrow", -60, "payment"),
                ("provider user_clearing", 60, "payment"),
                ("provider user_clearing", -6, "platform_fee"),
                ("platform_fees", 6, "platform_fee"),
                ("contract_escrow", -3, "service_fee"),
                ("platform_fees", 3, "service_fee"),
                ("contract_escrow", -40, "refund"),
                (client, 40, "refund"),
                ("contract_escrow", -2, "service_fee_refund"),
                (client, 2, "service_fee_refund"),
            ],
        );
        let returned =
            Returned { gross: usd(50), provider_fee: usd(5), client_fee: usd(3), client_share: usd(2) };
        let fees = [
            ("platform_fees", -3, "service_fee_refund"),
            ("contract_escrow", 3, "service_fee_refund"),
            ("contract_escrow", -2, "service_fee_refund"),
            (client, 2, "service_fee_refund"),
        ];
        // what rests; from where the provider gives
        let clearing = "provider user_clearing";
        let table: [Case<'_>; 3] = [
            (0, provider, &[(provider, 50)]),
            (45, clearing, &[(clearing, 50)]),
            (44, clearing, &[(clearing, 49), (provider, 1)]),
        ];
        for (resting, fee_to, given) in table {
            let mut expected =
                vec![("platform_fees", -5, "platform_fee_refund"), (fee_to, 5, "platform_fee_refund")];
            for (from, amount) in given {
                expected.push((from, -amount, "payment_returned"));
                expected.push((client, *amount, "payment_returned"));
            }
            expected.extend(fees);
            expect(give_back(&parties, (FIRST, 1), returned, usd(resting)), &expected);
        }
    }

    #[test]
    fn the_three_movements_of_a_withdrawal() {
        let (id, method) = (WithdrawalId::new(42).unwrap(), PayoutMethod::BankTransfer);
        expect(
            withdrawal_requested(id, user(2), usd(500), method),
            &[
                ("provider user_available", -500, "withdrawal_to_bank"),
                ("provider user_withdrawing", 500, "withdrawal_to_bank"),
            ],
        );
        expect(
            withdrawal_paid(id, user(2), usd(500), method),
            &[
                ("provider user_withdrawing", -500, "withdrawal_to_bank"),
                ("world", 500, "withdrawal_to_bank"),
            ],
        );
        expect(
            withdrawal_returned(id, user(2), usd(500)),
            &[
                ("provider user_withdrawing", -500, "withdrawal_returned"),
                ("provider user_available", 500, "withdrawal_returned"),
            ],
        );
    }

    fn chargeback_of(taken: Taken) -> Chargeback {
        Chargeback {
            id: ChargebackId::new(Uuid::nil()),
            deposit_id: DepositId::new(Uuid::nil()),
            user_id: user(1),
            outside: Outside::Stripe,
            amount: usd(1),
            reason: ChargebackReason::parse("stolen card").unwrap(),
            state: ChargebackState::Received,
            refunded: usd(0),
            taken,
            received_at: chrono::DateTime::UNIX_EPOCH,
            decided_at: None,
            version: 0,
        }
    }

    #[test]
    fn the_movements_of_a_chargeback() {
        let taken = Taken { available: usd(10), debt: usd(40), losses: usd(5) };
        let taken_back = chargeback_of(taken);
        let (available, debt) = ("client user_available", "client user_debt");
        expect(
            chargeback(&taken_back),
            &[
                (available, -10, "chargeback"),
                ("world", 10, "chargeback"),
                (debt, -40, "chargeback"),
                ("world", 40, "chargeback"),
                ("platform_losses", -5, "chargeback"),
                ("world", 5, "chargeback"),
            ],
        );
        let back = Taken { available: usd(30), debt: usd(20), losses: usd(5) };
        expect(
            chargeback_won(&taken_back, back),
            &[
                ("world", -5, "chargeback_won"),
                ("platform_losses", 5, "chargeback_won"),
                ("world", -20, "chargeback_won"),
                (debt, 20, "chargeback_won"),
                ("world", -30, "chargeback_won"),
                (available, 30, "chargeback_won"),
            ],
        );
        expect(
            debt_settled(DebtSettlementId::new(Uuid::nil()), user(1), usd(7)),
            &[(available, -7, "debt_settlement"), (debt, 7, "debt_settlement")],
        );
        let nothing = Taken { available: usd(0), debt: usd(0), losses: usd(0) };
        assert_eq!(chargeback(&chargeback_of(nothing)), Err(LedgerError::TooFewPostings));
    }

    #[test]
    fn nothing_moves_nothing() {
        let parties = parties();
        let deposit_id = DepositId::new(Uuid::nil());
        for booked in [
            deposit(deposit_id, user(1), Outside::Sandbox, usd(0)),
            fund(&parties, usd(0), usd(0)),
            clearance_over(&parties, FIRST, usd(0)),
            dispute_opened(&parties, FIRST, usd(0)),
        ] {
            assert_eq!(booked, Err(LedgerError::TooFewPostings));
        }
    }

    proptest! {
        #[test]
        fn every_movement_adds_up_to_zero(
            a in 1..=Money::MAX_MINOR, b in 0..=Money::MAX_MINOR, c in 0..=Money::MAX_MINOR,
        ) {
            let (parties, id) = (parties(), WithdrawalId::new(1).unwrap());
            let released = Released { gross: usd(a), provider_fee: usd(b), client_fee: usd(c) };
            let refunded = Refunded { amount: usd(b), client_fee: usd(c) };
            let method = PayoutMethod::PayPal;
            for booked in [
                deposit(DepositId::new(Uuid::nil()), user(1), Outside::Sandbox, usd(a)),
                fund(&parties, usd(a), usd(b)),
                release(&parties, FIRST, released, PayoutTo::Available),
                refund(&parties, FIRST, Refunded { amount: usd(a), client_fee: usd(c) }),
                dispute_opened(&parties, FIRST, usd(a)),
                dispute_decided(&parties, FIRST, (released, refunded), RESTING),
                divide(&parties, FIRST, (released, refunded), RESTING),
                give_back(
                    &parties,
                    (FIRST, 1),
                    Returned { gross: usd(a), provider_fee: usd(b.min(a)), client_fee: usd(c), client_share: usd(c) },
                    usd(c),
                ),
                clearance_over(&parties, FIRST, usd(a)),
                withdrawal_requested(id, user(1), usd(a), method),
                withdrawal_paid(id, user(1), usd(a), method),
                withdrawal_returned(id, user(1), usd(a)),
                bonus(BonusId::new(Uuid::nil()), &parties, usd(a), BasisPoints::new(1_234).unwrap()),
                chargeback(&chargeback_of(Taken { available: usd(a), debt: usd(b), losses: usd(c) })),
                debt_settled(DebtSettlementId::new(Uuid::nil()), user(1), usd(a)),
            ] {
                let transaction = booked.unwrap();
                prop_assert_eq!(transaction.changes().values().sum::<i128>(), 0);
                prop_assert!(transaction.postings().iter().all(|posting| posting.minor != 0));
            }
        }
    }
}
