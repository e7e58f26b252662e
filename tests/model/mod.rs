//! Random commands, legal and illegal, by random people, issued to a simple model and to the program over
//! PostgreSQL: both must say the same, and leave the same in every wallet, after each of them. The whole
//! books are checked after each case.
//!
//! `MODEL_CASES` says how many cases are played; a few by default, thousands over night. A case that
//! fails is made as small as it can be before it is shown.

mod books;
mod world;

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use books::{Books, Command, InDispute, Terms, Who};
use world::World;

const CASES: u32 = 6;

fn terms() -> impl Strategy<Value = Terms> {
    let fees = (0..=2_500_u16, 0..=1_000_u16);
    (3..=20_000_i64, 1..=3_usize, fees, 1..=5_u8, 0..=3_u8).prop_map(
        |(price, steps, (provider_bps, client_bps), release_days, clearance_days)| Terms {
            price,
            steps,
            provider_bps,
            client_bps,
            release_days,
            clearance_days,
        },
    )
}

/// Mostly those whom a command is meant for, else nothing would ever come of it.
fn who(mostly: Who) -> impl Strategy<Value = Who> {
    let anybody = [Who::Client, Who::Provider, Who::OtherClient, Who::OtherProvider, Who::Admin];
    prop_oneof![4 => Just(mostly), 1 => prop::sample::select(anybody.to_vec())]
}

fn issued() -> impl Strategy<Value = (Who, Command)> {
    let (client, provider) = (|| who(Who::Client), || who(Who::Provider));
    let step = || 0..4_usize;
    let minor = || prop_oneof![1 => Just(0_i64), 9 => 1..=9_000_i64];
    prop_oneof![
        3 => (client(), prop_oneof![minor(), 10_000..=30_000_i64]).prop_map(|(who, minor)| (who, Command::PayIn { minor })),
        4 => client().prop_map(|who| (who, Command::Fund)),
        1 => client().prop_map(|who| (who, Command::Cancel)),
        3 => (provider(), step()).prop_map(|(who, step)| (who, Command::Start { step })),
        8 => (provider(), step()).prop_map(|(who, step)| (who, Command::Submit { step })),
        2 => (client(), step()).prop_map(|(who, step)| (who, Command::RequestChanges { step })),
        6 => (client(), step()).prop_map(|(who, step)| (who, Command::Approve { step })),
        1 => (provider(), step()).prop_map(|(who, step)| (who, Command::Refund { step })),
        2 => (client(), minor()).prop_map(|(who, minor)| (who, Command::GiveBonus { minor })),
        6 => disputed(),
        2 => (provider(), minor()).prop_map(|(who, minor)| (who, Command::Withdraw { minor })),
        1 => (provider(), 0..3_usize).prop_map(|(who, withdrawal)| (who, Command::TakeBack { withdrawal })),
        1 => (who(Who::Admin), 0..3_usize).prop_map(|(who, withdrawal)| (who, Command::Reject { withdrawal })),
        4 => prop_oneof![9 => 0..=4_i64, 1 => 7..=31_i64].prop_map(|days| (Who::Admin, Command::Wait { days })),
    ]
}

fn disputed() -> impl Strategy<Value = (Who, Command)> {
    let side = || prop_oneof![who(Who::Client), who(Who::Provider)];
    let offer = || 0..3_usize;
    let minor = || prop_oneof![1 => Just(0_i64), 6 => 1..=2_000_i64, 1 => 2_000..=20_000_i64];
    let about = prop_oneof![
        3 => (side(), minor()).prop_map(|(who, minor)| (who, InDispute::Open { minor })),
        3 => (side(), minor()).prop_map(|(who, minor)| (who, InDispute::Offer { minor })),
        2 => (side(), offer()).prop_map(|(who, offer)| (who, InDispute::AcceptOffer { offer })),
        1 => (side(), offer()).prop_map(|(who, offer)| (who, InDispute::RejectOffer { offer })),
        2 => side().prop_map(|who| (who, InDispute::Escalate)),
        2 => (who(Who::Admin), minor()).prop_map(|(who, minor)| (who, InDispute::Decide { minor })),
    ];
    (0..4_usize, about).prop_map(|(step, (who, command))| (who, Command::InDispute { step, command }))
}

async fn play(world: &World, terms: &Terms, commands: &[(Who, Command)]) {
    let (mut case, amounts) = world.case(terms).await;
    let mut books = Books::new(terms.clone(), &amounts);
    for (who, command) in commands {
        let expected = books.issue(*who, *command);
        assert_eq!(case.issue(*who, *command).await, expected, "{command:?} by {who:?}: {books:?}");
        assert_eq!(case.order().await, books.order(), "after {command:?} by {who:?}");
        for owner in [Who::Client, Who::Provider, Who::OtherClient, Who::OtherProvider] {
            let (is, should) = (case.wallet(owner).await, books.wallet(owner));
            assert_eq!(is, should, "of {owner:?} after {command:?} by {who:?}: {books:?}");
        }
    }
    world.must_add_up().await;
}

#[test]
fn the_program_does_what_the_model_says() {
    let cases = std::env::var("MODEL_CASES").ok().map_or(CASES, |cases| cases.parse().expect("a number"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let world = runtime.block_on(World::new());
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let commands = prop::collection::vec(issued(), 10..50);
    let outcome = TestRunner::new(config).run(&(terms(), commands), |(terms, commands)| {
        runtime.block_on(play(&world, &terms, &commands));
        Ok(())
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
