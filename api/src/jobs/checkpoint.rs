//! State how far audit chains have come, and have KMS sign it.

use keystead_audit::{Attestation, Frontier, Node};
use keystead_tenants::platform::{SignedRound, UnsignedRound};

use crate::{app::App, http::Problem};

/// A chain is stated when it has grown by so many events, however short the pause.
const EVENTS: i64 = 1_000;

pub(super) async fn sign(app: &App) -> Result<(), Problem> {
    let worker = app.db.worker();
    worker.state_heads(EVENTS, app.config.checkpoint_pause).await?;
    let Some(round) = worker.unsigned_heads().await? else { return Ok(()) };
    let signed = signed(app, &round).await?;
    Ok(worker.sign_heads(&signed).await?)
}

/// What was stated stays as it is until it is signed, so whoever is interrupted here signs the same again, and the log never
/// says two things of one size.
async fn signed(app: &App, round: &UnsignedRound) -> Result<SignedRound, Problem> {
    let damaged = || Problem::internal("the audit log is damaged");
    let frontier = Frontier::from_bytes(round.size.unsigned_abs(), &round.frontier).ok_or_else(damaged)?;
    let leaves: Option<Vec<Node>> =
        round.statements.iter().map(|text| text.parse().ok().map(|entry: Attestation| entry.leaf().0)).collect();
    let grown = leaves.and_then(|leaves| frontier.grow(&leaves)).ok_or_else(damaged)?;
    let signer = app.log_signer().await?;
    let text = signer.key.checkpoint(grown.frontier.size(), &grown.root);
    let signature = app.keys.kms().sign(&signer.kms_key, text.as_bytes()).await?;
    Ok(SignedRound {
        size: round.size,
        frontier: grown.frontier.to_bytes(),
        note: signer.key.note(&text, &signature),
        paths: grown.paths.iter().map(|path| path.concat()).collect(),
    })
}
