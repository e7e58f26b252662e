//! What all handlers share.

use std::fmt;
use std::num::{NonZeroU32, NonZeroUsize};
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use ports::environment::{Clock, DatabaseHealth, Ids};
use secrecy::SecretString;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use usecases::identity::Authenticate;

use crate::agreements::AgreementUseCases;
use crate::audit::AuditUseCases;
use crate::bidding::BidUseCases;
use crate::contracts::ContractUseCases;
use crate::disputes::DisputeUseCases;
use crate::extract::UploadPlaces;
use crate::files::FileUseCases;
use crate::frame::limits::RateLimits;
use crate::frame::shedding::InFlight;
use crate::health::probe::DatabaseProbe;
use crate::identity::IdentityUseCases;
use crate::jobs::JobUseCases;
use crate::messaging::MessagingUseCases;
use crate::money::MoneyUseCases;
use crate::notifications::NotificationUseCases;
use crate::orders::OrderUseCases;
use crate::profiles::ProfileUseCases;

/// State of the adapter, one for all workers: handlers take it as `web::Data<Api>`.
pub struct Api {
    /// What the handlers of accounts and logins call.
    pub use_cases: IdentityUseCases,
    /// What the handlers of wallets and withdrawals call.
    pub money: MoneyUseCases,
    /// What the handlers of orders call.
    pub orders: OrderUseCases,
    /// What the handlers of bids call.
    pub bids: BidUseCases,
    /// What the handlers of contracts call.
    pub contracts: ContractUseCases,
    /// What the handlers of proposals call.
    pub agreements: AgreementUseCases,
    /// What the handlers of disputes call.
    pub disputes: DisputeUseCases,
    /// What the handlers of notifications call.
    pub notifications: NotificationUseCases,
    /// What the handlers of profiles and rankings call.
    pub profiles: ProfileUseCases,
    /// What the handlers of background work call.
    pub jobs: JobUseCases,
    /// What the handlers of the books call.
    pub audit: AuditUseCases,
    /// What the handlers of chats call.
    pub messaging: MessagingUseCases,
    /// What the handlers of files call.
    pub files: FileUseCases,
    /// Reads access tokens.
    pub authenticate: Arc<Authenticate>,
    /// Whether the program may be sent requests.
    pub readiness: Arc<dyn Readiness>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    /// How often somebody may call.
    pub limits: RateLimits,
    /// What can be set.
    pub settings: HttpSettings,
    /// Commands under way; shutdown waits for them.
    pub tasks: TaskTracker,
    /// Where commands run: the main runtime, which outlives every connection.
    pub runtime: Handle,
    pub(crate) database: DatabaseProbe,
    pub(crate) in_flight: InFlight,
    pub(crate) uploads: UploadPlaces,
    pub(crate) started_at: Duration,
}

/// What an [`Api`] is made of.
pub struct Dependencies {
    /// What the handlers of accounts and logins call.
    pub use_cases: IdentityUseCases,
    /// What the handlers of wallets and withdrawals call.
    pub money: MoneyUseCases,
    /// What the handlers of orders call.
    pub orders: OrderUseCases,
    /// What the handlers of bids call.
    pub bids: BidUseCases,
    /// What the handlers of contracts call.
    pub contracts: ContractUseCases,
    /// What the handlers of proposals call.
    pub agreements: AgreementUseCases,
    /// What the handlers of disputes call.
    pub disputes: DisputeUseCases,
    /// What the handlers of notifications call.
    pub notifications: NotificationUseCases,
    /// What the handlers of profiles and rankings call.
    pub profiles: ProfileUseCases,
    /// What the handlers of background work call.
    pub jobs: JobUseCases,
    /// What the handlers of the books call.
    pub audit: AuditUseCases,
    /// What the handlers of chats call.
    pub messaging: MessagingUseCases,
    /// What the handlers of files call.
    pub files: FileUseCases,
    /// Reads access tokens.
    pub authenticate: Arc<Authenticate>,
    /// Whether the database answers.
    pub health: Arc<dyn DatabaseHealth>,
    /// Whether the program may be sent requests.
    pub readiness: Arc<dyn Readiness>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Identifiers.
    pub ids: Arc<dyn Ids>,
    /// What can be set.
    pub settings: HttpSettings,
    /// Commands under way; shutdown waits for them.
    pub tasks: TaskTracker,
    /// The main runtime.
    pub runtime: Handle,
}

