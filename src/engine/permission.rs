use crate::engine::{PersonAct, Target};
use crate::model::{Permission, RegionId, Verb, Where};
use crate::plan::{HostIdx, Plan};

/// Why somebody may not do something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The act in the words of the command line: `roll back`.
    pub word: &'static str,
    /// What it is about.
    pub place: Target,
    /// The teams whose members may.
    pub teams: Vec<String>,
}

/// How much an act is about.
enum Wide {
    Everywhere,
    Regions(Vec<RegionId>),
}

/// Whether the plan's teams let a person do this. Without a team nobody may: no policy means no.
///
/// # Errors
/// What is refused, and who may.
pub fn may(plan: &Plan, person: &str, act: &PersonAct) -> Result<(), Refusal> {
    let (verb, word, place, allowing) = match act {
        PersonAct::Approve { stage } => (Verb::Approve, "approve", Target::Stage(*stage), approvers(plan, *stage)),
        PersonAct::Deny { stage } => (Verb::Approve, "deny", Target::Stage(*stage), approvers(plan, *stage)),
        PersonAct::Hold { target } => (Verb::Hold, "hold", *target, None),
        PersonAct::Resume { target } => (Verb::Resume, "resume", *target, None),
        PersonAct::Rollback { target } => (Verb::Rollback, "roll back", *target, None),
        PersonAct::Settle { host, .. } => (Verb::Resume, "settle", Target::Host(*host), None),
    };
    let is_member = |team: &crate::model::Team| team.members.iter().any(|member| member == person);
    let named = allowing.and_then(|team| plan.teams.get(team));
    if named.is_some_and(is_member) {
        return Ok(());
    }
    // An approval is given by the team that the stage names, or by who may approve everything.
    let wanted = match act {
        PersonAct::Approve { .. } | PersonAct::Deny { .. } => Wide::Everywhere,
        _ => Wide::Regions(regions_of(plan, place)),
    };
    let of_person = plan.teams.iter().filter(|team| is_member(team)).flat_map(|team| &team.permissions);
    if wanted.is_within(verb, of_person) {
        return Ok(());
    }
    let could = plan.teams.iter().filter(|team| wanted.is_within(verb, team.permissions.iter()));
    let could = could.map(|team| team.name.clone());
    let mut teams: Vec<String> = named.map(|team| team.name.clone()).into_iter().chain(could).collect();
    teams.dedup();
    Err(Refusal { word, place, teams })
}

/// The first person of the plan's teams who may do this; none where nobody may.
pub fn who_may<'p>(plan: &'p Plan, act: &PersonAct) -> Option<&'p str> {
    let people = plan.teams.iter().flat_map(|team| &team.members);
    people.map(String::as_str).find(|person| may(plan, person, act).is_ok())
}

impl Wide {
    /// Whether several sentences allow it together: who may in one region and in another may in both.
    fn is_within<'p>(&self, verb: Verb, permissions: impl Iterator<Item = &'p Permission>) -> bool {
        let mut allowed: Vec<RegionId> = Vec::new();
        for permission in permissions.filter(|permission| permission.verbs.contains(&verb)) {
            match &permission.place {
                Where::Everywhere => return true,
                Where::Regions(regions) => allowed.extend(regions),
            }
        }
        match self {
            Wide::Everywhere => false,
            Wide::Regions(regions) => !regions.is_empty() && regions.iter().all(|region| allowed.contains(region)),
        }
    }
}

/// The team that a stage asks.
fn approvers(plan: &Plan, stage: u32) -> Option<usize> {
    let approval = plan.stages.get(stage as usize)?.approval.as_ref()?;
    Some(approval.team.0 as usize)
}

/// Every region that an act on this touches; of the rollout all that there are.
fn regions_of(plan: &Plan, target: Target) -> Vec<RegionId> {
    match target {
        Target::Rollout => (0..plan.regions.len() as u32).map(RegionId).collect(),
        Target::Stage(stage) | Target::Batch { stage, .. } => plan
            .stages
            .get(stage as usize)
            .map(|stage| stage.turns.iter().map(|turn| turn.region).collect())
            .unwrap_or_default(),
        Target::Region(region) => vec![region],
        Target::Site(site) => plan.sites.get(site.0 as usize).map(|site| site.region).into_iter().collect(),
        Target::Host(HostIdx(host)) => {
            let site = plan.hosts.get(host as usize).map(|host| host.site);
            site.and_then(|site| plan.sites.get(site.0 as usize)).map(|site| site.region).into_iter().collect()
        }
    }
}
