//! Sets of states as they stand in statements. Indexes are used only where a statement has their very
//! words, so that these cannot be bound; a test holds them to the domain's constants.

/// `BidState::LIVE`, as in the index `bids_one_live`.
macro_rules! live {
    () => {
        "('open', 'changed', 'countered')"
    };
}

/// `BidState::HINDERING`.
macro_rules! hindering {
    () => {
        "('open', 'changed', 'countered', 'declined')"
    };
}

/// `ContractState::HOLDING`.
macro_rules! holding {
    () => {
        "('active', 'disputed')"
    };
}

/// `ContractState::EARNING`.
macro_rules! earning {
    () => {
        "('active', 'disputed', 'completed')"
    };
}

pub(crate) use {earning, hindering, holding, live};

#[cfg(test)]
mod tests {
    use domain::bidding::BidState;
    use domain::contracts::ContractState;

    const MIGRATION: &str = include_str!("../../../../migrations/00000000000004_marketplace/up.sql");

    fn literal<'a>(words: impl Iterator<Item = &'a str>) -> String {
        format!("({})", words.map(|word| format!("'{word}'")).collect::<Vec<_>>().join(", "))
    }

    #[test]
    fn they_are_those_of_the_domain() {
        let bids = |states: &[BidState]| literal(states.iter().map(|state| state.as_str()));
        let contracts = |states: &[ContractState]| literal(states.iter().map(|state| state.as_str()));
        let table = [
            (live!(), bids(BidState::LIVE)),
            (hindering!(), bids(BidState::HINDERING)),
            (holding!(), contracts(ContractState::HOLDING)),
            (earning!(), contracts(ContractState::EARNING)),
        ];
        for (here, there) in table {
            assert_eq!(here, there);
        }
    }

    #[test]
    fn the_index_has_the_same_words() {
        let index = "CREATE UNIQUE INDEX bids_one_live ON bids (order_id, provider_id) WHERE state IN ";
        assert!(MIGRATION.contains(&format!("{index}{};", live!())));
    }
}
