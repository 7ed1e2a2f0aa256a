use crate::diagnostic::{Code, Problem};
use crate::source::Span;
use crate::syntax::ast::{
    Action, Approval, At, AtOnce, Batch, Condition, Deadline, DeadlineBase, DeadlineKind, Finish, OrderDirection,
    OrderKey, Otherwise, Pick, PropertyKind, Refine, RefineMember, RegionOrder, Rollout, RolloutMember,
    Rule as RuleMember, Scope, Stage, StageKind, StageMember, Stages,
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
            Rule::deadline => RolloutMember::Deadline(self.deadline(pair)?),
            Rule::always => RolloutMember::Property(self.property(PropertyKind::Always, pair)?),
            Rule::never => RolloutMember::Property(self.property(PropertyKind::Never, pair)?),
            Rule::use_stages => {
                let mut parts = Parts::of(pair);
                let stages = self.label(parts.next()?);
                let members = self.members(Block::Stage, parts.next(), Self::stage_member);
                RolloutMember::Stages { stages: stages?, members, span }
            }
            _ => return None,
        })
    }

    pub(super) fn stages(&mut self, pair: Pair<'_>) -> Option<Stages> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let stages = self.members(Block::Stages, parts.next(), Self::listed_stage);
        Some(Stages { name: name?, stages })
    }

    pub(super) fn listed_stage(&mut self, pair: Pair<'_>) -> Option<Stage> {
        let pair = self.good_head(pair)?;
        match pair.as_rule() {
            Rule::guinea_pig => self.stage(StageKind::GuineaPig, pair),
            _ => self.stage(StageKind::Wave, pair),
        }
    }

    pub(super) fn refine(&mut self, pair: Pair<'_>) -> Option<Refine> {
        let mut parts = Parts::of(pair);
        let rollout = self.label(parts.next()?);
        let regions = self.labels(parts.next()?);
        let members = self.members(Block::Refine, parts.next(), Self::refine_member);
        Some(Refine { rollout: rollout?, regions: regions?, members })
    }

    pub(super) fn refine_member(&mut self, pair: Pair<'_>) -> Option<RefineMember> {
        Some(match pair.as_rule() {
            Rule::window => RefineMember::Window(self.window(pair)?),
            Rule::freeze => RefineMember::Freeze(self.labels(Parts::of(pair).next()?)?),
            _ => RefineMember::Stage(self.stage_member(pair)?),
        })
    }

    fn deadline(&mut self, pair: Pair<'_>) -> Option<Deadline> {
        let span = self.span(&pair);
        let value = Parts::of(pair).next()?;
        let kind = match value.as_rule() {
            Rule::deadline_after => {
                let mut parts = Parts::of(value);
                let length = self.duration(parts.next()?);
                let base = parts.next()?;
                let is_start = self.written(&base) == "start";
                let named = if is_start { DeadlineBase::Start } else { DeadlineBase::Released };
                DeadlineKind::After { length: length?, base: At { value: named, span: self.span(&base) } }
            }
            _ => DeadlineKind::Moment(self.expression(value)),
        };
        Some(Deadline { kind, span })
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
            Rule::at_once => return Some(StageMember::AtOnce(self.at_once(pair)?)),
            Rule::order_by => {
                // Every key is read, so that each that is wrong has its problem.
                let keys: Vec<_> = pair.into_inner().map(|pair| self.order_key(pair)).collect();
                return Some(StageMember::OrderBy { keys: keys.into_iter().collect::<Option<_>>()?, span });
            }
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
            Rule::finish => return Some(StageMember::FinishBefore(self.finish(value)?)),
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

    fn at_once(&mut self, pair: Pair<'_>) -> Option<AtOnce> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let most = parts.next()?;
        if self.slice(self.span(&most)).ends_with('%') {
            self.share_at_once(self.span(&most));
            return None;
        }
        let most = self.count(most)?;
        let scope = parts.next().map(|pair| self.scope(&pair));
        Some(AtOnce { most, scope, span })
    }

    fn share_at_once(&mut self, share: Span) {
        let written = self.slice(share);
        let problem = Problem::error(Code::BAD_LITERAL, format!("`{written}` cannot stand here"))
            .label(share, "expected a whole number")
            .help(format!("a sliding window counts hosts: `at most 10 at once`; a share goes in batches: `batch {written} of site`"));
        self.report(problem);
    }

    fn finish(&mut self, pair: Pair<'_>) -> Option<At<Finish>> {
        if pair.as_rule() == Rule::sunrise {
            return Some(At { value: Finish::Sunrise, span: self.span(&pair) });
        }
        let time = self.time(&pair)?;
        Some(At { value: Finish::Time(time.value), span: time.span })
    }

    fn order_key(&mut self, pair: Pair<'_>) -> Option<OrderKey> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let field = self.label(parts.next()?);
        let direction = match parts.next() {
            None => OrderDirection::Ascending,
            Some(pair) if pair.as_rule() == Rule::descending => OrderDirection::Descending,
            Some(pair) => OrderDirection::First(pair.into_inner().map(|pair| self.value(pair).expression).collect()),
        };
        Some(OrderKey { field: field?, direction, span })
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
            Rule::deadline_at_risk => Condition::DeadlineAtRisk,
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
        let said = Parts::of(pair).next()?;
        let value = match rule {
            Rule::notify => Action::Notify(self.labels(said)?),
            Rule::hold => Action::Hold(self.scope(&said).value),
            _ => Action::Rollback(self.scope(&said).value),
        };
        Some(At { value, span })
    }

    pub(super) fn scope(&self, pair: &Pair<'_>) -> At<Scope> {
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
