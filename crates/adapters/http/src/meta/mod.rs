//! What the program says about itself: its state machines, from the very tables that it runs.

use actix_web::{HttpResponse, get};
use domain::machine::{Table, TableRefusal, TableRow, tables};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::document::examples::success;
use crate::envelope::{Envelope, ok};
use crate::routes::Mount;

/// Mounts the operations below `/api/v1`.
pub fn configure(config: &mut impl Mount) {
    config.service(state_machines);
}

/// Every machine of the marketplace.
#[derive(Serialize, ToSchema)]
pub(super) struct StateMachinesData {
    state_machines: Vec<StateMachine>,
}

/// The states of one kind of object, and every way from one to another. What is not listed is
/// refused with 409.
#[derive(Serialize, ToSchema)]
struct StateMachine {
    /// What has these states.
    #[schema(example = "milestone")]
    object: &'static str,
    states: Vec<&'static str>,
    transitions: Vec<Transition>,
    /// Refusals with a reason other than `invalid_transition`.
    refusals: Vec<StateRefusal>,
}

/// One way.
#[derive(Serialize, ToSchema)]
struct Transition {
    /// Null where the object comes into being.
    #[schema(required = true, example = "submitted")]
    from: Option<&'static str>,
    #[schema(example = "approve")]
    command: &'static str,
    /// Who may ask it: `client`, `provider`, `owner`, `admin` or `system`, which is the program itself.
    who: Vec<&'static str>,
    /// What else must be so.
    guard: &'static str,
    #[schema(example = "completed")]
    to: &'static str,
    /// What goes with it.
    effect: &'static str,
}

/// A command that a state refuses for a reason of its own.
#[derive(Serialize, ToSchema)]
struct StateRefusal {
    #[schema(example = "countered")]
    in_state: &'static str,
    #[schema(example = "accept")]
    command: &'static str,
    /// `details.reason` of the 409.
    #[schema(example = "counter_pending")]
    because: &'static str,
}

impl From<Table> for StateMachine {
    fn from(table: Table) -> Self {
        let Table { object, states, rows, refusals } = table;
        Self {
            object,
            states,
            transitions: rows.into_iter().map(Transition::from).collect(),
            refusals: refusals.into_iter().map(StateRefusal::from).collect(),
        }
    }
}

impl From<TableRow> for Transition {
    fn from(row: TableRow) -> Self {
        let TableRow { from, command, who, guard, to, effect } = row;
        Self { from, command, who, guard, to, effect }
    }
}

impl From<TableRefusal> for StateRefusal {
    fn from(refusal: TableRefusal) -> Self {
        let TableRefusal { state, command, reason } = refusal;
        Self { in_state: state, command, because: reason }
    }
}

/// See the state machines
///
/// The tables from which the program decides what may be asked of an order, a bid, a contract, a
/// milestone, a deposit or a withdrawal, and by whom. Public.
#[utoipa::path(
    tag = "meta",
    operation_id = "getStateMachines",
    responses((status = 200, description = "All of them.", body = Envelope<StateMachinesData>,
        example = json!(success(&json!({"state_machines": [{"object": "milestone",
            "states": ["unfunded", "funded", "in_progress", "submitted", "changes_requested", "disputed", "completed", "refunded"],
            "transitions": [{"from": "submitted", "command": "approve", "who": ["client"], "guard": "",
                "to": "completed", "effect": "release posting; payment.received; the last one completes the order"}],
            "refusals": []}]})))))
)]
#[get("/meta/state-machines")]
pub(super) async fn state_machines() -> HttpResponse {
    ok(StateMachinesData { state_machines: tables().into_iter().map(StateMachine::from).collect() })
}
