//! The parts of an order that are stored as JSON: the plan of its milestones, and its form.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::ids::OrderId;
use domain::money::{Currency, Money};
use domain::orders::{
    MilestonePlan, MilestoneTitle, PlannedMilestone, SpecificationNotes, SpecificationWord, Specifications,
};
use ports::store::StoreError;
use serde_json::{Map, Value, json};

use crate::stored::Place;

const FORMAT: &str = "format";
const CITATION_STYLE: &str = "citation_style";
const LANGUAGE: &str = "language";
const ADDITIONAL_NOTES: &str = "additional_notes";

pub(super) fn plan_to_json(plan: &MilestonePlan) -> Value {
    let step = |step: &PlannedMilestone| {
        let PlannedMilestone { title, due_date, amount } = step;
        json!({
            "title": title.as_str(),
            "due_date": due_date.to_rfc3339_opts(SecondsFormat::Micros, true),
            "amount_minor": amount.map(Money::minor),
        })
    };
    plan.steps().iter().map(step).collect()
}

pub(super) fn plan_from_json(
    id: OrderId,
    stored: &Value,
    currency: Currency,
) -> Result<MilestonePlan, StoreError> {
    let place = Place { table: "order_texts", row: id };
    let corrupt = |problem: &str| place.corrupt("milestone_plan", problem);
    let steps = stored.as_array().ok_or_else(|| corrupt("is no list"))?;
    let steps = steps.iter().map(|step| planned(step, currency)).collect::<Result<_, _>>();
    MilestonePlan::new(steps.map_err(corrupt)?).map_err(|problem| place.corrupt("milestone_plan", problem))
}

fn planned(step: &Value, currency: Currency) -> Result<PlannedMilestone, &'static str> {
    let text = |key| step.get(key).and_then(Value::as_str);
    let title = text("title").and_then(|title| MilestoneTitle::parse(title).ok());
    let due_date = text("due_date").and_then(|time| DateTime::parse_from_rfc3339(time).ok());
    let amount = match step.get("amount_minor") {
        None | Some(Value::Null) => None,
        Some(amount) => {
            let money = amount.as_i64().and_then(|minor| Money::positive(minor, currency).ok());
            Some(money.ok_or("has a step with an impossible amount")?)
        }
    };
    Ok(PlannedMilestone {
        title: title.ok_or("has a step without a title")?,
        due_date: due_date.ok_or("has a step without a date")?.with_timezone(&Utc),
        amount,
    })
}

pub(super) fn form_to_json(form: &Specifications) -> Value {
    let Specifications { format, citation_style, language, additional_notes } = form;
    let word = |word: &Option<SpecificationWord>| word.as_ref().map(|word| word.as_str().to_owned());
    let entries = [
        (FORMAT, word(format)),
        (CITATION_STYLE, word(citation_style)),
        (LANGUAGE, word(language)),
        (ADDITIONAL_NOTES, additional_notes.as_ref().map(|notes| notes.as_str().to_owned())),
    ];
    let given = entries.into_iter().filter_map(|(key, text)| Some((key.to_owned(), Value::String(text?))));
    Value::Object(given.collect())
}

pub(super) fn form_from_json(id: OrderId, stored: &Value) -> Result<Specifications, StoreError> {
    let place = Place { table: "order_texts", row: id };
    let corrupt = |problem: &str| place.corrupt("specifications", problem);
    let entries = stored.as_object().ok_or_else(|| corrupt("is no object"))?;
    let known = [FORMAT, CITATION_STYLE, LANGUAGE, ADDITIONAL_NOTES];
    if entries.keys().any(|key| !known.contains(&key.as_str())) {
        return Err(corrupt("has a part that is not known"));
    }
    let text = |key| text(entries, key).map_err(corrupt);
    let word = |key| place.optional("specifications", text(key)?, SpecificationWord::parse);
    Ok(Specifications {
        format: word(FORMAT)?,
        citation_style: word(CITATION_STYLE)?,
        language: word(LANGUAGE)?,
        additional_notes: place.optional(
            "specifications",
            text(ADDITIONAL_NOTES)?,
            SpecificationNotes::parse,
        )?,
    })
}

fn text<'a>(entries: &'a Map<String, Value>, key: &str) -> Result<Option<&'a str>, &'static str> {
    match entries.get(key) {
        None => Ok(None),
        Some(value) => value.as_str().map(Some).ok_or("has a part that is no text"),
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    const USD: Currency = Currency::Usd;

    fn id() -> OrderId {
        OrderId::new(95).unwrap()
    }

    #[test]
    fn a_plan_goes_round() {
        let step = |amount| PlannedMilestone {
            title: MilestoneTitle::parse("Draft \"ä\" \\ \u{1F512}").unwrap(),
            due_date: Utc.timestamp_opt(1_700_000_000, 123_456_000).unwrap(),
            amount,
        };
        let amount = Money::positive(9_999_999_999, USD).ok();
        for steps in [vec![], vec![step(None), step(None)], vec![step(amount)]] {
            let plan = MilestonePlan::new(steps).unwrap();
            assert_eq!(plan_from_json(id(), &plan_to_json(&plan), USD).unwrap(), plan);
        }
        let shown = plan_to_json(&MilestonePlan::new(vec![step(None)]).unwrap()).to_string();
        assert!(shown.contains(r#""due_date":"2023-11-14T22:13:20.123456Z""#), "{shown}");
    }

    #[test]
    fn a_form_goes_round() {
        let word = |raw| SpecificationWord::parse(raw).ok();
        let full = Specifications {
            format: word("PDF"),
            citation_style: word("APA"),
            language: word("English (US)"),
            additional_notes: SpecificationNotes::parse("line\nline").ok(),
        };
        for form in [Specifications::default(), full] {
            assert_eq!(form_from_json(id(), &form_to_json(&form)).unwrap(), form);
        }
        assert_eq!(form_to_json(&Specifications::default()), json!({}));
    }

    #[test]
    fn what_is_stored_wrongly_is_named() {
        let good = json!({"title": "x", "due_date": "2023-11-14T22:13:20Z", "amount_minor": null});
        assert!(plan_from_json(id(), &json!([good]), USD).is_ok());
        for (key, value) in [
            ("title", json!("")),
            ("title", json!(1)),
            ("due_date", json!("yesterday")),
            ("due_date", Value::Null),
            ("amount_minor", json!(0)),
            ("amount_minor", json!(1.5)),
        ] {
            let mut wrong = good.clone();
            wrong[key] = value;
            let error = plan_from_json(id(), &json!([wrong]), USD).unwrap_err();
            assert!(
                matches!(&error, StoreError::Corrupt { table: "order_texts", column: "milestone_plan", row, .. }
                    if row == "ORD-095"),
                "{error}"
            );
        }
        let mixed = json!([good, {"title": "x", "due_date": "2023-11-14T22:13:20Z", "amount_minor": 1}]);
        assert!(plan_from_json(id(), &mixed, USD).is_err());
        for wrong in [json!([]), json!({"format": 1}), json!({"format": ""}), json!({"colour": "red"})] {
            let error = form_from_json(id(), &wrong).unwrap_err();
            assert!(matches!(error, StoreError::Corrupt { column: "specifications", .. }), "{error}");
        }
    }
}
