//! Facts of every context go out to whoever reads them, from the first row ever written.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use ports::environment::Clock;
use ports::outbox::{OutboxReader, Reading, StoredFact};
use ports::store::UnitOfWork;
use serde_json::json;
use usecases::outbox::{DispatchFacts, Rest};

use super::{Market, command};
use crate::flows::dispatch::open;

#[derive(Default)]
struct Names(Mutex<Vec<String>>);

impl OutboxReader for Names {
    fn name(&self) -> &'static str {
        "names"
    }

    fn read<'a>(&'a self, facts: &'a [StoredFact], _: &'a mut dyn UnitOfWork) -> Reading<'a> {
        self.0.lock().unwrap().extend(facts.iter().map(|fact| fact.name.clone()));
        Box::pin(std::future::ready(Ok(())))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_reader_is_told_the_whole_story() {
    let market = Market::open().await;
    let order = market.active(json!({}), "30").await;
    market.submit(&order, 1).await;
    command(&market.client, &format!("/api/v1/orders/{order}/milestones/1/approve")).await.data(200);

    let names = Arc::new(Names::default());
    let dispatch = DispatchFacts {
        facts: Arc::new(open(market.app.database_url())),
        readers: vec![Arc::clone(&names) as Arc<dyn OutboxReader>],
        clock: Arc::clone(&market.app.clock) as Arc<dyn Clock>,
    };
    assert_eq!(dispatch.execute().await.unwrap(), Rest::Nothing);
    let told = std::mem::take(&mut *names.0.lock().unwrap());
    assert_eq!(told[0], "user.registered", "the first row of all");
    let contexts: BTreeSet<_> = told.iter().filter_map(|name| name.split('.').next()).collect();
    for context in ["user", "order", "bid", "contract", "milestone", "deposit", "payment"] {
        assert!(contexts.contains(context), "{context} is not in {told:?}");
    }
    let count = told.len();
    assert!(market.app.holds(&format!("(SELECT count(*) FROM outbox) = {count}")).await, "all of them");
    assert!(market.app.holds("NOT EXISTS (SELECT FROM outbox WHERE dispatched_at IS NULL)").await);
    dispatch.execute().await.unwrap();
    assert!(names.0.lock().unwrap().is_empty(), "and once");
}
