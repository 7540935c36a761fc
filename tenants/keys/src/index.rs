//! Keyed digests that make sealed values searchable inside one tenant.
//!
//! They tell whoever reads the database which rows of a tenant share a value or a piece of a name, and nothing across
//! tenants. So they exist for names, e-mail addresses and phone numbers, never for values with few possibilities.

use std::{collections::BTreeSet, fmt, sync::Arc};

use aws_lc_rs::hmac;
use zeroize::Zeroizing;

use crate::{
    KeyError, Secret,
    algorithms::{mac, mac_key},
    normalise_name,
};

/// Letters of the longest prefix that is indexed.
const LONGEST_PREFIX: usize = 8;
/// Letters of an inner piece.
const PIECE: usize = 3;
/// Letters of a word that are looked at, and words of a name: more would let one row cost thousands of tokens.
const LONGEST_WORD: usize = 48;
pub(crate) const MOST_WORDS: usize = 12;
/// Fewest tokens of a row.
const MIN_BUCKET: usize = 16;

/// What a token is of; a prefix and a piece of the same letters differ.
#[derive(Clone, Copy)]
enum Gram {
    Prefix = 1,
    Piece = 2,
    Padding = 3,
}

/// A tenant's key for search digests.
#[derive(Clone)]
pub struct IndexKey(Arc<Secret>);

impl IndexKey {
    pub(crate) const fn new(secret: Arc<Secret>) -> Self {
        Self(secret)
    }

    /// Digest for exact look-up of a normalised value: HMAC-SHA-256 under the field's own key, cut to 64 bits. Compare the
    /// opened value afterwards: digests may collide.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] only.
    pub fn blind(&self, field: u16, normalised: &str) -> Result<[u8; 8], KeyError> {
        let digest = mac(&self.field_key(b"keystead/v1/index/equal|", field)?, normalised.as_bytes());
        digest.as_ref().first_chunk().copied().ok_or(KeyError::Crypto)
    }

    /// Tokens of a name for the search table: prefixes of 1 to 8 letters and inner pieces of 3, of its first 12 words; 40 bits each.
    /// Their number is filled up to a power of two from 16 with tokens that no search asks for, and they come sorted, so
    /// that neither number nor order tells the name's length or order.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] only.
    pub fn name_tokens(&self, field: u16, text: &str) -> Result<Vec<i64>, KeyError> {
        let normal = Zeroizing::new(normalise_name(text));
        let key = self.field_key(b"keystead/v1/index/token|", field)?;
        let mut tokens = BTreeSet::new();
        for word in words(&normal) {
            let letters = letters(word);
            let longest = letters.len().min(LONGEST_PREFIX);
            tokens.extend((1..=longest).map(|length| token(&key, Gram::Prefix, &letters[..length])));
            tokens.extend(letters.windows(PIECE).map(|piece| token(&key, Gram::Piece, piece)));
        }
        let bucket = tokens.len().next_power_of_two().max(MIN_BUCKET);
        // Derived from the name rather than random: writing the same name again changes no row.
        let whole: Vec<char> = normal.chars().collect();
        let mut filler =
            (0_u32..).filter_map(char::from_u32).map(|n| token(&key, Gram::Padding, &[&[n][..], &whole].concat()));
        while tokens.len() < bucket {
            tokens.extend(filler.next());
        }
        Ok(tokens.into_iter().collect())
    }

    /// Tokens that a row must all have to match `query`, whose words may be beginnings of the name's words. None means that
    /// the query has nothing to search for. Check the opened names: long words match by their pieces.
    ///
    /// # Errors
    /// [`KeyError::Crypto`] only.
    pub fn search_tokens(&self, field: u16, query: &str) -> Result<Vec<i64>, KeyError> {
        let normal = Zeroizing::new(normalise_name(query));
        let key = self.field_key(b"keystead/v1/index/token|", field)?;
        let mut tokens = BTreeSet::new();
        for word in words(&normal) {
            let letters = letters(word);
            tokens.insert(token(&key, Gram::Prefix, &letters[..letters.len().min(LONGEST_PREFIX)]));
            // Pieces that reach beyond the longest prefix; those inside it follow from it.
            let beyond = letters.windows(PIECE).skip(LONGEST_PREFIX + 1 - PIECE);
            tokens.extend(beyond.map(|piece| token(&key, Gram::Piece, piece)));
        }
        Ok(tokens.into_iter().collect())
    }

    /// The field's own key: tokens of different fields and uses are unrelated.
    fn field_key(&self, label: &[u8], field: u16) -> Result<hmac::Key, KeyError> {
        let derived = self.0.derive(&[label, &field.to_be_bytes()])?;
        Ok(mac_key(derived.expose()))
    }
}

impl fmt::Debug for IndexKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IndexKey")
    }
}

fn words(normal: &str) -> impl Iterator<Item = &str> {
    normal.split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS)
}

fn letters(word: &str) -> Zeroizing<Vec<char>> {
    Zeroizing::new(word.chars().take(LONGEST_WORD).collect())
}

/// 40 bits of HMAC-SHA-256, as a non-negative database integer.
fn token(key: &hmac::Key, gram: Gram, letters: &[char]) -> i64 {
    let mut input = Zeroizing::new(String::with_capacity(1 + 4 * letters.len()));
    input.push(char::from(gram as u8));
    input.extend(letters);
    let mut token = [0; 8];
    token[3..].copy_from_slice(&mac(key, input.as_bytes()).as_ref()[..5]);
    i64::from_be_bytes(token)
}
