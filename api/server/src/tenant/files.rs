//! The tenant's files, between the bucket and the folder of an export.

use std::{
    fs::{self, File},
    io::{BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use aws_lc_rs::digest::{Context as Digest, SHA256};
use keystead_blobs::{BlobError, Blobs};
use serde::Deserialize;

use super::manifest::FileEntry;

/// The table whose lines name the files.
pub(super) const TABLE: &str = "app.files";

#[derive(Deserialize)]
struct Line {
    id: String,
    storage_key: String,
    content_type: String,
    length: String,
    sha256: String,
    state: String,
}

/// The file that a line names; none unless it is ready. What waits in quarantine was never served.
pub(super) fn named(line: &str) -> anyhow::Result<Option<FileEntry>> {
    let Line { id, storage_key, content_type, length, sha256, state } =
        serde_json::from_str(line).with_context(|| format!("a line of {TABLE} names no file"))?;
    let sha256 = sha256.trim_start_matches("\\x").to_owned();
    let entry = FileEntry { id, storage_key, content_type, length: length.parse()?, sha256, kept: false };
    Ok((state == "ready").then_some(entry))
}

/// Where a file is kept in an export.
pub(super) fn place(folder: &Path, file: &FileEntry) -> anyhow::Result<PathBuf> {
    // An id comes from a file that anybody may have written: it must not lead out of the folder.
    ensure!(file.id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-'), "a file's id is no id");
    Ok(folder.join("files").join(&file.id))
}

/// Copies a file out of the bucket; `kept` says whether it was there and what its row says.
pub(super) async fn keep(blobs: &Blobs, folder: &Path, file: &mut FileEntry) -> anyhow::Result<()> {
    let path = place(folder, file)?;
    let mut download = match blobs.stream(&file.storage_key).await {
        Ok(download) => download,
        Err(BlobError::NotFound) => return Ok(()),
        Err(error) => return Err(error.into()),
    };
    let mut out = BufWriter::new(File::create(&path)?);
    let (mut digest, mut length) = (Digest::new(&SHA256), 0);
    while let Some(chunk) = download.chunk().await? {
        digest.update(&chunk);
        length += chunk.len() as u64;
        out.write_all(&chunk)?;
    }
    out.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    file.kept = length == file.length && hex::encode(digest.finish()) == file.sha256;
    if !file.kept {
        fs::remove_file(&path)?;
    }
    Ok(())
}

/// Is the file in the export the one that the manifest says?
pub(super) fn verify(folder: &Path, file: &FileEntry) -> anyhow::Result<()> {
    let path = place(folder, file)?;
    let mut input = File::open(&path).with_context(|| format!("files/{} is missing", file.id))?;
    let (mut digest, mut buffer) = (Digest::new(&SHA256), vec![0; 1 << 16]);
    loop {
        let read = input.read(&mut buffer)?;
        if read == 0 {
            break;
        }
        digest.update(&buffer[..read]);
    }
    ensure!(hex::encode(digest.finish()) == file.sha256, "files/{} was changed or cut", file.id);
    Ok(())
}

/// Puts a file back where its row says that it is, unless it is there. Whatever else is there is not replaced.
pub(super) async fn put_back(blobs: &Blobs, folder: &Path, file: &FileEntry) -> anyhow::Result<bool> {
    match blobs.inspect(&file.storage_key, file.length).await {
        Ok(there) if hex::encode(there.sha256) == file.sha256 => Ok(false),
        Ok(_) | Err(BlobError::TooLong { .. }) => {
            anyhow::bail!("the bucket has another file in the place of files/{}", file.id)
        }
        Err(BlobError::NotFound) => {
            blobs.put_file(&file.storage_key, &file.content_type, &place(folder, file)?).await?;
            Ok(true)
        }
        Err(error) => Err(error.into()),
    }
}
