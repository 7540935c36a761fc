//! The SMTP client.

use std::fmt;
use std::time::Duration;

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart, SinglePart};
use lettre::transport::smtp::Error as SmtpError;
use lettre::{Address, AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};

/// A mail server that needs longer than this is treated as down; the sender tries again later.
const TIMEOUT: Duration = Duration::from_secs(15);

/// RFC 5322, 2.1.1: no header line is longer; a subject beyond it is a mistake of the caller.
const SUBJECT_MAX: usize = 998;

/// One mail to one person.
#[derive(Clone, PartialEq, Eq)]
pub struct Mail {
    /// Address of the recipient.
    pub to: String,
    /// Name of the recipient, shown beside the address.
    pub to_name: Option<String>,
    /// Subject, one line.
    pub subject: String,
    /// The mail as plain text.
    pub text: String,
    /// The same as HTML.
    pub html: Option<String>,
}

impl fmt::Debug for Mail {
    /// Recipients and contents are personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail").field("html", &self.html.is_some()).finish_non_exhaustive()
    }
}

/// Why a mail did not leave.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MailError {
    /// The configuration cannot work.
    #[error("mail is configured wrongly: {0}")]
    Configuration(&'static str),
    /// The mail itself cannot be sent: an address that is none, or a line break in a header.
    #[error("the mail has an invalid {0}")]
    Invalid(&'static str),
    /// The server refused for good (5xx).
    #[error("the mail server refused the mail for good (status {status})")]
    Refused {
        /// SMTP status, such as 550.
        status: u16,
    },
    /// The server refused for now (4xx).
    #[error("the mail server refused the mail for now (status {status})")]
    Deferred {
        /// SMTP status, such as 451.
        status: u16,
    },
    /// No connection, no TLS, or no answer in time.
    #[error("the mail server cannot be reached")]
    Unreachable,
}

impl MailError {
    /// Whether sending the same mail again can never succeed.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        !matches!(self, Self::Deferred { .. } | Self::Unreachable)
    }
}

/// The way to one mail server, with a connection for each mail. Cheap to clone.
#[derive(Clone)]
pub struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl fmt::Debug for Mailer {
    /// The transport holds the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mailer").finish_non_exhaustive()
    }
}

impl Mailer {
    /// Prepares a mailer; connects when a mail is sent.
    ///
    /// `smtp_url` is `smtps://user:password@host[:465]`, or `smtp://host:587?tls=required` for STARTTLS. Plain
    /// `smtp://` is taken for a loopback address only: elsewhere links and passwords would travel in the clear.
    /// `from` is an address with or without a name.
    ///
    /// # Errors
    /// [`MailError::Configuration`] when one of them cannot work.
    pub fn connect(smtp_url: &str, from: &str) -> Result<Self, MailError> {
        if is_plain(smtp_url) && !is_loopback(host(smtp_url)) {
            return Err(MailError::Configuration("an SMTP server beyond this machine needs smtps:// or ?tls=required"));
        }
        let from = from.parse().map_err(|_| MailError::Configuration("the sender is not a mail address"))?;
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(smtp_url)
            .map_err(|_| MailError::Configuration("the SMTP URL cannot be read"))?
            .timeout(Some(TIMEOUT))
            .build();
        Ok(Self { transport, from })
    }

    /// Sends one mail and waits until the server has taken it.
    ///
    /// # Errors
    /// [`MailError`]; [`MailError::is_permanent`] tells whether to try again.
    pub async fn send(&self, mail: Mail) -> Result<(), MailError> {
        let message = message(&self.from, mail)?;
        // The library's own time limit ends with the connection's opening; a server that is silent later is silent for ever.
        let sent = tokio::time::timeout(TIMEOUT, self.transport.send(message)).await;
        sent.map_err(|_| MailError::Unreachable)?.map(|_| ()).map_err(|error| classify(&error))
    }
}

/// Builds the message. Header injection is shut out twice: control characters are refused here, and lettre encodes what
/// is not plain ASCII (RFC 2047).
fn message(from: &Mailbox, mail: Mail) -> Result<Message, MailError> {
    if mail.subject.chars().any(char::is_control) || mail.subject.len() > SUBJECT_MAX {
        return Err(MailError::Invalid("subject"));
    }
    if mail.to_name.iter().any(|name| name.chars().any(char::is_control)) {
        return Err(MailError::Invalid("recipient's name"));
    }
    let address: Address = mail.to.parse().map_err(|_| MailError::Invalid("recipient"))?;
    let builder = Message::builder()
        .from(from.clone())
        .to(Mailbox::new(mail.to_name.filter(|name| !name.is_empty()), address))
        .subject(mail.subject)
        .message_id(None)
        // RFC 3834: keeps out-of-office answers from replying to a machine.
        .raw_header(HeaderValue::new(HeaderName::new_from_ascii_str("Auto-Submitted"), "auto-generated".to_owned()));
    let built = match mail.html {
        Some(html) => builder.multipart(MultiPart::alternative_plain_html(mail.text, html)),
        None => builder.singlepart(SinglePart::plain(mail.text)),
    };
    built.map_err(|_| MailError::Invalid("content"))
}

