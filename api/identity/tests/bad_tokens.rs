//! Tokens that a verifier has to refuse, each for the right reason, beside the few that it has to accept.

use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD},
};
use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{Algorithm, EncodingKey, crypto};
use keystead_identity::{
    Actor, Audience, Claims, KeyRing, MAX_TOKEN_BYTES, PublicKey, RingError, SigningKey, TokenError,
};
use keystead_ids::{IdentityId, MemberId, SessionId, TenantId};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

const ISSUER: &str = "https://keystead.example";
const NOW: i64 = 1_780_000_000;
const ROOT: [u8; 32] = [9; 32];

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).expect("a time")
}

fn member() -> Actor {
    Actor::Member { tenant: TenantId(Uuid::from_u128(1)), member: MemberId(Uuid::from_u128(2)) }
}

fn operator() -> Actor {
    Actor::Operator { identity: IdentityId(Uuid::from_u128(3)) }
}

/// A ring and the means to sign whatever one likes with its key.
struct Forge {
    ring: KeyRing,
    key: SigningKey,
    private: EncodingKey,
}

impl Forge {
    fn new() -> Self {
        // The seed is known here, unlike anywhere else: it is sealed and opened as the product would.
        let pair = aws_lc_rs::signature::Ed25519KeyPair::generate().expect("key");
        let private = EncodingKey::from_ed_der(pair.to_pkcs8v1().expect("pkcs8").as_ref());
        let seed = aws_lc_rs::encoding::AsBigEndian::as_be_bytes(&pair.seed().expect("seed")).expect("bytes");
        let key = seal_by_hand(seed.as_ref(), aws_lc_rs::signature::KeyPair::public_key(&pair).as_ref());
        let ring = KeyRing::new(ISSUER, key.clone(), Vec::new()).expect("ring");
        Self { ring, key, private }
    }

    fn header(&self) -> Value {
        json!({"alg": "EdDSA", "kid": self.key.kid(), "typ": "at+jwt"})
    }

    /// Signs header and claims as they are.
    fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = crypto::sign(message.as_bytes(), &self.private, Algorithm::EdDSA).expect("signature");
        format!("{message}.{signature}")
    }

    fn with_header(&self, edit: impl FnOnce(&mut Value)) -> String {
        let mut header = self.header();
        edit(&mut header);
        self.sign(&header.to_string(), &claims().to_string())
    }

    fn with_claims(&self, edit: impl FnOnce(&mut Value)) -> String {
        let mut claims = claims();
        edit(&mut claims);
        self.sign(&self.header().to_string(), &claims.to_string())
    }

    fn judge(&self, token: &str) -> Result<Claims, TokenError> {
        self.ring.verify(token, Audience::Api, at(NOW))
    }
}

/// Brings a known seed into a [`SigningKey`] by the documented sealed form.
fn seal_by_hand(seed: &[u8], public: &[u8]) -> SigningKey {
    use aws_lc_rs::{aead, hkdf};
    const LABEL: &[u8] = b"keystead/v1/token-signing-key";
    let kid = PublicKey::new(public.try_into().expect("32 bytes")).kid().to_owned();
    let prk = hkdf::Salt::new(hkdf::HKDF_SHA256, &[]).extract(&ROOT);
    let key = aead::LessSafeKey::new(prk.expand(&[LABEL], &aead::AES_256_GCM).expect("key").into());
    let aad = aead::Aad::from([LABEL, &[1], kid.as_bytes()].concat());
    let mut sealed = seed.to_vec();
    key.seal_in_place_append_tag(aead::Nonce::assume_unique_for_key([0; 12]), aad, &mut sealed).expect("seal");
    let stored = [&[1][..], &[0; 12], &sealed].concat();
    SigningKey::unseal(&ROOT, &kid, &stored).expect("the frozen sealed form")
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": "keystead-api", "sub": MemberId(Uuid::from_u128(2)), "tid": TenantId(Uuid::from_u128(1)),
        "sid": SessionId(Uuid::from_u128(4)), "iat": NOW, "exp": NOW + 600, "jti": Uuid::from_u128(5), "epoch": 3,
    })
}

fn issued(actor: Actor) -> Claims {
    Claims::issue(actor, SessionId(Uuid::from_u128(4)), 3, Uuid::from_u128(5), at(NOW))
}

