//! Ports to adapters, and use cases to ports. The only place that knows all of them.

use std::sync::Arc;
use std::time::Duration;

use adapter_files::blobs::{Bucket as FileBucket, ObjectBlobs};
use adapter_files::inspect::ContentInspectors;
use adapter_files::pass::HmacDownloadSigner;
use adapter_files::picture::AvatarMaker;
use adapter_http::agreements::AgreementUseCases;
use adapter_http::api::{BODY_TIMEOUT, MAX_BODY_BYTES, UPLOAD_TIMEOUT};
use adapter_http::audit::AuditUseCases;
use adapter_http::bidding::BidUseCases;
use adapter_http::contracts::ContractUseCases;
use adapter_http::disputes::DisputeUseCases;
use adapter_http::files::{FileUseCases, avatar_form, link_form};
use adapter_http::identity::IdentityUseCases;
use adapter_http::jobs::JobUseCases;
use adapter_http::messaging::MessagingUseCases;
use adapter_http::money::MoneyUseCases;
use adapter_http::notifications::NotificationUseCases;
use adapter_http::orders::OrderUseCases;
use adapter_http::profiles::ProfileUseCases;
use adapter_http::{Api, CorsOrigin, Dependencies, HttpSettings, RateLimitSettings};
use adapter_postgres::{Database, PoolConfig};
use adapter_security::access_token::JwtAccessTokens;
use adapter_security::field_cipher::AesGcmFieldCipher;
use adapter_security::refresh_token::ChainedRefreshTokens;
use anyhow::Context;
use ports::agreements::ProposalQueries;
use ports::audit::AuditQueries;
use ports::bidding::BidQueries;
use ports::disputes::DisputeQueries;
use ports::environment::Clock;
use ports::files::{BlobStore, FileQueries, Inspectors};
use ports::identity::{AccountQueries, SessionQueries};
use ports::messaging::ChatQueries;
use ports::money::MoneyQueries;
use ports::orders::OrderQueries;
use ports::store::Store;
use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;
use usecases::agreements::{
    AcceptProposal, ListProposals, MakeProposal, RejectProposal, ViewProposal, WithdrawProposal,
};
use usecases::audit::{LiftPayoutHold, ListAccountEntries, ViewReconciliation, ViewTrialBalance};
use usecases::bidding::{
    AcceptBid, AcceptCounter, ConfirmBid, CounterBid, DeclineBid, EditBid, ListBids, ListBidsOnOrder,
    ListOffers, PlaceBid, RejectCounter, ViewBid, WithdrawBid,
};
use usecases::contracts::{
    ApproveMilestone, FundOrder, GiveBonus, RefundMilestone, RequestChanges, ReviewOrder, SubmitMilestone,
};
use usecases::desk::Desk;
use usecases::disputes::{
    AcceptSplit, AddEvidence, DecideDispute, EscalateDispute, ListAllDisputes, ListDisputes, OfferSplit,
    OpenDispute, RejectSplit, ViewDispute,
};
use usecases::files::{DownloadFile, PassOffice, RemoveAvatar, SetAvatar, ShowAvatar, UploadFile, ViewFile};
use usecases::identity::{
    Authenticate, BlockUser, ChangePassword, CreateAdmin, DeactivateAccount, LogIn, LogOut, RefreshSession,
    Register, TokenIssuer, UnblockUser, UpdateIdentity, ViewAccount,
};
use usecases::jobs::{CancelJob, ListJobs, RetryJob};
use usecases::messaging::{ListChats, ListMessages, OpenChat, ReadChat, SendMessage};
use usecases::money::{
    ApproveWithdrawal, CancelWithdrawal, ListAllWithdrawals, ListChargebacks, ListEntries, ListWithdrawals,
    LoseChargeback, MarkWithdrawalFailed, MarkWithdrawalPaid, OpenDeposit, ReceiveChargeback,
    RejectWithdrawal, RequestWithdrawal, ViewWallet, ViewWithdrawal, WinChargeback,
};
use usecases::notifications::{ListNotifications, MarkAllNotificationsRead, MarkNotificationRead};
use usecases::orders::{
    AttachFiles, CancelOrder, DeclineInvitation, EditOrder, InviteProvider, ListAvailableOrders, ListOrders,
    PostOrder, ReportWork, ViewOrder,
};
use usecases::outbox::DispatchFacts;
use usecases::profiles::{EditProfile, ViewLeaderboard, ViewProfile, ViewPublicProfile};
use usecases::recorder::Recorder;

