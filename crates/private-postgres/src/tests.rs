//! Identities that a start would not choose by itself on most machines.

use super::*;

/// `CAP_DAC_OVERRIDE`, the second capability.
const ONLY_DAC_OVERRIDE: &str = "0000000000000002";

#[test]
fn a_user_with_the_override_serves_from_a_closed_folder() {
    if !nix::unistd::geteuid().is_root() {
        return; // Only root can hand out identities.
    }
    let home = tempfile::tempdir().unwrap(); // mode 0700
    let data_dir = prepare_data_dir(&home.path().join("data")).unwrap();
    let mut options = Options::new(&data_dir);
    options.durable = false;
    let identity = Identity::UserWithOverride { uid: 65534, gid: 65534 };
    let lock = Lock::acquire(&data_dir).unwrap();
    let server = PrivatePostgres::start_locked(&options, lock, Some(identity)).unwrap();
    let status = fs::read_to_string(format!("/proc/{}/status", server.pid().unwrap())).unwrap();
    let field = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().to_owned()
    };
    assert_eq!(field("Uid:"), "65534");
    assert_eq!(field("CapEff:"), ONLY_DAC_OVERRIDE);
    assert_eq!(field("CapPrm:"), ONLY_DAC_OVERRIDE);
    assert_eq!(server.stop().unwrap().kind, StopKind::Fast);

    // The same folder under whatever a start chooses by itself, and then back again.
    let server = PrivatePostgres::start(options.clone()).unwrap();
    server.stop().unwrap();
    let lock = Lock::acquire(&data_dir).unwrap();
    let server = PrivatePostgres::start_locked(&options, lock, Some(identity)).unwrap();
    server.stop().unwrap();
}

#[test]
fn what_cannot_be_reached_is_said_in_one_line() {
    if !nix::unistd::geteuid().is_root() {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let error = identity::choose(home.path(), Path::new("/nonexistent/postgres")).unwrap_err();
    let message = error.to_string();
    assert!(matches!(error, Error::Unreachable { .. }), "{message}");
    assert!(message.contains("DATA_DIR"), "{message}");
    assert!(!message.contains('\n'), "{message}");
}
