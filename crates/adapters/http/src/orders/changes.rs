//! What a request for a change of an order says. Each side of the order may set its own fields.

use domain::actor::Party;
use domain::ids::UserId;
use domain::orders::{
    Description, MilestonePlan, OrderField, OrderPatch, OrderType, Progress, ProgressError, Subject, Title,
};
use serde::Deserialize;
use usecases::orders::MilestoneMove;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::details::{self, MilestoneRequest, RequirementLine, SpecificationsRequest};
use super::words::MilestoneMoveWord;
use crate::extract::{Fields, must_be_one_of};
use crate::wire::{GivenAmount, GivenId, GivenMoment, nullable, present};

/// The words for what a provider does with a milestone.
pub(super) const MOVES: [(&str, MilestoneMove); 3] = [
    ("in-progress", MilestoneMove::Start),
    ("in_progress", MilestoneMove::Start),
    ("submitted", MilestoneMove::Submit),
];

/// What is to change; what is not named stays as it is.
///
/// Clients may set all but the last three fields, providers only those.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"progress": 75, "milestone_id": 3, "status": "in-progress"}))]
pub(super) struct UpdateOrderRequest {
    /// What it is called.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    title: Option<String>,
    /// Its field.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    subject: Option<String>,
    /// Its kind, in any words.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 200, nullable = false)]
    r#type: Option<String>,
    /// How many pages; null for nobody says.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(minimum = 1, maximum = 10_000, value_type = Option<i64>)]
    pages: Option<Option<i64>>,
    /// By when; a new one must be in the future.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    deadline: Option<GivenMoment>,
    /// For about how much; bids may be above it.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    budget: Option<GivenAmount>,
    /// What is to be done.
    #[serde(default, deserialize_with = "present")]
    #[schema(min_length = 1, max_length = 20_000, nullable = false)]
    description: Option<String>,
    /// What is expected, in one text; null or empty for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(max_length = 20_000, value_type = Option<String>)]
    requirements: Option<Option<String>>,
    /// What is expected, as a list of lines with 1 to 2000 characters each; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(max_items = 100, value_type = Option<Vec<RequirementLine>>)]
    detailed_requirements: Option<Option<Vec<String>>>,
    /// All of it anew; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(value_type = Option<SpecificationsRequest>)]
    specifications: Option<Option<SpecificationsRequest>>,
    /// All of them anew; null for none.
    #[serde(default, deserialize_with = "nullable")]
    #[schema(max_items = 50, value_type = Option<Vec<MilestoneRequest>>)]
    milestones: Option<Option<Vec<MilestoneRequest>>>,
    /// Further providers who are to be asked to bid.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 100, nullable = false, value_type = Option<Vec<Uuid>>)]
    invited_writers: Option<Vec<GivenId>>,
    /// How far the work is, in per cent.
    #[serde(default, deserialize_with = "present")]
    #[schema(minimum = 0, maximum = 100, nullable = false)]
    progress: Option<i64>,
    /// A milestone that is begun or handed in; goes together with `status`.
    #[serde(default, deserialize_with = "present")]
    #[schema(nullable = false)]
    milestone_id: Option<i64>,
    /// What is done with it; goes together with `milestone_id`.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<MilestoneMoveWord>, nullable = false)]
    status: Option<String>,
}

/// What a client wants changed, and who else is invited.
pub(super) struct Edit {
    pub(super) patch: OrderPatch,
    pub(super) invited: Vec<UserId>,
}

/// What a provider reports. The milestone may be one that no order has.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Report {
    pub(super) progress: Option<Progress>,
    pub(super) milestone: Option<(i64, MilestoneMove)>,
}

impl UpdateOrderRequest {
    /// Whether a field was sent.
    const fn has(&self, field: OrderField) -> bool {
        match field {
            OrderField::Title => self.title.is_some(),
            OrderField::Subject => self.subject.is_some(),
            OrderField::OrderType => self.r#type.is_some(),
            OrderField::Pages => self.pages.is_some(),
            OrderField::Deadline => self.deadline.is_some(),
            OrderField::Budget => self.budget.is_some(),
            OrderField::Description => self.description.is_some(),
            OrderField::Requirements => self.requirements.is_some(),
            OrderField::DetailedRequirements => self.detailed_requirements.is_some(),
            OrderField::Specifications => self.specifications.is_some(),
            OrderField::Milestones => self.milestones.is_some(),
            OrderField::InvitedWriters => self.invited_writers.is_some(),
            OrderField::Progress => self.progress.is_some(),
            OrderField::MilestoneId => self.milestone_id.is_some(),
            OrderField::Status => self.status.is_some(),
        }
    }

