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
    fn claim(&mut self, pair: Pair<'_>) -> Option<Claim> {
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
        let pair = Parts::of(pair).next()?;
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        let kind = match rule {
            Rule::claim_service => TermKind::ServiceKept(self.label(parts.next()?)?),
            Rule::claim_gate => {
                let gate = self.label(parts.next()?);
                TermKind::Gate { passed: self.written(&parts.next()?) == "passed", gate: gate? }
            }
            Rule::claim_more => {
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
                TermKind::MoreThan { limit: limit?, what: At { value: counted, span: self.span(&what) }, place }
            }
            Rule::claim_rollout => TermKind::State { of: ClaimSubject::Rollout, state: self.state(parts.next()?) },
            _ => {
                let name = parts.next()?;
                let of = match rule {
                    Rule::claim_region => self.label(name).map(ClaimSubject::Region),
                    Rule::claim_site => self.constant(name).map(ClaimSubject::Site),
                    _ => self.label(name).map(ClaimSubject::Stage),
                };
                let state = self.state(parts.next()?);
                TermKind::State { of: of?, state }
            }
        };
        Some(Term { kind, span })
    }

    fn state(&self, pair: Pair<'_>) -> At<ClaimState> {
        let value = match self.written(&pair) {
            "started" => ClaimState::Started,
            "passed" => ClaimState::Passed,
            "held" => ClaimState::Held,
            _ => ClaimState::RolledBack,
        };
        At { value, span: self.span(&pair) }
    }
}
