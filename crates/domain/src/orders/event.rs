//! What happened to orders.

use super::Progress;
use crate::actor::Party;
use crate::contracts::Stars;
use crate::ids::{OrderId, UserId};
use crate::machine::word_enum;

word_enum!(
    /// Why an order was called off.
    Cancellation {
        /// The client changed their mind.
        ByClient = "by_client",
        /// It was awarded and not paid for.
        NotFunded = "not_funded",
        /// Everything that was paid for it went back.
        Refunded = "refunded",
        /// Both sides agreed to end it while the work was on.
        ByConsent = "by_consent",
        /// The client's account was closed or blocked.
        ClientUnavailable = "client_unavailable",
    }
);

/// Facts about orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OrderEvent {
    /// A client wants something done.
    Posted {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
    },
    /// A provider was asked to bid.
    Invited {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
        /// Who was asked.
        provider_id: UserId,
    },
    /// A provider who was asked to bid said no.
    InvitationDeclined {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
        /// Who was asked.
        provider_id: UserId,
    },
    /// The client changed what is wanted.
    Edited {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
        /// The revision that it has now.
        revision: i64,
        /// Whether bidders must think again.
        is_material: bool,
    },
    /// The deadline passed without an award.
    Expired {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
    },
    /// It is paid for: the work is on.
    Started {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
        /// Who does it.
        provider_id: UserId,
    },
    /// The provider said how far they are.
    Progressed {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
        /// Who does it.
        provider_id: UserId,
        /// How far.
        progress: Progress,
    },
    /// Every milestone is settled.
    Completed {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
        /// Who did it.
        provider_id: UserId,
        /// Who settled the last milestone.
        settled_by: Party,
    },
    /// It was called off.
    Cancelled {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
        /// Who was to do it, if it was awarded.
        provider_id: Option<UserId>,
        /// Why.
        reason: Cancellation,
    },
    /// One side said what the other was like.
    Reviewed {
        /// The order.
        order_id: OrderId,
        /// Who said it.
        author_id: UserId,
        /// About whom.
        subject_id: UserId,
        /// How good it was.
        rating: Stars,
    },
    /// The provider left before it was paid for: it is open again.
    Reopened {
        /// The order.
        order_id: OrderId,
        /// Whose it is.
        client_id: UserId,
        /// Who left.
        provider_id: UserId,
    },
}

impl OrderEvent {
    /// The fact's stable name, `noun.participle`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Posted { .. } => "order.posted",
            Self::Invited { .. } => "order.invited",
            Self::InvitationDeclined { .. } => "order.invitation_declined",
            Self::Edited { .. } => "order.edited",
            Self::Expired { .. } => "order.expired",
            Self::Started { .. } => "order.started",
            Self::Progressed { .. } => "order.progressed",
            Self::Completed { .. } => "order.completed",
            Self::Cancelled { .. } => "order.cancelled",
            Self::Reopened { .. } => "order.reopened",
            Self::Reviewed { .. } => "order.reviewed",
        }
    }
}
