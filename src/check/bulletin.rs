use indexmap::{IndexMap, IndexSet};

use crate::builtin::Value;
use crate::check::command::package_scope;
use crate::check::conversion::quoted;
use crate::check::entry::{Checker, Origin};
use crate::check::host_problems::say;
use crate::check::names::{Definition, defined_twice, list};
use crate::check::once::{Once, Owner};
use crate::check::runbook::PackageCommand;
use crate::check::selector::Asking;
use crate::check::term::Scope;
use crate::check::used::Used;
use crate::check::walk::walk;
use crate::diagnostic::{Code, Problem, is_certain, nearest};
use crate::inventory::{FieldId, FieldType, Fleet, HostSet, Selector};
use crate::model::{Bulletin, Command, Package, Severity, StatedSeverity};
use crate::source::Span;
use crate::syntax::ast::{self, At, BulletinMember, ExpressionKind, PackageMember, Packages};
use crate::time::Moment;

/// A bulletin, and what its packages need.
#[derive(Debug, Clone)]
pub(super) struct CheckedBulletin {
    pub(super) bulletin: Bulletin,
    /// For each package: what its commands need of its hosts.
    pub(super) uses: Vec<Vec<Used>>,
    /// For each package: the commands that it says.
    has: Vec<Vec<PackageCommand>>,
    /// What decides which package a host gets.
    fields: Vec<FieldId>,
    /// Every package is there.
    are_packages_known: bool,
    pub(super) is_sound: bool,
    place: Span,
}

impl CheckedBulletin {
    /// `uses` and `has` are the package's.
    pub(super) fn of_one_package(bulletin: Bulletin, uses: Vec<Used>, has: Vec<PackageCommand>, place: Span) -> Self {
        CheckedBulletin {
            bulletin,
            uses: vec![uses],
            has: vec![has],
            fields: Vec::new(),
            are_packages_known: true,
            is_sound: true,
            place,
        }
    }
}

/// The field that lists what a host has.
const INSTALLED: &str = "installed";

/// What one `package` or `packages by` says, the same for all its variants.
struct Said<'a> {
    install: Option<Command>,
    uninstall: Option<Command>,
    verify: Option<Command>,
    severity: Option<StatedSeverity>,
    conflicts: Vec<&'a At<String>>,
    needs: Vec<&'a At<String>>,
    uses: Vec<Used>,
    /// The commands that were said, whether they hold or not.
    has: Vec<PackageCommand>,
    is_sound: bool,
}

impl<'a> Checker<'a> {
    pub(super) fn check_bulletin(&mut self, definition: Definition<'a, ast::Bulletin>) -> Option<CheckedBulletin> {
        let bulletin = definition.value;
        let owner = Owner::new("bulletin", &bulletin.name, definition.span);
        let mut title = Once::new("title");
        let mut severity = Once::new("severity");
        let mut released = Once::new("released");
        let mut packages = Vec::new();
        for member in &bulletin.members {
            match member {
                BulletinMember::Title(text) => title.set(self, text, text.span),
                BulletinMember::Severity(stated) => severity.set(self, stated, stated.span),
                BulletinMember::Released(expression) => released.set(self, expression, expression.span),
                BulletinMember::Packages(found) => packages.push(found),
            }
        }
        if packages.is_empty() {
            self.report_missing_member("packages", &owner, "packages by version { install \"…\"  uninstall \"…\" }");
            return None;
        }
        self.check_package_names(&packages);
        let released = released.get().map(|released| self.moment(released));
        let severity = severity.get();
        if let Some(bound) = severity {
            self.check_within(bound, &packages);
        }
        let mut checked = CheckedBulletin {
            bulletin: Bulletin {
                name: bulletin.name.text.clone(),
                title: title.get().map(|title| title.value.clone()),
                severity: severity.map(|stated| severity_of(stated.value)),
                released_at: None,
                packages: Vec::new(),
                span: definition.span,
            },
            uses: Vec::new(),
            has: Vec::new(),
            fields: Vec::new(),
            are_packages_known: !self.is_unclear(definition.span),
            is_sound: true,
            place: bulletin.name.span,
        };
        for one in packages {
            checked.are_packages_known &= self.check_packages(one, &mut checked).is_some();
        }
        checked.is_sound &= checked.are_packages_known && released.is_none_or(|released| released.is_some());
        checked.bulletin.released_at = released.flatten();
        Some(checked)
    }

