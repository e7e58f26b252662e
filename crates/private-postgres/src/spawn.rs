//! The one unsafe module: what a child does between `fork` and `exec`.
//!
//! `pre_exec` is the only way to give a child another identity, a user namespace and a parent-death signal, and it
//! is unsafe because after `fork` in a program with threads only async-signal-safe calls are allowed. So all that
//! needs memory (strings, maps, numbers) is prepared before, in [`Plan`], and the child makes bare system calls.
//!
//! Invariants: the parent-death signal is set after the last change of credentials, because the kernel clears it
//! on each; it is followed by a look at the parent, which may have died before. Whoever calls `spawn` must be a
//! thread that outlives the child, because the signal follows the forking *thread*.
#![allow(unsafe_code, reason = "pre_exec is the only way; see the module's documentation")]

use std::ffi::{CStr, CString};
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::libc;
use nix::sys::signal::Signal;

use crate::identity::Identity;

/// A command that runs as `identity`, in its own session, with a clean environment, and that is signalled when
/// this thread ends. With `reach`, spawning fails with the system's reason when the identity cannot enter that folder.
pub(crate) fn confined(
    program: &Path,
    identity: Identity,
    death_signal: Signal,
    reach: Option<&Path>,
) -> io::Result<Command> {
    let plan = Plan::new(identity, death_signal, reach)?;
    let mut command = Command::new(program);
    // A stray PGDATA, PGPORT or LC_ALL would change what the server does; a server in an unusual place may need
    // its library path.
    command.env_clear();
    for key in ["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(key) {
            command.env(key, value);
        }
    }
    command
        .env("PATH", "/usr/bin:/bin")
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .current_dir("/")
        .stdin(Stdio::null());
    // SAFETY: the closure makes only async-signal-safe system calls on memory prepared before the fork; it
    // neither allocates nor takes locks (errors are bare numbers).
    unsafe {
        command.pre_exec(move || plan.apply());
    }
    Ok(command)
}

/// All that the child needs, ready before the fork.
struct Plan {
    identity: Identity,
    death_signal: libc::c_int,
    reach: Option<CString>,
    parent: libc::pid_t,
    uid_map: Vec<u8>,
    gid_map: Vec<u8>,
    privileged: bool,
}

impl Plan {
    fn new(identity: Identity, death_signal: Signal, reach: Option<&Path>) -> io::Result<Self> {
        let (uid_map, gid_map) = match identity {
            Identity::Namespace { inner_uid, inner_gid } => (
                format!("{inner_uid} {} 1\n", nix::unistd::geteuid()),
                format!("{inner_gid} {} 1\n", nix::unistd::getegid()),
            ),
            Identity::Own | Identity::User { .. } | Identity::UserWithOverride { .. } => {
                (String::new(), String::new())
            }
        };
        Ok(Self {
            identity,
            death_signal: death_signal as libc::c_int,
            reach: reach.map(|path| CString::new(path.as_os_str().as_bytes())).transpose()?,
            parent: nix::unistd::getpid().as_raw(),
            uid_map: uid_map.into_bytes(),
            gid_map: gid_map.into_bytes(),
            privileged: nix::unistd::geteuid().is_root(),
        })
    }

    /// Runs in the child. The order is what matters; see the module.
    fn apply(&self) -> io::Result<()> {
        // A session of its own: the terminal's Ctrl-C must reach the application only, which then stops us in order.
        // SAFETY: no arguments; async-signal-safe.
        check(unsafe { libc::setsid() })?;
        match self.identity {
            Identity::Own => {}
            Identity::User { uid, gid } => become_user(uid, gid)?,
            Identity::Namespace { .. } => {
                if self.privileged {
                    drop_groups()?;
                }
                enter_namespace(&self.uid_map, &self.gid_map)?;
            }
            Identity::UserWithOverride { uid, gid } => {
                keep_capabilities()?;
                become_user(uid, gid)?;
                raise_override()?;
            }
        }
        if let Some(reach) = &self.reach {
            // SAFETY: both are NUL-terminated strings that live until the call returns.
            check(unsafe { libc::chdir(reach.as_ptr()) })?;
            // SAFETY: as above.
            check(unsafe { libc::chdir(c"/".as_ptr()) })?;
        }
        self.die_with_parent()
    }

    #[cfg(target_os = "linux")]
    fn die_with_parent(&self) -> io::Result<()> {
        // SAFETY: plain numbers; async-signal-safe.
        check(unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, self.death_signal) })?;
        // SAFETY: no arguments, cannot fail.
        if unsafe { libc::getppid() } != self.parent {
            // The parent died between the fork and the prctl, so no signal will come.
            // SAFETY: never returns, runs no exit handlers.
            unsafe { libc::_exit(127) }
        }
        Ok(())
    }

    /// Elsewhere a server outlives its killed program; the next start stops it (`leftovers`).
    #[cfg(not(target_os = "linux"))]
    fn die_with_parent(&self) -> io::Result<()> {
        let _ = (self.death_signal, self.parent);
        Ok(())
    }
}

