use crate::check::entry::Checker;
use crate::check::names::Sort;
use crate::check::term::{HostAccess, Scope, Term};
use crate::diagnostic::{Code, Problem, is_certain, nearest};
use crate::source::Span;
use crate::syntax::ast::{Expression, ExpressionKind, Name};

impl<'a> Checker<'a> {
    pub(super) fn name(&mut self, name: &str, span: Span, scope: &Scope<'a>) -> Term {
        if let Some(term) = scope.binding(name) {
            return term.clone();
        }
        let of_let = if scope.in_function || scope.host != HostAccess::Bare { self.let_value(name) } else { None };
        if let Some(term) = of_let {
            return term;
        }
        if scope.host == HostAccess::Bare {
            match self.field_by_name(name) {
                Some(term) => return term,
                None if name == "host" => return Term::Host,
                None if name == "groups" => return Term::Groups,
                None => {}
            }
        }
        match self.let_value(name) {
            Some(term) => term,
            None => {
                self.report_name(name, span, scope);
                Term::Unknown
            }
        }
    }

    /// None where the fleet has no such field; unknown where there is no fleet to ask.
    fn field_by_name(&self, name: &str) -> Option<Term> {
        match self.input.fleet {
            Some(fleet) => fleet.field(name).map(Term::Field),
            None => (!self.names.lets.contains_key(name) && name != "host").then_some(Term::Unknown),
        }
    }

    fn report_name(&mut self, name: &str, span: Span, scope: &Scope<'a>) {
        // In a function's body the name itself is checked where the function is defined.
        let is_field = self.input.fleet.is_some_and(|fleet| fleet.field(name).is_some());
        if scope.in_function && !is_field {
            return;
        }
        if self.may_be_defined(Sort::Let, name) || (self.input.fleet.is_none() && scope.host != HostAccess::None) {
            return;
        }
        if scope.host == HostAccess::Bare {
            self.report_unknown_field(name, span);
            return;
        }
        if is_field || name == "host" {
            let problem =
                Problem::error(Code::WRONG_TYPE, format!("`{name}` is a field of a host, and no host is meant here"));
            let problem = match scope.host {
                HostAccess::Named => problem.label(span, format!("write `host.{name}`")).fix(
                    format!("write `host.{name}`"),
                    span,
                    format!("host.{name}"),
                ),
                _ => problem.label(span, "whose?").help("fields belong into `hosts …`, `to …` and `where …`"),
            };
            self.report(problem);
            return;
        }
        if let Some(meant) = self.value_in_full(name, scope) {
            let problem = Problem::error(Code::UNKNOWN_NAME, format!("there is no value `{name}`"))
                .label(span, "no such value")
                .help(format!("did you mean `{meant}`?"))
                .fix(format!("write `{meant}`"), span, meant);
            self.report(problem);
            return;
        }
        let known: Vec<&str> =
            self.names.lets.keys().copied().chain(scope.bindings.iter().map(|(name, _)| *name)).collect();
        self.report_unknown_value_name(&Name { text: name.to_owned(), span }, &known);
    }

    /// `hostname` for `host.name`, `region_name` for `region.name`.
    fn value_in_full(&self, name: &str, scope: &Scope<'a>) -> Option<String> {
        let fields = self.input.fleet.iter().flat_map(|fleet| fleet.fields()).map(|(_, field)| format!("host.{field}"));
        let fields = fields.filter(|_| scope.host == HostAccess::Named);
        let plain = |text: &str| text.replace(['.', '_', '-'], "").to_lowercase();
        let subjects = scope.subjects.iter().map(|subject| (*subject).to_owned());
        subjects.chain(fields).find(|full| plain(full) == plain(name))
    }

    /// A name that should be a value.
    pub(super) fn report_unknown_value_name(&mut self, name: &Name, known: &[&str]) {
        match self.names.functions.contains_key(name.text.as_str()) || crate::builtin::find(&name.text).is_some() {
            true => {
                let problem = Problem::error(Code::WRONG_TYPE, format!("`{}` is a function", name.text));
                self.report(problem.label(name.span, "call it").help(format!("write `{}(…)`", name.text)));
            }
            false => self.report_unknown(Sort::Let, name, known),
        }
    }

