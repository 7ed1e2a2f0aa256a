use std::collections::HashSet;

use crate::diagnostic::{Code, Problem, Problems};
use crate::inventory::FieldId;
use crate::model::{Pick, Stage, StageKind};
use crate::plan::HostIdx;
use crate::plan::make::prove::words::{both, either, hosts, say};
use crate::plan::make::{Maker, targets};

/// A host stands for those that are like it: that get the same package, and have the same of these, where the inventory
/// says it. What tells hosts apart further (a site, a version that no package asks for) is no kind of host.
const KINDS: [&str; 3] = ["product", "os", "role"];

/// Every kind of host that a wave changes, an earlier guinea pig must have been; and no guinea pig is larger than it has
/// to be. A rollout without a guinea pig is not judged: that it has one is for a policy to ask.
pub(in crate::plan::make) fn prove(maker: &Maker, picked: &[Vec<HostIdx>], problems: &mut Problems) {
    let stages = &maker.rollout.stages;
    if !stages.iter().any(|stage| stage.kind == StageKind::GuineaPig) {
        return;
    }
    let mut waves: Vec<Waves> = Vec::new();
    for (wave, stage) in stages.iter().enumerate().filter(|(_, stage)| stage.kind == StageKind::Wave) {
        let earlier = stages[..wave].iter().enumerate().filter(|(_, stage)| stage.kind == StageKind::GuineaPig);
        let earlier: Vec<usize> = earlier.map(|(idx, _)| idx).collect();
        match waves.last_mut().filter(|last| last.earlier == earlier) {
            _ if earlier.is_empty() => problems.push(goes_first(maker, stage, &picked[wave])),
            Some(same) => same.waves.push(wave),
            None => waves.push(Waves { maker, picked, waves: vec![wave], earlier }),
        }
    }
    waves.iter().for_each(|waves| waves.prove(problems));
    problems.extend(stages.iter().zip(picked).filter_map(|(stage, taken)| too_large(maker, stage, taken)));
}

/// Waves with the same guinea pigs before them, which one mend helps.
struct Waves<'a> {
    maker: &'a Maker<'a>,
    picked: &'a [Vec<HostIdx>],
    /// Indexes of the stages.
    waves: Vec<usize>,
    /// The guinea pigs before them.
    earlier: Vec<usize>,
}

/// A set of small numbers, which the codes of a field's values are.
#[derive(Default)]
struct Codes(Vec<bool>);

impl Codes {
    /// Whether it is new.
    fn insert(&mut self, code: u32) -> bool {
        let code = code as usize;
        if self.0.len() <= code {
            self.0.resize(code + 1, false);
        }
        !std::mem::replace(&mut self.0[code], true)
    }

    fn contains(&self, code: u32) -> bool {
        self.0.get(code as usize).copied().unwrap_or(false)
    }
}

/// A kind of host that no guinea pig was.
struct Untried {
    /// `package`, or the field.
    key: String,
    values: Vec<String>,
    hosts: Vec<HostIdx>,
    /// How many of them are in each of the waves.
    of_waves: Vec<usize>,
}