#[test]
fn good_tokens_pass_their_own_door_only() {
    let forge = Forge::new();
    let token = forge.ring.sign(&issued(member())).expect("token");
    assert_eq!(forge.judge(&token), Ok(issued(member())));
    assert_eq!(forge.judge(&forge.with_claims(|_| ())), Ok(issued(member())), "the forge makes good tokens too");
    let token = forge.ring.sign(&issued(operator())).expect("token");
    assert_eq!(forge.ring.verify(&token, Audience::Operator, at(NOW)), Ok(issued(operator())));
    assert_eq!(forge.judge(&token), Err(TokenError::Audience));
}

#[test]
fn signed_time_bounds_are_exact() {
    let forge = Forge::new();
    let token = forge.ring.sign(&issued(member())).expect("token");
    let at_offset = |seconds| forge.ring.verify(&token, Audience::Api, at(NOW + seconds)).err();
    assert_eq!(at_offset(600 + 29), None);
    assert_eq!(at_offset(600 + 30), Some(TokenError::Expired));
    assert_eq!(at_offset(-30), None);
    assert_eq!(at_offset(-31), Some(TokenError::NotYet));
    assert_eq!(at_offset(86_400), Some(TokenError::Expired));
}

/// What the header may not be, signed with the right key all the same.
#[test]
fn bad_headers_are_refused() {
    let forge = Forge::new();
    let header = |edit: fn(&mut Value)| forge.with_header(edit);
    let vectors: Vec<(&str, String, TokenError)> = vec![
        ("alg none", header(|h| h["alg"] = "none".into()), TokenError::Algorithm),
        ("alg None", header(|h| h["alg"] = "nOnE".into()), TokenError::Algorithm),
        ("alg empty", header(|h| h["alg"] = "".into()), TokenError::Algorithm),
        ("alg in lower case", header(|h| h["alg"] = "eddsa".into()), TokenError::Algorithm),
        ("alg ES256", header(|h| h["alg"] = "ES256".into()), TokenError::Algorithm),
        ("alg RS256", header(|h| h["alg"] = "RS256".into()), TokenError::Algorithm),
        ("alg HS256", header(|h| h["alg"] = "HS256".into()), TokenError::Algorithm),
        ("alg missing", header(|h| drop(h.as_object_mut().expect("object").remove("alg"))), TokenError::Header),
        ("alg a number", header(|h| h["alg"] = 1.into()), TokenError::Header),
        ("alg a list", header(|h| h["alg"] = json!(["EdDSA"])), TokenError::Header),
        ("typ JWT", header(|h| h["typ"] = "JWT".into()), TokenError::Type),
        ("typ in upper case", header(|h| h["typ"] = "AT+JWT".into()), TokenError::Type),
        ("typ of a refresh token", header(|h| h["typ"] = "rt+jwt".into()), TokenError::Type),
        ("typ missing", header(|h| drop(h.as_object_mut().expect("object").remove("typ"))), TokenError::Header),
        ("kid unknown", header(|h| h["kid"] = "k".into()), TokenError::UnknownKey),
        ("kid empty", header(|h| h["kid"] = "".into()), TokenError::UnknownKey),
        ("kid a path", header(|h| h["kid"] = "../../dev/null".into()), TokenError::UnknownKey),
        ("kid an injection", header(|h| h["kid"] = "' or '1'='1".into()), TokenError::UnknownKey),
        ("kid missing", header(|h| drop(h.as_object_mut().expect("object").remove("kid"))), TokenError::Header),
        ("kid null", header(|h| h["kid"] = Value::Null), TokenError::Header),
        ("jku", header(|h| h["jku"] = "https://evil.example/jwks".into()), TokenError::Header),
        ("x5u", header(|h| h["x5u"] = "https://evil.example/cert".into()), TokenError::Header),
        ("x5c", header(|h| h["x5c"] = json!(["AAAA"])), TokenError::Header),
        ("jwk", header(|h| h["jwk"] = json!({"kty": "OKP"})), TokenError::Header),
        ("crit", header(|h| h["crit"] = json!(["exp"])), TokenError::Header),
        ("crit empty", header(|h| h["crit"] = json!([])), TokenError::Header),
        ("b64 false", header(|h| h["b64"] = false.into()), TokenError::Header),
        ("zip", header(|h| h["zip"] = "DEF".into()), TokenError::Header),
        ("cty", header(|h| h["cty"] = "JWT".into()), TokenError::Header),
        ("header a list", forge.sign("[]", &claims().to_string()), TokenError::Header),
        ("header not JSON", forge.sign("{", &claims().to_string()), TokenError::Header),
        ("header with a tail", forge.sign(&format!("{}x", forge.header()), &claims().to_string()), TokenError::Header),
    ];
    refuse(&forge, &vectors);
}