use crate::demo::DemoWorld;
use crate::home::Home;
use crate::jobs::{BackgroundWork, ProcessBells, readers};
use crate::outside::Outside;
use crate::readiness::Phase;
use crate::settings::secrets::Secrets;
use crate::settings::{Bucket, Origin, RateLimits, Settings};
use crate::telemetry;

/// The longest that one statement waits for a lock: whoever holds it is stuck or very slow.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);
/// The longest that a transaction of ours may be idle: it never waits for anything but the database.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(10);

/// Everything that a server holds.
pub struct Wired {
    /// What the handlers see.
    pub api: Api,
    /// The database as the serving role sees it.
    pub database: Database,
    /// Checks access tokens.
    pub authenticate: Arc<Authenticate>,
    /// Makes administrators.
    pub create_admin: CreateAdmin,
    /// Makes the small world of the demonstration.
    pub demo: DemoWorld,
    /// Whether the API may be served.
    pub ready: Phase,
    /// Commands that run.
    pub tasks: TaskTracker,
    /// What runs beside them.
    pub work: BackgroundWork,
}

/// Puts a server together; connects nowhere yet.
///
/// # Errors
/// An address or a key that can never work.
pub fn wire(
    settings: &Settings,
    secrets: &Secrets,
    outside: &Outside,
    home: &Home,
    runtime: &Handle,
) -> anyhow::Result<Wired> {
    let bells = ProcessBells::default();
    let database = connect(settings, secrets, home, runtime)?.with_bells(bells.bells());
    let store: Arc<dyn Store> = Arc::new(database.clone());
    let accounts: Arc<dyn AccountQueries> = Arc::new(database.clone());
    let sessions: Arc<dyn SessionQueries> = Arc::new(database.clone());
    let issuer = token_issuer(secrets, outside)?;
    let access = Arc::clone(&issuer.access);
    let authenticate = Arc::new(Authenticate::new(access, sessions, Arc::clone(&outside.clock)));
    let create_admin = CreateAdmin {
        store: Arc::clone(&store),
        accounts: Arc::clone(&accounts),
        hasher: Arc::clone(&outside.hasher),
        issuer: issuer.clone(),
    };
    let ready = Phase::default();
    let tasks = TaskTracker::new();
    let recorder = Recorder { clock: Arc::clone(&outside.clock), ids: Arc::clone(&outside.ids) };
    let desk = desk(settings, secrets, Arc::clone(&store), recorder.clone())?;
    let blobs = blobs(settings)?;
    let shared_clock = outside.shared_clock.clone().unwrap_or_else(|| Arc::new(database.clone()));
    let work =
        BackgroundWork::new(settings, &database, bells, desk.clone(), &blobs, shared_clock, &home.app_url)
            .context("DATABASE_URL cannot be used")?;
    let orders_read: Arc<dyn OrderQueries> = Arc::new(database.clone());
    let identity = identity(&store, &accounts, outside, &authenticate, &issuer);
    let demo = demo(settings, &issuer, (&desk, &blobs), outside, &database);
    let api = Api::new(Dependencies {
        use_cases: identity,
        money: money(settings, &store, &database, &recorder),
        audit: audit(&store, &database, &recorder),
        orders: orders(&desk, &orders_read),
        bids: bids(settings, &desk, &orders_read, &database),
        contracts: ContractUseCases {
            fund: Arc::new(FundOrder(desk.clone())),
            approve: Arc::new(ApproveMilestone(desk.clone())),
            request_changes: Arc::new(RequestChanges(desk.clone())),
            submit: Arc::new(SubmitMilestone(desk.clone())),
            give_bonus: Arc::new(GiveBonus(desk.clone())),
            review: Arc::new(ReviewOrder(desk.clone())),
        },
        agreements: agreements(&desk, &orders_read, &database),
        disputes: disputes(&desk, &database),
        notifications: notifications(&store, &database, outside),
        jobs: jobs(&store, &database, outside),
        messaging: messaging(&desk, &database),
        files: files(settings, desk.passes.clone(), &blobs, &store, &database, outside),
        profiles: profiles(desk, &database, outside),
        authenticate: Arc::clone(&authenticate),
        health: Arc::new(database.clone()),
        readiness: Arc::new(ready.clone()),
        clock: Arc::clone(&outside.clock),
        ids: Arc::clone(&outside.ids),
        settings: http_settings(settings),
        tasks: tasks.clone(),
        runtime: runtime.clone(),
    });
    Ok(Wired { api, database, authenticate, create_admin, demo, ready, tasks, work })
}