impl Waves<'_> {
    fn prove(&self, problems: &mut Problems) {
        // A guinea pig without a host is told of as such.
        if self.earlier.iter().all(|stage| self.picked[*stage].is_empty()) {
            return;
        }
        let untried = self.untried();
        let keys: Vec<&str> = untried.iter().map(|one| one.key.as_str()).collect();
        problems.extend(untried.iter().map(|one| self.problem(one, &keys)));
    }

    /// Hosts that are strange for one reason already are not told of again.
    fn untried(&self) -> Vec<Untried> {
        let packages = self.untried_by(
            PACKAGE,
            |host| Some(self.maker.targets.package(host).0),
            |host| {
                let package = self.maker.targets.package(host).0 as usize;
                self.maker.rollout.bulletin.packages.get(package).map_or(String::new(), |package| package.name.clone())
            },
        );
        let mut found: Vec<Untried> = packages.into_iter().collect();
        for (field, name) in self.kinds() {
            let code =
                |host| Some(self.maker.fleet.code(self.maker.targets.host(host), field)).filter(|code| *code != 0);
            let text = |host| self.maker.fleet.text(self.maker.targets.host(host), field).unwrap_or_default();
            let told: HashSet<HostIdx> = found.iter().flat_map(|one| one.hosts.iter().copied()).collect();
            found.extend(
                self.untried_by(name, code, text).filter(|one| one.hosts.iter().any(|host| !told.contains(host))),
            );
        }
        found
    }

    fn kinds(&self) -> impl Iterator<Item = (FieldId, &'static str)> {
        KINDS.iter().filter_map(|name| self.maker.fleet.field(name).map(|field| (field, *name)))
    }

    fn untried_by(
        &self,
        key: &str,
        code: impl Fn(HostIdx) -> Option<u32>,
        text: impl Fn(HostIdx) -> String,
    ) -> Option<Untried> {
        let mut tried = Codes::default();
        self.earlier.iter().flat_map(|stage| &self.picked[*stage]).filter_map(|host| code(*host)).for_each(|code| {
            tried.insert(code);
        });
        let mut untried = Untried { key: key.to_owned(), values: Vec::new(), hosts: Vec::new(), of_waves: Vec::new() };
        let mut seen = Codes::default();
        for wave in &self.waves {
            let before = untried.hosts.len();
            for &host in &self.picked[*wave] {
                let Some(code) = code(host).filter(|code| !tried.contains(*code)) else { continue };
                if seen.insert(code) {
                    untried.values.push(text(host));
                }
                untried.hosts.push(host);
            }
            untried.of_waves.push(untried.hosts.len() - before);
        }
        (!untried.hosts.is_empty()).then_some(untried)
    }

    fn problem(&self, untried: &Untried, keys: &[&str]) -> Problem {
        let stages = &self.maker.rollout.stages;
        let waves = || self.waves.iter().zip(&untried.of_waves).filter(|(_, hosts)| **hosts > 0);
        let names = both(waves().map(|(wave, _)| &stages[*wave].name));
        let (values, number) = (either(&untried.values), untried.hosts.len());
        let mut problem = match untried.key.as_str() {
            PACKAGE => {
                let message = format!("no guinea pig gets {values}, and {} of {names} {}", hosts(number), does(number));
                Problem::error(Code::UNTRIED, message)
            }
            field => {
                let message =
                    format!("no guinea pig has {field} {values}, and {} of {names} {}", hosts(number), has(number));
                Problem::warning(Code::UNTRIED, message)
            }
        };
        for stage in self.earlier.iter().take(MOST_LABELS) {
            problem = problem.label(place_of(&stages[*stage]), "takes none of them");
        }
        for (wave, taken) in waves().take(MOST_LABELS) {
            problem = problem.label(place_of(&stages[*wave]), format!("takes {taken} of them"));
        }
        let problem = with_hosts(self.maker, problem, &untried.hosts);
        self.mended(problem, keys)
    }

    /// Where a guinea pig is one of each already, it is certain how it comes to be one of each of these too.
    fn mended(&self, problem: Problem, keys: &[&str]) -> Problem {
        let one_per = self.earlier.iter().find_map(|stage| {
            let stage = &self.maker.rollout.stages[*stage];
            match &stage.pick {
                Pick::OnePer { fields, package } => Some((stage.pick_span?, fields, *package)),
                _ => None,
            }
        });
        let (place, mut all) = match one_per {
            Some((place, fields, package)) => {
                let package = package.then(|| PACKAGE.to_owned());
                let fields = fields.iter().map(|field| self.maker.fleet.field_name(*field).to_owned());
                (Some(place), package.into_iter().chain(fields).collect::<Vec<String>>())
            }
            None => (None, Vec::new()),
        };
        all.extend(
            keys.iter()
                .filter(|key| !all.iter().any(|one| one == *key))
                .map(|key| (*key).to_owned())
                .collect::<Vec<_>>(),
        );
        let written = format!("hosts one per {}", all.join(", "));
        let problem = problem.help(format!("let a guinea pig take one of each: `{written}`"));
        match place {
            Some(place) => problem.fix(format!("write `{written}`"), place, written),
            None => problem,
        }
    }
}

