//! All rows of all tables as JSON, and back into a database of either kind. Asks the catalogue; knows no table by name.

use diesel::{
    QueryableByName, RunQueryDsl,
    connection::DefaultLoadingMode,
    pg::PgRowByRowLoadingMode,
    query_builder::SqlQuery,
    sql_query,
    sql_types::{BigInt, Text},
};

use crate::{
    db::Conn,
    error::{Error, Result},
};

/// A table, as the catalogue has it.
pub struct Table {
    pub name: String,
    columns: Vec<Column>,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    /// What the database calls the type, in upper case.
    #[diesel(sql_type = Text)]
    kind: String,
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Makes all that is read in this transaction stand as at one moment.
pub fn see_one_moment(conn: &mut Conn) -> Result<()> {
    if let Conn::Postgres(c) = conn {
        sql_query("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY").execute(c)?;
        // a large table takes as long as the disk it is written to
        sql_query("SET LOCAL statement_timeout = 0").execute(c)?;
    }
    Ok(())
}

/// The changes that made the tables what they are.
pub fn changes(conn: &mut Conn) -> Result<Vec<String>> {
    lines(conn, sql_query("SELECT CAST(version AS TEXT) AS line FROM __diesel_schema_migrations ORDER BY version"))
}

/// Every table of the city; one that refers to another comes after it.
pub fn tables(conn: &mut Conn) -> Result<Vec<Table>> {
    let names = match conn {
        Conn::Sqlite(_) => {
            "SELECT name AS line FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_' ORDER BY name"
        }
        Conn::Postgres(_) => {
            "SELECT CAST(tablename AS TEXT) AS line FROM pg_tables WHERE schemaname = current_schema() ORDER BY 1"
        }
    };
    let mut waiting = Vec::new();
    for name in lines(conn, sql_query(names))?.into_iter().filter(|name| name != "__diesel_schema_migrations") {
        let needs = referred_to(conn, &name)?;
        waiting.push((Table { columns: columns(conn, &name)?, name }, needs));
    }
    let mut sorted: Vec<Table> = Vec::new();
    while !waiting.is_empty() {
        let is_there = |needed: &String| sorted.iter().any(|table| table.name == *needed);
        let Some(next) =
            waiting.iter().position(|(table, needs)| needs.iter().all(|needed| *needed == table.name || is_there(needed)))
        else {
            return Err(Error::broken("tables refer to each other in a circle"));
        };
        sorted.push(waiting.remove(next).0);
    }
    Ok(sorted)
}

fn columns(conn: &mut Conn, table: &str) -> Result<Vec<Column>> {
    let query = match conn {
        Conn::Sqlite(_) => "SELECT name, upper(type) AS kind FROM pragma_table_info($1)",
        Conn::Postgres(_) => {
            "SELECT CAST(column_name AS TEXT) AS name, CASE is_identity WHEN 'YES' THEN 'IDENTITY' ELSE upper(data_type) END AS kind \
             FROM information_schema.columns WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position"
        }
    };
    Ok(sql_query(query).bind::<Text, _>(table).load(conn)?)
}

fn referred_to(conn: &mut Conn, table: &str) -> Result<Vec<String>> {
    let query = match conn {
        Conn::Sqlite(_) => "SELECT \"table\" AS line FROM pragma_foreign_key_list($1)",
        Conn::Postgres(_) => {
            "SELECT CAST(target.relname AS TEXT) AS line FROM pg_constraint c \
             JOIN pg_class source ON source.oid = c.conrelid JOIN pg_class target ON target.oid = c.confrelid \
             WHERE c.contype = 'f' AND source.relname = $1 AND source.relnamespace = CAST(current_schema() AS regnamespace)"
        }
    };
    let found: Vec<Line> = sql_query(query).bind::<Text, _>(table).load(conn)?;
    Ok(found.into_iter().map(|row| row.line).collect())
}

fn lines(conn: &mut Conn, query: SqlQuery) -> Result<Vec<String>> {
    Ok(query.load::<Line>(conn)?.into_iter().map(|row| row.line).collect())
}

pub fn count(conn: &mut Conn, table: &Table) -> Result<i64> {
    let row: Number = sql_query(format!("SELECT count(*) AS number FROM {}", quoted(&table.name))).get_result(conn)?;
    Ok(row.number)
}

pub fn clear(conn: &mut Conn, table: &Table) -> Result<()> {
    sql_query(format!("DELETE FROM {}", quoted(&table.name))).execute(conn)?;
    Ok(())
}

/// Hands over every row as one JSON object on one line, the same from either database.
pub fn each(conn: &mut Conn, table: &Table, take: &mut dyn FnMut(String) -> Result<()>) -> Result<()> {
    let name = quoted(&table.name);
    match conn {
        Conn::Sqlite(c) => {
            let pairs: Vec<String> =
                table.columns.iter().map(|column| format!("'{}', {}", column.name, column.as_json())).collect();
            let query = sql_query(format!("SELECT json_object({}) AS line FROM {name}", pairs.join(", ")));
            for row in query.load_iter::<Line, DefaultLoadingMode>(c)? {
                take(row?.line)?;
            }
        }
        Conn::Postgres(c) => {
            let query = sql_query(format!("SELECT CAST(row_to_json(r) AS TEXT) AS line FROM {name} r"));
            for row in query.load_iter::<Line, PgRowByRowLoadingMode>(c)? {
                take(row?.line)?;
            }
        }
    }
    Ok(())
}

impl Column {
    /// On SQLite, which has no Booleans and would round fractions to 15 digits.
    fn as_json(&self) -> String {
        let name = quoted(&self.name);
        match self.kind.as_str() {
            "BOOLEAN" => format!("json(CASE WHEN {name} IS NULL THEN 'null' WHEN {name} THEN 'true' ELSE 'false' END)"),
            "DOUBLE PRECISION" => format!("json(CASE WHEN {name} IS NULL THEN 'null' ELSE printf('%!.17g', {name}) END)"),
            _ => name,
        }
    }
}

/// Inserts rows that [`each`] handed over, one a line.
pub fn insert(conn: &mut Conn, table: &Table, lines: &str) -> Result<()> {
    let name = quoted(&table.name);
    let columns: Vec<String> = table.columns.iter().map(|column| quoted(&column.name)).collect();
    let columns = columns.join(", ");
    let query = match conn {
        Conn::Sqlite(_) => {
            let values: Vec<String> =
                table.columns.iter().map(|column| format!("json_extract(value, '$.\"{}\"')", column.name)).collect();
            format!("INSERT INTO {name} ({columns}) SELECT {} FROM json_each($1)", values.join(", "))
        }
        Conn::Postgres(_) => {
            format!(
                "INSERT INTO {name} ({columns}) SELECT {columns} FROM json_populate_recordset(CAST(NULL AS {name}), CAST($1 AS json))"
            )
        }
    };
    // within JSON of one line a line break is always written as \n
    let array = format!("[{}]", lines.trim_end().replace('\n', ","));
    sql_query(query).bind::<Text, _>(array).execute(conn)?;
    Ok(())
}

/// Lets numbers that the database gives go on above the highest there is; SQLite sees to that by itself.
pub fn continue_numbers(conn: &mut Conn, table: &Table) -> Result<()> {
    let Conn::Postgres(c) = conn else { return Ok(()) };
    for column in table.columns.iter().filter(|column| column.kind == "IDENTITY") {
        let (table, name, column) = (&table.name, quoted(&table.name), quoted(&column.name));
        sql_query(format!(
            "SELECT setval(pg_get_serial_sequence('{name}', '{}'), max({column})) FROM {name} HAVING max({column}) IS NOT NULL",
            column.trim_matches('"')
        ))
        .execute(c)
        .map_err(|error| Error::broken(format!("the numbers of {table} cannot be continued: {error}")))?;
    }
    Ok(())
}

/// Names come from the catalogue; some, such as groups, are words of SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
