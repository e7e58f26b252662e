//! Background work as administrators see it: how a job stands, and what may be asked of it.
//!
//! The queue itself moves jobs from waiting to running and onwards; those rows of the table are what
//! it does. Administrators have two commands of their own. Deliberately absent: what kinds of work
//! there are (`ports::jobs`), and a state for work that is done: it leaves the queue.

use crate::actor::{Actor, Issuer, Party};
use crate::identity::Role;
use crate::identity::policy::Forbidden;
use crate::machine::{Machine, Refusal, Row, word_enum};

word_enum!(
    /// How a job stands.
    JobState {
        /// Not begun.
        Waiting = "waiting",
        /// A worker is at it.
        Running = "running",
        /// It failed, and will be tried again at its time.
        Retrying = "retrying",
        /// Nobody will try it again, unless an administrator says so.
        Dead = "dead",
    }
);
word_enum!(
    /// What can happen to a job.
    JobCommand {
        /// It comes into being.
        Enqueue = "enqueue",
        /// A worker takes it.
        Start = "start",
        /// It did not succeed, or its worker died.
        Fail = "fail",
        /// It did not succeed for the last time.
        GiveUp = "give_up",
        /// A worker that stops hands it back unfinished.
        GiveBack = "give_back",
        /// An administrator wants it tried again, now and from the beginning.
        Retry = "retry",
        /// An administrator wants it not to be tried any more.
        Cancel = "cancel",
    }
);

const fn row(
    from: JobState,
    command: JobCommand,
    who: &'static [Party],
    to: JobState,
) -> Row<JobState, JobCommand> {
    Row { from: Some(from), command, who, guard: "", to, effect: "" }
}

/// The states of a job.
pub const JOB_MACHINE: Machine<JobState, JobCommand> = {
    use JobCommand as C;
    use JobState as S;
    const ADMIN: &[Party] = &[Party::Admin];
    const SYSTEM: &[Party] = &[Party::System];
    Machine {
        object: "job",
        states: S::ALL,
        commands: C::ALL,
        rows: &[
            Row { from: None, command: C::Enqueue, who: SYSTEM, guard: "", to: S::Waiting, effect: "" },
            row(S::Waiting, C::Start, SYSTEM, S::Running),
            row(S::Retrying, C::Start, SYSTEM, S::Running),
            row(S::Running, C::Fail, SYSTEM, S::Retrying),
            row(S::Running, C::GiveUp, SYSTEM, S::Dead),
            row(S::Running, C::GiveBack, SYSTEM, S::Waiting),
            row(S::Retrying, C::Retry, ADMIN, S::Waiting),
            row(S::Dead, C::Retry, ADMIN, S::Waiting),
            row(S::Waiting, C::Cancel, ADMIN, S::Dead),
            row(S::Retrying, C::Cancel, ADMIN, S::Dead),
        ],
        refusals: &[],
    }
};

impl JobState {
    /// The state after an administrator's command.
    ///
    /// # Errors
    /// The refusal of the table.
    pub fn after(self, command: JobCommand, by: Issuer) -> Result<Self, Refusal> {
        JOB_MACHINE.next(self, command, Some(by.party_by_role()))
    }
}

/// Seeing jobs, retrying and cancelling them.
///
/// # Errors
/// [`Forbidden`] for all but administrators.
pub fn administer_jobs(actor: &Actor) -> Result<(), Forbidden> {
    if actor.role == Role::Admin { Ok(()) } else { Err(Forbidden) }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::ids::{SessionId, UserId};
    use crate::machine::walk;

    #[test]
    fn the_whole_table() {
        // In the order: waiting, running, retrying, dead.
        let expected = [
            ("start", Party::System, "running - running -"),
            ("fail", Party::System, "- retrying - -"),
            ("give_up", Party::System, "- dead - -"),
            ("give_back", Party::System, "- waiting - -"),
            ("retry", Party::Admin, "- - waiting waiting"),
            ("cancel", Party::Admin, "dead - dead -"),
            ("enqueue", Party::System, "- - - -"),
        ];
        walk::all(&JOB_MACHINE, &Party::ALL, &expected, |state, command, party| {
            walk::outcome(JOB_MACHINE.next(state, command, Some(party)).map(JobState::as_str), |refusal| {
                *refusal
            })
        });
    }

    #[test]
    fn only_administrators_look_after_jobs() {
        for role in Role::ALL {
            let actor =
                Actor { user_id: UserId::new(Uuid::nil()), session_id: SessionId::new(Uuid::nil()), role };
            assert_eq!(administer_jobs(&actor).is_ok(), role == Role::Admin, "{role}");
            let retried = JobState::Dead.after(JobCommand::Retry, Issuer::from(&actor));
            assert_eq!(retried.is_ok(), role == Role::Admin, "{role}");
        }
    }
}
