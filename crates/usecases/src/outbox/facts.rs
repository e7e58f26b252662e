//! Stored facts in the words of the domain again.
//!
//! The names and keys are those under which storage writes them. They are stable, so that what an
//! older program has written can be read; what an older one did not write yet, or a newer one names
//! differently, is [`Unreadable`] and no fault of the one who reads. A test of the whole program
//! holds this to what is written, fact by fact.

use chrono::{DateTime, Utc};
use domain::actor::Party;
use domain::audit::AuditEvent;
use domain::bidding::{BidEvent, BidRef, DeclineReason};
use domain::contracts::{ContractEvent, ProposalEvent, ProposalKind, ProposalRef, Resolver, Stars};
use domain::disputes::{DisputeEvent, DisputeRef};
use domain::event::Fact;
use domain::identity::{IdentityEvent, Role};
use domain::ids::{
    BidId, BonusId, ChargebackId, ChatId, ContractId, DepositId, DisputeId, LedgerCheckId, MessageId,
    MilestoneNumber, OrderId, ProposalId, SessionId, UserId, WithdrawalId,
};
use domain::messaging::{ChatRef, MessagingEvent, OpeningReason};
use domain::money::{ChargebackRef, ContractParties, Currency, Money, MoneyEvent, WithdrawalRef};
use domain::orders::{Cancellation, OrderEvent, Progress};
use ports::outbox::{Particular, Particulars, StoredFact};
use ports::store::StoreError;
use thiserror::Error;

/// Why a stored fact says nothing to this program.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Unreadable {
    /// It has no fact of that name.
    #[error("there is no such fact")]
    UnknownName,
    /// A particular is missing, or is not what it has to be.
    #[error("its particular {0} is missing or is not what it has to be")]
    Particular(&'static str),
}

/// The fact as it was handed out.
///
/// # Errors
/// [`Unreadable`], for good.
pub fn fact_of(stored: &StoredFact) -> Result<Fact, Unreadable> {
    let particulars = Reader(&stored.particulars);
    let Some((noun, _)) = stored.name.split_once('.') else { return Err(Unreadable::UnknownName) };
    match noun {
        "user" | "session" => identity(&stored.name, particulars).map(Fact::Identity),
        "order" => order(&stored.name, particulars).map(Fact::Order),
        "bid" => bid(&stored.name, particulars).map(Fact::Bid),
        "contract" | "milestone" => contract(&stored.name, particulars).map(Fact::Contract),
        "dispute" => match dispute(&stored.name, particulars) {
            // How a dispute ended is told of the milestone.
            Err(Unreadable::UnknownName) => contract(&stored.name, particulars).map(Fact::Contract),
            known => known.map(Fact::Dispute),
        },
        "proposal" => proposal(&stored.name, particulars).map(Fact::Proposal),
        "deposit" | "payment" | "withdrawal" | "chargeback" | "debt" => {
            money(&stored.name, particulars).map(Fact::Money)
        }
        "chat" | "message" => messaging(&stored.name, particulars).map(Fact::Messaging),
        "ledger" | "payouts" => audit(&stored.name, particulars).map(Fact::Audit),
        _ => Err(Unreadable::UnknownName),
    }
}

/// The fact, for a reader: one that cannot be read is refused, never passed over.
pub(crate) fn readable(stored: &StoredFact) -> Result<Fact, StoreError> {
    fact_of(stored).map_err(|problem| {
        let column = match problem {
            Unreadable::UnknownName => "name",
            Unreadable::Particular(_) => "payload",
        };
        let problem = format!("{}: {problem}", stored.name);
        StoreError::Corrupt { table: "outbox", column, row: stored.id.to_string(), problem }
    })
}

/// The particulars of one fact, or of a group among them.
#[derive(Clone, Copy)]
struct Reader<'a>(&'a Particulars);

