//! Typed identifiers, so that a session can never be passed where a user is meant.
//!
//! Values are minted outside (port `Ids`, UUID version 7: they sort by creation, which keeps
//! B-tree inserts local); the domain only carries them. Orders, bids and withdrawals are numbered
//! by one sequence each, because people read their ids to each other: `ORD-001` (contract §2).

use std::fmt;

use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// Wraps a value that the outside has minted or stored.
            #[must_use]
            pub const fn new(value: Uuid) -> Self {
                Self(value)
            }

            /// The bare value, for storage and the wire.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }

            /// Reads what [`Display`](fmt::Display) writes, such as a stored fact's particular.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                let value = Self(Uuid::try_parse(text).ok()?);
                (value.to_string() == text).then_some(value)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    };
}

uuid_id!(
    /// A person with an account.
    UserId
);
uuid_id!(
    /// One login of a person: the family of all access and refresh tokens that descend from it.
    SessionId
);
uuid_id!(
    /// One thing that happened, as it is written to the outbox.
    EventId
);
uuid_id!(
    /// Something that a person is told.
    NotificationId
);
uuid_id!(
    /// An agreement between a client and a provider about one order.
    ContractId
);
uuid_id!(
    /// Money that somebody paid into their wallet.
    DepositId
);
uuid_id!(
    /// A voluntary payment on top of a price.
    BonusId
);
uuid_id!(
    /// A payment that its payer's bank took back.
    ChargebackId
);
uuid_id!(
    /// Something about money that one side of a contract proposes to the other.
    ProposalId
);
uuid_id!(
    /// A disagreement about a milestone's money.
    DisputeId
);
uuid_id!(
    /// A payment of what somebody owed.
    DebtSettlementId
);
uuid_id!(
    /// A file that somebody uploaded.
    FileId
);

uuid_id!(
    /// One check of the whole books.
    LedgerCheckId
);
uuid_id!(
    /// A hold on somebody's payouts.
    PayoutHoldId
);

/// One piece of background work. Its number is the queue's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(i64);

impl JobId {
    /// Wraps a number of the queue; `None` below 1.
    #[must_use]
    pub const fn new(number: i64) -> Option<Self> {
        if number >= 1 { Some(Self(number)) } else { None }
    }

    /// The bare number, for storage.
    #[must_use]
    pub const fn number(self) -> i64 {
        self.0
    }

    /// Reads what [`Display`](fmt::Display) writes, and nothing else: each job has one address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self::new(text.parse().ok()?)?;
        (id.to_string() == text).then_some(id)
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
uuid_id!(
    /// What two people write to each other about one order.
    ChatId
);
uuid_id!(
    /// One message in a chat.
    MessageId
);

macro_rules! sequence_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal $(, $alias:literal)?) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(i64);

        impl $name {
            /// What is written before the number.
            pub const PREFIX: &'static str = $prefix;

            /// Wraps a number of its sequence; `None` below 1.
            #[must_use]
            pub const fn new(number: i64) -> Option<Self> {
                if number < 1 { None } else { Some(Self(number)) }
            }

            /// The bare number, for storage.
            #[must_use]
            pub const fn number(self) -> i64 {
                self.0
            }

            /// Reads exactly what [`Display`](fmt::Display) writes, so that one thing has one name:
            /// no lower case, no missing and no additional zeros.
            #[must_use]
            pub fn parse(raw: &str) -> Option<Self> {
                let digits = raw.strip_prefix($prefix)$(.or_else(|| raw.strip_prefix($alias)))??;
                canonical_number(digits).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}{:03}", Self::PREFIX, self.0)
            }
        }
    };
}

/// The number that is written so: at least three digits, zeros in front only to make three.
fn canonical_number(digits: &str) -> Option<i64> {
    let well_formed = digits.bytes().all(|b| b.is_ascii_digit())
        && (digits.len() == 3 || (digits.len() > 3 && !digits.starts_with('0')));
    if !well_formed {
        return None;
    }
    digits.parse().ok().filter(|number| *number >= 1)
}

