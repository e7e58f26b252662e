//! The promises of the crate, on a real PostgreSQL.
//!
//! A promise with a time limit is tested by polling for the event with about ten times the limit.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test may fail loudly and talk"
)]

mod support;

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use private_postgres::{Attached, Error, Options, PrivatePostgres, Role, StopKind, attach};
use support::{Helper, Scratch, busy_backend, kill_hard, options, psql, psql_error, wait_for};

#[test]
fn first_start_second_start_and_stop() {
    let scratch = Scratch::open();
    let mut options = Options::new(scratch.data());
    options.durable = true;

    let begun = Instant::now();
    let server = PrivatePostgres::start(options.clone()).unwrap();
    eprintln!("first start: {:?}", begun.elapsed());
    assert!(server.is_running());
    assert_eq!(
        psql(&server, &server.owner_url(), "select current_user || ' ' || current_database()"),
        "guildhall_owner guildhall"
    );
    assert_eq!(
        psql(&server, &server.app_url(), "select current_user || ' ' || current_database()"),
        "guildhall_app guildhall"
    );
    assert_eq!(psql(&server, &server.superuser_url(), "select current_user"), "postgres");
    psql(&server, &server.owner_url(), "create table kept (n int); insert into kept values (7)");
    let report = server.stop().unwrap();
    eprintln!("stop: {:?}", report.took);
    assert_eq!(report.kind, StopKind::Fast);
    assert!(!scratch.postmaster_pid().exists());

    let begun = Instant::now();
    let server = PrivatePostgres::start(options).unwrap();
    eprintln!("next start: {:?}", begun.elapsed());
    assert_eq!(psql(&server, &server.owner_url(), "select n from kept"), "7");
    for (name, value) in [
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("server_encoding", "UTF8"),
        ("TimeZone", "UTC"),
    ] {
        assert_eq!(psql(&server, &server.app_url(), &format!("show {name}")), value, "{name}");
    }
    drop(server);
    assert!(!scratch.postmaster_pid().exists(), "dropping stops it, too");
}

#[test]
fn the_roles_can_do_what_they_should_and_no_more() {
    let scratch = Scratch::open();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    let roles = "select string_agg(rolname || rolsuper || rolcreaterole || rolcreatedb || rolreplication || rolbypassrls || rolcanlogin, ' ' order by rolname) from pg_roles where rolname like 'guildhall%'";
    assert_eq!(
        psql(&server, &server.superuser_url(), roles),
        "guildhall_appfalsefalsefalsefalsefalsetrue guildhall_ownerfalsefalsefalsefalsefalsetrue"
    );
    let owners = "select (select rolname from pg_roles where oid = datdba) || ' ' || (select nspowner::regrole from pg_namespace where nspname = 'public') from pg_database where datname = 'guildhall'";
    assert_eq!(psql(&server, &server.owner_url(), owners), "guildhall_owner guildhall_owner");
    psql(&server, &server.owner_url(), "create table public.made (n int)");
    let refused = psql_error(&server, &server.app_url(), "create table public.refused (n int)");
    assert!(refused.contains("permission denied"), "{refused}");
    let refused = psql_error(&server, &server.app_url(), "create schema refused");
    assert!(refused.contains("permission denied"), "{refused}");
}

#[test]
fn a_second_instance_is_told_and_attach_joins() {
    let scratch = Scratch::open();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    match PrivatePostgres::start(options(&scratch)) {
        Err(Error::AlreadyRunning { pid, .. }) => assert_eq!(pid, Some(std::process::id())),
        other => panic!("{other:?}"),
    }
    let joined = attach(options(&scratch)).unwrap();
    assert!(matches!(joined, Attached::Joined(_)));
    assert_eq!(joined.running().owner_url(), server.owner_url());
    joined.release().unwrap();
    assert!(server.is_running(), "releasing does not stop another's server");
    server.stop().unwrap();

    let own = attach(options(&scratch)).unwrap();
    assert!(matches!(own, Attached::Started(_)));
    own.release().unwrap();
    assert!(!scratch.postmaster_pid().exists());
}

#[test]
fn attach_waits_for_a_server_that_another_process_is_just_starting() {
    let scratch = Scratch::open();
    let helper = Helper::spawn(&scratch);
    wait_for("the helper's lock", || scratch.data().join("embedded.lock").exists());
    // Whoever was first: both end up on one server, or the helper is refused.
    let attached = attach(options(&scratch)).unwrap();
    assert!(attached.running().socket_dir().join(".s.PGSQL.5432").exists());
    attached.release().unwrap();
    drop(helper);
}

