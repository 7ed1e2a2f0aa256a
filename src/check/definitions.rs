use indexmap::IndexMap;

use crate::check::entry::{Checker, Origin};
use crate::check::host_problems::count;
use crate::check::names::{Names, Sort};
use crate::check::term::{Scope, Term};
use crate::check::walk::walk;
use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{Expression, ExpressionKind, Name};

/// How far a `let` is worked out.
#[derive(Debug, Clone)]
pub(super) enum LetState {
    /// Part of a circle, which is reported.
    Circular,
    Known(Term),
}

impl<'a> Checker<'a> {
    /// Every `let` is worked out once, every function's body looked through; a library's only as far as it is used.
    pub(super) fn check_definitions(&mut self) {
        self.check_circles();
        let lets: Vec<_> = self.names.lets.values().filter(|one| one.origin == Origin::Own).copied().collect();
        for definition in lets {
            self.check_hides_no_field(&definition.value.name);
            self.let_value(&definition.value.name.text);
        }
        let functions: Vec<_> =
            self.names.functions.values().filter(|one| one.origin == Origin::Own).copied().collect();
        for definition in functions {
            self.check_parameters(&definition.value.parameters);
            self.check_body(&definition.value.parameters, &definition.value.body);
        }
    }

    /// The value of a `let`; none where there is none of that name.
    pub(super) fn let_value(&mut self, name: &str) -> Option<Term> {
        let (&name, definition) = self.names.lets.get_key_value(name)?;
        let definition = *definition;
        match self.lets.get(name) {
            Some(LetState::Circular) => return Some(Term::Unknown),
            Some(LetState::Known(term)) => return Some(term.clone()),
            None => {}
        }
        let term = self.evaluate_whole(&definition.value.value, &Scope::default());
        self.lets.insert(name, LetState::Known(term.clone()));
        Some(term)
    }

    /// In `hosts`, `to` and `where` the field would be meant.
    fn check_hides_no_field(&mut self, name: &Name) {
        let hosts = self.input.fleet.and_then(|fleet| {
            let field = fleet.field(&name.text)?;
            Some(fleet.len() - fleet.missing(field).len())
        });
        let Some(hosts) = hosts else { return };
        let message = format!("`{}` is a field of {} too", name.text, count(hosts));
        let problem = Problem::warning(Code::DEFINED_TWICE, message)
            .label(name.span, "in `hosts`, `to` and `where` the field is meant, not this")
            .help("give it another name");
        self.report(problem);
    }

    fn check_parameters(&mut self, parameters: &'a [Name]) {
        for (idx, parameter) in parameters.iter().enumerate() {
            if let Some(first) = parameters[..idx].iter().find(|first| first.text == parameter.text) {
                let problem = super::names::defined_twice("parameter", first, Origin::Own, parameter);
                self.report(problem);
            }
        }
    }

    /// A name in a body is a parameter, a variable, a `let`, or a field. What it comes to is checked where it is called.
    fn check_body(&mut self, parameters: &'a [Name], body: &'a Expression) {
        let mut variables: Vec<&str> = parameters.iter().map(|parameter| parameter.text.as_str()).collect();
        let mut used: Vec<Name> = Vec::new();
        let mut called: Vec<&Name> = Vec::new();
        walk(body, |expression| match &expression.kind {
            ExpressionKind::Name(name) => used.push(Name { text: name.clone(), span: expression.span }),
            ExpressionKind::Call { function, .. } => called.push(function),
            ExpressionKind::Quantified { variable: Some(variable), .. } => variables.push(&variable.text),
            _ => {}
        });
        for name in used.iter().filter(|name| !variables.contains(&name.text.as_str())) {
            if !self.is_known_in_body(&name.text) {
                let known: Vec<&str> = variables.iter().copied().chain(self.names.lets.keys().copied()).collect();
                self.report_unknown_value_name(name, &known);
            }
        }
        for name in called {
            self.check_is_function(name);
        }
    }

    fn is_known_in_body(&self, name: &str) -> bool {
        let is_field = self.input.fleet.is_none_or(|fleet| fleet.field(name).is_some());
        WORDS.contains(&name) || is_field || self.names.lets.contains_key(name) || self.may_be_defined(Sort::Let, name)
    }

    pub(super) fn check_is_function(&mut self, name: &Name) -> bool {
        let is_known =
            self.names.functions.contains_key(name.text.as_str()) || crate::builtin::find(&name.text).is_some();
        if !is_known {
            let own = self.names.functions.keys().copied();
            let known: Vec<&str> = own.chain(crate::builtin::all().iter().map(|function| function.name)).collect();
            self.report_unknown(Sort::Function, name, &known);
        }
        is_known
    }

