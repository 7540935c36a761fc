//! Search across records.

use axum::{Json, extract::State};
use futures::try_join;

use super::{HitOut, SearchOut, SearchParams, Sought};
use crate::{
    app::App,
    contacts, contracts,
    http::{BeMember, Params, Problem, Problems, Tx},
    plans, projects, units, vault,
};

/// How many of each kind are shown: the field is for those who know what they look for.
const OF_EACH: u64 = 8;

/// Find records of every kind that the caller may see.
///
/// Kinds that the caller's role does not show are left out, and so is what belongs to other projects. Contacts are masked, as
/// everywhere.
#[utoipa::path(get, path = "/", tag = "search", operation_id = "search", params(SearchParams),
    responses((status = 200, body = SearchOut), Problems), extensions(("x-permission" = json!("session"))))]
pub(super) async fn find(
    tx: Tx<BeMember>,
    State(app): State<App>,
    Params(params): Params<SearchParams>,
) -> Result<Json<SearchOut>, Problem> {
    let keys = vault::open_if_allowed(&app, &tx).await?;
    let sought = Sought::new(params.q.into_string(), OF_EACH);
    let people = async {
        match &keys {
            Some(keys) => contacts::search(&tx, keys, &sought).await,
            None => Ok(Vec::new()),
        }
    };
    // Asked together, they travel in one round trip.
    let (projects, homes, plans, sales, people) = try_join!(
        async { Ok(projects::search(&tx, &sought).await?) },
        async { Ok(units::search(&tx, &sought).await?) },
        async { Ok(plans::search(&tx, &sought).await?) },
        async { Ok(contracts::search(&tx, &sought).await?) },
        people,
    )?;
    let hits = projects.into_iter().map(HitOut::from);
    let hits = hits.chain(homes.into_iter().map(HitOut::from)).chain(plans.into_iter().map(HitOut::from));
    let hits = hits.chain(sales.into_iter().map(HitOut::from)).chain(people.into_iter().map(HitOut::from));
    Ok(Json(SearchOut { items: hits.collect() }))
}
