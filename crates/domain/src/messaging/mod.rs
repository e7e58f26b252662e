//! Chats: what the client of an order and somebody who bid on it write to each other (contract §6).
//!
//! A chat is opened by the award, by a counter-offer or by somebody who writes; its first message is
//! the bid's. Messages are numbered without gaps, and nothing about them is ever counted: each knows
//! how many of those up to it are the provider's, so that what is unread is a difference. A message
//! may have files instead of words, or beside them.
//!
//! Deliberately absent: changing and deleting messages, and closing a chat: what was said is kept,
//! and people may have something to say to each other after the order's end.

mod chat;
mod error;
mod event;
mod message;
mod opening;
pub mod policy;

pub use chat::{Chat, Member};
pub use error::MessagingError;
pub use event::{ChatRef, MessagingEvent, OpeningReason};
pub use message::{Mark, Message, MessageContent, MessageText, NewMessage, NothingSaid};
pub use opening::{FirstWords, Grounds, NewChat, OpenedChat, Opening, StandingBid, openings, provider_in};