#[test]
fn a_killed_postmaster_comes_back_although_a_backend_is_busy() {
    let scratch = Scratch::open();
    let mut options = options(&scratch);
    options.durable = true;
    let server = PrivatePostgres::start(options).unwrap();
    psql(&server, &server.owner_url(), "create table kept as select 7 as n");
    for round in 0..3 {
        let busy = busy_backend(&server);
        let old = server.pid().unwrap();
        let begun = Instant::now();
        kill_hard(old);
        wait_for("another server", || server.is_running() && server.pid() != Some(old));
        let took = begun.elapsed();
        eprintln!("back after kill -9, round {round}: {took:?}");
        assert!(took < Duration::from_secs(5), "{took:?}");
        assert_eq!(psql(&server, &server.owner_url(), "select n from kept"), "7");
        drop(busy);
    }
    assert_eq!(server.stop().unwrap().kind, StopKind::Fast);
}

#[test]
fn a_stop_while_the_server_is_being_brought_back_stops_it() {
    let scratch = Scratch::open();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    kill_hard(server.pid().unwrap());
    server.stop().unwrap();
    assert_eq!(support::processes_of(&scratch), Vec::<u32>::new());
    // And the next start recovers.
    PrivatePostgres::start(options(&scratch)).unwrap().stop().unwrap();
}

#[test]
fn the_server_outlives_the_thread_that_started_it() {
    let scratch = Scratch::open();
    let options = options(&scratch);
    let server = std::thread::spawn(move || PrivatePostgres::start(options).unwrap()).join().unwrap();
    let pid = server.pid();
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
    assert_eq!(server.pid(), pid);
    let session = nix::unistd::getsid(None).unwrap();
    assert_ne!(support::session(&server), session, "Ctrl-C must not reach it");
}

#[test]
fn a_killed_program_takes_the_database_down_cleanly() {
    let scratch = Scratch::open();
    let helper = Helper::spawn(&scratch).ready();
    assert!(scratch.postmaster_pid().exists());
    helper.kill_hard();
    wait_for("the clean shutdown", || !scratch.postmaster_pid().exists());
    wait_for("the last words", || scratch.log().contains("database system is shut down"));
    wait_for("the end of all processes", || support::processes_of(&scratch).is_empty());
    assert!(!scratch.log().contains("was interrupted"));
}

#[test]
fn a_start_right_after_a_killed_program_works() {
    let scratch = Scratch::open();
    Helper::spawn(&scratch).ready().kill_hard();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
}

#[test]
fn a_start_after_program_and_postmaster_were_both_killed_works() {
    let scratch = Scratch::open();
    let helper = Helper::spawn(&scratch).ready();
    let postmaster = scratch.postmaster();
    // The program first, else it would bring the server back.
    helper.kill_hard();
    kill_hard(postmaster);
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
}

#[test]
fn leftovers_of_an_unfinished_initdb_are_thrown_away() {
    let scratch = Scratch::open();
    let unfinished = scratch.data().join("pgdata.init");
    fs::create_dir_all(unfinished.join("base/1")).unwrap();
    fs::write(unfinished.join("PG_VERSION"), "15\n").unwrap();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
    assert!(!unfinished.exists());
}

#[test]
fn a_program_killed_during_initdb_leaves_nothing_half_done() {
    let scratch = Scratch::open();
    let unfinished = scratch.data().join("pgdata.init");
    for file in ["PG_VERSION", "global/pg_control"] {
        let helper = Helper::spawn(&scratch);
        wait_for(file, || unfinished.join(file).exists());
        helper.kill_hard();
        assert!(!scratch.data().join("pgdata").exists(), "{file}: killed too late");
    }
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
}

#[test]
fn a_stale_pid_file_whose_number_a_stranger_has_does_not_block() {
    let scratch = Scratch::closed();
    PrivatePostgres::start(options(&scratch)).unwrap().stop().unwrap();
    // Not ourselves: PostgreSQL knows that its parent is no server.
    let stranger = support::stranger();
    let stale = format!(
        "{}\n{}\n1700000000\n5432\n/nowhere\n\n  1 2\nready   \n",
        stranger.pid(),
        scratch.data().join("pgdata").display()
    );
    fs::write(scratch.postmaster_pid(), stale).unwrap();
    PrivatePostgres::start(options(&scratch)).unwrap().stop().unwrap();
}

#[test]
fn a_long_path_gets_a_short_socket() {
    let scratch = Scratch::open();
    let data = scratch.data().join("a-rather-long-name-for-a-folder, with a comma and \"quotes\"/".repeat(3));
    let mut options = options(&scratch);
    options.data_dir = data;
    let server = PrivatePostgres::start(options.clone()).unwrap();
    let socket_dir = server.socket_dir().to_path_buf();
    assert!(socket_dir.as_os_str().len() <= 80, "{}", socket_dir.display());
    assert_eq!(fs::metadata(&socket_dir).unwrap().mode() & 0o777, 0o700);
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
    let joined = attach(options).unwrap();
    assert_eq!(joined.running().socket_dir(), socket_dir);
    server.stop().unwrap();
    assert!(!socket_dir.exists());
}

