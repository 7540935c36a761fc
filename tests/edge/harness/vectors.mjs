// The vectors that every host of the edge answers to: edge/vectors. Tokens are recipes, signed now, because a host has a real clock.
import { createHmac, randomUUID, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { b64, id, seconds, signature, signingKey } from "./keys.mjs";

export const vectors = (name) => JSON.parse(readFileSync(new URL(`../../../edge/vectors/${name}.json`, import.meta.url), "utf8"));

// The token of a recipe. `said` has the harness's values for @iss, @tid and so on; `keys` those of `key` and `@kid:`.
export function cook({ header, claims, key, form = "{h}.{c}.{s}" }, said, keys) {
  const now = seconds();
  const fill = (text) =>
    text
      .replace(/@now([+-]\d+)?/g, (_, offset) => String(now + Number(offset ?? 0)))
      .replace(/@kid:([a-z]+)/g, (_, name) => keys[name]?.kid ?? name)
      .replace(/@(iss-other|tid-other|tid-unknown|identity|iss|tid|sub|sid|jti|ISS|TID)/g, (_, name) => said[name]);
  const part = (text) => b64(Buffer.from(text, "utf8"));
  const [h, c] = [part(fill(header)), part(fill(claims))];
  const s = signed(key, keys, `${h}.${c}`);
  const other = part(fill(claims).replace(said.sub, id("mem")));
  const bytes = Buffer.from(s, "base64url");
  const flipped = Buffer.from(bytes);
  flipped[flipped.length - 1] ^= 1;
  const parts = {
    h, c, s,
    "h-spaced": part(fill(header).replace("{", "{ ")),
    "c-other": other,
    "s-of-other": signed(key, keys, `${h}.${other}`),
    "s-cut": b64(bytes.subarray(0, bytes.length - 1)),
    "s-bit": b64(flipped),
  };
  const rare = {
    "s-plus-l": () => b64(plusOrder(bytes)),
    "s-der": () => sign("sha256", Buffer.from(`${h}.${c}`), keys.es.privateKey).toString("base64url"),
  };
  return form.replace(/\{([a-z-]+)\}/g, (whole, name) => parts[name] ?? rare[name]?.() ?? whole);
}

function signed(key, keys, message) {
  const hmac = (secret) => createHmac("sha256", secret).update(message).digest("base64url");
  if (key === "hmac-public-bytes") return hmac(Buffer.from(keys.a.jwk.x, "base64url"));
  if (key === "hmac-public-jwk") return hmac(JSON.stringify(keys.a.jwk));
  return signature(keys[key], message);
}

// S + L, which some verifiers take for S (RFC 8032, 5.1.7).
function plusOrder(bytes) {
  const order = 2n ** 252n + 27742317777372353535851937790883648493n;
  const made = Buffer.from(bytes);
  let s = BigInt(`0x${Buffer.from(bytes.subarray(32)).reverse().toString("hex")}`) + order;
  for (let i = 32; i < made.length; i++, s >>= 8n) made[i] = Number(s & 255n);
  return made;
}

export const recipeKeys = () => ({
  a: signingKey("a"), b: signingKey("b"), es: signingKey("es", "ES256"), stranger: signingKey("stranger"), enc: { ...signingKey("enc"), usage: "enc" },
});

export const saidBy = (cell, tenant, other) => ({
  iss: cell.issuer, "iss-other": "https://other.keystead.example", ISS: cell.issuer.toUpperCase(), tid: tenant.id, "tid-other": other.id,
  "tid-unknown": id("tnt"), TID: `tnt_${tenant.id.slice(4).toUpperCase()}`, sub: id("mem"), sid: id("ses"), jti: randomUUID(), identity: id("idn"),
});