    pub(super) fn report_unknown_field(&mut self, name: &str, span: Span) {
        let Some(fleet) = self.input.fleet else { return };
        let problem = Problem::error(Code::UNKNOWN_FIELD, format!("no host has a field `{name}`"));
        let fields = fleet.fields().map(|(_, field)| field);
        let problem = match nearest(name, fields.chain(self.names.lets.keys().copied())) {
            Some(near) => {
                let known_on = fleet.field(near).map(|field| fleet.len() - fleet.missing(field).len());
                let help = match known_on {
                    Some(hosts) => format!("did you mean `{near}` ({})?", super::host_problems::count(hosts)),
                    None => format!("did you mean `{near}`?"),
                };
                let label = "no such field";
                let fields = fleet.fields().map(|(_, field)| field);
                let is_certain = is_certain(name, fields.chain(self.names.lets.keys().copied()));
                problem.label(span, label).help(help).fix_if(is_certain, format!("write `{near}`"), span, near)
            }
            None => {
                let all: Vec<&str> = fleet.fields().map(|(_, field)| field).collect();
                let help = format!("the fields are {}", super::names::list(all.iter(), all.len()));
                problem.label(span, "no such field").help(help)
            }
        };
        self.report(problem);
    }

    /// `host.version`, `region.name`
    pub(super) fn member_of(&mut self, base: &'a Expression, field: &Name, span: Span, scope: &Scope<'a>) -> Term {
        let ExpressionKind::Name(of) = &base.kind else {
            if !matches!(self.evaluate(base, scope), Term::Unknown) {
                self.report_wrong_type(span, "only a host has fields", "write `host.FIELD`");
            }
            return Term::Unknown;
        };
        if of == "host" && scope.host != HostAccess::None {
            return self.host_field(field);
        }
        let whole = format!("{of}.{}", field.text);
        if let Some(subject) = scope.subjects.iter().find(|subject| **subject == whole) {
            return Term::Subject(subject);
        }
        let is_subject = scope.subjects.iter().any(|subject| subject.split('.').next() == Some(of.as_str()));
        match scope.host == HostAccess::Bare && of != "package" && !is_subject && self.input.fleet.is_some() {
            true => self.report_no_part(of, field, &whole, span),
            false => self.report_no_member(of, &whole, span, scope),
        }
        Term::Unknown
    }

    fn host_field(&mut self, field: &Name) -> Term {
        let Some(fleet) = self.input.fleet else { return Term::Unknown };
        match fleet.field(&field.text) {
            Some(field) => Term::Field(field),
            None => {
                self.report_unknown_field(&field.text, field.span);
                Term::Unknown
            }
        }
    }

    /// `os.release`, where each is a field and the two together are none.
    fn report_no_part(&mut self, of: &str, field: &Name, whole: &str, span: Span) {
        let is_field = |name: &str| self.input.fleet.is_some_and(|fleet| fleet.field(name).is_some());
        if !is_field(&field.text) {
            self.report_unknown_field(whole, span);
            return;
        }
        let problem = Problem::error(Code::UNKNOWN_FIELD, format!("no host has a field `{whole}`"));
        let label = if is_field(of) { format!("`{of}` has no parts") } else { "no such field".to_owned() };
        let problem = problem.label(span, label).help(format!("did you mean `{}`?", field.text));
        self.report(problem.fix(format!("write `{}`", field.text), span, field.text.clone()));
    }

    fn report_no_member(&mut self, of: &str, whole: &str, span: Span, scope: &Scope<'a>) {
        let problem = match of {
            "host" => Problem::error(Code::WRONG_TYPE, format!("`{whole}` is of a host, and no host is meant here")),
            _ => Problem::error(Code::UNKNOWN_NAME, format!("there is no `{whole}` here")),
        };
        let is_elsewhere = super::command::STEP_SUBJECTS.contains(&whole);
        let mut known: Vec<&str> = scope.subjects.to_vec();
        if scope.host != HostAccess::None {
            known.insert(0, "host.name");
        }
        let problem = problem.label(span, "not known here");
        self.report(match (nearest(whole, known.iter().copied()), known.is_empty()) {
            (Some(near), _) if !is_elsewhere => {
                problem.help(format!("did you mean `{near}`?")).fix(format!("write `{near}`"), span, near)
            }
            (_, false) => problem.help(format!("known here are {}", super::names::list(known.iter(), known.len()))),
            (_, true) => problem,
        });
    }
}
