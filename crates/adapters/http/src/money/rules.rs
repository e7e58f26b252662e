//! The domain's rules for single fields, in the form that the crate `validator` calls, and for
//! filters. The rules themselves stand in the domain.

use std::borrow::Cow;

use domain::money::{
    ChargebackReason, ChargebackState, FailureReason, Outside, PayIn, PayoutMethod, RejectionReason,
    WithdrawalStatus,
};
use validator::ValidationError;

use crate::extract::{Query, must_be_one_of, verdict};

pub(super) fn deposit_method(raw: &str) -> Result<(), ValidationError> {
    verdict(parse_deposit_method(raw))
}

pub(super) fn parse_deposit_method(raw: &str) -> Result<Outside, Cow<'static, str>> {
    let known = PayIn::WAYS.into_iter().find(|method| method.as_str() == raw);
    known.ok_or_else(|| must_be_one_of(PayIn::WAYS.iter().map(|method| method.as_str())))
}

pub(super) fn parse_payout_method(raw: &str) -> Result<PayoutMethod, Cow<'static, str>> {
    let words = PayoutMethod::ALL.iter().map(|method| method.as_str());
    PayoutMethod::from_word(raw).ok_or_else(|| must_be_one_of(words))
}

pub(super) fn rejection_reason(raw: &str) -> Result<(), ValidationError> {
    verdict(RejectionReason::parse(raw))
}

pub(super) fn failure_reason(raw: &str) -> Result<(), ValidationError> {
    verdict(FailureReason::parse(raw))
}

/// Reads the filter `status` of withdrawals; `all` and none mean all.
pub(super) fn status(query: &mut Query) -> Option<WithdrawalStatus> {
    query.one_of("status", WithdrawalStatus::ALL, WithdrawalStatus::as_str)
}

pub(super) fn chargeback_reason(raw: &str) -> Result<(), ValidationError> {
    verdict(ChargebackReason::parse(raw))
}

/// Reads the filter `state` of chargebacks; `all` and none mean all.
pub(super) fn chargeback_state(query: &mut Query) -> Option<ChargebackState> {
    query.one_of("state", ChargebackState::ALL, ChargebackState::as_str)
}
