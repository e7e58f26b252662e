//! More than the price: a client thanks the provider with money.
//!
//! It goes from wallet to wallet at once, without escrow and without rest: nobody has to approve what is
//! given freely. It is no part of the price, so that it changes nothing of what is held, released or
//! refunded; the provider's fee on it is that of the contract, reckoned on the bonus alone.

use chrono::{DateTime, Utc};

use super::{Contract, ContractCommand, ContractError, Outcome};
use crate::actor::Issuer;
use crate::ids::{BonusId, ContractId};
use crate::money::{Money, MoneyEvent, movements};
use crate::text::{Lines, text_type};

text_type!(
    /// What a client says with a bonus.
    BonusMessage,
    1_000,
    Lines::Multiple
);

/// What a client gave beyond the price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bonus {
    /// Identifier.
    pub id: BonusId,
    /// Under which contract.
    pub contract_id: ContractId,
    /// What left the client's wallet.
    pub amount: Money,
    /// What the provider paid of it.
    pub provider_fee: Money,
    /// What the client says with it.
    pub message: Option<BonusMessage>,
    /// When.
    pub given_at: DateTime<Utc>,
}

/// What a bonus needs to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BonusCommand {
    /// Minted by the caller.
    pub id: BonusId,
    /// How much; that it is something that can be paid here is checked before
    /// ([`crate::money::must_be_payable`]).
    pub amount: Money,
    /// With which words.
    pub message: Option<BonusMessage>,
    /// What the client's wallet holds, under its lock.
    pub available: Money,
    /// Whether the provider's account may be used, under its lock: nobody else could ever take the money
    /// out again.
    pub provider_may_enter: bool,
}

impl Contract {
    /// The client gives more than the price.
    ///
    /// # Errors
    /// [`ContractError`]; [`ContractError::ProviderUnavailable`] where the provider is gone,
    /// [`ContractError::PaymentRequired`] when the wallet is short.
    pub fn give_bonus(
        &self,
        command: BonusCommand,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Bonus, Outcome), ContractError> {
        let BonusCommand { id, amount, message, available, provider_may_enter } = command;
        self.next(ContractCommand::GiveBonus, by)?;
        if !provider_may_enter {
            return Err(ContractError::ProviderUnavailable { state: self.state.as_str() });
        }
        if !available.covers(amount)? {
            return Err(ContractError::PaymentRequired { required: amount, available });
        }
        let (parties, rate) = (self.parties(), self.escrow.fees.provider);
        let provider_fee = rate.of(amount);
        let mut outcome = Outcome::default();
        outcome.book(movements::bonus(id, &parties, amount, rate)?);
        outcome.tell(MoneyEvent::BonusReceived {
            bonus_id: id,
            contract: parties,
            amount,
            fee: provider_fee,
        });
        let bonus = Bonus { id, contract_id: self.id, amount, provider_fee, message, given_at: now };
        Ok((bonus, outcome))
    }
}
