use indexmap::IndexMap;

use crate::check::calendars::Calendars;
use crate::check::entry::{Checker, Unread};
use crate::check::host_problems::{count, say};
use crate::check::names::{Definition, Sort, list};
use crate::check::once::{Once, Owner};
use crate::check::selector::Asking;
use crate::diagnostic::{Code, Problem, is_certain, nearest};
use crate::inventory::HostSet;
use crate::model::{Region, RegionId, Site, TeamId};
use crate::source::{FileId, Span};
use crate::syntax::ast::{self, At, Expression, Name, RegionMember, WindowMember};

/// The regions with their sites. Where something about them is not known, names of regions are no problem of their own.
#[derive(Debug, Clone, Default)]
pub(super) struct CheckedRegions {
    pub(super) regions: Vec<Region>,
    pub(super) sites: Vec<Site>,
    /// Names of regions whose hosts are not known.
    unclear: Vec<String>,
    /// Every other region of the script is there.
    pub(super) are_known: bool,
    /// Hosts, zones, windows and owners hold.
    pub(super) are_sound: bool,
}

impl CheckedRegions {
    pub(super) fn into_sound(self) -> Option<(Vec<Region>, Vec<Site>)> {
        (self.are_known && self.are_sound).then_some((self.regions, self.sites))
    }

    pub(super) fn are_all_known(&self) -> bool {
        self.are_known && self.unclear.is_empty()
    }

    pub(super) fn owned_by(&self, team: TeamId) -> Vec<RegionId> {
        let owned = self.regions.iter().enumerate().filter(|(_, region)| region.owner == Some(team));
        owned.map(|(idx, _)| RegionId(idx as u32)).collect()
    }
}

/// The regions while their members are gathered.
#[derive(Default)]
struct Drafts<'a> {
    all: Vec<Draft<'a>>,
    unclear: Vec<String>,
    are_known: bool,
    are_sound: bool,
}

/// A region while its members are gathered.
#[derive(Debug, Clone)]
pub(super) struct Draft<'a> {
    pub(super) name: String,
    pub(super) span: Span,
    pub(super) place: Span,
    pub(super) hosts: HostSet,
    pub(super) members: Members<'a>,
}

impl<'a> Draft<'a> {
    fn new(definition: Definition<'a, ast::Region>, hosts: HostSet, members: Members<'a>) -> Self {
        let name = &definition.value.name;
        Draft { name: name.text.clone(), span: definition.span, place: name.span, hosts, members }
    }
}

