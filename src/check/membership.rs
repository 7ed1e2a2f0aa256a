use crate::check::entry::Checker;
use crate::diagnostic::{Code, Problem};
use crate::inventory::{FieldId, FieldType, HostSet, Value};
use crate::source::Span;

/// One combination of values, and its hosts.
pub(super) type Group = (Vec<Option<Value>>, HostSet);

impl Checker<'_> {
    /// The hosts of `among` by the values of these fields. A field with a value of its own for every other host makes no
    /// sensible regions or packages, and a set for each would fill the memory: that is a problem at `place`.
    pub(super) fn group(&mut self, fields: &[FieldId], among: &HostSet, place: Span) -> Option<Vec<Group>> {
        let fleet = self.input.fleet?;
        for field in fields {
            if !self.check_makes_groups(*field, place) {
                return None;
            }
            let distinct = fleet.distinct(*field);
            if distinct > most_groups(fleet.len()) {
                let name = fleet.field_name(*field);
                let message = format!("`{name}` has {distinct} different values, too many to make groups of");
                let problem = Problem::error(Code::BAD_VALUE, message).label(place, "one group for each value");
                self.report(problem.help("name a field that many hosts share, such as `region` or `version`"));
                return None;
            }
        }
        Some(fleet.group_by(fields, among))
    }

    /// Whether each host is in one group of a field.
    pub(super) fn check_makes_groups(&mut self, field: FieldId, place: Span) -> bool {
        let Some(fleet) = self.input.fleet else { return false };
        let is_list = fleet.field_type(field) == FieldType::List;
        if is_list {
            let message = format!("`{}` is a list, so a host would be in several groups", fleet.field_name(field));
            self.report_wrong_type(place, message, "name a field with one value a host");
        }
        !is_list
    }
}

/// Sets of a bit a host, of half a gigabyte at most.
fn most_groups(hosts: usize) -> usize {
    const BITS: usize = 4 << 30;
    (BITS / hosts.max(1)).min(20_000)
}
