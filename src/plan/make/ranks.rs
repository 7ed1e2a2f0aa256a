use crate::inventory::{FieldId, Fleet, HostId, Value};
use crate::model::{HostOrder, OrderKey, Stage};
use crate::plan::HostIdx;
use crate::plan::make::Maker;

/// In which order the hosts of a stage are taken within their lanes: a number for each target, no two the same in a stage.
pub(super) struct Ranks {
    /// None where nothing is said: the inventory's order.
    of: Option<Vec<u32>>,
}

impl Ranks {
    pub(super) fn of(maker: &Maker, stage: &Stage, hosts: &[HostIdx]) -> Ranks {
        if stage.order_by.is_empty() {
            return Ranks { of: None };
        }
        let keys: Vec<Places> = stage.order_by.iter().map(|key| Places::of(maker.fleet, key)).collect();
        let place = |host: &HostIdx| -> Vec<u32> {
            let host = maker.targets.host(*host);
            keys.iter().map(|key| key.place(maker.fleet, host)).collect()
        };
        // Sorting is stable: hosts alike in all keys stay in the inventory's order.
        let mut sorted = hosts.to_vec();
        sorted.sort_by_cached_key(place);
        let mut of = vec![0; maker.targets.len()];
        for (rank, host) in (0..).zip(sorted) {
            of[host.0 as usize] = rank;
        }
        Ranks { of: Some(of) }
    }

    /// INVARIANT: the host is one of the stage's.
    pub(super) fn rank(&self, host: HostIdx) -> u32 {
        self.of.as_ref().map_or(host.0, |ranks| ranks[host.0 as usize])
    }
}

/// `role first "passive" then "active", version descending`
pub(super) fn shown(fleet: &Fleet, keys: &[OrderKey]) -> Option<String> {
    let shown = |key: &OrderKey| {
        let field = fleet.field_name(key.field);
        match &key.order {
            HostOrder::Ascending => field.to_owned(),
            HostOrder::Descending => format!("{field} descending"),
            HostOrder::First(values) => {
                format!("{field} first {}", values.iter().map(literal).collect::<Vec<_>>().join(" then "))
            }
        }
    };
    (!keys.is_empty()).then(|| keys.iter().map(shown).collect::<Vec<_>>().join(", "))
}

fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("\"{text}\""),
        other => other.to_string(),
    }
}

/// A place for each code of a field; who lacks the field comes last.
struct Places {
    field: FieldId,
    of_codes: Vec<u32>,
}

impl Places {
    fn of(fleet: &Fleet, key: &OrderKey) -> Places {
        let mut of_codes = fleet.places(key.field);
        match &key.order {
            HostOrder::Ascending => {}
            HostOrder::Descending => {
                let present = of_codes.iter_mut().filter(|place| **place != MISSING);
                present.for_each(|place| *place = MISSING - 1 - *place);
            }
            HostOrder::First(values) => {
                let first =
                    |host| fleet.value(host, key.field).and_then(|cell| values.iter().position(|value| *value == cell));
                of_codes.iter_mut().filter(|place| **place != MISSING).for_each(|place| *place = values.len() as u32);
                for host in fleet.hosts() {
                    if let Some(place) = first(host) {
                        of_codes[fleet.code(host, key.field) as usize] = place as u32;
                    }
                }
            }
        }
        Places { field: key.field, of_codes }
    }

    fn place(&self, fleet: &Fleet, host: HostId) -> u32 {
        self.of_codes.get(fleet.code(host, self.field) as usize).copied().unwrap_or(MISSING)
    }
}

/// Where a host without the field stands.
const MISSING: u32 = u32::MAX;
