//! The work on a milestone: begin, hand in, ask for changes. No money moves here.

use chrono::{DateTime, Utc};

use super::{
    AUTO_RELEASE_PERIOD, ChangesMessage, Contract, ContractError, ContractEvent, MilestoneCommand,
    Submission, SubmissionMessage,
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

    /// The provider hands a milestone in; the client has [`AUTO_RELEASE_PERIOD`] to answer.
    ///
    /// # Errors
    /// [`ContractError`].
    pub fn submit(
        &mut self,
        number: MilestoneNumber,
        message: Option<SubmissionMessage>,
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
        milestone.auto_release_at = Some(now + AUTO_RELEASE_PERIOD);
        let submission = milestone.submissions;
        self.updated_at = now;
        let handed_in =
            Submission { contract_id, milestone: number, number: submission, message, submitted_at: now };
        Ok((handed_in, ContractEvent::MilestoneSubmitted { contract, milestone: number, submission }))
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
        milestone.auto_release_at = None;
        milestone.changes_message = Some(message);
        self.updated_at = now;
        Ok(ContractEvent::ChangesRequested { contract, milestone: number, message: told })
    }
}
