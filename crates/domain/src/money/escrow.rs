//! What a contract's escrow has taken in and given out.
//!
//! Only the price's way is stored: released, refunded, disputed. The fees follow from it, because
//! they are cumulative (see [`super::FeeRule`]): taken of the client so far is the fee of what was
//! released so far; still held for it is the fee of what can yet be released, less that. So nothing
//! can drift apart, and when everything is settled nothing is left.

use super::{BasisPoints, FeeRule, Money, MoneyError, fees};

/// The money of one contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Escrow {
    /// The accepted bid.
    pub price: Money,
    /// The fees, as they were at the award.
    pub fees: FeeRule,
    /// Whether the client has paid.
    pub is_funded: bool,
    /// Gross sum of all releases.
    pub released: Money,
    /// Sum of all refunds, without the client's fee.
    pub refunded: Money,
    /// Frozen now.
    pub disputed: Money,
}

/// The parts of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// What leaves escrow for the provider, before their fee.
    pub gross: Money,
    /// What the provider pays of it.
    pub provider_fee: Money,
    /// What the client has paid on top of it.
    pub client_fee: Money,
}

/// The parts of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refunded {
    /// What comes back of the price.
    pub amount: Money,
    /// What comes back of the client's fee.
    pub client_fee: Money,
}

/// The parts of a return: of something that was released and goes back to the client after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Returned {
    /// What comes back of the price.
    pub gross: Money,
    /// What the platform gives back of the provider's fee: the provider gives so much less than the gross
    /// amount.
    pub provider_fee: Money,
    /// What the platform gives back of the client's fee. It goes into escrow, and from there
    /// [`Self::client_share`] to the client: they differ by a cent at most, which stays in escrow for what
    /// is not settled or comes from there.
    pub client_fee: Money,
    /// What the client gets back of their fee.
    pub client_share: Money,
}

impl Returned {
    /// What the provider gives.
    ///
    /// # Errors
    /// [`MoneyError`], which no rule makes.
    pub fn net(&self) -> Result<Money, MoneyError> {
        self.gross.minus(self.provider_fee)
    }

    /// What the client gets.
    ///
    /// # Errors
    /// [`MoneyError`], which no rule makes.
    pub fn to_client(&self) -> Result<Money, MoneyError> {
        self.gross.plus(self.client_share)
    }
}

impl Released {
    /// What the provider gets.
    ///
    /// # Errors
    /// [`MoneyError`] if the fee is more than the gross amount, which no rule makes.
    pub fn net(&self) -> Result<Money, MoneyError> {
        self.gross.minus(self.provider_fee)
    }
}

impl Escrow {
    /// Escrow for a price, not yet funded.
    #[must_use]
    pub const fn new(price: Money, fees: FeeRule) -> Self {
        let nothing = Money::zero(price.currency());
        Self { price, fees, is_funded: false, released: nothing, refunded: nothing, disputed: nothing }
    }

    /// The client's fee on the whole price.
    #[must_use]
    pub fn client_fee(&self) -> Money {
        self.fees.client.of(self.price)
    }

    /// What the client pays: the price and the fee on top.
    ///
    /// # Errors
    /// [`MoneyError::OutOfRange`].
    pub fn required(&self) -> Result<Money, MoneyError> {
        self.price.plus(self.client_fee())
    }

    /// Of the price, what is neither released nor refunded nor frozen; nothing before funding.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] if more was given out than taken in, which no command does.
    pub fn unsettled(&self) -> Result<Money, MoneyError> {
        if !self.is_funded {
            return Ok(Money::zero(self.price.currency()));
        }
        self.price.minus(self.released)?.minus(self.refunded)?.minus(self.disputed)
    }

    /// The balance that the escrow account must have: the unsettled price and the client's fee
    /// that waits for it.
    ///
    /// # Errors
    /// [`MoneyError`] as for [`Self::unsettled`].
    pub fn held(&self) -> Result<Money, MoneyError> {
        if !self.is_funded {
            return Ok(Money::zero(self.price.currency()));
        }
        let yet = self.fees.client.of(self.price.minus(self.refunded)?);
        self.unsettled()?.plus(yet.minus(self.fees.client.of(self.released))?)
    }