    /// A constant moment.
    pub(super) fn moment(&mut self, expression: &'a ast::Expression) -> Option<Moment> {
        let outer = self.effort;
        self.effort = Default::default();
        let value = self.constant(expression, &Scope::default());
        self.effort = outer;
        match value? {
            Value::Moment(moment) => Some(moment),
            other => {
                let message = format!("a moment belongs here, and this is {}", other.kind());
                let problem = Problem::error(Code::WRONG_TYPE, message)
                    .label(expression.span, format!("this is {}", other.kind()));
                self.report(match other {
                    Value::Date(_) => problem.help("say at which time and where: `… at 18:00 UTC`"),
                    Value::Duration(length) => problem.help(format!(
                        "count it from something: `{length} after start`; a moment is written `2007-05-08 17:00 UTC`"
                    )),
                    _ => problem.help("a moment is written `2007-05-08 17:00 UTC`"),
                });
                None
            }
        }
    }

    /// A bulletin that says the most that it can be is not exceeded by a part of it.
    fn check_within(&mut self, bound: &At<ast::StatedSeverity>, packages: &[&'a Packages]) {
        if !bound.value.at_most {
            return;
        }
        let members = packages.iter().flat_map(|one| &one.members);
        let stated = members.filter_map(|member| match member {
            PackageMember::Severity(stated) => Some(stated),
            _ => None,
        });
        for stated in stated.filter(|stated| level_of(stated.value.level) > level_of(bound.value.level)) {
            let problem = Problem::error(Code::BAD_VALUE, "the package is more severe than its bulletin can be")
                .label(stated.span, "above the bulletin's")
                .label(bound.span, "at most this, says the bulletin")
                .help("state the package's severity within the bulletin's, or raise the bulletin's");
            self.report(problem);
        }
    }

    fn check_package_names(&mut self, packages: &[&'a Packages]) {
        let named: Vec<_> = packages.iter().filter_map(|one| one.name.as_ref()).collect();
        for (idx, name) in named.iter().enumerate() {
            if let Some(first) = named[..idx].iter().find(|first| first.text == name.text) {
                self.report(defined_twice("package", first, Origin::Own, name));
            }
        }
    }

    fn check_packages(&mut self, packages: &'a Packages, checked: &mut CheckedBulletin) -> Option<()> {
        let said = self.package_members(packages);
        let by = self.fields(&packages.by);
        let among = match &packages.condition {
            Some(condition) => {
                self.gather_fields_named(condition, &mut checked.fields);
                self.select(condition, Asking::WHERE, None)
            }
            None => self.input.fleet.map(|fleet| HostSet::all(fleet.len())),
        };
        let (by, among) = (by?, among?);
        for field in &by {
            if !checked.fields.contains(field) {
                checked.fields.push(*field);
            }
        }
        let variants = self.variants(packages, &by, &among, &checked.bulletin.name)?;
        let covered = variants.iter().fold(HostSet::none(among.fleet_len()), |all, (_, hosts)| all.or(hosts));
        // With a fault in a command the package is there all the same.
        checked.is_sound &= said.is_sound;
        self.check_installed(&said, &covered);
        for (name, hosts) in variants {
            checked.bulletin.packages.push(Package {
                name,
                hosts,
                install: said.install.clone(),
                uninstall: said.uninstall.clone(),
                verify: said.verify.clone(),
                severity: said.severity.or(checked.bulletin.severity),
                span: packages.span,
            });
            checked.uses.push(said.uses.clone());
            checked.has.push(said.has.clone());
        }
        Some(())
    }

    /// The packages that one item makes, with their hosts: one for each combination of values that the inventory has.
    fn variants(
        &mut self,
        packages: &'a Packages,
        by: &[FieldId],
        among: &HostSet,
        bulletin: &str,
    ) -> Option<Vec<(String, HostSet)>> {
        if by.is_empty() {
            let name = packages.name.as_ref().map_or(bulletin, |name| &name.text);
            return Some(vec![(name.to_owned(), among.clone())]);
        }
        let place = packages.by.first().map_or(packages.span, |name| name.span);
        let mut variants = Vec::new();
        for (values, hosts) in self.group(by, among, place)? {
            // A host that lacks one of the fields is in no variant.
            let Some(values) = values.into_iter().collect::<Option<Vec<_>>>() else { continue };
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            variants.push((format!("{bulletin}/{}", values.join("/")), hosts));
        }
        Some(variants)
    }

    fn package_members(&mut self, packages: &'a Packages) -> Said<'a> {
        let mut install = Once::new("install");
        let mut uninstall = Once::new("uninstall");
        let mut verify = Once::new("verify");
        let mut severity = Once::new("severity");
        let (mut conflicts, mut needs) = (Vec::new(), Vec::new());
        for member in &packages.members {
            match member {
                PackageMember::Install(command) => install.set(self, command, command.span()),
                PackageMember::Uninstall(command) => uninstall.set(self, command, command.span()),
                PackageMember::Verify(command) => verify.set(self, command, command.span()),
                PackageMember::Severity(stated) => severity.set(self, stated, stated.span),
                PackageMember::Conflicts(names) => conflicts.extend(names),
                PackageMember::Needs(names) => needs.extend(names),
            }
        }
        let mut said = Said {
            install: None,
            uninstall: None,
            verify: None,
            severity: severity.get().map(|stated| severity_of(stated.value)),
            conflicts,
            needs,
            uses: Vec::new(),
            has: Vec::new(),
            is_sound: true,
        };
        said.install = self.package_line(PackageCommand::Install, install.get(), &mut said);
        said.uninstall = self.package_line(PackageCommand::Uninstall, uninstall.get(), &mut said);
        said.verify = self.package_line(PackageCommand::Verify, verify.get(), &mut said);
        said
    }

    fn package_line(
        &mut self,
        which: PackageCommand,
        command: Option<&'a ast::Command>,
        said: &mut Said<'a>,
    ) -> Option<Command> {
        let command = command?;
        said.has.push(which);
        match self.only_line(command, &package_scope()) {
            Some(line) => {
                said.uses.extend(line.uses);
                Some(line.value)
            }
            None => {
                said.is_sound = false;
                None
            }
        }
    }

    /// Warnings: what is installed may be mended between now and the run.
    fn check_installed(&mut self, said: &Said<'a>, covered: &HostSet) {
        let Some(fleet) = self.input.fleet else { return };
        let all = said.conflicts.iter().map(|one| (*one, true)).chain(said.needs.iter().map(|one| (*one, false)));
        let Some(field) = fleet.field(INSTALLED) else {
            if let Some((first, _)) = all.into_iter().next() {
                let message = "the inventory has no field `installed`, so what is installed cannot be looked at";
                let problem = Problem::warning(Code::HOSTS_PASSED_OVER, message).label(first.span, "asks for it");
                self.report(problem.help("add the field, with a list of what each host has"));
            }
            return;
        };
        for (name, is_conflict) in all {
            let has = has_installed(fleet, field, &name.value);
            if is_conflict && has.is_empty() {
                self.check_is_no_slip(field, name);
            }
            let bad = if is_conflict { has.and(covered) } else { covered.without(&has) };
            let bad = self.concerned.as_ref().map_or(bad.clone(), |concerned| bad.and(concerned));
            if bad.is_empty() {
                continue;
            }
            let (message, label) = match is_conflict {
                true => (format!("{} `{}` installed", say(bad.len(), "has", "have"), name.value), "must be gone first"),
                false => (
                    format!("{} not have `{}` installed", say(bad.len(), "does", "do"), name.value),
                    "must be there first",
                ),
            };
            let problem = Problem::warning(Code::CONFLICT_INSTALLED, message).label(name.span, label);
            let problem = problem.help("mend these hosts before the rollout, or leave them out of it");
            let problem = self.with_hosts(problem, &bad);
            self.report(problem);
        }
    }

    /// That nobody has what conflicts is as it should be, but for a name that is nearly one that somebody has.
    fn check_is_no_slip(&mut self, field: FieldId, name: &At<String>) {
        let Some(fleet) = self.input.fleet else { return };
        let installed: IndexSet<String> = fleet
            .values(field, &HostSet::all(fleet.len()))
            .into_iter()
            .flat_map(|(value, _)| parts_of(&value.to_string()).map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let all = || installed.iter().map(String::as_str);
        // `kb931832` and `kb931833` are two things, and no slip.
        let letters = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        let Some(near) = nearest(&name.value, all()).filter(|near| letters(near) != letters(&name.value)) else {
            return;
        };
        let problem = Problem::warning(Code::UNKNOWN_VALUE, format!("no host has `{}` installed", name.value))
            .label(name.span, "conflicts with nothing")
            .help(format!("did you mean {}?", quoted(near)))
            .fix_if(is_certain(&name.value, all()), format!("write {}", quoted(near)), name.span, quoted(near));
        self.report(problem);
    }

    fn gather_fields_named(&self, condition: &'a ast::Expression, fields: &mut Vec<FieldId>) {
        let Some(fleet) = self.input.fleet else { return };
        walk(condition, |expression| {
            if let ExpressionKind::Name(name) = &expression.kind
                && let Some(field) = fleet.field(name).filter(|field| !fields.contains(field))
            {
                fields.push(field);
            }
        });
    }

    /// Every target gets exactly one package.
    pub(super) fn check_one_package_each(&mut self, checked: &CheckedBulletin, targets: &HostSet, place: Span) -> bool {
        let mut once = HostSet::none(targets.fleet_len());
        let mut twice = once.clone();
        for package in &checked.bulletin.packages {
            let hosts = package.hosts.and(targets);
            twice = twice.or(&once.and(&hosts));
            once = once.or(&hosts);
        }
        let none = if checked.are_packages_known { targets.without(&once) } else { HostSet::none(targets.fleet_len()) };
        if !none.is_empty() {
            let name = &checked.bulletin.name;
            let problem =
                Problem::error(Code::NO_PACKAGE, format!("{} no package of `{name}`", say(none.len(), "gets", "get")))
                    .label(place, "selects them")
                    .label(checked.place, "has no package for them");
            let problem = match checked.fields.is_empty() {
                true => problem.help("add a package for them, or leave them out of `to`"),
                false => {
                    let have = self.what_they_have(&checked.fields, &none);
                    problem.help(format!("they have {have}; add a package for them, or leave them out of `to`"))
                }
            };
            let problem = self.with_hosts(problem, &none);
            self.report(problem);
        }
        if !twice.is_empty() {
            self.report_two_packages(checked, &twice);
        }
        none.is_empty() && twice.is_empty()
    }

    fn report_two_packages(&mut self, checked: &CheckedBulletin, twice: &HostSet) {
        let theirs: Vec<&Package> =
            checked.bulletin.packages.iter().filter(|package| !package.hosts.and(twice).is_empty()).collect();
        let names = list(theirs.iter().map(|package| &package.name), theirs.len());
        let mut problem = Problem::error(
            Code::TWO_PACKAGES,
            format!("{} more than one package: {names}", say(twice.len(), "gets", "get")),
        );
        let mut spans: Vec<Span> = theirs.iter().map(|package| package.span).collect();
        spans.dedup();
        for span in spans.into_iter().take(2) {
            problem = problem.label(span, "takes them");
        }
        let problem = match checked.fields.is_empty() {
            true => problem.help("say with `where` which of the two is for which hosts"),
            false => {
                let have = self.what_they_have(&checked.fields, twice);
                problem.help(format!("they have {have}; say with `where` which of the two is for them"))
            }
        };
        let problem = self.with_hosts(problem, twice);
        self.report(problem);
    }

    /// What a runbook runs of a package, every package of a target has to have.
    pub(super) fn check_package_commands(
        &mut self,
        checked: &CheckedBulletin,
        commands: &[(PackageCommand, Span)],
        targets: &HostSet,
    ) -> bool {
        let mut lacking: IndexMap<(Span, &'static str), Span> = IndexMap::new();
        for (command, place) in commands {
            for (package, has) in checked.bulletin.packages.iter().zip(&checked.has) {
                if !has.contains(command) && !package.hosts.and(targets).is_empty() {
                    lacking.entry((package.span, command.word())).or_insert(*place);
                }
            }
        }
        let is_sound = lacking.is_empty();
        for ((package, word), place) in lacking {
            if self.is_unclear(package) {
                continue;
            }
            let problem = Problem::error(Code::MEMBER_MISSING, format!("a package has no `{word}`"))
                .label(package, format!("`{word}` is missing"))
                .label(place, "runs it")
                .help(format!("say it in the package: `{word} \"…\"`"));
            self.report(problem);
        }
        is_sound
    }
}

fn severity_of(stated: ast::StatedSeverity) -> StatedSeverity {
    StatedSeverity { level: level_of(stated.level), at_most: stated.at_most }
}

/// The hosts that have something installed. A table has no lists: there what stands in one cell is parted by `;`, `,`, `|` or
/// blanks.
fn has_installed(fleet: &Fleet, field: FieldId, name: &str) -> HostSet {
    match fleet.field_type(field) {
        FieldType::List => Selector::Holds { field, text: name.to_owned() }.select(fleet),
        FieldType::Bool => HostSet::none(fleet.len()),
        // A column of numbers alone is one of numbers: `931832` is named as text all the same.
        FieldType::Text | FieldType::Integer | FieldType::Number | FieldType::Version => {
            let is_in = |text: &str| text == name || parts_of(text).any(|part| part == name);
            let all = fleet.values(field, &HostSet::all(fleet.len())).into_iter().map(|(value, _)| value);
            let values = all.filter(|value| is_in(&value.to_string())).collect();
            Selector::In { field, values }.select(fleet)
        }
    }
}

fn parts_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| matches!(c, ';' | ',' | '|') || c.is_whitespace()).filter(|part| !part.is_empty())
}

fn level_of(level: ast::Severity) -> Severity {
    match level {
        ast::Severity::Low => Severity::Low,
        ast::Severity::Moderate => Severity::Moderate,
        ast::Severity::Important => Severity::Important,
        ast::Severity::Critical => Severity::Critical,
    }
}
