//! Send what waits in the outbox. At least once: a crash between sending and noting it sends again.

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

pub(super) async fn send_due(Works { app, mailer, stop }: &Works) -> Result<(), Problem> {
    let worker = app.db.worker();
    for mail in worker.take_mail(20, app.clock.now()).await? {
        // What was taken and not sent is due again: a slow mail server must not hold up the server's end.
        if stop.is_cancelled() {
            return Ok(());
        }
        match send(mailer, &mail).await {
            Ok(()) => worker.mail_sent(mail.id).await?,
            Err((reason, permanent)) => {
                tracing::warn!(mail = %mail.id, attempts = mail.attempts, reason, "mail was not handed over");
                worker.mail_failed(mail.id, &reason, permanent, app.clock.now()).await?;
            }
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
