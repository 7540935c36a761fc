//! What is typed into the search field, as each kind of record can be asked for it.

use keystead_tenants::orm::{
    Expr,
    sea_query::{IntoColumnRef, LikeExpr, extension::postgres::PgExpr},
};

/// A text that is looked for.
#[derive(Debug)]
pub(crate) struct Sought {
    text: String,
    limit: u64,
}

impl Sought {
    pub(super) fn new(text: String, limit: u64) -> Self {
        Self { text, limit }
    }

    /// The text as it was typed.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// How many of a kind are shown.
    pub(crate) const fn limit(&self) -> u64 {
        self.limit
    }

    /// The number that it is, with or without `#`.
    pub(crate) fn number(&self) -> Option<i32> {
        number(&self.text)
    }

    /// Does the column hold the text, in capitals or not? What means something in a pattern means itself here: the backslash
    /// is PostgreSQL's own escape.
    pub(crate) fn within(&self, column: impl IntoColumnRef) -> Expr {
        Expr::col(column).ilike(LikeExpr::new(format!("%{}%", self.escaped())))
    }

    fn escaped(&self) -> String {
        self.text.chars().flat_map(|c| matches!(c, '%' | '_' | '\\').then_some('\\').into_iter().chain([c])).collect()
    }
}

/// The number that a text is, with or without `#`.
pub(crate) fn number(text: &str) -> Option<i32> {
    text.trim_start_matches('#').parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sought(text: &str) -> Sought {
        Sought::new(text.to_owned(), 8)
    }

    #[test]
    fn what_means_something_in_a_pattern_means_itself() {
        assert_eq!(sought("100%_\\x").escaped(), "100\\%\\_\\\\x");
    }

    #[test]
    fn contracts_are_asked_for_by_number() {
        assert_eq!(sought("12").number(), Some(12));
        assert_eq!(sought("#12").number(), Some(12));
        assert_eq!(sought("Lot 12").number(), None);
        assert_eq!(sought("99999999999").number(), None);
    }
}
