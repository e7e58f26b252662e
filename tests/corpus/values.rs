//! The corpus: what to send where a field of some kind is wanted, as JSON text.

use super::operations::{Field, Kind};

#[rustfmt::skip]
const NO_MONEY: &[&str] = &[
    r#""10""#, r#""""#, "true", "[]", "{}", "-0", "-1", "-0.01", "0.001", "1.150", "1e2", "1E-2",
    "100000000", "99999999.999", "99999999999999999999999999999999", "1e400", "NaN", "Infinity", "0x10", "01", ".5",
    "5.", "1_000", "1,5", "+1", "[1]", r#"{"amount":1}"#,
];
#[rustfmt::skip]
const NO_MOMENT: &[&str] = &[
    "0", "1893456000", "true", "[]", "{}", r#""""#, r#"" ""#, r#""tomorrow""#, r#""2030-01-01""#,
    r#""2030-01-01T00:00:00""#, r#""2030-02-30T00:00:00Z""#, r#""2030-13-01T00:00:00Z""#, r#""2030-01-01T25:00:00Z""#,
    r#""2030-01-01T00:00:00+99:00""#, r#""+99999-01-01T00:00:00Z""#, r#""20300101T000000Z""#,
    r#""2030-01-01T00:00:00Z\u0000""#, r#""1893456000""#, r#""2030-01-01T00:00Z""#,
];
#[rustfmt::skip]
const NO_INTEGER: &[&str] = &[
    r#""1""#, r#""""#, "true", "[]", "{}", "1.5", "1e400", "-9223372036854775809", "9223372036854775808",
    "99999999999999999999999999", "NaN", "[1]",
];
#[rustfmt::skip]
const NO_UUID: &[&str] = &[
    "1", "true", "[]", "{}", r#""""#, r#""x""#, r#""0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e1""#,
    r#""0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e1g""#, r#""0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11\u0000""#, r#""\ud800""#,
    r#""{0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11}""#, r#""urn:uuid:0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11""#,
    r#""0190c2a47e1b7cc39f431b0d3c5a7e11""#, r#"" 0190c2a4-7e1b-7cc3-9f43-1b0d3c5a7e11""#,
];
#[rustfmt::skip]
const NO_EMAIL: &[&str] = &[
    "1", "true", "[]", "{}", r#""""#, r#""a""#, r#""a@""#, r#""@b""#, r#""a b@example.com""#, r#""a@b@example.com""#,
    r#""a@example.com\u0000""#, r#""a@example.com\r\nBcc: b@example.com""#, r#""ü@example.com""#, r#""\udfff""#,
];
const NO_SECRET: &[&str] = &["1", "true", "[]", "{}", r#""\ud800""#];
#[rustfmt::skip]
const NO_WORD: &[&str] =
    &["1", "true", "[]", "{}", r#""""#, r#""?""#, r#""\u0000""#, r#""\ud800""#, r#""completed'""#];
#[rustfmt::skip]
const NO_TEXT: &[&str] = &[
    "1", "0.5", "true", "[]", "{}", r#"["a"]"#, r#""a\u0000b""#, r#""\u0007a""#, r#""a\u001b[31mb""#, r#""a\u007fb""#,
    r#""a\u0085b""#, r#""a\ufffeb""#, r#""\u202eabc\u202c""#, r#""\ud800""#, r#""\udc00\ud800""#, "\"a\u{1}b\"", "'a'",
    r#""\x41""#,
];
const BLANK: &[&str] = &[r#""""#, r#""  ""#, r#""\n\t""#, r#""\u00a0\u2003""#, r#""\u200b\ufeff""#];
const NO_LIST: &[&str] = &["1", "true", r#""a""#, "{}", r#"{"0":"a"}"#, "[null]", "[[]]", "[true]"];
const NO_OBJECT: &[&str] = &["1", "true", r#""a""#, "[]", "[{}]"];

#[rustfmt::skip]
const ODD_MOMENTS: &[&str] = &[
    r#""2000-01-01T00:00:00Z""#, r#""0000-01-01T00:00:00Z""#, r#""9999-12-31T23:59:59Z""#,
    r#""9999-12-31T23:59:59-14:00""#, r#""2030-06-30T23:59:60Z""#, r#""2030-01-01t00:00:00z""#,
    r#""2030-01-01T00:00:00.999999999999Z""#, r#""2030-01-01T00:00:00-00:00""#, r#""2030-01-01 00:00:00Z""#,
];
const ODD_INTEGERS: &[&str] = &["1.0", "1e0", "0", "-1", "-9223372036854775808", "9223372036854775807", "-0"];
#[rustfmt::skip]
const ODD_UUIDS: &[&str] = &[
    r#""00000000-0000-0000-0000-000000000000""#, r#""ffffffff-ffff-ffff-ffff-ffffffffffff""#,
    r#""0190C2A4-7E1B-7CC3-9F43-1B0D3C5A7E11""#,
];
#[rustfmt::skip]
const ODD_TEXTS: &[&str] = &[
    r#""'; DROP TABLE orders; --""#, r#""<script>alert(1)</script>""#, r#""%s%n{}{{}}$1${7*7}""#, r#""../../etc/passwd""#,
    r#""e\u0301""#, r#""a\ud83d\ude00b""#, r#""\u2028line""#, r#""\\\" \\u0000""#, r#""null""#, r#""-1""#,
    r#""\u0130stanbul \u1e9e""#, r#""a\r\nb""#, r#""Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334""#,
];

/// What must be refused with 400, as nothing of the kind.
pub(super) fn refused(field: &Field) -> Vec<String> {
    let mut bad = Vec::new();
    let mut add = |texts: &[&str]| bad.extend(texts.iter().map(|text| (*text).to_owned()));
    if !field.nullable && !field.path.is_empty() {
        add(&["null"]);
    }
    let times = |text: &str, number: u64| text.repeat(usize::try_from(number).unwrap());
    match &field.kind {
        Kind::Money => {
            add(NO_MONEY);
            add(&["0", "0.00"]);
        }
        Kind::Share => add(NO_MONEY),
        Kind::Moment => add(NO_MOMENT),
        Kind::Uuid => add(NO_UUID),
        Kind::Secret => add(NO_SECRET),
        Kind::Word => add(NO_WORD),
        Kind::Object { .. } => add(NO_OBJECT),
        Kind::Integer { min, max } => {
            add(NO_INTEGER);
            bad.extend(min.iter().flat_map(|min| [min - 1, i64::MIN]).map(|number| number.to_string()));
            bad.extend(max.map(|max| (max + 1).to_string()));
        }
        Kind::Email => {
            add(NO_EMAIL);
            bad.push(format!("\"{}@example.com\"", times("a", 250)));
        }
        Kind::Text { min, max } => {
            add(NO_TEXT);
            if *min > 0 {
                add(BLANK);
            }
            bad.extend(max.map(|max| format!("\"{}\"", times("\u{1F600}", max + 1))));
        }
        Kind::List { max } => {
            add(NO_LIST);
            bad.extend(max.map(|max| format!("[{}0]", times("0,", max))));
        }
    }
    bad
}

/// What is odd and may be taken or refused, but must neither hurt nor come back as a 5xx.
pub(super) fn odd(kind: &Kind) -> &'static [&'static str] {
    match kind {
        Kind::Money | Kind::Share => &["0.01", "99999999.99", "115.10", "10.0", "10.00"],
        Kind::Moment => ODD_MOMENTS,
        Kind::Integer { .. } => ODD_INTEGERS,
        Kind::Uuid => ODD_UUIDS,
        Kind::Email | Kind::Secret | Kind::Word | Kind::Text { .. } => ODD_TEXTS,
        Kind::List { .. } => &["[]"],
        Kind::Object { .. } => &["{}"],
    }
}

/// What clients like to send along and no operation takes from them unless it says so.
#[rustfmt::skip]
pub(super) const PRIVILEGED: [&str; 40] = [
    "id", "_id", "user_id", "client_id", "provider_id", "owner_id", "order_id", "bid_id", "account_id", "role", "roles",
    "is_admin", "is_verified", "is_invited", "status", "state", "balance", "available", "balance_after", "price", "paid",
    "fee_bps", "platform_fee", "client_fee", "released", "refunded_amount", "escrow", "currency", "revision", "version",
    "created_at", "updated_at", "completed_at", "started_at", "rating", "total_earned", "success_rate", "password_hash",
    "__proto__", "constructor",
];
