//! What is sealed with a tenant's keys, and what is inside.

use keystead_ids::TenantId;
use keystead_keys::{
    Address, DateOfBirth, Email, Name, OVERHEAD, Phone, PiiField, Place, Sealed, open_with, share_tree_again,
    unpadded_length,
};
use serde_json::Value;
use uuid::Uuid;

/// What was decrypted: it decodes or is corrupt; a mask shows nothing in full.
pub(super) fn personal_data(bytes: &[u8]) {
    macro_rules! each {
        ($($kind:ty),*) => {$(
            if let Ok(value) = <$kind>::decode(bytes) {
                let again = <$kind>::decode(&value.encode()).expect("what was encoded decodes");
                assert!(again == value, "{} changes", <$kind>::KIND);
                drop((value.mask(), value.normalised()));
            }
        )*};
    }
    each!(Address, DateOfBirth, Email, Name, Phone);
}

/// A value that was sealed with a key that is nobody's: a frozen vector of `tenants/keys`.
const SEALED: &[u8] = include_bytes!("../../seeds/sealed/v1");

/// Its key.
const KEY: [u8; 32] = [
    0x43, 0x9c, 0x50, 0xd3, 0xad, 0x7f, 0x86, 0xf0, 0x88, 0xd9, 0x8f, 0x5f, 0x98, 0xde, 0x49, 0x1b, 0xde, 0x35, 0xff,
    0x21, 0x6f, 0x04, 0x3e, 0xbe, 0x70, 0x7e, 0x2c, 0x6e, 0xc4, 0x3c, 0xe6, 0x85,
];

/// Where it opens.
fn place() -> Place {
    Place {
        tenant: TenantId(Uuid::from_u128(0x801c_edaf_d1af_d380_85e8_38cc_0f49_1491)),
        table: 3,
        column: 1,
        row: Uuid::from_u128(0xd340_c5ef_d91f_4ff7_2253_ed12_c7fe_bc8d),
        subject: Uuid::from_u128(0xe78b_0f2e_e18d_3668_263c_a4c7_e476_47a8),
        schema_rev: 1,
        kind: 1,
    }
}

/// A ciphertext: its head, which is read before any key is; with a key, which opens the one value that was sealed with it; and
/// as what it is inside, which has one padding.
pub(super) fn sealed(bytes: &[u8]) {
    if let Ok(version) = Sealed::<Name>::from_bytes(bytes.to_vec()).key_version() {
        assert!(bytes.len() > OVERHEAD, "a version of {version} in {} bytes", bytes.len());
    }
    if let Ok(plain) = open_with(KEY, 1, &place(), bytes) {
        assert!(bytes == SEALED && *plain == *b"Jane Doe", "a forged value opens");
    }
    if let Ok(length) = unpadded_length(bytes) {
        assert_eq!(bytes.len(), (length + 1).next_power_of_two().max(16), "another length");
        assert!(bytes[length] == 0x80 && bytes[length + 1..].iter().all(|byte| *byte == 0), "another padding");
    }
    drop(serde_json::from_slice::<Value>(bytes));
}

/// A tree of shares, as it is inside of its seal: each has one encoding.
pub(super) fn share_tree(bytes: &[u8]) {
    if let Ok(again) = share_tree_again(bytes) {
        assert!(*again == bytes, "a tree has two encodings");
    }
}
