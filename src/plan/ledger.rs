use crate::plan::{BudgetGroup, HostIdx, Plan};

/// Who is down, and how much of each budget is left: the one account that the planner and the engine draw on.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    // plan room: private layout (groups of each host, down count of each group, down flag of each host)
}

/// The budget that a host would break.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoRoom {
    /// Index into `Plan::budgets`.
    pub group: usize,
}

impl Ledger {
    pub fn new(hosts: usize, budgets: &[BudgetGroup]) -> Ledger {
        let _ = (hosts, budgets);
        unimplemented!("plan room")
    }

    pub fn of(plan: &Plan) -> Ledger {
        Ledger::new(plan.hosts.len(), &plan.budgets)
    }

    /// Whether one more host can go down. A host that is down already has room.
    pub fn room_for(&self, host: HostIdx) -> Result<(), NoRoom> {
        let _ = host;
        unimplemented!("plan room")
    }

    /// Marks a host as down, room or not (a failure asks nobody).
    pub fn take_down(&mut self, host: HostIdx) {
        let _ = host;
        unimplemented!("plan room")
    }

    pub fn bring_up(&mut self, host: HostIdx) {
        let _ = host;
        unimplemented!("plan room")
    }

    pub fn is_down(&self, host: HostIdx) -> bool {
        let _ = host;
        unimplemented!("plan room")
    }

    /// How many hosts of a group are down.
    pub fn down_in(&self, group: usize) -> u32 {
        let _ = group;
        unimplemented!("plan room")
    }

    /// The groups in which fewer are up than must be.
    pub fn broken(&self) -> Vec<usize> {
        unimplemented!("plan room")
    }
}
