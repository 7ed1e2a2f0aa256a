use crate::syntax::ast::{
    Action, Approval, At, Batch, Condition, Otherwise, Pick, RegionOrder, Rollout, RolloutMember, Rule as RuleMember,
    Scope, Stage, StageKind, StageMember,
};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;

impl Lowering<'_> {
    pub(super) fn rollout(&mut self, pair: Pair<'_>) -> Option<Rollout> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Rollout, parts.next(), Self::rollout_member);
        Some(Rollout { name: name?, members })
    }

    pub(super) fn rollout_member(&mut self, pair: Pair<'_>) -> Option<RolloutMember> {
        let pair = self.good_head(pair)?;
        let span = self.span(&pair);
        Some(match pair.as_rule() {
            Rule::apply => {
                let mut parts = Parts::of(pair);
                let bulletin = self.label(parts.next()?);
                let runbook = self.label(parts.next()?);
                RolloutMember::Apply { bulletin: bulletin?, runbook: runbook?, span }
            }
            Rule::to => RolloutMember::To(self.expression(Parts::of(pair).next()?)),
            Rule::start => RolloutMember::Start(self.expression(Parts::of(pair).next()?)),
            Rule::guinea_pig => RolloutMember::Stage(self.stage(StageKind::GuineaPig, pair)?),
            Rule::wave => RolloutMember::Stage(self.stage(StageKind::Wave, pair)?),
            Rule::on_rule => RolloutMember::Rule(self.rule(pair)?),
            _ => return None,
        })
    }

    fn stage(&mut self, kind: StageKind, pair: Pair<'_>) -> Option<Stage> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Stage, parts.next(), Self::stage_member);
        Some(Stage { kind, name: name?, members, span })
    }

    pub(super) fn stage_member(&mut self, pair: Pair<'_>) -> Option<StageMember> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        match rule {
            Rule::batch => return Some(StageMember::Batch(self.batch(pair)?)),
            Rule::approve => return Some(StageMember::Approval(self.approval(pair)?)),
            Rule::together => return Some(StageMember::Order { order: RegionOrder::Together, span }),
            Rule::following_the_sun => {
                let from = match Parts::of(pair).next() {
                    Some(pair) => Some(self.label(pair)?),
                    None => None,
                };
                return Some(StageMember::Order { order: RegionOrder::FollowingTheSun { from }, span });
            }
            _ => {}
        }
        let value = Parts::of(pair).next()?;
        let pick = match rule {
            Rule::in_order => {
                let order = RegionOrder::InOrder(self.labels(value)?);
                return Some(StageMember::Order { order, span });
            }
            Rule::soak => return Some(StageMember::Soak(self.duration(value)?)),
            Rule::gates => return Some(StageMember::Gates(self.labels(value)?)),
            Rule::finish => return Some(StageMember::FinishBefore(self.time(value)?)),
            Rule::pick_one_per => Pick::OnePer(self.labels(value)?),
            Rule::pick_amount => Pick::Amount(self.budget(value)?.value),
            Rule::pick_where => Pick::Where(self.expression(value)),
            Rule::pick_regions => Pick::Regions(self.labels(value)?),
            Rule::pick_sites => Pick::Sites(self.constants(value)?),
            _ => return None,
        };
        Some(StageMember::Pick { pick, span })
    }

    fn batch(&mut self, pair: Pair<'_>) -> Option<Batch> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let amount = self.budget(parts.next()?);
        let scope = parts.take(Rule::batch_scope).map(|pair| self.scope(&pair));
        let at_most = match parts.next() {
            Some(pair) => Some(self.count(pair)?),
            None => None,
        };
        Some(Batch { amount: amount?, scope, at_most, span })
    }

    fn approval(&mut self, pair: Pair<'_>) -> Option<Approval> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let team = self.label(parts.next()?);
        let mut within = None;
        let mut otherwise = None;
        while let Some(pair) = parts.next() {
            match pair.as_rule() {
                Rule::otherwise => otherwise = Some(self.otherwise(&pair)),
                _ => within = Some(self.duration(pair)?),
            }
        }
        Some(Approval { team: team?, within, otherwise, span })
    }

    fn otherwise(&self, pair: &Pair<'_>) -> At<Otherwise> {
        let value = match self.written(pair) {
            "hold" => Otherwise::Hold,
            _ => Otherwise::Rollback,
        };
        At { value, span: self.span(pair) }
    }

    fn rule(&mut self, pair: Pair<'_>) -> Option<RuleMember> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let condition = parts.next()?;
        let condition_span = self.span(&condition);
        let condition = self.condition(Parts::of(condition).next()?);
        let actions = self.members(Block::Rule, parts.next(), Self::action);
        Some(RuleMember { condition: condition?, condition_span, actions, span })
    }

    fn condition(&mut self, pair: Pair<'_>) -> Option<Condition> {
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        Some(match rule {
            Rule::gate_event => {
                let (gate, answer) = self.event(parts)?;
                match answer {
                    "failed" => Condition::GateFailed { gate },
                    _ => Condition::GateUnknown { gate },
                }
            }
            Rule::step_event => Condition::StepFailed { step: self.event(parts)?.0 },
            Rule::more_than => {
                let limit = self.budget(parts.next()?);
                Condition::MoreThanFailed { limit: limit?, scope: self.scope(&parts.next()?) }
            }
            Rule::regions_held => Condition::RegionsHeld { count: self.count(parts.next()?)? },
            _ => return None,
        })
    }

    /// The name, where one is said, and the answer of `gate mailflow failed`.
    fn event(&mut self, mut parts: Parts<'_>) -> Option<(Option<crate::syntax::ast::Name>, &str)> {
        let first = parts.next()?;
        let Some(answer) = parts.next() else { return Some((None, self.written(&first))) };
        let name = self.label(first)?;
        Some((Some(name), self.written(&answer)))
    }

    pub(super) fn action(&mut self, pair: Pair<'_>) -> Option<At<Action>> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let scope = self.scope(&Parts::of(pair).next()?).value;
        let value = match rule {
            Rule::hold => Action::Hold(scope),
            _ => Action::Rollback(scope),
        };
        Some(At { value, span })
    }

    fn scope(&self, pair: &Pair<'_>) -> At<Scope> {
        let value = match self.written(pair) {
            "host" => Scope::Host,
            "batch" => Scope::Batch,
            "site" => Scope::Site,
            "region" => Scope::Region,
            "stage" => Scope::Stage,
            _ => Scope::Rollout,
        };
        At { value, span: self.span(pair) }
    }
}