fn goes_first(maker: &Maker, wave: &Stage, taken: &[HostIdx]) -> Problem {
    let message = format!("no guinea pig comes before `{}`: its {} are tried by nobody", wave.name, hosts(taken.len()));
    let mut problem = Problem::error(Code::UNTRIED, message).label(wave.name_span, "goes first");
    let later = maker.rollout.stages.iter().find(|stage| stage.kind == StageKind::GuineaPig);
    if let Some(later) = later {
        problem = problem.label(later.name_span, "the first guinea pig comes only here");
    }
    with_hosts(maker, problem, taken).help("write the guinea pig before the wave")
}

/// A guinea pig is there so that a fault hits few. It may be a tenth of the targets, or as many as it takes to have one of
/// each kind and a handful more; a region or a site cannot be taken in part, so that one may be a quarter.
fn too_large(maker: &Maker, stage: &Stage, taken: &[HostIdx]) -> Option<Problem> {
    let share = match stage.pick {
        Pick::Regions(_) | Pick::Sites(_) => LARGEST_PLACE,
        Pick::Rest | Pick::Hosts(_) | Pick::Amount(_) | Pick::OnePer { .. } => LARGEST_SHARE,
    };
    let all = maker.targets.len();
    let enough = kinds_of_hosts(maker);
    let is_large = taken.len() * 100 > all * share && taken.len() > enough + HANDFUL;
    if stage.kind != StageKind::GuineaPig || !is_large {
        return None;
    }
    let message = format!(
        "the guinea pig `{}` is {} of {}: a fault would hit {}% before anybody knows",
        stage.name,
        taken.len(),
        hosts(all),
        taken.len() * 100 / all.max(1)
    );
    let problem = Problem::warning(Code::GUINEA_PIG_LARGE, message)
        .label(place_of(stage), format!("takes {}", hosts(taken.len())))
        .label(maker.rollout.targets_span, format!("{} are to be changed", hosts(all)));
    let kinds: Vec<&str> =
        std::iter::once(PACKAGE).chain(KINDS.into_iter().filter(|name| maker.fleet.field(name).is_some())).collect();
    let help = format!(
        "{} for each kind: `hosts one per {}`",
        say(enough, "would do, one", "would do, one"),
        kinds.join(", ")
    );
    Some(with_hosts(maker, problem, taken).help(help))
}

/// How many hosts `one per` package and kind would take.
fn kinds_of_hosts(maker: &Maker) -> usize {
    let fields: Vec<FieldId> = KINDS.iter().filter_map(|name| maker.fleet.field(name)).collect();
    let kinds: HashSet<Vec<u32>> = (0..maker.targets.len() as u32)
        .map(|idx| {
            let host = maker.targets.host(HostIdx(idx));
            let package = maker.targets.package(HostIdx(idx)).0;
            std::iter::once(package).chain(fields.iter().map(|field| maker.fleet.code(host, *field))).collect()
        })
        .collect();
    kinds.len()
}

const PACKAGE: &str = "package";

/// Per cent of the targets.
const LARGEST_SHARE: usize = 10;
const LARGEST_PLACE: usize = 25;
const HANDFUL: usize = 5;

const MOST_LABELS: usize = 4;

/// Where a stage says what it takes.
fn place_of(stage: &Stage) -> crate::source::Span {
    stage.pick_span.unwrap_or(stage.name_span)
}

fn with_hosts(maker: &Maker, problem: Problem, taken: &[HostIdx]) -> Problem {
    problem.hosts(taken.iter().take(targets::LISTED).map(|&host| maker.fleet.name(maker.targets.host(host))))
}

fn does(hosts: usize) -> &'static str {
    if hosts == 1 { "does" } else { "do" }
}

fn has(hosts: usize) -> &'static str {
    if hosts == 1 { "has it" } else { "have it" }
}
