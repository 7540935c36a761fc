//! Looking for words however they are written.

use std::ops::Range;

use base64::{
    Engine,
    prelude::{BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD},
};
use regex::bytes::{Regex, RegexBuilder};

/// Looks for words in plain, in any case, in hexadecimal, in base64 at any alignment, and as Rust prints bytes.
pub struct Detector(Regex);

impl Detector {
    pub fn of(words: &[String]) -> Self {
        let forms: Vec<String> = words.iter().flat_map(|word| forms(word)).map(|form| regex::escape(&form)).collect();
        let pattern =
            RegexBuilder::new(&forms.join("|")).case_insensitive(true).unicode(false).size_limit(64 << 20).build();
        Self(pattern.unwrap())
    }

    pub fn find<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        self.0.find(text).map(|hit| hit.as_bytes())
    }

    /// Where something is found in `text`.
    pub fn places(&self, text: &[u8]) -> Vec<Range<usize>> {
        self.0.find_iter(text).map(|hit| hit.range()).collect()
    }

    /// What is found in `text`, with its surroundings.
    pub fn assert_clean(&self, place: &str, text: &[u8]) {
        if let Some(hit) = self.0.find(text) {
            let around = &text[hit.start().saturating_sub(120)..text.len().min(hit.end() + 60)];
            panic!(
                "{} stands in {place}: …{}…",
                String::from_utf8_lossy(hit.as_bytes()),
                String::from_utf8_lossy(around)
            );
        }
    }
}

fn forms(word: &str) -> Vec<String> {
    // Stored forms are lower case; the detector's own pattern takes care of plain text and of hexadecimal digits.
    let spellings = [word.to_owned(), word.to_lowercase()];
    let mut forms = vec![word.to_owned()];
    for spelling in spellings {
        let bytes = spelling.as_bytes();
        forms.push(hex::encode(bytes));
        forms.push(bytes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "));
        for offset in 0..3 {
            let shifted = [&b"\0\0"[..offset], bytes].concat();
            for encoded in [BASE64_STANDARD_NO_PAD.encode(&shifted), BASE64_URL_SAFE_NO_PAD.encode(&shifted)] {
                // Only the characters that the neighbours have no bit in.
                forms.push(encoded[[0, 2, 3][offset]..shifted.len() * 8 / 6].to_owned());
            }
        }
    }
    forms.sort_unstable();
    forms.dedup();
    forms
}

#[test]
fn the_detector_sees_every_form() {
    let word = "Zyqkestrel".to_owned();
    let detector = Detector::of(std::slice::from_ref(&word));
    for text in [word.clone(), word.to_uppercase(), hex::encode_upper(&word), format!("{:?}", word.as_bytes())] {
        assert!(detector.find(format!("…{text}…").as_bytes()).is_some(), "{text}");
    }
    for before in ["", "a", "ab", "abc", "abcd"] {
        let encoded = BASE64_STANDARD_NO_PAD.encode(format!("{before}{word} and more"));
        assert!(detector.find(encoded.as_bytes()).is_some(), "{encoded}");
    }
    assert!(detector.find(b"Zyqkestre l kestrel Zyq").is_none());
}
