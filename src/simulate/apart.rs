use crate::model::{Act, Claim, Condition, CountedIn, Property, RegionId, Rule, Scope, State, Subject, Term};
use crate::plan::{BudgetGroup, Plan};

/// Whether the regions of a plan have nothing to do with each other before the end of a stage: no budget spans two of
/// them, no rule undoes or counts over more than one, and no claim compares two.
///
/// A rule may hold the rollout once so many regions are held: what such a hold does in a region that goes on is what a
/// person's hold does there.
pub(super) fn are_regions_apart(plan: &Plan) -> bool {
    let spans = |budget: &BudgetGroup| {
        let mut regions = budget.hosts.iter().map(|host| plan.region_of(*host));
        let first = regions.next();
        regions.any(|region| Some(region) != first)
    };
    !plan.budgets.iter().any(spans)
        && plan.rules.iter().all(stays_in_its_region)
        && plan.properties.iter().all(|property| speaks_of_one_region(plan, property))
}

fn stays_in_its_region(rule: &Rule) -> bool {
    let is_wide = |scope: Scope| scope > Scope::Region;
    let counts_regions = match rule.condition {
        Condition::RegionsHeld(_) => true,
        Condition::MoreThanFailed { scope, .. } if is_wide(scope) => return false,
        Condition::MoreThanFailed { .. }
        | Condition::GateFailed(_)
        | Condition::GateUnknown(_)
        | Condition::StepFailed(_) => false,
        _ => return false,
    };
    rule.actions.iter().all(|act| match *act {
        Act::Hold(scope) => counts_regions || !is_wide(scope),
        Act::Rollback(scope) => !counts_regions && !is_wide(scope),
        Act::Notify(_) => true,
    })
}

/// Stages and the rollout go on, and are held, in the same order whichever region is first; so what is said of them alone
/// compares nothing. Said together with what is so of a region, it does: a stage ends when its last region does. What is
/// said of any one site, region or service says nothing of another region, unless it is said together with something else.
fn speaks_of_one_region(plan: &Plan, property: &Property) -> bool {
    let claims: [Option<&Claim>; 2] = [Some(&property.claim), property.unless.as_ref()];
    let terms = claims.into_iter().flatten().flat_map(|claim| claim.any_of.iter().flatten());
    let mut named: Option<RegionId> = None;
    let (mut of_any, mut of_all) = (0, 0);
    for term in terms {
        let region = match term {
            Term::State {
                of: Subject::Rollout | Subject::Stage(_),
                state: State::RolledBack | State::Done | State::Failed | State::Down,
            } => return false,
            Term::State { of: Subject::Rollout | Subject::Stage(_), .. } => {
                of_all += 1;
                continue;
            }
            Term::State { of: Subject::Region(region), .. } => *region,
            Term::State { of: Subject::Site(site), .. } => plan.sites[site.0 as usize].region,
            Term::ServiceKept(_) | Term::MoreThan { place: CountedIn::Scope(Scope::Site | Scope::Region), .. } => {
                of_any += 1;
                continue;
            }
            Term::Gate { .. } | Term::MoreThan { .. } | Term::Hosts { .. } | Term::Told(_) | Term::Not(_) => {
                return false;
            }
        };
        if named.is_some_and(|known| known != region) {
            return false;
        }
        named = Some(region);
    }
    match (of_all > 0, named.is_some(), of_any) {
        (true, is_named, of_any) => !is_named && of_any == 0,
        (false, is_named, of_any) => of_any == 0 || (of_any == 1 && !is_named),
    }
}
