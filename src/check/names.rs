use indexmap::IndexMap;
use indexmap::map::Entry;

use crate::builtin::{library, library_names};
use crate::check::entry::{Checker, Module, Origin, Unread};
use crate::diagnostic::{Code, Problem, Problems, is_certain, nearest};
use crate::source::Span;
use crate::syntax::ast::{
    Bulletin, Calendar, Connect, Function, Gate, Item, ItemKind, Let, Name, Policy, Refine, Region, RegionsBy, Rollout,
    Runbook, Service, Stages, Team, Test, Workaround,
};
use crate::syntax::words::{Block, called_here};

/// What a program defines, by name, in the order of the files.
#[derive(Default)]
pub(super) struct Names<'a> {
    pub(super) lets: Defined<'a, Let>,
    pub(super) functions: Defined<'a, Function>,
    pub(super) calendars: Defined<'a, Calendar>,
    pub(super) regions: Defined<'a, Region>,
    pub(super) teams: Defined<'a, Team>,
    pub(super) services: Defined<'a, Service>,
    pub(super) bulletins: Defined<'a, Bulletin>,
    pub(super) workarounds: Defined<'a, Workaround>,
    pub(super) gates: Defined<'a, Gate>,
    pub(super) runbooks: Defined<'a, Runbook>,
    pub(super) rollouts: Defined<'a, Rollout>,
    pub(super) stages: Defined<'a, Stages>,
    pub(super) policies: Defined<'a, Policy>,
    pub(super) tests: Defined<'a, Test>,
    pub(super) refines: Vec<Definition<'a, Refine>>,
    pub(super) regions_by: Vec<Definition<'a, RegionsBy>>,
    pub(super) connects: Vec<Definition<'a, Connect>>,
    pub(super) names_inventory: bool,
    /// Pieces that are no item: what they were meant to define is not known.
    pub(super) bad: Vec<Span>,
}

pub(super) type Defined<'a, T> = IndexMap<&'a str, Definition<'a, T>>;

pub(super) struct Definition<'a, T> {
    pub(super) value: &'a T,
    /// The whole item.
    pub(super) span: Span,
    pub(super) origin: Origin,
}

impl<T> Clone for Definition<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Definition<'_, T> {}

/// What an item is called in messages.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Let,
    Function,
    Calendar,
    Region,
    Team,
    Service,
    Bulletin,
    Workaround,
    Gate,
    Runbook,
    Rollout,
    Stages,
    Policy,
    Test,
}

impl Sort {
    /// Whether modules of the library define such.
    fn is_in_library(self) -> bool {
        match self {
            Sort::Let | Sort::Function | Sort::Calendar | Sort::Gate | Sort::Runbook | Sort::Stages => true,
            Sort::Region
            | Sort::Team
            | Sort::Service
            | Sort::Bulletin
            | Sort::Workaround
            | Sort::Rollout
            | Sort::Policy
            | Sort::Test => false,
        }
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Sort::Let => "value",
            Sort::Function => "function",
            Sort::Calendar => "calendar",
            Sort::Region => "region",
            Sort::Team => "team",
            Sort::Service => "service",
            Sort::Bulletin => "bulletin",
            Sort::Workaround => "workaround",
            Sort::Gate => "gate",
            Sort::Runbook => "runbook",
            Sort::Rollout => "rollout",
            Sort::Stages => "stage list",
            Sort::Policy => "policy",
            Sort::Test => "test",
        }
    }
}

