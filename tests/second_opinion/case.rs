//! A fleet and a script as plain values, and as the text that the product reads.

use chrono::{Days, NaiveDate};

/// What a row says of a column.
pub type Cell = Option<String>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Integer,
    Version,
    Truth,
}

/// The columns of every fleet. The first is the host's name.
pub const COLUMNS: [(&str, Kind); 9] = [
    ("name", Kind::Text),
    ("region", Kind::Text),
    ("site", Kind::Text),
    ("timezone", Kind::Text),
    ("role", Kind::Text),
    ("os", Kind::Text),
    ("cores", Kind::Integer),
    ("version", Kind::Version),
    ("clustered", Kind::Truth),
];

#[derive(Debug, Clone)]
pub struct Case {
    pub rows: Vec<Vec<Cell>>,
    pub calendars: Vec<Calendar>,
    /// `regions by region`; without it and without a region all hosts are one region, always open.
    pub regions_by: Option<Openings>,
    pub regions: Vec<Region>,
    pub services: Vec<Service>,
    pub packages: Vec<Packages>,
    pub steps: Vec<Step>,
    /// Each gate's `for`, in minutes.
    pub gates: Vec<usize>,
    pub to: Test,
    pub stages: Vec<Stage>,
    pub deadline: Option<Deadline>,
    pub policy: Vec<Rule>,
    /// No region twice.
    pub refinements: Vec<Refinement>,
    /// Degrees north and east, a row each; none for no such columns.
    pub places: Vec<Option<(f64, f64)>>,
    /// The day from which minutes count.
    pub epoch: NaiveDate,
    /// In minutes from the epoch.
    pub start: usize,
}

#[derive(Debug, Clone)]
pub struct Calendar {
    pub name: String,
    pub rules: Vec<DayRule>,
}

/// Days since the epoch, weekdays from Monday, or the last so many of a month.
#[derive(Debug, Clone)]
pub enum DayRule {
    Dates(i64, i64),
    Weekdays(usize, usize),
    LastOfMonth(u32),
    NthOfMonth(u32, usize),
}

#[derive(Debug, Clone, Default)]
pub struct Openings {
    pub windows: Vec<Window>,
    /// Indices of calendars.
    pub freezes: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Window {
    /// From the first to the last, over the week's end too.
    pub days: (usize, usize),
    /// Minutes of the day.
    pub opens: usize,
    pub closes: usize,
    pub except: Vec<usize>,
}

#[derive(Debug, Clone)]
pub struct Region {
    pub name: String,
    /// Without them it overrules the region of that name that `regions by` makes.
    pub hosts: Option<Test>,
    pub openings: Openings,
}

#[derive(Debug, Clone)]
pub struct Service {
    pub hosts: Test,
    pub keeps: Vec<(Amount, Vec<usize>)>,
}

#[derive(Debug, Clone, Copy)]
pub enum Amount {
    Hosts(usize),
    Percent(usize),
}

#[derive(Debug, Clone)]
pub struct Packages {
    /// Columns; without them one package.
    pub by: Vec<usize>,
    pub condition: Option<Test>,
}

#[derive(Debug, Clone)]
pub struct Step {
    pub takes: usize,
    pub down: bool,
    pub ahead: bool,
    pub can_be_undone: bool,
}

#[derive(Debug, Clone, Copy)]
pub struct Deadline {
    pub base: Base,
    /// In minutes from the epoch.
    pub at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Base {
    Moment,
    Start,
    /// The bulletin's release, which is the epoch.
    Released,
}

/// A member of the policy, written on a line of its own.
#[derive(Debug, Clone)]
pub enum Rule {
    GuineaPig,
    /// Of every stage: these, or any.
    Gate(Vec<usize>),
    /// By a team, or by anyone.
    Approval(Option<usize>),
    /// In minutes.
    Soak(usize),
    Undo,
    /// No larger batches of a site, or of a region.
    Batch(Amount, bool),
    /// From one moment of the week to another: weekdays from Monday, with a minute of the day or not.
    Forbid((usize, Option<usize>), (usize, Option<usize>)),
}

/// What is said of the rollout for some regions.
#[derive(Debug, Clone, Default)]
pub struct Refinement {
    pub regions: Vec<String>,
    pub openings: Openings,
    pub batch: Option<Batch>,
    pub at_once: Option<(usize, bool)>,
    /// In minutes.
    pub soak: Option<usize>,
    pub gates: Vec<usize>,
    pub finish: Option<Finish>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finish {
    /// A minute of the day.
    Time(usize),
    Sunrise,
}

#[derive(Debug, Clone)]
pub struct Stage {
    pub pick: Pick,
    pub order: Order,
    pub batch: Option<Batch>,
    /// `at most N at once`, of a site or not. Not beside a batch.
    pub at_once: Option<(usize, bool)>,
    pub order_by: Vec<(usize, Sorting)>,
    pub soak: usize,
    pub gates: Vec<usize>,
    pub finish: Option<Finish>,
    pub is_guinea_pig: bool,
    /// By which team.
    pub approval: Option<usize>,
}

#[derive(Debug, Clone)]
pub enum Pick {
    Rest,
    Hosts(Test),
    OnePer(Vec<usize>, bool),
    Amount(Amount),
    Regions(Vec<String>),
    Sites(Vec<String>),
}

#[derive(Debug, Clone)]
pub enum Order {
    Together,
    Named(Vec<String>),
    Sun(Option<String>),
}

#[derive(Debug, Clone)]
pub struct Batch {
    pub amount: Amount,
    pub per_site: bool,
    pub at_most: Option<usize>,
}

#[derive(Debug, Clone)]
pub enum Sorting {
    Ascending,
    Descending,
    First(Vec<String>),
}

/// A condition on a host.
#[derive(Debug, Clone)]
pub enum Test {
    Compare(usize, &'static str, String),
    In(usize, Vec<String>),
    Matches(usize, String),
    Missing(usize, bool),
    True(usize),
    Not(Box<Test>),
    And(Vec<Test>),
    Or(Vec<Test>),
}

impl Case {
    pub fn column(name: &str) -> usize {
        COLUMNS.iter().position(|(column, _)| *column == name).unwrap()
    }

