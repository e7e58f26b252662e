//! An account: a person's name, how to reach them, their role, and whether they may come in.
//! Its states are the table of [`ACCOUNT_MACHINE`].

use std::fmt;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{
    ACCOUNT_MACHINE, AccountCommand, AccountStatus, EmailAddress, IdentityError, IdentityEvent, LoginsEnd,
    PasswordHash, Role, SessionEnd,
};
use crate::actor::{Issuer, Party};
use crate::ids::UserId;
use crate::machine::Refusal;
use crate::text::{self, Lines, text_type};

text_type!(
    /// A person's or a company's name.
    FullName,
    200,
    Lines::Single
);
text_type!(
    /// Why an administrator blocked an account.
    BlockReason,
    2_000,
    Lines::Multiple
);

/// A telephone number as its owner writes it. Kept as typed: people group digits their own way,
/// and nothing here dials it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneNumber(String);

/// Why a telephone number was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be a telephone number of 5 to 20 digits, such as +44 20 7946 0958")]
pub struct PhoneNumberError;

impl PhoneNumber {
    const MAX_CHARS: usize = 40;
    const DIGITS: std::ops::RangeInclusive<usize> = 5..=20;

    /// Reads a number: digits, one leading `+`, and spaces, dots, hyphens, slashes and parentheses
    /// between them.
    ///
    /// # Errors
    /// [`PhoneNumberError`] for everything else.
    pub fn parse(raw: &str) -> Result<Self, PhoneNumberError> {
        let number = text::clean(raw, Self::MAX_CHARS, Lines::Single).map_err(|_| PhoneNumberError)?;
        let rest = number.strip_prefix('+').unwrap_or(&number);
        let digits = rest.bytes().filter(u8::is_ascii_digit).count();
        let well_formed = rest.bytes().all(|b| b.is_ascii_digit() || b" .-/()".contains(&b));
        if well_formed && Self::DIGITS.contains(&digits) { Ok(Self(number)) } else { Err(PhoneNumberError) }
    }

    /// The number as typed.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether somebody may come in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountState {
    /// They may.
    Active,
    /// An administrator has shut them out.
    Blocked {
        /// As the administrator gave it.
        reason: String,
        /// Since when.
        since: DateTime<Utc>,
    },
    /// They have closed the account themselves.
    Deactivated {
        /// Since when.
        since: DateTime<Utc>,
    },
}

impl AccountState {
    /// The state's word, in storage and in `details.state`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        self.status().as_str()
    }

    /// The state as the table knows it.
    #[must_use]
    pub const fn status(&self) -> AccountStatus {
        match self {
            Self::Active => AccountStatus::Active,
            Self::Blocked { .. } => AccountStatus::Blocked,
            Self::Deactivated { .. } => AccountStatus::Deactivated,
        }
    }

    /// Whether such an account may log in or prolong a login, and others may deal with it anew.
    ///
    /// # Errors
    /// [`IdentityError::Blocked`] and [`IdentityError::Deactivated`].
    pub const fn may_enter(&self) -> Result<(), IdentityError> {
        match self {
            Self::Active => Ok(()),
            Self::Blocked { .. } => Err(IdentityError::Blocked),
            Self::Deactivated { .. } => Err(IdentityError::Deactivated),
        }
    }
}

/// What others must know of an account before they deal with its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Whose it is.
    pub id: UserId,
    /// What the person is in the marketplace.
    pub role: Role,
    /// Whether they may come in.
    pub state: AccountState,
}

impl Standing {
    /// Whether somebody can be asked for an offer: a provider whose account may be used.
    #[must_use]
    pub const fn is_provider_at_hand(&self) -> bool {
        self.role.is_provider() && self.state.may_enter().is_ok()
    }
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Its identifier.
    pub id: UserId,
    /// The address by which its owner logs in; unique without regard to case.
    pub email: EmailAddress,
    /// The name shown to others.
    pub full_name: FullName,
    /// What the person is in the marketplace.
    pub role: Role,
    /// How else to reach them.
    pub phone: Option<PhoneNumber>,
    /// The hash of their password.
    pub password: PasswordHash,
    /// Whether they may come in.
    pub state: AccountState,
    /// Whether an administrator has checked who they are.
    pub is_verified: bool,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
    /// When anything above last changed.
    pub updated_at: DateTime<Utc>,
    /// Counts the saves; a save with a stale one is refused.
    pub version: i64,
}