sequence_id!(
    /// Work that somebody posted. Sent as `ORD-001`; `AO-001`, as the source calls it before the
    /// award, means the same order.
    OrderId,
    "ORD-",
    "AO-"
);
sequence_id!(
    /// An offer to do an order.
    BidId,
    "BID-"
);
sequence_id!(
    /// Money on its way out of a wallet.
    WithdrawalId,
    "WD-"
);

/// A milestone's place within its order: 1, 2, 3 …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MilestoneNumber(i32);

impl MilestoneNumber {
    /// The only milestone of an order without a plan.
    pub const FIRST: Self = Self(1);

    /// Wraps a place; `None` below 1.
    #[must_use]
    pub const fn new(number: i32) -> Option<Self> {
        if number < 1 { None } else { Some(Self(number)) }
    }

    /// The bare number, for storage and the wire.
    #[must_use]
    pub const fn number(self) -> i32 {
        self.0
    }

    /// The places from the first on, for numbering a list.
    pub fn all() -> impl Iterator<Item = Self> {
        (1..=i32::MAX).map(Self)
    }
}

impl fmt::Display for MilestoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(number: i64) -> Option<OrderId> {
        OrderId::new(number)
    }

    #[test]
    fn numbered_ids_are_matched_exactly() {
        let cases = [
            ("ORD-001", order(1)),
            ("AO-001", order(1)),
            ("ORD-095", order(95)),
            ("ORD-999", order(999)),
            ("ORD-1000", order(1000)),
            ("ORD-9223372036854775807", order(i64::MAX)),
            ("ORD-9223372036854775808", None),
            ("ORD-000", None),
            ("ORD-0", None),
            ("ORD-1", None),
            ("ORD-0001", None),
            ("ORD-01000", None),
            ("ord-001", None),
            ("ORD-", None),
            ("ORD001", None),
            (" ORD-001", None),
            ("ORD-001 ", None),
            ("ORD-+01", None),
            ("ORD--01", None),
            ("ORD-AO-001", None),
            ("ORD-٠٠١", None),
            ("BID-001", None),
            ("001", None),
            ("", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(OrderId::parse(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn numbered_ids_go_round_and_send_their_own_prefix() {
        for number in [1, 9, 10, 99, 100, 999, 1_000, 1_234_567, i64::MAX] {
            let (bid, withdrawal) = (BidId::new(number).unwrap(), WithdrawalId::new(number).unwrap());
            assert_eq!(BidId::parse(&bid.to_string()), Some(bid));
            assert_eq!(WithdrawalId::parse(&withdrawal.to_string()), Some(withdrawal));
        }
        let shown = OrderId::parse("AO-042").map(|id| id.to_string());
        assert_eq!(shown.as_deref(), Some("ORD-042"));
        assert_eq!(BidId::parse("AO-042"), None, "the alias is the order's alone");
    }

    #[test]
    fn identifiers_are_read_as_they_are_written() {
        let id = UserId::new(Uuid::from_u128(7));
        assert_eq!(UserId::parse(&id.to_string()), Some(id));
        for text in ["", "7", "00000000000000000000000000000007", "{00000000-0000-0000-0000-000000000007}"] {
            assert_eq!(UserId::parse(text), None, "{text}");
        }
    }

    #[test]
    fn jobs_are_plain_numbers() {
        for (text, number) in [("1", Some(1)), ("42", Some(42)), ("9223372036854775807", Some(i64::MAX))] {
            assert_eq!(JobId::parse(text).map(JobId::number), number, "{text}");
        }
        for text in ["", "0", "-1", "+1", "01", " 1", "1.0", "9223372036854775808", "one"] {
            assert_eq!(JobId::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn milestones_count_from_one() {
        assert_eq!(MilestoneNumber::new(0), None);
        let first: Vec<_> = MilestoneNumber::all().take(3).map(MilestoneNumber::number).collect();
        assert_eq!(first, [1, 2, 3]);
    }
}