    /// Without the columns that no host has a value in: they would have no type.
    pub fn inventory(&self) -> String {
        let head: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).collect();
        let mut out = head.join(",") + if self.places.is_empty() { "\n" } else { ",latitude,longitude\n" };
        for (host, row) in self.rows.iter().enumerate() {
            let cells: Vec<&str> = row.iter().map(|cell| cell.as_deref().unwrap_or("")).collect();
            let place = match self.places.get(host) {
                None => String::new(),
                Some(None) => ",,".to_owned(),
                Some(Some((north, east))) => format!(",{north},{east}"),
            };
            out += &format!("{}{place}\n", cells.join(","));
        }
        out
    }

    pub fn script(&self) -> String {
        let mut out = String::from("inventory \"hosts.csv\"\nconnect simulated\n");
        for calendar in &self.calendars {
            let rules: Vec<String> = calendar.rules.iter().map(|rule| self.days(rule)).collect();
            out += &format!("calendar {} {{ days {} }}\n", calendar.name, rules.join(", "));
        }
        if let Some(openings) = &self.regions_by {
            out += &format!("regions by region {{{} }}\n", self.openings(openings));
        }
        for region in &self.regions {
            let hosts = region.hosts.as_ref().map(|test| format!(" hosts {}", test.written(0))).unwrap_or_default();
            out += &format!("region {} {{{hosts}{} }}\n", region.name, self.openings(&region.openings));
        }
        for (idx, service) in self.services.iter().enumerate() {
            out += &format!("service s{idx} {{ hosts {}", service.hosts.written(0));
            for (amount, per) in &service.keeps {
                out += &format!("  keep at least {} up{}", amount.written(), named(" per ", per));
            }
            out += " }\n";
        }
        for team in 0..TEAMS {
            out += &format!("team t{team} {{ members \"m{team}\"  may everything }}\n");
        }
        out += &format!("bulletin b {{\n  released {} UTC\n", self.moment(0));
        for (idx, packages) in self.packages.iter().enumerate() {
            let head = match packages.by.is_empty() {
                true => format!("package p{idx}"),
                false => format!("packages by {}", named("", &packages.by)),
            };
            let condition = packages.condition.as_ref().map(|test| format!(" where {}", test.written(0)));
            out += &format!("  {head}{} {{ install \"i\"  uninstall \"u\" }}\n", condition.unwrap_or_default());
        }
        out += "}\nrunbook k {\n";
        for (idx, step) in self.steps.iter().enumerate() {
            let down = match (step.down, step.ahead) {
                (true, _) => "  down",
                (_, true) => "  ahead",
                _ => "",
            };
            let undo = if step.can_be_undone { "needs no undo" } else { "cannot be undone" };
            out += &format!("  step t{idx} {{ run \"r\"  {undo}  takes {}m{down} }}\n", step.takes);
        }
        out += "}\n";
        for (idx, lasts) in self.gates.iter().enumerate() {
            out += &format!("gate g{idx} per host {{ run \"x\"  every 1m  within 8h  for {lasts}m }}\n");
        }
        if !self.policy.is_empty() {
            let rules: String = self.policy.iter().map(|rule| format!("  {}\n", rule.written())).collect();
            out += &format!("{POLICY}{rules}}}\n");
        }
        out += &format!("rollout r {{\n  apply b with k\n  to {}\n", self.to.written(0));
        out += &format!("  start {} UTC\n", self.moment(self.start as i64));
        if let Some(deadline) = self.deadline {
            out += &match deadline.base {
                Base::Moment => format!("  deadline {} UTC\n", self.moment(deadline.at)),
                Base::Start => format!("  deadline {}m after start\n", deadline.at - self.start as i64),
                Base::Released => format!("  deadline {}m after released\n", deadline.at),
            };
        }
        for (idx, stage) in self.stages.iter().enumerate() {
            let kind = if stage.is_guinea_pig { "guinea-pig" } else { "wave" };
            out += &format!("  {kind} w{idx} {{{} }}\n", stage.written());
        }
        if self.steps.iter().all(|step| !step.down) {
            // So that it need not be proved what many failures would do to budgets that no batch asks.
            out += "  on step failed { hold rollout }\n";
        }
        out += "}\n";
        for refinement in &self.refinements {
            let said = self.openings(&refinement.openings) + &refinement.written();
            out += &format!("refine r in region {} {{{said} }}\n", refinement.regions.join(", "));
        }
        out
    }

