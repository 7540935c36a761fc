//! One statement in one context, and what may come of it.

use futures::StreamExt;
use keystead_tests::context;
use tokio_postgres::{Client, Error, SimpleQueryMessage};

use super::{contexts::Guise, ways::Attack};

/// Tries one cell; what is wrong about the outcome, if anything.
pub(super) async fn attempt(session: &Client, guise: &Guise, attack: &Attack, stranger: &str) -> Option<String> {
    if let Some((signed, end)) = &guise.before {
        session.batch_execute("BEGIN").await.unwrap();
        context::enter(session, signed).await.unwrap();
        session.batch_execute(end).await.unwrap();
    }
    session.batch_execute("BEGIN").await.unwrap();
    let misled = entered(session, guise).await;
    let wrong = outcome(session, attack, stranger).await;
    // A COPY that is let in waits for rows, and takes no other statement.
    if wrong.is_none() || !matches!(attack, Attack::Fills(_)) {
        // What was not refused is made to stay, so that the victim's fingerprint shows it.
        session.batch_execute("COMMIT").await.unwrap();
    }
    misled.or(wrong)
}

/// Enters what the guise says; what is wrong about how the database took it, if anything.
async fn entered(session: &Client, guise: &Guise) -> Option<String> {
    let signed = guise.signed.as_deref()?;
    // Whoever is refused goes on all the same, with whatever the refusal left behind.
    session.batch_execute("SAVEPOINT entry").await.unwrap();
    let Err(error) = context::enter(session, signed).await else {
        return (!guise.is_genuine).then(|| "the context was let in".to_owned());
    };
    session.batch_execute("ROLLBACK TO SAVEPOINT entry").await.unwrap();
    if guise.is_genuine { Some(format!("the context was refused: {error:?}")) } else { not_refused(&error) }
}

async fn outcome(session: &Client, attack: &Attack, stranger: &str) -> Option<String> {
    match attack {
        Attack::Reaches(sql) => match rows_of(session, sql).await {
            Ok(0) => None,
            Ok(reached) => Some(format!("reached {reached} rows")),
            Err(error) => not_refused(&error),
        },
        Attack::Adds(sql) => match rows_of(session, sql).await {
            Ok(_) => Some("was not refused".to_owned()),
            Err(error) => not_refused(&error),
        },
        Attack::Fills(sql) => match rows_of(session, sql).await {
            Err(error) if code(&error) == FOR_POLICIES => None,
            Ok(_) => Some("was not refused".to_owned()),
            Err(error) => not_refused(&error),
        },
        Attack::Copies(sql) => match copied(session, sql).await {
            Ok(text) => text.contains(stranger).then(|| "copied rows out".to_owned()),
            Err(error) => not_refused(&error),
        },
    }
}

/// How many rows statements returned or changed, all together.
async fn rows_of(session: &Client, sql: &str) -> Result<u64, Error> {
    let messages = session.simple_query(sql).await?;
    Ok(messages
        .iter()
        .map(|message| match message {
            SimpleQueryMessage::CommandComplete(rows) => *rows,
            _ => 0,
        })
        .sum())
}

async fn copied(session: &Client, sql: &str) -> Result<String, Error> {
    let mut chunks = Box::pin(session.copy_out(sql).await?);
    let mut text = String::new();
    while let Some(chunk) = chunks.next().await {
        text.push_str(&String::from_utf8_lossy(&chunk?));
    }
    Ok(text)
}

/// How COPY is refused that would pass by policies, whatever the rows: a feature that there is not.
const FOR_POLICIES: &str = "0A000";

/// Lack of rights is the one refusal that tells nothing about the row.
fn not_refused(error: &Error) -> Option<String> {
    let code = code(error);
    (code != "42501").then(|| format!("failed with {code}: {error:?}"))
}

fn code(error: &Error) -> &str {
    error.code().map_or("none", |code| code.code())
}
