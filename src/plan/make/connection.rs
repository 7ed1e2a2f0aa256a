use crate::inventory::{FieldId, Fleet, HostId};
use crate::model::{Connection, Model};

/// How hosts are reached: as the script's `connect` says, unless a host's own field says otherwise.
pub(super) struct Reached<'a> {
    fleet: &'a Fleet,
    field: Option<FieldId>,
    unless_said: Option<Connection>,
}

/// The field by which a host says how it is reached.
const FIELD: &str = "connect";

impl<'a> Reached<'a> {
    pub(super) fn of(model: &Model, fleet: &'a Fleet) -> Self {
        Self { fleet, field: fleet.field(FIELD), unless_said: model.connection }
    }

    /// None too where the host names a way that we do not know: to reach it another way than it says could be to change
    /// another machine.
    pub(super) fn host(&self, host: HostId) -> Option<Connection> {
        match self.field.and_then(|field| self.fleet.text(host, field)).as_deref() {
            Some("local") => Some(Connection::Local),
            Some("simulated") => Some(Connection::Simulated),
            Some(_) => None,
            None => self.unless_said,
        }
    }
}
