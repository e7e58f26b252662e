//! Random walks: whatever anybody tries, the books agree with the contract.

use proptest::prelude::*;

use super::*;
use crate::actor::Party;
use crate::sample::issuer;

/// One try: which command, on which milestone, by whom, and the provider's share in per mille of a
/// decision.
type Try = (usize, i32, usize, i64);

const PARTIES: [Party; 4] = [Party::Client, Party::Provider, Party::Admin, Party::System];

fn tries() -> impl Strategy<Value = Vec<Try>> {
    prop::collection::vec((0..MilestoneCommand::ALL.len(), 1..=5_i32, 0..PARTIES.len(), 0..=1_000_i64), 0..60)
}

struct World {
    order: Order,
    contract: Contract,
    books: Balances,
    funded: i64,
}

impl World {
    fn new(price: i64, weights: &[i64], rule: FeeRule) -> Option<Self> {
        let weights: Vec<_> = weights.iter().map(|weight| Some(*weight)).collect();
        // Some weights are too small for their price: nothing to walk through.
        plan(&weights).split(usd(price)).ok()?;
        let funded = price + rule.client.of(usd(price)).minor();
        let (order, contract, outcome) = awarded(planned(&weights), price, rule, funded);
        let mut books = books(funded);
        book(&mut books, &outcome.transactions);
        Some(Self { order, contract, books, funded })
    }

    fn attempt(&mut self, command: MilestoneCommand, place: i32, party: Party, permille: i64) -> bool {
        let Ok(amount) = self.contract.milestone(number(place)).map(|m| m.amount) else { return false };
        let share = i64::try_from(i128::from(amount.minor()) * i128::from(permille) / 1_000).unwrap();
        let to_provider = if command == MilestoneCommand::DecideForClient { 0 } else { share };
        // What rests may be a cent short of what is to come back; then the wallet has to have it.
        let available = wallet(&self.books, 2);
        let both = (&mut self.order, &mut self.contract);
        let result = if command == MilestoneCommand::Return {
            let kept = both.1.milestone(number(place)).unwrap().kept().unwrap();
            let amount = kept.at_most(usd(to_provider)).unwrap();
            give_back(both.1, (number(place), amount), usd(available), issuer(party), day(60))
                .map(|outcome| outcome.transactions)
        } else {
            issue(both, command, number(place), usd(to_provider), issuer(party), day(60))
        };
        match result {
            Ok(transactions) => {
                book(&mut self.books, &transactions);
                true
            }
            Err(error) => {
                assert!(
                    matches!(
                        error,
                        ContractError::Refused(_)
                            | ContractError::TooEarly { .. }
                            | ContractError::NotClearing { .. }
                            | ContractError::NothingProposed
                            | ContractError::InsufficientFunds { .. }
                    ),
                    "{error:?}"
                );
                false
            }
        }
    }

    fn check(&self) {
        let (id, escrow) = (self.contract.id, &self.contract.escrow);
        let held = balance(&self.books, Account::ContractEscrow(id));
        let disputed = balance(&self.books, Account::ContractDisputed(id));
        assert_eq!(held, escrow.held().unwrap().minor());
        assert_eq!(disputed, escrow.disputed.minor());
        let resting = balance(&self.books, Account::UserClearing(user(2)));
        let provider = wallet(&self.books, 2) + resting;
        let fees = balance(&self.books, Account::PlatformFees);
        let back = wallet(&self.books, 1);
        let state = self.contract.state;
        assert!(held + disputed == 0 || ContractState::HOLDING.contains(&state), "{state}");
        assert!(provider == 0 || ContractState::EARNING.contains(&state), "{state}");
        assert_eq!(held + disputed, self.funded - (provider + fees) - back);
        assert_eq!(provider, escrow.provider_net().unwrap().minor());
        let rule = escrow.fees;
        let taken = rule.provider.of(escrow.released).minor() + rule.client.of(escrow.released).minor();
        assert_eq!(fees, taken, "any partition and any order costs the same");
        assert_eq!(self.books.total(Currency::Usd), 0);
        let shares = self.contract.milestones.iter().map(|milestone| milestone.amount);
        assert_eq!(Money::sum(shares, Currency::Usd), Ok(escrow.price));
        let nets =
            self.contract.milestones.iter().filter(|m| m.cleared_at.is_none() && m.clears_at.is_some());
        // What came back was taken of it first.
        let gone =
            |m: &Milestone| m.returned.map_or(0, |back| back.gross.minor() - back.provider_fee.minor());
        let nets = nets.map(|m| (m.released.unwrap().net().unwrap().minor() - gone(m)).max(0));
        assert_eq!(resting, nets.sum::<i64>(), "what rests is what has not cleared");
        let all_settled = self.contract.milestones.iter().all(|m| m.state.is_settled());
        assert_eq!(self.order.state.is_final(), all_settled);
        assert_eq!(all_settled, held + disputed == 0 && self.contract.ended_at.is_some());
    }

    /// Brings what is not settled to its end.
    fn finish(&mut self) {
        for place in 1..=i32::try_from(self.contract.milestones.len()).unwrap() {
            self.attempt(MilestoneCommand::Submit, place, Party::Provider, 0);
            self.attempt(MilestoneCommand::Approve, place, Party::Client, 0);
            self.attempt(MilestoneCommand::DecideForProvider, place, Party::Admin, 500);
            self.attempt(MilestoneCommand::Clear, place, Party::System, 0);
            self.check();
        }
        assert!(self.order.state.is_final());
        assert_eq!(balance(&self.books, Account::UserClearing(user(2))), 0, "everything clears");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn the_books_agree_with_the_contract(
        price in prop_oneof![1..=1_000_i64, 1..=Money::MAX_MINOR, Just(Money::MAX_MINOR)],
        weights in prop::collection::vec(1..=10_000_i64, 1..=5),
        provider in 0..=10_000_u16,
        client in 0..=10_000_u16,
        tries in tries(),
    ) {
        if let Some(mut world) = World::new(price, &weights, fees(provider, client)) {
            world.check();
            for (command, place, party, permille) in tries {
                world.attempt(MilestoneCommand::ALL[command], place, PARTIES[party], permille);
                world.check();
            }
            world.finish();
        }
    }

    #[test]
    fn any_order_of_approvals_costs_the_same(
        price in 1..=1_000_000_i64,
        order in Just(vec![1, 2, 3, 4, 5]).prop_shuffle(),
        rate in 0..=10_000_u16,
    ) {
        if let Some(mut world) = World::new(price, &[1; 5], fees(rate, 0)) {
            for place in order {
                prop_assert!(world.attempt(MilestoneCommand::Submit, place, Party::Provider, 0));
                prop_assert!(world.attempt(MilestoneCommand::Approve, place, Party::Client, 0));
                prop_assert!(world.attempt(MilestoneCommand::Clear, place, Party::System, 0));
                prop_assert!(!world.attempt(MilestoneCommand::Clear, place, Party::System, 0), "once");
            }
            let fee = fees(rate, 0).provider.of(usd(price)).minor();
            prop_assert_eq!(wallet(&world.books, 2), price - fee);
        }
    }
}