#[test]
fn doubled_members_are_refused() {
    let forge = Forge::new();
    let (header, body) = (forge.header().to_string(), claims().to_string());
    for member in [r#""alg":"none","#, r#""alg":"EdDSA","#, r#""typ":"JWT","#, r#""kid":"x","#] {
        let doubled = header.replacen('{', &format!("{{{member}"), 1);
        assert_eq!(forge.judge(&forge.sign(&doubled, &body)), Err(TokenError::Header), "{member}");
    }
    for member in
        [r#""aud":"keystead-api","#, r#""exp":9999999999,"#, r#""tid":null,"#, r#""\u0065xp":1,"#, r#""epoch":9,"#]
    {
        let doubled = body.replacen('{', &format!("{{{member}"), 1);
        assert_eq!(forge.judge(&forge.sign(&header, &doubled)), Err(TokenError::Claims), "{member}");
    }
}

/// What the claims may not be, signed with the right key all the same.
#[test]
fn bad_claims_are_refused() {
    let forge = Forge::new();
    let body = |edit: fn(&mut Value)| forge.with_claims(edit);
    let mut vectors: Vec<(&str, String, TokenError)> = vec![
        ("iss another", body(|c| c["iss"] = "https://evil.example".into()), TokenError::Issuer),
        ("iss with a slash", body(|c| c["iss"] = format!("{ISSUER}/").into()), TokenError::Issuer),
        ("iss a list", body(|c| c["iss"] = json!([ISSUER])), TokenError::Claims),
        ("aud another", body(|c| c["aud"] = "keystead".into()), TokenError::Audience),
        ("aud of operators", body(|c| c["aud"] = "keystead-operator".into()), TokenError::Audience),
        ("aud a list", body(|c| c["aud"] = json!(["keystead-api"])), TokenError::Claims),
        ("tid null", body(|c| c["tid"] = Value::Null), TokenError::Claims),
        ("tid of another kind", body(|c| c["tid"] = c["sub"].clone()), TokenError::Claims),
        ("tid bare", body(|c| c["tid"] = "00000000-0000-0000-0000-000000000001".into()), TokenError::Claims),
        (
            "sub of another kind",
            body(|c| c["sub"] = IdentityId(Uuid::from_u128(2)).to_string().into()),
            TokenError::Claims,
        ),
        ("sub empty", body(|c| c["sub"] = "".into()), TokenError::Claims),
        ("sid of another kind", body(|c| c["sid"] = c["tid"].clone()), TokenError::Claims),
        ("jti no id", body(|c| c["jti"] = "1".into()), TokenError::Claims),
        ("epoch negative", body(|c| c["epoch"] = (-1).into()), TokenError::Claims),
        ("epoch a text", body(|c| c["epoch"] = "3".into()), TokenError::Claims),
        ("epoch too great", body(|c| c["epoch"] = json!(u64::MAX)), TokenError::Claims),
        ("exp a text", body(|c| c["exp"] = (NOW + 600).to_string().into()), TokenError::Claims),
        ("exp a fraction", body(|c| c["exp"] = json!(1_780_000_900.5)), TokenError::Claims),
        ("exp null", body(|c| c["exp"] = Value::Null), TokenError::Claims),
        ("exp zero", body(|c| c["exp"] = 0.into()), TokenError::Lifetime),
        ("exp before iat", body(|c| c["exp"] = (NOW - 1).into()), TokenError::Lifetime),
        ("exp equals iat", body(|c| c["exp"] = NOW.into()), TokenError::Lifetime),
        ("11 minutes", body(|c| c["exp"] = (NOW + 11 * 60).into()), TokenError::Lifetime),
        ("10 minutes and a second", body(|c| c["exp"] = (NOW + 601).into()), TokenError::Lifetime),
        ("for ever", body(|c| c["exp"] = i64::MAX.into()), TokenError::Lifetime),
        ("overflow", body(|c| (c["iat"], c["exp"]) = (i64::MIN.into(), i64::MAX.into())), TokenError::Lifetime),
        ("iat long ago", body(|c| c["iat"] = 0.into()), TokenError::Lifetime),
        (
            "iat in the future",
            body(|c| (c["iat"], c["exp"]) = ((NOW + 31).into(), (NOW + 600).into())),
            TokenError::NotYet,
        ),
        ("end of time", body(|c| (c["iat"], c["exp"]) = ((i64::MAX - 1).into(), i64::MAX.into())), TokenError::NotYet),
        ("expired", body(|c| (c["iat"], c["exp"]) = ((NOW - 630).into(), (NOW - 30).into())), TokenError::Expired),
        ("expired long ago", body(|c| (c["iat"], c["exp"]) = (1.into(), 2.into())), TokenError::Expired),
        ("a further claim", body(|c| c["admin"] = true.into()), TokenError::Claims),
        ("nbf", body(|c| c["nbf"] = 0.into()), TokenError::Claims),
        ("claims a list", forge.sign(&forge.header().to_string(), "[]"), TokenError::Claims),
        ("claims empty", forge.sign(&forge.header().to_string(), ""), TokenError::Claims),
        ("claims null", forge.sign(&forge.header().to_string(), "null"), TokenError::Claims),
        ("claims not UTF-8", not_utf8(&forge), TokenError::Claims),
    ];
    for claim in ["iss", "aud", "sub", "tid", "sid", "iat", "exp", "jti", "epoch"] {
        let token = forge.with_claims(|c| drop(c.as_object_mut().expect("object").remove(claim)));
        vectors.push((claim, token, TokenError::Claims));
    }
    refuse(&forge, &vectors);
}

fn not_utf8(forge: &Forge) -> String {
    let header = URL_SAFE_NO_PAD.encode(forge.header().to_string());
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode([b'{', b'"', 0xff, b'"', b'}']));
    let signature = crypto::sign(message.as_bytes(), &forge.private, Algorithm::EdDSA).expect("signature");
    format!("{message}.{signature}")
}

