//! The operations: AWS JSON in, AWS JSON out.

use std::sync::Arc;

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Deserializer, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::{
    error::Refusal,
    record::{ARN_PREFIX, EncryptionContext, KeyRecord, KeySpec, KeyState, Tag, key_of},
    vault::Vault,
};

macro_rules! operations {
    ($($name:ident),* $(,)?) => {
        /// An operation that the double serves.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Operation { $(#[doc = concat!("`", stringify!($name), "`.")] $name,)* }

        impl Operation {
            pub(crate) fn parse(name: &str) -> Option<Self> {
                match name { $(stringify!($name) => Some(Self::$name),)* _ => None }
            }

            pub(crate) const fn name(self) -> &'static str {
                match self { $(Self::$name => stringify!($name),)* }
            }
        }
    };
}

operations! {
    CancelKeyDeletion, CreateAlias, CreateKey, Decrypt, DeleteAlias, DescribeKey, DisableKey, EnableKey, Encrypt,
    GenerateDataKey, GenerateDataKeyWithoutPlaintext, GetPublicKey, ListAliases, ListResourceTags, ReEncrypt,
    ScheduleKeyDeletion, Sign, UpdateAlias,
}

type Answer = Result<Value, Refusal>;

/// Performs one call. Blocks while a change reaches the disk.
pub(crate) fn perform(vault: &Vault, operation: Operation, body: &[u8]) -> Answer {
    match operation {
        Operation::CancelKeyDeletion => cancel_key_deletion(vault, &parse(body)?),
        Operation::CreateAlias => create_alias(vault, &parse(body)?),
        Operation::CreateKey => create_key(vault, parse(body)?),
        Operation::Decrypt => decrypt(vault, &parse(body)?),
        Operation::DeleteAlias => delete_alias(vault, &parse(body)?),
        Operation::DescribeKey => Ok(json!({ "KeyMetadata": named(vault, &parse(body)?)?.metadata() })),
        Operation::DisableKey => switch(vault, &parse(body)?, KeyState::Disabled),
        Operation::EnableKey => switch(vault, &parse(body)?, KeyState::Enabled),
        Operation::Encrypt => encrypt(vault, &parse(body)?),
        Operation::GenerateDataKey => generate_data_key(vault, &parse(body)?, true),
        Operation::GenerateDataKeyWithoutPlaintext => generate_data_key(vault, &parse(body)?, false),
        Operation::GetPublicKey => get_public_key(vault, &parse(body)?),
        Operation::ListAliases => list_aliases(vault, &parse(body)?),
        Operation::ListResourceTags => Ok(json!({ "Tags": named(vault, &parse(body)?)?.tags, "Truncated": false })),
        Operation::ReEncrypt => re_encrypt(vault, &parse(body)?),
        Operation::ScheduleKeyDeletion => schedule_key_deletion(vault, &parse(body)?),
        Operation::Sign => sign(vault, &parse(body)?),
        Operation::UpdateAlias => update_alias(vault, &parse(body)?),
    }
}

/// A blob: base64 in JSON.
#[derive(Default)]
struct Blob(Vec<u8>);

