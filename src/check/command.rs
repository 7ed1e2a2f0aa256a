use crate::builtin::Value;
use crate::check::entry::Checker;
use crate::check::term::{HostAccess, Scope, Term};
use crate::check::texts::push_part;
use crate::check::used::{Position, Source, Used};
use crate::diagnostic::{Code, Problem};
use crate::model::{Argument, Command, Part};
use crate::source::Span;
use crate::syntax::ast::{self, CommandWord, Expression, TextPart};

/// A command, and the values that are put into it.
#[derive(Debug, Clone)]
pub(super) struct Prepared<T> {
    pub(super) value: T,
    pub(super) uses: Vec<Used>,
}

/// What a step's command knows beside its host.
pub(super) const STEP_SUBJECTS: &[&str] = &["region.name", "site.name", "package.name", "rollout.name", "stage.name"];

/// What a workaround's command knows beside its host.
pub(super) const WORKAROUND_SUBJECTS: &[&str] = &["region.name", "site.name", "rollout.name", "stage.name"];

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
        self.check_is_as_meant(words);
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
            Term::Value(Value::Text(text)) => {
                if matches!(expression.kind, ast::ExpressionKind::Text(_)) {
                    self.check_is_no_field(&text, expression.span);
                }
                vec![Part::Text(text)]
            }
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
        let uses = parts.iter().filter_map(|part| self.used(part, expression.span, Position::Inside)).collect();
        Some(Prepared { value: Argument { parts }, uses })
    }

    /// `tcp "host.address" 25`, where the quotes make a text of it.
    fn check_is_no_field(&mut self, text: &str, span: Span) {
        let Some(("host", field)) = text.split_once('.') else { return };
        if self.input.fleet.is_some_and(|fleet| fleet.field(field).is_some()) {
            let problem = Problem::warning(Code::BAD_VALUE, format!("`{text}` is only a text here"))
                .label(span, "not the value of a host")
                .help(format!("write it without quotes: `{text}`"))
                .fix(format!("write `{text}`"), span, text);
            self.report(problem);
        }
    }

    fn argument_of(
        &mut self,
        word: &'a [TextPart],
        is_program: bool,
        scope: &Scope<'a>,
        uses: &mut Vec<Used>,
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
                    // A value may be empty: what stands behind values alone may be the start too.
                    let is_start = parts.iter().all(|part| matches!(part, Part::Value(_)));
                    let position = match (is_program, is_start) {
                        (true, _) => Position::Program,
                        (false, true) => Position::Start,
                        (false, false) => Position::Inside,
                    };
                    uses.extend(self.used(&part, place, position));
                    push_part(&mut parts, part);
                }
                parts
            });
        }
        parts.map(|parts| Argument { parts })
    }

    fn used(&self, part: &Part, place: Span, position: Position) -> Option<Used> {
        let Part::Value(name) = part else { return None };
        let source = match name.as_str() {
            "region.name" => Source::Region,
            "site.name" => Source::Site,
            name => Source::Field(self.input.fleet?.field(name.strip_prefix("host.")?)?),
        };
        Some(Used { source, place, position })
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
