use crate::syntax::ast::{
    At, Claim, ClaimPlace, ClaimState, ClaimSubject, Counted, Property, PropertyKind, Term, TermKind,
};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;

impl Lowering<'_> {
    pub(super) fn property(&mut self, kind: PropertyKind, pair: Pair<'_>) -> Option<Property> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let claim = self.claim(parts.next()?);
        let unless = match parts.next() {
            Some(pair) => Some(self.claim(pair)?),
            None => None,
        };
        Some(Property { kind, claim: claim?, unless, span })
    }

    /// `and` binds stronger than `or`.
    pub(super) fn claim(&mut self, pair: Pair<'_>) -> Option<Claim> {
        let span = self.span(&pair);
        let mut any_of: Vec<Vec<Term>> = vec![Vec::new()];
        for pair in pair.into_inner() {
            if pair.as_rule() == Rule::connective {
                if self.written(&pair) == "or" {
                    any_of.push(Vec::new());
                }
                continue;
            }
            let term = self.term(pair)?;
            if let Some(group) = any_of.last_mut() {
                group.push(term);
            }
        }
        Some(Claim { any_of, span })
    }

    fn term(&mut self, pair: Pair<'_>) -> Option<Term> {
        let span = self.span(&pair);
        let mut parts = Parts::of(pair);
        let is_denied_before = parts.take(Rule::negated).is_some();
        let pair = parts.next()?;
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        let mut is_denied = false;
        let kind = match rule {
            Rule::claim_service => {
                let service = self.label(parts.next()?);
                is_denied = parts.take(Rule::negated).is_some();
                TermKind::ServiceKept(service?)
            }
            Rule::claim_gate => {
                let gate = self.label(parts.next()?);
                is_denied = parts.take(Rule::negated).is_some();
                TermKind::Gate { passed: self.written(&parts.next()?) == "passed", gate: gate? }
            }
            Rule::claim_more => self.more_than(parts)?,
            _ => {
                let of = match rule {
                    Rule::claim_rollout => Some(ClaimSubject::Rollout),
                    Rule::claim_region => self.label(parts.next()?).map(ClaimSubject::Region),
                    Rule::claim_site => self.constant(parts.next()?).map(ClaimSubject::Site),
                    Rule::claim_host => self.constant(parts.next()?).map(ClaimSubject::Host),
                    Rule::claim_hosts => Some(ClaimSubject::Hosts(self.expression(parts.next()?))),
                    _ => self.label(parts.next()?).map(ClaimSubject::Stage),
                };
                is_denied = parts.take(Rule::negated).is_some();
                match (of?, parts.take(Rule::told)) {
                    (ClaimSubject::Stage(team), Some(_)) => TermKind::Told(team),
                    (of, _) => TermKind::State { of, state: self.state(parts.next()?) },
                }
            }
        };
        Some(Term { kind, is_denied: is_denied != is_denied_before, span })
    }

    fn more_than(&mut self, mut parts: Parts<'_>) -> Option<TermKind> {
        let limit = self.budget(parts.next()?);
        let what = parts.next()?;
        let place = parts.next()?;
        let place = match place.as_rule() {
            Rule::claim_in_service => ClaimPlace::Service(self.label(Parts::of(place).next()?)?),
            _ => ClaimPlace::Scope(self.scope(&place)),
        };
        let counted = match self.written(&what) {
            "down" => Counted::Down,
            _ => Counted::Failed,
        };
        Some(TermKind::MoreThan { limit: limit?, what: At { value: counted, span: self.span(&what) }, place })
    }

    fn state(&self, pair: Pair<'_>) -> At<ClaimState> {
        let value = match self.written(&pair) {
            "started" => ClaimState::Started,
            "passed" => ClaimState::Passed,
            "held" => ClaimState::Held,
            "done" => ClaimState::Done,
            "failed" => ClaimState::Failed,
            "down" => ClaimState::Down,
            _ => ClaimState::RolledBack,
        };
        At { value, span: self.span(&pair) }
    }
}
