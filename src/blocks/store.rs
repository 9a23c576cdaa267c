//! How blocks are kept: a host (`troll.example`, with its subdomains) or the id of one actor.

use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl};
use url::Url;

use crate::{
    clock::Timestamp,
    db::{
        Conn, insert_new,
        schema::{blocks, deliveries},
    },
};

/// `false` when it was blocked before.
pub fn add(conn: &mut Conn, target: &str, now: Timestamp) -> QueryResult<bool> {
    let row = (blocks::target.eq(target), blocks::created.eq(now));
    insert_new(conn, |conn| diesel::insert_into(blocks::table).values(row).execute(conn))
}

/// `false` when it was not blocked.
pub fn remove(conn: &mut Conn, target: &str) -> QueryResult<bool> {
    Ok(diesel::delete(blocks::table.find(target)).execute(conn)? == 1)
}

pub fn list(conn: &mut Conn) -> QueryResult<Vec<(String, Timestamp)>> {
    blocks::table.order(blocks::target).select((blocks::target, blocks::created)).load(conn)
}

/// Is this actor blocked, by its id, its host or a domain above its host?
pub fn covers(conn: &mut Conn, actor: &Url) -> QueryResult<bool> {
    let mut names = vec![actor.to_string()];
    names.extend(actor.host_str().into_iter().flat_map(domains));
    let found: i64 = blocks::table.filter(blocks::target.eq_any(names)).count().get_result(conn)?;
    Ok(found > 0)
}

/// What waits for inboxes that are covered goes nowhere any more.
pub fn drop_deliveries(conn: &mut Conn, covered: &dyn Fn(&str) -> bool) -> QueryResult<()> {
    let inboxes: Vec<String> = deliveries::table.select(deliveries::inbox).distinct().load(conn)?;
    for inbox in inboxes.iter().filter(|inbox| covered(inbox)) {
        diesel::delete(deliveries::table.filter(deliveries::inbox.eq(inbox))).execute(conn)?;
    }
    Ok(())
}

/// The host itself and every domain above it: `a.b.example`, `b.example`, `example`.
pub fn domains(host: &str) -> Vec<String> {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let mut names = vec![host.clone()];
    let mut rest = host.as_str();
    while let Some((_, above)) = rest.split_once('.') {
        names.push(above.to_owned());
        rest = above;
    }
    names
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_block_of_a_domain_covers_what_is_below_it() {
        assert_eq!(super::domains("A.b.Example."), ["a.b.example", "b.example", "example"]);
    }
}
