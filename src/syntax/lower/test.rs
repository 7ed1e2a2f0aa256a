use crate::syntax::ast::{
    ActPlace, ApprovalAnswer, At, By, Expect, Given, Happening, Place, Reply, Spoken, StepOutcome, Test, TestMember,
    When,
};
use crate::syntax::grammar::{Pair, Rule};
use crate::syntax::lower::Lowering;
use crate::syntax::lower::lowering::Parts;
use crate::syntax::words::Block;

impl Lowering<'_> {
    pub(super) fn test(&mut self, pair: Pair<'_>) -> Option<Test> {
        let mut parts = Parts::of(pair);
        let name = self.label(parts.next()?);
        let members = self.members(Block::Test, parts.next(), Self::test_member);
        Some(Test { name: name?, members })
    }

    pub(super) fn test_member(&mut self, pair: Pair<'_>) -> Option<TestMember> {
        let span = self.span(&pair);
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        Some(match rule {
            Rule::test_plan => TestMember::Plan(self.label(parts.next()?)?),
            Rule::start => TestMember::Start(self.expression(parts.next()?)),
            Rule::test_fleet => TestMember::Fleet { hosts: self.constants(parts.next()?)?, span },
            Rule::for_any => {
                let drawn = parts.next()?;
                let rule = drawn.as_rule();
                let mut parts = Parts::of(drawn);
                let first = self.count(parts.next()?);
                let second = parts.next().map(|pair| self.count(pair));
                let first = first?;
                if rule == Rule::any_fleet {
                    let most = second.unwrap_or_else(|| Some(first.clone()))?;
                    TestMember::AnyFleet { fewest: first, most, span }
                } else {
                    TestMember::AnyFailures { count: first, span }
                }
            }
            Rule::given => {
                let what = self.happening(parts.next()?);
                let when = parts.next().map(|pair| self.when(pair));
                let when = match when {
                    None => None,
                    Some(when) => Some(when?),
                };
                TestMember::Given(Given { what: what?, when, span })
            }
            _ => {
                let claim = self.claim(parts.next()?);
                let by = parts.next().map(|pair| self.by(pair));
                let by = match by {
                    None => None,
                    Some(by) => Some(by?),
                };
                TestMember::Expect(Expect { claim: claim?, by, span })
            }
        })
    }

    fn happening(&mut self, pair: Pair<'_>) -> Option<Happening> {
        let rule = pair.as_rule();
        let mut parts = Parts::of(pair);
        Some(match rule {
            Rule::given_gate => {
                let gate = match parts.take_other_than(Rule::given_answer) {
                    Some(name) => Some(self.label(name)?),
                    None => None,
                };
                let answer = match self.written(&parts.next()?) {
                    "fails" => Reply::Fails,
                    "passes" => Reply::Passes,
                    _ => Reply::Unknown,
                };
                Happening::Gate { gate, answer, place: self.some_place(parts.next())? }
            }
            Rule::given_step => self.given_step(parts)?,
            Rule::controller_dies => Happening::ControllerDies,
            Rule::given_reach => {
                let place = self.given_place(parts.next()?);
                if self.written(&parts.next()?) == "lost" { Happening::Lost(place?) } else { Happening::Back(place?) }
            }
            _ => self.given_who(parts)?,
        })
    }

    fn given_step(&mut self, mut parts: Parts<'_>) -> Option<Happening> {
        let mut outcome = parts.next()?;
        let mut step = None;
        if !matches!(outcome.as_rule(), Rule::given_outcome | Rule::given_takes) {
            step = Some(self.label(outcome)?);
            outcome = parts.next()?;
        }
        let outcome = match self.written(&outcome) {
            "fails" => StepOutcome::Fails,
            "hangs" => StepOutcome::Hangs,
            _ => StepOutcome::Takes(self.duration(Parts::of(outcome).next()?)?),
        };
        Some(Happening::Step { step, outcome, place: self.some_place(parts.next())? })
    }

    fn given_who(&mut self, mut parts: Parts<'_>) -> Option<Happening> {
        let who = self.label(parts.next()?);
        let does = parts.next()?;
        let span = self.span(&does);
        if does.as_rule() == Rule::answers {
            let answer = match self.written(&does) {
                "approves" => ApprovalAnswer::Approves,
                "denies" => ApprovalAnswer::Denies,
                _ => ApprovalAnswer::Silent,
            };
            let after = match parts.next() {
                Some(pair) => Some(self.duration(pair)?),
                None => None,
            };
            return Some(Happening::Approval { team: who?, answer, after });
        }
        let value = match self.written(&does) {
            "holds" => Spoken::Holds,
            "resumes" => Spoken::Resumes,
            _ => Spoken::RollsBack,
        };
        let place = self.act_place(parts.next()?);
        Some(Happening::Act { person: who?, act: At { value, span }, place: place? })
    }

    fn act_place(&mut self, pair: Pair<'_>) -> Option<ActPlace> {
        let inner = Parts::of(pair).next()?;
        Some(match inner.as_rule() {
            Rule::place_rollout => ActPlace::Rollout,
            Rule::place_host | Rule::place_hosts | Rule::place_site | Rule::place_region => {
                ActPlace::Place(self.one_place(inner)?)
            }
            _ => ActPlace::Stage(self.label(inner)?),
        })
    }

    /// None where a place is written and cannot be read.
    fn some_place(&mut self, pair: Option<Pair<'_>>) -> Option<Option<Place>> {
        match pair {
            Some(pair) => self.given_place(pair).map(Some),
            None => Some(None),
        }
    }

    fn given_place(&mut self, pair: Pair<'_>) -> Option<Place> {
        self.one_place(Parts::of(pair).next()?)
    }

    fn one_place(&mut self, pair: Pair<'_>) -> Option<Place> {
        let rule = pair.as_rule();
        let inner = Parts::of(pair).next()?;
        Some(match rule {
            Rule::place_hosts => Place::Hosts(self.expression(inner)),
            Rule::place_host => Place::Host(self.constant(inner)?),
            Rule::place_site => Place::Site(self.constant(inner)?),
            _ => Place::Region(self.label(inner)?),
        })
    }

    fn when(&mut self, pair: Pair<'_>) -> Option<When> {
        let pair = Parts::of(pair).next()?;
        let rule = pair.as_rule();
        let inner = Parts::of(pair).next()?;
        Some(match rule {
            Rule::when_at => When::At(self.expression(inner)),
            Rule::when_after => When::After(self.duration(inner)?),
            _ => When::Once(self.claim(inner)?),
        })
    }

    fn by(&mut self, pair: Pair<'_>) -> Option<By> {
        let rule = pair.as_rule();
        let inner = Parts::of(pair).next()?;
        Some(match rule {
            Rule::expect_by => By::Moment(self.expression(inner)),
            _ => By::Within(self.duration(inner)?),
        })
    }
}
