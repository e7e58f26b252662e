//! What is sought, in PostgreSQL's language of search.

use domain::search::SearchTerms;

/// A `tsquery` that matches where each piece is the beginning of some word. Each piece is one lexeme
/// in quotes, so that nothing in it is taken for an operator.
pub(super) fn query(terms: &SearchTerms) -> String {
    terms.pieces().map(beginning).collect::<Vec<_>>().join(" & ")
}

fn beginning(piece: &str) -> String {
    format!("'{}':*", piece.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_piece_is_the_beginning_of_a_word() {
        let terms = SearchTerms::parse("ORD-001 Climate change, it's & !x:*").unwrap().unwrap();
        assert_eq!(query(&terms), "'001':* & 'change':* & 'climate':* & 'it':* & 'ord':* & 's':* & 'x':*");
    }

    #[test]
    fn nothing_breaks_out_of_its_quotes() {
        assert_eq!(beginning("a'b"), "'a''b':*");
        assert_eq!(beginning("a\\"), "'a\\\\':*");
        assert_eq!(beginning("' | 'x"), "''' | ''x':*");
    }
}
