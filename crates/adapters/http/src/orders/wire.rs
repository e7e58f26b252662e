//! Orders as they go over the wire. Shapes and words are those of the source document
//! (`writer-platform-api.md`, section 2) where it has them.

use domain::orders::{self, Invitation};
use ports::orders::{BonusView, MilestoneView, OrderCard, OrderDetail, OrderFileView};
use ports::profiles::PersonView;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::attached::{OrderFile, Submission};
use super::words::{MilestoneStateWord, MilestoneStatusWord, OrderStatusWord};
use crate::wire::{Amount, Timestamp, rating};

/// One order.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderData {
    order: Order,
}

impl From<&OrderDetail> for OrderData {
    fn from(detail: &OrderDetail) -> Self {
        Self { order: detail.into() }
    }
}

/// An order in full.
#[derive(Serialize, ToSchema)]
pub(crate) struct Order {
    #[schema(example = "ORD-001")]
    id: String,
    #[schema(example = "Research Paper on Climate Change")]
    title: String,
    #[schema(example = "Environmental Science")]
    subject: String,
    #[schema(example = "Research Paper")]
    r#type: String,
    /// Null if nobody said.
    #[schema(required = true, example = 8)]
    pages: Option<i32>,
    deadline: Timestamp,
    /// For about how much; bids may be above it.
    budget: Amount,
    /// The price; null until the award.
    #[schema(required = true)]
    accepted_bid: Option<Amount>,
    #[schema(value_type = OrderStatusWord, example = "active")]
    status: &'static str,
    /// In per cent, by the provider's own word.
    #[schema(minimum = 0, maximum = 100, example = 65)]
    progress: i16,
    description: String,
    client: OrderClient,
    /// Who does it; null until the award.
    #[schema(required = true)]
    provider: Option<ProviderRow>,
    /// What is expected, as a list.
    requirements: Vec<String>,
    /// What is expected, in one text; empty if there is none.
    requirements_text: String,
    specifications: Specifications,
    /// In the order of their numbers. Before the award, the plan.
    milestones: Vec<Milestone>,
    /// Its files, those that were handed in included, in the order in which they came.
    files: Vec<OrderFile>,
    /// What the client gave beyond the price, the first one first.
    bonuses: Vec<Bonus>,
    /// How many bids are open or unconfirmed.
    bids_count: i64,
    /// Raised by each change that matters to bidders.
    #[schema(example = 1)]
    revision: i64,
    created_at: Timestamp,
    /// When it was paid for; null until then.
    #[schema(required = true)]
    started_at: Option<Timestamp>,
    /// When it was completed; null until then.
    #[schema(required = true)]
    completed_at: Option<Timestamp>,
    /// When it was called off; null unless it was.
    #[schema(required = true)]
    cancelled_at: Option<Timestamp>,
    updated_at: Timestamp,
}

/// Who posted an order.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderClient {
    id: Uuid,
    /// The full name.
    #[schema(example = "John Doe")]
    name: String,
    /// Only for the provider who holds the order; null for everybody else.
    #[schema(required = true, format = "email", example = "john@example.com")]
    email: Option<String>,
    /// Mean of the reviews to two decimals; null before the first.
    #[schema(required = true, example = 4.8)]
    rating: Option<f64>,
}

/// Who does an order.
#[derive(Serialize, ToSchema)]
#[schema(as = OrderProvider)]
pub(crate) struct ProviderRow {
    id: Uuid,
    /// The full name.
    #[schema(example = "Sarah Johnson")]
    name: String,
    /// Where their picture is; null if there is none.
    #[schema(required = true)]
    avatar_url: Option<String>,
    /// Mean of the reviews to two decimals; null before the first.
    #[schema(required = true, example = 4.9)]
    rating: Option<f64>,
}

/// In which form the work is wanted; what nobody said is empty.
#[derive(Serialize, ToSchema)]
pub(crate) struct Specifications {
    #[schema(example = "PDF")]
    format: String,
    #[schema(example = "APA")]
    citation_style: String,
    #[schema(example = "English (US)")]
    language: String,
    additional_notes: String,
}

/// One step of an order.
#[derive(Serialize, ToSchema)]
pub(crate) struct Milestone {
    /// Its number within the order.
    #[schema(minimum = 1, example = 3)]
    id: i32,
    #[schema(example = "Revisions")]
    title: String,
    #[schema(value_type = MilestoneStatusWord, example = "in-progress")]
    status: &'static str,
    #[schema(value_type = MilestoneStateWord, example = "in_progress")]
    state: &'static str,
    due_date: Timestamp,
    /// When it was settled; null until then.
    #[schema(required = true)]
    completed_at: Option<Timestamp>,
    /// Its share of the price; before the award its weight, or null if it has none.
    #[schema(required = true)]
    amount: Option<Amount>,
    /// When it was last handed in; null until then.
    #[schema(required = true)]
    submitted_at: Option<Timestamp>,
    /// What the client wants done again; null unless they do.
    #[schema(required = true)]
    changes_message: Option<String>,
    /// When its money is released by itself; null unless the client is to look at it.
    #[schema(required = true)]
    auto_release_at: Option<Timestamp>,
    /// Until when what was released of its money rests before the provider may use it; null if it does not
    /// have to.
    #[schema(required = true)]
    clears_at: Option<Timestamp>,
    /// When that time was over; null until then.
    #[schema(required = true)]
    cleared_at: Option<Timestamp>,
    /// What of its money came back to the client; null if nothing did.
    #[schema(required = true)]
    refunded_amount: Option<Amount>,
    /// Each time that it was handed in, the first one first.
    submissions: Vec<Submission>,
}

