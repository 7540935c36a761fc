//! Access tokens by the recipes of `edge/vectors/tokens.json`, signed with keys made for the occasion.
//!
//! The signatures are aws-lc's; the edge verifies with other libraries.

use std::collections::BTreeMap;

use aws_lc_rs::{
    hmac,
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};

/// The recipes.
pub const TOKENS: &str = include_str!("../../../edge/vectors/tokens.json");

/// The order of Ed25519's group, little-endian (RFC 8032, 5.1).
const L: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

/// Makes tokens.
pub struct Mint {
    keys: BTreeMap<&'static str, Ed25519KeyPair>,
    es: EcdsaKeyPair,
    words: BTreeMap<String, String>,
}

impl Mint {
    /// With fresh keys. `words` says what `@iss`, `@tid` and the others of the recipes stand for.
    pub fn new(words: &[(&str, &str)]) -> Self {
        let made = || Ed25519KeyPair::generate().unwrap();
        let pkcs8 = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new()).unwrap();
        let es = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8.as_ref()).unwrap();
        let keys = ["a", "b", "stranger", "enc"].map(|name| (name, made()));
        let owned = words.iter().map(|(name, word)| ((*name).to_owned(), (*word).to_owned())).collect();
        Self { keys: keys.into(), es, words: owned }
    }

    /// The keys that are published.
    pub fn jwks(&self) -> Value {
        let ed = |name: &str, usage: &str| {
            let x = URL_SAFE_NO_PAD.encode(self.keys[name].public_key());
            json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": kid(name), "alg": "EdDSA", "use": usage })
        };
        let point = self.es.public_key().as_ref();
        let (x, y) = (URL_SAFE_NO_PAD.encode(&point[1..33]), URL_SAFE_NO_PAD.encode(&point[33..]));
        let es = json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": kid("es"), "alg": "ES256", "use": "sig" });
        json!({ "keys": [ed("a", "sig"), ed("b", "sig"), es, ed("enc", "enc"), { "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "rsa" }] })
    }

    /// The public half of an Ed25519 key.
    pub fn public(&self, name: &str) -> [u8; 32] {
        self.keys[name].public_key().as_ref().try_into().unwrap()
    }

    /// The token of a recipe, at this second since 1970.
    pub fn token(&self, recipe: &Value, now: i64) -> String {
        let text = |name: &str| self.filled(recipe[name].as_str().unwrap(), now);
        let (h, c) = (URL_SAFE_NO_PAD.encode(text("header")), URL_SAFE_NO_PAD.encode(text("claims")));
        let key = recipe["key"].as_str().unwrap();
        let signature = self.sign(key, &format!("{h}.{c}"));
        let form = recipe["form"].as_str().unwrap_or("{h}.{c}.{s}");
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        let other = text("claims").replacen("\"epoch\":0", "\"epoch\":1", 1);
        // Only what signs with two halves can be put otherwise.
        let halves = match form {
            _ if form.contains("{s-plus-l}") => plus_l(&signature),
            _ if form.contains("{s-der}") => der(&signature),
            _ => Vec::new(),
        };
        form.replace("{s-plus-l}", &encoded(&halves))
            .replace("{s-der}", &encoded(&halves))
            .replace("{s-of-other}", &encoded(&self.sign(key, "x.y")))
            .replace("{s-cut}", &encoded(&signature[..signature.len() - 1]))
            .replace("{s-bit}", &encoded(&turned(&signature)))
            .replace("{c-other}", &encoded(other.as_bytes()))
            .replace("{h-spaced}", &encoded(format!(" {}", text("header")).as_bytes()))
            .replace("{h}", &h)
            .replace("{c}", &c)
            .replace("{s}", &encoded(&signature))
    }

    /// A plain good token with these claims.
    pub fn good(&self, claims: &Value) -> String {
        let header = json!({ "alg": "EdDSA", "kid": kid("a"), "typ": "at+jwt" }).to_string();
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims.to_string()));
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(self.sign("a", &message)))
    }

    fn sign(&self, key: &str, message: &str) -> Vec<u8> {
        let keyed = |secret: &[u8]| hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message.as_bytes());
        match key {
            "es" => self.es.sign(&SystemRandom::new(), message.as_bytes()).unwrap().as_ref().to_vec(),
            "hmac-public-bytes" => keyed(self.keys["a"].public_key().as_ref()).as_ref().to_vec(),
            "hmac-public-jwk" => keyed(self.jwks()["keys"][0].to_string().as_bytes()).as_ref().to_vec(),
            name => self.keys[name].sign(message.as_bytes()).as_ref().to_vec(),
        }
    }

    /// Longer words first: `@tid-other` is not `@tid` and more.
    fn filled(&self, text: &str, now: i64) -> String {
        let mut filled = text.to_owned();
        for name in ["a", "b", "es", "enc", "stranger"] {
            filled = filled.replace(&format!("@kid:{name}\""), &format!("{}\"", kid(name)));
            filled = filled.replace(&format!("@kid:{name} "), &format!("{} ", kid(name)));
        }
        for (word, value) in self.words.iter().rev() {
            filled = filled.replace(word, value);
        }
        let mut parts = filled.split("@now");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let signed = part.starts_with(['+', '-']);
            let digits = part[usize::from(signed)..].bytes().take_while(u8::is_ascii_digit).count();
            let end = if signed { digits + 1 } else { 0 };
            let offset: i64 = part[..end].trim_start_matches('+').parse().unwrap_or(0);
            out.push_str(&(now + offset).to_string());
            out.push_str(&part[end..]);
        }
        out
    }
}

fn kid(name: &str) -> String {
    format!("key-{name}")
}

fn turned(signature: &[u8]) -> Vec<u8> {
    let mut turned = signature.to_vec();
    *turned.last_mut().unwrap() ^= 1;
    turned
}

fn plus_l(signature: &[u8]) -> Vec<u8> {
    let mut sum = signature.to_vec();
    let mut carry = 0_u16;
    for (digit, add) in sum[32..].iter_mut().zip(L) {
        carry += u16::from(*digit) + u16::from(add);
        *digit = carry.to_le_bytes()[0];
        carry >>= 8;
    }
    sum
}

fn der(signature: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let start = half.iter().position(|byte| *byte != 0).unwrap_or(half.len() - 1);
        let pad = if half[start] & 0x80 == 0 { Vec::new() } else { vec![0] };
        let body = [pad.as_slice(), &half[start..]].concat();
        [&[2, u8::try_from(body.len()).unwrap()][..], &body].concat()
    };
    let body = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [&[0x30, u8::try_from(body.len()).unwrap()][..], &body].concat()
}
