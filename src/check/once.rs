use crate::check::entry::Checker;
use crate::diagnostic::{Code, Problem};
use crate::source::Span;

/// A member that may be said once. The first counts; a second is a problem that shows both.
#[derive(Debug)]
pub(super) struct Once<T> {
    word: &'static str,
    first: Option<(T, Span)>,
}

impl<T> Once<T> {
    pub(super) fn new(word: &'static str) -> Self {
        Once { word, first: None }
    }

    pub(super) fn set(&mut self, checker: &mut Checker, value: T, span: Span) {
        match &self.first {
            None => self.first = Some((value, span)),
            Some((_, first)) => {
                let problem = Problem::error(Code::MEMBER_TWICE, format!("`{}` is said twice", self.word))
                    .label(span, "said again here")
                    .label(*first, "first said here")
                    .help("one of them has to go");
                checker.report(problem);
            }
        }
    }

    pub(super) fn span(&self) -> Option<Span> {
        self.first.as_ref().map(|(_, span)| *span)
    }

    pub(super) fn get(self) -> Option<T> {
        self.first.map(|(value, _)| value)
    }

    /// The member, without which the item says too little. `of` is what lacks it, `write` how it is said.
    pub(super) fn required(self, checker: &mut Checker, of: &Owner, write: &str) -> Option<T> {
        if self.first.is_none() {
            checker.report_missing_member(self.word, of, write);
        }
        self.get()
    }
}

/// The item whose members are looked at.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    /// ``gate `mailflow` ``
    pub(super) what: String,
    /// Where a missing member is shown: the name.
    pub(super) place: Span,
    pub(super) whole: Span,
}

impl Owner {
    pub(super) fn new(word: &str, name: &crate::syntax::ast::Name, whole: Span) -> Self {
        Owner { what: format!("{word} `{}`", name.text), place: name.span, whole }
    }
}

impl Checker<'_> {
    /// Silent where the parser could not read a part of the item: the member may be there.
    pub(super) fn report_missing_member(&mut self, word: &str, of: &Owner, write: &str) {
        if self.is_unclear(of.whole) {
            return;
        }
        let problem = Problem::error(Code::MEMBER_MISSING, format!("the {} has no `{word}`", of.what))
            .label(of.place, format!("`{word}` is missing"))
            .help(format!("say it: `{write}`"));
        self.report(problem);
    }
}
