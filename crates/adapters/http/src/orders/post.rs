//! Posting work.

use actix_web::{HttpResponse, post, web};
use domain::ids::UserId;
use domain::orders::{Description, MilestonePlan, OrderDetails, OrderType, Subject, Title};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;
use validator::{Validate, ValidationErrors};

use super::caller::Client;
use super::details::{self, MilestoneRequest, RequirementLine, SpecificationsRequest};
use super::wire::OrderData;
use crate::Api;
use crate::commands;
use crate::document::examples::{impossible, open_order, success};
use crate::envelope::{Envelope, stored_created};
use crate::error::{ApiError, ErrorBody};
use crate::extract::{Fields, IdempotencyHeader, IdempotencyKey, JsonBody};
use crate::wire::{GivenAmount, GivenId, GivenMoment, present};

/// Work that is to be done. Where null is allowed it means the same as leaving the field out, and
/// so does an empty text that is optional.
#[derive(Deserialize, ToSchema, Validate)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "title": "Research Paper on Climate Change", "subject": "Environmental Science", "type": "Research Paper",
    "pages": 8, "deadline": "2024-01-15T23:59:59Z", "budget": 120.00,
    "description": "Comprehensive analysis of climate change impacts on global agriculture...",
    "requirements": "Experience with climate data required",
    "detailed_requirements": ["APA citation style", "Minimum 10 scholarly sources",
        "Include data visualizations", "Double-spaced, 12pt Times New Roman"],
    "specifications": {"format": "PDF", "citation_style": "APA", "language": "English (US)"},
    "milestones": [
        {"title": "Research and Outline", "due_date": "2024-01-10T23:59:59Z"},
        {"title": "First Draft", "due_date": "2024-01-12T23:59:59Z"},
        {"title": "Revisions", "due_date": "2024-01-14T23:59:59Z"},
        {"title": "Final Submission", "due_date": "2024-01-15T23:59:59Z"}],
    "invited_writers": ["0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22"]}))]
pub(super) struct PostOrderRequest {
    /// What it is called.
    #[schema(min_length = 1, max_length = 200)]
    title: String,
    /// Its field.
    #[schema(min_length = 1, max_length = 200)]
    subject: String,
    /// Its kind, in any words.
    #[schema(min_length = 1, max_length = 200)]
    r#type: String,
    /// How many pages.
    #[schema(minimum = 1, maximum = 10_000)]
    pages: Option<i64>,
    /// By when, in the future.
    deadline: GivenMoment,
    /// For about how much; bids may be above it.
    budget: GivenAmount,
    /// What is to be done.
    #[schema(min_length = 1, max_length = 20_000)]
    description: String,
    /// What is expected, in one text.
    #[schema(max_length = 20_000)]
    requirements: Option<String>,
    /// What is expected, as a list of lines with 1 to 2000 characters each.
    #[schema(max_items = 100, value_type = Option<Vec<RequirementLine>>)]
    detailed_requirements: Option<Vec<String>>,
    specifications: Option<SpecificationsRequest>,
    /// In which steps. Without any there will be one, "Final Submission", due at the deadline.
    #[schema(max_items = 50)]
    milestones: Option<Vec<MilestoneRequest>>,
    /// Providers who are to be asked to bid.
    #[serde(default, deserialize_with = "present")]
    #[schema(max_items = 100, nullable = false, value_type = Option<Vec<Uuid>>)]
    invited_writers: Option<Vec<GivenId>>,
}