impl<'de> Deserialize<'de> for Blob {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        BASE64_STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

fn base64(bytes: impl AsRef<[u8]>) -> String {
    BASE64_STANDARD.encode(bytes)
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Refusal> {
    serde_json::from_slice(body).map_err(|cause| Refusal::new("SerializationException", cause.to_string()))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct KeyReference {
    key_id: String,
}

fn named(vault: &Vault, reference: &KeyReference) -> Result<Arc<KeyRecord>, Refusal> {
    vault.find(&reference.key_id)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", default)]
struct CreateKey {
    key_spec: KeySpec,
    key_usage: Option<String>,
    description: String,
    tags: Vec<Tag>,
}

impl Default for CreateKey {
    fn default() -> Self {
        Self { key_spec: KeySpec::Symmetric, key_usage: None, description: String::new(), tags: Vec::new() }
    }
}

fn create_key(vault: &Vault, call: CreateKey) -> Answer {
    if call.key_usage.is_some_and(|usage| usage != call.key_spec.usage()) {
        return Err(Refusal::validation("KeyUsage is not compatible with KeySpec."));
    }
    let record = vault.create_key(call.key_spec, call.description, call.tags)?;
    Ok(json!({ "KeyMetadata": record.metadata() }))
}

fn switch(vault: &Vault, call: &KeyReference, to: KeyState) -> Answer {
    vault.transition(&call.key_id, |key, _| match key.state {
        KeyState::PendingDeletion { .. } => Err(key.pending_deletion()),
        KeyState::Enabled | KeyState::Disabled => Ok(to),
    })?;
    Ok(json!({}))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScheduleKeyDeletion {
    key_id: String,
    pending_window_in_days: Option<u64>,
}

fn schedule_key_deletion(vault: &Vault, call: &ScheduleKeyDeletion) -> Answer {
    let days = call.pending_window_in_days.unwrap_or(30);
    if !(7..=30).contains(&days) {
        return Err(Refusal::validation("PendingWindowInDays must be between 7 and 30."));
    }
    let mut deletion = 0;
    let record = vault.transition(&call.key_id, |key, now| {
        deletion = now + days * 86_400;
        match key.state {
            KeyState::PendingDeletion { .. } => Err(key.pending_deletion()),
            KeyState::Enabled | KeyState::Disabled => Ok(KeyState::PendingDeletion { at: deletion }),
        }
    })?;
    Ok(json!({
        "KeyId": record.arn(), "DeletionDate": deletion, "KeyState": "PendingDeletion", "PendingWindowInDays": days,
    }))
}

fn cancel_key_deletion(vault: &Vault, call: &KeyReference) -> Answer {
    let record = vault.transition(&call.key_id, |key, _| match key.state {
        // AWS leaves the key disabled, so that its owner enables it knowingly.
        KeyState::PendingDeletion { .. } => Ok(KeyState::Disabled),
        KeyState::Enabled | KeyState::Disabled => {
            Err(Refusal::new("KMSInvalidStateException", format!("{} is not pending deletion.", key.arn())))
        }
    })?;
    Ok(json!({ "KeyId": record.arn() }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct PointAlias {
    alias_name: String,
    target_key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NamedAlias {
    alias_name: String,
}

fn alias_target(vault: &Vault, call: &PointAlias) -> Result<Arc<KeyRecord>, Refusal> {
    let name = call.alias_name.strip_prefix("alias/").unwrap_or_default();
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_' | b'-');
    if name.is_empty() || call.alias_name.len() > 256 || !name.bytes().all(legal) || name.starts_with("aws/") {
        return Err(Refusal::new("InvalidAliasNameException", "The alias name is not valid."));
    }
    if call.target_key_id.contains("alias/") {
        return Err(Refusal::validation("Aliases must refer to keys, not to aliases."));
    }
    let record = vault.find(&call.target_key_id)?;
    if matches!(record.state, KeyState::PendingDeletion { .. }) {
        return Err(record.pending_deletion());
    }
    Ok(record)
}

fn create_alias(vault: &Vault, call: &PointAlias) -> Answer {
    let record = alias_target(vault, call)?;
    vault.point_alias(&call.alias_name, Some(record.id), |current| match current {
        None => Ok(()),
        Some(_) => {
            let message = format!("An alias with the name {ARN_PREFIX}{} already exists", call.alias_name);
            Err(Refusal::new("AlreadyExistsException", message))
        }
    })?;
    Ok(json!({}))
}

fn update_alias(vault: &Vault, call: &PointAlias) -> Answer {
    let record = alias_target(vault, call)?;
    vault.point_alias(&call.alias_name, Some(record.id), |current| known(current, &call.alias_name))?;
    Ok(json!({}))
}

fn delete_alias(vault: &Vault, call: &NamedAlias) -> Answer {
    vault.point_alias(&call.alias_name, None, |current| known(current, &call.alias_name))?;
    Ok(json!({}))
}

fn known(current: Option<uuid::Uuid>, alias: &str) -> Result<(), Refusal> {
    current.map(drop).ok_or_else(|| Refusal::not_found(&format!("Alias {ARN_PREFIX}{alias}")))
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ListAliases {
    key_id: Option<String>,
    limit: Option<usize>,
    marker: Option<String>,
}

fn list_aliases(vault: &Vault, call: &ListAliases) -> Answer {
    let key = call.key_id.as_deref().map(|id| vault.find(id)).transpose()?.map(|record| record.id);
    let limit = call.limit.unwrap_or(50).clamp(1, 100);
    let mut page = vault.aliases(key, call.marker.as_deref().unwrap_or_default(), limit + 1);
    let truncated = page.len() > limit;
    page.truncate(limit);
    let marker = page.last().map(|(alias, _)| alias.clone());
    let entry = |(alias, key)| {
        let arn = format!("{ARN_PREFIX}{alias}");
        json!({ "AliasName": alias, "AliasArn": arn, "TargetKeyId": key })
    };
    let aliases: Vec<Value> = page.into_iter().map(entry).collect();
    let mut answer = json!({ "Aliases": aliases, "Truncated": truncated });
    if truncated {
        answer["NextMarker"] = json!(marker);
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Encrypt {
    key_id: String,
    plaintext: Blob,
    #[serde(default)]
    encryption_context: EncryptionContext,
}

fn encrypt(vault: &Vault, call: &Encrypt) -> Answer {
    if !(1..=4096).contains(&call.plaintext.0.len()) {
        return Err(Refusal::validation("Plaintext must have 1 to 4096 bytes."));
    }
    let key = vault.find(&call.key_id)?;
    key.usable(KeySpec::Symmetric)?;
    let blob = key.encrypt(&call.encryption_context, &call.plaintext.0)?;
    Ok(json!({ "KeyId": key.arn(), "CiphertextBlob": base64(blob), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT" }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Decrypt {
    ciphertext_blob: Blob,
    key_id: Option<String>,
    #[serde(default)]
    encryption_context: EncryptionContext,
}

fn decrypt(vault: &Vault, call: &Decrypt) -> Answer {
    let key = source(vault, &call.ciphertext_blob, call.key_id.as_deref())?;
    let plain = key.decrypt(&call.encryption_context, &call.ciphertext_blob.0)?;
    Ok(json!({ "KeyId": key.arn(), "Plaintext": base64(plain), "EncryptionAlgorithm": "SYMMETRIC_DEFAULT" }))
}

/// The usable key that a blob names, which must be the one that the caller expects, if they say.
fn source(vault: &Vault, blob: &Blob, expected: Option<&str>) -> Result<Arc<KeyRecord>, Refusal> {
    let id = key_of(&blob.0)?;
    if let Some(expected) = expected
        && vault.find(expected)?.id != id
    {
        let message = "The key ID in the request does not identify a CMK that can perform this operation.";
        return Err(Refusal::new("IncorrectKeyException", message));
    }
    let key = vault.by_id(id)?;
    key.usable(KeySpec::Symmetric)?;
    Ok(key)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ReEncrypt {
    ciphertext_blob: Blob,
    source_key_id: Option<String>,
    #[serde(default)]
    source_encryption_context: EncryptionContext,
    destination_key_id: String,
    #[serde(default)]
    destination_encryption_context: EncryptionContext,
}

fn re_encrypt(vault: &Vault, call: &ReEncrypt) -> Answer {
    let from = source(vault, &call.ciphertext_blob, call.source_key_id.as_deref())?;
    let to = vault.find(&call.destination_key_id)?;
    to.usable(KeySpec::Symmetric)?;
    let plain = from.decrypt(&call.source_encryption_context, &call.ciphertext_blob.0)?;
    let blob = to.encrypt(&call.destination_encryption_context, &plain)?;
    Ok(json!({
        "CiphertextBlob": base64(blob), "SourceKeyId": from.arn(), "KeyId": to.arn(),
        "SourceEncryptionAlgorithm": "SYMMETRIC_DEFAULT", "DestinationEncryptionAlgorithm": "SYMMETRIC_DEFAULT",
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct GenerateDataKey {
    key_id: String,
    key_spec: Option<DataKeySpec>,
    number_of_bytes: Option<usize>,
    #[serde(default)]
    encryption_context: EncryptionContext,
}

#[derive(Deserialize)]
enum DataKeySpec {
    #[serde(rename = "AES_256")]
    Aes256,
    #[serde(rename = "AES_128")]
    Aes128,
}

fn generate_data_key(vault: &Vault, call: &GenerateDataKey, with_plaintext: bool) -> Answer {
    let length = match (&call.key_spec, call.number_of_bytes) {
        (Some(DataKeySpec::Aes256), None) => 32,
        (Some(DataKeySpec::Aes128), None) => 16,
        (None, Some(length @ 1..=1024)) => length,
        _ => return Err(Refusal::validation("Please specify either number of bytes or key spec.")),
    };
    let key = vault.find(&call.key_id)?;
    key.usable(KeySpec::Symmetric)?;
    let mut plain = vec![0; length];
    aws_lc_rs::rand::fill(&mut plain)?;
    let blob = key.encrypt(&call.encryption_context, &plain)?;
    let mut answer = json!({ "KeyId": key.arn(), "CiphertextBlob": base64(blob) });
    if with_plaintext {
        answer["Plaintext"] = json!(base64(plain));
    }
    Ok(answer)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Sign {
    key_id: String,
    message: Blob,
    message_type: Option<String>,
    signing_algorithm: String,
}

fn sign(vault: &Vault, call: &Sign) -> Answer {
    if call.signing_algorithm != "ECDSA_SHA_256" || call.message_type.as_deref().is_some_and(|kind| kind != "RAW") {
        return Err(Refusal::validation("This double signs raw messages with ECDSA_SHA_256."));
    }
    let key = vault.find(&call.key_id)?;
    key.usable(KeySpec::EccP256)?;
    let signature = key.sign(&call.message.0)?;
    Ok(json!({ "KeyId": key.arn(), "Signature": base64(signature), "SigningAlgorithm": "ECDSA_SHA_256" }))
}

fn get_public_key(vault: &Vault, call: &KeyReference) -> Answer {
    let key = vault.find(&call.key_id)?;
    key.usable(KeySpec::EccP256)?;
    Ok(json!({
        "KeyId": key.arn(), "PublicKey": base64(key.public_key()?), "KeySpec": key.spec, "KeyUsage": key.spec.usage(),
        "SigningAlgorithms": ["ECDSA_SHA_256"],
    }))
}
