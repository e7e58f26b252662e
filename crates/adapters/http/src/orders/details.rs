//! What requests say about an order, read into the domain's types: the same for posting and for
//! changing.
//!
//! An optional text that is empty is one that is not there, so that what an order shows can be sent
//! back as it is.

use std::fmt::Display;

use domain::ids::UserId;
use domain::money::{MARKET_CURRENCY, Money, MoneyError};
use domain::orders::{
    MAX_INVITED, MAX_MILESTONES, MAX_REQUIREMENTS, MilestonePlan, MilestoneTitle, Pages, PagesError,
    PlanError, PlannedMilestone, Requirement, RequirementsText, SpecificationNotes, SpecificationWord,
    Specifications,
};
use domain::text::TextError;
use serde::Deserialize;
use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use validator::ValidationErrors;

use crate::extract::{Fields, item};
use crate::wire::{GivenAmount, GivenId, GivenMoment};

/// In which form the work is wanted. What is empty or null counts as left out.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SpecificationsRequest {
    #[schema(max_length = 200, example = "PDF")]
    format: Option<String>,
    #[schema(max_length = 200, example = "APA")]
    citation_style: Option<String>,
    #[schema(max_length = 200, example = "English (US)")]
    language: Option<String>,
    #[schema(max_length = 10_000, example = "Please include charts and graphs for financial projections.")]
    additional_notes: Option<String>,
}

/// For the description: one line of what is expected.
pub(super) struct RequirementLine;

impl PartialSchema for RequirementLine {
    fn schema() -> RefOr<Schema> {
        let line = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
        line.max_length(Some(Requirement::MAX_CHARS))
            .description(Some("One line of what is expected."))
            .into()
    }
}

impl ToSchema for RequirementLine {}

/// One step in which the work is wanted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct MilestoneRequest {
    #[schema(min_length = 1, max_length = 200, example = "Research and Outline")]
    title: String,
    /// In the future, and not after the order's deadline.
    due_date: GivenMoment,
    /// Its weight in the price: either all milestones have one or none has.
    amount: Option<GivenAmount>,
}

/// A text that may be left out: nothing in it is the same.
pub(crate) fn optional<T>(
    given: Option<&String>,
    parse: fn(&str) -> Result<T, TextError>,
) -> Result<Option<T>, TextError> {
    match given.map(|text| parse(text)) {
        None | Some(Err(TextError::Empty)) => Ok(None),
        Some(parsed) => parsed.map(Some),
    }
}

/// A number of pages.
pub(super) fn pages(given: i64) -> Result<Pages, PagesError> {
    i32::try_from(given).map_err(|_| PagesError).and_then(Pages::new)
}

/// What somebody wants to pay about.
pub(super) fn budget(given: &GivenAmount) -> Result<Money, MoneyError> {
    given.to_be_moved(MARKET_CURRENCY)
}

/// What is expected, in one text.
pub(super) fn requirements(given: Option<&String>) -> Result<Option<RequirementsText>, TextError> {
    optional(given, RequirementsText::parse)
}

/// What is expected, as a list.
pub(super) fn detailed_requirements(fields: &mut Fields, given: &[String]) -> Option<Vec<Requirement>> {
    const NAME: &str = "detailed_requirements";
    fields.take(NAME, at_most(MAX_REQUIREMENTS, given))?;
    fields.list(NAME, given, |line| item(Requirement::parse(line)))
}

/// Who is to be asked to bid.
pub(super) fn invited_writers(given: Option<&Vec<GivenId>>) -> Result<Vec<UserId>, impl Display> {
    let given = given.map(Vec::as_slice).unwrap_or_default();
    at_most(MAX_INVITED, given).map(|()| given.iter().map(|id| UserId::new(id.0)).collect())
}

fn at_most<T>(most: usize, given: &[T]) -> Result<(), String> {
    if given.len() > most { Err(format!("must have at most {most} entries")) } else { Ok(()) }
}

/// In which form it is wanted; `None` where nothing is said about it.
pub(super) fn specifications(
    given: &SpecificationsRequest,
) -> Result<Option<Specifications>, ValidationErrors> {
    let SpecificationsRequest { format, citation_style, language, additional_notes } = given;
    let mut fields = Fields::default();
    let format = fields.take("format", optional(format.as_ref(), SpecificationWord::parse));
    let citation_style =
        fields.take("citation_style", optional(citation_style.as_ref(), SpecificationWord::parse));
    let language = fields.take("language", optional(language.as_ref(), SpecificationWord::parse));
    let notes =
        fields.take("additional_notes", optional(additional_notes.as_ref(), SpecificationNotes::parse));
    let specifications = fields.finish(|| {
        Some(Specifications {
            format: format?,
            citation_style: citation_style?,
            language: language?,
            additional_notes: notes?,
        })
    })?;
    Ok((specifications != Specifications::default()).then_some(specifications))
}

/// In which steps it is wanted.
pub(super) fn milestones(fields: &mut Fields, given: &[MilestoneRequest]) -> Option<MilestonePlan> {
    const NAME: &str = "milestones";
    // Looked at before their rules: nobody needs to hear about thousands.
    fields.take(NAME, if given.len() > MAX_MILESTONES { Err(PlanError::TooMany) } else { Ok(()) })?;
    let steps = fields.list(NAME, given, milestone)?;
    match MilestonePlan::new(steps) {
        Ok(plan) => Some(plan),
        Err(fault) => {
            match fault {
                PlanError::TooMany => fields.fault(NAME, fault),
                PlanError::AmountMissing { index } | PlanError::AmountNotPositive { index } => {
                    fields.fault_in(NAME, index, "amount", fault);
                }
            }
            None
        }
    }
}

fn milestone(given: &MilestoneRequest) -> Result<PlannedMilestone, ValidationErrors> {
    let MilestoneRequest { title, due_date, amount } = given;
    let mut fields = Fields::default();
    let title = fields.take("title", MilestoneTitle::parse(title));
    let due_date = fields.take("due_date", due_date.read());
    let amount = fields.take("amount", amount.as_ref().map(budget).transpose());
    fields.finish(|| Some(PlannedMilestone { title: title?, due_date: due_date?, amount: amount? }))
}
