use crate::check::command::{Prepared, STEP_SUBJECTS};
use crate::check::entry::Checker;
use crate::check::names::Definition;
use crate::check::once::{Once, Owner};
use crate::check::term::{HostAccess, Scope};
use crate::check::used::Used;
use crate::diagnostic::{Code, Problem};
use crate::model::{Gate, Per, Probe};
use crate::source::Span;
use crate::syntax::ast::{self, At, Budget, GateMember, TextPart};
use crate::time::Duration;

/// A gate, and what it needs of each host that it is asked of.
#[derive(Debug, Clone)]
pub(super) struct CheckedGate {
    pub(super) gate: Gate,
    pub(super) uses: Vec<Used>,
}

const DEFAULT_EVERY: Duration = Duration::from_seconds(30);
const DEFAULT_TIMEOUT: Duration = Duration::from_seconds(30);

impl<'a> Checker<'a> {
    pub(super) fn check_gate(&mut self, definition: Definition<'a, ast::Gate>) -> Option<CheckedGate> {
        let gate = definition.value;
        let owner = Owner::new("gate", &gate.name, definition.span);
        let mut probe = Once::new("run");
        let mut every = Once::new("every");
        let mut within = Once::new("within");
        let mut lasts_for = Once::new("for");
        let mut retry = Once::new("retry");
        let mut timeout = Once::new("timeout");
        let mut fails = Once::new("fails");
        for member in &gate.members {
            match member {
                GateMember::Probe { probe: found, span } => probe.set(self, found, *span),
                GateMember::Every(length) => every.set(self, length, length.span),
                GateMember::Within(length) => within.set(self, length, length.span),
                GateMember::For(length) => lasts_for.set(self, length, length.span),
                GateMember::Retry(times) => retry.set(self, times, times.span),
                GateMember::Timeout(length) => timeout.set(self, length, length.span),
                GateMember::Fails(share) => fails.set(self, share, share.span),
            }
        }
        if let (Some(retry), Some(within)) = (retry.span(), within.span()) {
            let problem = Problem::error(Code::BAD_VALUE, "`retry` and `within` say the same in two ways")
                .label(retry, "how many more times it is asked")
                .label(within, "how long it is asked")
                .help("keep `within`: it says how long the rollout waits");
            self.report(problem);
        }
        let (every, within, timeout) = (every.get(), within.get(), timeout.get());
        if let (Some(every), Some(within)) = (every, within)
            && every.value > within.value
        {
            let message =
                format!("the gate `{}` is asked only once: its next asking would come too late", gate.name.text);
            let problem = Problem::warning(Code::MEMBERS_CLASH, message)
                .label(every.span, format!("the next asking comes after {}", every.value))
                .label(within.span, format!("and after {} it has failed", within.value))
                .help("ask more often, or give it more time");
            self.report(problem);
        }
        if let (Some(timeout), Some(within)) = (timeout, within)
            && timeout.value > within.value
            && !within.value.is_zero()
        {
            let message = format!("one asking of the gate `{}` may last longer than all of them", gate.name.text);
            let problem = Problem::warning(Code::MEMBERS_CLASH, message)
                .label(timeout.span, format!("one is given up after {}", timeout.value))
                .label(within.span, format!("and after {} the gate has failed", within.value))
                .help("give up one asking sooner, or give the gate more time");
            self.report(problem);
        }
        let probe = probe.required(self, &owner, "run \"probe {host.name}\"");
        let every = self.positive(every, DEFAULT_EVERY);
        let timeout = self.positive(timeout, DEFAULT_TIMEOUT);
        let lasts_for = lasts_for.get();
        let fails = self.share(fails.get());
        let scope = gate_scope(gate.per.value);
        let probe = self.check_probe(probe?, &scope)?;
        Some(CheckedGate {
            gate: Gate {
                name: gate.name.text.clone(),
                per: per(gate.per.value),
                probe: probe.value,
                every: every?,
                within: within.map(|within| within.value),
                lasts_for: lasts_for.map_or(Duration::ZERO, |length| length.value),
                retries: retry.get().map_or(0, |times| times.value),
                timeout: timeout?,
                fails: fails?,
                span: definition.span,
            },
            uses: probe.uses,
        })
    }

