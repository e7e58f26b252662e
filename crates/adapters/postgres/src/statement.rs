//! Statements written as SQL and prepared once per connection.
//!
//! diesel prepares a `sql_query` anew each time, which costs a round trip and the planning. What is
//! said often and cannot be said in diesel's own words is said with [`statement`]: placeholders
//! `$1`, `$2` … stand in the text once each, in order, and the text is the key of the cache. The text
//! is a constant, so that the cache stays small; what comes from outside goes into values only.

use std::marker::PhantomData;

use diesel::expression::{TypedExpressionType, ValidGrouping, is_aggregate};
use diesel::pg::Pg;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::result::Error;
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, SqlType, Untyped};
use diesel::{AppearsOnTable, Expression, QueryResult, SelectableExpression};

/// A statement whose values follow by [`Statement::bind`]. Rows are read by the names of columns.
pub(crate) const fn statement(text: &'static str) -> Statement<Text> {
    Statement(Text(text))
}

/// A statement with the values bound so far.
#[derive(Clone, Debug)]
pub(crate) struct Statement<B>(B);

/// The text, before any value.
#[derive(Clone, Debug)]
pub(crate) struct Text(&'static str);

/// A further value.
#[derive(Clone, Debug)]
pub(crate) struct Bound<B, V, T> {
    before: B,
    value: V,
    sql_type: PhantomData<fn() -> T>,
}

impl<B> Statement<B> {
    /// Gives the next placeholder its value, as the SQL type `T`.
    pub(crate) fn bind<T, V>(self, value: V) -> Statement<Bound<B, V, T>> {
        Statement(Bound { before: self.0, value, sql_type: PhantomData })
    }
}

/// Writes text and values up to a point and gives back the pieces of text after it, one for each
/// placeholder that is still to come.
pub(crate) trait Pieces {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<std::str::Split<'static, char>>;
}

impl Pieces for Text {
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<std::str::Split<'static, char>> {
        let mut pieces = self.0.split('$');
        out.push_sql(pieces.next().unwrap_or_default());
        Ok(pieces)
    }
}

impl<B, V, T> Pieces for Bound<B, V, T>
where
    B: Pieces,
    V: ToSql<T, Pg>,
    Pg: HasSqlType<T>,
{
    fn push<'b>(&'b self, out: &mut AstPass<'_, 'b, Pg>) -> QueryResult<std::str::Split<'static, char>> {
        let mut pieces = self.before.push(out)?;
        let Some(piece) = pieces.next() else { return Err(miscounted("more values than placeholders")) };
        out.push_bind_param::<T, V>(&self.value)?;
        out.push_sql(piece.trim_start_matches(|c: char| c.is_ascii_digit()));
        Ok(pieces)
    }
}

fn miscounted(problem: &str) -> Error {
    Error::QueryBuilderError(problem.into())
}

impl<B: Pieces> QueryFragment<Pg> for Statement<B> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        match self.0.push(&mut out)?.next() {
            None => Ok(()),
            Some(_) => Err(miscounted("fewer values than placeholders")),
        }
    }
}

impl<B> QueryId for Statement<B> {
    type QueryId = ();

    // The text is what it is known by.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<B> Query for Statement<B> {
    type SqlType = Untyped;
}

/// A part of one of diesel's own statements, for what diesel has no words. With `diesel::dsl::sql` the whole
/// statement would be prepared anew each time.
pub(crate) const fn words<T>(text: &'static str) -> Words<T> {
    Words { text, sql_type: PhantomData }
}

/// See [`words`]; of the SQL type `T`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words<T> {
    text: &'static str,
    sql_type: PhantomData<fn() -> T>,
}

impl<T: SqlType + TypedExpressionType> Expression for Words<T> {
    type SqlType = T;
}

impl<T> QueryFragment<Pg> for Words<T> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(self.text);
        Ok(())
    }
}

impl<T> QueryId for Words<T> {
    type QueryId = ();

    // The text is what it is known by.
    const HAS_STATIC_QUERY_ID: bool = false;
}

impl<T, S> AppearsOnTable<S> for Words<T> where Self: Expression {}

impl<T, S> SelectableExpression<S> for Words<T> where Self: Expression {}

impl<T, G> ValidGrouping<G> for Words<T> {
    type IsAggregate = is_aggregate::Never;
}

#[cfg(test)]
mod tests {
    use diesel::debug_query;
    use diesel::sql_types::{BigInt, Text as SqlText};

    use super::*;

    #[test]
    fn values_stand_where_their_placeholders_are() {
        let query = statement("SELECT $1 + 1, $2::text").bind::<BigInt, _>(7_i64).bind::<SqlText, _>("x");
        let shown = debug_query::<Pg, _>(&query).to_string();
        assert_eq!(shown, r#"SELECT $1 + 1, $2::text -- binds: [7, "x"]"#);
    }

    #[test]
    fn values_and_placeholders_are_counted() {
        for query in ["SELECT 1", "SELECT $1, $2"] {
            let query = statement(query).bind::<BigInt, _>(7_i64);
            let built = query.to_sql(&mut diesel::pg::PgQueryBuilder::default(), &Pg);
            assert!(built.is_err(), "{built:?}");
        }
    }
}
