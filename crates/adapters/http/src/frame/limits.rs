//! How often somebody may call (contract §3), and the headers that say how much is left.
//!
//! Each limit is a bucket that holds as many requests as may come in its period and refills evenly
//! (GCRA, crate governor): after a pause the whole amount may come at once. A request with a valid
//! access token counts against its user, any other against its address; logins and registrations
//! count against their own limits as well. The headers speak of the limit with the least left.
//!
//! Not counted, and so without these headers: health routes, and preflight requests from allowed
//! origins, which a browser makes by itself and whose answers no page can see.
//!
//! Each process counts by itself.

use std::cell::Cell;
use std::hash::{BuildHasher, Hash, RandomState};
use std::net::{IpAddr, Ipv6Addr};
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use actix_web::http::Method;
use actix_web::http::header::{HeaderName, HeaderValue};
use domain::ids::UserId;
use governor::middleware::StateInformationMiddleware;
use governor::{Quota, RateLimiter};
use ports::environment::Clock;

use super::buckets::Buckets;
use crate::api::RateLimitSettings;
use crate::error::{ApiError, whole_seconds};

/// How often buckets that are full again are dropped.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

const LOGIN: &str = "/api/v1/auth/login";
const REGISTER: &str = "/api/v1/auth/register";

/// All limits of this process.
pub struct RateLimits(Option<Limits>);

struct Limits {
    user: Limit<UserId>,
    address: Limit<AddressKey>,
    login_address: Limit<AddressKey>,
    login_account: Limit<u64>,
    register: Limit<AddressKey>,
    /// Accounts are kept as hashes: short, and nobody's address lies about in memory.
    hasher: RandomState,
    clock: Arc<dyn Clock>,
    /// When to sweep next, in seconds of the monotonic clock.
    sweep_at: AtomicU64,
}

impl RateLimits {
    /// Every bucket is full. `None` switches all limits off.
    #[must_use]
    pub fn new(settings: Option<RateLimitSettings>, clock: &Arc<dyn Clock>) -> Self {
        let Some(settings) = settings else { return Self(None) };
        let RateLimitSettings {
            user_per_minute,
            address_per_minute,
            login_address_per_minute,
            login_account_per_minute,
            register_per_hour,
        } = settings;
        Self(Some(Limits {
            user: Limit::new(Quota::per_minute(user_per_minute), clock),
            address: Limit::new(Quota::per_minute(address_per_minute), clock),
            login_address: Limit::new(Quota::per_minute(login_address_per_minute), clock),
            login_account: Limit::new(Quota::per_minute(login_account_per_minute), clock),
            register: Limit::new(Quota::per_hour(register_per_hour), clock),
            hasher: RandomState::new(),
            sweep_at: AtomicU64::new((clock.monotonic() + SWEEP_EVERY).as_secs()),
            clock: Arc::clone(clock),
        }))
    }

    /// Counts one attempt on an account's password. `account` is its e-mail address or identifier;
    /// case does not matter. `None` when limits are off; what comes out is for [`Shown::tighten`].
    ///
    /// # Errors
    /// 429.
    pub fn check_account(&self, account: &str) -> Result<Option<Standing>, ApiError> {
        let Some(limits) = &self.0 else { return Ok(None) };
        let key = limits.hasher.hash_one(account.trim().to_lowercase());
        limits.login_account.check(&key).map(Some)
    }

    /// Counts one request. `path` is decoded and has its version. `None` when limits are off.
    pub(crate) fn check_request(
        &self,
        user: Option<UserId>,
        address: Option<IpAddr>,
        method: &Method,
        path: &str,
    ) -> Result<Option<Standing>, ApiError> {
        let Some(limits) = &self.0 else { return Ok(None) };
        limits.sweep_when_due();
        let address = AddressKey::from(address);
        let mut standing = match user {
            Some(user) => limits.user.check(&user)?,
            None => limits.address.check(&address)?,
        };
        if method == Method::POST {
            if path == LOGIN {
                standing = standing.tighter(limits.login_address.check(&address)?);
            } else if is_at_or_below(path, REGISTER) {
                standing = standing.tighter(limits.register.check(&address)?);
            }
        }
        Ok(Some(standing))
    }
}

