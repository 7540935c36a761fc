//! The admin UI, served from a folder.

use std::fs;

use keystead_tests::edge::{NativeEdge, cell::FakeCell};
use serde_json::json;

use super::at;

async fn with_ui() -> (tempfile::TempDir, FakeCell, NativeEdge) {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let place = folder.path().join("ui").join(name);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    };
    put("index.html", "<script src=\"/assets/index-BX2m9k_1.js\"></script>");
    put("assets/index-BX2m9k_1.js", "plain");
    put("assets/index-BX2m9k_1.js.br", "brotli");
    put("assets/index-BX2m9k_1.js.gz", "gzip");
    put("favicon.svg", "<svg/>");
    put("../outside.txt", "outside");
    let cell = FakeCell::start(1_000_000, 1_000_000).await;
    let place = Some(folder.path().join("ui"));
    let edge = NativeEdge::start(&cell.config(&json!({})), vec![format!("main=http://{}", cell.address)], place).await;
    (folder, cell, edge)
}

#[tokio::test]
async fn the_page_is_asked_for_each_time_and_hashed_files_are_kept_for_ever() {
    let (_folder, cell, edge) = with_ui().await;
    let get = |path: &str| at(&edge, "acme", "GET", path);
    for path in ["/", "/projects", "/projects/prj_1/homes", "/contracts/"] {
        let page = get(path).expect(200).await;
        assert_eq!(
            (&page.headers["content-type"], &page.headers["cache-control"]),
            (&"text/html; charset=utf-8".parse().unwrap(), &"no-cache".parse().unwrap())
        );
        let policy = page.headers["content-security-policy"].to_str().unwrap();
        assert!(
            policy.contains("require-trusted-types-for 'script'")
                && policy.contains("script-src 'self'; style-src 'self';")
                && !policy.contains("unsafe"),
            "{policy}"
        );
        let tag = page.headers["etag"].to_str().unwrap().to_owned();
        get(path).header("if-none-match", &tag).expect(304).await;
    }
    let script = get("/assets/index-BX2m9k_1.js").expect(200).await;
    assert_eq!(script.headers["cache-control"], "public, max-age=31536000, immutable");
    assert_eq!(script.text, "plain");
    let icon = get("/favicon.svg").expect(200).await;
    assert_eq!(icon.headers["cache-control"], "no-cache");
    let tag = icon.headers["etag"].to_str().unwrap().to_owned();
    let known = get("/favicon.svg").header("if-none-match", &tag).expect(304).await;
    assert!(known.text.is_empty());
    assert!(cell.told().seen.is_empty(), "the cell is not asked for files");
}

#[tokio::test]
async fn packed_forms_go_to_those_who_take_them() {
    let (_folder, _cell, edge) = with_ui().await;
    let get = |accept: &str| at(&edge, "acme", "GET", "/assets/index-BX2m9k_1.js").header("accept-encoding", accept);
    for (accept, form, body) in [
        ("br, gzip", Some("br"), "brotli"),
        ("gzip", Some("gzip"), "gzip"),
        ("br;q=0, gzip", Some("gzip"), "gzip"),
        ("identity", None, "plain"),
    ] {
        let answer = get(accept).expect(200).await;
        assert_eq!(answer.headers.get("content-encoding").map(|value| value.to_str().unwrap()), form, "{accept}");
        assert_eq!((answer.text.as_str(), &answer.headers["vary"]), (body, &"accept-encoding".parse().unwrap()));
    }
}

#[tokio::test]
async fn nothing_beside_the_folder_is_served() {
    let (_folder, _cell, edge) = with_ui().await;
    for (path, status) in [
        ("/../outside.txt", 200),
        ("/%2e%2e/outside.txt", 200),
        ("/assets/..%2f..%2foutside.txt", 400),
        ("/assets/nothing-12345678.js", 404),
        ("/nothing.txt", 404),
        ("/assets/", 200),
    ] {
        let answer = at(&edge, "acme", "GET", path).send().await;
        assert!(!answer.text.contains("outside"), "{path}");
        // reqwest resolves dots before it sends: those arrive as /outside.txt.
        let expected = if path.contains("outside.txt") && status == 200 { 404 } else { status };
        assert_eq!(answer.status, expected, "{path}");
    }
    assert_eq!(at(&edge, "acme", "POST", "/projects").send().await.status, 404);
    assert_eq!(at(&edge, "api", "GET", "/").send().await.status, 200);
    assert_eq!(at(&edge, "console", "GET", "/").send().await.status, 200);
    assert_eq!(at(&edge, "docs", "GET", "/projects").send().await.status, 404);
}
