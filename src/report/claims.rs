use crate::diagnostic::harmless;
use crate::model::{Budget, Claim, Counted, CountedIn, Property, PropertyKind, ServiceId, State, Subject, Term};
use crate::plan::Plan;
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

fn term(plan: &Plan, term: &Term) -> String {
    match term {
        Term::ServiceKept(service) => format!("service {} kept", service_name(plan, *service)),
        Term::State { of, state } => {
            let state = match state {
                State::Started => "started",
                State::Passed => "passed",
                State::Held => "held",
                State::RolledBack => "rolled back",
            };
            format!("{} {state}", subject(plan, *of))
        }
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
