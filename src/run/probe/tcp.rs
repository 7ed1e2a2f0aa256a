#![expect(clippy::disallowed_methods, reason = "the probe that connects")]

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::diagnostic::harmless;
use crate::engine::Answer;
use crate::run::probe::Answered;

/// Passes when one of the name's addresses takes the connection. Nobody there, or nobody in time, fails; a name that
/// nobody knows says nothing about the host.
pub(super) fn ask(address: &str, port: u16, limit: crate::time::Duration) -> Answered {
    let shown = format!("{}:{port}", harmless(address));
    let deadline = Instant::now() + Duration::from_secs(limit.seconds().clamp(1, LONGEST));
    let addresses = match resolve(address, port, deadline) {
        Ok(addresses) => addresses,
        Err(cause) => return Answered::new(Answer::Unknown, format!("`{shown}` has no address: {cause}")),
    };
    let mut last = format!("`{shown}` has no address");
    for address in addresses {
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        match TcpStream::connect_timeout(&address, left) {
            Ok(_) => return Answered::new(Answer::Pass, format!("`{shown}` is open")),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => last = format!("`{shown}` does not answer"),
            Err(error) => last = format!("`{shown}` is not open: {error}"),
        }
    }
    Answered::new(Answer::Fail, last)
}

/// A day: nobody waits longer for a connection.
const LONGEST: u64 = 86_400;

/// The system's own search has no limit, so that it runs beside us and is left behind when the time is over.
fn resolve(address: &str, port: u16, deadline: Instant) -> Result<Vec<SocketAddr>, String> {
    let bare = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(address).to_owned();
    if let Ok(ip) = bare.parse() {
        return Ok(vec![SocketAddr::new(ip, port)]);
    }
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let found = (bare.as_str(), port).to_socket_addrs().map(Vec::from_iter);
        // Nobody listens where the time was over.
        let _ = sender.send(found);
    });
    match receiver.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(Ok(addresses)) => Ok(addresses),
        Ok(Err(error)) => Err(harmless(&error.to_string()).into_owned()),
        Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Err("nobody answers for it".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    const SOON: crate::time::Duration = crate::time::Duration::from_seconds(5);

    #[test]
    fn open_passes_and_closed_fails() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        for name in ["127.0.0.1", "localhost"] {
            assert_eq!(ask(name, port, SOON).answer, Some(Answer::Pass), "{name}");
        }
        drop(listener);
        let closed = ask("127.0.0.1", port, SOON);
        assert_eq!(closed.answer, Some(Answer::Fail));
        assert!(closed.detail.starts_with(&format!("`127.0.0.1:{port}` is not open: ")), "{}", closed.detail);
    }

    #[test]
    fn a_name_that_nobody_knows_is_unknown() {
        for name in ["no-such-host.invalid", "", "a b", "{{7*7}}", "-rf"] {
            let answered = ask(name, 25, SOON);
            assert_eq!(answered.answer, Some(Answer::Unknown), "{name}: {}", answered.detail);
        }
    }
}
