//! Send what waits in the outbox. At least once: a crash between sending and noting it sends again.

use futures::future::join_all;
use keystead_mail::{Mailer, templates};
use keystead_tenants::platform::DueMail;
use serde::Deserialize;

use crate::{http::Problem, jobs::Works};

/// The outbox's messages.
#[derive(Deserialize)]
#[serde(tag = "template", rename_all = "snake_case")]
enum Message {
    VerifyEmail { company: String, name: String, link: String },
    Invitation { company: String, inviter: String, role: String, link: String },
    TenantReady { company: String, link: String },
    OperatorInvitation { inviter: String, link: String },
}

/// Taken together and sent at once, so that a mail server that needs its whole time has taken them before they are due again,
/// for this server or another.
const AT_ONCE: i64 = 10;

pub(super) async fn send_due(works: &Works) -> Result<(), Problem> {
    let Works { app, stop, .. } = works;
    loop {
        let due = app.db.worker().take_mail(AT_ONCE, app.clock.now()).await?;
        // What was taken and is not sent is due again: a slow mail server must not hold up the server's end.
        if due.is_empty() || stop.is_cancelled() {
            return Ok(());
        }
        let sent = join_all(due.into_iter().map(|mail| hand_over(works, mail))).await;
        sent.into_iter().collect::<Result<(), _>>()?;
    }
}

async fn hand_over(Works { app, mailer, .. }: &Works, mail: DueMail) -> Result<(), Problem> {
    let worker = app.db.worker();
    match send(mailer, &mail).await {
        Ok(()) => worker.mail_sent(mail.id).await?,
        Err((reason, permanent)) => {
            tracing::warn!(mail = %mail.id, attempts = mail.attempts, reason, "mail was not handed over");
            worker.mail_failed(mail.id, &reason, permanent, app.clock.now()).await?;
        }
    }
    Ok(())
}

async fn send(mailer: &Mailer, mail: &DueMail) -> Result<(), (String, bool)> {
    let message = Message::deserialize(&mail.message).map_err(|_| ("unknown template".to_owned(), true))?;
    let letter = match &message {
        Message::VerifyEmail { company, name, link } => templates::verify_email(company, name, link),
        Message::Invitation { company, inviter, role, link } => templates::invitation(company, inviter, role, link),
        Message::TenantReady { company, link } => templates::tenant_ready(company, link),
        Message::OperatorInvitation { inviter, link } => templates::operator_invitation(inviter, link),
    };
    mailer.send(letter.to(&mail.recipient, None)).await.map_err(|error| (error.to_string(), error.is_permanent()))
}
