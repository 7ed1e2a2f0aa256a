use crate::plan::{HostIdx, Ledger, Plan};
use crate::time::{Moment, later_by};

/// How many hosts of each budget group are down at once at the worst moment of a plan, if all goes as planned.
pub fn most_down(plan: &Plan) -> Vec<u32> {
    let mut most = vec![0; plan.budgets.len()];
    if !plan.steps.iter().any(|step| step.down) {
        return most;
    }
    let mut ledger = Ledger::of(plan);
    for (_, change, hosts) in changes(plan) {
        for &host in hosts {
            match change {
                Change::End => ledger.bring_up(host),
                Change::Start => {
                    ledger.take_down(host);
                    for &group in ledger.groups_of(host) {
                        let group = group as usize;
                        most[group] = ledger.down_in(group).max(most[group]);
                    }
                }
            }
        }
    }
    most
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    /// Comes first: who ends at a moment is up when another begins at it.
    End,
    Start,
}

fn changes(plan: &Plan) -> Vec<(Moment, Change, &[HostIdx])> {
    let turns = plan.stages.iter().flat_map(|stage| &stage.turns);
    let batches = turns.flat_map(|turn| &turn.lanes).flat_map(|lane| &lane.batches);
    let mut changes = Vec::new();
    for batch in batches {
        changes.push((batch.starts_at, Change::Start, batch.hosts.as_slice()));
        // Who passes over a step is up before the others.
        let up_at = |host: &HostIdx| later_by(batch.starts_at, plan.length_on(*host));
        let together = batch.hosts.chunk_by(|one, other| up_at(one) == up_at(other));
        changes.extend(together.map(|hosts| (hosts.first().map_or(batch.ends_at, up_at), Change::End, hosts)));
    }
    changes.sort_by_key(|(at, change, _)| (*at, *change));
    changes
}

#[cfg(test)]
mod tests {
    use crate::model::{Budget, Scope};
    use crate::plan::example::{Example, batch};
    use crate::plan::most_down;

    #[test]
    fn the_worst_moment_counts() {
        let mut example = Example::plain(7);
        example.rest().batch = batch(Budget::Hosts(3), Scope::Site, None);
        example.service("mail", "site", "here", &[(Budget::Hosts(2), None), (Budget::Percent(0.0), Some("cluster"))]);
        assert_eq!(most_down(&example.plan("2007-05-08 12:00Z")), [3, 2, 1, 2, 1]);
        example.rollout.steps[0].down = false;
        assert_eq!(most_down(&example.plan("2007-05-08 12:00Z")), [0; 5]);
    }
}
