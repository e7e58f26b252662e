//! The accounts of the books.

use std::fmt;

use uuid::Uuid;

use crate::ids::{ContractId, UserId};
use crate::machine::word_enum;

word_enum!(
    /// Through whom money enters and leaves the marketplace.
    Outside {
        /// The built-in play money, never in production.
        Sandbox = "sandbox",
        /// Cards.
        Stripe = "stripe",
        /// A transfer to a bank account.
        BankTransfer = "bank_transfer",
        /// A PayPal account.
        PayPal = "paypal",
        /// A mobile wallet.
        MobileMoney = "mobile_money",
    }
);

word_enum!(
    /// What an account is for.
    AccountKind {
        /// The outside world's side of a payment.
        World = "world",
        /// Money that its owner may spend or withdraw.
        UserAvailable = "user_available",
        /// Money earned that must rest before it may be used.
        UserClearing = "user_clearing",
        /// Money set aside for a withdrawal.
        UserWithdrawing = "user_withdrawing",
        /// What somebody owes after a chargeback, as a negative balance.
        UserDebt = "user_debt",
        /// Money that waits for the work.
        ContractEscrow = "contract_escrow",
        /// Money that waits for a decision.
        ContractDisputed = "contract_disputed",
        /// What the platform earned.
        PlatformFees = "platform_fees",
        /// What the platform lost, as a negative balance.
        PlatformLosses = "platform_losses",
    }
);

/// An account of the books. The order of the variants is the order in which rows are locked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Account {
    /// Money that its owner may spend or withdraw.
    UserAvailable(UserId),
    /// Money earned that must rest before it may be used.
    UserClearing(UserId),
    /// Money set aside for a withdrawal.
    UserWithdrawing(UserId),
    /// What somebody owes after a chargeback, as a negative balance.
    UserDebt(UserId),
    /// Money that waits for the work.
    ContractEscrow(ContractId),
    /// Money that waits for a decision.
    ContractDisputed(ContractId),
    /// What the platform earned.
    PlatformFees,
    /// What the platform lost, as a negative balance.
    PlatformLosses,
    /// The outside world's side of a payment.
    World(Outside),
}

impl Account {
    /// What the account is for.
    #[must_use]
    pub const fn kind(self) -> AccountKind {
        match self {
            Self::UserAvailable(_) => AccountKind::UserAvailable,
            Self::UserClearing(_) => AccountKind::UserClearing,
            Self::UserWithdrawing(_) => AccountKind::UserWithdrawing,
            Self::UserDebt(_) => AccountKind::UserDebt,
            Self::ContractEscrow(_) => AccountKind::ContractEscrow,
            Self::ContractDisputed(_) => AccountKind::ContractDisputed,
            Self::PlatformFees => AccountKind::PlatformFees,
            Self::PlatformLosses => AccountKind::PlatformLosses,
            Self::World(_) => AccountKind::World,
        }
    }

    /// Whether its balance may fall below zero.
    #[must_use]
    pub const fn may_go_negative(self) -> bool {
        match self {
            Self::World(_) | Self::PlatformFees | Self::PlatformLosses | Self::UserDebt(_) => true,
            Self::UserAvailable(_)
            | Self::UserClearing(_)
            | Self::UserWithdrawing(_)
            | Self::ContractEscrow(_)
            | Self::ContractDisputed(_) => false,
        }
    }

    /// Whether a balance row is kept and locked. The world and the platform have none: everybody
    /// would queue for one hot row; their balance is the fold of their postings.
    #[must_use]
    pub const fn has_balance_row(self) -> bool {
        match self {
            Self::World(_) | Self::PlatformFees | Self::PlatformLosses => false,
            Self::UserAvailable(_)
            | Self::UserClearing(_)
            | Self::UserWithdrawing(_)
            | Self::UserDebt(_)
            | Self::ContractEscrow(_)
            | Self::ContractDisputed(_) => true,
        }
    }

    /// The person whose account it is.
    #[must_use]
    pub const fn user_id(self) -> Option<UserId> {
        match self {
            Self::UserAvailable(id)
            | Self::UserClearing(id)
            | Self::UserWithdrawing(id)
            | Self::UserDebt(id) => Some(id),
            Self::ContractEscrow(_)
            | Self::ContractDisputed(_)
            | Self::PlatformFees
            | Self::PlatformLosses
            | Self::World(_) => None,
        }
    }

