//! Reading a body field by field into the domain's types, while all broken rules are noted.
//!
//! Bodies that are read this way have no rules of their own for the crate `validator`: their fields
//! are private, and the only way to what they say leads through their `read`, which
//! [`JsonBody::read`](super::JsonBody::read) calls. So rules may depend on who asks.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Display;

use validator::{ValidationErrors, ValidationErrorsKind};

use super::rules::broken;

/// Under this name a broken rule belongs to the object around it, here: to the item of a list.
const ITSELF: &str = "__all__";

/// What is wrong with the fields that have been read so far.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    errors: ValidationErrors,
}

impl Fields {
    /// Notes that a field breaks a rule. A field has either one fault or those of its items.
    pub(crate) fn fault(&mut self, name: &'static str, rule: impl Display) {
        self.note(name, ValidationErrorsKind::Field(vec![broken(rule)]));
    }

    /// Takes a field's value; `None` when it breaks its rule, which is noted.
    pub(crate) fn take<T>(&mut self, name: &'static str, value: Result<T, impl Display>) -> Option<T> {
        value.map_err(|rule| self.fault(name, rule)).ok()
    }

    /// The same for an object with fields of its own.
    pub(crate) fn object<T>(&mut self, name: &'static str, value: Result<T, ValidationErrors>) -> Option<T> {
        value.map_err(|errors| self.note(name, ValidationErrorsKind::Struct(Box::new(errors)))).ok()
    }

    /// The same for each item of a list.
    pub(crate) fn list<I, T>(
        &mut self,
        name: &'static str,
        items: &[I],
        read: impl Fn(&I) -> Result<T, ValidationErrors>,
    ) -> Option<Vec<T>> {
        let (mut values, mut faults) = (Vec::with_capacity(items.len()), BTreeMap::new());
        for (index, item) in items.iter().enumerate() {
            match read(item) {
                Ok(value) => values.push(value),
                Err(errors) => {
                    faults.insert(index, Box::new(errors));
                }
            }
        }
        if faults.is_empty() {
            return Some(values);
        }
        self.note(name, ValidationErrorsKind::List(faults));
        None
    }

    /// Notes that a field of one item of a list breaks a rule.
    pub(crate) fn fault_in(
        &mut self,
        name: &'static str,
        index: usize,
        field: &'static str,
        rule: impl Display,
    ) {
        let mut item = Self::default();
        item.fault(field, rule);
        self.note(name, ValidationErrorsKind::List(BTreeMap::from([(index, Box::new(item.errors))])));
    }

    /// Notes that one item of a list of single values breaks a rule.
    pub(crate) fn fault_at(&mut self, name: &'static str, index: usize, rule: impl Display) {
        self.fault_in(name, index, ITSELF, rule);
    }

    /// What the fields make, if nothing was wrong: `make` has none only where something was.
    ///
    /// # Errors
    /// All that was wrong.
    pub(crate) fn finish<T>(self, make: impl FnOnce() -> Option<T>) -> Result<T, ValidationErrors> {
        if !self.errors.is_empty() {
            return Err(self.errors);
        }
        make().ok_or(self.errors)
    }

    fn note(&mut self, name: &'static str, fault: ValidationErrorsKind) {
        self.errors.errors_mut().insert(Cow::Borrowed(name), fault);
    }
}

/// An item of a list that is a single value.
pub(crate) fn item<T>(value: Result<T, impl Display>) -> Result<T, ValidationErrors> {
    let mut fields = Fields::default();
    let value = fields.take(ITSELF, value);
    fields.finish(|| value)
}
