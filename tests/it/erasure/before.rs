//! Rows as the version before shares left them, sealed by an implementation of their frozen format that is not the product's.

use std::env;

use aws_lc_rs::{
    aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    hkdf::{HKDF_SHA256, KeyType, Salt},
};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use keystead_tests::{World, uuid_of};
use serde_json::{Value, json};
use tokio_postgres::Client;
use uuid::Uuid;

/// Puts a tenant back: persons with a name and nothing else, their keys under the tenant's alone, and no tree.
pub(super) async fn leave(world: &World, database: &Client, tenant: &str, people: &[(&String, &str)]) {
    let id = uuid_of(tenant);
    let sql = "SELECT kms_key, wrapped, shares FROM app.tenant_keys WHERE tenant_id = $1 AND purpose = 'pii'";
    let row = database.query_one(sql, &[&id]).await.unwrap();
    let pii = decrypted(world, tenant, row.get(0), row.get(1)).await;
    database.batch_execute("SET session_replication_role = replica").await.unwrap();
    for (person, name) in people {
        let (person, key) = (uuid_of(person), [7; 32]);
        let label: [&[u8]; 6] =
            [b"keystead", &[1], b"subject-key", id.as_bytes(), person.as_bytes(), &1_u32.to_be_bytes()];
        let wrapped = sealed(&pii, &parts(&label), &[&1_u32.to_be_bytes()[..], &key].concat());
        // Table 1, column 1, revision 1, type 1.
        let (one, who) = (1_u16.to_be_bytes(), person.as_bytes());
        let place: [&[u8]; 9] = [b"keystead", &[1], id.as_bytes(), &one, &one, who, who, &one, &[1]];
        let name = sealed(&key, &parts(&place), name.as_bytes());
        let sql = "UPDATE app.subject_keys SET wrapping = 1, wrapped = $2 WHERE id = $1";
        database.execute(sql, &[&person, &wrapped]).await.unwrap();
        database.execute("UPDATE app.contacts SET name = $2 WHERE id = $1", &[&person, &name]).await.unwrap();
    }
    database.execute("UPDATE app.tenant_keys SET shares = NULL", &[]).await.unwrap();
    database.batch_execute("RESET session_replication_role").await.unwrap();
    world.app.blobs.delete(row.get(2)).await.unwrap();
    world.app.keys.forget(tenant.parse().unwrap()).await;
}

/// What KMS unwraps.
async fn decrypted(world: &World, tenant: &str, key: &str, wrapped: &[u8]) -> Vec<u8> {
    let context = json!({ "tenant": tenant, "purpose": "pii", "version": "1" });
    let body = json!({ "KeyId": key, "CiphertextBlob": BASE64_STANDARD.encode(wrapped), "EncryptionContext": context });
    let request = world.http.post(env::var("AWS_ENDPOINT_URL_KMS").unwrap()).header("authorization", "anybody");
    let answer = request.header("x-amz-target", "TrentService.Decrypt").body(body.to_string()).send().await.unwrap();
    let answer: Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    BASE64_STANDARD.decode(answer["Plaintext"].as_str().unwrap_or_else(|| panic!("{answer}"))).unwrap()
}

/// The sealed form, version 1.
fn sealed(key: &[u8], aad: &[u8], plain: &[u8]) -> Vec<u8> {
    struct Both;
    impl KeyType for Both {
        fn len(&self) -> usize {
            64
        }
    }
    let (id, mut both) = (*Uuid::new_v4().as_bytes(), [0; 64]);
    let info: [&[u8]; 2] = [b"keystead/v1/enc|", &[1]];
    Salt::new(HKDF_SHA256, &id).extract(key).expand(&info, Both).unwrap().fill(&mut both).unwrap();
    let mut body = [plain, &[0x80]].concat();
    body.resize((plain.len() + 1).next_power_of_two().max(16), 0);
    let cipher = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &both[..32]).unwrap());
    let nonce = Nonce::assume_unique_for_key([0; 12]);
    cipher.seal_in_place_append_tag(nonce, Aad::from(aad), &mut body).unwrap();
    [&[1, 1][..], &1_u32.to_be_bytes(), &id, &both[32..], &body].concat()
}

fn parts(parts: &[&[u8]]) -> Vec<u8> {
    let length = |part: &&[u8]| u32::try_from(part.len()).unwrap().to_be_bytes();
    parts.iter().flat_map(|part| length(part).into_iter().chain(part.iter().copied())).collect()
}