/// The database as the serving role sees it.
///
/// # Errors
/// An address or a key that can never work.
pub fn connect(
    settings: &Settings,
    secrets: &Secrets,
    home: &Home,
    runtime: &Handle,
) -> anyhow::Result<Database> {
    let cipher = AesGcmFieldCipher::new(&secrets.field_encryption).map_err(anyhow::Error::from_boxed)?;
    let config = PoolConfig {
        url: home.app_url.clone(),
        size: settings.database.pool_size.get(),
        readers: settings.http.workers.get(),
        wait: settings.database.pool_wait,
        statement_timeout: settings.database.statement_timeout,
        lock_timeout: LOCK_TIMEOUT,
        idle_in_transaction_timeout: IDLE_IN_TRANSACTION,
        application_name: "guildhall".to_owned(),
    };
    Database::connect(config, Arc::new(cipher), runtime).context("DATABASE_URL cannot be used")
}

/// Makes tokens.
///
/// # Errors
/// A key that the cryptographic library refuses.
pub fn token_issuer(secrets: &Secrets, outside: &Outside) -> anyhow::Result<TokenIssuer> {
    let refresh = ChainedRefreshTokens::new(&secrets.jwt).map_err(anyhow::Error::from_boxed)?;
    Ok(TokenIssuer {
        clock: Arc::clone(&outside.clock),
        ids: Arc::clone(&outside.ids),
        access: Arc::new(JwtAccessTokens::new(&secrets.jwt)),
        refresh: Arc::new(refresh),
    })
}

fn identity(
    store: &Arc<dyn Store>,
    accounts: &Arc<dyn AccountQueries>,
    outside: &Outside,
    authenticate: &Arc<Authenticate>,
    issuer: &TokenIssuer,
) -> IdentityUseCases {
    let (store, accounts, hasher) =
        (|| Arc::clone(store), || Arc::clone(accounts), || Arc::clone(&outside.hasher));
    let (authenticate, issuer) = (|| Arc::clone(authenticate), || issuer.clone());
    IdentityUseCases {
        register: Arc::new(Register { store: store(), hasher: hasher(), issuer: issuer() }),
        log_in: Arc::new(LogIn { store: store(), accounts: accounts(), hasher: hasher(), issuer: issuer() }),
        log_out: Arc::new(LogOut {
            store: store(),
            authenticate: authenticate(),
            clock: Arc::clone(&outside.clock),
        }),
        refresh: Arc::new(RefreshSession { store: store(), authenticate: authenticate(), issuer: issuer() }),
        view_account: Arc::new(ViewAccount { accounts: accounts() }),
        update_identity: Arc::new(UpdateIdentity {
            store: store(),
            accounts: accounts(),
            hasher: hasher(),
            issuer: issuer(),
        }),
        change_password: Arc::new(ChangePassword {
            store: store(),
            accounts: accounts(),
            hasher: hasher(),
            authenticate: authenticate(),
            issuer: issuer(),
        }),
        deactivate: Arc::new(DeactivateAccount {
            store: store(),
            authenticate: authenticate(),
            issuer: issuer(),
        }),
        block_user: Arc::new(BlockUser { store: store(), authenticate: authenticate(), issuer: issuer() }),
        unblock_user: Arc::new(UnblockUser { store: store(), issuer: issuer() }),
    }
}

