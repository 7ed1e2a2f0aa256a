use crate::syntax::ast::{At, Policy, PolicyRule, WeekMoment};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;

impl Lowering<'_> {
    pub(super) fn policy(&mut self, pair: Pair<'_>) -> Option<Policy> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let rules = self.members(Block::Policy, parts.next(), Self::policy_rule);
        Some(Policy { name: name?, rules })
    }

    pub(super) fn policy_rule(&mut self, pair: Pair<'_>) -> Option<At<PolicyRule>> {
        let span = self.span(&pair);
        let value = match pair.as_rule() {
            Rule::forbid => {
                let mut parts = Parts::of(pair);
                let from = self.week_moment(parts.next()?);
                let to = self.week_moment(parts.next()?);
                PolicyRule::ForbidWindow { from: from?, to: to? }
            }
            _ => self.requirement(Parts::of(pair).next()?)?,
        };
        Some(At { value, span })
    }

    fn requirement(&mut self, pair: Pair<'_>) -> Option<PolicyRule> {
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        Some(match rule {
            Rule::require_guinea_pig => PolicyRule::GuineaPig,
            Rule::require_undo => PolicyRule::Undo,
            Rule::require_gate => PolicyRule::Gate(match parts.next() {
                Some(names) => self.labels(names)?,
                None => Vec::new(),
            }),
            Rule::require_approval => PolicyRule::Approval {
                by: match parts.next() {
                    Some(team) => Some(self.label(team)?),
                    None => None,
                },
            },
            Rule::require_soak => PolicyRule::Soak(self.duration(parts.next()?)?),
            Rule::require_batch => {
                let at_most = self.budget(parts.next()?);
                let scope = parts.next().map(|pair| self.scope(&pair));
                PolicyRule::Batch { at_most: at_most?, scope }
            }
            _ => return None,
        })
    }

    fn week_moment(&mut self, pair: Pair<'_>) -> Option<WeekMoment> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let day = self.weekday(&parts.next()?);
        let time = match parts.next() {
            Some(pair) => Some(self.time(&pair)?),
            None => None,
        };
        Some(WeekMoment { day, time, span })
    }
}