    /// The faults of what one side sent: fields of the other side, and fields without those that they
    /// need.
    fn faults(&self, side: Party) -> Fields {
        let mut fields = Fields::default();
        for field in OrderField::ALL.iter().filter(|field| self.has(**field)) {
            if field.side() != side {
                fields.fault(field.as_str(), format!("may not be set by a {}", side.as_str()));
            } else if let Some(other) = field.needs().filter(|other| !self.has(*other)) {
                fields.fault(other.as_str(), format!("is required together with {field}"));
            }
        }
        fields
    }

    /// What it says when a client says it.
    pub(super) fn edit(&self) -> Result<Edit, ValidationErrors> {
        let mut fields = self.faults(Party::Client);
        let title = self.title.as_deref().map(Title::parse).transpose();
        let title = fields.take("title", title);
        let subject = fields.take("subject", self.subject.as_deref().map(Subject::parse).transpose());
        let order_type = fields.take("type", self.r#type.as_deref().map(OrderType::parse).transpose());
        let pages = self.pages.map(|pages| pages.map(details::pages).transpose()).transpose();
        let pages = fields.take("pages", pages);
        let deadline = fields.take("deadline", self.deadline.as_ref().map(GivenMoment::read).transpose());
        let budget = fields.take("budget", self.budget.as_ref().map(details::budget).transpose());
        let description = self.description.as_deref().map(Description::parse).transpose();
        let description = fields.take("description", description);
        let requirements = self.requirements.as_ref().map(|text| details::requirements(text.as_ref()));
        let requirements = fields.take("requirements", requirements.transpose());
        let detailed_requirements = match &self.detailed_requirements {
            None => Some(None),
            Some(lines) => {
                let lines = lines.as_deref().unwrap_or_default();
                details::detailed_requirements(&mut fields, lines).map(Some)
            }
        };
        let specifications = self.specifications.as_ref().map(|given| {
            let read = given.as_ref().map(details::specifications).transpose();
            read.map(Option::flatten)
        });
        let specifications = fields.object("specifications", specifications.transpose());
        let milestones = match &self.milestones {
            None => Some(None),
            Some(None) => Some(Some(MilestonePlan::default())),
            Some(Some(steps)) => details::milestones(&mut fields, steps).map(Some),
        };
        let invited = details::invited_writers(self.invited_writers.as_ref());
        let invited = fields.take("invited_writers", invited);
        fields.finish(|| {
            let patch = OrderPatch {
                title: title?,
                subject: subject?,
                order_type: order_type?,
                pages: pages?,
                deadline: deadline?,
                budget: budget?,
                description: description?,
                requirements: requirements?,
                detailed_requirements: detailed_requirements?,
                specifications: specifications?,
                milestones: milestones?,
            };
            Some(Edit { patch, invited: invited? })
        })
    }

    /// What it says when a provider says it.
    pub(super) fn report(&self) -> Result<Report, ValidationErrors> {
        let mut fields = self.faults(Party::Provider);
        let progress = fields.take("progress", self.progress.map(progress).transpose());
        let milestone = match (self.milestone_id, &self.status) {
            (Some(id), Some(word)) => {
                fields.take("status", milestone_move(word)).map(|step| Some((id, step)))
            }
            // Either none was sent, or one alone, which is a fault.
            (None, _) | (_, None) => Some(None),
        };
        fields.finish(|| Some(Report { progress: progress?, milestone: milestone? }))
    }
}

fn progress(given: i64) -> Result<Progress, ProgressError> {
    i16::try_from(given).map_err(|_| ProgressError).and_then(Progress::new)
}

fn milestone_move(word: &str) -> Result<MilestoneMove, std::borrow::Cow<'static, str>> {
    let found = MOVES.iter().find(|(known, _)| *known == word);
    found.map(|(_, step)| *step).ok_or_else(|| must_be_one_of(["in-progress", "submitted"]))
}