fn money(
    settings: &Settings,
    store: &Arc<dyn Store>,
    database: &Database,
    recorder: &Recorder,
) -> MoneyUseCases {
    let queries: Arc<dyn MoneyQueries> = Arc::new(database.clone());
    let (store, recorder) = (|| Arc::clone(store), || recorder.clone());
    let money = || Arc::clone(&queries);
    MoneyUseCases {
        open_deposit: Arc::new(OpenDeposit {
            store: store(),
            recorder: recorder(),
            ways: domain::money::PayIn { sandbox: !settings.mode.is_production() },
        }),
        view_wallet: Arc::new(ViewWallet { money: money() }),
        list_entries: Arc::new(ListEntries { money: money() }),
        request_withdrawal: Arc::new(RequestWithdrawal { store: store(), recorder: recorder() }),
        list_withdrawals: Arc::new(ListWithdrawals { money: money() }),
        view_withdrawal: Arc::new(ViewWithdrawal { money: money() }),
        cancel_withdrawal: Arc::new(CancelWithdrawal { store: store(), recorder: recorder() }),
        list_all_withdrawals: Arc::new(ListAllWithdrawals { money: money() }),
        approve_withdrawal: Arc::new(ApproveWithdrawal {
            store: store(),
            recorder: recorder(),
            four_eyes: settings.payouts.four_eyes,
        }),
        mark_withdrawal_paid: Arc::new(MarkWithdrawalPaid { store: store(), recorder: recorder() }),
        mark_withdrawal_failed: Arc::new(MarkWithdrawalFailed { store: store(), recorder: recorder() }),
        reject_withdrawal: Arc::new(RejectWithdrawal { store: store(), recorder: recorder() }),
        list_chargebacks: Arc::new(ListChargebacks { chargebacks: Arc::new(database.clone()) }),
        receive_chargeback: Arc::new(ReceiveChargeback {
            store: store(),
            recorder: recorder(),
            debt_limit: settings.payouts.debt_limit,
        }),
        win_chargeback: Arc::new(WinChargeback { store: store(), recorder: recorder() }),
        lose_chargeback: Arc::new(LoseChargeback { store: store(), recorder: recorder() }),
    }
}

fn audit(store: &Arc<dyn Store>, database: &Database, recorder: &Recorder) -> AuditUseCases {
    let audit: Arc<dyn AuditQueries> = Arc::new(database.clone());
    let clock = || Arc::clone(&recorder.clock);
    AuditUseCases {
        trial_balance: Arc::new(ViewTrialBalance { audit: Arc::clone(&audit), clock: clock() }),
        account_entries: Arc::new(ListAccountEntries { audit: Arc::clone(&audit) }),
        reconciliation: Arc::new(ViewReconciliation { audit, clock: clock() }),
        lift_hold: Arc::new(LiftPayoutHold { store: Arc::clone(store), recorder: recorder.clone() }),
    }
}