    /// A `let` or `fn` that needs itself has no value. Each circle is reported once; all that is in it is unknown.
    fn check_circles(&mut self) {
        let graph = uses(&self.names);
        for circle in circles(&graph) {
            let places: Vec<Span> = circle.iter().map(|name| self.name_span(name)).collect();
            let words = circle.iter().chain(circle.first()).map(|name| format!("`{name}`")).collect::<Vec<_>>();
            let mut problem = Problem::error(Code::RECURSION, format!("{} is defined by itself", words[0]))
                .help("a definition may use only what does not need it: every evaluation has to end");
            if circle.len() > 1 {
                problem.message = format!("{} is defined by itself: {}", words[0], words.join(" needs "));
            }
            for (place, name) in places.into_iter().zip(circle.iter().skip(1).chain(circle.first())) {
                problem = problem.label(place, format!("needs `{name}`"));
            }
            self.report(problem);
            for name in circle {
                self.lets.insert(name, LetState::Circular);
            }
        }
    }

    fn name_span(&self, name: &str) -> Span {
        let of_let = self.names.lets.get(name).map(|one| one.value.name.span);
        let span = of_let.or_else(|| self.names.functions.get(name).map(|one| one.value.name.span));
        // INVARIANT: circles are made of the names of lets and functions.
        span.unwrap_or(Span::new(crate::source::FileId(0), 0, 0))
    }
}

/// Words that mean something in an expression wherever a host is under test.
pub(super) const WORDS: [&str; 2] = ["host", "groups"];

/// What each definition needs: lets by name, functions by call.
fn uses<'a>(names: &Names<'a>) -> IndexMap<&'a str, Vec<&'a str>> {
    let lets = names.lets.iter().map(|(name, one)| (*name, &one.value.value, Vec::new()));
    let functions = names.functions.iter().map(|(name, one)| {
        let parameters = one.value.parameters.iter().map(|parameter| parameter.text.as_str()).collect();
        (*name, &one.value.body, parameters)
    });
    lets.chain(functions).map(|(name, body, bound)| (name, needed(names, body, bound))).collect()
}

fn needed<'a>(names: &Names<'a>, body: &'a Expression, mut bound: Vec<&'a str>) -> Vec<&'a str> {
    walk(body, |expression| {
        if let ExpressionKind::Quantified { variable: Some(variable), .. } = &expression.kind {
            bound.push(&variable.text);
        }
    });
    let mut needed = Vec::new();
    walk(body, |expression| match &expression.kind {
        ExpressionKind::Name(name) if !bound.contains(&name.as_str()) => {
            needed.extend(names.lets.get_key_value(name.as_str()).map(|(name, _)| *name));
        }
        ExpressionKind::Call { function, .. } => {
            needed.extend(names.functions.get_key_value(function.text.as_str()).map(|(name, _)| *name));
        }
        _ => {}
    });
    needed
}

/// The circles of a graph, found by walking down from each name; a name is in at most one of those given back. With a
/// stack of its own: a chain of definitions may be long.
fn circles<'a>(graph: &IndexMap<&'a str, Vec<&'a str>>) -> Vec<Vec<&'a str>> {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; graph.len()];
    let mut found: Vec<Vec<&str>> = Vec::new();
    for start in 0..graph.len() {
        // Each entry: a name's place, and which of its needs comes next.
        let mut path = if marks[start] == Mark::New { vec![(start, 0)] } else { Vec::new() };
        while let Some((here, next)) = path.last_mut() {
            let here = *here;
            marks[here] = Mark::Open;
            let need = graph.get_index(here).and_then(|(_, needs)| needs.get(*next)).copied();
            *next += 1;
            let Some(need) = need else {
                marks[here] = Mark::Done;
                path.pop();
                continue;
            };
            let Some(there) = graph.get_index_of(need) else { continue };
            match marks[there] {
                Mark::New => path.push((there, 0)),
                Mark::Open => {
                    let from = path.iter().position(|(place, _)| *place == there).unwrap_or(0);
                    let circle = path[from..].iter().filter_map(|(place, _)| graph.get_index(*place));
                    let circle: Vec<&str> = circle.map(|(name, _)| *name).collect();
                    if !circle.iter().any(|name| found.iter().flatten().any(|other| other == name)) {
                        found.push(circle);
                    }
                }
                Mark::Done => {}
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_are_found_once_and_chains_are_none() {
        let graph = |edges: &[(&'static str, &[&'static str])]| {
            edges.iter().map(|(name, needs)| (*name, needs.to_vec())).collect::<IndexMap<_, _>>()
        };
        assert!(circles(&graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])])).is_empty());
        assert_eq!(circles(&graph(&[("a", &["a"])])), [["a"]]);
        assert_eq!(circles(&graph(&[("x", &["a"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a"])])), [["a", "b", "c"]]);
    }
}
