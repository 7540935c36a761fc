//! The demo's people: who signs up, and who is invited.

use std::collections::HashSet;
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

use super::Operator;
use super::client::{Api, accepted, id};
use crate::mailbox::Mailbox;

/// The demo's administrator.
pub(super) const ADMIN: &str = "admin@demo.test";

/// The demo's name in host names.
const SLUG: &str = "demo";

/// Mail that has not come by then will not.
const MAIL_WITHIN: Duration = Duration::from_secs(15);

/// Somebody to invite.
struct Colleague {
    email: &'static str,
    name: &'static str,
    role: &'static str,
    /// Works in the demo's project only, and not in those to come.
    fusion_only: bool,
}

const TEAM: [Colleague; 3] = [
    Colleague { email: "agent@demo.test", name: "Alex Rivera", role: "sales_agent", fusion_only: true },
    Colleague { email: "escrow@demo.test", name: "Erin Cole", role: "escrow_coord", fusion_only: false },
    Colleague { email: "vp@demo.test", name: "Victor Park", role: "vp_sales", fusion_only: false },
];

/// The administrator's session, after whatever of sign-up, verification and approval is still to do.
pub(super) async fn signed_up(api: &Api, mailbox: &Mailbox, operator: Operator<'_>, password: &str) -> Result<Api> {
    if let Some(admin) = api.log_in(Some(SLUG), ADMIN, password).await? {
        return Ok(admin);
    }
    let application = json!({ "company_name": "Summit Ridge Homes", "slug": SLUG, "admin_name": "Dana Whitfield",
        "email": ADMIN, "password": password });
    let (status, answer) = api.try_post("/v1/signups", &application).await?;
    // Taken means that an earlier start got this far, and its mail is there.
    if status != StatusCode::CONFLICT {
        accepted("/v1/signups", status, answer)?;
    }
    let verify = async |token: &str| redeemed(api, "/v1/signups/verify", json!({ "token": token })).await;
    let signup = first_accepted(mailbox, ADMIN, "ksv_", verify).await?;
    let console = api.log_in(None, operator.email, operator.password).await?;
    let console = console.context("the operator cannot log in: was the state folder's password changed?")?;
    // Approving twice is harmless, and finishes a provisioning that was interrupted.
    console.post(&format!("/v1/platform/signups/{}/approve", id(&signup)?), &json!({})).await?;
    api.log_in(Some(SLUG), ADMIN, password).await?.context("the administrator cannot log in")
}

/// Invites whoever is no member yet, and accepts for them.
pub(super) async fn hire(admin: &Api, api: &Api, mailbox: &Mailbox, project: &str, password: &str) -> Result<()> {
    let members = admin.list("/v1/members", &[]).await?;
    let known: HashSet<&str> = members.iter().filter_map(|member| member["email"].as_str()).collect();
    let missing: Vec<&Colleague> = TEAM.iter().filter(|colleague| !known.contains(colleague.email)).collect();
    let roles = admin.list("/v1/roles", &[]).await?;
    for Colleague { email, role, fusion_only, .. } in &missing {
        let role =
            roles.iter().find(|known| known["key"] == *role).with_context(|| format!("there is no role {role}"))?;
        let projects = if *fusion_only { vec![project] } else { Vec::new() };
        let invitation =
            json!({ "email": email, "role_id": id(role)?, "all_projects": !fusion_only, "project_ids": projects });
        admin.post("/v1/invitations", &invitation).await?;
    }
    for Colleague { email, name, .. } in missing {
        let accept = async |token: &str| {
            let body = json!({ "token": token, "name": name, "password": password });
            redeemed(api, "/v1/invitations/accept", body).await
        };
        first_accepted(mailbox, email, "ksi_", accept).await?;
    }
    Ok(())
}

/// The answer to a token, or `None` when the token is good no more.
async fn redeemed(api: &Api, path: &str, body: Value) -> Result<Option<Value>> {
    let (status, answer) = api.try_post(path, &body).await?;
    if status == StatusCode::NOT_FOUND { Ok(None) } else { accepted(path, status, answer).map(Some) }
}

/// Waits for mail and tries the tokens in it, newest first: the mailbox also has the mails of starts that were interrupted.
async fn first_accepted(
    mailbox: &Mailbox,
    address: &str,
    prefix: &str,
    redeem: impl AsyncFn(&str) -> Result<Option<Value>>,
) -> Result<Value> {
    let deadline = Instant::now() + MAIL_WITHIN;
    let mut tried = HashSet::new();
    while Instant::now() < deadline {
        for mail in mailbox.mails(Some(address))? {
            let Some(token) = token_in(&mail.text, prefix) else { continue };
            if !tried.insert(token.to_owned()) {
                continue;
            }
            ensure!(tried.len() <= 20, "none of 20 links mailed to {address} works");
            if let Some(answer) = redeem(token).await? {
                return Ok(answer);
            }
        }
        sleep(Duration::from_millis(50)).await;
    }
    bail!("no mail with a link that works came to {address}")
}

/// The token of a link: its prefix and what follows of the URL-safe base64 alphabet.
fn token_in<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let token = &text[text.find(prefix)?..];
    let end = token.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-')).unwrap_or(token.len());
    Some(&token[..end])
}

#[cfg(test)]
mod tests {
    use super::{TEAM, token_in};
    use crate::demo::ACCOUNTS;

    #[test]
    fn the_token_ends_where_the_link_does() {
        let mail = "Hello,\n\nhttp://localhost:8080/verify-email?token=ksv_aB-9_z\n\nBye";
        assert_eq!(token_in(mail, "ksv_"), Some("ksv_aB-9_z"));
        assert_eq!(token_in(mail, "ksi_"), None);
    }

    #[test]
    fn everybody_who_is_hired_is_announced() {
        for colleague in TEAM {
            assert!(ACCOUNTS.iter().any(|(email, _)| *email == colleague.email), "{}", colleague.email);
        }
    }
}
