use std::rc::Rc;

use indexmap::IndexMap;

use crate::check::definitions::LetState;
use crate::check::effort::Effort;
use crate::check::names::Names;
use crate::check::refine::CheckedRefine;
use crate::check::workaround::CheckedWorkaround;
use crate::diagnostic::{Code, Problem, Problems};
use crate::inventory::{FieldId, Fleet, HostSet};
use crate::model::{Model, Test};
use crate::source::{FileId, Sources, Span};
use crate::syntax::Parse;
use crate::time::{CalendarError, CalendarRule};

/// Everything that a check looks at.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    pub sources: &'a Sources,
    /// The script first, then the modules that `use` brought, each once.
    pub modules: &'a [Module<'a>],
    /// None where the inventory could not be read (its problems are reported): what needs no host is checked all the same.
    pub fleet: Option<&'a Fleet>,
    /// What each .ics file says, by the file that names it and the path as written there. A path that is not in it could
    /// not be read, and its problem is reported.
    pub calendars: &'a IndexMap<(FileId, String), Result<CalendarRule, CalendarError>>,
    /// What a `use` could not bring: a name that is unknown here may be defined there.
    pub unread: Unread,
}

/// What of a program could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Unread {
    Nothing,
    /// Modules of the library, which define no people, hosts or rollouts.
    Library,
    /// Files: they could define anything.
    Files,
}

/// One file of the program.
#[derive(Debug, Clone, Copy)]
pub struct Module<'a> {
    pub file: FileId,
    pub parse: &'a Parse,
    pub origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The script, or a module beside it.
    Own,
    /// A module that comes with the language: what of it is not used is not checked.
    Library,
}

#[derive(Debug, Clone)]
pub struct Checked {
    /// What is sound enough to be planned for its problems: a rollout of which something is not known is left out, so that
    /// the others still are.
    /// None where there is no fleet, or where its regions, zones or services are not sound. A model beside errors may be
    /// looked at, never run.
    pub model: Option<Model>,
    /// In order of place, without those that the parser found.
    pub problems: Problems,
}

/// Checks a whole program. Every input gives an answer.
pub fn check(input: Input) -> Checked {
    let mut checker = Checker::new(input);
    let model = checker.check_all();
    Checked { model, problems: checker.problems.sorted() }
}

/// What the families share: the input, the names, the problems so far.
pub(super) struct Checker<'a> {
    pub(super) input: Input<'a>,
    pub(super) names: Names<'a>,
    /// Those that the program defines; none where one has a fault.
    pub(super) workarounds: IndexMap<&'a str, Option<CheckedWorkaround>>,
    /// What regions' teams tighten, in the order of the files.
    pub(super) refines: Vec<CheckedRefine<'a>>,
    pub(super) lets: IndexMap<&'a str, LetState>,
    /// The hosts that some rollout changes; all of them where nothing says. A fault of other hosts is only a warning.
    pub(super) concerned: Option<HostSet>,
    /// How much more the expression at hand may cost, and how deep it is.
    pub(super) effort: Effort,
    /// The calls of functions that are being worked out, the outermost first.
    pub(super) calls: Vec<(&'a str, Span)>,
    /// The values of fields about which something was to be said, with how many hosts have each.
    pub(super) values_told: IndexMap<FieldId, Rc<[(String, usize)]>>,
    /// Of the rollouts that are sound.
    pub(super) tests: Vec<Test>,
    pub(super) problems: Problems,
}

impl<'a> Checker<'a> {
    pub(super) fn new(input: Input<'a>) -> Self {
        let mut problems = Problems::default();
        let names = Names::of(input.modules, &mut problems);
        Self {
            input,
            names,
            workarounds: IndexMap::new(),
            refines: Vec::new(),
            lets: IndexMap::new(),
            concerned: None,
            effort: Effort::default(),
            calls: Vec::new(),
            values_told: IndexMap::new(),
            tests: Vec::new(),
            problems,
        }
    }

    fn check_all(&mut self) -> Option<Model> {
        self.check_definitions();
        self.check_inventory_is_named();
        let targets = self.check_targets();
        self.concerned = self.concern(&targets);
        let calendars = self.check_calendars();
        let fleet = self.check_regions(&calendars);
        let teams = self.check_teams(&fleet);
        let services = self.check_services();
        let connection = self.check_connect();
        let mut parts = self.check_parts();
        parts.services.clone_from(&services);
        let policies = self.check_policies();
        self.check_refines(&fleet, &calendars);
        self.check_test_plans();
        let rollouts = self.check_rollouts(targets, &fleet, &teams, &parts);
        self.check_unused();
        self.input.fleet?;
        let (regions, sites) = fleet.into_sound()?;
        Some(Model {
            regions,
            sites,
            services: services?,
            teams: teams.teams,
            rollouts,
            policies,
            tests: self.sorted_tests(),
            connection: connection.kind,
            command_path: connection.path,
        })
    }

    /// A problem in the body of a function says which call led to it.
    pub(super) fn report(&mut self, problem: Problem) {
        let problem = match self.calls.first() {
            Some((name, call)) => problem.label(*call, format!("in this call of `{name}`")),
            None => problem,
        };
        self.problems.push(problem);
    }

    pub(super) fn has_errors(&self) -> bool {
        self.problems.has_errors()
    }

    /// Whether the parser found something wrong within a piece: then what seems to be missing may be there.
    pub(super) fn is_unclear(&self, piece: Span) -> bool {
        let parse = self.input.modules.iter().find(|module| module.file == piece.file);
        parse.is_some_and(|module| {
            module.parse.problems.iter().any(|problem| {
                problem
                    .span()
                    .is_some_and(|span| span.file == piece.file && piece.start <= span.start && span.start <= piece.end)
            })
        })
    }

    fn check_inventory_is_named(&mut self) {
        if self.input.fleet.is_some() || self.names.names_inventory || self.input.unread == Unread::Files {
            return;
        }
        let Some((name, rollout)) = self.names.rollouts.first() else { return };
        if !self.names.bad.is_empty() {
            return;
        }
        let problem = Problem::error(Code::MEMBER_MISSING, "the script names no inventory")
            .label(rollout.value.name.span, format!("`{name}` has no hosts to go to"))
            .help("say where the hosts are listed: `inventory \"servers.csv\"`");
        self.report(problem);
    }
}