/// What a new account needs.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// Minted by the caller.
    pub id: UserId,
    /// Its uniqueness is the storage's to check.
    pub email: EmailAddress,
    /// The name shown to others.
    pub full_name: FullName,
    /// See [`Role::for_registration`] for what a stranger may ask for.
    pub role: Role,
    /// Optional.
    pub phone: Option<PhoneNumber>,
    /// The hash of a [`NewPassword`](super::NewPassword).
    pub password: PasswordHash,
}

/// What keeps an account from being closed (contract §3, `POST /users/deactivate`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Obligations {
    /// Whether a contract of theirs, on either side, has not come to its end.
    pub has_contracts: bool,
    /// Whether anything is left in the wallet, on its way out, or owed.
    pub has_money: bool,
}

/// What the owner wants changed. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IdentityPatch {
    /// A new name.
    pub full_name: Option<FullName>,
    /// A new address; needs the present password.
    pub email: Option<EmailAddress>,
    /// A new number, or `Some(None)` for none any more.
    pub phone: Option<Option<PhoneNumber>>,
}

/// What a command on an account led to.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct AccountStep {
    /// What happened.
    pub event: IdentityEvent,
    /// Which logins end by it.
    pub ends: Option<LoginsEnd>,
}

impl User {
    /// Opens an account.
    #[must_use]
    pub fn register(new: NewUser, now: DateTime<Utc>) -> (Self, IdentityEvent) {
        let NewUser { id, email, full_name, role, phone, password } = new;
        let event = IdentityEvent::Registered { user_id: id, role };
        let user = Self {
            id,
            email,
            full_name,
            role,
            phone,
            password,
            state: AccountState::Active,
            is_verified: false,
            created_at: now,
            updated_at: now,
            version: 0,
        };
        (user, event)
    }

    /// Whether this account may log in or prolong a login.
    ///
    /// # Errors
    /// [`IdentityError::Blocked`] and [`IdentityError::Deactivated`].
    pub const fn may_enter(&self) -> Result<(), IdentityError> {
        self.state.may_enter()
    }

    /// What the issuer is to this account; `None` for somebody who is no administrator and whose account it
    /// is not. Administrators own an account as well.
    #[must_use]
    pub fn party(&self, by: Issuer) -> Option<Party> {
        if by.user_id() == Some(self.id) { Some(Party::Owner) } else { by.party_of_owner(self.id) }
    }

    /// Whether a patch may only be applied by somebody who knows the password: it changes the
    /// address by which they log in (contract §3).
    #[must_use]
    pub fn needs_password_for(&self, patch: &IdentityPatch) -> bool {
        // As written: also a change of case alone is a change of what the account is known by.
        patch.email.as_ref().is_some_and(|new| new.as_str() != self.email.as_str())
    }

