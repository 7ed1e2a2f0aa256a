use indexmap::IndexMap;

use crate::check::entry::Checker;
use crate::check::host_problems::{count, say};
use crate::check::regions::CheckedRegions;
use crate::diagnostic::{Code, Problem};
use crate::inventory::{self, Comparison, FieldId, FieldType, HostSet, Operand, Selector};
use crate::source::Span;

/// A value that is put into a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Used {
    pub(super) source: Source,
    pub(super) place: Span,
    pub(super) position: Position,
}

/// Where a value comes from, as far as the inventory decides it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Source {
    Field(FieldId),
    /// The name of the host's region.
    Region,
    Site,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Position {
    /// In the name of the program.
    Program,
    /// At the start of an argument, where a program looks for options.
    Start,
    Inside,
}

impl Checker<'_> {
    /// Every host that runs a command must have what is put into it, and of a form that stays one argument.
    pub(super) fn check_used(&mut self, all: &[(Used, &HostSet)], regions: &CheckedRegions) {
        self.check_fields_are_there(all);
        // The variants of a package share their commands, each with hosts of its own.
        let mut together: IndexMap<Used, HostSet> = IndexMap::new();
        for (one, hosts) in all.iter().filter(|(one, _)| one.position != Position::Inside) {
            let whole = together.entry(*one).or_insert_with(|| HostSet::none(hosts.fleet_len()));
            *whole = whole.or(hosts);
        }
        for (one, hosts) in together {
            match one.position {
                Position::Start => self.check_is_no_option(one, &hosts, regions),
                Position::Program => self.check_is_no_path(one, &hosts, regions),
                Position::Inside => {}
            }
        }
    }

    /// One problem a field: the hosts that lack it are one cause, however often it is named.
    fn check_fields_are_there(&mut self, all: &[(Used, &HostSet)]) {
        let Some(fleet) = self.input.fleet else { return };
        let mut lacking: IndexMap<FieldId, (HostSet, Vec<Span>)> = IndexMap::new();
        for (one, hosts) in all {
            let Source::Field(field) = one.source else { continue };
            let missing = fleet.missing(field).and(hosts);
            if missing.is_empty() {
                continue;
            }
            let (whole, places) = lacking.entry(field).or_insert_with(|| (HostSet::none(fleet.len()), Vec::new()));
            *whole = whole.or(&missing);
            if !places.contains(&one.place) {
                places.push(one.place);
            }
        }
        for (field, (hosts, places)) in lacking {
            let name = fleet.field_name(field);
            let message = format!("{} no `{name}`, which a command needs", say(hosts.len(), "has", "have"));
            let mut problem = Problem::error(Code::FIELD_MISSING_ON_HOST, message);
            for place in places.into_iter().take(MOST_LABELS) {
                problem = problem.label(place, "needed here");
            }
            let help = format!("fill `{name}` in for them, or leave them out: `{name} is not missing`");
            let problem = self.with_hosts(problem.help(help), &hosts);
            self.report(problem);
        }
    }

    fn check_is_no_option(&mut self, one: Used, hosts: &HostSet, regions: &CheckedRegions) {
        let bad = self.those_with(one.source, hosts, regions, |text| text.starts_with('-'), &["-*"]);
        if bad.is_empty() {
            return;
        }
        let name = self.source_name(one.source);
        let message = format!("`{name}` of {} begins with `-` and would be read as an option", count(bad.len()));
        let problem = Problem::error(Code::VALUE_LIKE_OPTION, message)
            .label(one.place, "stands at the start of an argument")
            .help("put text before it, such as `--name={…}`, or mend the inventory");
        let problem = self.with_hosts(problem, &bad);
        self.report(problem);
    }

    /// A value in a program's name picks one of several programs; with a slash it could pick any file.
    fn check_is_no_path(&mut self, one: Used, hosts: &HostSet, regions: &CheckedRegions) {
        let bad = self.those_with(one.source, hosts, regions, |text| text.contains(['/', '\\']), &["*/*", "*\\*"]);
        if bad.is_empty() {
            return;
        }
        let name = self.source_name(one.source);
        let message = format!("`{name}` of {} holds a slash and would lead to another program", count(bad.len()));
        let problem = Problem::error(Code::BAD_VALUE, message)
            .label(one.place, "stands in the name of the program")
            .help("mend the inventory, or put the value into an argument");
        let problem = self.with_hosts(problem, &bad);
        self.report(problem);
    }

    /// The hosts whose value is of a form: as a test of one text, and as patterns for a whole column.
    fn those_with(
        &self,
        source: Source,
        hosts: &HostSet,
        regions: &CheckedRegions,
        is_so: impl Fn(&str) -> bool,
        patterns: &[&str],
    ) -> HostSet {
        let none = HostSet::none(hosts.fleet_len());
        let Some(fleet) = self.input.fleet else { return none };
        match source {
            Source::Region => {
                let all = regions.regions.iter().filter(|region| is_so(&region.name));
                all.fold(none, |bad, region| bad.or(&region.hosts.and(hosts)))
            }
            Source::Site => {
                let all = regions.sites.iter().filter(|site| is_so(&site.name));
                all.fold(none, |bad, site| bad.or(&site.hosts.and(hosts)))
            }
            Source::Field(field) => {
                let selector = match fleet.field_type(field) {
                    FieldType::Text | FieldType::List => {
                        let matches = |pattern: &&str| Selector::Matches { field, pattern: (*pattern).to_owned() };
                        Selector::Or(patterns.iter().map(matches).collect())
                    }
                    // The one number that is of such a form is a negative one.
                    FieldType::Integer | FieldType::Number if is_so("-1") => Selector::Compare {
                        left: Operand::Field(field),
                        comparison: Comparison::Less,
                        right: Operand::Constant(inventory::Value::Integer(0)),
                    },
                    FieldType::Integer | FieldType::Number | FieldType::Bool | FieldType::Version => return none,
                };
                selector.select(fleet).and(hosts)
            }
        }
    }

    fn source_name(&self, source: Source) -> &str {
        match source {
            Source::Field(field) => self.input.fleet.map_or("", |fleet| fleet.field_name(field)),
            Source::Region => "region.name",
            Source::Site => "site.name",
        }
    }
}

/// More places of one cause would say no more.
const MOST_LABELS: usize = 6;
