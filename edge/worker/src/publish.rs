//! Once a minute: the newest directory and the cells' keys go into KV, from where every location reads them.

use keystead_edge::Refresh;
use worker::{Env, Result};

use crate::{refresh, settings};

/// Keys are good for so many seconds after their cell was last heard: the ten minutes that they are believed, and a day.
const KEYS_KEPT: u64 = 24 * 60 * 60 + 600;

/// Publishes what has changed.
///
/// # Errors
/// When KV refuses; cells that do not answer are passed over.
pub async fn publish(env: &Env) -> Result<()> {
    let isolate = settings::edge(env)?;
    let kv = env.kv("EDGE_KV")?;
    let directory = Refresh::Directory { cell: isolate.home.clone(), epoch: None, as_of: None };
    if let Some(document) = refresh::asked(isolate, env, &directory).await {
        let known = kv.get(refresh::DIRECTORY).bytes().await?;
        if known.as_ref() != Some(&document) {
            kv.put_bytes(refresh::DIRECTORY, &document)?.execute().await?;
        }
    }
    for cell in isolate.cells.keys() {
        if let Some(keys) = refresh::asked(isolate, env, &Refresh::Keys(cell.clone())).await {
            kv.put_bytes(&refresh::keys_name(cell), &keys)?.expiration_ttl(KEYS_KEPT).execute().await?;
        }
    }
    Ok(())
}
