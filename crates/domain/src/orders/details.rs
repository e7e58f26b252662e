//! What the client wants, as posted; and changes of it.

use chrono::{DateTime, Utc};
use thiserror::Error;

use super::{MilestonePlan, OrderError};
use crate::money::{Money, MoneyError};
use crate::text::{Lines, text_type};

text_type!(
    /// What an order is called.
    Title,
    200,
    Lines::Single
);
text_type!(
    /// Its field: "Environmental Science".
    Subject,
    200,
    Lines::Single
);
text_type!(
    /// Its kind: "Research Paper". Any word: the source knows no closed list.
    OrderType,
    200,
    Lines::Single
);
text_type!(
    /// What is to be done.
    Description,
    20_000,
    Lines::Multiple
);
text_type!(
    /// What is expected of whoever does it, in one text.
    RequirementsText,
    20_000,
    Lines::Multiple
);
text_type!(
    /// One line of the list of what is expected.
    Requirement,
    2_000,
    Lines::Multiple
);
text_type!(
    /// A format, a citation style or a language.
    SpecificationWord,
    200,
    Lines::Single
);
text_type!(
    /// What else is to be said about the form.
    SpecificationNotes,
    10_000,
    Lines::Multiple
);

/// The most lines of requirements that an order has.
pub const MAX_REQUIREMENTS: usize = 100;

/// A field as it is compared: without regard to case, in every locale.
#[must_use]
pub fn subject_key(subject: &str) -> String {
    subject.to_lowercase()
}

/// How many pages are wanted: 1 to 10,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pages(i32);

/// Why a number of pages was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must be between 1 and 10000")]
pub struct PagesError;

impl Pages {
    /// Checks a number.
    ///
    /// # Errors
    /// [`PagesError`] outside 1 to 10,000.
    pub const fn new(pages: i32) -> Result<Self, PagesError> {
        match pages {
            1..=10_000 => Ok(Self(pages)),
            _ => Err(PagesError),
        }
    }

    /// The bare number.
    #[must_use]
    pub const fn get(self) -> i32 {
        self.0
    }
}

/// In which form it is wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Specifications {
    /// File format: "PDF".
    pub format: Option<SpecificationWord>,
    /// "APA".
    pub citation_style: Option<SpecificationWord>,
    /// "English (US)".
    pub language: Option<SpecificationWord>,
    /// What else is to be said.
    pub additional_notes: Option<SpecificationNotes>,
}

/// What the client wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderDetails {
    /// What it is called.
    pub title: Title,
    /// Its field.
    pub subject: Subject,
    /// Its kind (`type` on the wire).
    pub order_type: OrderType,
    /// How many pages.
    pub pages: Option<Pages>,
    /// By when.
    pub deadline: DateTime<Utc>,
    /// For about how much; a bid may be above it.
    pub budget: Money,
    /// What is to be done.
    pub description: Description,
    /// What is expected, in one text.
    pub requirements: Option<RequirementsText>,
    /// What is expected, as a list.
    pub detailed_requirements: Vec<Requirement>,
    /// In which form.
    pub specifications: Option<Specifications>,
    /// In which steps.
    pub milestones: MilestonePlan,
}

/// What the client wants changed. `None` leaves a field as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OrderPatch {
    /// A new name.
    pub title: Option<Title>,
    /// A new field.
    pub subject: Option<Subject>,
    /// A new kind.
    pub order_type: Option<OrderType>,
    /// A new number of pages, or `Some(None)` for none.
    pub pages: Option<Option<Pages>>,
    /// A new deadline.
    pub deadline: Option<DateTime<Utc>>,
    /// A new budget.
    pub budget: Option<Money>,
    /// A new description.
    pub description: Option<Description>,
    /// A new text, or `Some(None)` for none.
    pub requirements: Option<Option<RequirementsText>>,
    /// A new list.
    pub detailed_requirements: Option<Vec<Requirement>>,
    /// A new form, or `Some(None)` for none.
    pub specifications: Option<Option<Specifications>>,
    /// New steps.
    pub milestones: Option<MilestonePlan>,
}

impl OrderDetails {
    /// Checks what is posted against the time.
    pub(super) fn check(&self, now: DateTime<Utc>) -> Result<(), OrderError> {
        self.check_amounts()?;
        if self.deadline <= now {
            return Err(OrderError::DeadlineNotInFuture);
        }
        self.check_plan(Some(now))
    }

    /// Checks what is posted against what was: only what is new must lie in the future.
    pub(super) fn check_change(&self, before: &Self, now: DateTime<Utc>) -> Result<(), OrderError> {
        self.check_amounts()?;
        if self.deadline != before.deadline && self.deadline <= now {
            return Err(OrderError::DeadlineNotInFuture);
        }
        self.check_plan((self.milestones != before.milestones).then_some(now))
    }

    fn check_plan(&self, not_before: Option<DateTime<Utc>>) -> Result<(), OrderError> {
        if let Some(index) = not_before.and_then(|now| self.milestones.due_by_now(now)) {
            return Err(OrderError::MilestoneDueInPast { index });
        }
        match self.milestones.due_after(self.deadline) {
            Some(index) => Err(OrderError::MilestoneDueAfterDeadline { index }),
            None => Ok(()),
        }
    }

    /// A budget is something, and the plan is reckoned in its currency; [`MilestonePlan::new`] has seen to
    /// it that no step is for nothing.
    fn check_amounts(&self) -> Result<(), OrderError> {
        self.budget.must_be_positive().map_err(OrderError::Budget)?;
        let left = self.budget.currency();
        match self.milestones.foreign_currency(left) {
            Some(right) => Err(MoneyError::CurrencyMismatch { left, right }.into()),
            None => Ok(()),
        }
    }

    /// Whether a bidder would have to think again: everything matters but the milestones.
    pub(super) fn differs_materially_from(&self, other: &Self) -> bool {
        let alike = Self { milestones: other.milestones.clone(), ..self.clone() };
        alike != *other
    }

    pub(super) fn patched(&self, patch: OrderPatch) -> Self {
        let OrderPatch {
            title,
            subject,
            order_type,
            pages,
            deadline,
            budget,
            description,
            requirements,
            detailed_requirements,
            specifications,
            milestones,
        } = patch;
        let now = self.clone();
        Self {
            title: title.unwrap_or(now.title),
            subject: subject.unwrap_or(now.subject),
            order_type: order_type.unwrap_or(now.order_type),
            pages: pages.unwrap_or(now.pages),
            deadline: deadline.unwrap_or(now.deadline),
            budget: budget.unwrap_or(now.budget),
            description: description.unwrap_or(now.description),
            requirements: requirements.unwrap_or(now.requirements),
            detailed_requirements: detailed_requirements.unwrap_or(now.detailed_requirements),
            specifications: specifications.unwrap_or(now.specifications),
            milestones: milestones.unwrap_or(now.milestones),
        }
    }
}
