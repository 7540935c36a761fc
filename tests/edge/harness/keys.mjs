// Keys, tokens and documents as a cell issues them, made with Node's own cryptography: nothing of the edge's library signs here.
import { generateKeyPairSync, randomUUID, sign } from "node:crypto";

export const b64 = (value) => Buffer.from(value).toString("base64url");
const json = (value) => b64(JSON.stringify(value));

export const id = (prefix) => `${prefix}_${randomUUID().replaceAll("-", "")}`;
export const seconds = () => Math.floor(Date.now() / 1000);

// `kind`: "EdDSA" or "ES256".
export function signingKey(kid, kind = "EdDSA") {
  const { privateKey, publicKey } =
    kind === "EdDSA" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ec", { namedCurve: "P-256" });
  const jwk = { ...publicKey.export({ format: "jwk" }), kid, use: "sig", alg: kind };
  return { kid, kind, privateKey, jwk, publicKey };
}

export function signature(key, message) {
  if (key.kind === "EdDSA") return sign(null, Buffer.from(message), key.privateKey).toString("base64url");
  return sign("sha256", Buffer.from(message), { key: key.privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url");
}

// A compact JWS; `header` and `payload` are objects, or texts that are taken as they are.
export function jws(key, header, payload) {
  const part = (value) => (typeof value === "string" ? b64(value) : json(value));
  const message = `${part(header)}.${part(payload)}`;
  return `${message}.${signature(key, message)}`;
}

export const tokenHeader = (key) => ({ alg: key.kind, kid: key.kid, typ: "at+jwt" });

export function claims({ issuer, tenant, member = id("mem"), session = id("ses"), now = seconds(), ...others }) {
  return {
    iss: issuer, aud: "keystead-api", sub: member, tid: tenant, sid: session, iat: now, exp: now + 600, jti: randomUUID(), epoch: 1,
    ...others,
  };
}

export const token = (key, said) => jws(key, tokenHeader(key), claims(said));

export const document = (key, typ, content) => jws(key, { alg: "EdDSA", kid: key.kid, typ }, content);

