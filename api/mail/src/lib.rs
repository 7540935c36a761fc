//! Mail through SMTP.
//!
//! [`Mailer`] sends, [`templates`] words what the platform has to say. Addresses and contents never reach an error
//! message: a caller may log [`MailError`] as it is.

mod mailer;
pub mod templates;

pub use mailer::{Mail, MailError, Mailer};
