// Claims that are broken whatever happens: at once, or in a rollout in which all goes well.

use crate::check::entry::Checker;
use crate::check::said_stages::SaidStage;
use crate::diagnostic::{Code, Problem};
use crate::model::{Claim, Property, PropertyKind, State, Subject, Term};
use crate::syntax::ast;

/// A moment of a rollout in which all goes well.
#[derive(Debug, Clone, Copy)]
enum Situation {
    /// Nothing has begun.
    Start,
    /// A stage begins: those before it have passed.
    Stage(u32),
    /// All have passed.
    End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Truth {
    Yes,
    No,
    /// It takes a run to know.
    Unknown,
}

impl Checker<'_> {
    /// Told of at the first such moment.
    pub(super) fn check_is_not_broken(&mut self, said: &ast::Property, property: &Property, stages: &[SaidStage]) {
        let all = [Situation::Start].into_iter();
        let all = all.chain((0..stages.len() as u32).map(Situation::Stage)).chain([Situation::End]);
        let Some(situation) = all.into_iter().find(|situation| is_broken(property, *situation)) else {
            self.check_gates_may_fail(said, property, stages);
            return;
        };
        let stage = |idx: u32| stages.get(idx as usize).map_or("", |stage| stage.name.text.as_str());
        let when = match situation {
            Situation::Start => "before anything has begun".to_owned(),
            Situation::Stage(idx) => format!("when `{}` begins, even where all goes well", stage(idx)),
            Situation::End => "once all has gone well".to_owned(),
        };
        let label = match property.kind {
            PropertyKind::Always => "does not hold then",
            PropertyKind::Never => "is so then",
        };
        let problem = Problem::error(Code::CLAIM_BROKEN, format!("this claim is broken {when}"));
        let mut problem = problem.label(said.claim.span, label);
        if let Some(unless) = &said.unless {
            problem = problem.label(unless.span, "and does not excuse it");
        }
        if let Situation::Stage(idx) = situation
            && let Some(stage) = stages.get(idx as usize)
        {
            problem = problem.label(stage.place(stage.name.span).unwrap_or(stage.span), "begins");
        }
        let is_of_a_service =
            matches!(property.claim.any_of.as_slice(), [one] if matches!(one.as_slice(), [Term::ServiceKept(_)]));
        self.report(match (situation, property.kind) {
            (Situation::Start, PropertyKind::Never) if is_of_a_service => {
                let word = crate::source::Span { end: said.span.start + "never".len() as u32, ..said.span };
                problem.help("a service should be kept at every moment: write `always`").fix(
                    "write `always`",
                    word,
                    "always",
                )
            }
            (Situation::Start, PropertyKind::Always) => {
                problem.help("it has to hold at every moment: say what excuses it, `… unless …`, or what may never be")
            }
            _ => problem
                .help("the stages go in the order in which they are written: turn the claim round, or leave it out"),
        });
    }
}

impl Checker<'_> {
    /// A gate that fails holds its region, whatever the rules say.
    fn check_gates_may_fail(&mut self, said: &ast::Property, property: &Property, stages: &[SaidStage]) {
        let of_region = |term: &Term| matches!(term, Term::State { of: Subject::Region(_), state: State::Held });
        let is_of_region =
            matches!(property.claim.any_of.as_slice(), [one] if matches!(one.as_slice(), [term] if of_region(term)));
        if property.kind != PropertyKind::Never || property.unless.is_some() || !is_of_region {
            return;
        }
        let Some((stage, gate)) = stages.iter().find_map(|stage| Some((stage, stage.gates().next()?))) else { return };
        let message = format!("this claim is broken as soon as the gate `{}` fails there", gate.text);
        let problem = Problem::warning(Code::CLAIM_BROKEN, message)
            .label(said.claim.span, "so it is then")
            .label(stage.place(gate.span).unwrap_or(stage.span), "a gate that fails holds its region")
            .help("say what excuses it, or what may never be besides: `never … held and …`");
        self.report(problem);
    }
}

fn is_broken(property: &Property, situation: Situation) -> bool {
    let excused = property.unless.as_ref().map_or(Truth::No, |unless| truth(unless, situation));
    let broken = match property.kind {
        PropertyKind::Always => Truth::No,
        PropertyKind::Never => Truth::Yes,
    };
    excused == Truth::No && truth(&property.claim, situation) == broken
}

/// Any of these lists, whole.
fn truth(claim: &Claim, situation: Situation) -> Truth {
    let groups: Vec<Truth> = claim.any_of.iter().map(|terms| all_of(terms, situation)).collect();
    match () {
        () if groups.contains(&Truth::Yes) => Truth::Yes,
        () if groups.contains(&Truth::Unknown) => Truth::Unknown,
        () => Truth::No,
    }
}

fn all_of(terms: &[Term], situation: Situation) -> Truth {
    let terms: Vec<Truth> = terms.iter().map(|term| truth_of(term, situation)).collect();
    match () {
        () if terms.contains(&Truth::No) => Truth::No,
        () if terms.contains(&Truth::Unknown) => Truth::Unknown,
        () => Truth::Yes,
    }
}

fn truth_of(term: &Term, situation: Situation) -> Truth {
    let known = |is_so: bool| if is_so { Truth::Yes } else { Truth::No };
    match (term, situation) {
        (Term::Not(denied), situation) => match truth_of(denied, situation) {
            Truth::Yes => Truth::No,
            Truth::No => Truth::Yes,
            Truth::Unknown => Truth::Unknown,
        },
        (Term::ServiceKept(_), Situation::Start) => Truth::Yes,
        (Term::Gate { .. } | Term::MoreThan { .. } | Term::Hosts { .. } | Term::Told(_), Situation::Start) => Truth::No,
        (Term::State { state: State::Held | State::RolledBack | State::Failed | State::Down, .. }, _) => Truth::No,
        (Term::ServiceKept(_) | Term::Gate { .. } | Term::MoreThan { .. } | Term::Told(_), _) => Truth::Unknown,
        (Term::Hosts { state: State::Held | State::RolledBack | State::Failed | State::Down, .. }, _) => Truth::No,
        (Term::Hosts { .. }, _) => Truth::Unknown,
        (Term::State { of: Subject::Stage(stage), state }, Situation::Stage(begins)) => known(match state {
            State::Passed | State::Done => *stage < begins,
            _ => *stage <= begins,
        }),
        (Term::State { of: Subject::Rollout, state }, Situation::Stage(_)) => known(*state == State::Started),
        (Term::State { of: Subject::Region(_) | Subject::Site(_), .. }, Situation::Stage(_)) => Truth::Unknown,
        (Term::State { .. }, Situation::Start) => Truth::No,
        (Term::State { of: Subject::Rollout | Subject::Stage(_), .. }, Situation::End) => Truth::Yes,
        // One of which no host is changed never starts, which is told of.
        (Term::State { of: Subject::Region(_) | Subject::Site(_), .. }, Situation::End) => Truth::Unknown,
    }
}
