//! Handing facts out until none is left.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ids::EventId;
use ports::outbox::{Dispatch, Dispatched, OutboxReader, Reading, StoredFact};
use ports::store::{StoreError, UnitOfWork};
use usecases::outbox::{DispatchFacts, Rest};
use uuid::Uuid;

use super::world::World;

/// Facts by number. Some are poisoned, so that every reader refuses them; some take so long that no
/// batch of more than so many is done in time with one of them.
#[derive(Default)]
struct Facts {
    waiting: Mutex<VecDeque<u128>>,
    poisoned: Vec<u128>,
    slow: Vec<u128>,
    in_time: usize,
    done: Mutex<Vec<u128>>,
    set_aside: Mutex<Vec<u128>>,
    rounds: Mutex<Vec<usize>>,
    is_elsewhere: bool,
    /// Is written while the first batch goes out.
    meanwhile: Mutex<Option<u128>>,
}

impl Facts {
    fn new(count: u128, poisoned: &[u128]) -> Arc<Self> {
        let waiting = Mutex::new((1..=count).collect());
        Arc::new(Self { waiting, poisoned: poisoned.to_vec(), ..Self::default() })
    }
}

#[async_trait]
impl Dispatch for Facts {
    async fn is_pending(&self, _: DateTime<Utc>) -> Result<bool, StoreError> {
        Ok(!self.waiting.lock().unwrap().is_empty())
    }

    async fn dispatch(
        &self,
        _: &[Arc<dyn OutboxReader>],
        _: DateTime<Utc>,
        limit: u32,
    ) -> Result<Dispatched, StoreError> {
        if self.is_elsewhere {
            return Ok(Dispatched::Elsewhere);
        }
        let mut waiting = self.waiting.lock().unwrap();
        let count = waiting.len().min(usize::try_from(limit).unwrap());
        self.rounds.lock().unwrap().push(count);
        let batch: Vec<_> = waiting.iter().copied().take(count).collect();
        let has_one_of = |facts: &[u128]| batch.iter().any(|fact| facts.contains(fact));
        let error = if has_one_of(&self.poisoned) {
            Some(StoreError::Refused("poison".into()))
        } else if count > self.in_time && has_one_of(&self.slow) {
            Some(StoreError::TimedOut("as slow as poison".into()))
        } else {
            None
        };
        if let Some(error) = error {
            return Ok(Dispatched::Refused { first: EventId::new(Uuid::from_u128(batch[0])), count, error });
        }
        waiting.drain(..count);
        waiting.extend(self.meanwhile.lock().unwrap().take());
        self.done.lock().unwrap().extend(batch);
        Ok(Dispatched::Facts(count))
    }

    async fn set_aside(&self, fact: EventId, error: &str, _: DateTime<Utc>) -> Result<(), StoreError> {
        assert!(error.contains("poison"));
        let number = fact.uuid().as_u128();
        self.waiting.lock().unwrap().retain(|waiting| *waiting != number);
        self.set_aside.lock().unwrap().push(number);
        Ok(())
    }
}

struct Nobody;

impl OutboxReader for Nobody {
    fn name(&self) -> &'static str {
        "nobody"
    }

    fn read<'a>(&'a self, _: &'a [StoredFact], _: &'a mut dyn UnitOfWork) -> Reading<'a> {
        Box::pin(std::future::ready(Ok(())))
    }
}

fn dispatcher(facts: &Arc<Facts>) -> DispatchFacts {
    let world = World::default();
    DispatchFacts::new(facts.clone(), vec![Arc::new(Nobody)], world.clock)
}

#[tokio::test]
async fn all_go_out_in_batches() {
    let facts = Facts::new(450, &[]);
    assert_eq!(dispatcher(&facts).execute().await.unwrap(), Rest::Nothing);
    assert_eq!(*facts.done.lock().unwrap(), (1..=450).collect::<Vec<_>>());
    assert_eq!(*facts.rounds.lock().unwrap(), [200, 200, 50]);
}

