//! The states of an account.

use super::SessionEnd;
use crate::actor::Party;
use crate::machine::{Machine, Row, word_enum};

word_enum!(
    /// Whether an account may be used, as a word; when and why is in [`AccountState`](super::AccountState).
    AccountStatus {
        /// It may.
        Active = "active",
        /// An administrator has shut its owner out.
        Blocked = "blocked",
        /// Its owner has closed it.
        Deactivated = "deactivated",
    }
);
word_enum!(
    /// What can be asked of an account.
    AccountCommand {
        /// Somebody opens one.
        Register = "register",
        /// The operator makes an administrator.
        Appoint = "appoint",
        /// Its owner changes name, number or address.
        ChangeIdentity = "change_identity",
        /// Its owner sets a new password.
        ChangePassword = "change_password",
        /// An administrator shuts its owner out.
        Block = "block",
        /// An administrator lets its owner in again.
        Unblock = "unblock",
        /// Its owner closes it.
        Deactivate = "deactivate",
    }
);

impl AccountCommand {
    /// What the account would have been, for the person who is told that it cannot be.
    pub(super) const fn participle(self) -> &'static str {
        match self {
            Self::Register => "registered",
            Self::Appoint => "appointed",
            Self::ChangeIdentity | Self::ChangePassword => "changed",
            Self::Block => "blocked",
            Self::Unblock => "unblocked",
            Self::Deactivate => "deactivated",
        }
    }
}

/// Which logins of an account a command ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoginsEnd {
    /// Why.
    pub why: SessionEnd,
    /// Whether the one goes on through which the command came.
    pub spares_present: bool,
}

/// The states of an account.
pub const ACCOUNT_MACHINE: Machine<AccountStatus, AccountCommand> = {
    use AccountCommand as C;
    use AccountStatus as S;
    const fn row(
        from: Option<S>,
        command: C,
        who: &'static [Party],
        guard: &'static str,
        to: S,
        effect: &'static str,
    ) -> Row<S, C> {
        Row { from, command, who, guard, to, effect }
    }
    const OWNER: &[Party] = &[Party::Owner];
    const ADMIN: &[Party] = &[Party::Admin];
    Machine {
        object: "account",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            row(None, C::Register, OWNER, "not as an administrator", S::Active, "user.registered"),
            row(None, C::Appoint, &[Party::System], "", S::Active, "user.registered"),
            row(
                Some(S::Active),
                C::ChangeIdentity,
                OWNER,
                "another address needs the present password",
                S::Active,
                "user.identity_changed",
            ),
            row(
                Some(S::Active),
                C::ChangePassword,
                OWNER,
                "needs the present password",
                S::Active,
                "the other logins end; user.password_changed",
            ),
            row(
                Some(S::Active),
                C::Block,
                ADMIN,
                "not one's own",
                S::Blocked,
                "all logins end; user.blocked",
            ),
            row(Some(S::Blocked), C::Unblock, ADMIN, "", S::Active, "user.unblocked"),
            row(
                Some(S::Active),
                C::Deactivate,
                OWNER,
                "no administrator; no contract is running and no money is there",
                S::Deactivated,
                "all logins end; user.deactivated",
            ),
        ],
        refusals: &[],
    }
};