impl PostOrderRequest {
    fn read(&self) -> Result<(OrderDetails, Vec<UserId>), ValidationErrors> {
        let Self {
            title,
            subject,
            r#type,
            pages,
            deadline,
            budget,
            description,
            requirements,
            detailed_requirements,
            specifications,
            milestones,
            invited_writers,
        } = self;
        let mut fields = Fields::default();
        let title = fields.take("title", Title::parse(title));
        let subject = fields.take("subject", Subject::parse(subject));
        let order_type = fields.take("type", OrderType::parse(r#type));
        let pages = fields.take("pages", pages.map(details::pages).transpose());
        let deadline = fields.take("deadline", deadline.read());
        let budget = fields.take("budget", details::budget(budget));
        let description = fields.take("description", Description::parse(description));
        let requirements = fields.take("requirements", details::requirements(requirements.as_ref()));
        let detailed_requirements = match detailed_requirements {
            Some(lines) => details::detailed_requirements(&mut fields, lines),
            None => Some(Vec::new()),
        };
        let specifications = specifications.as_ref().map(details::specifications).transpose();
        let specifications = fields.object("specifications", specifications.map(Option::flatten));
        let milestones = match milestones {
            Some(steps) => details::milestones(&mut fields, steps),
            None => Some(MilestonePlan::default()),
        };
        let invited = fields.take("invited_writers", details::invited_writers(invited_writers.as_ref()));
        fields.finish(|| {
            let details = OrderDetails {
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
            Some((details, invited?))
        })
    }
}

/// Post an order
///
/// For clients. The order is open: providers find it and bid. The providers in `invited_writers` are
/// told, and see it as one that they are invited to.
#[utoipa::path(
    tag = "orders",
    operation_id = "postOrder",
    security(("bearer" = [])),
    params(IdempotencyHeader),
    request_body = PostOrderRequest,
    responses(
        (status = 201, description = "The new order.", body = Envelope<OrderData>,
        example = json!(success(&json!({"order": open_order()})))),
        (status = 403, description = "Only clients post orders."),
        (status = 422, description = "A date is not in the future or a milestone comes after the deadline \
            (`deadline_not_in_future`, `due_date_not_in_future`, `due_date_after_deadline`), or somebody who \
            is invited is no provider (`not_a_provider`).", body = ErrorBody,
        example = json!(impossible("deadline must be in the future", "deadline_not_in_future", "deadline")))
    )
)]
#[post("/orders")]
pub(super) async fn post_order(
    caller: Client,
    api: web::Data<Api>,
    key: IdempotencyKey,
    body: JsonBody<PostOrderRequest>,
) -> Result<HttpResponse, ApiError> {
    let once = key.once(&caller.actor, &body, |detail| stored_created(OrderData::from(detail)));
    let (details, invited) = body.read(PostOrderRequest::read)?;
    let post = api.orders.post.clone();
    commands::run_once(&api, once, |once| async move {
        post.execute(&caller.actor, details, invited, &once).await
    })
    .await
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use uuid::Uuid;

    use super::*;

    fn read(changes: &Value) -> (OrderDetails, Vec<UserId>) {
        let mut body = json!({"title": "Paper", "subject": "Biology", "type": "Essay",
            "deadline": "2024-02-01T00:00:00Z", "budget": 120, "description": "Write it"});
        body.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
        let request: PostOrderRequest = serde_json::from_str(&body.to_string()).unwrap();
        request.read().unwrap()
    }

    #[test]
    fn nothing_null_and_empty_texts_are_the_same() {
        let (bare, invited) = read(&json!({}));
        assert_eq!((&bare.requirements, &bare.specifications, invited.len()), (&None, &None, 0));
        assert_eq!((bare.pages, bare.milestones.steps().len()), (None, 0));
        for changes in [
            json!({"pages": null, "requirements": null, "detailed_requirements": null,
                "specifications": null, "milestones": null}),
            json!({"requirements": " ", "detailed_requirements": [], "specifications": {"format": ""},
                "milestones": [], "invited_writers": []}),
        ] {
            assert_eq!(read(&changes).0, bare, "{changes}");
        }
    }

    #[test]
    fn what_is_said_is_read() {
        let (said, invited) = read(&json!({
            "pages": 8, "requirements": "Text", "detailed_requirements": ["a"],
            "specifications": {"language": "English", "additional_notes": "a\nb"},
            "milestones": [{"title": "One", "due_date": "2024-01-20T00:00:00Z"}],
            "invited_writers": ["00000000-0000-0000-0000-000000000001"]
        }));
        assert_eq!(said.pages.map(domain::orders::Pages::get), Some(8));
        assert_eq!(said.requirements.as_ref().unwrap().as_str(), "Text");
        assert_eq!(said.detailed_requirements[0].as_str(), "a");
        let form = said.specifications.unwrap();
        assert_eq!(form.language.unwrap().as_str(), "English");
        assert_eq!(form.additional_notes.unwrap().as_str(), "a\nb");
        assert_eq!((form.format, form.citation_style), (None, None));
        assert_eq!(said.milestones.steps()[0].title.as_str(), "One");
        assert_eq!(invited, [UserId::new(Uuid::from_u128(1))]);
    }
}
