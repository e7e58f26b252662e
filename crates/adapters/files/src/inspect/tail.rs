//! The last bytes of a stream.

/// Keeps the last bytes that were pushed, at least as many as it was told to.
#[derive(Debug)]
pub(super) struct Tail {
    bytes: Vec<u8>,
    keep: usize,
}

impl Tail {
    pub(super) const fn new(keep: usize) -> Self {
        Self { bytes: Vec::new(), keep }
    }

    /// Keeps more from now on.
    pub(super) const fn keep(&mut self, keep: usize) {
        self.keep = keep;
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        self.bytes.extend_from_slice(piece);
        // Not at every piece: what is moved must be worth moving.
        if self.bytes.len() > self.keep.saturating_mul(2) {
            let surplus = self.bytes.len().saturating_sub(self.keep);
            self.bytes.drain(..surplus);
        }
    }

    /// What is there: everything, or the end of it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept_whatever_the_pieces() {
        let all: Vec<u8> = (0..=255).cycle().take(1_000).collect();
        for size in [1, 3, 64, 999, 1_000] {
            let mut tail = Tail::new(16);
            all.chunks(size).for_each(|piece| tail.push(piece));
            assert!(tail.bytes().len() >= 16 && tail.bytes().len() <= 32, "{size}");
            assert!(all.ends_with(tail.bytes()), "{size}");
        }
    }
}
