//! Every title and message that people are told, in English.
//!
//! In braces stands what is filled in from the details: `{order}` (the title, or the number where
//! there is none), `{amount}`, `{milestone}`, `{rating}`, `{due}`, `{reason}`. "Bid Accepted" and "Payment
//! Received" are the source document's words.

use std::fmt::Write;

use super::Details;
use crate::money::{Currency, Money};

/// A title and a message with blanks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) title: &'static str,
    message: &'static str,
}

macro_rules! texts {
    ($($name:ident: $title:literal, $message:literal;)+) => {
        $(pub(super) const $name: Text = Text { title: $title, message: $message };)+

        /// Every one there is.
        #[cfg(test)]
        pub(super) const ALL: &[Text] = &[$($name),+];
    };
}

texts! {
    ORDER_INVITED: "Order Invitation", "You have been invited to bid on '{order}'";
    INVITATION_DECLINED: "Invitation Declined", "A provider has declined your invitation to '{order}'";
    ORDER_EXPIRED: "Order Expired", "The deadline of '{order}' has passed without an award";
    ORDER_STARTED: "Order Started", "'{order}' has been paid for, and the work can begin";
    ORDER_COMPLETED: "Order Completed", "'{order}' has been completed!";
    ORDER_CANCELLED: "Order Cancelled", "'{order}' has been cancelled by the client";
    ORDER_LAPSED: "Order Cancelled", "'{order}' has been cancelled because it was not paid for in time";
    ORDER_REFUNDED: "Order Cancelled", "'{order}' has been cancelled, and what was paid for it has been refunded";
    ORDER_WITHOUT_CLIENT: "Order Cancelled", "'{order}' has been cancelled because your account was closed or blocked";
    CLIENT_UNAVAILABLE: "Order Cancelled", "'{order}' has been cancelled because its client is not available any more";
    REVIEW_RECEIVED: "New Review", "You have received a {rating}-star review for '{order}'";

    BID_PLACED: "New Bid", "You have received a new bid on '{order}'";
    BID_EDITED: "Bid Updated", "A bid on '{order}' has been updated";
    BID_CONFIRMED: "Bid Confirmed", "A bid on '{order}' has been confirmed";
    BID_OUTDATED: "Order Changed", "'{order}' has changed; please confirm or update your bid";
    BID_COUNTERED: "Counter-Offer Received", "You have received a counter-offer for your bid on '{order}'";
    COUNTER_ACCEPTED: "Counter-Offer Accepted", "Your counter-offer for '{order}' has been accepted!";
    COUNTER_REJECTED: "Counter-Offer Rejected", "Your counter-offer for '{order}' has been rejected";
    BID_ACCEPTED: "Bid Accepted", "Your bid for '{order}' has been accepted!";
    BID_DECLINED: "Bid Declined", "Your bid for '{order}' has been declined";
    ANOTHER_BID_WON: "Bid Declined", "Your bid for '{order}' has been declined because another bid was accepted";
    BID_WITHDRAWN: "Bid Withdrawn", "A bid on '{order}' has been withdrawn";

    MILESTONE_SUBMITTED: "Work Submitted", "Milestone {milestone} of '{order}' has been submitted for your approval";
    CHANGES_REQUESTED: "Changes Requested", "Changes have been requested on milestone {milestone} of '{order}'";
    RELEASE_DUE: "Approval Due", "Milestone {milestone} of '{order}' will be approved automatically on {due}";
    APPROVED_BY_CLOCK: "Milestone Approved", "Milestone {milestone} of '{order}' has been approved automatically";
    MILESTONE_CHARGED_BACK: "Milestone Cancelled", "Milestone {milestone} of '{order}' has been cancelled because the client's payment was taken back; please stop working on it";
    PAYMENT_CHARGED_BACK: "Payment Taken Back", "{amount} that you were to get for milestone {milestone} of '{order}' has gone back because the client's payment was taken back";
    MILESTONE_DISPUTED: "Dispute Opened", "A dispute has been opened on milestone {milestone} of '{order}'; please answer within seven days, or it is settled without you";
    DISPUTE_DECIDED: "Dispute Decided", "The dispute on milestone {milestone} of '{order}' has been decided";

    PART_OFFERED: "Partial Payment Offered", "You have been offered {amount} for milestone {milestone} of '{order}'";
    REFUND_ASKED: "Refund Requested", "A refund of {amount} has been requested for milestone {milestone} of '{order}'";
    RETURN_ASKED: "Return Requested", "You have been asked to return {amount} for milestone {milestone} of '{order}'";
    END_OFFERED: "Cancellation Proposed", "It has been proposed to cancel '{order}' with {amount} for the provider";
    PROPOSAL_ACCEPTED: "Proposal Accepted", "Your proposal for '{order}' has been accepted";
    PROPOSAL_REJECTED: "Proposal Rejected", "Your proposal for '{order}' has been rejected";
    PROPOSAL_WITHDRAWN: "Proposal Withdrawn", "A proposal for '{order}' has been withdrawn";
    PROPOSAL_LAPSED: "Proposal Lapsed", "A proposal for '{order}' was not answered in time";
    REFUNDED_BY_CLOCK: "Refund Granted", "Milestone {milestone} of '{order}' has been refunded because the request was not answered";

    DISPUTE_AGREED: "Dispute Settled", "The dispute on milestone {milestone} of '{order}' has been settled by agreement";
    DISPUTE_DEFAULTED: "Dispute Closed", "The dispute on milestone {milestone} of '{order}' has been closed because its deadline has passed";
    EVIDENCE_ADDED: "Evidence Added", "Evidence has been added to the dispute on milestone {milestone} of '{order}'";
    SPLIT_OFFERED: "Settlement Offered", "{amount} for the provider has been offered to settle the dispute on milestone {milestone} of '{order}'";
    SPLIT_REJECTED: "Settlement Rejected", "Your offer of {amount} for the provider in the dispute on milestone {milestone} of '{order}' has been rejected";
    DISPUTE_ESCALATED: "Dispute Escalated", "The dispute on milestone {milestone} of '{order}' will be decided by an administrator";

    PAYMENT_RECEIVED: "Payment Received", "Payment of {amount} has been credited to your account";
    PAYMENT_CLEARED: "Payment Available", "Payment of {amount} has cleared and can be used now";
    BONUS_RECEIVED: "Bonus Received", "Bonus of {amount} has been credited to your account";
    PAYMENT_REFUNDED: "Payment Refunded", "Refund of {amount} has been credited to your account";
    DEPOSIT_COMPLETED: "Deposit Completed", "Deposit of {amount} has been credited to your account";
    DEPOSIT_FAILED: "Deposit Failed", "Deposit of {amount} has failed";
    WITHDRAWAL_PAID: "Withdrawal Completed", "Withdrawal of {amount} has been paid out";
    WITHDRAWAL_REJECTED: "Withdrawal Rejected", "Withdrawal of {amount} has been rejected: {reason}";
    WITHDRAWAL_FAILED: "Withdrawal Failed", "Withdrawal of {amount} has failed; the money is back in your account";

    CHARGEBACK_RECEIVED: "Payment Taken Back", "Your bank has taken back the payment of {amount}; it has left your account";
    CHARGEBACK_OWED: "Payment Taken Back", "Your bank has taken back the payment of {amount}; what your account did not cover you owe, and it is paid from what comes in";
    CHARGEBACK_WON: "Chargeback Returned", "The chargeback of {amount} has been decided against your bank, and the money is back";
    CHARGEBACK_LOST: "Chargeback Final", "The chargeback of {amount} has become final";
    DEBT_SETTLED: "Debt Paid", "{amount} of what came into your account has been used to pay what you owed";

    PASSWORD_CHANGED: "Password Changed", "Your password has been changed";
    EMAIL_CHANGED: "Email Changed", "The e-mail address of your account has been changed";
    TOKEN_REUSED: "Login Ended", "A login of yours has been ended because its token was used a second time";
    ACCOUNT_BLOCKED: "Account Blocked", "Your account has been blocked";
    BOOKS_DISAGREE: "Books Disagree", "The check of the books found rows that disagree; payouts to the people concerned are stopped until you have looked";
    ACCOUNT_UNBLOCKED: "Account Unblocked", "Your account has been unblocked";
}

