//! The admin UI: which file a path means, how long it may be kept, and what its pages may do.

use crate::answer::Dress;

/// A file to serve.
#[derive(Debug, Clone)]
pub struct Asset {
    /// The path below the UI's folder, without a slash in front.
    pub path: String,
    /// If there is no such file, the application itself answers: `index.html` with 200. Otherwise it is a 404.
    pub fallback: bool,
    /// Forms that the caller takes, best first.
    pub encodings: Vec<Encoding>,
    /// The caller's `If-None-Match`.
    pub if_none_match: Option<String>,
    /// Only the head is wanted.
    pub head_only: bool,
    pub(crate) dress: Dress,
    /// Where browsers send and fetch files.
    pub(crate) file_origins: String,
}

/// A precompressed form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// `.br`
    Brotli,
    /// `.gz`
    Gzip,
}

impl Encoding {
    /// The value of `Content-Encoding`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        }
    }

    /// What the file's name ends with.
    #[must_use]
    pub const fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
        }
    }
}

/// What pages may do: the UI says so itself, with `{files}` for where files lie.
const POLICY: &str = include_str!("../../admin-ui/csp.txt");

impl Asset {
    /// The fields of the answer with the file `path` (which may be the fall-back), whose content has the tag `etag`.
    #[must_use]
    pub fn fields(&self, path: &str, etag: &str, encoding: Option<Encoding>) -> Vec<(String, String)> {
        let mut fields = vec![
            ("content-type".to_owned(), content_type(path).to_owned()),
            ("cache-control".to_owned(), cache_rule(path).to_owned()),
            ("etag".to_owned(), etag.to_owned()),
            ("vary".to_owned(), "accept-encoding".to_owned()),
        ];
        if let Some(encoding) = encoding {
            fields.push(("content-encoding".to_owned(), encoding.name().to_owned()));
        }
        let policy = POLICY.trim_end().replace("{files}", &self.file_origins);
        self.dress.put_on(200, &mut fields, &policy);
        fields
    }

    /// The answer when there is neither file nor fall-back.
    #[must_use]
    pub fn missing(&self) -> crate::Answer {
        self.dress.problem(crate::answer::Problem::NotFound, "no-file", None)
    }
}

/// A file with a hash in its name never changes; everything else is asked for each time.
#[must_use]
pub fn cache_rule(path: &str) -> &'static str {
    let hashed = || {
        let (stem, _) = path.strip_prefix("assets/")?.rsplit_once('.')?;
        let (_, hash) = stem.rsplit_once('-').or_else(|| stem.rsplit_once('.'))?;
        Some(hash.len() >= 8 && hash.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'))
    };
    // Vite's hashes may hold a hyphen: eight characters before the extension, after a hyphen.
    let vite = || {
        let (stem, _) = path.strip_prefix("assets/")?.rsplit_once('.')?;
        let at = stem.len().checked_sub(9)?;
        Some(stem.as_bytes().get(at) == Some(&b'-'))
    };
    if hashed().unwrap_or(false) || vite().unwrap_or(false) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    }
}

/// Does a path that names no file mean a page of the application? One with an extension does not.
#[must_use]
pub fn is_page(path: &str) -> bool {
    !path.starts_with("assets/") && !path.rsplit('/').next().is_some_and(|last| last.contains('.'))
}

/// The forms that a caller takes, best first (RFC 9110, 12.5.3).
#[must_use]
pub fn encodings(accept: Option<&str>) -> Vec<Encoding> {
    let accept = accept.unwrap_or_default();
    let takes = |name: &str| {
        accept.split(',').any(|offer| {
            let mut parts = offer.split(';').map(str::trim);
            let named = parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case(name));
            named && !parts.any(|part| matches!(part, "q=0" | "q=0.0" | "q=0.00" | "q=0.000"))
        })
    };
    [Encoding::Brotli, Encoding::Gzip].into_iter().filter(|encoding| takes(encoding.name())).collect()
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "js" | "mjs" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" | "map" => "application/json",
        "webmanifest" => "application/manifest+json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "avif" => "image/avif",
        "ico" => "image/x-icon",
        "woff2" => "font/woff2",
        "woff" => "font/woff",
        "wasm" => "application/wasm",
        "txt" => "text/plain; charset=utf-8",
        "pdf" => "application/pdf",
        _ => "application/octet-stream",
    }
}
