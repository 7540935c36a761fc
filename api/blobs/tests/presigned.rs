//! What a presigned URL allows, against a real S3 server.

use std::time::Duration;

use anyhow::Result;
use keystead_blobs::{BlobError, Blobs, Presigned, sniff};
use keystead_local::s3::{AccessKey, S3};
use reqwest::{Client, StatusCode};
use sha2::{Digest as _, Sha256};

const PDF: &[u8] = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n";
const TTL: Duration = Duration::from_secs(300);

struct Bench {
    _folder: tempfile::TempDir,
    server: S3,
    blobs: Blobs,
    http: Client,
}

impl Bench {
    async fn open() -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let key = AccessKey { id: "local-test".into(), secret: "local-test-secret".into() };
        let server = S3::start(folder.path(), ([127, 0, 0, 1], 0).into(), &key).await?;
        let blobs =
            Blobs::connect_with_key(&format!("http://{}", server.addr()), "us-west-2", "files", &key.id, &key.secret);
        blobs.ensure_bucket().await?;
        blobs.ensure_bucket().await?;
        let http = Client::builder().no_proxy().build()?;
        Ok(Self { _folder: folder, server, blobs, http })
    }

    async fn upload_url(&self, key: &str, body: &[u8]) -> Result<Presigned> {
        let sha256 = Sha256::digest(body).into();
        Ok(self.blobs.presign_put(key, "application/pdf", body.len() as u64, sha256, TTL).await?)
    }

    /// Sends an upload, with some headers replaced (or left out, when the value is empty).
    async fn put(&self, url: &Presigned, body: &[u8], changed: &[(&str, &str)]) -> Result<StatusCode> {
        let mut request = self.http.put(&url.url).body(body.to_vec());
        for (name, value) in &url.headers {
            let change = changed.iter().find(|(changed, _)| changed.eq_ignore_ascii_case(name));
            match change {
                None if name == "content-length" => {}
                None => request = request.header(name, value),
                Some((_, "")) => {}
                Some((_, other)) => request = request.header(name, *other),
            }
        }
        Ok(request.send().await?.status())
    }
}

#[tokio::test]
async fn the_signed_file_goes_in_and_comes_out_as_a_download() -> Result<()> {
    let bench = Bench::open().await?;
    let url = bench.upload_url("t/a/plan", PDF).await?;
    assert_eq!((url.method.as_str(), url.expires_in_seconds), ("PUT", 300));
    for name in ["content-type", "content-length", "x-amz-checksum-sha256", "if-none-match"] {
        assert!(url.headers.iter().any(|(header, _)| header == name), "{name} is not signed: {:?}", url.headers);
    }
    assert!(bench.blobs.head("t/a/plan").await?.is_none());
    assert_eq!(bench.put(&url, PDF, &[]).await?, StatusCode::OK);

    let head = bench.blobs.head("t/a/plan").await?.expect("the upload is there");
    assert_eq!((head.len, head.content_type.as_deref()), (PDF.len() as u64, Some("application/pdf")));
    let seen = bench.blobs.inspect("t/a/plan", 1_000).await?;
    assert_eq!(seen.sha256, <[u8; 32]>::from(Sha256::digest(PDF)));
    assert_eq!((seen.len, sniff::sniff(&seen.head)), (PDF.len() as u64, sniff::Kind::Pdf));

    let link = bench.blobs.presign_get("t/a/plan", "Plan 1.pdf", "application/pdf", TTL).await?;
    assert_eq!(link.expires_in_seconds, 60, "a download link never lives longer");
    let answer = bench.http.get(&link.url).send().await?;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert!(answer.headers()["content-disposition"].to_str()?.starts_with("attachment; filename=\"Plan 1.pdf\""));
    assert_eq!(answer.bytes().await?, PDF);
    Ok(())
}