impl Text {
    /// The message with its blanks filled in; what is filled in is not looked at for blanks.
    pub(super) fn message(self, details: &Details) -> String {
        let mut written = String::new();
        let mut rest = self.message;
        while let Some((before, name, behind)) = next_blank(rest) {
            written.push_str(before);
            written.push_str(&value(name, details));
            rest = behind;
        }
        written.push_str(rest);
        written
    }
}

/// What is before a blank, its name, and what is behind it.
fn next_blank(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, behind) = rest.split_once('}')?;
    Some((before, name, behind))
}

fn value(name: &str, details: &Details) -> String {
    let value = match name {
        "order" => details.order_title.clone().or_else(|| details.order_id.map(|id| id.to_string())),
        "amount" => details.amount.map(in_words),
        "milestone" => details.milestone.map(|number| number.to_string()),
        "rating" => details.rating.map(|stars| stars.get().to_string()),
        "due" => details.due_at.map(|due| due.format("%-d %B %Y, %H:%M UTC").to_string()),
        "reason" => details.reason.clone(),
        _ => None,
    };
    value.unwrap_or_default()
}

/// `$115.00`.
fn in_words(amount: Money) -> String {
    let sign = match amount.currency() {
        Currency::Usd => '$',
        Currency::Eur => '€',
        Currency::Gbp => '£',
    };
    let mut words = String::from(sign);
    // Writing into a string does not fail.
    write!(words, "{amount}").ok();
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contracts::Stars;
    use crate::ids::{MilestoneNumber, OrderId};
    use crate::sample::usd;

    #[test]
    fn every_blank_can_be_filled() {
        let details = Details {
            order_id: OrderId::new(1),
            order_title: Some("T".into()),
            milestone: Some(MilestoneNumber::FIRST),
            amount: Some(usd(1)),
            rating: Stars::new(5).ok(),
            due_at: Some(crate::sample::at(1)),
            reason: Some("R".into()),
            ..Details::default()
        };
        for text in ALL {
            let mut rest = text.message;
            while let Some((_, name, behind)) = next_blank(rest) {
                assert!(!value(name, &details).is_empty(), "{{{name}}} in {:?}", text.message);
                rest = behind;
            }
            let message = text.message(&details);
            assert!(!message.contains(['{', '}']) && !text.title.is_empty(), "{message}");
        }
    }

    #[test]
    fn what_is_filled_in_is_taken_as_it_is() {
        let details = |title: &str| Details {
            order_id: OrderId::new(7),
            order_title: Some(title.into()),
            reason: Some("secret".into()),
            ..Details::default()
        };
        assert_eq!(
            BID_ACCEPTED.message(&details("{reason} {order} {'")),
            "Your bid for '{reason} {order} {'' has been accepted!"
        );
        let nameless = Details { order_title: None, ..details("") };
        assert_eq!(BID_ACCEPTED.message(&nameless), "Your bid for 'ORD-007' has been accepted!");
    }

    #[test]
    fn amounts_have_the_sign_of_their_currency() {
        let of = |currency| in_words(Money::total(11_500, currency).unwrap());
        assert_eq!([Currency::Usd, Currency::Eur, Currency::Gbp].map(of), ["$115.00", "€115.00", "£115.00"]);
    }
}
