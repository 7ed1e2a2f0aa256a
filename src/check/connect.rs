use crate::check::entry::Checker;
use crate::check::host_problems::say;
use crate::check::names::list;
use crate::check::once::Once;
use crate::diagnostic::{Code, Problem, nearest};
use crate::inventory::{FieldType, Selector, Value};
use crate::model::Connection;
use crate::syntax::ast::{ConnectMember, Name};

#[derive(Debug, Clone, Default)]
pub(super) struct CheckedConnection {
    pub(super) kind: Option<Connection>,
    pub(super) path: Option<String>,
}

/// The field by which a host says how it is reached.
const FIELD: &str = "connect";

impl Checker<'_> {
    pub(super) fn check_connect(&mut self) -> CheckedConnection {
        self.check_hosts_own_connection();
        let all = self.names.connects.clone();
        for second in all.iter().skip(1) {
            let first = all[0].value;
            let problem = Problem::error(Code::DEFINED_TWICE, "the script says twice how hosts are reached")
                .label(second.value.kind.span, "said again here")
                .label(first.kind.span, "first said here")
                .help("a single host says otherwise in its field `connect`");
            self.report(problem);
        }
        let Some(definition) = all.first() else { return CheckedConnection::default() };
        let connect = definition.value;
        let kind = self.connection(&connect.kind);
        let mut path = Once::new("path");
        for member in &connect.members {
            let ConnectMember::Path(text) = member;
            path.set(self, text, text.span);
        }
        if let (Some(Connection::Simulated), Some(place)) = (kind, path.span()) {
            let problem = Problem::error(Code::BAD_VALUE, "`simulated` starts no program, so it searches no `path`");
            self.report(problem.label(place, "has no effect").label(connect.kind.span, "no process at all"));
        }
        CheckedConnection { kind, path: path.get().map(|path| path.value.clone()) }
    }

    fn connection(&mut self, kind: &Name) -> Option<Connection> {
        let found = read(&kind.text);
        if found.is_none() {
            let problem = Problem::error(Code::UNKNOWN_NAME, format!("there is no connection `{}`", kind.text))
                .label(kind.span, "no such connection");
            self.report(match nearest(&kind.text, KINDS) {
                Some(near) => {
                    problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), kind.span, near)
                }
                None => problem.help("there are `local` (a process on this machine) and `simulated` (no process)"),
            });
        }
        found
    }

    fn check_hosts_own_connection(&mut self) {
        let Some(fleet) = self.input.fleet else { return };
        let Some(field) = fleet.field(FIELD) else { return };
        let known = KINDS.iter().map(|kind| Value::Text((*kind).to_owned())).collect();
        let bad = match fleet.field_type(field) {
            FieldType::Text => Selector::Not(Box::new(Selector::In { field, values: known })).select(fleet),
            _ => fleet.missing(field).complement(),
        };
        if bad.is_empty() {
            return;
        }
        let (severity, bad) = self.concerning(&bad);
        let values = fleet.values(field, &bad);
        let named = list(values.iter().map(|(value, _)| value), values.len());
        let message =
            format!("{} to be reached by {named}, and there is no such connection", say(bad.len(), "asks", "ask"));
        let mut problem = Problem::error(Code::UNKNOWN_VALUE, message);
        problem.severity = severity;
        let place = self.names.connects.first().map(|one| one.value.kind.span);
        if let Some(place) = place.or_else(|| self.names.rollouts.values().next().map(|one| one.value.name.span)) {
            problem = problem.label(place, "the inventory's field `connect` goes before this");
        }
        let problem = self.with_hosts(problem.help("mend the inventory: `local` or `simulated`"), &bad);
        self.report(problem);
    }
}

const KINDS: [&str; 2] = ["local", "simulated"];

fn read(kind: &str) -> Option<Connection> {
    match kind {
        "local" => Some(Connection::Local),
        "simulated" => Some(Connection::Simulated),
        _ => None,
    }
}
