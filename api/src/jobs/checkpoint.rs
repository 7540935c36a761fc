//! State how far audit chains have come, and have KMS sign it.

use keystead_audit::{Attestation, Frontier, Grown, Node};
use keystead_keys::KeyError;
use keystead_tenants::platform::{SignedRound, UnsignedRound};

use crate::{app::App, http::Problem};

/// A chain is stated when it has grown by so many events, however short the pause.
const EVENTS: i64 = 1_000;

pub(super) async fn sign(app: &App) -> Result<(), Problem> {
    let worker = app.db.worker();
    worker.state_heads(EVENTS, app.config.checkpoint_pause).await?;
    let round = worker.unsigned_heads().await?;
    let signer = app.log_signer(round.log).await?;
    if round.statements.is_empty() {
        return Ok(());
    }
    let grown = grown(&round).ok_or_else(|| Problem::internal("the audit log is damaged"))?;
    // What was stated stays as it is until it is signed, so whoever is interrupted here signs the same again, and the log never
    // says two things of one size.
    let text = signer.key.checkpoint(grown.frontier.size(), &grown.root);
    let signature = app.keys.kms().sign(&signer.kms_key, text.as_bytes()).await.inspect_err(|refused| {
        // Another key may be behind the alias by now.
        if matches!(refused, KeyError::Denied(_)) {
            app.forget_log_signer();
        }
    })?;
    let signed = SignedRound {
        size: round.size,
        frontier: grown.frontier.to_bytes(),
        note: signer.key.note(&text, &signature),
        paths: grown.paths.iter().map(|path| path.concat()).collect(),
    };
    Ok(worker.sign_heads(&signed).await?)
}

/// The log with the entries that wait; none where it does not read.
fn grown(round: &UnsignedRound) -> Option<Grown> {
    let leaf = |text: &String| text.parse().ok().map(|entry: Attestation| entry.leaf().0);
    let leaves: Option<Vec<Node>> = round.statements.iter().map(leaf).collect();
    Frontier::from_bytes(round.size.unsigned_abs(), &round.frontier)?.grow(&leaves?)
}
