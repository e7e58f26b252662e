//! What a notification is about, as JSON. Keys are stable, ids are strings; what is absent has none.

use std::fmt::Display;

use chrono::{DateTime, SecondsFormat, Utc};
use domain::contracts::Stars;
use domain::ids::{BidId, DepositId, MilestoneNumber, OrderId, WithdrawalId};
use domain::money::{Currency, Money};
use domain::notifications::Details;
use ports::store::StoreError;
use serde_json::{Map, Value, json};

use crate::error::corrupt;

pub(super) fn to_json(details: &Details) -> Value {
    let Details {
        order_id,
        order_title,
        bid_id,
        milestone,
        amount,
        withdrawal_id,
        deposit_id,
        rating,
        due_at,
        reason,
    } = details;
    let entries = [
        ("order_id", order_id.map(|id| json!(id.to_string()))),
        ("order_title", order_title.as_ref().map(|title| json!(title))),
        ("bid_id", bid_id.map(|id| json!(id.to_string()))),
        ("milestone", milestone.map(|number| json!(number.number()))),
        ("amount", amount.map(money_json)),
        ("withdrawal_id", withdrawal_id.map(|id| json!(id.to_string()))),
        ("deposit_id", deposit_id.map(|id| json!(id.to_string()))),
        ("rating", rating.map(|stars| json!(stars.get()))),
        ("due_at", due_at.map(|at| json!(at.to_rfc3339_opts(SecondsFormat::Micros, true)))),
        ("reason", reason.as_ref().map(|reason| json!(reason))),
    ];
    let present = entries.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?)));
    Value::Object(present.collect())
}

/// Reads what [`to_json`] has written.
pub(super) fn from_json(details: &Value, row: impl Display + Copy) -> Result<Details, StoreError> {
    let Value::Object(stored) = details else { return Err(corrupt(TABLE, COLUMN, row, "is no object")) };
    let stored = Stored { stored, row };
    Ok(Details {
        order_id: stored.word("order_id", OrderId::parse)?,
        order_title: stored.word("order_title", text)?,
        bid_id: stored.word("bid_id", BidId::parse)?,
        milestone: stored
            .value("milestone", |value| MilestoneNumber::new(value.as_i64()?.try_into().ok()?))?,
        amount: stored.value("amount", money)?,
        withdrawal_id: stored.word("withdrawal_id", WithdrawalId::parse)?,
        deposit_id: stored.word("deposit_id", DepositId::parse)?,
        rating: stored.value("rating", |value| Stars::new(value.as_i64()?.try_into().ok()?).ok())?,
        due_at: stored.word("due_at", time)?,
        reason: stored.word("reason", text)?,
    })
}

const TABLE: &str = "notifications";
const COLUMN: &str = "details";

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn time(text: &str) -> Option<DateTime<Utc>> {
    Some(DateTime::parse_from_rfc3339(text).ok()?.to_utc())
}

fn money_json(amount: Money) -> Value {
    json!({"amount_minor": amount.minor(), "currency": amount.currency().as_str()})
}

fn money(value: &Value) -> Option<Money> {
    let currency = Currency::from_word(value.get("currency")?.as_str()?)?;
    Money::total(value.get("amount_minor")?.as_i64()?, currency).ok()
}

struct Stored<'a, R> {
    stored: &'a Map<String, Value>,
    row: R,
}

impl<R: Display + Copy> Stored<'_, R> {
    fn value<T>(&self, key: &str, read: impl FnOnce(&Value) -> Option<T>) -> Result<Option<T>, StoreError> {
        let Some(value) = self.stored.get(key) else { return Ok(None) };
        let read = read(value);
        read.map(Some).ok_or_else(|| corrupt(TABLE, COLUMN, self.row, format!("has an impossible {key}")))
    }

    fn word<T>(&self, key: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<Option<T>, StoreError> {
        self.value(key, |value| value.as_str().and_then(parse))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_has_no_key() {
        assert_eq!(to_json(&Details::default()), json!({}));
        assert_eq!(from_json(&json!({}), 1).unwrap(), Details::default());
    }

    #[test]
    fn keys_are_stable() {
        let details = Details {
            order_id: OrderId::new(95),
            amount: Money::total(11_500, Currency::Usd).ok(),
            due_at: Some(DateTime::UNIX_EPOCH),
            ..Details::default()
        };
        let stored = json!({"order_id": "ORD-095", "amount": {"amount_minor": 11_500, "currency": "USD"},
                            "due_at": "1970-01-01T00:00:00.000000Z"});
        assert_eq!(to_json(&details), stored);
        assert_eq!(from_json(&stored, 1).unwrap(), details);
    }

    #[test]
    fn an_impossible_value_is_named() {
        for stored in [
            json!([]),
            json!({"order_id": "95"}),
            json!({"order_id": null}),
            json!({"milestone": 0}),
            json!({"rating": 6}),
            json!({"due_at": "tomorrow"}),
            json!({"amount": {"amount_minor": -1, "currency": "USD"}}),
            json!({"amount": 115}),
        ] {
            let read = from_json(&stored, 7);
            assert!(
                matches!(&read, Err(StoreError::Corrupt { row, .. }) if row == "7"),
                "{stored}: {read:?}"
            );
        }
    }
}