    /// What the provider has been given so far, net of fees.
    ///
    /// # Errors
    /// [`MoneyError`], which no rule makes.
    pub fn provider_net(&self) -> Result<Money, MoneyError> {
        self.released.minus(self.fees.provider.of(self.released))
    }

    /// What the provider may still be given, net of fees: their share of escrow and of disputed money.
    ///
    /// # Errors
    /// [`MoneyError`], which no rule makes.
    pub fn provider_outstanding(&self) -> Result<Money, MoneyError> {
        if !self.is_funded {
            return Ok(Money::zero(self.price.currency()));
        }
        let most = self.price.minus(self.refunded)?;
        most.minus(self.fees.provider.of(most))?.minus(self.provider_net()?)
    }

    /// The client has paid [`Self::required`].
    pub const fn fund(&mut self) {
        self.is_funded = true;
    }

    /// Gives `amount` to the provider and reckons the fees.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] for more than is unsettled.
    pub fn release(&mut self, amount: Money) -> Result<Released, MoneyError> {
        self.unsettled()?.minus(amount)?;
        let released = Released {
            gross: amount,
            provider_fee: fees::of_release(self.fees.provider, self.released, amount)?,
            client_fee: fees::of_release(self.fees.client, self.released, amount)?,
        };
        self.released = self.released.plus(amount)?;
        Ok(released)
    }

    /// Gives `amount` back to the client, with the fee that was paid on top of it.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] for more than is unsettled.
    pub fn refund(&mut self, amount: Money) -> Result<Refunded, MoneyError> {
        self.unsettled()?.minus(amount)?;
        let client_fee = self.client_fee_of_refund(amount)?;
        self.refunded = self.refunded.plus(amount)?;
        Ok(Refunded { amount, client_fee })
    }

    /// Takes `amount` of what was released back to the client. Afterwards the fees are those of what is
    /// left of the releases, as if the amount had been refunded before it was released.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] for more than is released.
    pub fn give_back(&mut self, amount: Money) -> Result<Returned, MoneyError> {
        let released = self.released.minus(amount)?;
        let returned = Returned {
            gross: amount,
            provider_fee: fees::of_release(self.fees.provider, released, amount)?,
            client_fee: fees::of_release(self.fees.client, released, amount)?,
            client_share: self.client_fee_of_refund(amount)?,
        };
        self.released = released;
        self.refunded = self.refunded.plus(amount)?;
        Ok(returned)
    }

    /// The most that [`Self::give_back`] can take of `kept`, which was released, so that the provider gives
    /// `given` at most and the client gets `got` at most.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] for more than is released.
    pub fn returnable(&self, kept: Money, given: Money, got: Money) -> Result<Money, MoneyError> {
        let cent = Money::total(1, kept.currency())?;
        // The client gets the amount and the fee on it. Both sides' parts grow with it, so that each try
        // leaves half of what is in question.
        let (mut fits, mut most) = (Money::zero(kept.currency()), kept.at_most(got)?);
        while !fits.covers(most)? {
            let middle = fits.plus(BasisPoints::HALF.of(most.minus(fits)?))?;
            let mut after = *self;
            let returned = after.give_back(middle)?;
            if given.covers(returned.net()?)? && got.covers(returned.to_client()?)? {
                fits = middle;
            } else {
                most = middle.minus(cent)?;
            }
        }
        Ok(fits)
    }

    /// What comes back of the client's fee when `amount` more is refunded.
    fn client_fee_of_refund(&self, amount: Money) -> Result<Money, MoneyError> {
        let most = |refunded| self.price.minus(refunded).map(|price| self.fees.client.of(price));
        most(self.refunded)?.minus(most(self.refunded.plus(amount)?)?)
    }

    /// Freezes `amount`. The client's fee for it stays in escrow until the decision.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] for more than is unsettled.
    pub fn freeze(&mut self, amount: Money) -> Result<(), MoneyError> {
        self.unsettled()?.minus(amount)?;
        self.disputed = self.disputed.plus(amount)?;
        Ok(())
    }

