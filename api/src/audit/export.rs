//! Export the chain.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use keystead_audit::{Checkpoint, EventLine, FORMAT, Manifest, Proof, genesis};
use keystead_entities::audit_event::Link;
use keystead_ids::TenantId;
use keystead_tenants::TenantGrant;
use serde::Serialize;

use super::store::{self, CHECKPOINTS, ChainHead, EXPORT_PAGE};
use crate::{
    app::App,
    http::{Problem, Problems, ReadAudit, Tx},
};

/// Export the audit trail for offline verification.
///
/// Newline-delimited JSON: a manifest, then every chained event in order; `keystead audit verify` checks it. Only for those
/// who work in every project, because a chain with gaps proves nothing. If something fails on the way, the answer breaks off
/// and is shorter than its manifest says.
#[utoipa::path(get, path = "/export", tag = "audit", operation_id = "export_audit_trail",
    responses((status = 200, content_type = "application/x-ndjson", body = String), Problems),
    extensions(("x-permission" = json!("audit.read"))))]
pub(super) async fn export(tx: Tx<ReadAudit>, State(app): State<App>) -> Result<Response, Problem> {
    if tx.grant().projects().is_some() {
        return Err(Problem::forbidden().detail("An export is for those who work in every project"));
    }
    let head = store::head(&tx, tx.tenant()).await?;
    let manifest = manifest(tx.tenant(), head, &store::signed(&tx, head.n, CHECKPOINTS).await?)?;
    let grant = tx.grant().clone();
    tx.commit().await?;
    let first = stream::iter([Ok(manifest)]);
    let mut response = Body::from_stream(first.chain(pages(app, grant, head.n))).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/x-ndjson"));
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"audit.ndjson\""));
    Ok(response)
}

/// The chain only ever grows, so what stands below the head that was read first stays as it is: every page may have a
/// transaction of its own, and a slow reader holds no connection.
fn pages(app: App, grant: TenantGrant, last: i64) -> impl Stream<Item = Result<Bytes, BrokenExport>> + Send {
    stream::try_unfold(1, move |from| {
        let (app, grant) = (app.clone(), grant.clone());
        async move {
            if from > last {
                return Ok(None);
            }
            let to = last.min(from + EXPORT_PAGE - 1);
            let page = page(&app, &grant, from, to).await.map_err(|problem| {
                tracing::error!(status = problem.status().as_u16(), from, "an audit export broke off");
                BrokenExport
            })?;
            Ok(Some((page, to + 1)))
        }
    })
}

/// The client sees a broken connection.
#[derive(Debug, thiserror::Error)]
#[error("the export broke off")]
struct BrokenExport;

async fn page(app: &App, grant: &TenantGrant, from: i64, to: i64) -> Result<Bytes, Problem> {
    let tx = app.db.begin(grant);
    let links = store::links(&tx, from, to).await?;
    tx.commit().await?;
    lines(&links, from, to)
}

/// One line an event; refuses to leave one out.
fn lines(links: &[Link], from: i64, to: i64) -> Result<Bytes, Problem> {
    let in_order = links.iter().map(|link| link.n).eq(from..=to);
    if !in_order {
        return Err(Problem::internal("the audit chain has a gap"));
    }
    let mut page = Vec::new();
    for link in links {
        let hash = store::chain_hash(&link.hash)?;
        write_line(&mut page, &EventLine { n: link.n.unsigned_abs(), leaf: link.leaf.as_str().into(), hash })?;
    }
    Ok(page.into())
}

fn manifest(tenant: TenantId, head: ChainHead, signed: &[Proof]) -> Result<Bytes, Problem> {
    let mut line = Vec::new();
    let manifest = Manifest {
        format: FORMAT.to_owned(),
        tenant,
        from: 1,
        count: head.n.unsigned_abs(),
        prev: genesis(tenant),
        head: head.hash,
        checkpoints: signed.iter().map(checkpoint).collect(),
    };
    write_line(&mut line, &manifest)?;
    Ok(line.into())
}

fn checkpoint(proof: &Proof) -> Checkpoint {
    Checkpoint { n: proof.statement.n, hash: proof.statement.hash, proof: proof.to_string() }
}

fn write_line(into: &mut Vec<u8>, line: &impl Serialize) -> Result<(), Problem> {
    serde_json::to_writer(&mut *into, line).map_err(|_| Problem::internal("an audit line does not serialise"))?;
    into.push(b'\n');
    Ok(())
}

#[cfg(test)]
mod tests {
    use keystead_audit::{Expect, chain_step, verify};
    use uuid::Uuid;

    use super::*;

    fn tenant() -> TenantId {
        TenantId(Uuid::from_u128(0x0197_f0a1_b2c3_7d4e_8f90_a1b2_c3d4_e5f6))
    }

    fn chain(length: i64) -> (Vec<Link>, ChainHead) {
        let mut hash = genesis(tenant());
        let links = (1..=length).map(|n| {
            let leaf = format!(r#"{{"action":"unit.created","id":"{n}","tenant":"{}"}}"#, tenant());
            hash = chain_step(tenant(), n.unsigned_abs(), &hash, leaf.as_bytes());
            Link { n, hash: hash.0.to_vec(), leaf }
        });
        let links = links.collect();
        (links, ChainHead { n: length, hash })
    }

    #[test]
    fn the_pages_of_an_export_verify_offline() {
        for length in [0, 1, 3] {
            let (links, head) = chain(length);
            let mut file = manifest(tenant(), head, &[]).expect("manifest").to_vec();
            for (index, link) in links.iter().enumerate() {
                let n = i64::try_from(index).expect("small") + 1;
                file.extend(lines(std::slice::from_ref(link), n, n).expect("page"));
            }
            let report = verify(file.as_slice(), Expect::default()).expect("verifies");
            assert_eq!(report.events, head.n.unsigned_abs());
        }
    }

    #[test]
    fn a_gap_breaks_the_export_off() {
        let (mut links, _) = chain(4);
        assert!(lines(&links, 1, 4).is_ok());
        links.remove(1);
        assert!(lines(&links, 1, 4).is_err());
        assert!(lines(&links[..1], 1, 2).is_err(), "shorter than the head says");
        links[0].hash.pop();
        assert!(lines(&links[..1], 1, 1).is_err());
    }
}
