//! How our own types stand in columns.

use diesel::{
    QueryResult,
    backend::Backend,
    deserialize::{self, FromSql},
    serialize::{self, Output, ToSql},
    sql_types::BigInt,
};

use crate::clock::Timestamp;

impl<DB: Backend> FromSql<BigInt, DB> for Timestamp
where
    i64: FromSql<BigInt, DB>,
{
    fn from_sql(bytes: DB::RawValue<'_>) -> deserialize::Result<Self> {
        i64::from_sql(bytes).map(Timestamp::from_micros)
    }
}

impl<DB: Backend> ToSql<BigInt, DB> for Timestamp
where
    i64: ToSql<BigInt, DB>,
{
    fn to_sql<'b>(&'b self, out: &mut Output<'b, '_, DB>) -> serialize::Result {
        self.as_micros().to_sql(out)
    }
}

/// A row that makes no sense: somebody wrote past us, or we have a bug. Says where, so that a host can look.
#[derive(Debug, thiserror::Error)]
#[error("the row {key:?} of table {table} holds no sense in column {column}")]
pub struct Inconsistent {
    table: &'static str,
    column: &'static str,
    key: String,
}

impl Inconsistent {
    pub fn error(table: &'static str, column: &'static str, key: &str) -> diesel::result::Error {
        diesel::result::Error::DeserializationError(Box::new(Self { table, column, key: key.to_owned() }))
    }
}

/// A value that stands in one column as JSON.
pub fn json<T: serde::Serialize>(value: &T) -> String {
    // of our own small types: no map with odd keys that could fail
    serde_json::to_string(value).unwrap_or_default()
}

pub fn read_json<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

/// The items of all lists that stand as JSON in a column of `table`.
pub fn lists<T: serde::de::DeserializeOwned>(rows: &[String], table: &'static str) -> QueryResult<Vec<T>> {
    let lists = rows.iter().map(|row| read_json::<Vec<T>>(row).ok_or_else(|| Inconsistent::error(table, "pictures", row)));
    Ok(lists.collect::<QueryResult<Vec<_>>>()?.into_iter().flatten().collect())
}

/// A LIKE pattern for one word of a column that holds words with a space on either side; the word itself has no wildcards
/// but the underscore, which at worst finds too much.
pub fn containing_word(word: &str) -> String {
    format!("% {} %", word.replace(['%', ' ', '\\'], ""))
}
