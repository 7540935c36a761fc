//! API keys: what can be said of one without asking anybody.
//!
//! `keystead_live_<id>_<secret>_<checksum>`: 12, 43 and 6 characters of base62. The checksum is the CRC-32 of everything before
//! its underscore; it is no secret, it lets the edge drop what was never a key. The keys themselves do not exist yet: a cell
//! that does not know one answers 401.

/// What every key begins with; `live` or `test` follows.
pub const PREFIX: &str = "keystead_";

const ID: usize = 12;
const SECRET: usize = 43;
const CHECKSUM: usize = 6;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A key that may be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApiKey<'k> {
    /// Under which the cell looks it up.
    pub id: &'k str,
    /// `live` or `test`.
    pub mode: &'k str,
}

/// Reads a key; `None` if it cannot be one.
#[must_use]
pub fn read(text: &str) -> Option<ApiKey<'_>> {
    let (body, sum) = text.rsplit_once('_')?;
    let (mode, rest) = body.strip_prefix(PREFIX)?.split_once('_')?;
    let (id, secret) = rest.split_once('_')?;
    let base62 = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_alphanumeric());
    let shaped = matches!(mode, "live" | "test") && base62(id, ID) && base62(secret, SECRET) && base62(sum, CHECKSUM);
    (shaped && checksum(body) == sum).then_some(ApiKey { id, mode })
}

/// The checksum of what stands before it, as six characters of base62.
#[must_use]
pub fn checksum(body: &str) -> String {
    let mut rest = crc32fast::hash(body.as_bytes());
    let mut digits = [b'0'; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(rest % 62) as usize];
        rest /= 62;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}
