//! What a file really is, from its first bytes.
//!
//! Only the formats that tenants may upload are known. Everything else, and anything that a browser could also take for
//! markup, is [`Kind::Unknown`]: a file that is two things at once is refused as both.

/// A recognised format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `application/pdf`
    Pdf,
    /// `image/png`
    Png,
    /// `image/jpeg`
    Jpeg,
    /// None of the above, or ambiguous.
    Unknown,
}

impl Kind {
    /// The media type, or `None` for an unknown format.
    #[must_use]
    pub const fn media_type(self) -> Option<&'static str> {
        match self {
            Self::Pdf => Some("application/pdf"),
            Self::Png => Some("image/png"),
            Self::Jpeg => Some("image/jpeg"),
            Self::Unknown => None,
        }
    }

    /// Whether the format is the declared media type; parameters such as `; charset` make it another type.
    #[must_use]
    pub fn is(self, media_type: &str) -> bool {
        self.media_type().is_some_and(|own| own.eq_ignore_ascii_case(media_type))
    }
}

/// What makes a browser that ignores content types render a file as a page (WHATWG MIME Sniffing, section 7.1).
const MARKUP: [&[u8]; 7] = [b"<!doctype", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<svg"];

/// Recognises the format from the first bytes of a file (512 are enough).
#[must_use]
pub fn sniff(head: &[u8]) -> Kind {
    if contains_markup(head) {
        return Kind::Unknown;
    }
    if is_pdf(head) {
        Kind::Pdf
    } else if is_png(head) {
        Kind::Png
    } else if is_jpeg(head) {
        Kind::Jpeg
    } else {
        Kind::Unknown
    }
}

/// ISO 32000-2, 7.5.2: the file begins with `%PDF-` and the version. Readers tolerate up to 1,024 bytes before it, which
/// is how polyglots are made; we do not.
fn is_pdf(head: &[u8]) -> bool {
    matches!(head, [b'%', b'P', b'D', b'F', b'-', major, b'.', minor, ..]
        if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// PNG specification, 5.2 and 5.6: the signature, then the chunk `IHDR` of 13 bytes.
fn is_png(head: &[u8]) -> bool {
    head.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR")
}

/// ITU-T T.81, B.1.1: start of image, then another marker (never `00` or `FF`).
fn is_jpeg(head: &[u8]) -> bool {
    matches!(head, [0xff, 0xd8, 0xff, marker, ..] if *marker >= 0xc0 && *marker != 0xff)
}

fn contains_markup(head: &[u8]) -> bool {
    let lower = head.to_ascii_lowercase();
    MARKUP.iter().any(|tag| lower.windows(tag.len()).any(|window| window == *tag))
}

#[cfg(test)]
mod tests {
    use super::{Kind, sniff};

    #[test]
    fn real_files_are_recognised() {
        assert_eq!(sniff(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj"), Kind::Pdf);
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x01"), Kind::Png);
        assert_eq!(sniff(b"\xff\xd8\xff\xe0\0\x10JFIF"), Kind::Jpeg);
    }

    #[test]
    fn pages_in_disguise_are_not() {
        assert_eq!(sniff(b"<html><body>%PDF-1.7"), Kind::Unknown);
        assert_eq!(sniff(b"%PDF-1.7\n<ScRiPt>alert(1)</script>"), Kind::Unknown);
        assert_eq!(sniff(b"GIF89a%PDF-1.7"), Kind::Unknown);
        assert_eq!(sniff(b"\n%PDF-1.7"), Kind::Unknown);
        assert_eq!(sniff(b"%PDF-"), Kind::Unknown);
        assert_eq!(sniff(b"%PDF-x.y"), Kind::Unknown);
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n"), Kind::Unknown);
        assert_eq!(sniff(b"\xff\xd8\xff"), Kind::Unknown);
        assert_eq!(sniff(b""), Kind::Unknown);
    }

    #[test]
    fn the_declared_type_must_be_the_real_one() {
        assert!(Kind::Pdf.is("application/PDF"));
        assert!(!Kind::Pdf.is("image/png"));
        assert!(!Kind::Unknown.is(""));
    }
}
