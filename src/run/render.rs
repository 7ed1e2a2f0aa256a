use crate::diagnostic::harmless;
use crate::engine::GateSubject;
use crate::model::{Argument, Command, Part, RegionId, SiteId};
use crate::plan::{HostIdx, Plan};

/// Of whom a command or a probe speaks: where the values for its holes come from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    plan: &'a Plan,
    host: Option<HostIdx>,
    site: Option<SiteId>,
    region: Option<RegionId>,
    stage: Option<u32>,
}

impl<'a> Subject<'a> {
    pub fn host(plan: &'a Plan, host: HostIdx) -> Subject<'a> {
        let site = plan.hosts.get(host.0 as usize).map(|host| host.site);
        let stage = plan.hosts.get(host.0 as usize).map(|host| host.stage);
        Subject { plan, host: Some(host), site, region: region_of(plan, site), stage }
    }

    pub fn gate(plan: &'a Plan, subject: GateSubject) -> Subject<'a> {
        match subject {
            GateSubject::Host(host) => Subject::host(plan, host),
            GateSubject::Site { stage, site } => {
                Subject { plan, host: None, site: Some(site), region: region_of(plan, Some(site)), stage: Some(stage) }
            }
            GateSubject::Region { stage, region } => {
                Subject { plan, host: None, site: None, region: Some(region), stage: Some(stage) }
            }
            GateSubject::Batch { stage, turn, lane, .. } => {
                let turn = plan.stages.get(stage as usize).and_then(|stage| stage.turns.get(turn as usize));
                let site = turn.and_then(|turn| turn.lanes.get(lane as usize)?.site);
                Subject { plan, host: None, site, region: turn.map(|turn| turn.region), stage: Some(stage) }
            }
        }
    }

    pub fn host_name(&self) -> Option<&'a str> {
        self.host.and_then(|host| self.plan.hosts.get(host.0 as usize)).map(|host| &*host.name)
    }

    pub fn site_name(&self) -> Option<&'a str> {
        self.site.and_then(|site| self.plan.sites.get(site.0 as usize)).map(|site| site.name.as_str())
    }

    pub fn region_name(&self) -> Option<&'a str> {
        self.region.and_then(|region| self.plan.regions.get(region.0 as usize)).map(|region| region.name.as_str())
    }

    pub fn stage_name(&self) -> Option<&'a str> {
        self.stage.and_then(|stage| self.plan.stages.get(stage as usize)).map(|stage| stage.name.as_str())
    }

    fn package_name(&self) -> Option<&'a str> {
        let host = self.plan.hosts.get(self.host?.0 as usize)?;
        self.plan.packages.get(host.package.0 as usize).map(|package| package.name.as_str())
    }

    /// What the plan wrote down for the host comes first; the names of places it need not write down for each.
    fn value(&self, key: &str) -> Option<&'a str> {
        let written = self.host.and_then(|host| self.plan.value(key, host));
        written.or_else(|| match key {
            "host.name" => self.host_name(),
            "site.name" => self.site_name(),
            "region.name" => self.region_name(),
            "stage.name" => self.stage_name(),
            "package.name" => self.package_name(),
            "rollout.name" => Some(&self.plan.rollout),
            _ => None,
        })
    }

    /// Who it is, for a message.
    fn shown(&self) -> String {
        let name = self.host_name().or(self.site_name()).or(self.region_name()).or(self.stage_name());
        harmless(name.unwrap_or(&self.plan.rollout)).into_owned()
    }
}

/// The arguments with their values in them: as many as the command has, whatever the values are.
///
/// # Errors
/// One line: a value that is missing, one that would become an option, one that no argument can hold.
pub(crate) fn arguments(command: &Command, subject: Subject) -> Result<Vec<String>, String> {
    let arguments: Vec<String> =
        command.arguments.iter().map(|argument| one_argument(argument, subject)).collect::<Result<_, _>>()?;
    if arguments.is_empty() { Err("the command has no program".to_owned()) } else { Ok(arguments) }
}

fn one_argument(argument: &Argument, subject: Subject) -> Result<String, String> {
    let mut whole = String::new();
    for part in &argument.parts {
        match part {
            Part::Text(text) => whole.push_str(text),
            Part::Value(key) => {
                let value = value(key, subject)?;
                if whole.is_empty() && value.starts_with('-') {
                    return Err(format!(
                        "`{}` of `{}` is `{}`, which the program would take for an option",
                        harmless(key),
                        subject.shown(),
                        harmless(value)
                    ));
                }
                whole.push_str(value);
            }
        }
    }
    if whole.contains('\0') { Err("an argument holds a zero byte".to_owned()) } else { Ok(whole) }
}

/// An address: no program sees it, so that nothing in it can be an option.
pub(crate) fn address(argument: &Argument, subject: Subject) -> Result<String, String> {
    argument.parts.iter().map(|part| text_of(part, subject)).collect()
}

/// A URL. A value that is all of it is taken as it is; one that is a part of it can only be that part: what would begin
/// a query, a fragment or another host is escaped.
pub(crate) fn url(argument: &Argument, subject: Subject) -> Result<String, String> {
    if let [part] = argument.parts.as_slice() {
        return text_of(part, subject).map(str::to_owned);
    }
    let mut whole = String::new();
    for part in &argument.parts {
        match part {
            Part::Text(text) => whole.push_str(text),
            Part::Value(key) => value(key, subject)?.bytes().for_each(|byte| push_escaped(&mut whole, byte)),
        }
    }
    Ok(whole)
}

fn push_escaped(url: &mut String, byte: u8) {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' | b'/' | b'[' | b']' => {
            url.push(char::from(byte));
        }
        _ => url.push_str(&format!("%{byte:02X}")),
    }
}

fn text_of<'a>(part: &'a Part, subject: Subject<'a>) -> Result<&'a str, String> {
    match part {
        Part::Text(text) => Ok(text),
        Part::Value(key) => value(key, subject),
    }
}

fn value<'a>(key: &str, subject: Subject<'a>) -> Result<&'a str, String> {
    subject.value(key).ok_or_else(|| format!("`{}` has no `{}`", subject.shown(), harmless(key)))
}

fn region_of(plan: &Plan, site: Option<SiteId>) -> Option<RegionId> {
    plan.sites.get(site?.0 as usize).map(|site| site.region)
}
