//! Whether the books agree with the world.

use actix_web::{HttpResponse, get, web};

use super::Auditor;
use super::wire::ReconciliationData;
use crate::Api;
use crate::envelope::{Envelope, ok};
use crate::error::ApiError;

/// See whether the books agree with the world
///
/// For administrators. The last check of the books (there is one every night) with the rules that are
/// broken, to whom nothing is paid out because of that, what payments and books say of everybody
/// outside, and the withdrawals that are in doubt or late.
#[utoipa::path(
    tag = "admin",
    operation_id = "getReconciliation",
    security(("bearer" = [])),
    responses((status = 200, description = "The reconciliation.", body = Envelope<ReconciliationData>,
        example = json!({"status": "success", "data": {
            "as_of": "2026-11-21T09:00:00Z",
            "last_check": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e41", "started_at": "2026-11-21T03:00:00Z",
                "finished_at": "2026-11-21T03:00:04Z", "ok": false, "offending": 1, "checked": 17,
                "broken": [{"check": "balances_are_the_fold_of_postings",
                    "rule": "each balance is the sum of the account's postings", "offending": 1,
                    "rows": [{"account": "user:0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11:available",
                        "currency": "USD", "balance_minor": 1001, "postings_minor": 1000}]}]},
            "payout_holds": {"total": 1, "first": [{
                "user": {"id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "name": "John Doe"},
                "check_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e41", "placed_at": "2026-11-21T03:00:04Z"}]},
            "outside": [{"account": "world:sandbox", "currency": "USD", "deposits": 500.00,
                "booked_deposits": 500.00, "withdrawals": 0.00, "booked_withdrawals": 0.00,
                "booked_otherwise": 0.00, "balance": -500.00, "difference": 0.00}],
            "waiting_withdrawals": {"total": 1, "first": [{
                "id": "WD-043", "user_id": "0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11", "amount": 500.00,
                "method": "bank_transfer", "state": "approved", "requested_at": "2026-11-17T14:30:00Z",
                "estimated_completion": "2026-11-19T00:00:00Z"}]}}})))
)]
#[get("/admin/reconciliation")]
pub(super) async fn reconciliation(caller: Auditor, api: web::Data<Api>) -> Result<HttpResponse, ApiError> {
    let found = api.audit.reconciliation.execute(&caller.actor).await?;
    Ok(ok(ReconciliationData::try_from(&found)?))
}
