//! The server's settings, all on its command line, so that the cluster's own `postgresql.conf` stays as initdb
//! made it and a newer program brings newer settings to an old folder.

use std::ffi::OsString;
use std::path::Path;

use crate::Options;
use crate::cluster;
use crate::url::PORT;

/// The arguments of `postgres`.
pub(crate) fn arguments(options: &Options, socket_dir: &Path) -> Vec<OsString> {
    let mut arguments: Vec<OsString> = vec!["-D".into(), cluster::pgdata(&options.data_dir).into()];
    let mut set = |name: &str, value: &str| {
        arguments.push("-c".into());
        arguments.push(format!("{name}={value}").into());
    };
    for (name, value) in [
        // No TCP at all; the socket's folder and its mode are the authentication.
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("shared_buffers", "256MB"),
        // Costs more than it gains for short queries.
        ("jit", "off"),
        ("random_page_cost", "1.1"),
        ("wal_compression", "on"),
        // The server's own time zone must not depend on the machine.
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        ("log_line_prefix", "%m [%p] "),
    ] {
        set(name, value);
    }
    set("max_connections", &options.max_connections.to_string());
    let safety: &[(&str, &str)] = if options.durable {
        // Money: what was acknowledged is on the disk.
        &[("synchronous_commit", "on")]
    } else {
        &[
            ("fsync", "off"),
            ("synchronous_commit", "off"),
            ("full_page_writes", "off"),
            // Makes CREATE DATABASE .. STRATEGY file_copy and bulk loads cheaper.
            ("wal_level", "minimal"),
            ("max_wal_senders", "0"),
        ]
    };
    for (name, value) in safety {
        set(name, value);
    }
    for (name, value) in &options.extra_settings {
        set(name, value);
    }
    // Last: the URLs rely on these two.
    set("port", &PORT.to_string());
    arguments.push("-c".into());
    arguments.push(socket_setting(socket_dir));
    arguments
}

/// The setting is a comma-separated list; in quotes a path may hold commas and spaces.
fn socket_setting(socket_dir: &Path) -> OsString {
    let mut setting = OsString::from("unix_socket_directories=\"");
    match socket_dir.to_str() {
        Some(text) => setting.push(text.replace('"', "\"\"")),
        None => setting.push(socket_dir),
    }
    setting.push("\"");
    setting
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extra_settings_win_and_paths_are_quoted() {
        let mut options = Options::new("/srv/data");
        options.extra_settings = vec![("shared_buffers".into(), "32MB".into())];
        let arguments = arguments(&options, Path::new("/srv/a, \"b\"/run"));
        let position = |wanted: &str| {
            arguments.iter().position(|argument| argument == wanted).unwrap_or_else(|| panic!("{wanted}"))
        };
        assert!(position("shared_buffers=256MB") < position("shared_buffers=32MB"));
        position("unix_socket_directories=\"/srv/a, \"\"b\"\"/run\"");
        position("synchronous_commit=on");
        assert!(!arguments.iter().any(|argument| argument == "fsync=off"));
    }
}
