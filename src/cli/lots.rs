use std::hash::BuildHasher;

use foldhash::quality::FixedState;

use crate::cli::trying::World;
use crate::diagnostic::harmless;
use crate::inventory::{Fleet, HostId, HostSet};
use crate::model::{Draw, Given, Happening, Place, Reply, StepOutcome, Test, When};
use crate::source::Sources;
use crate::time::Duration;

/// What is drawn from, and how.
pub struct Draws<'f> {
    pub draw: Draw,
    pub seed: u64,
    pub fleet: &'f Fleet,
    /// The sites: every other draw takes whole ones, since of a cluster of one nothing can be changed.
    pub sites: Vec<&'f HostSet>,
}

/// What was drawn once: hosts, and what goes wrong on them.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// None where the fleet stays whole.
    pub hosts: Option<HostSet>,
    failures: Vec<Failure>,
}

/// Something that goes wrong on a host of the fleet. Steps and gates are numbers that mean one of those that there are.
#[derive(Debug, Clone)]
struct Failure {
    host: HostId,
    kind: Kind,
    /// After the rollout's start.
    after: Duration,
}

#[derive(Debug, Clone, Copy)]
enum Kind {
    Step(u32),
    Gate(u32),
    Lost,
    ControllerDies,
}

/// How long after its start something can go wrong at the latest.
const LATEST_HOURS: u64 = 96;

impl Draws<'_> {
    /// The same for the same seed and number.
    pub fn draw(&self, number: u64) -> Drawn {
        let mut lot = Lot { seed: (self.seed, number), drawn: 0 };
        let all = self.fleet.len();
        let hosts = self.draw.hosts.map(|(fewest, most)| {
            let most = most.min(all as u64);
            let count = fewest.min(most) + lot.below(most.saturating_sub(fewest) + 1);
            match number % 2 {
                0 => self.whole_sites(count as usize, most as usize, &mut lot),
                _ => self.single_hosts(count as usize, &mut lot),
            }
        });
        let among: Vec<HostId> = match &hosts {
            Some(hosts) => hosts.iter().collect(),
            None => self.fleet.hosts().collect(),
        };
        let count = if self.draw.failures == 0 || among.is_empty() { 0 } else { lot.below(self.draw.failures + 1) };
        let failures = (0..count).map(|_| Failure {
            host: among[lot.below(among.len() as u64) as usize],
            kind: match lot.below(4) {
                0 => Kind::Step(lot.below(64) as u32),
                1 => Kind::Gate(lot.below(64) as u32),
                2 => Kind::Lost,
                _ => Kind::ControllerDies,
            },
            after: Duration::from_minutes(lot.below(LATEST_HOURS * 60)),
        });
        let failures = failures.collect();
        Drawn { hosts, failures }
    }

    /// Sites until there are so many hosts, at most as many as there may be.
    fn whole_sites(&self, count: usize, most: usize, lot: &mut Lot) -> HostSet {
        let mut left = self.sites.clone();
        let mut hosts = HostSet::none(self.fleet.len());
        while hosts.len() < count && !left.is_empty() {
            let site = left.swap_remove(lot.below(left.len() as u64) as usize);
            let more = hosts.or(site);
            if more.len() <= most {
                hosts = more;
            }
        }
        hosts
    }

    fn single_hosts(&self, count: usize, lot: &mut Lot) -> HostSet {
        let mut left: Vec<HostId> = self.fleet.hosts().collect();
        let mut hosts = HostSet::none(self.fleet.len());
        for _ in 0..count.min(left.len()) {
            hosts.insert(left.swap_remove(lot.below(left.len() as u64) as usize));
        }
        hosts
    }
}

/// Numbers that follow from a seed.
struct Lot {
    seed: (u64, u64),
    drawn: u64,
}

impl Lot {
    /// From 0 to the bound, the bound excluded.
    ///
    /// INVARIANT: the bound is not zero.
    fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        FixedState::default().hash_one((self.seed, self.drawn)) % bound.max(1)
    }
}

impl Drawn {
    pub fn size(&self) -> usize {
        self.hosts.as_ref().map_or(0, HostSet::len) + self.failures.len()
    }

