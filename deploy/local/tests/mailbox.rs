//! The mailbox as scripts and browsers see it.

use anyhow::Result;
use keystead_local::mailbox::Mailbox;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const LOCAL: ([u8; 4], u16) = ([127, 0, 0, 1], 0);

/// Speaks SMTP line by line and returns everything the server said.
async fn say(mailbox: &Mailbox, lines: &[&str]) -> Result<String> {
    let mut stream = TcpStream::connect(mailbox.smtp_url().trim_start_matches("smtp://")).await?;
    for line in lines {
        stream.write_all(format!("{line}\r\n").as_bytes()).await?;
    }
    let mut said = String::new();
    stream.read_to_string(&mut said).await?;
    Ok(said)
}

#[tokio::test]
async fn a_mail_is_listed_read_and_found_by_recipient() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mailbox = Mailbox::start(folder.path(), LOCAL.into(), LOCAL.into()).await?;
    let said = say(
        &mailbox,
        &[
            "EHLO test",
            "MAIL FROM:<no-reply@keystead.test>",
            "RCPT TO:<ada@builder.test>",
            "RCPT TO:<bob@builder.test>",
            "DATA",
            "Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=",
            "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: quoted-printable",
            "",
            "https://x.test/?token=3Dabc=",
            "def",
            ".",
            "QUIT",
        ],
    )
    .await?;
    assert!(said.contains("\r\n354 ") && said.ends_with("221 Goodbye\r\n"), "{said}");

    let http = reqwest::Client::builder().no_proxy().build()?;
    let url = mailbox.url();
    for to in ["ada@builder.test", "BOB@builder.test"] {
        let mails: serde_json::Value =
            http.get(format!("{url}/api/mails?to={to}")).send().await?.error_for_status()?.json().await?;
        assert_eq!(mails[0]["subject"], "Grüße");
        assert_eq!(mails[0]["to"], "ada@builder.test, bob@builder.test");
        assert_eq!(mails[0]["text"].as_str().map(str::trim), Some("https://x.test/?token=abcdef"));
        assert!(mails[0]["received_at"].as_str().is_some_and(|at| at.ends_with('Z')));
        let one = http.get(format!("{url}/mails/{}", mails[0]["id"].as_str().unwrap_or_default())).send().await?;
        assert_eq!(one.headers()["content-type"], "text/plain; charset=utf-8");
        assert!(one.text().await?.contains("token=abcdef"));
    }
    let none: serde_json::Value = http.get(format!("{url}/api/mails?to=eve@evil.test")).send().await?.json().await?;
    assert_eq!(none, serde_json::json!([]));
    assert!(http.get(&url).send().await?.text().await?.contains("Grüße"));
    assert_eq!(http.get(format!("{url}/mails/..%2F..%2Fsecrets%2Fserver")).send().await?.status(), 404);
    assert_eq!(http.get(&url).header("host", "evil.test").send().await?.status(), 403);
    mailbox.stop().await;

    let again = Mailbox::start(folder.path(), LOCAL.into(), LOCAL.into()).await?;
    assert_eq!(again.mails(None)?.len(), 1, "mails survive a restart");
    again.stop().await;
    Ok(())
}

#[tokio::test]
async fn an_address_can_be_refused_for_a_while() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mailbox = Mailbox::start(folder.path(), LOCAL.into(), LOCAL.into()).await?;
    let http = reqwest::Client::builder().no_proxy().build()?;
    let refusal = format!("{}/api/refusals/ada@builder.test", mailbox.url());
    let lines = [
        "EHLO test",
        "MAIL FROM:<x@keystead.test>",
        "RCPT TO:<Ada@builder.test>",
        "RCPT TO:<bob@builder.test>",
        "QUIT",
    ];
    assert_eq!(http.put(&refusal).send().await?.status(), 204);
    assert_eq!(say(&mailbox, &lines).await?.matches("\r\n550 ").count(), 1);
    assert_eq!(http.delete(&refusal).send().await?.status(), 204);
    assert_eq!(say(&mailbox, &lines).await?.matches("\r\n550 ").count(), 0);
    mailbox.stop().await;
    Ok(())
}

#[tokio::test]
async fn nonsense_and_endless_lines_end_the_conversation() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let mailbox = Mailbox::start(folder.path(), LOCAL.into(), LOCAL.into()).await?;
    let said = say(&mailbox, &["MAIL FROM:<x@y.test>", "NONSENSE", "QUIT"]).await?;
    assert!(said.contains("503") && said.contains("500"), "{said}");
    let endless = "x".repeat(100 << 10);
    // The server hangs up, which may also show as a reset.
    let _ = say(&mailbox, &[&endless]).await;
    assert_eq!(mailbox.mails(None)?, []);
    Ok(())
}
