//! What each side may set of an order.

use crate::actor::Party;
use crate::machine::word_enum;

word_enum!(
    /// A field of an order that somebody may set after it was posted.
    OrderField {
        /// What it is called.
        Title = "title",
        /// Its field.
        Subject = "subject",
        /// Its kind.
        OrderType = "type",
        /// How many pages.
        Pages = "pages",
        /// By when.
        Deadline = "deadline",
        /// For about how much.
        Budget = "budget",
        /// What is to be done.
        Description = "description",
        /// What is expected, in one text.
        Requirements = "requirements",
        /// What is expected, as a list.
        DetailedRequirements = "detailed_requirements",
        /// In which form.
        Specifications = "specifications",
        /// In which steps.
        Milestones = "milestones",
        /// Who is to be asked to bid.
        InvitedWriters = "invited_writers",
        /// How far the work is.
        Progress = "progress",
        /// Which milestone is begun or handed in.
        MilestoneId = "milestone_id",
        /// What is done with it.
        Status = "status",
    }
);

impl OrderField {
    /// Which side sets it: the client says what is wanted, the provider how far it is.
    #[must_use]
    pub const fn side(self) -> Party {
        match self {
            Self::Title
            | Self::Subject
            | Self::OrderType
            | Self::Pages
            | Self::Deadline
            | Self::Budget
            | Self::Description
            | Self::Requirements
            | Self::DetailedRequirements
            | Self::Specifications
            | Self::Milestones
            | Self::InvitedWriters => Party::Client,
            Self::Progress | Self::MilestoneId | Self::Status => Party::Provider,
        }
    }

    /// Without which other field it says nothing.
    #[must_use]
    pub const fn needs(self) -> Option<Self> {
        match self {
            Self::MilestoneId => Some(Self::Status),
            Self::Status => Some(Self::MilestoneId),
            Self::Title
            | Self::Subject
            | Self::OrderType
            | Self::Pages
            | Self::Deadline
            | Self::Budget
            | Self::Description
            | Self::Requirements
            | Self::DetailedRequirements
            | Self::Specifications
            | Self::Milestones
            | Self::InvitedWriters
            | Self::Progress => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_side_has_its_own() {
        let of = |side| {
            let fields = OrderField::ALL.iter().filter(|field| field.side() == side);
            fields.map(|field| field.as_str()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            of(Party::Client),
            "title subject type pages deadline budget description requirements detailed_requirements \
             specifications milestones invited_writers"
        );
        assert_eq!(of(Party::Provider), "progress milestone_id status");
        for field in OrderField::ALL {
            let Some(other) = field.needs() else { continue };
            assert_eq!(other.needs(), Some(*field), "{field}");
            assert_eq!(other.side(), field.side(), "{field}");
        }
        assert_eq!(OrderField::Status.needs(), Some(OrderField::MilestoneId));
    }
}
