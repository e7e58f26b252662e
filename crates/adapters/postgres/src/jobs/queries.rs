//! Questions about jobs. The queue holds what is not done, so it is short enough to be counted.

use async_trait::async_trait;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Nullable, Text};
use diesel_async::RunQueryDsl;
use futures_util::FutureExt;
use ports::jobs::{JobFilter, JobKind, JobQueries, JobView};
use ports::list::{Slice, Window};
use ports::store::StoreError;

use super::{JobRow, job_columns};
use crate::list::{Counted, Range};
use crate::pool::Database;
use crate::statement::statement;

/// `$1`: the state, `$2`: the kind; NULL for any.
macro_rules! matching {
    ($rest:literal) => {
        concat!(
            "WITH wanted AS (SELECT $1::text AS state, $2::text AS kind),
                  shown AS (SELECT ",
            job_columns!(),
            "),
                  matching AS (
                      SELECT shown.* FROM shown CROSS JOIN wanted
                      WHERE (wanted.state IS NULL OR shown.state = wanted.state)
                        AND (wanted.kind IS NULL OR shown.kind = wanted.kind)
                  ) ",
            $rest
        )
    };
}

const JOBS: &str = matching!(
    "SELECT matching.*, (SELECT count(*) FROM matching) AS total
     FROM matching WHERE id < $3 ORDER BY id DESC OFFSET $4 LIMIT $5"
);

const COUNT: &str = matching!("SELECT count(*) AS total FROM matching");

/// A job beside the total of its list.
#[derive(QueryableByName)]
struct ListedRow {
    #[diesel(embed)]
    job: JobRow,
    #[diesel(sql_type = BigInt)]
    total: i64,
}

#[async_trait]
impl JobQueries for Database {
    async fn jobs(&self, filter: JobFilter, window: Window) -> Result<Slice<JobView>, StoreError> {
        let JobFilter { state, kind } = filter;
        let (state, kind) = (state.map(|state| state.as_str()), kind.map(JobKind::as_str));
        let range = Range::of(window);
        let rows: Vec<ListedRow> = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    statement(JOBS)
                        .bind::<Nullable<Text>, _>(state)
                        .bind::<Nullable<Text>, _>(kind)
                        .bind::<BigInt, _>(range.before)
                        .bind::<BigInt, _>(range.offset)
                        .bind::<BigInt, _>(range.limit)
                        .load(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        let total = match rows.as_slice().first() {
            Some(row) => row.total,
            None => self.count_jobs(state, kind).await?,
        };
        let jobs = rows.into_iter().map(|row| row.job.try_into()).collect::<Result<_, _>>()?;
        Ok(range.slice(jobs, total, |job: &JobView| job.id.number()))
    }
}

impl Database {
    async fn count_jobs(
        &self,
        state: Option<&'static str>,
        kind: Option<&'static str>,
    ) -> Result<i64, StoreError> {
        let Counted { total } = self
            .reads()
            .ask(|connection| {
                async move {
                    let mut connection = connection;
                    statement(COUNT)
                        .bind::<Nullable<Text>, _>(state)
                        .bind::<Nullable<Text>, _>(kind)
                        .get_result(&mut connection)
                        .await
                }
                .boxed()
            })
            .await?;
        Ok(total)
    }
}