fn orders(desk: &Desk, read: &Arc<dyn OrderQueries>) -> OrderUseCases {
    let (desk, read) = (|| desk.clone(), || Arc::clone(read));
    OrderUseCases {
        post: Arc::new(PostOrder(desk())),
        edit: Arc::new(EditOrder(desk())),
        report: Arc::new(ReportWork(desk())),
        cancel: Arc::new(CancelOrder(desk())),
        attach_files: Arc::new(AttachFiles(desk())),
        invite: Arc::new(InviteProvider(desk())),
        decline_invitation: Arc::new(DeclineInvitation(desk())),
        view: Arc::new(ViewOrder { orders: read(), passes: desk().passes }),
        list: Arc::new(ListOrders { orders: read() }),
        list_available: Arc::new(ListAvailableOrders {
            orders: read(),
            clock: Arc::clone(&desk().recorder.clock),
        }),
    }
}

fn bids(
    settings: &Settings,
    desk: &Desk,
    orders: &Arc<dyn OrderQueries>,
    database: &Database,
) -> BidUseCases {
    let queries: Arc<dyn BidQueries> = Arc::new(database.clone());
    let (desk, read) = (|| desk.clone(), || Arc::clone(&queries));
    BidUseCases {
        place: Arc::new(PlaceBid(desk())),
        edit: Arc::new(EditBid(desk())),
        confirm: Arc::new(ConfirmBid(desk())),
        counter: Arc::new(CounterBid(desk())),
        accept_counter: Arc::new(AcceptCounter(desk())),
        reject_counter: Arc::new(RejectCounter(desk())),
        accept: Arc::new(AcceptBid { desk: desk(), fees: settings.fees }),
        decline: Arc::new(DeclineBid(desk())),
        withdraw: Arc::new(WithdrawBid(desk())),
        list: Arc::new(ListBids { bids: read() }),
        list_on_order: Arc::new(ListBidsOnOrder { bids: read(), orders: Arc::clone(orders) }),
        view: Arc::new(ViewBid { bids: read() }),
        list_offers: Arc::new(ListOffers { bids: read() }),
    }
}

fn agreements(desk: &Desk, orders: &Arc<dyn OrderQueries>, database: &Database) -> AgreementUseCases {
    let queries: Arc<dyn ProposalQueries> = Arc::new(database.clone());
    let (desk, read) = (|| desk.clone(), || Arc::clone(&queries));
    AgreementUseCases {
        propose: Arc::new(MakeProposal(desk())),
        accept: Arc::new(AcceptProposal(desk())),
        reject: Arc::new(RejectProposal(desk())),
        withdraw: Arc::new(WithdrawProposal(desk())),
        list: Arc::new(ListProposals { proposals: read(), orders: Arc::clone(orders) }),
        view: Arc::new(ViewProposal { proposals: read() }),
        refund: Arc::new(RefundMilestone(desk())),
    }
}

fn disputes(desk: &Desk, database: &Database) -> DisputeUseCases {
    let queries: Arc<dyn DisputeQueries> = Arc::new(database.clone());
    let (desk, read) = (|| desk.clone(), || Arc::clone(&queries));
    DisputeUseCases {
        open: Arc::new(OpenDispute(desk())),
        add_evidence: Arc::new(AddEvidence(desk())),
        offer: Arc::new(OfferSplit(desk())),
        accept: Arc::new(AcceptSplit(desk())),
        reject: Arc::new(RejectSplit(desk())),
        escalate: Arc::new(EscalateDispute(desk())),
        decide: Arc::new(DecideDispute(desk())),
        list: Arc::new(ListDisputes { disputes: read() }),
        list_all: Arc::new(ListAllDisputes { disputes: read() }),
        view: Arc::new(ViewDispute { disputes: read() }),
    }
}

fn notifications(store: &Arc<dyn Store>, database: &Database, outside: &Outside) -> NotificationUseCases {
    let (store, clock) = (|| Arc::clone(store), || Arc::clone(&outside.clock));
    NotificationUseCases {
        list: Arc::new(ListNotifications { notifications: Arc::new(database.clone()) }),
        mark_read: Arc::new(MarkNotificationRead { store: store(), clock: clock() }),
        mark_all_read: Arc::new(MarkAllNotificationsRead { store: store(), clock: clock() }),
    }
}

