use crate::diagnostic::harmless;
use crate::model::{Budget, Claim, Counted, CountedIn, Property, PropertyKind, ServiceId, State, Subject, Term};
use crate::plan::{HostIdx, Plan};
use crate::report::places::{host_name, some_hosts};
use crate::report::words;

/// A claim as one writes it: `never world started unless australia passed`.
pub(super) fn property(plan: &Plan, property: &Property) -> String {
    let Property { kind, claim, unless, span: _ } = property;
    let word = match kind {
        PropertyKind::Always => "always",
        PropertyKind::Never => "never",
    };
    let unless = unless.as_ref().map(|unless| format!(" unless {}", claimed(plan, unless))).unwrap_or_default();
    format!("{word} {}{unless}", claimed(plan, claim))
}

fn claimed(plan: &Plan, claim: &Claim) -> String {
    let all = |terms: &Vec<Term>| terms.iter().map(|one| term(plan, one)).collect::<Vec<_>>().join(" and ");
    claim.any_of.iter().map(all).collect::<Vec<_>>().join(" or ")
}

pub(super) fn term(plan: &Plan, said: &Term) -> String {
    match said {
        Term::ServiceKept(service) => format!("service {} kept", service_name(plan, *service)),
        Term::State { of, state } => {
            format!("{} {}", subject(plan, *of), state_word(*state))
        }
        Term::Hosts { hosts, state } => {
            let state = state_word(*state);
            let hosts: Vec<HostIdx> = hosts.iter().map(|host| HostIdx(*host)).collect();
            match hosts.as_slice() {
                [host] => format!("host \"{}\" {state}", host_name(plan, *host)),
                hosts => format!("hosts {} {state}", some_hosts(plan, hosts, MOST_HOSTS)),
            }
        }
        Term::Told(team) => {
            let name = plan.teams.get(team.0 as usize).map_or("", |team| &team.name);
            format!("{} told", harmless(name))
        }
        Term::Not(denied) => format!("not {}", term(plan, denied)),
        Term::Gate { gate, has_passed } => {
            let name = plan.gates.get(gate.0 as usize).map_or("", |gate| &gate.name);
            format!("gate {} {}", harmless(name), if *has_passed { "passed" } else { "failed" })
        }
        Term::MoreThan { limit, what, place } => {
            let limit = match limit {
                Budget::Hosts(hosts) => hosts.to_string(),
                Budget::Percent(percent) => format!("{percent}%"),
            };
            let what = match what {
                Counted::Down => "down",
                Counted::Failed => "failed",
            };
            let place = match place {
                CountedIn::Service(service) => format!("service {}", service_name(plan, *service)),
                CountedIn::Scope(scope) => words::scope(*scope).to_owned(),
            };
            format!("more than {limit} {what} in {place}")
        }
    }
}

/// How many hosts of a claim are named.
const MOST_HOSTS: usize = 6;

pub(super) fn state_word(state: State) -> &'static str {
    match state {
        State::Started => "started",
        State::Passed => "passed",
        State::Held => "held",
        State::RolledBack => "rolled back",
        State::Done => "done",
        State::Failed => "failed",
        State::Down => "down",
    }
}

fn subject(plan: &Plan, of: Subject) -> String {
    match of {
        Subject::Rollout => "rollout".to_owned(),
        Subject::Stage(stage) => harmless(plan.stages.get(stage as usize).map_or("", |stage| &stage.name)).into_owned(),
        Subject::Region(region) => {
            let name = plan.regions.get(region.0 as usize).map_or("", |region| &region.name);
            format!("region {}", harmless(name))
        }
        Subject::Site(site) => {
            let name = plan.sites.get(site.0 as usize).map_or("", |site| &site.name);
            format!("site \"{}\"", harmless(name))
        }
    }
}

fn service_name(plan: &Plan, service: ServiceId) -> String {
    harmless(plan.services.get(service.0 as usize).map_or("", |service| &service.name)).into_owned()
}
