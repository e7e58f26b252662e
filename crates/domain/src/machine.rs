//! State machines as tables: the code runs from them, a test walks through them, and
//! `GET /meta/state-machines` shows them.
//!
//! A row says from where, on which command, by whom, one gets where. What is not in a table is
//! refused: the command by a party that may never issue it with [`Refusal::NotPermitted`], in a
//! state that does not take it with [`Refusal::State`]. Guards and effects stand in a row as text;
//! the method that asks the table carries them out.
//!
//! Deliberately absent: targets that depend on anything. Where one command can lead to two states,
//! it is two steps (an award that the wallet covers is `accept`, then `fund`) or two commands.

use thiserror::Error;

use crate::actor::Party;

/// A state or a command, as a word.
pub trait Word: Copy + Eq + 'static {
    /// The stable snake_case word.
    fn word(self) -> &'static str;
}

/// One way through a machine.
#[derive(Clone, Copy, Debug)]
pub struct Row<S: 'static, C: 'static> {
    /// `None` where the object comes into being.
    pub from: Option<S>,
    /// What is asked.
    pub command: C,
    /// Who may ask it.
    pub who: &'static [Party],
    /// What else must be so; empty where nothing.
    pub guard: &'static str,
    /// The state afterwards.
    pub to: S,
    /// Facts and movements of money that go with it.
    pub effect: &'static str,
}

/// A refusal with a sharper reason than `invalid_transition`.
#[derive(Clone, Copy, Debug)]
pub struct SharpRefusal<S: 'static, C: 'static> {
    /// In this state
    pub state: S,
    /// this command is refused
    pub command: C,
    /// with this `details.reason`
    pub reason: &'static str,
    /// and these words for the person.
    pub message: &'static str,
}

/// A machine: all its ways, and the refusals that have a name of their own.
#[derive(Clone, Copy, Debug)]
pub struct Machine<S: 'static, C: 'static> {
    /// What kind of thing has these states: `order`, `bid` …
    pub object: &'static str,
    /// Every state there is.
    pub states: &'static [S],
    /// Every command there is.
    pub commands: &'static [C],
    /// Every way there is.
    pub rows: &'static [Row<S, C>],
    /// Every named refusal there is.
    pub refusals: &'static [SharpRefusal<S, C>],
}

/// A command that was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// Whoever asks is a stranger to the object: for them it does not exist (404).
    #[error("not a party to this {object}")]
    NotParty {
        /// What kind of thing it is.
        object: &'static str,
    },
    /// No table lets this party issue this command, whatever the state (403).
    #[error("this account may not {command} the {object}")]
    NotPermitted {
        /// What kind of thing it is.
        object: &'static str,
        /// What was asked.
        command: &'static str,
    },
    /// The present state does not take the command (409).
    #[error("{message}")]
    State {
        /// What kind of thing it is.
        object: &'static str,
        /// What was asked.
        command: &'static str,
        /// Its present state, for `details.state`.
        state: &'static str,
        /// For `details.reason`.
        reason: &'static str,
        /// For the person.
        message: &'static str,
    },
}

/// What a 409 carries in its `details`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// Stable snake_case word.
    pub reason: &'static str,
    /// The object's present state.
    pub state: &'static str,
}

/// The reason where a table says no more.
pub const INVALID_TRANSITION: &str = "invalid_transition";
const NOT_IN_THIS_STATE: &str = "this is not possible in the present state";

impl Refusal {
    /// Reason and state, if it is a conflict.
    #[must_use]
    pub const fn conflict(&self) -> Option<Conflict> {
        match self {
            Self::State { state, reason, .. } => Some(Conflict { reason, state }),
            Self::NotParty { .. } | Self::NotPermitted { .. } => None,
        }
    }
}

impl<S: Word, C: Word> Machine<S, C> {
    /// Where `command` leads from `from` when `by` issues it.
    ///
    /// # Errors
    /// [`Refusal`]: a stranger, then a party that may never do this, then a state that does not
    /// take it.
    pub fn next(&self, from: S, command: C, by: Option<Party>) -> Result<S, Refusal> {
        let party = by.ok_or(Refusal::NotParty { object: self.object })?;
        self.permit(command, party)?;
        self.rows
            .iter()
            .find(|row| row.from == Some(from) && row.command == command && row.who.contains(&party))
            .map(|row| row.to)
            .ok_or_else(|| self.refuse(from, command))
    }

