//! What must be refused: with the right status, a problem that names the field, and nothing written.

mod contacts;
mod cursors;
mod files;
mod foreign;
mod imports;
mod invitations;
mod money;
mod patches;
mod repeats;
mod requests;
mod signups;
mod tokens;
mod versions;

use keystead_tests::Answer;

/// None of these texts is in the answer, be it in the body or in a header.
fn keeps_silent(answer: &Answer, texts: &[&str]) {
    for text in texts {
        assert!(!answer.text.contains(text), "the answer quotes {text}: {}", answer.text);
        assert!(!format!("{:?}", answer.headers).contains(text), "a header quotes {text}");
    }
}

/// The answer without what is different in every answer.
fn comparable(answer: &Answer) -> (u16, serde_json::Value) {
    let mut json = answer.json.clone();
    if let Some(fields) = json.as_object_mut() {
        fields.remove("instance");
    }
    (answer.status, json)
}
