//! Whose money rows that disagree are about.
//!
//! A check's rows say it by the names of their columns; one that names nobody in any of these ways is
//! refused by the test below. Where two people share a thing (a contract, an order), it is both.

/// The columns by which rows can be traced to people, and how.
const TRACES: [(&str, &str); 9] = [
    ("user_id", "SELECT (doc->>'user_id')::uuid AS id FROM named"),
    ("account", "SELECT holder FROM named JOIN account ON account.key = doc->>'account'"),
    ("account_id", "SELECT holder FROM named JOIN account ON account.id = (doc->>'account_id')::bigint"),
    (
        "transaction_id",
        "SELECT holder FROM named JOIN postings ON postings.transaction_id = (doc->>'transaction_id')::bigint
         JOIN account ON account.id = postings.account_id",
    ),
    ("contract_id", "SELECT party FROM named JOIN agreed ON agreed.id = (doc->>'contract_id')::uuid"),
    (
        "order_number",
        "SELECT party FROM named JOIN orders ON orders.id = (doc->>'order_number')::bigint
         CROSS JOIN LATERAL (VALUES (orders.client_id), (orders.provider_id)) AS parties (party)",
    ),
    ("deposit_id", "SELECT user_id FROM named JOIN deposits ON deposits.id = (doc->>'deposit_id')::uuid"),
    ("withdrawal", "SELECT user_id FROM named JOIN withdrawals ON withdrawals.id = (doc->>'withdrawal')::bigint"),
    (
        "source",
        "SELECT party FROM named JOIN agreed ON agreed.id::text = split_part(doc->>'source', ':', 2)
         UNION SELECT holder FROM named JOIN ledger_transactions movement ON movement.source = doc->>'source'
         JOIN postings ON postings.transaction_id = movement.id JOIN account ON account.id = postings.account_id",
    ),
];

/// The statement that finds the people behind the rows of another one. A contract's accounts are those
/// of its two sides.
pub(super) fn concerned(offenders: &str) -> String {
    let traces: Vec<_> = TRACES.iter().map(|(_, trace)| *trace).collect();
    format!(
        "WITH offender AS ({offenders}),
              named AS MATERIALIZED (SELECT to_jsonb(offender) AS doc FROM offender),
              agreed AS (
                  SELECT contracts.id, party
                  FROM contracts CROSS JOIN LATERAL (VALUES (client_id), (provider_id)) AS parties (party)
              ),
              account AS (
                  SELECT id, key, user_id AS holder FROM ledger_accounts WHERE user_id IS NOT NULL
                  UNION ALL
                  SELECT ledger_accounts.id, key, party
                  FROM ledger_accounts JOIN agreed ON agreed.id = ledger_accounts.contract_id
              ),
              person (id) AS ({})
         SELECT person.id FROM person JOIN users ON users.id = person.id ORDER BY person.id",
        traces.join("\n UNION ")
    )
}

#[cfg(test)]
mod tests {
    use super::super::CHECKS;
    use super::*;

    /// The names of the columns of a statement's rows: what stands outside parentheses between the
    /// first `SELECT` and its `FROM`.
    fn columns(offenders: &str) -> Vec<String> {
        let mut depth = 0;
        let mut outside = String::new();
        for letter in offenders.chars() {
            depth += i32::from(letter == '(') - i32::from(letter == ')');
            outside.push(if depth > 0 { ' ' } else { letter });
        }
        let words: Vec<_> = outside.split_whitespace().collect();
        let listed = words.join(" ");
        let (_, listed) = listed.split_once("SELECT ").expect("a statement");
        let (listed, _) = listed.split_once(" FROM ").expect("from somewhere");
        let last_word = |column: &str| column.rsplit([' ', '.']).next().map(str::to_owned);
        listed.trim_start_matches("DISTINCT ").split(',').filter_map(last_word).collect()
    }

    #[test]
    fn every_check_of_money_can_be_traced_to_people() {
        assert_eq!(
            columns("WITH a AS (SELECT b FROM c) SELECT p.q, max(d.e) AS f, g FROM a"),
            ["q", "f", "g"]
        );
        for check in CHECKS.into_iter().flatten() {
            let columns = columns(check.offenders);
            let is_traced = TRACES.iter().any(|(column, _)| columns.iter().any(|named| named == column));
            assert!(is_traced, "{}: its rows name nobody in a way that is known", check.name);
        }
    }
}
