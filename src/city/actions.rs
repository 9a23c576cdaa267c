//! What is done with the city as a whole.

use diesel::{ExpressionMethods, QueryDsl, QueryResult, RunQueryDsl, sql_types::Text};
use serde_json::Value;

use crate::{
    actors, app,
    db::{Conn, schema::activities},
    error::Result,
    origin::Origin,
};

/// Moves the city to another origin, and every id with it; refused once another server knows us.
pub fn set_origin(conn: &mut Conn, to: &Origin) -> Result<()> {
    let from = app::change_origin(conn, to)?;
    if from != *to {
        actors::store::rename_instance(conn, &to.authority())?;
        rewrite_activities(conn, &from, to)?;
    }
    Ok(())
}

/// What was said so far begins every id with the old origin. Documents of things are made anew each time; these are not.
fn rewrite_activities(conn: &mut Conn, from: &Origin, to: &Origin) -> QueryResult<()> {
    let change = |conn: &mut Conn, old: String, new: String| {
        diesel::sql_query("UPDATE activities SET body = REPLACE(body, $1, $2)")
            .bind::<Text, _>(old)
            .bind::<Text, _>(new)
            .execute(conn)
    };
    change(conn, format!("{from}/"), format!("{to}/"))?;
    change(conn, format!("@{}\"", from.authority()), format!("@{}\"", to.authority()))?;
    let said: Vec<(i64, String)> = activities::table.select((activities::sequence, activities::body)).load(conn)?;
    for (sequence, body) in said {
        if let Some(unproven) = without_proof(&body) {
            diesel::update(activities::table.find(sequence)).set(activities::body.eq(unproven)).execute(conn)?;
        }
    }
    Ok(())
}

/// The proof was of other words. Nobody has heard any of these, and who asks for one by its id gets a new proof.
fn without_proof(body: &str) -> Option<String> {
    let mut activity: Value = serde_json::from_str(body).ok()?;
    activity.as_object_mut()?.remove("proof")?;
    Some(activity.to_string())
}
