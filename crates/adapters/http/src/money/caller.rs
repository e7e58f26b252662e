//! Who may do what with money, whatever the object.

use domain::actor::Actor;
use domain::identity::policy::Forbidden;
use domain::money::policy::{administer_chargebacks, administer_withdrawals, have_a_wallet};

use crate::extract::{Permitted, Policy};

/// [`have_a_wallet`].
#[derive(Debug)]
pub(super) struct HaveAWallet;

impl Policy for HaveAWallet {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        have_a_wallet(actor)
    }
}

/// Everybody but administrators.
pub(super) type WalletOwner = Permitted<HaveAWallet>;

/// [`administer_withdrawals`].
#[derive(Debug)]
pub(super) struct AdministerWithdrawals;

impl Policy for AdministerWithdrawals {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        administer_withdrawals(actor)
    }
}

/// An administrator.
pub(super) type WithdrawalAdmin = Permitted<AdministerWithdrawals>;

/// [`administer_chargebacks`].
#[derive(Debug)]
pub(super) struct AdministerChargebacks;

impl Policy for AdministerChargebacks {
    fn check(actor: &Actor) -> Result<(), Forbidden> {
        administer_chargebacks(actor)
    }
}

/// An administrator.
pub(super) type ChargebackAdmin = Permitted<AdministerChargebacks>;