    /// As it is written, in UTC.
    pub fn moment(&self, minute: i64) -> String {
        let at = self.epoch.and_hms_opt(0, 0, 0).unwrap() + chrono::TimeDelta::minutes(minute);
        at.format("%Y-%m-%d %H:%M").to_string()
    }

    fn days(&self, rule: &DayRule) -> String {
        let date = |day: i64| self.epoch + Days::new(day as u64);
        match rule {
            DayRule::Dates(first, last) => format!("{}..{}", date(*first), date(*last)),
            DayRule::Weekdays(first, last) => format!("{}..{}", WEEK[*first], WEEK[*last]),
            DayRule::LastOfMonth(count) => format!("last {count} of month"),
            DayRule::NthOfMonth(nth, day) => {
                format!("{nth}{} {} of month", ["st", "nd", "rd", "th"][(*nth as usize - 1).min(3)], WEEK[*day])
            }
        }
    }

    fn openings(&self, openings: &Openings) -> String {
        let names =
            |idxs: &[usize]| idxs.iter().map(|idx| self.calendars[*idx].name.as_str()).collect::<Vec<_>>().join(", ");
        let mut out = String::new();
        for window in &openings.windows {
            let (first, last) = window.days;
            out += &format!("  window {}..{} {}-{}", WEEK[first], WEEK[last], time(window.opens), time(window.closes));
            if !window.except.is_empty() {
                out += &format!(" except {}", names(&window.except));
            }
        }
        if !openings.freezes.is_empty() {
            out += &format!("  freeze {}", names(&openings.freezes));
        }
        out
    }
}

impl Stage {
    fn written(&self) -> String {
        let mut out = match &self.pick {
            Pick::Rest => String::new(),
            Pick::Hosts(test) => format!("  hosts {}", test.written(0)),
            Pick::OnePer(columns, package) => {
                let mut names: Vec<&str> = columns.iter().map(|column| COLUMNS[*column].0).collect();
                names.extend(package.then_some("package"));
                format!("  hosts one per {}", names.join(", "))
            }
            Pick::Amount(amount) => format!("  hosts {}", amount.written()),
            Pick::Regions(names) => format!("  region {}", names.join(", ")),
            Pick::Sites(names) => {
                format!("  site {}", names.iter().map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", "))
            }
        };
        match &self.order {
            Order::Together => {}
            Order::Named(names) => out += &format!("  regions in order {}", names.join(", ")),
            Order::Sun(None) => out += "  regions following the sun",
            Order::Sun(Some(from)) => out += &format!("  regions following the sun from {from}"),
        }
        out += &batch_written(&self.batch, self.at_once);
        if !self.order_by.is_empty() {
            let keys: Vec<String> = self.order_by.iter().map(|(column, sorting)| sorting.written(*column)).collect();
            out += &format!("  order by {}", keys.join(", "));
        }
        if self.soak > 0 {
            out += &format!("  soak {}m", self.soak);
        }
        out += &gates_written(&self.gates);
        out += &finish_written(self.finish);
        if let Some(team) = self.approval {
            out += &format!("  approve by t{team}");
        }
        out
    }
}

impl Refinement {
    pub fn says_nothing(&self) -> bool {
        self.written().is_empty() && self.openings.windows.is_empty() && self.openings.freezes.is_empty()
    }