    /// Changes name, address or number. Values equal to the present ones change nothing: then there is no
    /// event and nothing to save. `known` is the hash that an attempt at the present password was found
    /// good against, if there was one.
    ///
    /// # Errors
    /// [`IdentityError::Refused`] for anybody but the owner; `InvalidTransition` unless active;
    /// [`IdentityError::PasswordNeeded`] and [`IdentityError::WrongPassword`] for another address.
    pub fn change_identity(
        &mut self,
        patch: IdentityPatch,
        known: Option<&PasswordHash>,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Option<IdentityEvent>, IdentityError> {
        self.next(AccountCommand::ChangeIdentity, by)?;
        if self.needs_password_for(&patch) {
            self.must_be_known(known.ok_or(IdentityError::PasswordNeeded)?)?;
        }
        let email_changed = patch.email.as_ref().is_some_and(|new| *new != self.email);
        let IdentityPatch { full_name, email, phone } = patch;
        let before = (self.full_name.clone(), self.email.as_str().to_owned(), self.phone.clone());
        if let Some(full_name) = full_name {
            self.full_name = full_name;
        }
        if let Some(email) = email {
            self.email = email;
        }
        if let Some(phone) = phone {
            self.phone = phone;
        }
        let after = (self.full_name.clone(), self.email.as_str().to_owned(), self.phone.clone());
        if before == after {
            return Ok(None);
        }
        self.updated_at = now;
        Ok(Some(IdentityEvent::IdentityChanged { user_id: self.id, email_changed }))
    }

    /// Sets a new password; the other logins end. `known` is the hash that an attempt at the present
    /// password was found good against.
    ///
    /// # Errors
    /// [`IdentityError::Refused`] for anybody but the owner; `InvalidTransition` unless active;
    /// [`IdentityError::WrongPassword`] if the password has changed since.
    pub fn change_password(
        &mut self,
        password: PasswordHash,
        known: &PasswordHash,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<AccountStep, IdentityError> {
        self.next(AccountCommand::ChangePassword, by)?;
        self.must_be_known(known)?;
        self.password = password;
        self.updated_at = now;
        let ends = LoginsEnd { why: SessionEnd::PasswordChanged, spares_present: true };
        Ok(AccountStep { event: IdentityEvent::PasswordChanged { user_id: self.id }, ends: Some(ends) })
    }

    /// An administrator shuts somebody out; all logins end.
    ///
    /// # Errors
    /// [`IdentityError::OwnAdministratorAccount`], [`IdentityError::Refused`] for anybody but an
    /// administrator, or `InvalidTransition` unless active.
    pub fn block(
        &mut self,
        reason: &BlockReason,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<AccountStep, IdentityError> {
        let admin = self.must_be_somebody_elses(by)?;
        self.next(AccountCommand::Block, by)?;
        let reason = reason.as_str().to_owned();
        self.state = AccountState::Blocked { reason: reason.clone(), since: now };
        self.updated_at = now;
        Ok(AccountStep {
            event: IdentityEvent::Blocked { user_id: self.id, by: admin, reason },
            ends: Some(LoginsEnd { why: SessionEnd::Blocked, spares_present: false }),
        })
    }

    /// An administrator lets somebody in again. Their old logins stay ended.
    ///
    /// # Errors
    /// As for [`Self::block`]; `InvalidTransition` unless blocked.
    pub fn unblock(&mut self, by: Issuer, now: DateTime<Utc>) -> Result<AccountStep, IdentityError> {
        let admin = by.user_id().ok_or(NOT_PARTY)?;
        self.next(AccountCommand::Unblock, by)?;
        self.state = AccountState::Active;
        self.updated_at = now;
        Ok(AccountStep { event: IdentityEvent::Unblocked { user_id: self.id, by: admin }, ends: None })
    }

    /// The owner closes the account; all logins end. Its record stays, because contracts and books refer
    /// to it.
    ///
    /// # Errors
    /// [`IdentityError::OwnAdministratorAccount`], [`IdentityError::Refused`] for anybody but the owner,
    /// `InvalidTransition` unless active, [`IdentityError::ContractsRunning`], or
    /// [`IdentityError::MoneyLeft`].
    pub fn deactivate(
        &mut self,
        obligations: Obligations,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<AccountStep, IdentityError> {
        self.must_be_somebody_elses(by)?;
        self.next(AccountCommand::Deactivate, by)?;
        let Obligations { has_contracts, has_money } = obligations;
        if has_contracts {
            return Err(IdentityError::ContractsRunning { state: self.state.as_str() });
        }
        if has_money {
            return Err(IdentityError::MoneyLeft { state: self.state.as_str() });
        }
        self.state = AccountState::Deactivated { since: now };
        self.updated_at = now;
        Ok(AccountStep {
            event: IdentityEvent::Deactivated { user_id: self.id },
            ends: Some(LoginsEnd { why: SessionEnd::Deactivated, spares_present: false }),
        })
    }

    /// The state that a command leads to.
    fn next(&self, command: AccountCommand, by: Issuer) -> Result<AccountStatus, IdentityError> {
        ACCOUNT_MACHINE.next(self.state.status(), command, self.party(by)).map_err(|refusal| match refusal {
            Refusal::State { state, .. } => {
                IdentityError::InvalidTransition { command: command.participle(), state }
            }
            Refusal::NotParty { .. } | Refusal::NotPermitted { .. } => refusal.into(),
        })
    }

    /// An administrator must not lock themselves out. Says who it is instead.
    fn must_be_somebody_elses(&self, by: Issuer) -> Result<UserId, IdentityError> {
        let id = by.user_id().ok_or(NOT_PARTY)?;
        if id == self.id && self.role == Role::Admin {
            return Err(IdentityError::OwnAdministratorAccount { state: self.state.as_str() });
        }
        Ok(id)
    }

    fn must_be_known(&self, known: &PasswordHash) -> Result<(), IdentityError> {
        if *known == self.password { Ok(()) } else { Err(IdentityError::WrongPassword) }
    }
}

/// Accounts are changed by people; the program has no business with them.
const NOT_PARTY: Refusal = Refusal::NotParty { object: ACCOUNT_MACHINE.object };

impl fmt::Display for FullName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use uuid::Uuid;

    use super::*;
    use crate::machine::walk;

    fn now() -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_000, 0).unwrap()
    }

    fn later() -> DateTime<Utc> {
        Utc.timestamp_opt(1_700_000_060, 0).unwrap()
    }

    fn user(role: Role) -> User {
        let new = NewUser {
            id: UserId::new(Uuid::from_u128(1)),
            email: EmailAddress::parse("ada@example.com").unwrap(),
            full_name: FullName::parse("Ada Lovelace").unwrap(),
            role,
            phone: None,
            password: PasswordHash::new("hash".into()),
        };
        User::register(new, now()).0
    }

    fn admin(id: u128) -> Issuer {
        Issuer::Person { user_id: UserId::new(Uuid::from_u128(id)), role: Role::Admin }
    }

    fn owner() -> Issuer {
        Issuer::Person { user_id: UserId::new(Uuid::from_u128(1)), role: Role::Writer }
    }

    fn in_state(status: AccountStatus) -> User {
        let mut user = user(Role::Writer);
        user.state = match status {
            AccountStatus::Active => AccountState::Active,
            AccountStatus::Blocked => AccountState::Blocked { reason: "spam".into(), since: now() },
            AccountStatus::Deactivated => AccountState::Deactivated { since: now() },
        };
        user
    }

    fn another_address() -> IdentityPatch {
        let email = EmailAddress::parse("countess@example.com").unwrap();
        IdentityPatch { email: Some(email), ..IdentityPatch::default() }
    }

    /// Which logins end, if the command is taken; nothing for one that can end none.
    fn issue(
        user: &mut User,
        command: AccountCommand,
        by: Issuer,
    ) -> Result<Option<LoginsEnd>, IdentityError> {
        let reason = BlockReason::parse("spam").unwrap();
        let (known, new) = (user.password.clone(), PasswordHash::new("another hash".into()));
        let step = match command {
            // It comes into being by them; see `everybody_begins_active`.
            AccountCommand::Register | AccountCommand::Appoint => {
                return Err(Refusal::NotPermitted { object: "account", command: command.as_str() }.into());
            }
            AccountCommand::ChangeIdentity => {
                return user.change_identity(another_address(), Some(&known), by, later()).map(|_| None);
            }
            AccountCommand::ChangePassword => user.change_password(new, &known, by, later())?,
            AccountCommand::Block => user.block(&reason, by, later())?,
            AccountCommand::Unblock => user.unblock(by, later())?,
            AccountCommand::Deactivate => user.deactivate(Obligations::default(), by, later())?,
        };
        Ok(step.ends)
    }

    #[test]
    fn every_command_in_every_state_by_everybody() {
        // active blocked deactivated
        let expected = [
            ("change_identity", Party::Owner, "active - -"),
            ("change_password", Party::Owner, "active - -"),
            ("block", Party::Admin, "blocked - -"),
            ("unblock", Party::Admin, "- active -"),
            ("deactivate", Party::Owner, "deactivated - -"),
        ];
        walk::all(&ACCOUNT_MACHINE, &[Party::Owner, Party::Admin], &expected, |state, command, party| {
            let mut user = in_state(state);
            let before = user.clone();
            let result = issue(&mut user, command, if party == Party::Admin { admin(9) } else { owner() });
            if result.is_err() {
                assert_eq!(user, before, "a refused command changes nothing");
            } else {
                assert_eq!(user.updated_at, later());
            }
            walk::outcome(result.map(|_| user.state.as_str()), |error| match error {
                IdentityError::InvalidTransition { state, .. } => {
                    ACCOUNT_MACHINE.refuse(AccountStatus::from_word(state).unwrap(), command)
                }
                IdentityError::Refused(refusal) => *refusal,
                other @ (IdentityError::OwnAdministratorAccount { .. }
                | IdentityError::ContractsRunning { .. }
                | IdentityError::MoneyLeft { .. }
                | IdentityError::PasswordNeeded
                | IdentityError::WrongPassword
                | IdentityError::Blocked
                | IdentityError::Deactivated) => panic!("{other}"),
            })
        });
        let stranger = Issuer::Person { user_id: UserId::new(Uuid::from_u128(2)), role: Role::Client };
        let begin = [AccountCommand::Register, AccountCommand::Appoint];
        for command in AccountCommand::ALL.iter().filter(|command| !begin.contains(command)) {
            for nobody in [stranger, Issuer::System] {
                let result = issue(&mut user(Role::Writer), *command, nobody);
                assert!(matches!(result, Err(IdentityError::Refused(_))), "{command} {nobody:?}");
            }
        }
    }

    #[test]
    fn a_refusal_says_what_cannot_be_done() {
        let refused = issue(&mut in_state(AccountStatus::Deactivated), AccountCommand::Block, admin(9));
        assert_eq!(refused.unwrap_err().to_string(), "an account that is deactivated cannot be blocked");
    }

    #[test]
    fn everybody_begins_active() {
        assert_eq!(ACCOUNT_MACHINE.begin(AccountCommand::Register, Party::Owner), Ok(AccountStatus::Active));
        assert_eq!(ACCOUNT_MACHINE.begin(AccountCommand::Appoint, Party::System), Ok(AccountStatus::Active));
        assert_eq!(user(Role::Client).state, AccountState::Active);
    }

    #[test]
    fn which_logins_end() {
        let all = |why| Some(LoginsEnd { why, spares_present: false });
        let others = Some(LoginsEnd { why: SessionEnd::PasswordChanged, spares_present: true });
        for (state, command, by, expected) in [
            (AccountStatus::Active, AccountCommand::ChangeIdentity, owner(), None),
            (AccountStatus::Active, AccountCommand::ChangePassword, owner(), others),
            (AccountStatus::Active, AccountCommand::Block, admin(9), all(SessionEnd::Blocked)),
            (AccountStatus::Blocked, AccountCommand::Unblock, admin(9), None),
            (AccountStatus::Active, AccountCommand::Deactivate, owner(), all(SessionEnd::Deactivated)),
        ] {
            assert_eq!(issue(&mut in_state(state), command, by), Ok(expected), "{command}");
        }
    }

    #[test]
    fn address_and_password_change_only_for_somebody_who_knows_the_password() {
        let (right, wrong) = (PasswordHash::new("hash".into()), PasswordHash::new("of another day".into()));
        for (known, expected) in [
            (None, Err(IdentityError::PasswordNeeded)),
            (Some(&wrong), Err(IdentityError::WrongPassword)),
            (Some(&right), Ok(true)),
        ] {
            let mut user = user(Role::Client);
            let changed = user.change_identity(another_address(), known, owner(), later());
            assert_eq!(changed.map(|event| event.is_some()), expected);
        }
        let name = IdentityPatch {
            full_name: Some(FullName::parse("Ada King").unwrap()),
            ..IdentityPatch::default()
        };
        assert!(user(Role::Client).change_identity(name, None, owner(), later()).is_ok(), "a name does not");
        let (mut user, new) = (user(Role::Client), PasswordHash::new("new".into()));
        let refused = user.change_password(new.clone(), &wrong, owner(), later());
        assert_eq!(refused.map(drop), Err(IdentityError::WrongPassword));
        assert!(user.change_password(new.clone(), &right, owner(), later()).is_ok());
        assert_eq!(user.password, new);
    }

    #[test]
    fn administrators_do_not_lock_themselves_out() {
        let mut user = user(Role::Admin);
        let reason = BlockReason::parse("oops").unwrap();
        assert_eq!(
            user.block(&reason, admin(1), later()).map(drop),
            Err(IdentityError::OwnAdministratorAccount { state: "active" })
        );
        assert_eq!(
            user.deactivate(Obligations::default(), admin(1), later()).map(drop),
            Err(IdentityError::OwnAdministratorAccount { state: "active" })
        );
        assert!(user.block(&reason, admin(2), later()).is_ok(), "another administrator may");
    }

    #[test]
    fn nobody_leaves_money_behind() {
        let (mut user, before) = (user(Role::Client), user(Role::Client));
        let nothing = Obligations::default();
        let refused =
            user.deactivate(Obligations { has_contracts: true, has_money: true }, owner(), later()).map(drop);
        assert_eq!(refused, Err(IdentityError::ContractsRunning { state: "active" }));
        let refused = user.deactivate(Obligations { has_money: true, ..nothing }, owner(), later()).map(drop);
        assert_eq!(refused, Err(IdentityError::MoneyLeft { state: "active" }));
        assert_eq!(user, before);
    }

    #[test]
    fn only_the_active_may_enter() {
        assert_eq!(in_state(AccountStatus::Active).may_enter(), Ok(()));
        assert_eq!(in_state(AccountStatus::Blocked).may_enter(), Err(IdentityError::Blocked));
        assert_eq!(in_state(AccountStatus::Deactivated).may_enter(), Err(IdentityError::Deactivated));
    }

    #[test]
    fn a_patch_with_the_present_values_changes_nothing() {
        let mut user = user(Role::Client);
        let patch = IdentityPatch {
            full_name: Some(FullName::parse("Ada Lovelace").unwrap()),
            email: Some(EmailAddress::parse("ada@example.com").unwrap()),
            phone: Some(None),
        };
        assert_eq!(user.change_identity(patch, None, owner(), later()), Ok(None));
        assert_eq!(user.updated_at, now());
    }

    #[test]
    fn a_patch_changes_what_it_names() {
        let mut user = user(Role::Client);
        let patch = IdentityPatch {
            email: Some(EmailAddress::parse("countess@example.com").unwrap()),
            phone: Some(Some(PhoneNumber::parse("+44 20 7946 0958").unwrap())),
            ..IdentityPatch::default()
        };
        let known = user.password.clone();
        let event = user.change_identity(patch, Some(&known), owner(), later());
        assert_eq!(event, Ok(Some(IdentityEvent::IdentityChanged { user_id: user.id, email_changed: true })));
        assert_eq!(user.full_name.as_str(), "Ada Lovelace");
        assert_eq!(user.email.as_str(), "countess@example.com");
        assert_eq!(user.updated_at, later());
    }

    #[test]
    fn writing_ones_address_in_capitals_is_a_change_but_not_of_the_login() {
        let mut user = user(Role::Client);
        let patch = IdentityPatch {
            email: Some(EmailAddress::parse("ADA@example.com").unwrap()),
            ..IdentityPatch::default()
        };
        let known = user.password.clone();
        let event = user.change_identity(patch, Some(&known), owner(), later());
        assert_eq!(
            event,
            Ok(Some(IdentityEvent::IdentityChanged { user_id: user.id, email_changed: false }))
        );
    }

    #[test]
    fn telephone_numbers() {
        for raw in ["+44 20 7946 0958", "030/1234567", "(555) 010-9999", "12345", "0.1234.5678"] {
            assert_eq!(PhoneNumber::parse(raw).unwrap().as_str(), raw);
        }
        for raw in [
            "",
            "1234",
            "++4412345",
            "12+345678",
            "call me",
            "+123456789012345678901",
            "123\n45678",
            "１２３４５６",
        ] {
            assert!(PhoneNumber::parse(raw).is_err(), "{raw:?}");
        }
    }
}
