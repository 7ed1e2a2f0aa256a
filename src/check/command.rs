use indexmap::IndexMap;

use crate::builtin::Value;
use crate::check::entry::Checker;
use crate::check::evaluate::push_part;
use crate::check::host_problems::{count, say};
use crate::check::term::{HostAccess, Scope, Term};
use crate::diagnostic::{Code, Problem};
use crate::inventory::{self, Comparison, FieldId, FieldType, HostSet, Operand, Selector};
use crate::model::{Argument, Command, Part};
use crate::source::Span;
use crate::syntax::ast::{self, CommandWord, Expression, TextPart};

/// A command, and the fields that it needs of its hosts.
#[derive(Debug, Clone)]
pub(super) struct Prepared<T> {
    pub(super) value: T,
    pub(super) uses: Vec<FieldUse>,
}

/// A field's value in an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct FieldUse {
    pub(super) field: FieldId,
    pub(super) place: Span,
    pub(super) position: Position,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Position {
    /// In the name of the program.
    Program,
    /// At the start of an argument, where a program looks for options.
    Start,
    Inside,
}

/// What a step's command knows beside its host.
pub(super) const STEP_SUBJECTS: &[&str] = &["region.name", "site.name", "package.name", "rollout.name", "stage.name"];

/// Of a step, or of a gate that is asked of each host.
pub(super) fn step_scope<'a>() -> Scope<'a> {
    Scope { host: HostAccess::Named, subjects: STEP_SUBJECTS, ..Scope::default() }
}

/// Of a bulletin's package, where a bare name is a field of the host that gets it.
pub(super) fn package_scope<'a>() -> Scope<'a> {
    Scope { host: HostAccess::Bare, subjects: STEP_SUBJECTS, ..Scope::default() }
}

impl<'a> Checker<'a> {
    /// A command line. None where something in it is unknown, which is reported.
    pub(super) fn command_line(&mut self, words: &'a [CommandWord], scope: &Scope<'a>) -> Option<Prepared<Command>> {
        if words.is_empty() {
            // The parser has said so.
            return None;
        }
        let mut uses = Vec::new();
        let mut arguments = Some(Vec::new());
        for (idx, word) in words.iter().enumerate() {
            let argument = self.argument_of(&word.parts, idx == 0, scope, &mut uses);
            arguments = arguments.zip(argument).map(|(mut arguments, argument)| {
                arguments.push(argument);
                arguments
            });
        }
        Some(Prepared { value: Command { arguments: arguments? }, uses })
    }

    /// One text with values, such as the address of a probe.
    pub(super) fn text_argument(&mut self, parts: &'a [TextPart], scope: &Scope<'a>) -> Option<Prepared<Argument>> {
        let mut uses = Vec::new();
        let value = self.argument_of(parts, false, scope, &mut uses)?;
        // No program reads it: nothing can be taken for an option.
        uses.iter_mut().for_each(|one| one.position = Position::Inside);
        Some(Prepared { value, uses })
    }

    /// `host.address`, or a text.
    pub(super) fn address(&mut self, expression: &'a Expression, scope: &Scope<'a>) -> Option<Prepared<Argument>> {
        let parts = match self.evaluate_whole(expression, scope) {
            Term::Unknown => return None,
            Term::Value(Value::Text(text)) => vec![Part::Text(text)],
            Term::Template(parts) => parts,
            Term::Subject(name) => vec![Part::Value(name.to_owned())],
            Term::Field(field) => vec![Part::Value(format!("host.{}", self.input.fleet?.field_name(field)))],
            term => {
                let what = self.describe(&term);
                let message = format!("an address belongs here, and this is {what}");
                self.report_wrong_type(expression.span, message, "write `host.address`, or a text");
                return None;
            }
        };
        let uses = parts.iter().filter_map(|part| self.field_use(part, expression.span, Position::Inside)).collect();
        Some(Prepared { value: Argument { parts }, uses })
    }

    fn argument_of(
        &mut self,
        word: &'a [TextPart],
        is_program: bool,
        scope: &Scope<'a>,
        uses: &mut Vec<FieldUse>,
    ) -> Option<Argument> {
        let mut parts: Option<Vec<Part>> = Some(Vec::new());
        for piece in word {
            let found = self.whole_text_parts(std::slice::from_ref(piece), scope);
            let place = match piece {
                TextPart::Literal { span, .. } => *span,
                TextPart::Value(expression) => expression.span,
            };
            parts = parts.zip(found).map(|(mut parts, found)| {
                for part in found {
                    let position = match (is_program, parts.is_empty()) {
                        (true, _) => Position::Program,
                        (false, true) => Position::Start,
                        (false, false) => Position::Inside,
                    };
                    uses.extend(self.field_use(&part, place, position));
                    push_part(&mut parts, part);
                }
                parts
            });
        }
        parts.map(|parts| Argument { parts })
    }