impl<'a> Names<'a> {
    pub(super) fn of(modules: &[Module<'a>], problems: &mut Problems) -> Self {
        let mut names = Names::default();
        for module in modules {
            for item in &module.parse.file.items {
                names.add(item, module.origin, problems);
            }
        }
        names
    }

    fn add(&mut self, item: &'a Item, origin: Origin, problems: &mut Problems) {
        let place = Place { span: item.span, origin };
        match &item.kind {
            ItemKind::Let(value) => self.add_let(value, place, problems),
            ItemKind::Function(value) => self.add_function(value, place, problems),
            ItemKind::Calendar(value) => {
                insert(&mut self.calendars, Sort::Calendar, &value.name, value, place, problems)
            }
            ItemKind::Region(value) => insert(&mut self.regions, Sort::Region, &value.name, value, place, problems),
            ItemKind::Team(value) => insert(&mut self.teams, Sort::Team, &value.name, value, place, problems),
            ItemKind::Service(value) => insert(&mut self.services, Sort::Service, &value.name, value, place, problems),
            ItemKind::Bulletin(value) => self.add_bulletin(value, place, problems),
            ItemKind::Workaround(value) => self.add_workaround(value, place, problems),
            ItemKind::Gate(value) => insert(&mut self.gates, Sort::Gate, &value.name, value, place, problems),
            ItemKind::Runbook(value) => insert(&mut self.runbooks, Sort::Runbook, &value.name, value, place, problems),
            ItemKind::Rollout(value) => insert(&mut self.rollouts, Sort::Rollout, &value.name, value, place, problems),
            ItemKind::Stages(value) => insert(&mut self.stages, Sort::Stages, &value.name, value, place, problems),
            ItemKind::Refine(value) => self.refines.push(place.of(value)),
            ItemKind::Policy(value) => insert(&mut self.policies, Sort::Policy, &value.name, value, place, problems),
            ItemKind::Test(value) => insert(&mut self.tests, Sort::Test, &value.name, value, place, problems),
            ItemKind::RegionsBy(value) => self.regions_by.push(place.of(value)),
            ItemKind::Connect(value) => self.connects.push(place.of(value)),
            ItemKind::Inventory(_) => self.names_inventory = true,
            ItemKind::Bad => self.bad.push(item.span),
            ItemKind::Use(_) => {}
        }
    }

    /// A `let` and a `fn` share one space of names: both are values.
    fn add_let(&mut self, value: &'a Let, place: Place, problems: &mut Problems) {
        match self.functions.get(value.name.text.as_str()) {
            Some(first) => problems.push(defined_twice(Sort::Let.word(), &first.value.name, first.origin, &value.name)),
            None => insert(&mut self.lets, Sort::Let, &value.name, value, place, problems),
        }
    }

    /// A bulletin and a workaround share one space of names: `apply` may name either.
    fn add_bulletin(&mut self, value: &'a Bulletin, place: Place, problems: &mut Problems) {
        match self.workarounds.get(value.name.text.as_str()) {
            Some(first) => {
                problems.push(defined_twice(Sort::Bulletin.word(), &first.value.name, first.origin, &value.name));
            }
            None => insert(&mut self.bulletins, Sort::Bulletin, &value.name, value, place, problems),
        }
    }

    fn add_workaround(&mut self, value: &'a Workaround, place: Place, problems: &mut Problems) {
        match self.bulletins.get(value.name.text.as_str()) {
            Some(first) => {
                problems.push(defined_twice(Sort::Workaround.word(), &first.value.name, first.origin, &value.name));
            }
            None => insert(&mut self.workarounds, Sort::Workaround, &value.name, value, place, problems),
        }
    }

    fn add_function(&mut self, value: &'a Function, place: Place, problems: &mut Problems) {
        if crate::builtin::find(&value.name.text).is_some() {
            let message = format!("`{}` is a function of the language already", value.name.text);
            let problem = Problem::error(Code::DEFINED_TWICE, message);
            problems.push(problem.label(value.name.span, "defined again here").help("give it another name"));
            return;
        }
        match self.lets.get(value.name.text.as_str()) {
            Some(first) => problems.push(defined_twice(Sort::Let.word(), &first.value.name, first.origin, &value.name)),
            None => insert(&mut self.functions, Sort::Function, &value.name, value, place, problems),
        }
    }

    /// What else has that name, for somebody who took the one for the other.
    fn other_sort(&self, name: &str) -> Option<Sort> {
        let found = [
            (self.lets.contains_key(name), Sort::Let),
            (self.functions.contains_key(name), Sort::Function),
            (self.calendars.contains_key(name), Sort::Calendar),
            (self.regions.contains_key(name), Sort::Region),
            (self.teams.contains_key(name), Sort::Team),
            (self.services.contains_key(name), Sort::Service),
            (self.bulletins.contains_key(name), Sort::Bulletin),
            (self.workarounds.contains_key(name), Sort::Workaround),
            (self.gates.contains_key(name), Sort::Gate),
            (self.runbooks.contains_key(name), Sort::Runbook),
            (self.rollouts.contains_key(name), Sort::Rollout),
            (self.stages.contains_key(name), Sort::Stages),
            (self.policies.contains_key(name), Sort::Policy),
        ];
        found.iter().find(|(is_there, _)| *is_there).map(|(_, sort)| *sort)
    }
}

#[derive(Clone, Copy)]
struct Place {
    span: Span,
    origin: Origin,
}

impl Place {
    fn of<T>(self, value: &T) -> Definition<'_, T> {
        Definition { value, span: self.span, origin: self.origin }
    }
}

