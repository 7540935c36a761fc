//! One spelling for values that people consider equal, so that equal values have equal digests.
//!
//! Unicode Normalization Form KC (UAX #15), lower case, and Latin letters without their marks.

use unicode_normalization::UnicodeNormalization;

/// The form in which names are compared: words without marks or case, separated by single spaces.
#[must_use]
pub fn normalise_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.nfkc().flat_map(char::to_lowercase).nfkd() {
        match letter {
            // Combining diacritical marks. Marks of other scripts carry vowels and consonants and stay.
            '\u{300}'..='\u{36f}' => {}
            // An apostrophe joins: "O'Brien" is found as "obrien".
            '\'' | '\u{2019}' | '\u{2bc}' => {}
            'ß' => normal.push_str("ss"),
            'æ' => normal.push_str("ae"),
            'œ' => normal.push_str("oe"),
            'þ' => normal.push_str("th"),
            'ø' => normal.push('o'),
            'ł' => normal.push('l'),
            'đ' | 'ð' => normal.push('d'),
            'ı' => normal.push('i'),
            'ς' => normal.push('σ'),
            other if joins_words(other) => normal.push(other),
            _ => normal.push(' '),
        }
    }
    let words: Vec<&str> = normal.split(' ').filter(|word| !word.is_empty()).collect();
    words.join(" ").nfkc().collect()
}

/// Letters, digits, and the combining marks of scripts that write vowels or tones with them.
fn joins_words(letter: char) -> bool {
    letter.is_alphanumeric() || unicode_normalization::char::is_combining_mark(letter)
}

/// The form in which e-mail addresses are compared: lower case. Dots and plus tags stay, as many hosts tell them apart.
#[must_use]
pub fn normalise_email(email: &str) -> String {
    email.trim().nfkc().flat_map(char::to_lowercase).collect()
}

/// The form in which phone numbers are compared: the plus sign of E.164 where there is one, and digits.
#[must_use]
pub fn normalise_phone(phone: &str) -> String {
    let plain: String = phone.trim().nfkc().collect();
    let digits = plain.chars().filter(char::is_ascii_digit);
    plain.starts_with('+').then_some('+').into_iter().chain(digits).collect()
}