impl Api {
    /// Puts the adapter's state together; nothing is asked of the outside yet.
    #[must_use]
    pub fn new(dependencies: Dependencies) -> Self {
        let Dependencies {
            use_cases,
            money,
            orders,
            bids,
            contracts,
            agreements,
            disputes,
            notifications,
            profiles,
            jobs,
            audit,
            messaging,
            files,
            authenticate,
            health,
            readiness,
            clock,
            ids,
            settings,
            tasks,
            runtime,
        } = dependencies;
        Self {
            limits: RateLimits::new(settings.rate_limits, &clock),
            database: DatabaseProbe::new(health, Arc::clone(&clock), runtime.clone()),
            in_flight: InFlight::new(settings.max_in_flight),
            uploads: UploadPlaces::new(settings.max_in_flight),
            started_at: clock.monotonic(),
            use_cases,
            money,
            orders,
            bids,
            contracts,
            agreements,
            disputes,
            notifications,
            profiles,
            jobs,
            audit,
            messaging,
            files,
            authenticate,
            readiness,
            clock,
            ids,
            settings,
            tasks,
            runtime,
        }
    }
}

/// What stands in the way of serving, beside the database's being down, which the adapter finds out
/// by itself.
pub trait Readiness: Send + Sync {
    /// Why requests should go elsewhere at present, such as `shutting down` or `the schema is not
    /// current`; `None` when nothing is in the way. Asked often: it must not block.
    fn obstacle(&self) -> Option<&'static str>;

    /// Why requests that come all the same cannot be served, such as a schema that is not there yet.
    /// `None` while shutting down: what still reaches a server on its way out is served.
    fn barrier(&self) -> Option<&'static str>;
}

/// What the adapter needs to know of the settings.
#[derive(Clone)]
pub struct HttpSettings {
    /// Shown in the health documents.
    pub service: &'static str,
    /// Shown in the health documents.
    pub version: &'static str,
    /// Whether this is production (shown in `/api/v1/status`).
    pub production: bool,
    /// Whose web pages may call.
    pub cors_origins: Vec<CorsOrigin>,
    /// Whose `X-Forwarded-For` and `X-Forwarded-Proto` count.
    pub trusted_proxies: Vec<IpNet>,
    /// Refuse plain HTTP and send HSTS.
    pub force_https: bool,
    /// Lets others than loopback read the metrics and the detailed health.
    pub metrics_token: Option<SecretString>,
    /// `None`: nothing is limited, and no headers speak of limits.
    pub rate_limits: Option<RateLimitSettings>,
    /// Requests served at once; further ones are turned away.
    pub max_in_flight: NonZeroUsize,
    /// Largest JSON body in bytes (contract §2: 256 KiB).
    pub max_body_bytes: usize,
    /// How long a body may take to arrive; of an uploaded file, each piece.
    pub body_timeout: Duration,
    /// Largest file that may be uploaded, in bytes.
    pub max_upload_bytes: u64,
    /// How long an uploaded file may take to arrive, all of it.
    pub upload_timeout: Duration,
    /// How long a shutdown waits for running requests.
    pub shutdown_grace: Duration,
    /// Writes down the metrics for Prometheus.
    pub render_metrics: Arc<dyn Fn() -> String + Send + Sync>,
}

/// Largest JSON body in bytes (contract §2).
pub const MAX_BODY_BYTES: usize = 256 * 1024;

/// How long a body may take to arrive.
pub const BODY_TIMEOUT: Duration = Duration::from_secs(15);

/// How long an uploaded file may take to arrive: the largest one over a slow line.
pub const UPLOAD_TIMEOUT: Duration = Duration::from_secs(600);

impl fmt::Debug for HttpSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpSettings")
            .field("service", &self.service)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// One entry of the CORS allow-list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CorsOrigin {
    /// Exactly this origin, as a browser sends it.
    Exact(String),
    /// This scheme and host with whatever port, or none.
    AnyPort {
        /// `http` or `https`.
        scheme: String,
        /// Such as `localhost`.
        host: String,
    },
}

/// How often somebody may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimitSettings {
    /// Requests a minute per person who is logged in.
    pub user_per_minute: NonZeroU32,
    /// Requests a minute per address without login.
    pub address_per_minute: NonZeroU32,
    /// Logins a minute per address.
    pub login_address_per_minute: NonZeroU32,
    /// Logins a minute per account.
    pub login_account_per_minute: NonZeroU32,
    /// Registrations an hour per address.
    pub register_per_hour: NonZeroU32,
}
