//! Search digests: what finds what, and what they hide.

use std::collections::HashSet;

use proptest::prelude::*;

use super::tenant_keys;
use crate::{
    DateOfBirth, Email, IndexKey, KeyError, Name, Pii, PiiField, Purpose, TenantKeys, index::MOST_WORDS,
    normalise_email, normalise_name, normalise_phone,
};

fn index(tenant: u8) -> IndexKey {
    tenant_keys(tenant, &[(Purpose::Index, 1)]).index().expect("key")
}

fn finds(name: &str, query: &str) -> bool {
    let held: HashSet<i64> = index(1).name_tokens(1, name).expect("tokens").into_iter().collect();
    let asked = index(1).search_tokens(1, query).expect("tokens");
    !asked.is_empty() && asked.iter().all(|token| held.contains(token))
}

#[test]
fn equal_values_meet_within_a_field_of_a_tenant() {
    let email = |text: &str| Pii::new(Email::new(text)).blind(&index(1)).expect("digest");
    assert_eq!(email("Jane@Example.com "), email("jane@example.COM"));
    assert_ne!(email("jane@example.com"), email("jan@example.com"));
    assert_ne!(index(1).blind(2, "x").expect("digest"), index(1).blind(3, "x").expect("digest"));
    assert_ne!(index(1).blind(2, "x").expect("digest"), index(2).blind(2, "x").expect("digest"));
    assert!(
        HashSet::<i64>::from_iter(index(1).name_tokens(1, "Jane").expect("tokens"))
            .is_disjoint(&HashSet::from_iter(index(2).name_tokens(1, "Jane").expect("tokens")))
    );
}

#[test]
fn what_is_not_searched_for_has_no_digest() {
    let born = Pii::new(DateOfBirth::new("1971-03-29".parse().expect("a date")));
    assert_eq!(born.blind(&index(1)).expect("digest"), None);
}

#[test]
fn names_are_found_by_the_beginnings_of_their_words() {
    for query in ["z", "zoe", "ZOË", "obr", "O'Brien", "o’brien zo", "wolfeschlegelstein", "WOLFESCHLEGEL"] {
        assert!(finds("Zoë O'Brien-Wolfeschlegelstein", query), "{query}");
    }
    for query in ["", " -", "oe", "brien", "zoeb", "wolfeschlegelberg", "jane"] {
        assert!(!finds("Zoë O'Brien-Wolfeschlegelstein", query), "{query}");
    }
    assert!(finds("Ærøskøbing Straße", "aeroskobing strasse") && finds("山田 太郎", "山") && finds("김철수", "김철"));
}

#[test]
fn a_name_is_found_by_its_first_twelve_words() {
    let name = "a b c d e f g h i j k l m";
    assert!(finds(name, "k") && finds(name, "l") && !finds(name, "m"));
}

#[test]
fn a_name_has_the_tokens_of_its_text() {
    let tokens = Pii::new(Name::new("Jane Doe")).tokens(&index(1)).expect("tokens");
    assert_eq!(tokens, index(1).name_tokens(Name::CODE, "Jane Doe").expect("tokens"));
    assert!(tokens.len() > 2);
}

#[test]
fn tokens_come_in_buckets_and_fit_40_bits() {
    for name in ["", "Jo", "Jane Doe", "Wolfeschlegelsteinhausenbergerdorff", &"Bartholomew ".repeat(40)] {
        let tokens = index(1).name_tokens(1, name).expect("tokens");
        assert!(tokens.len().is_power_of_two() && (16..=1024).contains(&tokens.len()), "{name}");
        assert!(tokens.iter().all(|token| (0..1 << 40).contains(token)) && tokens.is_sorted());
        assert_eq!(tokens, index(1).name_tokens(1, name).expect("tokens"));
    }
}

#[test]
fn macs_and_missing_keys() {
    let keys: TenantKeys = tenant_keys(1, &[(Purpose::Cursor, 1), (Purpose::Audit, 1)]);
    let cursor = keys.cursor_key().expect("key");
    let mac = cursor.sign(&[b"ab", b"c"]);
    assert!(cursor.verify(&[b"ab", b"c"], &mac));
    assert!(!cursor.verify(&[b"a", b"bc"], &mac) && !cursor.verify(&[b"ab", b"c"], &mac[..31]));
    let labelled = |label: &str| keys.mac_key(Purpose::Audit, label).expect("key").sign(&[b"x"]);
    assert_ne!(labelled("one"), labelled("other"));
    assert_eq!(keys.index().expect_err("none"), KeyError::Missing(Purpose::Index));
    assert!(keys.has(Purpose::Audit) && !keys.has(Purpose::Pii));
}

#[test]
fn a_set_covers_what_it_was_made_of() {
    let keys = tenant_keys(1, &[(Purpose::Cursor, 1), (Purpose::Index, 1)]);
    let mut rows: Vec<_> = keys.bundle().keys.iter().map(|(row, _)| row.clone()).collect();
    assert!(keys.bundle().covers(&rows) && keys.bundle().covers(&rows[..1]));
    rows[1].wrapped.push(0);
    assert!(!keys.bundle().covers(&rows), "wrapped anew");
}

#[test]
fn spellings_become_one() {
    assert_eq!(normalise_name("  Éva\u{2003}SZABÓ-Nagy "), "eva szabo nagy");
    assert_eq!(normalise_name("ＪＡＮＥ"), "jane");
    assert_eq!(
        normalise_name("Œuvre Þóra Łukasz Đorđe Eiður Ilgın Νίκος"),
        "oeuvre thora lukasz dorde eidur ilgin νικοσ"
    );
    assert_eq!(normalise_name("हिन्दी"), "हिन्दी", "marks that are vowels stay");
    assert_eq!(normalise_email(" Jane.Doe+x@Example.COM"), "jane.doe+x@example.com");
    assert_eq!(normalise_phone("+1 (512) 555-0100"), "+15125550100");
    assert_eq!(normalise_phone("512 555 0100"), "5125550100");
}

proptest! {
    #[test]
    fn every_beginning_of_a_names_first_words_is_found(name in "[A-Za-zÀ-ÿ' -]{1,40}", take in 1_usize..12) {
        for word in normalise_name(&name).split(' ').filter(|word| !word.is_empty()).take(MOST_WORDS) {
            let beginning: String = word.chars().take(take).collect();
            prop_assert!(finds(&name, &beginning));
        }
    }

    #[test]
    fn a_normal_name_stays(name in any::<String>()) {
        let once = normalise_name(&name);
        prop_assert_eq!(normalise_name(&once), once);
    }
}
