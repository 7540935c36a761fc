//! The demo builder of a fresh platform: it signs up, is approved, lays out its project and hires over the public API, as any
//! client would.
//!
//! Each step looks first at what is there already, so the next start finishes what a crash interrupted.

mod client;
mod fusion;
mod people;

use std::fs::File;

use anyhow::{Context as _, Result};

use crate::mailbox::Mailbox;
use crate::state::StateDir;
use client::Api;

/// Says that everything is there; written last.
const MARKER: &str = "demo-seeded";

/// The accounts of the demo, each with what its owner does.
pub const ACCOUNTS: [(&str, &str); 4] = [
    (people::ADMIN, "administrator"),
    ("agent@demo.test", "sales agent, Fusion only"),
    ("escrow@demo.test", "escrow coordinator"),
    ("vp@demo.test", "sales VP"),
];

/// Who approves the demo builder.
#[derive(Clone, Copy, Debug)]
pub struct Operator<'a> {
    /// E-mail address.
    pub email: &'a str,
    /// Password.
    pub password: &'a str,
}

/// The password of every demo account, once the demo is there.
///
/// # Errors
/// When the secret cannot be read.
pub fn password(state: &StateDir) -> Result<Option<String>> {
    if state.file(MARKER).exists() { state.secret("demo-password", 12).map(Some) } else { Ok(None) }
}

/// Sets the demo up, unless it is there already.
///
/// # Errors
/// When a step is refused; the message says which. Calling it again goes on from there.
pub async fn seed(state: &StateDir, api: &str, mailbox: &Mailbox, operator: Operator<'_>) -> Result<()> {
    if state.file(MARKER).exists() {
        return Ok(());
    }
    let password = state.secret("demo-password", 12)?;
    let api = Api::new(api)?;
    let admin = people::signed_up(&api, mailbox, operator, &password).await.context("signing up")?;
    let project = fusion::project(&admin).await.context("creating the project")?;
    people::hire(&admin, &api, mailbox, &project, &password).await.context("inviting the team")?;
    File::create(state.file(MARKER)).context("noting that the demo is there")?;
    Ok(())
}