#[tokio::test]
async fn a_poisoned_fact_is_set_aside_and_holds_up_nobody() {
    let facts = Facts::new(450, &[7, 9, 301]);
    assert_eq!(dispatcher(&facts).execute().await.unwrap(), Rest::Nothing);
    let expected: Vec<_> = (1..=450).filter(|fact| ![7, 9, 301].contains(fact)).collect();
    assert_eq!(*facts.done.lock().unwrap(), expected, "in their order");
    assert_eq!(*facts.set_aside.lock().unwrap(), [7, 9, 301]);
}

#[tokio::test]
async fn many_poisoned_facts_are_set_aside_as_well() {
    let poisoned: Vec<u128> = (100..=420).collect();
    let facts = Facts::new(450, &poisoned);
    assert_eq!(dispatcher(&facts).execute().await.unwrap(), Rest::Nothing);
    let expected: Vec<_> = (1..=450).filter(|fact| !poisoned.contains(fact)).collect();
    assert_eq!(*facts.done.lock().unwrap(), expected);
    assert_eq!(*facts.set_aside.lock().unwrap(), poisoned);
}

#[tokio::test]
async fn a_batch_that_takes_too_long_is_halved_until_it_is_done() {
    let waiting = Mutex::new((1..=450).collect());
    let facts = Arc::new(Facts { waiting, slow: (1..=200).collect(), in_time: 60, ..Facts::default() });
    assert_eq!(dispatcher(&facts).execute().await.unwrap(), Rest::Nothing);
    assert_eq!(*facts.done.lock().unwrap(), (1..=450).collect::<Vec<_>>());
    let (halved, full) = ([200, 100, 50, 50, 50, 50], [200, 50]);
    assert_eq!(*facts.rounds.lock().unwrap(), [&halved[..], &full[..]].concat());
}

#[tokio::test]
async fn a_fact_that_takes_too_long_by_itself_holds_up_nobody() {
    let waiting = Mutex::new((1..=450).collect());
    let facts = Arc::new(Facts { waiting, slow: vec![150], in_time: 0, ..Facts::default() });
    assert_eq!(dispatcher(&facts).execute().await.unwrap(), Rest::Nothing);
    let expected: Vec<_> = (1..=450).filter(|fact| *fact != 150).collect();
    assert_eq!(*facts.done.lock().unwrap(), expected);
    assert_eq!(*facts.set_aside.lock().unwrap(), [150]);
}

#[tokio::test]
async fn what_is_written_during_the_last_batch_is_left_for_the_next_round() {
    let waiting = Mutex::new([1, 2].into());
    let facts = Arc::new(Facts { waiting, meanwhile: Mutex::new(Some(3)), ..Facts::default() });
    let dispatcher = dispatcher(&facts);
    for done in [vec![1, 2], vec![1, 2, 3]] {
        assert_eq!(dispatcher.execute().await.unwrap(), Rest::Nothing);
        assert_eq!(*facts.done.lock().unwrap(), done);
    }
    assert_eq!(*facts.rounds.lock().unwrap(), [2, 1]);
}

#[tokio::test]
async fn whoever_comes_second_says_so() {
    let facts = Arc::new(Facts { waiting: Mutex::new([1].into()), is_elsewhere: true, ..Facts::default() });
    assert_eq!(dispatcher(&facts).execute().await.unwrap(), Rest::Elsewhere);
}

#[tokio::test]
async fn without_readers_facts_wait_for_the_first_one() {
    let facts = Facts::new(3, &[]);
    let dispatcher = DispatchFacts::new(facts.clone(), Vec::new(), World::default().clock);
    assert_eq!(dispatcher.execute().await.unwrap(), Rest::Nothing);
    assert_eq!(facts.waiting.lock().unwrap().len(), 3, "nobody has been told of them");
}
