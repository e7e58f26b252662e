//! How often somebody's bids win.

use crate::orders::percentage;

/// Accepted bids of all that were answered, in whole per cent rounded half up (`summary.success_rate`);
/// 0 before the first answer.
#[must_use]
pub fn success_rate(accepted: u32, declined: u32) -> u32 {
    percentage(accepted, u64::from(accepted) + u64::from(declined)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_half_up() {
        let cases = [
            (16, 8, 67),
            (1, 2, 33),
            (1, 1, 50),
            (1, 199, 1),
            (1, 200, 0),
            (5, 0, 100),
            (0, 5, 0),
            (0, 0, 0),
        ];
        for (accepted, declined, expected) in cases {
            assert_eq!(success_rate(accepted, declined), expected, "{accepted} of {accepted} + {declined}");
        }
        assert_eq!(success_rate(u32::MAX, u32::MAX), 50);
    }
}
