//! Files of tenants in S3.
//!
//! Bytes never pass through the API: clients upload and download by presigned URL. An upload URL is bound to one key,
//! content type, length and SHA-256, and creates the object at most once. Not every S3 server keeps a body out of the
//! store whose checksum is wrong, so a file counts as uploaded only after [`Blobs::inspect`] has read it back and
//! [`sniff::sniff`] has recognised it.

mod conditional;
mod disposition;
mod error;
mod presign;
pub mod sniff;
mod store;

pub use conditional::Tagged;
pub use error::BlobError;
pub use presign::{DOWNLOAD_MAX, Presigned, UPLOAD_MAX};
pub use store::{Blobs, Download, Head, Inspection};
