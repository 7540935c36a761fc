//! The mailbox that the server's mail lands in.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::{database::service, world::client};

/// Waits for mail to `address` with a link, and returns the newest link's token.
pub async fn token_mailed_to(address: &str, prefix: &str) -> String {
    token_in(&service("KEYSTEAD_MAILBOX_URL"), address, prefix).await
}

/// The same, for a run that goes on without it.
pub async fn token_if_mailed_to(address: &str, prefix: &str) -> Option<String> {
    token_within(&service("KEYSTEAD_MAILBOX_URL"), address, prefix).await
}

/// The same, in the mailbox at a URL.
pub(crate) async fn token_in(mailbox: &str, address: &str, prefix: &str) -> String {
    let token = token_within(mailbox, address, prefix).await;
    token.unwrap_or_else(|| panic!("no mail with a {prefix} token came to {address}"))
}

/// The token, unless 20 seconds go by without one.
async fn token_within(mailbox: &str, address: &str, prefix: &str) -> Option<String> {
    let pattern = regex::Regex::new(&format!("{prefix}[A-Za-z0-9_-]{{48}}")).unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        let token = mails_to(mailbox, address).await.iter().find_map(|mail| {
            let text = mail["text"].as_str().unwrap_or_default();
            pattern.find(text).map(|token| token.as_str().to_owned())
        });
        if token.is_some() {
            return token;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    None
}

/// The mails to an address so far.
pub(crate) async fn mails_to(mailbox: &str, address: &str) -> Vec<Value> {
    let mails = format!("{}/api/mails", mailbox.trim_end_matches('/'));
    let answer = client().get(&mails).query(&[("to", address)]).send().await.expect("the mailbox answers");
    answer.json().await.unwrap()
}
