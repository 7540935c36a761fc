//! The attack that the commitment stops: one GCM ciphertext that opens under two keys.
//!
//! GCM's tag is linear in the ciphertext blocks for a known key, so whoever knows two keys solves for a block that makes both
//! tags equal (NIST SP 800-38D, section 6.4, for the arithmetic).

use aws_lc_rs::{
    cipher::{AES_256, EncryptingKey, EncryptionContext, UnboundCipherKey},
    iv::FixedLength,
};

use super::{all_refused, place, secret};
use crate::{
    Secret, SubjectKey,
    envelope::{MessageId, MessageKeys, ZERO_NONCE},
};

/// Product in GF(2^128) as GCM has it: most significant bit first, polynomial x^128 + x^7 + x^2 + x + 1.
fn product(x: u128, y: u128) -> u128 {
    let (mut sum, mut shifted) = (0, y);
    for bit in (0..128).rev() {
        if x >> bit & 1 == 1 {
            sum ^= shifted;
        }
        let carry = shifted & 1;
        shifted >>= 1;
        if carry == 1 {
            shifted ^= 0xe1 << 120;
        }
    }
    sum
}

/// The inverse: x^(2^128 - 2).
fn inverse(x: u128) -> u128 {
    let (mut result, mut square) = (1 << 127, x);
    for _ in 1..128 {
        square = product(square, square);
        result = product(result, square);
    }
    result
}

/// One AES block: the key stream of counter mode that starts at `block`.
fn aes(key: &[u8; 32], block: u128) -> u128 {
    let cipher = EncryptingKey::ctr(UnboundCipherKey::new(&AES_256, key).expect("key")).expect("cipher");
    let mut stream = [0; 16];
    let start = EncryptionContext::Iv128(FixedLength::from(block.to_be_bytes()));
    cipher.less_safe_encrypt(&mut stream, start).expect("block");
    u128::from_be_bytes(stream)
}

/// GHASH over whole blocks.
fn ghash(h: u128, blocks: &[u128]) -> u128 {
    blocks.iter().fold(0, |sum, block| product(sum ^ block, h))
}

/// A one-block body (ciphertext and tag) with a valid tag under both keys.
fn body_for_both(keys: [&[u8; 32]; 2], aad: &[u8]) -> Vec<u8> {
    let mut blocks: Vec<u128> = aad.chunks(16).map(padded).collect();
    let lengths = (aad.len() as u128 * 8) << 64 | 128;
    blocks.extend([0, lengths]);
    // With the free block zero, the tags differ by `gap`; the block enters each tag times H squared.
    let tag = |key: &[u8; 32], blocks: &[u128]| ghash(aes(key, 0), blocks) ^ aes(key, 1);
    let gap = tag(keys[0], &blocks) ^ tag(keys[1], &blocks);
    let square = |key: &[u8; 32]| product(aes(key, 0), aes(key, 0));
    let block = product(gap, inverse(square(keys[0]) ^ square(keys[1])));
    let at = blocks.len() - 2;
    blocks[at] = block;
    [block.to_be_bytes(), tag(keys[0], &blocks).to_be_bytes()].concat()
}

fn padded(chunk: &[u8]) -> u128 {
    let mut block = [0; 16];
    block[..chunk.len()].copy_from_slice(chunk);
    u128::from_be_bytes(block)
}

fn cipher_key(key: &Secret, id: &MessageId) -> [u8; 32] {
    let mut both = [0; 64];
    key.expand(id, &[b"keystead/v1/enc|", &[1]], &mut both).expect("derives");
    *both.first_chunk().expect("32 bytes")
}

#[test]
fn a_ciphertext_for_two_keys_opens_under_neither_foreign_commitment() {
    let (at, id) = (place(), [3; 16]);
    let fills = [21, 22];
    let ciphers = fills.map(|fill| cipher_key(&secret(fill), &id));
    let body = body_for_both([&ciphers[0], &ciphers[1]], &at.aad());

    for fill in fills {
        let raw = MessageKeys::derive(&secret(fill), &id).expect("keys").cipher;
        assert_eq!(raw.open(ZERO_NONCE, &at.aad(), &mut body.clone()).expect("plain GCM falls for it"), 16);
    }
    let mut attempts = Vec::new();
    for committed in fills {
        let commitment = MessageKeys::derive(&secret(committed), &id).expect("keys").commitment;
        let sealed = [&[1, 1, 0, 0, 0, 7][..], &id, &*commitment, &body].concat();
        for fill in fills.into_iter().filter(|fill| *fill != committed) {
            let key = SubjectKey::new(at.tenant, at.subject, 7, secret(fill));
            attempts.push(key.open(&at, &sealed).err());
        }
    }
    all_refused("ciphertexts-for-two-keys", attempts);
}