#[test]
fn operators_have_no_tenant() {
    let forge = Forge::new();
    let as_operator = |edit: fn(&mut Value)| {
        forge.with_claims(|c| {
            c["aud"] = "keystead-operator".into();
            c["sub"] = IdentityId(Uuid::from_u128(2)).to_string().into();
            edit(c);
        })
    };
    let judge = |token: String| forge.ring.verify(&token, Audience::Operator, at(NOW)).map(|_| ());
    assert_eq!(judge(as_operator(|c| drop(c.as_object_mut().expect("object").remove("tid")))), Ok(()));
    assert_eq!(judge(as_operator(|_| ())), Err(TokenError::Claims));
}

#[test]
fn broken_shapes_and_signatures_are_refused() {
    let forge = Forge::new();
    let good = forge.ring.sign(&issued(member())).expect("token");
    let parts: Vec<&str> = good.split('.').collect();
    let [header, body, signature] = parts[..] else { panic!("three parts") };
    let padded = |part: &str| URL_SAFE.encode(URL_SAFE_NO_PAD.decode(part).expect("base64"));
    let stranger = Forge::new();
    let foreign = stranger.sign(&forge.header().to_string(), &claims().to_string());
    let public = forge.key.public().bytes();
    let hmac = symmetric(&forge, public);
    let hmac_text = symmetric(&forge, forge.key.public_jwk()["x"].as_str().expect("text").as_bytes());
    let standard = STANDARD.encode([0xfb; 64]);
    let vectors: Vec<(&str, String, TokenError)> = vec![
        ("empty", String::new(), TokenError::Shape),
        ("dots", "..".to_owned(), TokenError::Header),
        ("one part", header.to_owned(), TokenError::Shape),
        ("two parts", format!("{header}.{body}"), TokenError::Shape),
        ("four parts", format!("{good}.x"), TokenError::Shape),
        ("five parts of a JWE", format!("{good}.x.y"), TokenError::Shape),
        ("no signature", format!("{header}.{body}."), TokenError::Signature),
        ("short signature", format!("{header}.{body}.AAAA"), TokenError::Signature),
        ("zero signature", format!("{header}.{body}.{}", URL_SAFE_NO_PAD.encode([0; 64])), TokenError::Signature),
        ("long signature", format!("{header}.{body}.{signature}AAAA"), TokenError::Signature),
        ("signature in another alphabet", format!("{header}.{body}.{standard}"), TokenError::Shape),
        ("padded header", format!("{}.{body}.{signature}", padded(header)), TokenError::Shape),
        ("padded signature", format!("{header}.{body}.{}", padded(signature)), TokenError::Shape),
        ("space before", format!(" {good}"), TokenError::Shape),
        ("line feed behind", format!("{good}\n"), TokenError::Shape),
        ("NUL behind", format!("{good}\0"), TokenError::Shape),
        ("a bearer prefix", format!("Bearer {good}"), TokenError::Shape),
        ("another key's signature", foreign, TokenError::Signature),
        ("another installation's token", stranger.ring.sign(&issued(member())).expect("token"), TokenError::UnknownKey),
        ("HS256 keyed with the public key", hmac, TokenError::Algorithm),
        ("HS256 keyed with the published text", hmac_text, TokenError::Algorithm),
        ("too long", "a".repeat(MAX_TOKEN_BYTES + 1), TokenError::TooLong),
        ("long and signed", forge.with_claims(|c| c["iss"] = "x".repeat(MAX_TOKEN_BYTES).into()), TokenError::TooLong),
    ];
    refuse(&forge, &vectors);
}

