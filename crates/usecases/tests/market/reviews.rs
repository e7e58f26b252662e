//! What the two sides say about each other.

use domain::contracts::Stars;
use domain::orders::OrderEvent;
use ports::environment::Clock;

use super::world::{Deal, World, now, unknown_order, word};

#[tokio::test]
async fn each_side_says_it_once() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    for (by, about, stars) in [(&deal.client, &deal.provider, 5), (&deal.provider, &deal.client, 2)] {
        let before = world.figures(by).await;
        let review = now(world.review(by, deal.order, stars).await.unwrap());
        assert_eq!((review.order_id, review.author_id), (deal.order, by.user_id));
        assert_eq!((review.subject_id, review.rating.get()), (about.user_id, stars));
        assert_eq!(review.created_at, world.clock.now());
        let fact = OrderEvent::Reviewed {
            order_id: deal.order,
            author_id: by.user_id,
            subject_id: about.user_id,
            rating: Stars::new(stars).unwrap(),
        };
        assert_eq!(world.news(), [fact.into()]);
        let figures = world.figures(about).await;
        assert_eq!((figures.rating_sum, figures.rating_count), (u32::try_from(stars).unwrap(), 1));
        assert_eq!(world.figures(by).await, before, "it counts for the other side");
        assert_eq!(word(&world.review(by, deal.order, 1).await), "already_reviewed completed");
        assert_eq!(world.figures(about).await, figures);
        assert!(world.told().is_empty());
    }
}

#[tokio::test]
async fn ratings_add_up_over_orders() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    world.review(&deal.client, deal.order, 5).await.unwrap();
    let second = world.posted(&deal.client).await;
    let bid = world.placed(&deal.provider, second, 100).await;
    world.award(&deal.client, bid).await.unwrap();
    assert_eq!(word(&world.review(&deal.client, second, 4).await), "invalid_transition active");
    world.submit(&deal.provider, second, 1).await.unwrap();
    world.approve(&deal.client, second, 1).await.unwrap();
    world.review(&deal.client, second, 4).await.unwrap();
    let figures = world.figures(&deal.provider).await;
    assert_eq!((figures.rating_sum, figures.rating_count, figures.orders_completed), (9, 2, 2));
    assert_eq!(figures.rating().map(|rating| rating.hundredths()), Some(450));
}

#[tokio::test]
async fn nobody_else_has_a_say() {
    let world = World::new();
    let deal = Deal::completed(&world).await;
    for (by, expected) in
        [(&deal.other_client, "not_found"), (&deal.other_provider, "not_found"), (&deal.admin, "forbidden")]
    {
        assert_eq!(word(&world.review(by, deal.order, 1).await), expected);
    }
    assert_eq!(word(&world.review(&deal.client, unknown_order(), 1).await), "not_found");
    assert!(world.told().is_empty());
    assert_eq!(world.figures(&deal.provider).await.rating_count, 0);
}
