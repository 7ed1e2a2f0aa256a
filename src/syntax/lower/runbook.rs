use crate::syntax::ast::{Run, Runbook, Step, StepMember, Undo, Wait};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;

impl Lowering<'_> {
    pub(super) fn runbook(&mut self, pair: Pair<'_>) -> Option<Runbook> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let steps = self.members(Block::Runbook, parts.next(), Self::step);
        Some(Runbook { name: name?, steps })
    }

    pub(super) fn step(&mut self, pair: Pair<'_>) -> Option<Step> {
        let pair = self.good_head(pair)?;
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Step, parts.next(), Self::step_member);
        Some(Step { name: name?, members, span })
    }

    pub(super) fn step_member(&mut self, pair: Pair<'_>) -> Option<StepMember> {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::down => return Some(StepMember::Down(span)),
            Rule::ahead => return Some(StepMember::Ahead(span)),
            Rule::needs_no_undo => return Some(StepMember::Undo(Undo::NotNeeded(span))),
            Rule::cannot_be_undone => return Some(StepMember::Undo(Undo::Impossible(span))),
            Rule::run => return Some(StepMember::Run(self.run(pair)?)),
            Rule::retry_every => return self.retry(pair),
            Rule::takes => return self.takes(pair),
            _ => {}
        }
        let rule = pair.as_rule();
        let value = Parts::of(pair).next()?;
        Some(match rule {
            Rule::lift => StepMember::Lift { workaround: self.label(value)?, span },
            Rule::undo => StepMember::Undo(Undo::Command(self.command(value)?)),
            Rule::verify => StepMember::Verify(self.command(value)?),
            Rule::fails => StepMember::Fails(self.budget(value)?),
            Rule::timeout => StepMember::Timeout(self.duration(value)?),
            _ => return None,
        })
    }

    fn run(&mut self, pair: Pair<'_>) -> Option<Run> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let command = self.command(parts.next()?);
        let wait = match parts.next() {
            Some(pair) => Some(self.wait(pair)?),
            None => None,
        };
        Some(Run { command: command?, wait, span })
    }

    fn wait(&mut self, pair: Pair<'_>) -> Option<Wait> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let address = self.value(parts.next()?).expression;
        let port = self.count(parts.next()?);
        let within = self.duration(parts.next()?);
        Some(Wait { address, port: port?, within: within?, span })
    }

    fn takes(&mut self, pair: Pair<'_>) -> Option<StepMember> {
        let mut parts = Parts::of(pair);
        let least = self.duration(parts.next()?);
        let most = match parts.next() {
            Some(pair) => Some(self.duration(pair)?),
            None => None,
        };
        Some(StepMember::Takes { least: least?, most })
    }

    fn retry(&mut self, pair: Pair<'_>) -> Option<StepMember> {
        let mut parts = Parts::of(pair);
        let times = self.count(parts.next()?);
        let every = match parts.next() {
            Some(pair) => Some(self.duration(pair)?),
            None => None,
        };
        Some(StepMember::Retry { times: times?, every })
    }
}