impl<'a> Reader<'a> {
    fn read<T>(
        self,
        key: &'static str,
        read: impl FnOnce(&'a Particular) -> Option<T>,
    ) -> Result<T, Unreadable> {
        self.0.get(key).and_then(read).ok_or(Unreadable::Particular(key))
    }

    /// Something that is told by its word.
    fn word<T>(self, key: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, Unreadable> {
        self.read(key, |value| value.text().and_then(parse))
    }

    fn text(self, key: &'static str) -> Result<String, Unreadable> {
        self.word(key, |text| Some(text.to_owned()))
    }

    fn number<T>(self, key: &'static str, parse: impl FnOnce(i64) -> Option<T>) -> Result<T, Unreadable> {
        self.read(key, |value| value.number().and_then(parse))
    }

    fn flag(self, key: &'static str) -> Result<bool, Unreadable> {
        self.read(key, |value| if let Particular::Flag(flag) = value { Some(*flag) } else { None })
    }

    fn time(self, key: &'static str) -> Result<DateTime<Utc>, Unreadable> {
        self.word(key, |text| Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc()))
    }

    fn user(self, key: &'static str) -> Result<UserId, Unreadable> {
        self.word(key, UserId::parse)
    }

    fn users(self, key: &'static str) -> Result<Vec<UserId>, Unreadable> {
        self.read(key, |value| {
            let Particular::List(people) = value else { return None };
            people.iter().map(|one| one.text().and_then(UserId::parse)).collect()
        })
    }

    fn order_id(self) -> Result<OrderId, Unreadable> {
        self.word("order_id", OrderId::parse)
    }

    fn milestone(self) -> Result<MilestoneNumber, Unreadable> {
        self.number("milestone", |number| MilestoneNumber::new(number.try_into().ok()?))
    }

    fn amount(self, key: &'static str) -> Result<Money, Unreadable> {
        self.read(key, |value| {
            let currency = Currency::from_word(value.get("currency")?.text()?)?;
            Money::total(value.get("amount_minor")?.number()?, currency).ok()
        })
    }

    fn parties(self) -> Result<ContractParties, Unreadable> {
        Ok(ContractParties {
            contract_id: self.word("contract_id", ContractId::parse)?,
            order_id: self.order_id()?,
            client_id: self.user("client_id")?,
            provider_id: self.user("provider_id")?,
        })
    }
}

fn identity(name: &str, of: Reader<'_>) -> Result<IdentityEvent, Unreadable> {
    let user_id = of.user("user_id")?;
    Ok(match name {
        "user.registered" => IdentityEvent::Registered { user_id, role: of.word("role", Role::from_word)? },
        "user.identity_changed" => {
            IdentityEvent::IdentityChanged { user_id, email_changed: of.flag("email_changed")? }
        }
        "user.profile_changed" => IdentityEvent::ProfileChanged { user_id },
        "user.password_changed" => IdentityEvent::PasswordChanged { user_id },
        "session.token_reuse_detected" => IdentityEvent::TokenReuseDetected {
            user_id,
            session_id: of.word("session_id", SessionId::parse)?,
        },
        "user.blocked" => IdentityEvent::Blocked { user_id, by: of.user("by")?, reason: of.text("reason")? },
        "user.unblocked" => IdentityEvent::Unblocked { user_id, by: of.user("by")? },
        "user.deactivated" => IdentityEvent::Deactivated { user_id },
        _ => return Err(Unreadable::UnknownName),
    })
}

fn audit(name: &str, of: Reader<'_>) -> Result<AuditEvent, Unreadable> {
    let check_id = || of.word("check_id", LedgerCheckId::parse);
    Ok(match name {
        "ledger.disagreed" => AuditEvent::Disagreed {
            check_id: check_id()?,
            offending: of.number("offending", Some)?,
            administrators: of.users("administrators")?,
        },
        "payouts.stopped" => {
            AuditEvent::PayoutsStopped { user_id: of.user("user_id")?, check_id: check_id()? }
        }
        "payouts.resumed" => AuditEvent::PayoutsResumed {
            user_id: of.user("user_id")?,
            by: of.user("by")?,
            reason: of.text("reason")?,
        },
        _ => return Err(Unreadable::UnknownName),
    })
}

fn messaging(name: &str, of: Reader<'_>) -> Result<MessagingEvent, Unreadable> {
    let chat = ChatRef {
        chat_id: of.word("chat_id", ChatId::parse)?,
        order_id: of.order_id()?,
        client_id: of.user("client_id")?,
        provider_id: of.user("provider_id")?,
    };
    Ok(match name {
        "chat.opened" => MessagingEvent::ChatOpened {
            chat,
            opened_by: of.user("opened_by")?,
            reason: of.word("reason", OpeningReason::from_word)?,
        },
        "chat.read" => MessagingEvent::MessagesRead {
            chat,
            reader_id: of.user("reader_id")?,
            up_to: of.word("up_to", MessageId::parse)?,
        },
        "message.sent" => MessagingEvent::MessageSent {
            chat,
            message_id: of.word("message_id", MessageId::parse)?,
            sender_id: of.user("sender_id")?,
        },
        _ => return Err(Unreadable::UnknownName),
    })
}

fn order(name: &str, of: Reader<'_>) -> Result<OrderEvent, Unreadable> {
    let order_id = of.order_id()?;
    if name == "order.reviewed" {
        let (author_id, subject_id) = (of.user("author_id")?, of.user("subject_id")?);
        let rating = of.number("rating", |stars| Stars::new(stars.try_into().ok()?).ok())?;
        return Ok(OrderEvent::Reviewed { order_id, author_id, subject_id, rating });
    }
    let client_id = of.user("client_id")?;
    let provider = || of.user("provider_id");
    Ok(match name {
        "order.posted" => OrderEvent::Posted { order_id, client_id },
        "order.invited" => OrderEvent::Invited { order_id, client_id, provider_id: provider()? },
        "order.invitation_declined" => {
            OrderEvent::InvitationDeclined { order_id, client_id, provider_id: provider()? }
        }
        "order.edited" => OrderEvent::Edited {
            order_id,
            client_id,
            revision: of.number("revision", Some)?,
            is_material: of.flag("is_material")?,
        },
        "order.expired" => OrderEvent::Expired { order_id, client_id },
        "order.started" => OrderEvent::Started { order_id, client_id, provider_id: provider()? },
        "order.progressed" => OrderEvent::Progressed {
            order_id,
            client_id,
            provider_id: provider()?,
            progress: of.number("progress", |percent| Progress::new(percent.try_into().ok()?).ok())?,
        },
        "order.completed" => OrderEvent::Completed {
            order_id,
            client_id,
            provider_id: provider()?,
            // Facts from before this was written down were told as if the client had done it.
            settled_by: match of.0.get("settled_by") {
                Some(_) => of.word("settled_by", Party::from_word)?,
                None => Party::Client,
            },
        },
        "order.cancelled" => OrderEvent::Cancelled {
            order_id,
            client_id,
            provider_id: of.read("provider_id", |value| {
                let nobody = *value == Particular::Nothing;
                if nobody { Some(None) } else { value.text().and_then(UserId::parse).map(Some) }
            })?,
            reason: of.word("reason", Cancellation::from_word)?,
        },
        "order.reopened" => OrderEvent::Reopened { order_id, client_id, provider_id: provider()? },
        _ => return Err(Unreadable::UnknownName),
    })
}

fn bid(name: &str, of: Reader<'_>) -> Result<BidEvent, Unreadable> {
    let bid = BidRef {
        bid_id: of.word("bid_id", BidId::parse)?,
        order_id: of.order_id()?,
        client_id: of.user("client_id")?,
        provider_id: of.user("provider_id")?,
    };
    Ok(match name {
        "bid.placed" => BidEvent::Placed(bid),
        "bid.edited" => BidEvent::Edited(bid),
        "bid.confirmed" => BidEvent::Confirmed(bid),
        "bid.outdated" => BidEvent::Outdated(bid),
        "bid.countered" => BidEvent::Countered(bid),
        "bid.counter_accepted" => BidEvent::CounterAccepted(bid),
        "bid.counter_rejected" => BidEvent::CounterRejected(bid),
        "bid.accepted" => BidEvent::Accepted(bid),
        "bid.declined" => BidEvent::Declined { bid, reason: of.word("reason", DeclineReason::from_word)? },
        "bid.withdrawn" => BidEvent::Withdrawn(bid),
        _ => return Err(Unreadable::UnknownName),
    })
}

fn contract(name: &str, of: Reader<'_>) -> Result<ContractEvent, Unreadable> {
    let contract = of.parties()?;
    let milestone = || of.milestone();
    Ok(match name {
        "contract.made" => ContractEvent::Made { contract, price: of.amount("price")? },
        "contract.funded" => ContractEvent::Funded { contract, amount: of.amount("amount")? },
        "contract.ended" => ContractEvent::Ended { contract },
        "contract.completed" => ContractEvent::Completed { contract },
        "milestone.started" => ContractEvent::MilestoneStarted { contract, milestone: milestone()? },
        "milestone.submitted" => ContractEvent::MilestoneSubmitted {
            contract,
            milestone: milestone()?,
            submission: of.number("submission", |number| number.try_into().ok())?,
        },
        "milestone.release_due" => ContractEvent::ReleaseDue {
            contract,
            milestone: milestone()?,
            releases_at: of.time("releases_at")?,
        },
        "milestone.changes_requested" => ContractEvent::ChangesRequested {
            contract,
            milestone: milestone()?,
            message: of.text("message")?,
        },
        "milestone.approved" => ContractEvent::MilestoneApproved {
            contract,
            milestone: milestone()?,
            by_clock: of.flag("by_clock")?,
        },
        "milestone.refunded" => ContractEvent::MilestoneRefunded { contract, milestone: milestone()? },
        "milestone.charged_back" => ContractEvent::MilestoneChargedBack { contract, milestone: milestone()? },
        "milestone.disputed" => ContractEvent::MilestoneDisputed {
            contract,
            milestone: milestone()?,
            opened_by: of.word("opened_by", Party::from_word)?,
        },
        "dispute.decided" => ContractEvent::DisputeDecided {
            contract,
            milestone: milestone()?,
            to_provider: of.amount("to_provider")?,
            to_client: of.amount("to_client")?,
            // Facts from before this was written down were all of administrators.
            resolver: match of.0.get("resolver") {
                Some(_) => of.word("resolver", Resolver::from_word)?,
                None => Resolver::Administrator,
            },
        },
        "milestone.divided" => ContractEvent::MilestoneDivided {
            contract,
            milestone: milestone()?,
            to_provider: of.amount("to_provider")?,
            to_client: of.amount("to_client")?,
        },
        _ => return Err(Unreadable::UnknownName),
    })
}

fn proposal(name: &str, of: Reader<'_>) -> Result<ProposalEvent, Unreadable> {
    let proposal = ProposalRef {
        proposal_id: of.word("proposal_id", ProposalId::parse)?,
        contract: of.parties()?,
        kind: of.word("kind", ProposalKind::from_word)?,
        milestone: match of.0.get("milestone") {
            Some(Particular::Nothing) => None,
            _ => Some(of.milestone()?),
        },
        amount: of.amount("amount")?,
        proposed_by: of.word("proposed_by", Party::from_word)?,
    };
    Ok(match name {
        "proposal.made" => ProposalEvent::Made(proposal),
        "proposal.accepted" => {
            ProposalEvent::Accepted { proposal, accepted_by: of.word("accepted_by", Party::from_word)? }
        }
        "proposal.rejected" => ProposalEvent::Rejected(proposal),
        "proposal.withdrawn" => ProposalEvent::Withdrawn(proposal),
        "proposal.lapsed" => ProposalEvent::Lapsed(proposal),
        "proposal.superseded" => ProposalEvent::Superseded(proposal),
        _ => return Err(Unreadable::UnknownName),
    })
}

fn dispute(name: &str, of: Reader<'_>) -> Result<DisputeEvent, Unreadable> {
    let dispute = || {
        Ok(DisputeRef {
            dispute_id: of.word("dispute_id", DisputeId::parse)?,
            contract: of.parties()?,
            milestone: of.milestone()?,
        })
    };
    let number = |key| of.number(key, |number| number.try_into().ok());
    let by = || of.word("by", Party::from_word);
    Ok(match name {
        "dispute.evidence_added" => {
            DisputeEvent::EvidenceAdded { dispute: dispute()?, evidence: number("evidence")?, by: by()? }
        }
        "dispute.offer_made" => DisputeEvent::OfferMade {
            dispute: dispute()?,
            offer: number("offer")?,
            to_provider: of.amount("to_provider")?,
            by: by()?,
        },
        "dispute.offer_rejected" => DisputeEvent::OfferRejected {
            dispute: dispute()?,
            offer: number("offer")?,
            to_provider: of.amount("to_provider")?,
            by: by()?,
        },
        "dispute.escalated" => DisputeEvent::Escalated { dispute: dispute()?, by: by()? },
        _ => return Err(Unreadable::UnknownName),
    })
}

fn money(name: &str, of: Reader<'_>) -> Result<MoneyEvent, Unreadable> {
    let deposit = || {
        let deposit_id = of.word("deposit_id", DepositId::parse)?;
        Ok((deposit_id, of.user("user_id")?, of.amount("amount")?))
    };
    Ok(match name {
        "deposit.completed" => {
            let (deposit_id, user_id, amount) = deposit()?;
            MoneyEvent::DepositCompleted { deposit_id, user_id, amount }
        }
        "deposit.failed" => {
            let (deposit_id, user_id, amount) = deposit()?;
            MoneyEvent::DepositFailed { deposit_id, user_id, amount }
        }
        "payment.received" => MoneyEvent::PaymentReceived {
            contract: of.parties()?,
            milestone: of.milestone()?,
            gross: of.amount("gross")?,
            fee: of.amount("fee")?,
        },
        "payment.bonus" => MoneyEvent::BonusReceived {
            bonus_id: of.word("bonus_id", BonusId::parse)?,
            contract: of.parties()?,
            amount: of.amount("amount")?,
            fee: of.amount("fee")?,
        },
        "payment.cleared" => MoneyEvent::PaymentCleared {
            contract: of.parties()?,
            milestone: of.milestone()?,
            amount: of.amount("amount")?,
        },
        "payment.refunded" => MoneyEvent::PaymentRefunded {
            contract: of.parties()?,
            milestone: of.milestone()?,
            amount: of.amount("amount")?,
        },
        "payment.returned" => MoneyEvent::PaymentReturned {
            contract: of.parties()?,
            milestone: of.milestone()?,
            gross: of.amount("gross")?,
            fee: of.amount("fee")?,
            refunded: of.amount("refunded")?,
        },
        "payment.charged_back" => MoneyEvent::PaymentChargedBack {
            contract: of.parties()?,
            milestone: of.milestone()?,
            gross: of.amount("gross")?,
            fee: of.amount("fee")?,
            refunded: of.amount("refunded")?,
        },
        _ if name.starts_with("withdrawal.") => withdrawal(name, of)?,
        _ => chargeback(name, of)?,
    })
}

fn withdrawal(name: &str, of: Reader<'_>) -> Result<MoneyEvent, Unreadable> {
    let withdrawal = || {
        Ok(WithdrawalRef {
            withdrawal_id: of.word("withdrawal_id", WithdrawalId::parse)?,
            user_id: of.user("user_id")?,
            amount: of.amount("amount")?,
        })
    };
    Ok(match name {
        "withdrawal.requested" => MoneyEvent::WithdrawalRequested(withdrawal()?),
        "withdrawal.first_approved" => MoneyEvent::WithdrawalFirstApproved(withdrawal()?),
        "withdrawal.approved" => MoneyEvent::WithdrawalApproved(withdrawal()?),
        "withdrawal.sent" => MoneyEvent::WithdrawalSent(withdrawal()?),
        "withdrawal.paid" => MoneyEvent::WithdrawalPaid(withdrawal()?),
        "withdrawal.rejected" => {
            MoneyEvent::WithdrawalRejected { withdrawal: withdrawal()?, reason: of.text("reason")? }
        }
        "withdrawal.cancelled" => MoneyEvent::WithdrawalCancelled(withdrawal()?),
        "withdrawal.failed" => MoneyEvent::WithdrawalFailed(withdrawal()?),
        "withdrawal.needs_review" => MoneyEvent::WithdrawalNeedsReview(withdrawal()?),
        _ => return Err(Unreadable::UnknownName),
    })
}

/// Chargebacks, and the debts that they leave.
fn chargeback(name: &str, of: Reader<'_>) -> Result<MoneyEvent, Unreadable> {
    let chargeback = || {
        Ok(ChargebackRef {
            chargeback_id: of.word("chargeback_id", ChargebackId::parse)?,
            deposit_id: of.word("deposit_id", DepositId::parse)?,
            user_id: of.user("user_id")?,
            amount: of.amount("amount")?,
        })
    };
    Ok(match name {
        "chargeback.received" => {
            MoneyEvent::ChargebackReceived { chargeback: chargeback()?, debt: of.amount("debt")? }
        }
        "chargeback.won" => {
            MoneyEvent::ChargebackWon { chargeback: chargeback()?, available: of.amount("available")? }
        }
        "chargeback.lost" => MoneyEvent::ChargebackLost(chargeback()?),
        "debt.settled" => MoneyEvent::DebtSettled {
            user_id: of.user("user_id")?,
            amount: of.amount("amount")?,
            left: of.amount("left")?,
        },
        _ => return Err(Unreadable::UnknownName),
    })
}