/// What a browser asks before it sends a page's upload, and what it must be answered to send it.
#[tokio::test]
async fn pages_of_this_machine_may_upload_and_download_and_no_others() -> Result<()> {
    let bench = Bench::open().await?;
    let url = bench.upload_url("t/a/plan", PDF).await?;
    let names: Vec<&str> = url.headers.iter().map(|(name, _)| name.as_str()).collect();
    let asked = async |origin: &str| -> Result<reqwest::header::HeaderMap> {
        let request = bench.http.request(reqwest::Method::OPTIONS, &url.url).header("origin", origin);
        let request = request.header("access-control-request-method", "PUT");
        let answer = request.header("access-control-request-headers", names.join(",")).send().await?;
        assert_eq!(answer.status(), StatusCode::OK);
        Ok(answer.headers().clone())
    };
    let page = "http://acme.localhost:24080";
    let allowed = asked(page).await?;
    assert_eq!(allowed["access-control-allow-origin"], page);
    assert!(allowed["access-control-allow-methods"].to_str()?.contains("PUT"));
    let headers = allowed["access-control-allow-headers"].to_str()?.to_owned();
    assert!(names.iter().all(|name| headers.split(',').any(|allowed| allowed == *name)), "{headers}");
    assert!(!asked("http://evil.test").await?.contains_key("access-control-allow-origin"));

    let mut request = bench.http.put(&url.url).header("origin", page).body(PDF);
    for (name, value) in url.headers.iter().filter(|(name, _)| name != "content-length") {
        request = request.header(name, value);
    }
    let sent = request.send().await?;
    assert_eq!((sent.status(), &sent.headers()["access-control-allow-origin"]), (StatusCode::OK, &page.parse()?));
    let link = bench.blobs.presign_get("t/a/plan", "Plan 1.pdf", "application/pdf", TTL).await?;
    let got = bench.http.get(&link.url).header("origin", page).send().await?;
    assert_eq!((got.status(), &got.headers()["access-control-allow-origin"]), (StatusCode::OK, &page.parse()?));
    Ok(())
}

