//! New passwords.

use axum::http::StatusCode;
use chrono::{DateTime, Utc};
use keystead_identity::{PasswordError, check_strength};
use secrecy::SecretString;

use crate::{
    app::App,
    http::{FieldCode, Problem},
};

/// Refuses a password that is short, well known, guessable or made of the person's own data.
pub(crate) async fn check_new_password(
    password: &SecretString,
    pointer: &'static str,
    context: &[&str],
) -> Result<(), Problem> {
    let password = password.clone();
    let context: Vec<String> = context.iter().map(|&word| word.to_owned()).collect();
    // Some milliseconds of arithmetic: not on the threads that serve requests.
    let verdict = tokio::task::spawn_blocking(move || {
        check_strength(&password, &context.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let verdict = verdict.await.map_err(|_| Problem::internal("checking a password failed"))?;
    verdict.map_err(|weak| Problem::field(pointer, FieldCode::Weak, weak.to_string()))
}

pub(crate) async fn hash_password(app: &App, password: &SecretString) -> Result<String, Problem> {
    app.passwords.hash(password).await.map_err(|error| password_problem(&error))
}

pub(crate) fn too_many_failures(until: DateTime<Utc>, now: DateTime<Utc>) -> Problem {
    let title = "Too many failed logins; wait before the next";
    let seconds = u64::try_from((until - now).num_seconds()).unwrap_or_default();
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-failures", title).retry_after(seconds + 1)
}

pub(crate) fn password_problem(error: &PasswordError) -> Problem {
    match error {
        PasswordError::Busy => {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "busy", "Too many people log in right now; try again")
                .retry_after(2)
        }
        PasswordError::TooLong => Problem::field("/password", FieldCode::TooLong, "is too long"),
        PasswordError::Stored | PasswordError::Failed => Problem::internal(error.to_string()),
    }
}