    fn field_use(&self, part: &Part, place: Span, position: Position) -> Option<FieldUse> {
        let Part::Value(name) = part else { return None };
        let field = self.input.fleet?.field(name.strip_prefix("host.")?)?;
        Some(FieldUse { field, place, position })
    }

    /// Every host that runs a command must have what is put into it, and of a form that stays one argument.
    pub(super) fn check_uses(&mut self, uses: &[(FieldUse, &HostSet)]) {
        self.check_fields_are_there(uses);
        // The variants of a package share their commands, each with hosts of its own.
        let mut together: IndexMap<FieldUse, HostSet> = IndexMap::new();
        for (one, hosts) in uses.iter().filter(|(one, _)| one.position != Position::Inside) {
            let all = together.entry(*one).or_insert_with(|| HostSet::none(hosts.fleet_len()));
            *all = all.or(hosts);
        }
        for (one, hosts) in together {
            match one.position {
                Position::Start => self.check_no_option(one, &hosts),
                Position::Program => self.check_no_path(one, &hosts),
                Position::Inside => {}
            }
        }
    }

    /// One problem a field: the hosts that lack it are one cause, however often it is named.
    fn check_fields_are_there(&mut self, uses: &[(FieldUse, &HostSet)]) {
        let Some(fleet) = self.input.fleet else { return };
        let mut lacking: IndexMap<FieldId, (HostSet, Vec<Span>)> = IndexMap::new();
        for (one, hosts) in uses {
            let missing = fleet.missing(one.field).and(hosts);
            if missing.is_empty() {
                continue;
            }
            let (all, places) = lacking.entry(one.field).or_insert_with(|| (HostSet::none(fleet.len()), Vec::new()));
            *all = all.or(&missing);
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

    fn check_no_option(&mut self, one: FieldUse, hosts: &HostSet) {
        let Some(fleet) = self.input.fleet else { return };
        let field = one.field;
        let selector = match fleet.field_type(field) {
            FieldType::Text | FieldType::List => Selector::Matches { field, pattern: "-*".to_owned() },
            FieldType::Integer | FieldType::Number => Selector::Compare {
                left: Operand::Field(field),
                comparison: Comparison::Less,
                right: Operand::Constant(inventory::Value::Integer(0)),
            },
            FieldType::Bool | FieldType::Version => return,
        };
        let bad = selector.select(fleet).and(hosts);
        if bad.is_empty() {
            return;
        }
        let name = fleet.field_name(field);
        let message = format!("`{name}` of {} begins with `-` and would be read as an option", count(bad.len()));
        let problem = Problem::error(Code::VALUE_LIKE_OPTION, message)
            .label(one.place, "stands at the start of an argument")
            .help("put text before it, such as `--name={…}`, or mend the inventory");
        let problem = self.with_hosts(problem, &bad);
        self.report(problem);
    }

    /// A value in a program's name picks one of several programs; with a slash it could pick any file.
    fn check_no_path(&mut self, one: FieldUse, hosts: &HostSet) {
        let Some(fleet) = self.input.fleet else { return };
        let field = one.field;
        if !matches!(fleet.field_type(field), FieldType::Text | FieldType::List) {
            return;
        }
        let with = |pattern: &str| Selector::Matches { field, pattern: pattern.to_owned() };
        let bad = Selector::Or(vec![with("*/*"), with("*\\*")]).select(fleet).and(hosts);
        if bad.is_empty() {
            return;
        }
        let name = fleet.field_name(field);
        let message = format!("`{name}` of {} holds a slash and would lead to another program", count(bad.len()));
        let problem = Problem::error(Code::BAD_VALUE, message)
            .label(one.place, "stands in the name of the program")
            .help("mend the inventory, or put the value into an argument");
        let problem = self.with_hosts(problem, &bad);
        self.report(problem);
    }

    /// `package.install` and the like, or a command line.
    pub(super) fn only_line(&mut self, command: &'a ast::Command, scope: &Scope<'a>) -> Option<Prepared<Command>> {
        match command {
            ast::Command::Line { words, .. } => self.command_line(words, scope),
            ast::Command::Named(expression) => {
                if !matches!(expression.kind, ast::ExpressionKind::Hole) {
                    let message = "a command line belongs here";
                    self.report_wrong_type(
                        expression.span,
                        message,
                        "write it in quotes: `\"apt-get install --yes openssl\"`",
                    );
                }
                None
            }
        }
    }
}

/// More places of one cause would say no more.
const MOST_LABELS: usize = 6;
