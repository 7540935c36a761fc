//! What is not Keystead's API: the mailbox of this machine, the storage that a presigned URL leads to.

use std::{
    collections::HashMap,
    env,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use regex::Regex;
use serde_json::Value;

/// A variable that the proof sets.
pub fn given(name: &str) -> Result<String> {
    env::var(name).with_context(|| format!("{name} is not set"))
}

/// Waits for a mail to `address` and returns the token of its link.
pub async fn mailed(http: &reqwest::Client, address: &str, prefix: &str) -> Result<String> {
    let mails = format!("{}/api/mails", given("KEYSTEAD_MAILBOX_URL")?);
    let link = Regex::new(&format!("{prefix}[A-Za-z0-9_-]{{48}}"))?;
    let deadline = Instant::now() + Duration::from_secs(20);
    while Instant::now() < deadline {
        let found: Vec<Value> = http.get(&mails).query(&[("to", address)]).send().await?.json().await?;
        let texts = found.iter().filter_map(|mail| mail["text"].as_str());
        if let Some(token) = texts.filter_map(|text| link.find(text)).next() {
            return Ok(token.as_str().to_owned());
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    bail!("no mail came to {address}")
}

/// Sends a file exactly as the API said.
pub async fn upload(
    http: &reqwest::Client,
    (method, url): (&str, &str),
    headers: &HashMap<String, String>,
    file: Vec<u8>,
) -> Result<()> {
    let request = http.request(method.parse()?, url).headers(headers.try_into()?).body(file);
    request.send().await?.error_for_status()?;
    Ok(())
}

/// Gets what a link leads to.
pub async fn download(http: &reqwest::Client, url: &str) -> Result<Vec<u8>> {
    Ok(http.get(url).send().await?.error_for_status()?.bytes().await?.to_vec())
}
