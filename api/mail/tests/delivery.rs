//! Sending to a real SMTP server.

use anyhow::Result;
use keystead_local::mailbox::Mailbox;
use keystead_mail::{Mail, MailError, Mailer, templates};

const LOCAL: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

#[tokio::test]
async fn a_letter_arrives_decoded() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mailbox = Mailbox::start(folder.path(), LOCAL.into(), LOCAL.into()).await?;
    let mailer = Mailer::connect(&mailbox.smtp_url(), "Keystead <no-reply@keystead.test>")?;
    let link = format!("https://fusion.keystead.test/verify?token={}", "a1".repeat(60));
    let letter = templates::verify_email("Löwe & Söhne", "Ada", &link);
    mailer.send(letter.to("ada@builder.test", Some("Ada Löwe"))).await?;
    mailer
        .send(Mail {
            to: "bob@builder.test".into(),
            to_name: None,
            subject: "Dots".into(),
            text: ".\r\n..two\r\nend".into(),
            html: None,
        })
        .await?;

    let mails = mailbox.mails(Some("ADA@builder.test"))?;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].subject, "Confirm your email address for Löwe & Söhne");
    assert_eq!(mails[0].to, "ada@builder.test");
    assert!(mails[0].text.contains(&link), "{}", mails[0].text);
    let all = mailbox.mails(None)?;
    assert_eq!(all.iter().map(|mail| mail.to.as_str()).collect::<Vec<_>>(), ["bob@builder.test", "ada@builder.test"]);
    assert_eq!(all[0].text.replace("\r\n", "\n").trim_end(), ".\n..two\nend");
    mailbox.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_absent_server_is_worth_another_try() -> Result<()> {
    let mailer = Mailer::connect("smtp://127.0.0.1:9", "no-reply@keystead.test")?;
    let outcome = mailer.send(templates::tenant_ready("Fusion", "https://x.test/").to("ada@builder.test", None)).await;
    assert_eq!(outcome, Err(MailError::Unreachable));
    assert!(outcome.is_err_and(|error| !error.is_permanent()));
    Ok(())
}