    /// Divides `amount` that was frozen: `to_provider` as a release, the rest as a refund.
    ///
    /// # Errors
    /// [`MoneyError::Negative`] for more than is frozen, or a share of more than the whole.
    pub fn decide(&mut self, amount: Money, to_provider: Money) -> Result<(Released, Refunded), MoneyError> {
        let to_client = amount.minus(to_provider)?;
        let mut after = *self;
        after.disputed = self.disputed.minus(amount)?;
        let released = after.release(to_provider)?;
        let refunded = after.refund(to_client)?;
        *self = after;
        Ok((released, refunded))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::money::{BasisPoints, Currency};

    fn usd(minor: i64) -> Money {
        Money::total(minor, Currency::Usd).unwrap()
    }

    fn funded(price: i64, provider: u16, client: u16) -> Escrow {
        let (provider, client) = (BasisPoints::new(provider).unwrap(), BasisPoints::new(client).unwrap());
        let mut escrow = Escrow::new(usd(price), FeeRule { provider, client });
        escrow.fund();
        escrow
    }

    #[test]
    fn the_example_of_the_contract_released_in_three() {
        let mut escrow = funded(10_001, 1_000, 500);
        assert_eq!(escrow.required(), Ok(usd(10_501)));
        let parts: Vec<_> = [3_333, 3_333, 3_335]
            .map(|amount| escrow.release(usd(amount)).unwrap())
            .map(|released| (released.provider_fee.minor(), released.client_fee.minor()))
            .into();
        assert_eq!(parts, [(333, 167), (334, 166), (333, 167)]);
        assert_eq!(escrow.held(), Ok(usd(0)));
        assert_eq!(escrow.provider_net(), Ok(usd(9_001)));
    }

    #[test]
    fn a_refund_brings_the_clients_fee_back() {
        let mut escrow = funded(10_001, 1_000, 500);
        escrow.release(usd(3_333)).unwrap();
        let refunded = escrow.refund(usd(6_668)).unwrap();
        assert_eq!(refunded, Refunded { amount: usd(6_668), client_fee: usd(333) });
        assert_eq!(escrow.held(), Ok(usd(0)));
        let mut whole = funded(10_001, 0, 500);
        assert_eq!(whole.refund(usd(10_001)), Ok(Refunded { amount: usd(10_001), client_fee: usd(500) }));
    }

    #[test]
    fn a_decision_divides_exactly() {
        let mut escrow = funded(10_000, 1_000, 1_000);
        escrow.freeze(usd(4_000)).unwrap();
        assert_eq!((escrow.held(), escrow.disputed), (Ok(usd(7_000)), usd(4_000)));
        let (released, refunded) = escrow.decide(usd(4_000), usd(1_500)).unwrap();
        assert_eq!(released, Released { gross: usd(1_500), provider_fee: usd(150), client_fee: usd(150) });
        assert_eq!(refunded, Refunded { amount: usd(2_500), client_fee: usd(250) });
        assert_eq!((escrow.held(), escrow.disputed), (Ok(usd(6_600)), usd(0)));
    }

    #[test]
    fn what_was_released_comes_back_with_its_fees() {
        let mut escrow = funded(10_001, 1_000, 500);
        for amount in [3_333, 3_333, 3_335] {
            escrow.release(usd(amount)).unwrap();
        }
        let returned = escrow.give_back(usd(3_333)).unwrap();
        let (provider_fee, client_fee, client_share) = (usd(333), usd(167), usd(167));
        assert_eq!(returned, Returned { gross: usd(3_333), provider_fee, client_fee, client_share });
        assert_eq!(returned.net(), Ok(usd(3_000)));
        assert_eq!((escrow.released, escrow.refunded), (usd(6_668), usd(3_333)));
        assert_eq!((escrow.held(), escrow.provider_outstanding()), (Ok(usd(0)), Ok(usd(0))));
        assert_eq!(escrow.give_back(usd(6_669)), Err(MoneyError::Negative));
        escrow.give_back(usd(6_668)).unwrap();
        assert_eq!((escrow.held(), escrow.provider_net()), (Ok(usd(0)), Ok(usd(0))));
    }

    #[test]
    fn the_most_that_can_go_back() {
        let mut escrow = funded(10_001, 1_000, 500);
        escrow.release(usd(10_001)).unwrap();
        // of this; the provider gives and the client gets at most
        let table = [
            ((10_001, 9_001, 10_501), 10_001),
            ((10_001, 9_000, 10_501), 10_000),
            ((3_333, 9_001, 10_501), 3_333),
            ((10_001, 9_001, 5_000), 4_762),
            ((10_001, 900, 10_501), 1_000),
            ((10_001, 0, 10_501), 0),
            ((10_001, 9_001, 0), 0),
            ((0, 9_001, 10_501), 0),
        ];
        for ((kept, given, got), expected) in table {
            let most = escrow.returnable(usd(kept), usd(given), usd(got));
            assert_eq!(most, Ok(usd(expected)), "{kept} {given} {got}");
        }
        assert_eq!(escrow.returnable(usd(10_002), usd(20_000), usd(20_000)), Err(MoneyError::Negative));
    }

    /// What the accounts concerned hold, by the movements that go with each step.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
    struct Accounts {
        client: i64,
        provider: i64,
        platform: i64,
        escrow: i64,
        disputed: i64,
    }

    impl Accounts {
        fn release(&mut self, released: Released) {
            let [gross, fee, client_fee] =
                [released.gross, released.provider_fee, released.client_fee].map(Money::minor);
            self.provider += gross - fee;
            self.platform += fee + client_fee;
            self.escrow -= gross + client_fee;
        }

        fn refund(&mut self, refunded: Refunded) {
            let back = refunded.amount.minor() + refunded.client_fee.minor();
            self.client += back;
            self.escrow -= back;
        }

        fn give_back(&mut self, returned: Returned) {
            let [gross, fee, client_fee, share] =
                [returned.gross, returned.provider_fee, returned.client_fee, returned.client_share]
                    .map(Money::minor);
            self.provider -= gross - fee;
            self.platform -= fee + client_fee;
            self.escrow += client_fee - share;
            self.client += gross + share;
        }

        fn freeze(&mut self, amount: i64) {
            self.escrow -= amount;
            self.disputed += amount;
        }

        /// Frozen money is divided: escrow gives what is released and refunded, and is given the frozen.
        fn decide(&mut self, (released, refunded): (Released, Refunded)) {
            self.freeze(-(released.gross.minor() + refunded.amount.minor()));
            self.release(released);
            self.refund(refunded);
        }

        fn agree_with(&self, escrow: &Escrow, paid: i64) {
            assert_eq!(self.escrow, escrow.held().unwrap().minor());
            assert_eq!(self.disputed, escrow.disputed.minor());
            let Self { client, provider, platform, escrow: held, disputed } = *self;
            assert!(
                [client, provider, platform, held, disputed].iter().all(|balance| *balance >= 0),
                "{self:?}"
            );
            assert_eq!(client + provider + platform + held + disputed, paid);
            assert_eq!(provider, escrow.provider_net().unwrap().minor());
            let FeeRule { provider: rate, client: on_top } = escrow.fees;
            assert_eq!(platform, rate.of(escrow.released).minor() + on_top.of(escrow.released).minor());
            assert!(escrow.provider_outstanding().is_ok());
        }
    }

    proptest! {
        /// Tried out cent by cent.
        #[test]
        fn no_more_could_go_back(
            price in 1..=120_i64, provider in 0..=10_000_u16, client in 0..=10_000_u16,
            released in 0..=1_000_i64, refunded in 0..=1_000_i64, of in 0..=1_000_i64,
            given in 0..=120_i64, got in 0..=240_i64,
        ) {
            let mut escrow = funded(price, provider, client);
            escrow.release(usd(price * released / 1_000)).unwrap();
            escrow.refund(usd(escrow.unsettled().unwrap().minor() * refunded / 1_000)).unwrap();
            let kept = escrow.released.minor() * of / 1_000;
            let fits = |amount: &i64| {
                let back = escrow.clone().give_back(usd(*amount)).unwrap();
                back.net().unwrap().minor() <= given && back.to_client().unwrap().minor() <= got
            };
            let expected = (0..=kept).rfind(fits).unwrap();
            prop_assert_eq!(escrow.returnable(usd(kept), usd(given), usd(got)), Ok(usd(expected)));
        }

        /// Whatever is released, refunded, frozen, decided and given back, in whatever order: the account has
        /// what it must have, nothing falls below zero, the fees are those of what stays released, and at the
        /// end nothing is left.
        #[test]
        fn money_that_goes_to_and_fro_is_never_lost(
            price in prop_oneof![1..=50_i64, 1..=100_000_i64, 1..=Money::MAX_MINOR],
            provider in 0..=10_000_u16, client in 0..=10_000_u16,
            steps in prop::collection::vec((0..5_u8, 0..=1_000_i64, 0..=1_000_i64), 0..40),
        ) {
            let mut escrow = funded(price, provider, client);
            let paid = escrow.required().unwrap().minor();
            let mut accounts = Accounts { escrow: paid, ..Accounts::default() };
            let share = |of: Money, permille: i64| {
                usd(i64::try_from(i128::from(of.minor()) * i128::from(permille) / 1_000).unwrap())
            };
            for (step, permille, part) in steps {
                match step {
                    0 => {
                        let amount = share(escrow.unsettled().unwrap(), permille);
                        accounts.release(escrow.release(amount).unwrap());
                    }
                    1 => {
                        let amount = share(escrow.unsettled().unwrap(), permille);
                        accounts.refund(escrow.refund(amount).unwrap());
                    }
                    2 => {
                        let amount = share(escrow.unsettled().unwrap(), permille);
                        escrow.freeze(amount).unwrap();
                        accounts.freeze(amount.minor());
                    }
                    3 => {
                        let amount = share(escrow.disputed, permille);
                        accounts.decide(escrow.decide(amount, share(amount, part)).unwrap());
                    }
                    _ => accounts.give_back(escrow.give_back(share(escrow.released, permille)).unwrap()),
                }
                accounts.agree_with(&escrow, paid);
            }
            let frozen = escrow.disputed;
            accounts.decide(escrow.decide(frozen, share(frozen, 500)).unwrap());
            accounts.release(escrow.release(escrow.unsettled().unwrap()).unwrap());
            accounts.agree_with(&escrow, paid);
            prop_assert_eq!((accounts.escrow, accounts.disputed), (0, 0));
            accounts.give_back(escrow.give_back(escrow.released).unwrap());
            accounts.agree_with(&escrow, paid);
            prop_assert_eq!(accounts, Accounts { client: paid, ..Accounts::default() });
        }
    }

    #[test]
    fn nothing_is_given_out_twice() {
        let mut escrow = funded(100, 0, 0);
        escrow.release(usd(60)).unwrap();
        let before = escrow;
        assert_eq!(escrow.release(usd(41)), Err(MoneyError::Negative));
        assert_eq!(escrow.refund(usd(41)), Err(MoneyError::Negative));
        assert_eq!(escrow.freeze(usd(41)), Err(MoneyError::Negative));
        assert_eq!(escrow.decide(usd(1), usd(0)), Err(MoneyError::Negative));
        assert_eq!(escrow.give_back(usd(61)), Err(MoneyError::Negative));
        assert_eq!(escrow, before);
        let mut unfunded = Escrow::new(usd(100), FeeRule::NONE);
        assert_eq!(unfunded.release(usd(1)), Err(MoneyError::Negative));
        assert_eq!(unfunded.held(), Ok(usd(0)));
    }

    #[test]
    fn the_largest_price_at_the_highest_fees_fits() {
        let mut escrow = funded(Money::MAX_MINOR, 10_000, 10_000);
        assert_eq!(escrow.required(), Ok(usd(2 * Money::MAX_MINOR)));
        escrow.release(usd(Money::MAX_MINOR)).unwrap();
        assert_eq!((escrow.held(), escrow.provider_net()), (Ok(usd(0)), Ok(usd(0))));
    }
}