/// The first definition stays.
fn insert<'a, T>(
    defined: &mut Defined<'a, T>,
    sort: Sort,
    name: &'a Name,
    value: &'a T,
    place: Place,
    problems: &mut Problems,
) where
    T: Named,
{
    match defined.entry(&name.text) {
        Entry::Vacant(free) => {
            free.insert(place.of(value));
        }
        Entry::Occupied(taken) => {
            let first = taken.get();
            problems.push(defined_twice(sort.word(), first.value.name(), first.origin, name));
        }
    }
}

/// The user's own place is the main one: nobody can mend the library.
pub(super) fn defined_twice(what: &str, first: &Name, first_origin: Origin, second: &Name) -> Problem {
    let message = format!("the {what} `{}` is defined twice", second.text);
    let problem = Problem::error(Code::DEFINED_TWICE, message).help("give one of them another name, or take it out");
    if first.span.file != second.span.file && first_origin == Origin::Own {
        problem.label(first.span, "defined here").label(second.span, "and in this module")
    } else {
        problem.label(second.span, "defined again here").label(first.span, "first defined here")
    }
}

/// What has a name of its own.
pub(super) trait Named {
    fn name(&self) -> &Name;
}

macro_rules! named {
    ($($item:ty),*) => { $(impl Named for $item { fn name(&self) -> &Name { &self.name } })* };
}
named!(
    Let, Function, Calendar, Region, Team, Service, Bulletin, Workaround, Gate, Runbook, Rollout, Stages, Policy, Test
);

