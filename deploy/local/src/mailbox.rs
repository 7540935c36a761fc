//! A mailbox that takes every mail, for every recipient, and shows it.
//!
//! An SMTP server stores one `.eml` file per mail; a page on loopback lists them, newest first, and gives the same as
//! JSON for scripts: `GET /api/mails?to=ada@builder.test`. To see what the platform does about mail that is returned,
//! `PUT /api/refusals/ada@builder.test` has mail to an address refused until it is `DELETE`d.

mod page;
mod smtp;
mod store;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use store::Store;
pub use store::StoredMail;

/// A running mailbox; stops when dropped.
#[derive(Debug)]
pub struct Mailbox {
    smtp: SocketAddr,
    web: SocketAddr,
    store: Store,
    tasks: [JoinHandle<()>; 2],
}

impl Mailbox {
    /// Starts both servers on the mails in `folder`.
    ///
    /// # Errors
    /// When the folder or one of the addresses cannot be used.
    pub async fn start(folder: &Path, smtp: SocketAddr, web: SocketAddr) -> Result<Self> {
        let store = Store::open(folder)?;
        let smtp = TcpListener::bind(smtp).await.with_context(|| format!("cannot listen on {smtp} for SMTP"))?;
        let web = TcpListener::bind(web).await.with_context(|| format!("cannot listen on {web} for the mailbox"))?;
        Ok(Self {
            smtp: smtp.local_addr()?,
            web: web.local_addr()?,
            tasks: [tokio::spawn(smtp::serve(smtp, store.clone())), tokio::spawn(page::serve(web, store.clone()))],
            store,
        })
    }

    /// Where mail is sent to, as `smtp://127.0.0.1:1025`.
    #[must_use]
    pub fn smtp_url(&self) -> String {
        format!("smtp://{}", self.smtp)
    }

    /// Where mail is read, as `http://127.0.0.1:8025`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.web)
    }

    /// The mails, newest first; with `to`, only those to this address (upper and lower case are the same).
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn mails(&self, to: Option<&str>) -> Result<Vec<StoredMail>> {
        self.store.list(to)
    }

    /// Stops listening.
    pub async fn stop(mut self) {
        for task in &mut self.tasks {
            task.abort();
            let _ = task.await;
        }
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}