    /// In which state an object comes into being when `by` issues `command`.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`].
    pub fn begin(&self, command: C, by: Party) -> Result<S, Refusal> {
        self.rows
            .iter()
            .find(|row| row.from.is_none() && row.command == command && row.who.contains(&by))
            .map(|row| row.to)
            .ok_or(Refusal::NotPermitted { object: self.object, command: command.word() })
    }

    /// Whether the table lets this party issue this command in any state.
    ///
    /// # Errors
    /// [`Refusal::NotPermitted`] if not.
    pub fn permit(&self, command: C, by: Party) -> Result<(), Refusal> {
        let permitted = self.rows.iter().any(|row| row.command == command && row.who.contains(&by));
        if permitted {
            Ok(())
        } else {
            Err(Refusal::NotPermitted { object: self.object, command: command.word() })
        }
    }

    /// The refusal of a command that this state does not take.
    #[must_use]
    pub fn refuse(&self, state: S, command: C) -> Refusal {
        let sharp = self.refusals.iter().find(|row| row.state == state && row.command == command);
        let (reason, message) =
            sharp.map_or((INVALID_TRANSITION, NOT_IN_THIS_STATE), |row| (row.reason, row.message));
        Refusal::State { object: self.object, command: command.word(), state: state.word(), reason, message }
    }

    /// The refusal of a command on an object that is not there yet, because of the state of the one that
    /// it is to come from.
    #[must_use]
    pub fn refuse_before<W: Word>(&self, state: W, command: C) -> Refusal {
        Refusal::State {
            object: self.object,
            command: command.word(),
            state: state.word(),
            reason: INVALID_TRANSITION,
            message: NOT_IN_THIS_STATE,
        }
    }

    /// The machine in words alone.
    #[must_use]
    pub fn table(&self) -> Table {
        Table {
            object: self.object,
            states: self.states.iter().map(|state| state.word()).collect(),
            rows: self
                .rows
                .iter()
                .map(|row| TableRow {
                    from: row.from.map(Word::word),
                    command: row.command.word(),
                    who: row.who.iter().map(|party| party.as_str()).collect(),
                    guard: row.guard,
                    to: row.to.word(),
                    effect: row.effect,
                })
                .collect(),
            refusals: self
                .refusals
                .iter()
                .map(|row| TableRefusal {
                    state: row.state.word(),
                    command: row.command.word(),
                    reason: row.reason,
                })
                .collect(),
        }
    }
}

/// A machine in words alone, for showing it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What kind of thing has these states.
    pub object: &'static str,
    /// Every state there is.
    pub states: Vec<&'static str>,
    /// Every way there is.
    pub rows: Vec<TableRow>,
    /// Every refusal with a reason other than `invalid_transition`.
    pub refusals: Vec<TableRefusal>,
}

/// See [`Row`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRow {
    /// `None` where the object comes into being.
    pub from: Option<&'static str>,
    /// What is asked.
    pub command: &'static str,
    /// Who may ask it.
    pub who: Vec<&'static str>,
    /// What else must be so.
    pub guard: &'static str,
    /// The state afterwards.
    pub to: &'static str,
    /// What goes with it.
    pub effect: &'static str,
}

/// See [`SharpRefusal`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableRefusal {
    /// In this state
    pub state: &'static str,
    /// this command is refused
    pub command: &'static str,
    /// for this reason.
    pub reason: &'static str,
}

/// Every machine of the marketplace, as the program runs it (`GET /meta/state-machines`). Background work
/// has one as well ([`crate::jobs::JOB_MACHINE`]); it is no part of the marketplace.
#[must_use]
pub fn tables() -> Vec<Table> {
    vec![
        crate::identity::ACCOUNT_MACHINE.table(),
        crate::orders::ORDER_MACHINE.table(),
        crate::bidding::BID_MACHINE.table(),
        crate::contracts::CONTRACT_MACHINE.table(),
        crate::contracts::MILESTONE_MACHINE.table(),
        crate::contracts::PROPOSAL_MACHINE.table(),
        crate::disputes::DISPUTE_MACHINE.table(),
        crate::money::DEPOSIT_MACHINE.table(),
        crate::money::WITHDRAWAL_MACHINE.table(),
        crate::audit::PAYOUT_HOLD_MACHINE.table(),
        crate::money::CHARGEBACK_MACHINE.table(),
    ]
}