/// What an item says about its regions.
#[derive(Debug, Clone, Default)]
pub(super) struct Members<'a> {
    pub(super) hosts: Option<&'a Expression>,
    pub(super) windows: Vec<&'a WindowMember>,
    pub(super) freezes: Vec<&'a Name>,
    pub(super) owner: Option<OwnerSaid<'a>>,
    pub(super) zone: Option<ZoneSaid<'a>>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum OwnerSaid<'a> {
    Team(&'a Name),
    By(&'a Name),
}

#[derive(Debug, Clone, Copy)]
pub(super) enum ZoneSaid<'a> {
    Zone(&'a At<String>),
    By(&'a Name),
}

impl<'a> Checker<'a> {
    pub(super) fn check_regions(&mut self, calendars: &Calendars<'a>) -> CheckedRegions {
        let drafts = self.drafts();
        let Some(fleet) = self.input.fleet else {
            self.check_members_alone(calendars, true);
            return CheckedRegions::default();
        };
        let Drafts { all, unclear, are_known, are_sound } = drafts;
        if !are_known {
            // Without its hosts no region was made of it, so nothing else looks at what it says.
            self.check_members_alone(calendars, false);
        }
        self.check_overlaps(&all, fleet.len());
        let owners = self.owners(&all);
        let sites = self.sites(&all, calendars);
        let are_sound = are_sound && owners.is_some() && sites.are_sound && !self.are_regions_unclear();
        let owners = owners.unwrap_or_else(|| vec![None; all.len()]);
        let regions = all.into_iter().zip(owners).map(|(draft, owner)| {
            let windows = draft.members.windows.iter().map(|window| window.span);
            let freezes = draft.members.freezes.iter().map(|freeze| freeze.span);
            let window_spans = windows.chain(freezes).collect();
            Region { name: draft.name, owner, hosts: draft.hosts, span: draft.span, window_spans }
        });
        CheckedRegions { regions: regions.collect(), sites: sites.all, unclear, are_known, are_sound }
    }

    /// Whether something in a region could not be read: its windows may be just that.
    fn are_regions_unclear(&self) -> bool {
        let by = self.names.regions_by.iter().map(|one| one.span);
        let spans: Vec<Span> = by.chain(self.names.regions.values().map(|one| one.span)).collect();
        spans.into_iter().any(|span| self.is_unclear(span))
    }

    /// Every region with its hosts, as far as they are known.
    fn drafts(&mut self) -> Drafts<'a> {
        if self.names.regions_by.is_empty() && self.names.regions.is_empty() {
            return self.only_region();
        }
        let by = self.drafts_by_field();
        let makes_all = !self.names.regions_by.is_empty();
        let are_known = by.is_some() && (makes_all || self.names.bad.is_empty());
        let mut are_sound = are_known;
        let mut drafts = by.unwrap_or_default();
        let mut unclear = Vec::new();
        for (name, definition) in self.names.regions.clone() {
            let members = self.members(&definition.value.members);
            let hosts = members.hosts.map(|hosts| self.select(hosts, Asking::HOSTS, None));
            match (drafts.get_mut(name), hosts) {
                (_, Some(None)) => unclear.push(name.to_owned()),
                (Some(draft), hosts) => overrule(draft, definition, members, hosts.flatten()),
                (None, Some(Some(hosts))) => {
                    drafts.insert(name.to_owned(), Draft::new(definition, hosts, members));
                }
                (None, None) if makes_all && are_known && !self.is_unclear(definition.span) => {
                    let known: Vec<(&str, usize)> =
                        drafts.iter().map(|(name, draft)| (name.as_str(), draft.hosts.len())).collect();
                    self.report_unknown_region(&definition.value.name, &known);
                    are_sound = false;
                }
                (None, None) => {
                    if !makes_all {
                        let owner = Owner::new("region", &definition.value.name, definition.span);
                        self.report_missing_member("hosts", &owner, "hosts site == \"tokyo\"");
                    }
                    unclear.push(name.to_owned());
                }
            }
        }
        are_sound &= unclear.is_empty();
        Drafts { all: drafts.into_values().collect(), unclear, are_known, are_sound }
    }

    /// Where a script says nothing about regions, all hosts are one, open at all times.
    fn only_region(&mut self) -> Drafts<'a> {
        let (Some(fleet), true, true) =
            (self.input.fleet, self.names.bad.is_empty(), self.input.unread != Unread::Files)
        else {
            return Drafts::default();
        };
        let script = self.input.modules.first().map_or(FileId(0), |module| module.file);
        let place = Span::new(script, 0, 0);
        let hosts = HostSet::all(fleet.len());
        let draft = Draft { name: EVERYWHERE.to_owned(), span: place, place, hosts, members: Members::default() };
        Drafts { all: vec![draft], unclear: Vec::new(), are_known: true, are_sound: true }
    }

    fn drafts_by_field(&mut self) -> Option<IndexMap<String, Draft<'a>>> {
        let all = self.names.regions_by.clone();
        for second in all.iter().skip(1) {
            let problem = Problem::error(Code::DEFINED_TWICE, "the regions are made by a field twice")
                .label(second.value.field.span, "again here")
                .label(all[0].value.field.span, "first here")
                .help("every host would be in two regions; keep one");
            self.report(problem);
        }
        let Some(definition) = all.first() else { return Some(IndexMap::new()) };
        let by = definition.value;
        let members = self.members(&by.members);
        if let Some(hosts) = members.hosts {
            let problem = Problem::error(Code::UNKNOWN_MEMBER, "`regions by` takes its hosts from the field");
            self.report(
                problem.label(hosts.span, "does not belong here").help("say `region R { hosts … }` for one region"),
            );
        }
        let fleet = self.input.fleet?;
        let field = self.field(&by.field)?;
        let groups = self.group(&[field], &HostSet::all(fleet.len()), by.field.span)?;
        let mut drafts = IndexMap::new();
        for (values, hosts) in groups {
            let Some(Some(value)) = values.first() else { continue };
            let name = value.to_string();
            drafts.insert(
                name.clone(),
                Draft {
                    name,
                    span: definition.span,
                    place: by.field.span,
                    hosts,
                    members: Members { hosts: None, ..members.clone() },
                },
            );
        }
        Some(drafts)
    }

    fn members(&mut self, all: &'a [RegionMember]) -> Members<'a> {
        let mut hosts = Once::new("hosts");
        let mut owner = Once::new("owner");
        let mut zone = Once::new("zone");
        let mut members = Members::default();
        for member in all {
            match member {
                RegionMember::Hosts(expression) => hosts.set(self, expression, expression.span),
                RegionMember::Window(window) => members.windows.push(window),
                RegionMember::Freeze(names) => members.freezes.extend(names),
                RegionMember::Owner(name) => owner.set(self, OwnerSaid::Team(name), name.span),
                RegionMember::OwnerBy(field) => owner.set(self, OwnerSaid::By(field), field.span),
                RegionMember::Zone(name) => zone.set(self, ZoneSaid::Zone(name), name.span),
                RegionMember::ZoneBy(field) => zone.set(self, ZoneSaid::By(field), field.span),
            }
        }
        Members { hosts: hosts.get(), owner: owner.get(), zone: zone.get(), ..members }
    }

    fn report_unknown_region(&mut self, name: &Name, known: &[(&str, usize)]) {
        let problem = Problem::error(Code::UNKNOWN_VALUE, format!("there is no region `{}`", name.text))
            .label(name.span, "no such region");
        let near = nearest(&name.text, known.iter().map(|(name, _)| *name));
        let found = near.and_then(|near| known.iter().find(|(name, _)| *name == near));
        self.report(match found {
            Some((near, hosts)) => {
                let written = written(near);
                problem.help(format!("did you mean `{near}` ({})?", count(*hosts))).fix_if(
                    is_certain(&name.text, known.iter().map(|(name, _)| *name)),
                    format!("write `{written}`"),
                    name.span,
                    written,
                )
            }
            None if known.is_empty() => problem.help("the script makes no regions: say `regions by region { … }`"),
            None => problem.help(format!("the regions are {}", list(known.iter().map(|(name, _)| name), known.len()))),
        });
    }

    /// A region by name.
    pub(super) fn region(&mut self, name: &Name, regions: &CheckedRegions) -> Option<RegionId> {
        let found = regions.regions.iter().position(|region| region.name == name.text);
        let is_unclear = !regions.are_known || regions.unclear.contains(&name.text);
        if found.is_none() && !is_unclear && !self.may_be_defined(Sort::Region, &name.text) {
            let known: Vec<(&str, usize)> =
                regions.regions.iter().map(|region| (region.name.as_str(), region.hosts.len())).collect();
            self.report_unknown_region(name, &known);
        }
        found.map(|idx| RegionId(idx as u32))
    }

    /// A host in two regions would have two windows and two owners. One problem for each region that takes what others have.
    fn check_overlaps(&mut self, drafts: &[Draft<'a>], hosts: usize) {
        let mut taken = HostSet::none(hosts);
        for (idx, draft) in drafts.iter().enumerate() {
            let both = taken.and(&draft.hosts);
            if !both.is_empty() {
                let others = drafts[..idx].iter().filter(|other| !other.hosts.and(&both).is_empty()).collect();
                self.report_overlap(draft, others, &both);
            }
            taken = taken.or(&draft.hosts);
        }
    }

    fn report_overlap(&mut self, second: &Draft<'a>, others: Vec<&Draft<'a>>, both: &HostSet) {
        let names = list(others.iter().map(|other| &other.name), others.len());
        let message = match others.as_slice() {
            [first] => format!("{} would be in two regions, `{}` and `{}`", count(both.len()), first.name, second.name),
            _ => format!("{} of `{}` would be in another region too: {names}", count(both.len()), second.name),
        };
        let mut problem =
            Problem::error(Code::TWO_REGIONS, message).label(second.place, format!("in `{}`", second.name));
        let mut places: Vec<Span> = Vec::new();
        for other in others {
            if places.len() < MOST_LABELS && !places.contains(&other.place) {
                places.push(other.place);
                problem = problem.label(other.place, format!("and in `{}`", other.name));
            }
        }
        let problem = problem.help("leave them out of one, so that it is known which window holds for them");
        let problem = self.with_hosts(problem, both);
        self.report(problem);
    }

    /// A host in no region has no window and no owner: nobody says when it may be changed.
    pub(super) fn check_in_a_region(&mut self, targets: &[Option<HostSet>], regions: &CheckedRegions) {
        let Some(fleet) = self.input.fleet else { return };
        if !regions.are_all_known() {
            return;
        }
        let inside = regions.regions.iter().fold(HostSet::none(fleet.len()), |all, region| all.or(&region.hosts));
        let outside = inside.complement();
        let place = self.names.regions_by.first().map(|one| one.value.field.span);
        let place = place.or_else(|| self.names.regions.values().next().map(|one| one.value.name.span));
        let Some(place) = place.filter(|_| !outside.is_empty()) else { return };
        let mut rest = outside.clone();
        let mut is_told = false;
        let all: Vec<_> = self.names.rollouts.values().copied().collect();
        for (definition, targets) in all.into_iter().zip(targets) {
            let Some(targets) = targets else { continue };
            let lost = outside.and(targets);
            if lost.is_empty() {
                continue;
            }
            rest = rest.without(targets);
            is_told = true;
            let name = &definition.value.name.text;
            let message = format!("`{name}` goes to {} in no region", say(lost.len(), "that is", "that are"));
            let problem = Problem::error(Code::NO_REGION, message)
                .label(definition.value.name.span, "goes to them")
                .label(place, "takes them into no region")
                .help("fill their field in, or make a region for them: nothing says when they may be changed");
            let problem = self.with_hosts(problem, &lost);
            self.report(problem);
        }
        // Where a rollout goes to some of them, that is told, and the mend is the same.
        if !rest.is_empty() && !is_told {
            let problem = Problem::warning(Code::NO_REGION, format!("{} in no region", say(rest.len(), "is", "are")))
                .label(place, "takes them into no region")
                .help("no rollout goes to them now; one that does would have no window for them");
            let problem = self.with_hosts(problem, &rest);
            self.report(problem);
        }
    }

    /// What needs no host: of `regions by`, and of each `region` where there is no fleet that could make one of it.
    fn check_members_alone(&mut self, calendars: &Calendars<'a>, own_too: bool) {
        let by: Vec<&'a [RegionMember]> =
            self.names.regions_by.iter().map(|one| one.value.members.as_slice()).collect();
        let own: Vec<&'a [RegionMember]> =
            self.names.regions.values().map(|one| one.value.members.as_slice()).collect();
        for members in by.into_iter().chain(own.into_iter().filter(|_| own_too)) {
            for member in members {
                match member {
                    RegionMember::Window(window) => {
                        let names: Vec<&Name> = window.except.iter().collect();
                        self.calendars(&names, calendars);
                    }
                    RegionMember::Freeze(names) => {
                        let names: Vec<&Name> = names.iter().collect();
                        self.calendars(&names, calendars);
                    }
                    RegionMember::Owner(name) => {
                        self.find(Sort::Team, name, |names| &names.teams);
                    }
                    RegionMember::Zone(name) => {
                        self.zone(&name.value, name.span);
                    }
                    RegionMember::Hosts(_) | RegionMember::OwnerBy(_) | RegionMember::ZoneBy(_) => {}
                }
            }
        }
    }
}

/// What a `region` says goes before what `regions by` says of all; a freeze is added, since deny beats allow.
fn overrule<'a>(
    draft: &mut Draft<'a>,
    definition: Definition<'a, ast::Region>,
    members: Members<'a>,
    hosts: Option<HostSet>,
) {
    draft.span = definition.span;
    draft.place = definition.value.name.span;
    if let Some(hosts) = hosts {
        draft.hosts = hosts;
    }
    if !members.windows.is_empty() {
        draft.members.windows = members.windows;
    }
    draft.members.freezes.extend(members.freezes);
    draft.members.owner = members.owner.or(draft.members.owner);
    draft.members.zone = members.zone.or(draft.members.zone);
}

/// More places of one cause would say no more.
const MOST_LABELS: usize = 4;

/// The name of the region that a script without regions has.
const EVERYWHERE: &str = "everywhere";

/// A name as it is written in a script: in quotes where it is none by itself.
pub(super) fn written(name: &str) -> String {
    let begins_well = name.chars().next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let is_plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-') && !name.ends_with('-');
    match begins_well && is_plain {
        true => name.to_owned(),
        false => super::conversion::quoted(name),
    }
}
