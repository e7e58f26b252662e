//! What is wrong with the role that serves, for the command `doctor`.

use diesel::QueryResult;
use diesel::sql_types::{Array, Bool, Integer, Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use secrecy::SecretString;

use crate::grants::{RIGHTS, Right, SEQUENCES};
use crate::migrations::{MigrateError, connect};

/// The serving role as the database sees it. Whether a finding is a fault is the reader's to say:
/// an installation with one role owns its tables, and that is only a warning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleReport {
    /// Its name.
    pub role: String,
    /// `server_version_num`, such as 150008.
    pub server_version: i32,
    /// Whether it is a superuser: no right, and no trigger, holds it back.
    pub is_superuser: bool,
    /// Whether it may make tables in the schema `public`.
    pub may_create: bool,
    /// Tables that it owns, and so may change and drop.
    pub owned_tables: Vec<String>,
    /// What it lacks of [`RIGHTS`] and [`SEQUENCES`], as `INSERT on outbox`: the program will fail there.
    pub missing_rights: Vec<String>,
    /// What it has beyond them, in the same form.
    pub excess_rights: Vec<String>,
    /// Whether the server's messages are in English, by which some errors are told apart
    /// (time limits and deadlocks become 500 instead of 503 where they are not). If not, set
    /// `lc_messages` to `C`, or allow it: `GRANT SET ON PARAMETER lc_messages TO …`.
    pub has_english_messages: bool,
}

/// Looks at the role of `url`.
///
/// # Errors
/// See [`MigrateError`].
pub async fn role_report(url: &SecretString) -> Result<RoleReport, MigrateError> {
    let mut connection = connect(url, "guildhall doctor").await?;
    let Role { role, server_version, is_superuser, may_create, owned_tables, has_english_messages } =
        diesel::sql_query(ROLE).get_result(&mut connection).await?;
    let mut report = RoleReport {
        role,
        server_version,
        is_superuser,
        may_create,
        owned_tables,
        missing_rights: Vec::new(),
        excess_rights: Vec::new(),
        has_english_messages,
    };
    for sequence in sequences(&mut connection).await? {
        sequence.compare(&mut report);
    }
    for table in tables(&mut connection).await? {
        let wanted =
            RIGHTS.iter().find(|(name, _)| *name == table.name).map_or(&[][..], |(_, rights)| rights);
        table.compare(wanted, &mut report);
    }
    Ok(report)
}

const ROLE: &str = "\
    SELECT current_user::text AS role,
           current_setting('server_version_num')::int AS server_version,
           rolsuper AS is_superuser,
           has_schema_privilege('public', 'CREATE') AS may_create,
           ARRAY(SELECT tablename::text FROM pg_tables
                 WHERE schemaname = 'public' AND tableowner = current_user
                 ORDER BY tablename) AS owned_tables,
           current_setting('lc_messages') ~ '^(C|POSIX|en)' AS has_english_messages
    FROM pg_roles WHERE rolname = current_user";

#[derive(diesel::QueryableByName)]
struct Role {
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Integer)]
    server_version: i32,
    #[diesel(sql_type = Bool)]
    is_superuser: bool,
    #[diesel(sql_type = Bool)]
    may_create: bool,
    #[diesel(sql_type = Array<Text>)]
    owned_tables: Vec<String>,
    #[diesel(sql_type = Bool)]
    has_english_messages: bool,
}

/// What the role may do with one table.
#[derive(diesel::QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Array<Text>)]
    rights: Vec<String>,
    /// Columns that it may change, when it may not change all.
    #[diesel(sql_type = Array<Text>)]
    columns: Vec<String>,
}

/// What the role may do with one sequence.
#[derive(diesel::QueryableByName)]
struct Sequence {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Array<Text>)]
    rights: Vec<String>,
}

async fn sequences(connection: &mut AsyncPgConnection) -> QueryResult<Vec<Sequence>> {
    diesel::sql_query(
        "SELECT c.relname::text AS name,
                ARRAY(SELECT word FROM unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) word
                      WHERE has_sequence_privilege(c.oid, word)) AS rights
         FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'S'
         ORDER BY c.relname",
    )
    .load(connection)
    .await
}

impl Sequence {
    fn compare(&self, report: &mut RoleReport) {
        let Self { name, rights } = self;
        let is_wanted = SEQUENCES.contains(&name.as_str());
        let has_usage = rights.iter().any(|right| right == "USAGE");
        if is_wanted && !has_usage {
            report.missing_rights.push(format!("USAGE on {name}"));
        }
        let excess = rights.iter().filter(|right| !is_wanted || *right != "USAGE");
        report.excess_rights.extend(excess.map(|right| format!("{right} on {name}")));
    }
}

async fn tables(connection: &mut AsyncPgConnection) -> QueryResult<Vec<Table>> {
    diesel::sql_query(
        "SELECT c.relname::text AS name,
                ARRAY(SELECT word FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) word
                      WHERE has_table_privilege(c.oid, word)) AS rights,
                ARRAY(SELECT attname::text FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND attnum > 0 AND NOT attisdropped
                        AND NOT has_table_privilege(c.oid, 'UPDATE')
                        AND has_column_privilege(c.oid, attnum, 'UPDATE')
                      ORDER BY attname) AS columns
         FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
         ORDER BY c.relname",
    )
    .load(connection)
    .await
}

impl Table {
    fn compare(&self, wanted: &[Right], report: &mut RoleReport) {
        let Self { name, rights, columns } = self;
        let has = |word: &str| rights.iter().any(|right| right == word);
        let mut expected: Vec<String> = Vec::new();
        for right in wanted {
            match right {
                Right::Select => expected.push("SELECT".to_owned()),
                Right::Insert => expected.push("INSERT".to_owned()),
                Right::Update => expected.push("UPDATE".to_owned()),
                Right::Delete => expected.push("DELETE".to_owned()),
                Right::UpdateOf(wanted) => {
                    expected.extend(wanted.iter().map(|column| format!("UPDATE ({column})")));
                }
            }
        }
        let held: Vec<String> =
            rights.iter().cloned().chain(columns.iter().map(|column| format!("UPDATE ({column})"))).collect();
        let covered =
            |right: &String| held.contains(right) || (right.starts_with("UPDATE (") && has("UPDATE"));
        let on = |right: &String| format!("{right} on {name}");
        report.missing_rights.extend(expected.iter().filter(|right| !covered(right)).map(on));
        report.excess_rights.extend(held.iter().filter(|right| !expected.contains(right)).map(on));
    }
}
