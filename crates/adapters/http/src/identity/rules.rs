//! The domain's rules for single fields, in the form that the crate `validator` calls, so that all
//! broken rules of a request are found together. The rules themselves stand in the domain.

use domain::identity::{BlockReason, EmailAddress, FullName, NewPassword, PhoneNumber, Role};
use validator::ValidationError;

use crate::extract::verdict;

pub(super) fn email(raw: &str) -> Result<(), ValidationError> {
    verdict(EmailAddress::parse(raw))
}

pub(super) fn new_password(raw: &str) -> Result<(), ValidationError> {
    verdict(NewPassword::check(raw))
}

pub(super) fn full_name(raw: &str) -> Result<(), ValidationError> {
    verdict(FullName::parse(raw))
}

pub(super) fn phone(raw: &str) -> Result<(), ValidationError> {
    verdict(PhoneNumber::parse(raw))
}

pub(super) fn role(raw: &str) -> Result<(), ValidationError> {
    verdict(Role::for_registration(raw))
}

pub(super) fn block_reason(raw: &str) -> Result<(), ValidationError> {
    verdict(BlockReason::parse(raw))
}
