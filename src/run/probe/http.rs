use std::io::ErrorKind;
use std::time::Duration;

use ureq::{Agent, Error, Timeout};

use crate::diagnostic::harmless;
use crate::engine::Answer;
use crate::run::probe::Answered;

/// Passes when the answer has the status. A redirect is an answer like any other: who expects 200 shall not be told of
/// another page's. Nobody there, or nobody in time, fails; a question that could not be put is unknown.
pub(super) fn ask(url: &str, status: u16, limit: crate::time::Duration) -> Answered {
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(Duration::from_secs(limit.seconds().max(1))))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("sunup/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    match agent.get(url).call() {
        Ok(response) if response.status().as_u16() == status => {
            Answered::new(Answer::Pass, format!("`{}` answers {status}", harmless(url)))
        }
        Ok(response) => {
            let to = response.headers().get("location").and_then(|to| to.to_str().ok());
            let to = to.map(|to| format!(" (to `{}`)", harmless(to))).unwrap_or_default();
            let answered = response.status().as_u16();
            Answered::new(Answer::Fail, format!("`{}` answers {answered}{to}, not {status}", harmless(url)))
        }
        Err(error) => {
            let answer = if was_put(&error) { Answer::Fail } else { Answer::Unknown };
            let cause = harmless(&error.to_string()).into_owned();
            Answered::new(answer, format!("`{}` does not answer: {cause}", harmless(url)))
        }
    }
}

/// Whether somebody was asked and did not answer as one should. A name without an address is an error of input and output
/// too, of no kind in particular.
fn was_put(error: &Error) -> bool {
    match error {
        Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::HostUnreachable
                | ErrorKind::NetworkUnreachable
                | ErrorKind::BrokenPipe
                | ErrorKind::TimedOut
                | ErrorKind::WouldBlock
                | ErrorKind::UnexpectedEof
                | ErrorKind::InvalidData
        ),
        Error::Timeout(Timeout::Resolve) => false,
        Error::Timeout(_)
        | Error::ConnectionFailed
        | Error::Protocol(_)
        | Error::Rustls(_)
        | Error::Tls(_)
        | Error::LargeResponseHeader(..) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    const SOON: crate::time::Duration = crate::time::Duration::from_seconds(2);

    /// Answers every connection with these bytes and closes it; `None` keeps it open without a word.
    fn server(answer: Option<&'static str>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/health", listener.local_addr().unwrap());
        thread::spawn(move || {
            let mut open = Vec::new();
            for connection in listener.incoming() {
                let mut connection = connection.unwrap();
                let _ = connection.read(&mut [0; 4096]);
                match answer {
                    Some(answer) => connection.write_all(answer.as_bytes()).unwrap(),
                    None => open.push(connection),
                }
            }
        });
        url
    }

    fn answer(text: Option<&'static str>) -> (Option<Answer>, String) {
        let url = server(text);
        let answered = ask(&url, 200, SOON);
        (answered.answer, answered.detail.replace(&url, "URL"))
    }

    #[test]
    fn the_status_decides() {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        assert_eq!(answer(Some(ok)), (Some(Answer::Pass), "`URL` answers 200".to_owned()));
        let down = "HTTP/1.1 503 Down\r\nContent-Length: 0\r\n\r\n";
        assert_eq!(answer(Some(down)), (Some(Answer::Fail), "`URL` answers 503, not 200".to_owned()));
    }

    #[test]
    fn a_redirect_is_not_followed() {
        let elsewhere = "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\x1b[2J\r\nContent-Length: 0\r\n\r\n";
        let (answer, _) = answer(Some(elsewhere));
        assert_eq!(answer, Some(Answer::Fail));
        let login = "HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 0\r\n\r\n";
        let (answer, detail) = self::answer(Some(login));
        assert_eq!((answer, detail.as_str()), (Some(Answer::Fail), "`URL` answers 302 (to `/login`), not 200"));
    }

    #[test]
    fn nonsense_silence_and_nobody_fail() {
        for text in [Some("what?\r\n\r\n"), Some(""), None] {
            let (answer, detail) = answer(text);
            assert_eq!(answer, Some(Answer::Fail), "{text:?}: {detail}");
        }
        assert_eq!(ask("http://127.0.0.1:1/", 200, SOON).answer, Some(Answer::Fail));
    }

    #[test]
    fn what_could_not_be_asked_is_unknown() {
        for url in ["http://no-such-host.invalid/", "", "no url at all", "ftp://127.0.0.1/", "http://[::1", "http:///x"]
        {
            let answered = ask(url, 200, SOON);
            assert_eq!(answered.answer, Some(Answer::Unknown), "{url}: {}", answered.detail);
        }
    }
}
