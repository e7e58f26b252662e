//! What is said in a dispute: evidence, offers of a split, and the reason of a decision.

use chrono::{DateTime, Utc};
use thiserror::Error;

use crate::actor::Party;
use crate::files::FileList;
use crate::ids::{DisputeId, UserId};
use crate::machine::word_enum;
use crate::money::Money;
use crate::text::{Lines, text_type};

text_type!(
    /// What somebody says about what happened.
    EvidenceText,
    10_000,
    Lines::Multiple
);
text_type!(
    /// What goes with an offer of a split.
    SplitMessage,
    10_000,
    Lines::Multiple
);
text_type!(
    /// Why an administrator decided as they did. Both sides read it.
    DecisionReason,
    10_000,
    Lines::Multiple
);

/// What is brought forward at once: words, files, or both.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceContent {
    text: Option<EvidenceText>,
    files: FileList,
}

/// Neither words nor files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("must not be empty unless files are attached")]
pub struct NothingSaid;

impl EvidenceContent {
    /// Words, files, or both.
    ///
    /// # Errors
    /// [`NothingSaid`].
    pub fn new(text: Option<EvidenceText>, files: FileList) -> Result<Self, NothingSaid> {
        if text.is_none() && files.ids().is_empty() { Err(NothingSaid) } else { Ok(Self { text, files }) }
    }

    /// The words, if there are any.
    #[must_use]
    pub const fn text(&self) -> Option<&EvidenceText> {
        self.text.as_ref()
    }

    /// The files, in their order.
    #[must_use]
    pub const fn files(&self) -> &FileList {
        &self.files
    }
}

/// One thing that was brought forward; it never changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// In which dispute.
    pub dispute_id: DisputeId,
    /// 1 for the first of the dispute.
    pub number: i32,
    /// By which side.
    pub side: Party,
    /// By whom.
    pub author_id: UserId,
    /// What.
    pub content: EvidenceContent,
    /// When.
    pub added_at: DateTime<Utc>,
}

word_enum!(
    /// How an offer of a split stands.
    OfferState {
        /// The other side may take it.
        Standing = "standing",
        /// Its side has made another one.
        Replaced = "replaced",
        /// The other side did not want it.
        Rejected = "rejected",
        /// The other side took it.
        Accepted = "accepted",
        /// The dispute was resolved in another way.
        Void = "void",
    }
);

/// An offer of a split.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitOffer {
    /// 1 for the first of the dispute.
    pub number: i32,
    /// Which side made it.
    pub side: Party,
    /// What the provider is to have, before their fee; the rest goes back.
    pub to_provider: Money,
    /// What goes with it.
    pub message: Option<SplitMessage>,
    /// How it stands.
    pub state: OfferState,
    /// When it was made.
    pub made_at: DateTime<Utc>,
    /// When it stood no more.
    pub ended_at: Option<DateTime<Utc>>,
}

impl SplitOffer {
    pub(super) const fn end(&mut self, state: OfferState, now: DateTime<Utc>) {
        self.state = state;
        self.ended_at = Some(now);
    }
}