impl<'a> Checker<'a> {
    /// The definition that a name stands for. An unknown name is a problem at its place.
    pub(super) fn find<T>(
        &mut self,
        sort: Sort,
        name: &Name,
        defined: for<'n> fn(&'n Names<'a>) -> &'n Defined<'a, T>,
    ) -> Option<Definition<'a, T>> {
        let found = defined(&self.names).get(name.text.as_str()).copied();
        if found.is_none() {
            let names: Vec<&str> = defined(&self.names).keys().copied().collect();
            self.report_unknown(sort, name, &names);
        }
        found
    }

    pub(super) fn report_unknown(&mut self, sort: Sort, name: &Name, known: &[&str]) {
        if self.may_be_defined(sort, &name.text) {
            return;
        }
        let code = if sort == Sort::Team { Code::UNKNOWN_TEAM } else { Code::UNKNOWN_NAME };
        let word = sort.word();
        let problem = Problem::error(code, format!("there is no {word} `{}`", name.text));
        let problem = match (nearest(&name.text, known.iter().copied()), self.names.other_sort(&name.text)) {
            (_, Some(other)) if other != sort => problem
                .label(name.span, format!("this is a {}, not a {word}", other.word()))
                .help(list_known(word, known)),
            (Some(near), _) => problem
                .label(name.span, format!("no such {word}"))
                .help(format!("did you mean `{near}`?"))
                .fix_if(is_certain(&name.text, known.iter().copied()), format!("write `{near}`"), name.span, near),
            (None, _) => {
                let problem = problem.label(name.span, format!("no such {word}"));
                match library_module(sort, &name.text) {
                    Some(module) => self.with_use(problem, module),
                    None => problem.help(list_known(word, known)),
                }
            }
        };
        self.report(problem);
    }

    /// What the library has only wants to be used.
    fn with_use(&self, problem: Problem, module: &str) -> Problem {
        let written = format!("use std.{module}");
        let problem = problem.help(format!("it is in the library: `{written}`"));
        let Some(script) = self.input.modules.first() else { return problem };
        let items = &script.parse.file.items;
        let last_use = items.iter().rfind(|item| matches!(item.kind, ItemKind::Use(_)));
        let (at, text) = match (last_use, items.first()) {
            (Some(last), _) => (last.span.end, format!("\n{written}")),
            (None, Some(first)) => (first.span.start, format!("{written}\n\n")),
            (None, None) => return problem,
        };
        problem.fix(format!("write `{written}`"), Span { file: script.file, start: at, end: at }, text)
    }

    /// Whether something that could not be read may define the name: then its absence is no problem of its own.
    pub(super) fn may_be_defined(&self, sort: Sort, name: &str) -> bool {
        let is_unread = match self.input.unread {
            Unread::Nothing => false,
            Unread::Library => sort.is_in_library(),
            Unread::Files => true,
        };
        is_unread
            || self.names.bad.iter().map(|span| self.input.sources.text(*span)).any(|text| {
                // `import "teams.sunup"` could define anything.
                let first = text.split_whitespace().next().unwrap_or("");
                has_word(text, name) || called_here(first, Block::File) == Some("use")
            })
    }
}

/// The module of the library that defines such a name.
fn library_module(sort: Sort, name: &str) -> Option<&'static str> {
    let keyword = match sort {
        Sort::Let => "let",
        Sort::Function => "fn",
        Sort::Calendar => "calendar",
        Sort::Gate => "gate",
        Sort::Runbook => "runbook",
        Sort::Stages => "stages",
        _ => return None,
    };
    let begins = format!("{keyword} {name}");
    library_names().find(|module| {
        let defines =
            |line: &str| line.strip_prefix(begins.as_str()).is_some_and(|rest| rest.starts_with([' ', '(', '{']));
        library(module).is_some_and(|text| text.lines().any(defines))
    })
}

fn list_known(word: &str, known: &[&str]) -> String {
    match known {
        [] if matches!(word, "value" | "function") => "define it with `let` or `fn`".to_owned(),
        [] => {
            let keyword = if word == Sort::Stages.word() { "stages" } else { word };
            format!("define it: `{keyword} … {{ … }}`")
        }
        _ => format!("the {word}s are {}", list(known.iter().copied(), known.len())),
    }
}

/// `a`, `b`, `c` and 4 more
pub(super) fn list<T: std::fmt::Display>(names: impl IntoIterator<Item = T>, of: usize) -> String {
    let shown: Vec<String> = names.into_iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match of.saturating_sub(shown.len()) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How many names a message lists.
const SHOWN: usize = 10;

fn has_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    text.match_indices(name).any(|(start, found)| {
        let before = text[..start].chars().next_back();
        let after = text[start + found.len()..].chars().next();
        !before.is_some_and(is_part) && !after.is_some_and(is_part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_whole() {
        assert!(has_word("gate mailflow per {", "mailflow"));
        assert!(!has_word("gate mailflow-2 per {", "mailflow"));
        assert!(!has_word("", "mailflow"));
    }

    #[test]
    fn lists_end() {
        assert_eq!(list(["a", "b"], 2), "`a`, `b`");
        assert_eq!(list(0..100, 100), "`0`, `1`, `2`, `3`, `4`, `5`, `6`, `7`, `8`, `9` and 90 more");
    }
}