fn profiles(desk: Desk, database: &Database, outside: &Outside) -> ProfileUseCases {
    let database = Arc::new(database.clone());
    ProfileUseCases {
        view: Arc::new(ViewProfile { profiles: database.clone() }),
        view_public: Arc::new(ViewPublicProfile { profiles: database.clone() }),
        edit: Arc::new(EditProfile(desk)),
        leaderboard: Arc::new(ViewLeaderboard { rankings: database, clock: Arc::clone(&outside.clock) }),
    }
}

fn jobs(store: &Arc<dyn Store>, database: &Database, outside: &Outside) -> JobUseCases {
    let (store, clock) = (|| Arc::clone(store), || Arc::clone(&outside.clock));
    JobUseCases {
        list: Arc::new(ListJobs { jobs: Arc::new(database.clone()) }),
        retry: Arc::new(RetryJob { store: store(), clock: clock() }),
        cancel: Arc::new(CancelJob { store: store(), clock: clock() }),
    }
}

fn messaging(desk: &Desk, database: &Database) -> MessagingUseCases {
    let queries: Arc<dyn ChatQueries> = Arc::new(database.clone());
    let (desk, read) = (|| desk.clone(), || Arc::clone(&queries));
    MessagingUseCases {
        list: Arc::new(ListChats { chats: read() }),
        list_messages: Arc::new(ListMessages { chats: read(), passes: desk().passes }),
        open: Arc::new(OpenChat(desk())),
        send: Arc::new(SendMessage(desk())),
        read: Arc::new(ReadChat(desk())),
    }
}

/// Where files are kept: `files` in the data folder, or a bucket.
///
/// # Errors
/// The folder cannot be used, or the bucket's address can never work.
pub fn blobs(settings: &Settings) -> anyhow::Result<Arc<dyn BlobStore>> {
    let blobs = match &settings.files.bucket {
        Some(Bucket { name, region, endpoint, key }) => ObjectBlobs::in_bucket(&FileBucket {
            name: name.clone(),
            region: region.clone(),
            endpoint: endpoint.clone(),
            key: key.clone(),
        }),
        None => ObjectBlobs::in_folder(&settings.data_dir.join("files")),
    };
    Ok(Arc::new(blobs.map_err(anyhow::Error::from_boxed).context("the file store cannot be used")?))
}

/// Where commands of the marketplace are carried out.
///
/// # Errors
/// A secret from which no links can be signed.
pub fn desk(
    settings: &Settings,
    secrets: &Secrets,
    store: Arc<dyn Store>,
    recorder: Recorder,
) -> anyhow::Result<Desk> {
    let passes = passes(settings, secrets, Arc::clone(&recorder.clock))?;
    Ok(Desk { store, recorder, passes, clocks: settings.clocks })
}

/// Who gives out links to files.
fn passes(settings: &Settings, secrets: &Secrets, clock: Arc<dyn Clock>) -> anyhow::Result<PassOffice> {
    let signer = HmacDownloadSigner::new(&secrets.jwt).map_err(anyhow::Error::from_boxed)?;
    let link = link_form(settings.files.public_url.as_deref().unwrap_or_default());
    Ok(PassOffice { clock, signer: Arc::new(signer), link })
}

