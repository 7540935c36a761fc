//! Where people act: a server in this process or in one of its own.

use crate::{
    Call, World,
    database::service,
    mailbox::{mails_to, token_in},
};

/// A server that people reach over HTTP.
#[expect(async_fn_in_trait, reason = "tests await it where they are; nothing needs it to be Send")]
pub trait Site {
    /// Where it answers.
    fn url(&self) -> &str;

    /// The client that asks it.
    fn http(&self) -> &reqwest::Client;

    /// Where its mail is read.
    fn mailbox(&self) -> String;

    /// A request by nobody in particular.
    fn call(&self, method: &str, path: &str) -> Call {
        Call::new(self.http(), method, &format!("{}{path}", self.url()))
    }

    /// Waits for mail to `address` with a link, and returns the newest link's token.
    async fn token_mailed_to(&self, address: &str, prefix: &str) -> String {
        token_in(&self.mailbox(), address, prefix).await
    }

    /// How many mails came to `address` so far.
    async fn mails_to(&self, address: &str) -> usize {
        mails_to(&self.mailbox(), address).await.len()
    }
}

impl Site for World {
    fn url(&self) -> &str {
        &self.url
    }

    fn http(&self) -> &reqwest::Client {
        &self.http
    }

    fn mailbox(&self) -> String {
        service("KEYSTEAD_MAILBOX_URL")
    }
}
