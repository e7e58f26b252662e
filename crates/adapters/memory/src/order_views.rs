//! Orders as they are shown, made of what is stored of them.

use chrono::{DateTime, Utc};
use domain::bidding::BidState;
use domain::contracts::{Bonus, Milestone, MilestoneState, Submission};
use domain::files::{Attachment, Target};
use domain::ids::{ContractId, MilestoneNumber, OrderId, UserId};
use domain::orders::{
    Availability, Invitation, Order, OrderDetails, Pages, PlannedMilestone, Requirement, urgency,
};
use domain::search::SearchTerms;
use ports::orders::{
    AvailableOrder, BonusView, MilestoneView, OrderCard, OrderDetail, OrderFileView, OrderVersion,
    SubmissionView,
};

use crate::snapshot::Snapshot;

impl Snapshot<'_> {
    /// An order as it is listed.
    pub(crate) fn card(&self, order: &Order) -> Option<OrderCard> {
        let details = &order.details;
        let provider = match order.provider_id() {
            Some(id) => Some(self.person(id)?),
            None => None,
        };
        Some(OrderCard {
            id: order.id,
            title: details.title.as_str().to_owned(),
            subject: details.subject.as_str().to_owned(),
            order_type: details.order_type.as_str().to_owned(),
            pages: details.pages.map(Pages::get),
            deadline: details.deadline,
            budget: details.budget,
            accepted_bid: order.award.map(|award| award.amount),
            state: order.state,
            progress: order.progress,
            description: details.description.as_str().to_owned(),
            bids_count: self.live_bids(order),
            client: self.person(order.client_id)?,
            provider,
            created_at: order.created_at,
            started_at: order.started_at,
            completed_at: order.completed_at,
            updated_at: order.updated_at,
        })
    }

    /// An order in full.
    pub(crate) fn detail(&self, order: &Order) -> Option<OrderDetail> {
        let details = &order.details;
        let contract = self.contract_about(order);
        let milestones = match contract {
            Some(contract) => {
                let milestones = contract.milestones.iter();
                milestones.map(|milestone| self.of_contract(contract.id, milestone)).collect()
            }
            None => {
                let steps = details.milestones.effective(details.deadline);
                MilestoneNumber::all().zip(steps).map(planned).collect()
            }
        };
        Some(OrderDetail {
            card: self.card(order)?,
            client_email: Some(self.user(order.client_id)?.email.as_str().to_owned()),
            requirements_text: requirements_text(details),
            requirements: requirements(details),
            specifications: details.specifications.clone(),
            milestones,
            files: self.files_of_order(order.id),
            bonuses: contract.map(|contract| self.bonuses_of(contract.id)).unwrap_or_default(),
            revision: order.revision,
            cancelled_at: order.cancelled_at,
            version: OrderVersion {
                order: order.version,
                contract: contract.map(|contract| contract.version),
            },
        })
    }

    fn of_contract(&self, contract_id: ContractId, milestone: &Milestone) -> MilestoneView {
        let refunded_amount = milestone.refunded_amount();
        let Milestone {
            number,
            title,
            due_date,
            amount,
            state,
            submissions: _,
            submitted_at,
            changes_message,
            auto_release_at,
            remind_at: _,
            completed_at,
            released: _,
            clears_at,
            cleared_at,
            refunded: _,
            returned: _,
            dispute: _,
        } = milestone;
        MilestoneView {
            number: *number,
            title: title.as_str().to_owned(),
            due_date: *due_date,
            amount: Some(*amount),
            state: *state,
            submitted_at: *submitted_at,
            changes_message: changes_message.as_ref().map(|message| message.as_str().to_owned()),
            auto_release_at: *auto_release_at,
            completed_at: *completed_at,
            clears_at: *clears_at,
            cleared_at: *cleared_at,
            refunded_amount,
            submissions: self.submissions_of(contract_id, *number),
        }
    }

    fn submissions_of(&self, contract_id: ContractId, number: MilestoneNumber) -> Vec<SubmissionView> {
        let submissions = self.all(|rows| &rows.submissions).into_values();
        let of_milestone = submissions
            .filter(|handed_in| handed_in.contract_id == contract_id && handed_in.milestone == number);
        let view = |submission: &Submission| SubmissionView {
            number: submission.number,
            message: submission.message.as_ref().map(|message| message.as_str().to_owned()),
            submitted_at: submission.submitted_at,
        };
        of_milestone.map(view).collect()
    }

    fn bonuses_of(&self, contract_id: ContractId) -> Vec<BonusView> {
        let bonuses = self.all(|rows| &rows.bonuses).into_values();
        let mut given: Vec<_> = bonuses.filter(|bonus| bonus.contract_id == contract_id).collect();
        given.sort_by_key(|bonus| (bonus.given_at, bonus.id));
        let view = |bonus: &Bonus| BonusView {
            id: bonus.id,
            amount: bonus.amount,
            message: bonus.message.as_ref().map(|message| message.as_str().to_owned()),
            given_at: bonus.given_at,
        };
        given.into_iter().map(view).collect()
    }

    fn files_of_order(&self, order_id: OrderId) -> Vec<OrderFileView> {
        let view = |attachment: &Attachment| {
            let file = self.file(attachment.file_id)?;
            let Target::Order { submission, .. } = attachment.target else { return None };
            let submission = submission.map(|handed_in| (handed_in.milestone, handed_in.number));
            Some(OrderFileView {
                id: file.id,
                name: file.name.clone(),
                size: file.size,
                media_type: file.media_type,
                uploaded_at: file.created_at,
                uploaded_by: self.user(file.owner_id)?.role,
                submission,
                download_url: None,
            })
        };
        self.attached_to(order_id).into_iter().filter_map(view).collect()
    }

    /// An order as it is offered to a provider; `None` where it is not.
    pub(crate) fn available(
        &self,
        order: &Order,
        provider_id: UserId,
        now: DateTime<Utc>,
    ) -> Option<AvailableOrder> {
        let invitation = self.find(|rows| rows.invitations.get(&(order.id, provider_id)));
        let details = &order.details;
        let hinders = |state| BidState::HINDERING.contains(&state);
        let availability = Availability {
            state: order.state,
            deadline: details.deadline,
            has_bid: self.bids_on(order.id).any(|bid| bid.provider_id == provider_id && hinders(bid.state)),
            has_declined_invitation: invitation.is_some_and(is_declined),
        };
        if !availability.is_available(now) {
            return None;
        }
        Some(AvailableOrder {
            id: order.id,
            title: details.title.as_str().to_owned(),
            subject: details.subject.as_str().to_owned(),
            order_type: details.order_type.as_str().to_owned(),
            pages: details.pages.map(Pages::get),
            deadline: details.deadline,
            budget: details.budget,
            description: details.description.as_str().to_owned(),
            requirements_text: requirements_text(details),
            requirements: requirements(details),
            specifications: details.specifications.clone(),
            is_invited: invitation.is_some(),
            urgency: urgency(details.deadline, now),
            bids_count: self.live_bids(order),
            client: self.person(order.client_id)?,
            posted_at: order.created_at,
        })
    }

    fn live_bids(&self, order: &Order) -> i64 {
        let live = self.bids_on(order.id).filter(|bid| bid.state.is_live()).count();
        i64::try_from(live).unwrap_or(i64::MAX)
    }
}

/// Whether a search finds an order; no search finds all.
pub(crate) fn is_found(order: &Order, search: Option<&SearchTerms>) -> bool {
    let Some(terms) = search else { return true };
    terms.match_words(&order.searched_words())
}

const fn is_declined(invitation: &Invitation) -> bool {
    invitation.declined_at.is_some()
}

fn requirements_text(details: &OrderDetails) -> Option<String> {
    details.requirements.as_ref().map(|text| text.as_str().to_owned())
}

fn requirements(details: &OrderDetails) -> Vec<String> {
    let lines = details.detailed_requirements.iter().map(Requirement::as_str);
    lines.map(str::to_owned).collect()
}

fn planned((number, step): (MilestoneNumber, PlannedMilestone)) -> MilestoneView {
    let PlannedMilestone { title, due_date, amount } = step;
    MilestoneView {
        number,
        title: title.as_str().to_owned(),
        due_date,
        amount,
        state: MilestoneState::PLANNED,
        submitted_at: None,
        changes_message: None,
        auto_release_at: None,
        completed_at: None,
        clears_at: None,
        cleared_at: None,
        refunded_amount: None,
        submissions: Vec::new(),
    }
}
