//! How blocks are kept: a host (`troll.example`, with its subdomains), the id of one actor, or its handle (`@x@troll.example`) as
//! long as nobody asked for its id.

use std::collections::HashSet;

use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, QueryResult, RunQueryDsl};
use url::Url;

use crate::{
    clock::Timestamp,
    db::{
        Conn, insert_new,
        schema::{blocks, deliveries, remote_actors},
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

/// Is this actor blocked, by its id, its handle, its host or a domain above its host?
pub fn covers(conn: &mut Conn, actor: &Url) -> QueryResult<bool> {
    let mut names = vec![actor.to_string()];
    names.extend(actor.host_str().into_iter().flat_map(domains));
    let known = remote_actors::table.find(actor.as_str()).select((remote_actors::handle, remote_actors::host));
    let known: Option<(String, String)> = known.first(conn).optional()?;
    names.extend(known.map(|(name, host)| handle(&name, &host)));
    let found: i64 = blocks::table.filter(blocks::target.eq_any(names)).count().get_result(conn)?;
    Ok(found > 0)
}

/// How a block names somebody by handle.
pub fn handle(name: &str, host: &str) -> String {
    format!("@{}@{}", name.to_lowercase(), host.to_lowercase())
}

/// Everything that is blocked, to look at many actors without asking for each.
pub struct Blocked(HashSet<String>);

pub fn all(conn: &mut Conn) -> QueryResult<Blocked> {
    let targets: Vec<String> = blocks::table.select(blocks::target).load(conn)?;
    Ok(Blocked(targets.into_iter().collect()))
}

impl Blocked {
    pub fn of(targets: impl IntoIterator<Item = String>) -> Self {
        Self(targets.into_iter().collect())
    }

    /// By id, host or a domain above the host.
    pub fn covers(&self, url: &Url) -> bool {
        let host = url.host_str().map(domains).unwrap_or_default();
        self.0.contains(url.as_str()) || host.iter().any(|name| self.0.contains(name))
    }
}

/// Ids of actors that are blocked by these handles, as far as we know them.
pub fn known_by_handle(conn: &mut Conn, handles: &[String]) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for written in handles {
        let Some((name, host)) = written.trim_start_matches('@').rsplit_once('@') else { continue };
        let of_host = remote_actors::table.filter(remote_actors::host.eq(host));
        let all: Vec<(String, String)> = of_host.select((remote_actors::uri, remote_actors::handle)).load(conn)?;
        found.extend(all.into_iter().filter(|(_, known)| known.to_lowercase() == name).map(|(uri, _)| uri));
    }
    Ok(found)
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
