//! Vectors that an independent implementation made. They are frozen: rows in databases look like them.

use std::sync::Arc;

use keystead_ids::TenantId;
use serde::Deserialize;
use uuid::Uuid;

use crate::{IndexKey, MacKey, Place, Secret, SubjectKey, envelope::seal_as};

#[derive(Deserialize)]
struct Vectors {
    seals: Vec<Seal>,
    blind: Vec<Blind>,
    names: Vec<Tokens>,
    macs: Vec<Mac>,
}

#[derive(Deserialize)]
struct Seal {
    dek: String,
    key_version: u32,
    message_id: String,
    tenant: Uuid,
    table: u16,
    column: u16,
    row: Uuid,
    subject: Uuid,
    schema_rev: u16,
    kind: u8,
    aad: String,
    plain: String,
    sealed: String,
}

#[derive(Deserialize)]
struct Blind {
    key: String,
    field: u16,
    value: String,
    digest: String,
}

#[derive(Deserialize)]
struct Tokens {
    key: String,
    field: u16,
    text: String,
    tokens: Vec<i64>,
    query: String,
    search: Vec<i64>,
}

#[derive(Deserialize)]
struct Mac {
    key: String,
    label: String,
    parts: Vec<String>,
    mac: String,
}

fn vectors() -> Vectors {
    serde_json::from_str(include_str!("../../tests/vectors/v1.json")).expect("vectors")
}

fn bytes(text: &str) -> Vec<u8> {
    hex::decode(text).expect("hexadecimal")
}

fn key(text: &str) -> Secret {
    Secret::take(bytes(text)).expect("32 bytes")
}

#[test]
fn sealed_values_are_as_frozen() {
    for seal in vectors().seals {
        let tenant = TenantId(seal.tenant);
        let Seal { table, column, row, subject, schema_rev, kind, .. } = seal;
        let at = Place { tenant, table, column, row, subject, schema_rev, kind };
        assert_eq!(hex::encode(at.aad()), seal.aad);
        let id = bytes(&seal.message_id).try_into().expect("16 bytes");
        let plain = bytes(&seal.plain);
        let sealed = seal_as(id, &key(&seal.dek), seal.key_version, &at.aad(), &plain).expect("seals");
        assert_eq!(hex::encode(&sealed), seal.sealed);
        let opener = SubjectKey::new(tenant, subject, seal.key_version, key(&seal.dek));
        assert_eq!(*opener.open(&at, &bytes(&seal.sealed)).expect("opens"), *plain);
    }
}

#[test]
fn digests_are_as_frozen() {
    for blind in vectors().blind {
        let index = IndexKey::new(Arc::new(key(&blind.key)));
        assert_eq!(hex::encode(index.blind(blind.field, &blind.value).expect("digest")), blind.digest);
    }
    for names in vectors().names {
        let index = IndexKey::new(Arc::new(key(&names.key)));
        assert_eq!(index.name_tokens(names.field, &names.text).expect("tokens"), names.tokens);
        assert_eq!(index.search_tokens(names.field, &names.query).expect("tokens"), names.search);
    }
    for mac in vectors().macs {
        let derived = key(&mac.key).derive(&[b"keystead/v1/mac|", mac.label.as_bytes()]).expect("key");
        let parts: Vec<Vec<u8>> = mac.parts.iter().map(|part| bytes(part)).collect();
        let parts: Vec<&[u8]> = parts.iter().map(Vec::as_slice).collect();
        assert_eq!(hex::encode(MacKey::new(&derived).sign(&parts)), mac.mac);
    }
}
