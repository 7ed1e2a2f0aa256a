use crate::builtin::{self, Value};
use crate::check::definitions::LetState;
use crate::check::entry::Checker;
use crate::check::term::{Scope, Term};
use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{Expression, Name};

impl<'a> Checker<'a> {
    /// A call is its body with the arguments put in. What a body is defined by is no part of it, so every call ends.
    pub(super) fn call(
        &mut self,
        function: &'a Name,
        arguments: &'a [Expression],
        span: Span,
        scope: &Scope<'a>,
    ) -> Term {
        let terms: Vec<Term> = arguments.iter().map(|argument| self.evaluate(argument, scope)).collect();
        let name = function.text.as_str();
        if let Some(definition) = self.names.functions.get(name).copied() {
            return self.call_own(definition.value, &terms, span, scope);
        }
        if let Some(native) = builtin::find(name) {
            return self.call_native(native, arguments, terms, span);
        }
        // In a body the name itself is checked where the function is defined.
        if !scope.in_function {
            self.check_is_function(function);
        }
        Term::Unknown
    }

    fn call_own(
        &mut self,
        function: &'a crate::syntax::ast::Function,
        arguments: &[Term],
        span: Span,
        scope: &Scope<'a>,
    ) -> Term {
        let name = function.name.text.as_str();
        if matches!(self.lets.get(name), Some(LetState::Circular)) {
            return Term::Unknown;
        }
        if arguments.len() != function.parameters.len() {
            // One that stands twice is told of, and may be one too many.
            let all = &function.parameters;
            if all.iter().enumerate().any(|(idx, one)| all[..idx].iter().any(|first| first.text == one.text)) {
                return Term::Unknown;
            }
            let names: Vec<&str> = function.parameters.iter().map(|parameter| parameter.text.as_str()).collect();
            let signature = format!("{name}({})", names.join(", "));
            self.report_argument_count(
                name,
                &signature,
                (arguments.len(), names.len()),
                span,
                Some(function.name.span),
            );
            return Term::Unknown;
        }
        let names = function.parameters.iter().map(|parameter| parameter.text.as_str());
        let inner = Scope {
            host: scope.host,
            subjects: scope.subjects,
            bindings: names.zip(arguments.iter().cloned()).collect(),
            in_function: true,
        };
        self.calls.push((name, span));
        let term = self.evaluate(&function.body, &inner);
        self.calls.pop();
        term
    }

    fn call_native(
        &mut self,
        function: &'static builtin::Function,
        arguments: &'a [Expression],
        terms: Vec<Term>,
        span: Span,
    ) -> Term {
        if terms.len() != function.parameters.len() {
            let counts = (terms.len(), function.parameters.len());
            self.report_argument_count(function.name, &function.signature(), counts, span, None);
            return Term::Unknown;
        }
        let mut values = Some(Vec::new());
        for ((term, parameter), argument) in terms.into_iter().zip(function.parameters).zip(arguments) {
            let value = match term {
                Term::Unknown => None,
                Term::Value(value) if value.kind() == parameter.kind => Some(value),
                term => {
                    let what = self.describe(&term);
                    let message = format!(
                        "`{}` of `{}` is {}, and this is {what}",
                        parameter.name, function.name, parameter.kind
                    );
                    let problem =
                        Problem::error(Code::WRONG_TYPE, message).label(argument.span, format!("this is {what}"));
                    let (call, gives) = function.example;
                    self.report(problem.help(format!("such as `{call}`, which is `{gives}`")));
                    None
                }
            };
            values = values.zip(value).map(|(mut values, value): (Vec<Value>, Value)| {
                values.push(value);
                values
            });
        }
        let Some(values) = values else { return Term::Unknown };
        match function.call(&values) {
            Ok(value) => Term::Value(value),
            Err(why) => {
                self.report(Problem::error(Code::BAD_VALUE, why).label(span, "this has no value"));
                Term::Unknown
            }
        }
    }

    fn report_argument_count(
        &mut self,
        name: &str,
        signature: &str,
        (given, wanted): (usize, usize),
        span: Span,
        defined: Option<Span>,
    ) {
        let message = format!("`{name}` takes {}, and is given {given}", arguments(wanted));
        let mut problem =
            Problem::error(Code::WRONG_ARGUMENTS, message).label(span, format!("{} here", arguments(given)));
        if let Some(defined) = defined {
            problem = problem.label(defined, "defined here");
        }
        self.report(problem.help(format!("write `{signature}`")));
    }
}

fn arguments(number: usize) -> String {
    match number {
        1 => "1 argument".to_owned(),
        _ => format!("{number} arguments"),
    }
}
