use crate::check::Answer;
use crate::diagnostic::{harmless, nearest};
use crate::engine::Target;
use crate::ide::{self, quoted};
use crate::inventory::HostSet;
use crate::model::{Place, RegionId, SiteId};
use crate::plan::{HostIdx, Plan};
use crate::repl::prompt::{Prompt, Said};

/// Where something happens, and how a test says it.
pub(super) struct Named {
    pub place: Place,
    /// ` at site "sydney"` without the `at`; empty for everywhere.
    pub words: String,
}

/// Reads `host x`, `hosts EXPRESSION`, `site "s"`, `region r`; nothing is everywhere.
///
/// # Errors
/// What is wrong with it.
pub(super) fn place(prompt: &Prompt<'_>, plan: &Plan, text: &str) -> Result<Named, Box<Said>> {
    let (word, rest) = super::command::split(text);
    let name = rest.trim_matches('"');
    match word {
        "" => Ok(Named { place: Place::Everywhere, words: String::new() }),
        "hosts" => {
            let condition = rest.strip_prefix("where ").unwrap_or(rest);
            let hosts = hosts_of(prompt, condition)?;
            Ok(Named { place: Place::Hosts(hosts), words: format!("hosts {condition}") })
        }
        "host" => {
            let fleet = prompt.session().fleet.as_ref();
            let found = fleet.and_then(|fleet| Some((fleet, fleet.find(name)?)));
            let Some((fleet, host)) = found else { return Err(unknown_host(prompt, name)) };
            let mut hosts = HostSet::none(fleet.len());
            hosts.insert(host);
            Ok(Named { place: Place::Hosts(hosts), words: format!("host {}", quoted(name)) })
        }
        "site" => {
            let site = find(plan.sites.iter().map(|site| site.name.as_str()), "site", name)?;
            Ok(Named { place: Place::Site(SiteId(site)), words: format!("site {}", quoted(name)) })
        }
        "region" => {
            let region = find(plan.regions.iter().map(|region| region.name.as_str()), "region", name)?;
            Ok(Named { place: Place::Region(RegionId(region)), words: format!("region {name}") })
        }
        _ => Err(no_place(text)),
    }
}

/// What a person's act is about: as for a place, and `stage s` and the whole rollout.
///
/// # Errors
/// What is wrong with it.
pub(super) fn target(prompt: &Prompt<'_>, plan: &Plan, text: &str) -> Result<(Target, String), Box<Said>> {
    let (word, rest) = super::command::split(text);
    let name = rest.trim_matches('"');
    match word {
        "" | "rollout" => Ok((Target::Rollout, "rollout".to_owned())),
        "stage" => {
            let stage = find(plan.stages.iter().map(|stage| stage.name.as_str()), "stage", name)?;
            Ok((Target::Stage(stage), name.to_owned()))
        }
        "host" => {
            let host = plan.hosts.iter().position(|host| &*host.name == name);
            let host = host.ok_or_else(|| unknown_host(prompt, name))?;
            Ok((Target::Host(HostIdx(host as u32)), format!("host {}", quoted(name))))
        }
        "site" => {
            let site = find(plan.sites.iter().map(|site| site.name.as_str()), "site", name)?;
            Ok((Target::Site(SiteId(site)), format!("site {}", quoted(name))))
        }
        "region" => {
            let region = find(plan.regions.iter().map(|region| region.name.as_str()), "region", name)?;
            Ok((Target::Region(RegionId(region)), format!("region {name}")))
        }
        _ => Err(no_place(text)),
    }
}

fn no_place(text: &str) -> Box<Said> {
    Box::new(Said::fault(
        format!("`{}` is no place", harmless(text)),
        "write `region asia`, `site \"sydney\"`, `host web-1` or `hosts role == \"web\"`",
    ))
}

/// The index of a name among those that there are.
pub(super) fn find<'n>(
    mut names: impl Iterator<Item = &'n str> + Clone,
    what: &str,
    name: &str,
) -> Result<u32, Box<Said>> {
    let all = names.clone();
    match names.position(|known| known == name) {
        Some(idx) => Ok(idx as u32),
        None => {
            let message = match name {
                "" => format!("the name of a {what} belongs here"),
                name => format!("there is no {what} `{}`", harmless(name)),
            };
            let help = match nearest(name, all.clone()) {
                Some(near) => format!("did you mean `{}`?", harmless(near)),
                None => format!("there is {}", harmless(&all.take(12).collect::<Vec<_>>().join(", "))),
            };
            Err(Box::new(Said::fault(message, help)))
        }
    }
}

fn hosts_of(prompt: &Prompt<'_>, text: &str) -> Result<HostSet, Box<Said>> {
    let found = ide::evaluate(prompt.session(), "<typed>", text);
    match found.answer {
        Some(Answer::Hosts { hosts, .. }) => Ok(hosts),
        Some(_) => Err(Box::new(Said::fault("a condition on hosts belongs here", "such as `hosts role == \"web\"`"))),
        None => {
            let problems = prompt.drawn(&found.problems, &found.sources);
            Err(Box::new(Said { problems, has_failed: true, ..Said::default() }))
        }
    }
}

pub(super) fn unknown_host(prompt: &Prompt<'_>, name: &str) -> Box<Said> {
    let fleet = prompt.session().fleet.as_ref();
    let near = fleet.and_then(|fleet| nearest(name, fleet.hosts().map(|host| fleet.name(host))));
    let help = near.map_or(String::new(), |near| format!("did you mean `{}`?", harmless(near)));
    match name {
        "" => Box::new(Said::fault("the name of a host belongs here", help)),
        name => Box::new(Said::fault(format!("there is no host `{}`", harmless(name)), help)),
    }
}
