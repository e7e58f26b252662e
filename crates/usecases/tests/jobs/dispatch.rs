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

/// Facts by number. Some are poisoned, so that every reader refuses them.
#[derive(Default)]
struct Facts {
    waiting: Mutex<VecDeque<u128>>,
    poisoned: Vec<u128>,
    done: Mutex<Vec<u128>>,
    set_aside: Mutex<Vec<u128>>,
    rounds: Mutex<usize>,
    is_elsewhere: bool,
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
        *self.rounds.lock().unwrap() += 1;
        if self.is_elsewhere {
            return Ok(Dispatched::Elsewhere);
        }
        let mut waiting = self.waiting.lock().unwrap();
        let count = waiting.len().min(usize::try_from(limit).unwrap());
        let batch: Vec<_> = waiting.iter().copied().take(count).collect();
        if batch.iter().any(|fact| self.poisoned.contains(fact)) {
            let error = StoreError::Refused("poison".into());
            return Ok(Dispatched::Refused { first: EventId::new(Uuid::from_u128(batch[0])), count, error });
        }
        waiting.drain(..count);
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
    DispatchFacts { facts: facts.clone(), readers: vec![Arc::new(Nobody)], clock: world.clock }
}

#[tokio::test]
async fn all_go_out_in_batches() {
    let facts = Facts::new(450, &[]);
    assert_eq!(dispatcher(&facts).execute().await.unwrap(), Rest::Nothing);
    assert_eq!(*facts.done.lock().unwrap(), (1..=450).collect::<Vec<_>>());
    assert_eq!(*facts.rounds.lock().unwrap(), 3);
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
async fn whoever_comes_second_says_so() {
    let facts = Arc::new(Facts { waiting: Mutex::new([1].into()), is_elsewhere: true, ..Facts::default() });
    assert_eq!(dispatcher(&facts).execute().await.unwrap(), Rest::Elsewhere);
}

#[tokio::test]
async fn without_readers_facts_wait_for_the_first_one() {
    let facts = Facts::new(3, &[]);
    let dispatcher = DispatchFacts { readers: Vec::new(), ..dispatcher(&facts) };
    assert_eq!(dispatcher.execute().await.unwrap(), Rest::Nothing);
    assert_eq!(facts.waiting.lock().unwrap().len(), 3, "nobody has been told of them");
}
