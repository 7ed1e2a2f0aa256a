use crate::check::entry::Checker;
use crate::diagnostic::{Code, Problem};
use crate::source::Span;

/// What evaluating may still cost. Expressions are total anyhow; this bounds those that double with every call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    steps_left: u64,
    depth: u32,
    is_reported: bool,
}

impl Effort {
    /// All the steps again, at the same depth.
    pub(super) fn renewed(self) -> Self {
        Effort { depth: self.depth, ..Effort::default() }
    }

    pub(super) fn come_back(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }
}

impl Default for Effort {
    fn default() -> Self {
        Effort { steps_left: MAX_STEPS, depth: 0, is_reported: false }
    }
}

const MAX_STEPS: u64 = 1_000_000;

/// Of expressions within expressions, through calls and `let`s: far more than anybody writes, far less than the stack holds.
const MAX_DEPTH: u32 = 200;

/// Of a text in bytes, and of a list in elements.
pub(super) const MAX_LENGTH: usize = 65_536;

impl<'a> Checker<'a> {
    /// Takes steps from the budget. False where it is used up, which is reported once.
    pub(super) fn spend(&mut self, steps: u64, place: Span) -> bool {
        if self.effort.steps_left < steps {
            self.give_up(place, "takes too long to work out");
            return false;
        }
        self.effort.steps_left -= steps;
        true
    }

    /// False at the bottom, which is reported once; else [`Effort::come_back`] belongs to it.
    pub(super) fn go_deeper(&mut self, place: Span) -> bool {
        if self.effort.depth >= MAX_DEPTH {
            self.give_up(place, "goes through too many definitions");
            return false;
        }
        self.effort.depth += 1;
        true
    }

    fn give_up(&mut self, place: Span, what: &str) {
        self.effort.steps_left = 0;
        if std::mem::replace(&mut self.effort.is_reported, true) {
            return;
        }
        let place = self.calls.first().map_or(place, |(_, call)| *call);
        let problem = Problem::error(Code::BAD_VALUE, format!("this {what}"))
            .label(place, "given up here")
            .help("make it smaller: a value may take a million steps and go 200 definitions deep");
        self.report(problem);
    }

    /// What grew once would grow again: one problem is enough for the whole expression.
    pub(super) fn report_too_long(&mut self, place: Span) {
        self.effort.steps_left = 0;
        if std::mem::replace(&mut self.effort.is_reported, true) {
            return;
        }
        let message = format!("this would be longer than {MAX_LENGTH}");
        self.report(Problem::error(Code::BAD_VALUE, message).label(place, "grows too long here"));
    }
}
