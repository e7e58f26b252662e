//! Writes that are kept until the next call, or until COMMIT, with which they cost no round trip of their own.
//!
//! Each is one statement that does all of its work or fails: what it has done cannot be looked at before COMMIT is
//! sent.

use diesel::QueryResult;
use domain::bidding::{Bid, Offer};
use domain::messaging::{Chat, Message};

use crate::link::{Line, Scene};
use crate::{bidding, messaging};

/// A write whose answer nobody waits for.
pub(crate) enum Kept {
    /// A new bid and the first line of its history.
    Bid(Box<(Bid, Offer)>),
    /// A message, and the chat that has taken it.
    Message(Box<(Chat, Message)>),
}

impl Kept {
    pub(crate) const fn scene(&self) -> Scene {
        match self {
            Self::Bid(_) => Scene::Bid,
            Self::Message(_) => Scene::Message,
        }
    }

    pub(crate) async fn write(&self, line: Line<'_>) -> QueryResult<()> {
        match self {
            Self::Bid(placed) => bidding::repository::insert(line, &placed.0, &placed.1).await,
            Self::Message(said) => messaging::repository::add_message(line, &said.0, &said.1).await,
        }
    }
}