/// What the client gave beyond the price.
#[derive(Serialize, ToSchema)]
pub(crate) struct Bonus {
    id: Uuid,
    /// What left the client's wallet; the provider got it less their fee.
    amount: Amount,
    /// What the client said with it; null if nothing.
    #[schema(required = true, example = "Thank you for the quick turnaround!")]
    message: Option<String>,
    created_at: Timestamp,
}

impl From<&BonusView> for Bonus {
    fn from(bonus: &BonusView) -> Self {
        let BonusView { id, amount, message, given_at } = bonus;
        Self {
            id: id.uuid(),
            amount: Amount(*amount),
            message: message.clone(),
            created_at: Timestamp(*given_at),
        }
    }
}

impl OrderClient {
    fn new(person: &PersonView, email: Option<&String>) -> Self {
        let PersonView { id, name, avatar_url: _, figures } = person;
        Self { id: id.uuid(), name: name.clone(), email: email.cloned(), rating: rating(figures) }
    }
}

impl From<&PersonView> for ProviderRow {
    fn from(person: &PersonView) -> Self {
        let PersonView { id, name, avatar_url, figures } = person;
        Self { id: id.uuid(), name: name.clone(), avatar_url: avatar_url.clone(), rating: rating(figures) }
    }
}

impl From<Option<&orders::Specifications>> for Specifications {
    fn from(specifications: Option<&orders::Specifications>) -> Self {
        let specifications = specifications.cloned().unwrap_or_default();
        let orders::Specifications { format, citation_style, language, additional_notes } = specifications;
        let word = |word: Option<orders::SpecificationWord>| {
            word.map(|word| word.as_str().to_owned()).unwrap_or_default()
        };
        Self {
            format: word(format),
            citation_style: word(citation_style),
            language: word(language),
            additional_notes: additional_notes.map(|notes| notes.as_str().to_owned()).unwrap_or_default(),
        }
    }
}

impl Milestone {
    /// `files` are those of the order.
    fn new(milestone: &MilestoneView, files: &[OrderFileView]) -> Self {
        let MilestoneView {
            number,
            title,
            due_date,
            amount,
            state,
            submitted_at,
            changes_message,
            auto_release_at,
            completed_at,
            clears_at,
            cleared_at,
            refunded_amount,
            submissions,
        } = milestone;
        let submission = |submission| Submission::new(*number, submission, files);
        Self {
            id: number.number(),
            title: title.clone(),
            status: state.status().as_str(),
            state: state.as_str(),
            due_date: Timestamp(*due_date),
            completed_at: completed_at.map(Timestamp),
            amount: amount.map(Amount),
            submitted_at: submitted_at.map(Timestamp),
            changes_message: changes_message.clone(),
            auto_release_at: auto_release_at.map(Timestamp),
            clears_at: clears_at.map(Timestamp),
            cleared_at: cleared_at.map(Timestamp),
            refunded_amount: refunded_amount.map(Amount),
            submissions: submissions.iter().map(submission).collect(),
        }
    }
}

impl From<&OrderDetail> for Order {
    fn from(detail: &OrderDetail) -> Self {
        let OrderDetail {
            card,
            client_email,
            requirements_text,
            requirements,
            specifications,
            milestones,
            files,
            bonuses,
            revision,
            cancelled_at,
            version: _,
        } = detail;
        let OrderCard {
            id,
            title,
            subject,
            order_type,
            pages,
            deadline,
            budget,
            accepted_bid,
            state,
            progress,
            description,
            bids_count,
            client,
            provider,
            created_at,
            started_at,
            completed_at,
            updated_at,
        } = card;
        Self {
            id: id.to_string(),
            title: title.clone(),
            subject: subject.clone(),
            r#type: order_type.clone(),
            pages: *pages,
            deadline: Timestamp(*deadline),
            budget: Amount(*budget),
            accepted_bid: accepted_bid.map(Amount),
            status: state.as_str(),
            progress: progress.percent(),
            description: description.clone(),
            client: OrderClient::new(client, client_email.as_ref()),
            provider: provider.as_ref().map(ProviderRow::from),
            requirements: requirements.clone(),
            requirements_text: requirements_text.clone().unwrap_or_default(),
            specifications: specifications.as_ref().into(),
            milestones: milestones.iter().map(|milestone| Milestone::new(milestone, files)).collect(),
            files: files.iter().map(OrderFile::from).collect(),
            bonuses: bonuses.iter().map(Bonus::from).collect(),
            bids_count: *bids_count,
            revision: *revision,
            created_at: Timestamp(*created_at),
            started_at: started_at.map(Timestamp),
            completed_at: completed_at.map(Timestamp),
            cancelled_at: cancelled_at.map(Timestamp),
            updated_at: Timestamp(*updated_at),
        }
    }
}

/// A client's request that a provider bid.
#[derive(Serialize, ToSchema)]
#[schema(as = Invitation)]
pub(super) struct InvitationRow {
    #[schema(example = "ORD-001")]
    order_id: String,
    /// Who is invited.
    writer_id: Uuid,
    created_at: Timestamp,
    /// When the provider said no; null unless they did.
    #[schema(required = true)]
    declined_at: Option<Timestamp>,
}

/// One invitation.
#[derive(Serialize, ToSchema)]
pub(super) struct InvitationData {
    invitation: InvitationRow,
}

impl From<&Invitation> for InvitationData {
    fn from(invitation: &Invitation) -> Self {
        let Invitation { order_id, provider_id, created_at, declined_at } = invitation;
        let invitation = InvitationRow {
            order_id: order_id.to_string(),
            writer_id: provider_id.uuid(),
            created_at: Timestamp(*created_at),
            declined_at: declined_at.map(Timestamp),
        };
        Self { invitation }
    }
}
