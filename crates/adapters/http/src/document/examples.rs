//! What the examples in the description have in common. They are the source document's where it has
//! them.

use domain::contracts::MilestoneState;
use serde_json::{Value, json};

/// A success.
pub(crate) fn success(data: &Value) -> Value {
    json!({"status": "success", "data": data})
}

/// An object with some of its members changed.
pub(crate) fn with(mut object: Value, changes: Value) -> Value {
    if let (Value::Object(members), Value::Object(changes)) = (&mut object, changes) {
        members.extend(changes);
    }
    object
}

/// A 409.
pub(crate) fn conflict(message: &str, details: &Value) -> Value {
    error("CONFLICT", message, details)
}

/// A 422.
pub(crate) fn impossible(message: &str, reason: &str, field: &str) -> Value {
    error("UNPROCESSABLE_ENTITY", message, &json!({"reason": reason, "field": field}))
}

/// A 402: the wallet holds 20.00 of 115.00.
pub(crate) fn payment_required() -> Value {
    let message = "115.00 is needed, but only 20.00 is available";
    error("PAYMENT_REQUIRED", message, &json!({"required": 115.00, "available": 20.00}))
}

fn error(code: &str, message: &str, details: &Value) -> Value {
    json!({"status": "error", "error": {"code": code, "message": message, "details": details}})
}

/// The first page of a list.
pub(crate) fn pagination(total: u32, pages: u32, next_cursor: Option<&str>) -> Value {
    json!({"page": 1, "limit": 20, "total": total, "pages": pages, "has_next": next_cursor.is_some(),
        "has_prev": false, "next_cursor": next_cursor})
}

/// The milestones of an order: the states of the four, and what each of them is worth.
fn milestones(states: [MilestoneState; 4], amount: Option<f64>) -> Value {
    let steps = [
        (1, "Research and Outline", "2024-01-10T23:59:59Z", "2024-01-10T15:30:00Z"),
        (2, "First Draft", "2024-01-12T23:59:59Z", "2024-01-12T18:45:00Z"),
        (3, "Revisions", "2024-01-14T23:59:59Z", "2024-01-14T12:00:00Z"),
        (4, "Final Submission", "2024-01-15T23:59:59Z", "2024-01-15T20:00:00Z"),
    ];
    let milestone = |((id, title, due_date, done), state): ((u8, &str, &str, &str), MilestoneState)| {
        let (is_settled, is_given_back) =
            (state == MilestoneState::Completed, state == MilestoneState::ChangesRequested);
        json!({"id": id, "title": title, "status": state.status().as_str(), "state": state.as_str(),
            "due_date": due_date, "completed_at": is_settled.then_some(done), "amount": amount,
            "submitted_at": (is_settled || is_given_back).then_some(done),
            "changes_message": is_given_back.then_some("Please add a chart on rainfall."),
            "auto_release_at": null, "clears_at": null, "cleared_at": null, "refunded_amount": null,
            "submissions": submissions(id, done, is_settled || is_given_back)})
    };
    steps.into_iter().zip(states).map(milestone).collect()
}

/// The history of a milestone: it was handed in once, the first one with a file.
fn submissions(id: u8, at: &str, is_handed_in: bool) -> Value {
    let files = if id == 1 { json!([file(Some(1))]) } else { json!([]) };
    let submission =
        json!({"number": 1, "message": "Please have a look.", "submitted_at": at, "files": files});
    if is_handed_in { json!([submission]) } else { json!([]) }
}

/// A file of an order, handed in with this milestone if with one.
pub(crate) fn file(milestone: Option<u8>) -> Value {
    json!({"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15", "name": "research-outline.pdf", "size": 159_744,
        "size_formatted": "156 KB", "mime_type": "application/pdf", "uploaded_at": "2024-01-10T15:30:00Z",
        "uploaded_by": "writer", "milestone_id": milestone,
        "download_url": "/api/v1/files/0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e15/content?expires=1704900600&signature=mFvbbPIpJeCMKgnjYzUOIGEgPOYYLIUbqRQbXfjFK8A"})
}

/// A bonus.
pub(crate) fn bonus() -> Value {
    json!({"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e16", "amount": 25.00,
        "message": "Thank you for the quick turnaround!", "created_at": "2024-01-14T10:30:00Z"})
}