#[test]
fn a_reachable_folder_is_served_by_an_ordinary_user() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let scratch = Scratch::open();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    let pgdata = fs::metadata(scratch.data().join("pgdata")).unwrap();
    assert_ne!(pgdata.uid(), 0);
    assert_eq!(support::status(&server, "Uid:"), pgdata.uid().to_string());
    assert_eq!(support::status(&server, "CapEff:"), "0000000000000000");
    assert_eq!(support::status(&server, "Groups:"), "");
    let data = fs::metadata(scratch.data()).unwrap();
    assert_eq!((data.uid(), data.mode() & 0o777), (0, 0o710), "the folder stays ours");
    assert_private(&scratch);
}

#[test]
fn a_closed_home_is_served_all_the_same() {
    let scratch = Scratch::closed();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
    if nix::unistd::geteuid().is_root() {
        // In a user namespace, where those are allowed; else with exactly CAP_DAC_OVERRIDE.
        let capabilities = support::status(&server, "CapEff:");
        match support::status(&server, "Uid:").as_str() {
            "0" => assert_eq!(capabilities, "0000000000000000"),
            _ => assert_eq!(capabilities, "0000000000000002"),
        }
    }
    assert_private(&scratch);
    let old = server.pid().unwrap();
    kill_hard(old);
    wait_for("another server", || server.is_running() && server.pid() != Some(old));
    server.stop().unwrap();

    // The home is opened later: the cluster stays usable.
    fs::set_permissions(scratch.home(), fs::Permissions::from_mode(0o755)).unwrap();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
}

#[test]
fn a_home_that_is_closed_later_is_served_all_the_same() {
    let scratch = Scratch::open();
    PrivatePostgres::start(options(&scratch)).unwrap().stop().unwrap();
    fs::set_permissions(scratch.home(), fs::Permissions::from_mode(0o700)).unwrap();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    assert_eq!(psql(&server, &server.app_url(), "select 1"), "1");
    drop(server);
    Helper::spawn(&scratch).ready().kill_hard();
    wait_for("the clean shutdown in a namespace", || !scratch.postmaster_pid().exists());
}

#[test]
fn an_ordinary_user_needs_nothing_special() {
    if !nix::unistd::geteuid().is_root() {
        return; // All the other tests show it.
    }
    let scratch = Scratch::open();
    let helper = Helper::spawn_as(&scratch, 65534).ready();
    assert_eq!(fs::metadata(scratch.data().join("pgdata")).unwrap().uid(), 65534);
    helper.kill_hard();
    wait_for("the clean shutdown", || !scratch.postmaster_pid().exists());
    // Root then serves it as that user.
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    assert_eq!(support::status(&server, "Uid:"), "65534");
}

#[test]
fn a_setting_that_postgres_refuses_is_an_error_with_its_words() {
    let scratch = Scratch::open();
    let mut options = options(&scratch);
    options.extra_settings = vec![("no_such_setting".into(), "1".into())];
    let error = PrivatePostgres::start(options).unwrap_err().to_string();
    assert!(error.contains("no_such_setting"), "{error}");
    assert!(error.contains("postgres.log"), "{error}");
    assert!(!error.contains('\n'), "{error}");
    assert_eq!(support::processes_of(&scratch), Vec::<u32>::new());
}

#[test]
fn a_folder_that_is_a_file_is_an_error() {
    let scratch = Scratch::open();
    let path = scratch.home().join("file");
    fs::write(&path, "").unwrap();
    let error = PrivatePostgres::start(Options::new(&path)).unwrap_err();
    assert!(matches!(error, Error::Io { .. }), "{error}");
}

#[test]
fn databases_can_be_copied_from_a_template() {
    let scratch = Scratch::open();
    let server = PrivatePostgres::start(options(&scratch)).unwrap();
    psql(
        &server,
        &server.superuser_url(),
        "create database copy template guildhall strategy file_copy owner guildhall_owner",
    );
    let url = server.url(Role::Owner, "copy");
    assert_eq!(psql(&server, &url, "select current_database()"), "copy");
}

fn assert_private(scratch: &Scratch) {
    let files: [(&str, u32); 5] = [
        ("run", 0o700),
        ("pgdata", 0o700),
        ("postgres.log", 0o600),
        ("embedded.lock", 0o600),
        ("run/.s.PGSQL.5432", 0o700),
    ];
    for (name, mode) in files {
        let path: PathBuf = scratch.data().join(name);
        assert_eq!(mode_of(&path), mode, "{name}");
    }
    assert_eq!(mode_of(&scratch.data()) & 0o007, 0, "nothing for others");
}

fn mode_of(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o777
}

/// Not a test of its own: the program that other tests start and kill. Does nothing when run by itself.
#[test]
fn helper_program() {
    support::run_helper();
}