fn check(result: libc::c_int) -> io::Result<()> {
    if result == -1 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

fn drop_groups() -> io::Result<()> {
    // SAFETY: a count of zero reads no memory.
    check(unsafe { libc::setgroups(0, std::ptr::null()) })
}

fn become_user(uid: u32, gid: u32) -> io::Result<()> {
    drop_groups()?;
    #[cfg(target_os = "linux")]
    {
        // SAFETY: plain numbers; the raw calls act on this (only) thread of the child. Groups before the user,
        // afterwards they could not be changed.
        check(unsafe { libc::setresgid(gid, gid, gid) })?;
        // SAFETY: as above.
        check(unsafe { libc::setresuid(uid, uid, uid) })
    }
    #[cfg(not(target_os = "linux"))]
    {
        // SAFETY: plain numbers. For root these set the real, effective and saved ids.
        check(unsafe { libc::setgid(gid) })?;
        // SAFETY: as above.
        check(unsafe { libc::setuid(uid) })
    }
}

#[cfg(target_os = "linux")]
fn enter_namespace(uid_map: &[u8], gid_map: &[u8]) -> io::Result<()> {
    // SAFETY: a plain number; the child of a fork has one thread, as CLONE_NEWUSER demands.
    check(unsafe { libc::unshare(libc::CLONE_NEWUSER) })?;
    write_file(c"/proc/self/uid_map", uid_map)?;
    write_file(c"/proc/self/setgroups", b"deny")?;
    write_file(c"/proc/self/gid_map", gid_map)
}

#[cfg(target_os = "linux")]
fn write_file(path: &CStr, content: &[u8]) -> io::Result<()> {
    // SAFETY: `path` is NUL-terminated; open is async-signal-safe.
    let file = unsafe { libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC) };
    check(file)?;
    // SAFETY: the pointer and the length describe `content`; the descriptor was just opened.
    let written = unsafe { libc::write(file, content.as_ptr().cast(), content.len()) };
    // The kernel takes such a map in one write or not at all.
    let result = if written == -1 { Err(io::Error::last_os_error()) } else { Ok(()) };
    // SAFETY: the descriptor is ours and not used again.
    unsafe { libc::close(file) };
    result
}

#[cfg(target_os = "linux")]
fn keep_capabilities() -> io::Result<()> {
    // SAFETY: plain numbers.
    check(unsafe { libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) })
}

/// Keeps exactly `CAP_DAC_OVERRIDE`, and hands it on to what this child executes.
#[cfg(target_os = "linux")]
fn raise_override() -> io::Result<()> {
    const CAP_DAC_OVERRIDE: u32 = 1;
    const CAPABILITY_VERSION_3: u32 = 0x2008_0522;
    #[repr(C)]
    struct Header {
        version: u32,
        pid: libc::c_int,
    }
    #[repr(C)]
    struct Data {
        effective: u32,
        permitted: u32,
        inheritable: u32,
    }
    let header = Header { version: CAPABILITY_VERSION_3, pid: 0 };
    let only = |bits| Data { effective: bits, permitted: bits, inheritable: bits };
    // Version 3 takes two words of 32 capabilities each.
    let data = [only(1 << CAP_DAC_OVERRIDE), only(0)];
    // SAFETY: header and data have the layout of the kernel's version 3 structures and outlive the call.
    let result = unsafe { libc::syscall(libc::SYS_capset, &raw const header, data.as_ptr()) };
    if result == -1 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: plain numbers, widened as prctl reads them.
    check(unsafe {
        libc::prctl(
            libc::PR_CAP_AMBIENT,
            libc::PR_CAP_AMBIENT_RAISE,
            libc::c_ulong::from(CAP_DAC_OVERRIDE),
            0,
            0,
        )
    })
}

#[cfg(not(target_os = "linux"))]
fn enter_namespace(_: &[u8], _: &[u8]) -> io::Result<()> {
    Err(io::Error::from_raw_os_error(libc::ENOSYS))
}

#[cfg(not(target_os = "linux"))]
fn keep_capabilities() -> io::Result<()> {
    Err(io::Error::from_raw_os_error(libc::ENOSYS))
}

#[cfg(not(target_os = "linux"))]
fn raise_override() -> io::Result<()> {
    Err(io::Error::from_raw_os_error(libc::ENOSYS))
}