fn files(
    settings: &Settings,
    passes: PassOffice,
    blobs: &Arc<dyn BlobStore>,
    store: &Arc<dyn Store>,
    database: &Database,
    outside: &Outside,
) -> FileUseCases {
    let origin = settings.files.public_url.clone().unwrap_or_default();
    let queries: Arc<dyn FileQueries> = Arc::new(database.clone());
    let inspectors: Arc<dyn Inspectors> = Arc::new(ContentInspectors);
    let (store, blobs) = (|| Arc::clone(store), || Arc::clone(blobs));
    let (clock, ids) = (|| Arc::clone(&outside.clock), || Arc::clone(&outside.ids));
    FileUseCases {
        upload_file: Arc::new(UploadFile {
            store: store(),
            blobs: blobs(),
            inspectors: Arc::clone(&inspectors),
            passes: passes.clone(),
            clock: clock(),
            ids: ids(),
            max_bytes: settings.files.max_upload_bytes.get().into(),
        }),
        view_file: Arc::new(ViewFile { files: Arc::clone(&queries), passes: passes.clone() }),
        download_file: Arc::new(DownloadFile { files: Arc::clone(&queries), blobs: blobs(), passes }),
        set_avatar: Arc::new(SetAvatar {
            store: store(),
            blobs: blobs(),
            inspectors,
            images: Arc::new(AvatarMaker::new(Arc::clone(&outside.pictures))),
            clock: clock(),
            ids: ids(),
            address: avatar_form(&origin),
        }),
        remove_avatar: Arc::new(RemoveAvatar { store: store(), blobs: blobs(), clock: clock() }),
        show_avatar: Arc::new(ShowAvatar { files: queries, blobs: blobs() }),
    }
}

fn demo(
    settings: &Settings,
    issuer: &TokenIssuer,
    (desk, blobs): (&Desk, &Arc<dyn BlobStore>),
    outside: &Outside,
    database: &Database,
) -> DemoWorld {
    DemoWorld {
        store: Arc::clone(&desk.store),
        accounts: Arc::new(database.clone()),
        issuer: issuer.clone(),
        hasher: Arc::clone(&outside.hasher),
        passes: desk.passes.clone(),
        blobs: Arc::clone(blobs),
        inspectors: Arc::new(ContentInspectors),
        images: Arc::new(AvatarMaker::new(Arc::clone(&outside.pictures))),
        avatar_address: avatar_form(settings.files.public_url.as_deref().unwrap_or_default()),
        max_upload_bytes: settings.files.max_upload_bytes.get().into(),
        dispatch: Arc::new(DispatchFacts::new(
            Arc::new(database.clone()),
            readers(&outside.ids),
            Arc::clone(&outside.clock),
        )),
        notifications: Arc::new(database.clone()),
    }
}

fn http_settings(settings: &Settings) -> HttpSettings {
    let http = &settings.http;
    HttpSettings {
        service: "guildhall",
        version: env!("CARGO_PKG_VERSION"),
        production: settings.mode.is_production(),
        cors_origins: http.cors_origins.iter().cloned().map(cors_origin).collect(),
        trusted_proxies: http.trusted_proxies.clone(),
        force_https: http.force_https,
        metrics_token: http.metrics_token.clone(),
        rate_limits: rate_limits(settings.rate_limits),
        max_in_flight: http.max_in_flight,
        max_body_bytes: MAX_BODY_BYTES,
        body_timeout: BODY_TIMEOUT,
        max_upload_bytes: settings.files.max_upload_bytes.get().into(),
        upload_timeout: UPLOAD_TIMEOUT,
        shutdown_grace: http.shutdown_grace,
        render_metrics: {
            let handle = telemetry::metrics();
            Arc::new(move || handle.render())
        },
    }
}

fn cors_origin(origin: Origin) -> CorsOrigin {
    match origin {
        Origin::Exact(origin) => CorsOrigin::Exact(origin),
        Origin::AnyPort { scheme, host } => CorsOrigin::AnyPort { scheme, host },
    }
}

fn rate_limits(limits: RateLimits) -> Option<RateLimitSettings> {
    let RateLimits {
        enabled,
        user_per_minute,
        address_per_minute,
        login_address_per_minute,
        login_account_per_minute,
        register_per_hour,
    } = limits;
    enabled.then_some(RateLimitSettings {
        user_per_minute,
        address_per_minute,
        login_address_per_minute,
        login_account_per_minute,
        register_per_hour,
    })
}