    /// The contract whose account it is.
    #[must_use]
    pub const fn contract_id(self) -> Option<ContractId> {
        match self {
            Self::ContractEscrow(id) | Self::ContractDisputed(id) => Some(id),
            Self::UserAvailable(_)
            | Self::UserClearing(_)
            | Self::UserWithdrawing(_)
            | Self::UserDebt(_)
            | Self::PlatformFees
            | Self::PlatformLosses
            | Self::World(_) => None,
        }
    }

    /// Reads what [`Display`](fmt::Display) writes.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let user = |id: &str| id.parse::<Uuid>().ok().map(UserId::new);
        let contract = |id: &str| id.parse::<Uuid>().ok().map(ContractId::new);
        let mut parts = key.split(':');
        let account = match (parts.next()?, parts.next()?, parts.next()) {
            ("user", id, Some("available")) => Self::UserAvailable(user(id)?),
            ("user", id, Some("clearing")) => Self::UserClearing(user(id)?),
            ("user", id, Some("withdrawing")) => Self::UserWithdrawing(user(id)?),
            ("user", id, Some("debt")) => Self::UserDebt(user(id)?),
            ("contract", id, Some("escrow")) => Self::ContractEscrow(contract(id)?),
            ("contract", id, Some("disputed")) => Self::ContractDisputed(contract(id)?),
            ("platform", "fees", None) => Self::PlatformFees,
            ("platform", "losses", None) => Self::PlatformLosses,
            ("world", outside, None) => Self::World(Outside::from_word(outside)?),
            _ => return None,
        };
        // Only the one spelling, so that one account has one key.
        (account.to_string() == key).then_some(account)
    }
}

/// The account's key in storage, such as `user:{id}:available`.
impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UserAvailable(id) => write!(f, "user:{id}:available"),
            Self::UserClearing(id) => write!(f, "user:{id}:clearing"),
            Self::UserWithdrawing(id) => write!(f, "user:{id}:withdrawing"),
            Self::UserDebt(id) => write!(f, "user:{id}:debt"),
            Self::ContractEscrow(id) => write!(f, "contract:{id}:escrow"),
            Self::ContractDisputed(id) => write!(f, "contract:{id}:disputed"),
            Self::PlatformFees => f.write_str("platform:fees"),
            Self::PlatformLosses => f.write_str("platform:losses"),
            Self::World(outside) => write!(f, "world:{outside}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_accounts() {
        let (user, contract) = (UserId::new(Uuid::from_u128(1)), ContractId::new(Uuid::from_u128(2)));
        let (u, c) = (user.to_string(), contract.to_string());
        // key, may go negative, has a balance row
        let table = [
            (Account::UserAvailable(user), format!("user:{u}:available"), false, true),
            (Account::UserClearing(user), format!("user:{u}:clearing"), false, true),
            (Account::UserWithdrawing(user), format!("user:{u}:withdrawing"), false, true),
            (Account::UserDebt(user), format!("user:{u}:debt"), true, true),
            (Account::ContractEscrow(contract), format!("contract:{c}:escrow"), false, true),
            (Account::ContractDisputed(contract), format!("contract:{c}:disputed"), false, true),
            (Account::PlatformFees, "platform:fees".into(), true, false),
            (Account::PlatformLosses, "platform:losses".into(), true, false),
            (Account::World(Outside::Sandbox), "world:sandbox".into(), true, false),
        ];
        for (account, key, may_go_negative, has_balance_row) in table {
            assert_eq!(account.to_string(), key);
            assert_eq!(Account::parse(&key), Some(account));
            assert_eq!(account.may_go_negative(), may_go_negative, "{key}");
            assert_eq!(account.has_balance_row(), has_balance_row, "{key}");
        }
        assert_eq!(AccountKind::ALL.len(), 9);
    }

    #[test]
    fn other_keys_are_no_accounts() {
        let nil = Uuid::nil();
        for key in [
            String::new(),
            "world".into(),
            "world:mars".into(),
            "platform:fees:x".into(),
            "user:x:available".into(),
            format!("user:{nil}"),
            format!("user:{nil}:escrow"),
            format!("user:{}:available", nil.simple()),
            format!("user:{nil}:available:x"),
        ] {
            assert_eq!(Account::parse(&key), None, "{key:?}");
        }
    }
}