#[tokio::test]
async fn another_type_length_checksum_key_or_method_is_refused() -> Result<()> {
    let bench = Bench::open().await?;
    let url = bench.upload_url("t/a/plan", PDF).await?;
    let longer = [PDF, b"!"].concat();
    let refused = [
        bench.put(&url, PDF, &[("content-type", "text/html")]).await?,
        bench.put(&url, PDF, &[("content-type", "")]).await?,
        bench.put(&url, &longer, &[]).await?,
        bench.put(&url, &PDF[1..], &[]).await?,
        bench.put(&url, PDF, &[("x-amz-checksum-sha256", "")]).await?,
        bench.put(&url, PDF, &[("x-amz-checksum-sha256", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=")]).await?,
        bench.put(&url, PDF, &[("if-none-match", "")]).await?,
    ];
    assert_eq!(refused, [StatusCode::FORBIDDEN; 7]);
    let elsewhere = Presigned { url: url.url.replace("plan", "other"), ..url.clone() };
    assert_eq!(bench.put(&elsewhere, PDF, &[]).await?, StatusCode::FORBIDDEN);
    assert_eq!(bench.http.get(&url.url).send().await?.status(), StatusCode::FORBIDDEN);
    assert_eq!(bench.http.delete(&url.url).send().await?.status(), StatusCode::FORBIDDEN);
    assert!(bench.blobs.head("t/a/plan").await?.is_none(), "nothing was written");
    Ok(())
}

#[tokio::test]
async fn a_body_with_the_wrong_checksum_is_refused_or_found_by_inspection() -> Result<()> {
    let bench = Bench::open().await?;
    let url = bench.upload_url("t/a/plan", PDF).await?;
    let mut other = PDF.to_vec();
    other[20] ^= 1;
    assert_eq!(bench.put(&url, &other, &[]).await?, StatusCode::BAD_REQUEST);
    // AWS stores nothing in this case. This server keeps the body, which is why confirming an upload reads it back.
    if bench.blobs.head("t/a/plan").await?.is_some() {
        let seen = bench.blobs.inspect("t/a/plan", 1_000).await?;
        assert_ne!(seen.sha256, <[u8; 32]>::from(Sha256::digest(PDF)));
    }
    Ok(())
}

#[tokio::test]
async fn an_upload_url_works_once() -> Result<()> {
    let bench = Bench::open().await?;
    let url = bench.upload_url("t/a/plan", PDF).await?;
    assert_eq!(bench.put(&url, PDF, &[]).await?, StatusCode::OK);
    let mut other = PDF.to_vec();
    other[20] ^= 1;
    assert_eq!(bench.put(&url, &other, &[]).await?, StatusCode::PRECONDITION_FAILED);
    assert_eq!(bench.blobs.inspect("t/a/plan", 1_000).await?.sha256, <[u8; 32]>::from(Sha256::digest(PDF)));
    Ok(())
}

#[tokio::test]
async fn an_expired_url_is_refused() -> Result<()> {
    let bench = Bench::open().await?;
    let sha256 = Sha256::digest(PDF).into();
    let url = bench
        .blobs
        .presign_put("t/a/plan", "application/pdf", PDF.len() as u64, sha256, Duration::from_secs(1))
        .await?;
    tokio::time::sleep(Duration::from_millis(2_100)).await;
    assert_eq!(bench.put(&url, PDF, &[]).await?, StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test]
async fn reading_is_bounded_and_missing_files_are_said_to_be_missing() -> Result<()> {
    let bench = Bench::open().await?;
    let big = vec![7_u8; 3 << 20];
    let url = bench.upload_url("t/a/big", &big).await?;
    assert_eq!(bench.put(&url, &big, &[]).await?, StatusCode::OK);
    assert!(matches!(bench.blobs.inspect("t/a/big", 1 << 20).await, Err(BlobError::TooLong { max: 1_048_576 })));
    assert!(matches!(bench.blobs.inspect("t/a/none", 1).await, Err(BlobError::NotFound)));

    let mut download = bench.blobs.stream("t/a/big").await?;
    let (mut total, mut largest) = (0, 0);
    while let Some(chunk) = download.chunk().await? {
        total += chunk.len();
        largest = largest.max(chunk.len());
    }
    assert_eq!(total, big.len());
    assert!(largest < 1 << 20, "chunks of {largest} bytes");
    let mut read = Vec::new();
    tokio::io::AsyncReadExt::read_to_end(&mut bench.blobs.stream("t/a/big").await?.into_reader(), &mut read).await?;
    assert_eq!(read, big);
    Ok(())
}

#[tokio::test]
async fn deleting_a_folder_leaves_its_neighbours() -> Result<()> {
    let bench = Bench::open().await?;
    for key in ["t/a/1", "t/a/2", "t/ab/1"] {
        let url = bench.upload_url(key, PDF).await?;
        assert_eq!(bench.put(&url, PDF, &[]).await?, StatusCode::OK);
    }
    for unsafe_prefix in ["", "/", "t/a"] {
        assert!(matches!(bench.blobs.delete_prefix(unsafe_prefix).await, Err(BlobError::UnsafePrefix)));
    }
    assert_eq!(bench.blobs.delete_prefix("t/a/").await?, 2);
    assert_eq!(bench.blobs.delete_prefix("t/a/").await?, 0);
    assert!(bench.blobs.head("t/ab/1").await?.is_some());
    bench.blobs.delete("t/ab/1").await?;
    bench.blobs.delete("t/ab/1").await?;
    assert!(bench.blobs.head("t/ab/1").await?.is_none());
    Ok(())
}

#[tokio::test]
async fn urls_are_signed_for_the_public_address() -> Result<()> {
    let bench = Bench::open().await?;
    let blobs = bench.blobs.clone().with_public_endpoint(Some("https://files.example.test"));
    let link = blobs.presign_get("t/a/plan", "a.pdf", "application/pdf", TTL).await?;
    assert!(link.url.starts_with("https://files.example.test/files/t/a/plan?"), "{}", link.url);
    blobs.health().await?;
    Ok(())
}

#[tokio::test]
async fn a_dead_server_and_a_wrong_secret_are_told_apart() -> Result<()> {
    let bench = Bench::open().await?;
    let gone = Blobs::connect_with_key("http://127.0.0.1:9", "us-west-2", "files", "a", "b");
    assert!(gone.health().await.is_err_and(|error| error.is_transient()));
    let endpoint = format!("http://{}", bench.server.addr());
    let stranger = Blobs::connect_with_key(&endpoint, "us-west-2", "files", "local-test", "wrong");
    let refused = stranger.inspect("t/a/plan", 1).await;
    assert!(matches!(&refused, Err(BlobError::Refused { code, .. }) if code == "SignatureDoesNotMatch"), "{refused:?}");
    let nowhere = Blobs::connect_with_key(&endpoint, "us-west-2", "nowhere", "local-test", "local-test-secret");
    assert!(matches!(nowhere.health().await, Err(BlobError::NotFound)));
    Ok(())
}
