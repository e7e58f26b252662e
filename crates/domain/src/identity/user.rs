//! An account: a person's name, how to reach them, their role, and whether they may come in.
//!
//! | from | command (who) | to |
//! |---|---|---|
//! | – | register (anybody), appoint (operator) | active |
//! | active | block (administrator, not themselves) | blocked |
//! | blocked | unblock (administrator) | active |
//! | active | deactivate (owner, not an administrator, without money here) | deactivated |

use std::fmt;

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{EmailAddress, IdentityError, IdentityEvent, PasswordHash, Role};
use crate::actor::Actor;
use crate::ids::UserId;
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
        match self {
            Self::Active => "active",
            Self::Blocked { .. } => "blocked",
            Self::Deactivated { .. } => "deactivated",
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
    /// A new address; the caller has checked the present password.
    pub email: Option<EmailAddress>,
    /// A new number, or `Some(None)` for none any more.
    pub phone: Option<Option<PhoneNumber>>,
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

    /// Whether a patch may only be applied by somebody who knows the password: it changes the
    /// address by which they log in (contract §3).
    #[must_use]
    pub fn needs_password_for(&self, patch: &IdentityPatch) -> bool {
        // As written: also a change of case alone is a change of what the account is known by.
        patch.email.as_ref().is_some_and(|new| new.as_str() != self.email.as_str())
    }

    /// Changes name, address or number. Values equal to the present ones change nothing: then
    /// there is no event and nothing to save.
    pub fn change_identity(&mut self, patch: IdentityPatch, now: DateTime<Utc>) -> Option<IdentityEvent> {
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
            return None;
        }
        self.updated_at = now;
        Some(IdentityEvent::IdentityChanged { user_id: self.id, email_changed })
    }

    /// Sets a new password; the caller has checked the old one.
    pub fn change_password(&mut self, password: PasswordHash, now: DateTime<Utc>) -> IdentityEvent {
        self.password = password;
        self.updated_at = now;
        IdentityEvent::PasswordChanged { user_id: self.id }
    }

    /// An administrator shuts somebody out.
    ///
    /// # Errors
    /// [`IdentityError::OwnAdministratorAccount`], or `InvalidTransition` unless active.
    pub fn block(
        &mut self,
        reason: &BlockReason,
        by: &Actor,
        now: DateTime<Utc>,
    ) -> Result<IdentityEvent, IdentityError> {
        if by.user_id == self.id {
            return Err(IdentityError::OwnAdministratorAccount { state: self.state.as_str() });
        }
        self.must_be_active("blocked")?;
        let reason = reason.as_str().to_owned();
        self.state = AccountState::Blocked { reason: reason.clone(), since: now };
        self.updated_at = now;
        Ok(IdentityEvent::Blocked { user_id: self.id, by: by.user_id, reason })
    }

    /// An administrator lets somebody in again.
    ///
    /// # Errors
    /// `InvalidTransition` unless blocked.
    pub fn unblock(&mut self, by: &Actor, now: DateTime<Utc>) -> Result<IdentityEvent, IdentityError> {
        match self.state {
            AccountState::Blocked { .. } => {
                self.state = AccountState::Active;
                self.updated_at = now;
                Ok(IdentityEvent::Unblocked { user_id: self.id, by: by.user_id })
            }
            AccountState::Active | AccountState::Deactivated { .. } => Err(self.invalid("unblocked")),
        }
    }

    /// The owner closes the account. Its record stays, because contracts and books refer to it.
    ///
    /// # Errors
    /// [`IdentityError::OwnAdministratorAccount`], `InvalidTransition` unless active,
    /// [`IdentityError::ContractsRunning`], or [`IdentityError::MoneyLeft`].
    pub fn deactivate(
        &mut self,
        obligations: Obligations,
        now: DateTime<Utc>,
    ) -> Result<IdentityEvent, IdentityError> {
        if self.role == Role::Admin {
            return Err(IdentityError::OwnAdministratorAccount { state: self.state.as_str() });
        }
        self.must_be_active("deactivated")?;
        let Obligations { has_contracts, has_money } = obligations;
        if has_contracts {
            return Err(IdentityError::ContractsRunning { state: self.state.as_str() });
        }
        if has_money {
            return Err(IdentityError::MoneyLeft { state: self.state.as_str() });
        }
        self.state = AccountState::Deactivated { since: now };
        self.updated_at = now;
        Ok(IdentityEvent::Deactivated { user_id: self.id })
    }

    fn must_be_active(&self, command: &'static str) -> Result<(), IdentityError> {
        match self.state {
            AccountState::Active => Ok(()),
            AccountState::Blocked { .. } | AccountState::Deactivated { .. } => Err(self.invalid(command)),
        }
    }

    const fn invalid(&self, command: &'static str) -> IdentityError {
        IdentityError::InvalidTransition { command, state: self.state.as_str() }
    }
}

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
    use crate::ids::SessionId;

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

    fn admin(id: u128) -> Actor {
        Actor {
            user_id: UserId::new(Uuid::from_u128(id)),
            session_id: SessionId::new(Uuid::nil()),
            role: Role::Admin,
        }
    }

    fn in_state(state: &str) -> User {
        let mut user = user(Role::Writer);
        user.state = match state {
            "active" => AccountState::Active,
            "blocked" => AccountState::Blocked { reason: "spam".into(), since: now() },
            _ => AccountState::Deactivated { since: now() },
        };
        user
    }

    /// The table of the module's documentation, every cell of it.
    #[test]
    fn every_command_in_every_state() {
        let reason = BlockReason::parse("spam").unwrap();
        let table = [
            ("active", "blocked", Some("blocked")),
            ("active", "unblocked", None),
            ("active", "deactivated", Some("deactivated")),
            ("blocked", "blocked", None),
            ("blocked", "unblocked", Some("active")),
            ("blocked", "deactivated", None),
            ("deactivated", "blocked", None),
            ("deactivated", "unblocked", None),
            ("deactivated", "deactivated", None),
        ];
        for (from, command, to) in table {
            let mut user = in_state(from);
            let before = user.clone();
            let result = match command {
                "blocked" => user.block(&reason, &admin(9), later()),
                "unblocked" => user.unblock(&admin(9), later()),
                _ => user.deactivate(Obligations::default(), later()),
            };
            match to {
                Some(state) => {
                    assert!(result.is_ok(), "{from} {command}");
                    assert_eq!(user.state.as_str(), state, "{from} {command}");
                    assert_eq!(user.updated_at, later());
                }
                None => {
                    let expected =
                        IdentityError::InvalidTransition { command: leak(command), state: leak(from) };
                    assert_eq!(result, Err(expected), "{from} {command}");
                    assert_eq!(user, before, "a refused command changes nothing");
                }
            }
        }
    }

    fn leak(word: &str) -> &'static str {
        Box::leak(word.to_owned().into_boxed_str())
    }

    #[test]
    fn administrators_do_not_lock_themselves_out() {
        let mut user = user(Role::Admin);
        let reason = BlockReason::parse("oops").unwrap();
        assert_eq!(
            user.block(&reason, &admin(1), later()),
            Err(IdentityError::OwnAdministratorAccount { state: "active" })
        );
        assert_eq!(
            user.deactivate(Obligations::default(), later()),
            Err(IdentityError::OwnAdministratorAccount { state: "active" })
        );
        assert!(user.block(&reason, &admin(2), later()).is_ok(), "another administrator may");
    }

    #[test]
    fn nobody_leaves_money_behind() {
        let (mut user, before) = (user(Role::Client), user(Role::Client));
        let nothing = Obligations::default();
        let refused = user.deactivate(Obligations { has_contracts: true, has_money: true }, later());
        assert_eq!(refused, Err(IdentityError::ContractsRunning { state: "active" }));
        let refused = user.deactivate(Obligations { has_money: true, ..nothing }, later());
        assert_eq!(refused, Err(IdentityError::MoneyLeft { state: "active" }));
        assert_eq!(user, before);
    }

    #[test]
    fn only_the_active_may_enter() {
        assert_eq!(in_state("active").may_enter(), Ok(()));
        assert_eq!(in_state("blocked").may_enter(), Err(IdentityError::Blocked));
        assert_eq!(in_state("deactivated").may_enter(), Err(IdentityError::Deactivated));
    }

    #[test]
    fn a_patch_with_the_present_values_changes_nothing() {
        let mut user = user(Role::Client);
        let patch = IdentityPatch {
            full_name: Some(FullName::parse("Ada Lovelace").unwrap()),
            email: Some(EmailAddress::parse("ada@example.com").unwrap()),
            phone: Some(None),
        };
        assert_eq!(user.change_identity(patch, later()), None);
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
        let event = user.change_identity(patch, later());
        assert_eq!(event, Some(IdentityEvent::IdentityChanged { user_id: user.id, email_changed: true }));
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
        let event = user.change_identity(patch, later());
        assert_eq!(event, Some(IdentityEvent::IdentityChanged { user_id: user.id, email_changed: false }));
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
