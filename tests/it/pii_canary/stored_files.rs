//! Files in S3. Their bytes are what somebody put into them, personal data included, and lie where their opaque key says. The
//! keys, the metadata and whatever else the storage keeps tell nothing: neither of what is inside nor the files' names.

use std::{
    fs,
    path::{Path, PathBuf},
};

use keystead_proofs::Proof;
use keystead_tests::{Answer, Call, Person};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio_postgres::Client;

use super::{canary::Canary, detector::Detector, files};

/// A PDF full of a person's data, under their name, in every state that a file can have.
pub struct StoredFiles {
    detector: Detector,
    /// What lies in the storage: the files' ids and bytes.
    kept: Vec<(String, Vec<u8>)>,
}

impl StoredFiles {
    /// Uploads: one file is confirmed and linked to, one stays in quarantine, one is refused, one is removed.
    pub async fn upload(admin: &Person, project: &str, person: &Canary) -> Self {
        let mut kept = Vec::new();
        for (state, beginning) in [
            ("ready", "%PDF-1.7"),
            ("quarantined", "%PDF-1.7"),
            ("rejected", "<!DOCTYPE html>"),
            ("removed", "%PDF-1.7"),
        ] {
            let bytes = format!("{beginning}\n{state}\n{}", person.words().join("\n")).into_bytes();
            let id = put(admin, project, &format!("{} {state}.pdf", person.name()), &bytes).await;
            let path = format!("/v1/files/{id}");
            let confirm = || admin.call("POST", &format!("{path}/confirm"));
            match state {
                "ready" => {
                    confirm().expect(200).await;
                    admin.call("POST", &format!("{path}/link")).expect(200).await;
                }
                "rejected" => drop(confirm().expect(422).await),
                "removed" => {
                    confirm().expect(200).await;
                    admin.call("DELETE", &path).expect(204).await;
                }
                _ => {}
            }
            let read = admin.get(&path).expect(200).await;
            assert_eq!(read.json["state"], state, "{}", read.text);
            if matches!(state, "ready" | "quarantined") {
                kept.push((id, bytes));
            }
        }
        Self { detector: Detector::of(&person.words()), kept }
    }

    /// Looks at every file and path of the storage; `others` are words that must be in no byte of it.
    pub async fn check(&self, proof: &Proof, folder: &Path, database: &Client, others: &Detector) {
        let mut where_expected = 0;
        let mut objects = Vec::new();
        for (id, bytes) in &self.kept {
            let sql = "SELECT storage_key FROM app.files WHERE id = $1";
            let key: String = database.query_one(sql, &[&keystead_tests::uuid_of(id)]).await.unwrap().get(0);
            let object = object(folder, &key);
            where_expected += usize::from(fs::read(&object).is_ok_and(|stored| stored == *bytes));
            objects.push(object);
        }
        let mut telling = Vec::new();
        for file in files(folder) {
            let name = file.strip_prefix(folder).unwrap().display().to_string();
            let content = fs::read(&file).unwrap();
            others.assert_clean(&name, &content);
            let told = !objects.contains(&file) && self.detector.find(&content).is_some();
            telling.extend((told || self.detector.find(name.as_bytes()).is_some()).then_some(name));
        }
        println!("{telling:?}");
        proof.exactly("uploaded-files-where-their-keys-say", where_expected, self.kept.len());
        proof.zero("storage-keys-metadata-and-leftovers-with-personal-data", telling.len());
    }

    /// A text that has no business to know what files are called.
    pub fn absent(&self, place: &str, text: &[u8]) {
        self.detector.assert_clean(place, text);
    }
}

/// The object's file: buckets are folders, and keys paths in them.
fn object(folder: &Path, key: &str) -> PathBuf {
    files(folder).into_iter().find(|file| file.ends_with(key)).unwrap_or_else(|| panic!("{key} is not stored"))
}

/// Declares and uploads; gives the file's id.
async fn put(admin: &Person, project: &str, name: &str, bytes: &[u8]) -> String {
    let declared = json!({ "project_id": project, "kind": "floorplan", "name": name, "content_type": "application/pdf",
        "length": bytes.len(), "sha256": hex::encode(Sha256::digest(bytes)) });
    let file: Answer = admin.post("/v1/files", &declared).expect(201).await;
    let upload = &file.json["upload"];
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let http = reqwest::Client::builder().no_proxy().build().unwrap();
    let call =
        Call::new(&http, &text(&upload["method"]), &text(&upload["url"])).body("application/pdf", bytes.to_vec());
    let headers = upload["headers"].as_object().unwrap().iter().filter(|(name, _)| !name.starts_with("content-"));
    headers.fold(call, |call, (name, value)| call.header(name, value.as_str().unwrap())).expect(200).await;
    file.id()
}
