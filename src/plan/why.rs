use crate::inventory::{Fleet, HostId};
use crate::model::{Model, Rollout};
use crate::plan::{HostIdx, Plan};
use crate::source::Span;
use crate::time::Moment;

mod batch;
mod place;
mod stage;
mod start;
mod when;

pub use place::Seat;

/// What is asked about: a plan and, where it is known what the plan was made from, what the script says and the hosts.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    pub plan: &'a Plan,
    pub said: Option<Said<'a>>,
}

/// What the plan was made from.
#[derive(Debug, Clone, Copy)]
pub struct Said<'a> {
    pub model: &'a Model,
    pub rollout: &'a Rollout,
    pub fleet: &'a Fleet,
}

/// Why a host is changed as it is: in this stage, with this package, in this batch, at this time.
#[derive(Debug, Clone, PartialEq)]
pub struct Why {
    pub host: HostIdx,
    pub seat: Seat,
    pub starts_at: Moment,
    pub ends_at: Moment,
    /// In the order in which they decide.
    pub reasons: Vec<Reason>,
}

/// One thing that decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    pub topic: Topic,
    /// What is so and why, in a sentence; names as they are in the plan, in backticks.
    pub text: String,
    /// What in the script decided it.
    pub place: Option<Span>,
    /// What would change it.
    pub change: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Target,
    Package,
    Region,
    Stage,
    /// Whose turn comes before.
    Turn,
    Batch,
    Budget,
    Window,
    Start,
    Finish,
    Gate,
    Soak,
    Approval,
    Refinement,
    /// What holds it at a moment.
    Now,
    /// When it may go.
    Next,
}

/// Why the plan changes a host when it does.
///
/// INVARIANT: the host is one of the plan's.
pub fn why(asked: &Asked, host: HostIdx) -> Why {
    let seat = Seat::of(asked.plan, host);
    let mut reasons = vec![stage::target(asked), stage::package(asked, host), stage::region(asked, host)];
    reasons.extend(stage::stage(asked, host, &seat));
    reasons.extend(start::turn(asked, &seat));
    reasons.extend(batch::batch(asked, host, &seat));
    reasons.extend(start::start(asked, host, &seat));
    reasons.extend(start::after(asked, &seat));
    let batch = seat.batch(asked.plan);
    let starts_at = batch.map_or(asked.plan.starts_at, |batch| batch.starts_at);
    let ends_at = crate::time::later_by(starts_at, asked.plan.length_on(host));
    Why { host, seat, starts_at, ends_at, reasons }
}

/// Why a host of the fleet is no target: what its fields are that `to` asks about. `said` is the text of `to`.
pub fn why_no_target(said: &Said, host: HostId, to: &str) -> Vec<Reason> {
    let mut reasons = vec![
        Reason::new(Topic::Target, format!("`{}` is not for it: `to` does not select it", said.rollout.name))
            .at(said.rollout.targets_span),
    ];
    let mut asked: Vec<&str> = Vec::new();
    for word in to.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != '-') {
        let Some(field) = said.fleet.field(word).filter(|_| !asked.contains(&word)) else { continue };
        asked.push(word);
        let value = said.fleet.text(host, field);
        let value = value.map_or_else(|| "missing".to_owned(), |value| format!("`{value}`"));
        reasons.push(Reason::new(Topic::Target, format!("its {word} is {value}")));
    }
    reasons
}

/// What holds the host back at a moment, if all goes as planned, and when it is its turn.
///
/// INVARIANT: the host is one of the plan's.
pub fn why_not_at(asked: &Asked, host: HostIdx, at: Moment) -> Vec<Reason> {
    when::why_not_at(asked, host, &Seat::of(asked.plan, host), at)
}

/// The host of the fleet, where it is known.
fn in_fleet(asked: &Asked, host: HostIdx) -> Option<HostId> {
    asked.said.and_then(|said| said.fleet.find(&asked.plan.host(host).name))
}

impl Reason {
    fn new(topic: Topic, text: impl Into<String>) -> Reason {
        Reason { topic, text: text.into(), place: None, change: None }
    }

    fn at(mut self, place: impl Into<Option<Span>>) -> Reason {
        self.place = place.into();
        self
    }

    fn change(mut self, change: impl Into<String>) -> Reason {
        self.change = Some(change.into());
        self
    }
}
