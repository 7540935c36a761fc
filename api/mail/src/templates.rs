//! What the platform writes to people. Each template gives plain text and the same in simple HTML.

use crate::mailer::Mail;

/// A worded mail without a recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// Subject, one line.
    pub subject: String,
    /// Plain text.
    pub text: String,
    /// The same as HTML.
    pub html: String,
}

impl Letter {
    /// Addresses the letter.
    #[must_use]
    pub fn to(self, address: &str, name: Option<&str>) -> Mail {
        Mail {
            to: address.to_owned(),
            to_name: name.map(one_line),
            subject: self.subject,
            text: self.text,
            html: Some(self.html),
        }
    }
}

/// Asks the person who signed `company` up to prove that the address is theirs.
#[must_use]
pub fn verify_email(company: &str, name: &str, link: &str) -> Letter {
    Wording {
        subject: format!("Confirm your email address for {company}"),
        greeting: format!("Hello {name},"),
        lead: format!("{company} was signed up to Keystead with this email address. Please confirm that it is yours:"),
        link,
        action: "Confirm email address",
        closing: "If this was not you, ignore this mail: nothing happens without the confirmation.",
    }
    .letter()
}

/// Invites a person into `company`; `inviter` and `role` are shown as they are.
#[must_use]
pub fn invitation(company: &str, inviter: &str, role: &str, link: &str) -> Letter {
    Wording {
        subject: format!("{inviter} invites you to {company}"),
        greeting: "Hello,".to_owned(),
        lead: format!("{inviter} invites you to work with {company} in Keystead as {role}. Accept here:"),
        link,
        action: "Accept the invitation",
        closing: "The link works once. If you do not know the sender, ignore this mail.",
    }
    .letter()
}

/// Asks a person to run the platform.
#[must_use]
pub fn operator_invitation(inviter: &str, link: &str) -> Letter {
    Wording {
        subject: format!("{inviter} invites you to run Keystead"),
        greeting: "Hello,".to_owned(),
        lead: format!("{inviter} invites you to Keystead's operator console. Accept here:"),
        link,
        action: "Accept the invitation",
        closing: "The link works once, for a day. If you do not know the sender, ignore this mail.",
    }
    .letter()
}

/// Tells the admin of `company` that the tenant can be used.
#[must_use]
pub fn tenant_ready(company: &str, link: &str) -> Letter {
    Wording {
        subject: format!("{company} is ready"),
        greeting: "Hello,".to_owned(),
        lead: format!("{company} has been approved and set up. Log in with the password you chose:"),
        link,
        action: "Open Keystead",
        closing: "Next: invite your team and create your first project.",
    }
    .letter()
}

/// The one layout all letters share.
struct Wording<'a> {
    subject: String,
    greeting: String,
    lead: String,
    link: &'a str,
    action: &'a str,
    closing: &'a str,
}

impl Wording<'_> {
    fn letter(&self) -> Letter {
        let (greeting, lead) = (one_line(&self.greeting), one_line(&self.lead));
        let link = web_link(self.link);
        Letter {
            subject: one_line(&self.subject),
            text: format!("{greeting}\n\n{lead}\n\n{link}\n\n{}\n", self.closing),
            html: format!(
                "<!DOCTYPE html>\n<html lang=\"en\"><body style=\"font-family:sans-serif;max-width:36em\">\n\
                 <p>{}</p>\n<p>{}</p>\n<p><a href=\"{url}\">{}</a></p>\n<p>Or copy this address: {url}</p>\n<p>{}</p>\n\
                 </body></html>\n",
                escaped(&greeting),
                escaped(&lead),
                escaped(self.action),
                escaped(self.closing),
                url = escaped(&link),
            ),
        }
    }
}

/// Names come from users: a line break in one must not start a header or a paragraph of its own.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Only web links are clickable; anything else (`javascript:`) becomes empty.
fn web_link(link: &str) -> String {
    let is_web = link.starts_with("https://") || link.starts_with("http://");
    if is_web && !link.contains(|c: char| c.is_control() || c.is_whitespace()) {
        link.to_owned()
    } else {
        String::new()
    }
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::{invitation, tenant_ready, verify_email};

    #[test]
    fn the_link_is_in_both_forms() {
        let link = "https://fusion.keystead.test/verify?token=a&b=c";
        for letter in [
            verify_email("Fusion Homes", "Ada", link),
            invitation("Fusion Homes", "Ada", "sales agent", link),
            tenant_ready("Fusion Homes", link),
        ] {
            assert!(letter.text.contains(&format!("\n{link}\n")), "{}", letter.text);
            assert!(letter.html.contains("href=\"https://fusion.keystead.test/verify?token=a&amp;b=c\""));
            assert!(letter.subject.contains("Fusion Homes"));
        }
    }

    #[test]
    fn names_cannot_bring_markup_or_headers() {
        let letter = verify_email("<b>Fusion</b> & \"Sons\"\r\nBcc: eve@evil.test", "A\ndа", "https://x.test/");
        assert!(!letter.subject.contains(['\r', '\n']));
        assert!(letter.html.contains("&lt;b&gt;Fusion&lt;/b&gt; &amp; &quot;Sons&quot;"));
        assert!(!letter.html.contains("<b>"));
    }

    #[test]
    fn only_web_links_are_linked() {
        for link in ["javascript:alert(1)", "https://x.test/\r\nBcc: a@b.test", "data:text/html,x"] {
            assert!(tenant_ready("Fusion", link).html.contains("href=\"\""));
        }
    }
}