#[cfg(test)]
mod tests {
    use domain::orders::{Pages, SpecificationWord};
    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::*;

    fn request(body: &Value) -> UpdateOrderRequest {
        serde_json::from_str(&body.to_string()).unwrap()
    }

    fn edit(body: &Value) -> Edit {
        request(body).edit().unwrap()
    }

    fn report(body: &Value) -> Report {
        request(body).report().unwrap()
    }

    #[test]
    fn what_is_not_named_stays_and_null_clears() {
        let Edit { patch, invited } = edit(&json!({}));
        assert_eq!((patch, invited), (OrderPatch::default(), vec![]));
        let cleared = OrderPatch {
            pages: Some(None),
            requirements: Some(None),
            detailed_requirements: Some(vec![]),
            specifications: Some(None),
            milestones: Some(MilestonePlan::default()),
            ..OrderPatch::default()
        };
        let nothing = json!({"format": "", "citation_style": "", "language": " ", "additional_notes": null});
        for body in [
            json!({"pages": null, "requirements": null, "detailed_requirements": null, "specifications": null,
                "milestones": null}),
            // What an order shows where nobody has said anything.
            json!({"pages": null, "requirements": "", "detailed_requirements": [], "specifications": nothing,
                "milestones": []}),
        ] {
            assert_eq!(edit(&body).patch, cleared, "{body}");
        }
    }

    #[test]
    fn every_field_of_a_client_is_read() {
        let writer = Uuid::from_u128(7);
        let Edit { patch, invited } = edit(&json!({
            "title": " Title ", "subject": "Subject", "type": "Type", "pages": 3,
            "deadline": "2024-02-01T01:00:00.9+01:00", "budget": 115.1, "description": "Description",
            "requirements": "Text", "detailed_requirements": ["a", "b"],
            "specifications": {"format": "PDF"},
            "milestones": [{"title": "Draft", "due_date": "2024-01-20T00:00:00Z", "amount": 5}],
            "invited_writers": [writer]
        }));
        let specifications =
            details::specifications(&serde_json::from_value(json!({"format": "PDF"})).unwrap()).unwrap();
        assert_eq!(specifications.clone().unwrap().format, SpecificationWord::parse("PDF").ok());
        let milestones = patch.milestones.clone().unwrap();
        let steps: Vec<_> = milestones
            .steps()
            .iter()
            .map(|step| (step.title.as_str(), step.amount.unwrap().minor(), step.due_date.timestamp()))
            .collect();
        assert_eq!(steps, [("Draft", 500, 1_705_708_800)]);
        assert_eq!(patch.deadline.unwrap().to_rfc3339(), "2024-02-01T00:00:00+00:00");
        assert_eq!(patch.budget.unwrap().minor(), 11_510);
        let lines: Vec<_> =
            patch.detailed_requirements.as_ref().unwrap().iter().map(|line| line.as_str()).collect();
        assert_eq!(lines, ["a", "b"]);
        let expected = OrderPatch {
            title: Title::parse("Title").ok(),
            subject: Subject::parse("Subject").ok(),
            order_type: OrderType::parse("Type").ok(),
            pages: Some(Pages::new(3).ok()),
            description: Description::parse("Description").ok(),
            requirements: Some(details::requirements(Some(&"Text".to_owned())).unwrap()),
            specifications: Some(specifications),
            ..patch.clone()
        };
        assert_eq!(patch, expected);
        assert_eq!(invited, [UserId::new(writer)]);
    }

    #[test]
    fn a_provider_reports() {
        assert_eq!(report(&json!({})), Report { progress: None, milestone: None });
        let source = json!({"progress": 75, "milestone_id": 3, "status": "in-progress"});
        let begun = Report { progress: Progress::new(75).ok(), milestone: Some((3, MilestoneMove::Start)) };
        assert_eq!(report(&source), begun);
        for (word, step) in MOVES {
            let said = report(&json!({"milestone_id": 1, "status": word}));
            assert_eq!(said, Report { progress: None, milestone: Some((1, step)) }, "{word}");
        }
    }
}
