//! Where trees of shares are kept: outside every database, so that no backup of one has them.

use futures::future::BoxFuture;

use crate::KeyError;

/// Objects by name, with the conditional writes of RFC 9110, 13.1. What is overwritten must be gone: a store that keeps older
/// versions keeps open what erasing closes.
pub trait ShareStore: Send + Sync {
    /// The object; none when there is none.
    ///
    /// # Errors
    /// [`KeyError::SharesUnavailable`].
    fn read<'a>(&'a self, name: &'a str) -> BoxFuture<'a, Result<Option<StoredTree>, KeyError>>;

    /// Writes the object if there is none (`If-None-Match: *`); false when there is one.
    ///
    /// # Errors
    /// [`KeyError::SharesUnavailable`]: then nobody knows whether it was written.
    fn create<'a>(&'a self, name: &'a str, sealed: Vec<u8>) -> BoxFuture<'a, Result<bool, KeyError>>;

    /// Writes the object if it is still the one that was read (`If-Match`); false when it is not.
    ///
    /// # Errors
    /// [`KeyError::SharesUnavailable`]: then nobody knows whether it was written.
    fn replace<'a>(&'a self, name: &'a str, sealed: Vec<u8>, seen: &'a str) -> BoxFuture<'a, Result<bool, KeyError>>;
}

/// A sealed tree with its entity tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredTree {
    /// The sealed tree.
    pub sealed: Vec<u8>,
    /// The entity tag of this version.
    pub tag: String,
}

/// Where a tenant's tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TreeAt<'a> {
    /// The object's name.
    pub name: &'a str,
    /// Is it known to have been there? Then a missing one is lost, and making another would lock everybody out for good.
    pub made: bool,
}