fn client(email: Option<&str>) -> Value {
    json!({"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e21", "name": "John Doe", "email": email, "rating": 4.8})
}

/// An active order as its provider sees it.
pub(crate) fn order() -> Value {
    use MilestoneState::{Completed, Funded, InProgress};
    json!({
        "id": "ORD-001", "title": "Research Paper on Climate Change", "subject": "Environmental Science",
        "type": "Research Paper", "pages": 8, "deadline": "2024-01-15T23:59:59Z", "budget": 120.00,
        "accepted_bid": 115.00, "status": "active", "progress": 65,
        "description": "Comprehensive analysis of climate change impacts on global agriculture...",
        "client": client(Some("john@example.com")),
        "provider": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22", "name": "Sarah Johnson",
            "avatar_url": "https://cdn.example.com/avatars/sarah.jpg", "rating": 4.9},
        "requirements": ["APA citation style", "Minimum 10 scholarly sources",
            "Include data visualizations", "Double-spaced, 12pt Times New Roman"],
        "requirements_text": "Experience with climate data required",
        "specifications": {"format": "PDF", "citation_style": "APA", "language": "English (US)",
            "additional_notes": ""},
        "milestones": milestones([Completed, Completed, InProgress, Funded], Some(28.75)),
        "files": [file(Some(1))], "bonuses": [], "bids_count": 0, "revision": 1,
        "created_at": "2024-01-08T10:00:00Z", "started_at": "2024-01-08T14:30:00Z",
        "completed_at": null, "cancelled_at": null, "updated_at": "2024-01-14T10:30:00Z"
    })
}

/// The same order before the award, as its client sees it.
pub(crate) fn open_order() -> Value {
    let changes = json!({
        "accepted_bid": null, "status": "open", "progress": 0, "client": client(None), "provider": null,
        "milestones": milestones([MilestoneState::Unfunded; 4], None), "files": [],
        "started_at": null, "updated_at": "2024-01-08T10:00:00Z"
    });
    with(order(), changes)
}

/// The same order, awarded but not paid for, as its client sees it.
pub(crate) fn pending_order() -> Value {
    let changes = json!({
        "status": "pending", "progress": 0, "client": client(None),
        "milestones": milestones([MilestoneState::Unfunded; 4], Some(28.75)), "files": [],
        "started_at": null, "updated_at": "2024-01-08T14:30:00Z"
    });
    with(order(), changes)
}

/// The same order, paid for, as its client sees it, with a third milestone in this state.
pub(crate) fn active_order(third: MilestoneState) -> Value {
    use MilestoneState::{Completed, Funded};
    let milestones = milestones([Completed, Completed, third, Funded], Some(28.75));
    with(order(), json!({"client": client(None), "milestones": milestones}))
}

/// The same order, paid for a moment ago, as its client sees it.
pub(crate) fn started_order() -> Value {
    let changes = json!({"client": client(None), "progress": 0, "files": [], "updated_at": "2024-01-08T14:30:00Z",
        "milestones": milestones([MilestoneState::Funded; 4], Some(28.75))});
    with(order(), changes)
}

/// A bid that waits for the client.
pub(crate) fn bid() -> Value {
    json!({
        "id": "BID-001", "order_id": "ORD-101", "writer_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e22", "order_title": "Marketing Research Paper",
        "subject": "Marketing", "bid_amount": 150.00, "original_budget": 200.00, "status": "open",
        "state": "open", "revision": 1, "is_counter_offer": false,
        "message": "I have extensive experience in marketing research...", "proposed_deadline": null,
        "counter": null, "submitted_date": "2024-01-10T14:30:00Z",
        "response_date": "2024-01-15T10:00:00Z", "order_deadline": "2024-01-20T23:59:59Z",
        "updated_at": "2024-01-10T14:30:00Z"
    })
}

/// The same bid while the client's counter-offer stands.
pub(crate) fn countered_bid() -> Value {
    let counter = json!({"bid_amount": 140.00, "proposed_deadline": null,
        "message": "Could you do it for 140?", "created_at": "2024-01-11T09:00:00Z"});
    with(
        bid(),
        json!({
        "status": "unconfirmed", "state": "countered", "is_counter_offer": true, "counter": counter,
        "response_date": "2024-01-11T09:00:00Z", "updated_at": "2024-01-11T09:00:00Z"}),
    )
}