/// Defines an enum whose variants are words: `ALL`, `as_str`, `from_word` and [`Word`].
macro_rules! word_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $name {
            /// Every one there is.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in storage and on the wire.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// The one with exactly this word.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|candidate| candidate.as_str() == word)
            }
        }

        impl $crate::machine::Word for $name {
            fn word(self) -> &'static str {
                self.as_str()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use word_enum;

#[cfg(test)]
pub(crate) mod walk {
    //! Walking through a whole table, for the tests of the contexts.

    use super::*;

    /// What became of a command, in the shortest form: the new state's word, `-` for a state that
    /// does not take it, `!` for a party that may never issue it, or the sharper reason.
    pub(crate) fn outcome<E>(
        result: Result<&'static str, E>,
        refusal: impl Fn(&E) -> Refusal,
    ) -> &'static str {
        match result {
            Ok(state) => state,
            Err(error) => match refusal(&error) {
                Refusal::State { reason: INVALID_TRANSITION, .. } => "-",
                Refusal::State { reason, .. } => reason,
                Refusal::NotPermitted { .. } => "!",
                Refusal::NotParty { .. } => "?",
            },
        }
    }

    /// Issues every command in every state as every party and compares with `expected`: lines of
    /// `command party: outcome in the first state, in the second …`; a party that is not listed
    /// must be told `!` everywhere.
    pub(crate) fn all<S: Word, C: Word>(
        machine: &Machine<S, C>,
        parties: &[Party],
        expected: &[(&str, Party, &str)],
        mut issue: impl FnMut(S, C, Party) -> &'static str,
    ) {
        for (command, party, _) in expected {
            assert!(machine.commands.iter().any(|c| c.word() == *command), "no such command: {command}");
            assert!(parties.contains(party), "{command}: {party:?} is not walked");
        }
        for command in machine.commands {
            for party in parties {
                let line = expected.iter().find(|(word, who, _)| *word == command.word() && who == party);
                let outcomes: Vec<&str> = line.map_or_else(
                    || vec!["!"; machine.states.len()],
                    |(_, _, outcomes)| outcomes.split_whitespace().collect(),
                );
                assert_eq!(outcomes.len(), machine.states.len(), "{} {party:?}", command.word());
                for (state, outcome) in machine.states.iter().zip(outcomes) {
                    let got = issue(*state, *command, *party);
                    assert_eq!(got, outcome, "{} {} by {party:?}", state.word(), command.word());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_table_is_sound() {
        for table in tables() {
            let object = table.object;
            assert!(table.rows.iter().any(|row| row.from.is_none()), "{object} comes into being somehow");
            let mut ways = BTreeSet::new();
            for row in &table.rows {
                assert!(!row.who.is_empty(), "{object}: somebody may {}", row.command);
                for who in &row.who {
                    assert!(ways.insert((row.from, row.command, *who)), "{object}: {row:?} is ambiguous");
                }
            }
            for refusal in &table.refusals {
                let taken = table
                    .rows
                    .iter()
                    .any(|row| row.from == Some(refusal.state) && row.command == refusal.command);
                assert!(!taken, "{object}: {refusal:?} contradicts a row");
                assert_ne!(refusal.reason, INVALID_TRANSITION);
            }
            let reached: BTreeSet<_> = table.rows.iter().map(|row| row.to).collect();
            let all: BTreeSet<_> = table.states.iter().copied().collect();
            assert_eq!(reached, all, "{object}: every state can be reached");
        }
    }
    /// Who may do what, as the first page of this crate has it.
    #[test]
    fn the_first_page_says_who_may_do_what() {
        let page = include_str!("lib.rs");
        for table in tables() {
            let of = |party: Party| {
                let mut commands = Vec::new();
                for row in table.rows.iter().filter(|row| row.who.contains(&party.as_str())) {
                    if !commands.contains(&row.command) {
                        commands.push(row.command);
                    }
                }
                if commands.is_empty() { "–".to_owned() } else { commands.join(", ") }
            };
            let people = [Party::Client, Party::Provider, Party::Owner, Party::Admin].map(of).join(" | ");
            let line = format!("//! | {} | {people} |\n", table.object);
            assert!(page.contains(&line), "lib.rs is to say\n{line}");
        }
    }
}
