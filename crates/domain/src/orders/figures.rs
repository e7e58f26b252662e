//! Percentages shown about orders and bids, in whole per cent.

/// `part` of `whole` in per cent, rounded half up; `None` of nothing.
pub(crate) fn percentage(part: u32, whole: u64) -> Option<u32> {
    let doubled = (u64::from(part) * 200).checked_add(whole)?.checked_div(whole.checked_mul(2)?)?;
    u32::try_from(doubled).ok()
}

/// How many of a client's awarded orders that came to an end were completed, in per cent
/// (`client.completion_rate`); `None` before the first one.
#[must_use]
pub fn completion_rate(completed: u32, cancelled_after_award: u32) -> Option<u32> {
    percentage(completed, u64::from(completed) + u64::from(cancelled_after_award))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_half_up() {
        let cases =
            [(22, 1, Some(96)), (1, 1, Some(50)), (1, 7, Some(13)), (0, 3, Some(0)), (3, 0, Some(100))];
        for (completed, cancelled, expected) in cases {
            assert_eq!(completion_rate(completed, cancelled), expected, "{completed}, {cancelled}");
        }
        assert_eq!(completion_rate(0, 0), None);
        assert_eq!(completion_rate(u32::MAX, u32::MAX), Some(50));
    }
}