    fn written(&self) -> String {
        let soak = self.soak.map(|soak| format!("  soak {soak}m")).unwrap_or_default();
        let (batch, gates) = (batch_written(&self.batch, self.at_once), gates_written(&self.gates));
        batch + &soak + &gates + &finish_written(self.finish)
    }
}

fn batch_written(batch: &Option<Batch>, at_once: Option<(usize, bool)>) -> String {
    let mut out = String::new();
    if let Some(Batch { amount, per_site, at_most }) = batch {
        out += &format!("  batch {}{}", amount.written(), if *per_site { " of site" } else { "" });
        if let Some(most) = at_most {
            out += &format!(" at most {most}");
        }
    }
    if let Some((most, per_site)) = at_once {
        out += &format!("  at most {most} at once{}", if per_site { " per site" } else { "" });
    }
    out
}

fn gates_written(gates: &[usize]) -> String {
    let names: Vec<String> = gates.iter().map(|gate| format!("g{gate}")).collect();
    if names.is_empty() { String::new() } else { format!("  gate {}", names.join(", ")) }
}

fn finish_written(finish: Option<Finish>) -> String {
    match finish {
        None => String::new(),
        Some(Finish::Time(minute)) => format!("  finish before {}", time(minute)),
        Some(Finish::Sunrise) => "  finish before sunrise".to_owned(),
    }
}

impl Rule {
    fn written(&self) -> String {
        match self {
            Rule::GuineaPig => "require guinea-pig".to_owned(),
            Rule::Gate(gates) => {
                let gates: Vec<String> = gates.iter().map(|gate| format!(" g{gate}")).collect();
                format!("require gate{}", gates.join(","))
            }
            Rule::Approval(None) => "require approval".to_owned(),
            Rule::Approval(Some(team)) => format!("require approval by t{team}"),
            Rule::Soak(least) => format!("require soak at least {least}m"),
            Rule::Undo => "require undo".to_owned(),
            Rule::Batch(amount, per_site) => {
                let place = if *per_site { "site" } else { "region" };
                format!("require batch at most {} of {place}", amount.written())
            }
            Rule::Forbid(from, to) => {
                let moment = |(day, minute): &(usize, Option<usize>)| {
                    WEEK[*day].to_owned() + &minute.map(|minute| format!(" {}", time(minute))).unwrap_or_default()
                };
                format!("forbid window {}..{}", moment(from), moment(to))
            }
        }
    }
}

impl Sorting {
    fn written(&self, column: usize) -> String {
        let name = COLUMNS[column].0;
        match self {
            Sorting::Ascending => name.to_owned(),
            Sorting::Descending => format!("{name} descending"),
            Sorting::First(values) => {
                let values: Vec<String> = values.iter().map(|value| literal(column, value)).collect();
                format!("{name} first {}", values.join(" then "))
            }
        }
    }
}

impl Amount {
    pub fn written(&self) -> String {
        match self {
            Amount::Hosts(hosts) => hosts.to_string(),
            Amount::Percent(percent) => format!("{percent}%"),
        }
    }
}

impl Test {
    /// In brackets where it stands in something that binds stronger.
    pub fn written(&self, strength: usize) -> String {
        let (own, text) = match self {
            Test::Compare(column, operator, value) => {
                (3, format!("{} {operator} {}", COLUMNS[*column].0, literal(*column, value)))
            }
            Test::In(column, values) => {
                let values: Vec<String> = values.iter().map(|value| literal(*column, value)).collect();
                (3, format!("{} in [{}]", COLUMNS[*column].0, values.join(", ")))
            }
            Test::Matches(column, glob) => (3, format!("{} matches \"{glob}\"", COLUMNS[*column].0)),
            Test::Missing(column, true) => (3, format!("{} is missing", COLUMNS[*column].0)),
            Test::Missing(column, false) => (3, format!("{} is not missing", COLUMNS[*column].0)),
            Test::True(column) => (3, COLUMNS[*column].0.to_owned()),
            Test::Not(test) => (2, format!("not {}", test.written(3))),
            Test::And(tests) => (1, tests.iter().map(|test| test.written(2)).collect::<Vec<_>>().join(" and ")),
            Test::Or(tests) => (0, tests.iter().map(|test| test.written(1)).collect::<Vec<_>>().join(" or ")),
        };
        if own < strength { format!("({text})") } else { text }
    }
}

/// How many teams there are, each of which may everything.
pub const TEAMS: usize = 2;

/// Before the members of the policy, a line each.
pub const POLICY: &str = "policy house {\n";

pub const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn time(minute: usize) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

fn literal(column: usize, value: &str) -> String {
    if COLUMNS[column].1 == Kind::Text { format!("\"{value}\"") } else { value.to_owned() }
}

fn named(before: &str, columns: &[usize]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| COLUMNS[*column].0).collect();
    if names.is_empty() { String::new() } else { format!("{before}{}", names.join(", ")) }
}
