//! The questions to the outside, one file each.
//!
//! In: an [`Inquiry`], its values filled in. Out: pass, fail or unknown, with one line that says why. A question that
//! could not be put is unknown, never fail. Never: asks twice, follows a redirect. Start at [`Inquiry`].

mod command;
mod http;
mod tcp;

use crate::engine::Answer;
use crate::run::Cutoff;
use crate::run::driver::{Captured, Local, Order};
use crate::time::Duration;

/// One question, put once.
#[derive(Debug, Clone)]
pub(crate) enum Inquiry {
    /// Passes when the command ends with exit code 0.
    Command { local: Local, order: Order },
    /// Passes when somebody takes the connection.
    Tcp { address: String, port: u16, limit: Duration },
    /// Passes when the answer has this status.
    Http { url: String, status: u16, limit: Duration },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answered {
    /// None where the question was cut off.
    pub answer: Option<Answer>,
    pub detail: String,
    pub output: Captured,
}

impl Inquiry {
    pub fn ask(&self, cutoff: &Cutoff) -> Answered {
        match self {
            Inquiry::Command { local, order } => command::ask(local, order, cutoff),
            Inquiry::Tcp { address, port, limit } => tcp::ask(address, *port, *limit),
            Inquiry::Http { url, status, limit } => http::ask(url, *status, *limit),
        }
    }
}

impl Answered {
    pub fn new(answer: Answer, detail: impl Into<String>) -> Answered {
        Answered { answer: Some(answer), detail: detail.into(), output: Captured::default() }
    }
}
