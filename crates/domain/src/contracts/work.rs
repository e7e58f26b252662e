//! The work on a milestone: begin, hand in, remind the client, ask for changes. No money moves here.

use chrono::{DateTime, Utc};

use super::clocks::next_reminder;
use super::{
    AutoReleasePeriod, ChangesMessage, Contract, ContractError, ContractEvent, MilestoneCommand, Submission,
    SubmissionMessage,
};
use crate::actor::Issuer;
use crate::ids::MilestoneNumber;

impl Contract {
    /// The provider begins a milestone. Beginning one that is in progress changes nothing: then
    /// there is no event and nothing to save.
    ///
    /// # Errors
    /// [`ContractError`].
    pub fn start(
        &mut self,
        number: MilestoneNumber,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Option<ContractEvent>, ContractError> {
        let state = self.next_of(number, MilestoneCommand::Start, by)?;
        let milestone = self.milestone_mut(number)?;
        if milestone.state == state {
            return Ok(None);
        }
        milestone.state = state;
        self.updated_at = now;
        Ok(Some(ContractEvent::MilestoneStarted { contract: self.parties(), milestone: number }))
    }

    /// The provider hands a milestone in; the client has `period` to answer.
    ///
    /// # Errors
    /// [`ContractError`].
    pub fn submit(
        &mut self,
        number: MilestoneNumber,
        message: Option<SubmissionMessage>,
        period: AutoReleasePeriod,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<(Submission, ContractEvent), ContractError> {
        let state = self.next_of(number, MilestoneCommand::Submit, by)?;
        let (contract_id, contract) = (self.id, self.parties());
        let milestone = self.milestone_mut(number)?;
        milestone.state = state;
        // Nobody hands one milestone in two thousand million times.
        milestone.submissions = milestone.submissions.saturating_add(1);
        milestone.submitted_at = Some(now);
        milestone.changes_message = None;
        let releases_at = period.ends(now);
        milestone.auto_release_at = Some(releases_at);
        milestone.remind_at = next_reminder(releases_at, now);
        let submission = milestone.submissions;
        self.updated_at = now;
        let handed_in =
            Submission { contract_id, milestone: number, number: submission, message, submitted_at: now };
        Ok((handed_in, ContractEvent::MilestoneSubmitted { contract, milestone: number, submission }))
    }

    /// Reminds the client that the money of what they have not answered is released by itself soon.
    /// `None` once the time for that has come: then there is nothing to remind of, and nothing to save.
    /// That they were reminded changes nothing that anybody sees of the contract.
    ///
    /// # Errors
    /// [`ContractError`]; [`ContractError::TooEarly`] before a reminder is due, and after the last one.
    pub fn remind(
        &mut self,
        number: MilestoneNumber,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<Option<ContractEvent>, ContractError> {
        let state = self.next_of(number, MilestoneCommand::Remind, by)?;
        let contract = self.parties();
        let milestone = self.milestone_mut(number)?;
        let releases_at = milestone.auto_release_at.ok_or(ContractError::WrongContract)?;
        if now >= releases_at {
            return Ok(None);
        }
        let until = milestone.remind_at.unwrap_or(releases_at);
        if now < until {
            return Err(ContractError::TooEarly { state: milestone.state.as_str(), until });
        }
        milestone.state = state;
        milestone.remind_at = next_reminder(releases_at, now);
        Ok(Some(ContractEvent::ReleaseDue { contract, milestone: number, releases_at }))
    }

    /// The client wants something done again; the clock stops.
    ///
    /// # Errors
    /// [`ContractError`].
    pub fn request_changes(
        &mut self,
        number: MilestoneNumber,
        message: ChangesMessage,
        by: Issuer,
        now: DateTime<Utc>,
    ) -> Result<ContractEvent, ContractError> {
        let state = self.next_of(number, MilestoneCommand::RequestChanges, by)?;
        let contract = self.parties();
        let milestone = self.milestone_mut(number)?;
        let told = message.as_str().to_owned();
        milestone.state = state;
        milestone.stop_clock();
        milestone.changes_message = Some(message);
        self.updated_at = now;
        Ok(ContractEvent::ChangesRequested { contract, milestone: number, message: told })
    }
}
