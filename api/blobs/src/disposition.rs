//! The `Content-Disposition` of a download.

/// Longest file name handed to a browser, in characters; file systems stop at 255 bytes.
const NAME_MAX: usize = 120;

/// `attachment` with both forms of the file name (RFC 6266, section 4.3): plain ASCII for old clients, RFC 8187 for the
/// others. `attachment` keeps a browser from rendering what a tenant uploaded in the origin of the storage.
pub(crate) fn attachment(name: &str) -> String {
    let name: String = name.chars().filter(|c| !c.is_control() && !matches!(c, '/' | '\\')).take(NAME_MAX).collect();
    let name = if name.trim().is_empty() { "download" } else { name.trim() };
    let plain: String = name.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{}", percent_encoded(name))
}

fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_' | '(' | ')')
}

/// Percent-encodes everything outside the unreserved characters, a subset of RFC 8187's `attr-char`.
fn percent_encoded(name: &str) -> String {
    let mut encoded = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::attachment;

    #[test]
    fn names_survive_in_both_forms() {
        assert_eq!(
            attachment("Plan Größe 2.pdf"),
            "attachment; filename=\"Plan Gr__e 2.pdf\"; filename*=UTF-8''Plan%20Gr%C3%B6%C3%9Fe%202.pdf"
        );
    }

    #[test]
    fn quotes_line_breaks_and_folders_cannot_leave_the_parameter() {
        let header = attachment("../a\"; filename=evil.html\r\nSet-Cookie: x");
        assert!(!header.contains(['\r', '\n']));
        assert_eq!(header.matches('"').count(), 2);
        assert!(!header.contains("/"));
    }

    #[test]
    fn an_empty_name_becomes_download() {
        assert_eq!(attachment("\r\n "), "attachment; filename=\"download\"; filename*=UTF-8''download");
    }
}