/// The confusion of RFC 8725, 2.1: the public key used as the secret of an HMAC.
fn symmetric(forge: &Forge, secret: &[u8]) -> String {
    let mut header = forge.header();
    header["alg"] = "HS256".into();
    let message =
        format!("{}.{}", URL_SAFE_NO_PAD.encode(header.to_string()), URL_SAFE_NO_PAD.encode(claims().to_string()));
    let signature = crypto::sign(message.as_bytes(), &EncodingKey::from_secret(secret), Algorithm::HS256).expect("mac");
    format!("{message}.{signature}")
}

fn refuse(forge: &Forge, vectors: &[(&str, String, TokenError)]) {
    for (name, token, reason) in vectors {
        assert_eq!(forge.judge(token), Err(*reason), "{name}");
    }
}

#[test]
fn each_changed_character_is_refused() {
    let forge = Forge::new();
    let good = forge.ring.sign(&issued(member())).expect("token");
    for place in 0..good.len() {
        for replacement in ["A", "b", "-", "_", "."] {
            let mut bent = good.clone();
            bent.replace_range(place..=place, replacement);
            assert!(bent == good || forge.judge(&bent).is_err(), "{replacement} at {place}");
        }
    }
}

#[test]
fn rotation_keeps_the_old_key_until_it_retires() {
    let (old, new) = (SigningKey::generate().expect("key"), SigningKey::generate().expect("key"));
    let before = KeyRing::new(ISSUER, old.clone(), vec![new.public().clone()]).expect("ring");
    let token = before.sign(&issued(member())).expect("token");
    let retiring = old.public().clone().retiring_at(at(NOW) + TimeDelta::minutes(5));
    let after = KeyRing::new(ISSUER, new.clone(), vec![retiring]).expect("ring");
    assert_eq!(after.signing_kid(), new.kid());
    assert_eq!(after.jwks()["keys"].as_array().map(Vec::len), Some(2));
    assert!(after.verify(&token, Audience::Api, at(NOW + 299)).is_ok());
    assert_eq!(after.verify(&token, Audience::Api, at(NOW + 300)), Err(TokenError::UnknownKey));
    assert!(before.verify(&after.sign(&issued(member())).expect("token"), Audience::Api, at(NOW)).is_ok());
    let doubled = KeyRing::new(ISSUER, new, vec![old.public().clone(), old.public().clone()]);
    assert_eq!(doubled.err(), Some(RingError::DoubleKey));
}

#[test]
fn the_key_set_shows_public_parts_only() {
    let forge = Forge::new();
    let set = forge.ring.jwks();
    let key = set["keys"][0].as_object().expect("object");
    let mut members: Vec<_> = key.keys().map(String::as_str).collect();
    members.sort_unstable();
    assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x"]);
}

proptest! {
    #[test]
    fn any_text_is_refused_without_panic(text in any::<String>(), parts in prop::collection::vec("[A-Za-z0-9_-]{0,40}", 3)) {
        let ring = KeyRing::new(ISSUER, SigningKey::generate().expect("key"), Vec::new()).expect("ring");
        prop_assert!(ring.verify(&text, Audience::Api, at(NOW)).is_err());
        prop_assert!(ring.verify(&parts.join("."), Audience::Api, at(NOW)).is_err());
    }
}
