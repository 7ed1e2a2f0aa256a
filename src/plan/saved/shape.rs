//! What a saved plan looks like: the structs of `docs/plan-json.md`. Changing one changes the version.

use serde::{Deserialize, Serialize};

use crate::plan::saved::claims::{SavedProperty, SavedService};

pub(super) const FORMAT: &str = "sunup plan";

/// What stands where a stage finishes before no time of day.
pub(super) const SUNRISE: &str = "sunrise";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Saved {
    pub(super) format: String,
    pub(super) version: u32,
    pub(super) rollout: String,
    pub(super) bulletin: String,
    pub(super) title: Option<String>,
    pub(super) severity: Option<StatedSeverity>,
    pub(super) runbook: String,
    pub(super) script: String,
    pub(super) directory: String,
    pub(super) command_path: Option<String>,
    pub(super) starts_at: String,
    pub(super) ends_at: String,
    pub(super) deadline: Option<String>,
    pub(super) zone_data: String,
    pub(super) fingerprint: Fingerprint,
    pub(super) calendars: Vec<Calendar>,
    pub(super) schedules: Vec<Schedule>,
    pub(super) regions: Vec<Region>,
    pub(super) sites: Vec<Site>,
    pub(super) teams: Vec<Team>,
    pub(super) packages: Vec<Package>,
    pub(super) workarounds: Vec<Workaround>,
    pub(super) steps: Vec<Step>,
    pub(super) gates: Vec<Gate>,
    pub(super) rules: Vec<Rule>,
    pub(super) properties: Vec<SavedProperty>,
    pub(super) services: Vec<SavedService>,
    pub(super) stages: Vec<Stage>,
    pub(super) refinements: Vec<Refinement>,
    pub(super) budgets: Vec<BudgetGroup>,
    pub(super) hosts: Hosts,
    pub(super) values: Vec<Values>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatedSeverity {
    pub(super) level: Severity,
    pub(super) at_most: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fingerprint {
    pub(super) whole: String,
    pub(super) inputs: Vec<Input>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Input {
    pub(super) kind: String,
    pub(super) name: String,
    pub(super) hash: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Calendar {
    pub(super) name: String,
    pub(super) rules: Vec<CalendarRule>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum CalendarRule {
    Dates { first: String, last: String },
    Listed(Vec<String>),
    Weekdays(Vec<Weekday>),
    Edge { position: Position, count: u32, period: Period },
    NthWeekday { position: Position, nth: u32, weekday: Weekday, period: Period },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Schedule {
    pub(super) zone: String,
    pub(super) windows: Vec<Window>,
    /// Indices into `calendars`.
    pub(super) freezes: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Window {
    pub(super) days: Vec<Weekday>,
    pub(super) opens: String,
    pub(super) closes: String,
    /// Indices into `calendars`.
    pub(super) except: Vec<usize>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Region {
    pub(super) name: String,
    pub(super) owner: Option<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Site {
    pub(super) name: String,
    pub(super) region: u32,
    pub(super) schedule: usize,
    /// Latitude and longitude in degrees, as text: a decimal number read from JSON may come out a little different.
    pub(super) coordinates: Option<[String; 2]>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Team {
    pub(super) name: String,
    pub(super) members: Vec<String>,
    pub(super) permissions: Vec<Permission>,
    pub(super) span: Span,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Permission {
    pub(super) verbs: Vec<Verb>,
    /// None for everywhere.
    pub(super) regions: Option<Vec<u32>>,
}

/// File, start, end.
pub(super) type Span = [u32; 3];

/// One list of parts for each argument.
pub(super) type Command = Vec<Argument>;
pub(super) type Argument = Vec<Part>;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Part {
    Text(String),
    Value { value: String },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) install: Option<Command>,
    pub(super) uninstall: Option<Command>,
    pub(super) verify: Option<Command>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Workaround {
    pub(super) name: String,
    pub(super) hosts: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Step {
    pub(super) name: String,
    pub(super) run: Action,
    pub(super) wait: Option<Wait>,
    pub(super) undo: Undo,
    pub(super) verify: Option<Action>,
    pub(super) takes: u64,
    pub(super) takes_at_least: Option<u64>,
    /// Of a hundred attempts.
    pub(super) fails: f64,
    pub(super) timeout: u64,
    pub(super) retry: Retry,
    pub(super) down: bool,
    pub(super) ahead: bool,
    /// Index into `workarounds`.
    pub(super) lifts: Option<u32>,
    pub(super) span: Span,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Action {
    Command(Command),
    PackageInstall,
    PackageUninstall,
    PackageVerify,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Undo {
    Action(Action),
    NotNeeded,
    Impossible,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wait {
    pub(super) address: Argument,
    pub(super) port: u16,
    pub(super) within: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Retry {
    pub(super) times: u64,
    pub(super) every: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Gate {
    pub(super) name: String,
    pub(super) per: Per,
    pub(super) probe: Probe,
    pub(super) every: u64,
    pub(super) within: Option<u64>,
    #[serde(rename = "for")]
    pub(super) lasts_for: u64,
    pub(super) retries: u64,
    pub(super) timeout: u64,
    /// Of a hundred askings.
    pub(super) fails: f64,
    pub(super) span: Span,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Probe {
    Command(Command),
    Tcp { address: Argument, port: u16 },
    Http { url: Argument, status: u16 },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) condition: Condition,
    pub(super) actions: Vec<Act>,
    pub(super) span: Span,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) enum Condition {
    GateFailed(Option<u32>),
    GateUnknown(Option<u32>),
    StepFailed(Option<u32>),
    MoreThanFailed { limit: Amount, scope: Scope },
    RegionsHeld(u64),
    DeadlineAtRisk,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Act {
    Hold(Scope),
    Rollback(Scope),
    /// A place in `teams`, or none for the owners of the regions that it is about.
    Notify(Option<u32>),
}

/// `4`, or `"25%"`: as text, since a decimal number read from JSON may come out a little different.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Amount {
    Hosts(u64),
    Percent(String),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Stage {
    pub(super) name: String,
    pub(super) kind: StageKind,
    pub(super) together: bool,
    /// As written.
    pub(super) order_by: Option<String>,
    pub(super) batch: Option<Batch>,
    pub(super) at_once: Option<AtOnce>,
    pub(super) soak: u64,
    pub(super) gates: Vec<u32>,
    pub(super) approval: Option<Approval>,
    /// A time of day, or `sunrise`.
    pub(super) finish_before: Option<String>,
    pub(super) starts_at: String,
    pub(super) ends_at: String,
    pub(super) turns: Vec<Turn>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Batch {
    pub(super) amount: Amount,
    pub(super) scope: Scope,
    pub(super) at_most: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AtOnce {
    pub(super) most: u64,
    pub(super) scope: Scope,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Refinement {
    pub(super) region: u32,
    pub(super) times: Vec<String>,
    pub(super) batch: Option<Batch>,
    pub(super) at_once: Option<AtOnce>,
    pub(super) soak: Option<u64>,
    pub(super) gates: Vec<u32>,
    pub(super) finish_before: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Approval {
    pub(super) team: u32,
    pub(super) within: Option<u64>,
    #[serde(rename = "else")]
    pub(super) otherwise: Otherwise,
    pub(super) span: Span,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Turn {
    pub(super) region: u32,
    pub(super) lanes: Vec<Lane>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Lane {
    pub(super) site: Option<u32>,
    pub(super) width: u32,
    pub(super) batches: Vec<BatchPlan>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BatchPlan {
    pub(super) hosts: Vec<u32>,
    pub(super) starts_at: String,
    pub(super) ends_at: String,
    /// Its opening and its close.
    pub(super) window: Option<[String; 2]>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct BudgetGroup {
    pub(super) service: String,
    pub(super) group: String,
    pub(super) rule: String,
    pub(super) size: u32,
    pub(super) keep: u32,
    pub(super) hosts: Vec<u32>,
}

/// A column for each thing that is known of a host, all equally long.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hosts {
    pub(super) names: Vec<String>,
    pub(super) sites: Vec<u32>,
    pub(super) packages: Vec<u32>,
    pub(super) connections: Vec<Option<Connection>>,
    pub(super) stages: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Values {
    /// `host.address`
    pub(super) name: String,
    pub(super) texts: Vec<String>,
    /// For each host the place of its text; null where it has none.
    pub(super) codes: Vec<Option<u32>>,
}

/// An enum without values, which is the same on paper as in the model but for the spelling of its names.
macro_rules! names {
    ($($name:ident = $core:path { $($variant:ident $text:literal),* $(,)? })*) => {
        $(
            #[derive(Serialize, Deserialize)]
            pub(super) enum $name {
                $(#[serde(rename = $text)] $variant,)*
            }

            impl From<$core> for $name {
                fn from(core: $core) -> $name {
                    match core {
                        $(<$core>::$variant => $name::$variant,)*
                    }
                }
            }

            impl From<$name> for $core {
                fn from(name: $name) -> $core {
                    match name {
                        $($name::$variant => <$core>::$variant,)*
                    }
                }
            }
        )*
    };
}

names! {
    Severity = crate::model::Severity { Low "low", Moderate "moderate", Important "important", Critical "critical" }
    StageKind = crate::model::StageKind { GuineaPig "guinea-pig", Wave "wave" }
    Otherwise = crate::model::Otherwise { Hold "hold", Rollback "rollback" }
    Verb = crate::model::Verb { Approve "approve", Hold "hold", Resume "resume", Rollback "rollback" }
    Per = crate::model::Per { Host "host", Site "site", Region "region", Batch "batch" }
    Connection = crate::model::Connection { Local "local", Simulated "simulated" }
    Scope = crate::model::Scope {
        Host "host", Batch "batch", Site "site", Region "region", Stage "stage", Rollout "rollout",
    }
    Position = crate::time::Position { First "first", Last "last" }
    Period = crate::time::Period { Month "month", Quarter "quarter", Year "year" }
    Weekday = chrono::Weekday {
        Mon "mon", Tue "tue", Wed "wed", Thu "thu", Fri "fri", Sat "sat", Sun "sun",
    }
}