    fn check_probe(&mut self, probe: &'a ast::Probe, scope: &Scope<'a>) -> Option<Prepared<Probe>> {
        match probe {
            ast::Probe::Run(command) => {
                let line = self.only_line(command, scope)?;
                Some(Prepared { value: Probe::Command(line.value), uses: line.uses })
            }
            ast::Probe::Tcp { address, port } => {
                let port = self.port(port);
                let address = self.address(address, scope)?;
                Some(Prepared { value: Probe::Tcp { address: address.value, port: port? }, uses: address.uses })
            }
            ast::Probe::Http { url, status } => {
                let is_http = self.check_is_http(url);
                let status = status.as_ref().map_or(Some(200), |status| self.status(status));
                let url = self.text_argument(&url.parts, scope)?;
                let status = status.filter(|_| is_http)?;
                Some(Prepared { value: Probe::Http { url: url.value, status }, uses: url.uses })
            }
        }
    }

    /// Where the beginning is a value, what it is can only be seen when it is asked.
    fn check_is_http(&mut self, url: &ast::Text) -> bool {
        let Some(TextPart::Literal { text, .. }) = url.parts.first() else { return true };
        let is_http = ["http://", "https://"].iter().any(|scheme| text.starts_with(scheme));
        let is_whole_scheme = is_http || (url.parts.len() > 1 && "https://".starts_with(text.as_str()));
        if !is_whole_scheme {
            let problem = Problem::error(Code::BAD_VALUE, "an address of `http` begins with `http://` or `https://`");
            let problem = problem.label(url.span, "begins otherwise");
            self.report(problem.help("write the whole address: `http \"https://{host.address}/\" status 200`"));
        }
        is_whole_scheme
    }

    fn status(&mut self, status: &At<u64>) -> Option<u16> {
        let found = u16::try_from(status.value).ok().filter(|status| (100..600).contains(status));
        if found.is_none() {
            let message = format!("`{}` is no HTTP status", status.value);
            self.report(Problem::error(Code::BAD_VALUE, message).label(status.span, "from 100 to 599"));
        }
        found
    }

    pub(super) fn port(&mut self, port: &At<u64>) -> Option<u16> {
        let found = u16::try_from(port.value).ok().filter(|port| *port != 0);
        if found.is_none() {
            let message = format!("`{}` is no port", port.value);
            self.report(Problem::error(Code::BAD_VALUE, message).label(port.span, "from 1 to 65535"));
        }
        found
    }

    /// A length that may not be nothing.
    pub(super) fn positive(&mut self, length: Option<&At<Duration>>, default: Duration) -> Option<Duration> {
        let Some(length) = length else { return Some(default) };
        if length.value.is_zero() {
            self.report_zero(length.span);
            return None;
        }
        Some(length.value)
    }

    /// Of a hundred so many; none where nothing is said.
    pub(super) fn share(&mut self, share: Option<&At<Budget>>) -> Option<f64> {
        match share {
            None => Some(0.0),
            Some(At { value: Budget::Percent(percent), .. }) => Some(*percent),
            Some(At { value: Budget::Hosts(number), span }) => {
                let problem =
                    Problem::error(Code::BAD_VALUE, "how often it fails is a part of all times, not a number")
                        .label(*span, "of how many?");
                let written = format!("{number}%");
                self.report(match number {
                    0..=100 => problem.help("say of how many times out of a hundred").fix(
                        format!("write `{written}`"),
                        *span,
                        written,
                    ),
                    _ => problem.help("a percentage goes from `0%` to `100%`: `fails 2%`"),
                });
                None
            }
        }
    }

    /// A length that is left out, or more than nothing.
    pub(super) fn check_is_positive(&mut self, length: Option<&At<Duration>>) -> bool {
        self.positive(length, Duration::ZERO).is_some()
    }

    pub(super) fn report_zero(&mut self, place: Span) {
        let problem = Problem::error(Code::BAD_VALUE, "this has to be more than nothing");
        self.report(problem.label(place, "zero").help("say how much, or leave it out"));
    }
}

/// What a gate's commands know: of whom it is asked.
fn gate_scope<'a>(per: ast::Per) -> Scope<'a> {
    let (host, subjects): (_, &'static [&'static str]) = match per {
        ast::Per::Host => (HostAccess::Named, STEP_SUBJECTS),
        ast::Per::Site => (HostAccess::None, &["site.name", "region.name", "rollout.name", "stage.name"]),
        ast::Per::Region | ast::Per::Batch => (HostAccess::None, &["region.name", "rollout.name", "stage.name"]),
    };
    Scope { host, subjects, ..Scope::default() }
}

fn per(per: ast::Per) -> Per {
    match per {
        ast::Per::Host => Per::Host,
        ast::Per::Site => Per::Site,
        ast::Per::Region => Per::Region,
        ast::Per::Batch => Per::Batch,
    }
}