fn is_at_or_below(path: &str, top: &str) -> bool {
    path.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Limits {
    fn sweep_when_due(&self) {
        let now = self.clock.monotonic();
        let due = self.sweep_at.load(Ordering::Relaxed);
        if now.as_secs() < due {
            return;
        }
        let next = (now + SWEEP_EVERY).as_secs();
        // Whoever wins the exchange sweeps.
        if self.sweep_at.compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
            self.user.0.retain_recent();
            self.address.0.retain_recent();
            self.login_address.0.retain_recent();
            self.login_account.0.retain_recent();
            self.register.0.retain_recent();
        }
    }
}

/// An address as it is counted: whoever has one IPv6 address has the 2^64 around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct AddressKey(Option<IpAddr>);

impl From<Option<IpAddr>> for AddressKey {
    fn from(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX))),
            v4 @ IpAddr::V4(_) => v4,
        }))
    }
}

/// The port's clock as governor wants it.
#[derive(Clone)]
struct Monotonic(Arc<dyn Clock>);

impl governor::clock::Clock for Monotonic {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.monotonic()
    }
}

struct Limit<K: Hash + Eq + Clone>(RateLimiter<K, Buckets<K>, Monotonic, StateInformationMiddleware>);

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(quota: Quota, clock: &Arc<dyn Clock>) -> Self {
        Self(RateLimiter::new(quota, Buckets::default(), Monotonic(Arc::clone(clock))))
    }

    fn check(&self, key: &K) -> Result<Standing, ApiError> {
        match self.0.check_key(key) {
            Ok(state) => Ok(Standing::new(state.quota(), state.remaining_burst_capacity())),
            Err(denied) => {
                let wait = denied.wait_time_from(self.0.clock().0.monotonic());
                Err(ApiError::rate_limited(wait, Standing::new(denied.quota(), 0)))
            }
        }
    }
}

/// How a caller stands with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    limit: u32,
    remaining: u32,
    /// Seconds until the bucket is full again.
    reset: u64,
}

impl Standing {
    fn new(quota: Quota, remaining: u32) -> Self {
        let limit = quota.burst_size().get();
        let used = limit.saturating_sub(remaining);
        let reset = whole_seconds(quota.replenish_interval().saturating_mul(used));
        Self { limit, remaining, reset }
    }

    fn tighter(self, other: Self) -> Self {
        if other.remaining < self.remaining { other } else { self }
    }

    /// As the headers of an answer.
    pub(crate) fn headers(self) -> [(HeaderName, HeaderValue); 3] {
        let Self { limit, remaining, reset } = self;
        [
            (LIMIT, HeaderValue::from(limit)),
            (REMAINING, HeaderValue::from(remaining)),
            (RESET, HeaderValue::from(reset)),
        ]
    }
}

/// What the answer's headers will say, shared between the frame and a handler that counts against a
/// limit of its own. Handlers take it as `web::ReqData<Shown>`.
#[derive(Clone, Default)]
pub(crate) struct Shown(Rc<Cell<Option<Standing>>>);

impl Shown {
    /// Adds the standing with a further limit; the one with the least left is shown.
    pub(crate) fn tighten(&self, standing: Option<Standing>) {
        self.0.set(match (self.0.get(), standing) {
            (Some(shown), Some(standing)) => Some(shown.tighter(standing)),
            (shown, standing) => shown.or(standing),
        });
    }

    pub(super) fn get(&self) -> Option<Standing> {
        self.0.get()
    }
}

/// How many requests the bucket holds.
pub(crate) const LIMIT: HeaderName = HeaderName::from_static("ratelimit-limit");
/// How many are left.
pub(crate) const REMAINING: HeaderName = HeaderName::from_static("ratelimit-remaining");
/// In how many seconds it is full again.
pub(crate) const RESET: HeaderName = HeaderName::from_static("ratelimit-reset");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ipv6_addresses_are_counted_by_their_network() {
        let key = |text: &str| AddressKey::from(Some(text.parse().unwrap()));
        assert_eq!(key("2001:db8:1:2:3::4"), key("2001:db8:1:2:ffff::1"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
        assert_ne!(key("192.0.2.1"), key("192.0.2.2"));
    }

    #[test]
    fn only_whole_segments_are_below() {
        for (path, is_below) in [
            ("/api/v1/auth/register", true),
            ("/api/v1/auth/register/customer", true),
            ("/api/v1/auth/registered", false),
            ("/api/v1/auth", false),
        ] {
            assert_eq!(is_at_or_below(path, REGISTER), is_below, "{path}");
        }
    }
}