    /// All that is a little smaller: first with half of the hosts, then with one less, then with a failure less.
    pub fn smaller(&self) -> Vec<Drawn> {
        let mut smaller = Vec::new();
        if let Some(hosts) = &self.hosts {
            let all: Vec<HostId> = hosts.iter().collect();
            let mut size = all.len() / 2;
            while size > 0 {
                for gone in all.chunks(size) {
                    let left = gone.iter().fold(hosts.clone(), |mut left, host| {
                        left.remove(*host);
                        left
                    });
                    smaller.push(Drawn { hosts: Some(left), failures: self.failures.clone() });
                }
                size = if size == 1 { 0 } else { size / 2 };
            }
        }
        for idx in 0..self.failures.len() {
            let mut failures = self.failures.clone();
            failures.remove(idx);
            smaller.push(Drawn { hosts: self.hosts.clone(), failures });
        }
        smaller
    }

    /// In the terms of the hosts that are there; what goes wrong on a host that is not does not.
    pub fn givens(&self, whole: &Fleet, world: &World) -> Vec<Given> {
        let given = |failure: &Failure| {
            let place = Place::Hosts(world.host(whole, whole.name(failure.host))?);
            let when = Some(When::After(failure.after));
            let (what, when) = match failure.kind {
                Kind::Step(number) => {
                    let step = number.checked_rem(world.rollout.steps.len() as u32)?;
                    (Happening::Step { step: Some(step), outcome: StepOutcome::Fails, place }, None)
                }
                Kind::Gate(number) => {
                    let gate = number.checked_rem(world.rollout.gates.len() as u32)?;
                    let gate = Some(crate::model::GateId(gate));
                    (Happening::Gate { gate, answer: Reply::Fails, place }, None)
                }
                Kind::Lost => (Happening::Lost { place }, when),
                Kind::ControllerDies => (Happening::ControllerDies, when),
            };
            Some(Given { what, when, span: world.rollout.span })
        };
        self.failures.iter().filter_map(given).collect()
    }

    /// As a test that can be written into the script.
    pub fn as_test(&self, test: &Test, fleet: &Fleet, world: &World, sources: &Sources) -> String {
        let quoted =
            |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('{', "\\{"));
        let mut lines = vec![format!("test {} {{", quoted(&format!("{}: the smallest that fails", test.name)))];
        lines.push(format!("  plan {}", named(&test.rollout)));
        if let Some(hosts) = &self.hosts {
            let names: Vec<String> = hosts.iter().map(|host| quoted(fleet.name(host))).collect();
            lines.push(format!("  fleet {}", names.join(", ")));
        }
        for failure in &self.failures {
            let host = quoted(fleet.name(failure.host));
            let name_of = |number: u32, names: Vec<&str>| {
                let idx = (number as usize).checked_rem(names.len())?;
                names.get(idx).map(|name| named(name))
            };
            let line = match failure.kind {
                Kind::Step(number) => {
                    let steps = world.rollout.steps.iter().map(|step| step.name.as_str()).collect();
                    name_of(number, steps).map(|step| format!("  given step {step} fails at host {host}"))
                }
                Kind::Gate(number) => {
                    let gates = world.rollout.gates.iter().map(|gate| gate.name.as_str()).collect();
                    name_of(number, gates).map(|gate| format!("  given gate {gate} fails at host {host}"))
                }
                Kind::Lost => Some(format!("  given host {host} lost after {}", failure.after)),
                Kind::ControllerDies => Some(format!("  given controller dies after {}", failure.after)),
            };
            lines.extend(line);
        }
        let given = test.givens.iter().map(|given| given.span);
        let said = given.chain(test.expectations.iter().map(|expectation| expectation.span));
        lines.extend(
            said.map(|span| format!("  {}", sources.text(span).split_whitespace().collect::<Vec<_>>().join(" "))),
        );
        lines.push("}".to_owned());
        lines.iter().map(|line| format!("{}\n", harmless(line))).collect()
    }
}

/// A name as one writes it: in quotes where it is none by itself.
fn named(name: &str) -> String {
    let is_plain = name.starts_with(|first: char| first.is_alphabetic() || first == '_')
        && name.chars().all(|letter| letter.is_alphanumeric() || "_-".contains(letter))
        && !name.ends_with('-');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\"")) }
}
