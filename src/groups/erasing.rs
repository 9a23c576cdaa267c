//! Groups that ended before anybody heard of them: nothing of them stays, and their name is free again.

use diesel::{QueryResult, RunQueryDsl, sql_query, sql_types::Text};

use crate::{actors, db::Conn, origin::Local};

/// What says which group it is of, in an order in which nothing refers to what is gone already. Where somebody used a power is
/// forgotten, not that they did; what strangers wrote to a group it can only have once it was heard of.
const OF_GROUP: [&str; 26] = [
    "UPDATE deeds SET group_handle = NULL WHERE group_handle = $1",
    "DELETE FROM meeting_terms WHERE meeting IN (SELECT id FROM meetings WHERE group_handle = $1)",
    "DELETE FROM veiled WHERE id IN (SELECT id FROM meetings WHERE group_handle = $1)",
    "DELETE FROM veiled WHERE id IN (SELECT id FROM series WHERE group_handle = $1)",
    "DELETE FROM callers WHERE meeting IN (SELECT id FROM meetings WHERE group_handle = $1)",
    "DELETE FROM invited WHERE group_handle = $1",
    "DELETE FROM minutes WHERE group_handle = $1",
    "DELETE FROM announcements WHERE group_handle = $1",
    "DELETE FROM import_looks WHERE group_handle = $1",
    "DELETE FROM watched WHERE group_handle = $1",
    "DELETE FROM imports WHERE group_handle = $1",
    "DELETE FROM meetings WHERE group_handle = $1",
    "DELETE FROM series WHERE group_handle = $1",
    "DELETE FROM places WHERE group_handle = $1",
    "DELETE FROM drafts WHERE group_handle = $1",
    "DELETE FROM suggestions WHERE group_handle = $1",
    "DELETE FROM proposals WHERE group_handle = $1",
    "DELETE FROM organizers WHERE group_handle = $1",
    "DELETE FROM letters WHERE group_handle = $1",
    "DELETE FROM repliers WHERE group_handle = $1",
    "DELETE FROM replies WHERE group_handle = $1",
    "DELETE FROM sister_news WHERE group_handle = $1",
    "DELETE FROM sisters WHERE group_handle = $1",
    "DELETE FROM former_inboxes WHERE group_handle = $1",
    "DELETE FROM follows WHERE group_handle = $1",
    "DELETE FROM groups WHERE handle = $1",
];

/// Deletes all of it; only right for a group of which nobody ever heard.
pub fn erase(conn: &mut Conn, handle: &str) -> QueryResult<()> {
    for statement in OF_GROUP {
        sql_query(statement).bind::<Text, _>(handle).execute(conn)?;
    }
    actors::store::remove(conn, &Local::Group(handle.to_owned()))
}

#[cfg(test)]
mod tests {
    use diesel::QueryableByName;

    use super::*;
    use crate::db::{migrations, pool, trial::Trial};

    #[derive(QueryableByName)]
    struct Table {
        #[diesel(sql_type = Text)]
        name: String,
    }

    #[test]
    fn nothing_that_refers_to_a_group_is_left_out() {
        let trial = Trial::sqlite();
        let mut conn = pool::open(&trial.url, pool::Use::Write).unwrap();
        migrations::apply(&mut conn, &trial.url).unwrap();
        let refer = "SELECT DISTINCT tables.name FROM sqlite_master tables, pragma_foreign_key_list(tables.name) keys \
                     WHERE keys.\"table\" IN ('groups', 'meetings', 'series') AND keys.on_delete <> 'CASCADE'";
        let tables: Vec<Table> = sql_query(refer).load(&mut conn).unwrap();
        assert!(tables.len() > 15);
        for Table { name } in tables {
            let is_named = OF_GROUP.iter().any(|statement| statement.split(' ').any(|word| word == name));
            assert!(is_named, "{name} refers to a group that is gone");
        }
    }
}