/// The server's words may quote the address, so only the status is kept.
fn classify(error: &SmtpError) -> MailError {
    match error.status() {
        Some(status) if error.is_permanent() => MailError::Refused { status: status.into() },
        Some(status) => MailError::Deferred { status: status.into() },
        None if error.is_client() => MailError::Invalid("recipient"),
        None => MailError::Unreachable,
    }
}

fn is_plain(smtp_url: &str) -> bool {
    !smtp_url.starts_with("smtps://") && !smtp_url.ends_with("?tls=required")
}

/// The host of a URL, without user, port and path.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?']).next().unwrap_or_default();
    let place = authority.rsplit('@').next().unwrap_or_default();
    match place.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => place.split(':').next().unwrap_or_default(),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::{Mail, MailError, Mailer, message};

    fn mail() -> Mail {
        Mail {
            to: "ada@builder.test".into(),
            to_name: Some("Ada, \"the first\" Löwe".into()),
            subject: "Grüße".into(),
            text: "Hello".into(),
            html: None,
        }
    }

    fn built(mail: Mail) -> Result<String, MailError> {
        let from = "Keystead <no-reply@keystead.test>".parse().expect("a mailbox");
        message(&from, mail).map(|message| String::from_utf8_lossy(&message.formatted()).into_owned())
    }

    #[test]
    fn headers_are_encoded() {
        let text = built(mail()).expect("a message");
        assert!(text.contains("Subject: =?utf-8?"), "{text}");
        assert!(text.contains("<ada@builder.test>"), "{text}");
        assert!(text.contains("Auto-Submitted: auto-generated"), "{text}");
    }

    #[test]
    fn line_breaks_cannot_add_headers() {
        let refused = [
            built(Mail { subject: "Hi\r\nBcc: eve@evil.test".into(), ..mail() }),
            built(Mail { to_name: Some("Ada\nBcc: eve@evil.test".into()), ..mail() }),
            built(Mail { to: "ada@builder.test\r\nBcc: eve@evil.test".into(), ..mail() }),
            built(Mail { to: "ada@builder.test, eve@evil.test".into(), ..mail() }),
            built(Mail { to: "nobody".into(), ..mail() }),
        ];
        assert!(refused.iter().all(|outcome| outcome.as_ref().is_err_and(MailError::is_permanent)));
    }

    #[tokio::test]
    async fn mail_beyond_this_machine_is_encrypted() {
        let from = "no-reply@keystead.test";
        for url in ["smtp://127.0.0.1:1025", "smtp://localhost:1025", "smtp://[::1]:25"] {
            assert!(Mailer::connect(url, from).is_ok(), "{url}");
        }
        for url in ["smtps://user:pw@mail.example.test", "smtp://mail.example.test:587?tls=required"] {
            assert!(Mailer::connect(url, from).is_ok(), "{url}");
        }
        let clear = ["smtp://mail.example.test", "smtp://127.0.0.1@mail.example.test", "smtp://localhost.evil.test"];
        for url in clear.into_iter().chain(["smtp://mail.example.test?tls=opportunistic", "http://127.0.0.1", "", "x"])
        {
            assert!(matches!(Mailer::connect(url, from), Err(MailError::Configuration(_))), "{url}");
        }
        assert!(matches!(Mailer::connect("smtp://127.0.0.1:1", "nobody"), Err(MailError::Configuration(_))));
    }

    #[tokio::test(start_paused = true)]
    async fn a_server_that_falls_silent_is_given_up() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("smtp://{}", listener.local_addr().expect("a port"));
        let mailer = Mailer::connect(&url, "no-reply@keystead.test").expect("a mailer");
        let silent = tokio::spawn(async move { listener.accept().await });
        assert_eq!(mailer.send(mail()).await, Err(MailError::Unreachable));
        drop(silent);
    }

    #[test]
    fn debug_shows_nobody() {
        assert!(!format!("{:?}", mail()).contains("ada"));
    }
}
