//! Is a new password good enough (NIST SP 800-63B-4, 3.1.1)? Length and a blocklist; no rules about kinds of characters.

use std::{collections::HashSet, sync::LazyLock};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;
use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::Score;

/// The least number of characters while the password is the only factor.
pub const MIN_PASSWORD_CHARS: usize = 15;
/// The greatest number of characters.
pub const MAX_PASSWORD_CHARS: usize = 256;

/// What remains of a password without the words that everybody around it knows has to have this many characters.
const MIN_OWN_CHARS: usize = 8;
/// Shorter words of the context occur in honest passwords by chance.
const MIN_CONTEXT_CHARS: usize = 4;

/// Long passwords that people choose so often that guessing starts with them, folded.
static COMMON: LazyLock<HashSet<String>> =
    LazyLock::new(|| include_str!("../data/common-long-passwords.txt").lines().map(fold).collect());

/// Why a new password is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum WeakPassword {
    /// Fewer than [`MIN_PASSWORD_CHARS`] characters.
    #[error("must have at least {MIN_PASSWORD_CHARS} characters")]
    TooShort,
    /// More than [`MAX_PASSWORD_CHARS`] characters.
    #[error("must have at most {MAX_PASSWORD_CHARS} characters")]
    TooLong,
    /// On the list of leaked and proverbial passwords.
    #[error("is among the passwords that are tried first")]
    Common,
    /// Repetition, keyboard rows, dates and words that a guesser gets through quickly.
    #[error("is too easy to guess: use four or more unrelated words")]
    Guessable,
    /// Little more than the company's or person's own name or address.
    #[error("is mostly the company's name, your name or your e-mail address")]
    ContainsContext,
}

/// Judges a new password. `context` holds what surrounds it: the person's name and e-mail address, the company's name and
/// slug. Takes some milliseconds for the longest passwords: call it off the request's own thread.
///
/// # Errors
/// The first [`WeakPassword`] that applies.
pub fn check_strength(password: &SecretString, context: &[&str]) -> Result<(), WeakPassword> {
    let password = normalise(password.expose_secret()).ok_or(WeakPassword::TooLong)?;
    if password.chars().count() < MIN_PASSWORD_CHARS {
        return Err(WeakPassword::TooShort);
    }
    let folded = Zeroizing::new(fold(&password));
    if COMMON.contains(folded.as_str()) {
        return Err(WeakPassword::Common);
    }
    let words = context_words(context);
    if own_characters(&folded, &words) < MIN_OWN_CHARS {
        return Err(WeakPassword::ContainsContext);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match zxcvbn::zxcvbn(&password, &words).score() {
        Score::Three | Score::Four => Ok(()),
        _ => Err(WeakPassword::Guessable),
    }
}

/// NFKC (SP 800-63B-4, 3.1.1.2), so that one password typed on two keyboards is one password. `None` if it is too long.
pub(crate) fn normalise(password: &str) -> Option<Zeroizing<String>> {
    // Four bytes is the longest character; NFKC multiplies length by 18 at most, so this also bounds the work.
    if password.len() > 4 * MAX_PASSWORD_CHARS {
        return None;
    }
    // Room for the worst case at once: growing would leave copies behind that nobody wipes.
    let mut normal = Zeroizing::new(String::with_capacity(password.len() * 11 + 4));
    let mut chars = 0;
    for c in password.nfkc() {
        chars += 1;
        if chars > MAX_PASSWORD_CHARS {
            return None;
        }
        normal.push(c);
    }
    Some(normal)
}

/// Letters and digits only, in lower case: "P@ss Word" and "p@ssword" are one guess.
fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len() * 2);
    folded.extend(text.nfkc().flat_map(char::to_lowercase).filter(|c| c.is_alphanumeric()));
    folded
}

/// The whole texts and their parts, folded, longest first.
fn context_words(context: &[&str]) -> Vec<String> {
    let parts = context.iter().flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
    let mut words: Vec<String> = context.iter().copied().chain(parts).map(fold).collect();
    words.retain(|word| word.chars().count() >= MIN_CONTEXT_CHARS);
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.dedup();
    words
}

fn own_characters(folded: &str, words: &[String]) -> usize {
    let mut rest = Zeroizing::new(folded.to_owned());
    for word in words {
        // A mark keeps the halves apart, lest they form a new word.
        *rest = rest.replace(word.as_str(), "\0");
    }
    rest.chars().filter(|c| *c != '\0').count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(password: &str) -> Result<(), WeakPassword> {
        let context = ["Acme Homes", "acme-homes", "Johanna Lindqvist", "johanna.lindqvist@acmehomes.example"];
        check_strength(&SecretString::from(password), &context)
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(judge("kT9#vw!2qLpX8m"), Err(WeakPassword::TooShort));
        assert_eq!(judge("kT9#vw!2qLpX8mZ"), Ok(()));
        assert_eq!(judge("žluťoučkýkůňpěl"), Ok(()));
        assert_eq!(judge("žluťoučkýkůňpě"), Err(WeakPassword::TooShort));
        assert_eq!(judge("ﬃﬃﬃﬃ"), Err(WeakPassword::TooShort), "12 characters after NFKC");
        let long: String = (0..256_u32).filter_map(|i| char::from_digit(i * 7 % 36, 36)).collect();
        assert_eq!(judge(&long), Ok(()));
        assert_eq!(judge(&format!("{long}x")), Err(WeakPassword::TooLong));
        assert_eq!(judge(&"x".repeat(1_000_000)), Err(WeakPassword::TooLong));
    }

    #[test]
    fn common_phrases_are_refused_in_every_dress() {
        for common in [
            "correcthorsebatterystaple",
            "Correct Horse Battery Staple!",
            "passwordpassword",
            "Password-Password-1",
            "qwertyuiopasdfghjkl",
            "1234567890123456",
            "To be or not to be",
            "ILOVEYOUSOMUCH!!!",
            "ｉｌｏｖｅｙｏｕｓｏｍｕｃｈ!!!",
            "may the force be with you",
        ] {
            assert_eq!(judge(common), Err(WeakPassword::Common), "{common}");
        }
    }

    #[test]
    fn guessable_patterns_are_refused() {
        for weak in [
            "aaaaaaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "monkeymonkeymonkey",
            "zxcvbnm,./zxcvbnm,./",
            "01.01.200001.01.2000",
        ] {
            assert_eq!(judge(weak), Err(WeakPassword::Guessable), "{weak}");
        }
    }

    #[test]
    fn the_own_name_does_not_count() {
        for own in
            ["AcmeHomesAcmeHomes", "acme-homes-2026!", "johanna.lindqvist", "Johanna@AcmeHomes1", "JohannaLindqvist77"]
        {
            assert_eq!(judge(own), Err(WeakPassword::ContainsContext), "{own}");
        }
        assert_eq!(judge("acme homes has seven purple doorknobs"), Ok(()));
    }

    #[test]
    fn good_passphrases_pass() {
        for good in [
            "walnut ferry copper thimble",
            "the ferry leaves at nine, rain or not",
            "日本の庭に古い石が七つある。静かに",
        ] {
            assert_eq!(judge(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn the_list_is_long_passwords_without_doubles() {
        let lines: Vec<_> = include_str!("../data/common-long-passwords.txt").lines().collect();
        assert_eq!(lines.len(), COMMON.len(), "two lines fold to one");
        for line in lines {
            assert!(line.chars().count() >= MIN_PASSWORD_CHARS, "{line}");
        }
    }
}
